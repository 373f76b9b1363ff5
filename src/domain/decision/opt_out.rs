//! Rule `opt-out` (R4): a membership that is opted out enters this org without MFA.
//! It has no effect where the role is mandated, outside of its term, or while the org enforces and denies opt-outs.

use super::{Question, Requirement, Rule, RuleAnswer, mandated_role};
use crate::domain::model::{OptOut, OptOutPolicy};

/// Why the opt-out of the membership does not count, if it does not.
fn rests(question: &Question<'_>, opt_out: &OptOut) -> Option<String> {
    if opt_out.at > question.at {
        return Some(format!("it begins {}", opt_out.at));
    }
    if let Some(until) = opt_out.until.filter(|until| *until <= question.at) {
        return Some(format!("it ended {until}"));
    }
    if mandated_role::mandated(question) {
        return Some("the role is mandated".to_owned());
    }
    let denied = question.org.opt_out == OptOutPolicy::Deny;
    (denied && question.org.enforcement.begun(question.at))
        .then(|| format!("{} denies opt-outs and enforces MFA", question.org_id))
}

/// Why the opt-out of the membership is without effect, if there is one that is: it
/// rests, or nothing is decided here about the account at all.
pub fn opt_out_rests(question: &Question<'_>) -> Option<String> {
    let opt_out = question.membership()?.opt_out.as_ref()?;
    let outside = [Rule::Inactive, Rule::Sso].into_iter();
    let mut outside = outside.filter(|rule| rule.answer(question).is_some());
    outside.next().map(|rule| rule.why(question)).or_else(|| rests(question, opt_out))
}

pub(super) fn answer(question: &Question<'_>) -> Option<RuleAnswer> {
    let opt_out = question.membership()?.opt_out.as_ref()?;
    rests(question, opt_out)
        .is_none()
        .then_some(RuleAnswer { requirement: Requirement::Exempt, until: opt_out.until })
}

pub(super) fn why(question: &Question<'_>) -> String {
    let Some(opt_out) = question.membership().and_then(|m| m.opt_out.as_ref()) else {
        return "not opted out".to_owned();
    };
    let until = opt_out.until.map_or(String::new(), |until| format!(", until {until}"));
    match rests(question, opt_out) {
        None => format!("opted out by {} at {}{until}", opt_out.by, opt_out.at),
        Some(reason) => format!("opted out by {}, but without effect: {reason}", opt_out.by),
    }
}
