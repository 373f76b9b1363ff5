//! What a code is, in the light of what is kept. Looks, and changes nothing.

use super::{Answer, Current, SigninState};
use crate::domain::time::Time;
use crate::error::Result;
use crate::secret::recovery::{RecoverySet, RecoveryVerdict};
use crate::secret::totp::{Totp, Verdict, Window};
use crate::secret::typed::Typed;

/// What is kept of the enrolment that the code is compared with.
#[derive(Debug, Clone, Copy)]
pub struct Kept<'a> {
    /// The secret, opened.
    pub totp: &'a Totp,
    /// The hashes of the recovery codes.
    pub recovery: Option<&'a RecoverySet>,
    /// How far off a clock may be.
    pub window: Window,
}

/// Says what `typed` is at `now`. A recovery code costs one hash (about 30 ms).
///
/// # Errors
/// `damaged` (7) where a hash that is kept cannot be computed.
pub fn look(
    kept: &Kept<'_>,
    typed: &Typed,
    state: &SigninState,
    current: Current<'_>,
    now: Time,
) -> Result<Answer> {
    let state = state.seen_from(current);
    Ok(match (typed, kept.recovery) {
        (Typed::Totp(code), _) => match kept.totp.verify(code, now, kept.window, state.last_step) {
            Verdict::Right { step } if state.is_used(step) => Answer::Used,
            Verdict::Right { step } => Answer::Step(step),
            Verdict::Used => Answer::Used,
            Verdict::Wrong => Answer::Wrong,
        },
        (Typed::Recovery(code), Some(set)) => match set.verify(code, state.used)? {
            RecoveryVerdict::Right { place } => Answer::Recovery(set.id.clone(), place),
            RecoveryVerdict::Used => Answer::Used,
            RecoveryVerdict::Wrong => Answer::Wrong,
        },
        (Typed::Recovery(_), None) | (Typed::Neither, _) => Answer::Wrong,
    })
}
