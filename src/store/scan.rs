//! All users of one revision.

use std::ops::ControlFlow;

use crate::domain::ids::Login;
use crate::domain::model::User;
use crate::error::Result;

/// All users of one revision; it outlives the lock.
pub struct Scan(());

impl Scan {
    /// Looks only at users whose line in the shard (`"alice": {…}`) passes `filter`.
    #[must_use]
    pub fn only_lines(self, filter: impl Fn(&str) -> bool + Send + Sync + 'static) -> Scan {
        let _ = filter;
        self
    }

    /// Every user, in the order of the files, one shard in memory at a time.
    ///
    /// # Errors
    /// Damaged (7), system (8), and what `each` says.
    pub fn for_each(
        &self,
        each: impl FnMut(&Login, &User) -> Result<ControlFlow<()>>,
    ) -> Result<()> {
        let _ = each;
        unimplemented!()
    }

    /// Folds all users on all processors: each part from `init` by `fold`, the parts by `merge`.
    ///
    /// # Errors
    /// Damaged (7), system (8), and what `fold` says.
    pub fn fold<A: Send>(
        &self,
        init: impl Fn() -> A + Send + Sync,
        fold: impl Fn(&mut A, &Login, &User) -> Result<()> + Send + Sync,
        merge: impl Fn(A, A) -> A + Send + Sync,
    ) -> Result<A> {
        let _ = (init, fold, merge);
        unimplemented!()
    }
}
