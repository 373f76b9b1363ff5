//! One revision of the state, read.

use std::collections::BTreeMap;

use crate::domain::due::DueEntry;
use crate::domain::ids::{Login, OrgId};
use crate::domain::model::{Operators, Org, User};
use crate::domain::scope::Key;
use crate::domain::time::Time;
use crate::error::Result;

use super::{Records, Scan};

/// A revision or an instant of the past.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum At {
    /// After this revision.
    Rev(u64),
    /// At this instant: after the last revision that is not later.
    Time(Time),
}

/// The end of the chain.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Head {
    /// The revision.
    pub rev: u64,
    /// When it was committed.
    pub at: Time,
    /// The hash of its record.
    pub hash: String,
}

/// One revision of the state.
pub struct View(());

impl View {
    /// Its revision.
    pub fn rev(&self) -> u64 {
        unimplemented!()
    }

    /// The end of the chain; of a view of the past, the record of its revision.
    pub fn head(&self) -> &Head {
        unimplemented!()
    }

    /// The id of this state, made when it was founded.
    pub fn store_id(&self) -> &str {
        unimplemented!()
    }

    /// Lets go of the lock. What was opened stays readable; what was not is
    /// still read as long as nothing was committed since.
    pub fn release(&mut self) {}

    /// All operators.
    ///
    /// # Errors
    /// Damaged (7), system (8); busy (6) where the lock was released and the state moved on.
    pub fn operators(&self) -> Result<Operators> {
        unimplemented!()
    }

    /// One org.
    ///
    /// # Errors
    /// As [`View::operators`].
    pub fn org(&self, id: &OrgId) -> Result<Option<Org>> {
        let _ = id;
        unimplemented!()
    }

    /// All orgs.
    ///
    /// # Errors
    /// As [`View::operators`].
    pub fn orgs(&self) -> Result<BTreeMap<OrgId, Org>> {
        unimplemented!()
    }

    /// One user.
    ///
    /// # Errors
    /// As [`View::operators`].
    pub fn user(&self, login: &Login) -> Result<Option<User>> {
        let _ = login;
        unimplemented!()
    }

    /// Whose this id or address is.
    ///
    /// # Errors
    /// As [`View::operators`].
    pub fn owner(&self, key: &Key) -> Result<Option<Login>> {
        let _ = key;
        unimplemented!()
    }

    /// The pages of the calendar of ends, sorted: days, then `requested`.
    ///
    /// # Errors
    /// As [`View::operators`].
    pub fn due_pages(&self) -> Result<Vec<String>> {
        unimplemented!()
    }

    /// One page of the calendar of ends, by entry (`alice#3`, `alice acme`).
    ///
    /// # Errors
    /// As [`View::operators`].
    pub fn due(&self, page: &str) -> Result<BTreeMap<String, DueEntry>> {
        let _ = page;
        unimplemented!()
    }

    /// All users, opened at once.
    ///
    /// # Errors
    /// As [`View::operators`].
    pub fn scan(&self) -> Result<Scan> {
        unimplemented!()
    }

    /// The audit log up to this revision, newest first; read in pieces.
    ///
    /// # Errors
    /// As [`View::operators`].
    pub fn records(&self) -> Result<Records> {
        unimplemented!()
    }

    /// The audit log up to this revision, oldest first; read in pieces.
    ///
    /// # Errors
    /// As [`View::operators`].
    pub fn records_oldest_first(&self) -> Result<Records> {
        unimplemented!()
    }

    /// The files that hold this user: shard, index, calendar; relative to the state directory.
    ///
    /// # Errors
    /// As [`View::operators`].
    pub fn paths_of(&self, login: &Login) -> Result<Vec<String>> {
        let _ = login;
        unimplemented!()
    }
}
