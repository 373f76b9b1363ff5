//! A file as lines of text, whatever is in it and however it is encoded.

use zeroize::Zeroizing;

use crate::domain::encoding;

use super::value::{ImportNote, ImportReader, Imported, Unread};

/// The longest line that is looked at, in bytes. A migration URI of ten accounts has
/// about 2,000; a QR code holds 2,953.
pub const LONGEST: usize = 16 * 1024;

/// The text of a file: UTF-8 or (by its byte-order mark, or the zero bytes of its first
/// characters) UTF-16, without the mark, every line ended by LF. What is not text of the
/// encoding becomes U+FFFD, which is refused where it would be kept and nowhere else.
pub fn decoded(file: &[u8]) -> Zeroizing<String> {
    let text = match utf_16(file) {
        Some(Utf16 { text, unit, .. }) => from_utf16(text, unit),
        None => from_utf8(file.strip_prefix(b"\xef\xbb\xbf").unwrap_or(file)),
    };
    match text.contains('\r') {
        true => Zeroizing::new(Zeroizing::new(text.replace("\r\n", "\n")).replace('\r', "\n")),
        false => text,
    }
}

/// A file in UTF-16.
pub(super) struct Utf16<'a> {
    /// Its name.
    pub(super) name: &'static str,
    text: &'a [u8],
    unit: fn([u8; 2]) -> u16,
}

/// The file as UTF-16, if it is.
pub(super) fn utf_16(file: &[u8]) -> Option<Utf16<'_>> {
    let name = encoding::utf_16(file)?;
    let unit = if name == "UTF-16LE" { u16::from_le_bytes } else { u16::from_be_bytes };
    let text = match file {
        [0xFF, 0xFE, text @ ..] | [0xFE, 0xFF, text @ ..] => text,
        text => text,
    };
    Some(Utf16 { name, text, unit })
}

/// Whether what is written behind the file in UTF-8 can be read together with it.
pub(super) fn may_be_utf_8(file: &[u8]) -> bool {
    !file.contains(&0) && utf_16(file).is_none()
}

/// Whether a line ends with CR and no LF.
pub(super) fn has_bare_cr(file: &[u8]) -> bool {
    numbered_bytes(file).any(|(_, line)| line.contains(&b'\r'))
}

fn from_utf8(bytes: &[u8]) -> Zeroizing<String> {
    Zeroizing::new(String::from_utf8_lossy(bytes).into_owned())
}

fn from_utf16(bytes: &[u8], unit: fn([u8; 2]) -> u16) -> Zeroizing<String> {
    let units = bytes.chunks_exact(2).map(|pair| unit([pair[0], pair[1]]));
    let mut text = Zeroizing::new(String::with_capacity(bytes.len()));
    text.extend(char::decode_utf16(units).map(|c| c.unwrap_or(char::REPLACEMENT_CHARACTER)));
    text
}

/// The lines of a text with their numbers from 1, as an editor shows them.
pub fn numbered(text: &str) -> impl Iterator<Item = (usize, &str)> {
    text.strip_suffix('\n').unwrap_or(text).split('\n').zip(1..).map(|(line, n)| (n, line))
}

/// The same of bytes, for formats of which every byte is to stay; LF ends a line, with any CR
/// before it: a file that was converted twice has more than one.
pub fn numbered_bytes(file: &[u8]) -> impl Iterator<Item = (usize, &[u8])> {
    let file = file.strip_prefix(b"\xef\xbb\xbf").unwrap_or(file);
    let file = file.strip_suffix(b"\n").unwrap_or(file);
    let lines = file.split(|byte| *byte == b'\n').zip(1..);
    lines.map(|(line, number)| {
        let end = line.iter().rposition(|byte| *byte != b'\r').map_or(0, |last| last + 1);
        (number, &line[..end])
    })
}

/// Reads every line but blank ones and comments (`#`) with `read`.
pub fn read_each(
    file: &[u8],
    mut read: impl FnMut(&str, &mut ImportReader) -> Result<(), Unread>,
) -> Imported {
    let text = decoded(file);
    let mut reading = ImportReader::default();
    for (number, line) in numbered(&text) {
        let line = line.trim();
        if line.is_empty() || line.starts_with('#') {
            continue;
        }
        reading.at(number);
        let done = match line.len() {
            0..=LONGEST => read(line, &mut reading),
            _ => Err(Unread::Wrong(format!("the line is longer than {LONGEST} bytes"))),
        };
        if let Err(unread) = done {
            reading.unread(None, unread);
        }
    }
    reading.done()
}

/// A problem of the whole file.
pub fn whole(message: impl Into<String>) -> Imported {
    let mut imported = Imported::default();
    imported.problems.push(ImportNote::whole(message));
    imported
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn lines_have_the_numbers_of_an_editor_whatever_their_ends() {
        for (file, count) in
            [(&b"\xef\xbb\xbfa\r\n\r\nb\n\tc"[..], 4), (b"a\r\rb\r\tc\r", 4), (b"", 1)]
        {
            let text = decoded(file);
            let lines: Vec<_> = numbered(&text).collect();
            assert_eq!(lines.len(), count, "{file:?}");
            assert!(count == 1 || lines[1..] == [(2, ""), (3, "b"), (4, "\tc")]);
        }
        let bytes: Vec<_> = numbered_bytes(b"a\r\n\n\xff").collect();
        assert_eq!(bytes, [(1, &b"a"[..]), (2, b""), (3, b"\xff")]);
    }

    #[test]
    fn utf_16_is_read_with_and_without_its_mark() {
        let units: Vec<u16> = "upn,é\r\n".encode_utf16().collect();
        let little: Vec<u8> = units.iter().flat_map(|unit| unit.to_le_bytes()).collect();
        let big: Vec<u8> = units.iter().flat_map(|unit| unit.to_be_bytes()).collect();
        let marked = |mark: &[u8], rest: &[u8]| [mark, rest].concat();
        for file in
            [marked(b"\xff\xfe", &little), marked(b"\xfe\xff", &big), little.clone(), big.clone()]
        {
            assert_eq!(*decoded(&file), "upn,é\n");
        }
        assert_eq!(*decoded(b"caf\xe9"), "caf\u{fffd}");
    }

    #[test]
    fn a_line_that_is_too_long_is_refused_and_not_shown() {
        let imported = read_each(&vec![b'a'; LONGEST + 1], |_, _| Ok(()));
        assert!(imported.problems.to_string().starts_with("line 1: the line is longer"));
    }
}
