//! `.google_authenticator`, the file of pam_google_authenticator (FILEFORMAT in its
//! source): one user's, in their home directory.
//!
//! ```text
//! GEZDGNBVGY3TQOJQGEZDGNBVGY3TQOJQ
//! " RATE_LIMIT 3 30
//! " DISALLOW_REUSE 59666666 59666667
//! " TOTP_AUTH
//! 12345678
//! ```
//!
//! The first line is the key, lines that begin with `" ` are options, eight digits are
//! a scratch code. SHA-1 and six digits always. The module writes the file itself, so
//! an export merges, and keeps lines that are not understood.

mod merge;

use std::collections::BTreeSet;

use super::lines::numbered;
use super::otpauth::short;
use super::value::{Enrolment, Exported, Imported, NEAR, Note, Problems};
use crate::domain::time::Time;
use crate::secret::material::Secret;
use crate::secret::parameters::{Algorithm, Digits, Parameters, Period};
use crate::secret::totp::Totp;

/// The most bytes that the module reads (found by trying version 20191231; FILEFORMAT
/// still says 1 KiB).
const LONGEST_FILE: usize = 64 * 1024;

/// A line after the first.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Row<'a> {
    /// An option with its arguments.
    Option(&'a str, &'a str),
    /// A scratch code.
    Scratch,
    /// Anything else.
    Other,
}

impl<'a> Row<'a> {
    fn parse(line: &'a str) -> Row<'a> {
        if let Some(option) = line.strip_prefix("\" ") {
            let (name, arguments) = option.split_once(' ').unwrap_or((option, ""));
            return Row::Option(name, arguments.trim());
        }
        let digits = line.len() == 8 && line.bytes().all(|b| b.is_ascii_digit());
        if digits { Row::Scratch } else { Row::Other }
    }
}

/// The file, taken apart.
#[derive(Debug)]
pub(super) struct Parts<'a> {
    totp: Totp,
    rows: Vec<(usize, &'a str, Row<'a>)>,
}

impl<'a> Parts<'a> {
    fn parse(file: &'a [u8]) -> Result<Parts<'a>, Problems> {
        let whole = |message: &str| Problems::one(Note::line(1, message));
        if file.len() > LONGEST_FILE {
            return Err(whole("the file is longer than pam_google_authenticator reads"));
        }
        let mut problems = Problems::default();
        let mut lines = Vec::new();
        for (number, line) in numbered(file) {
            match line {
                Ok(line) => lines.push((number, line.trim_end())),
                Err(message) => problems.add(number, message),
            }
        }
        let mut lines = problems.or(lines)?.into_iter();
        let (_, first) = lines.next().ok_or_else(|| whole("the file is empty"))?;
        let secret = Secret::from_base32(first).map_err(|error| whole(&error.to_string()))?;
        let rows: Vec<_> = lines.map(|(number, line)| (number, line, Row::parse(line))).collect();
        let mut parameters = Parameters::default();
        for (number, _, row) in &rows {
            match row {
                Row::Option("STEP_SIZE", step) => {
                    parameters.period = step
                        .parse::<Period>()
                        .map_err(|error| Problems::one(Note::line(*number, error.to_string())))?;
                }
                Row::Option("HOTP_COUNTER", _) => {
                    let message = "the codes are counter-based: mfactl knows time-based ones";
                    return Err(Problems::one(Note::line(*number, message)));
                }
                _ => {}
            }
        }
        Ok(Parts { totp: Totp { secret, parameters }, rows })
    }

    /// The steps whose codes are used, each with its line.
    fn used(&self) -> impl Iterator<Item = (usize, u64)> {
        let rows = self.rows.iter().filter_map(|(number, _, row)| match row {
            Row::Option("DISALLOW_REUSE", steps) => Some((*number, *steps)),
            _ => None,
        });
        rows.flat_map(|(number, steps)| {
            let steps = steps.split_ascii_whitespace();
            steps.filter_map(move |step| Some((number, step.parse().ok()?)))
        })
    }
}

/// Reads the file of one user, who is not named in it.
///
/// # Errors
/// Where the first line is no key, or the codes are not time-based.
pub fn import(file: &[u8], now: Time) -> Result<Imported, Problems> {
    let parts = Parts::parse(file)?;
    let mut imported = Imported::default();
    if parts.totp.secret.len() < Secret::ADVISED {
        imported.notes.push(Note::line(1, short(&parts.totp.secret)));
    }
    for (number, _, row) in &parts.rows {
        let lost = match row {
            Row::Scratch => "a scratch code is not kept: issue recovery codes with `user codes`",
            Row::Option("TIME_SKEW", _) => "the skew of the token's clock is not kept",
            Row::Option("OTP_DISABLED", _) => "that it is switched off is not kept",
            _ => continue,
        };
        imported.notes.push(Note::line(*number, lost));
    }
    // A step that nobody can have reached would refuse every code until then.
    let latest = parts.totp.step(now).map(|step| step.saturating_add(NEAR));
    let (used, ahead): (Vec<_>, Vec<_>) = parts.used().partition(|(_, step)| Some(*step) <= latest);
    let ahead: BTreeSet<usize> = ahead.into_iter().map(|(number, _)| number).collect();
    let ignored = "a code of the future is said to be used: ignored";
    imported.notes.extend(ahead.into_iter().map(|number| Note::line(number, ignored)));
    let last_step = used.into_iter().map(|(_, step)| step).max();
    let totp = parts.totp;
    imported.enrolments.push((1, Enrolment { issuer: None, account: None, totp, last_step }));
    Ok(imported)
}

/// Writes the file of one user, into what it holds now.
///
/// # Errors
/// Where there is not exactly one enrolment, or what the file holds is not in the format.
pub fn export(enrolments: &[Enrolment], existing: Option<&[u8]>) -> Result<Exported, Problems> {
    let [enrolment] = enrolments else {
        let message = format!("the file is one user's, and {} are given", enrolments.len());
        return Err(Problems::one(Note { line: None, subject: None, message }));
    };
    let mut exported = Exported::default();
    let existing = existing.filter(|file| !file.is_empty()).map(Parts::parse).transpose()?;
    match enrolment.totp.parameters {
        Parameters { algorithm: Algorithm::Sha1, digits: Digits::Six, .. } => {
            merge::merge(enrolment, existing.as_ref(), &mut exported);
            exported.written = 1;
        }
        _ => exported.leave_out(enrolment, "the format knows only SHA-1 and six digits"),
    }
    Ok(exported)
}

#[cfg(test)]
mod tests;
