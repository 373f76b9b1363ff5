//! The first code of a new secret, and the line that its enrolment needs.

use crate::domain::model::User;
use crate::domain::time::Time;
use crate::error::Result;
use crate::secret::attempts::{Current, SigninState};
use crate::secret::line::UserSecrets;
use crate::secret::totp::{ClockOff, Totp, Window};
use crate::secret::typed::Typed;
use crate::store::Store;
use crate::store::signin::Shard;

/// Why a code does not confirm a secret.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Unconfirmed {
    /// It cannot be a code.
    Malformed,
    /// The secret is right, but the clock of the device is off.
    ClockOff(ClockOff),
    /// It is a code of the secret that was issued before and never confirmed.
    Replaced,
    /// It is a code of neither.
    Wrong,
}

/// The time step of the first code of `totp`; `replaced` is the secret that was issued before
/// it and never confirmed. Wrong codes are not counted: whoever confirms was shown the secret.
///
/// # Errors
/// Why the code does not confirm it.
pub fn first_step(
    totp: &Totp,
    replaced: Option<&Totp>,
    typed: &Typed,
    window: Window,
    clock: Time,
) -> std::result::Result<u64, Unconfirmed> {
    let Typed::Totp(code) = typed else { return Err(Unconfirmed::Malformed) };
    if let Some(step) = totp.step_of(code, clock, window, None) {
        return Ok(step);
    }
    if let Some(off) = totp.clock_off(code, clock) {
        return Err(Unconfirmed::ClockOff(off));
    }
    let is_earlier = replaced.is_some_and(|earlier| earlier.clock_off(code, clock).is_some());
    Err(if is_earlier { Unconfirmed::Replaced } else { Unconfirmed::Wrong })
}

/// Writes the line of the enrolment in `secrets`, which is about to be committed, beside that of
/// the enrolment in use. `step` is that of its first code, which is used up by that; `None` where
/// no code was seen. The caller keeps the shard until the commit, so that no sign-in takes the
/// new line for an old one.
///
/// # Errors
/// Busy (6), damaged (7), system (8).
pub fn put_line(
    store: &Store,
    user: &User,
    secrets: &UserSecrets,
    step: Option<u64>,
) -> Result<Option<Shard>> {
    let Some(totp) = &secrets.current else { return Ok(None) };
    let shard = store.signin_shard(&user.id)?;
    let state = SigninState::confirmed(totp.id.clone(), step, Current::of(user, secrets));
    shard.put(&state)?;
    Ok(Some(shard))
}
