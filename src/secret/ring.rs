//! The keys that are in use together: the newest seals, all open.

use std::collections::BTreeSet;

use zeroize::Zeroizing;

use super::Random;
use super::ids::KeyId;
use super::key::{SealingKey, key_file};
use super::material::Revealed;
use super::seal::{Sealed, SecretPlace};
use crate::error::{Error, Kind, Result};

/// One key at least; the newest last.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct KeyRing {
    older: Vec<SealingKey>,
    newest: SealingKey,
}

/// What is sealed for the check value of `state.yaml`; known to everybody.
const CHECK: &[u8] = b"mfactl key check 1";
/// The field that the check value is sealed for.
const CHECK_FIELD: &str = "key-check";
/// Keys in one file: that in use, and those of fifteen rotations before it.
const MOST_KEYS: usize = 16;
/// Bytes of a key file that are looked at; longer ones are something else.
const LONGEST_FILE: usize = 16 * 1024;

impl KeyRing {
    /// A ring of this key.
    pub fn new(key: SealingKey) -> KeyRing {
        KeyRing { older: Vec::new(), newest: key }
    }

    /// A ring of one new key.
    pub fn generate(random: &mut Random<'_>) -> KeyRing {
        KeyRing::new(SealingKey::generate(random))
    }

    /// Reads a key file. Its owner and mode are the caller's to check.
    ///
    /// # Errors
    /// `key-file` (7), with the line, never with what stands in it.
    pub fn parse(file: &[u8]) -> Result<KeyRing> {
        if file.len() == SealingKey::BYTES
            && let Some(key) = SealingKey::from_raw(file)
        {
            return Ok(KeyRing::new(key));
        }
        if file.len() > LONGEST_FILE {
            return Err(key_file(format!("the key file is longer than {LONGEST_FILE} bytes")));
        }
        let text = std::str::from_utf8(file)
            .map_err(|_| key_file("the key file is neither text nor 32 bytes long".into()))?;
        let mut keys: Vec<SealingKey> = Vec::new();
        for (index, line) in text.lines().enumerate() {
            let line = line.trim();
            if line.is_empty() || line.starts_with('#') {
                continue;
            }
            let key = SealingKey::from_line(line, index + 1)?;
            if keys.contains(&key) {
                return Err(key_file(format!("the key file has the key {} twice", key.id())));
            }
            keys.push(key);
        }
        if keys.len() > MOST_KEYS {
            return Err(key_file(format!("the key file has more than {MOST_KEYS} keys")));
        }
        let newest = keys.pop().ok_or_else(|| key_file("the key file has no key".into()))?;
        Ok(KeyRing { older: keys, newest })
    }

    /// The text of a key file with these keys.
    pub fn to_text(&self) -> Revealed {
        let mut text = String::with_capacity(256 + 128 * (self.older.len() + 1));
        text.push_str(
            "# Sealing keys of mfactl. Keep this file secret (mode 0400) and a copy of it\n",
        );
        text.push_str("# apart from the state and its backups. The last key seals, all open.\n");
        for key in self.keys() {
            text.push_str(&key.line());
            text.push('\n');
        }
        Revealed::new(text)
    }

    /// Every key, the newest last.
    pub fn keys(&self) -> impl Iterator<Item = &SealingKey> {
        self.older.iter().chain(std::iter::once(&self.newest))
    }

    /// The key that seals.
    pub fn newest(&self) -> &SealingKey {
        &self.newest
    }

    /// This ring with a new key that seals from now on.
    #[must_use]
    pub fn with_new_key(&self, random: &mut Random<'_>) -> KeyRing {
        let new = (0..64)
            .map(|_| SealingKey::generate(random))
            .find(|new| self.keys().all(|key| key != new))
            .expect("only a source frozen for a test repeats itself, and not for so long");
        KeyRing { older: self.keys().cloned().collect(), newest: new }
    }

    /// The ring of a rotation, which keeps every key. Where nothing of the state is sealed
    /// with the newest (`in_use` are the keys that something is sealed with), a rotation
    /// that was broken off left it, and it is taken instead of one more.
    ///
    /// # Errors
    /// `key-file-full` (3).
    pub fn rotated(&self, in_use: &BTreeSet<KeyId>, random: &mut Random<'_>) -> Result<KeyRing> {
        if !in_use.contains(self.newest.id()) {
            return Ok(self.clone());
        }
        self.room_for_one_more()?;
        Ok(self.with_new_key(random))
    }

    /// The ring of a rotation that forgets: the keys that something of the state is sealed
    /// with, and always a new one.
    ///
    /// # Errors
    /// `key-file-full` (3).
    pub fn renewed(&self, in_use: &BTreeSet<KeyId>, random: &mut Random<'_>) -> Result<KeyRing> {
        let new = self.with_new_key(random).newest;
        let mut older: Vec<SealingKey> = self.keys().cloned().collect();
        older.retain(|key| in_use.contains(key.id()));
        let ring = KeyRing { older, newest: new };
        if ring.keys().count() > MOST_KEYS {
            self.room_for_one_more()?
        }
        Ok(ring)
    }

