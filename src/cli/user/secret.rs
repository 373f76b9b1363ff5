//! Arguments of the verbs that hand out secrets: enrolment and recovery codes.

use std::path::PathBuf;

use clap::builder::TypedValueParser;
use clap::{ArgGroup, Args};

use crate::cli::shared_args::ChangeArgs;
use crate::cli::value::one_of;
use crate::domain::ids::{Provider, UserRef};
use crate::secret::label::Issuer;
use crate::secret::parameters::{Algorithm, Digits, Parameters, Period};

/// `user enrol`.
#[derive(Debug, Clone, Args)]
#[command(group = ArgGroup::new("elsewhere").args(["external"]).conflicts_with_all(
    ["verify_code", "unverified", "algorithm", "digits", "period", "issuer", "ascii",
     "light", "png", "svg", "reveal", "out"]))]
pub struct EnrolUserArgs {
    /// The user: LOGIN, id:ID or mail:ADDRESS
    pub user: UserRef,
    /// Record a method that is registered with this other system instead
    #[arg(long, value_name = "NAME")]
    pub external: Option<Provider>,
    /// Show the secret, then read the app's code from stdin and confirm in one go
    #[arg(long, value_name = "-", value_parser = ["-"], allow_hyphen_values = true)]
    pub verify_code: Option<String>,
    /// Count the enrolment at once, without a code that shows that the app has the secret
    #[arg(long, conflicts_with = "verify_code")]
    pub unverified: bool,
    /// The hash; apps that read another than SHA1 are few
    #[arg(long, value_name = "HASH", default_value = "SHA1", value_parser = algorithm())]
    pub algorithm: Algorithm,
    /// Digits of a code
    #[arg(long, value_name = "N", default_value = "6", value_parser = digits())]
    pub digits: Digits,
    /// Seconds that a code is shown for
    #[arg(long, value_name = "SECONDS", default_value = "30", value_parser = period())]
    pub period: Period,
    /// Who issues it, as the app shows it [default: issuer of the configuration, then mfactl]
    #[arg(long, value_parser = Issuer::parse)]
    pub issuer: Option<Issuer>,
    /// Draw the QR code with plain ASCII
    #[arg(long)]
    pub ascii: bool,
    /// Draw the QR code for dark text on a light background
    #[arg(long)]
    pub light: bool,
    /// Write the QR code to a new PNG file
    #[arg(long, value_name = "FILE", value_hint = clap::ValueHint::FilePath)]
    pub png: Option<PathBuf>,
    /// Write the QR code to a new SVG file
    #[arg(long, value_name = "FILE", value_hint = clap::ValueHint::FilePath)]
    pub svg: Option<PathBuf>,
    /// Where the secret goes.
    #[command(flatten)]
    pub show: ShowSecretsArgs,
    /// Options of every change.
    #[command(flatten)]
    pub change: ChangeArgs,
}

impl EnrolUserArgs {
    /// Hash, digits and period together.
    pub fn parameters(&self) -> Parameters {
        Parameters { algorithm: self.algorithm, digits: self.digits, period: self.period }
    }
}

/// `user confirm`.
#[derive(Debug, Clone, Args)]
pub struct ConfirmUserArgs {
    /// The user: LOGIN, id:ID or mail:ADDRESS
    pub user: UserRef,
    /// Read the app's code from a file (`-`: stdin) [default: asked for on the terminal]
    #[arg(long, value_name = "FILE", value_hint = clap::ValueHint::FilePath)]
    pub code_from: Option<PathBuf>,
    /// Where the recovery codes go.
    #[command(flatten)]
    pub show: ShowSecretsArgs,
    /// Options of every change.
    #[command(flatten)]
    pub change: ChangeArgs,
}

/// `user codes`.
#[derive(Debug, Clone, Args)]
pub struct NewCodesArgs {
    /// The user: LOGIN, id:ID or mail:ADDRESS
    pub user: UserRef,
    /// Where the recovery codes go.
    #[command(flatten)]
    pub show: ShowSecretsArgs,
    /// Options of every change.
    #[command(flatten)]
    pub change: ChangeArgs,
}

/// Where a secret goes that is shown once.
#[derive(Debug, Clone, Args)]
pub struct ShowSecretsArgs {
    /// Print the secret although stdout is no terminal
    #[arg(long)]
    pub reveal: bool,
    /// Write the answer with the secret to this new file (mode 0600) instead
    #[arg(long, value_name = "FILE", conflicts_with = "reveal", value_hint = clap::ValueHint::FilePath)]
    pub out: Option<PathBuf>,
}

fn algorithm() -> impl TypedValueParser<Value = Algorithm> {
    one_of(&Algorithm::ALL, Algorithm::as_str)
}

fn digits() -> impl TypedValueParser<Value = Digits> {
    one_of(&Digits::ALL, |digits| match digits {
        Digits::Six => "6",
        Digits::Eight => "8",
    })
}

fn period() -> impl TypedValueParser<Value = Period> {
    one_of(&Period::ALL, |period| match period {
        Period::Thirty => "30",
        Period::Sixty => "60",
    })
}
