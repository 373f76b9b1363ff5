//! Drift: what was changed by hand since a policy was last applied to an org or to people, by
//! whom and when. It is the plan of the policy as it was applied, read the other way round.

use std::collections::{BTreeMap, HashMap, HashSet};
use std::sync::Arc;

use serde::Serialize;
use serde_json::Value;

use super::applied_format;
use super::model::Policy;
use super::plan::{
    Action, ChangeRow, Facts, GuardVerdict, PlanError, PlanOptions, PlanReport, plan,
};
use super::problem::{Located, Place};
use crate::domain::change::Context;
use crate::domain::ids::{Login, OrgId, UserId};
use crate::domain::model::{Org, PolicyOf};
use crate::domain::rights::Actor;
use crate::domain::time::Time;

/// One thing that is not as it was applied.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct Drifted {
    /// The org; null for what is owned of people, whatever their orgs.
    pub org: Option<OrgId>,
    /// The org or the login that it is about.
    pub subject: String,
    /// The fields as they were applied; null: it was not to be there.
    pub applied: Value,
    /// The fields as they are; null: it is not there.
    pub now: Value,
    /// Who changed it last, if the audit log has it.
    pub changed: Option<Changed>,
    /// When the policy was applied.
    pub applied_at: Time,
    /// By which operator.
    pub applied_by: String,
}

/// A record of the audit log.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Changed {
    /// The revision.
    pub rev: u64,
    /// When.
    pub at: Time,
    /// The operator.
    pub by: String,
    /// The act.
    pub action: String,
    /// Why.
    pub message: Option<String>,
}

/// One object of a record of the audit log.
#[derive(Debug, Clone)]
pub struct Touch<'a> {
    /// The record.
    pub record: &'a Changed,
    /// The kind of object; only `user` and `org` matter.
    pub object: &'a str,
    /// Its key: the login, or the org's id.
    pub key: &'a str,
    /// The fields that changed, after, as a merge patch.
    pub after: &'a Value,
}

/// What was found.
#[derive(Debug, Clone, PartialEq, Default)]
pub struct Drift {
    /// What is not as it was applied, by org, people last.
    pub rows: Vec<Drifted>,
    /// Policies whose record is incomplete, so that their drift is not known.
    pub damaged: Vec<PolicyOf>,
}

/// The drift of every org of `orgs` that a policy was applied to, by org, and that
/// of people where `with_people`, last.
///
/// # Errors
/// Where the state cannot be read.
pub fn drift<F: Facts>(
    orgs: &BTreeMap<OrgId, Org>,
    with_people: bool,
    facts: &mut F,
    now: Time,
) -> Result<Drift, F::Error> {
    let place = Place { file: Arc::from("applied"), line: 0, column: 0 };
    let mut policy = Policy::default();
    let (mut heads, mut damaged) = (BTreeMap::new(), Vec::new());
    for (id, org) in orgs {
        let Some(kept) = &org.policy else { continue };
        let of = PolicyOf::Org(id.clone());
        let members = facts.owned(&of)?;
        if applied_format::digest(&kept.fields, &members) != kept.digest {
            damaged.push(of);
        }
        let applied = applied_format::policy(&kept.fields, &members, &place);
        policy.orgs.insert(id.clone(), Located::new(applied, place.clone()));
        heads.insert(Some(id.clone()), (kept.at, kept.by.clone()));
    }
    if with_people {
        let mut entries = facts.owned(&PolicyOf::People)?;
        if let Some(head) =
            entries.remove(PolicyOf::HEAD).and_then(|text| applied_format::head(&text))
        {
            heads.insert(None, head);
            policy.users = applied_format::read_users(&entries, &place);
        }
    }
    let context = Context { actor: Actor::Root, now, clock: now, message: None };
    let mut nobody = |login: &Login| stand_in(login);
    let options =
        PlanOptions { create_users: Some(&mut nobody), create_orgs: false, keep_refused: true };
    let mut plan = match plan(&policy, facts, &context, options) {
        Ok(plan) => plan,
        Err(PlanError::Facts(error)) => return Err(error),
        Err(PlanError::Refused(_)) => return Ok(Drift { rows: Vec::new(), damaged }),
    };
    let rows = PlanReport::new(&mut plan, &GuardVerdict::default()).changes;
    // Somebody who does not exist has no setting either.
    let gone: HashSet<String> = rows
        .iter()
        .filter(|row| row.action == Action::UserAdd)
        .map(|row| row.subject.clone())
        .collect();
    let said = |row: &ChangeRow| row.action == Action::UserSetMfa && gone.contains(&row.subject);
    let rows = rows.into_iter().filter(|row| !said(row));
    Ok(Drift { rows: rows.filter_map(|row| drifted(row, &heads)).collect(), damaged })
}

