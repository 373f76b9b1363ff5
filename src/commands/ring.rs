//! The sealing keys of the state, read where something is to be sealed or opened.

use super::session::Session;
use crate::env::KeyPlace;
use crate::error::{Error, Kind, Result};
use crate::secret::ring::KeyRing;
use crate::store::View;

/// The keys that this state's secrets are sealed with, compared with its check value.
///
/// # Errors
/// `no-key` (3) where the state has none yet; `key-file`, `key-unknown` or
/// `seal-broken` (7); system (8).
pub(super) fn read(session: &Session<'_>, view: &View) -> Result<KeyRing> {
    let Some(check) = view.key_check() else {
        let message = "this state has no sealing key yet, so it can keep no secret";
        return Err(Error::new(Kind::Refused, "no-key", message).command("key rotate"));
    };
    let ring = in_file(session.key_place())?.ok_or_else(|| missing(session.key_place()))?;
    ring.check(view.store_id(), check).map_err(|e| e.about(session.key_place().path.display()))?;
    Ok(ring)
}

/// The keys in the file, whatever they are for.
pub(super) fn in_file(place: &KeyPlace) -> Result<Option<KeyRing>> {
    let about = |e: Error| e.about(place.path.display());
    place.read()?.map(|bytes| KeyRing::parse(&bytes).map_err(about)).transpose()
}

/// The error of a key file that is not there and should be.
fn missing(place: &KeyPlace) -> Error {
    let path = place.path.display();
    Error::new(Kind::Damaged, "key-file", format!("the key file {path} is not there"))
        .about(path)
        .words("put it back from where it is kept, or name it with key_file in the configuration")
}

/// The key for a state that has none: the one in the file, or a new one that is not
/// in any file yet.
pub(super) fn first(session: &Session<'_>) -> Result<First> {
    let place = session.key_place();
    let there = in_file(place)?;
    let is_new = there.is_none();
    let ring = there.unwrap_or_else(|| KeyRing::generate(&mut session.random()));
    Ok(First { ring, is_new })
}

/// The first key of a state.
pub(super) struct First {
    /// The key.
    pub(super) ring: KeyRing,
    is_new: bool,
}

impl First {
    /// Writes it to its file, where it is not there yet: before the state that needs it
    /// counts. Should that come to nothing, the key waits there for the next attempt;
    /// it is never removed, for somebody else may use it by then.
    ///
    /// # Errors
    /// `exists` (3) where somebody else's key came there meanwhile; system (8).
    pub(super) fn write(&self, session: &Session<'_>) -> Result<()> {
        let place = session.key_place();
        if !self.is_new || place.make(self.ring.to_text().reveal().as_bytes())? {
            return Ok(());
        }
        let path = place.path.display();
        let message = format!("somebody else made the key file {path} at the same time");
        Err(Error::new(Kind::Refused, "exists", message).about(path).words("run it again"))
    }
}
