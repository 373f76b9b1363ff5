//! Text made safe for the format that it is printed in: a terminal obeys nothing in it, and
//! a spreadsheet computes nothing. The file names and arguments in an answer can be anything.
//!
//! - Tables, words and errors show the escape ([`super::text::safe`]): `\u{202e}`.
//! - JSON and YAML escape the character (`\u202e`); the value stays the same.
//! - CSV has no escapes: such a character is shown as in tables, and what a spreadsheet
//!   would take for a formula gets a `'` in front ([`protected`]), which [`unprotected`]
//!   takes away again.

use std::borrow::Cow;
use std::io::{self, Write};

use serde::Serialize;
use serde_json::Serializer;
use serde_json::ser::{CompactFormatter, Formatter};

use crate::domain::ids::allowed;

/// What begins a formula in a spreadsheet (OWASP, "CSV Injection"); the wide forms count
/// in some languages.
const FORMULA: [char; 10] = ['=', '+', '-', '@', '\t', '\r', '＝', '＋', '－', '＠'];
/// What may separate cells, whatever was meant: a spreadsheet guesses, or asks its user.
const SEPARATORS: [char; 5] = [',', ';', '\t', '\n', '\r'];
/// What makes a text of a formula.
const QUOTE: char = '\'';

/// `text` as the text of a CSV cell. Where a cell could begin, at the start or after a
/// separator, a formula gets a `'` in front; so does a formula that has some already, so
/// that [`unprotected`] returns exactly `text`.
pub fn protected(text: &str) -> Cow<'_, str> {
    let places = formulas(text);
    if places.is_empty() {
        return Cow::Borrowed(text);
    }
    let mut protected = String::with_capacity(text.len() + places.len());
    let mut from = 0;
    for (start, _) in places {
        protected.push_str(&text[from..start]);
        protected.push(QUOTE);
        from = start;
    }
    protected.push_str(&text[from..]);
    Cow::Owned(protected)
}

/// The text of which [`protected`] made this cell: each formula loses one `'` in front.
/// A formula without one comes from another program and is kept.
pub fn unprotected(cell: &str) -> Cow<'_, str> {
    let mut places = formulas(cell);
    places.retain(|(start, formula)| start < formula);
    if places.is_empty() {
        return Cow::Borrowed(cell);
    }
    let mut text = String::with_capacity(cell.len());
    let mut from = 0;
    for (start, _) in places {
        text.push_str(&cell[from..start]);
        from = start + QUOTE.len_utf8();
    }
    text.push_str(&cell[from..]);
    Cow::Owned(text)
}

/// Where a formula may begin: the place of the first `'` in front of it, and its own.
fn formulas(text: &str) -> Vec<(usize, usize)> {
    let mut places = Vec::new();
    // Where the quotes began, while a cell could still begin with a formula.
    let mut begun = Some(0);
    for (at, c) in text.char_indices() {
        if let Some(start) = begun {
            if FORMULA.contains(&c) {
                places.push((start, at));
            }
            if c != QUOTE {
                begun = None;
            }
        }
        if SEPARATORS.contains(&c) {
            begun = Some(at + c.len_utf8());
        }
    }
    places
}

/// `value` as JSON in one line.
///
/// # Errors
/// What the writer says.
pub(crate) fn compact<T: Serialize + ?Sized>(
    value: &T,
    out: &mut dyn Write,
) -> serde_json::Result<()> {
    let formatter = Escaping::new(CompactFormatter);
    value.serialize(&mut Serializer::with_formatter(out, formatter))
}

/// `value` as JSON for a CSV cell: a formula in one of its texts is escaped, so that the
/// value stays the same.
pub(crate) fn json_cell<T: Serialize + ?Sized>(value: &T) -> serde_json::Result<Vec<u8>> {
    let mut cell = Vec::new();
    let formatter = Escaping { within: CompactFormatter, formulas: true };
    value.serialize(&mut Serializer::with_formatter(&mut cell, formatter))?;
    Ok(cell)
}

/// A form of JSON in which every character that a terminal could obey is escaped.
/// serde_json itself escapes only what JSON requires: C0, `"` and `\`.
pub(crate) struct Escaping<F> {
    within: F,
    /// Whether formulas are escaped, too.
    formulas: bool,
}

impl<F: Formatter> Escaping<F> {
    /// The form `within` with escapes.
    pub(crate) fn new(within: F) -> Escaping<F> {
        Escaping { within, formulas: false }
    }
}

/// Writes text of JSON. Outside of strings JSON is ASCII, so a character that is not can be
/// escaped anywhere.
fn write_escaped<W: ?Sized + Write>(out: &mut W, text: &str, formulas: bool) -> io::Result<()> {
    let mut plain = 0;
    let mut before = None;
    for (at, c) in text.char_indices() {
        let formula = formulas
            && FORMULA.contains(&c)
            && before.is_some_and(|before| SEPARATORS.contains(&before));
        before = Some(c);
        if formula || (c >= '\u{7f}' && !allowed(c)) {
            out.write_all(&text.as_bytes()[plain..at])?;
            for unit in c.encode_utf16(&mut [0; 2]) {
                write!(out, "\\u{unit:04x}")?;
            }
            plain = at + c.len_utf8();
        }
    }
    out.write_all(&text.as_bytes()[plain..])
}

impl<F: Formatter> Formatter for Escaping<F> {
    fn write_string_fragment<W: ?Sized + Write>(
        &mut self,
        out: &mut W,
        fragment: &str,
    ) -> io::Result<()> {
        write_escaped(out, fragment, self.formulas)
    }

