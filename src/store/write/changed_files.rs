//! From what is staged to the files that change: orgs, operators, evidence,
//! shards, the calendar of ends and what policies own.

use std::collections::{BTreeMap, HashMap};

use crate::domain::due;
use crate::domain::due::DueKey;
use crate::domain::ids::{Login, UserId};
use crate::domain::model::{Operators, User};
use crate::error::{Error, Kind, Result};

use super::pending_files::Shadows;
use super::shard_edits;
use super::staging::{Stage, StagedUser};
use crate::store::format::keyed_lines;
use crate::store::format::keyed_lines::Edit;
use crate::store::format::keyed_lines::bad_line;
use crate::store::format::{block_yaml, layout};
use crate::store::maintain::prune;
use crate::store::read::revision::Base;

/// Writes the shadows of all files that change.
pub(crate) fn write_files(shadows: &Shadows<'_>, stage: &Stage) -> Result<()> {
    for (id, staged) in &stage.orgs {
        let path = layout::org(id.as_str());
        let before = shadows.base.read_file(&path)?.map(|file| file.hash);
        match staged.after::<crate::domain::model::Org>()? {
            Some(org) => shadows.body(&path, before, &block_yaml::write(&org))?,
            None => shadows.remove(&path, before),
        }
    }
    operators(shadows, stage)?;
    for (sha256, bytes) in &stage.evidence {
        let path = layout::evidence(sha256);
        if shadows.base.disk.open(&path)?.is_none() {
            shadows.whole(&path, None, bytes)?;
        }
    }
    for (path, hash) in &stage.lost {
        shadows.remove(path, Some(*hash));
    }
    if let Some(plan) = &stage.pruned {
        prune::write(shadows, plan)?;
    }
    calendar(shadows, stage)?;
    owned(shadows, stage)?;
    shard_edits::write(shadows, stage)?;
    for (path, known) in &stage.rewritten {
        // Where an edit was accepted it may be written already.
        if !shadows.has(path) {
            let file = shadows.base.read_file(path)?;
            shadows.rewrite(path, *known, file.as_ref().map(|file| file.body()))?;
        }
    }
    Ok(())
}

/// The files of what policies own, an entry a line.
fn owned(shadows: &Shadows<'_>, stage: &Stage) -> Result<()> {
    if stage.owned.is_empty() {
        return Ok(());
    }
    shadows.base.disk.mkdir(layout::POLICIES)?;
    let all: Vec<_> = stage.owned.iter().collect();
    for entries in all.chunk_by(|((a, _), _), ((b, _), _)| a == b) {
        let path = layout::policy(&entries[0].0.0);
        let edits = entries.iter().map(|((_, entry), staged)| Edit {
            token: keyed_lines::token(entry).into(),
            value: staged.after.as_deref().map(Into::into),
        });
        let mut edits: Vec<Edit<'_>> = edits.collect();
        edits.sort_unstable_by(|a, b| a.token.cmp(&b.token));
        let file = shadows.base.read_file(&path)?;
        let body = file.as_ref().map_or("", |file| file.body());
        let edited = keyed_lines::edit(body, &edits).map_err(|bad| bad_line(&path, bad))?;
        shadows.lines(&path, file.map(|file| file.hash), &[edited.into()])?;
    }
    Ok(())
}

fn operators(shadows: &Shadows<'_>, stage: &Stage) -> Result<()> {
    if stage.operators.is_empty() {
        return Ok(());
    }
    let path = layout::OPERATORS;
    let file = shadows.base.read_file(path)?;
    let file = file.ok_or_else(|| Error::damaged(path, format!("{path} is missing")))?;
    let mut all: Operators = block_yaml::read(path, file.body())?;
    for (name, staged) in &stage.operators {
        match staged.after()? {
            Some(operator) => all.operators.insert(name.clone(), operator),
            None => all.operators.remove(name),
        };
    }
    shadows.body(path, Some(file.hash), &block_yaml::write(&all))
}

/// What happens to one entry of the calendar.
enum DueEdit {
    /// It is new.
    Put(String),
    /// It says something else now; where its end was recorded it is gone, and stays so.
    Refresh(String),
    /// It comes only where another entry still stands: that of the user before a rename.
    PutFor(DueKey, String),
    /// It goes.
    Remove,
}

type Pages = BTreeMap<String, BTreeMap<String, DueEdit>>;

