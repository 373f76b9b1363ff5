//! Pruning: the details of old records are erased for good, and with them what
//! they say about people. The commit lines stay, so that the chain can still be
//! recomputed: a segment is replaced by the same without these details, a file
//! of details by its list of files. Both are files of an ordinary commit, whose
//! own record begins a new segment: no segment is replaced that the log ends in.
//! Evidence of exceptions that ended before goes with them.

use std::collections::{BTreeMap, BTreeSet};
use std::ops::Range;
use std::sync::Arc;

use serde_json::Value;

use crate::domain::ids::{Evidence, UserId};
use crate::domain::model::Exception;
use crate::domain::time::Time;
use crate::error::{Error, Result};

use super::verify;
use crate::store::disk::Source;
use crate::store::format::digest::Digest;
use crate::store::format::layout;
use crate::store::format::log_line::{COMMIT, CommitLine};
use crate::store::format::pruned::{ACTION, before_of};
use crate::store::log::Forward;
use crate::store::read::revision::Base;
use crate::store::write::staging::StagedFile;
use crate::store::{Transaction, View, signin};

/// What is erased.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct Pruned {
    /// Records that lose their details.
    pub records: u64,
    /// Files of evidence.
    pub evidence: u64,
    /// Days of the log of sign-ins.
    pub signin_days: u64,
    /// Lines of sign-ins of users who were removed.
    pub signin_lines: u64,
}

impl Pruned {
    /// Whether there is nothing to erase.
    pub fn is_empty(&self) -> bool {
        *self == Pruned::default()
    }
}

/// Stages that the details of all records before `before` are erased, with the evidence of
/// exceptions that ended before it. The log of sign-ins of the days before it, and sign-in
/// lines of removed users, are removed after the commit.
///
/// # Errors
/// Damaged (7) if the chain does not verify: damage in it could not be found any more;
/// system (8).
pub fn prune(transaction: &mut Transaction, before: Time) -> Result<Pruned> {
    let view = transaction.view();
    let base = &*view.base;
    refuse_damaged(base)?;
    let mut files = BTreeMap::new();
    let mut records = 0;
    for number in 1..=base.tail.segment {
        let mut stays: Vec<Range<u64>> = Vec::new();
        let mut is_cut = false;
        each_record(base, number, |record| {
            let RecordPlace { commit, details, line } = record;
            let is_old = commit.at < before && commit.details.lines > 0;
            let mut start = details.start;
            let list = commit.details.list_bytes();
            match commit.details.in_file() {
                true if is_old && has_details(base, &commit, list)? => {
                    let cut = StagedFile::Cut(std::iter::once(0..list).collect());
                    files.insert(layout::details(commit.rev), cut);
                    records += 1;
                }
                false if is_old && !details.is_empty() => {
                    start = line.start;
                    is_cut = true;
                    records += 1;
                }
                _ => {}
            }
            match stays.last_mut().filter(|last| last.end == start) {
                Some(last) => last.end = line.end,
                None => stays.push(start..line.end),
            }
            Ok(())
        })?;
        if is_cut {
            files.insert(layout::segment(number), StagedFile::Cut(stays));
        }
    }
    let evidence = old_evidence(view, before)?;
    let pruned = Pruned {
        records,
        evidence: evidence.len() as u64,
        signin_days: signin::removal::days_before(&*base.disk, before)?.len() as u64,
        signin_lines: signin::removal::lines_of_others(&*base.disk, &view.user_ids()?)?,
    };
    files.extend(evidence.into_iter().map(|(path, hash)| (path, StagedFile::Removed(hash))));
    transaction.stage.files.extend(files);
    transaction.stage.prune_signins = Some(before);
    Ok(pruned)
}

impl View {
    /// The ids of all users.
    ///
    /// # Errors
    /// Damaged (7), system (8).
    pub(crate) fn user_ids(&self) -> Result<BTreeSet<UserId>> {
        self.scan()?.fold(
            BTreeSet::new,
            |users, _, user| {
                users.insert(user.id.clone());
                Ok(())
            },
            |mut a, mut b| {
                a.append(&mut b);
                a
            },
        )
    }

    /// Before which instant details are erased: that of the farthest `audit prune`;
    /// `None` where there was none.
    ///
    /// # Errors
    /// Damaged (7), system (8).
    pub fn pruned_before(&self) -> Result<Option<Time>> {
        // Whatever is erased, the details of the first record are.
        let first = self.records_oldest_first().next().transpose()?;
        if !first.is_some_and(|record| record.pruned) {
            return Ok(None);
        }
        let mut farthest = None;
        for record in self.records() {
            let record = record?;
            if record.action == ACTION {
                for detail in record.details() {
                    farthest = farthest.max(before_of(&detail?.after));
                }
            }
        }
        Ok(farthest)
    }
}

