//! The chain from its beginning: every line hashed, every link compared.

use std::sync::Arc;

use crate::error::{Kind, Result};
use crate::store::disk::{Disk, Source};
use crate::store::format::digest::Digest;
use crate::store::format::layout;
use crate::store::format::log_line::{COMMIT, CommitLine, FileChange};
use crate::store::format::pruned;
use crate::store::log::Forward;
use crate::store::read::file_list::FileList;

use super::details::{DetailFile, Details};
use super::{Chain, Last, RecordPart};

/// The one act that may put something in the place of what was edited by hand.
const REPAIR: &str = "state.repair";

/// Reads the log to its end: the segment of the last whole record and where it
/// ends there; without one, as far as it goes.
pub(crate) fn walk(
    disk: &Arc<dyn Disk>,
    end: Option<(u32, u64)>,
    head: Option<&str>,
) -> Result<Chain> {
    let mut walk = ChainWalk { disk, chain: Chain::default(), head, seen: head.is_none() };
    for segment in 1.. {
        let path = layout::segment(segment);
        let source = match disk.open(&path) {
            Ok(Some(source)) => source,
            Ok(None) => break,
            Err(e) if e.kind == Kind::Damaged => {
                walk.chain.bad(RecordPart::Line, e.message);
                break;
            }
            Err(e) => return Err(e),
        };
        walk.chain.segments = segment;
        let size = source.size()?;
        let end = match end {
            Some((last, end)) if last == segment => end,
            // What follows the last whole record was never committed.
            Some((last, _)) if last < segment => 0,
            _ => size,
        };
        walk.segment(Forward::new(path, source.into(), 0, end))?;
    }
    if !walk.seen {
        let head = head.unwrap_or_default();
        let what = format!("the chain does not contain {head}: it was cut, or is another");
        walk.chain.bad(RecordPart::Line, what);
    }
    Ok(walk.chain)
}

struct ChainWalk<'a> {
    disk: &'a Arc<dyn Disk>,
    chain: Chain,
    head: Option<&'a str>,
    seen: bool,
}

impl ChainWalk<'_> {
    fn segment(&mut self, mut lines: Forward) -> Result<()> {
        let mut details = Details::new();
        while let Some(line) = lines.next_line()? {
            if line.starts_with(COMMIT) {
                let line = line.to_vec();
                self.record(&line, std::mem::replace(&mut details, Details::new()))?;
            } else {
                details.line(line);
            }
        }
        if !details.is_empty() {
            self.chain.bad(RecordPart::Line, "its commit line is missing");
        }
        Ok(())
    }

    fn record(&mut self, line: &[u8], details: Details) -> Result<()> {
        let Some((commit, hash)) = CommitLine::read(line) else {
            self.chain.bad(RecordPart::Line, "its commit line does not fit its hash");
            return Ok(());
        };
        if commit.rev != self.chain.rev + 1 {
            let what = format!("revision {} stands in its place", commit.rev);
            self.chain.bad(RecordPart::Line, what);
        }
        if commit.prev != self.chain.head.unwrap_or(Digest::NONE) {
            self.chain.bad(RecordPart::Line, "it does not follow the record before it");
        }
        let files = if !commit.details.in_file() {
            self.compare_details(&commit, details);
            commit.files.clone()
        } else if details.is_empty() {
            self.details_file(&commit)?
        } else {
            self.chain.bad(RecordPart::Details, "it has details in the log and in a file");
            Vec::new()
        };
        for file in files {
            self.file(file, &commit);
        }
        self.seen |= self.head.is_some_and(|head| head == hash.to_string());
        self.chain.records += 1;
        (self.chain.rev, self.chain.head) = (commit.rev, Some(hash));
        Ok(())
    }

    fn compare_details(&mut self, commit: &CommitLine, details: Details) {
        if details.is_empty() && commit.details.lines > 0 {
            self.chain.erased.push((commit.rev, commit.at));
            return;
        }
        match details.compare(&commit.details) {
            Err(what) => self.chain.bad(RecordPart::Details, what),
            Ok(Some(before)) if commit.action == pruned::ACTION => self.chain.prune(before),
            Ok(_) => {}
        }
    }

    /// The file of details, of which the list of files is returned. Its details are left
    /// for later: they are most of the log, and no record after it hangs on them.
    fn details_file(&mut self, commit: &CommitLine) -> Result<Vec<FileChange>> {
        self.chain.details.insert(commit.rev);
        let path = layout::details(commit.rev);
        let source: Arc<dyn Source> = match self.disk.open(&path) {
            Ok(Some(source)) => source.into(),
            Ok(None) => {
                self.chain.bad(RecordPart::Details, format!("{path} is missing"));
                return Ok(Vec::new());
            }
            Err(e) if e.kind == Kind::Damaged => {
                self.chain.bad(RecordPart::Details, e.message);
                return Ok(Vec::new());
            }
            Err(e) => return Err(e),
        };
        let files = match FileList::of(commit).starting_with(&**self.disk, "") {
            Ok(files) => files,
            Err(e) if e.kind == Kind::Damaged => {
                self.chain.bad(RecordPart::Details, e.message);
                return Ok(Vec::new());
            }
            Err(e) => return Err(e),
        };
        let (size, start) = (source.size()?, commit.details.list_bytes());
        let apart = DetailFile { path, start, size, expected: commit.details.clone() };
        // What a record of pruning says counts for the records after it, and is little.
        if size <= start || commit.action == pruned::ACTION {
            self.compare_details(commit, apart.read(&*source)?);
        } else {
            self.chain.apart.push((self.chain.next(RecordPart::Details), apart));
        }
        Ok(files)
    }

    fn file(&mut self, file: FileChange, commit: &CommitLine) {
        let known = self.chain.files.get(&file.path);
        // The log itself is in the chain from its first pruning on.
        let first = known.is_none()
            && commit.action == pruned::ACTION
            && layout::split(&file.path).0 == "audit";
        let last = known.and_then(|last| last.after);
        // Evidence is named by its hash: what was lost and handed in again is the same.
        let again = last == file.after && file.before.is_none() && layout::is_evidence(&file.path);
        if last != file.before && commit.action != REPAIR && !first && !again {
            let what = format!("{} was edited by hand before it", file.path);
            self.chain.bad(RecordPart::Files, what);
        }
        self.chain.files.insert(file.path, Last { rev: commit.rev, after: file.after });
    }
}
