//! A change that the policy wants, before it was put to the rules.

use std::sync::Arc;

use serde_json::Value;

use super::super::problem::Place;
use super::class::ChangeClass;
use crate::domain::change::Change;
use crate::domain::ids::{OrgId, Text};

/// A change that is lacking.
#[derive(Debug)]
pub(super) struct Draft {
    pub(super) action: &'static str,
    pub(super) subject: String,
    pub(super) org: Option<OrgId>,
    pub(super) before: Arc<Value>,
    pub(super) after: Arc<Value>,
    pub(super) source: Place,
    /// Where no answer changes: the class.
    pub(super) direction: ChangeClass,
    pub(super) change: Box<dyn Change>,
    pub(super) message: Option<Text>,
    /// Whether it can turn answers at all.
    pub(super) decides: bool,
}

impl Draft {
    /// One field of `org`.
    pub(super) fn of_org(
        org: &OrgId,
        action: &'static str,
        (before, after): (Value, Value),
        source: &Place,
        change: impl Change + 'static,
    ) -> Draft {
        Draft {
            action,
            subject: org.to_string(),
            org: Some(org.clone()),
            before: before.into(),
            after: after.into(),
            source: source.clone(),
            direction: ChangeClass::Neutral,
            change: Box::new(change),
            message: None,
            decides: false,
        }
    }

    /// The same, pointing to `direction`; it can turn answers.
    pub(super) fn deciding(mut self, direction: ChangeClass) -> Draft {
        self.direction = direction;
        self.decides = true;
        self
    }

    /// The same, pointing to `direction`, though no answer follows from it at once.
    pub(super) fn pointing(mut self, direction: ChangeClass) -> Draft {
        self.direction = direction;
        self
    }
}
