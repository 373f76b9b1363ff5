//! Arguments that several verbs share: options of changes, options of questions, and the users
//! of a bulk change.

use std::path::PathBuf;

use clap::{ArgGroup, Args};

use super::sheet::SheetOptions;
use super::value::{AtArg, Where};
use crate::domain::ids::{Text, UserRef};

/// Options of every change, and of nothing else.
#[derive(Debug, Clone, Args)]
pub struct ChangeArgs {
    /// Report what would change and write nothing
    #[arg(long)]
    pub dry_run: bool,
    /// Why, in words, for the audit
    #[arg(short, long, value_name = "TEXT")]
    pub message: Option<Text>,
    /// The ticket that asks for it, for the audit
    #[arg(long, value_name = "REF")]
    pub ticket: Option<Text>,
}

/// Options of questions about the state, and of nothing else.
#[derive(Debug, Clone, Args)]
pub struct ReadArgs {
    /// The state as it was at this revision or instant
    #[arg(long, value_name = "REV|TIME", allow_hyphen_values = true)]
    pub at: Option<AtArg>,
}

/// Which users a bulk verb acts on: named, from a file, or chosen by what is true of them.
#[derive(Debug, Clone, Args)]
#[command(group = ArgGroup::new("who").required(true).args(["users", "from_file", "filter"]))]
pub struct Many {
    /// The users: LOGIN, id:ID or mail:ADDRESS
    #[arg(value_name = "USER")]
    pub users: Vec<UserRef>,
    /// The other ways to name them.
    #[command(flatten)]
    pub options: ManyOptions,
}

/// The ways to name many users besides naming each.
#[derive(Debug, Clone, Args)]
pub struct ManyOptions {
    /// The users from a file (`-`: stdin), one per line or CSV with a header
    #[arg(long, value_name = "FILE", value_hint = clap::ValueHint::FilePath)]
    pub from_file: Option<PathBuf>,
    /// How the header of that file is read.
    #[command(flatten)]
    pub sheet: SheetOptions,
    /// The users of whom all of this is true: org=ORG,mfa=off,enrolment=none,sign_in=password,active=yes
    #[arg(long = "where", value_name = "CONDITIONS")]
    pub filter: Option<Where>,
    /// Do what can be done, a result a row; exit 1 if any failed
    #[arg(long)]
    pub keep_going: bool,
}
