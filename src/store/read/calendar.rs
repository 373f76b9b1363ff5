//! The calendar of ends (`due/`), read: what ends on which page, and what has ended.

use std::collections::BTreeMap;

use memchr::memmem::Finder;
use serde_json::Value;

use crate::domain::due;
use crate::domain::due::{DueEntry, DueKey};
use crate::domain::ids::Login;
use crate::domain::model::User;
use crate::domain::time::Time;
use crate::error::Result;

use super::past::PastKind;
use super::view::{View, from_value};
use crate::store::format::keyed_lines::{bad_line, parse_line};
use crate::store::format::{header, keyed_lines, layout};

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
        let entries = self.due_where(page, |_| true)?;
        if self.overlay.is_empty() { Ok(entries) } else { self.past_due(page, entries) }
    }

    /// What has ended by `now` and still stands in the calendar.
    ///
    /// # Errors
    /// As [`View::operators`].
    pub fn ended(&self, now: Time) -> Result<Vec<(DueKey, DueEntry)>> {
        let mut found = Vec::new();
        for page in self.pages_until(now)? {
            for (entry, due) in self.ended_on(&page, now)? {
                found.push((DueKey { page: page.clone(), entry }, due));
            }
        }
        Ok(found)
    }

    /// Whether anything has ended by `now` and still stands in the calendar.
    ///
    /// # Errors
    /// As [`View::operators`].
    pub fn has_ended(&self, now: Time) -> Result<bool> {
        for page in self.pages_until(now)? {
            let any = match self.overlay.is_empty() {
                true => self.any_ended_on(&page, now)?,
                false => !self.ended_on(&page, now)?.is_empty(),
            };
            if any {
                return Ok(true);
            }
        }
        Ok(false)
    }

    /// Whether anything on a page as it is now has ended: looked through without keeping it,
    /// for mostly nothing has.
    fn any_ended_on(&self, page: &str, now: Time) -> Result<bool> {
        let Some(path) = layout::due(page) else { return Ok(false) };
        let (sought, mut ended) = (Ended::by(now), Ok(false));
        self.look_through(&path, |lines| {
            if let Ok(false) = ended {
                ended = sought.any_in(&path, lines);
            }
        })?;
        ended
    }

    /// The pages on which something may stand that has ended by `now`.
    fn pages_until(&self, now: Time) -> Result<impl Iterator<Item = String>> {
        let hour = now.hour();
        Ok(self.due_pages()?.into_iter().filter(move |page| *page <= hour))
    }

    /// What has ended by `now`, of one page.
    fn ended_on(&self, page: &str, now: Time) -> Result<BTreeMap<String, DueEntry>> {
        let sought = Ended::by(now);
        let mut entries = match self.overlay.is_empty() {
            true => self.due_where(page, |value| sought.may_be(value))?,
            false => self.due(page)?,
        };
        entries.retain(|_, due| due.ends_at().is_some_and(|end| end <= now));
        Ok(entries)
    }

    /// The entries of a page as it is now, of those whose text `wanted` wants.
    fn due_where(
        &self,
        page: &str,
        wanted: impl Fn(&str) -> bool,
    ) -> Result<BTreeMap<String, DueEntry>> {
        let mut entries = BTreeMap::new();
        let Some(path) = layout::due(page) else { return Ok(entries) };
        let Some(file) = self.file(&path)? else { return Ok(entries) };
        for line in keyed_lines::iterate(file.body()) {
            let (token, value) = line.map_err(|bad| bad_line(&path, bad))?;
            if wanted(value) {
                let key: String = parse_line(&path, token, token)?;
                let entry = parse_line(&path, &key, value)?;
                entries.insert(key, entry);
            }
        }
        Ok(entries)
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

/// What tells an entry that has ended from one that ends later: the page of a day holds
/// thousands that do, and their ends can be told without parsing them.
struct Ended {
    now: Time,
    instant: String,
    ends_at: Finder<'static>,
    until: Finder<'static>,
}

impl Ended {
    /// By `now`.
    fn by(now: Time) -> Ended {
        let [ends_at, until] = [r#""ends_at":""#, r#""until":""#].map(Finder::new);
        Ended { now, instant: now.to_string(), ends_at, until }
    }

    /// Whether anything in these lines has ended.
    fn any_in(&self, path: &str, lines: &[u8]) -> Result<bool> {
        let lines = std::str::from_utf8(lines).map_err(|_| header::no_utf8(path))?;
        for line in keyed_lines::iterate(lines) {
            let (token, value) = line.map_err(|bad| bad_line(path, bad))?;
            if self.may_be(value) {
                let entry: DueEntry = parse_line(path, token, value)?;
                if entry.ends_at().is_some_and(|end| end <= self.now) {
                    return Ok(true);
                }
            }
        }
        Ok(false)
    }

    /// Whether an entry written like this may have ended. A quote inside of a text is
    /// escaped, so that no text looks like a field.
    fn may_be(&self, value: &str) -> bool {
        let field = |name: &Finder<'_>| {
            let at = name.find(value.as_bytes())? + name.needle().len();
            value.get(at..at + self.instant.len())
        };
        let end = field(&self.ends_at).or_else(|| field(&self.until));
        end.is_none_or(|end| end <= self.instant.as_str() || !end.ends_with('Z'))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_what_surely_ends_later_is_passed_over() {
        let now = Time::parse_rfc3339("2026-11-22T14:00:00Z").unwrap();
        for (value, may) in [
            (r#"{"what":{"exception":{"ends_at":"2026-11-22T14:00:00Z"}}}"#, true),
            (r#"{"what":{"exception":{"ends_at":"2026-11-22T14:00:01Z"}}}"#, false),
            (r#"{"what":{"opt-out":{"opt_out":{"until":"2026-11-21T23:59:59Z"}}}}"#, true),
            (r#"{"what":{"opt-out":{"opt_out":{"until":"2027-01-01T00:00:00Z"}}}}"#, false),
            (
                r#"{"name":"\"until\":\"2027-01-01T00:00:00Z","ends_at":"2026-01-01T00:00:00Z"}"#,
                true,
            ),
            (r#"{"ends_at":"2026-11-22T15:30:00+02:00"}"#, true),
            ("{}", true),
            (r#"{"ends_at":"2026"#, true),
            (r#"{"ends_at":"+12026-11-22T14:00:00Z"}"#, true),
            ("", true),
        ] {
            assert_eq!(Ended::by(now).may_be(value), may, "{value}");
        }
    }
}
