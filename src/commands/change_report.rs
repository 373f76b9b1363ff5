//! Reports of changes that were made, or would be on a dry run.

use serde_json::Value;

use super::Answer;
use crate::domain::ids::ExceptionId;
use crate::domain::model::User;
use crate::domain::outcome::{Object, Outcome};
use crate::domain::time::Time;
use crate::report::answers::change::ChangeReport;
use crate::report::answers::exception::ExceptionReport;
use crate::store::Committed;

/// A commit, or a dry run of one.
pub(super) struct ChangesMade {
    pub(super) now: Time,
    pub(super) dry_run: bool,
    pub(super) committed: Option<Committed>,
}

impl ChangesMade {
    /// The report of one of its changes.
    pub(super) fn report(&self, outcome: &Outcome) -> ChangeReport {
        let rev = self.committed.as_ref().map(|committed| committed.rev);
        let mut report = ChangeReport::new(outcome, rev, self.dry_run, self.now);
        if let Some(committed) = &self.committed {
            report.warnings.extend(committed.warnings.iter().cloned());
        }
        if let Some(number) = outcome.exception {
            (report.before, report.after) = self.exceptions(outcome, number);
        }
        report
    }

    /// `report` as the answer, its warnings on stderr as well.
    pub(super) fn answer(&self, report: ChangeReport) -> Answer {
        let warnings = report.warnings.clone();
        Answer::one(report).made(self.committed.is_some()).warn(warnings)
    }

    /// The exception before and after, as `exception show` gives it.
    fn exceptions(&self, outcome: &Outcome, number: u32) -> (Value, Value) {
        let Some(Object::User { login, before, after }) = outcome.objects.first() else {
            return (Value::Null, Value::Null);
        };
        let value = |user: Option<&User>| {
            let exception = user.and_then(|user| user.exceptions.get(&number));
            exception.map_or(Value::Null, |exception| {
                let id = ExceptionId { login: login.clone(), number };
                let report = ExceptionReport::new(&id.login, number, exception, self.now);
                serde_json::to_value(report).expect("a report is plain data")
            })
        };
        (value(before.as_deref()), value(after.as_deref()))
    }
}
