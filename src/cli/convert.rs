//! `mfactl convert`: the files of other tools.

use std::path::PathBuf;

use clap::builder::TypedValueParser;
use clap::{Args, Subcommand};

use super::common::ChangeArgs;
use super::deferred::Deferred;
use super::value::one_of;
use crate::convert::Format;
use crate::domain::ids::UserRef;

/// The verbs of `convert`.
#[derive(Debug, Clone, Subcommand)]
pub enum Convert {
    /// Take TOTP enrolments over from a file of another tool, all in one revision
    #[command(after_help = "Examples:
  mfactl convert import otpauth keys.txt --dry-run
  mfactl convert import users-oath /etc/users.oath
  mfactl convert import google-authenticator .google_authenticator --user alice.jones

The user is found by the account that the file names: a login or an e-mail address.
All codes up to the present one count as used.
What mfactl cannot keep is named.")]
    Import(Deferred<ImportFactors>),
    /// Write TOTP enrolments to a file of another tool; the secrets are in it in clear
    #[command(after_help = "Examples:
  mfactl convert export users-oath /etc/users.oath
  mfactl convert export otpauth alice.txt alice.jones
  mfactl convert export google-authenticator .google_authenticator alice.jones

users-oath and google-authenticator merge: what the other tool wrote since
stays, and no code that was used can be used again. What a format cannot carry
is named.")]
    Export(Deferred<ExportFactors>),
}

/// `convert import`.
#[derive(Debug, Clone, Args)]
pub struct ImportFactors {
    /// The format of the file
    #[arg(id = "tool", value_name = "FORMAT", value_parser = format())]
    pub format: Format,
    /// The file (`-`: stdin)
    #[arg(value_hint = clap::ValueHint::FilePath)]
    pub file: PathBuf,
    /// Whose the one enrolment of the file is, whatever it says itself
    #[arg(long)]
    pub user: Option<UserRef>,
    /// Take nothing over where something of the file would be lost
    #[arg(long)]
    pub strict: bool,
    /// Options of every change.
    #[command(flatten)]
    pub change: ChangeArgs,
}

/// `convert export`.
#[derive(Debug, Clone, Args)]
pub struct ExportFactors {
    /// The format of the file
    #[arg(id = "tool", value_name = "FORMAT", value_parser = format())]
    pub format: Format,
    /// The file, made with mode 0600
    #[arg(value_hint = clap::ValueHint::FilePath)]
    pub file: PathBuf,
    /// Whose enrolments [default: everybody's]
    #[arg(value_name = "USER")]
    pub users: Vec<UserRef>,
    /// Write nothing where the format cannot carry something
    #[arg(long)]
    pub strict: bool,
    /// Options of every change.
    #[command(flatten)]
    pub change: ChangeArgs,
}

fn format() -> impl TypedValueParser<Value = Format> {
    one_of(&Format::ALL, Format::as_str)
}
