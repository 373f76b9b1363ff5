//! The local second factor of one person: its secret, recovery codes, failures, locks.

use crate::domain::ids::{Login, UserId};
use crate::domain::model::User;
use crate::domain::time::Time;
use crate::error::Result;
use crate::secret::attempts::{CodeMatch, Current, SigninState};
use crate::secret::line::{Owner, SealedTotp};
use crate::secret::recovery::RecoverySet;
use crate::secret::ring::KeyRing;
use crate::secret::totp::{Totp, Window};
use crate::secret::typed::Typed;
use crate::store::View;
use crate::store::signin::{SigninLine, missing_line};

/// A local factor in use, with what the last sign-in left.
#[derive(Debug)]
pub struct LocalFactor {
    user: UserId,
    unlock: u32,
    /// The secret, encrypted.
    pub(super) sealed: SealedTotp,
    recovery: Option<RecoverySet>,
    /// The line in `signin/`; none is damage.
    pub(super) state: Option<SigninState>,
}

impl LocalFactor {
    /// That of a user; `None` where no secret is kept here.
    ///
    /// # Errors
    /// Damaged (7), system (8).
    pub fn read(view: &View, login: &Login, user: &User) -> Result<Option<LocalFactor>> {
        let secrets = view.secrets(login)?.unwrap_or_default();
        let Some(sealed) = secrets.current else { return Ok(None) };
        let state = view.signin_state(&user.id, &sealed.id)?;
        let (id, unlock) = (user.id.clone(), user.unlocks);
        Ok(Some(LocalFactor { user: id, unlock, sealed, recovery: secrets.recovery, state }))
    }

    /// The line in `signin/`.
    ///
    /// # Errors
    /// Damaged (7) where it is missing.
    pub(super) fn line(&self) -> Result<&SigninState> {
        self.state.as_ref().ok_or_else(|| missing_line(&self.user))
    }

    /// What counts of the line.
    pub(super) fn current(&self) -> Current<'_> {
        Current { unlock: self.unlock, set: self.recovery.as_ref().map(|set| &set.id) }
    }

    /// Opens the secret.
    pub(super) fn open(&self, ring: &KeyRing, store: &str) -> Result<Totp> {
        self.sealed.open(ring, Owner { store, user: &self.user })
    }

    /// What `typed` belongs to at `now`. A recovery code costs one hash (about 30 ms).
    ///
    /// # Errors
    /// `damaged` (7) where the line is missing or a kept hash cannot be computed.
    pub(super) fn compare(
        &self,
        totp: &Totp,
        typed: &Typed,
        window: Window,
        now: Time,
    ) -> Result<CodeMatch> {
        Ok(match (typed, &self.recovery) {
            (Typed::Totp(code), _) => totp
                .step_of(code, now, window, self.line()?.last_step)
                .map_or(CodeMatch::Wrong, CodeMatch::Step),
            (Typed::Recovery(code), Some(set)) if set.has(code)? => {
                CodeMatch::Recovery(set.id.clone(), code.place())
            }
            _ => CodeMatch::Wrong,
        })
    }

    /// The last time step accepted.
    pub fn last_step(&self) -> Option<u64> {
        self.state.as_ref()?.last_step
    }

    /// How many recovery codes are left.
    pub fn codes_left(&self) -> Option<u8> {
        let (set, state) = (self.recovery.as_ref()?, self.state.as_ref()?);
        Some(set.left(state.seen_from(self.current()).used))
    }

    /// Until when no code is answered; [`Time::MAX`]: until an unlock.
    pub fn locked_until(&self, now: Time) -> Option<Time> {
        self.state.as_ref()?.locked_until(self.current(), now)
    }

    /// Whether there are failures that an unlock clears, or a lock that they left.
    pub fn has_failures(&self) -> bool {
        let seen = self.state.as_ref().map(|state| state.seen_from(self.current()));
        seen.is_some_and(|seen| seen.failures > 0 || seen.locked_until.is_some())
    }

    /// From when codes count again, where a code of the future was accepted while the clock
    /// was ahead.
    pub fn codes_count_from(&self, clock: Time, window: Window) -> Option<Time> {
        let period = self.sealed.parameters.period.seconds();
        let first = self.state.as_ref()?.ahead(self.step(clock)?)?;
        let seconds = first.saturating_sub(u64::from(window.steps())).saturating_mul(period);
        Some(i64::try_from(seconds).map_or(Time::MAX, Time::from_unix))
    }

    /// The line brought back to now, where it says of the future what only a clock that was
    /// ahead can have left.
    pub fn brought_back(&self, clock: Time) -> Option<SigninLine> {
        let present = self.step(clock)?;
        SigninLine::brought_back(self.user.clone(), self.state.as_ref()?, present, clock)
    }

    /// The time step of an instant; `None` before 1970.
    fn step(&self, at: Time) -> Option<u64> {
        let seconds = u64::try_from(at.unix()).ok()?;
        Some(seconds / self.sealed.parameters.period.seconds())
    }
}
