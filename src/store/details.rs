//! The details of a record: what changed in each object, with what was there
//! before. They hold the personal data; the commit line holds none.

use std::collections::{BTreeMap, BTreeSet};

use rayon::prelude::*;
use serde::Deserialize;
use serde::de::IgnoredAny;

use crate::domain::ids::OrgId;
use crate::domain::model::{Operator, OperatorRole};
use crate::domain::outcome::owned_key;
use crate::error::{Error, Kind, Result};

use super::digest::{Digest, Hasher, hex};
use super::disk::Sink;
use super::layout;
use super::lines::token;
use super::log::line::{DetailsRef, FileChange, ListRef};
use super::log::tail::INLINE;
use super::shadows::Shadows;
use super::stage::{Stage, Staged, StagedNote, StagedUser};
use super::{Founding, Meta, Options, texts};

/// How many users are taken at once, so that a million need no more memory than these.
const BATCH: usize = 16 << 10;

/// Details and the list of files, where they go.
pub(super) struct Written {
    /// What stands before the commit line; empty where there is a file of details.
    pub(super) inline: String,
    /// What the commit line says about them.
    pub(super) reference: DetailsRef,
}

/// Makes the details of what is staged and writes them to a file of their own
/// where they are too many for the log.
pub(super) fn write(
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
    for batch in stage.users.chunks(BATCH) {
        let nonces = maker.nonces(batch.len());
        let part = |users: &[StagedUser], nonces: &[Nonce]| {
            let mut part = String::new();
            for (user, nonce) in users.iter().zip(nonces) {
                maker.line(&mut part, "user", user.login.as_str(), &user.change, nonce)?;
            }
            Ok(part)
        };
        let parts: Vec<String> = if batch.len() < super::MANY {
            vec![part(batch, &nonces)?]
        } else {
            let users = batch.par_chunks(BATCH / 32);
            let nonces = nonces.par_chunks(BATCH / 32);
            users.zip(nonces).map(|(users, nonces)| part(users, nonces)).collect::<Result<_>>()?
        };
        parts.iter().try_for_each(|part| target.push(part))?;
    }
    let owned: Vec<_> = stage.owned.iter().collect();
    for batch in owned.chunks(BATCH) {
        let mut part = String::new();
        for (((policy, entry), staged), nonce) in batch.iter().zip(maker.nonces(batch.len())) {
            maker.line(&mut part, "policy", &owned_key(policy, entry), staged, &nonce)?;
        }
        target.push(&part)?;
    }
    let due: Vec<_> = stage.due.iter().collect();
    for batch in due.chunks(BATCH) {
        let mut part = String::new();
        for ((key, staged), nonce) in batch.iter().zip(maker.nonces(batch.len())) {
            maker.line(&mut part, "due", &key.to_string(), staged, &nonce)?;
        }
        target.push(&part)?;
    }
    for (what, staged) in &stage.state {
        target.push(&maker.one("state", what, staged)?)?;
    }
    for note in &stage.notes {
        target.push(&maker.note(note)?)?;
    }
    target.finish()
}

/// The details of the first record: the operators.
pub(super) fn of_founding(options: &Options, founding: &Founding) -> Result<String> {
    let maker = Maker { options, meta: &founding.meta };
    let operators = founding.operators.operators.iter();
    operators
        .map(|(name, operator)| {
            let json = serde_json::to_string(operator).expect("state types are plain data");
            let staged = Staged { before: None, after: Some(json.into()), subject: None };
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
        let staged = Staged { before: None, after: None, subject };
        let orgs = serde_json::to_string(&note.orgs).expect("names can be written");
        let mut line = String::new();
        let nonce = &self.nonces(1)[0];
        self.line_in(&mut line, note.object, &note.key, &staged, orgs, nonce)?;
        Ok(line)
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
        let orgs = orgs_of(object, key, staged);
        self.line_in(text, object, key, staged, orgs, nonce)
    }

    /// The same, where the orgs (a JSON array) are known.
    fn line_in(
        &self,
        text: &mut String,
        object: &str,
        key: &str,
        staged: &Staged,
        orgs: String,
        nonce: &Nonce,
    ) -> Result<()> {
        let (before, after) = match (staged.before.as_deref(), staged.after.as_deref()) {
            (Some(before), Some(after)) if before == after => return Ok(()),
            (Some(before), Some(after)) => texts::difference_of(before, after).map_err(|e| {
                Error::new(Kind::Bug, "bug", format!("what was staged cannot be read: {e}"))
            })?,
            (before, after) => {
                (before.unwrap_or("null").to_owned(), after.unwrap_or("null").to_owned())
            }
        };
        let subject = staged.subject.as_deref().or(self.meta.subject.as_deref());
        let fields = [
            ("{\"object\":", token(object)),
            (",\"key\":", token(key)),
            (
                ",\"subject\":",
                subject.filter(|subject| *subject != key).map(token).unwrap_or_default(),
            ),
            (",\"orgs\":", orgs),
            (",\"before\":", before),
            (",\"after\":", after),
            (",\"nonce\":", token(&hex(nonce))),
        ];
        for (name, value) in fields.iter().filter(|(_, value)| !value.is_empty()) {
            text.push_str(name);
            text.push_str(value);
        }
        text.push_str("}\n");
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
                let policy = key.split(' ').next().unwrap_or_default();
                orgs.extend(OrgId::parse(policy).ok());
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
    file: Option<(Box<dyn Sink>, u64, ListRef)>,
    hasher: Hasher,
    lines: u64,
    bytes: u64,
}

impl<'a> Target<'a> {
    fn new(shadows: &'a Shadows<'a>, changes: &'a [FileChange], list: usize) -> Target<'a> {
        let (inline, hasher) = (String::new(), Hasher::default());
        Target { shadows, changes, list, inline, file: None, hasher, lines: 0, bytes: 0 }
    }

    fn push(&mut self, text: &str) -> Result<()> {
        self.hasher.update(text.as_bytes());
        self.lines += text.bytes().filter(|b| *b == b'\n').count() as u64;
        self.bytes += text.len() as u64;
        if self.file.is_none() {
            self.inline.push_str(text);
            return if self.inline.len() + self.list > INLINE { self.spill() } else { Ok(()) };
        }
        self.append(text)
    }

    fn append(&mut self, text: &str) -> Result<()> {
        if let Some((file, at, _)) = &mut self.file {
            file.write_at(text.as_bytes(), *at)?;
            *at += text.len() as u64;
        }
        Ok(())
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
        self.file = Some((file, 0, reference));
        let inline = std::mem::take(&mut self.inline);
        self.append(&list)?;
        self.append(&inline)
    }

    fn finish(mut self) -> Result<Written> {
        if self.file.is_none() && self.list > INLINE {
            self.spill()?;
        }
        let list = match &mut self.file {
            Some((file, _, list)) => {
                file.sync()?;
                Some(*list)
            }
            None => None,
        };
        let sha256 = self.hasher.finish();
        let reference = DetailsRef { lines: self.lines, bytes: self.bytes, sha256, list };
        Ok(Written { inline: self.inline, reference })
    }
}
