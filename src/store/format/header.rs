//! Files whose first line holds the revision that wrote them and the hash of
//! what follows: `# mfactl 1 · rev 4812 · sha256 …`.

use crate::error::{Error, Kind, Result};

use super::digest::{Digest, Hasher};
use super::layout;
use crate::store::disk::Source;
use crate::store::disk::reading;

/// The version of the format of state files.
pub(crate) const FORMAT: u32 = 1;

/// No file of a state is larger: what is larger was not written by mfactl.
const LARGEST: u64 = 1 << 30;
/// The largest file of evidence (bytes).
pub const LARGEST_EVIDENCE: u64 = 10 << 20;

/// A file whose content fits the hash in its first line.
#[derive(Debug)]
pub(crate) struct Sealed {
    text: String,
    body_at: usize,
    /// The revision that wrote it.
    pub(crate) rev: u64,
    /// The hash of what follows the first line.
    pub(crate) hash: Digest,
}

impl Sealed {
    /// Reads and checks a file.
    pub(crate) fn read(path: &str, source: &dyn Source) -> Result<Sealed> {
        let size = bounded_size(path, source)?;
        let sealed = Sealed::parse(path, reading::text(source, 0, size, Vec::new())?)?;
        if Digest::of(sealed.body().as_bytes()) == sealed.hash {
            return Ok(sealed);
        }
        Err(edited(path))
    }

    /// A file that was made again, as `rev` would have written it.
    pub(crate) fn made(rev: u64, body: &str) -> Sealed {
        let hash = Digest::of(body.as_bytes());
        Sealed { text: body.to_owned(), body_at: 0, rev, hash }
    }

    /// Takes the first line apart, without comparing the hash.
    fn parse(path: &str, bytes: Vec<u8>) -> Result<Sealed> {
        let text = String::from_utf8(bytes).map_err(|_| no_utf8(path))?;
        let (line, body_at) = match text.find('\n') {
            Some(end) => (&text[..end], end + 1),
            None => (text.as_str(), text.len()),
        };
        let (rev, hash) = header(path, line)?;
        Ok(Sealed { text, body_at, rev, hash })
    }

    /// What follows the first line.
    pub(crate) fn body(&self) -> &str {
        &self.text[self.body_at..]
    }

    /// How many bytes it takes.
    pub(crate) fn size(&self) -> usize {
        self.text.len()
    }
}

/// The error of a file that does not fit the hash in its first line.
pub(crate) fn edited(path: &str) -> Error {
    Error::damaged(path, format!("{path} was edited: it does not fit its first line"))
        .command("state check")
}

/// The error of a file that is no text.
pub(crate) fn no_utf8(path: &str) -> Error {
    Error::damaged(path, format!("{path} is no UTF-8"))
}

/// Reads the revision and the hash of a first line.
pub(crate) fn header(path: &str, line: &str) -> Result<(u64, Digest)> {
    let wrong = || {
        Error::damaged(path, format!("{path} does not begin with the line that mfactl writes"))
            .command("state check")
    };
    let mut words = line.strip_prefix("# mfactl ").ok_or_else(wrong)?.split(" · ");
    let mut word = |name: &str| words.next().and_then(|word| word.strip_prefix(name));
    let format: u32 = word("").and_then(|word| word.parse().ok()).ok_or_else(wrong)?;
    if format > FORMAT {
        return Err(newer_format(path, format));
    }
    let rev = word("rev ").and_then(|word| word.parse().ok()).ok_or_else(wrong)?;
    let hash = word("sha256 ").and_then(Digest::parse).ok_or_else(wrong)?;
    if words.next().is_some() { Err(wrong()) } else { Ok((rev, hash)) }
}

/// The error of a file that a later mfactl wrote.
pub(crate) fn newer_format(path: &str, format: u32) -> Error {
    let message =
        format!("{path} has format {format}, this mfactl knows up to {FORMAT}: use a newer one");
    Error::new(Kind::Damaged, "newer-format", message).about(path)
}

/// The bytes of a file that `rev` writes with this body, and the hash of the body.
pub(crate) fn seal(rev: u64, body: &str) -> (Digest, Vec<u8>) {
    let (hash, first) = first_line(rev, [body]);
    (hash, [first.as_bytes(), body.as_bytes()].concat())
}

/// The hash of a body that `rev` writes, given as parts, and the line that goes before it.
pub(crate) fn first_line<'a>(
    rev: u64,
    body: impl IntoIterator<Item = &'a str>,
) -> (Digest, String) {
    let mut hasher = Hasher::default();
    body.into_iter().for_each(|part| hasher.update(part.as_bytes()));
    let hash = hasher.finish();
    (hash, format!("# mfactl {FORMAT} · rev {rev} · sha256 {hash}\n"))
}

/// The revision and hash in the first line of a file, without reading the rest.
pub(crate) fn stated(path: &str, source: &dyn Source) -> Result<(u64, Digest)> {
    let mut buffer = [0; 160];
    let read = source.read_at(&mut buffer, 0)?;
    let line = buffer[..read].split(|b| *b == b'\n').next().unwrap_or_default();
    header(path, std::str::from_utf8(line).unwrap_or_default())
}

/// The hash by which the log knows a file: that in its first line, or where it
/// has none that of all its bytes.
pub(crate) fn hash_of(path: &str, source: &dyn Source) -> Result<Digest> {
    if layout::has_header(path) {
        stated(path, source).map(|(_, hash)| hash)
    } else {
        hash_all(source)
    }
}

/// How long a file is (bytes), where that is not too long to be one of ours.
pub(crate) fn bounded_size(path: &str, source: &dyn Source) -> Result<u64> {
    match source.size()? {
        size if size > largest(path) => {
            Err(Error::damaged(path, format!("{path} has {size} bytes: too large")))
        }
        size => Ok(size),
    }
}

/// How long the file at `path` may be (bytes).
pub(crate) fn largest(path: &str) -> u64 {
    if layout::is_evidence(path) { LARGEST_EVIDENCE } else { LARGEST }
}

/// All bytes of a file.
pub(crate) fn read_all(path: &str, source: &dyn Source) -> Result<Vec<u8>> {
    reading::bytes(source, 0, bounded_size(path, source)?)
}

/// The hash of all bytes of a file, read in pieces.
pub(crate) fn hash_all(source: &dyn Source) -> Result<Digest> {
    let mut hasher = super::digest::Hasher::default();
    let mut buffer = vec![0; 256 << 10];
    let mut at = 0;
    loop {
        let read = source.read_at(&mut buffer, at)?;
        if read == 0 {
            return Ok(hasher.finish());
        }
        hasher.update(&buffer[..read]);
        at += read as u64;
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// A file that says that it is so long.
    struct Long(u64);

    impl Source for Long {
        fn size(&self) -> Result<u64> {
            Ok(self.0)
        }

        fn read_at(&self, _: &mut [u8], _: u64) -> Result<usize> {
            Ok(0)
        }
    }

    #[test]
    fn a_file_that_is_too_long_to_be_ours_is_not_read() {
        assert_eq!(bounded_size("x", &Long(LARGEST)).unwrap(), LARGEST);
        assert!(bounded_size("x", &Long(LARGEST + 1)).is_err());
    }
}
