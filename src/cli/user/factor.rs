//! Arguments of the verbs about the second factor itself.

use clap::error::ErrorKind;
use clap::{ArgMatches, Args, Command, Error, FromArgMatches};

use crate::cli::row::RowOptions;
use crate::cli::shared_args::{ChangeArgs, Many, ManyOptions};
use crate::domain::ids::{Text, UserRef};
use crate::domain::model::Switch;

/// `user set-mfa`.
#[derive(Debug, Clone)]
pub struct SetMfaArgs {
    /// Which users.
    pub many: Many,
    /// The new setting.
    pub switch: Switch,
    /// Who asked for it, where the operator did not decide it.
    pub asked: AskedBy,
    /// Options of every change.
    pub change: ChangeArgs,
}

/// The arguments as clap can read them: it cannot tell the users from the last word if there
/// are options between them.
#[derive(Debug, Clone, Args)]
#[command(override_usage = "mfactl user set-mfa [OPTIONS] <USER>... <on|off>")]
struct SetMfaWords {
    /// The users (LOGIN, id:ID or mail:ADDRESS), then `on` or `off`
    #[arg(value_name = "USER|on|off", required = true, num_args = 1..)]
    words: Vec<String>,
    /// The other ways to name them.
    #[command(flatten)]
    options: ManyOptions,
    /// Who asked for it.
    #[command(flatten)]
    asked: AskedBy,
    /// Options of every change.
    #[command(flatten)]
    change: ChangeArgs,
}

/// What `user set-mfa` says of all users, or a row of one.
#[derive(Debug, Clone, Args)]
pub struct AskedBy {
    /// Who asked for it
    #[arg(long, value_name = "WHO")]
    pub requested_by: Option<Text>,
}

impl RowOptions for AskedBy {}

impl TryFrom<SetMfaWords> for SetMfaArgs {
    type Error = Error;

    fn try_from(mut typed: SetMfaWords) -> Result<SetMfaArgs, Error> {
        let last = typed.words.pop().unwrap_or_default();
        let switch = match last.as_str() {
            "on" => Switch::On,
            "off" => Switch::Off,
            _ => return Err(wrong(&format!("{last:?} stands where on or off is expected, last"))),
        };
        let users = typed
            .words
            .iter()
            .map(|word| word.parse::<UserRef>().map_err(|e| wrong(&e.to_string())))
            .collect::<Result<Vec<_>, _>>()?;
        let ways =
            [!users.is_empty(), typed.options.from_file.is_some(), typed.options.filter.is_some()];
        match ways.iter().filter(|way| **way).count() {
            1 => {}
            0 => return Err(wrong("no user is named: write USER…, --from-file or --where")),
            _ => return Err(wrong("users are named in two ways: USER…, --from-file or --where")),
        }
        let many = Many { users, options: typed.options };
        Ok(SetMfaArgs { many, switch, asked: typed.asked, change: typed.change })
    }
}

fn wrong(message: &str) -> Error {
    Error::raw(ErrorKind::ValueValidation, message)
}

impl FromArgMatches for SetMfaArgs {
    fn from_arg_matches(matches: &ArgMatches) -> Result<SetMfaArgs, Error> {
        SetMfaWords::from_arg_matches(matches)?.try_into()
    }

    fn update_from_arg_matches(&mut self, matches: &ArgMatches) -> Result<(), Error> {
        *self = SetMfaArgs::from_arg_matches(matches)?;
        Ok(())
    }
}

impl Args for SetMfaArgs {
    fn augment_args(command: Command) -> Command {
        SetMfaWords::augment_args(command)
    }

    fn augment_args_for_update(command: Command) -> Command {
        SetMfaWords::augment_args_for_update(command)
    }
}