    fn room_for_one_more(&self) -> Result<()> {
        if self.keys().count() < MOST_KEYS {
            return Ok(());
        }
        let message = format!("the key file has {MOST_KEYS} keys, which is as many as it may");
        Err(Error::new(Kind::Refused, "key-file-full", message).command("key rotate --forget-old"))
    }

    /// A ring of the newest key alone, which opens nothing that another one sealed.
    #[must_use]
    pub fn newest_alone(&self) -> KeyRing {
        KeyRing::new(self.newest.clone())
    }

    /// Seals `plaintext` for `place` with the newest key.
    pub fn seal(
        &self,
        place: &SecretPlace<'_>,
        plaintext: &[u8],
        random: &mut Random<'_>,
    ) -> Sealed {
        Sealed::seal(&self.newest, place, plaintext, random)
    }

    /// Opens what was sealed for `place`.
    ///
    /// # Errors
    /// `key-unknown` (7) where no key of the ring sealed it; `seal-broken` (7) where it was
    /// changed, or sealed for another place.
    pub fn open(&self, place: &SecretPlace<'_>, sealed: &Sealed) -> Result<Zeroizing<Vec<u8>>> {
        sealed.open(self.key(sealed.key(), place)?, place)
    }

    /// The same sealed with the newest key; `None` where it is already.
    ///
    /// # Errors
    /// As [`KeyRing::open`].
    pub fn reseal(
        &self,
        place: &SecretPlace<'_>,
        sealed: &Sealed,
        random: &mut Random<'_>,
    ) -> Result<Option<Sealed>> {
        if sealed.key() == self.newest.id() {
            return Ok(None);
        }
        let plaintext = self.open(place, sealed)?;
        Ok(Some(self.seal(place, &plaintext, random)))
    }

    /// The check value for `state.yaml`: sealed with the newest key.
    pub fn check_value(&self, store: &str, random: &mut Random<'_>) -> Sealed {
        self.seal(&check_place(store), CHECK, random)
    }

    /// Whether this is the ring of the state whose check value this is; asked before
    /// anything is written.
    ///
    /// # Errors
    /// `key-unknown` or `seal-broken` (7).
    pub fn check(&self, store: &str, value: &Sealed) -> Result<()> {
        let opened = self.open(&check_place(store), value)?;
        if opened.as_slice() == CHECK {
            return Ok(());
        }
        Err(Error::new(
            Kind::Damaged,
            "seal-broken",
            "the check value of the key says something else",
        ))
    }

    fn key(&self, id: &KeyId, place: &SecretPlace<'_>) -> Result<&SealingKey> {
        self.keys().find(|key| key.id() == id).ok_or_else(|| {
            let known: Vec<&str> = self.keys().map(|key| key.id().as_str()).collect();
            let message = format!(
                "{place} is sealed with the key {id}; the key file has {}",
                known.join(", ")
            );
            Error::new(Kind::Damaged, "key-unknown", message)
                .words("point key_file of the configuration at the key file of this state")
        })
    }
}

fn check_place(store: &str) -> SecretPlace<'_> {
    SecretPlace { store, user: None, field: CHECK_FIELD }
}

#[cfg(test)]
mod tests {
    use super::super::seal::tests::counting;
    use super::*;
    use proptest::prelude::*;

    #[test]
    fn a_key_file_comes_back_from_its_text() {
        let mut random = counting();
        let ring = KeyRing::generate(&mut random).with_new_key(&mut random);
        let text = ring.to_text();
        assert_eq!(KeyRing::parse(text.reveal().as_bytes()).unwrap(), ring);
        assert_eq!(ring.newest_alone().keys().count(), 1);
        assert!(!format!("{ring:?}").contains("0102030405"));
    }

    #[test]
    fn a_raw_key_is_32_bytes() {
        let raw: Vec<u8> = (1..=32).collect();
        assert_eq!(KeyRing::parse(&raw).unwrap().newest().bytes().as_slice(), raw);
        for wrong in [&[0_u8; 32][..], &[7; 32], &raw[..31], b"", b"# nothing\n"] {
            assert_eq!(KeyRing::parse(wrong).unwrap_err().code, "key-file");
        }
    }

