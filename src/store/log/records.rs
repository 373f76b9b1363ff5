//! Records, read from either end of the log, in pieces.

use std::sync::Arc;

use crate::domain::ids::{OrgId, Text};
use crate::domain::time::Time;
use crate::error::{Error, Result};
use crate::store::disk::{Bytes, Disk, Source};
use crate::store::format::digest::Digest;
use crate::store::format::layout;

use super::tail::Tail;
use super::{Author, Backward, Detail, Forward};
use crate::store::format::log_line::{COMMIT, CommitLine, DetailLine};

/// One record of the audit log.
pub struct Record {
    /// The revision that it made.
    pub rev: u64,
    /// When.
    pub at: Time,
    /// Who.
    pub author: Author,
    /// The act.
    pub action: String,
    /// The orgs concerned.
    pub orgs: Vec<OrgId>,
    /// Why.
    pub message: Option<Text>,
    /// A ticket elsewhere.
    pub ticket: Option<Text>,
    /// The hash of the record before it; 64 zeros for the first.
    pub prev: String,
    /// Its own hash.
    pub hash: String,
    /// How many details it has, erased ones counted.
    pub detail_count: u64,
    /// Whether its details were erased.
    pub pruned: bool,
    details: RawDetails,
}

impl Record {
    /// What changed, object by object, read in pieces: one record can have a million.
    ///
    /// # Errors
    /// The iterator yields what cannot be read: damaged (7), system (8).
    pub fn details(&self) -> impl Iterator<Item = Result<Detail>> + '_ {
        let mut lines = self.details.lines();
        let rev = self.rev;
        std::iter::from_fn(move || match lines.next_line() {
            Ok(line) => line.map(|line| {
                let read = DetailLine::read(line).and_then(|line| line.detail());
                read.ok_or_else(|| bad_detail(rev))
            }),
            Err(e) => Some(Err(e)),
        })
    }

    /// What changed, as it is written.
    pub(crate) fn lines(&self) -> Forward {
        self.details.lines()
    }

    /// The one subject of all details, if there is one.
    ///
    /// # Errors
    /// As [`Record::details`].
    pub fn subject(&self) -> Result<Option<String>> {
        let mut subject: Option<String> = None;
        let mut lines = self.details.lines();
        while let Some(line) = lines.next_line()? {
            let line = DetailLine::read(line).ok_or_else(|| bad_detail(self.rev))?;
            let own = line.subject.as_ref().unwrap_or(&line.key);
            if subject.as_ref().is_some_and(|subject| subject != own) {
                return Ok(None);
            }
            subject = Some(own.to_string());
        }
        Ok(subject)
    }

    fn new(raw: RawRecord) -> Result<Record> {
        let RawRecord { commit, hash, details } = raw;
        let orgs = match commit.orgs {
            Some(orgs) => orgs,
            None => details.orgs(commit.rev)?,
        };
        Ok(Record {
            rev: commit.rev,
            at: commit.at,
            author: Author {
                operator: commit.operator,
                os_user: commit.os_user,
                identity_from: commit.identity_from,
            },
            action: commit.action,
            orgs,
            message: commit.message,
            ticket: commit.ticket,
            prev: commit.prev.to_string(),
            hash: hash.to_string(),
            detail_count: commit.details.lines,
            pruned: commit.details.lines > 0 && matches!(details, RawDetails::None),
            details,
        })
    }
}

fn bad_detail(rev: u64) -> Error {
    Error::damaged("audit", format!("a detail of revision {rev} cannot be read"))
        .command("audit verify")
}

/// A record as it was found.
pub(crate) struct RawRecord {
    /// Its commit line.
    pub(crate) commit: CommitLine,
    /// Its hash.
    pub(crate) hash: Digest,
    /// Its details, as far as they are there.
    pub(crate) details: RawDetails,
}

/// The details of a record.
pub(crate) enum RawDetails {
    /// There are none, or they were erased.
    None,
    /// The lines before the commit line.
    Inline(Arc<Bytes>),
    /// A file of their own.
    File {
        /// Its path.
        path: String,
        /// The file.
        source: Arc<dyn Source>,
        /// Where the details begin in it.
        start: u64,
    },
}

