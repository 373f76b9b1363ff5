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
use super::token::TokenFields;
use super::value::{
    Exported, ForeignEnrolment, ImportNote, ImportProblems, ImportReader, Imported, NEAR, Unread,
};
use crate::domain::time::Time;
use crate::secret::material::Secret;
use crate::secret::parameters::{Algorithm, Digits, Parameters, Period};
use crate::secret::totp::Totp;

/// The most bytes that the module reads (found by trying version 20191231; FILEFORMAT
/// still says 1 KiB).
const LONGEST_FILE: usize = 64 * 1024;

/// A line after the first.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum OptionLine<'a> {
    /// An option with its arguments.
    Option(&'a str, &'a str),
    /// A scratch code.
    Scratch,
    /// Anything else.
    Other,
}

impl<'a> OptionLine<'a> {
    fn parse(line: &'a str) -> OptionLine<'a> {
        if let Some(option) = line.strip_prefix("\" ") {
            let (name, arguments) = option.split_once(' ').unwrap_or((option, ""));
            return OptionLine::Option(name, arguments.trim());
        }
        let digits = line.len() == 8 && line.bytes().all(|b| b.is_ascii_digit());
        if digits { OptionLine::Scratch } else { OptionLine::Other }
    }
}

/// The file, taken apart. Lines that are not understood may hold any bytes.
#[derive(Debug)]
pub(super) struct Sections<'a> {
    totp: Totp,
    rows: Vec<(usize, &'a [u8], OptionLine<'a>)>,
}

/// Why a file cannot be taken apart, and the line that says so.
struct Whole(usize, Unread);

impl<'a> Sections<'a> {
    fn parse(file: &'a [u8]) -> Result<Sections<'a>, Whole> {
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
                (number, line, text.map_or(OptionLine::Other, OptionLine::parse))
            })
            .collect();
        let mut told = (1, TokenFields::default());
        for (number, _, row) in &rows {
            match row {
                OptionLine::Option("STEP_SIZE", step) => {
                    told = (*number, TokenFields { period: Some(*step), ..told.1 })
                }
                OptionLine::Option("HOTP_COUNTER", _) => {
                    told = (*number, TokenFields { kind: Some("hotp"), ..told.1 })
                }
                _ => {}
            }
        }
        let (number, told) = told;
        let parameters = told.parameters().map_err(|unread| Whole(number, unread))?;
        Ok(Sections { totp: Totp { secret, parameters }, rows })
    }

    /// The steps whose codes are used, each with its line.
    fn used(&self) -> impl Iterator<Item = (usize, u64)> {
        let rows = self.rows.iter().filter_map(|(number, _, row)| match row {
            OptionLine::Option("DISALLOW_REUSE", steps) => Some((*number, *steps)),
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
    let mut reading = ImportReader::default();
    match Sections::parse(file) {
        Ok(parts) => told(parts, &mut reading, now),
        Err(Whole(line, unread)) => {
            reading.at(line);
            reading.unread(None, unread);
        }
    }
    reading.done()
}

fn told(parts: Sections<'_>, reading: &mut ImportReader, now: Time) {
    for (number, _, row) in &parts.rows {
        let lost = match row {
            OptionLine::Scratch => {
                "a scratch code is not kept: issue recovery codes with `user codes`"
            }
            OptionLine::Option("TIME_SKEW", _) => "the skew of the token's clock is not kept",
            OptionLine::Option("OTP_DISABLED", _) => "that it is switched off is not kept",
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
    reading.keep(ForeignEnrolment { issuer: None, account: None, totp, last_step, also: None });
}

/// Writes the file of one user, into what it holds now.
///
/// # Errors
/// Where there is not exactly one enrolment, or what the file holds is not in the format.
pub fn export(
    enrolments: &[ForeignEnrolment],
    existing: Option<&[u8]>,
) -> Result<Exported, ImportProblems> {
    let [enrolment] = enrolments else {
        let message = format!("the file is one user's, and {} are given", enrolments.len());
        return Err(ImportProblems::one(ImportNote::whole(message)));
    };
    let mut exported = Exported::default();
    let existing = existing.filter(|file| !file.is_empty()).map(Sections::parse).transpose();
    let existing = existing.map_err(|Whole(line, unread)| {
        let (Unread::Wrong(why) | Unread::LeftOut(why)) = unread;
        ImportProblems::one(ImportNote::line(line, why))
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
