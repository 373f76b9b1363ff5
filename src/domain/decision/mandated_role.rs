//! Rule `mandated-role`: the org always wants MFA of this membership role; an opt-out does not count.

use super::{Question, RuleAnswer};

pub(super) fn mandated(question: &Question<'_>) -> bool {
    question
        .membership()
        .is_some_and(|membership| question.org.mandated_roles.contains(&membership.role))
}

pub(super) fn answer(question: &Question<'_>) -> Option<RuleAnswer> {
    mandated(question).then(|| question.asks())
}

pub(super) fn why(question: &Question<'_>) -> String {
    match question.membership() {
        Some(membership) if mandated(question) => format!(
            "{} mandates MFA for the role {}; {}",
            question.org_id,
            membership.role.as_str(),
            enrolled(question)
        ),
        _ => format!("{} does not mandate MFA for this role", question.org_id),
    }
}

/// The enrolment in words, for the rules that ask for MFA.
pub(super) fn enrolled(question: &Question<'_>) -> String {
    match &question.user.enrolment.current {
        Some(method) => format!("enrolled ({})", method.method),
        None => "not enrolled".to_owned(),
    }
}
