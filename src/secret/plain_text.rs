//! What people type for a code, with the marks removed that keyboards, phones and web pages
//! add to it.

use zeroize::Zeroizing;

/// The zeros of the scripts whose digits a keyboard or an input method gives (Unicode 16,
/// general category Nd of the basic plane); nine digits follow each.
pub(super) const ZEROS: [u32; 36] = [
    0x0660, 0x06F0, 0x07C0, 0x0966, 0x09E6, 0x0A66, 0x0AE6, 0x0B66, 0x0BE6, 0x0C66, 0x0CE6, 0x0D66,
    0x0DE6, 0x0E50, 0x0ED0, 0x0F20, 0x1040, 0x1090, 0x17E0, 0x1810, 0x1946, 0x19D0, 0x1A80, 0x1A90,
    0x1B50, 0x1BB0, 0x1C40, 0x1C50, 0xA620, 0xA8D0, 0xA900, 0xA9D0, 0xA9F0, 0xAA50, 0xABF0, 0xFF10,
];

/// A code without blanks, dashes and invisible characters, its digits as `0` to `9` and
/// full-width letters as plain ones. Every reader of codes starts from this.
pub(crate) fn plain(text: &str) -> Zeroizing<String> {
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
