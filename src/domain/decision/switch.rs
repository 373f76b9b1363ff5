//! Rule `switch` (R6): the user's own switch is on.

use super::{Question, RuleAnswer, mandated_role::enrolled};
use crate::domain::model::Switch;

pub(super) fn answer(question: &Question<'_>) -> Option<RuleAnswer> {
    (question.user.mfa == Switch::On).then(|| question.asks())
}

pub(super) fn why(question: &Question<'_>) -> String {
    match question.user.mfa {
        Switch::On => format!("the user's switch is on; {}", enrolled(question)),
        Switch::Off => "the user's switch is off".to_owned(),
    }
}
