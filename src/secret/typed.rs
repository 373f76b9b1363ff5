//! What somebody typed where a code is asked for: a TOTP code or a recovery code.

use zeroize::Zeroizing;

use super::recovery::RecoveryCode;
use super::totp::Code;

/// The zeros of the scripts whose digits a keyboard or an input method gives (Unicode 16,
/// general category Nd of the basic plane); nine digits follow each.
const ZEROS: [u32; 36] = [
    0x0660, 0x06F0, 0x07C0, 0x0966, 0x09E6, 0x0A66, 0x0AE6, 0x0B66, 0x0BE6, 0x0C66, 0x0CE6, 0x0D66,
    0x0DE6, 0x0E50, 0x0ED0, 0x0F20, 0x1040, 0x1090, 0x17E0, 0x1810, 0x1946, 0x19D0, 0x1A80, 0x1A90,
    0x1B50, 0x1BB0, 0x1C40, 0x1C50, 0xA620, 0xA8D0, 0xA900, 0xA9D0, 0xA9F0, 0xAA50, 0xABF0, 0xFF10,
];

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

/// A code without blanks, dashes and invisible characters, its digits as `0` to `9` and
/// full-width letters as plain ones. Every reader of codes starts from this.
pub(super) fn plain(text: &str) -> Zeroizing<String> {
    let mut plain = Zeroizing::new(String::with_capacity(text.len()));
    plain.extend(text.chars().filter(|c| !is_left_out(*c)).map(plain_character));
    plain
}

/// Blanks of every width (no-break ones too), what has no width (soft hyphen, joiners,
/// direction marks, byte-order mark), and dashes (general category Pd, the minus sign).
fn is_left_out(c: char) -> bool {
    c.is_whitespace()
        || matches!(c, '\u{AD}' | '\u{180E}' | '\u{200B}'..='\u{200F}' | '\u{202A}'..='\u{202E}')
        || matches!(c, '\u{2060}'..='\u{2064}' | '\u{2066}'..='\u{2069}' | '\u{FEFF}')
        || matches!(c, '-' | '\u{58A}' | '\u{5BE}' | '\u{2010}'..='\u{2015}' | '\u{2212}')
        || matches!(c, '\u{2E3A}' | '\u{2E3B}' | '\u{FE58}' | '\u{FE63}' | '\u{FF0D}')
}

fn plain_character(c: char) -> char {
    let code = u32::from(c);
    let digit = ZEROS.iter().find_map(|zero| code.checked_sub(*zero).filter(|digit| *digit < 10));
    if let Some(digit) = digit.and_then(|digit| char::from_digit(digit, 10)) {
        return digit;
    }
    match c {
        '\u{FF21}'..='\u{FF3A}' | '\u{FF41}'..='\u{FF5A}' => {
            char::from_u32(code - 0xFEE0).unwrap_or(c)
        }
        _ => c,
    }
}

#[cfg(test)]
mod tests {
    use super::*;
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
