//! What `state check` found.

use serde::Serialize;

use super::verify::BadFile;
use crate::report::{Human, Page, Style};

/// Whether every file of the state is as mfactl left it.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct StateCheckReport {
    /// Whether nothing is wrong.
    pub ok: bool,
    /// How many files were looked at.
    pub files_checked: u64,
    /// Those that are wrong.
    pub files_bad: Vec<BadFile>,
}

impl Human for StateCheckReport {
    fn page(&self, style: &Style) -> Page {
        let page = Page::new()
            .title(if self.ok { "ok" } else { "NOT ok" })
            .field("files checked", self.files_checked.to_string());
        if self.files_bad.is_empty() {
            page
        } else {
            page.field("to mend it", "mfactl state repair --dry-run says what it can mend").table(
                "Files that are wrong",
                &self.files_bad,
                "",
                style,
            )
        }
    }
}
