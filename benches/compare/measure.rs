//! Runs the sides of a row in turn and takes the time of each whole process.

use std::fs::File;
use std::io::Write;
use std::process::{Child, Command, Stdio};
use std::time::{Duration, Instant};

use crate::row::{Row, Side, Words};
use crate::{Result, peak};

/// Rounds that are not counted, for the caches.
const WARM_UP: usize = 5;

/// What was measured of one side.
pub struct Measured {
    /// How long each round took, from before the start to after the end (seconds).
    pub seconds: Vec<f64>,
    /// The peak memory (KiB).
    pub peak: u64,
}

/// Measures all sides of a row.
///
/// # Errors
/// A program that cannot be run, fails, or does not do what it is to do.
pub fn row(row: &Row, rounds: usize) -> Result<Vec<Measured>> {
    let _meanwhile = row.meanwhile.as_ref().map(|(words, told)| Meanwhile::start(words, told));
    let mut runners = row.sides.iter().map(Runner::new).collect::<Result<Vec<_>>>()?;
    for runner in &mut runners {
        runner.rehearse()?;
    }
    let warm_up = WARM_UP.min(rounds);
    for round in 0..warm_up + rounds {
        for runner in &mut runners {
            let seconds = runner.run()?;
            if round >= warm_up {
                runner.seconds.push(seconds.as_secs_f64());
            }
        }
    }
    runners.into_iter().map(Runner::finish).collect()
}

/// A command in an environment that is the same for all.
pub fn command(words: &Words) -> Command {
    let mut command = Command::new(&words[0]);
    command.args(&words[1..]).env_clear().env("PATH", "/usr/bin:/bin").env("HOME", "/nonexistent");
    command.env("LC_ALL", "C.UTF-8").stdin(Stdio::null());
    command
}

struct Runner<'a> {
    side: &'a Side,
    next: usize,
    counted_before: Option<u64>,
    null: File,
    seconds: Vec<f64>,
}

impl<'a> Runner<'a> {
    fn new(side: &'a Side) -> Result<Runner<'a>> {
        let counted_before = side.count.as_ref().map(|count| count()).transpose()?;
        let null = File::options().write(true).open("/dev/null")?;
        Ok(Runner { side, next: 0, counted_before, null, seconds: Vec::new() })
    }

    fn words(&mut self) -> &'a Words {
        let words = &self.side.commands[self.next % self.side.commands.len()];
        self.next += 1;
        words
    }

    /// One run that is looked at.
    fn rehearse(&mut self) -> Result<()> {
        let words = self.words();
        let output = command(words).output().map_err(|e| format!("{words:?}: {e}"))?;
        let text = String::from_utf8_lossy(&output.stdout);
        if output.status.success() && text.contains(&self.side.expects) {
            return Ok(());
        }
        let errors = String::from_utf8_lossy(&output.stderr);
        Err(format!("{words:?} ({}), answered: {text}{errors}", output.status).into())
    }

    /// One run that is timed.
    fn run(&mut self) -> Result<Duration> {
        let words = self.words();
        let mut command = command(words);
        command.stdout(self.null.try_clone()?).stderr(self.null.try_clone()?);
        let begun = Instant::now();
        let status = command.spawn()?.wait()?;
        let took = begun.elapsed();
        if status.success() { Ok(took) } else { Err(format!("{words:?}: {status}").into()) }
    }

    /// The peak memory; then what was changed is brought back to what it was.
    fn finish(mut self) -> Result<Measured> {
        let peak = peak::of(self.words())?;
        while !self.next.is_multiple_of(self.side.commands.len()) {
            self.run()?;
        }
        if let (Some(count), Some(before)) = (&self.side.count, self.counted_before) {
            let done = count()? - before;
            if done != self.next as u64 {
                let name = &self.side.name;
                return Err(format!("{name}: {} runs did {done} changes", self.next).into());
            }
        }
        Ok(Measured { seconds: self.seconds, peak })
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
