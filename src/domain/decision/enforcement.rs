//! Rule `enforcement` (R1, R3): the org enforces MFA. Who never enrolled may have grace.

use super::{Question, Requirement, RuleAnswer, mandated_role::enrolled};
use crate::domain::model::{Membership, Org};
use crate::domain::time::{Span, Time};

/// The end of grace for this membership: the later of the org's `grace_from` and
/// the first joining, plus `grace_days`. None where the org does not enforce and never will.
pub fn grace_deadline(org: &Org, membership: &Membership) -> Option<Time> {
    let start = org.enforcement.start()?;
    let from = org.grace_from.unwrap_or(start).max(membership.first_joined());
    Some(from.plus(Span::days(org.grace_days)))
}

/// The deadline, where grace counts: never enrolled, and the deadline ahead.
fn grace(question: &Question<'_>) -> Option<Time> {
    let deadline = grace_deadline(question.org, question.membership()?)?;
    let never = question.user.enrolment.first_at.is_none();
    (never && !question.enrolled() && deadline > question.at).then_some(deadline)
}

pub(super) fn answer(question: &Question<'_>) -> Option<RuleAnswer> {
    if !question.org.enforcement.begun(question.at) {
        return None;
    }
    Some(match grace(question) {
        Some(deadline) => RuleAnswer { requirement: Requirement::Grace, until: Some(deadline) },
        None => question.asks(),
    })
}

pub(super) fn why(question: &Question<'_>) -> String {
    let org = question.org_id;
    match question.org.enforcement.start() {
        None => format!("{org} does not enforce MFA"),
        Some(start) if start > question.at => format!("{org} enforces MFA from {start}"),
        Some(start) => {
            let rest = match grace(question) {
                Some(deadline) => format!("never enrolled; grace until {deadline}"),
                None => enrolled(question),
            };
            format!("{org} enforces MFA since {start}; {rest}")
        }
    }
}
