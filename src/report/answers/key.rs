//! The sealing key, for `key info` and `key rotate`.

use serde::Serialize;

use crate::report::format::text::{names, yes_no};
use crate::report::{Human, Page, Style};

/// Where the key is and what it has sealed. Keys are named by their ids, which say
/// nothing about them.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct KeyReport {
    /// The key file.
    pub file: String,
    /// Whether systemd handed it over as a credential.
    pub credential: bool,
    /// The ids of the keys in it, the newest last; that one seals.
    pub keys: Vec<String>,
    /// Whether the state was made for it: its check value opens. None where the state
    /// has no key yet.
    pub fits: Option<bool>,
    /// How many secrets there are.
    pub secrets: u64,
    /// How many of them are sealed with another key than the newest.
    pub older: u64,
    /// How many of them no key of the file opens.
    pub unreadable: u64,
    /// The revision.
    pub rev: u64,
}

impl Human for KeyReport {
    fn page(&self, _: &Style) -> Page {
        let fits = self.fits.map_or_else(|| "the state has no key yet".to_owned(), yes_no);
        Page::new()
            .title(self.file.clone())
            .field("credential", yes_no(self.credential))
            .field("keys", names(&self.keys))
            .field("fits the state", fits)
            .field("secrets", self.secrets.to_string())
            .field("with older keys", self.older.to_string())
            .field("not to be opened", self.unreadable.to_string())
            .field("revision", self.rev.to_string())
    }
}
