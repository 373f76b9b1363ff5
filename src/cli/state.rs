//! `mfactl state`: the directory itself.

use std::path::PathBuf;

use clap::{Args, Subcommand};

use super::deferred::Deferred;
use super::shared_args::ChangeArgs;
use crate::domain::ids::UserRef;

/// The verbs of `state`.
#[derive(Debug, Clone, Subcommand)]
pub enum StateCommand {
    /// Say where the state is, how large and how far
    #[command(after_help = "Examples:
  mfactl state info")]
    Info(Deferred<StateInfoArgs>),
    /// Look for damage; exit 1 if there is any
    #[command(after_help = "Examples:
  mfactl state check -o json
  mfactl state check --setup")]
    Check(Deferred<CheckStateArgs>),
    /// Say which files hold a user
    #[command(after_help = "Examples:
  mfactl state path alice.jones")]
    Path(Deferred<StatePathArgs>),
    /// Make damaged or missing files again, or accept an edit by hand
    #[command(after_help = "Examples:
  mfactl state repair --dry-run
  mfactl state repair -m 'the disk lost a sector'
  mfactl state repair --accept orgs/st-marys.yaml -m 'edited while mfactl was down'")]
    Repair(Deferred<RepairArgs>),
    /// Write a backup: one revision with its log and evidence, in one file
    #[command(after_help = "Examples:
  mfactl state backup /srv/backup/mfactl.tar
  mfactl state backup --with-secrets /srv/safe/mfactl.tar --yes")]
    Backup(Deferred<BackupArgs>),
    /// Restore a backup: as a new revision, or as a state where none is
    #[command(after_help = "Examples:
  mfactl state restore /srv/backup/mfactl.tar --dry-run
  mfactl state restore /srv/backup/mfactl.tar -m 'the import went wrong' --yes
  mfactl state restore /srv/safe/mfactl.tar --state /var/lib/mfactl")]
    Restore(Deferred<RestoreArgs>),
    /// Bring a state of an older format to the newest
    #[command(after_help = "Examples:
  mfactl state migrate --dry-run")]
    Migrate(Deferred<MigrateArgs>),
    /// Record that the clock was corrected, so that changes are accepted again
    #[command(after_help = "Examples:
  mfactl state accept-clock -m 'the clock had been an hour ahead'")]
    AcceptClock(Deferred<AcceptClockArgs>),
}

/// `state info`: it takes nothing of its own.
#[derive(Debug, Clone, Args)]
pub struct StateInfoArgs {}

/// `state check`.
#[derive(Debug, Clone, Args)]
pub struct CheckStateArgs {
    /// Check the installation instead: owners, modes, directories above, key, configuration, timers
    #[arg(long)]
    pub setup: bool,
}

/// `state path`.
#[derive(Debug, Clone, Args)]
pub struct StatePathArgs {
    /// The user: LOGIN, id:ID or mail:ADDRESS
    pub user: UserRef,
}

/// `state repair`.
#[derive(Debug, Clone, Args)]
pub struct RepairArgs {
    /// Commit what was written by hand into this file of the state (operators.yaml, orgs/*, users/*)
    #[arg(long, value_name = "FILE", value_hint = clap::ValueHint::FilePath)]
    pub accept: Option<PathBuf>,
    /// Options of every change.
    #[command(flatten)]
    pub change: ChangeArgs,
}

/// `state backup`.
#[derive(Debug, Clone, Args)]
pub struct BackupArgs {
    /// The file to write (tar, mode 0600), outside of the state
    #[arg(value_name = "FILE", value_hint = clap::ValueHint::FilePath)]
    pub file: PathBuf,
    /// Put the sealed secrets of authenticators into it as well
    #[arg(long)]
    pub with_secrets: bool,
}

/// `state restore`.
#[derive(Debug, Clone, Args)]
pub struct RestoreArgs {
    /// The backup
    #[arg(value_name = "FILE", value_hint = clap::ValueHint::FilePath)]
    pub file: PathBuf,
    /// Options of every change.
    #[command(flatten)]
    pub change: ChangeArgs,
}

/// `state migrate`.
#[derive(Debug, Clone, Args)]
pub struct MigrateArgs {
    /// Options of every change.
    #[command(flatten)]
    pub change: ChangeArgs,
}

/// `state accept-clock`.
#[derive(Debug, Clone, Args)]
pub struct AcceptClockArgs {
    /// Options of every change.
    #[command(flatten)]
    pub change: ChangeArgs,
}
