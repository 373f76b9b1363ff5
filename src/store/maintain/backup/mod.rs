//! A backup: one tar file with one revision of the state, the log up to it and
//! the evidence. It begins with a manifest, so that a backup that was cut is
//! known as such. Sign-in state is never in it, sealed secrets only on request.

use serde::{Deserialize, Serialize};

use crate::domain::time::Time;
use crate::error::{Error, Kind};

mod archive;
mod own_copy;
mod snapshot;
mod unpack;

pub use archive::Archive;
pub use snapshot::Snapshot;

/// The version of the form of a backup.
const FORM: u32 = 1;
/// The name of the manifest, which is the first entry.
const MANIFEST: &str = "backup.json";
/// The longest manifest (bytes).
const LONGEST_MANIFEST: u64 = 64 << 10;

/// What a backup says about itself.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Manifest {
    /// The version of its form.
    pub mfactl_backup: u32,
    /// The id of the state that it is of.
    pub store: String,
    /// The revision that it is of.
    pub rev: u64,
    /// When that was committed.
    pub at: Time,
    /// The hash of its record.
    pub head: String,
    /// Whether the sealed secrets are in it.
    pub secrets: bool,
    /// How many files are in it, itself not counted.
    pub files: u64,
    /// How many bytes these have.
    pub bytes: u64,
}

/// The error of a file that is no backup, or no whole one.
fn bad_backup(shown: &str, why: impl std::fmt::Display) -> Error {
    Error::new(Kind::Usage, "bad-backup", format!("{shown} is no sound backup: {why}")).about(shown)
}

/// What is damage in a state is a wrong file in a backup.
fn of_backup(shown: &str, error: Error) -> Error {
    match error.kind {
        Kind::Damaged if error.code == "newer-format" => error,
        Kind::Damaged | Kind::NotFound => bad_backup(shown, error.message),
        _ => error,
    }
}
