//! Reading a file into memory. What a file, a header or a record says about its size is
//! never believed: memory grows with what was read. A file can be far larger than the disk
//! that it takes, where it has holes; a hole reads as NUL, which no text of ours holds.

use crate::error::Result;

use super::Source;

/// How much memory is asked for at first (bytes); from then on it doubles.
const FIRST: usize = 256 << 10;
/// A line may be longer (bytes), but such a line is looked at more closely.
const LONG: usize = 1 << 20;

/// The bytes from `start` to `end`; fewer where the file ends before.
pub(crate) fn bytes(source: &dyn Source, start: u64, end: u64) -> Result<Vec<u8>> {
    read(source, start, end, Vec::new(), |_| true)
}

/// The text from `start` to `end`; less where the file ends before, or holds a NUL, with
/// which it is damaged. `memory` was used before.
pub(crate) fn text(source: &dyn Source, start: u64, end: u64, memory: Vec<u8>) -> Result<Vec<u8>> {
    read(source, start, end, memory, is_text)
}

/// Whether these bytes may be of a text of ours.
pub(crate) fn is_text(bytes: &[u8]) -> bool {
    memchr::memchr(0, bytes).is_none()
}

/// Whether these bytes may be the beginning of one line that ends within `longest` bytes.
pub(crate) fn may_be_line(bytes: &[u8], longest: usize) -> bool {
    bytes.len() <= longest && (bytes.len() <= LONG || is_text(bytes))
}

fn read(
    source: &dyn Source,
    start: u64,
    end: u64,
    mut bytes: Vec<u8>,
    go_on: impl Fn(&[u8]) -> bool,
) -> Result<Vec<u8>> {
    // What is in it is written over, or cut off.
    bytes.truncate(FIRST);
    let mut held = 0;
    loop {
        let wanted = end.saturating_sub(start).saturating_sub(held as u64);
        let piece = held.max(FIRST).min(usize::try_from(wanted).unwrap_or(usize::MAX));
        bytes.resize(held + piece, 0);
        let read = source.read_at(&mut bytes[held..], start.saturating_add(held as u64))?;
        let fresh = held..held + read;
        held += read;
        if read < piece || held as u64 >= end.saturating_sub(start) || !go_on(&bytes[fresh]) {
            bytes.truncate(held);
            return Ok(bytes);
        }
    }
}

#[cfg(test)]
mod tests {
    use std::sync::atomic::{AtomicUsize, Ordering};

    use super::*;

    /// A file of so many bytes, all but the first few of them a hole.
    struct Sparse(u64, AtomicUsize);

    impl Source for Sparse {
        fn size(&self) -> Result<u64> {
            Ok(self.0)
        }

        fn read_at(&self, buffer: &mut [u8], offset: u64) -> Result<usize> {
            let left = usize::try_from(self.0.saturating_sub(offset)).unwrap_or(usize::MAX);
            let read = left.min(buffer.len());
            buffer[..read].fill(0);
            if offset == 0 {
                buffer[..read.min(10)].fill(b'x');
            }
            self.1.fetch_max(buffer.len(), Ordering::Relaxed);
            Ok(read)
        }
    }

    fn sparse(size: u64) -> Sparse {
        Sparse(size, AtomicUsize::new(0))
    }

    #[test]
    fn a_text_ends_where_it_is_no_text_however_large_the_file_says_it_is() {
        let file = sparse(1 << 40);
        let read = text(&file, 0, 1 << 40, Vec::new()).unwrap();
        assert_eq!((read.len(), file.1.into_inner()), (FIRST, FIRST));
    }

    #[test]
    fn memory_grows_with_what_is_there_and_not_with_what_is_said() {
        for size in [0, 9, FIRST as u64 - 1, FIRST as u64, 3 << 20] {
            let file = sparse(size);
            let read = bytes(&file, 0, u64::MAX).unwrap();
            assert_eq!(read.len() as u64, size);
            assert!(file.1.into_inner() as u64 <= 2 * size + FIRST as u64);
        }
        let file = sparse(5 << 20);
        assert_eq!(bytes(&file, 3, 1 << 20).unwrap().len(), (1 << 20) - 3);
        assert_eq!(text(&file, 3, 7, vec![1; 1 << 20]).unwrap().len(), 4);
    }
}
