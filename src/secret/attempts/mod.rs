//! How attempts at sign-in are counted and settled. A pure state machine: the store
//! reads and writes the state under a lock of its own, in this order:
//!
//! 1. [`SigninState::count`]: the attempt is a failure until it is shown to be
//!    none. The new state is made durable **before** the code is looked at, so that
//!    parallel guesses cannot outrun the limit, nor can a guess be had for nothing by
//!    killing the process.
//! 2. [`look`]: what the code is.
//! 3. [`SigninState::settle`]: what becomes of the count. The state may have moved
//!    between, where the lock was let go: exactly one of two that bring the same code
//!    gets in.

mod look;
mod steps;

pub use look::{Kept, look};
pub use steps::UsedSteps;

use serde::{Deserialize, Serialize};

use super::ids::{EnrolmentId, SetId};
use super::recovery::UsedPlaces;
use super::totp::Window;
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

/// What the main state says at this moment: failures under another unlock number and
/// used marks of another set count for nothing.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Current<'a> {
    /// `unlocks` of the user.
    pub unlock: u32,
    /// The id of the recovery codes in `secrets/`.
    pub set: Option<&'a SetId>,
}

/// Why no attempt is looked at.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Lock {
    /// Until this instant, which is not part of it.
    Until(Time),
    /// Until somebody unlocks the user.
    UntilUnlock,
}

impl Lock {
    /// The instant at which it ends by itself, if it does.
    pub fn until(self) -> Option<Time> {
        match self {
            Lock::Until(end) => Some(end),
            Lock::UntilUnlock => None,
        }
    }
}

/// What a code was found to be.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Answer {
    /// The right TOTP code of this step.
    Step(u64),
    /// The right recovery code at this place of this set.
    Recovery(SetId, u8),
    /// Right once, used up.
    Used,
    /// Wrong.
    Wrong,
}

/// What became of an attempt.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Settled {
    /// The person gets in.
    Right,
    /// The code was used before; the attempt does not count.
    Used,
    /// The code was wrong; the attempt counts.
    Wrong,
}

impl SigninState {
    /// The line of an enrolment just confirmed with the code of `step`, which is used
    /// up by that: a right code, so nothing is counted.
    pub fn confirmed(enrolment: EnrolmentId, step: u64, current: Current<'_>) -> SigninState {
        SigninState {
            enrolment,
            last_step: Some(step),
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
    /// up to `step` counts as used, and so do all recovery codes there are.
    pub fn restored(enrolment: EnrolmentId, step: u64, current: Current<'_>) -> SigninState {
        let used = if current.set.is_some() { UsedPlaces::all() } else { UsedPlaces::default() };
        SigninState { used, ..SigninState::confirmed(enrolment, step, current) }
    }

    /// This state without what counts for nothing any more.
    #[must_use]
    pub fn seen_from(&self, current: Current<'_>) -> SigninState {
        let mut seen = self.forgiven(current.unlock);
        if seen.set.as_ref() != current.set {
            seen.used = UsedPlaces::default();
            seen.set = current.set.cloned();
        }
        seen
    }

    /// This state without failures under another unlock number.
    fn forgiven(&self, unlock: u32) -> SigninState {
        if self.unlock == unlock {
            return self.clone();
        }
        SigninState { failures: 0, locked_until: None, unlock, ..self.clone() }
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
    pub(super) fn is_used(&self, step: u64) -> bool {
        self.last_step.is_some_and(|last| step <= last) || self.used_ahead.has(step)
    }

    /// Whether attempts are locked out at `now`. A clock set back ends no lock early.
    pub fn lock(&self, current: Current<'_>, now: Time) -> Option<Lock> {
        let seen = self.seen_from(current);
        if seen.failures >= LIMIT {
            return Some(Lock::UntilUnlock);
        }
        seen.locked_until.filter(|end| now < *end).map(Lock::Until)
    }

    /// Counts an attempt before its code is looked at. What is used stays as it is: an
    /// attempt that does not know of new recovery codes yet must not unmark one.
    ///
    /// # Errors
    /// The lock, where there is one: then nothing is counted and nothing is written.
    pub fn count(&self, current: Current<'_>, now: Time) -> Result<SigninState, Lock> {
        if let Some(lock) = self.lock(current, now) {
            return Err(lock);
        }
        let mut counted = self.forgiven(current.unlock);
        counted.failures = counted.failures.saturating_add(1);
        counted.locked_until = lock_length(counted.failures).map(|length| now.plus(length));
        Ok(counted)
    }

    /// What becomes of an attempt that was counted, which left `counted`. Compares with
    /// the state as it is now: another attempt may have used the same code up between.
    pub fn settle(
        &self,
        current: Current<'_>,
        counted: &SigninState,
        answer: &Answer,
    ) -> (SigninState, Settled) {
        let mut state = self.seen_from(current);
        let settled = match answer {
            Answer::Step(step) if state.is_used(*step) => Settled::Used,
            Answer::Step(step) => {
                state.accept(*step);
                Settled::Right
            }
            Answer::Recovery(set, _) if state.set.as_ref() != Some(set) => Settled::Wrong,
            Answer::Recovery(_, place) if state.used.has(*place) => Settled::Used,
            Answer::Recovery(_, place) => {
                state.used = state.used.with(*place);
                Settled::Right
            }
            Answer::Used => Settled::Used,
            Answer::Wrong => Settled::Wrong,
        };
        match settled {
            Settled::Right => (state.failures, state.locked_until) = (0, None),
            Settled::Used => {
                state.failures = state.failures.saturating_sub(1);
                // The attempt was let through, so every lock before its own had ended; one
                // that came after it stays, where enough failures are left to hold it: others
                // at the same time may have been used codes as well.
                if self == counted || state.failures < FIRST_LOCK_AT {
                    state.locked_until = None;
                }
            }
            Settled::Wrong => {}
        }
        (state, settled)
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
