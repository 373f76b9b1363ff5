//! Line numbers as an editor shows them: a line ends with LF, with CR LF or with a CR alone.
//! Where the last row of a table ends.

use std::io::Read;

use memchr::memchr2_iter;

/// Tells the lines of places in a text that are asked for from front to back: all of them
/// together cost one pass.
#[derive(Debug, Clone)]
pub struct LineCounter<'t> {
    text: &'t [u8],
    at: usize,
    line: u64,
}

impl<'t> LineCounter<'t> {
    /// A counter at the beginning of `text`, in line 1.
    pub fn new(text: &'t [u8]) -> LineCounter<'t> {
        LineCounter { text, at: 0, line: 1 }
    }

    /// The line of the byte at `offset`, which must not be before the last one asked for.
    pub fn line_at(&mut self, offset: usize) -> u64 {
        let offset = offset.min(self.text.len());
        let passed = self.text.get(self.at..offset).unwrap_or_default();
        let ends = memchr2_iter(b'\n', b'\r', passed).filter(|place| {
            let end = self.at + place;
            self.text[end] == b'\n' || self.text.get(end + 1) != Some(&b'\n')
        });
        self.line += ends.count() as u64;
        self.at = self.at.max(offset);
        self.line
    }
}

/// The line of the byte at `offset` of a text, from 1.
pub fn line_of(text: &[u8], offset: usize) -> u64 {
    LineCounter::new(text).line_at(offset)
}

/// What is wrong with a row of which [`is_unclosed`] holds.
pub const UNCLOSED: &str = "a quote is opened and never closed";

/// Whether the last row of a table ends within quotes: the file was cut, or a quote is missing,
/// and rows may have been taken for text. The CSV library says nothing of it.
pub fn is_unclosed(row: &[u8], separator: u8) -> bool {
    // What follows is then part of the row.
    let with_another = csv::ReaderBuilder::new()
        .has_headers(false)
        .flexible(true)
        .delimiter(separator)
        .from_reader(row.chain(&b"\n."[..]));
    with_another.into_byte_records().count() == 1
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    #[test]
    fn every_kind_of_line_end_counts_once() {
        for text in
            ["a\nb\nc", "a\r\nb\r\nc", "a\rb\rc", "a\n\nc", "a\r\n\r\nc", "\r\rc", "a\r\n\rc"]
        {
            assert_eq!(line_of(text.as_bytes(), text.len() - 1), 3, "{text:?}");
        }
        assert_eq!((line_of(b"", 0), line_of(b"a\n", 9), line_of(b"a\r\nb", 2)), (1, 2, 1));
    }

    #[test]
    fn a_row_is_unclosed_where_its_last_quote_opens() {
        for row in ["\"", "\"a", "a,\"b", "a,\"b\nc\n", "\"a\"\"", "\"a\"\"\n"] {
            assert!(is_unclosed(row.as_bytes(), b','), "{row:?}");
        }
        for row in ["a", "a\n", "\"a\"", "a,\"b\"\r\n", "5\" disk", "\"a\"\"\"", "\"\"", "a;\"b"] {
            assert!(!is_unclosed(row.as_bytes(), b','), "{row:?}");
        }
    }

    proptest! {
        #[test]
        fn going_on_tells_the_same_as_beginning_anew(text in "[ab\r\n]{0,40}") {
            let mut counter = LineCounter::new(text.as_bytes());
            for place in 0..=text.len() {
                prop_assert_eq!(counter.line_at(place), line_of(text.as_bytes(), place));
            }
        }
    }
}
