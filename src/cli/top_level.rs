//! The verbs without a noun: `init`, `explain`, `completions`, `man`.

use std::path::PathBuf;

use clap::Args;

use super::shared_args::{ChangeArgs, ReadArgs};
use super::value::one_of;
use crate::domain::ids::{OperatorName, OrgId, Service, UserRef};

/// `init`.
#[derive(Debug, Clone, Args)]
pub struct InitArgs {
    /// The name of the first operator, a site-admin [default: the OS user's name]
    #[arg(long, value_name = "NAME")]
    pub operator: Option<OperatorName>,
    /// Options of every change.
    #[command(flatten)]
    pub change: ChangeArgs,
}

/// `explain`.
#[derive(Debug, Clone, Args)]
pub struct ExplainArgs {
    /// The user: LOGIN, id:ID or mail:ADDRESS
    pub user: UserRef,
    /// The org that the user wants to enter [default: each of the user's]
    #[arg(long)]
    pub org: Option<OrgId>,
    /// The service that the user wants to enter [default: none in particular]
    #[arg(long)]
    pub service: Option<Service>,
    /// Options of questions.
    #[command(flatten)]
    pub read: ReadArgs,
}

/// `completions`.
#[derive(Debug, Clone, Args)]
pub struct CompletionsArgs {
    /// The shell
    #[arg(value_parser = shell())]
    pub shell: Shell,
}

/// A shell that completions are made for.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Shell {
    /// GNU bash.
    Bash,
    /// zsh.
    Zsh,
    /// fish.
    Fish,
}

impl Shell {
    /// The word in commands.
    pub fn as_str(self) -> &'static str {
        match self {
            Shell::Bash => "bash",
            Shell::Zsh => "zsh",
            Shell::Fish => "fish",
        }
    }

    /// The completions: a script that asks the program itself ([`super::complete`]) whenever
    /// something is completed.
    pub fn completions(self) -> &'static str {
        match self {
            Shell::Bash => include_str!("complete/mfactl.bash"),
            Shell::Zsh => include_str!("complete/_mfactl"),
            Shell::Fish => include_str!("complete/mfactl.fish"),
        }
    }
}

fn shell() -> impl clap::builder::TypedValueParser<Value = Shell> {
    one_of(&[Shell::Bash, Shell::Zsh, Shell::Fish], Shell::as_str)
}

/// `man`.
#[derive(Debug, Clone, Args)]
pub struct ManArgs {
    /// The directory to write the pages to; made if it is not there
    #[arg(value_hint = clap::ValueHint::DirPath)]
    pub dir: PathBuf,
}
