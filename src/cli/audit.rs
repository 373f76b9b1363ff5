//! `mfactl audit`: the chained record of every change.

use clap::{Args, Subcommand};

use super::deferred::Deferred;
use super::shared_args::ChangeArgs;
use super::value::{End, HeadHash, When};
use crate::domain::ids::{OperatorName, OrgId, UserRef};

/// The verbs of `audit`.
#[derive(Debug, Clone, Subcommand)]
pub enum AuditCommand {
    /// List records, newest first
    #[command(after_help = "Examples:
  mfactl audit log --limit 20
  mfactl audit log --user alice.jones --since -30d -o jsonl")]
    Log(Deferred<AuditLogArgs>),
    /// Show one record with everything that it changed
    #[command(after_help = "Examples:
  mfactl audit show 1")]
    Show(Deferred<ShowRecordArgs>),
    /// Check the chain and the state against it; exit 1 if anything is wrong
    #[command(after_help = "Examples:
  mfactl audit verify -o json")]
    Verify(Deferred<VerifyAuditArgs>),
    /// Export all records, oldest first, with everything that they changed
    #[command(after_help = "Examples:
  mfactl audit export -o jsonl
  mfactl audit export --since 2026-11-01 --until 2026-11-30 -o jsonl")]
    Export(Deferred<ExportAuditArgs>),
    /// Erase what old records tell about people, for good; asks first
    #[command(after_help = "Examples:
  mfactl audit prune --before -730d --dry-run
  mfactl audit prune --before 2024-01-01 -m 'kept for two years' --yes")]
    Prune(Deferred<PruneAuditArgs>),
    /// Print the head of the chain, to be kept elsewhere
    #[command(after_help = "Examples:
  mfactl audit head -o json")]
    Head(Deferred<AuditHeadArgs>),
}

/// `audit log`.
#[derive(Debug, Clone, Args)]
pub struct AuditLogArgs {
    /// Only records about this user: LOGIN, id:ID or mail:ADDRESS
    #[arg(long)]
    pub user: Option<UserRef>,
    /// Only records that concern this org
    #[arg(long)]
    pub org: Option<OrgId>,
    /// Only records of this operator
    #[arg(long)]
    pub operator: Option<OperatorName>,
    /// Only records of this act, as in user.reset
    #[arg(long)]
    pub action: Option<String>,
    /// Only records from this instant on
    #[arg(long, value_name = "TIME", allow_hyphen_values = true)]
    pub since: Option<When>,
    /// Only records before this instant
    #[arg(long, value_name = "TIME", allow_hyphen_values = true)]
    pub until: Option<End>,
    /// At most this many
    #[arg(long, value_name = "N")]
    pub limit: Option<u64>,
}

/// `audit export`.
#[derive(Debug, Clone, Args)]
pub struct ExportAuditArgs {
    /// Only records from this instant on
    #[arg(long, value_name = "TIME", allow_hyphen_values = true)]
    pub since: Option<When>,
    /// Only records before this instant
    #[arg(long, value_name = "TIME", allow_hyphen_values = true)]
    pub until: Option<End>,
}

/// `audit show`.
#[derive(Debug, Clone, Args)]
pub struct ShowRecordArgs {
    /// The revision
    pub rev: u64,
}

/// `audit verify`.
#[derive(Debug, Clone, Args)]
pub struct VerifyAuditArgs {
    /// A head that was kept elsewhere: the chain must contain it
    #[arg(long, value_name = "HASH")]
    pub head: Option<HeadHash>,
}

/// `audit prune`.
#[derive(Debug, Clone, Args)]
pub struct PruneAuditArgs {
    /// Erase the details of the records before this instant, at least 90 days ago (prune_min_age
    /// in the section audit of the configuration says otherwise)
    #[arg(long, value_name = "TIME", allow_hyphen_values = true, required = true)]
    pub before: When,
    /// The options of every change.
    #[command(flatten)]
    pub change: ChangeArgs,
}

/// `audit head`: it takes nothing of its own.
#[derive(Debug, Clone, Args)]
pub struct AuditHeadArgs {}
