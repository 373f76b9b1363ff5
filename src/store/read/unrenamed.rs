//! What the last record made and nobody has renamed yet: one look for readers, for
//! verification and for finishing.

use crate::error::{Kind, Result};

use crate::store::disk::{Disk, Source};
use crate::store::format::digest::Digest;
use crate::store::format::header;
use crate::store::format::header::Sealed;
use crate::store::format::layout;

/// The shadow of `path` at `rev`, if its first line (or where it has none, all of it) has
/// the hash that the record gives it.
///
/// # Errors
/// System (8) where it cannot be read: whether it is there is not known then.
pub(crate) fn shadow(
    disk: &dyn Disk,
    rev: u64,
    path: &str,
    after: Digest,
) -> Result<Option<Box<dyn Source>>> {
    let Some(source) = disk.open(&layout::shadow(rev, path))? else { return Ok(None) };
    let fits = unless_damaged(header::hash_of(path, &*source))? == Some(after);
    Ok(fits.then_some(source))
}

/// Whether the whole content of a file has this hash: computed, not only stated.
///
/// # Errors
/// System (8) where it cannot be read.
pub(crate) fn holds(path: &str, source: &dyn Source, after: Digest) -> Result<bool> {
    let computed = match layout::has_header(path) {
        true => Sealed::read(path, source).map(|file| file.hash),
        false => header::hash_all(source),
    };
    Ok(unless_damaged(computed)? == Some(after))
}

/// Damage is an answer about the file; a disk that cannot be read is none.
fn unless_damaged<T>(read: Result<T>) -> Result<Option<T>> {
    match read {
        Ok(read) => Ok(Some(read)),
        Err(e) if e.kind == Kind::Damaged => Ok(None),
        Err(e) => Err(e),
    }
}
