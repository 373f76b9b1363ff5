//! One error for every room above the domain: what kind it is (which decides
//! the exit code), what happened, and what to do about it.

use std::fmt;

use crate::domain::refusal::{Hint, Refusal, RefusalClass};

/// The result of whatever can fail outside the domain.
pub type Result<T> = std::result::Result<T, Error>;

/// What went wrong, in words, with a stable code.
#[derive(Debug, Clone)]
pub struct Error {
    /// Decides the exit code.
    pub kind: Kind,
    /// The stable code of the contract.
    pub code: &'static str,
    /// What was attempted, on what, and why it failed.
    pub message: String,
    /// The lines below the message, one a problem, where it is about several.
    pub details: Vec<String>,
    /// The user, org, exception, operator or path that it is about.
    pub subject: Option<String>,
    /// What to do.
    pub hints: Vec<Hint>,
}

/// The kinds of failure, one for each exit code of the contract.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Kind {
    /// 2: the command line or a given file is wrong or cannot be read.
    Usage,
    /// 3: refused by a rule or a guard.
    Refused,
    /// 4: not found.
    NotFound,
    /// 5: not permitted to this operator.
    NotPermitted,
    /// 6: the lock did not come in time.
    Busy,
    /// 7: the state is damaged, edited by hand, of a newer format or open to others.
    Damaged,
    /// 8: the disk or the system failed.
    System,
    /// 9: the disk failed at the commit itself; the outcome is unknown.
    Unknown,
    /// 70: a bug in mfactl.
    Bug,
}

impl Kind {
    /// The exit code of the contract.
    pub fn exit_code(self) -> u8 {
        match self {
            Kind::Usage => 2,
            Kind::Refused => 3,
            Kind::NotFound => 4,
            Kind::NotPermitted => 5,
            Kind::Busy => 6,
            Kind::Damaged => 7,
            Kind::System => 8,
            Kind::Unknown => 9,
            Kind::Bug => 70,
        }
    }
}

impl Error {
    /// An error of `kind` with a stable `code`.
    pub fn new(kind: Kind, code: &'static str, message: impl Into<String>) -> Error {
        let (details, hints) = (Vec::new(), Vec::new());
        Error { kind, code, message: message.into(), details, subject: None, hints }
    }

    /// An error of several lines, the first of which is its message.
    pub fn listing(kind: Kind, code: &'static str, lines: Vec<String>) -> Error {
        let mut lines = lines.into_iter();
        let message = lines.next().unwrap_or_default();
        Error { details: lines.collect(), ..Error::new(kind, code, message) }
    }

    /// The command line or a given file is wrong.
    pub fn usage(message: impl Into<String>) -> Error {
        Error::new(Kind::Usage, "usage", message)
    }

    /// Something asked for is not there.
    pub fn not_found(subject: impl fmt::Display, message: impl Into<String>) -> Error {
        Error::new(Kind::NotFound, "not-found", message).about(subject)
    }

    /// There is no state in `place`.
    pub fn no_state(place: &str) -> Error {
        let message = format!("there is no state in {place}");
        Error::new(Kind::NotFound, "no-state", message).about(place).command("init")
    }

    /// A file of the state is not as mfactl left it.
    pub fn damaged(path: impl fmt::Display, message: impl Into<String>) -> Error {
        Error::new(Kind::Damaged, "damaged", message).about(path)
    }

    /// A system call on `path` failed while doing `what`.
    pub fn system(what: &str, path: impl fmt::Display, source: &std::io::Error) -> Error {
        Error::new(Kind::System, "system", format!("cannot {what} {path}: {source}")).about(path)
    }

    /// The same error about `subject`.
    #[must_use]
    pub fn about(mut self, subject: impl fmt::Display) -> Error {
        self.subject = Some(subject.to_string());
        self
    }

    /// The same error with arguments of mfactl to run instead.
    #[must_use]
    pub fn command(mut self, arguments: impl Into<String>) -> Error {
        self.hints.push(Hint::Command(arguments.into()));
        self
    }

    /// The same error with advice in words.
    #[must_use]
    pub fn words(mut self, words: impl Into<String>) -> Error {
        self.hints.push(Hint::Words(words.into()));
        self
    }
}

impl fmt::Display for Error {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.message)?;
        self.details.iter().try_for_each(|line| write!(f, "\n{line}"))
    }
}

impl std::error::Error for Error {}

impl From<Refusal> for Error {
    fn from(refusal: Refusal) -> Error {
        let kind = match refusal.code.class() {
            RefusalClass::Invalid => Kind::Usage,
            RefusalClass::Rule => Kind::Refused,
            RefusalClass::NotFound => Kind::NotFound,
            RefusalClass::NotPermitted => Kind::NotPermitted,
        };
        Error {
            kind,
            code: refusal.code.as_str(),
            message: refusal.message,
            details: Vec::new(),
            subject: refusal.subject,
            hints: refusal.hints,
        }
    }
}
