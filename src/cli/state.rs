//! `mfactl state`: the directory itself.

use clap::{Args, Subcommand};

use super::common::ChangeArgs;
use super::deferred::Deferred;
use crate::domain::ids::UserRef;

/// The verbs of `state`.
#[derive(Debug, Clone, Subcommand)]
pub enum State {
    /// Say where the state is, how large and how far
    #[command(after_help = "Examples:
  mfactl state info")]
    Info(Deferred<StateInfo>),
    /// Look for damage; exit 1 if there is any
    #[command(after_help = "Examples:
  mfactl state check -o json")]
    Check(Deferred<CheckState>),
    /// Say which files hold a user
    #[command(after_help = "Examples:
  mfactl state path alice.jones")]
    Path(Deferred<StatePath>),
    /// Record that the clock was corrected, so that changes are accepted again
    #[command(after_help = "Examples:
  mfactl state accept-clock -m 'the clock had been an hour ahead'")]
    AcceptClock(Deferred<AcceptClock>),
}

/// `state info`: it takes nothing of its own.
#[derive(Debug, Clone, Args)]
pub struct StateInfo {}

/// `state check`: it takes nothing of its own.
#[derive(Debug, Clone, Args)]
pub struct CheckState {}

/// `state path`.
#[derive(Debug, Clone, Args)]
pub struct StatePath {
    /// The user: LOGIN, id:ID or mail:ADDRESS
    pub user: UserRef,
}

/// `state accept-clock`.
#[derive(Debug, Clone, Args)]
pub struct AcceptClock {
    /// Options of every change.
    #[command(flatten)]
    pub change: ChangeArgs,
}
