//! The bytes of a TOTP secret, and text that shows a secret on purpose.

use std::fmt;
use std::sync::LazyLock;

use data_encoding::{BASE32_NOPAD, Encoding};
use subtle::ConstantTimeEq;
use zeroize::Zeroizing;

use super::Random;
use super::parameters::Algorithm;

/// The shared secret of a TOTP enrolment, raw bytes. Wiped from memory when dropped.
#[derive(Clone)]
pub struct Secret(Zeroizing<Vec<u8>>);

/// Why bytes or text are no secret. Never shows them.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum SecretError {
    /// The character at this place (from 1) is not of base32.
    Character(usize),
    /// The text ends in the middle of a byte.
    Length,
    /// Fewer than [`Secret::SHORTEST`] bytes; how many there are.
    Short(usize),
    /// More than [`Secret::LONGEST`] bytes.
    Long,
}

impl fmt::Display for SecretError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            SecretError::Character(place) => {
                write!(f, "character {place} of the key is not base32 (A-Z, 2-7)")
            }
            SecretError::Length => f.write_str("the base32 key ends in the middle of a byte"),
            SecretError::Short(bytes) => {
                write!(f, "the key has {bytes} bytes: at least {} are needed", Secret::SHORTEST)
            }
            SecretError::Long => write!(f, "the key has more than {} bytes", Secret::LONGEST),
        }
    }
}

impl std::error::Error for SecretError {}

/// Base32 of RFC 4648 §6 without padding; spare bits at the end may be anything,
/// as tools that draw random letters leave them.
static BASE32: LazyLock<Encoding> = LazyLock::new(|| {
    let mut form = BASE32_NOPAD.specification();
    form.check_trailing_bits = false;
    form.encoding().expect("RFC 4648 base32 without the check of trailing bits is a valid form")
});

impl Secret {
    /// The fewest bytes taken over from other tools: 80 bits, which older
    /// versions of google-authenticator made. RFC 4226 §4 R6 asks for 128.
    pub const SHORTEST: usize = 10;
    /// The fewest bytes that RFC 4226 §4 R6 allows; less deserves a warning.
    pub const ADVISED: usize = 16;
    /// The most bytes: the block of SHA-512, beyond which HMAC hashes the key first (RFC 2104 §2).
    pub const LONGEST: usize = 128;

    /// A new secret as long as the output of the hash (RFC 6238 §5.1): 160, 256 or 512 bits.
    pub fn generate(algorithm: Algorithm, random: &mut Random<'_>) -> Secret {
        let mut bytes = Zeroizing::new(vec![0; algorithm.output_bytes()]);
        random(&mut bytes);
        Secret(bytes)
    }

    /// Takes raw bytes.
    ///
    /// # Errors
    /// Where there are too few or too many.
    pub fn from_bytes(bytes: &[u8]) -> Result<Secret, SecretError> {
        match bytes.len() {
            0..Self::SHORTEST => Err(SecretError::Short(bytes.len())),
            Self::SHORTEST..=Self::LONGEST => Ok(Secret(Zeroizing::new(bytes.to_vec()))),
            _ => Err(SecretError::Long),
        }
    }

    /// Reads base32 as people and tools write it: either case, blanks and hyphens
    /// anywhere, padding or none.
    ///
    /// # Errors
    /// Names the place of the first character that is not base32.
    pub fn from_base32(text: &str) -> Result<Secret, SecretError> {
        let unpadded = text.trim_end_matches(|c: char| c == '=' || c.is_whitespace());
        let mut letters = Zeroizing::new(Vec::with_capacity(unpadded.len().min(256)));
        for (index, c) in unpadded.chars().enumerate() {
            match c.to_ascii_uppercase() {
                '-' => continue,
                blank if blank.is_whitespace() => continue,
                upper @ ('A'..='Z' | '2'..='7') => letters.push(upper as u8),
                _ => return Err(SecretError::Character(index + 1)),
            }
            if letters.len() > Self::LONGEST * 8 / 5 + 1 {
                return Err(SecretError::Long);
            }
        }
        let bytes = BASE32.decode(&letters).map_err(|_| SecretError::Length)?;
        Secret::from_bytes(&Zeroizing::new(bytes))
    }

