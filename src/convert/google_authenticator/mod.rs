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

use super::lines::numbered_bytes;
use super::token::Told;
use super::value::{Enrolment, Exported, Imported, NEAR, Note, Problems, Reading, Unread};
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

/// The file, taken apart. Lines that are not understood may hold any bytes.
#[derive(Debug)]
pub(super) struct Parts<'a> {
    totp: Totp,
    rows: Vec<(usize, &'a [u8], Row<'a>)>,
}

/// Why a file cannot be taken apart, and the line that says so.
struct Whole(usize, Unread);

impl<'a> Parts<'a> {
    fn parse(file: &'a [u8]) -> Result<Parts<'a>, Whole> {
        let first = |why: Unread| Whole(1, why);
        if file.len() > LONGEST_FILE {
            return Err(first("the file is longer than pam_google_authenticator reads".into()));
        }
        let mut lines = numbered_bytes(file);
        let (_, key) = lines.next().ok_or_else(|| first("the file is empty".into()))?;
        let key = std::str::from_utf8(key).map_err(|_| first("the key is not base32".into()))?;
        let secret = Secret::from_base32_of_pam(key).map_err(|error| first(error.into()))?;
        let rows: Vec<_> = lines
            .map(|(number, line)| {
                let text = std::str::from_utf8(line).map(str::trim_end);
                (number, line, text.map_or(Row::Other, Row::parse))
            })
            .collect();
        let mut told = (1, Told::default());
        for (number, _, row) in &rows {
            match row {
                Row::Option("STEP_SIZE", step) => {
                    told = (*number, Told { period: Some(*step), ..told.1 })
                }
                Row::Option("HOTP_COUNTER", _) => {
                    told = (*number, Told { kind: Some("hotp"), ..told.1 })
                }
                _ => {}
            }
        }
        let (number, told) = told;
        let parameters = told.parameters().map_err(|unread| Whole(number, unread))?;
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
pub fn read(file: &[u8], now: Time) -> Imported {
    let mut reading = Reading::default();
    match Parts::parse(file) {
        Ok(parts) => told(parts, &mut reading, now),
        Err(Whole(line, unread)) => {
            reading.at(line);
            reading.unread(None, unread);
        }
    }
    reading.done()
}

fn told(parts: Parts<'_>, reading: &mut Reading, now: Time) {
    for (number, _, row) in &parts.rows {
        let lost = match row {
            Row::Scratch => "a scratch code is not kept: issue recovery codes with `user codes`",
            Row::Option("TIME_SKEW", _) => "the skew of the token's clock is not kept",
            Row::Option("OTP_DISABLED", _) => "that it is switched off is not kept",
            _ => continue,
        };
        reading.at(*number);
        reading.note(None, lost);
    }
    // A step that nobody can have reached would refuse every code until then.
    let latest = parts.totp.step(now).map(|step| step.saturating_add(NEAR));
    let (used, ahead): (Vec<_>, Vec<_>) = parts.used().partition(|(_, step)| Some(*step) <= latest);
    let ahead: BTreeSet<usize> = ahead.into_iter().map(|(number, _)| number).collect();
    for number in ahead {
        reading.at(number);
        reading.note(None, "a used code lies in the future: ignored");
    }
    let last_step = used.into_iter().map(|(_, step)| step).max();
    reading.at(1);
    let totp = parts.totp;
    reading.keep(Enrolment { issuer: None, account: None, totp, last_step, also: None });
}

/// Writes the file of one user, into what it holds now.
///
/// # Errors
/// Where there is not exactly one enrolment, or what the file holds is not in the format.
pub fn export(enrolments: &[Enrolment], existing: Option<&[u8]>) -> Result<Exported, Problems> {
    let [enrolment] = enrolments else {
        let message = format!("the file is one user's, and {} are given", enrolments.len());
        return Err(Problems::one(Note::whole(message)));
    };
    let mut exported = Exported::default();
    let existing = existing.filter(|file| !file.is_empty()).map(Parts::parse).transpose();
    let existing = existing.map_err(|Whole(line, unread)| {
        let (Unread::Wrong(why) | Unread::LeftOut(why)) = unread;
        Problems::one(Note::line(line, why))
    })?;
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
