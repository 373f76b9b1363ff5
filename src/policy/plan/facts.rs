//! What a plan needs to know of the state.

use std::collections::{BTreeMap, BTreeSet};

use crate::domain::ids::{Login, OrgId};
use crate::domain::model::{OwnedText, PolicyOf, User};
use crate::domain::scope::{Needs, Scope};

/// One revision of a state: every question is answered from the same one.
pub trait Facts {
    /// Why it cannot be read.
    type Error;

    /// Loads what is missing in `scope`; all operators are always part of it.
    ///
    /// # Errors
    /// Where the state cannot be read.
    fn load(&self, needs: &Needs, scope: &mut Scope) -> Result<(), Self::Error>;

    /// Shows every user who is a member of one of `orgs`, each once, in any order.
    ///
    /// # Errors
    /// Where the state cannot be read.
    fn each_member(
        &mut self,
        orgs: &BTreeSet<OrgId>,
        visit: &mut dyn FnMut(&Login, &User),
    ) -> Result<(), Self::Error>;

    /// The entries about people in the last applied policy.
    ///
    /// # Errors
    /// Where the state cannot be read.
    fn owned(&self, policy: &PolicyOf) -> Result<BTreeMap<String, OwnedText>, Self::Error>;
}
