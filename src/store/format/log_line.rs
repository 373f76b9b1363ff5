//! The lines of the log as they are written: details, the list of files, and
//! the commit line that ends a record.

use serde::{Deserialize, Serialize};
use serde_json::Value;
use serde_json::value::RawValue;

use super::digest::Digest;
use super::{json, layout};
use crate::domain::ids::{OrgId, Text};
use crate::domain::time::Time;

/// What a commit line says.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct CommitLine {
    /// The hash of the commit line before; zeros in the first.
    pub(crate) prev: Digest,
    /// When.
    pub(crate) at: Time,
    /// The operator.
    pub(crate) operator: String,
    /// The user of the operating system.
    pub(crate) os_user: String,
    /// How that is known.
    pub(crate) identity_from: String,
    /// The act.
    pub(crate) action: String,
    /// The orgs concerned; `None` where they are too many: each detail has its own.
    pub(crate) orgs: Option<Vec<OrgId>>,
    /// Why.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub(crate) message: Option<Text>,
    /// A ticket elsewhere.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub(crate) ticket: Option<Text>,
    /// Its details.
    pub(crate) details: DetailsRef,
    /// The files changed; empty where the list is in the file of details.
    pub(crate) files: Vec<FileChange>,
    /// The revision.
    pub(crate) rev: u64,
}

/// Where the details are, and their hash.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct DetailsRef {
    /// How many lines.
    pub(crate) lines: u64,
    /// How many bytes.
    pub(crate) bytes: u64,
    /// The hash of these bytes.
    pub(crate) sha256: Digest,
    /// The list of files, in parts. It begins the file of details; empty where there is no
    /// such file, and both details and list are in the log.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub(crate) list: Vec<ListPart>,
}

impl DetailsRef {
    /// Whether the details are in a file of their own.
    pub(crate) fn in_file(&self) -> bool {
        !self.list.is_empty()
    }

    /// How long the list of files at the beginning of that file is (bytes).
    pub(crate) fn list_bytes(&self) -> u64 {
        self.list.iter().fold(0, |sum, part| sum.saturating_add(part.bytes))
    }
}

/// A part of the list of files. Each has a hash of its own: after a change of a million users,
/// a reader of one file needs only the part that may name it.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct ListPart {
    /// The first path in it; the parts are sorted.
    pub(crate) from: String,
    /// How many bytes.
    pub(crate) bytes: u64,
    /// The hash of these bytes.
    pub(crate) sha256: Digest,
}

/// One file that a commit changes: the hash in its first line before and
/// after; `None`: it is not there.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct FileChange {
    /// Relative to the state directory.
    pub(crate) path: String,
    /// Before.
    pub(crate) before: Option<Digest>,
    /// After.
    pub(crate) after: Option<Digest>,
}

/// A detail as it is written; before and after stay text until they are asked for.
#[derive(Debug, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct DetailLine<'a> {
    /// The kind of object.
    pub(crate) object: std::borrow::Cow<'a, str>,
    /// Its key.
    pub(crate) key: std::borrow::Cow<'a, str>,
    /// What it is about, where that is not the key.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub(crate) subject: Option<std::borrow::Cow<'a, str>>,
    /// The orgs concerned.
    pub(crate) orgs: Vec<OrgId>,
    /// Before, as a merge patch.
    #[serde(borrow)]
    pub(crate) before: &'a RawValue,
    /// After, as a merge patch.
    #[serde(borrow)]
    pub(crate) after: &'a RawValue,
    /// Random: so that the hash of erased details tells nothing about them.
    pub(crate) nonce: std::borrow::Cow<'a, str>,
}

/// What changed in one object.
#[derive(Debug, Clone, PartialEq)]
pub struct Detail {
    /// `user`, `org`, `operator`, `due` or `clock`.
    pub object: String,
    /// Its key among those of its kind.
    pub key: String,
    /// What a person would say that it is about.
    pub subject: String,
    /// The orgs concerned.
    pub orgs: Vec<OrgId>,
    /// The fields that changed, before, as a merge patch; null where it was not there.
    pub before: Value,
    /// The fields that changed, after; null where it went.
    pub after: Value,
}

