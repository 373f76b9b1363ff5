//! `mfactl signin`: the question that is asked where people sign in.

use std::path::PathBuf;

use clap::{Args, Subcommand};

use super::deferred::Deferred;
use super::shared_args::ReadArgs;
use crate::domain::ids::{OrgId, Service, UserRef};

/// The verbs of `signin`.
#[derive(Debug, Clone, Subcommand)]
pub enum SignInCommand {
    /// Decide whether a sign-in needs a code; exit 0 where it may go on as it is
    #[command(after_help = "Examples:
  mfactl signin check alice.jones --org st-marys
  mfactl signin check alice.jones --org st-marys --service portal -o json
  mfactl signin check --org st-marys --allow-code -- alice.jones

Needs to read the state, and neither a key nor an operator. Exit 0 only where the
answer is yes; 1 where it is no; whatever else it is, take it for a no.")]
    Check(Deferred<CheckSignInArgs>),
    /// Decide, and look at the code that the decision asks for; exit 0 lets in
    #[command(after_help = "Examples:
  mfactl signin verify alice.jones --org st-marys
  mfactl signin verify alice.jones --org st-marys --code-from - -o json

The code is one of the app's or a recovery code. A wrong one is counted before it is
answered: after five failures in a row the account is locked for 30 s, then twice as
long each time, and at a hundred until mfactl user unlock.")]
    Verify(Deferred<VerifySignInArgs>),
}

/// Who wants to enter what.
#[derive(Debug, Clone, Args)]
pub struct EntryArgs {
    /// The user: LOGIN, id:ID or mail:ADDRESS
    pub user: UserRef,
    /// The org that the user wants to enter
    #[arg(long)]
    pub org: OrgId,
    /// The service that the user wants to enter [default: none in particular]
    #[arg(long)]
    pub service: Option<Service>,
}

/// `signin check`.
#[derive(Debug, Clone, Args)]
pub struct CheckSignInArgs {
    /// Who, and what.
    #[command(flatten)]
    pub entry: EntryArgs,
    /// Say yes also where only the code is missing, which something else asks for
    #[arg(long)]
    pub allow_code: bool,
    /// Options of questions.
    #[command(flatten)]
    pub read: ReadArgs,
}

/// `signin verify`.
#[derive(Debug, Clone, Args)]
pub struct VerifySignInArgs {
    /// Who, and what.
    #[command(flatten)]
    pub entry: EntryArgs,
    /// Read the code from a file (`-`: stdin) [default: asked for on the terminal]
    #[arg(long, value_name = "FILE", value_hint = clap::ValueHint::FilePath)]
    pub code_from: Option<PathBuf>,
}
