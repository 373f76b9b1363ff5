//! `mfactl exception`: terms in which no second factor is asked for.

use std::path::PathBuf;

use clap::{ArgGroup, Args, Subcommand};

use super::deferred::Deferred;
use super::row::RowOptions;
use super::shared_args::{ChangeArgs, Many, ReadArgs};
use super::value::{During, End, When, one_of};
use crate::domain::ids::{ExceptionId, OrgId, ReasonCode, Service, Text, UserRef};
use crate::domain::model::{Channel, ExceptionKind};
use crate::domain::time::Span;

/// The verbs of `exception`.
#[derive(Debug, Clone, Subcommand)]
pub enum ExceptionCommand {
    /// Grant an exception
    #[command(after_help = "Examples:
  mfactl exception grant alice.jones --short --reason phone-misplaced --for 8h
  mfactl exception grant alice.jones --long --org st-marys --reason secure-location --evidence https://tickets.example/INC-20417")]
    Grant(Deferred<GrantExceptionArgs>),
    /// Ask for an exception that somebody else approves
    #[command(after_help = "Examples:
  mfactl exception request alice.jones --long --reason accessibility --evidence https://tickets.example/INC-20418")]
    Request(Deferred<GrantExceptionArgs>),
    /// Approve an exception that was asked for
    #[command(after_help = "Examples:
  mfactl exception approve alice.jones#1")]
    Approve(Deferred<OneExceptionArgs>),
    /// Refuse an exception that was asked for
    #[command(after_help = "Examples:
  mfactl exception reject alice.jones#1 -m 'the evidence is about another case'")]
    Reject(Deferred<OneExceptionArgs>),
    /// Show one exception
    #[command(after_help = "Examples:
  mfactl exception show alice.jones#1 -o json")]
    Show(Deferred<ShowExceptionArgs>),
    /// List the evidence of an exception, or write its files into a folder
    #[command(after_help = "Examples:
  mfactl exception evidence alice.jones#1
  mfactl exception evidence alice.jones#1 --out evidence")]
    Evidence(Deferred<ShowEvidenceArgs>),
    /// List exceptions; live ones where nothing else is chosen
    #[command(after_help = "Examples:
  mfactl exception list
  mfactl exception list --live --expiring-within 7d --fail-if-any
  mfactl exception list --during 2026-11-01..2026-11-30 -o csv")]
    List(Deferred<ListExceptionsArgs>),
    /// End an exception before its time
    #[command(after_help = "Examples:
  mfactl exception revoke alice.jones#1 -m 'the phone was found'")]
    Revoke(Deferred<OneExceptionArgs>),
    /// Record what has ended since the last time, and its follow-up (for cron)
    #[command(after_help = "Examples:
  mfactl exception expire --quiet -o json")]
    Expire(Deferred<ExpireExceptionsArgs>),
    /// List ended exceptions after which the user must enrol again, and has not
    #[command(after_help = "Examples:
  mfactl exception follow-ups
  mfactl exception follow-ups -o csv")]
    FollowUps(Deferred<ListFollowUpsArgs>),
    /// List the reason codes
    #[command(after_help = "Examples:
  mfactl exception reasons
  mfactl exception reasons --org st-marys")]
    Reasons(Deferred<ListReasonsArgs>),
}

/// `exception grant` and `exception request`.
#[derive(Debug, Clone, Args)]
#[command(group = ArgGroup::new("kind").required(true).args(["short", "long"]))]
pub struct GrantExceptionArgs {
    /// Which users.
    #[command(flatten)]
    pub many: Many,
    /// A short one, 24 hours at most
    #[arg(long)]
    pub short: bool,
    /// A long one, 180 days at most, with evidence
    #[arg(long)]
    pub long: bool,
    /// For whom, how long and why.
    #[command(flatten)]
    pub terms: GrantTerms,
    /// End the exception that this one overlaps, when this one is granted or approved
    #[arg(long)]
    pub replace: bool,
    /// Allow it for a user who never registered a method; always waits for approval
    #[arg(long)]
    pub unenrolled_ok: bool,
    /// Options of every change.
    #[command(flatten)]
    pub change: ChangeArgs,
}

