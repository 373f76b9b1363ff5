//! Arguments of the verbs about memberships: always of the one org that is named.

use std::path::PathBuf;

use clap::Args;

use crate::cli::common::{ChangeArgs, Many};
use crate::cli::value::{When, role};
use crate::domain::ids::{OrgId, UserRef};
use crate::domain::model::Role;

/// `user opt-out`.
#[derive(Debug, Clone, Args)]
pub struct OptOut {
    /// Which users.
    #[command(flatten)]
    pub many: Many,
    /// The org that they then enter without MFA
    #[arg(long)]
    pub org: OrgId,
    /// When the opt-out ends by itself [default: never]
    #[arg(long, value_name = "TIME", allow_hyphen_values = true)]
    pub until: Option<When>,
    /// Options of every change.
    #[command(flatten)]
    pub change: ChangeArgs,
}

/// `user opt-in`.
#[derive(Debug, Clone, Args)]
pub struct OptIn {
    /// Which users.
    #[command(flatten)]
    pub many: Many,
    /// The org
    #[arg(long)]
    pub org: OrgId,
    /// Options of every change.
    #[command(flatten)]
    pub change: ChangeArgs,
}

/// `user join`.
#[derive(Debug, Clone, Args)]
pub struct JoinOrg {
    /// Which users.
    #[command(flatten)]
    pub many: Many,
    /// The org to join
    #[arg(long)]
    pub org: OrgId,
    /// What they are there
    #[arg(long, default_value = "member", value_parser = role())]
    pub role: Role,
    /// Options of every change.
    #[command(flatten)]
    pub change: ChangeArgs,
}

/// `user leave`.
#[derive(Debug, Clone, Args)]
pub struct LeaveOrg {
    /// Which users.
    #[command(flatten)]
    pub many: Many,
    /// The org to leave
    #[arg(long)]
    pub org: OrgId,
    /// Options of every change.
    #[command(flatten)]
    pub change: ChangeArgs,
}

/// `user role`.
#[derive(Debug, Clone, Args)]
pub struct SetRole {
    /// The user: LOGIN, id:ID or mail:ADDRESS
    pub user: UserRef,
    /// The org
    #[arg(long)]
    pub org: OrgId,
    /// What the member is there from now on
    #[arg(value_parser = role())]
    pub role: Role,
    /// Options of every change.
    #[command(flatten)]
    pub change: ChangeArgs,
}

/// `user membership`.
#[derive(Debug, Clone, Args)]
pub struct EditMembership {
    /// The user: LOGIN, id:ID or mail:ADDRESS
    pub user: UserRef,
    /// The org
    #[arg(long)]
    pub org: OrgId,
    /// The document (`-`: stdin), JSON or YAML
    #[arg(long, value_name = "FILE", value_hint = clap::ValueHint::FilePath)]
    pub from_file: PathBuf,
    /// Options of every change.
    #[command(flatten)]
    pub change: ChangeArgs,
}
