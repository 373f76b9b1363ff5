//! A change that the policy asks for, before the rules have judged it.

use std::sync::Arc;

use serde_json::Value;

use super::change_row::{Action, ChangeRow, SourceRow};
use super::class::{ChangeClass, People};
use crate::domain::change::Change;
use crate::domain::ids::OrgId;
use crate::policy::problem::Place;

/// A change that the policy asks for.
#[derive(Debug)]
pub(super) struct Proposal {
    /// The row of the plan. Until the change is judged, its class is the direction of the
    /// setting and it concerns nobody.
    pub(super) row: ChangeRow,
    pub(super) source: Place,
    pub(super) change: Box<dyn Change>,
    /// Whether it can turn answers at all.
    pub(super) decides: bool,
}

impl Proposal {
    /// A change of `subject` that has no direction and turns no answer.
    pub(super) fn new(
        action: Action,
        (subject, org): (impl ToString, Option<&OrgId>),
        (before, after): (impl Into<Arc<Value>>, impl Into<Arc<Value>>),
        source: &Place,
        change: impl Change + 'static,
    ) -> Proposal {
        let row = ChangeRow {
            class: ChangeClass::Neutral,
            action,
            subject: subject.to_string(),
            org: org.cloned(),
            before: before.into(),
            after: after.into(),
            source: SourceRow { file: source.file.clone(), line: source.line },
            people: People::default(),
        };
        Proposal { row, source: source.clone(), change: Box::new(change), decides: false }
    }

    /// The same, pointing to `direction`; it can turn answers.
    pub(super) fn deciding(self, direction: ChangeClass) -> Proposal {
        Proposal { decides: true, ..self.pointing(direction) }
    }

    /// The same, pointing to `direction`, though no answer follows from it at once.
    pub(super) fn pointing(mut self, direction: ChangeClass) -> Proposal {
        self.row.class = direction;
        self
    }

    /// Whether it is made before the changes of people, so that they are judged by what it left.
    pub(super) fn loosens(&self) -> bool {
        self.row.class != ChangeClass::Strengthen
    }

    /// The row of the plan, classed by the people whom the change concerns.
    pub(super) fn judged(self) -> ChangeRow {
        ChangeRow { class: self.row.people.class(self.row.class), ..self.row }
    }
}
