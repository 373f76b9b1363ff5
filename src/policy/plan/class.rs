//! The class of a change: by the answers that it turns, or, where it turns none, by the
//! direction of the setting.

use std::collections::BTreeSet;

use serde::{Deserialize, Serialize};

use crate::domain::decision::{Question, Requirement, decide, grace_deadline};
use crate::domain::ids::{Login, OrgId};
use crate::domain::model::{Org, User};
use crate::domain::time::Time;

/// What a change does.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum ChangeClass {
    /// Somebody must enrol, at once or when a grace ends.
    LockOut,
    /// Somebody loses a membership.
    Removal,
    /// Requires less.
    Weaken,
    /// Requires more.
    Strengthen,
    /// Changes no answer and has no direction.
    Neutral,
}

impl ChangeClass {
    /// All of them, the most harmful first: the order of a plan.
    pub const ALL: [ChangeClass; 5] = [
        ChangeClass::LockOut,
        ChangeClass::Removal,
        ChangeClass::Weaken,
        ChangeClass::Strengthen,
        ChangeClass::Neutral,
    ];

    /// Whether nobody loses anything by it.
    pub fn is_harmless(self) -> bool {
        matches!(self, ChangeClass::Strengthen | ChangeClass::Neutral)
    }

    /// The word in output.
    pub fn as_str(self) -> &'static str {
        match self {
            ChangeClass::LockOut => "lock-out",
            ChangeClass::Removal => "removal",
            ChangeClass::Strengthen => "strengthen",
            ChangeClass::Neutral => "neutral",
            ChangeClass::Weaken => "weaken",
        }
    }

    /// The order in the audit: tightening first.
    pub(super) fn order(self) -> u8 {
        match self {
            ChangeClass::LockOut | ChangeClass::Strengthen => 0,
            ChangeClass::Removal | ChangeClass::Neutral => 1,
            ChangeClass::Weaken => 2,
        }
    }
}

/// How many people are named; the others are only counted.
const MOST_NAMED: usize = 20;

/// How many people's answers a change turns, and which way.
#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct People {
    /// To something stricter.
    pub strengthened: Turned,
    /// To something less strict.
    pub weakened: Turned,
    /// To `enrol`, now or when enforcement begins.
    pub locked_out: Turned,
    /// To `enrol` when their grace ends.
    pub enrol_after_grace: Turned,
}

/// How many people, and for a change of an org the first of them by login.
#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Turned {
    /// How many.
    pub count: u64,
    /// Up to 20 of them.
    pub first: BTreeSet<Login>,
}

impl Turned {
    fn add(&mut self, turns: bool, named: Option<&Login>) {
        self.count += u64::from(turns);
        let Some(login) = named.filter(|_| turns) else { return };
        let full = self.first.len() == MOST_NAMED;
        if !full || self.first.last().is_some_and(|last| login < last) {
            self.first.insert(login.clone());
            if full {
                self.first.pop_last();
            }
        }
    }
}

impl People {
    /// The class of a change that turns these answers, with a setting that points to `direction`.
    pub(super) fn class(&self, direction: ChangeClass) -> ChangeClass {
        if self.locked_out.count + self.enrol_after_grace.count > 0 {
            ChangeClass::LockOut
        } else if self.weakened.count > 0 {
            ChangeClass::Weaken
        } else if self.strengthened.count > 0 {
            ChangeClass::Strengthen
        } else {
            direction
        }
    }

    /// Counts one person by the answers before and after, at each instant and in each org
    /// concerned, and at the ends of grace.
    pub(super) fn count(
        &mut self,
        named: Option<&Login>,
        answers: impl Iterator<Item = (Requirement, Requirement)>,
        after_grace: impl Iterator<Item = (Requirement, Requirement)>,
    ) {
        let (mut stricter, mut laxer, mut locked) = (false, false, false);
        let locks = |was, is| is == Requirement::Enrol && was != is && was != Requirement::Denied;
        let later = after_grace.fold(false, |any, (was, is)| any | locks(was, is));
        for (was, is) in answers {
            locked |= locks(was, is);
            if let (Some(was), Some(is)) = (was.strictness(), is.strictness()) {
                stricter |= is > was;
                laxer |= is < was;
            }
        }
        self.locked_out.add(locked, named);
        self.enrol_after_grace.add(later && !locked, named);
        self.weakened.add(laxer, named);
        self.strengthened.add(stricter, named);
    }
}

/// What `org` demands of `user` at `at`.
pub(super) fn answer(user: &User, id: &OrgId, org: &Org, at: Time) -> Requirement {
    decide(&Question { user, org_id: id, org, service: None, at }).requirement
}

/// When the grace that `org` gives to `user` ends, if it is after `now`.
pub(super) fn grace_end(user: &User, id: &OrgId, org: &Org, now: Time) -> Option<Time> {
    grace_deadline(org, user.memberships.get(id)?).filter(|end| *end > now)
}

/// The instants at which a change of an org or of its members shows: now, and every start of
/// enforcement to come.
pub(super) fn instants<'a>(now: Time, orgs: impl IntoIterator<Item = &'a Org>) -> Vec<Time> {
    let starts = orgs.into_iter().filter_map(|org| org.enforcement.start());
    let mut instants: Vec<Time> = starts.filter(|start| *start > now).chain([now]).collect();
    instants.sort_unstable();
    instants.dedup();
    instants
}