fn calendar(shadows: &Shadows<'_>, stage: &Stage) -> Result<()> {
    let pages = due_edits(stage)?;
    let before: HashMap<&DueKey, bool> = pages
        .values()
        .flat_map(BTreeMap::values)
        .filter_map(|edit| match edit {
            DueEdit::PutFor(key, _) => Some(key),
            _ => None,
        })
        .map(|key| Ok((key, stands(shadows.base, key)?)))
        .collect::<Result<_>>()?;
    for (page, edits) in &pages {
        let path = layout::due(page).ok_or_else(|| {
            Error::new(Kind::Bug, "bug", format!("{page:?} is no page of the calendar"))
        })?;
        let file = shadows.base.read_file(&path)?;
        let body = file.as_ref().map_or("", |file| file.body());
        let mut written = Vec::new();
        for (entry, edit) in edits {
            let token = keyed_lines::token(entry);
            let value = match edit {
                DueEdit::Put(value) => Some(value),
                DueEdit::Remove => None,
                DueEdit::PutFor(key, value) if before.get(key) == Some(&true) => Some(value),
                DueEdit::PutFor(..) => continue,
                DueEdit::Refresh(value) => {
                    let found =
                        keyed_lines::find(body, &token).map_err(|bad| bad_line(&path, bad))?;
                    if found.is_none() {
                        continue;
                    }
                    Some(value)
                }
            };
            written.push(Edit {
                token: token.into(),
                value: value.map(|value| value.as_str().into()),
            });
        }
        written.sort_by(|a, b| a.token.cmp(&b.token));
        let places = keyed_lines::places(body, &written).map_err(|bad| bad_line(&path, bad))?;
        let mut memory = String::new();
        let edited = keyed_lines::replaced(&mut memory, body, &written, &places);
        shadows.lines(&path, file.as_ref().map(|file| file.hash), &edited)?;
    }
    Ok(())
}

fn stands(base: &Base, key: &DueKey) -> Result<bool> {
    let Some(path) = layout::due(&key.page) else { return Ok(false) };
    let Some(file) = base.read_file(&path)? else { return Ok(false) };
    let found = keyed_lines::find(file.body(), &keyed_lines::token(&key.entry));
    Ok(found.map_err(|bad| bad_line(&path, bad))?.is_some())
}

/// What the staged changes do to the calendar.
fn due_edits(stage: &Stage) -> Result<Pages> {
    let mut pages = Pages::new();
    let mut put = |key: DueKey, edit| {
        pages.entry(key.page).or_default().insert(key.entry, edit);
    };
    let renamed = removed_by_id(stage)?;
    // Most users have nothing that ends: their lines need not be parsed.
    let ending = stage.users.iter().filter(|user| user.may_end);
    for StagedUser { login, change, .. } in ending {
        let before: Option<User> = change.before()?;
        let after: Option<User> = change.after()?;
        let entries = |user: &Option<User>| {
            user.as_ref().map(|user| due::entries(login, user)).unwrap_or_default()
        };
        let (was, is) = (entries(&before), entries(&after));
        for key in was.keys().filter(|key| !is.contains_key(*key)) {
            put(key.clone(), DueEdit::Remove);
        }
        let namesake = after.as_ref().and_then(|user| renamed.get(&user.id));
        for (key, entry) in is {
            let value = serde_json::to_string(&entry).expect("state types are plain data");
            let edit = match (was.get(&key), &before, namesake) {
                (Some(old), _, _) if *old == entry => continue,
                (Some(_), _, _) => DueEdit::Refresh(value),
                (None, None, Some((old_login, old))) => {
                    match old_key(&key, login, old_login, old) {
                        Some(old_key) => DueEdit::PutFor(old_key, value),
                        None => DueEdit::Put(value),
                    }
                }
                (None, _, _) => DueEdit::Put(value),
            };
            put(key, edit);
        }
    }
    for key in stage.due.keys() {
        put(key.clone(), DueEdit::Remove);
    }
    Ok(pages)
}

/// Users that go, by id: one that comes with the same id is the same under a new login.
fn removed_by_id(stage: &Stage) -> Result<HashMap<UserId, (&Login, User)>> {
    let mut removed = HashMap::new();
    for StagedUser { login, change, .. } in &stage.users {
        if change.after.is_none()
            && let Some(user) = change.before::<User>()?
        {
            removed.insert(user.id.clone(), (login, user));
        }
    }
    Ok(removed)
}

/// The key that the same entry had under the old login, if it had one.
fn old_key(key: &DueKey, login: &Login, old_login: &Login, old: &User) -> Option<DueKey> {
    let rest = key.entry.strip_prefix(login.as_str())?;
    let entry = format!("{old_login}{rest}");
    let old_key = DueKey { page: key.page.clone(), entry };
    due::entries(old_login, old).contains_key(&old_key).then_some(old_key)
}