impl RawDetails {
    /// The file of details of `commit`, which has one.
    pub(crate) fn file(disk: &dyn Disk, commit: &CommitLine) -> Result<RawDetails> {
        let path = layout::details(commit.rev);
        let start = commit.details.list_bytes();
        Ok(match disk.open(&path)? {
            Some(source) if source.size()? > start => {
                RawDetails::File { path, source: source.into(), start }
            }
            _ => RawDetails::None,
        })
    }

    /// Every detail as it is written.
    pub(crate) fn lines(&self) -> Forward {
        match self {
            RawDetails::None => Forward::new(String::new(), Arc::new(Bytes(Vec::new())), 0, 0),
            RawDetails::Inline(bytes) => {
                let end = bytes.0.len() as u64;
                Forward::new("audit".to_owned(), Arc::clone(bytes) as Arc<dyn Source>, 0, end)
            }
            RawDetails::File { path, source, start } => {
                Forward::new(path.clone(), Arc::clone(source), *start, u64::MAX)
            }
        }
    }

    fn orgs(&self, rev: u64) -> Result<Vec<OrgId>> {
        let mut orgs = std::collections::BTreeSet::new();
        let mut lines = self.lines();
        while let Some(line) = lines.next_line()? {
            orgs.extend(DetailLine::read(line).ok_or_else(|| bad_detail(rev))?.orgs);
        }
        Ok(orgs.into_iter().collect())
    }
}

/// Records, in one direction or the other.
pub struct Records(Direction);

enum Direction {
    Back(RawBackward, u64),
    Onward(RawForward, u64),
}

impl Records {
    /// The records up to revision `to`, last first.
    pub(crate) fn newest_first(disk: Arc<dyn Disk>, tail: &Tail, to: u64) -> Records {
        Records(Direction::Back(raw_backward(disk, tail), to))
    }

    /// The records up to revision `to`, first first.
    pub(crate) fn oldest_first(disk: Arc<dyn Disk>, to: u64) -> Records {
        let forward = RawForward { disk, segment: 0, lines: None, prev: Digest::NONE, done: false };
        Records(Direction::Onward(forward, to))
    }
}

impl Iterator for Records {
    type Item = Result<Record>;

    fn next(&mut self) -> Option<Result<Record>> {
        let raw = match &mut self.0 {
            Direction::Back(records, to) => {
                let to = *to;
                records.find(|raw| raw.as_ref().map_or(true, |raw| raw.commit.rev <= to))
            }
            // Looking at what comes after the last one wanted could meet a torn record.
            Direction::Onward(_, 0) => None,
            Direction::Onward(records, to) => {
                let raw = records.next();
                if let Some(Ok(found)) = &raw
                    && found.commit.rev >= *to
                {
                    *to = 0;
                }
                raw
            }
        };
        raw.map(|raw| raw.and_then(Record::new))
    }
}

/// Every record, last first, its hash, its details and its place in the chain compared.
pub(crate) fn raw_backward(disk: Arc<dyn Disk>, tail: &Tail) -> RawBackward {
    RawBackward {
        disk,
        segment: tail.segment,
        last: Some(tail.lines()),
        lines: None,
        commit: None,
        expected: tail.hash,
    }
}

/// See [`raw_backward`].
pub(crate) struct RawBackward {
    disk: Arc<dyn Disk>,
    segment: u32,
    /// The segment to begin with, as it was when its end was found: the file may have
    /// been replaced since. The others are read from their ends.
    last: Option<Backward>,
    lines: Option<Backward>,
    /// A commit line that was met while the details after it were read.
    commit: Option<Vec<u8>>,
    expected: Digest,
}

impl RawBackward {
    fn open_segment(&mut self) -> Result<Backward> {
        if let Some(last) = self.last.take() {
            return Ok(last);
        }
        let path = layout::segment(self.segment);
        let source = self.disk.open(&path)?;
        let source: Arc<dyn Source> =
            source.ok_or_else(|| Error::damaged(&path, format!("{path} is missing")))?.into();
        let end = source.size()?;
        Ok(Backward::new(path, source, end))
    }

    fn line(&mut self) -> Result<Option<Vec<u8>>> {
        if let Some(line) = self.commit.take() {
            return Ok(Some(line));
        }
        loop {
            let mut lines = match self.lines.take() {
                Some(lines) => lines,
                None if self.segment == 0 => return Ok(None),
                None => self.open_segment()?,
            };
            if let Some(line) = lines.next_line()? {
                self.lines = Some(lines);
                return Ok(Some(line));
            }
            self.segment -= 1;
        }
    }

