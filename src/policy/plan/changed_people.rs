//! What is made of people: the changes, and who changes.

use std::collections::{BTreeMap, HashSet};
use std::sync::Arc;

use crate::parallel::prelude::*;

use super::PlanStep;
use crate::domain::ids::{Login, OrgId};
use crate::domain::model::User;
use crate::parallel::MANY;

/// Into how many parts many are divided: more than there are processors on most machines.
const PARTS: usize = 64;

/// Somebody whom the plan changes.
pub(super) struct First {
    /// As the person was before.
    pub(super) before: Option<Arc<User>>,
    /// The order of the tightest change.
    pub(super) order: u8,
}

/// People whom the plan changes.
pub(super) type Firsts = BTreeMap<Login, First>;

/// The changes of people that are made.
#[derive(Default)]
pub(super) struct MadePeople {
    pub(super) steps: Vec<PlanStep>,
    pub(super) firsts: Firsts,
}

impl MadePeople {
    /// Adds people as they were before a change, with its order.
    pub(super) fn add(&mut self, firsts: Vec<(Login, First)>) {
        if self.firsts.is_empty() {
            // In order, as a rule: nobody is looked for.
            self.firsts = firsts.into_iter().collect();
            return;
        }
        for (login, later) in firsts {
            let order = later.order;
            let first = self.firsts.entry(login).or_insert(later);
            first.order = first.order.min(order);
        }
    }
}

/// The orgs of people before they are changed: named often, each once here.
pub(super) fn orgs_of(firsts: &Firsts) -> HashSet<&OrgId> {
    let people: Vec<&User> = firsts.values().filter_map(|first| first.before.as_deref()).collect();
    let orgs = people.par_chunks(people.len().div_ceil(PARTS).max(MANY)).map(|people| {
        people.iter().flat_map(|user| user.memberships.keys()).collect::<HashSet<_>>()
    });
    orgs.reduce(HashSet::new, |some, others| {
        let (mut more, fewer) =
            if some.len() < others.len() { (others, some) } else { (some, others) };
        more.extend(fewer);
        more
    })
}