/// An id for somebody who no longer exists; it is never written.
fn stand_in(login: &Login) -> UserId {
    let fits = |c: &char| c.is_ascii_alphanumeric() || "._-".contains(*c);
    let plain: String = login.as_str().chars().filter(fits).take(60).collect();
    UserId::parse(&plain).unwrap_or_else(|_| UserId::parse("x").expect("a letter is an id"))
}

fn drifted(row: ChangeRow, heads: &BTreeMap<Option<OrgId>, (Time, String)>) -> Option<Drifted> {
    let (applied_at, applied_by) = heads.get(&row.org)?.clone();
    Some(Drifted {
        org: row.org,
        subject: row.subject,
        applied: Arc::unwrap_or_clone(row.after),
        now: Arc::unwrap_or_clone(row.before),
        changed: None,
        applied_at,
        applied_by,
    })
}

/// Finds who changed what: shown every object of the audit log, newest first.
#[derive(Debug)]
pub struct Blame {
    drifted: Vec<Drifted>,
    /// The indexes of those whose change is not found yet, by subject.
    open: HashMap<String, Vec<usize>>,
}

impl Blame {
    /// Starts with nobody found.
    pub fn new(drifted: Vec<Drifted>) -> Blame {
        let mut open: HashMap<String, Vec<usize>> = HashMap::new();
        for (number, one) in drifted.iter().enumerate() {
            open.entry(one.subject.clone()).or_default().push(number);
        }
        Blame { drifted, open }
    }

    /// Whether everything has been found, or the rest was changed before the
    /// policy was applied: then no older record needs to be shown.
    pub fn is_done(&self, at: Time) -> bool {
        self.open.values().flatten().all(|number| self.drifted[*number].applied_at > at)
    }

    /// Shows one object of a record.
    pub fn show(&mut self, touch: &Touch<'_>) {
        let Some(open) = self.open.get_mut(touch.key) else { return };
        open.retain(|number| {
            let found = touches(&self.drifted[*number], touch);
            if found {
                self.drifted[*number].changed = Some(touch.record.clone());
            }
            !found
        });
    }

    /// The drift, with whoever was found.
    pub fn into_drift(self) -> Vec<Drifted> {
        self.drifted
    }
}

/// Whether the object of a record is what drifted.
fn touches(drifted: &Drifted, touch: &Touch<'_>) -> bool {
    let is_org = drifted.org.as_ref().is_some_and(|org| org.as_str() == drifted.subject);
    match touch.object {
        "org" if is_org && touch.key == drifted.subject => {
            let fields = drifted.applied.as_object().into_iter().flat_map(|fields| fields.keys());
            touch.after.is_null() || fields.into_iter().any(|key| mentions(touch.after, key))
        }
        "user" if !is_org && touch.key == drifted.subject => {
            touch.after.is_null()
                || match &drifted.org {
                    Some(org) => {
                        turns_membership(&touch.after["memberships"], org.as_str(), drifted)
                    }
                    None => touch.after.get("mfa").is_some(),
                }
        }
        _ => false,
    }
}

