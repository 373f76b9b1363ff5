//! The world outside: clock, randomness, who the person is, variables, files
//! that are named on the command line, configuration. Nothing else reads them.

#![allow(
    clippy::disallowed_methods,
    reason = "this is the one room that reads variables, the clock and named files"
)]

mod config;
mod credentials;
mod exchange;
mod file;
mod folders;
mod held;
mod held_key;
mod hooks;
mod identity;
mod key_file;
mod once;
mod output;
mod settings;
mod sources;
mod system;
mod written;

use std::cell::Cell;
use std::ffi::OsString;
use std::io::IsTerminal;
use std::path::PathBuf;
use std::time::{SystemTime, UNIX_EPOCH};

pub use config::{Audit, Config, SignIn};
pub use exchange::{Exchange, ExchangeOptions, local_time, of_local_time};
pub use file::MAX_CONFIG_BYTES;
pub use folders::Found;
pub use held::Protected;
pub use held_key::HeldKey;
pub use identity::{Identity, IdentityFrom};
pub use key_file::KeyPlace;
pub use once::PrivateFile;
pub use output::Output;
pub use settings::{Settings, Typed};
pub use sources::{Clock, Random, write_files};
pub use system::{boot_id, harden, syslog};

use crate::domain::time::Time;
use crate::error::{Error, Result};
use hooks::Hooks;

/// The doors to the world outside.
#[derive(Debug)]
pub struct Env {
    hooks: Hooks,
    identity: Identity,
    drawn: Cell<u64>,
}

impl Env {
    /// Looks at the process: who runs it, and what is frozen for a test.
    ///
    /// # Errors
    /// Where it cannot be told who the person is, or a test hook is malformed.
    pub fn new() -> Result<Env> {
        let hooks = Hooks::read()?;
        let identity = match &hooks.os_user {
            Some(name) => Identity::pretended(name),
            None => Identity::find()?,
        };
        Ok(Env { hooks, identity, drawn: Cell::new(0) })
    }

    /// The clock, in whole seconds.
    pub fn clock(&self) -> Time {
        if let Some(now) = self.hooks.now {
            return now;
        }
        system_clock()
    }

    /// Fills `bytes` from the system's generator (getrandom(2)).
    ///
    /// # Errors
    /// Where the system has none to give.
    pub fn random(&self, bytes: &mut [u8]) -> Result<()> {
        match self.hooks.seed {
            Some(seed) => {
                let number = self.drawn.replace(self.drawn.get() + 1);
                hooks::from_seed(seed, number, bytes);
                Ok(())
            }
            None => system::random(bytes),
        }
    }

    /// Who the person is.
    pub fn identity(&self) -> &Identity {
        &self.identity
    }

    /// The effective user id: whose rights the process has.
    pub fn euid(&self) -> u32 {
        rustix::process::geteuid().as_raw()
    }

    /// After how long work is shown, where it is not after half a second.
    pub fn patience(&self) -> Option<std::time::Duration> {
        self.hooks.patience
    }

    /// The process id, for the note in the lock.
    pub fn pid(&self) -> u32 {
        std::process::id()
    }

    /// The command line as it was typed, for the note in the lock.
    pub fn arguments() -> Vec<OsString> {
        std::env::args_os().collect()
    }

    /// Whether a question can be asked and its answer read: stdin and stderr are a terminal.
    pub fn can_ask(&self) -> bool {
        std::io::stdin().is_terminal() && std::io::stderr().is_terminal()
    }

    /// Whether answers go to a terminal.
    pub fn stdout_is_terminal(&self) -> bool {
        std::io::stdout().is_terminal()
    }

    /// The columns that answers have: `COLUMNS` if it is set, else those of the
    /// terminal; none where there is none.
    pub fn width(&self) -> Option<usize> {
        let typed = variable("COLUMNS").and_then(|columns| columns.to_str()?.parse().ok());
        typed.or_else(system::terminal_width).filter(|width| *width > 0)
    }

    /// Whether stdout is to be coloured, asked for in these words.
    pub fn color(&self, choice: clap::ColorChoice) -> bool {
        color(choice)
    }

    /// The directory of systemd credentials, if there is one.
    pub fn credentials(&self) -> Option<PathBuf> {
        variable("CREDENTIALS_DIRECTORY").map(PathBuf::from)
    }

    /// The state directory and the configuration that counts, from what was
    /// typed, the variables and the files there are.
    ///
    /// # Errors
    /// Where the configuration is wrong or cannot be read, or no state
    /// directory can be told.
    pub fn settings(&self, typed: &Typed) -> Result<Settings> {
        settings::find(self, typed)
    }

    /// As root on another's state: becomes its owner for good. Everything that
    /// the command line names is opened before.
    ///
    /// # Errors
    /// System (8), where the system does not let root go.
    pub fn become_owner_of(&self, state: &std::path::Path) -> Result<()> {
        credentials::owner_of(state)
    }

    /// A file that was named on the command line, `-` for stdin, opened with
    /// the person's own rights.
    ///
    /// # Errors
    /// Where it cannot be opened or is a directory.
    pub fn open_named(&self, path: &std::path::Path) -> Result<Box<dyn std::io::Read>> {
        file::open_named(self, path)
    }

    /// All of such a file, at most `limit` bytes.
    ///
    /// # Errors
    /// Where it cannot be opened or read, or is longer.
    pub fn read_named(&self, path: &std::path::Path, limit: u64) -> Result<Vec<u8>> {
        file::read_all(self.open_named(path)?, path, limit)
    }
}

/// Whether stdout is to be coloured, asked for in these words.
pub fn color(choice: clap::ColorChoice) -> bool {
    match choice {
        clap::ColorChoice::Always => true,
        clap::ColorChoice::Never => false,
        clap::ColorChoice::Auto => {
            let dumb = variable("TERM").is_some_and(|term| term == "dumb");
            std::io::stdout().is_terminal() && !dumb && variable("NO_COLOR").is_none()
        }
    }
}

fn system_clock() -> Time {
    let seconds = match SystemTime::now().duration_since(UNIX_EPOCH) {
        Ok(after) => i64::try_from(after.as_secs()).unwrap_or(i64::MAX),
        Err(before) => -i64::try_from(before.duration().as_secs()).unwrap_or(i64::MAX),
    };
    Time::from_unix(seconds)
}

/// A variable that is set and not empty.
pub(crate) fn variable(name: &str) -> Option<OsString> {
    std::env::var_os(name).filter(|value| !value.is_empty())
}

/// An error of exit code 2 about a file.
fn unreadable(path: &std::path::Path, why: impl std::fmt::Display) -> Error {
    Error::usage(format!("cannot read {}: {why}", path.display())).about(path.display())
}
