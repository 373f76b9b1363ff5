//! The laws for every state (see the decision's module), as properties over random
//! users, orgs, exceptions and instants.

use proptest::prelude::*;
use serde_json::{Value, json};

use super::kit::*;
use super::random::*;
use crate::domain::change::*;
use crate::domain::decision::{Decision, Question, Requirement, changes_at, decide};
use crate::domain::due;
use crate::domain::ids::Service;
use crate::domain::model::*;
use crate::domain::outcome::{difference, patch};
use crate::domain::time::Time;

/// How far instants go in random worlds.
const HORIZON: i64 = 40;

fn ask<T>(
    user: &User,
    org: &Org,
    service: Option<&str>,
    at: Time,
    answer: impl Fn(&Question<'_>) -> T,
) -> T {
    let (org_id, service): (_, Option<Service>) = (n("acme"), service.map(n));
    answer(&Question { user, org_id: &org_id, org, service: service.as_ref(), at })
}

fn at_acme(user: &User, org: &Org, service: Option<&str>, at: Time) -> Decision {
    ask(user, org, service, at, decide)
}

/// Every answer of a world: each user, each org, no service and one, at each instant
/// at which something may happen and the second before.
fn answers(world: &World) -> Vec<(String, Decision, Option<Time>)> {
    let mut all = Vec::new();
    for user in world.users.values() {
        for (org_id, org) in &world.orgs {
            for service in [None, Some(n::<Service>("portal"))] {
                for number in 0..HORIZON * 2 {
                    let at = day(number / 2).plus_seconds(-(number % 2));
                    let question = Question { user, org_id, org, service: service.as_ref(), at };
                    let name = format!("{} {org_id} {service:?} {at}", user.id);
                    all.push((name, decide(&question), changes_at(&question)));
                }
            }
        }
    }
    all
}

fn a_service() -> impl Strategy<Value = Option<&'static str>> {
    proptest::sample::select(vec![None, Some("portal"), Some("vpn")])
}

/// One more restriction, taken to hold from `at` at the latest.
fn restrict(which: u8, user: &mut User, org: &mut Org, at: Time) {
    let membership = user.memberships.get_mut("acme");
    match which {
        0 => {
            org.enforcement = enforcing(at).enforcement;
            org.grace_from = org.grace_from.or(Some(at));
        }
        1 => user.mfa = Switch::On,
        2 => {
            if let Some(membership) = membership {
                membership.opt_out = None;
            }
        }
        3 => {
            if let Some(first) = user.exceptions.get_mut(&1) {
                *first = ended(first.clone(), EndedHow::Revoked, at);
            }
        }
        _ => org.mandated_roles.extend(membership.map(|m| m.role)),
    }
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 512, failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn one_more_restriction_never_weakens_an_answer(
        user in a_user("u1"), org in an_org(), service in a_service(), at in 0..HORIZON, which in 0..5u8,
    ) {
        let at = day(at);
        let before = at_acme(&user, &org, service, at);
        let (mut user, mut org) = (user, org);
        restrict(which, &mut user, &mut org, at);
        let after = at_acme(&user, &org, service, at);
        match (before.requirement, before.requirement.strictness()) {
            (Requirement::Delegated, _) | (_, None) => prop_assert_eq!(before, after),
            (_, before) => prop_assert!(after.requirement.strictness() >= before, "{:?}", after),
        }
    }

    #[test]
    fn what_is_of_another_org_changes_nothing_here(
        user in a_user("u1"), other in a_user("u1"), org in an_org(), service in a_service(), at in 0..HORIZON,
    ) {
        let mut changed = user.clone();
        changed.memberships.retain(|org, _| *org == n("acme"));
        changed.memberships.extend(other.memberships.iter().filter(|(org, _)| **org != n("acme")).map(|(org, m)| (org.clone(), m.clone())));
        changed.exceptions.retain(|_, exception| exception.orgs.contains("acme"));
        let elsewhere = other.exceptions.into_values().filter(|e| !e.orgs.contains("acme"));
        changed.exceptions.extend((10..).zip(elsewhere));
        for exception in changed.exceptions.values_mut() {
            exception.orgs.insert(n("globex"));
        }
        let at = day(at);
        prop_assert_eq!(at_acme(&user, &org, service, at), at_acme(&changed, &org, service, at));
        prop_assert_eq!(ask(&user, &org, service, at, changes_at), ask(&changed, &org, service, at, changes_at));
    }

    #[test]
    fn the_answer_depends_on_nothing_recorded_for_later(
        user in a_user("u1"), org in an_org(), service in a_service(), at in 0..HORIZON, later in 1..9i64,
        exception in an_exception(), opt_out in an_opt_out(), which in 0..4u8,
    ) {
        let (now, then) = (day(at), day(at + later));
        let before = at_acme(&user, &org, service, now);
        let (mut user, mut org) = (user, org);
        match which {
            0 => {
                let length = exception.ends_at.map(|end| end.since(exception.starts_at));
                let ends_at = length.map(|length| then.plus(length));
                user.exceptions.insert(9, Exception { starts_at: then, ends_at, ..exception });
            }
            1 => {
                for exception in user.exceptions.values_mut().filter(|e| e.ended.is_none()) {
                    *exception = ended(exception.clone(), EndedHow::Revoked, then);
                }
            }
            2 => {
                let membership = user.memberships.get_mut("acme").filter(|m| m.opt_out.is_none());
                if let Some(membership) = membership {
                    membership.opt_out = Some(OptOut { at: then, ..opt_out }.into());
                }
            }
            _ if org.enforcement.state == Switch::Off => org.enforcement = enforcing(then).enforcement,
            _ => {}
        }
        prop_assert_eq!(before, at_acme(&user, &org, service, now));
    }

    #[test]
    fn changes_at_is_exact(user in a_user("u1"), org in an_org(), service in a_service(), at in 0..HORIZON) {
        let now = at_acme(&user, &org, service, day(at));
        let change = ask(&user, &org, service, day(at), changes_at);
        let same = |at| at_acme(&user, &org, service, at) == now;
        for later in at + 1..HORIZON + 10 {
            for instant in [day(later).plus_seconds(-1), day(later)] {
                let before = change.is_none_or(|change| instant < change);
                prop_assert!(!before || same(instant), "changed {instant}, before {change:?}");
            }
        }
        if let Some(change) = change {
            prop_assert!(change > day(at));
            prop_assert!(!same(change), "nothing changed at {change}");
            prop_assert!(same(change.plus_seconds(-1)));
        }
    }

    #[test]
    fn until_is_kept(user in a_user("u1"), org in an_org(), service in a_service(), at in 0..HORIZON) {
        let now = at_acme(&user, &org, service, day(at));
        let timed = matches!(now.requirement, Requirement::Exempt | Requirement::Grace);
        prop_assert!(timed || now.until.is_none());
        if let Some(until) = now.until {
            prop_assert!(until > day(at));
            prop_assert!(at_acme(&user, &org, service, until) != now);
        }
    }
}

