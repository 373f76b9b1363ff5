//! Writes the files that change: orgs, operators, policies, the calendar of ends, shards, and
//! files that are replaced as a whole.

use std::collections::{BTreeMap, HashMap};

use crate::domain::due;
use crate::domain::due::DueKey;
use crate::domain::ids::{Login, UserId};
use crate::domain::model::{Operators, Org, PolicyOf, User};
use crate::domain::outcome::ObjectKey;
use crate::error::{Error, Kind, Result};

use super::pending_files::PendingFiles;
use super::shard_edits;
use super::staging::{Stage, StagedFile};
use crate::store::disk::reading;
use crate::store::format::keyed_lines;
use crate::store::format::keyed_lines::{Edit, bad_line, token};
use crate::store::format::{block_yaml, header, layout};
use crate::store::read::revision::Base;

/// Writes all files that change.
pub(crate) fn write(pending: &PendingFiles<'_>, stage: &Stage) -> Result<()> {
    let base = pending.base;
    let is_rebuilt = |file: &StagedFile| matches!(file, StagedFile::Rebuilt(_));
    for (path, file) in stage.files.iter().filter(|(_, file)| !is_rebuilt(file)) {
        write_file(pending, path, file)?;
    }
    let mut operators: Option<Operators> = None;
    let mut policies: BTreeMap<&PolicyOf, Vec<Edit<'_>>> = BTreeMap::new();
    for (key, staged) in &stage.objects {
        match key {
            ObjectKey::Org(id) => {
                let path = layout::org(id.as_str());
                let before = base.read_file(&path)?.map(|file| file.hash);
                match staged.after::<Org>()? {
                    Some(org) => pending.body(&path, before, &block_yaml::write(&org))?,
                    None => pending.remove(&path, before),
                }
            }
            ObjectKey::Operator(name) => {
                if operators.is_none() {
                    operators = Some(read_operators(base)?);
                }
                let all = &mut operators.get_or_insert_default().operators;
                match staged.after()? {
                    Some(operator) => all.insert(name.clone(), operator),
                    None => all.remove(name),
                };
            }
            ObjectKey::Owned(policy, entry) => policies.entry(policy).or_default().push(Edit {
                token: token(entry).into(),
                value: staged.after.as_deref().map(Into::into),
            }),
            // Users are in shards, and ends in the calendar; the others are in no file.
            _ => {}
        }
    }
    if let Some(operators) = operators {
        let before = base.read_file(layout::OPERATORS)?.map(|file| file.hash);
        pending.body(layout::OPERATORS, before, &block_yaml::write(&operators))?;
    }
    if !policies.is_empty() {
        base.disk.mkdir(layout::POLICIES)?;
    }
    for (policy, edits) in policies {
        write_lines(pending, &layout::policy(policy), edits)?;
    }
    write_calendar(pending, stage)?;
    shard_edits::write(pending, stage)?;
    // Last: an object in it may have changed.
    let mut rebuilt = stage.files.iter().filter(|(_, file)| is_rebuilt(file));
    rebuilt.try_for_each(|(path, file)| write_file(pending, path, file))
}

fn read_operators(base: &Base) -> Result<Operators> {
    let path = layout::OPERATORS;
    match base.read_file(path)? {
        Some(file) => block_yaml::read(path, file.body()),
        None if base.rev() == 0 => Ok(Operators::default()),
        None => Err(Error::damaged(path, format!("{path} is missing"))),
    }
}

/// Writes a file of lines with some of them changed.
fn write_lines(pending: &PendingFiles<'_>, path: &str, mut edits: Vec<Edit<'_>>) -> Result<()> {
    edits.sort_unstable_by(|a, b| a.token.cmp(&b.token));
    let file = pending.base.read_file(path)?;
    let body = file.as_ref().map_or("", |file| file.body());
    let body = keyed_lines::edit(body, &edits).map_err(|bad| bad_line(path, bad))?;
    pending.lines(path, file.map(|file| file.hash), &body)
}

/// Writes a file that is replaced as a whole.
fn write_file(pending: &PendingFiles<'_>, path: &str, file: &StagedFile) -> Result<()> {
    let base = pending.base;
    match file {
        StagedFile::Evidence(bytes) => {
            if base.disk.open(path)?.is_none() {
                pending.bytes(path, None, bytes)?;
            }
        }
        StagedFile::Removed(hash) => pending.remove(path, Some(*hash)),
        StagedFile::Rebuilt(known) => {
            if !pending.has(path) {
                let file = base.read_file(path)?;
                pending.rebuilt(path, *known, file.as_ref().map(|file| file.body()))?;
            }
        }
        StagedFile::Cut(stays) => {
            let source = base.disk.open(path)?.ok_or_else(|| {
                Error::damaged(path, format!("{path} is missing")).command("audit verify")
            })?;
            let mut bytes = Vec::new();
            for part in stays {
                bytes.extend(reading::bytes(&*source, part.start, part.end)?);
            }
            pending.bytes(path, Some(header::hash_all(&*source)?), &bytes)?;
        }
    }
    Ok(())
}

