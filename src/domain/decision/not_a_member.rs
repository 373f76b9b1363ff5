//! Rule `not-a-member`: who is no member of the org is denied there.

use super::{Question, Requirement, RuleAnswer};

pub(super) fn answer(question: &Question<'_>) -> Option<RuleAnswer> {
    let denied = RuleAnswer { requirement: Requirement::Denied, until: None };
    question.membership().is_none().then_some(denied)
}

pub(super) fn why(question: &Question<'_>) -> String {
    match question.membership() {
        Some(membership) => {
            format!("member of {} as {}", question.org_id, membership.role.as_str())
        }
        None => format!("no member of {}", question.org_id),
    }
}
