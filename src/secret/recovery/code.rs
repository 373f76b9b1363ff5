//! A recovery code as a person reads and types it: `7Q4K-M9XW-2PTC`.
//!
//! Twelve characters of Crockford's base32, which has no I, L, O or U. The first is
//! the code's place in its set, so that an attempt costs one hash and not ten; the
//! other eleven are 55 random bits (at least 50 are asked for; NIST SP 800-63B
//! §5.1.2.2 wants 20 with a limit on attempts, 112 without).

use std::fmt;

use subtle::ConstantTimeEq;
use zeroize::Zeroizing;

use super::CODES;
use crate::secret::Random;
use crate::secret::material::Revealed;
use crate::secret::plain_text::plain;

/// Crockford's base32 (crockford.com/base32.html), without its check symbols.
const ALPHABET: &[u8; 32] = b"0123456789ABCDEFGHJKMNPQRSTVWXYZ";
/// Characters of a code, the place first.
const CHARACTERS: usize = 12;
/// Characters in a group.
const GROUP: usize = 4;

/// One recovery code. Wiped from memory when dropped.
#[derive(Clone)]
pub struct RecoveryCode {
    place: u8,
    /// All twelve characters, without hyphens.
    characters: Zeroizing<String>,
}

impl RecoveryCode {
    /// A new code for `place` (0 to 9).
    pub(super) fn generate(place: u8, random: &mut Random<'_>) -> RecoveryCode {
        let mut bytes = Zeroizing::new([0; CHARACTERS - 1]);
        random(&mut *bytes);
        let mut characters = Zeroizing::new(String::with_capacity(CHARACTERS));
        // 256 is a multiple of 32: five bits of each byte are as random as the byte.
        for index in std::iter::once(place).chain(bytes.iter().copied()) {
            characters.push(char::from(ALPHABET[usize::from(index % 32)]));
        }
        RecoveryCode { place, characters }
    }

    /// Reads what somebody typed: either case, dashes and blanks anywhere, `O` for
    /// `0`, `I` and `L` for `1`. `None` where it is not such a code.
    pub fn parse(text: &str) -> Option<RecoveryCode> {
        let mut characters = Zeroizing::new(String::with_capacity(CHARACTERS + 1));
        for typed in plain(text).chars() {
            characters.push(normalised(typed)?);
            if characters.len() > CHARACTERS {
                return None;
            }
        }
        let place = characters.bytes().next()?.checked_sub(b'0').filter(|place| *place < CODES)?;
        (characters.len() == CHARACTERS).then_some(RecoveryCode { place, characters })
    }

    /// Its place in the set, 0 to 9.
    pub fn place(&self) -> u8 {
        self.place
    }

    /// In three groups, as it is shown once.
    pub fn reveal(&self) -> Revealed {
        let mut shown = String::with_capacity(CHARACTERS + CHARACTERS / GROUP);
        for (index, character) in self.characters.chars().enumerate() {
            if index > 0 && index % GROUP == 0 {
                shown.push('-');
            }
            shown.push(character);
        }
        Revealed::new(shown)
    }

    /// What is hashed: the characters without hyphens.
    pub(super) fn bytes(&self) -> &[u8] {
        self.characters.as_bytes()
    }
}

/// The character of the alphabet that a typed one stands for, if it stands for one.
fn normalised(typed: char) -> Option<char> {
    let upper = match typed.to_ascii_uppercase() {
        'O' => '0',
        'I' | 'L' => '1',
        other => other,
    };
    u8::try_from(upper).is_ok_and(|byte| ALPHABET.contains(&byte)).then_some(upper)
}

impl PartialEq for RecoveryCode {
    /// In constant time.
    fn eq(&self, other: &RecoveryCode) -> bool {
        self.bytes().ct_eq(other.bytes()).into()
    }
}

impl Eq for RecoveryCode {}

impl fmt::Debug for RecoveryCode {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("RecoveryCode(…)")
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    #[test]
    fn a_code_is_read_as_people_type_it() {
        let code = RecoveryCode::generate(7, &mut |buffer: &mut [u8]| {
            buffer.copy_from_slice(&[0, 1, 2, 31, 32, 33, 255, 30, 29, 28, 27]);
        });
        assert_eq!(code.reveal().reveal(), "7012-Z01Z-YXWV");
        for typed in
            ["7012-Z01Z-YXWV", "7oi2zo1zyxwv", " 7OL2 ZO1Z YXWV ", "7-0-1-2-Z-0-1-Z-Y-X-W-V"]
        {
            assert_eq!(RecoveryCode::parse(typed).unwrap(), code, "{typed}");
        }
        assert_eq!(code.place(), 7);
    }

    #[test]
    fn what_is_no_code_is_none() {
        for wrong in [
            "",
            "7012",
            "7012-Z01Z-YXW",
            "7012-Z01Z-YXWVV",
            "A012-Z01Z-YXWV",
            "7012-Z01Z-YXWU",
            "7012_Z01Z_YXWV",
            "7012-Z01Z-YXWé",
            "123456",
            "12345678",
            "7012-Z01Z-YXW\n",
        ] {
            assert!(RecoveryCode::parse(wrong).is_none(), "{wrong:?}");
        }
        assert!(RecoveryCode::parse(&"-".repeat(100_000)).is_none());
    }

    proptest! {
        #[test]
        fn what_is_shown_is_read(place in 0_u8..CODES, bytes in any::<[u8; 11]>()) {
            let code = RecoveryCode::generate(place, &mut |b: &mut [u8]| b.copy_from_slice(&bytes));
            let read = RecoveryCode::parse(code.reveal().reveal()).unwrap();
            prop_assert_eq!(read.place(), place);
            prop_assert_eq!(read, code);
        }

        #[test]
        fn any_text_is_read_or_refused(text in ".{0,30}") {
            let _ = RecoveryCode::parse(&text);
        }
    }
}
