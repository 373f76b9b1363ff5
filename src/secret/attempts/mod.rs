//! What attempts at sign-in leave: steps and recovery codes that are used, failures, locks.
//! Pure. The sign-in room compares codes and keeps the order of reading, deciding and writing;
//! all limits are in here.

mod steps;

pub use steps::UsedSteps;

use serde::{Deserialize, Serialize};

use super::ids::{EnrolmentId, SetId};
use super::line::UserSecrets;
use super::recovery::UsedPlaces;
use super::totp::Window;
use crate::domain::model::User;
use crate::domain::time::{Span, Time};

/// The failure in a row that locks for the first time.
pub const FIRST_LOCK_AT: u32 = 5;
/// How long the first lock lasts; each further failure doubles it.
pub const FIRST_LOCK: Span = Span::seconds(30);
/// The longest lock.
pub const LONGEST_LOCK: Span = Span::seconds(3_600);
/// Failures in a row after which only an unlock helps (NIST SP 800-63B §5.2.2: no
/// more than 100).
pub const LIMIT: u32 = 100;

/// How far back accepted steps are remembered one by one: a month of steps of 30 s. A clock
/// that is ahead is noticed sooner.
pub const REMEMBERED: u64 = 31 * 86_400 / 30;

/// What changes at every sign-in: one line for each user and enrolment.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct SigninState {
    /// The enrolment that the last step belongs to.
    pub enrolment: EnrolmentId,
    /// The last time step accepted; nothing at or before it is again.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub last_step: Option<u64>,
    /// The steps accepted before the last one, of the [`REMEMBERED`] steps before it: while
    /// the clock is ahead nobody knows it, so that all are remembered.
    #[serde(default, skip_serializing_if = "UsedSteps::is_empty")]
    pub recent: UsedSteps,
    /// Steps that were accepted while the clock was ahead and still lie in the future;
    /// they are not accepted again.
    #[serde(default, skip_serializing_if = "UsedSteps::is_empty")]
    pub used_ahead: UsedSteps,
    /// Failures in a row.
    #[serde(default, skip_serializing_if = "is_zero")]
    pub failures: u32,
    /// Until when no attempt is looked at.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub locked_until: Option<Time>,
    /// The unlock number that the failures belong to.
    #[serde(default, skip_serializing_if = "is_zero")]
    pub unlock: u32,
    /// The set of recovery codes that the used marks belong to.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub set: Option<SetId>,
    /// Which codes of that set are used.
    #[serde(default, skip_serializing_if = "UsedPlaces::is_empty")]
    pub used: UsedPlaces,
}

fn is_zero(number: &u32) -> bool {
    *number == 0
}

/// What the main state says now. Failures under another unlock number and used marks of another
/// set do not count.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Current<'a> {
    /// `unlocks` of the user.
    pub unlock: u32,
    /// The id of the recovery codes in `secrets/`.
    pub set: Option<&'a SetId>,
}

impl<'a> Current<'a> {
    /// That of a user with these secrets.
    pub fn of(user: &User, secrets: &'a UserSecrets) -> Current<'a> {
        Current { unlock: user.unlocks, set: secrets.recovery.as_ref().map(|set| &set.id) }
    }
}

/// What a code belongs to. Whether it was used before is for [`SigninState::settle`] to say.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum CodeMatch {
    /// The TOTP code of this step.
    Step(u64),
    /// The recovery code at this place of this set.
    Recovery(SetId, u8),
    /// Nothing.
    Wrong,
}

/// What an attempt comes to, with the state to write where it changes.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Settled {
    /// The person gets in. The code is used up and the failures are forgotten.
    Right(SigninState),
    /// The code was used before. This does not count as a failure.
    Used,
    /// The code is wrong, which counts as a failure.
    Wrong(SigninState),
    /// Locked until this instant, which is not part of it; [`Time::MAX`]: until an unlock.
    Locked(Time),
}

impl SigninState {
    /// The line of a new enrolment, confirmed with the code of `step`, which is used up by that;
    /// `None` where no code was seen.
    pub fn confirmed(
        enrolment: EnrolmentId,
        step: Option<u64>,
        current: Current<'_>,
    ) -> SigninState {
        SigninState {
            enrolment,
            last_step: step,
            recent: UsedSteps::default(),
            used_ahead: UsedSteps::default(),
            failures: 0,
            locked_until: None,
            unlock: current.unlock,
            set: current.set.cloned(),
            used: UsedPlaces::default(),
        }
    }