/// How every commit line begins; no other line does.
pub(crate) const COMMIT: &[u8] = b"{\"prev\":";
/// 2⁵³: up to here every JSON reader keeps integers apart.
const LAST_REV: u64 = 1 << 53;
/// A part of the list of files names so many (24 KiB), and there are at most so many parts:
/// a commit line stays far below what is appended at once.
const IN_A_PART: usize = 128;
const PARTS: usize = 128;
const HASH: &str = ",\"hash\":\"";
/// `,"hash":"` + 64 digits + `"}`.
const TAIL: usize = HASH.len() + 64 + 2;

impl CommitLine {
    /// The line with its hash, without a line end, and the hash.
    pub(crate) fn write(&self) -> (String, Digest) {
        let mut line = json::write(self);
        line.pop();
        let hash = Digest::of(line.as_bytes());
        line.push_str(HASH);
        line.push_str(&hash.to_string());
        line.push_str("\"}");
        (line, hash)
    }

    /// Reads a line without its line end; `None` where it is none, or its hash does not fit.
    pub(crate) fn read(line: &[u8]) -> Option<(CommitLine, Digest)> {
        if !line.starts_with(COMMIT) || line.len() < TAIL {
            return None;
        }
        let (hashed, tail) = std::str::from_utf8(line).ok()?.split_at_checked(line.len() - TAIL)?;
        let hash = Digest::parse(tail.strip_prefix(HASH)?.strip_suffix("\"}")?)?;
        if Digest::of(hashed.as_bytes()) != hash {
            return None;
        }
        let commit: CommitLine = json::read(&[hashed, "}"].concat()).ok()?;
        let named = commit.files.iter().all(|file| layout::is_state_file(&file.path));
        // Revisions are counted on from: one near the end of the numbers was never committed.
        (named && (1..LAST_REV).contains(&commit.rev)).then_some((commit, hash))
    }
}

impl FileChange {
    /// The list of files, sorted by path, as it begins a file of details, and its parts.
    pub(crate) fn write_list(changes: &[FileChange]) -> (String, Vec<ListPart>) {
        let (mut list, mut parts) = (String::new(), Vec::new());
        let size = IN_A_PART.max(changes.len().div_ceil(PARTS));
        let chunks = changes.chunks(size);
        // A list without files has a part as well: it says that there is a file of details.
        for chunk in chunks.chain(changes.is_empty().then_some(changes)) {
            let start = list.len();
            for change in chunk {
                list.push_str(&json::write(change));
                list.push('\n');
            }
            let text = &list[start..];
            let from = chunk.first().map_or_else(String::new, |change| change.path.clone());
            let (bytes, sha256) = (text.len() as u64, Digest::of(text.as_bytes()));
            parts.push(ListPart { from, bytes, sha256 });
        }
        (list, parts)
    }

    /// Reads such a line.
    pub(crate) fn read(line: &str) -> Option<FileChange> {
        let change: FileChange = json::read(line).ok()?;
        layout::is_state_file(&change.path).then_some(change)
    }
}

impl<'a> DetailLine<'a> {
    /// Reads a line without its line end.
    pub(crate) fn read(line: &'a [u8]) -> Option<DetailLine<'a>> {
        json::read(std::str::from_utf8(line).ok()?).ok()
    }

    /// With before and after as values.
    pub(crate) fn detail(&self) -> Option<Detail> {
        let value = |raw: &RawValue| json::read::<Value>(raw.get()).ok();
        Some(Detail {
            object: self.object.to_string(),
            key: self.key.to_string(),
            subject: self.subject.as_ref().unwrap_or(&self.key).to_string(),
            orgs: self.orgs.clone(),
            before: value(self.before)?,
            after: value(self.after)?,
        })
    }
}
