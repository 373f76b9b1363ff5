//! Options that many verbs share: the global ones, those of every change, those
//! of every question, and how many users are named at once.

use std::path::PathBuf;

use clap::builder::TypedValueParser;
use clap::{ArgAction, ArgGroup, Args};

use super::value::{At, Where, one_of};
use crate::domain::ids::{OperatorName, Text, UserRef};
use crate::domain::time::Span;
use crate::report::Format;

const GLOBAL: &str = "Global options";

/// Options that stand anywhere on the command line, for every verb.
#[derive(Debug, Clone, Args)]
pub struct Global {
    /// The state directory [default: MFACTL_STATE, then the configuration, then /var/lib/mfactl for root]
    #[arg(long, global = true, value_name = "DIR", help_heading = GLOBAL, value_hint = clap::ValueHint::DirPath)]
    pub state: Option<PathBuf>,
    /// The configuration file, TOML [default: MFACTL_CONFIG, then the user's, then /etc/mfactl/config.toml]
    #[arg(long, global = true, value_name = "FILE", help_heading = GLOBAL, value_hint = clap::ValueHint::FilePath)]
    pub config: Option<PathBuf>,
    /// Act as this operator, one of those that this OS user is
    #[arg(long = "as", global = true, value_name = "OPERATOR", help_heading = GLOBAL)]
    pub acting_as: Option<OperatorName>,
    /// How the answer is printed
    #[arg(short = 'o', long, global = true, value_name = "FORMAT", default_value = "table", value_parser = formats(), help_heading = GLOBAL)]
    pub format: Format,
    /// Answer yes to every question
    #[arg(short = 'y', long, global = true, help_heading = GLOBAL)]
    pub yes: bool,
    /// How long to wait for the state's lock
    #[arg(long, global = true, value_name = "DURATION", default_value = "10s", value_parser = Span::parse, help_heading = GLOBAL)]
    pub lock_timeout: Span,
    /// Whether to colour (NO_COLOR is respected)
    #[arg(long, global = true, value_name = "WHEN", default_value = "auto", help_heading = GLOBAL)]
    pub color: clap::ColorChoice,
    /// Print no warnings and hints
    #[arg(short, long, global = true, help_heading = GLOBAL)]
    pub quiet: bool,
    /// Say more of what is done
    #[arg(short, long, global = true, action = ArgAction::Count, help_heading = GLOBAL)]
    pub verbose: u8,
    /// Cut nothing in tables, however wide they get
    #[arg(long, global = true, help_heading = GLOBAL)]
    pub wide: bool,
    /// Work on a state that lies on NFS, where durability is not promised
    #[arg(long, global = true, help_heading = GLOBAL)]
    pub allow_nfs: bool,
}

fn formats() -> impl TypedValueParser<Value = Format> {
    one_of(Format::ALL, Format::as_str)
}

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
    pub at: Option<At>,
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
    /// The users from a file (`-`: stdin), one a line or CSV with a header
    #[arg(long, value_name = "FILE", value_hint = clap::ValueHint::FilePath)]
    pub from_file: Option<PathBuf>,
    /// The users of whom all of this is true: org=ORG,mfa=off,enrolment=none,sign_in=password,active=yes
    #[arg(long = "where", value_name = "CONDITIONS")]
    pub filter: Option<Where>,
    /// Do what can be done, a result a row; exit 1 if any failed
    #[arg(long)]
    pub keep_going: bool,
}
