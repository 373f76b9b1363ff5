//! Guards: limits that the state's owner sets, so that no merge request can do
//! more harm than somebody agreed to. One that is not set is not applied, but for
//! `max_removals`.

use std::collections::BTreeSet;

use serde::{Deserialize, Deserializer};
use serde_json::Value;

use super::{Plan, report::GuardRow};
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
    /// So many.
    Count(u64),
    /// So many in a hundred.
    Percent(u64),
}

impl std::fmt::Display for Limit {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
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

/// What the person who applies takes upon themselves, each counted.
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
    /// Whether enforcement ends or is put off: then what becomes of it, in words.
    pub un_enforced: Option<String>,
}

/// A guard whose limit the plan passes.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Stop {
    /// The name in the configuration.
    pub guard: &'static str,
    /// The org, where the guard looks at one.
    pub org: Option<OrgId>,
    /// The limit.
    pub limit: Value,
    /// The figure.
    pub value: Value,
    /// The option that would let it pass, if one does.
    pub allow: Option<String>,
}

impl Stop {
    /// As output knows it.
    pub fn row(&self) -> GuardRow {
        GuardRow {
            guard: self.guard.to_owned(),
            org: self.org.as_ref().map(ToString::to_string),
            limit: self.limit.clone(),
            value: self.value.clone(),
        }
    }

    /// In one sentence.
    pub fn words(&self) -> String {
        let plain = |value: &Value| value.as_str().map_or_else(|| value.to_string(), str::to_owned);
        let org = self.org.as_ref().map_or(String::new(), |org| format!(" in {org}"));
        let (value, limit) = (plain(&self.value), plain(&self.limit));
        format!("the guard {} stops the plan{org}: {value}, and the limit is {limit}", self.guard)
    }
}

/// What the guards say.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct GuardVerdict {
    /// These stop the plan.
    pub stops: Vec<Stop>,
    /// These would, but were overridden; to be recorded.
    pub overridden: Vec<Stop>,
}

/// What becomes of enforcement where it ends or begins later than before, in words.
pub(super) fn later_start(before: &Enforcement, after: &Enforcement, now: Time) -> Option<String> {
    let was = before.start()?.max(now);
    match after.start() {
        None => Some("off".to_owned()),
        Some(is) if is > was => Some(format!("from {is}")),
        Some(_) => None,
    }
}

impl Guards {
    /// Holds the figures of `plan` against the limits.
    pub fn judge(&self, plan: &Plan, overrides: &Overrides) -> GuardVerdict {
        let mut verdict = GuardVerdict::default();
        if plan.is_empty() {
            return verdict;
        }
        self.changes(plan, overrides, &mut verdict);
        let people = |count: fn(&super::PlanStep) -> u64| plan.steps.iter().map(count).sum::<u64>();
        let weaken = people(|step| match step.class {
            super::ChangeClass::Weaken => step.people.weakened.count.max(1),
            _ => step.people.weakened.count,
        });
        let lock_out = people(|step| step.people.locked_out.count);
        for (guard, option, limit, allowed, value) in [
            ("max_weaken", "--allow-weaken", self.max_weaken, overrides.weaken, weaken),
            ("max_lock_out", "--allow-lock-out", self.max_lock_out, overrides.lock_out, lock_out),
        ] {
            if let Some(limit) = limit.filter(|limit| value > *limit) {
                let stop = counted(guard, None, limit.into(), value, option);
                verdict.take(stop, allowed.is_some_and(|allowed| value <= allowed));
            }
        }
        self.removals(plan, overrides, &mut verdict);
        self.by_org(plan, overrides, &mut verdict);
        verdict
    }

    fn removals(&self, plan: &Plan, overrides: &Overrides, verdict: &mut GuardVerdict) {
        const GUARD: &str = "max_removals";
        let option = "--allow-removals";
        let all: u64 = plan.orgs.values().map(|figures| figures.removals).sum();
        let allowed = overrides.removals.is_some_and(|allowed| all <= allowed);
        match self.max_removals.unwrap_or(MAX_REMOVALS) {
            Limit::Count(limit) if all > limit => {
                verdict.take(counted(GUARD, None, limit.into(), all, option), allowed);
            }
            Limit::Count(_) => {}
            limit @ Limit::Percent(percent) => {
                for (org, figures) in &plan.orgs {
                    let (value, of) = (figures.removals, figures.members);
                    let many = value.saturating_mul(100) > of.saturating_mul(percent);
                    if many && of > FEW_MEMBERS {
                        let limit = format!("{limit} of {of}");
                        let mut stop = counted(GUARD, Some(org), limit.into(), value, option);
                        // The option counts the memberships of all orgs.
                        stop.allow = Some(format!("{option} {all}"));
                        verdict.take(stop, allowed);
                    }
                }
            }
        }
    }

    fn changes(&self, plan: &Plan, overrides: &Overrides, verdict: &mut GuardVerdict) {
        let allowed = |value| overrides.changes.is_some_and(|allowed| value <= allowed);
        let option = "--allow-changes";
        let all = plan.steps.len() as u64;
        match self.max_changes {
            Some(Limit::Count(limit)) if all > limit => {
                verdict.take(counted("max_changes", None, limit.into(), all, option), allowed(all));
            }
            Some(limit @ Limit::Percent(percent)) => {
                let people = plan.steps.iter().filter(|step| step.org.is_none()).count() as u64;
                let orgs = plan.orgs.iter().map(|(id, f)| (Some(id), f.changes, f.members));
                for (org, value, of) in orgs.chain([(None, people, plan.looked_at)]) {
                    if value > FEW_CHANGES && value.saturating_mul(100) > of.saturating_mul(percent)
                    {
                        let limit = format!("{limit} of {of}");
                        let stop = counted("max_changes", org, limit.into(), value, option);
                        verdict.take(stop, allowed(value));
                    }
                }
            }
            _ => {}
        }
    }

    fn by_org(&self, plan: &Plan, overrides: &Overrides, verdict: &mut GuardVerdict) {
        for (id, figures) in &plan.orgs {
            if let Some(after) =
                figures.un_enforced.as_ref().filter(|_| self.never_unenforce.contains(id))
            {
                let stop = Stop {
                    guard: "never_unenforce",
                    org: Some(id.clone()),
                    limit: "on".into(),
                    value: after.as_str().into(),
                    allow: Some(format!("--allow-unenforce {id}")),
                };
                verdict.take(stop, overrides.unenforce.contains(id));
            }
            let enough =
                self.min_enrolled_admins.is_none_or(|least| figures.enrolled_admins >= least);
            if figures.changes > 0 && !enough {
                let stop = Stop {
                    guard: "min_enrolled_admins",
                    org: Some(id.clone()),
                    limit: self.min_enrolled_admins.into(),
                    value: figures.enrolled_admins.into(),
                    allow: None,
                };
                verdict.take(stop, false);
            }
        }
    }
}

impl GuardVerdict {
    fn take(&mut self, stop: Stop, overridden: bool) {
        if overridden { self.overridden.push(stop) } else { self.stops.push(stop) }
    }
}

fn counted(
    guard: &'static str,
    org: Option<&OrgId>,
    limit: Value,
    value: u64,
    option: &str,
) -> Stop {
    Stop {
        guard,
        org: org.cloned(),
        limit,
        value: value.into(),
        allow: Some(format!("{option} {value}")),
    }
}
