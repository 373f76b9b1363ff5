//! A plan as the contract prints it: plain rows, from which every format is made.

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};

use super::{ChangeClass, ChangeRow, GuardVerdict, Plan, Stop};

/// `policy plan -o json`.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct PlanReport {
    /// The changes: by org, people last, the most harmful first.
    pub changes: Vec<ChangeRow>,
    /// How many changes there are of each class.
    pub summary: BTreeMap<String, u64>,
    /// What the policy leaves alone.
    pub unmanaged: Unmanaged,
    /// The guards that stop the plan.
    pub guards: Vec<Stop>,
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

impl PlanReport {
    /// The report of `plan`, whose changes go into it, with the guards that stop it.
    pub fn new(plan: &mut Plan, verdict: &GuardVerdict) -> PlanReport {
        let mut changes = std::mem::take(&mut plan.changes);
        changes.sort_by(ChangeRow::in_order);
        let count = |class| changes.iter().filter(|row| row.class == class).count() as u64;
        let summary = ChangeClass::ALL
            .into_iter()
            .map(|class| (class.as_str().to_owned(), count(class)))
            .collect();
        PlanReport { changes, summary, unmanaged: plan.unmanaged, guards: verdict.stops.clone() }
    }
}
