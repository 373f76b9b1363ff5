//! Sealing: XChaCha20-Poly1305 with a random nonce, bound to the place that the
//! sealed text belongs to, so that it opens nowhere else.
//!
//! As text: `v1:KEY-ID:BASE64URL`, where the last part is nonce, ciphertext and
//! tag. It needs no escaping in YAML or JSON.

use std::fmt;
use std::str::FromStr;

use chacha20poly1305::aead::{Aead, Payload};
use chacha20poly1305::{KeyInit, XChaCha20Poly1305, XNonce};
use data_encoding::BASE64URL_NOPAD;
use serde::{Deserialize, Deserializer, Serialize, Serializer};
use zeroize::Zeroizing;

use super::Random;
use super::ids::KeyId;
use super::key::SealingKey;
use crate::domain::from_text;
use crate::domain::ids::UserId;
use crate::error::{Error, Kind, Result};

/// Nonce of XChaCha20: 192 bits, so that random ones never meet (draft-irtf-cfrg-xchacha §2.1).
const NONCE: usize = 24;
/// Tag of Poly1305 (RFC 8439 §2.5).
const TAG: usize = 16;
/// The most that is ever sealed; what claims to be more is not ours.
const LONGEST: usize = 4096;

/// Where a sealed text belongs. All of it is authenticated, none of it is kept in the text.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct SecretPlace<'a> {
    /// The id of the state.
    pub store: &'a str,
    /// Whose it is; `None` for what belongs to the state as a whole.
    pub user: Option<&'a UserId>,
    /// What it is.
    pub field: &'a str,
}

impl fmt::Display for SecretPlace<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self.user {
            Some(user) => write!(f, "{} of {user}", self.field),
            None => f.write_str(self.field),
        }
    }
}

impl SecretPlace<'_> {
    /// The associated data: every part with its length before it, so that no two
    /// places are spelled alike.
    fn associated_data(&self, key: &KeyId) -> Vec<u8> {
        let mut data = b"mfactl seal 1".to_vec();
        let user = self.user.map_or("", UserId::as_str);
        for part in [self.store, user, self.field, key.as_str()] {
            data.extend_from_slice(&(part.len() as u64).to_be_bytes());
            data.extend_from_slice(part.as_bytes());
        }
        data
    }
}

/// A sealed text. Safe to keep and to show.
#[derive(Clone, PartialEq, Eq)]
pub struct Sealed {
    key: KeyId,
    nonce: [u8; NONCE],
    ciphertext: Vec<u8>,
}

impl Sealed {
    /// Seals `plaintext` with `key` for `place`.
    pub(crate) fn seal(
        key: &SealingKey,
        place: &SecretPlace<'_>,
        plaintext: &[u8],
        random: &mut Random<'_>,
    ) -> Sealed {
        let mut nonce = [0; NONCE];
        random(&mut nonce);
        let data = place.associated_data(key.id());
        let ciphertext = cipher(key)
            .encrypt(&XNonce::from(nonce), Payload { msg: plaintext, aad: &data })
            .expect("only 256 GiB are too long to be sealed");
        Sealed { key: key.id().clone(), nonce, ciphertext }
    }

    /// Opens with `key` what was sealed for `place`.
    pub(crate) fn open(
        &self,
        key: &SealingKey,
        place: &SecretPlace<'_>,
    ) -> Result<Zeroizing<Vec<u8>>> {
        let data = place.associated_data(&self.key);
        cipher(key)
            .decrypt(&XNonce::from(self.nonce), Payload { msg: &self.ciphertext, aad: &data })
            .map(Zeroizing::new)
            .map_err(|_| {
                let message =
                    format!("{place} does not open: it was changed, or belongs elsewhere");
                Error::new(Kind::Damaged, "seal-broken", message)
            })
    }

    /// The key that sealed it.
    pub fn key(&self) -> &KeyId {
        &self.key
    }
}

fn cipher(key: &SealingKey) -> XChaCha20Poly1305 {
    XChaCha20Poly1305::new(key.bytes().into())
}

impl fmt::Display for Sealed {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let mut bytes = self.nonce.to_vec();
        bytes.extend_from_slice(&self.ciphertext);
        write!(f, "v1:{}:{}", self.key, BASE64URL_NOPAD.encode(&bytes))
    }
}

impl fmt::Debug for Sealed {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Sealed({})", self.key)
    }
}

/// Text that is not sealed text.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct SealedTextError;

impl fmt::Display for SealedTextError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("not sealed text of the form v1:KEY-ID:BASE64URL")
    }
}

impl std::error::Error for SealedTextError {}

impl FromStr for Sealed {
    type Err = SealedTextError;

