//! The details of a record: what changed in each object. They hold the personal data; the
//! commit line holds none.

use std::borrow::Cow;

use crate::domain::outcome::ObjectKey;
use crate::error::Result;
use crate::parallel;

use super::pending_files::PendingFiles;
use super::staging::{Stage, Staged, unreadable};
use crate::store::disk::Sink;
use crate::store::format::digest::{Hasher, hex};
use crate::store::format::keyed_lines;
use crate::store::format::layout;
use crate::store::format::log_line::{DetailLine, DetailsRef, FileChange, ListPart};
use crate::store::format::merge_patch;
use crate::store::log::tail::INLINE;
use crate::store::{Meta, Options};

/// How many lines are made before they are written.
const BATCH: usize = 16 << 10;

/// Random, so that the hash of erased details says nothing about them.
type Nonce = [u8; 16];

/// The details of one record.
pub(crate) struct RecordDetails {
    /// The lines before the commit line; empty if there is a file of details.
    pub(crate) inline: String,
    /// What the commit line says about them.
    pub(crate) reference: DetailsRef,
}

/// Makes the details of what is staged. If there are too many for the log, they go to a file
/// of their own.
pub(crate) fn write(
    pending: &PendingFiles<'_>,
    stage: &Stage,
    options: &Options,
    meta: &Meta,
    changes: &[FileChange],
) -> Result<RecordDetails> {
    // An entry in the list of files is its path, two hashes and their names.
    let list_bytes: usize = changes.iter().map(|change| change.path.len() + 160).sum();
    let mut inline = String::new();
    let mut file: Option<DetailsFile> = None;
    let mut hasher = Hasher::default();
    let (mut lines, mut bytes) = (0, 0);
    let objects: Vec<(&ObjectKey, &Staged)> = stage.objects.iter().collect();
    for batch in objects.chunks(BATCH) {
        let mut nonces = vec![Nonce::default(); batch.len()];
        (options.random)(nonces.as_flattened_mut());
        let with_nonces: Vec<_> = batch.iter().zip(&nonces).collect();
        let made = parallel::map_slice(&with_nonces, |((key, staged), nonce)| {
            line(key, staged, meta.subject.as_deref(), nonce)
        });
        let text = made.into_iter().collect::<Result<String>>()?;
        hasher.update(text.as_bytes());
        lines += keyed_lines::count(&text) as u64;
        bytes += text.len() as u64;
        inline.push_str(&text);
        if file.is_none() && inline.len() + list_bytes > INLINE {
            file = Some(DetailsFile::new(pending, changes)?);
        }
        if let Some(file) = &mut file {
            file.append(&std::mem::take(&mut inline))?;
        }
    }
    if file.is_none() && list_bytes > INLINE {
        file = Some(DetailsFile::new(pending, changes)?);
    }
    let mut list = Vec::new();
    if let Some(file) = file {
        list = file.list;
        pending.keep(file.sink);
    }
    let reference = DetailsRef { lines, bytes, sha256: hasher.finish(), list };
    Ok(RecordDetails { inline, reference })
}

/// The line of one object; empty if nothing of it changed.
fn line(key: &ObjectKey, staged: &Staged, subject: Option<&str>, nonce: &Nonce) -> Result<String> {
    let (before, after): (Cow<'_, str>, Cow<'_, str>) =
        match (staged.before.as_deref(), staged.after.as_deref()) {
            (Some(before), Some(after)) if before == after => return Ok(String::new()),
            (Some(before), Some(after)) => {
                let (before, after) =
                    merge_patch::difference_of(before, after).map_err(unreadable)?;
                (before.into(), after.into())
            }
            (before, after) => (before.unwrap_or("null").into(), after.unwrap_or("null").into()),
        };
    let name = key.to_string();
    let subject = staged.subject.as_deref().or(subject).filter(|subject| **subject != name);
    let line = DetailLine {
        object: key.kind().into(),
        key: name.as_str().into(),
        subject: subject.map(Into::into),
        orgs: staged.orgs.to_vec(),
        before: serde_json::from_str(&before).map_err(unreadable)?,
        after: serde_json::from_str(&after).map_err(unreadable)?,
        nonce: hex(nonce).into(),
    };
    let mut line = serde_json::to_string(&line).expect("a detail is plain data");
    line.push('\n');
    Ok(line)
}

/// A file of details. It begins with the list of files.
struct DetailsFile {
    sink: Box<dyn Sink>,
    end: u64,
    list: Vec<ListPart>,
}

impl DetailsFile {
    fn new(pending: &PendingFiles<'_>, changes: &[FileChange]) -> Result<DetailsFile> {
        let (text, list) = FileChange::write_list(changes);
        let sink = pending.create(layout::details(pending.rev))?;
        let mut file = DetailsFile { sink, end: 0, list };
        file.append(&text)?;
        Ok(file)
    }

    fn append(&mut self, text: &str) -> Result<()> {
        self.sink.write_at(text.as_bytes(), self.end)?;
        self.end += text.len() as u64;
        Ok(())
    }
}
