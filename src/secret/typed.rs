//! What somebody typed where a code is asked for: a TOTP code or a recovery code.

use super::recovery::RecoveryCode;
use super::totp::Code;

/// A code typed.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Typed {
    /// Six to eight digits.
    Totp(Code),
    /// A recovery code.
    Recovery(RecoveryCode),
    /// Neither; certainly wrong, and counted as an attempt all the same.
    Neither,
}

impl Typed {
    /// Reads what was typed; blanks between and around the digits are left out. A
    /// recovery code is longer than any TOTP code, so neither is taken for the other.
    pub fn parse(text: &str) -> Typed {
        let text = text.trim();
        if text.len() > 64 {
            return Typed::Neither;
        }
        let digits = zeroize::Zeroizing::new(text.replace([' ', '-'], ""));
        if let Some(code) = Code::from_digits(&digits) {
            return Typed::Totp(code);
        }
        RecoveryCode::parse(text).map_or(Typed::Neither, Typed::Recovery)
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
        for text in ["7012-Z01Z-YXWV\n", "7012 3456 7890", "701234567890"] {
            assert!(matches!(Typed::parse(text), Typed::Recovery(_)), "{text:?}");
        }
        for text in ["", "12345", "123456789", "12345é", &"1".repeat(100_000), "\0"] {
            assert_eq!(Typed::parse(text), Typed::Neither);
        }
    }

    proptest! {
        #[test]
        fn any_text_is_one_of_the_three(text in ".{0,80}") {
            let _ = Typed::parse(&text);
        }
    }
}
