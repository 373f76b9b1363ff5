//! A set of recovery codes as it is kept: its id and ten hashes. Which of them are
//! used is kept with the sign-in state.

use std::fmt;

use argon2::password_hash::{PasswordHasher, PasswordVerifier};
use argon2::{Argon2, Params, PasswordHash};
use serde::{Deserialize, Deserializer, Serialize, Serializer};

use super::{CODES, RecoveryCode};
use crate::error::{Error, Kind, Result};
use crate::secret::Random;
use crate::secret::ids::SetId;

/// Memory of Argon2id in KiB: 19 MiB, with [`PASSES`] and one lane (OWASP Password
/// Storage Cheat Sheet, Argon2id).
const MEMORY: u32 = 19 * 1024;
/// Passes over it.
const PASSES: u32 = 2;
/// Bytes of salt (RFC 9106 §3.1 recommends 16).
const SALT: usize = 16;
/// The most memory that a hash in a file may ask for, in KiB: a file edited by hand
/// must not make a sign-in take gigabytes.
const MOST_MEMORY: u32 = 256 * 1024;
/// The most passes that a hash in a file may ask for.
const MOST_PASSES: u32 = 16;
/// The longest text of a hash.
const LONGEST_HASH: usize = 200;

/// The hashes of one set, by place.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct RecoverySet {
    /// New codes have a new id, so that used marks of older ones count for nothing.
    pub id: SetId,
    hashes: Vec<CodeHash>,
}

impl RecoverySet {
    /// A new set, and its codes to be shown once. Costs ten hashes (about 0.3 s).
    pub fn generate(random: &mut Random<'_>) -> (RecoverySet, Vec<RecoveryCode>) {
        let id = SetId::generate(random);
        let codes: Vec<RecoveryCode> =
            (0..CODES).map(|place| RecoveryCode::generate(place, random)).collect();
        let hashes = codes.iter().map(|code| CodeHash::of(code, random)).collect();
        (RecoverySet { id, hashes }, codes)
    }

    /// Whether the code is the one at its place, used or not. Costs one hash (about 30 ms).
    ///
    /// # Errors
    /// `damaged` (7) where the kept hash cannot be computed.
    pub fn has(&self, code: &RecoveryCode) -> Result<bool> {
        let hash = self.hashes.get(usize::from(code.place()));
        hash.map_or(Ok(false), |hash| hash.fits(code))
    }

    /// How many codes are left, where `used` are the marks of this set.
    pub fn left(&self, used: UsedPlaces) -> u8 {
        let places = u8::try_from(self.hashes.len()).unwrap_or(CODES).min(CODES);
        (0..places).filter(|place| !used.has(*place)).count() as u8
    }
}

/// An Argon2id hash in the PHC string format.
#[derive(Clone, PartialEq, Eq)]
struct CodeHash(String);

impl CodeHash {
    fn of(code: &RecoveryCode, random: &mut Random<'_>) -> CodeHash {
        let mut salt = [0; SALT];
        random(&mut salt);
        let params = Params::new(MEMORY, PASSES, 1, None).expect("these are within RFC 9106");
        let hash = Argon2::from(params)
            .hash_password_with_salt(code.bytes(), &salt)
            .expect("a short code and a salt of 16 bytes can be hashed");
        CodeHash(hash.to_string())
    }

    fn fits(&self, code: &RecoveryCode) -> Result<bool> {
        use argon2::password_hash::Error as HashError;
        let damaged = || {
            Error::new(Kind::Damaged, "damaged", "the hash of a recovery code cannot be computed")
        };
        let hash = PasswordHash::new(&self.0).map_err(|_| damaged())?;
        match Argon2::default().verify_password(code.bytes(), &hash) {
            Ok(()) => Ok(true),
            Err(HashError::PasswordInvalid) => Ok(false),
            Err(_) => Err(damaged()),
        }
    }

    /// Argon2id of a cost that a sign-in can bear.
    fn parse(text: &str) -> Option<CodeHash> {
        let hash = PasswordHash::new(text).ok().filter(|_| text.len() <= LONGEST_HASH)?;
        let params = Params::try_from(&hash).ok()?;
        let fits = hash.algorithm.as_str() == "argon2id"
            && hash.salt.is_some()
            && hash.hash.is_some()
            && params.m_cost() <= MOST_MEMORY
            && params.t_cost() <= MOST_PASSES
            && params.p_cost() <= 4;
        fits.then(|| CodeHash(text.to_owned()))
    }
}

impl fmt::Debug for CodeHash {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("CodeHash(…)")
    }
}

impl Serialize for CodeHash {
    fn serialize<S: Serializer>(&self, serializer: S) -> std::result::Result<S::Ok, S::Error> {
        serializer.serialize_str(&self.0)
    }
}

