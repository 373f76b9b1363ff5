//! The files of other tools: one format a file, read and written. Pure: bytes in,
//! bytes out; files are opened, locked and replaced by others. Imports the domain and
//! the secrets, no other room.
//!
//! - [`value`]: an enrolment as all formats see it, and what is said about a file.
//! - [`lines`]: a file as lines, whatever is in it.
//! - [`otpauth`], [`google_migration`], [`users_oath`], [`google_authenticator`],
//!   [`entra_csv`]: the formats.
//!
//! Every reader is all or nothing: one bad line, and nothing is read, with the
//! number of each bad line. What a format cannot carry is named as a [`Note`];
//! under `--strict` a note is an error. No message repeats what may be a secret.

pub mod entra_csv;
pub mod google_authenticator;
pub mod google_migration;
pub mod lines;
pub mod otpauth;
pub mod users_oath;
pub mod value;

pub use value::{Enrolment, Exported, Imported, Note, Problems};

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
}

impl Format {
    /// All of them.
    pub const ALL: [Format; 5] = [
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
            format!("{text:?} is no format: expected one of {names}")
        })
    }
}

/// Reads a file. `now` tells which of the codes used last may still be replayed.
///
/// # Errors
/// Every line that is wrong, with its number; an account that comes twice, too.
pub fn import(format: Format, file: &[u8], now: Time) -> Result<Imported, Problems> {
    let imported = match format {
        Format::Otpauth => otpauth::import(file),
        Format::GoogleMigration => google_migration::import(file),
        Format::UsersOath => users_oath::import(file, now),
        Format::GoogleAuthenticator => google_authenticator::import(file, now),
        Format::EntraCsv => entra_csv::import(file),
    }?;
    imported.without_repeats()
}

/// Writes a file. `existing` is what it holds now, for the formats that
/// [merge](Format::merges); the others ignore it.
///
/// # Errors
/// Where `existing` is not in the format, or the format cannot hold so many users.
pub fn export(
    format: Format,
    enrolments: &[Enrolment],
    existing: Option<&[u8]>,
    now: Time,
) -> Result<Exported, Problems> {
    let mut exported = match format {
        Format::Otpauth => Ok(otpauth::export(enrolments)),
        Format::GoogleMigration => Ok(google_migration::export(enrolments, now)),
        Format::UsersOath => Ok(users_oath::export(enrolments, existing.unwrap_or_default(), now)),
        Format::GoogleAuthenticator => google_authenticator::export(enrolments, existing),
        Format::EntraCsv => Ok(entra_csv::export(enrolments)),
    }?;
    if !format.merges() {
        // Only the formats that merge know of codes that were used.
        let open = enrolments.iter().filter(|enrolment| enrolment.could_be_replayed(now));
        let lost = "the code that was just used here can be used once more there";
        exported.notes.extend(open.map(|enrolment| Note::about(enrolment.named(), lost)));
    }
    Ok(exported)
}

#[cfg(test)]
mod tests;
