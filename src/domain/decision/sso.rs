//! Rule `sso` (R2): accounts that sign in through an identity provider are outside of MFA controls.

use super::{Question, Requirement, RuleAnswer};

pub(super) fn answer(question: &Question<'_>) -> Option<RuleAnswer> {
    let delegated = RuleAnswer { requirement: Requirement::Delegated, until: None };
    question.user.is_sso().then_some(delegated)
}

pub(super) fn why(question: &Question<'_>) -> String {
    match (&question.user.provider, question.user.is_sso()) {
        (Some(provider), true) => format!("signs in through SSO: {provider} decides"),
        (None, true) => "signs in through SSO: the provider decides".to_owned(),
        (_, false) => "signs in with a password".to_owned(),
    }
}