    /// The lines up to the next commit line, in the order of the file.
    fn details(&mut self) -> Result<Vec<u8>> {
        let mut details = Vec::new();
        while let Some(lines) = &mut self.lines {
            match lines.next_line()? {
                Some(line) if line.starts_with(COMMIT) => {
                    self.commit = Some(line);
                    break;
                }
                Some(line) => details.push(line),
                // A record does not straddle two segments.
                None => {
                    self.lines = None;
                    self.segment -= 1;
                }
            }
        }
        Ok(details
            .into_iter()
            .rev()
            .flat_map(|mut line| {
                line.push(b'\n');
                line
            })
            .collect())
    }

    fn record(&mut self) -> Result<Option<RawRecord>> {
        let Some(line) = self.line()? else { return Ok(None) };
        let path = layout::segment(self.segment);
        let (commit, hash) = CommitLine::read(&line)
            .filter(|(_, hash)| *hash == self.expected)
            .ok_or_else(|| {
                let message =
                    format!("{path} is no chain: a record before the last is not as it was");
                Error::damaged(&path, message).command("audit verify")
            })?;
        self.expected = commit.prev;
        let lines = self.details()?;
        let details = inline(&*self.disk, &path, &commit, lines)?;
        Ok(Some(RawRecord { commit, hash, details }))
    }
}

/// The details of a record from the lines before it, compared with its hash.
fn inline(disk: &dyn Disk, path: &str, commit: &CommitLine, lines: Vec<u8>) -> Result<RawDetails> {
    if commit.details.in_file() && lines.is_empty() {
        return RawDetails::file(disk, commit);
    }
    if lines.is_empty() {
        return Ok(RawDetails::None);
    }
    if commit.details.in_file() || Digest::of(&lines) != commit.details.sha256 {
        let message = format!("the details of revision {} were edited", commit.rev);
        return Err(Error::damaged(path, message).command("audit verify"));
    }
    Ok(RawDetails::Inline(Arc::new(Bytes(lines))))
}

impl Iterator for RawBackward {
    type Item = Result<RawRecord>;

    fn next(&mut self) -> Option<Result<RawRecord>> {
        let record = self.record();
        if record.is_err() {
            // Nothing before a record that is wrong can be trusted.
            (self.segment, self.lines, self.commit) = (0, None, None);
        }
        record.transpose()
    }
}

/// Every record, first first.
struct RawForward {
    disk: Arc<dyn Disk>,
    segment: u32,
    lines: Option<Forward>,
    prev: Digest,
    done: bool,
}

impl RawForward {
    fn record(&mut self) -> Result<Option<RawRecord>> {
        let mut details = Vec::new();
        loop {
            let Some(lines) = &mut self.lines else {
                self.segment += 1;
                let path = layout::segment(self.segment);
                let Some(source) = self.disk.open(&path)? else { return Ok(None) };
                self.lines = Some(Forward::new(path, source.into(), 0, u64::MAX));
                continue;
            };
            let path = layout::segment(self.segment);
            match lines.next_line()? {
                None => (self.lines, details) = (None, Vec::new()),
                Some(line) if line.starts_with(COMMIT) => {
                    let (commit, hash) = CommitLine::read(line)
                        .filter(|(commit, _)| commit.prev == self.prev)
                        .ok_or_else(|| {
                            let message = format!("{path} is no chain after {}", self.prev);
                            Error::damaged(&path, message).command("audit verify")
                        })?;
                    self.prev = hash;
                    let details = inline(&*self.disk, &path, &commit, details)?;
                    return Ok(Some(RawRecord { commit, hash, details }));
                }
                Some(line) => {
                    details.extend_from_slice(line);
                    details.push(b'\n');
                }
            }
        }
    }
}

impl Iterator for RawForward {
    type Item = Result<RawRecord>;

    fn next(&mut self) -> Option<Result<RawRecord>> {
        if self.done {
            return None;
        }
        let record = self.record();
        self.done = !matches!(record, Ok(Some(_)));
        record.transpose()
    }
}
