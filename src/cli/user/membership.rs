//! Arguments of the verbs about memberships: always of the one org that is named.

use std::path::PathBuf;

use clap::Args;

use crate::cli::row::{RowMessage, RowOptions};
use crate::cli::shared_args::{ChangeArgs, Many};
use crate::cli::value::{End, role};
use crate::domain::ids::{OrgId, UserRef};
use crate::domain::model::Role;

/// `user opt-out`.
#[derive(Debug, Clone, Args)]
pub struct OptOutArgs {
    /// Which users.
    #[command(flatten)]
    pub many: Many,
    /// Where, and for how long.
    #[command(flatten)]
    pub terms: OptOutTerms,
    /// Give an opt-out that is there already another end or reason
    #[arg(long)]
    pub replace: bool,
    /// Options of every change.
    #[command(flatten)]
    pub change: ChangeArgs,
}

/// What `user opt-out` says of all users, or a row of one.
#[derive(Debug, Clone, Args)]
pub struct OptOutTerms {
    /// The org that they then enter without MFA
    #[arg(long, required_unless_present = "from_file")]
    pub org: Option<OrgId>,
    /// When the opt-out expires; a date includes the day [default: never]
    #[arg(long, value_name = "TIME", allow_hyphen_values = true)]
    pub until: Option<End>,
}

/// What a row of `user opt-out` may say: an opt-out keeps a message of its own.
#[derive(Debug, Clone, Args)]
pub struct OptOutRowArgs {
    /// Where, and for how long.
    #[command(flatten)]
    pub terms: OptOutTerms,
    /// Why.
    #[command(flatten)]
    pub why: RowMessage,
}

impl RowOptions for OptOutRowArgs {}

/// The org that a verb about memberships acts in, or a row names.
#[derive(Debug, Clone, Args)]
pub struct InOrg {
    /// The org
    #[arg(long, required_unless_present = "from_file")]
    pub org: Option<OrgId>,
}

impl RowOptions for InOrg {}

/// `user opt-in`.
#[derive(Debug, Clone, Args)]
pub struct OptInArgs {
    /// Which users.
    #[command(flatten)]
    pub many: Many,
    /// Where.
    #[command(flatten)]
    pub place: InOrg,
    /// Options of every change.
    #[command(flatten)]
    pub change: ChangeArgs,
}

/// `user join`.
#[derive(Debug, Clone, Args)]
pub struct JoinOrgArgs {
    /// Which users.
    #[command(flatten)]
    pub many: Many,
    /// Where, and as what.
    #[command(flatten)]
    pub place: JoinPlace,
    /// Options of every change.
    #[command(flatten)]
    pub change: ChangeArgs,
}

/// What `user join` says of all users, or a row of one.
#[derive(Debug, Clone, Args)]
pub struct JoinPlace {
    /// The org to join
    #[arg(long, required_unless_present = "from_file")]
    pub org: Option<OrgId>,
    /// What they are there [default: member]
    #[arg(long, value_parser = role())]
    pub role: Option<Role>,
}

impl RowOptions for JoinPlace {}

/// `user leave`.
#[derive(Debug, Clone, Args)]
pub struct LeaveOrgArgs {
    /// Which users.
    #[command(flatten)]
    pub many: Many,
    /// Where.
    #[command(flatten)]
    pub place: InOrg,
    /// Options of every change.
    #[command(flatten)]
    pub change: ChangeArgs,
}

/// `user role`.
#[derive(Debug, Clone, Args)]
pub struct SetRoleArgs {
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
pub struct EditMembershipArgs {
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
