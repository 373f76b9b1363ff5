//! Guards: limits in the configuration, so that no merge request can do more harm than
//! somebody agreed to. Only `max_removals` applies without being set.

use std::collections::BTreeSet;
use std::fmt;

use serde::{Deserialize, Deserializer, Serialize};
use serde_json::Value;

use super::{ChangeClass, ChangeRow, Plan};
use crate::domain::ids::OrgId;
use crate::domain::model::Enforcement;
use crate::domain::time::Time;

/// A percentage stops nothing up to this many changes.
pub const FEW_CHANGES: u64 = 10;

/// How many memberships may end unless the owner of the state says otherwise.
const MAX_REMOVALS: Limit = Limit::Percent(30);

/// A percentage of memberships stops nothing in an org with up to this many members.
const FEW_MEMBERS: u64 = 10;

/// The section `[guard]` of the configuration.
#[derive(Debug, Clone, PartialEq, Eq, Default, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Guards {
    /// How many changes: a number for the whole plan, or a percentage of each org's members.
    #[serde(default)]
    pub max_changes: Option<Limit>,
    /// How many weakenings: people whose answers become weaker, and changes that weaken without turning an answer.
    #[serde(default)]
    pub max_weaken: Option<u64>,
    /// How many people may have to enrol before they come in again.
    #[serde(default)]
    pub max_lock_out: Option<u64>,
    /// How many memberships may end: a number for the whole plan, or a percentage of each
    /// org's members. Where it is not set, `MAX_REMOVALS`.
    #[serde(default)]
    pub max_removals: Option<Limit>,
    /// Orgs whose enforcement may not end and not be put off.
    #[serde(default)]
    pub never_unenforce: BTreeSet<OrgId>,
    /// How many active admins of each org that is changed must have a second factor afterwards (or sign in through SSO).
    #[serde(default)]
    pub min_enrolled_admins: Option<u64>,
}

/// A number, or a percentage of the org's members.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Limit {
    /// A number.
    Count(u64),
    /// A percentage.
    Percent(u64),
}

impl fmt::Display for Limit {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Limit::Count(count) => write!(f, "{count}"),
            Limit::Percent(percent) => write!(f, "{percent}%"),
        }
    }
}

impl std::str::FromStr for Limit {
    type Err = String;

    fn from_str(text: &str) -> Result<Limit, String> {
        let (digits, limit): (&str, fn(u64) -> Limit) = match text.strip_suffix('%') {
            Some(digits) => (digits, Limit::Percent),
            None => (text, Limit::Count),
        };
        let number =
            digits.parse::<u64>().ok().filter(|_| digits.bytes().all(|b| b.is_ascii_digit()));
        number.map(limit).ok_or_else(|| format!("{text:?} is no limit: write 25 or \"25%\""))
    }
}

impl<'de> Deserialize<'de> for Limit {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Limit, D::Error> {
        #[derive(Deserialize)]
        #[serde(untagged)]
        enum Written {
            Number(u64),
            Text(String),
        }
        match Written::deserialize(deserializer)? {
            Written::Number(count) => Ok(Limit::Count(count)),
            Written::Text(text) => text.parse().map_err(serde::de::Error::custom),
        }
    }
}

/// How far the operator overrides each guard.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Overrides {
    /// `--allow-changes N`.
    pub changes: Option<u64>,
    /// `--allow-weaken N`.
    pub weaken: Option<u64>,
    /// `--allow-lock-out N`.
    pub lock_out: Option<u64>,
    /// `--allow-removals N`.
    pub removals: Option<u64>,
    /// `--allow-unenforce ORG`.
    pub unenforce: BTreeSet<OrgId>,
}

/// The figures of one org.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct OrgFigures {
    /// Members before the plan.
    pub members: u64,
    /// Changes of the plan.
    pub changes: u64,
    /// Memberships that end.
    pub removals: u64,
    /// Active admins with a second factor (or SSO), after the plan.
    pub enrolled_admins: u64,
    /// In words, if enforcement ends or is put off: `off`, or its new start.
    pub un_enforced: Option<String>,
}

/// A guard, by its name in the configuration.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Guard {
    /// How many changes.
    MaxChanges,
    /// How many weakenings.
    MaxWeaken,
    /// How many people have to enrol.
    MaxLockOut,
    /// How many memberships end.
    MaxRemovals,
    /// Whether an org stops enforcing MFA.
    NeverUnenforce,
    /// How many admins of an org have a second factor.
    MinEnrolledAdmins,
}

impl fmt::Display for Guard {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.serialize(f)
    }
}

/// A guard whose limit the plan exceeds.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Stop {
    /// The guard.
    pub guard: Guard,
    /// The org, where the guard looks at one.
    pub org: Option<OrgId>,
    /// The limit.
    pub limit: Value,
    /// The figure.
    pub value: Value,
    /// The option that lets it pass, if there is one.
    #[serde(skip)]
    pub allow: Option<String>,
}

/// The guards that the plan exceeds.
#[derive(Debug, Clone, PartialEq, Default)]
pub struct GuardVerdict {
    /// Those that stop the plan.
    pub stops: Vec<Stop>,
    /// Those that were overridden, which is recorded.
    pub overridden: Vec<Stop>,
}

