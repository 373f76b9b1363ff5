//! `mfactl convert`: the files of other tools.

use std::path::PathBuf;

use clap::{Args, Subcommand};

use super::deferred::Deferred;
use super::shared_args::ChangeArgs;
use super::value::one_of;
use crate::convert::Format;
use crate::domain::ids::UserRef;
use crate::secret::label::Issuer;

/// The verbs of `convert`.
#[derive(Debug, Clone, Subcommand)]
pub enum ConvertCommand {
    /// Take TOTP enrolments over from a file of another tool, all in one revision
    #[command(after_help = "Examples:
  mfactl convert import otpauth keys.txt --dry-run
  mfactl convert import users-oath /etc/users.oath
  mfactl convert import google-authenticator .google_authenticator --user alice.jones
  mfactl convert import google-migration phone.txt --issuer Acme
  mfactl convert import token-csv seeds.csv --map serials.csv --keep-going

The user is found by the account that the file names: a login or an e-mail address.
All codes up to the present one count as used. What mfactl cannot keep (counter-based
codes, codes of 7 digits, other hashes and kinds) is left out, and named with its line.

token-csv reads any table of tokens by its header: seed files of vendors, OATH CSV,
Bitwarden. json reads otpauth URIs and tokens inside any JSON: 2FAS, Aegis, andOTP,
FreeOTP+, Bitwarden; exported without a password. pskc is the key container of RFC 6030.")]
    Import(Deferred<ImportFactorsArgs>),
    /// Write TOTP enrolments to a file of another tool; the secrets are in it in clear
    #[command(after_help = "Examples:
  mfactl convert export users-oath /etc/users.oath
  mfactl convert export otpauth alice.txt alice.jones
  mfactl convert export google-authenticator .google_authenticator alice.jones

users-oath and google-authenticator merge: what the other tool wrote since
stays, and no code that was used can be used again. What a format cannot carry
is named, but for recovery codes and lock-outs, which none does. user reset,
rename and their like tell what was exported: it lets in there until it is taken
out. Exit 9: the export is recorded, and its file has not come to its place.")]
    Export(Deferred<ExportFactorsArgs>),
}

/// `convert import`.
#[derive(Debug, Clone, Args)]
pub struct ImportFactorsArgs {
    /// The format of the file
    #[arg(id = "tool", value_name = "FORMAT", value_parser = one_of(&Format::ALL, Format::as_str))]
    pub format: Format,
    /// The file (`-`: stdin)
    #[arg(value_hint = clap::ValueHint::FilePath)]
    pub file: PathBuf,
    /// Whose the one enrolment of the file is, whatever it says itself
    #[arg(long)]
    pub user: Option<UserRef>,
    /// Take over only what this issuer issued, as the file names it
    #[arg(long, value_name = "NAME", value_parser = issuer)]
    pub issuer: Option<Issuer>,
    /// A CSV of two columns: account (or serial number) in the file, and whose login that is
    #[arg(long, value_name = "FILE", value_hint = clap::ValueHint::FilePath, conflicts_with = "user")]
    pub map: Option<PathBuf>,
    /// A file whose first line is the pre-shared key (hexadecimal) or the password of an
    /// encrypted pskc file (`-`: stdin)
    #[arg(long, value_name = "FILE", value_hint = clap::ValueHint::FilePath)]
    pub decrypt_with: Option<PathBuf>,
    /// Take over what can be, and list what was taken over and what was not; exit 1 where
    /// something was not
    #[arg(long, conflicts_with = "strict")]
    pub keep_going: bool,
    /// Take nothing over where something of the file would be lost
    #[arg(long)]
    pub strict: bool,
    /// Options of every change.
    #[command(flatten)]
    pub change: ChangeArgs,
}

/// `convert export`.
#[derive(Debug, Clone, Args)]
pub struct ExportFactorsArgs {
    /// The format of the file
    #[arg(id = "tool", value_name = "FORMAT", value_parser = one_of(&Format::WRITTEN, Format::as_str))]
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

fn issuer(text: &str) -> Result<Issuer, String> {
    Issuer::of_foreign(text).ok_or_else(|| "the issuer is empty".to_owned())
}
