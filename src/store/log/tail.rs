//! The end of the log: the last whole record, and where the next one goes.

use std::sync::Arc;

use crate::domain::time::Time;
use crate::error::{Error, Result};
use crate::store::disk::reading;
use crate::store::disk::{Bytes, Disk, Source};
use crate::store::format::digest::Digest;
use crate::store::format::layout;

use super::Backward;
use crate::store::format::log_line::{CommitLine, DetailsRef};

/// What is appended at once is never longer (bytes): details and list of files
/// of at most [`INLINE`], and a commit line that is mostly shorter than 8 KiB.
pub(crate) const LONGEST_APPEND: u64 = 128 << 10;
/// Details and list of files that are together longer go to a file of their own.
pub(crate) const INLINE: usize = 64 << 10;
/// How much of the end is read first: a record is mostly shorter than 2 KiB.
const FIRST_READ: u64 = 4 << 10;

/// The last whole record of the log.
#[derive(Clone)]
pub(crate) struct Tail {
    /// The segment that it is in.
    pub(crate) segment: u32,
    /// Where it begins, its details included.
    pub(crate) start: u64,
    /// Where it ends, its line end included.
    pub(crate) end: u64,
    /// What it says.
    pub(crate) commit: CommitLine,
    /// Its hash.
    pub(crate) hash: Digest,
    /// The last segment, where the next record goes.
    pub(crate) last_segment: u32,
    /// How long that segment is: more than [`Tail::append_at`] where a record was torn.
    pub(crate) size: u64,
    source: Arc<dyn Source>,
}

impl Tail {
    /// The end of a log that has no record yet; it begins at `at`.
    pub(crate) fn of_nothing(at: Time) -> Tail {
        let nothing = DetailsRef { lines: 0, bytes: 0, sha256: Digest::NONE, list: Vec::new() };
        let commit = CommitLine {
            prev: Digest::NONE,
            at,
            operator: String::new(),
            os_user: String::new(),
            identity_from: String::new(),
            action: String::new(),
            orgs: None,
            message: None,
            ticket: None,
            details: nothing,
            files: Vec::new(),
            rev: 0,
        };
        let source = Arc::new(Bytes(Vec::new()));
        let (hash, segment, start, end, last_segment, size) = (Digest::NONE, 0, 0, 0, 0, 0);
        Tail { segment, start, end, commit, hash, last_segment, size, source }
    }

    /// Where the next record goes in the last segment.
    pub(crate) fn append_at(&self) -> u64 {
        if self.segment == self.last_segment { self.end } else { 0 }
    }

    /// Whether something that is no whole record follows the last one.
    pub(crate) fn is_torn(&self) -> bool {
        self.size > self.append_at()
    }

    /// The lines of its segment, the record's own first, backwards.
    pub(crate) fn lines(&self) -> Backward {
        Backward::new(layout::segment(self.segment), Arc::clone(&self.source), self.end)
    }

    /// The bytes of the record.
    pub(crate) fn bytes(&self) -> Result<Vec<u8>> {
        reading::bytes(&*self.source, self.start, self.end)
    }

    /// Whether this is still the end of the log.
    pub(crate) fn is_current(&self, disk: &dyn Disk) -> Result<bool> {
        if disk.open(&layout::segment(self.last_segment.saturating_add(1)))?.is_some() {
            return Ok(false);
        }
        // Where the last segment is another than the record's, something may have come into it.
        if self.segment != self.last_segment || self.source.size()? != self.size {
            return Ok(find(disk)?.is_some_and(|now| now.hash == self.hash));
        }
        // As long as before: the same, or withdrawn and replaced by one of equal length.
        let hash_at = self.end.saturating_sub(67);
        let line_end = reading::bytes(&*self.source, hash_at, self.end)?;
        Ok(line_end.starts_with(self.hash.to_string().as_bytes()))
    }
}

/// Finds the last whole record; `None` where there is none.
pub(crate) fn find(disk: &dyn Disk) -> Result<Option<Tail>> {
    let Some((last_segment, source)) = last_segment(disk)? else { return Ok(None) };
    let size = source.size()?;
    let (mut number, mut source) = (last_segment, source);
    loop {
        if let Some(found) = last_whole(disk, number, &*source)? {
            let Found { start, end, commit, hash } = found;
            let source = Arc::from(source);
            let tail =
                Tail { segment: number, start, end, commit, hash, last_segment, size, source };
            return Ok(Some(tail));
        }
        // A new segment is empty until its first record is whole.
        number -= 1;
        if number == 0 {
            return Ok(None);
        }
        let path = layout::segment(number);
        source = disk.open(&path)?.ok_or_else(|| missing(&path))?;
    }
}

