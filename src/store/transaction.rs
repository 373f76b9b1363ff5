//! A change: what it needs, what it made, and its record, committed together.

use crate::domain::outcome::Object;
use crate::domain::scope::{Needs, Scope};
use crate::error::Result;

use super::{Committed, Meta, View};

/// A change under way. Dropped without a commit, it leaves nothing.
pub struct Transaction(());

impl Transaction {
    /// The state that it began from; what is staged does not show here.
    pub fn view(&self) -> &View {
        unimplemented!()
    }

    /// Loads what is missing in `scope`; what is staged wins over the disk.
    ///
    /// # Errors
    /// Damaged (7), system (8).
    pub fn load(&self, needs: &Needs, scope: &mut Scope) -> Result<()> {
        let _ = (needs, scope);
        unimplemented!()
    }

    /// Stages objects under the subject that the audit names. Repeated changes
    /// of one object fold: before of the first, after of the last.
    ///
    /// # Errors
    /// A bug (70) where an object cannot be kept.
    pub fn stage(&mut self, subject: Option<&str>, objects: &[Object]) -> Result<()> {
        let _ = (subject, objects);
        unimplemented!()
    }

    /// Stages a file of evidence; returns its SHA-256, which names it.
    pub fn evidence(&mut self, bytes: Vec<u8>) -> String {
        let _ = bytes;
        unimplemented!()
    }

    /// Commits what is staged with its record; `None` where nothing was staged,
    /// or on a dry run.
    ///
    /// # Errors
    /// System (8) or damaged (7): nothing changed. Unknown (9).
    pub fn commit(self, meta: Meta) -> Result<Option<Committed>> {
        let _ = meta;
        unimplemented!()
    }
}
