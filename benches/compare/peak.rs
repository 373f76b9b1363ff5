//! Peak memory of a process: what the system counted of a child that has ended.
//! A helper that has no other child asks, so that the counts of several do not mix.

use std::ffi::OsString;

use nix::sys::resource::{UsageWho, getrusage};

use crate::Result;
use crate::measure::command;
use crate::row::Words;

/// Runs a command and tells its peak memory (KiB).
///
/// # Errors
/// Where it cannot be run, or fails.
pub fn of(words: &Words) -> Result<u64> {
    let mut helper = vec![std::env::current_exe()?.into_os_string(), "--peak".into()];
    helper.extend(words.iter().cloned());
    let output = command(&helper).output()?;
    let text = String::from_utf8_lossy(&output.stdout);
    let last = text.lines().last().unwrap_or_default();
    last.parse().map_err(|_| format!("{words:?}: {text}{}", output.status).into())
}

/// The helper: runs a command, its answer thrown away, and prints its peak memory (KiB).
///
/// # Errors
/// Where it cannot be run, or fails.
#[expect(clippy::print_stdout, reason = "a program of its own")]
pub fn print(words: &[OsString]) -> Result<()> {
    let null = std::process::Stdio::null;
    let status = command(&words.to_vec()).stdout(null()).stderr(null()).status()?;
    if !status.success() {
        return Err(format!("{words:?}: {status}").into());
    }
    println!("{}", getrusage(UsageWho::RUSAGE_CHILDREN)?.max_rss());
    Ok(())
}
