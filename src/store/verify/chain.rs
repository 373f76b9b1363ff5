//! The chain from its beginning: every line hashed, every link compared.

use std::sync::Arc;

use crate::error::{Kind, Result};
use crate::store::digest::{Digest, Hasher};
use crate::store::disk::{Disk, Source};
use crate::store::layout;
use crate::store::log::Forward;
use crate::store::log::line::{COMMIT, CommitLine, DetailLine, FileChange};
use crate::store::log::tail::read_range;

use super::{Chain, Last};
use crate::domain::time::Time;
use crate::store::prune;

/// The one act that may put something in the place of what was edited by hand.
const REPAIR: &str = "state.repair";

/// Reads the log to its end: the segment of the last whole record and where it
/// ends there; without one, as far as it goes.
pub(super) fn walk(
    disk: &Arc<dyn Disk>,
    end: Option<(u32, u64)>,
    head: Option<&str>,
) -> Result<Chain> {
    let mut walk = Walk { disk, chain: Chain::default(), head, seen: head.is_none() };
    for segment in 1.. {
        let path = layout::segment(segment);
        let source = match disk.open(&path) {
            Ok(Some(source)) => source,
            Ok(None) => break,
            Err(e) if e.kind == Kind::Damaged => {
                walk.chain.bad(e.message);
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
        walk.chain.bad(format!("the chain does not contain {head}: it was cut, or is another"));
    }
    Ok(walk.chain)
}

struct Walk<'a> {
    disk: &'a Arc<dyn Disk>,
    chain: Chain,
    head: Option<&'a str>,
    seen: bool,
}

/// The lines before a commit line.
#[derive(Default)]
struct Details {
    hasher: Hasher,
    lines: u64,
    bytes: u64,
    readable: bool,
    /// Before which instant a record of pruning erases.
    prunes: Option<Time>,
}

impl Details {
    fn new() -> Details {
        Details { readable: true, ..Details::default() }
    }

    fn take(&mut self, line: &[u8]) {
        self.hasher.update(line);
        self.hasher.update(b"\n");
        self.lines += 1;
        self.bytes += line.len() as u64 + 1;
        match DetailLine::read(line) {
            Some(line) if line.object == "state" && line.key == prune::KEY => {
                let after = serde_json::from_str(line.after.get()).unwrap_or_default();
                self.prunes = prune::before_of(&after);
            }
            read => self.readable &= read.is_some(),
        }
    }
}

impl Walk<'_> {
    fn segment(&mut self, mut lines: Forward) -> Result<()> {
        let mut details = Details::new();
        while let Some(line) = lines.next_line()? {
            if line.starts_with(COMMIT) {
                let line = line.to_vec();
                self.record(&line, std::mem::replace(&mut details, Details::new()))?;
            } else {
                details.take(line);
            }
        }
        if details.lines > 0 {
            self.chain.bad("its commit line is missing");
        }
        Ok(())
    }

    fn record(&mut self, line: &[u8], details: Details) -> Result<()> {
        let Some((commit, hash)) = CommitLine::read(line) else {
            self.chain.bad("its commit line does not fit its hash");
            return Ok(());
        };
        if commit.rev != self.chain.rev + 1 {
            let what = format!("revision {} stands in its place", commit.rev);
            self.chain.bad(what);
        }
        if commit.prev != self.chain.head.unwrap_or(Digest::NONE) {
            self.chain.bad("it does not follow the record before it");
        }
        let files = match commit.details.list {
            None => {
                self.compare_details(&commit, details);
                commit.files.clone()
            }
            Some(_) if details.lines > 0 => {
                self.chain.bad("it has details in the log and in a file");
                Vec::new()
            }
            Some(_) => self.details_file(&commit)?,
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
        let expected = commit.details;
        let (readable, prunes) = (details.readable, details.prunes);
        if details.lines == 0 && expected.lines > 0 {
            self.chain.erased.push((commit.rev, commit.at));
            return;
        }
        let same = (details.lines, details.bytes) == (expected.lines, expected.bytes)
            && details.hasher.finish() == expected.sha256;
        if !same {
            self.chain.bad("its details do not fit their hash");
        } else if !readable {
            self.chain.bad("its details cannot be read");
        } else if commit.action == prune::ACTION
            && let Some(before) = prunes
        {
            self.chain.prune(before);
        }
    }

    /// The file of details, of which the list of files is returned.
    fn details_file(&mut self, commit: &CommitLine) -> Result<Vec<FileChange>> {
        self.chain.details.insert(commit.rev);
        let path = layout::details(commit.rev);
        let source: Arc<dyn Source> = match self.disk.open(&path) {
            Ok(Some(source)) => source.into(),
            Ok(None) => {
                self.chain.bad(format!("{path} is missing"));
                return Ok(Vec::new());
            }
            Err(e) if e.kind == Kind::Damaged => {
                self.chain.bad(e.message);
                return Ok(Vec::new());
            }
            Err(e) => return Err(e),
        };
        let size = source.size()?;
        let Some(list) = commit.details.list else { return Ok(Vec::new()) };
        let bytes = read_range(&*source, 0, list.bytes.min(size))?;
        if Digest::of(&bytes) != list.sha256 {
            self.chain.bad(format!("the list of files in {path} does not fit its hash"));
            return Ok(Vec::new());
        }
        let mut details = Details::new();
        let mut lines = Forward::new(path.clone(), source, list.bytes, size);
        while let Some(line) = lines.next_line()? {
            details.take(line);
        }
        self.compare_details(commit, details);
        let text = String::from_utf8_lossy(&bytes);
        let files: Option<Vec<FileChange>> = text.lines().map(FileChange::read).collect();
        if files.is_none() {
            self.chain.bad(format!("the list of files in {path} cannot be read"));
        }
        Ok(files.unwrap_or_default())
    }

    fn file(&mut self, file: FileChange, commit: &CommitLine) {
        let known = self.chain.files.get(&file.path);
        // The log itself is in the chain from its first pruning on.
        let first = known.is_none()
            && commit.action == prune::ACTION
            && layout::split(&file.path).0 == "audit";
        let last = known.and_then(|last| last.after);
        if last != file.before && commit.action != REPAIR && !first {
            let what = format!("{} was edited by hand before it", file.path);
            self.chain.bad(what);
        }
        self.chain.files.insert(file.path, Last { rev: commit.rev, after: file.after });
    }
}
