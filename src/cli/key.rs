//! `mfactl key`: the key that secrets are sealed with.

use clap::{Args, Subcommand};

use super::deferred::Deferred;
use super::shared_args::ChangeArgs;

/// The verbs of `key`.
#[derive(Debug, Clone, Subcommand)]
pub enum KeyCommand {
    /// Say where the key is, and whether it is the right one
    #[command(after_help = "Examples:
  mfactl key info
  mfactl key info -o json")]
    Info(Deferred<KeyInfoArgs>),
    /// Make a new key and seal every secret with it, in one revision
    #[command(after_help = "Examples:
  mfactl key rotate --dry-run
  mfactl key rotate --yes -m 'yearly'
  mfactl key rotate --forget-old -m 'the key file was copied'

The older keys stay in the key file: what a backup or another state with the same key
file has sealed with them still opens. A state that has no key yet gets its first one.")]
    Rotate(Deferred<RotateKeyArgs>),
}

/// `key info`: it takes nothing of its own.
#[derive(Debug, Clone, Args)]
pub struct KeyInfoArgs {}

/// `key rotate`.
#[derive(Debug, Clone, Args)]
pub struct RotateKeyArgs {
    /// Drop the older keys from the key file: backups with secrets made before this, and other
    /// states with the same key file, do not open any more
    #[arg(long)]
    pub forget_old: bool,
    /// Options of every change.
    #[command(flatten)]
    pub change: ChangeArgs,
}
