//! The lines of the log as they are written: details, the list of files, and
//! the commit line that ends a record.

use serde::{Deserialize, Serialize};
use serde_json::Value;
use serde_json::value::RawValue;

use crate::domain::ids::{OrgId, Text};
use crate::domain::time::Time;
use crate::store::format::digest::Digest;
use crate::store::format::layout;
use crate::store::format::skim::Skim;
use crate::store::format::user::UserLine;

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
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct DetailsRef {
    /// How many lines.
    pub(crate) lines: u64,
    /// How many bytes.
    pub(crate) bytes: u64,
    /// The hash of these bytes.
    pub(crate) sha256: Digest,
    /// The list of files, which begins the file of details where there is one.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub(crate) list: Option<ListRef>,
}

/// The list of files at the beginning of a file of details. It has its own
/// hash: a reader needs it after a change of a million users, whose details it
/// does not need.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct ListRef {
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

/// How every commit line begins; no other line does.
pub(crate) const COMMIT: &[u8] = b"{\"prev\":";
/// 2⁵³: up to here every JSON reader keeps integers apart.
const LAST_REV: u64 = 1 << 53;
const HASH: &str = ",\"hash\":\"";
/// `,"hash":"` + 64 digits + `"}`.
const TAIL: usize = HASH.len() + 64 + 2;

impl CommitLine {
    /// The line with its hash, without a line end, and the hash.
    pub(crate) fn write(&self) -> (String, Digest) {
        let mut line = serde_json::to_string(self).expect("a commit line is plain data");
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
        let (hashed, tail) = line.split_at(line.len() - TAIL);
        let tail = std::str::from_utf8(tail).ok()?;
        let hash = Digest::parse(tail.strip_prefix(HASH)?.strip_suffix("\"}")?)?;
        if Digest::of(hashed) != hash {
            return None;
        }
        let commit: CommitLine = serde_json::from_slice(&[hashed, b"}"].concat()).ok()?;
        let named = commit.files.iter().all(|file| layout::is_state_file(&file.path));
        // Revisions are counted on from: one near the end of the numbers was never committed.
        (named && (1..LAST_REV).contains(&commit.rev)).then_some((commit, hash))
    }
}

impl FileChange {
    /// Its line in the list of a file of details.
    pub(crate) fn write(&self) -> String {
        serde_json::to_string(self).expect("a file change is plain data")
    }

    /// Reads such a line.
    pub(crate) fn read(line: &str) -> Option<FileChange> {
        let change: FileChange = serde_json::from_str(line).ok()?;
        layout::is_state_file(&change.path).then_some(change)
    }
}

impl<'a> DetailLine<'a> {
    /// Reads a line without its line end.
    pub(crate) fn read(line: &'a [u8]) -> Option<DetailLine<'a>> {
        serde_json::from_slice(line).ok()
    }

    /// Passes a line in the form in which it is written, with its line end, and returns
    /// its object. `None` says nothing about a line: [`DetailLine::read`] does then.
    pub(crate) fn skim(line: &mut Skim<'a>) -> Option<&'a str> {
        line.pass(b"{\"object\":")?;
        let object = line.string()?;
        line.pass(b",\"key\":")?;
        line.string()?;
        if line.passes(b",\"subject\":") {
            line.string()?;
        }
        line.pass(b",\"orgs\":[")?;
        let mut first = true;
        while !line.passes(b"]") {
            if !std::mem::take(&mut first) {
                line.pass(b",")?;
            }
            OrgId::fits(line.string()?).then_some(())?;
        }
        line.pass(b",\"before\":")?;
        skim_value(line)?;
        line.pass(b",\"after\":")?;
        skim_value(line)?;
        line.pass(b",\"nonce\":")?;
        line.string()?;
        line.pass(b"}\n")?;
        Some(object)
    }

    /// With before and after as values.
    pub(crate) fn detail(&self) -> Option<crate::store::log::Detail> {
        let value = |raw: &RawValue| serde_json::from_str::<Value>(raw.get()).ok();
        Some(crate::store::log::Detail {
            object: self.object.to_string(),
            key: self.key.to_string(),
            subject: self.subject.as_ref().unwrap_or(&self.key).to_string(),
            orgs: self.orgs.clone(),
            before: value(self.before)?,
            after: value(self.after)?,
        })
    }
}

/// Passes any value; mostly it is a user, who comes in a form that is known.
fn skim_value(line: &mut Skim<'_>) -> Option<()> {
    let mut user = *line;
    match UserLine::skim(&mut user) {
        Some(_) => *line = user,
        None => line.value()?,
    }
    Some(())
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn skims(line: &str) -> bool {
        let mut skim = Skim::new(line);
        DetailLine::skim(&mut skim).is_some() && skim.at() == line.len()
    }

    const LINE: &str = r#"{"object":"user","key":"al\"ice","subject":"é","orgs":["acme","b-1"],"before":{"name":"Al"},"after":{"name":null,"n":-1,"left":[]},"nonce":"00ff"}"#;

    proptest! {
        #[test]
        fn what_is_skimmed_can_be_read(at in 0..LINE.len(), put in "[\\[\\]{}\":,\\\\a0-]{0,2}", cut in 0..3_usize) {
            let mut line = LINE.replace("\\\"", "").into_bytes();
            let at = at.min(line.len());
            line.splice(at..(at + cut).min(line.len()), put.bytes());
            if let Ok(line) = String::from_utf8(line) {
                let reads = DetailLine::read(line.as_bytes()).is_some();
                prop_assert!(reads || !skims(&(line.clone() + "\n")), "{line}");
            }
        }
    }

    #[test]
    fn what_is_written_is_skimmed() {
        let (before, after) = (RawValue::NULL, RawValue::TRUE);
        for (subject, orgs) in [(None, vec![]), (Some("é".into()), vec!["acme", "globex"])] {
            let orgs = orgs.into_iter().map(|org| OrgId::parse(org).unwrap()).collect();
            let (object, key, nonce) = ("user".into(), "alice".into(), "00ff".into());
            let line = DetailLine { object, key, subject, orgs, before, after, nonce };
            let line = serde_json::to_string(&line).unwrap();
            assert!(skims(&(line.clone() + "\n")) && !skims(&line), "{line}");
        }
        assert!(!skims(&(LINE.to_owned() + "\n")), "an escape is for the library");
        assert!(DetailLine::read(LINE.as_bytes()).is_some());
    }
}
