//! Rule `inactive`: an account that is not active is denied.

use super::{Question, Requirement, RuleAnswer};

pub(super) fn answer(question: &Question<'_>) -> Option<RuleAnswer> {
    (!question.user.active).then_some(RuleAnswer { requirement: Requirement::Denied, until: None })
}

pub(super) fn why(question: &Question<'_>) -> String {
    let state = if question.user.active { "active" } else { "not active: denied everywhere" };
    format!("the account is {state}")
}