impl<'de> Deserialize<'de> for CodeHash {
    fn deserialize<D: Deserializer<'de>>(
        deserializer: D,
    ) -> std::result::Result<CodeHash, D::Error> {
        let text = <std::borrow::Cow<'de, str>>::deserialize(deserializer)?;
        CodeHash::parse(&text).ok_or_else(|| serde::de::Error::custom("not an Argon2id hash"))
    }
}

/// Which codes of a set are used. In files the list of their places.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct UsedPlaces(u16);

impl UsedPlaces {
    /// Whether none is.
    pub fn is_empty(&self) -> bool {
        self.0 == 0
    }

    /// Whether the code at `place` is used; beyond the set, always.
    pub fn has(self, place: u8) -> bool {
        place >= CODES || self.0 & (1 << place) != 0
    }

    /// With the code at `place` used.
    #[must_use]
    pub fn with(self, place: u8) -> UsedPlaces {
        if place < CODES { UsedPlaces(self.0 | (1 << place)) } else { self }
    }

    /// All of them: for codes that must not count any more.
    pub fn all() -> UsedPlaces {
        (0..CODES).fold(UsedPlaces::default(), UsedPlaces::with)
    }
}

impl Serialize for UsedPlaces {
    fn serialize<S: Serializer>(&self, serializer: S) -> std::result::Result<S::Ok, S::Error> {
        serializer.collect_seq((0..CODES).filter(|place| self.has(*place)))
    }
}

impl<'de> Deserialize<'de> for UsedPlaces {
    fn deserialize<D: Deserializer<'de>>(
        deserializer: D,
    ) -> std::result::Result<UsedPlaces, D::Error> {
        let places = Vec::<u8>::deserialize(deserializer)?;
        let mut used = UsedPlaces::default();
        for place in places {
            if used.has(place) {
                return Err(serde::de::Error::custom("no place in a set, or twice the same"));
            }
            used = used.with(place);
        }
        Ok(used)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::secret::seal::tests::counting;

    #[test]
    fn each_code_is_of_its_set_and_has_its_place() {
        let (set, codes) = RecoverySet::generate(&mut counting());
        assert_eq!(codes.len(), 10);
        let mut used = UsedPlaces::default();
        for (place, code) in (0..).zip(&codes) {
            assert_eq!(set.left(used), 10 - place);
            assert!(set.has(code).unwrap() && code.place() == place && !used.has(place));
            used = used.with(place);
        }
        assert_eq!(set.left(used), 0);
        assert_eq!(used, UsedPlaces::all());
    }

    #[test]
    fn a_code_of_another_set_is_wrong() {
        let mut random = counting();
        let (_, codes) = RecoverySet::generate(&mut random);
        let (set, _) = RecoverySet::generate(&mut random);
        assert!(!set.has(&codes[3]).unwrap());
    }

    #[test]
    fn the_line_form_comes_back_and_holds_no_code() {
        let (set, codes) = RecoverySet::generate(&mut counting());
        let line = serde_json::to_string(&set).unwrap();
        assert_eq!(serde_json::from_str::<RecoverySet>(&line).unwrap(), set);
        assert!(line.contains("$argon2id$v=19$m=19456,t=2,p=1$"), "{line}");
        for code in codes {
            let shown = code.reveal();
            assert!(
                !line.contains(shown.reveal()) && !line.contains(&shown.reveal().replace('-', ""))
            );
        }
    }

    #[test]
    fn hashes_that_cost_too_much_or_are_none_are_refused() {
        let fine = "$argon2id$v=19$m=19456,t=2,p=1$AAAAAAAAAAAAAAAAAAAAAA$AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA";
        assert!(CodeHash::parse(fine).is_some());
        for (from, to) in [
            ("m=19456", "m=4194304"),
            ("t=2", "t=1000"),
            ("p=1", "p=200"),
            ("argon2id", "argon2d"),
            ("argon2id", "pbkdf2"),
            ("$AAAAAAAAAAAAAAAAAAAAAA$", "$$"),
        ] {
            assert!(CodeHash::parse(&fine.replace(from, to)).is_none(), "{to}");
        }
        assert!(CodeHash::parse(&"$".repeat(100_000)).is_none());
    }

    #[test]
    fn used_places_are_a_list_without_repeats() {
        let used = UsedPlaces::default().with(0).with(9).with(10);
        assert_eq!(serde_json::to_string(&used).unwrap(), "[0,9]");
        assert_eq!(serde_json::from_str::<UsedPlaces>("[9,0]").unwrap(), used);
        for wrong in ["[10]", "[1,1]", "[-1]", "[300]", "{}"] {
            assert!(serde_json::from_str::<UsedPlaces>(wrong).is_err(), "{wrong}");
        }
    }

    proptest::proptest! {
        #[test]
        fn any_hash_is_read_or_refused(text in "\\$argon2id?(\\$v=[0-9]{1,3})?(\\$m=[0-9]{0,12},t=[0-9]{0,9},p=[0-9]{0,5})?(\\$[A-Za-z0-9+/]{0,30}){0,3}") {
            let _ = CodeHash::parse(&text);
        }
    }
}
