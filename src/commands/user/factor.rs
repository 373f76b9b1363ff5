//! What is known of somebody's second factor besides the account: recovery codes,
//! failures, lock-out.

use crate::commands::session::Session;
use crate::domain::ids::Login;
use crate::domain::model::User;
use crate::domain::time::Time;
use crate::error::Result;
use crate::secret::attempts::{Current, Lock, SigninState};
use crate::secret::ids::EnrolmentId;
use crate::secret::line::UserSecrets;
use crate::secret::totp::Window;
use crate::store::signin::Line;
use crate::store::{Store, View};

/// A local factor in use, with what changed at sign-ins.
pub(in crate::commands) struct Factor {
    /// Which enrolment it is.
    pub(in crate::commands) enrolment: EnrolmentId,
    /// What is kept sealed.
    pub(in crate::commands) secrets: UserSecrets,
    /// What the last sign-in left; none is damage.
    pub(in crate::commands) state: Option<SigninState>,
    /// The user's unlock number.
    unlock: u32,
}

impl Factor {
    /// That of a user whose secrets these are; none where nothing is kept here.
    pub(in crate::commands) fn read(
        store: &Store,
        user: &User,
        secrets: UserSecrets,
    ) -> Result<Option<Factor>> {
        let Some(current) = &secrets.current else { return Ok(None) };
        let state = store.signin_state(&user.id, &current.id)?;
        let enrolment = current.id.clone();
        Ok(Some(Factor { enrolment, state, unlock: user.unlocks, secrets }))
    }

    /// The time step of an instant; `None` before 1970.
    fn step(&self, at: Time) -> Option<u64> {
        let period = self.secrets.current.as_ref()?.parameters.period.seconds();
        u64::try_from(at.unix()).ok().map(|seconds| seconds / period)
    }

    /// From when codes count again, where a code of the future was accepted while the clock
    /// was ahead. `now` is by the clock.
    pub(in crate::commands) fn codes_count_from(&self, now: Time, window: Window) -> Option<Time> {
        let period = self.secrets.current.as_ref()?.parameters.period.seconds();
        let first = self.state.as_ref()?.ahead(self.step(now)?)?;
        let seconds = first.saturating_sub(u64::from(window.steps())).saturating_mul(period);
        Some(i64::try_from(seconds).map_or(Time::MAX, Time::from_unix))
    }

    /// What the state says at this moment.
    pub(in crate::commands) fn current(&self) -> Current<'_> {
        current(self.unlock, &self.secrets)
    }

    /// How many recovery codes are left.
    pub(in crate::commands) fn codes_left(&self) -> Option<u8> {
        let (set, state) = (self.secrets.recovery.as_ref()?, self.state.as_ref()?);
        Some(set.left(state.seen_from(self.current()).used))
    }

    /// Until when no code is looked at; [`Time::MAX`] where only an unlock helps.
    pub(in crate::commands) fn locked_until(&self, now: Time) -> Option<Time> {
        self.state.as_ref()?.lock(self.current(), now).map(end_of)
    }
}

/// The line of somebody's enrolment that says of the future what only a clock that was ahead
/// can have left, brought back to now; `None` where there is no such line.
pub(super) fn ahead(session: &Session<'_>, view: &View, login: &Login) -> Result<Option<Line>> {
    let Some(user) = view.user(login)? else { return Ok(None) };
    let Some(secrets) = view.secrets(login)? else { return Ok(None) };
    let factor = Factor::read(&session.store()?, &user, secrets)?;
    let now = session.clock();
    Ok(factor.and_then(|factor| {
        let present = factor.step(now)?;
        Line::brought_back(user.id.clone(), factor.state.as_ref()?, present, now)
    }))
}

/// What a user with this unlock number and these secrets is at this moment.
pub(in crate::commands) fn current(unlock: u32, secrets: &UserSecrets) -> Current<'_> {
    Current { unlock, set: secrets.recovery.as_ref().map(|set| &set.id) }
}

/// When a lock ends; [`Time::MAX`] where it does not by itself.
pub(in crate::commands) fn end_of(lock: Lock) -> Time {
    lock.until().unwrap_or(Time::MAX)
}

/// Whether there are failures to forget, or a lock that they left.
pub(super) fn has_failures(session: &Session<'_>, view: &View, login: &Login) -> Result<bool> {
    let Some(user) = view.user(login)? else { return Ok(false) };
    let Some(secrets) = view.secrets(login)? else { return Ok(false) };
    let factor = Factor::read(&session.store()?, &user, secrets)?;
    let seen = factor
        .and_then(|factor| Some(factor.state?.seen_from(current(user.unlocks, &factor.secrets))));
    Ok(seen.is_some_and(|seen| seen.failures > 0 || seen.locked_until.is_some()))
}

/// How far off a clock may be.
pub(in crate::commands) fn window(session: &Session<'_>) -> Window {
    session.sign_in().window.and_then(Window::new).unwrap_or_default()
}
