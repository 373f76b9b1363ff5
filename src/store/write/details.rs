//! The details of a record: what changed in each object, with what was there
//! before. They hold the personal data; the commit line holds none.

use std::borrow::Cow;
use std::collections::{BTreeMap, BTreeSet};

use crate::parallel::prelude::*;
use serde::Deserialize;
use serde::de::IgnoredAny;

use crate::domain::ids::OrgId;
use crate::domain::model::{Operator, OperatorRole};
use crate::domain::outcome::owned_key;
use crate::error::{Error, Kind, Result};

use super::pending_files::Shadows;
use super::staging::{Stage, Staged, StagedNote};
use crate::store::disk::Sink;
use crate::store::format::digest::{Digest, Hasher, push_hex};
use crate::store::format::keyed_lines;
use crate::store::format::keyed_lines::push_token;
use crate::store::format::layout;
use crate::store::format::log_line::{DetailsRef, FileChange, ListRef};
use crate::store::format::merge_patch;
use crate::store::log::tail::INLINE;
use crate::store::{Founding, Meta, Options};

/// How many objects are taken at once, so that a million need no more memory than these.
const BATCH: usize = 16 << 10;
/// How many of them one thread makes in a row.
const PART: usize = BATCH / 32;

/// Details and the list of files, where they go.
pub(crate) struct Written {
    /// What stands before the commit line; empty where there is a file of details.
    pub(crate) inline: String,
    /// What the commit line says about them.
    pub(crate) reference: DetailsRef,
}

/// Makes the details of what is staged and writes them to a file of their own
/// where they are too many for the log.
pub(crate) fn write(
    shadows: &Shadows<'_>,
    stage: &Stage,
    options: &Options,
    meta: &Meta,
    changes: &[FileChange],
) -> Result<Written> {
    let list: usize = changes.iter().map(|change| change.path.len() + 160).sum();
    let mut target = Target::new(shadows, changes, list);
    let maker = Maker { options, meta };
    for (name, staged) in &stage.operators {
        target.push(&maker.one("operator", name.as_str(), staged)?)?;
    }
    for (id, staged) in &stage.orgs {
        target.push(&maker.one("org", id.as_str(), staged)?)?;
    }
    many(&maker, &mut target, &stage.users, |maker, text, user, nonce| {
        maker.line(text, "user", user.login.as_str(), &user.change, nonce)
    })?;
    let owned: Vec<_> = stage.owned.iter().collect();
    many(&maker, &mut target, &owned, |maker, text, ((policy, entry), staged), nonce| {
        maker.line(text, "policy", &owned_key(policy, entry), staged, nonce)
    })?;
    let due: Vec<_> = stage.due.iter().collect();
    many(&maker, &mut target, &due, |maker, text, (key, staged), nonce| {
        maker.line(text, "due", &key.to_string(), staged, nonce)
    })?;
    for (what, staged) in &stage.state {
        target.push(&maker.one("state", what, staged)?)?;
    }
    for note in &stage.notes {
        target.push(&maker.note(note)?)?;
    }
    target.finish()
}

/// The details of many objects, made on all processors: those of one batch are written
/// while those of the next are made.
fn many<T: Sync>(
    maker: &Maker<'_>,
    target: &mut Target<'_>,
    objects: &[T],
    line: impl Fn(&Maker<'_>, &mut String, &T, &Nonce) -> Result<()> + Sync,
) -> Result<()> {
    let lines = |text: &mut String, objects: &[T], nonces: &[Nonce]| -> Result<()> {
        text.clear();
        let mut objects = objects.iter().zip(nonces);
        objects.try_for_each(|(object, nonce)| line(maker, text, object, nonce))
    };
    if objects.len() < crate::parallel::MANY {
        let mut text = String::new();
        lines(&mut text, objects, &maker.nonces(objects.len()))?;
        return target.push(&text);
    }
    // The texts of one batch are the memory for those of the next but one.
    let (mut made, mut next): (Vec<String>, Vec<String>) = Default::default();
    for batch in objects.chunks(BATCH) {
        next.resize(batch.len().div_ceil(PART), String::new());
        let nonces = maker.nonces(batch.len());
        let parts = batch.par_chunks(PART).zip(nonces.par_chunks(PART)).zip(&mut next);
        let (written, pushed) = crate::parallel::join(
            || {
                parts
                    .map(|((objects, nonces), text)| lines(text, objects, nonces))
                    .collect::<Result<()>>()
            },
            || target.push_all(&made),
        );
        pushed.and(written)?;
        std::mem::swap(&mut made, &mut next);
    }
    target.push_all(&made)
}

/// The details of the first record: the operators.
pub(crate) fn of_founding(options: &Options, founding: &Founding) -> Result<String> {
    let maker = Maker { options, meta: &founding.meta };
    let operators = founding.operators.operators.iter();
    operators
        .map(|(name, operator)| {
            let json = serde_json::to_string(operator).expect("state types are plain data");
            let after = Some(json.into());
            let staged = Staged { before: None, after, subject: None, orgs: None };
            maker.one("operator", name.as_str(), &staged)
        })
        .collect()
}

struct Maker<'a> {
    options: &'a Options,
    meta: &'a Meta,
}

