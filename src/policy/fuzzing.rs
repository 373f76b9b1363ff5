//! What fuzzing does with a policy, a file of assertions and a saved plan.

use std::collections::{BTreeMap, BTreeSet};

use serde::de::DeserializeOwned;

use super::files::PolicySource;
use super::plan::memory::World;
use super::plan::{GuardVerdict, PlanOptions, PlanReport, SavedPlan, plan};
use super::problem::Problems;
use super::{assertions, read, render};
use crate::domain::change::Context;
use crate::domain::fuzzing::is_whole;
use crate::domain::ids::UserId;
use crate::domain::rights::Actor;
use crate::domain::time::Time;

/// Two orgs and two people, as a shard and the files of orgs hold them.
const ORGS: &str = r#"{
    "st-marys": {"enforcement": {"state": "off"}, "grace_days": 0, "opt_out": "allow"},
    "valley-gps": {"enforcement": {"state": "on", "from": "2026-11-01T00:00:00Z"}, "grace_days": 14, "opt_out": "deny"}
}"#;
const USERS: &str = r#"{
    "alice.jones": {"id": "u-alice", "sign_in": "password", "active": true, "mfa": "on", "memberships": {
        "st-marys": {"role": "admin", "joined_at": "2026-01-01T00:00:00Z"},
        "valley-gps": {"role": "member", "joined_at": "2026-01-01T00:00:00Z", "opt_out": {"by": "root", "at": "2026-01-02T00:00:00Z"}}}},
    "d.okafor": {"id": "u-d", "sign_in": "sso", "provider": "idp", "active": true, "mfa": "off", "memberships": {
        "st-marys": {"role": "member", "joined_at": "2026-01-01T00:00:00Z"}}}
}"#;

/// A policy: read, planned in a small state, and every problem printed in every form. A plan
/// that is committed leaves nothing to plan.
pub(crate) fn policy(data: &[u8]) {
    let mut problems = Problems::default();
    let source = PolicySource::new("policy.yaml", data.to_vec(), &mut problems);
    let Some(source) = source else { return shown(&problems) };
    match read::read(&[source], Problems::default()) {
        Ok(policy) => planned(&policy),
        Err(problems) => shown(&problems),
    }
}

fn planned(policy: &super::Policy) {
    let mut world = World { orgs: json(ORGS), users: json(USERS), ..World::default() };
    let now = Time::from_unix(1_796_000_000);
    let context = Context { actor: Actor::Root, now, clock: now, message: None };
    for round in 0..2 {
        let mut made = 0;
        let mut id = |_: &_| {
            made += 1;
            UserId::parse(&format!("u-{round}-{made}")).expect("a plain id")
        };
        let options =
            PlanOptions { create_users: Some(&mut id), create_orgs: true, keep_refused: false };
        let Ok(mut plan) = plan(policy, &mut world, &context, options) else {
            assert_eq!(round, 0, "what was just applied is not refused");
            return;
        };
        assert!(round == 0 || plan.changes.is_empty(), "{:?} is left to do", plan.changes);
        world.commit(&plan);
        let report = PlanReport::new(&mut plan, &GuardVerdict::default());
        let _ = (render::github::plan(&report), render::markdown::plan(&report));
        let _ = (render::junit::plan(&report), render::summary(&report));
        let saved = SavedPlan::new(report, &[]);
        assert_eq!(SavedPlan::read(&saved.text()), Ok(saved), "a saved plan is read again");
    }
}

fn json<K: DeserializeOwned + Ord, V: DeserializeOwned>(text: &str) -> BTreeMap<K, V> {
    serde_json::from_str(text).expect("plain data")
}

/// Every form in which problems are printed; each names a place in the file.
fn shown(problems: &Problems) {
    assert!(!problems.is_empty(), "what is refused has a reason");
    let _ = (problems.to_string(), render::github::problems(problems));
    let _ = (render::markdown::problems(problems), render::junit::problems(problems));
}

/// Assertions about a policy, tried on one that knows two orgs.
pub(crate) fn assertions(data: &[u8]) {
    const POLICY: &str = "version: 1\norg: st-marys\nenforcement: {state: on}\nmandated_roles: [admin]\nmembers:\n  alice.jones: {role: admin}\n  d.okafor: {role: member, opt_out: {until: 2027-01-31}}\n";
    let mut problems = Problems::default();
    let Some(source) = PolicySource::new("tests.yaml", data.to_vec(), &mut problems) else {
        return shown(&problems);
    };
    let own = PolicySource::new("policy.yaml", POLICY.into(), &mut problems).expect("plain text");
    let policy = read::read(&[own], problems).expect("a sound policy");
    match read::read_assertions(&[source], Problems::default()) {
        Err(problems) => shown(&problems),
        Ok(all) => match assertions::run(&policy, &all) {
            Err(problems) => shown(&problems),
            Ok(report) => {
                let names: BTreeSet<_> = all.iter().map(|one| &one.place).collect();
                assert_eq!(names.len(), report.tests.len(), "every assertion has its place");
                let _ = (render::github::tests(&report), render::markdown::tests(&report));
                let _ = render::junit::tests(&report);
            }
        },
    }
}

/// A plan that was kept for review, with the policy files in it.
pub(crate) fn saved_plan(data: &[u8]) {
    let Ok(text) = std::str::from_utf8(data) else { return };
    let Ok(saved) = SavedPlan::read(text) else { return };
    let whole = saved.plan.changes.iter().all(|row| is_whole(&row.before) && is_whole(&row.after));
    let again = SavedPlan::read(&saved.text());
    assert!(!whole || again.as_ref() == Ok(&saved), "what is written is read: {again:?}");
    let mut problems = Problems::default();
    let sources = saved.sources(&mut problems);
    if read::read(&sources, problems).is_err() {
        assert!(!sources.is_empty() || !saved.files.is_empty(), "an empty policy is read");
    }
    let report = &saved.plan;
    assert!(saved.stale(report).is_none(), "a plan is as it was reviewed");
    let _ = (render::github::plan(report), render::markdown::plan(report));
    let _ = (render::junit::plan(report), render::summary(report));
}
