//! Coverage: how many people a second factor is asked of, counted one decision at
//! a time, so that a million of them need no memory.

use super::decision::{Decision, Requirement, Rule};

/// People counted by what the decision says of them at one instant. The counts by
/// requirement add up to `members`.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct Coverage {
    /// All of them.
    pub members: u64,
    /// Not let in at all: the account is not active, or in no org.
    pub denied: u64,
    /// Their identity provider decides (R2).
    pub delegated: u64,
    /// Exempt by an exception.
    pub exempt_by_exception: u64,
    /// Exempt by an opt-out.
    pub exempt_by_opt_out: u64,
    /// Asked for a second factor, and enrolled.
    pub required: u64,
    /// Asked for a second factor, and must set it up first.
    pub enrol: u64,
    /// Must set it up before their grace ends.
    pub grace: u64,
    /// Nothing asks for it.
    pub not_required: u64,
    /// Enrolled, asked for it or not; of those neither denied nor delegated.
    pub enrolled: u64,
}

impl Coverage {
    /// Counts one of them.
    pub fn add(&mut self, decision: &Decision, enrolled: bool) {
        let outside = matches!(decision.requirement, Requirement::Denied | Requirement::Delegated);
        self.members += 1;
        self.enrolled += u64::from(enrolled && !outside);
        *match (decision.requirement, decision.rule) {
            (Requirement::Denied, _) => &mut self.denied,
            (Requirement::Delegated, _) => &mut self.delegated,
            (Requirement::Exempt, Rule::Exception) => &mut self.exempt_by_exception,
            (Requirement::Exempt, _) => &mut self.exempt_by_opt_out,
            (Requirement::Required, _) => &mut self.required,
            (Requirement::Enrol, _) => &mut self.enrol,
            (Requirement::Grace, _) => &mut self.grace,
            (Requirement::NotRequired, _) => &mut self.not_required,
        } += 1;
    }

    /// Both counted together.
    #[must_use]
    pub fn plus(self, other: Coverage) -> Coverage {
        Coverage {
            members: self.members + other.members,
            denied: self.denied + other.denied,
            delegated: self.delegated + other.delegated,
            exempt_by_exception: self.exempt_by_exception + other.exempt_by_exception,
            exempt_by_opt_out: self.exempt_by_opt_out + other.exempt_by_opt_out,
            required: self.required + other.required,
            enrol: self.enrol + other.enrol,
            grace: self.grace + other.grace,
            not_required: self.not_required + other.not_required,
            enrolled: self.enrolled + other.enrolled,
        }
    }

    /// Whom mfactl could ask for a second factor: neither denied nor delegated.
    pub fn within(&self) -> u64 {
        self.members - self.denied - self.delegated
    }

    /// How many of those are enrolled, in tenths of a percent, rounded down, so that
    /// 1,000 means all; none where there is nobody.
    pub fn enrolled_per_mille(&self) -> Option<u64> {
        (self.enrolled * 1_000).checked_div(self.within())
    }
}

/// What counts for a person in several orgs: the strictest of the answers there, an
/// exemption before `not-required`. In no org a person is denied.
pub fn strictest(decisions: impl IntoIterator<Item = Decision>) -> Decision {
    let nowhere =
        Decision { requirement: Requirement::Denied, rule: Rule::NotAMember, until: None };
    decisions.into_iter().max_by_key(rank).unwrap_or(nowhere)
}

fn rank(decision: &Decision) -> (u8, u8) {
    let among_equals = match (decision.requirement, decision.rule) {
        (Requirement::Exempt, Rule::Exception) => 2,
        (Requirement::Exempt, _) => 1,
        _ => 0,
    };
    // Delegated and denied are of the account: the same in every org.
    (decision.requirement.strictness().unwrap_or(u8::MAX), among_equals)
}

#[cfg(test)]
mod tests {
    use super::*;
    use Requirement::{Delegated, Denied, Enrol, Exempt, Grace, NotRequired, Required};

    fn by(requirement: Requirement, rule: Rule) -> Decision {
        Decision { requirement, rule, until: None }
    }

    const ALL: [(Requirement, Rule); 8] = [
        (Denied, Rule::Inactive),
        (Delegated, Rule::Sso),
        (Exempt, Rule::Exception),
        (Exempt, Rule::OptOut),
        (Required, Rule::Enforcement),
        (Enrol, Rule::Switch),
        (Grace, Rule::Enforcement),
        (NotRequired, Rule::Default),
    ];

    #[test]
    fn everybody_is_counted_once() {
        let mut sum = Coverage::default();
        for (times, (requirement, rule)) in (1..).zip(ALL) {
            for _ in 0..times {
                sum.add(&by(requirement, rule), requirement != Enrol && requirement != Grace);
            }
        }
        let parts = [
            sum.denied,
            sum.delegated,
            sum.exempt_by_exception,
            sum.exempt_by_opt_out,
            sum.required,
            sum.enrol,
            sum.grace,
            sum.not_required,
        ];
        assert_eq!(parts, [1, 2, 3, 4, 5, 6, 7, 8]);
        assert_eq!((sum.members, sum.within(), sum.enrolled), (36, 33, 3 + 4 + 5 + 8));
        let twice = sum.plus(sum);
        assert_eq!((twice.members, twice.not_required, twice.enrolled), (72, 16, 40));
        assert_eq!(Coverage::default().plus(sum), sum);
    }

    #[test]
    fn shares_are_rounded_down() {
        let share = |enrolled, members| Coverage { members, enrolled, ..Coverage::default() };
        for (enrolled, members, per_mille) in [
            (0, 0, None),
            (0, 3, Some(0)),
            (1, 3, Some(333)),
            (1_999, 2_000, Some(999)),
            (7, 7, Some(1_000)),
        ] {
            assert_eq!(share(enrolled, members).enrolled_per_mille(), per_mille);
        }
    }

    #[test]
    fn the_strictest_answer_counts_for_a_person() {
        for (answers, counts) in [
            (&[][..], (Denied, Rule::NotAMember)),
            (&[(NotRequired, Rule::Default), (Exempt, Rule::OptOut)], (Exempt, Rule::OptOut)),
            (&[(Exempt, Rule::Exception), (Exempt, Rule::OptOut)], (Exempt, Rule::Exception)),
            (&[(Exempt, Rule::OptOut), (Exempt, Rule::Exception)], (Exempt, Rule::Exception)),
            (&[(Grace, Rule::Enforcement), (Exempt, Rule::Exception)], (Grace, Rule::Enforcement)),
            (&[(Grace, Rule::Enforcement), (Enrol, Rule::Switch)], (Enrol, Rule::Switch)),
            (&[(Required, Rule::Switch), (NotRequired, Rule::Default)], (Required, Rule::Switch)),
            (&[(Delegated, Rule::Sso), (Delegated, Rule::Sso)], (Delegated, Rule::Sso)),
        ] {
            let decision = strictest(answers.iter().map(|(what, rule)| by(*what, *rule)));
            assert_eq!((decision.requirement, decision.rule), counts, "{answers:?}");
        }
    }
}
