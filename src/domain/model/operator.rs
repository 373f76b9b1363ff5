//! Operators: who may run mfactl. Rights come from here and from nothing else.

use std::collections::{BTreeMap, BTreeSet};
use std::fmt;

use serde::{Deserialize, Deserializer, Serialize, Serializer};

use super::strict_map;
use crate::domain::from_text;
use crate::domain::ids::{OperatorName, OrgId, OsUser, UserId};

/// All operators.
#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Operators {
    /// By name.
    #[serde(deserialize_with = "strict_map::deserialize")]
    pub operators: BTreeMap<OperatorName, Operator>,
}

/// One operator.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Operator {
    /// The OS users that are this operator.
    pub os_users: BTreeSet<OsUser>,
    /// What the operator may do, and where.
    pub roles: BTreeSet<OperatorRole>,
    /// The id of the operator's own account. The first operator has none until it is edited.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub person: Option<UserId>,
    /// A machine account: it may only apply policy and expire exceptions.
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    pub service: bool,
}

impl Operator {
    /// Whether it has the role `site-admin`.
    pub fn is_site_admin(&self) -> bool {
        self.roles.contains(&OperatorRole::SiteAdmin)
    }
}

/// What an operator may do, and where.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum OperatorRole {
    /// Everything, everywhere.
    SiteAdmin,
    /// Reads everything, changes nothing.
    Auditor,
    /// Administers one org.
    Admin(OrgId),
    /// Works at the helpdesk of one org.
    Helpdesk(OrgId),
}

impl OperatorRole {
    /// The org that the role is for; none for those that are for everything.
    pub fn org(&self) -> Option<&OrgId> {
        match self {
            OperatorRole::Admin(org) | OperatorRole::Helpdesk(org) => Some(org),
            OperatorRole::SiteAdmin | OperatorRole::Auditor => None,
        }
    }
}

impl fmt::Display for OperatorRole {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            OperatorRole::SiteAdmin => f.write_str("site-admin"),
            OperatorRole::Auditor => f.write_str("auditor"),
            OperatorRole::Admin(org) => write!(f, "admin:{org}"),
            OperatorRole::Helpdesk(org) => write!(f, "helpdesk:{org}"),
        }
    }
}

impl std::str::FromStr for OperatorRole {
    type Err = String;

    fn from_str(text: &str) -> Result<OperatorRole, String> {
        let org = |id: &str| OrgId::parse(id).map_err(|e| e.to_string());
        match text.split_once(':') {
            None if text == "site-admin" => Ok(OperatorRole::SiteAdmin),
            None if text == "auditor" => Ok(OperatorRole::Auditor),
            Some(("admin", id)) => Ok(OperatorRole::Admin(org(id)?)),
            Some(("helpdesk", id)) => Ok(OperatorRole::Helpdesk(org(id)?)),
            _ => Err(format!(
                "{text:?} is no role of an operator: write site-admin, auditor, admin:ORG or helpdesk:ORG"
            )),
        }
    }
}

impl Serialize for OperatorRole {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.collect_str(self)
    }
}

impl<'de> Deserialize<'de> for OperatorRole {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<OperatorRole, D::Error> {
        from_text::deserialize(deserializer)
    }
}
