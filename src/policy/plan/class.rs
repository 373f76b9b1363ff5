//! The class of a change: by the answers of those concerned; where none changes,
//! by the setting's direction.

use serde::{Deserialize, Serialize};

use crate::domain::decision::{Question, Requirement, decide};
use crate::domain::ids::OrgId;
use crate::domain::model::{Org, User};
use crate::domain::time::Time;

/// What a change does.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Class {
    /// Somebody's answer becomes `enrol`.
    LockOut,
    /// Asks for more.
    Strengthen,
    /// Changes no answer and has no direction.
    Neutral,
    /// Asks for less.
    Weaken,
}

impl Class {
    /// All of them, in the order of a plan.
    pub const ALL: [Class; 4] = [Class::LockOut, Class::Strengthen, Class::Neutral, Class::Weaken];

    /// The word in output.
    pub fn as_str(self) -> &'static str {
        match self {
            Class::LockOut => "lock-out",
            Class::Strengthen => "strengthen",
            Class::Neutral => "neutral",
            Class::Weaken => "weaken",
        }
    }

    /// Tightening first.
    pub(super) fn order(self) -> u8 {
        match self {
            Class::LockOut | Class::Strengthen => 0,
            Class::Neutral => 1,
            Class::Weaken => 2,
        }
    }
}

/// How many people's answers a change turns, and which way.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct People {
    /// To something stricter.
    pub strengthened: u64,
    /// To something less strict.
    pub weakened: u64,
    /// To `enrol`.
    pub locked_out: u64,
}

impl People {
    /// The class of a change that does this, whose setting points to `direction`.
    pub(super) fn class(self, direction: Class) -> Class {
        match self {
            People { locked_out: 1.., .. } => Class::LockOut,
            People { weakened: 1.., .. } => Class::Weaken,
            People { strengthened: 1.., .. } => Class::Strengthen,
            _ => direction,
        }
    }

    /// Counts one person, whose answers are given before and after at each instant and org concerned.
    pub(super) fn count(&mut self, answers: impl Iterator<Item = (Requirement, Requirement)>) {
        let (mut stricter, mut laxer, mut locked) = (false, false, false);
        for (was, is) in answers {
            locked |= is == Requirement::Enrol && was != is && was != Requirement::Denied;
            if let (Some(was), Some(is)) = (was.strictness(), is.strictness()) {
                stricter |= is > was;
                laxer |= is < was;
            }
        }
        self.locked_out += u64::from(locked);
        self.weakened += u64::from(laxer);
        self.strengthened += u64::from(stricter);
    }
}

/// What `org` demands of `user` at `at`.
pub(super) fn answer(user: &User, id: &OrgId, org: &Org, at: Time) -> Requirement {
    decide(&Question { user, org_id: id, org, service: None, at }).requirement
}

/// The instants at which a change of an org or of its members shows: now, and
/// where enforcement is to begin, its start.
pub(super) fn instants<'a>(now: Time, orgs: impl IntoIterator<Item = &'a Org>) -> Vec<Time> {
    let starts = orgs.into_iter().filter_map(|org| org.enforcement.start());
    let mut instants: Vec<Time> = starts.filter(|start| *start > now).chain([now]).collect();
    instants.sort_unstable();
    instants.dedup();
    instants
}
