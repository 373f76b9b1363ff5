//! What was true in the past: backwards from the live files, over what the
//! details of later records say was there before.

use std::collections::{BTreeMap, HashMap};
use std::sync::Arc;

use serde_json::Value;

use crate::domain::due::{DueEntry, DueKey};
use crate::domain::outcome::patch;
use crate::error::{Error, Result};

use super::at::{At, Head};
use super::revision::Base;
use crate::store::format::json;
use crate::store::format::log_line::DetailLine;
use crate::store::log::raw_backward;

/// What was there before the records that came since, object by object. The
/// live object is not read before it is asked for.
#[derive(Default)]
pub(crate) struct Overlay {
    /// Merge patches by kind and key, those of the last record first.
    patches: HashMap<(PastKind, String), Vec<Box<str>>>,
    /// Entries of the calendar whose end was recorded since.
    pub(crate) due: BTreeMap<DueKey, DueEntry>,
}

/// The kinds of objects that have a past.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub(crate) enum PastKind {
    /// A user, by login.
    User,
    /// An org, by id.
    Org,
    /// An operator, by name.
    Operator,
    /// An entry of a policy, as the audit names it.
    Policy,
}

impl Overlay {
    /// Reads the log backwards to `at`.
    pub(crate) fn read(base: &Arc<Base>, at: At) -> Result<(Overlay, Head)> {
        let mut overlay = Overlay::default();
        for raw in raw_backward(Arc::clone(&base.disk), &base.tail) {
            let raw = raw?;
            let reached = match at {
                At::Rev(rev) => raw.commit.rev <= rev,
                At::Time(time) => raw.commit.at <= time,
            };
            if reached {
                let head =
                    Head { rev: raw.commit.rev, at: raw.commit.at, hash: raw.hash.to_string() };
                return overlay.found(base, at, head);
            }
            let mut count = 0;
            let mut lines = raw.details.lines();
            while let Some(line) = lines.next_line()? {
                count += 1;
                overlay.add(line, raw.commit.rev)?;
            }
            if count != raw.commit.details.lines {
                let message = format!(
                    "{} is earlier than pruned: the details of revision {} were erased",
                    at_text(at),
                    raw.commit.rev
                );
                return Err(Error::not_found(at_text(at), message).command("audit verify"));
            }
        }
        Err(Error::not_found(at_text(at), format!("there was no state at {}", at_text(at))))
    }

    fn found(self, base: &Base, at: At, head: Head) -> Result<(Overlay, Head)> {
        match at {
            At::Rev(rev) if rev > base.rev() => {
                let message = format!("there is no revision {rev}: the last is {}", base.rev());
                Err(Error::not_found(rev, message))
            }
            _ => Ok((self, head)),
        }
    }

    fn add(&mut self, line: &[u8], rev: u64) -> Result<()> {
        let bad = || {
            Error::damaged("audit", format!("a detail of revision {rev} cannot be read"))
                .command("audit verify")
        };
        let line = DetailLine::read(line).ok_or_else(bad)?;
        let kind = match &*line.object {
            "user" => PastKind::User,
            "org" => PastKind::Org,
            "operator" => PastKind::Operator,
            "policy" => PastKind::Policy,
            "due" => {
                // Of one entry that went twice, the older going counts.
                if let Some((page, entry)) = line.key.split_once(' ')
                    && let Ok(was) = json::read(line.before.get())
                {
                    let key = DueKey { page: page.to_owned(), entry: entry.to_owned() };
                    self.due.insert(key, was);
                }
                return Ok(());
            }
            _ => return Ok(()),
        };
        let patches = self.patches.entry((kind, line.key.into_owned())).or_default();
        if line.before.get() == "null" {
            // Whatever it is now, it was not there: later patches count for nothing.
            patches.clear();
        }
        patches.push(line.before.get().into());
        Ok(())
    }

    /// Whether nothing that is asked for has changed since.
    pub(crate) fn is_empty(&self) -> bool {
        self.patches.is_empty() && self.due.is_empty()
    }

    /// Whether the object changed since.
    pub(crate) fn touches(&self, kind: PastKind, key: &str) -> bool {
        self.patches.contains_key(&(kind, key.to_owned()))
    }

    /// The keys of all objects of a kind that changed since, sorted.
    pub(crate) fn touched(&self, kind: PastKind) -> Vec<&str> {
        let keys = self.patches.keys().filter(|(of, _)| *of == kind);
        let mut keys: Vec<&str> = keys.map(|(_, key)| key.as_str()).collect();
        keys.sort_unstable();
        keys
    }

    /// What the object was: `live` is what it is, null where it is not there.
    pub(crate) fn apply(&self, kind: PastKind, key: &str, mut live: Value) -> Result<Value> {
        for before in self.patches.get(&(kind, key.to_owned())).into_iter().flatten() {
            let before: Value = json::read(before)
                .map_err(|e| Error::damaged("audit", format!("a detail of {key}: {e}")))?;
            patch(&mut live, &before);
        }
        Ok(live)
    }
}

fn at_text(at: At) -> String {
    match at {
        At::Rev(rev) => format!("revision {rev}"),
        At::Time(time) => time.to_string(),
    }
}
