//! Exceptions: granting, requesting, deciding, revoking, recording their ends (R11–R17).

mod expire;
mod grant;
mod grant_decision;
mod grant_rules;
mod settle;

pub use expire::Expire;
pub use grant::Grant;
pub use settle::{Approve, Reject, Revoke};

use crate::domain::ids::{ExceptionId, OrgId, Text};
use crate::domain::model::{EarlyEnd, EndedHow, Exception, ExceptionKind, User};
use crate::domain::outcome::{Object, Outcome};
use crate::domain::rights::Act;
use crate::domain::time::Time;

/// What it takes to revoke an exception: a helpdesk may end a short one.
fn act_to_revoke(exception: &Exception) -> Act {
    match exception.kind {
        ExceptionKind::Short => Act::ShortException,
        ExceptionKind::Long => Act::Approve,
    }
}

/// An outcome about one exception of a user.
fn about(
    action: &'static str,
    id: &ExceptionId,
    before: &User,
    after: User,
    orgs: impl IntoIterator<Item = OrgId>,
    summary: String,
) -> Outcome {
    let objects = vec![Object::user(&id.login, Some(before), Some(after))];
    let outcome = Outcome::done(action, id, summary, objects).within(orgs);
    Outcome { exception: Some(id.number), ..outcome }
}

fn with_exception(user: &User, number: u32, exception: Exception) -> User {
    let mut after = user.clone();
    after.exceptions.insert(number, exception);
    after
}

/// Ends those exceptions that another takes the place of.
fn end_replaced<'a>(
    user: &mut User,
    replaced: impl IntoIterator<Item = &'a u32>,
    by: u32,
    operator: &str,
    now: Time,
) {
    for number in replaced {
        if let Some(old) = user.exceptions.get_mut(number) {
            old.ended = Some(EarlyEnd {
                how: EndedHow::Revoked,
                by: operator.to_owned(),
                at: now,
                message: Text::parse(&format!("replaced by #{by}")).ok(),
            });
        }
    }
}

/// Numbers of exceptions in words.
fn numbers(numbers: &[u32]) -> String {
    let words: Vec<String> = numbers.iter().map(|number| format!("#{number}")).collect();
    words.join(", ")
}

/// Nothing to change about one exception.
fn unchanged(action: &'static str, id: &ExceptionId, exception: &Exception, why: &str) -> Outcome {
    let outcome = Outcome::unchanged(action, id, format!("{id} {why}"));
    Outcome { exception: Some(id.number), ..outcome }.within(exception.orgs.iter().cloned())
}