type Nonce = [u8; 16];

impl Maker<'_> {
    fn nonces(&self, count: usize) -> Vec<Nonce> {
        let mut nonces = vec![Nonce::default(); count];
        (self.options.random)(nonces.as_flattened_mut());
        nonces
    }

    fn one(&self, object: &str, key: &str, staged: &Staged) -> Result<String> {
        let mut line = String::new();
        self.line(&mut line, object, key, staged, &self.nonces(1)[0])?;
        Ok(line)
    }

    /// The line of something that is not shown.
    fn note(&self, note: &StagedNote) -> Result<String> {
        let subject = note.subject.as_deref().map(Into::into);
        let orgs = serde_json::to_string(&note.orgs).expect("names can be written");
        let staged = Staged { before: None, after: None, subject, orgs: Some(orgs.into()) };
        self.one(note.object, &note.key, &staged)
    }

    /// Appends the line of one object; nothing where it is what it was.
    fn line(
        &self,
        text: &mut String,
        object: &str,
        key: &str,
        staged: &Staged,
        nonce: &Nonce,
    ) -> Result<()> {
        let (before, after) = match (staged.before.as_deref(), staged.after.as_deref()) {
            (Some(before), Some(after)) if before == after => return Ok(()),
            (Some(before), Some(after)) => {
                let (before, after) = merge_patch::difference_of(before, after).map_err(|e| {
                    Error::new(Kind::Bug, "bug", format!("what was staged cannot be read: {e}"))
                })?;
                (Cow::Owned(before), Cow::Owned(after))
            }
            (before, after) => {
                (Cow::Borrowed(before.unwrap_or("null")), Cow::Borrowed(after.unwrap_or("null")))
            }
        };
        let subject = staged.subject.as_deref().or(self.meta.subject.as_deref());
        text.push_str("{\"object\":");
        push_token(text, object);
        text.push_str(",\"key\":");
        push_token(text, key);
        if let Some(subject) = subject.filter(|subject| *subject != key) {
            text.push_str(",\"subject\":");
            push_token(text, subject);
        }
        text.push_str(",\"orgs\":");
        match &staged.orgs {
            Some(orgs) => text.push_str(orgs),
            None => text.push_str(&orgs_of(object, key, staged)),
        }
        text.push_str(",\"before\":");
        text.push_str(&before);
        text.push_str(",\"after\":");
        text.push_str(&after);
        text.push_str(",\"nonce\":\"");
        push_hex(text, nonce);
        text.push_str("\"}\n");
        Ok(())
    }
}