/// What `exception grant` says of all users, or a row of one.
#[derive(Debug, Clone, Args)]
pub struct GrantTerms {
    /// An org that it covers; can be repeated [default: all of the user's in which you may grant it]
    #[arg(long = "org", value_name = "ORG")]
    pub orgs: Vec<OrgId>,
    /// A service that it covers; can be repeated [default: all]
    #[arg(long = "service", value_name = "SERVICE")]
    pub services: Vec<Service>,
    /// When it begins [default: now, or its approval]
    #[arg(long, value_name = "TIME", allow_hyphen_values = true)]
    pub starts: Option<When>,
    /// How long it lasts [default: the longest allowed]
    #[arg(long = "for", value_name = "DURATION", value_parser = Span::parse, conflicts_with = "until")]
    pub length: Option<Span>,
    /// When it ends; a date includes the day
    #[arg(long, value_name = "TIME", allow_hyphen_values = true)]
    pub until: Option<End>,
    /// The code of the reason, out of `exception reasons`
    #[arg(long, value_name = "CODE", required_unless_present = "from_file")]
    pub reason: Option<ReasonCode>,
    /// A note in words
    #[arg(long, value_name = "TEXT")]
    pub note: Option<Text>,
    /// A file or URL that shows why; can be repeated
    #[arg(long, value_name = "FILE|URL", value_hint = clap::ValueHint::FilePath)]
    pub evidence: Vec<String>,
    /// How the request came [default: phone for short ones, shared-mailbox for long ones]
    #[arg(long, value_parser = channel())]
    pub channel: Option<Channel>,
    /// Who asked for it [default: the user]
    #[arg(long, value_name = "WHO")]
    pub requested_by: Option<Text>,
}

impl RowOptions for GrantTerms {}

impl GrantExceptionArgs {
    /// Short or long: clap requires exactly one of the two flags.
    pub fn kind(&self) -> ExceptionKind {
        if self.long { ExceptionKind::Long } else { ExceptionKind::Short }
    }
}

fn channel() -> impl clap::builder::TypedValueParser<Value = Channel> {
    const ALL: &[Channel] = &[
        Channel::Phone,
        Channel::SharedMailbox,
        Channel::Email,
        Channel::Portal,
        Channel::InPerson,
    ];
    one_of(ALL, Channel::as_str)
}

/// A change of one exception that needs nothing more.
#[derive(Debug, Clone, Args)]
pub struct OneExceptionArgs {
    /// The exception, as in alice#3
    #[arg(value_name = "USER#N")]
    pub exception: ExceptionId,
    /// Options of every change.
    #[command(flatten)]
    pub change: ChangeArgs,
}

/// `exception show`.
#[derive(Debug, Clone, Args)]
pub struct ShowExceptionArgs {
    /// The exception, as in alice#3
    #[arg(value_name = "USER#N")]
    pub exception: ExceptionId,
    /// Options of questions.
    #[command(flatten)]
    pub read: ReadArgs,
}

/// `exception evidence`.
#[derive(Debug, Clone, Args)]
pub struct ShowEvidenceArgs {
    /// The exception, as in alice#3
    #[arg(value_name = "USER#N")]
    pub exception: ExceptionId,
    /// Write the files into this folder, for their owner only; none is written over
    #[arg(long, value_name = "DIR", value_hint = clap::ValueHint::DirPath)]
    pub out: Option<PathBuf>,
    /// Options of questions.
    #[command(flatten)]
    pub read: ReadArgs,
}

/// `exception list`.
#[derive(Debug, Clone, Args)]
#[command(group = ArgGroup::new("status").args(["live", "scheduled", "requested", "ended", "all"]))]
pub struct ListExceptionsArgs {
    /// Those that exempt now (the default)
    #[arg(long)]
    pub live: bool,
    /// Those whose start is ahead
    #[arg(long)]
    pub scheduled: bool,
    /// Those that wait for approval
    #[arg(long)]
    pub requested: bool,
    /// Those that are over: expired, revoked or rejected
    #[arg(long)]
    pub ended: bool,
    /// All of them
    #[arg(long)]
    pub all: bool,
    /// Only those of this user: LOGIN, id:ID or mail:ADDRESS
    #[arg(long)]
    pub user: Option<UserRef>,
    /// Only those that end within this time
    #[arg(long, value_name = "DURATION", value_parser = Span::parse)]
    pub expiring_within: Option<Span>,
    /// Only those that were or will be live in this time
    #[arg(long, value_name = "A..B", allow_hyphen_values = true)]
    pub during: Option<During>,
    /// Only those that cover this org
    #[arg(long)]
    pub org: Option<OrgId>,
    /// Exit 1 if there are any
    #[arg(long)]
    pub fail_if_any: bool,
    /// Options of questions.
    #[command(flatten)]
    pub read: ReadArgs,
}

/// `exception expire`.
#[derive(Debug, Clone, Args)]
pub struct ExpireExceptionsArgs {
    /// Options of every change.
    #[command(flatten)]
    pub change: ChangeArgs,
}

/// `exception follow-ups`.
#[derive(Debug, Clone, Args)]
pub struct ListFollowUpsArgs {
    /// Options of questions.
    #[command(flatten)]
    pub read: ReadArgs,
}

/// `exception reasons`.
#[derive(Debug, Clone, Args)]
pub struct ListReasonsArgs {
    /// With the codes that this org added, without those that it switched off
    #[arg(long)]
    pub org: Option<OrgId>,
    /// Options of questions.
    #[command(flatten)]
    pub read: ReadArgs,
}
