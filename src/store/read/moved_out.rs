//! Exceptions that ended long ago and left the lines of their users, read from the log
//! ([`crate::domain::moved_out`]).

use std::collections::{BTreeSet, HashMap};

use serde_json::Value;

use crate::domain::ids::{Login, UserId};
use crate::domain::model::{Exception, User};
use crate::domain::moved_out as rules;
use crate::domain::time::Time;
use crate::error::{Error, Result};

use super::view::View;
use crate::store::format::json;
use crate::store::format::log_line::DetailLine;
use crate::store::log::Record;

/// An exception that is in the audit log alone.
#[derive(Debug, Clone, PartialEq)]
pub struct MovedOut {
    /// Whose it was.
    pub user: UserId,
    /// Its number.
    pub number: u32,
    /// All of it.
    pub exception: Exception,
}

/// Of whom exceptions are sought in the log: the login now, and the numbers.
#[derive(Debug, Default)]
pub struct Sought {
    users: HashMap<UserId, BTreeSet<u32>>,
    logins: HashMap<Login, UserId>,
}

impl Sought {
    /// Seeks those of the exceptions of `user` that moved out and are `wanted`.
    pub fn add(&mut self, login: &Login, user: &User, wanted: impl Fn(u32) -> bool) {
        let numbers: BTreeSet<u32> = rules::missing(user).filter(|n| wanted(*n)).collect();
        if !numbers.is_empty() {
            self.users.insert(user.id.clone(), numbers);
            self.logins.insert(login.clone(), user.id.clone());
        }
    }

    /// Both together.
    #[must_use]
    pub fn plus(mut self, other: Sought) -> Sought {
        self.users.extend(other.users);
        self.logins.extend(other.logins);
        self
    }

    /// What one record says, of the records from the newest back: the logins are those after it,
    /// and then those before it.
    fn look(&mut self, record: &Record, found: &mut Vec<MovedOut>) -> Result<()> {
        let mut turns: Vec<(Login, Option<UserId>)> = Vec::new();
        // The exceptions of one account before and after the record, as far as it tells.
        let mut changed: HashMap<UserId, (Option<Value>, Option<Value>)> = HashMap::new();
        let mut lines = record.lines();
        while let Some(line) = lines.next_line()? {
            let bad = || {
                let message = format!("a detail of revision {} cannot be read", record.rev);
                Error::damaged("audit", message).command("audit verify")
            };
            let line = DetailLine::read(line).ok_or_else(bad)?;
            if line.object != "user" {
                continue;
            }
            let Ok(login) = Login::parse(&line.key) else { return Err(bad()) };
            let value = |text: &str| json::read::<Value>(text).map_err(|_| bad());
            let known = self.logins.get(&login);
            if line.before.get() == "null" {
                // It is another account's before, or nobody's.
                if let Some(id) = known.cloned() {
                    let after = value(line.after.get())?;
                    changed.entry(id).or_default().1 = after.get("exceptions").cloned();
                    turns.push((login, None));
                }
            } else if line.after.get() == "null" {
                let before = value(line.before.get())?;
                let id = before.get("id").and_then(Value::as_str);
                let id = id.and_then(|id| UserId::parse(id).ok()).ok_or_else(bad)?;
                if self.users.contains_key(&id) {
                    changed.entry(id.clone()).or_default().0 = before.get("exceptions").cloned();
                    turns.push((login, Some(id)));
                }
            } else if let Some(id) = known.cloned() {
                let (before, after) = (line.before.get(), line.after.get());
                if before.starts_with("{\"id\":") {
                    // The login went from one account to another at once.
                    let had = value(before)?.get("id").and_then(Value::as_str).map(UserId::parse);
                    turns.push((login, had.transpose().map_err(|_| bad())?));
                } else if before.contains("\"exceptions\"") {
                    let (before, after) = (value(before)?, value(after)?);
                    let exceptions = |value: &Value| value.get("exceptions").cloned();
                    changed.insert(id, (exceptions(&before), exceptions(&after)));
                }
            } else if line.before.get().starts_with("{\"id\":") {
                let had = value(line.before.get())?;
                let had =
                    had.get("id").and_then(Value::as_str).and_then(|id| UserId::parse(id).ok());
                turns.push((login, had));
            }
        }
        for (id, (before, after)) in changed {
            self.took(&id, record.at, before, after.as_ref(), found);
        }
        for (login, _) in &turns {
            self.logins.remove(login);
        }
        let had = turns.into_iter().filter_map(|(login, id)| Some((login, id?)));
        self.logins.extend(had.filter(|(_, id)| self.users.contains_key(id)));
        Ok(())
    }

    /// Takes what moved out: whole before, gone after, and ended long ago by then.
    fn took(
        &mut self,
        id: &UserId,
        at: Time,
        before: Option<Value>,
        after: Option<&Value>,
        found: &mut Vec<MovedOut>,
    ) {
        let (Some(numbers), Some(Value::Object(before))) = (self.users.get_mut(id), before) else {
            return;
        };
        for (number, value) in before {
            let gone = after.and_then(|after| after.get(&number)).is_none_or(Value::is_null);
            let Ok(number) = number.parse::<u32>() else { continue };
            if gone
                && numbers.contains(&number)
                && let Ok(exception) = serde_json::from_value::<Exception>(value)
                && rules::ended_long_ago(&exception, at)
            {
                numbers.remove(&number);
                found.push(MovedOut { user: id.clone(), number, exception });
            }
        }
        if numbers.is_empty() {
            self.users.remove(id);
        }
    }
}

impl View {
    /// The exceptions sought that moved out of the lines of their users, from the log. Those
    /// whose details were erased (`audit prune`) are nowhere.
    ///
    /// # Errors
    /// Damaged (7), system (8).
    pub fn moved_out(&self, mut sought: Sought) -> Result<Vec<MovedOut>> {
        let mut found = Vec::new();
        let mut records = self.records();
        while !sought.users.is_empty()
            && let Some(record) = records.next().transpose()?
        {
            sought.look(&record, &mut found)?;
        }
        Ok(found)
    }

    /// All exceptions that moved out, of every user of the state.
    ///
    /// # Errors
    /// As [`View::moved_out`].
    pub fn all_sought(&self) -> Result<Sought> {
        self.scan()?.only_lines(|line| line.contains("\"last_exception\":")).fold(
            Sought::default,
            |sought, login, user| {
                sought.add(login, user, |_| true);
                Ok(())
            },
            Sought::plus,
        )
    }
}
