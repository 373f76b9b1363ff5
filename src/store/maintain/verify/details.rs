//! The details of records: in the log, and in files of their own, which are most of what
//! the log has and are looked at together.

use crate::domain::time::Time;
use crate::error::{Kind, Result};
use crate::store::disk::reading;
use crate::store::disk::{Disk, Source};
use crate::store::format::digest::Hasher;
use crate::store::format::json;
use crate::store::format::log_line::{DetailLine, DetailsRef};
use crate::store::format::pruned;
use crate::store::log::{LONGEST_LINE, too_long};

/// How much of a file is read at once (bytes): it stays in the cache of a processor
/// between being read, hashed and looked over.
const PIECE: usize = 512 << 10;

/// The object of the details of a record of pruning.
const STATE: &str = "state";

/// The details of one record, as far as they were read.
#[derive(Default)]
pub(crate) struct Details {
    hasher: Hasher,
    bytes: u64,
    lines: DetailLines,
    /// Lines of the log that wait to be looked at together.
    held: Vec<u8>,
}

/// What their lines say.
#[derive(Default)]
struct DetailLines {
    count: u64,
    unreadable: bool,
    /// Before which instant a record of pruning erases.
    prunes: Option<Time>,
}

/// Details in a file of their own.
pub(crate) struct DetailFile {
    /// The file.
    pub(crate) path: String,
    /// Where they begin in it, after the list of files.
    pub(crate) start: u64,
    /// How long the file is.
    pub(crate) size: u64,
    /// What the commit line says of them.
    pub(crate) expected: DetailsRef,
}

impl Details {
    pub(crate) fn new() -> Details {
        Details::default()
    }

    pub(crate) fn is_empty(&self) -> bool {
        self.bytes == 0 && self.held.is_empty()
    }

    /// Takes the next line, without its line end.
    pub(crate) fn line(&mut self, line: &[u8]) {
        self.held.extend_from_slice(line);
        self.held.push(b'\n');
        if self.held.len() >= PIECE {
            self.look_at_held();
        }
    }

    fn look_at_held(&mut self) {
        self.hasher.update(&self.held);
        self.lines.many(&self.held);
        self.bytes += self.held.len() as u64;
        self.held.clear();
    }

    /// What they are not that the commit line says, if anything; otherwise before which
    /// instant they say that was erased.
    pub(crate) fn compare(
        mut self,
        expected: &DetailsRef,
    ) -> std::result::Result<Option<Time>, &'static str> {
        self.look_at_held();
        let same = (self.lines.count, self.bytes) == (expected.lines, expected.bytes)
            && self.hasher.finish() == expected.sha256;
        match (same, self.lines.unreadable) {
            (false, _) => Err("its details do not fit their hash"),
            (true, true) => Err("its details cannot be read"),
            (true, false) => Ok(self.lines.prunes),
        }
    }
}

impl DetailLines {
    /// Whole lines; the last may be without its line end.
    fn many(&mut self, bytes: &[u8]) {
        if !bytes.is_empty() {
            let bytes = bytes.strip_suffix(b"\n").unwrap_or(bytes);
            bytes.split(|b| *b == b'\n').for_each(|line| self.one(line));
        }
    }

    fn one(&mut self, line: &[u8]) {
        self.count += 1;
        match DetailLine::read(line) {
            Some(line) if line.object == STATE && line.key == pruned::KEY => {
                let after = json::read(line.after.get()).unwrap_or_default();
                self.prunes = pruned::before_of(&after);
            }
            read => self.unreadable |= read.is_none(),
        }
    }
}

impl DetailFile {
    /// Reads all of them.
    ///
    /// # Errors
    /// Damaged (7) where a line has no end for too long; system (8).
    pub(crate) fn read(&self, source: &dyn Source) -> Result<Details> {
        let mut details = Details::new();
        // The first `begun` bytes are the beginning of a line that has not ended yet.
        let (mut buffer, mut begun) = (vec![0; PIECE], 0);
        loop {
            let read = source.read_at(&mut buffer[begun..], self.start + details.bytes)?;
            let (held, fresh) = (&buffer[..begun + read], &buffer[begun..begun + read]);
            let line_end = fresh.iter().rposition(|b| *b == b'\n').map(|at| begun + at + 1);
            let end = if read == 0 { begun } else { line_end.unwrap_or(0) };
            let Details { hasher, lines, bytes, .. } = &mut details;
            crate::parallel::join(|| hasher.update(fresh), || lines.many(&held[..end]));
            *bytes += read as u64;
            if read == 0 {
                return Ok(details);
            }
            begun = held.len() - end;
            if !reading::may_be_line(&buffer[end..end + begun], LONGEST_LINE) {
                return Err(too_long(&self.path));
            }
            buffer.copy_within(end..end + begun, 0);
            // Larger pieces for longer lines: each byte is moved a few times only.
            if begun > buffer.len() / 2 {
                buffer.resize(buffer.len() * 2, 0);
            }
        }
    }

    /// What is wrong with them, if anything.
    pub(crate) fn look_at(&self, disk: &dyn Disk) -> Result<Option<String>> {
        let source = match disk.open(&self.path) {
            Ok(Some(source)) => source,
            Ok(None) => return Ok(Some(format!("{} is missing", self.path))),
            Err(e) if e.kind == Kind::Damaged => return Ok(Some(e.message)),
            Err(e) => return Err(e),
        };
        Ok(self.read(&*source)?.compare(&self.expected).err().map(str::to_owned))
    }
}
