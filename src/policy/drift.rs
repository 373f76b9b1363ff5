//! Drift: what was changed by hand away from the policy that was last applied to
//! an org, by whom and when, so that it can become a merge request. It is the
//! plan of the kept policy, read the other way round.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;

use serde::Serialize;
use serde_json::Value;

use super::model::Policy;
use super::owned;
use super::plan::{ChangeRow, Facts, Options, PlanError, plan};
use super::problem::{Located, Place};
use crate::domain::change::Context;
use crate::domain::ids::{Login, OrgId, UserId};
use crate::domain::model::Org;
use crate::domain::rights::Actor;
use crate::domain::time::Time;

/// One thing that is not as it was applied.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct Drifted {
    /// The org.
    pub org: String,
    /// The org or the login that it is about.
    pub subject: String,
    /// The fields as they were applied; null: it was not to be there.
    pub applied: Value,
    /// The fields as they are; null: it is not there.
    pub now: Value,
    /// Who changed it last, as far as the audit log tells.
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
    /// `user` or `org`; others are of no interest.
    pub object: &'a str,
    /// Its key: the login, or the org's id.
    pub key: &'a str,
    /// The fields that changed, after, as a merge patch.
    pub after: &'a Value,
}

/// The drift of every org of `orgs` that a policy was applied to, by org.
///
/// # Errors
/// Where the state cannot be read.
pub fn drift<F: Facts>(
    orgs: &BTreeMap<OrgId, Org>,
    facts: &mut F,
    now: Time,
) -> Result<Vec<Drifted>, F::Error> {
    let place = Place { file: Arc::from("applied"), line: 0, column: 0 };
    let applied = |org: &Org| {
        let kept = org.policy.as_ref()?;
        Some(Located::new(owned::policy(&kept.fields, &place), place.clone()))
    };
    let kept: BTreeMap<_, _> =
        orgs.iter().filter_map(|(id, org)| Some((id.clone(), applied(org)?))).collect();
    let policy = Policy { orgs: kept, users: BTreeMap::new() };
    let context = Context { actor: Actor::Root, now, clock: now, message: None };
    let mut nobody = |login: &Login| stand_in(login);
    let options =
        Options { create_users: Some(&mut nobody), create_orgs: false, keep_refused: true };
    let plan = match plan(&policy, facts, &context, options) {
        Ok(plan) => plan,
        Err(PlanError::Facts(error)) => return Err(error),
        Err(PlanError::Refused(_)) => return Ok(Vec::new()),
    };
    let rows = plan.in_order().into_iter().map(ChangeRow::from);
    Ok(rows.filter_map(|row| drifted(row, orgs)).collect())
}

/// An id for somebody who is not there any more; it is never kept.
fn stand_in(login: &Login) -> UserId {
    let fits = |c: &char| c.is_ascii_alphanumeric() || "._-".contains(*c);
    let plain: String = login.as_str().chars().filter(fits).take(60).collect();
    UserId::parse(&plain).unwrap_or_else(|_| UserId::parse("x").expect("a letter is an id"))
}

fn drifted(row: ChangeRow, orgs: &BTreeMap<OrgId, Org>) -> Option<Drifted> {
    let org = row.org?;
    let kept = orgs.get(org.as_str())?.policy.as_ref()?;
    Some(Drifted {
        subject: row.subject,
        applied: row.after,
        now: row.before,
        changed: None,
        applied_at: kept.at,
        applied_by: kept.by.clone(),
        org,
    })
}

/// Finds who changed what: shown every object of the audit log, newest first.
#[derive(Debug)]
pub struct Blame {
    drifted: Vec<Drifted>,
    open: BTreeSet<usize>,
}

impl Blame {
    /// Nobody is found yet.
    pub fn new(drifted: Vec<Drifted>) -> Blame {
        let open = (0..drifted.len()).collect();
        Blame { drifted, open }
    }

    /// Whether everything has been found, or the rest was changed before the
    /// policy was applied: then no older record needs to be shown.
    pub fn is_done(&self, at: Time) -> bool {
        self.open.iter().all(|number| self.drifted[*number].applied_at > at)
    }

    /// Shows one object of a record.
    pub fn show(&mut self, touch: &Touch<'_>) {
        let found: Vec<usize> =
            self.open.iter().copied().filter(|n| touches(&self.drifted[*n], touch)).collect();
        for number in found {
            self.drifted[number].changed = Some(touch.record.clone());
            self.open.remove(&number);
        }
    }

    /// The drift, with whoever was found.
    pub fn into_drift(self) -> Vec<Drifted> {
        self.drifted
    }
}

/// Whether the object of a record is what drifted.
fn touches(drifted: &Drifted, touch: &Touch<'_>) -> bool {
    let is_org = drifted.subject == drifted.org;
    match touch.object {
        "org" if is_org && touch.key == drifted.org => {
            let fields = drifted.applied.as_object().into_iter().flat_map(|fields| fields.keys());
            touch.after.is_null() || fields.into_iter().any(|key| mentions(touch.after, key))
        }
        "user" if !is_org && touch.key == drifted.subject => {
            touch.after.is_null() || !touch.after["memberships"][&drifted.org].is_absent(touch, drifted)
        }
        _ => false,
    }
}

/// Whether a merge patch of an org changes a field, by the plan's name of it.
fn mentions(after: &Value, field: &str) -> bool {
    let there = |value: &Value, key: &str| value.as_object().is_some_and(|map| map.contains_key(key));
    match field {
        "from" => there(after, "enforcement"),
        "short_max" | "long_max" | "short_per_30_days" | "approval" => {
            there(&after["exceptions"], field) || after.get("exceptions").is_some_and(Value::is_null)
        }
        _ => there(after, field),
    }
}

trait Absent {
    fn is_absent(&self, touch: &Touch<'_>, drifted: &Drifted) -> bool;
}

impl Absent for Value {
    /// A `null` that stands in the patch says that the membership went; one that does not is none.
    fn is_absent(&self, touch: &Touch<'_>, drifted: &Drifted) -> bool {
        let stands = touch.after["memberships"]
            .as_object()
            .is_some_and(|memberships| memberships.contains_key(&drifted.org));
        self.is_null() && !stands
    }
}
