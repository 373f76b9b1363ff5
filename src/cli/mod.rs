//! What can be typed: clap declarations and examples, one file a noun, no action.
//!
//! [`parse`] turns arguments into a [`Cli`] whose values are checked domain
//! types; [`help_or_error`] says what to print if it cannot.

pub mod complete;
pub mod deferred;
pub mod global;
mod man;
pub mod row;
pub mod shared_args;
pub mod sheet;
mod usage_error;
pub mod value;

pub mod audit;
pub mod convert;
pub mod exception;
pub mod key;
pub mod operator;
pub mod org;
pub mod policy;
pub mod report;
pub mod signin;
pub mod state;
pub mod top_level;
pub mod user;

use std::ffi::OsString;

use clap::error::{ContextKind, ContextValue, ErrorKind};
use clap::{CommandFactory, FromArgMatches, Parser, Subcommand};

pub use deferred::Deferred;
pub use global::Global;
pub use man::{ManPage, man_pages};
pub use shared_args::{ChangeArgs, Many, ReadArgs};
pub use usage_error::{help_or_error, wants_json};

/// What was typed.
#[derive(Debug, Clone)]
pub struct Cli {
    /// Options of every verb.
    pub global: Global,
    /// The command.
    pub verb: Noun,
}

/// Administer multi-factor authentication: enforcement, opt-outs, exceptions,
/// enrolments and their audit, in a directory of plain files
#[derive(Debug, Parser)]
#[command(name = "mfactl", version, max_term_width = 100)]
struct Declaration {
    #[command(subcommand)]
    _verb: Noun,
    #[command(flatten)]
    _global: global::GlobalArgs,
}

/// The nouns, and the verbs without a noun.
#[derive(Debug, Clone, Subcommand)]
pub enum Noun {
    /// Make a state directory; you become its first operator
    #[command(after_help = "Examples:
  mfactl init --state /tmp/mfa-trial
  mfactl init --operator alice --dry-run")]
    Init(Deferred<top_level::InitArgs>),
    /// Accounts: their switch, memberships and enrolment
    #[command(subcommand)]
    User(Deferred<user::UserCommand>),
    /// Organisations: enforcement and rules
    #[command(subcommand)]
    Org(Deferred<org::OrgCommand>),
    /// Exceptions: terms in which no second factor is asked for
    #[command(subcommand)]
    Exception(Deferred<exception::ExceptionCommand>),
    /// Explain what a sign-in needs, rule by rule
    #[command(after_help = "Examples:
  mfactl explain alice.jones --org st-marys
  mfactl explain alice.jones --org st-marys --at +30d -o json")]
    Explain(Deferred<top_level::ExplainArgs>),
    /// Policy as code: check, plan, apply, export, drift, test
    #[command(subcommand)]
    Policy(Deferred<policy::PolicyCommand>),
    /// The question that is asked where people sign in
    #[command(subcommand, name = "signin")]
    SignIn(Deferred<signin::SignInCommand>),
    /// The record of every change
    #[command(subcommand)]
    Audit(Deferred<audit::AuditCommand>),
    /// What an auditor asks: coverage, exceptions, opt-outs, operators
    #[command(subcommand)]
    Report(Deferred<report::ReportCommand>),
    /// Who may run mfactl
    #[command(subcommand)]
    Operator(Deferred<operator::OperatorCommand>),
    /// The state directory itself
    #[command(subcommand)]
    State(Deferred<state::StateCommand>),
    /// The key that secrets are sealed with
    #[command(subcommand)]
    Key(Deferred<key::KeyCommand>),
    /// TOTP enrolments from the files of other tools, and to them
    #[command(subcommand)]
    Convert(Deferred<convert::ConvertCommand>),
    /// Print completions for a shell
    #[command(after_help = "Examples:
  mfactl completions bash")]
    Completions(Deferred<top_level::CompletionsArgs>),
    /// Write the manual pages
    #[command(after_help = "Examples:
  mfactl man man/")]
    Man(Deferred<top_level::ManArgs>),
}

impl Noun {
    /// Whether it makes a new state.
    pub fn founds(&self) -> bool {
        match self {
            Noun::Init(_) => true,
            Noun::State(verb) => matches!(verb.0, state::StateCommand::Restore(_)),
            _ => false,
        }
    }

    /// Whether only operators of the state may run it.
    pub fn needs_operator(&self) -> bool {
        use policy::PolicyCommand;
        match self {
            Noun::Init(_) | Noun::SignIn(_) | Noun::Completions(_) | Noun::Man(_) => false,
            Noun::Exception(verb) => !matches!(verb.0, exception::ExceptionCommand::Expire(_)),
            Noun::Policy(verb) => !matches!(
                verb.0,
                PolicyCommand::Check(_) | PolicyCommand::Test(_) | PolicyCommand::Schema(_)
            ),
            _ => true,
        }
    }
}

/// The words that a command begins with.
pub const NOUNS: [&str; 15] = [
    "init",
    "user",
    "org",
    "exception",
    "explain",
    "policy",
    "signin",
    "audit",
    "report",
    "operator",
    "state",
    "key",
    "convert",
    "completions",
    "man",
];

/// The whole tree, its branches not yet built: `build()` builds them, for
/// completions and manual pages.
pub fn command() -> clap::Command {
    Declaration::command()
}

/// Reads the command line, the program's name first.
///
/// # Errors
/// Help (a noun alone asks for it too), the version, or what is wrong: see
/// [`help_or_error`].
pub fn parse<I, T>(arguments: I) -> Result<Cli, clap::Error>
where
    I: IntoIterator<Item = T>,
    T: Into<OsString> + Clone,
{
    read(arguments).map_err(|error| help_of_bare_noun(&error).unwrap_or(error))
}

fn read<I, T>(arguments: I) -> Result<Cli, clap::Error>
where
    I: IntoIterator<Item = T>,
    T: Into<OsString> + Clone,
{
    let mut tree = command();
    let mut matches = tree.try_get_matches_from_mut(arguments)?;
    let global = Global::collect(&matches)?;
    let verb = Noun::from_arg_matches_mut(&mut matches).map_err(|e| e.format(&mut command()))?;
    if global.format.is_review() && !matches!(&verb, Noun::Policy(verb) if verb.is_reviewed()) {
        let format = global.format.as_str();
        let message = format!("-o {format} is known to policy check, plan and test only");
        return Err(command().error(ErrorKind::ValueValidation, message));
    }
    Ok(Cli { global, verb })
}

/// The help of a noun with options but no verb (`mfactl user -o json`); clap prints it only
/// for a noun without options.
fn help_of_bare_noun(error: &clap::Error) -> Option<clap::Error> {
    if error.kind() != ErrorKind::MissingSubcommand {
        return None;
    }
    let Some(ContextValue::String(noun)) = error.get(ContextKind::InvalidSubcommand) else {
        return None;
    };
    let words = noun.split(' ').chain(["--help"]);
    command().try_get_matches_from(words).err()
}

#[cfg(test)]
mod tests;
