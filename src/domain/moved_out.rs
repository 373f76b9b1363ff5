//! Exceptions that ended long ago leave the line of their user: what is read at every
//! sign-in would grow for ever. The audit log keeps them.

use super::follow_up;
use super::ids::{ExceptionId, Login};
use super::model::{Exception, LAST_EXCEPTION, Status, User};
use super::refusal::{Refusal, RefusalCode};
use super::time::{Span, Time};

/// An exception that ended earlier than this leaves the line of its user.
pub const KEPT: Span = Span::days(90);

/// The line of one user holds at most so many exceptions: five new ones a day for 90 days and
/// some to spare.
pub const MOST: usize = 500;

/// Whether `exception` had ended more than [`KEPT`] before `now`.
pub fn ended_long_ago(exception: &Exception, now: Time) -> bool {
    let over =
        matches!(exception.status(now), Status::Expired | Status::Revoked | Status::Rejected);
    over && exception.effective_end().is_some_and(|end| end < now.minus(KEPT))
}

/// The numbers of the exceptions that are to leave the line of `user` at `now`. One whose
/// follow-up is to enrol again stays until somebody did.
pub fn to_move_out(user: &User, now: Time) -> impl Iterator<Item = u32> {
    user.exceptions
        .iter()
        .filter(move |(_, exception)| {
            ended_long_ago(exception, now) && !follow_up::to_enrol(user, exception)
        })
        .map(|(number, _)| *number)
}

/// Takes exceptions out of the line of `user`; their numbers stay taken.
pub fn move_out(user: &mut User, numbers: impl IntoIterator<Item = u32>) {
    for number in numbers {
        user.exceptions.remove(&number);
        user.last_exception = user.last_exception.max(number);
    }
}

/// The highest number that an exception of `user` ever had.
pub fn last_number(user: &User) -> u32 {
    let here = user.exceptions.keys().next_back().copied().unwrap_or(0);
    here.max(user.last_exception)
}

/// The number of the next exception of `user`.
///
/// # Errors
/// `cap-exceeded`: there is none left ([`LAST_EXCEPTION`]).
pub fn next_number(login: &Login, user: &User) -> Result<u32, Refusal> {
    let number = last_number(user).saturating_add(1);
    if number <= LAST_EXCEPTION {
        return Ok(number);
    }
    let message = format!("{login} had exception #{LAST_EXCEPTION}, the highest number there is");
    Err(Refusal::new(RefusalCode::CapExceeded, login, message))
}

/// The numbers of exceptions that `user` had and that are not in the line any more.
pub fn missing(user: &User) -> impl Iterator<Item = u32> {
    (1..=user.last_exception).filter(|number| !user.exceptions.contains_key(number))
}

/// Refuses another exception if the line already has as many as it may hold ([`MOST`]).
///
/// # Errors
/// `cap-exceeded`.
pub fn refuse_more(login: &Login, before: &User, after: &User) -> Result<(), Refusal> {
    let count = after.exceptions.len();
    if count <= MOST || count <= before.exceptions.len() {
        return Ok(());
    }
    let message = format!("{login} has {} exceptions, the most that are kept of one user", MOST);
    Err(Refusal::new(RefusalCode::CapExceeded, login, message)
        .words(format!(
            "those that ended leave after {}, once their end was recorded and nobody has to enrol again",
            KEPT.words()
        ))
        .command(format!("exception list --all --user {login}"))
        .command("exception expire"))
}

/// The refusal of a change of an exception that left the line.
pub fn over(id: &ExceptionId) -> Refusal {
    let message = format!("{id} ended more than {} ago: it cannot be changed", KEPT.words());
    Refusal::new(RefusalCode::NotFound, id, message).command(format!("exception show {id}"))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::domain::model::{EndedHow, FollowUp, Method, MethodKind};
    use crate::domain::tests::kit::*;

    fn moved(user: &User, now: Time) -> Vec<u32> {
        to_move_out(user, now).collect()
    }

    #[test]
    fn what_ended_long_ago_leaves_and_its_number_stays_taken() {
        let mut alice = enrolled(user("u-alice", &["acme"]));
        let expired = exception(day(10), day(11), &["acme"]);
        let revoked = ended(exception(day(20), day(40), &["acme"]), EndedHow::Revoked, day(21));
        let waits = requested(exception(day(1), day(2), &["acme"]), Span::SHORT);
        let live = exception(day(50), day(400), &["acme"]);
        alice.exceptions.extend([(1, expired), (2, revoked), (3, waits), (4, live)]);
        assert_eq!(moved(&alice, day(101)), [0; 0], "90 days are kept");
        assert_eq!(moved(&alice, day(101).plus_seconds(1)), [1]);
        assert_eq!(moved(&alice, day(112)), [1, 2]);
        move_out(&mut alice, [1, 2]);
        assert_eq!((last_number(&alice), missing(&alice).collect()), (4, vec![1, 2]));
        move_out(&mut alice, [3, 4]);
        assert_eq!((last_number(&alice), alice.exceptions.len()), (4, 0));
    }

    #[test]
    fn a_number_from_a_file_could_be_the_last_there_is() {
        let (alice, login) = (user("u-alice", &["acme"]), Login::parse("alice").unwrap());
        let with = |last_exception| User { last_exception, ..alice.clone() };
        assert_eq!(next_number(&login, &with(LAST_EXCEPTION - 1)), Ok(LAST_EXCEPTION));
        let refused = next_number(&login, &with(LAST_EXCEPTION)).unwrap_err();
        assert_eq!(refused.code, RefusalCode::CapExceeded);
        let read = |last| {
            let text = serde_json::to_string(&with(last)).unwrap();
            serde_json::from_str::<User>(&text).is_ok()
        };
        assert!(read(LAST_EXCEPTION) && !read(LAST_EXCEPTION + 1) && !read(u32::MAX));
    }

    #[test]
    fn one_whose_follow_up_is_open_stays() {
        let mut alice = enrolled(user("u-alice", &["acme"]));
        let lost = Exception {
            follow_up: FollowUp::ReEnrolWhenReplaced,
            recorded_at: day(10),
            ..exception(day(10), day(11), &["acme"])
        };
        alice.exceptions.insert(1, lost);
        alice.enrolment.current = Some(Method { method: MethodKind::Totp, since: day(1) });
        assert_eq!(moved(&alice, day(300)), [0; 0]);
        alice.active = false;
        assert_eq!(moved(&alice, day(300)), [0; 0], "it is open again once she comes back");
        alice.enrolment.current = Some(Method { method: MethodKind::Totp, since: day(12) });
        assert_eq!(moved(&alice, day(300)), [1]);
    }
}
