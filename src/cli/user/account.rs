//! Arguments of the verbs that make and edit accounts.

use std::path::PathBuf;

use clap::{ArgGroup, Args};

use crate::cli::shared_args::ChangeArgs;
use crate::cli::sheet::SheetOptions;
use crate::cli::value::{OrgRole, on_off, sign_in};
use crate::domain::ids::{Email, Login, Provider, Text, UserId, UserRef};
use crate::domain::model::{SignIn, Switch};

/// `user add`.
#[derive(Debug, Clone, Args)]
pub struct AddUserArgs {
    /// The login
    pub login: Login,
    /// The stable id [default: one is made]
    #[arg(long)]
    pub id: Option<UserId>,
    /// The name in words
    #[arg(long)]
    pub name: Option<Text>,
    /// The e-mail address
    #[arg(long)]
    pub email: Option<Email>,
    /// How the account signs in
    #[arg(long, value_name = "HOW", default_value = "password", value_parser = sign_in())]
    pub sign_in: SignIn,
    /// The identity provider of an SSO account
    #[arg(long, required_if_eq("sign_in", "sso"))]
    pub provider: Option<Provider>,
    /// An org to join, with the role there; can be repeated
    #[arg(long = "org", value_name = "ORG[:ROLE]")]
    pub orgs: Vec<OrgRole>,
    /// The per-user switch [default: off]
    #[arg(long, value_name = "on|off", value_parser = on_off())]
    pub mfa: Option<Switch>,
    /// Options of every change.
    #[command(flatten)]
    pub change: ChangeArgs,
}

/// `user edit`.
#[derive(Debug, Clone, Args)]
#[command(group = ArgGroup::new("what").required(true).multiple(true).args(["name", "email", "sign_in", "provider"]))]
pub struct EditUserArgs {
    /// The user: LOGIN, id:ID or mail:ADDRESS
    pub user: UserRef,
    /// The name in words
    #[arg(long)]
    pub name: Option<Text>,
    /// The e-mail address
    #[arg(long)]
    pub email: Option<Email>,
    /// How the account signs in
    #[arg(long, value_name = "HOW", value_parser = sign_in())]
    pub sign_in: Option<SignIn>,
    /// The identity provider of an SSO account
    #[arg(long)]
    pub provider: Option<Provider>,
    /// Options of every change.
    #[command(flatten)]
    pub change: ChangeArgs,
}

/// `user rename`.
#[derive(Debug, Clone, Args)]
pub struct RenameUserArgs {
    /// The user: LOGIN, id:ID or mail:ADDRESS
    pub user: UserRef,
    /// The login from now on
    pub new_login: Login,
    /// Options of every change.
    #[command(flatten)]
    pub change: ChangeArgs,
}

/// `user import`.
#[derive(Debug, Clone, Args)]
pub struct ImportUsersArgs {
    /// The CSV file (`-`: stdin)
    #[arg(value_hint = clap::ValueHint::FilePath)]
    pub file: PathBuf,
    /// Make the orgs that are named and not there
    #[arg(long)]
    pub create_orgs: bool,
    /// Bring accounts that are there up to date instead of refusing
    #[arg(long)]
    pub update: bool,
    /// Make the state where there is none
    #[arg(long)]
    pub init: bool,
    /// How the header is read.
    #[command(flatten)]
    pub sheet: SheetOptions,
    /// Options of every change.
    #[command(flatten)]
    pub change: ChangeArgs,
}
