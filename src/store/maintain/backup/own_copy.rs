//! A copy of a backup that nobody else can reach. The file itself belongs to whoever named it,
//! and may change between two looks at it: what is verified, shown and restored is the copy.

use std::fs::File;
use std::os::unix::fs::FileExt;

use rustix::fs::{MemfdFlags, Mode, OFlags, SeekFrom};
use rustix::io::Errno;

use crate::error::{Error, Result};

/// Where files without a name can be made: on a disk, for a backup may be large.
const PLACE: &str = "/var/tmp";

/// How much is copied at once (bytes).
const PIECE: usize = 256 << 10;

/// Copies `file`, as long as it is now, into a file without a name. Holes stay holes.
///
/// # Errors
/// System (8).
pub(crate) fn own_copy(file: &File, shown: &str) -> Result<File> {
    copy(file).map_err(|e| Error::system("copy", shown, &e))
}

fn copy(from: &File) -> std::io::Result<File> {
    let to = unnamed()?;
    let length = from.metadata()?.len();
    to.set_len(length)?;
    let mut piece = vec![0; PIECE];
    let mut at = 0;
    while let Some((start, end)) = data(from, at)? {
        at = start;
        while at < end.min(length) {
            let wanted = usize::try_from(end.min(length) - at).unwrap_or(PIECE).min(PIECE);
            let read = from.read_at(&mut piece[..wanted], at)?;
            if read == 0 {
                // It was cut meanwhile: the copy will not verify.
                return Ok(to);
            }
            to.write_all_at(&piece[..read], at)?;
            at += read as u64;
        }
        if at >= length {
            break;
        }
    }
    Ok(to)
}

/// The next stretch with data in it from `at` on; `None` where only a hole is left.
fn data(file: &File, at: u64) -> std::io::Result<Option<(u64, u64)>> {
    let start = match rustix::fs::seek(file, SeekFrom::Data(at)) {
        Ok(start) => start,
        Err(Errno::NXIO) => return Ok(None),
        // The file system knows of no holes.
        Err(Errno::INVAL) => return Ok(Some((at, u64::MAX))),
        Err(e) => return Err(e.into()),
    };
    Ok(Some((start, rustix::fs::seek(file, SeekFrom::Hole(start)).unwrap_or(u64::MAX))))
}

/// A file that has no name, and never had one. In memory, where no disk offers that.
fn unnamed() -> std::io::Result<File> {
    let flags = OFlags::TMPFILE | OFlags::RDWR | OFlags::EXCL | OFlags::CLOEXEC;
    let on_disk = rustix::fs::open(PLACE, flags, Mode::RUSR | Mode::WUSR);
    let file =
        on_disk.or_else(|_| rustix::fs::memfd_create("mfactl-backup", MemfdFlags::CLOEXEC))?;
    Ok(File::from(file))
}

#[cfg(test)]
mod tests {
    use std::os::unix::fs::MetadataExt;

    use super::*;

    #[test]
    fn a_copy_is_the_file_as_it_was_with_its_holes() {
        let file = tempfile::tempfile().unwrap();
        let hole = 64 << 20;
        file.write_all_at(b"first", 0).unwrap();
        file.write_all_at(&vec![7; PIECE + 1], hole).unwrap();
        file.set_len(hole * 2).unwrap();
        let copy = own_copy(&file, "a.tar").unwrap();
        file.write_all_at(b"later", 0).unwrap();
        let read = |at, length| {
            let mut bytes = vec![1; length];
            copy.read_exact_at(&mut bytes, at).unwrap();
            bytes
        };
        assert_eq!(read(0, 6), b"first\0");
        assert_eq!(read(hole, PIECE + 2), [vec![7; PIECE + 1], vec![0]].concat());
        let copied = copy.metadata().unwrap();
        assert_eq!((copied.len(), copied.nlink()), (hole * 2, 0));
        assert!(copied.blocks() * 512 <= 2 * hole / 16, "{} blocks", copied.blocks());
        assert_eq!(
            own_copy(&tempfile::tempfile().unwrap(), "b").unwrap().metadata().unwrap().len(),
            0
        );
    }
}
