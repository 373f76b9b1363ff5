//! Rule `default`: what holds where no other rule speaks.

use super::{Question, Requirement, RuleAnswer};

pub(super) fn answer(_: &Question<'_>) -> Option<RuleAnswer> {
    Some(RuleAnswer { requirement: Requirement::NotRequired, until: None })
}

pub(super) fn why(_: &Question<'_>) -> String {
    "where nothing else speaks, no second factor is asked for".to_owned()
}
