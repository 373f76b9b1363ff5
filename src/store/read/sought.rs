//! Files of lines that are looked through while they are read in pieces and hashed: whoever
//! asks about one person needs no more memory than for that person's line.

use crate::error::Result;

use crate::store::disk::Source;
use crate::store::disk::reading;
use crate::store::format::digest::{Digest, Hasher};
use crate::store::format::header;
use crate::store::format::keyed_lines;
use crate::store::format::keyed_lines::BadLine;

/// How much is read at once (bytes): it stays in the nearest caches, and a small heap.
const PIECE: usize = 16 << 10;

/// What was found in a file that fits the hash in its first line.
pub(crate) struct Sought {
    /// The revision that wrote the file.
    pub(crate) rev: u64,
    /// The hash in its first line.
    pub(crate) hash: Digest,
    /// The value in the line, or why there can be none.
    pub(crate) value: std::result::Result<Option<String>, BadLine>,
}

/// Reads a file and seeks the line of `token` in it.
///
/// # Errors
/// Damaged (7) where the file does not fit its first line, or is no text where it was
/// looked at; system (8).
pub(crate) fn seek(path: &str, source: &dyn Source, token: &str) -> Result<Sought> {
    let mut found = None;
    let read = look_through(path, source, |lines| {
        if found.is_none() && !ends_before(lines, token) {
            let text = std::str::from_utf8(lines).map_err(|_| header::no_utf8(path));
            found = Some(text.map(|text| find(text, token)));
        }
    })?;
    let value = match found {
        Some(found) => found?,
        None => find(&String::from_utf8_lossy(&read.rest), token),
    };
    Ok(Sought { rev: read.rev, hash: read.hash, value })
}

/// A file that fits the hash in its first line, read to its end.
pub(crate) struct Read {
    /// The revision that wrote the file.
    pub(crate) rev: u64,
    /// The hash in its first line.
    pub(crate) hash: Digest,
    /// What follows its last line end: nothing, where it is as it was written.
    pub(crate) rest: Vec<u8>,
}

/// Reads a file in pieces and hashes it. `look` is shown its whole lines, some at a time and
/// in order; what it saw there counts only where this returns no error.
///
/// # Errors
/// Damaged (7) where the file does not fit its first line; system (8).
pub(crate) fn look_through(
    path: &str,
    source: &dyn Source,
    mut look: impl FnMut(&[u8]),
) -> Result<Read> {
    header::bounded_size(path, source)?;
    let mut pieces = Pieces { source, at: 0, held: Vec::with_capacity(2 * PIECE) };
    let (rev, hash) = pieces.header(path)?;
    let mut hasher = Hasher::default();
    hasher.update(&pieces.held);
    // Before this no line ends: of a long line each byte is searched once.
    let mut searched = 0;
    loop {
        if let Some(end) = pieces.held[searched..].iter().rposition(|b| *b == b'\n') {
            let end = searched + end;
            look(&pieces.held[..=end]);
            pieces.held.drain(..=end);
        }
        let held = pieces.held.len();
        searched = held;
        if pieces.read()? == 0 {
            break;
        }
        // A file with a hole would be held as one long line.
        if !reading::is_text(&pieces.held[held..]) {
            return Err(header::edited(path));
        }
        hasher.update(&pieces.held[held..]);
    }
    if hasher.finish() != hash {
        return Err(header::edited(path));
    }
    Ok(Read { rev, hash, rest: pieces.held })
}

fn find(body: &str, token: &str) -> std::result::Result<Option<String>, BadLine> {
    keyed_lines::find(body, token).map(|value| value.map(str::to_owned))
}

/// Whether the last of these whole lines stands before that of `token`. Of one that is no
/// such line it is not said: whoever searches there finds out.
fn ends_before(lines: &[u8], token: &str) -> bool {
    let before = &lines[..lines.len() - 1];
    let start = before.iter().rposition(|b| *b == b'\n').map_or(0, |at| at + 1);
    let last = &before[start..];
    keyed_lines::token_end(last).is_some_and(|end| &last[..end] < token.as_bytes())
}

/// A file that is read in pieces.
struct Pieces<'a> {
    source: &'a dyn Source,
    at: u64,
    /// What was read and is not done with.
    held: Vec<u8>,
}

