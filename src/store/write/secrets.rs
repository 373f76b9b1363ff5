//! `secrets/`: the encrypted secrets of each user, and the check value of the key. They follow
//! the account: a rename takes them along, a removal or a reset drops them.

use std::collections::HashMap;
use std::ops::ControlFlow;

use crate::domain::ids::{Login, UserId};
use crate::domain::model::{Enrolment, MethodKind, User};
use crate::domain::outcome::Object;
use crate::error::Result;
use crate::secret::line::UserSecrets;
use crate::secret::seal::Sealed as SealedText;

use crate::store::format::keyed_lines;
use crate::store::format::keyed_lines::{bad_line, parse_line};
use crate::store::format::layout::Sharded;
use crate::store::{Transaction, View};

impl View {
    /// What the right encryption key must open; `None` if the state has no key yet.
    pub fn key_check(&self) -> Option<&SealedText> {
        self.base.state.key_check.as_ref()
    }

    /// The encrypted secrets of a user, as they are now: they have no past.
    ///
    /// # Errors
    /// As [`View::operators`].
    pub fn secrets(&self, login: &Login) -> Result<Option<UserSecrets>> {
        let path = self.base.fan_out.path_of(Sharded::Secrets, login.as_str());
        let line = self.line(&path, login.as_str())?;
        line.map(|line| parse_line(&path, login.as_str(), &line)).transpose()
    }

    /// Every user who has encrypted secrets, in the order of the files.
    ///
    /// # Errors
    /// As [`View::operators`], and what `each` says.
    pub fn each_secrets(
        &self,
        mut each: impl FnMut(&Login, UserSecrets) -> Result<ControlFlow<()>>,
    ) -> Result<()> {
        let fan_out = self.base.fan_out;
        for shard in 0..fan_out.shards() {
            let path = fan_out.path(Sharded::Secrets, shard);
            let Some(file) = self.file(&path)? else { continue };
            for line in keyed_lines::iterate(file.body()) {
                let (token, value) = line.map_err(|bad| bad_line(&path, bad))?;
                let login: Login = parse_line(&path, token, token)?;
                if each(&login, parse_line(&path, login.as_str(), value)?)?.is_break() {
                    return Ok(());
                }
            }
        }
        Ok(())
    }
}

impl Transaction {
    /// The encrypted secrets of a user, as staged.
    ///
    /// # Errors
    /// As [`View::operators`].
    pub fn secrets(&self, login: &Login) -> Result<Option<UserSecrets>> {
        match self.stage.secrets.get(login) {
            Some(line) => line.as_deref().map(|line| parse_line("stage", login.as_str(), line)),
            None => return self.view.secrets(login),
        }
        .transpose()
    }

    /// Stages the encrypted secrets of a user.
    pub fn keep_secrets(&mut self, login: &Login, secrets: &UserSecrets) {
        let line = (!secrets.is_empty())
            .then(|| serde_json::to_string(secrets).expect("secrets are plain data"));
        self.stage.secrets.insert(login.clone(), line);
    }

    /// Stages the check value of a new encryption key.
    pub fn keep_key_check(&mut self, check: SealedText) {
        self.stage.key_check = Some(check);
    }

    /// Stages what happens to the secrets of these users, so that no change of an account has to
    /// do it.
    pub(crate) fn follow(&mut self, objects: &[Object]) -> Result<()> {
        let mut gone: HashMap<UserId, UserSecrets> = HashMap::new();
        for object in objects {
            let Object::User { login, before: Some(before), after } = object else { continue };
            let same = after.as_ref().is_some_and(|after| after.enrolment == before.enrolment);
            if same || !has_local(&before.enrolment) {
                continue;
            }
            let Some(mut secrets) = self.secrets(login)? else { continue };
            match after {
                Some(after) => {
                    if trim(&mut secrets, after) {
                        self.keep_secrets(login, &secrets);
                    }
                }
                None => {
                    self.keep_secrets(login, &UserSecrets::default());
                    gone.insert(before.id.clone(), secrets);
                }
            }
        }
        for object in objects {
            let Object::User { login, before: None, after: Some(after) } = object else { continue };
            if let Some(mut secrets) = gone.remove(&after.id) {
                trim(&mut secrets, after);
                self.keep_secrets(login, &secrets);
            }
        }
        Ok(())
    }
}

/// Whether this enrolment has encrypted secrets.
fn has_local(enrolment: &Enrolment) -> bool {
    has_current(enrolment) || enrolment.pending.is_some()
}

/// Whether the secret of the method in use is kept here.
pub(crate) fn has_current(enrolment: &Enrolment) -> bool {
    enrolment.current.as_ref().is_some_and(|current| current.method == MethodKind::Totp)
}

/// Drops what the account no longer uses; returns whether there was anything.
fn trim(secrets: &mut UserSecrets, user: &User) -> bool {
    let before = secrets.clone();
    if !has_current(&user.enrolment) {
        secrets.current = None;
        secrets.recovery = None;
    }
    if user.enrolment.pending.is_none() {
        secrets.pending = None;
        secrets.replaced = None;
    }
    *secrets != before
}
