//! Memory for secrets that are put together piece by piece.

use std::io::{self, Write};
use std::ops::Deref;

use zeroize::Zeroizing;

/// How much room to begin with (bytes).
const FIRST: usize = 4 << 10;

/// Bytes that are gathered, wiped from memory when dropped. A vector that grows leaves a
/// copy of its contents in the memory that it gives back; this one wipes that memory first.
#[derive(Clone, Default, PartialEq, Eq)]
pub struct WipedBytes(Zeroizing<Vec<u8>>);

impl WipedBytes {
    /// Adds bytes at the end.
    pub fn push(&mut self, bytes: &[u8]) {
        let needed = self.0.len() + bytes.len();
        if needed > self.0.capacity() {
            let room = needed.max(2 * self.0.capacity()).max(FIRST);
            let mut larger = Zeroizing::new(Vec::with_capacity(room));
            larger.extend_from_slice(&self.0);
            self.0 = larger;
        }
        self.0.extend_from_slice(bytes);
    }
}

impl Deref for WipedBytes {
    type Target = [u8];

    fn deref(&self) -> &[u8] {
        &self.0
    }
}

impl AsRef<[u8]> for WipedBytes {
    fn as_ref(&self) -> &[u8] {
        self
    }
}

impl std::fmt::Debug for WipedBytes {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("WipedBytes(…)")
    }
}

impl Write for WipedBytes {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        self.push(bytes);
        Ok(bytes.len())
    }

    fn flush(&mut self) -> io::Result<()> {
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn bytes_are_kept_while_the_room_grows() {
        let mut bytes = WipedBytes::default();
        let mut expected = Vec::new();
        for number in 0..20_000_u32 {
            write!(bytes, "{number},").unwrap();
            write!(expected, "{number},").unwrap();
        }
        assert_eq!(*bytes, *expected);
    }

    /// What is wiped when it is dropped, by its type.
    #[test]
    fn secrets_are_wiped_when_they_are_dropped() {
        fn wiped<T: zeroize::ZeroizeOnDrop>(_: &T) {}
        let bytes = WipedBytes::default();
        wiped(&bytes.0);
    }
}