    fn from_str(text: &str) -> std::result::Result<Sealed, SealedTextError> {
        let rest = text.strip_prefix("v1:").ok_or(SealedTextError)?;
        let (key, encoded) = rest.split_once(':').ok_or(SealedTextError)?;
        if encoded.len() > LONGEST {
            return Err(SealedTextError);
        }
        let bytes = BASE64URL_NOPAD.decode(encoded.as_bytes()).map_err(|_| SealedTextError)?;
        let (nonce, ciphertext) = bytes.split_first_chunk::<NONCE>().ok_or(SealedTextError)?;
        if ciphertext.len() < TAG {
            return Err(SealedTextError);
        }
        Ok(Sealed {
            key: key.parse().map_err(|_| SealedTextError)?,
            nonce: *nonce,
            ciphertext: ciphertext.to_vec(),
        })
    }
}

impl Serialize for Sealed {
    fn serialize<S: Serializer>(&self, serializer: S) -> std::result::Result<S::Ok, S::Error> {
        serializer.collect_str(self)
    }
}

impl<'de> Deserialize<'de> for Sealed {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> std::result::Result<Sealed, D::Error> {
        from_text::deserialize(deserializer)
    }
}

#[cfg(test)]
pub(crate) mod tests {
    use super::*;
    use proptest::prelude::*;

    /// Random bytes for tests: 1, 2, 3, …
    pub(crate) fn counting() -> impl FnMut(&mut [u8]) {
        let mut next = 0_u8;
        move |buffer: &mut [u8]| {
            for byte in buffer {
                next = next.wrapping_add(1);
                *byte = next;
            }
        }
    }

    fn user(id: &str) -> UserId {
        UserId::parse(id).unwrap()
    }

    #[test]
    fn opens_in_its_place_and_nowhere_else() {
        let mut random = counting();
        let key = SealingKey::generate(&mut random);
        let (alice, bob) = (user("u_1"), user("u_2"));
        let place = SecretPlace { store: "s_1", user: Some(&alice), field: "totp e_1" };
        let sealed = Sealed::seal(&key, &place, b"secret", &mut random);
        assert_eq!(sealed.open(&key, &place).unwrap().as_slice(), b"secret");
        for other in [
            SecretPlace { store: "s_2", ..place },
            SecretPlace { user: Some(&bob), ..place },
            SecretPlace { user: None, ..place },
            SecretPlace { field: "totp e_2", ..place },
            SecretPlace { store: "s_1u_", user: Some(&user("1")), ..place },
        ] {
            assert_eq!(sealed.open(&key, &other).unwrap_err().code, "seal-broken", "{other:?}");
        }
        let stranger = SealingKey::generate(&mut random);
        assert_eq!(sealed.open(&stranger, &place).unwrap_err().code, "seal-broken");
    }

    #[test]
    fn the_text_form_is_versioned_and_frozen() {
        let mut random = counting();
        let key = SealingKey::generate(&mut random);
        let place = SecretPlace { store: "s_1", user: None, field: "x" };
        let sealed = Sealed::seal(&key, &place, b"secret", &mut random);
        let text =
            "v1:k_rznftbh47mytq:ISIjJCUmJygpKissLS4vMDEyMzQ1Njc4teV9-k45D-FzdhHltCEcSytWiRGAWQ";
        assert_eq!(sealed.to_string(), text);
        let read: Sealed = text.parse().unwrap();
        assert_eq!(read.open(&key, &place).unwrap().as_slice(), b"secret");
    }

    #[test]
    fn other_texts_are_refused() {
        for wrong in [
            "",
            "v1:",
            "v2:k_aaaaaaaaaaaaa:AAAA",
            "v1:k_aaaaaaaaaaaaa:",
            "v1:k_aaaaaaaaaaaaa:AAAA",
            "v1:k_aaaaaaaaaaaaa:!",
            &format!("v1:k_aaaaaaaaaaaaa:{}", "A".repeat(100_000)),
        ] {
            assert_eq!(wrong.parse::<Sealed>(), Err(SealedTextError));
        }
    }

    proptest! {
        #[test]
        fn whatever_is_sealed_opens_and_no_changed_bit_does(
            secret in proptest::collection::vec(any::<u8>(), 0..200),
            seed in any::<u8>(),
            bit in any::<proptest::sample::Index>(),
        ) {
            let mut random = counting();
            let key = SealingKey::generate(&mut random);
            random(&mut vec![0; usize::from(seed)]);
            let place = SecretPlace { store: "s_1", user: None, field: "x" };
            let sealed = Sealed::seal(&key, &place, &secret, &mut random);
            let read: Sealed = sealed.to_string().parse().unwrap();
            prop_assert_eq!(&read, &sealed);
            let opened = read.open(&key, &place).unwrap();
            prop_assert_eq!(opened.as_slice(), secret.as_slice());

            let mut changed = sealed.clone();
            let bit = bit.index((NONCE + changed.ciphertext.len()) * 8);
            match bit / 8 {
                byte if byte < NONCE => changed.nonce[byte] ^= 1 << (bit % 8),
                byte => changed.ciphertext[byte - NONCE] ^= 1 << (bit % 8),
            }
            prop_assert!(changed.open(&key, &place).is_err());
        }

        #[test]
        fn any_text_is_read_or_refused(text in "(v1:)?(k_[a-z2-7]{13}:)?[A-Za-z0-9_-]{0,120}.{0,5}") {
            let _ = text.parse::<Sealed>();
        }
    }
}
