//! The files of other tools: one format a file, read and written. Pure: bytes in,
//! bytes out; files are opened, locked and replaced by others. Imports the domain and
//! the secrets, no other room.
//!
//! - [`value`]: an enrolment as all formats see it, and what is said about a file.
//! - [`lines`]: a file as lines of text, whatever is in it.
//! - `token`: what decides codes, in the words of foreign files.
//! - `table`: tables of tokens, read by their header.
//! - [`otpauth`], [`google_migration`], [`users_oath`], [`google_authenticator`],
//!   [`entra_csv`], [`json`], [`pskc`]: the formats.
//!
//! A reader reads what it can and lists what is wrong, each with its line; whoever asks
//! decides whether that is all or nothing ([`Imported::whole`]). Text that is not kept refuses
//! nothing. What a format holds and mfactl cannot keep (or the other way) is named as a
//! [`ImportNote`] and left out, alike by all of them; under `--strict` a note is an error. No message
//! repeats what may be a secret.

pub mod entra_csv;
pub mod google_authenticator;
pub mod google_migration;
pub mod json;
pub mod lines;
pub mod otpauth;
pub mod pskc;
mod table;
mod token;
pub mod users_oath;
pub mod value;

pub use table::LoginMap;
pub use value::{Exported, ForeignEnrolment, ImportNote, ImportProblems, Imported, Zone};

use crate::domain::time::Time;

/// A format, by its name on the command line.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Format {
    /// otpauth URIs, one a line.
    Otpauth,
    /// The URIs that Google Authenticator shows as QR codes to move accounts.
    GoogleMigration,
    /// The file of pam_oath.
    UsersOath,
    /// `.google_authenticator`, the file of pam_google_authenticator: one user each.
    GoogleAuthenticator,
    /// The CSV of OATH hardware tokens for Microsoft Entra ID.
    EntraCsv,
    /// Any table of tokens with a header: seed files of vendors, OATH CSV, Bitwarden.
    TokenCsv,
    /// otpauth URIs and tokens inside any JSON: 2FAS, Aegis, andOTP, FreeOTP+, Bitwarden.
    Json,
    /// The key container of RFC 6030, in which vendors deliver hardware tokens.
    Pskc,
}

impl Format {
    /// All of them.
    pub const ALL: [Format; 8] = [
        Format::Otpauth,
        Format::GoogleMigration,
        Format::UsersOath,
        Format::GoogleAuthenticator,
        Format::EntraCsv,
        Format::TokenCsv,
        Format::Json,
        Format::Pskc,
    ];

    /// Those that are written as well.
    pub const WRITTEN: [Format; 5] = [
        Format::Otpauth,
        Format::GoogleMigration,
        Format::UsersOath,
        Format::GoogleAuthenticator,
        Format::EntraCsv,
    ];

    /// The name on the command line.
    pub fn as_str(self) -> &'static str {
        match self {
            Format::Otpauth => "otpauth",
            Format::GoogleMigration => "google-migration",
            Format::UsersOath => "users-oath",
            Format::GoogleAuthenticator => "google-authenticator",
            Format::EntraCsv => "entra-csv",
            Format::TokenCsv => "token-csv",
            Format::Json => "json",
            Format::Pskc => "pskc",
        }
    }

    /// Whether an export goes into what stands in the file already, which is then to
    /// be read and locked first.
    pub fn merges(self) -> bool {
        matches!(self, Format::UsersOath | Format::GoogleAuthenticator)
    }
}

impl std::str::FromStr for Format {
    type Err = String;

    fn from_str(text: &str) -> Result<Format, String> {
        Format::ALL.into_iter().find(|format| format.as_str() == text).ok_or_else(|| {
            let names = Format::ALL.map(Format::as_str).join(", ");
            format!("invalid format {text:?}: expected one of {names}")
        })
    }
}

/// Reads what can be read of a file. `now` tells which of the codes used last may still be
/// replayed; `words` opens a file that is encrypted: its pre-shared key or password.
pub fn read(format: Format, file: &[u8], now: Time, words: Option<&str>) -> Imported {
    match format {
        Format::Otpauth => otpauth::read(file),
        Format::GoogleMigration => google_migration::read(file),
        Format::UsersOath => users_oath::read(file, now),
        Format::GoogleAuthenticator => google_authenticator::read(file, now),
        Format::EntraCsv => entra_csv::read(file),
        Format::TokenCsv => table::read(file, table::KeyColumn::Any),
        Format::Json => json::read(file),
        Format::Pskc => pskc::read(file, words),
    }
}

/// Reads a file, all or nothing.
///
/// # Errors
/// Every line that is wrong, with its number; an account with two tokens, too.
pub fn import(format: Format, file: &[u8], now: Time) -> Result<Imported, ImportProblems> {
    read(format, file, now, None).without_repeats().whole()
}

/// Writes a file. `existing` is what it holds now, for the formats that
/// [merge](Format::merges); the others ignore it. `zone` is that of the machine on which the
/// other tool reads it.
///
/// # Errors
/// Where `existing` is not in the format or not UTF-8, or the format cannot hold so many users.
pub fn export(
    format: Format,
    enrolments: &[ForeignEnrolment],
    existing: Option<&[u8]>,
    now: Time,
    zone: Zone,
) -> Result<Exported, ImportProblems> {
    if let Some(existing) = existing.filter(|file| format.merges() && !lines::may_be_utf_8(file)) {
        // The other tool reads nothing of it, and lines in two encodings nobody could read.
        let is = lines::utf_16(existing).map_or("not text", |utf_16| utf_16.name);
        return Err(ImportProblems::one(ImportNote::whole(format!(
            "the file is {is}, expected UTF-8"
        ))));
    }
    if existing.is_some_and(|file| format.merges() && lines::has_bare_cr(file)) {
        // To the other tool it is one line, to an editor and an import it is several.
        let message = "the file has lines that end with CR alone, expected LF";
        return Err(ImportProblems::one(ImportNote::whole(message)));
    }
    let mut exported = match format {
        Format::Otpauth => Ok(otpauth::export(enrolments)),
        Format::GoogleMigration => Ok(google_migration::export(enrolments, now)),
        Format::UsersOath => {
            Ok(users_oath::export(enrolments, existing.unwrap_or_default(), now, zone))
        }
        Format::GoogleAuthenticator => google_authenticator::export(enrolments, existing),
        Format::EntraCsv => Ok(entra_csv::export(enrolments)),
        Format::TokenCsv | Format::Json | Format::Pskc => {
            let message = format!("{} is read and not written", format.as_str());
            Err(ImportProblems::one(ImportNote::whole(message)))
        }
    }?;
    if !format.merges() {
        // Only the formats that merge know of codes that were used.
        let open = enrolments.iter().filter(|enrolment| enrolment.could_be_replayed(now));
        let lost = "the code that was just used here can be used once more there";
        exported.notes.extend(open.map(|enrolment| ImportNote::about(enrolment.named(), lost)));
    }
    Ok(exported)
}

#[cfg(test)]
mod tests;