fn values() -> impl Strategy<Value = Value> {
    let leaf = prop_oneof![
        any::<bool>().prop_map(Value::from),
        (0..3i64).prop_map(Value::from),
        "[ab]{0,2}".prop_map(Value::from),
    ];
    leaf.prop_recursive(3, 24, 3, |inner| {
        prop_oneof![
            proptest::collection::vec(inner.clone(), 0..3).prop_map(Value::from),
            proptest::collection::btree_map("[a-d]", inner, 0..4)
                .prop_map(|map| Value::Object(map.into_iter().collect())),
        ]
    })
}

fn patched(mut target: Value, with: &Value) -> Value {
    patch(&mut target, with);
    target
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 512, failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn differences_lead_there_and_back(a in values(), b in values()) {
        let (was, is) = difference(&a, &b);
        prop_assert_eq!(&patched(a.clone(), &is), &b);
        prop_assert_eq!(&patched(b, &was), &a);
    }

    #[test]
    fn differences_of_users_and_orgs_too(a in a_user("u1"), b in a_user("u2"), c in an_org(), d in an_org()) {
        for (a, b) in [(json!(a), json!(b)), (json!(c), json!(d)), (Value::Null, json!(c)), (json!(a), Value::Null)] {
            let (was, is) = difference(&a, &b);
            prop_assert_eq!(&patched(a.clone(), &is), &b);
            prop_assert_eq!(&patched(b, &was), &a);
        }
    }

    #[test]
    fn what_is_written_is_read_again(user in a_user("u1"), org in an_org()) {
        prop_assert_eq!(serde_json::from_value::<User>(json!(user)).unwrap(), user);
        prop_assert_eq!(serde_json::from_value::<Org>(json!(org)).unwrap(), org);
    }
}