/// In words, what becomes of enforcement if it ends or starts later than before.
pub(super) fn later_start(before: &Enforcement, after: &Enforcement, now: Time) -> Option<String> {
    let was = before.start()?.max(now);
    match after.start() {
        None => Some("off".to_owned()),
        Some(is) if is > was => Some(format!("from {is}")),
        Some(_) => None,
    }
}

impl Guards {
    /// Compares the figures of `plan` with the limits.
    pub fn judge(&self, plan: &Plan, overrides: &Overrides) -> GuardVerdict {
        let mut verdict = GuardVerdict::default();
        if plan.is_empty() {
            return verdict;
        }
        self.changes(plan, overrides.changes, &mut verdict);
        let people = |count: fn(&ChangeRow) -> u64| plan.changes.iter().map(count).sum::<u64>();
        let weaken = people(|row| match row.class {
            ChangeClass::Weaken => row.people.weakened.count.max(1),
            _ => row.people.weakened.count,
        });
        let lock_out = people(|row| row.people.locked_out.count);
        for (guard, option, limit, allowed, value) in [
            (Guard::MaxWeaken, "--allow-weaken", self.max_weaken, overrides.weaken, weaken),
            (
                Guard::MaxLockOut,
                "--allow-lock-out",
                self.max_lock_out,
                overrides.lock_out,
                lock_out,
            ),
        ] {
            if let Some(limit) = limit.filter(|limit| value > *limit) {
                verdict.count(guard, None, limit.into(), value, (option, value, allowed));
            }
        }
        self.removals(plan, overrides.removals, &mut verdict);
        self.by_org(plan, overrides, &mut verdict);
        verdict
    }

    fn changes(&self, plan: &Plan, allowed: Option<u64>, verdict: &mut GuardVerdict) {
        let (guard, option) = (Guard::MaxChanges, "--allow-changes");
        let all = plan.changes.len() as u64;
        match self.max_changes {
            Some(Limit::Count(limit)) if all > limit => {
                verdict.count(guard, None, limit.into(), all, (option, all, allowed));
            }
            Some(limit @ Limit::Percent(percent)) => {
                let people = plan.changes.iter().filter(|row| row.org.is_none()).count() as u64;
                let orgs = plan.orgs.iter().map(|(id, f)| (Some(id), f.changes, f.members));
                for (org, value, of) in orgs.chain([(None, people, plan.looked_at)]) {
                    if value > FEW_CHANGES && exceeds(value, of, percent) {
                        let limit = format!("{limit} of {of}").into();
                        verdict.count(guard, org, limit, value, (option, value, allowed));
                    }
                }
            }
            _ => {}
        }
    }

    fn removals(&self, plan: &Plan, allowed: Option<u64>, verdict: &mut GuardVerdict) {
        let (guard, option) = (Guard::MaxRemovals, "--allow-removals");
        let all: u64 = plan.orgs.values().map(|figures| figures.removals).sum();
        // The option counts the memberships of all orgs.
        let allow = (option, all, allowed);
        match self.max_removals.unwrap_or(MAX_REMOVALS) {
            Limit::Count(limit) if all > limit => {
                verdict.count(guard, None, limit.into(), all, allow);
            }
            Limit::Count(_) => {}
            limit @ Limit::Percent(percent) => {
                for (org, figures) in &plan.orgs {
                    let (value, of) = (figures.removals, figures.members);
                    if of > FEW_MEMBERS && exceeds(value, of, percent) {
                        let limit = format!("{limit} of {of}").into();
                        verdict.count(guard, Some(org), limit, value, allow);
                    }
                }
            }
        }
    }

    fn by_org(&self, plan: &Plan, overrides: &Overrides, verdict: &mut GuardVerdict) {
        for (id, figures) in &plan.orgs {
            let org = Some(id.clone());
            let never = self.never_unenforce.contains(id);
            if let Some(after) = figures.un_enforced.as_ref().filter(|_| never) {
                let (limit, value) = ("on".into(), after.as_str().into());
                let allow = Some(format!("--allow-unenforce {id}"));
                let stop =
                    Stop { guard: Guard::NeverUnenforce, org: org.clone(), limit, value, allow };
                verdict.add(stop, overrides.unenforce.contains(id));
            }
            let least = self.min_enrolled_admins.filter(|least| figures.enrolled_admins < *least);
            if let Some(least) = least.filter(|_| figures.changes > 0) {
                let (limit, value) = (least.into(), figures.enrolled_admins.into());
                let stop = Stop { guard: Guard::MinEnrolledAdmins, org, limit, value, allow: None };
                verdict.add(stop, false);
            }
        }
    }
}

fn exceeds(value: u64, of: u64, percent: u64) -> bool {
    value.saturating_mul(100) > of.saturating_mul(percent)
}

impl GuardVerdict {
    fn add(&mut self, stop: Stop, overridden: bool) {
        if overridden { self.overridden.push(stop) } else { self.stops.push(stop) }
    }

    /// Adds a guard that counts, with the option that lets it pass, the number that the option
    /// needs and the one that was given.
    fn count(
        &mut self,
        guard: Guard,
        org: Option<&OrgId>,
        limit: Value,
        value: u64,
        (option, needed, allowed): (&str, u64, Option<u64>),
    ) {
        let allow = Some(format!("{option} {needed}"));
        let stop = Stop { guard, org: org.cloned(), limit, value: value.into(), allow };
        self.add(stop, allowed.is_some_and(|allowed| needed <= allowed));
    }
}