    #[test]
    fn a_line_that_is_wrong_is_named_and_not_shown() {
        let ring = KeyRing::generate(&mut counting());
        let text = ring.to_text().reveal().to_owned();
        for (from, to) in
            [("mfactl-key-1 ", "key "), ("0a0b", "0a0c"), ("0a0b", "0a"), ("k_", "k_2")]
        {
            let error = KeyRing::parse(text.replacen(from, to, 1).as_bytes()).unwrap_err();
            assert!(error.message.contains("line 3"), "{}", error.message);
            assert!(!error.message.contains("0102030405"), "{}", error.message);
        }
        let twice = format!("{text}{}", text.lines().last().unwrap());
        assert!(KeyRing::parse(twice.as_bytes()).unwrap_err().message.contains("twice"));
    }

    #[test]
    fn the_check_value_finds_a_wrong_key() {
        let mut random = counting();
        let ring = KeyRing::generate(&mut random);
        let value = ring.check_value("s_1", &mut random);
        ring.check("s_1", &value).unwrap();
        ring.with_new_key(&mut random).check("s_1", &value).unwrap();
        assert_eq!(ring.check("s_2", &value).unwrap_err().code, "seal-broken");
        let other = KeyRing::generate(&mut random);
        assert_eq!(other.check("s_1", &value).unwrap_err().code, "key-unknown");
    }

    #[test]
    fn rotation_seals_anew_and_then_drops_the_old_key() {
        let mut random = counting();
        let old = KeyRing::generate(&mut random);
        let place = SecretPlace { store: "s_1", user: None, field: "x" };
        let sealed = old.seal(&place, b"secret", &mut random);
        assert!(old.reseal(&place, &sealed, &mut random).unwrap().is_none());
        let both = old.with_new_key(&mut random);
        let anew = both.reseal(&place, &sealed, &mut random).unwrap().unwrap();
        let new = both.newest_alone();
        assert_eq!(new.open(&place, &anew).unwrap().as_slice(), b"secret");
        assert_eq!(new.open(&place, &sealed).unwrap_err().code, "key-unknown");
    }

    fn ids<'a>(keys: impl Iterator<Item = &'a SealingKey>) -> BTreeSet<KeyId> {
        keys.map(|key| key.id().clone()).collect()
    }

    #[test]
    fn a_rotation_keeps_every_key_and_takes_one_that_is_waiting() {
        let mut random = counting();
        let one = KeyRing::generate(&mut random);
        let in_use = ids(one.keys());
        let two = one.rotated(&in_use, &mut random).unwrap();
        assert_eq!(two.keys().count(), 2);
        assert_ne!(two.newest(), one.newest());
        // Broken off: everything is sealed with the old key still.
        assert_eq!(two.rotated(&in_use, &mut random).unwrap(), two);
        // One secret with the newest is enough for another one.
        assert_eq!(two.rotated(&ids(two.keys()), &mut random).unwrap().keys().count(), 3);
        // To forget means a new one whatever is waiting, and no key but those in use.
        let renewed = two.renewed(&in_use, &mut random).unwrap();
        assert_eq!(renewed.keys().count(), 2);
        assert!(renewed.keys().any(|key| key == one.newest()));
        assert!(two.keys().all(|key| key != renewed.newest()));
    }

    #[test]
    fn a_full_key_file_takes_no_other_key_until_the_old_ones_are_forgotten() {
        let mut drawn = 0_u64;
        let mut random = |buffer: &mut [u8]| {
            drawn += 1;
            buffer.fill(0);
            buffer[..8].copy_from_slice(&drawn.to_le_bytes());
        };
        let mut ring = KeyRing::generate(&mut random);
        while let Ok(more) = ring.rotated(&ids([ring.newest()].into_iter()), &mut random) {
            ring = more;
        }
        assert_eq!(ring.keys().count(), MOST_KEYS);
        assert_eq!(KeyRing::parse(ring.to_text().reveal().as_bytes()).unwrap(), ring);
        let in_use = ids([ring.newest()].into_iter());
        assert_eq!(ring.rotated(&in_use, &mut random).unwrap_err().code, "key-file-full");
        assert_eq!(ring.renewed(&in_use, &mut random).unwrap().keys().count(), 2);
        assert_eq!(ring.renewed(&ids(ring.keys()), &mut random).unwrap_err().code, "key-file-full");
    }

    #[test]
    fn a_source_that_repeats_itself_gives_no_key_twice() {
        let ring = KeyRing::generate(&mut counting());
        let again = ring.with_new_key(&mut counting());
        assert_ne!(again.newest(), ring.newest());
    }

    proptest! {
        #[test]
        fn any_file_is_read_or_refused(file in proptest::collection::vec(any::<u8>(), 0..200)) {
            let _ = KeyRing::parse(&file);
        }

        #[test]
        fn any_line_is_read_or_refused(line in "mfactl-key-1 k_[a-z2-7]{12,14} [0-9a-fA-F]{60,66}[ -~]{0,3}") {
            let _ = KeyRing::parse(line.as_bytes());
        }
    }
}