/// What a change may touch: copies just that from `after` to `before`.
fn named(op: &Op, before: &mut World, after: &World) {
    let user = |before: &mut World, login: &str, copy: &dyn Fn(&mut User, &User)| {
        copy(before.user_mut(login), &after.users[login]);
    };
    let member = |before: &mut World,
                  login: &str,
                  org: &str,
                  copy: &dyn Fn(&mut Membership, &Membership)| {
        if let Some(membership) = after.users[login].memberships.get(org) {
            copy(before.membership_mut(login, org), membership);
        }
    };
    match op {
        Op::SetMfa(login, _) => user(before, login, &|b, a| {
            (b.mfa, b.mfa_set_by) = (a.mfa, a.mfa_set_by.clone());
        }),
        Op::OptOut(login, org, ..) | Op::OptIn(login, org) => {
            member(before, login, org, &|b, a| b.opt_out = a.opt_out.clone());
        }
        Op::SetRole(login, org, _) => member(before, login, org, &|b, a| b.role = a.role),
        Op::Join(login, org, _) | Op::Leave(login, org) => user(before, login, &|b, a| {
            b.memberships.remove(*org);
            b.left.remove(*org);
            let here = a.memberships.get_key_value(*org);
            b.memberships.extend(here.map(|(org, m)| (org.clone(), m.clone())));
            b.left.extend(a.left.get_key_value(*org).map(|(org, at)| (org.clone(), *at)));
        }),
        Op::Reset(login) | Op::External(login) | Op::Start(login) | Op::Confirm(login) => {
            user(before, login, &|b, a| b.enrolment = a.enrolment.clone());
        }
        Op::SetActive(login, _) => user(before, login, &|b, a| b.active = a.active),
        Op::Enforce(org, ..) => {
            let (b, a) = (before.org_mut(org), &after.orgs[*org]);
            b.enforcement = a.enforcement.clone();
            (b.grace_from, b.grace_days) = (a.grace_from, a.grace_days);
        }
        Op::EditOrg(org, ..) => {
            let (b, a) = (before.org_mut(org), &after.orgs[*org]);
            (b.opt_out, b.mandated_roles) = (a.opt_out, a.mandated_roles.clone());
            b.exceptions.approval = a.exceptions.approval;
        }
        Op::Grant(grant) => user(before, grant.user, &|b, a| {
            if let Some((number, new)) = a.exceptions.iter().next_back() {
                b.exceptions.insert(*number, new.clone());
            }
            for (number, old) in b.exceptions.iter_mut().filter(|_| grant.replace) {
                old.ended = a.exceptions[number].ended.clone();
            }
        }),
        Op::Approve(login, number) | Op::Reject(login, number) | Op::Revoke(login, number) => {
            user(before, login, &|b, a| {
                let exception = a.exceptions.get_key_value(number);
                b.exceptions.extend(exception.map(|(number, e)| (*number, e.clone())));
            });
        }
    }
}

/// Whether a change does anew what it did, each time it is made.
fn acts_each_time(op: &Op) -> bool {
    matches!(op, Op::Start(_) | Op::Grant(GrantOp { replace: true, .. }))
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 2_048, failure_persistence: None, ..ProptestConfig::default() })]

    /// Besides, the kit asserts after every refusal that the scope is as it was.
    #[test]
    fn a_repeated_change_changes_nothing(world in a_world(), op in an_op(), who in an_operator(), now in 0..12i64) {
        let change = op.change(now);
        let mut once = world;
        // Nobody joins later than now.
        for user in once.users.values_mut() {
            for membership in user.memberships.values_mut() {
                membership.joined_at = membership.joined_at.min(day(now));
            }
        }
        if once.run(who, day(now), &*change).is_ok() && !acts_each_time(&op) {
            let mut twice = once.clone();
            if let Ok(outcome) = twice.run(who, day(now), &*change) {
                prop_assert!(!outcome.changed(), "{}", outcome.summary);
            }
            prop_assert_eq!(once, twice);
        }
    }

    #[test]
    fn a_change_touches_only_what_it_names(world in a_world(), op in an_op(), who in an_operator(), now in 0..12i64) {
        let mut after = world.clone();
        match after.run(who, day(now), &*op.change(now)) {
            Ok(outcome) => {
                prop_assert_eq!(outcome.changed(), world != after || matches!(op, Op::Start(_)));
                let mut before = world;
                named(&op, &mut before, &after);
                prop_assert_eq!(before, after);
            }
            Err(_) => prop_assert_eq!(world, after),
        }
    }
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 64, failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn a_rename_keeps_every_answer(world in a_world()) {
        let before = answers(&world);
        let rename = RenameUser { from: n("alice"), to: n("alicia") };
        let mut after = world;
        after.run("root", day(0), &rename).unwrap();
        prop_assert!(after.users.contains_key("alicia") && !after.users.contains_key("alice"));
        prop_assert_eq!(before, answers(&after));
    }

    #[test]
    fn recording_ends_changes_no_answer(world in a_world(), now in 0..HORIZON) {
        let entries = world.users.iter().flat_map(|(login, user)| due::entries(login, user)).collect();
        let before = answers(&world);
        let mut after = world.clone();
        after.run("system", day(now), &Expire { entries }).unwrap();
        prop_assert_eq!(&world, &after);
        prop_assert_eq!(before, answers(&after));
    }

    /// By changes, as by the state: who is not opted out any more, say.
    #[test]
    fn a_change_concerns_the_answers_of_those_named_only(world in a_world(), op in an_op(), now in 0..12i64) {
        let login = match &op {
            Op::SetMfa(u, _) | Op::OptOut(u, ..) | Op::OptIn(u, _) | Op::Join(u, ..) | Op::Leave(u, _)
            | Op::SetRole(u, ..) | Op::Reset(u) | Op::External(u) | Op::Start(u) | Op::Confirm(u)
            | Op::SetActive(u, _) | Op::Approve(u, _) | Op::Reject(u, _) | Op::Revoke(u, _) => *u,
            Op::Grant(grant) => grant.user,
            Op::Enforce(..) | Op::EditOrg(..) => return Ok(()),
        };
        let id = format!("u-{login} ");
        let of_others = |world: &World| -> Vec<_> {
            answers(world).into_iter().filter(|(name, ..)| !name.starts_with(&id)).collect()
        };
        let mut after = world.clone();
        let _ = after.run("root", day(now), &*op.change(now));
        prop_assert_eq!(of_others(&world), of_others(&after));
    }
}
