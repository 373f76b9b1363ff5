//! The world outside: clock, randomness, who the person is, variables, files
//! that are named on the command line, configuration. Nothing else reads them.

#![allow(
    clippy::disallowed_methods,
    reason = "this is the one room that reads variables, the clock and named files"
)]

mod clock;
mod config;
mod files;
mod key;
mod privilege;
mod random;
mod settings;
mod setup;
mod system;
mod test_hooks;
mod variables;

use std::cell::Cell;
use std::ffi::OsString;
use std::io::IsTerminal;
use std::os::fd::AsFd;
use std::time::{SystemTime, UNIX_EPOCH};

pub use config::{AuditConfig, Config, SignInConfig};
pub use files::foreign_file::{Exchange, ExchangeOptions, local_time, of_local_time};
pub use files::input::MAX_CONFIG_BYTES;
pub use files::output::Output;
pub use files::policy_folders::FoundFiles;
pub use key::lock::HeldKey;
pub use key::place::KeyPlace;
pub use privilege::{Hardened, Identity, IdentityFrom, OpenedPlace, harden};
pub use settings::{Settings, StateFrom, TypedSettings};
pub use setup::SetupProblem;
pub use system::{boot_id, syslog};

use crate::domain::time::Time;
use crate::error::{Error, Result};
use files::input::OnlyText;
use privilege::{AtPlace, Entered, Person};
use random::Generator;
use test_hooks::Hooks;
use variables::variable;

/// The doors to the world outside. It exists only once the process has the rights that it
/// works with (`privilege`).
#[derive(Debug)]
pub struct Env {
    hooks: Hooks,
    identity: Identity,
    drawn: Cell<u64>,
    random: Generator,
    settings: Settings,
    place: OpenedPlace,
    person: Person,
    privileged: bool,
    founding: Result<()>,
    umask: rustix::fs::Mode,
}

impl Env {
    /// Finds out who runs the process, which configuration and state count, and gives the
    /// process the rights that it works with.
    ///
    /// # Errors
    /// Where it cannot be told who the person is; as `privilege::enter`; a test hook is
    /// malformed.
    pub fn enter(process: Hardened, typed: &TypedSettings) -> Result<Env> {
        let hooks = Hooks::read()?;
        let identity = match &hooks.os_user {
            Some(name) => Identity::pretended(name),
            None => Identity::find()?,
        };
        let entered = privilege::enter(&identity, typed)?;
        let Entered { settings, place, person, privileged, founding } = entered;
        let drawn = Cell::new(0);
        let Hardened { umask, random } = process;
        Ok(Env {
            hooks,
            identity,
            drawn,
            random,
            settings,
            place,
            person,
            privileged,
            founding,
            umask,
        })
    }

    /// Where the state is, or would be, without any link in it.
    pub fn state_path(&self) -> &std::path::Path {
        &self.place.real
    }

    /// Whether a state may be made where nothing is yet.
    ///
    /// # Errors
    /// `unsafe-path` (7) where somebody else could put another in its place.
    pub fn check_place(&self) -> Result<()> {
        self.place.check()
    }

    /// The state of the machine and its owner, where this run looked elsewhere only because
    /// nothing was said.
    pub fn state_of_the_machine(&self) -> Option<(&'static std::path::Path, String)> {
        settings::of_the_machine(&self.settings)
    }

    /// The clock, in whole seconds.
    pub fn clock(&self) -> Time {
        if let Some(now) = self.hooks.now {
            return now;
        }
        system_clock()
    }

    /// Fills `bytes` at random.
    pub fn random(&self, bytes: &mut [u8]) {
        match self.hooks.seed {
            Some(seed) => {
                let number = self.drawn.replace(self.drawn.get() + 1);
                test_hooks::from_seed(seed, number, bytes);
            }
            None => self.random.fill(bytes),
        }
    }

    /// Who the person is.
    pub fn identity(&self) -> &Identity {
        &self.identity
    }

