//! Where the state is and how far, for `state info`.

use serde::Serialize;

use crate::domain::time::Time;
use crate::report::format::text::dash;
use crate::report::{Human, Page, Style};

/// The state directory in numbers. What was not looked for is none.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct StateInfo {
    /// The directory.
    pub state: String,
    /// The version of its format.
    pub format: u32,
    /// The id that it got when it was made.
    pub store_id: String,
    /// When it was made.
    pub created_at: Time,
    /// The newest revision.
    pub rev: u64,
    /// When that was.
    pub at: Option<Time>,
    /// The hash of its record.
    pub hash: Option<String>,
    /// In how many files the users are.
    pub shards: u32,
    /// How many users there are.
    pub users: Option<u64>,
    /// How many orgs.
    pub orgs: Option<u64>,
    /// How many operators.
    pub operators: Option<u64>,
    /// The bytes of all files.
    pub bytes: Option<u64>,
}

impl Human for StateInfo {
    fn page(&self, style: &Style) -> Page {
        Page::new()
            .title(self.state.clone())
            .field("format", self.format.to_string())
            .field("store", self.store_id.as_str())
            .field("created", style.time(self.created_at))
            .field("revision", self.rev.to_string())
            .field("newest change", style.time_or_dash(self.at))
            .field("head", dash(&self.hash))
            .field("user files", self.shards.to_string())
            .maybe("users", self.users)
            .maybe("orgs", self.orgs)
            .maybe("operators", self.operators)
            .maybe("bytes", self.bytes)
    }
}
