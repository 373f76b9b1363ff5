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

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;
    use crate::store::fuzzing::MemoryDisk;

    const REV: u64 = 7;

    /// A list of these paths in a file of details, `size` lines a part.
    fn in_file(paths: &[String], size: usize) -> (MemoryDisk, FileList) {
        let line = |path: &String| {
            let change = FileChange { path: path.clone(), before: None, after: None };
            serde_json::to_string(&change).unwrap() + "\n"
        };
        let (mut text, mut parts, mut at) = (String::new(), Vec::new(), 0);
        for paths in paths.chunks(size) {
            let lines: String = paths.iter().map(line).collect();
            let (bytes, sha256) = (lines.len() as u64, Digest::of(lines.as_bytes()));
            let says = ListPart { from: paths[0].clone(), bytes, sha256 };
            parts.push(Part { says, at, text: OnceLock::new() });
            at += bytes;
            text.push_str(&lines);
        }
        let disk = MemoryDisk::default();
        disk.put(&layout::details(REV), text.into_bytes());
        (disk, FileList { rev: REV, inline: Vec::new(), parts })
    }

    fn found(list: &FileList, disk: &MemoryDisk, prefix: &str) -> Vec<String> {
        let changes = list.starting_with(disk, prefix).unwrap();
        changes.into_iter().map(|change| change.path).collect()
    }

    proptest! {
        #[test]
        fn the_parts_say_what_the_whole_list_says(
            paths in proptest::collection::btree_set("(index|orgs|users)/[ab]{1,4}\\.yaml", 1..40),
            size in 1_usize..6,
            prefix in "(index|orgs|users|due|)(/[ab]{0,3})?",
        ) {
            let paths: Vec<String> = paths.into_iter().collect();
            let (disk, list) = in_file(&paths, size);
            let whole: Vec<String> =
                paths.iter().filter(|path| path.starts_with(&prefix)).cloned().collect();
            prop_assert_eq!(found(&list, &disk, &prefix), whole);
            for path in &paths {
                let change = list.change(&disk, path).unwrap();
                prop_assert_eq!(&change.unwrap().path, path);
            }
        }
    }

    /// A decision after an import of everybody read and checked the list of all its files.
    #[test]
    fn a_reader_of_one_file_reads_one_part() {
        let paths: Vec<String> = (100..999).map(|number| format!("users/{number}.yaml")).collect();
        let (disk, list) = in_file(&paths, 128);
        assert!(list.change(&disk, "users/500.yaml").unwrap().is_some());
        assert_eq!(list.parts.iter().filter(|part| part.text.get().is_some()).count(), 1);
    }

    #[test]
    fn a_part_that_was_edited_is_damage() {
        let paths = ["orgs/a.yaml".to_owned(), "users/b.yaml".to_owned()];
        let (disk, list) = in_file(&paths, 1);
        let mut bytes = disk.bytes(&layout::details(REV)).unwrap();
        let last = bytes.len() - 3;
        bytes[last] ^= 1;
        disk.put(&layout::details(REV), bytes);
        assert!(list.change(&disk, "orgs/a.yaml").unwrap().is_some());
        let error = list.change(&disk, "users/b.yaml").unwrap_err();
        assert_eq!(error.kind, crate::error::Kind::Damaged);
    }
}
