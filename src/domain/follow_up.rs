//! Which follow-ups of exceptions are still to be done (R14).

use super::model::{Exception, Status, User};
use super::time::Time;

/// Whether `exception` of `user` has ended by `at`, its follow-up is to enrol
/// again, and that was not done since the exception was recorded. Who enrolled
/// while it lived has done it. An account that is not active, or signs in
/// through SSO, has nothing to do.
pub fn is_open(user: &User, exception: &Exception, at: Time) -> bool {
    let over = matches!(exception.status(at), Status::Expired | Status::Revoked);
    over && to_enrol(user, exception) && user.active && !user.is_sso()
}

/// Whether the follow-up of `exception` is to enrol again, and that was not done since the
/// exception was recorded.
pub fn to_enrol(user: &User, exception: &Exception) -> bool {
    let enrolled = user.enrolment.current.as_ref();
    let done = enrolled.is_some_and(|method| method.since >= exception.recorded_at);
    exception.follow_up.re_enrols() && !done
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::domain::model::{EndedHow, FollowUp, Method, MethodKind};
    use crate::domain::tests::kit::*;
    use crate::domain::time::Span;

    fn lost() -> Exception {
        let plain = exception(day(10), day(11), &["acme"]);
        Exception { follow_up: FollowUp::ReEnrolWhenReplaced, recorded_at: day(10), ..plain }
    }

    fn since(number: i64) -> User {
        let mut user = enrolled(user("u-alice", &["acme"]));
        user.enrolment.current = Some(Method { method: MethodKind::Totp, since: day(number) });
        user
    }

    #[test]
    fn it_is_open_from_the_end_until_somebody_enrols() {
        let revoked = ended(lost(), EndedHow::Revoked, day(10).plus_seconds(60));
        let rejected = ended(requested(lost(), Span::SHORT), EndedHow::Rejected, day(10));
        let no_signal = Exception { follow_up: FollowUp::None, ..lost() };
        let again = Exception { follow_up: FollowUp::ContactAgain, ..lost() };
        let found = Exception { follow_up: FollowUp::ReEnrolWhenFound, ..lost() };
        let gone = User { active: false, ..since(1) };
        let never = user("u-bob", &["acme"]);
        for (name, user, exception, at, open) in [
            ("the old method", since(1), lost(), day(11), true),
            ("nothing in use", reset(never.clone()), lost(), day(11), true),
            ("found", since(1), found, day(20), true),
            ("still live", since(1), lost(), day(11).plus_seconds(-1), false),
            ("enrolled while it lived", since(10), lost(), day(11), false),
            ("enrolled afterwards", since(15), lost(), day(20), false),
            ("revoked", since(1), revoked, day(10).plus_seconds(60), true),
            ("never granted", since(1), rejected, day(20), false),
            ("nothing to do", since(1), no_signal, day(20), false),
            ("may have to", since(1), again, day(20), false),
            ("not active", gone, lost(), day(20), false),
            ("by SSO", by_sso(never), lost(), day(20), false),
        ] {
            assert_eq!(is_open(&user, &exception, at), open, "{name}");
        }
    }
}
