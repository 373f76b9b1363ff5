//! A user's place in an org: the role there, since when, and an opt-out.

use std::collections::{BTreeMap, btree_map};
use std::ops::{Deref, DerefMut};
use std::sync::Arc;

use serde::{Deserialize, Deserializer, Serialize};

use super::strict_map;
use crate::domain::ids::{OrgId, Text};
use crate::domain::time::Time;

/// What the person is in an org; it gives no right in mfactl.
#[derive(
    Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize, Default,
)]
#[serde(rename_all = "lowercase")]
pub enum Role {
    /// An ordinary member.
    #[default]
    Member,
    /// Works at the org's helpdesk.
    Helpdesk,
    /// Administers the org.
    Admin,
}

impl Role {
    /// The word in commands and files.
    pub fn as_str(self) -> &'static str {
        match self {
            Role::Member => "member",
            Role::Helpdesk => "helpdesk",
            Role::Admin => "admin",
        }
    }
}

impl std::str::FromStr for Role {
    type Err = String;
    fn from_str(text: &str) -> Result<Role, String> {
        match text {
            "member" => Ok(Role::Member),
            "helpdesk" => Ok(Role::Helpdesk),
            "admin" => Ok(Role::Admin),
            _ => Err(format!("{text:?} is no role: write member, helpdesk or admin")),
        }
    }
}

/// Memberships by org. Most changes of a user leave them alone: a copy is the same map
/// until one of the two is changed.
#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize)]
#[serde(transparent)]
pub struct Memberships(Arc<BTreeMap<OrgId, Membership>>);

impl Deref for Memberships {
    type Target = BTreeMap<OrgId, Membership>;
    fn deref(&self) -> &BTreeMap<OrgId, Membership> {
        &self.0
    }
}

impl DerefMut for Memberships {
    fn deref_mut(&mut self) -> &mut BTreeMap<OrgId, Membership> {
        Arc::make_mut(&mut self.0)
    }
}

impl From<BTreeMap<OrgId, Membership>> for Memberships {
    fn from(map: BTreeMap<OrgId, Membership>) -> Memberships {
        Memberships(Arc::new(map))
    }
}

impl FromIterator<(OrgId, Membership)> for Memberships {
    fn from_iter<I: IntoIterator<Item = (OrgId, Membership)>>(all: I) -> Memberships {
        BTreeMap::from_iter(all).into()
    }
}

impl<'a> IntoIterator for &'a Memberships {
    type Item = (&'a OrgId, &'a Membership);
    type IntoIter = btree_map::Iter<'a, OrgId, Membership>;
    fn into_iter(self) -> Self::IntoIter {
        self.0.iter()
    }
}

impl<'de> Deserialize<'de> for Memberships {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Memberships, D::Error> {
        strict_map::deserialize(deserializer).map(BTreeMap::into)
    }
}

/// A user's place in one org.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Membership {
    /// What the person is there.
    pub role: Role,
    /// When this membership began.
    pub joined_at: Time,
    /// When the first membership of this org began, where the user left and came back.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub first_joined_at: Option<Time>,
    /// Set where the membership is opted out of MFA (R4), which few are.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub opt_out: Option<Box<OptOut>>,
}

impl Membership {
    /// When the user first joined the org, in this membership or an earlier one.
    pub fn first_joined(&self) -> Time {
        self.first_joined_at.unwrap_or(self.joined_at)
    }
}

/// An opt-out of one membership.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct OptOut {
    /// The operator who set it.
    pub by: String,
    /// Since when.
    pub at: Time,
    /// Why.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub message: Option<Text>,
    /// Its end (not itself part of it), if it has one.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub until: Option<Time>,
}
