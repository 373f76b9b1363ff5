//! Refusals: a stable code, the words, and what to do instead.

use std::fmt;

use super::ids::{ExceptionId, OrgId};

/// Why a change or a question is refused. The code is part of the contract at the shell.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Refusal {
    /// The stable code.
    pub code: RefusalCode,
    /// What was attempted, on what, and why it is refused.
    pub message: String,
    /// The user, org, exception or operator that it is about.
    pub subject: Option<String>,
    /// What to do instead.
    pub hints: Vec<Hint>,
}

/// A piece of advice.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Hint {
    /// Arguments of mfactl that can be run as they are (`org enforce acme off`).
    Command(String),
    /// Words.
    Words(String),
}

macro_rules! codes {
    ($($(#[$doc:meta])* $name:ident = $code:literal, $class:ident;)*) => {
        /// The stable codes of refusals.
        #[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
        pub enum RefusalCode { $($(#[$doc])* $name,)* }

        impl RefusalCode {
            /// The word in error output.
            pub fn as_str(self) -> &'static str {
                match self { $(RefusalCode::$name => $code,)* }
            }

            /// What kind of answer it is, which decides the exit code.
            pub fn class(self) -> RefusalClass {
                match self { $(RefusalCode::$name => RefusalClass::$class,)* }
            }
        }
    };
}

/// What kind of answer a refusal is.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum RefusalClass {
    /// The request itself is wrong: exit 2.
    Invalid,
    /// A rule refuses: exit 3.
    Rule,
    /// Not there, or out of the operator's sight: exit 4.
    NotFound,
    /// Not permitted to this operator: exit 5.
    NotPermitted,
}

codes! {
    /// The request itself is wrong (an instant in the past, a cap above R11's).
    Invalid = "invalid", Invalid;
    /// User, membership, org, exception, operator or service is not there.
    NotFound = "not-found", NotFound;
    /// The operator has no role that allows it.
    NotPermitted = "not-permitted", NotPermitted;
    /// The account is the operator's own person.
    OwnAccount = "own-account", NotPermitted;
    /// What is to be added is there already.
    Exists = "exists", Rule;
    /// What is to be removed is still needed.
    InUse = "in-use", Rule;
    /// MFA controls do not apply to SSO accounts (R2).
    SsoAccount = "sso-account", Rule;
    /// Enforcement locks the switch on (R7).
    LockedByEnforcement = "locked-by-enforcement", Rule;
    /// No method was ever registered (R12).
    NotEnrolled = "not-enrolled", Rule;
    /// A long exception without evidence (R15).
    EvidenceMissing = "evidence-missing", Rule;
    /// No valid reason for this kind (R13, R15).
    ReasonInvalid = "reason-invalid", Rule;
    /// The reason wants a note in words (R14).
    NoteMissing = "note-missing", Rule;
    /// Longer or more often than allowed (R11 and the org's caps).
    CapExceeded = "cap-exceeded", Rule;
    /// Another exception has an org and a service in common with it.
    Overlap = "overlap", Rule;
    /// The org does not allow opt-outs.
    OptOutDenied = "opt-out-denied", Rule;
    /// Nobody would be left to administer.
    LastAdministrator = "last-administrator", Rule;
    /// The clock stands before the newest audit record.
    ClockWentBack = "clock-went-back", Rule;
    /// An exception that is not in the state that the act needs (already ended, not requested).
    NotOpen = "not-open", Rule;
}

impl Refusal {
    /// A refusal with `code`, about `subject`, in `message`'s words.
    pub fn new(
        code: RefusalCode,
        subject: impl fmt::Display,
        message: impl Into<String>,
    ) -> Refusal {
        Refusal {
            code,
            message: message.into(),
            subject: Some(subject.to_string()),
            hints: Vec::new(),
        }
    }

    /// That a user does not exist, or is out of sight: nothing tells which.
    pub fn missing_user(user: impl fmt::Display) -> Refusal {
        let message = format!("no user {user}");
        let text = user.to_string();
        let found = ["id:", "mail:"].iter().find_map(|prefix| text.strip_prefix(prefix));
        let found = found.unwrap_or(&text).to_owned();
        Refusal::new(RefusalCode::NotFound, user, message).command(format!("user find {found}"))
    }

    /// That an org does not exist, or is out of sight: nothing tells which.
    pub fn missing_org(id: &OrgId) -> Refusal {
        Refusal::new(RefusalCode::NotFound, id, format!("no org {id}")).command("org list")
    }

    /// That an exception does not exist, or is out of sight: nothing tells which. `sees_user`
    /// says whether its user is in sight.
    pub fn missing_exception(id: &ExceptionId, sees_user: bool) -> Refusal {
        let refusal = Refusal::new(RefusalCode::NotFound, id, format!("no exception {id}"));
        match sees_user {
            true => refusal.command(format!("exception list --all --user {}", id.login)),
            false => refusal.command("exception list --all"),
        }
    }

    /// The same with a command to run instead.
    #[must_use]
    pub fn command(mut self, arguments: impl Into<String>) -> Refusal {
        self.hints.push(Hint::Command(arguments.into()));
        self
    }

    /// The same with advice in words.
    #[must_use]
    pub fn words(mut self, words: impl Into<String>) -> Refusal {
        self.hints.push(Hint::Words(words.into()));
        self
    }
}

impl fmt::Display for Refusal {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.message)
    }
}

impl std::error::Error for Refusal {}
