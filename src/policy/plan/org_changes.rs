//! The changes of one org in a plan, applied once, in their order.

use super::change_row::ChangeRow;
use super::class::{answer, grace_end, instants};
use super::guards::{OrgFigures, later_start};
use super::proposal::Proposal;
use crate::domain::ids::{Login, OrgId};
use crate::domain::model::{Org, User};
use crate::domain::time::Time;

/// The changes of one org, with the org before the first of them and after each.
pub(super) struct OrgChanges {
    /// The row of an org that the plan adds.
    pub(super) added: Option<ChangeRow>,
    /// What loosens comes first.
    pub(super) proposals: Vec<Proposal>,
    /// One more than `proposals`.
    versions: Vec<Org>,
    /// Now, and every start of enforcement among the versions. Answers are compared at all
    /// of them, so that no turn falls between two changes.
    pub(super) instants: Vec<Time>,
    pub(super) figures: OrgFigures,
}

impl OrgChanges {
    /// `proposals` lead from one of the `versions` to the next.
    pub(super) fn new(
        added: Option<ChangeRow>,
        proposals: Vec<Proposal>,
        versions: Vec<Org>,
        now: Time,
    ) -> OrgChanges {
        let instants = instants(now, &versions);
        let mut changes =
            OrgChanges { added, proposals, versions, instants, figures: OrgFigures::default() };
        let (first, last) = (&changes.first().enforcement, &changes.last().enforcement);
        changes.figures.un_enforced = later_start(first, last, now);
        changes
    }

    pub(super) fn first(&self) -> &Org {
        &self.versions[0]
    }

    /// The org under which people's answers are compared: after what loosens.
    pub(super) fn loosened(&self) -> &Org {
        &self.versions[self.proposals.partition_point(Proposal::loosens)]
    }

    pub(super) fn last(&self) -> &Org {
        &self.versions[self.proposals.len()]
    }

    /// Each proposal with the org after it.
    pub(super) fn steps(&self) -> impl Iterator<Item = (&Proposal, &Org)> {
        self.proposals.iter().zip(&self.versions[1..])
    }

    /// Counts one person in every change of the org: in what loosens as the person is before
    /// the plan, in what tightens as after it.
    pub(super) fn count(
        &mut self,
        id: &OrgId,
        login: &Login,
        before: Option<&User>,
        after: Option<&User>,
    ) {
        let now = self.instants.first().copied();
        for (proposal, versions) in self.proposals.iter_mut().zip(self.versions.windows(2)) {
            let user = if proposal.loosens() { before } else { after };
            let user = user.filter(|user| user.memberships.contains_key(id));
            let (Some(user), [was, is]) = (user.filter(|_| proposal.decides), versions) else {
                continue;
            };
            let turn = |at: &Time| (answer(user, id, was, *at), answer(user, id, is, *at));
            let end = now.and_then(|now| grace_end(user, id, is, now));
            let people = &mut proposal.row.people;
            people.count(Some(login), self.instants.iter().map(turn), end.iter().map(turn));
        }
    }
}
