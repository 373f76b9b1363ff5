//! How exceptions are used, counted for reports.

use super::follow_up;
use super::model::{Exception, FollowUp, Status, User};
use super::time::{Span, Time};

/// So long before its end an exception is due for its review (R15: long ones; 14 days).
pub const REVIEW_AHEAD: Span = Span::days(14);

/// Exceptions counted by what they are at one instant. The counts by status add up
/// to `exceptions`.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct Usage {
    /// All of them.
    pub exceptions: u64,
    /// Wait for approval.
    pub requested: u64,
    /// Approved, their start is ahead.
    pub scheduled: u64,
    /// Exempt somebody.
    pub live: u64,
    /// Their end has come.
    pub expired: u64,
    /// Ended by an operator before that.
    pub revoked: u64,
    /// Approval was refused.
    pub rejected: u64,
    /// For somebody who never registered a method (R12 overridden).
    pub unenrolled: u64,
    /// Live, to be reviewed before the end, and that is at most [`REVIEW_AHEAD`] ahead.
    pub reviews_due: u64,
    /// Ended, and the user must enrol again and has not (R14).
    pub follow_ups_open: u64,
}

impl Usage {
    /// Counts one exception of `user` as it is at `at`.
    pub fn add(&mut self, user: &User, exception: &Exception, at: Time) {
        let status = exception.status(at);
        self.exceptions += 1;
        *match status {
            Status::Requested => &mut self.requested,
            Status::Scheduled => &mut self.scheduled,
            Status::Live => &mut self.live,
            Status::Expired => &mut self.expired,
            Status::Revoked => &mut self.revoked,
            Status::Rejected => &mut self.rejected,
        } += 1;
        let soon = exception.ends_at.is_some_and(|end| end <= at.plus(REVIEW_AHEAD));
        let reviewed = exception.follow_up == FollowUp::Review && status == Status::Live;
        self.unenrolled += u64::from(exception.unenrolled);
        self.reviews_due += u64::from(reviewed && soon);
        self.follow_ups_open += u64::from(follow_up::is_open(user, exception, at));
    }

    /// Both counted together.
    #[must_use]
    pub fn plus(self, other: Usage) -> Usage {
        Usage {
            exceptions: self.exceptions + other.exceptions,
            requested: self.requested + other.requested,
            scheduled: self.scheduled + other.scheduled,
            live: self.live + other.live,
            expired: self.expired + other.expired,
            revoked: self.revoked + other.revoked,
            rejected: self.rejected + other.rejected,
            unenrolled: self.unenrolled + other.unenrolled,
            reviews_due: self.reviews_due + other.reviews_due,
            follow_ups_open: self.follow_ups_open + other.follow_ups_open,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::domain::model::EndedHow;
    use crate::domain::tests::kit::*;

    #[test]
    fn every_exception_is_counted_by_what_it_is() {
        let alice = enrolled(user("u-alice", &["acme"]));
        let plain = || exception(day(10), day(40), &["acme"]);
        let long = || Exception { follow_up: FollowUp::Review, ..plain() };
        let lost = || Exception {
            follow_up: FollowUp::ReEnrolWhenReplaced,
            recorded_at: day(10),
            ..plain()
        };
        let nothing = Usage { exceptions: 1, ..Usage::default() };
        for (name, exception, at, counted) in [
            ("ahead", plain(), 9, Usage { scheduled: 1, ..nothing }),
            ("its start is part of it", plain(), 10, Usage { live: 1, ..nothing }),
            ("its end is not", plain(), 40, Usage { expired: 1, ..nothing }),
            ("asked for", requested(plain(), Span::LONG), 20, Usage { requested: 1, ..nothing }),
            (
                "refused",
                ended(requested(plain(), Span::LONG), EndedHow::Rejected, day(11)),
                20,
                Usage { rejected: 1, ..nothing },
            ),
            (
                "revoked",
                ended(plain(), EndedHow::Revoked, day(11)),
                20,
                Usage { revoked: 1, ..nothing },
            ),
            ("no review yet", long(), 25, Usage { live: 1, ..nothing }),
            ("review", long(), 26, Usage { live: 1, reviews_due: 1, ..nothing }),
            ("too late for a review", long(), 40, Usage { expired: 1, ..nothing }),
            ("no follow-up yet", lost(), 39, Usage { live: 1, ..nothing }),
            ("follow-up", lost(), 40, Usage { expired: 1, follow_ups_open: 1, ..nothing }),
            (
                "never enrolled",
                Exception { unenrolled: true, ..plain() },
                20,
                Usage { live: 1, unenrolled: 1, ..nothing },
            ),
        ] {
            let mut usage = Usage::default();
            usage.add(&alice, &exception, day(at));
            assert_eq!(usage, counted, "{name}");
            assert_eq!(usage.plus(usage).exceptions, 2);
        }
    }
}
