//! The audit log: a chain of records, one a commit.

use crate::domain::ids::{OrgId, Text};
use crate::domain::time::Time;
use crate::error::Result;
use serde_json::Value;

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

/// One record of the audit log.
#[derive(Debug, Clone, PartialEq)]
pub struct Record {
    /// The revision that it made.
    pub rev: u64,
    /// When.
    pub at: Time,
    /// Who.
    pub author: Author,
    /// The act.
    pub action: String,
    /// The orgs concerned.
    pub orgs: Vec<OrgId>,
    /// Why.
    pub message: Option<Text>,
    /// A ticket elsewhere.
    pub ticket: Option<Text>,
    /// The hash of the record before it; 64 zeros for the first.
    pub prev: String,
    /// Its own hash.
    pub hash: String,
    /// How many details it has, erased ones counted.
    pub detail_count: u64,
    /// Whether its details were erased.
    pub pruned: bool,
}

impl Record {
    /// What changed, object by object, read in pieces: one record can have a million.
    ///
    /// # Errors
    /// The iterator yields what cannot be read: damaged (7), system (8).
    pub fn details(&self) -> Box<dyn Iterator<Item = Result<Detail>> + '_> {
        unimplemented!()
    }

    /// The one subject of all details, if there is one.
    ///
    /// # Errors
    /// As [`Record::details`].
    pub fn subject(&self) -> Result<Option<String>> {
        unimplemented!()
    }
}

/// What changed in one object.
#[derive(Debug, Clone, PartialEq)]
pub struct Detail {
    /// `user`, `org`, `operator`, `due` or `clock`.
    pub object: String,
    /// Its key among those of its kind.
    pub key: String,
    /// What a person would say that it is about.
    pub subject: String,
    /// The orgs concerned.
    pub orgs: Vec<OrgId>,
    /// The fields that changed, before, as a merge patch; null where it was not there.
    pub before: Value,
    /// The fields that changed, after; null where it went.
    pub after: Value,
}

/// Records, in one direction or the other.
pub struct Records(());

impl Iterator for Records {
    type Item = Result<Record>;
    fn next(&mut self) -> Option<Result<Record>> {
        let Records(()) = self;
        unimplemented!()
    }
}
