//! Runs the sides of a row in turn and takes the time of each.

use std::fs::File;
use std::io::{BufRead, BufReader, Write};
use std::process::{Child, ChildStdin, ChildStdout, Stdio};
use std::time::{Duration, Instant};

use crate::Result;
use crate::child::{self, Taken, command};
use crate::row::{Besides, Process, Row, Side, Words, Work};

/// Rounds that are not counted, for the caches.
const WARM_UP: usize = 5;
/// Rows of no more rounds than this take the memory of every run; they are rehearsed,
/// but not warmed up.
const FEW: usize = 30;

/// What was measured of one side.
pub struct Measured {
    /// How long each round took (seconds).
    pub seconds: Vec<f64>,
    /// The peak memory (KiB), of whole processes.
    pub peak: Option<u64>,
}

/// Measures all sides of a row.
///
/// # Errors
/// A program that cannot be run, fails, or does not do what it is to do.
pub fn row(row: &mut Row, rounds: usize) -> Result<Vec<Measured>> {
    let _meanwhile = row.meanwhile.as_ref().map(|(words, told)| Meanwhile::start(words, told));
    let few = row.most_rounds <= FEW;
    let mut runners =
        row.sides.iter_mut().map(|side| Runner::new(side, few)).collect::<Result<Vec<_>>>()?;
    for runner in &mut runners {
        runner.rehearse()?;
    }
    let rounds = rounds.min(row.most_rounds);
    let warm_up = if few { 0 } else { WARM_UP.min(rounds) };
    for round in 0..warm_up + rounds {
        for runner in &mut runners {
            let taken = runner.run()?;
            if round >= warm_up {
                runner.seconds.push(taken.as_secs_f64());
            }
        }
    }
    runners.into_iter().map(Runner::finish).collect()
}

/// A side with what has been done of it.
struct Runner<'a> {
    name: &'a str,
    expects: &'a str,
    doing: Doing<'a>,
    count: Option<&'a dyn Fn() -> Result<u64>>,
    counted_before: Option<u64>,
    before: Option<&'a mut Besides>,
    after: Option<&'a mut Besides>,
    next: usize,
    peak: Option<u64>,
    seconds: Vec<f64>,
}