    /// Reads base32 as pam_google_authenticator does (base32.c of 1.09): `0`, `1` and `8`
    /// are taken for `O`, `L` and `B`, and the bits of a last letter that fill no byte are
    /// dropped.
    ///
    /// # Errors
    /// As [`Secret::from_base32`].
    pub fn from_base32_of_pam(text: &str) -> Result<Secret, SecretError> {
        let mut letters = Zeroizing::new(String::with_capacity(text.len()));
        letters.extend(text.chars().map(|c| match c {
            '0' => 'O',
            '1' => 'L',
            '8' => 'B',
            other => other,
        }));
        let counts = |c: &char| !matches!(c, '=' | ' ' | '\t' | '-');
        // Eight letters are five bytes; a first, third or sixth one completes no byte.
        if matches!(letters.chars().filter(counts).count() % 8, 1 | 3 | 6)
            && let Some(last) = letters.rfind(|c: char| counts(&c))
            && matches!(letters.as_bytes()[last], b'A'..=b'Z' | b'a'..=b'z' | b'2'..=b'7')
        {
            letters.remove(last);
        }
        Secret::from_base32(&letters)
    }

    /// The raw bytes.
    pub fn bytes(&self) -> &[u8] {
        &self.0
    }

    /// How many bytes.
    pub fn len(&self) -> usize {
        self.0.len()
    }

    /// Never: a secret has at least [`Secret::SHORTEST`] bytes.
    pub fn is_empty(&self) -> bool {
        self.0.is_empty()
    }

    /// Base32 without padding, as otpauth URIs want it.
    pub fn base32(&self) -> Revealed {
        Revealed::new(BASE32_NOPAD.encode(&self.0))
    }

    /// Base32 in groups of four, for typing it off a screen.
    pub fn base32_grouped(&self) -> Revealed {
        let letters = self.base32();
        let mut grouped = String::with_capacity(letters.reveal().len() * 5 / 4 + 1);
        for (index, letter) in letters.reveal().chars().enumerate() {
            if index > 0 && index % 4 == 0 {
                grouped.push(' ');
            }
            grouped.push(letter);
        }
        Revealed::new(grouped)
    }
}

impl PartialEq for Secret {
    /// In constant time for secrets of one length.
    fn eq(&self, other: &Secret) -> bool {
        self.0.ct_eq(&other.0).into()
    }
}

impl Eq for Secret {}

impl fmt::Debug for Secret {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Secret(…)")
    }
}

/// Text that holds a secret and is meant to be shown or written, once. Wiped
/// from memory when dropped.
#[derive(Clone)]
pub struct Revealed(Zeroizing<String>);

impl Revealed {
    /// Takes the text.
    pub fn new(text: String) -> Revealed {
        Revealed(Zeroizing::new(text))
    }

    /// The text itself. Whoever calls this answers for where it goes.
    pub fn reveal(&self) -> &str {
        &self.0
    }
}

impl fmt::Debug for Revealed {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Revealed(…)")
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    #[test]
    fn base32_is_read_as_people_write_it() {
        let plain = Secret::from_base32("GEZDGNBVGY3TQOJQGEZDGNBVGY3TQOJQ").unwrap();
        assert_eq!(plain.bytes(), b"12345678901234567890");
        for other in [
            "gezd gnbv gy3t qojq gezd gnbv gy3t qojq",
            "GEZD-GNBV-GY3T-QOJQ-GEZD-GNBV-GY3T-QOJQ",
            "GEZDGNBVGY3TQOJQGEZDGNBVGY3TQOJQ====",
            "\tGEZDGNBVGY3TQOJQGEZDGNBVGY3TQOJQ \r\n",
        ] {
            assert_eq!(Secret::from_base32(other).unwrap(), plain, "{other:?}");
        }
        assert_eq!(plain.base32_grouped().reveal(), "GEZD GNBV GY3T QOJQ GEZD GNBV GY3T QOJQ");
    }

