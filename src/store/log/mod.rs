//! The audit log: a chain of records, one a commit. Each is a line for every
//! object changed and one commit line, which names the hash of the record
//! before it: the record is the commit.

use crate::domain::ids::{OrgId, Text};
use crate::domain::time::Time;

mod line_reader;
mod records;
pub(crate) mod tail;

pub use crate::store::format::log_line::Detail;
pub(crate) use line_reader::{Backward, Forward, LONGEST_LINE, too_long};
pub(crate) use records::raw_backward;
pub use records::{Record, Records};

/// Who makes a change, and how that is known.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Author {
    /// The operator of mfactl.
    pub operator: String,
    /// The user of the operating system.
    pub os_user: String,
    /// How the OS user is known (`uid`, `sudo`, …).
    pub identity_from: String,
}

/// What a record says besides the objects changed.
#[derive(Debug, Clone)]
pub struct Meta {
    /// Who.
    pub author: Author,
    /// The act, `noun.verb`.
    pub action: String,
    /// What it is about, where that is one thing; it goes into details that have no subject of their own.
    pub subject: Option<String>,
    /// Why.
    pub message: Option<Text>,
    /// A ticket elsewhere.
    pub ticket: Option<Text>,
    /// When.
    pub at: Time,
    /// The orgs concerned.
    pub orgs: Vec<OrgId>,
}

/// What was committed.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Committed {
    /// The new revision.
    pub rev: u64,
    /// When.
    pub at: Time,
    /// The hash of its record, the new head of the chain.
    pub hash: String,
    /// What went wrong after the commit, which stands all the same.
    pub warnings: Vec<String>,
}