enum Doing<'a> {
    Processes { all: &'a [Process], each_peak: bool, null: File },
    Inside(&'a mut Besides),
    Server(Server),
}

impl<'a> Runner<'a> {
    fn new(side: &'a mut Side, few: bool) -> Result<Runner<'a>> {
        let count = side.count.as_deref();
        let doing = match &mut side.work {
            Work::Processes(all) if all.is_empty() => {
                return Err(format!("{}: there is nobody to do it with", side.name).into());
            }
            Work::Processes(all) => {
                let null = File::options().write(true).open("/dev/null")?;
                Doing::Processes { all, each_peak: few, null }
            }
            Work::Inside(call) => Doing::Inside(call),
            Work::Server(words) => Doing::Server(Server::start(words)?),
        };
        Ok(Runner {
            name: &side.name,
            expects: &side.expects,
            doing,
            counted_before: count.map(|count| count()).transpose()?,
            count,
            before: side.before.as_mut(),
            after: side.after.as_mut(),
            next: 0,
            peak: None,
            seconds: Vec::new(),
        })
    }

    fn prepare(&mut self) -> Result<()> {
        self.next += 1;
        self.before.as_mut().map_or(Ok(()), |before| before())
    }

    /// One run that is looked at.
    fn rehearse(&mut self) -> Result<()> {
        self.prepare()?;
        let Doing::Processes { all, .. } = &self.doing else {
            return self.once().map(drop);
        };
        let process = &all[(self.next - 1) % all.len()];
        let output = child::of(process)?.output()?;
        let text = String::from_utf8_lossy(&output.stdout);
        if output.status.success() && text.contains(self.expects) {
            return Ok(());
        }
        let errors = String::from_utf8_lossy(&output.stderr);
        let start: String = text.chars().take(2_000).collect();
        let words = &process.words;
        Err(format!("{words:?} ({}), answered: {start}{errors}", output.status).into())
    }

    /// One run that is timed.
    fn run(&mut self) -> Result<Duration> {
        self.prepare()?;
        self.once()
    }

    fn once(&mut self) -> Result<Duration> {
        match &mut self.doing {
            Doing::Inside(call) => {
                let begun = Instant::now();
                call()?;
                Ok(begun.elapsed())
            }
            Doing::Server(server) => server.ask(),
            Doing::Processes { all, each_peak: true, .. } => {
                let Taken { time, peak } = child::run(&all[(self.next - 1) % all.len()])?;
                self.peak = self.peak.max(Some(peak));
                Ok(time)
            }
            Doing::Processes { all, null, .. } => {
                let process = &all[(self.next - 1) % all.len()];
                let mut command = child::of(process)?;
                command.stdout(null.try_clone()?).stderr(null.try_clone()?);
                let begun = Instant::now();
                let status = command.spawn()?.wait()?;
                let took = begun.elapsed();
                let words = &process.words;
                if status.success() { Ok(took) } else { Err(format!("{words:?}: {status}").into()) }
            }
        }
    }

    /// The peak memory; then what was changed is brought back to what it was.
    fn finish(mut self) -> Result<Measured> {
        if matches!(self.doing, Doing::Processes { each_peak: false, .. }) {
            self.prepare()?;
            if let Doing::Processes { all, .. } = &self.doing {
                self.peak = Some(child::run(&all[(self.next - 1) % all.len()])?.peak);
            }
        }
        while let Doing::Processes { all, .. } = &self.doing
            && !self.next.is_multiple_of(all.len())
            && self.count.is_some()
        {
            self.run()?;
        }
        if let (Some(count), Some(before)) = (self.count, self.counted_before) {
            let done = count()? - before;
            if done != self.next as u64 {
                return Err(format!("{}: {} runs did {done} changes", self.name, self.next).into());
            }
        }
        self.after.as_mut().map_or(Ok(()), |after| after())?;
        Ok(Measured { seconds: self.seconds, peak: self.peak })
    }
}

/// A process that does the work once for each line that it is sent.
struct Server {
    child: Child,
    input: Option<ChildStdin>,
    output: BufReader<ChildStdout>,
}

impl Server {
    fn start(words: &Words) -> Result<Server> {
        let mut child = command(words).stdin(Stdio::piped()).stdout(Stdio::piped()).spawn()?;
        let output = child.stdout.take().ok_or("it has no output")?;
        Ok(Server { input: child.stdin.take(), output: BufReader::new(output), child })
    }

    fn ask(&mut self) -> Result<Duration> {
        let input = self.input.as_mut().ok_or("it has no input")?;
        writeln!(input)?;
        input.flush()?;
        let mut answer = String::new();
        self.output.read_line(&mut answer)?;
        let seconds = answer.trim().parse().map_err(|_| format!("it answered {answer:?}"))?;
        Ok(Duration::from_secs_f64(seconds))
    }
}

impl Drop for Server {
    fn drop(&mut self) {
        drop(self.input.take());
        let _ = self.child.wait();
    }
}

/// A program that runs beside, and is ended with its input.
struct Meanwhile(Option<Child>);

impl Meanwhile {
    fn start(words: &Words, told: &str) -> Meanwhile {
        let child = command(words).stdin(Stdio::piped()).stdout(Stdio::piped()).spawn().ok();
        let mut meanwhile = Meanwhile(child);
        meanwhile.tell(told);
        meanwhile
    }

    /// Tells it something and waits for the first line of the answer.
    fn tell(&mut self, told: &str) {
        let Some(child) = &mut self.0 else { return };
        if let (Some(input), Some(output)) = (&mut child.stdin, &mut child.stdout) {
            let _ = input.write_all(told.as_bytes());
            let _ = std::io::Read::read(output, &mut [0; 64]);
        }
    }
}

impl Drop for Meanwhile {
    fn drop(&mut self) {
        if let Some(child) = &mut self.0 {
            drop(child.stdin.take());
            let _ = child.wait();
        }
    }
}
