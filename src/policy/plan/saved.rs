//! A plan that is kept between review and apply, with its policy files.

use serde::{Deserialize, Serialize};

use super::super::files::PolicySource;
use super::super::problem::Problems;
use super::{ChangeRow, PlanReport};

/// The only version of the file.
const FORMAT: u32 = 1;

/// The file of `plan --out`, as JSON.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct SavedPlan {
    /// The version of the file.
    pub mfactl_plan: u32,
    /// What was reviewed.
    pub plan: PlanReport,
    /// The policy that it was made from.
    pub files: Vec<SavedFile>,
}

/// A policy file in a saved plan.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct SavedFile {
    /// As it was named.
    pub name: String,
    /// What was in it.
    pub text: String,
}

/// How a plan differs from the one that was reviewed.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Stale {
    /// Changes that were reviewed and are no longer made.
    pub gone: Vec<ChangeRow>,
    /// Changes that were not reviewed.
    pub new: Vec<ChangeRow>,
}

impl SavedPlan {
    /// What `plan --out` keeps.
    pub fn new(plan: PlanReport, sources: &[PolicySource]) -> SavedPlan {
        let file = |source: &PolicySource| SavedFile {
            name: source.name.to_string(),
            text: source.text.clone(),
        };
        SavedPlan { mfactl_plan: FORMAT, plan, files: sources.iter().map(file).collect() }
    }

    /// The file's text.
    pub fn text(&self) -> String {
        let json = serde_json::to_string_pretty(self).expect("rows are plain data");
        format!("{json}\n")
    }

    /// Reads the file.
    ///
    /// # Errors
    /// Why it is not a saved plan of a known version.
    pub fn read(text: &str) -> Result<SavedPlan, String> {
        let saved: SavedPlan = serde_json::from_str(text).map_err(|error| error.to_string())?;
        match saved.mfactl_plan {
            FORMAT => Ok(saved),
            other => Err(format!("a plan of version {other}; this mfactl reads version {FORMAT}")),
        }
    }

    /// The policy files in it, checked as any others.
    pub fn sources(&self, problems: &mut Problems) -> Vec<PolicySource> {
        let source = |file: &SavedFile| {
            PolicySource::new(&file.name, file.text.clone().into_bytes(), problems)
        };
        self.files.iter().filter_map(source).collect()
    }

    /// Compares with what the same policy would do `now`. `None`: the same changes, each of the
    /// same class.
    pub fn stale(&self, now: &PlanReport) -> Option<Stale> {
        let missing = |from: &[ChangeRow], of: &[ChangeRow]| -> Vec<ChangeRow> {
            let key = |row: &ChangeRow| {
                let row = (row.class, &row.action, &row.subject, &row.org, &row.before, &row.after);
                serde_json::to_string(&row).unwrap_or_default()
            };
            let there: std::collections::HashSet<String> = of.iter().map(key).collect();
            from.iter().filter(|row| !there.contains(&key(row))).cloned().collect()
        };
        let gone = missing(&self.plan.changes, &now.changes);
        let new = missing(&now.changes, &self.plan.changes);
        (!gone.is_empty() || !new.is_empty()).then_some(Stale { gone, new })
    }
}
