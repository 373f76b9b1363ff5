//! Time-based one-time passwords (RFC 6238), over totp-rs: codes, verification,
//! and the otpauth URI that hands the secret to an app.

use std::fmt;

use percent_encoding::{AsciiSet, NON_ALPHANUMERIC, utf8_percent_encode};
use subtle::{Choice, ConstantTimeEq};
use zeroize::Zeroizing;

use super::label::Issuer;
use super::material::{Revealed, Secret};
use super::parameters::{Algorithm, Parameters};
use crate::domain::time::Time;

/// A code of six to eight digits. Wiped from memory when dropped.
#[derive(Clone)]
pub struct Code(Zeroizing<String>);

impl Code {
    /// Takes six to eight digits.
    pub fn from_digits(text: &str) -> Option<Code> {
        let fits = matches!(text.len(), 6..=8) && text.bytes().all(|b| b.is_ascii_digit());
        fits.then(|| Code(Zeroizing::new(text.to_owned())))
    }

    /// The digits.
    pub fn reveal(&self) -> &str {
        &self.0
    }

    fn matches(&self, other: &Code) -> Choice {
        self.0.as_bytes().ct_eq(other.0.as_bytes())
    }
}

impl PartialEq for Code {
    /// In constant time for codes of one length.
    fn eq(&self, other: &Code) -> bool {
        self.matches(other).into()
    }
}

impl Eq for Code {}

impl fmt::Debug for Code {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Code(…)")
    }
}

/// How many steps before and after the present one are looked at: 0 to 2. RFC 6238
/// §5.2 recommends at most one for the delay of the network; the second is for
/// clocks that have drifted (§6).
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Window(u8);

impl Window {
    /// The widest.
    pub const WIDEST: u8 = 2;

    /// A window of `steps` on each side; `None` above [`Window::WIDEST`].
    pub fn new(steps: u8) -> Option<Window> {
        (steps <= Self::WIDEST).then_some(Window(steps))
    }

    /// Steps on each side.
    pub fn steps(self) -> u8 {
        self.0
    }
}

impl Default for Window {
    /// One step on each side.
    fn default() -> Window {
        Window(1)
    }
}

/// How far the clock of a device is off.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct ClockOff {
    /// In time steps: negative where the device is behind.
    pub steps: i64,
    /// Seconds in a step.
    period: u64,
}

impl ClockOff {
    /// How far off a device is looked for: half an hour.
    const REACH: u64 = 1_800;

    /// Whether the device is behind, so that its code belongs to the past.
    pub fn is_behind(self) -> bool {
        self.steps < 0
    }
}

impl fmt::Display for ClockOff {
    /// `6 time steps (3 min) behind`.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let steps = self.steps.unsigned_abs();
        let seconds = steps.saturating_mul(self.period);
        let (number, unit) =
            if seconds.is_multiple_of(60) { (seconds / 60, "min") } else { (seconds, "s") };
        let plural = if steps == 1 { "" } else { "s" };
        let way = if self.is_behind() { "behind" } else { "ahead" };
        write!(f, "{steps} time step{plural} ({number} {unit}) {way}")
    }
}

/// A secret with its parameters.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Totp {
    /// The shared secret.
    pub secret: Secret,
    /// Hash, digits, period.
    pub parameters: Parameters,
}

/// What is left unescaped in a URI: RFC 3986 §2.3.
const ESCAPED: &AsciiSet = &NON_ALPHANUMERIC.remove(b'-').remove(b'.').remove(b'_').remove(b'~');

impl Totp {
    /// The code of time step `step`.
    pub fn code(&self, step: u64) -> Code {
        let algorithm = match self.parameters.algorithm {
            Algorithm::Sha1 => totp_rs::Algorithm::SHA1,
            Algorithm::Sha256 => totp_rs::Algorithm::SHA256,
            Algorithm::Sha512 => totp_rs::Algorithm::SHA512,
        };
        // With steps of one second its time is our step: nothing is multiplied that
        // could overflow. The checks of `build` are ours already, but for secrets of
        // 80 bits, which it refuses and older enrolments have.
        let totp = totp_rs::Builder::new()
            .with_algorithm(algorithm)
            .with_digits(self.parameters.digits.count())
            .with_step_duration(1)
            .with_secret(totp_rs::Secret::from(self.secret.bytes()))
            .build_noncompliant();
        Code(Zeroizing::new(totp.generate(step).to_string()))
    }

    /// The time step of an instant; `None` before 1970.
    pub fn step(&self, at: Time) -> Option<u64> {
        u64::try_from(at.unix()).ok().map(|seconds| seconds / self.parameters.period.seconds())
    }

    /// The step that `code` belongs to: one in the window around `now`, or one that is used,
    /// which is any up to `last`, the last step accepted. Where it fits several, the latest, so
    /// that it fits none again.
    ///
    /// The widest window and `last` are always computed, for every code and every window: the
    /// time it takes tells nothing.
    pub fn step_of(
        &self,
        code: &Code,
        now: Time,
        window: Window,
        last: Option<u64>,
    ) -> Option<u64> {
        let present = self.step(now)?;
        let reach = u64::from(Window::WIDEST);
        let around = present.saturating_sub(reach)..=present.saturating_add(reach);
        let mut found = None;
        for step in last.into_iter().chain(around) {
            let fits: bool = self.code(step).matches(code).into();
            let near = step.abs_diff(present) <= u64::from(window.steps());
            if fits && (near || last.is_some_and(|last| step <= last)) {
                found = found.max(Some(step));
            }
        }
        found
    }

    /// How far the clock of the device is off that shows `code` at `now`; `None` where the
    /// code is of no step within half an hour. It lets nobody in: a code is accepted in
    /// the window alone. All steps are looked at, whichever fits.
    pub fn clock_off(&self, code: &Code, now: Time) -> Option<ClockOff> {
        let present = self.step(now)?;
        let period = self.parameters.period.seconds();
        let reach = ClockOff::REACH / period;
        let mut nearest: Option<i64> = None;
        for step in present.saturating_sub(reach)..=present.saturating_add(reach) {
            let fits: bool = self.code(step).matches(code).into();
            let off = i64::try_from(step).ok()?.checked_sub(i64::try_from(present).ok()?)?;
            if fits && nearest.is_none_or(|other| off.unsigned_abs() < other.unsigned_abs()) {
                nearest = Some(off);
            }
        }
        nearest.map(|steps| ClockOff { steps, period })
    }

    /// The URI that authenticator apps read (Key URI Format of google-authenticator):
    /// the label is `issuer:account`, both escaped, and the issuer stands as a
    /// parameter as well. All parameters are given, also those at their defaults.
    pub fn otpauth_uri(&self, issuer: Option<&Issuer>, account: &str) -> Revealed {
        let escaped = |text: &str| utf8_percent_encode(text, ESCAPED).to_string();
        let label = match issuer {
            Some(issuer) => format!("{}:{}", escaped(issuer.as_str()), escaped(account)),
            None => escaped(account),
        };
        let key = self.secret.base32();
        let issuer = issuer
            .map(|issuer| format!("&issuer={}", escaped(issuer.as_str())))
            .unwrap_or_default();
        let Parameters { algorithm, digits, period } = self.parameters;
        let before = format!("otpauth://totp/{label}?secret=");
        let (digits, period) = (digits.count(), period.seconds());
        let after = format!("{issuer}&algorithm={algorithm}&digits={digits}&period={period}");
        // In one go: a text that grows leaves copies of its beginning.
        Revealed::new([before.as_str(), key.reveal(), after.as_str()].concat())
    }
}

#[cfg(test)]
mod tests;
