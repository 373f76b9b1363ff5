//! From a policy and a state to a plan: apply the settings of orgs, compare people, judge what
//! differs by the rules, check the guards, report. Pure: the state comes in through [`Facts`],
//! one user at a time, so that a million of them need no memory.

mod adopt;
mod change_row;
mod class;
mod facts;
mod guards;
mod members;
mod org_changes;
mod orgs;
mod planner;
mod proposal;
mod report;
mod saved;

#[cfg(test)]
mod hospital;
#[cfg(any(test, fuzzing))]
pub(crate) mod memory;
#[cfg(test)]
mod properties;
#[cfg(test)]
pub(crate) mod test_support;
#[cfg(test)]
mod tests;

use std::collections::{BTreeMap, BTreeSet};

use crate::domain::ids::{Login, OrgId, UserId};
use crate::domain::outcome::Object;
use crate::domain::refusal::Refusal;

use super::problem::Place;

pub use change_row::{Action, ChangeRow, SourceRow};
pub use class::{ChangeClass, People, Turned};
pub use facts::Facts;
pub use guards::{FEW_CHANGES, Guard, GuardVerdict, Guards, Limit, OrgFigures, Overrides, Stop};
pub use planner::plan;
pub use report::{PlanReport, Unmanaged};
pub use saved::{SavedFile, SavedPlan, Stale};

/// What a plan may add, and how strict it is.
pub struct PlanOptions<'a> {
    /// Makes the id of an account that is added. `None`: a user who does not exist is an error.
    pub create_users: Option<&'a mut dyn FnMut(&Login) -> UserId>,
    /// Whether an org that does not exist is added; otherwise it is an error.
    pub create_orgs: bool,
    /// Keeps changes that a rule refuses, to show drift. Such a plan cannot be applied.
    pub keep_refused: bool,
}

/// What a policy would change.
#[derive(Debug, Clone, Default)]
pub struct Plan {
    /// The changes, in the order in which they follow from each other.
    pub changes: Vec<ChangeRow>,
    /// How many policies are newly recorded as applied. A reviewer does not see that as a change.
    pub adoptions: usize,
    /// What is to be committed as one revision: every object once, what tightens first.
    pub objects: Vec<Object>,
    /// What the policy leaves alone.
    pub unmanaged: Unmanaged,
    /// The figures that guards look at, by org.
    pub orgs: BTreeMap<OrgId, OrgFigures>,
    /// How many people the plan looked at.
    pub looked_at: u64,
    /// The orgs that the policy names, and those of the people it changes.
    pub concerned: BTreeSet<OrgId>,
}

impl Plan {
    /// Whether nothing is to be changed.
    pub fn is_empty(&self) -> bool {
        self.changes.is_empty()
    }
}

/// A change that is refused, with the line that asks for it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Refused {
    /// The line of the policy.
    pub source: Place,
    /// The refusal, with its code.
    pub refusal: Refusal,
    /// What the policy names and the state does not have, where that is the reason.
    pub missing: Option<Missing>,
}

/// What a policy names and a state does not have.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Missing {
    /// An account.
    User(Login),
    /// An org.
    Org,
}

/// Why there is no plan.
#[derive(Debug)]
pub enum PlanError<E> {
    /// The state could not be read.
    Facts(E),
    /// Rules refuse changes, or users and orgs do not exist: all of them, in the order of the
    /// policy. Never empty.
    Refused(Vec<Refused>),
}