fn refuse_damaged(base: &Base) -> Result<()> {
    let verified = verify::verify(&base.disk, None, &|| ())?;
    let what = match (verified.first_bad, verified.files_bad.first()) {
        (Some(bad), _) => format!("revision {}: {}", bad.rev, bad.what),
        (None, Some(bad)) => format!("{} {}", bad.path, bad.what),
        (None, None) => return Ok(()),
    };
    let message = format!("the log of a damaged state is not pruned ({what})");
    Err(Error::damaged(base.disk.place(), message).command("audit verify"))
}

/// A record and where it is in its segment (bytes).
struct RecordPlace {
    commit: CommitLine,
    /// The lines before its commit line.
    details: Range<u64>,
    /// The commit line.
    line: Range<u64>,
}

/// Every record of a segment, in order.
fn each_record(
    base: &Base,
    number: u32,
    mut each: impl FnMut(RecordPlace) -> Result<()>,
) -> Result<()> {
    let path = layout::segment(number);
    let unreadable =
        || Error::damaged(&path, format!("{path} cannot be read")).command("audit verify");
    let source: Arc<dyn Source> = base.disk.open(&path)?.ok_or_else(unreadable)?.into();
    let end = if number == base.tail.segment { base.tail.end } else { source.size()? };
    let mut lines = Forward::new(path.clone(), source, 0, end);
    let (mut start, mut at) = (0, 0);
    while let Some(line) = lines.next_line()? {
        let end = at + line.len() as u64 + 1;
        if line.starts_with(COMMIT) {
            let (commit, _) = CommitLine::read(line).ok_or_else(unreadable)?;
            each(RecordPlace { commit, details: start..at, line: at..end })?;
            start = end;
        }
        at = end;
    }
    Ok(())
}

/// Whether a file of details holds more than its list of files.
fn has_details(base: &Base, commit: &CommitLine, list: u64) -> Result<bool> {
    let source = base.disk.open(&layout::details(commit.rev))?;
    source.map_or(Ok(false), |source| Ok(source.size()? > list))
}

/// The evidence that nobody names any more but exceptions that ended before `before`.
fn old_evidence(view: &View, before: Time) -> Result<BTreeMap<String, Digest>> {
    let names = view.base.names("evidence")?;
    let mut old: BTreeMap<String, Digest> =
        names.into_iter().filter_map(|name| Some((name.clone(), Digest::parse(&name)?))).collect();
    if old.is_empty() {
        return Ok(old);
    }
    let named = view.scan()?.only_lines(|line| line.contains("\"evidence\":")).fold(
        BTreeSet::new,
        |named, _, user| {
            named.extend(needed(user.exceptions.values(), before));
            Ok(())
        },
        |mut a, b| {
            a.extend(b);
            a
        },
    )?;
    old.retain(|name, _| !named.contains(name.as_str()));
    if !old.is_empty() {
        let gone = needed_by_those_gone(view, before)?;
        old.retain(|name, _| !gone.contains(name.as_str()));
    }
    Ok(old.into_iter().map(|(name, hash)| (layout::evidence(&name), hash)).collect())
}

/// What exceptions name that had not ended before `before`.
fn needed<'a>(
    exceptions: impl IntoIterator<Item = &'a Exception>,
    before: Time,
) -> BTreeSet<String> {
    let open = |exception: &&Exception| exception.effective_end().is_none_or(|end| end > before);
    let names = exceptions.into_iter().filter(open).flat_map(|exception| &exception.evidence);
    names.map(Evidence::to_string).collect()
}

/// The same of exceptions that went with their users, or with a restore, since `before`.
fn needed_by_those_gone(view: &View, before: Time) -> Result<BTreeSet<String>> {
    let mut names = BTreeSet::new();
    for record in view.records() {
        let record = record?;
        if record.at < before {
            continue;
        }
        for detail in record.details() {
            let detail = detail?;
            if detail.object == "user" {
                let gone = exceptions(&detail.before, &detail.after);
                names.extend(needed(&gone, before));
                names.extend(replaced(&detail.before));
            }
        }
    }
    Ok(names)
}

/// The evidence that a merge patch took from exceptions which are still there under their
/// numbers, as a restore does.
fn replaced(before: &Value) -> BTreeSet<String> {
    let changed = before.get("exceptions").and_then(Value::as_object).into_iter().flatten();
    // A whole exception has its kind: whether that one is needed goes by its end.
    let evidence = changed
        .filter(|(_, exception)| exception.get("kind").is_none())
        .filter_map(|(_, exception)| exception.get("evidence"));
    let named = evidence.filter_map(|it| serde_json::from_value::<Vec<Evidence>>(it.clone()).ok());
    named.flatten().map(|evidence| evidence.to_string()).collect()
}

/// The exceptions that are whole in `before`, of a merge patch, and not there after it.
fn exceptions(before: &Value, after: &Value) -> Vec<Exception> {
    let were = before.get("exceptions").and_then(Value::as_object);
    let gone =
        |number: &str| after.pointer(&format!("/exceptions/{number}")).is_none_or(Value::is_null);
    let were = were.into_iter().flatten().filter(|(number, _)| gone(number));
    were.filter_map(|(_, exception)| serde_json::from_value(exception.clone()).ok()).collect()
}
