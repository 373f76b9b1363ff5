//! Recording what has ended since the last time. It changes no answer: whether
//! something has ended is computed from the clock whenever somebody asks.

use super::super::{Change, Context};
use crate::domain::due::{DueEntry, DueKey, DueWhat};
use crate::domain::ids::OrgId;
use crate::domain::outcome::{Object, Outcome, TakesEffect};
use crate::domain::refusal::Refusal;
use crate::domain::scope::{Needs, Scope};

/// Records ends; what has not ended yet is left alone. Whoever may run it is
/// decided by who owns the state, not by operators.
#[derive(Debug, Clone)]
pub struct Expire {
    /// The entries of the calendar up to today.
    pub entries: Vec<(DueKey, DueEntry)>,
}

impl Change for Expire {
    fn needs(&self) -> Needs {
        Needs::default()
    }

    fn decide(&self, _: &Scope, context: &Context) -> Result<Outcome, Refusal> {
        const ACTION: &str = "exception.expire";
        let ended = |entry: &DueEntry| entry.ends_at().is_some_and(|end| end <= context.now);
        let objects: Vec<Object> = self
            .entries
            .iter()
            .filter(|(_, entry)| ended(entry))
            .map(|(key, entry)| Object::Due { key: key.clone(), was: Box::new(entry.clone()) })
            .collect();
        let summary = match objects.len() {
            0 => "nothing has ended since the last time".to_owned(),
            1 => "1 end is recorded".to_owned(),
            more => format!("{more} ends are recorded"),
        };
        let mut orgs: Vec<OrgId> = objects.iter().flat_map(orgs_of).collect();
        orgs.sort();
        orgs.dedup();
        Ok(Outcome::done(ACTION, "", summary, objects).within(orgs).effective(TakesEffect::Now))
    }
}

fn orgs_of(object: &Object) -> Vec<OrgId> {
    match object {
        Object::Due { was, .. } => match &was.what {
            DueWhat::Exception { exception, .. } => exception.orgs.iter().cloned().collect(),
            DueWhat::OptOut { org, .. } => vec![org.clone()],
        },
        _ => Vec::new(),
    }
}
