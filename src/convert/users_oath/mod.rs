//! users.oath, the file of pam_oath (liboath's usersfile): a token a line,
//!
//! ```text
//! HOTP/T30/6  alice  -  3132333435…  0  755224  2026-11-21T09:00:01L
//! type        user   PIN  key in hex  counter, last code, its time
//! ```
//!
//! where the last three are written by pam_oath when somebody signs in. Time-based
//! tokens use SHA-1 only. pam_oath writes the file itself, so an export **merges**: it
//! is read under its [lock](LOCK), and no counter or last code goes back.

mod line;
mod merge;

use self::line::{OathLine, TokenType};
use super::lines::{numbered_bytes, read_each};
use super::value::{Exported, ForeignEnrolment, ImportNote, Imported, NEAR, Unread, Zone, shown};
use crate::domain::ids::Login;
use crate::domain::time::Time;
use crate::secret::label::Account;
use crate::secret::parameters::{Algorithm, Parameters};
use crate::secret::totp::{Code, Totp};

/// What pam_oath appends to the file's name for its lock, which it makes with `O_EXCL`
/// and removes when it is done: while it is there, nobody else may write. It renames
/// `.new` over the file; so should we.
pub const LOCK: &str = ".lock";

/// Reads the file. Lines that are not time-based tokens are left out with a note; lines
/// that pam_oath could not use are problems.
pub fn read(file: &[u8], now: Time) -> Imported {
    read_each(file, |text, reading| {
        let line = OathLine::parse(text).ok_or("not a line of users.oath: TYPE USER PIN KEY")?;
        let named = |unread: Unread| unread.of(shown(line.user));
        let (digits, period) = match line.kind {
            TokenType::Time(digits, period) => (digits, period),
            TokenType::Counter => {
                return Err(named(Unread::LeftOut("its codes are counter-based".into())));
            }
            TokenType::SevenDigits => {
                return Err(named(Unread::LeftOut("its codes have 7 digits".into())));
            }
            TokenType::Unknown => return Err("the type is none of pam_oath's".into()),
        };
        let secret = line.secret()?;
        if line.has_pin() {
            reading.note(None, format!("the PIN of {} is not kept", shown(line.user)));
        }
        let parameters = Parameters { algorithm: Algorithm::Sha1, digits, period };
        let totp = Totp { secret, parameters };
        let last_step = line.last_code().and_then(|code| step_of(&totp, &code, now));
        let account = Account::parse(line.user).ok();
        reading.keep(ForeignEnrolment { issuer: None, account, totp, last_step, also: None });
        Ok(())
    })
}

/// The name that all spellings of a user's name have in common: the login.
fn folded(name: &str) -> String {
    Login::parse(name).map_or_else(|_| name.to_lowercase(), |login| login.to_string())
}

/// The last step near `now` that `code` belongs to: older ones cannot be replayed.
fn step_of(totp: &Totp, code: &Code, now: Time) -> Option<u64> {
    let present = totp.step(now)?;
    let near = present.saturating_sub(NEAR)..=present.saturating_add(NEAR);
    near.rev().find(|step| totp.code(*step) == *code)
}

/// Writes enrolments into what the file holds now. Lines of other users, comments and
/// whatever is not understood stay as they are.
pub fn export(enrolments: &[ForeignEnrolment], existing: &[u8], now: Time, zone: Zone) -> Exported {
    let mut exported = Exported::default();
    let mut wanted = Vec::new();
    for enrolment in enrolments {
        match carried(enrolment) {
            Ok(account) => wanted.push((account, enrolment)),
            Err(why) => {
                exported.leave_out(enrolment, why);
                name_lines_of(enrolment, existing, &mut exported);
            }
        }
    }
    exported.written = wanted.len();
    merge::merge(&wanted, existing, (now, zone), &mut exported);
    exported
}

/// Names the lines of somebody whose present token has none: they are of another one.
fn name_lines_of(enrolment: &ForeignEnrolment, existing: &[u8], exported: &mut Exported) {
    let names = enrolment.account.iter().chain(&enrolment.also);
    let names: Vec<String> = names.map(|name| folded(name.as_str())).collect();
    for (number, user) in users(existing).filter(|(_, user)| names.contains(&folded(user))) {
        let message = format!("{user}: another key, which is not known here and still lets in");
        exported.notes.push(ImportNote::line(number, message));
    }
}

/// The users that have a line, each with its number: also those that mfactl could not use.
pub fn users(file: &[u8]) -> impl Iterator<Item = (usize, &str)> {
    let lines = numbered_bytes(file);
    let lines = lines.filter_map(|(number, line)| Some((number, std::str::from_utf8(line).ok()?)));
    let lines = lines.filter(|(_, text)| !text.trim_start().starts_with('#'));
    lines.filter_map(|(number, text)| Some((number, OathLine::parse(text)?.user)))
}

/// The most bytes of a key that pam_oath 2.6 reads (`char secret[32]` in usersfile.c).
const LONGEST_KEY: usize = 32;

/// The user name of an enrolment that the format can carry.
fn carried(enrolment: &ForeignEnrolment) -> Result<&str, &'static str> {
    let Some(account) = &enrolment.account else {
        return Err("the account has no name");
    };
    let account = account.as_str();
    if account.chars().any(char::is_whitespace) || account.starts_with('#') {
        return Err("the format has no place for a name with blanks");
    }
    if enrolment.totp.parameters.algorithm != Algorithm::Sha1 {
        return Err("the format knows only SHA-1: enrol again with it");
    }
    if enrolment.totp.secret.len() > LONGEST_KEY {
        return Err("pam_oath reads no keys longer than 32 bytes");
    }
    Ok(account)
}

#[cfg(test)]
mod tests;
