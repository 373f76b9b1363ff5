//! The calendar of ends (`due/`), read: what ends on which page, and what has ended.

use std::collections::BTreeMap;

use serde_json::Value;

use crate::domain::due;
use crate::domain::due::{DueEntry, DueKey};
use crate::domain::ids::Login;
use crate::domain::model::User;
use crate::domain::time::Time;
use crate::error::Result;

use super::past::PastKind;
use super::revision::from_value;
use super::view::View;
use crate::store::format::keyed_lines::{bad_line, parse_line};
use crate::store::format::{keyed_lines, layout};

impl View {
    /// The pages of the calendar of ends, sorted: days and hours, then `requested`.
    ///
    /// # Errors
    /// As [`View::operators`].
    pub fn due_pages(&self) -> Result<Vec<String>> {
        let names = self.base.names("due")?;
        self.still_holds()?;
        let pages = names.iter().filter_map(|name| layout::due_page(name));
        let mut pages: Vec<String> = pages.map(str::to_owned).collect();
        if !self.overlay.is_empty() {
            pages.extend(self.overlay.due.keys().map(|key| key.page.clone()));
            for (login, user) in self.touched_users()? {
                pages.extend(due::entries(&login, &user).into_keys().map(|key| key.page));
            }
            pages.sort_unstable();
            pages.dedup();
        }
        Ok(pages)
    }

    /// One page of the calendar of ends, by entry (`alice#3`, `alice acme`).
    ///
    /// # Errors
    /// As [`View::operators`].
    pub fn due(&self, page: &str) -> Result<BTreeMap<String, DueEntry>> {
        let mut entries = BTreeMap::new();
        if let Some(path) = layout::due(page)
            && let Some(file) = self.file(&path)?
        {
            for line in keyed_lines::iterate(file.body()) {
                let (token, value) = line.map_err(|bad| bad_line(&path, bad))?;
                let key: String = parse_line(&path, token, token)?;
                let entry = parse_line(&path, &key, value)?;
                entries.insert(key, entry);
            }
        }
        if self.overlay.is_empty() { Ok(entries) } else { self.past_due(page, entries) }
    }

    /// The entries of the calendar whose end has come by `now`.
    ///
    /// # Errors
    /// As [`View::operators`].
    pub fn ended(&self, now: Time) -> Result<Vec<(DueKey, DueEntry)>> {
        let hour = now.hour();
        let mut found = Vec::new();
        for page in self.due_pages()?.into_iter().filter(|page| *page <= hour) {
            let has_ended =
                |(_, due): &(String, DueEntry)| due.ends_at().is_some_and(|end| end <= now);
            let ended = self.due(&page)?.into_iter().filter(has_ended);
            found.extend(ended.map(|(entry, due)| (DueKey { page: page.clone(), entry }, due)));
        }
        Ok(found)
    }

    /// The page as it was: entries of users that changed since are made again
    /// from what those users were.
    fn past_due(
        &self,
        page: &str,
        live: BTreeMap<String, DueEntry>,
    ) -> Result<BTreeMap<String, DueEntry>> {
        let mut then = live.clone();
        then.retain(|_, entry| !self.overlay.touches(PastKind::User, entry.login.as_str()));
        let went = |entry: &str| {
            self.overlay.due.get(&DueKey { page: page.to_owned(), entry: entry.to_owned() })
        };
        for (login, user) in self.touched_users()? {
            for (key, entry) in due::entries(&login, &user) {
                // One whose end had come and been recorded by then is neither here nor went since.
                let ahead = entry.ends_at().is_none_or(|end| end > self.head().at);
                if key.page == page
                    && (ahead || live.contains_key(&key.entry) || went(&key.entry).is_some())
                {
                    then.insert(key.entry, entry);
                }
            }
        }
        for (key, entry) in &self.overlay.due {
            if key.page == page && !self.overlay.touches(PastKind::User, entry.login.as_str()) {
                then.insert(key.entry.clone(), entry.clone());
            }
        }
        Ok(then)
    }

    /// The users that changed since, as they were; those who were not there left out.
    fn touched_users(&self) -> Result<Vec<(Login, User)>> {
        let mut users = Vec::new();
        for login in self.overlay.touched(PastKind::User) {
            let login: Login = from_value("audit", Value::String(login.to_owned()))?;
            if let Some(user) = self.user(&login)? {
                users.push((login, user));
            }
        }
        Ok(users)
    }
}

/// How an entry of the calendar and its user disagree.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Amiss {
    /// The user has it, and it has not ended.
    Missing,
    /// No user has it.
    Unknown,
    /// The user says something else.
    Differs,
}

/// Where the calendar and the users disagree at `now`; `ends` is what the users say. An entry
/// whose end has come may have been recorded, and be gone.
pub(crate) fn amiss(
    found: &BTreeMap<DueKey, DueEntry>,
    ends: &BTreeMap<DueKey, DueEntry>,
    now: Time,
) -> BTreeMap<DueKey, Amiss> {
    let there = found.iter().filter_map(|(key, entry)| match ends.get(key) {
        None => Some((key.clone(), Amiss::Unknown)),
        Some(own) if own != entry => Some((key.clone(), Amiss::Differs)),
        Some(_) => None,
    });
    let missing = ends.iter().filter(|(key, entry)| {
        entry.ends_at().is_none_or(|end| end > now) && !found.contains_key(*key)
    });
    there.chain(missing.map(|(key, _)| (key.clone(), Amiss::Missing))).collect()
}
