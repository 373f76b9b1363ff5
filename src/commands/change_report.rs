//! Reports of changes that were made, or would be on a dry run.

use serde_json::Value;

use crate::domain::ids::ExceptionId;
use crate::domain::model::User;
use crate::domain::outcome::{Object, Outcome};
use crate::domain::time::Time;
use crate::error::Result;
use crate::report::answers::change::{ChangeReport, RowReport};
use crate::report::answers::exception::ExceptionReport;
use crate::store::Committed;

/// What came of a commit.
pub(super) struct ChangesMade {
    pub(super) now: Time,
    pub(super) dry_run: bool,
    pub(super) committed: Option<Committed>,
}

impl ChangesMade {
    /// The report of one change of it.
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

/// The reports of a bulk change, a row each, failed ones included.
pub(super) fn reports(
    made: &ChangesMade,
    action: &str,
    results: Vec<(String, Result<Outcome>)>,
) -> Vec<RowReport> {
    let row = |(user, result): (String, Result<Outcome>)| match result {
        Ok(outcome) => RowReport::done(made.report(&outcome)),
        Err(error) => RowReport::failed(action, user, &error),
    };
    results.into_iter().map(row).collect()
}
