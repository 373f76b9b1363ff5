//! `mfactl org`: organisations, their enforcement and their rules.

use clap::{ArgGroup, Args, Subcommand};

use super::deferred::Deferred;
use super::shared_args::{ChangeArgs, ReadArgs};
use super::value::{AddReason, When, on_off, one_of, role};
use crate::domain::ids::{OrgId, ReasonCode, Service, Text};
use crate::domain::model::{Approval, OptOutPolicy, Role, Switch};
use crate::domain::time::Span;

/// The verbs of `org`.
#[derive(Debug, Clone, Subcommand)]
pub enum OrgCommand {
    /// Add an org
    #[command(after_help = "Examples:
  mfactl org add riverside-hospice --name 'Riverside Hospice' --mandate-role admin --service portal")]
    Add(Deferred<AddOrgArgs>),
    /// Change an org's settings and its rules for exceptions
    #[command(after_help = "Examples:
  mfactl org edit st-marys --opt-out deny --grace-days 14
  mfactl org edit st-marys --short-max 12h --approval two-person --add-reason theatre:long:review")]
    Edit(Deferred<EditOrgArgs>),
    /// Enforce MFA for every member, or stop
    #[command(after_help = "Examples:
  mfactl org enforce st-marys on --starts 2027-02-01 --grace-days 14
  mfactl org enforce st-marys off --yes -m 'gateway outage'")]
    Enforce(Deferred<EnforceOrgArgs>),
    /// Show one org
    #[command(after_help = "Examples:
  mfactl org show st-marys
  mfactl org show st-marys --at -7d -o json")]
    Show(Deferred<ShowOrgArgs>),
    /// List orgs
    #[command(after_help = "Examples:
  mfactl org list")]
    List(Deferred<ListOrgsArgs>),
    /// Remove an org without members and exceptions
    #[command(after_help = "Examples:
  mfactl org remove community-pharmacy --yes")]
    Remove(Deferred<RemoveOrgArgs>),
}

/// Settings that `org add` and `org edit` share.
#[derive(Debug, Clone, Args)]
pub struct OrgSettings {
    /// The name in words
    #[arg(long)]
    pub name: Option<Text>,
    /// Whether members may be opted out of MFA [default of a new org: allow]
    #[arg(long, value_name = "allow|deny", value_parser = opt_out())]
    pub opt_out: Option<OptOutPolicy>,
    /// The longest opt-out; one without an end is then refused [default: no limit]
    #[arg(long, value_name = "DURATION", value_parser = Span::parse)]
    pub opt_out_max: Option<Span>,
    /// A membership role that always needs MFA; can be repeated
    #[arg(long = "mandate-role", value_name = "ROLE", value_parser = role())]
    pub mandate_roles: Vec<Role>,
    /// A service that exceptions may be limited to; can be repeated
    #[arg(long = "service", value_name = "SERVICE")]
    pub services: Vec<Service>,
    /// Days in which members without an enrolment may go on without one
    #[arg(long, value_name = "N")]
    pub grace_days: Option<u32>,
}

fn opt_out() -> impl clap::builder::TypedValueParser<Value = OptOutPolicy> {
    one_of(&[OptOutPolicy::Allow, OptOutPolicy::Deny], OptOutPolicy::as_str)
}

fn approval() -> impl clap::builder::TypedValueParser<Value = Approval> {
    one_of(&[Approval::None, Approval::TwoPerson], Approval::as_str)
}

/// `org add`.
#[derive(Debug, Clone, Args)]
pub struct AddOrgArgs {
    /// The org's id
    pub org: OrgId,
    /// Its settings.
    #[command(flatten)]
    pub settings: OrgSettings,
    /// Options of every change.
    #[command(flatten)]
    pub change: ChangeArgs,
}

/// `org edit`.
#[derive(Debug, Clone, Args)]
#[command(group = ArgGroup::new("what").required(true).multiple(true).args([
    "name", "opt_out", "opt_out_max", "no_opt_out_max", "mandate_roles", "services", "grace_days", "no_mandate_roles", "no_services",
    "short_max", "long_max", "short_per_30_days", "approval", "add_reasons", "no_reasons",
]))]
pub struct EditOrgArgs {
    /// The org
    pub org: OrgId,
    /// Settings as in `org add`; what can be repeated is added.
    #[command(flatten)]
    pub settings: OrgSettings,
    /// A role that no longer always needs MFA; can be repeated
    #[arg(long = "no-mandate-role", value_name = "ROLE", value_parser = role())]
    pub no_mandate_roles: Vec<Role>,
    /// A service that is no longer one; can be repeated
    #[arg(long = "no-service", value_name = "SERVICE")]
    pub no_services: Vec<Service>,
    /// Let opt-outs last for any time again
    #[arg(long, conflicts_with = "opt_out_max")]
    pub no_opt_out_max: bool,
    /// The longest short exception, 24h at most
    #[arg(long, value_name = "DURATION", value_parser = Span::parse)]
    pub short_max: Option<Span>,
    /// The longest long exception, 180d at most
    #[arg(long, value_name = "DURATION", value_parser = Span::parse)]
    pub long_max: Option<Span>,
    /// How many short exceptions a user may be granted in 30 days
    #[arg(long = "short-per-30-days", value_name = "N")]
    pub short_per_30_days: Option<u32>,
    /// Whether long exceptions need a second operator
    #[arg(long, value_name = "none|two-person", value_parser = approval())]
    pub approval: Option<Approval>,
    /// A reason code of the org's own; can be repeated
    #[arg(long = "add-reason", value_name = "CODE:KIND[:FOLLOW-UP]")]
    pub add_reasons: Vec<AddReason>,
    /// A reason code that is not to be used here; can be repeated
    #[arg(long = "no-reason", value_name = "CODE")]
    pub no_reasons: Vec<ReasonCode>,
    /// Options of every change.
    #[command(flatten)]
    pub change: ChangeArgs,
}

/// `org enforce`.
#[derive(Debug, Clone, Args)]
pub struct EnforceOrgArgs {
    /// The org
    pub org: OrgId,
    /// Whether it is to enforce MFA
    #[arg(value_name = "on|off", value_parser = on_off())]
    pub switch: Switch,
    /// When enforcement begins [default: now]
    #[arg(long, value_name = "TIME", allow_hyphen_values = true)]
    pub starts: Option<When>,
    /// Days in which members without an enrolment may go on without one
    #[arg(long, value_name = "N")]
    pub grace_days: Option<u32>,
    /// Count the days of grace anew for everybody
    #[arg(long)]
    pub restart_grace: bool,
    /// Enforce although no administrator of the org would be let in; recorded
    #[arg(long)]
    pub force: bool,
    /// Options of every change.
    #[command(flatten)]
    pub change: ChangeArgs,
}

/// `org show`.
#[derive(Debug, Clone, Args)]
pub struct ShowOrgArgs {
    /// The org
    pub org: OrgId,
    /// Options of questions.
    #[command(flatten)]
    pub read: ReadArgs,
}

/// `org list`.
#[derive(Debug, Clone, Args)]
pub struct ListOrgsArgs {
    /// Options of questions.
    #[command(flatten)]
    pub read: ReadArgs,
}

/// `org remove`.
#[derive(Debug, Clone, Args)]
pub struct RemoveOrgArgs {
    /// The org
    pub org: OrgId,
    /// Options of every change.
    #[command(flatten)]
    pub change: ChangeArgs,
}
