//! What somebody typed where a code is asked for: a TOTP code or a recovery code.

use super::plain_text::plain;
use super::recovery::RecoveryCode;
use super::totp::Code;

/// Nothing that somebody types as a code is longer (bytes): 12 characters of a recovery
/// code, each of three bytes and with a blank of three bytes behind it.
const LONGEST: usize = 96;

/// A code typed.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Typed {
    /// Six or eight digits.
    Totp(Code),
    /// A recovery code.
    Recovery(RecoveryCode),
    /// Neither: it cannot be right, so nothing is compared and nothing is counted.
    Neither,
}

impl Typed {
    /// Reads what was typed. Blanks and dashes are left out wherever they are. A recovery
    /// code is longer than any TOTP code, so neither is taken for the other.
    pub fn parse(text: &str) -> Typed {
        let text = text.trim();
        if text.len() > LONGEST {
            return Typed::Neither;
        }
        let plain = plain(text);
        match Code::from_digits(&plain) {
            // No enrolment has codes of seven digits.
            Some(code) if plain.len() != 7 => Typed::Totp(code),
            _ => RecoveryCode::parse(&plain).map_or(Typed::Neither, Typed::Recovery),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::secret::plain_text::ZEROS;
    use proptest::prelude::*;

    #[test]
    fn digits_are_a_code_and_twelve_characters_a_recovery_code() {
        for text in ["123456", "123 456", " 123-456\r\n", "12345678"] {
            assert!(matches!(Typed::parse(text), Typed::Totp(_)), "{text:?}");
        }
        for text in
            ["7012-Z01Z-YXWV\n", "7012 3456 7890", "701234567890", "７０１２\u{2013}z01z yxwv"]
        {
            assert!(matches!(Typed::parse(text), Typed::Recovery(_)), "{text:?}");
        }
        for text in ["", "12345", "1234567", "123456789", "12345é", &"1".repeat(100_000), "\0"] {
            assert_eq!(Typed::parse(text), Typed::Neither);
        }
    }

    /// What a phone, a web page or an input method puts between and in the place of digits.
    #[test]
    fn blanks_dashes_and_digits_of_other_scripts_change_no_code() {
        let code = Typed::parse("123456");
        for between in [
            " ", "-", "\t", "\u{A0}", "\u{202F}", "\u{2007}", "\u{2009}", "\u{3000}", "\u{2011}",
            "\u{2013}", "\u{2212}", "\u{AD}", "\u{200B}", "\u{2060}", "\u{FEFF}", "\u{202D}",
        ] {
            assert_eq!(Typed::parse(&format!("{between}123{between}456{between}")), code);
            assert_eq!(Typed::parse(&format!("12{between}34{between}56")), code, "{between:?}");
        }
        for zero in ZEROS {
            let digits = (1..=6).map(|digit| char::from_u32(zero + digit).unwrap());
            assert_eq!(Typed::parse(&digits.collect::<String>()), code, "{zero:x}");
        }
    }

    proptest! {
        #[test]
        fn any_text_is_one_of_the_three(text in ".{0,80}") {
            let _ = Typed::parse(&text);
        }
    }
}
