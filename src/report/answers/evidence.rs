//! Evidence of an exception, for `exception evidence`.

use serde::Serialize;

use crate::domain::ids::{Evidence, ExceptionId};
use crate::domain::time::Time;
use crate::report::format::text::dash;
use crate::report::{Cell, CsvRecord, Row, Style};

/// One piece of evidence.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct EvidenceRow {
    /// The exception that it was handed in for.
    pub id: ExceptionId,
    /// What the file was called; none for a URL.
    pub name: Option<String>,
    /// The URL, where it is one.
    pub url: Option<Evidence>,
    /// How many bytes the file has; none where it is not kept.
    pub size: Option<u64>,
    /// The SHA-256 of the file, in hexadecimal.
    pub sha256: Option<Evidence>,
    /// When it was handed in.
    pub handed_in_at: Time,
    /// Whether the state holds it.
    pub status: EvidenceStatus,
    /// The file that it was written to, with `--out`.
    pub file: Option<String>,
}

/// Whether the state holds a piece of evidence.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
#[serde(rename_all = "kebab-case")]
pub enum EvidenceStatus {
    /// It does.
    Kept,
    /// `audit prune` removed it.
    Pruned,
    /// It is a URL to something elsewhere.
    Elsewhere,
}

impl EvidenceStatus {
    /// The word in answers.
    pub fn as_str(self) -> &'static str {
        match self {
            EvidenceStatus::Kept => "kept",
            EvidenceStatus::Pruned => "pruned",
            EvidenceStatus::Elsewhere => "elsewhere",
        }
    }
}

impl CsvRecord for EvidenceRow {
    const HEADER: &'static [&'static str] =
        &["id", "name", "url", "size", "sha256", "handed_in_at", "status", "file"];
}

impl Row for EvidenceRow {
    fn cells(&self, style: &Style) -> Vec<Cell> {
        let name = self.name.as_deref().or(self.url.as_ref().map(Evidence::as_str));
        vec![
            Cell::id("EVIDENCE", name.unwrap_or_default().to_owned()),
            Cell::number("SIZE", dash(&self.size)),
            Cell::id("STATUS", self.status.as_str()),
            Cell::id("FILE", dash(&self.file)),
            Cell::time("HANDED IN", style.time(self.handed_in_at)).optional(),
            Cell::id("SHA-256", dash(&self.sha256)).optional(),
        ]
    }
}