/// The orgs that an object concerns, before or after, as a JSON array.
fn orgs_of(object: &str, key: &str, staged: &Staged) -> String {
    #[derive(Deserialize)]
    struct OfUser {
        memberships: BTreeMap<OrgId, IgnoredAny>,
    }
    #[derive(Deserialize)]
    struct OfEntry {
        member_of: BTreeSet<OrgId>,
    }
    let mut orgs = BTreeSet::new();
    for json in [&staged.before, &staged.after].into_iter().flatten() {
        match object {
            "user" => {
                let user: Option<OfUser> = serde_json::from_str(json).ok();
                orgs.extend(user.into_iter().flat_map(|user| user.memberships.into_keys()));
            }
            "org" => orgs.extend(OrgId::parse(key).ok()),
            "policy" => {
                let policy = key.split(' ').next().filter(|policy| OrgId::fits(policy));
                orgs.extend(policy.and_then(|policy| OrgId::parse(policy).ok()));
            }
            "operator" => {
                let operator: Option<Operator> = serde_json::from_str(json).ok();
                let roles = operator.into_iter().flat_map(|operator| operator.roles);
                orgs.extend(roles.filter_map(|role| match role {
                    OperatorRole::Admin(org) | OperatorRole::Helpdesk(org) => Some(org),
                    OperatorRole::SiteAdmin | OperatorRole::Auditor => None,
                }));
            }
            _ => {
                let entry: Option<OfEntry> = serde_json::from_str(json).ok();
                orgs.extend(entry.into_iter().flat_map(|entry| entry.member_of));
            }
        }
    }
    serde_json::to_string(&orgs).expect("names can be written")
}

/// Where details go: into memory, and into a file once they are too many.
struct Target<'a> {
    shadows: &'a Shadows<'a>,
    changes: &'a [FileChange],
    /// How long the list of files is in the commit line, about.
    list: usize,
    inline: String,
    file: Option<DetailsFile>,
    count: Count,
}

/// The file of details, which begins with the list of files.
struct DetailsFile {
    file: Box<dyn Sink>,
    at: u64,
    list: ListRef,
}

impl DetailsFile {
    fn append(&mut self, text: &str) -> Result<()> {
        self.file.write_at(text.as_bytes(), self.at)?;
        self.at += text.len() as u64;
        Ok(())
    }
}

/// What the commit line says about details.
#[derive(Default)]
struct Count {
    hasher: Hasher,
    lines: u64,
    bytes: u64,
}

impl Count {
    fn add(&mut self, text: &str) {
        self.hasher.update(text.as_bytes());
        self.lines += keyed_lines::count(text) as u64;
        self.bytes += text.len() as u64;
    }
}

impl<'a> Target<'a> {
    fn new(shadows: &'a Shadows<'a>, changes: &'a [FileChange], list: usize) -> Target<'a> {
        let (inline, count) = (String::new(), Count::default());
        Target { shadows, changes, list, inline, file: None, count }
    }

    /// Many lines: they are hashed and written at the same time.
    fn push_all(&mut self, parts: &[String]) -> Result<()> {
        let Some(file) = &mut self.file else {
            return parts.iter().try_for_each(|part| self.push(part));
        };
        let count = &mut self.count;
        crate::parallel::join(
            || parts.iter().for_each(|part| count.add(part)),
            || parts.iter().try_for_each(|part| file.append(part)),
        )
        .1
    }

    fn push(&mut self, text: &str) -> Result<()> {
        self.count.add(text);
        if self.file.is_none() {
            self.inline.push_str(text);
            return if self.inline.len() + self.list > INLINE { self.spill() } else { Ok(()) };
        }
        self.append(text)
    }

    fn append(&mut self, text: &str) -> Result<()> {
        self.file.as_mut().map_or(Ok(()), |file| file.append(text))
    }

    /// Goes over to a file: the list of files first, then the details so far.
    fn spill(&mut self) -> Result<()> {
        let mut list = String::new();
        for change in self.changes {
            list.push_str(&change.write());
            list.push('\n');
        }
        let reference = ListRef { bytes: list.len() as u64, sha256: Digest::of(list.as_bytes()) };
        let file = self.shadows.extra(&layout::details(self.shadows.rev))?;
        self.file = Some(DetailsFile { file, at: 0, list: reference });
        let inline = std::mem::take(&mut self.inline);
        self.append(&list)?;
        self.append(&inline)
    }

    fn finish(mut self) -> Result<Written> {
        if self.file.is_none() && self.list > INLINE {
            self.spill()?;
        }
        let list = match &mut self.file {
            Some(own) => {
                own.file.sync()?;
                Some(own.list)
            }
            None => None,
        };
        let Count { hasher, lines, bytes } = self.count;
        let reference = DetailsRef { lines, bytes, sha256: hasher.finish(), list };
        Ok(Written { inline: self.inline, reference })
    }
}