/// Whether a merge patch of somebody's memberships changes what drifted.
fn turns_membership(after: &Value, org: &str, drifted: &Drifted) -> bool {
    match after.as_object().and_then(|memberships| memberships.get(org)) {
        None => false,
        Some(Value::Object(fields)) if !drifted.now.is_null() && !drifted.applied.is_null() => {
            let wanted = drifted.applied.as_object();
            wanted.into_iter().flatten().any(|(key, _)| fields.contains_key(key))
        }
        Some(_) => true,
    }
}

/// Whether a merge patch of an org changes a field, by the plan's name of it.
fn mentions(after: &Value, field: &str) -> bool {
    let there =
        |value: &Value, key: &str| value.as_object().is_some_and(|map| map.contains_key(key));
    match field {
        "from" => there(after, "enforcement"),
        "short_max" | "long_max" | "short_per_30_days" | "approval" => {
            there(&after["exceptions"], field)
                || after.get("exceptions").is_some_and(Value::is_null)
        }
        _ => there(after, field),
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::super::plan::memory::World;
    use super::super::plan::test_support::{context, org, policy_of, user};
    use super::*;
    use crate::domain::model::{OptOutPolicy, Role};

    fn applied() -> World {
        let mut world = World::default();
        world.orgs.insert(OrgId::parse("acme").unwrap(), org());
        for login in ["alice", "bob", "carol"] {
            let member = user(login, &[("acme", Role::Member)], true);
            world.users.insert(Login::parse(login).unwrap(), member);
        }
        let policy = policy_of(&[
            "org: acme\nopt_out: deny\nmembers: {alice: {role: admin}, bob: {opt_out: none}, carol: {}}\n",
        ]);
        let options = PlanOptions { create_users: None, create_orgs: false, keep_refused: false };
        let plan = plan(&policy, &mut world.clone(), &context(), options).unwrap();
        world.commit(&plan);
        world
    }

    fn found(world: &World) -> Vec<Drifted> {
        drift(&world.orgs, true, &mut world.clone(), context().now).unwrap().rows
    }

    #[test]
    fn what_was_applied_has_not_drifted() {
        assert_eq!(found(&applied()), []);
    }

    #[test]
    fn what_was_changed_by_hand_is_found_with_who_did_it() {
        let mut world = applied();
        let acme = world.orgs.get_mut("acme").unwrap();
        (acme.opt_out, acme.grace_days) = (OptOutPolicy::Allow, 90);
        let alice = world.users.get_mut("alice").unwrap();
        alice.memberships.get_mut("acme").unwrap().role = Role::Member;
        world.users.remove("carol");
        let drifted = found(&world);
        let subjects: Vec<&str> = drifted.iter().map(|one| one.subject.as_str()).collect();
        assert_eq!(subjects, ["acme", "alice", "carol"]);
        assert_eq!(drifted[0].now, json!({"opt_out": "allow"}));
        assert_eq!(drifted[0].applied, json!({"opt_out": "deny"}));

        let record = |rev, by: &str| Changed {
            rev,
            at: context().now,
            by: by.to_owned(),
            action: "x.y".to_owned(),
            message: None,
        };
        let mut blame = Blame::new(drifted);
        for (record, object, key, after) in [
            (record(9, "z"), "org", "acme", json!({"grace_days": 90})),
            (record(8, "y"), "org", "acme", json!({"opt_out": "allow"})),
            (record(7, "x"), "user", "alice", json!({"memberships": {"acme": {"opt_out": null}}})),
            (record(6, "w"), "user", "alice", json!({"memberships": {"acme": {"role": "member"}}})),
            (record(5, "v"), "user", "carol", json!(null)),
        ] {
            blame.show(&Touch { record: &record, object, key, after: &after });
        }
        assert!(blame.is_done(context().now));
        let who: Vec<u64> =
            blame.into_drift().into_iter().map(|one| one.changed.unwrap().rev).collect();
        assert_eq!(who, [8, 6, 5]);
    }
}
