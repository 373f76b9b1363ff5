//! The sealing keys of the state, read where something is to be sealed or opened.

use std::collections::BTreeSet;
use std::ops::ControlFlow;

use super::session::Session;
use crate::domain::ids::{Login, UserId};
use crate::env::{HeldKey, KeyPlace};
use crate::error::{Error, Kind, Result};
use crate::secret::ids::KeyId;
use crate::secret::line::{Owner, UserSecrets};
use crate::secret::ring::KeyRing;
use crate::secret::seal::Sealed;
use crate::store::View;

/// The keys that this state's secrets are sealed with, compared with its check value.
///
/// # Errors
/// `no-key` (3) where the state has none yet; `key-file`, `key-unknown` or
/// `seal-broken` (7); system (8).
pub(super) fn read(session: &Session<'_>, view: &View) -> Result<KeyRing> {
    let place = session.key_place();
    let check = check_value(view)?;
    let ring = in_file(place)?.ok_or_else(|| missing(place))?;
    compare(place, ring, view, check)
}

/// The same, in a file that nobody else changes until the second value is dropped.
///
/// # Errors
/// Busy (6); as [`read`].
pub(super) fn hold(session: &Session<'_>, view: &View) -> Result<(KeyRing, HeldKey)> {
    let place = session.key_place();
    let check = check_value(view)?;
    let held = place.hold(session.lock_timeout())?.ok_or_else(|| missing(place))?;
    let ring = parsed(place, held.bytes())?;
    Ok((compare(place, ring, view, check)?, held))
}

/// The check value of the state's key.
///
/// # Errors
/// `no-key` (3).
pub(super) fn check_value(view: &View) -> Result<&Sealed> {
    view.key_check().ok_or_else(|| {
        let message = "this state has no sealing key yet, so it can keep no secret";
        Error::new(Kind::Refused, "no-key", message).command("key rotate")
    })
}

fn compare(place: &KeyPlace, ring: KeyRing, view: &View, check: &Sealed) -> Result<KeyRing> {
    ring.check(view.store_id(), check).map_err(|e| e.about(place.path.display()))?;
    Ok(ring)
}

/// The keys in the file, whatever they are for.
pub(super) fn in_file(place: &KeyPlace) -> Result<Option<KeyRing>> {
    place.read()?.map(|bytes| parsed(place, &bytes)).transpose()
}

fn parsed(place: &KeyPlace, bytes: &[u8]) -> Result<KeyRing> {
    KeyRing::parse(bytes).map_err(|e| e.about(place.path.display()))
}

/// The keys that something of the state is sealed with.
pub(super) fn in_use(view: &View) -> Result<BTreeSet<KeyId>> {
    let mut found: BTreeSet<KeyId> =
        view.key_check().map(|check| check.key().clone()).into_iter().collect();
    view.each_secrets(|_, secrets| {
        found.extend(secrets.totps().map(|totp| totp.sealed().key().clone()));
        Ok(ControlFlow::Continue(()))
    })?;
    Ok(found)
}

/// Whether a secret is sealed with any key.
pub(super) fn seals_something(view: &View) -> Result<bool> {
    let mut found = false;
    view.each_secrets(|_, secrets| {
        found = secrets.totps().next().is_some();
        Ok(if found { ControlFlow::Break(()) } else { ControlFlow::Continue(()) })
    })?;
    Ok(found)
}