    /// The line of an enrolment that came from elsewhere or from a backup: every code
    /// up to `step` counts as used, and so do all recovery codes.
    pub fn restored(enrolment: EnrolmentId, step: u64, current: Current<'_>) -> SigninState {
        let used = if current.set.is_some() { UsedPlaces::all() } else { UsedPlaces::default() };
        SigninState { used, ..SigninState::confirmed(enrolment, Some(step), current) }
    }

    /// This state without what does not count any more.
    #[must_use]
    pub fn seen_from(&self, current: Current<'_>) -> SigninState {
        let mut seen = self.clone();
        if seen.unlock != current.unlock {
            (seen.failures, seen.locked_until, seen.unlock) = (0, None, current.unlock);
        }
        if seen.set.as_ref() != current.set {
            (seen.used, seen.set) = (UsedPlaces::default(), current.set.cloned());
        }
        seen
    }

    /// The first step whose code is accepted again, where the last one accepted lies in the
    /// future, as after a sign-in while the clock was ahead. `present` is the step of now.
    pub fn ahead(&self, present: u64) -> Option<u64> {
        let last = self
            .last_step
            .filter(|last| *last > present.saturating_add(u64::from(Window::WIDEST)))?;
        Some(last.saturating_add(1))
    }

    /// This state after the clock was put right: what lies in the future is brought back to
    /// now. Every step up to `present` counts as used, every step used in the future stays
    /// used, and a lock ends within the longest one. `None` where nothing lies there.
    pub fn brought_back(&self, present: u64, now: Time) -> Option<SigninState> {
        let latest = now.plus(LONGEST_LOCK);
        let locked_ahead = self.locked_until.is_some_and(|end| end > latest);
        let ahead = self.ahead(present).is_some();
        if !ahead && !locked_ahead {
            return None;
        }
        let mut state = self.clone();
        if ahead {
            state.used_ahead.add_all(&std::mem::take(&mut state.recent));
            state
                .last_step
                .replace(present)
                .into_iter()
                .for_each(|last| state.used_ahead.add(last));
            // Only here is it known what lies in the past.
            state.used_ahead.keep_after(present);
        }
        if locked_ahead {
            state.locked_until = Some(latest);
        }
        Some(state)
    }

    /// Records that a code of `step` was accepted. A step that is not later than the last one
    /// changes nothing.
    pub fn accept(&mut self, step: u64) {
        let Some(last) = self.last_step else {
            self.last_step = Some(step);
            return;
        };
        if step > last {
            self.recent.add(last);
            self.recent.keep_after(step.saturating_sub(REMEMBERED));
            self.last_step = Some(step);
        }
    }

    /// Whether a code of `step` was accepted already.
    fn is_used(&self, step: u64) -> bool {
        self.last_step.is_some_and(|last| step <= last) || self.used_ahead.has(step)
    }

    /// Until when no attempt is answered at `now`; [`Time::MAX`]: until an unlock. A clock set
    /// back ends no lock early.
    pub fn locked_until(&self, current: Current<'_>, now: Time) -> Option<Time> {
        let seen = self.seen_from(current);
        if seen.failures >= LIMIT {
            return Some(Time::MAX);
        }
        seen.locked_until.filter(|end| now < *end)
    }

    /// What an attempt at `now` comes to. The caller holds the lock of the line from reading it
    /// until what is to be written is durable.
    pub fn settle(&self, current: Current<'_>, found: &CodeMatch, now: Time) -> Settled {
        if let Some(until) = self.locked_until(current, now) {
            return Settled::Locked(until);
        }
        let mut state = self.seen_from(current);
        match found {
            CodeMatch::Step(step) if state.is_used(*step) => return Settled::Used,
            CodeMatch::Step(step) => state.accept(*step),
            CodeMatch::Recovery(set, place) if state.set.as_ref() == Some(set) => {
                if state.used.has(*place) {
                    return Settled::Used;
                }
                state.used = state.used.with(*place);
            }
            CodeMatch::Recovery(..) | CodeMatch::Wrong => {
                state.failures = state.failures.saturating_add(1);
                state.locked_until = lock_length(state.failures).map(|length| now.plus(length));
                return Settled::Wrong(state);
            }
        }
        (state.failures, state.locked_until) = (0, None);
        Settled::Right(state)
    }
}

/// How long the failure that makes it `failures` in a row locks: 30 s, 60 s, … 3,600 s.
fn lock_length(failures: u32) -> Option<Span> {
    let doublings = failures.checked_sub(FIRST_LOCK_AT)?;
    let longest = LONGEST_LOCK.as_seconds();
    let seconds = FIRST_LOCK.as_seconds().checked_shl(doublings.min(16)).unwrap_or(longest);
    Some(Span::seconds(seconds.min(longest)))
}

#[cfg(test)]
mod tests;
