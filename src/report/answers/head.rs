//! The head of the audit chain, for `audit head`.

use serde::Serialize;

use crate::domain::time::Time;
use crate::report::{Human, Page, Style};

/// The newest record.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct HeadReport {
    /// Its revision.
    pub rev: u64,
    /// When it was written.
    pub at: Time,
    /// Its hash.
    pub hash: String,
}

impl Human for HeadReport {
    fn page(&self, style: &Style) -> Page {
        Page::new()
            .field("revision", self.rev.to_string())
            .field("at", style.time(self.at))
            .field("hash", self.hash.as_str())
    }
}
