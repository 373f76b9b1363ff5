//! A file as lines, whatever is in it.

use super::value::{Enrolment, Imported, Note, Problems};
use crate::domain::ids::allowed;

/// The longest line that is looked at, in bytes. A migration URI of ten accounts has
/// about 2,000; a QR code holds 2,953.
pub const LONGEST: usize = 16 * 1024;

/// What came of one line: enrolments, and notes on what is lost of it.
#[derive(Debug, Default)]
pub struct Read {
    /// What the line holds.
    pub enrolments: Vec<Enrolment>,
    /// What mfactl cannot keep of it.
    pub notes: Vec<String>,
}

/// The lines of a file with their numbers from 1: without their ends (LF or CRLF) and
/// without a byte order mark before the first.
///
/// A line that is too long, not UTF-8, or has a control character other than a tab is
/// given as what is wrong with it.
pub fn numbered(file: &[u8]) -> impl Iterator<Item = (usize, Result<&str, String>)> {
    let file = file.strip_prefix(b"\xef\xbb\xbf").unwrap_or(file);
    let file = file.strip_suffix(b"\n").unwrap_or(file);
    let lines = file.split(|byte| *byte == b'\n').enumerate();
    lines.map(|(index, line)| (index + 1, checked(line.strip_suffix(b"\r").unwrap_or(line))))
}

fn checked(line: &[u8]) -> Result<&str, String> {
    if line.len() > LONGEST {
        return Err(format!("the line is longer than {LONGEST} bytes"));
    }
    let text = std::str::from_utf8(line).map_err(|_| "the line is not UTF-8".to_owned())?;
    match text.chars().find(|c| *c != '\t' && !allowed(*c)) {
        None => Ok(text),
        Some(bad) => Err(format!("the line has the character U+{:04X}", u32::from(bad))),
    }
}

/// Reads every line but blank ones and comments (`#`) with `read`.
///
/// # Errors
/// Every line that `read` refuses.
pub fn read_each(
    file: &[u8],
    mut read: impl FnMut(&str) -> Result<Read, String>,
) -> Result<Imported, Problems> {
    let mut imported = Imported::default();
    let mut problems = Problems::default();
    for (number, line) in numbered(file) {
        let line = line.map(str::trim);
        if line.as_ref().is_ok_and(|text| text.is_empty() || text.starts_with('#')) {
            continue;
        }
        match line.and_then(&mut read) {
            Ok(of_line) => {
                let enrolments = of_line.enrolments.into_iter().map(|e| (number, e));
                imported.enrolments.extend(enrolments);
                imported.notes.extend(of_line.notes.into_iter().map(|n| Note::line(number, n)));
            }
            Err(message) => problems.add(number, message),
        }
    }
    problems.or(imported)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn lines_have_numbers_whatever_their_ends() {
        let lines: Vec<_> = numbered(b"\xef\xbb\xbfa\r\n\r\nb\n\tc").collect();
        assert_eq!(lines, [(1, Ok("a")), (2, Ok("")), (3, Ok("b")), (4, Ok("\tc"))]);
    }

    #[test]
    fn a_hostile_line_is_refused_and_not_shown() {
        let long = vec![b'a'; LONGEST + 1];
        for (line, what) in [
            (&b"\xff\xfe"[..], "UTF-8"),
            (b"a\0b", "U+0000"),
            (b"a\x1b[2J", "U+001B"),
            ("a\u{202e}b".as_bytes(), "U+202E"),
            (&long, "longer"),
        ] {
            let (_, found) = numbered(line).next().unwrap();
            assert!(found.unwrap_err().contains(what), "{what}");
        }
    }
}