    #[test]
    fn spare_bits_at_the_end_may_be_anything() {
        // 26 letters are 130 bits: two are spare, here both set.
        assert_eq!(Secret::from_base32("ABCDEFGHIJKLMNOPQRSTUVWXYZ").unwrap().len(), 16);
        assert_eq!(Secret::from_base32("ABCDEFGHIJKLMNOPQRSTUVWXY7").unwrap().len(), 16);
    }

    #[test]
    fn what_is_no_base32_is_named_by_its_place() {
        assert_eq!(Secret::from_base32("GEZD1NBV"), Err(SecretError::Character(5)));
        assert_eq!(Secret::from_base32("GEZDé"), Err(SecretError::Character(5)));
        assert_eq!(Secret::from_base32("GE=ZD"), Err(SecretError::Character(3)));
        assert_eq!(Secret::from_base32(""), Err(SecretError::Short(0)));
        assert_eq!(Secret::from_base32("GEZDGNBV"), Err(SecretError::Short(5)));
        assert_eq!(Secret::from_base32("GEZDGNBVGEZDGNBVG"), Err(SecretError::Length));
        assert_eq!(Secret::from_base32(&"A".repeat(100_000)), Err(SecretError::Long));
    }

    #[test]
    fn a_key_of_pam_google_authenticator_is_read_as_it_reads_it() {
        let plain = Secret::from_base32("GEZDGNBVGY3TQOJQGEZDGNBVGY3TQOJQ").unwrap();
        for other in [
            "GEZDGNBVGY3TQ0JQGEZDGNBVGY3TQ0JQ",
            "gezdgn8vgy3tqojq gezdgnbvgy3tqojq",
            "GEZDGNBVGY3TQOJQGEZDGNBVGY3TQOJQG",
            "GEZDGNBVGY3TQOJQGEZDGNBVGY3TQOJQG=======",
        ] {
            assert_eq!(Secret::from_base32_of_pam(other).unwrap(), plain, "{other}");
        }
        for (letters, bytes) in [(25, 15), (27, 16), (30, 18), (26, 16), (28, 17), (29, 18)] {
            let text = "A".repeat(letters);
            assert_eq!(Secret::from_base32_of_pam(&text).unwrap().len(), bytes, "{letters}");
        }
        assert_eq!(Secret::from_base32_of_pam("GEZD9NBV"), Err(SecretError::Character(5)));
        assert_eq!(Secret::from_base32_of_pam(""), Err(SecretError::Short(0)));
    }

    #[test]
    fn debug_shows_nothing() {
        let secret = Secret::from_base32("GEZDGNBVGY3TQOJQGEZDGNBVGY3TQOJQ").unwrap();
        assert_eq!(format!("{secret:?} {:?}", secret.base32()), "Secret(…) Revealed(…)");
    }

    #[test]
    fn new_secrets_are_as_long_as_the_hash() {
        let mut seven = |buffer: &mut [u8]| buffer.fill(7);
        for (algorithm, bytes) in
            [(Algorithm::Sha1, 20), (Algorithm::Sha256, 32), (Algorithm::Sha512, 64)]
        {
            let secret = Secret::generate(algorithm, &mut seven);
            assert_eq!(secret.bytes(), vec![7; bytes]);
        }
    }

    proptest! {
        #[test]
        fn bytes_come_back_from_base32(bytes in proptest::collection::vec(any::<u8>(), 10..=128)) {
            let secret = Secret::from_bytes(&bytes).unwrap();
            prop_assert_eq!(Secret::from_base32(secret.base32().reveal()).unwrap(), secret.clone());
            prop_assert_eq!(Secret::from_base32(secret.base32_grouped().reveal()).unwrap(), secret);
        }

        #[test]
        fn any_text_is_read_or_refused(text in ".{0,300}") {
            let _ = Secret::from_base32(&text);
            let _ = Secret::from_base32_of_pam(&text);
        }
    }
}
