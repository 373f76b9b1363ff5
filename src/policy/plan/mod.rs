//! From a policy and a state to a plan: the changes that are lacking, each with
//! its class, its source and what comes of it. Pure: the state comes in through
//! [`Facts`], one user at a time, so that a million of them need no memory.

mod applied;
mod changed_people;
mod changeset;
mod class;
mod drafts;
mod evaluate;
mod facts;
mod guards;
mod inspect;
mod line;
mod members;
mod orgs;
mod planner;
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

use std::cmp::Ordering;
use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;

use crate::domain::ids::{Login, OrgId, Text, UserId};
use crate::domain::outcome::Object;
use crate::domain::refusal::Refusal;
use serde_json::Value;

use super::problem::Place;

pub use class::{ChangeClass, People, Turned};
pub use facts::Facts;
pub use guards::{FEW_CHANGES, GuardVerdict, Guards, Limit, OrgFigures, Overrides, Stop};
pub use planner::plan;
pub use report::{ChangeRow, GuardRow, PlanReport, SourceRow, Unmanaged};
pub use saved::{SavedFile, SavedPlan, Stale};

/// What may be made on the way, and how strictly.
pub struct PlanOptions<'a> {
    /// Makes the id of an account that is added. `None`: a missing user is an error.
    pub create_users: Option<&'a mut dyn FnMut(&Login) -> UserId>,
    /// Whether an org that is not there is added; otherwise it is an error.
    pub create_orgs: bool,
    /// Keeps changes that a rule refuses (to show drift); such a plan cannot be applied.
    pub keep_refused: bool,
}

/// One change of a plan.
#[derive(Debug, Clone)]
pub struct PlanStep {
    /// What it does to the answers.
    pub class: ChangeClass,
    /// The act, `noun.verb`.
    pub action: &'static str,
    /// The org or the login.
    pub subject: String,
    /// The org that it belongs to; none for what is decided of a whole account.
    pub org: Option<OrgId>,
    /// What changes, before; null: it was not there.
    pub before: Arc<Value>,
    /// What changes, after; null: it goes.
    pub after: Arc<Value>,
    /// The line of the policy that wants it.
    pub source: Place,
    /// Whose answers change.
    pub people: People,
    /// The message of its own that the policy gives.
    pub message: Option<Text>,
}

/// What a policy would change.
#[derive(Debug, Clone, Default)]
pub struct Plan {
    /// The changes, in the order in which they follow from each other.
    pub steps: Vec<PlanStep>,
    /// How many policies are recorded as applied; no changes of their own in the eyes of a reviewer.
    pub adoptions: usize,
    /// What is to be committed as one revision: every object once, what tightens first.
    pub objects: Vec<Object>,
    /// What the policy leaves alone.
    pub unmanaged: Unmanaged,
    /// The figures that guards look at, by org.
    pub orgs: BTreeMap<OrgId, OrgFigures>,
    /// How many people the plan looked at.
    pub looked_at: u64,
    /// The orgs that the policy speaks of, and those of the people it changes.
    pub concerned: BTreeSet<OrgId>,
}

impl Plan {
    /// Whether nothing is to be changed.
    pub fn is_empty(&self) -> bool {
        self.steps.is_empty()
    }
}

/// A change that a rule refuses, with the line that wants it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct LocatedRefusal {
    /// The line of the policy.
    pub source: Place,
    /// The refusal, with its code.
    pub refusal: Refusal,
}

impl PlanStep {
    /// As a reader wants them: by org (people last), what does most harm first.
    fn in_order(&self, other: &PlanStep) -> Ordering {
        let by_org = (self.org.is_none(), &self.org).cmp(&(other.org.is_none(), &other.org));
        by_org.then(self.class.cmp(&other.class))
    }

    /// Whether it changes an org, and not a person.
    fn is_of_org(&self) -> bool {
        self.action.starts_with("org.")
    }
}

/// Why there is no plan.
#[derive(Debug)]
pub enum PlanError<E> {
    /// The state could not be read.
    Facts(E),
    /// Rules refuse changes, or users and orgs are missing: all of them, in the order of the policy. Never empty.
    Refused(Vec<LocatedRefusal>),
}
