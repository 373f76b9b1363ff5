//! Lines of a file in pieces, from either end.

use std::sync::Arc;

use crate::error::{Error, Result};
use crate::store::disk::Source;
use crate::store::disk::reading;

/// How much is read at once (bytes).
const PIECE: u64 = 64 << 10;
/// No line is longer (bytes): a detail of the largest user is far below.
pub(crate) const LONGEST_LINE: usize = 64 << 20;

/// The lines before an offset, last first, without their line ends.
pub(crate) struct Backward {
    path: String,
    source: Arc<dyn Source>,
    /// What lies before `at` was not read yet.
    at: u64,
    /// What was read and not given yet.
    held: Vec<u8>,
}

impl Backward {
    /// Reads backwards from `end`, which is the end of a line.
    pub(crate) fn new(path: String, source: Arc<dyn Source>, end: u64) -> Backward {
        Backward { path, source, at: end, held: Vec::new() }
    }

    /// The line before the last one given.
    pub(crate) fn next_line(&mut self) -> Result<Option<Vec<u8>>> {
        loop {
            // The held bytes end in the line end of the line that is looked for.
            let before = self.held.len().saturating_sub(1);
            if let Some(at) = self.held[..before].iter().rposition(|b| *b == b'\n') {
                return Ok(Some(self.give(at + 1)));
            }
            if self.at == 0 {
                return Ok((!self.held.is_empty()).then(|| self.give(0)));
            }
            self.read_piece()?;
        }
    }

    fn give(&mut self, at: usize) -> Vec<u8> {
        let mut line = self.held.split_off(at);
        if line.last() == Some(&b'\n') {
            line.pop();
        }
        line
    }

    fn read_piece(&mut self) -> Result<()> {
        if !reading::may_be_line(&self.held, LONGEST_LINE) {
            return Err(too_long(&self.path));
        }
        // Larger pieces for longer lines: each byte is moved a few times only.
        let piece = PIECE.max(self.held.len() as u64).min(self.at);
        let mut bytes = reading::bytes(&*self.source, self.at - piece, self.at)?;
        if bytes.len() as u64 != piece {
            return Err(Error::damaged(&self.path, format!("{} was cut while read", self.path)));
        }
        bytes.append(&mut self.held);
        self.held = bytes;
        self.at -= piece;
        Ok(())
    }
}

/// The lines of a part of a file, first first, without their line ends.
pub(crate) struct Forward {
    path: String,
    source: Arc<dyn Source>,
    at: u64,
    end: u64,
    held: Vec<u8>,
    given: usize,
}

impl Forward {
    /// Reads from `start` to `end`.
    pub(crate) fn new(path: String, source: Arc<dyn Source>, start: u64, end: u64) -> Forward {
        Forward { path, source, at: start, end, held: Vec::new(), given: 0 }
    }

    /// The next line. A last line without an end is given as it is.
    pub(crate) fn next_line(&mut self) -> Result<Option<&[u8]>> {
        let mut searched = self.given;
        let line_end = loop {
            if let Some(at) = self.held[searched..].iter().position(|b| *b == b'\n') {
                break searched + at;
            }
            searched = self.held.len();
            if self.at >= self.end {
                break searched;
            }
            searched -= self.read_piece()?;
        };
        let start = self.given;
        if start == self.held.len() {
            return Ok(None);
        }
        self.given = (line_end + 1).min(self.held.len());
        Ok(Some(&self.held[start..line_end]))
    }

    /// Reads on; returns by how much what is held has moved to the front.
    fn read_piece(&mut self) -> Result<usize> {
        let moved = self.given;
        self.held.drain(..moved);
        self.given = 0;
        if !reading::may_be_line(&self.held, LONGEST_LINE) {
            return Err(too_long(&self.path));
        }
        let piece = PIECE.max(self.held.len() as u64).min(self.end - self.at);
        let bytes = reading::bytes(&*self.source, self.at, self.at + piece)?;
        self.at = if bytes.is_empty() { self.end } else { self.at + bytes.len() as u64 };
        self.held.extend_from_slice(&bytes);
        Ok(moved)
    }
}

/// The error of a file with a line that is longer than any.
pub(crate) fn too_long(path: &str) -> Error {
    Error::damaged(path, format!("{path} has a line of more than {LONGEST_LINE} bytes"))
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;
    use crate::store::disk::Bytes;

    proptest! {
        #[test]
        fn both_directions_give_the_same_lines(
            lengths in prop::collection::vec(0_usize..150_000, 0..8),
        ) {
            let lines: Vec<Vec<u8>> =
                lengths.iter().enumerate().map(|(i, n)| vec![b'a' + i as u8; *n]).collect();
            let text: Vec<u8> = lines.iter().flat_map(|l| [l.as_slice(), b"\n"].concat()).collect();
            let end = text.len() as u64;
            let source: Arc<dyn Source> = Arc::new(Bytes(text));
            let mut forward = Forward::new("x".into(), source.clone(), 0, end);
            let mut read = Vec::new();
            while let Some(line) = forward.next_line().unwrap() {
                read.push(line.to_vec());
            }
            prop_assert!(read == lines);
            let mut backward = Backward::new("x".into(), source, end);
            let mut read = Vec::new();
            while let Some(line) = backward.next_line().unwrap() {
                read.insert(0, line);
            }
            prop_assert!(read == lines);
        }
    }
}