    /// The state directory and the configuration that counts.
    pub fn settings(&self) -> &Settings {
        &self.settings
    }

    /// Whether the process has rights that the person does not have: then only the configured
    /// state and configuration count.
    pub fn is_privileged(&self) -> bool {
        self.privileged
    }

    /// Whether the person may make a state where none is.
    ///
    /// # Errors
    /// Not permitted (5) in privileged mode to whom root did not name; system (8).
    pub fn permit_founding(&self) -> Result<()> {
        self.founding.clone()
    }

    /// What is at the state's place, opened once for the whole run.
    ///
    /// # Errors
    /// `no-state` (4) where nothing is; what is wrong with it (2, 7, 8).
    pub fn state(&self) -> Result<StatePlace<'_>> {
        let path = &self.place.path;
        match &self.place.found {
            AtPlace::Dir { fd, .. } => Ok(StatePlace::Dir(fd.as_fd())),
            AtPlace::File(file) => Ok(StatePlace::Backup(file)),
            AtPlace::Nothing => Ok(StatePlace::Nothing),
            AtPlace::Unusable(error) => Err(error.clone().about(path.display())),
        }
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

    /// A file that was named on the command line, `-` for stdin, opened with
    /// the person's own rights.
    ///
    /// # Errors
    /// Where it cannot be opened.
    pub fn open_named(&self, path: &std::path::Path) -> Result<Box<dyn std::io::Read>> {
        files::input::open_named(self, path)
    }

    /// All of such a text with secrets in it, at most `limit` bytes; wiped when dropped.
    ///
    /// # Errors
    /// As [`Env::read_named`].
    pub fn read_secret(
        &self,
        path: &std::path::Path,
        limit: u64,
    ) -> Result<zeroize::Zeroizing<Vec<u8>>> {
        let read = files::input::read_secret(OnlyText::new(self.open_named(path)?), path, limit);
        read.map_err(|e| unreadable(path, files::input::why(&e)))?
    }

    /// All of such a text, at most `limit` bytes.
    ///
    /// # Errors
    /// Usage (2): it cannot be opened or read, is longer, or is not text in a known encoding.
    pub fn read_named(&self, path: &std::path::Path, limit: u64) -> Result<Vec<u8>> {
        files::input::read_all(OnlyText::new(self.open_named(path)?), path, limit)
    }
}

/// What is at the state's place.
#[derive(Debug, Clone, Copy)]
pub enum StatePlace<'a> {
    /// Nothing.
    Nothing,
    /// A directory.
    Dir(std::os::fd::BorrowedFd<'a>),
    /// A backup, to be read in its place.
    Backup(&'a std::fs::File),
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

/// The clock of the system, in whole seconds.
pub fn system_clock() -> Time {
    let seconds = match SystemTime::now().duration_since(UNIX_EPOCH) {
        Ok(after) => i64::try_from(after.as_secs()).unwrap_or(i64::MAX),
        Err(before) => -i64::try_from(before.duration().as_secs()).unwrap_or(i64::MAX),
    };
    Time::from_unix(seconds)
}

/// An error of exit code 2 about a file.
fn unreadable(path: &std::path::Path, why: impl std::fmt::Display) -> Error {
    Error::usage(format!("cannot read {}: {why}", path.display())).about(path.display())
}

#[cfg(test)]
impl Env {
    /// For tests of files: with the rights of whoever runs the test, and a state nowhere.
    pub(crate) fn new() -> Result<Env> {
        Env::with_state(std::path::Path::new("/nowhere"))
    }

    /// The same with the state in `dir`.
    pub(crate) fn with_state(dir: &std::path::Path) -> Result<Env> {
        let typed = TypedSettings { state: Some(dir.to_owned()), ..TypedSettings::default() };
        let random = Generator::new()?;
        Env::enter(Hardened { umask: rustix::fs::Mode::from_raw_mode(0o022), random }, &typed)
    }
}
