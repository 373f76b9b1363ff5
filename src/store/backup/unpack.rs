//! Unpacking a backup into a new directory, beside the place where it is to be.

use std::collections::BTreeMap;
use std::path::Path;
use std::sync::Arc;

use crate::error::Result;
use crate::store::digest::Digest;
use crate::store::disk::{Disk, RealDisk};
use crate::store::{Draft, Options, create, layout};

use super::archive::{Archive, verified};

/// How much is copied at once (bytes).
const PIECE: usize = 256 << 10;

/// Files that the chain names and a backup leaves out: sealed secrets.
#[derive(Debug, Default)]
pub struct Lost(pub(in crate::store) BTreeMap<String, Digest>);

impl Draft {
    /// Unpacks a backup beside `dir`, which is not there or is empty, and
    /// verifies what came out.
    ///
    /// # Errors
    /// `bad-backup` (2); `exists` (3) where something is there; system (8).
    pub fn unpacked(dir: &Path, options: &Options, archive: &Archive) -> Result<(Draft, Lost)> {
        let (new, disk) = create::beside(dir, options)?;
        let lost = unpack(archive, disk)?;
        Ok((Draft(new), Lost(lost)))
    }
}

fn unpack(archive: &Archive, disk: RealDisk) -> Result<BTreeMap<String, Digest>> {
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
            sink.write_at(&buffer[..read], at)?;
            at += read as u64;
        }
    }
    disk.sync_all()?;
    for dir in layout::DIRS.iter().chain([&""]) {
        disk.sync_dir(dir)?;
    }
    let disk: Arc<dyn Disk> = Arc::new(disk);
    verified(&disk, archive.manifest(), archive.shown())
}
