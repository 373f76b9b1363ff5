//! One change of a plan, as the contract prints it.

use std::cmp::Ordering;
use std::fmt;
use std::sync::Arc;

use serde::{Deserialize, Serialize};
use serde_json::Value;

use super::class::{ChangeClass, People};
use crate::domain::ids::OrgId;

/// One change of a plan.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct ChangeRow {
    /// `lock-out`, `removal`, `weaken`, `strengthen` or `neutral`.
    pub class: ChangeClass,
    /// What is done.
    pub action: Action,
    /// The org or the login.
    pub subject: String,
    /// The org; null for a setting of a whole account.
    pub org: Option<OrgId>,
    /// The fields that change, before; null: it did not exist.
    pub before: Arc<Value>,
    /// The fields that change, after; null: it is removed.
    pub after: Arc<Value>,
    /// The line of the policy that asks for it.
    pub source: SourceRow,
    /// Whose answers it turns.
    pub people: People,
}

/// What a change of a plan does.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub enum Action {
    /// Adds an org.
    #[serde(rename = "org.add")]
    OrgAdd,
    /// Changes a setting of an org.
    #[serde(rename = "org.edit")]
    OrgEdit,
    /// Switches enforcement of an org on or off, or moves its start.
    #[serde(rename = "org.enforce")]
    OrgEnforce,
    /// Adds an account.
    #[serde(rename = "user.add")]
    UserAdd,
    /// Adds a membership.
    #[serde(rename = "user.join")]
    UserJoin,
    /// Ends a membership.
    #[serde(rename = "user.leave")]
    UserLeave,
    /// Changes the role of a member.
    #[serde(rename = "user.role")]
    UserRole,
    /// Opts a member out, or changes the end of the opt-out.
    #[serde(rename = "user.opt-out")]
    UserOptOut,
    /// Changes the message of an opt-out.
    #[serde(rename = "user.opt-out-note")]
    UserOptOutNote,
    /// Ends an opt-out.
    #[serde(rename = "user.opt-in")]
    UserOptIn,
    /// Changes the per-user setting.
    #[serde(rename = "user.set-mfa")]
    UserSetMfa,
}

impl fmt::Display for Action {
    /// `noun.verb`, as in JSON.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.serialize(f)
    }
}

impl ChangeRow {
    /// The order of a report: by org, people last; in each the most harmful class first.
    pub(super) fn in_order(&self, other: &ChangeRow) -> Ordering {
        let by_org = (self.org.is_none(), &self.org).cmp(&(other.org.is_none(), &other.org));
        by_org.then(self.class.cmp(&other.class))
    }
}

/// A line of a policy file.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct SourceRow {
    /// The file as it was named.
    pub file: Arc<str>,
    /// The line, from 1.
    pub line: u32,
}
