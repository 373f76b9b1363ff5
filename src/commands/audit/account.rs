//! One account through the whole log, walked back from now: it is known by its id, and by
//! the login that it had at the time.

use serde_json::Value;

use super::is_about;
use crate::domain::ids::{Login, UserId, UserRef};
use crate::domain::scope::Key;
use crate::error::{Error, Result};
use crate::store::{Detail, Record, View};

/// An account, as it was when the record that is looked at was made.
pub(super) struct AuditedAccount {
    id: UserId,
    /// Its login then; none before it was added and after it was removed.
    login: Option<Login>,
    /// The login that it was asked for by.
    asked: Option<Login>,
    /// The newest record that is about another account that had this login.
    other: Option<(u64, Option<UserId>)>,
    found: bool,
}

impl AuditedAccount {
    /// The account that is meant; none where a login is named that no account has now.
    pub(super) fn find(view: &View, user: &UserRef) -> Result<Option<AuditedAccount>> {
        let account =
            |id, login, asked| AuditedAccount { id, login, asked, other: None, found: false };
        let login = match user {
            UserRef::Id(id) => {
                let login = view.owner(&Key::Id(id.clone()))?;
                return Ok(Some(account(id.clone(), login, None)));
            }
            UserRef::Login(login) => Some(login.clone()),
            UserRef::Mail(mail) => view.owner(&Key::mail(mail))?,
        };
        let Some(login) = login else { return Ok(None) };
        let user = view.user(&login)?;
        Ok(user.map(|user| account(user.id, Some(login.clone()), Some(login))))
    }

    /// What the next older record says of the account.
    pub(super) fn details(&mut self, record: &Record) -> Result<Vec<Detail>> {
        let (mut mine, mut rest) = (Vec::new(), Vec::new());
        let mut earlier = None;
        for detail in record.details() {
            let detail = detail?;
            match whole(&detail) {
                Some(user) if user["id"] == self.id.as_str() => {
                    // A rename takes the account away under one login and brings it under
                    // another: before it, it had the one that was taken away.
                    if detail.after.is_null() {
                        earlier = Some(Login::parse(&detail.key).ok());
                    } else {
                        earlier.get_or_insert(None);
                    }
                    mine.push(detail);
                }
                Some(user) => {
                    let id = user["id"].as_str().and_then(|id| UserId::parse(id).ok());
                    self.note_other(&detail, record.rev, id);
                }
                None => rest.push(detail),
            }
        }
        let before = earlier.clone().flatten();
        for detail in rest {
            let whose = [&self.login, &before].into_iter().flatten();
            if whose.into_iter().any(|login| is_about(&detail, login)) {
                mine.push(detail);
            } else {
                self.note_other(&detail, record.rev, None);
            }
        }
        self.login = earlier.unwrap_or(self.login.take());
        self.found |= !mine.is_empty();
        Ok(mine)
    }

    fn note_other(&mut self, detail: &Detail, rev: u64, id: Option<UserId>) {
        let other = self.asked.as_ref().is_some_and(|asked| is_about(detail, asked));
        if other && self.other.is_none() {
            self.other = Some((rev, id));
        }
    }

    /// Whether the log knows the account, as far as it was read.
    pub(super) fn was_found(&self) -> bool {
        self.found || self.login.is_some()
    }

    /// The error of an account that neither the state nor the log knows.
    pub(super) fn missing(&self) -> Error {
        let id = format!("id:{}", self.id);
        Error::not_found(&id, format!("no user {id}")).command(format!("user find {}", self.id))
    }

    /// Words for whoever asked by a login that another account had before.
    pub(super) fn reused(&self) -> Option<String> {
        let (login, (rev, id)) = (self.asked.as_ref()?, self.other.as_ref()?);
        let of =
            id.as_ref().map_or(String::new(), |id| format!(": mfactl audit log --user id:{id}"));
        Some(format!("until revision {rev} another account had the login {login}{of}"))
    }
}

/// The user whom a detail brings or takes away, as a whole.
fn whole(detail: &Detail) -> Option<&Value> {
    match (detail.object.as_str(), &detail.before, &detail.after) {
        ("user", Value::Null, user @ Value::Object(_)) => Some(user),
        ("user", user @ Value::Object(_), Value::Null) => Some(user),
        _ => None,
    }
}
