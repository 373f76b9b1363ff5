//! A state that is made and filled beside its place, and appears there whole or
//! not at all: for an import that founds the state that it imports to.

use std::path::Path;
use std::sync::Arc;

use crate::error::Result;

use super::disk::{Disk, NewDir};
use super::{Founding, Options, create};

/// A state beside its place. Dropped unpublished, it is removed.
pub struct Draft(pub(super) NewDir);

impl Draft {
    /// Founds a state beside `dir`, which is not there or is empty.
    ///
    /// # Errors
    /// `exists` (3) where something is there; system (8).
    pub fn new(dir: &Path, options: &Options, founding: &Founding) -> Result<Draft> {
        let (new, disk) = create::beside(dir, options)?;
        let disk: Arc<dyn Disk> = Arc::new(disk);
        create::fill(&disk, options, founding)?;
        Ok(Draft(new))
    }

    /// Where it is until it is published.
    pub fn dir(&self) -> &Path {
        self.0.path()
    }

    /// Brings it to its place: durable where this returns.
    ///
    /// # Errors
    /// `exists` (3) where something came there meanwhile; system (8).
    pub fn publish(self) -> Result<()> {
        self.0.sync_and_put_in_place()
    }
}
