//! What one record did to files: the list in its commit line, or at the beginning of its file
//! of details. There it is read in parts, so that a reader of one file pays for a part, however
//! many files the record changed.

use std::sync::OnceLock;

use crate::error::{Error, Result};

use crate::store::disk::{Disk, reading};
use crate::store::format::digest::Digest;
use crate::store::format::layout;
use crate::store::format::log_line::{CommitLine, FileChange, ListPart};

/// The files that a record changed.
pub(crate) struct FileList {
    rev: u64,
    /// All of them, where they are in the commit line.
    inline: Vec<FileChange>,
    parts: Vec<Part>,
}

/// A part of the list, sorted by path.
struct Part {
    says: ListPart,
    /// Where it begins in the file of details.
    at: u64,
    text: OnceLock<String>,
}

impl FileList {
    /// The list of the record of `commit`; nothing is read yet.
    pub(crate) fn of(commit: &CommitLine) -> FileList {
        let mut at = 0;
        let part = |says: &ListPart| {
            let part = Part { says: says.clone(), at, text: OnceLock::new() };
            at += says.bytes;
            part
        };
        let parts = commit.details.list.iter().map(part).collect();
        FileList { rev: commit.rev, inline: commit.files.clone(), parts }
    }

    /// What the record did to the file at `path`, if anything.
    pub(crate) fn change(&self, disk: &dyn Disk, path: &str) -> Result<Option<FileChange>> {
        let changes = self.starting_with(disk, path)?;
        Ok(changes.into_iter().find(|change| change.path == path))
    }

    /// What the record did to the files whose paths start with `prefix`.
    ///
    /// # Errors
    /// Damaged (7) where the list is not the one that the commit line names; system (8).
    pub(crate) fn starting_with(&self, disk: &dyn Disk, prefix: &str) -> Result<Vec<FileChange>> {
        let mut changes: Vec<FileChange> =
            self.inline.iter().filter(|change| change.path.starts_with(prefix)).cloned().collect();
        let first = self.parts.partition_point(|part| *part.says.from <= *prefix);
        let parts = &self.parts[first.saturating_sub(1)..];
        // Names of state files need no escapes in JSON.
        let begins = format!("{{\"path\":\"{prefix}");
        for part in parts {
            if *part.says.from > *prefix && !part.says.from.starts_with(prefix) {
                break;
            }
            for line in self.text(disk, part)?.lines().filter(|line| line.starts_with(&begins)) {
                changes.push(FileChange::read(line).ok_or_else(|| self.damaged())?);
            }
        }
        Ok(changes)
    }

    fn text<'a>(&self, disk: &dyn Disk, part: &'a Part) -> Result<&'a str> {
        if let Some(text) = part.text.get() {
            return Ok(text);
        }
        let ListPart { bytes, sha256, .. } = part.says;
        let source = disk.open(&layout::details(self.rev))?.ok_or_else(|| self.damaged())?;
        let read = reading::text(&*source, part.at, part.at.saturating_add(bytes), Vec::new())?;
        if Digest::of(&read) != sha256 {
            return Err(self.damaged());
        }
        let text = String::from_utf8(read).map_err(|_| self.damaged())?;
        Ok(part.text.get_or_init(|| text))
    }

    fn damaged(&self) -> Error {
        let path = layout::details(self.rev);
        let message = format!("the list of files in {path} is not the one that the log names");
        Error::damaged(&path, message).command("audit verify")
    }
}