    fn write_raw_fragment<W: ?Sized + Write>(
        &mut self,
        out: &mut W,
        fragment: &str,
    ) -> io::Result<()> {
        // Here a comma may also stand between two numbers, where nothing can be escaped.
        write_escaped(out, fragment, false)
    }

    fn begin_array<W: ?Sized + Write>(&mut self, out: &mut W) -> io::Result<()> {
        self.within.begin_array(out)
    }

    fn end_array<W: ?Sized + Write>(&mut self, out: &mut W) -> io::Result<()> {
        self.within.end_array(out)
    }

    fn begin_array_value<W: ?Sized + Write>(&mut self, out: &mut W, first: bool) -> io::Result<()> {
        self.within.begin_array_value(out, first)
    }

    fn end_array_value<W: ?Sized + Write>(&mut self, out: &mut W) -> io::Result<()> {
        self.within.end_array_value(out)
    }

    fn begin_object<W: ?Sized + Write>(&mut self, out: &mut W) -> io::Result<()> {
        self.within.begin_object(out)
    }

    fn end_object<W: ?Sized + Write>(&mut self, out: &mut W) -> io::Result<()> {
        self.within.end_object(out)
    }

    fn begin_object_key<W: ?Sized + Write>(&mut self, out: &mut W, first: bool) -> io::Result<()> {
        self.within.begin_object_key(out, first)
    }

    fn end_object_key<W: ?Sized + Write>(&mut self, out: &mut W) -> io::Result<()> {
        self.within.end_object_key(out)
    }

    fn begin_object_value<W: ?Sized + Write>(&mut self, out: &mut W) -> io::Result<()> {
        self.within.begin_object_value(out)
    }

    fn end_object_value<W: ?Sized + Write>(&mut self, out: &mut W) -> io::Result<()> {
        self.within.end_object_value(out)
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;
    use serde_json::{Value, json};

    use super::*;

    #[test]
    fn a_formula_is_text_whatever_separates_cells() {
        for (text, cell) in [
            ("=1+1", "'=1+1"),
            (";=1+1", ";'=1+1"),
            ("a;=1+1", "a;'=1+1"),
            ("a,@SUM(1)", "a,'@SUM(1)"),
            ("a\t=1", "a\t'=1"),
            ("a\n-1", "a\n'-1"),
            ("\t\t=1", "'\t'\t'=1"),
            ("'=1", "''=1"),
            ("''+1", "'''+1"),
            ("＝1", "'＝1"),
            ("2026-11-21", "2026-11-21"),
            ("it's", "it's"),
            ("'quoted'", "'quoted'"),
            ("a+b@acme.example", "a+b@acme.example"),
            ("", ""),
        ] {
            assert_eq!(protected(text), cell, "{text:?}");
            assert_eq!(unprotected(cell), text, "{cell:?}");
        }
        assert_eq!(unprotected("=1+1"), "=1+1");
    }

    #[test]
    fn json_shows_nothing_that_a_terminal_obeys() {
        let value =
            json!({"a\u{9b}31m": "x\u{202e}y\u{2028}\u{7f}\u{85}\u{feff}\u{1fffe}Siân 山田"});
        let mut json = Vec::new();
        compact(&value, &mut json).unwrap();
        let json = String::from_utf8(json).unwrap();
        assert_eq!(
            json,
            r#"{"a\u009b31m":"x\u202ey\u2028\u007f\u0085\ufeff\ud83f\udffeSiân 山田"}"#
        );
        assert_eq!(serde_json::from_str::<Value>(&json).unwrap(), value);
    }

    #[test]
    fn json_that_was_kept_as_text_is_escaped_too() {
        let text = "{\"a\": [1,-1, \"\u{202e}\"]}".to_owned();
        let raw = serde_json::value::RawValue::from_string(text).unwrap();
        let mut json = Vec::new();
        compact(&raw, &mut json).unwrap();
        assert_eq!(String::from_utf8(json).unwrap(), r#"{"a": [1,-1, "\u202e"]}"#);
    }

    proptest! {
        #[test]
        fn protection_comes_off_again(text in "[='+,;\t\n\ra＝-]{0,12}|.{0,20}") {
            let cell = protected(&text).into_owned();
            prop_assert_eq!(unprotected(&cell), text.as_str());
            for separator in SEPARATORS {
                for part in cell.split(separator) {
                    prop_assert!(!part.starts_with(['=', '+', '-', '@', '＝']), "{:?}", cell);
                }
            }
        }

        #[test]
        fn a_value_stays_the_same(
            texts in proptest::collection::vec(any::<String>(), 0..4),
            number in any::<i64>(),
        ) {
            let value = json!({"texts": texts, "numbers": [number, -1, number]});
            let mut json = Vec::new();
            compact(&value, &mut json).unwrap();
            prop_assert_eq!(&serde_json::from_slice::<Value>(&json).unwrap(), &value);
            prop_assert!(String::from_utf8(json).unwrap().chars().all(allowed));
            let cell = json_cell(&value).unwrap();
            prop_assert_eq!(&serde_json::from_slice::<Value>(&cell).unwrap(), &value);
        }

        #[test]
        fn no_text_of_json_in_a_cell_is_a_formula(text in "[=+@,;a-]{0,12}") {
            let cell = json_cell(&json!([{"note": text}])).unwrap();
            let cell = String::from_utf8(cell).unwrap();
            for separator in SEPARATORS {
                for part in cell.split(separator) {
                    prop_assert!(!part.starts_with(FORMULA), "{:?}", cell);
                }
            }
        }
    }
}
