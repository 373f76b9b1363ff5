//! `mfactl report`: what an auditor asks.

use clap::{Args, Subcommand};

use super::deferred::Deferred;
use super::shared_args::ReadArgs;
use super::value::{During, one_of};
use crate::domain::ids::{OrgId, Service};
use crate::report::answers::exception_usage::By;

/// The verbs of `report`.
#[derive(Debug, Clone, Subcommand)]
pub enum ReportCommand {
    /// Count by org of whom a second factor is asked, who is enrolled and who is exempt
    #[command(after_help = "Examples:
  mfactl report coverage
  mfactl report coverage --org st-marys --at +30d
  mfactl report coverage --at 2026-12-31 -o csv

The last row counts every person once, by the strictest answer of their orgs;
who is in no org is denied everywhere. ENROLLED is a share of those whom mfactl
could ask: active, and not by SSO.")]
    Coverage(Deferred<ReportCoverageArgs>),
    /// Count exceptions by org, kind and reason, with overdue follow-ups and reviews
    #[command(after_help = "Examples:
  mfactl report exceptions
  mfactl report exceptions --by approver --during 2026-10-01..2027-01-01
  mfactl report exceptions --org st-marys -o csv

The last row counts every exception once, however many orgs it covers.")]
    Exceptions(Deferred<ReportExceptionsArgs>),
    /// List every opt-out: who, by whom, why, until when, and whether it counts
    #[command(after_help = "Examples:
  mfactl report opt-outs
  mfactl report opt-outs --org st-marys --at -30d -o csv")]
    OptOuts(Deferred<ReportOptOutsArgs>),
    /// List every operator with their last act and what is doubtful about them
    #[command(after_help = "Examples:
  mfactl report operators
  mfactl report operators -o json")]
    Operators(Deferred<ReportOperatorsArgs>),
}

/// `report coverage`.
#[derive(Debug, Clone, Args)]
pub struct ReportCoverageArgs {
    /// Only this org
    #[arg(long)]
    pub org: Option<OrgId>,
    /// Decide about this service [default: none in particular]
    #[arg(long)]
    pub service: Option<Service>,
    /// Options of questions.
    #[command(flatten)]
    pub read: ReadArgs,
}

/// `report exceptions`.
#[derive(Debug, Clone, Args)]
pub struct ReportExceptionsArgs {
    /// Only this org
    #[arg(long)]
    pub org: Option<OrgId>,
    /// Count by org, kind and this [default: reason]
    #[arg(long, value_name = "reason|approver", value_parser = by())]
    pub by: Option<By>,
    /// Only those that were or will be live in this time
    #[arg(long, value_name = "A..B", allow_hyphen_values = true)]
    pub during: Option<During>,
    /// Options of questions.
    #[command(flatten)]
    pub read: ReadArgs,
}

fn by() -> impl clap::builder::TypedValueParser<Value = By> {
    one_of(&[By::Reason, By::Approver], By::as_str)
}

/// `report opt-outs`.
#[derive(Debug, Clone, Args)]
pub struct ReportOptOutsArgs {
    /// Only this org
    #[arg(long)]
    pub org: Option<OrgId>,
    /// Options of questions.
    #[command(flatten)]
    pub read: ReadArgs,
}

/// `report operators`.
#[derive(Debug, Clone, Args)]
pub struct ReportOperatorsArgs {
    /// Options of questions.
    #[command(flatten)]
    pub read: ReadArgs,
}
