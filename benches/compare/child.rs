//! One process, timed from before its start to after its end, with its peak memory:
//! what the system counted of a child that has ended. A helper that has no other
//! child runs it, so that the counts of several do not mix.

use std::ffi::{OsStr, OsString};
use std::fs::File;
use std::process::{Command, Stdio};
use std::time::{Duration, Instant};

use nix::sys::resource::{UsageWho, getrusage};

use crate::Result;
use crate::row::{Process, Words};

/// What one run took.
#[derive(Debug, Clone, Copy)]
pub struct Taken {
    /// How long.
    pub time: Duration,
    /// The peak memory (KiB).
    pub peak: u64,
}

/// A command in an environment that is the same for all.
pub fn command(words: &Words) -> Command {
    let mut command = Command::new(&words[0]);
    command.args(&words[1..]).env_clear().env("PATH", "/usr/sbin:/usr/bin:/bin");
    command.env("HOME", "/nonexistent").env("LC_ALL", "C.UTF-8").stdin(Stdio::null());
    command
}

/// The same for a process, with what it reads.
pub fn of(process: &Process) -> Result<Command> {
    let mut made = command(&process.words);
    if let Some(input) = &process.input {
        made.stdin(File::open(input)?);
    }
    Ok(made)
}

/// Runs a process through the helper.
///
/// # Errors
/// Where it cannot be run, or fails.
pub fn run(process: &Process) -> Result<Taken> {
    let input = process.input.as_ref().map_or(OsStr::new("/dev/null"), |input| input.as_os_str());
    let mut helper = vec![std::env::current_exe()?.into_os_string(), "--child".into()];
    helper.push(input.to_owned());
    helper.extend(process.words.iter().cloned());
    let output = command(&helper).output()?;
    let text = String::from_utf8_lossy(&output.stdout);
    let taken =
        text.lines().last().and_then(|line| line.split_once(' ')).and_then(|(time, peak)| {
            let time = Duration::from_nanos(time.parse().ok()?);
            Some(Taken { time, peak: peak.parse().ok()? })
        });
    let errors = String::from_utf8_lossy(&output.stderr);
    taken.ok_or_else(|| format!("{:?}: {text}{errors}{}", process.words, output.status).into())
}

/// The helper: `INPUT PROGRAM [ARGUMENT]…`. Runs it, its answer thrown away, and prints
/// how long it took (nanoseconds) and its peak memory (KiB).
///
/// # Errors
/// Where it cannot be run, or fails.
#[expect(clippy::print_stdout, reason = "a program of its own")]
pub fn help(arguments: &[OsString]) -> Result<()> {
    let (input, words) = arguments.split_first().ok_or("--child INPUT PROGRAM [ARGUMENT]…")?;
    let process = Process { words: words.to_vec(), input: Some(input.into()) };
    let mut child = of(&process)?;
    child.stdout(Stdio::null());
    let begun = Instant::now();
    let status = child.status()?;
    let took = begun.elapsed();
    if !status.success() {
        return Err(format!("{words:?}: {status}").into());
    }
    println!("{} {}", took.as_nanos(), getrusage(UsageWho::RUSAGE_CHILDREN)?.max_rss());
    Ok(())
}
