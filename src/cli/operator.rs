//! `mfactl operator`: who may run mfactl, and as what.

use clap::{ArgGroup, Args, Subcommand};

use super::deferred::Deferred;
use super::shared_args::{ChangeArgs, ReadArgs};
use crate::domain::ids::{OperatorName, OsUser, UserRef};
use crate::domain::model::OperatorRole;

/// The verbs of `operator`.
#[derive(Debug, Clone, Subcommand)]
pub enum OperatorCommand {
    /// Add an operator
    #[command(after_help = "Examples:
  mfactl operator add alice --os-user ajones --user alice.jones --role helpdesk:st-marys
  mfactl operator add nightly --os-user mfactl-cron --service")]
    Add(Deferred<AddOperatorArgs>),
    /// Change an operator's OS users, roles or person
    #[command(after_help = "Examples:
  mfactl operator edit alice --role admin:st-marys --no-role helpdesk:st-marys")]
    Edit(Deferred<EditOperatorArgs>),
    /// List operators
    #[command(after_help = "Examples:
  mfactl operator list")]
    List(Deferred<ListOperatorsArgs>),
    /// Show one operator
    #[command(after_help = "Examples:
  mfactl operator show alice")]
    Show(Deferred<ShowOperatorArgs>),
    /// Remove an operator
    #[command(after_help = "Examples:
  mfactl operator remove alice --yes")]
    Remove(Deferred<RemoveOperatorArgs>),
    /// Say who you are to mfactl, and how it found that out
    #[command(after_help = "Examples:
  mfactl operator whoami")]
    Whoami(Deferred<WhoAmIArgs>),
}

/// `operator add`.
#[derive(Debug, Clone, Args)]
#[command(group = ArgGroup::new("who").required(true).args(["user", "service"]))]
pub struct AddOperatorArgs {
    /// The operator's name
    pub name: OperatorName,
    /// An OS user that is this operator; can be repeated
    #[arg(long = "os-user", value_name = "OS-USER", required = true)]
    pub os_users: Vec<OsUser>,
    /// The operator's own account: LOGIN, id:ID or mail:ADDRESS
    #[arg(long)]
    pub user: Option<UserRef>,
    /// A machine account: may only apply policy and expire exceptions
    #[arg(long)]
    pub service: bool,
    /// What the operator may do: site-admin, auditor, admin:ORG or helpdesk:ORG; can be repeated
    #[arg(long = "role", value_name = "ROLE")]
    pub roles: Vec<OperatorRole>,
    /// Options of every change.
    #[command(flatten)]
    pub change: ChangeArgs,
}

/// `operator edit`.
#[derive(Debug, Clone, Args)]
#[command(group = ArgGroup::new("what").required(true).multiple(true)
    .args(["os_users", "no_os_users", "user", "roles", "no_roles"]))]
pub struct EditOperatorArgs {
    /// The operator
    #[arg(value_name = "OPERATOR")]
    pub name: OperatorName,
    /// An OS user that is this operator too; can be repeated
    #[arg(long = "os-user", value_name = "OS-USER")]
    pub os_users: Vec<OsUser>,
    /// An OS user that is no longer this operator; can be repeated
    #[arg(long = "no-os-user", value_name = "OS-USER")]
    pub no_os_users: Vec<OsUser>,
    /// The operator's own account: LOGIN, id:ID or mail:ADDRESS
    #[arg(long)]
    pub user: Option<UserRef>,
    /// A role to add: site-admin, auditor, admin:ORG or helpdesk:ORG; can be repeated
    #[arg(long = "role", value_name = "ROLE")]
    pub roles: Vec<OperatorRole>,
    /// A role to take away; can be repeated
    #[arg(long = "no-role", value_name = "ROLE")]
    pub no_roles: Vec<OperatorRole>,
    /// Options of every change.
    #[command(flatten)]
    pub change: ChangeArgs,
}

/// `operator list`.
#[derive(Debug, Clone, Args)]
pub struct ListOperatorsArgs {
    /// Options of questions.
    #[command(flatten)]
    pub read: ReadArgs,
}

/// `operator show`.
#[derive(Debug, Clone, Args)]
pub struct ShowOperatorArgs {
    /// The operator
    #[arg(value_name = "OPERATOR")]
    pub name: OperatorName,
    /// Options of questions.
    #[command(flatten)]
    pub read: ReadArgs,
}

/// `operator remove`.
#[derive(Debug, Clone, Args)]
pub struct RemoveOperatorArgs {
    /// The operator
    #[arg(value_name = "OPERATOR")]
    pub name: OperatorName,
    /// Options of every change.
    #[command(flatten)]
    pub change: ChangeArgs,
}

/// `operator whoami`: it takes nothing of its own.
#[derive(Debug, Clone, Args)]
pub struct WhoAmIArgs {}
