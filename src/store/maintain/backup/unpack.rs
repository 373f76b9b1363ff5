//! Unpacking a backup into a new directory, beside the place where it is to be.

use std::collections::BTreeMap;
use std::sync::Arc;

use crate::error::Result;
use crate::store::disk::reading;
use crate::store::disk::{Disk, Vacant};
use crate::store::format::digest::Digest;
use crate::store::format::layout;
use crate::store::maintain::draft::DraftState;
use crate::store::options::Options;
use crate::store::write::staging::Lost;

use super::archive::{Archive, verified};
use super::bad_backup;

/// How much is copied at once (bytes).
const PIECE: usize = 256 << 10;

impl DraftState {
    /// Unpacks a backup at a place where no state is, and verifies what came out.
    ///
    /// # Errors
    /// `bad-backup` (2); `exists` (3) where something is; busy (6); system (8).
    pub fn unpacked(
        vacant: Vacant<'_>,
        options: &Options,
        archive: &Archive,
    ) -> Result<(DraftState, Lost)> {
        let draft = DraftState::empty(vacant, options)?;
        let lost = unpack(archive, &draft.disk())?;
        Ok((draft, Lost(lost)))
    }
}

fn unpack(archive: &Archive, disk: &Arc<dyn Disk>) -> Result<BTreeMap<String, Digest>> {
    for dir in layout::DIRS {
        disk.mkdir(dir)?;
    }
    let from = archive.disk();
    let mut buffer = vec![0; PIECE];
    for path in from.paths() {
        let Some(source) = from.open(path)? else { continue };
        let mut sink = disk.create(path)?;
        let mut at = 0;
        loop {
            let read = source.read_at(&mut buffer, at)?;
            if read == 0 {
                break;
            }
            // A hole in the backup takes no room there, but would here.
            if !layout::is_evidence(path) && !reading::is_text(&buffer[..read]) {
                return Err(bad_backup(archive.shown(), format!("{path} in it is not text")));
            }
            sink.write_at(&buffer[..read], at)?;
            at += read as u64;
        }
    }
    disk.sync_all()?;
    for dir in layout::DIRS.iter().chain([&""]) {
        disk.sync_dir(dir)?;
    }
    verified(disk, archive.manifest(), archive.shown())
}