/// What happens to one entry of the calendar.
enum DueEdit {
    /// It is new.
    Put(String),
    /// It changes, if it is still there: it is not once its end was recorded.
    Refresh(String),
    /// It is new, if the entry of the user before a rename is still there.
    Move(DueKey, String),
    /// It is removed.
    Remove,
}

fn write_calendar(pending: &PendingFiles<'_>, stage: &Stage) -> Result<()> {
    let mut pages: BTreeMap<String, Vec<Edit<'_>>> = BTreeMap::new();
    for (key, edit) in due_edits(stage)? {
        let value = match edit {
            DueEdit::Put(value) => Some(value),
            DueEdit::Remove => None,
            DueEdit::Refresh(value) if exists(pending.base, &key)? => Some(value),
            DueEdit::Move(old, value) if exists(pending.base, &old)? => Some(value),
            DueEdit::Refresh(_) | DueEdit::Move(..) => continue,
        };
        let edit = Edit { token: token(&key.entry).into(), value: value.map(Into::into) };
        pages.entry(page_path(&key)?).or_default().push(edit);
    }
    pages.into_iter().try_for_each(|(path, edits)| write_lines(pending, &path, edits))
}

fn page_path(key: &DueKey) -> Result<String> {
    layout::due(&key.page).ok_or_else(|| {
        Error::new(Kind::Bug, "bug", format!("{:?} is not a page of the calendar", key.page))
    })
}

fn exists(base: &Base, key: &DueKey) -> Result<bool> {
    let path = page_path(key)?;
    let Some(file) = base.read_file(&path)? else { return Ok(false) };
    let found = keyed_lines::find(file.body(), &token(&key.entry));
    Ok(found.map_err(|bad| bad_line(&path, bad))?.is_some())
}

/// What the staged changes do to the calendar.
fn due_edits(stage: &Stage) -> Result<BTreeMap<DueKey, DueEdit>> {
    let mut edits = BTreeMap::new();
    let removed = removed_by_id(stage)?;
    for (login, staged) in stage.users().filter(|(_, staged)| staged.ends) {
        let (before, after) = (staged.before::<User>()?, staged.after::<User>()?);
        let entries = |user: &Option<User>| {
            user.as_ref().map(|user| due::entries(login, user)).unwrap_or_default()
        };
        let (was, is) = (entries(&before), entries(&after));
        let gone = was.keys().filter(|key| !is.contains_key(*key));
        edits.extend(gone.map(|key| (key.clone(), DueEdit::Remove)));
        let renamed = after.filter(|_| before.is_none());
        let renamed = renamed.and_then(|user| removed.get(&user.id));
        for (key, entry) in is {
            let value = serde_json::to_string(&entry).expect("state types are plain data");
            let edit = match was.get(&key) {
                Some(old) if *old == entry => continue,
                Some(_) => DueEdit::Refresh(value),
                None => match renamed.and_then(|(old, user)| old_key(&key, login, old, user)) {
                    Some(old) => DueEdit::Move(old, value),
                    None => DueEdit::Put(value),
                },
            };
            edits.insert(key, edit);
        }
    }
    let due = stage.objects.keys().filter_map(|key| match key {
        ObjectKey::Due(key) => Some((key.clone(), DueEdit::Remove)),
        _ => None,
    });
    edits.extend(due);
    Ok(edits)
}

/// The users who are removed, by id: a new user with such an id was renamed.
fn removed_by_id(stage: &Stage) -> Result<HashMap<UserId, (&Login, User)>> {
    let mut removed = HashMap::new();
    for (login, staged) in stage.users().filter(|(_, staged)| staged.after.is_none()) {
        if let Some(user) = staged.before::<User>()? {
            removed.insert(user.id.clone(), (login, user));
        }
    }
    Ok(removed)
}

/// The key that the same entry had under the login before a rename, if it had one.
fn old_key(key: &DueKey, login: &Login, old_login: &Login, old: &User) -> Option<DueKey> {
    let rest = key.entry.strip_prefix(login.as_str())?;
    let old_key = DueKey { page: key.page.clone(), entry: format!("{old_login}{rest}") };
    due::entries(old_login, old).contains_key(&old_key).then_some(old_key)
}
