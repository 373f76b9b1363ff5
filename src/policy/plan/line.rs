//! The changes of one org in a plan, in their order.

use super::class::People;
use super::drafts::Draft;
use crate::domain::model::Org;
use crate::domain::time::Time;

/// The changes of one org, with what the org is before the first and after each.
pub(super) struct Line {
    pub(super) drafts: Vec<Draft>,
    pub(super) versions: Vec<Org>,
    /// How many of the drafts come before those of people.
    pub(super) loosening: usize,
    pub(super) added: Option<Draft>,
    pub(super) people: Vec<People>,
    /// Whether any of them can turn answers.
    pub(super) decides: bool,
    /// Now, and every start of enforcement among the versions: answers are
    /// compared at all of them, so that no turn falls between two changes.
    pub(super) instants: Vec<Time>,
}

impl Line {
    pub(super) fn first(&self) -> &Org {
        &self.versions[0]
    }

    pub(super) fn middle(&self) -> &Org {
        &self.versions[self.loosening]
    }

    pub(super) fn last(&self) -> &Org {
        &self.versions[self.drafts.len()]
    }
}