/// Every user of whom something is kept sealed, with whose it is.
pub(super) fn each_owned(
    view: &View,
    mut each: impl FnMut(&Login, Owner<'_>, &UserSecrets) -> Result<()>,
) -> Result<()> {
    view.each_secrets(|login, secrets| {
        let user: UserId = view
            .user(login)?
            .ok_or_else(|| {
                Error::damaged(login, format!("there are secrets of {login}, and no such user"))
            })?
            .id;
        each(login, Owner { store: view.store_id(), user: &user }, &secrets)?;
        Ok(ControlFlow::Continue(()))
    })
}

/// What is to be said of a state that came from elsewhere, where the key file does not
/// open all that is sealed in it.
pub(super) fn unopened(session: &Session<'_>, view: &View) -> Result<Option<String>> {
    if view.key_check().is_none() {
        return Ok(None);
    }
    let ring = match read(session, view) {
        Ok(ring) => ring,
        Err(error) => return Ok(Some(format!("secrets cannot be opened here yet: {error}"))),
    };
    let mut closed: Vec<Login> = Vec::new();
    each_owned(view, |login, owner, secrets| {
        if secrets.totps().any(|totp| totp.open(&ring, owner).is_err()) {
            closed.push(login.clone());
        }
        Ok(())
    })?;
    let first = closed.first();
    Ok(first.map(|first| {
        let (path, count) = (session.key_place().path.display(), closed.len());
        format!("the key file {path} does not open the secrets of {count}, {first} among them")
    }))
}

/// The error of a key file that is not there and should be.
fn missing(place: &KeyPlace) -> Error {
    let path = place.path.display();
    Error::new(Kind::Damaged, "key-file", format!("the key file {path} is not there"))
        .about(path)
        .words("put it back from where it is kept, or name it with key_file in the configuration")
        .words("lost for good: reset who has a secret, make a new key with key rotate, enrol anew")
}

/// The key for a state that has none: the one in the file, or a new one that is not
/// in any file yet.
pub(super) fn first(session: &Session<'_>) -> Result<FirstKey> {
    let place = session.key_place();
    let there = in_file(place)?;
    let is_new = there.is_none();
    let ring = there.unwrap_or_else(|| KeyRing::generate(&mut session.random()));
    Ok(FirstKey { ring, is_new })
}

/// The first key of a state.
pub(super) struct FirstKey {
    /// The key.
    pub(super) ring: KeyRing,
    is_new: bool,
}

impl FirstKey {
    /// What is to be said of a key that was there before the state: it is right where a
    /// first attempt was killed, or where somebody put it there, and to be known where
    /// it is another state's.
    pub(super) fn warning(&self, session: &Session<'_>) -> Option<String> {
        let place = session.key_place();
        let warns = !self.is_new && !place.credential;
        warns.then(|| {
            format!(
                "the key file {} was there already and is used as it is: where another state uses \
                 it too, never forget its old keys",
                place.path.display()
            )
        })
    }

    /// The error of a state that came to nothing after its key was written.
    pub(super) fn waits(&self, session: &Session<'_>, e: Error) -> Error {
        // If it is not known whether the state was made, the key must stay.
        if !self.is_new || e.kind == Kind::Unknown {
            return e;
        }
        let path = session.key_place().path.display();
        e.words(format!("the new key file {path} is there: the next attempt uses it"))
    }

    /// Writes it to its file, where it is not there yet: before the state that needs it
    /// counts. Should that come to nothing, the key waits there for the next attempt;
    /// it is never removed, for somebody else may use it by then.
    ///
    /// # Errors
    /// `exists` (3) where somebody else's key came there meanwhile; system (8).
    pub(super) fn write(&self, session: &Session<'_>) -> Result<()> {
        let place = session.key_place();
        if !self.is_new {
            return Ok(());
        }
        let text = self.ring.to_text();
        match place.make(text.reveal().as_bytes()) {
            Ok(true) => return Ok(()),
            Ok(false) => {}
            Err(e) => {
                let there = place.read().ok().flatten();
                let is_there =
                    there.is_some_and(|there| there.as_slice() == text.reveal().as_bytes());
                return Err(if is_there { self.waits(session, e) } else { e });
            }
        }
        let path = place.path.display();
        let message = format!("somebody else made the key file {path} at the same time");
        Err(Error::new(Kind::Refused, "exists", message)
            .about(path)
            .command("state info")
            .words("if no state was made with it, run it again"))
    }
}
