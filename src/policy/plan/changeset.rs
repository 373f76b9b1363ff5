//! What is committed of a plan.

use std::collections::BTreeMap;

use crate::parallel::prelude::*;

use super::changed_people::{First, Firsts};
use super::{ChangeClass, PlanStep};
use crate::domain::ids::{Login, OrgId};
use crate::domain::model::Org;
use crate::domain::outcome::{Object, Outcome};
use crate::domain::scope::Scope;
use crate::parallel::MANY;

/// Every object once, before the first and after the last change of it, which is in
/// `scope`; what tightens first.
pub(super) fn objects(
    scope: &mut Scope,
    steps: &[PlanStep],
    orgs: BTreeMap<OrgId, Option<Org>>,
    firsts: Firsts,
    adoptions: Vec<Outcome>,
) -> Vec<Object> {
    let order = orders_of_orgs(steps);
    let mut objects: Vec<(u8, Object)> = Vec::new();
    for (id, before) in orgs {
        let after = scope.orgs.remove(&id).flatten();
        if before != after {
            let order = order.get(id.as_str()).copied().unwrap_or(ChangeClass::Neutral.order());
            objects.push((order, Object::org(&id, before.as_ref(), after)));
        }
    }
    // Both come by login.
    let mut lasts = std::mem::take(&mut scope.users).into_iter().peekable();
    let mut last = |login: &Login| {
        while lasts.next_if(|(other, _)| other < login).is_some() {}
        lasts.next_if(|(other, _)| other == login)?.1
    };
    let mut people = Vec::with_capacity(firsts.len());
    for (login, first) in firsts {
        let after = last(&login);
        people.push((login, first, after));
    }
    let object = |(login, First { before, order }, after): (Login, _, _)| {
        (before != after).then(|| (order, Object::User { login, before, after }))
    };
    if people.len() < MANY {
        objects.extend(people.into_iter().filter_map(object));
    } else {
        objects.par_extend(people.into_par_iter().filter_map(object));
    }
    let owned = adoptions.into_iter().flat_map(|outcome| outcome.objects);
    let owned = owned.filter(|object| matches!(object, Object::Owned { .. }));
    objects.extend(owned.map(|object| (ChangeClass::Neutral.order(), object)));
    objects.sort_by_key(|(order, _)| *order);
    objects.into_iter().map(|(_, object)| object).collect()
}

/// The order of each org that changes: that of the tightest change of it.
fn orders_of_orgs(steps: &[PlanStep]) -> BTreeMap<&str, u8> {
    let mut orders = BTreeMap::new();
    for step in steps.iter().filter(|step| step.is_of_org()) {
        let order = orders.entry(&*step.subject).or_insert(u8::MAX);
        *order = step.class.order().min(*order);
    }
    orders
}
