//! A plan as the contract prints it: plain rows, from which every format is made.

use std::borrow::Cow;
use std::collections::BTreeMap;
use std::sync::Arc;

use crate::parallel::prelude::*;
use serde::{Deserialize, Serialize};
use serde_json::Value;

use super::{ChangeClass, GuardVerdict, People, Plan, PlanStep};
use crate::parallel::MANY;

/// `policy plan -o json`.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct PlanReport {
    /// The changes: by org, people last, what does most harm first.
    pub changes: Vec<ChangeRow>,
    /// How many of each class; every class is there.
    pub summary: BTreeMap<String, u64>,
    /// What the policy leaves alone.
    pub unmanaged: Unmanaged,
    /// The guards that stop the plan.
    pub guards: Vec<GuardRow>,
}

/// One change.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct ChangeRow {
    /// `lock-out`, `removal`, `weaken`, `strengthen` or `neutral`.
    pub class: ChangeClass,
    /// The act, `noun.verb`.
    pub action: Cow<'static, str>,
    /// The org or the login.
    pub subject: String,
    /// The org; null for what is decided of a whole account.
    pub org: Option<String>,
    /// The fields that change, before; null: it was not there.
    pub before: Arc<Value>,
    /// The fields that change, after; null: it goes.
    pub after: Arc<Value>,
    /// The line of the policy that wants it.
    pub source: SourceRow,
    /// Whose answers it turns.
    pub people: People,
}

impl ChangeRow {
    /// Whether both are the same operation of the same class; where the policy says so may differ.
    pub fn is_same(&self, other: &ChangeRow) -> bool {
        let ChangeRow { class, action, subject, org, before, after, source: _, people: _ } = self;
        (class, action, subject, org) == (&other.class, &other.action, &other.subject, &other.org)
            && (before, after) == (&other.before, &other.after)
    }
}

/// A line of a policy file.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct SourceRow {
    /// The file as it was named.
    pub file: Arc<str>,
    /// The line, from 1.
    pub line: u32,
}

/// What a policy leaves alone.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Unmanaged {
    /// Members of the orgs named whom no policy lists.
    pub members: u64,
    /// Settings of the orgs named that no policy sets.
    pub fields: u64,
}

/// A guard that stops a plan.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct GuardRow {
    /// The name in the configuration.
    pub guard: String,
    /// The org, where the guard looks at one.
    pub org: Option<String>,
    /// The limit.
    pub limit: Value,
    /// The figure.
    pub value: Value,
}

impl From<PlanStep> for ChangeRow {
    fn from(step: PlanStep) -> ChangeRow {
        ChangeRow {
            class: step.class,
            action: step.action.into(),
            subject: step.subject,
            org: step.org.as_ref().map(ToString::to_string),
            before: step.before,
            after: step.after,
            source: SourceRow { file: step.source.file, line: step.source.line },
            people: step.people,
        }
    }
}

impl PlanReport {
    /// The report of `plan`, whose steps go into it, with the guards that stop it.
    pub fn new(plan: &mut Plan, verdict: &GuardVerdict) -> PlanReport {
        let count = |class| plan.steps.iter().filter(|step| step.class == class).count() as u64;
        let summary: BTreeMap<String, u64> = ChangeClass::ALL
            .into_iter()
            .map(|class| (class.as_str().to_owned(), count(class)))
            .collect();
        let mut steps = std::mem::take(&mut plan.steps);
        steps.sort_by(PlanStep::in_order);
        let changes = if steps.len() < MANY {
            steps.into_iter().map(ChangeRow::from).collect()
        } else {
            steps.into_par_iter().map(ChangeRow::from).collect()
        };
        PlanReport {
            changes,
            summary,
            unmanaged: plan.unmanaged,
            guards: verdict.stops.iter().map(super::Stop::row).collect(),
        }
    }
}