fn missing(path: &str) -> Error {
    Error::damaged(path, format!("{path} is missing"))
}

/// The last segment, found by probing: a directory can be long.
fn last_segment(disk: &dyn Disk) -> Result<Option<(u32, Box<dyn Source>)>> {
    let open = |number: u32| disk.open(&layout::segment(number));
    let Some(mut last) = open(1)? else { return Ok(None) };
    let (mut there, mut step) = (1_u32, 1_u32);
    while let Some(next) = there.checked_add(step) {
        match open(next)? {
            Some(source) => (last, there, step) = (source, next, step.saturating_mul(2)),
            None => break,
        }
    }
    let mut gone = there.saturating_add(step);
    while gone - there > 1 {
        let middle = there + (gone - there) / 2;
        match open(middle)? {
            Some(source) => (last, there) = (source, middle),
            None => gone = middle,
        }
    }
    Ok(Some((there, last)))
}

struct Found {
    start: u64,
    end: u64,
    commit: CommitLine,
    hash: Digest,
}

/// The last whole record of a segment. Of what is torn there is at most one
/// append; where nothing is whole before that, either, the log is damaged.
fn last_whole(disk: &dyn Disk, number: u32, source: &dyn Source) -> Result<Option<Found>> {
    let size = source.size()?;
    let mut window = FIRST_READ;
    loop {
        let from = size.saturating_sub(window);
        let bytes = reading::bytes(source, from, size)?;
        let wider = match search(disk, &bytes, from)? {
            Search::Found(found) => return Ok(Some(*found)),
            Search::Nothing if from == 0 && size <= LONGEST_APPEND => return Ok(None),
            Search::Nothing | Search::ReadMore => window * 8,
            Search::ReadFrom(start) => size - start,
        };
        if from == 0 || window >= 4 * LONGEST_APPEND {
            let path = layout::segment(number);
            let message = format!("{path} has no whole record at its end");
            return Err(Error::damaged(path, message).command("audit verify"));
        }
        window = wider;
    }
}

enum Search {
    Found(Box<Found>),
    /// The record begins before what was read.
    ReadMore,
    /// It begins here, before what was read.
    ReadFrom(u64),
    Nothing,
}

fn search(disk: &dyn Disk, bytes: &[u8], from: u64) -> Result<Search> {
    let mut rest = bytes;
    while let Some(line_end) = rest.iter().rposition(|b| *b == b'\n') {
        let before = &rest[..line_end];
        let Some(line_at) = before
            .iter()
            .rposition(|b| *b == b'\n')
            .map(|at| at + 1)
            .or_else(|| (from == 0).then_some(0))
        else {
            return Ok(Search::ReadMore);
        };
        if let Some((commit, hash)) = CommitLine::read(&before[line_at..]) {
            let end = from + line_end as u64 + 1;
            let details = &commit.details;
            if details.in_file() {
                if details_file_is_there(disk, &commit)? {
                    let start = from + line_at as u64;
                    return Ok(Search::Found(Box::new(Found { start, end, commit, hash })));
                }
            } else {
                let length = usize::try_from(details.bytes).unwrap_or(usize::MAX);
                let Some(start) = line_at.checked_sub(length) else {
                    let start = (from + line_at as u64).checked_sub(details.bytes);
                    if let Some(start) = start.filter(|_| details.bytes <= LONGEST_APPEND) {
                        return Ok(Search::ReadFrom(start));
                    }
                    // Before the beginning of the file there is nothing: it is not whole.
                    rest = &rest[..line_at];
                    continue;
                };
                if Digest::of(&bytes[start..line_at]) == details.sha256 {
                    let start = from + start as u64;
                    return Ok(Search::Found(Box::new(Found { start, end, commit, hash })));
                }
            }
        }
        rest = &rest[..line_at];
    }
    Ok(if from == 0 { Search::Nothing } else { Search::ReadMore })
}

/// It was synced before the commit line was written: where it is as long as it
/// should be, it is whole. Its hash is for `audit verify`.
fn details_file_is_there(disk: &dyn Disk, commit: &CommitLine) -> Result<bool> {
    let Some(source) = disk.open(&layout::details(commit.rev))? else { return Ok(false) };
    Ok(source.size()? == commit.details.bytes.saturating_add(commit.details.list_bytes()))
}
