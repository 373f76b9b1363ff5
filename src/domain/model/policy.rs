//! What applied policies own of people. It is kept beside the orgs and the
//! users, an entry a person: a policy may list a million, and no decision asks for it.

use crate::domain::ids::OrgId;

/// The name of the policy for people; no org is called so.
const PEOPLE: &str = "_users";

/// Whose policy.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum PolicyOf {
    /// That of an org; its entries are members.
    Org(OrgId),
    /// The one for people, whatever their orgs.
    People,
}

impl PolicyOf {
    /// The entry that tells which policy was applied, when and by whom, where no org's file does.
    pub const HEAD: &'static str = "";

    /// The name in files and in the audit.
    pub fn as_str(&self) -> &str {
        match self {
            PolicyOf::Org(org) => org.as_str(),
            PolicyOf::People => PEOPLE,
        }
    }

    /// Whose policy is kept under this name, if one can be.
    pub fn parse(name: &str) -> Option<PolicyOf> {
        match name {
            PEOPLE => Some(PolicyOf::People),
            org => OrgId::parse(org).ok().map(PolicyOf::Org),
        }
    }
}

/// One entry of a policy: what it owns of somebody, as the text of a JSON object
/// of strings, its keys sorted (`{"role":"admin"}`).
pub type OwnedText = Box<str>;