impl Pieces<'_> {
    /// Reads on; returns how much came.
    fn read(&mut self) -> Result<usize> {
        let held = self.held.len();
        self.held.resize(held + PIECE, 0);
        let read = self.source.read_at(&mut self.held[held..], self.at)?;
        self.held.truncate(held + read);
        self.at += read as u64;
        Ok(read)
    }

    /// Takes the first line.
    fn header(&mut self, path: &str) -> Result<(u64, Digest)> {
        self.read()?;
        let end = self.held.iter().position(|b| *b == b'\n').unwrap_or(self.held.len());
        let header = header::header(path, &String::from_utf8_lossy(&self.held[..end]))?;
        self.held.drain(..self.held.len().min(end + 1));
        Ok(header)
    }
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeMap;

    use proptest::prelude::*;

    use super::*;
    use crate::store::disk::Bytes;
    use crate::store::format::header::{Sealed, seal};

    /// The same, of the whole file at once.
    fn at_once(source: &Bytes, token: &str) -> std::result::Result<Option<String>, String> {
        let sealed = Sealed::read("users/all.yaml", source).map_err(|e| e.message)?;
        find(sealed.body(), token).map_err(|bad| bad.0)
    }

    fn in_pieces(source: &Bytes, token: &str) -> std::result::Result<Option<String>, String> {
        let sought = seek("users/all.yaml", source, token).map_err(|e| e.message)?;
        sought.value.map_err(|bad| bad.0)
    }

    #[test]
    fn a_file_that_is_none_is_refused_as_when_it_is_read_whole() {
        let (_, good) = seal(3, "\"alice\": {}\n\"bob\": {}\n");
        let mut edited = good.clone();
        *edited.last_mut().unwrap() = b' ';
        let (_, no_end) = seal(3, "\"alice\": {}");
        let (_, no_line) = seal(3, "alice: {}\n");
        for bytes in [edited, no_end, no_line, b"".to_vec(), b"# mfactl 1\n".to_vec(), vec![0xff]] {
            let source = Bytes(bytes);
            let (whole, pieces) = (at_once(&source, "\"bob\""), in_pieces(&source, "\"bob\""));
            assert!(pieces.is_err(), "{pieces:?}");
            if !source.0.starts_with(&[0xff]) {
                assert_eq!(pieces, whole);
            }
        }
        assert_eq!(in_pieces(&Bytes(good), "\"bob\""), Ok(Some("{}".to_owned())));
    }

    proptest! {
        #![proptest_config(ProptestConfig::with_cases(64))]
        #[test]
        fn the_line_is_that_of_the_whole_file(
            lengths in prop::collection::btree_map("[a-e.@\"\\\\é]{0,4}", 1_usize..6_000, 0..40),
            others in prop::collection::vec("[a-f.é]{0,4}", 0..10),
        ) {
            let lines: BTreeMap<String, String> = lengths
                .iter()
                .map(|(key, length)| (keyed_lines::token(key), "7".repeat(*length)))
                .collect();
            let mut body = String::new();
            for (token, value) in &lines {
                keyed_lines::push(&mut body, token, value);
            }
            let source = Bytes(seal(7, &body).1);
            let tokens = lines.keys().cloned().chain(others.iter().map(|key| keyed_lines::token(key)));
            for token in tokens {
                let found = in_pieces(&source, &token);
                prop_assert_eq!(&found, &Ok(lines.get(&token).cloned()));
                prop_assert_eq!(found, at_once(&source, &token));
            }
        }
    }

    #[test]
    fn a_long_line_is_read_in_linear_time() {
        let body = format!("\"alice\": \"{}\"\n", "x".repeat(48 << 20));
        let source = Bytes(seal(1, &body).1);
        let begun = std::time::Instant::now();
        let sought = seek("users/all.yaml", &source, "\"alice\"").unwrap();
        assert_eq!(sought.value.unwrap().map(|value| value.len()), Some((48 << 20) + 2));
        // Searched anew with every piece it was 75 GB.
        assert!(begun.elapsed().as_secs() < 30, "{:?}", begun.elapsed());
    }
}
