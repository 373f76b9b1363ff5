//! The index and the calendar of ends, made again from the users.

use std::collections::{BTreeMap, BTreeSet};

use crate::domain::due;
use crate::domain::due::{DueEntry, DueKey};
use crate::domain::ids::Login;
use crate::domain::model::User;
use crate::domain::scope::Key;
use crate::domain::time::Time;
use crate::error::Result;
use crate::store::format::digest::Digest;
use crate::store::format::header::Sealed;
use crate::store::format::keyed_lines::{bad_line, parse_line};
use crate::store::format::layout;
use crate::store::format::layout::Sharded;
use crate::store::format::{json, keyed_lines};
use crate::store::read::calendar;
use crate::store::read::view::parse_user;
use crate::store::write::staging::StagedFile;
use crate::store::{StateProblem, Transaction, View};

use super::FileRole;

/// The act by which a clock counts that stands before the newest record.
const ACCEPT_CLOCK: &str = "state.accept-clock";

type RecordedLines = BTreeMap<String, String>;

/// The bodies of the files of the index and the calendar among `todo`; an empty
/// one stands for a file that is not there.
pub(crate) fn bodies<'a>(
    view: &View,
    todo: &BTreeMap<&'a str, (FileRole, Digest)>,
) -> Result<Vec<(&'a str, String)>> {
    let mut files: BTreeMap<&'a str, RecordedLines> = BTreeMap::new();
    for (path, (what, _)) in todo {
        if matches!(what, FileRole::Index(_) | FileRole::Due) {
            files.insert(path, RecordedLines::new());
        }
    }
    if files.is_empty() {
        return Ok(Vec::new());
    }
    let recorded = recorded(view)?;
    each_user(view, |login, user| {
        for key in Key::of(user) {
            let key = key.to_string();
            let path = view.base.fan_out.path_of(Sharded::Index, &key);
            if let Some(lines) = files.get_mut(path.as_str()) {
                lines.insert(keyed_lines::token(&key), keyed_lines::token(login.as_str()));
            }
        }
        for (key, entry) in due::entries(login, user) {
            let path = layout::due(&key.page).unwrap_or_default();
            if let Some(lines) = files.get_mut(path.as_str())
                && !recorded.contains(&key.to_string())
            {
                let value = json::write(&entry);
                lines.insert(keyed_lines::token(&key.entry), value);
            }
        }
    })?;
    Ok(files.into_iter().map(|(path, lines)| (path, body_of(&lines))).collect())
}

/// Entries of the calendar whose end was recorded: they are gone, unless a clock was accepted
/// since by which they have not ended.
fn recorded(view: &View) -> Result<BTreeSet<String>> {
    let mut recorded: BTreeMap<String, Option<Time>> = BTreeMap::new();
    for record in view.records_oldest_first() {
        let record = record?;
        if record.action == ACCEPT_CLOCK {
            recorded.retain(|_, end| end.is_none_or(|end| end <= record.at));
        }
        for detail in record.details() {
            let detail = detail?;
            if detail.object == "due" {
                let was: Option<DueEntry> = serde_json::from_value(detail.before).ok();
                recorded.insert(detail.key, was.and_then(|was| was.ends_at()));
            }
        }
    }
    Ok(recorded.into_keys().collect())
}

impl Transaction {
    /// Puts the calendar of ends right for `now`: where a clock was ahead, ends were recorded
    /// that have not come. What comes back is part of the commit. Returns how many entries.
    ///
    /// # Errors
    /// Damaged (7), system (8).
    pub fn settle_calendar(&mut self, now: Time) -> Result<usize> {
        let (mut ends, mut count) = (BTreeMap::new(), 0);
        each_user(&self.view, |login, user| ends.extend(due::entries(login, user)))?;
        for (path, (body, entries)) in calendar(&self.view, &ends, now)? {
            count += entries;
            self.put_derived(path, body)?;
        }
        Ok(count)
    }

