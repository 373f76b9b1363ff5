//! A backup that was made, for `state backup`.

use serde::Serialize;

use crate::domain::time::Time;
use crate::report::{Human, Page, Style};

/// A backup.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct BackupReport {
    /// The file.
    pub file: String,
    /// The revision that it is of.
    pub rev: u64,
    /// When that was committed.
    pub at: Time,
    /// The hash of its record.
    pub hash: String,
    /// How many files are in it.
    pub files: u64,
    /// How many bytes they have.
    pub bytes: u64,
    /// Whether the sealed secrets are in it.
    pub secrets: bool,
}

impl Human for BackupReport {
    fn page(&self, style: &Style) -> Page {
        Page::new()
            .title(format!("revision {} is in {}", self.rev, self.file))
            .field("committed", style.time(self.at))
            .field("hash", self.hash.clone())
            .field("files", format!("{} ({} bytes)", self.files, self.bytes))
            .field("secrets", if self.secrets { "sealed, with it" } else { "left out" })
    }
}
