//! A state that is made and filled where none is, and is there whole or not at all.

use std::sync::Arc;

use crate::error::Result;

use super::init;
use crate::store::disk::{Disk, NewDir, Vacant};
use crate::store::{Founding, Options};

/// A state that is not yet one for others. Dropped unpublished, it is removed.
pub struct DraftState {
    new: NewDir,
    disk: Arc<dyn Disk>,
}

impl DraftState {
    /// Makes a state at a place where none is.
    ///
    /// # Errors
    /// `exists` (3) where something is; busy (6); system (8).
    pub fn new(vacant: Vacant<'_>, options: &Options, founding: &Founding) -> Result<DraftState> {
        let draft = DraftState::empty(vacant, options)?;
        init::fill(&draft.disk, options, founding)?;
        Ok(draft)
    }

    /// One with nothing in it yet.
    pub(crate) fn empty(vacant: Vacant<'_>, options: &Options) -> Result<DraftState> {
        let (new, disk) = NewDir::make(vacant, &init::random_name(options), options.allow_nfs)?;
        Ok(DraftState { new, disk: Arc::new(disk) })
    }

    /// The door to it.
    pub fn disk(&self) -> Arc<dyn Disk> {
        Arc::clone(&self.disk)
    }

    /// Makes it the state at its place: durable where this returns.
    ///
    /// # Errors
    /// `exists` (3) where something came there meanwhile; system (8).
    pub fn publish(self) -> Result<()> {
        self.new.sync_and_put_in_place()
    }
}