    /// Makes the pages of the calendar and the shards of the index again that say something
    /// else than the users do, although they are what the chain says. Returns which.
    pub(crate) fn rebuild_derived(&mut self, now: Time) -> Result<Vec<StateProblem>> {
        let fan_out = self.view.base.fan_out;
        let mut ends = BTreeMap::new();
        let mut index: BTreeMap<String, RecordedLines> = (0..fan_out.shards())
            .map(|number| (fan_out.path(Sharded::Index, number), RecordedLines::new()))
            .collect();
        each_user(&self.view, |login, user| {
            ends.extend(due::entries(login, user));
            for key in Key::of(user) {
                let key = key.to_string();
                if let Some(lines) = index.get_mut(&fan_out.path_of(Sharded::Index, &key)) {
                    lines.insert(keyed_lines::token(&key), keyed_lines::token(login.as_str()));
                }
            }
        })?;
        let mut wrong = BTreeMap::new();
        for (path, lines) in index {
            let body = body_of(&lines);
            let file = self.view.base.read_file(&path)?;
            if file.as_ref().map_or("", |file| file.body()) != body {
                wrong.insert(path, body);
            }
        }
        let pages = calendar(&self.view, &ends, now)?;
        wrong.extend(pages.into_iter().map(|(path, (body, _))| (path, body)));
        let what = "did not match the users";
        let problems =
            wrong.keys().map(|path| StateProblem { path: path.clone(), what: what.into() });
        let problems: Vec<StateProblem> = problems.collect();
        for (path, body) in wrong {
            self.put_derived(path, body)?;
        }
        Ok(problems)
    }

    /// From now on the file has this body, or is not there where that is empty.
    fn put_derived(&mut self, path: String, body: String) -> Result<()> {
        let base = &self.view.base;
        // One that was made again before keeps the hash that the chain has for it.
        if !self.stage.files.contains_key(&path) {
            let known = base.read_file(&path)?.map(|file| file.hash);
            self.stage.files.insert(path.clone(), StagedFile::Rebuilt(known));
        }
        base.rebuilt(&path, (!body.is_empty()).then(|| Sealed::made(base.rev(), &body)));
        Ok(())
    }
}

/// The pages of the calendar that should be others at `now`, with how many entries are wrong.
fn calendar(
    view: &View,
    ends: &BTreeMap<DueKey, DueEntry>,
    now: Time,
) -> Result<BTreeMap<String, (String, usize)>> {
    let mut found = BTreeMap::new();
    // One that is missing on the disk may have been made again just now.
    let mut pages: BTreeSet<String> = ends.keys().map(|key| key.page.clone()).collect();
    pages.extend(view.due_pages()?);
    for page in pages {
        for (entry, due) in view.due(&page)? {
            found.insert(DueKey { page: page.clone(), entry }, due);
        }
    }
    let amiss = calendar::amiss(&found, ends, now);
    let mut pages: BTreeMap<&str, usize> = BTreeMap::new();
    for key in amiss.keys() {
        *pages.entry(&key.page).or_default() += 1;
    }
    let page = |(page, count): (&str, usize)| {
        let first = DueKey { page: page.to_owned(), entry: String::new() };
        let mut lines = RecordedLines::new();
        let here = |entries: &BTreeMap<DueKey, DueEntry>| -> Vec<DueKey> {
            let keys = entries.range(&first..).map(|(key, _)| key);
            keys.take_while(|key| key.page == page).cloned().collect()
        };
        for key in here(&found).into_iter().chain(here(ends)) {
            let stays = found.contains_key(&key) || amiss.contains_key(&key);
            if let Some(entry) = ends.get(&key).filter(|_| stays) {
                let value = json::write(entry);
                lines.insert(keyed_lines::token(&key.entry), value);
            }
        }
        Some((layout::due(page)?, (body_of(&lines), count)))
    };
    Ok(pages.into_iter().filter_map(page).collect())
}

fn body_of(lines: &RecordedLines) -> String {
    let mut body = String::new();
    lines.iter().for_each(|(token, value)| keyed_lines::push(&mut body, token, value));
    body
}

/// Every user, from shards that were made again where they had to be.
fn each_user(view: &View, mut each: impl FnMut(&Login, &User)) -> Result<()> {
    for number in 0..view.base.fan_out.shards() {
        let path = view.base.fan_out.path(Sharded::Users, number);
        let Some(file) = view.base.read_file(&path)? else { continue };
        for line in keyed_lines::iterate(file.body()) {
            let (token, value) = line.map_err(|bad| bad_line(&path, bad))?;
            let login: Login = parse_line(&path, token, token)?;
            each(&login, &parse_user(&path, login.as_str(), value)?);
        }
    }
    Ok(())
}
