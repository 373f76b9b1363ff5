//! The one reader of tables and lists that people hand in: `user import` and every
//! `--from-file`. It knows what the header says, leaves nothing out that could mean
//! something, and numbers lines as an editor does. What cells mean is for its callers.
//!
//! Cells are separated by commas, or by tabs or semicolons where the first line has no comma.

mod header;
mod list;

pub(super) use header::Columns;
pub(super) use list::{ListRow, read_list};

use crate::domain::ids::quoted;
use crate::domain::lines::{LineCounter, UNCLOSED, is_unclosed};
use crate::error::{Error, Kind};

/// How many problems one error names.
const SHOWN: usize = 20;

/// What is wrong with one line.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct SheetProblem {
    pub(super) line: u64,
    pub(super) what: String,
}

/// An error that names the first problems of a file.
pub(super) fn error(
    kind: Kind,
    code: &'static str,
    file: &str,
    problems: &[SheetProblem],
) -> Error {
    let lines = match problems {
        [one] => vec![format!("{file}, line {}: {}", one.line, one.what)],
        many => {
            let mut lines = vec![format!("{file} has {} problems", many.len())];
            let shown = many.iter().take(SHOWN);
            lines.extend(shown.map(|one| format!("  line {}: {}", one.line, one.what)));
            let more = many.len().saturating_sub(SHOWN);
            lines.extend((more > 0).then(|| format!("  and {more} more")));
            lines
        }
    };
    Error::listing(kind, code, lines).about(file)
}

/// The records of a file, one after the other.
pub(super) struct SheetReader<'t> {
    csv: csv::Reader<&'t [u8]>,
    text: &'t [u8],
    lines: LineCounter<'t>,
    header: Header,
}

/// What the reader knows of the header, once there is one.
#[derive(Default)]
struct Header {
    /// The cells as they are compared; none before the header was read.
    names: Vec<String>,
    /// The places where the header is empty.
    empty: Vec<usize>,
}

impl<'t> SheetReader<'t> {
    /// A reader of `text`, which may begin with a byte-order mark.
    pub(super) fn new(text: &'t str) -> SheetReader<'t> {
        let text = text.strip_prefix('\u{feff}').unwrap_or(text).as_bytes();
        let csv = csv::ReaderBuilder::new()
            .has_headers(false)
            .flexible(true)
            .delimiter(delimiter(text))
            .from_reader(text);
        SheetReader { csv, text, lines: LineCounter::new(text), header: Header::default() }
    }

    /// Reads the next record into `record`: its line, or what is wrong with it; `None` at
    /// the end. Lines without anything in them are passed over.
    pub(super) fn next(
        &mut self,
        record: &mut csv::StringRecord,
    ) -> Option<Result<u64, SheetProblem>> {
        loop {
            let offset = usize::try_from(self.csv.position().byte()).unwrap_or(usize::MAX);
            let read = self.csv.read_record(record);
            // The rest of the line end before it, and empty lines, are part of the record
            // as the parser sees it.
            let rest = self.text.get(offset..).unwrap_or_default();
            let blank = rest.iter().take_while(|b| matches!(b, b'\r' | b'\n')).count();
            let line = self.lines.line_at(offset.saturating_add(blank));
            match read {
                Ok(false) => return None,
                Ok(true) if self.is_unclosed(rest) => {
                    return Some(Err(SheetProblem { line, what: UNCLOSED.to_owned() }));
                }
                Ok(true) if self.is_blank(record, rest.get(blank)) => {}
                Ok(true) => return Some(self.check(record, line)),
                Err(error) => {
                    return Some(Err(SheetProblem {
                        line,
                        what: format!("cannot be read: {error}"),
                    }));
                }
            }
        }
    }

    /// Whether the record that was just read, and begins `rest`, has a quote that nothing closes:
    /// then it goes to the end.
    fn is_unclosed(&self, rest: &[u8]) -> bool {
        let end = usize::try_from(self.csv.position().byte()).unwrap_or(usize::MAX);
        end >= self.text.len() && is_unclosed(rest, delimiter(self.text))
    }

    /// Whether a record says nothing: an empty cell in quotes, alone, says that it is empty.
    fn is_blank(&self, record: &csv::StringRecord, first: Option<&u8>) -> bool {
        let quoted = self.header.names.len() <= 1 && record.len() == 1 && first == Some(&b'"');
        !quoted && record.iter().all(|cell| cell.trim().is_empty())
    }

    fn check(&self, record: &csv::StringRecord, line: u64) -> Result<u64, SheetProblem> {
        let Header { names, empty } = &self.header;
        if names.is_empty() {
            return Ok(line);
        }
        let problem = |what| Err(SheetProblem { line, what });
        if record.len() != names.len() {
            let (cells, header) = (count(record.len(), "cell"), names.len());
            return problem(format!("the row has {cells}, the header {header}"));
        }
        if record.iter().zip(names).all(|(cell, name)| header::same(cell, name)) {
            return problem("repeated header".to_owned());
        }
        let filled =
            |place: &&usize| record.get(**place).is_some_and(|cell| !cell.trim().is_empty());
        if let Some(place) = empty.iter().find(filled) {
            let cell = record.get(*place).unwrap_or_default();
            return problem(format!(
                "{} stands below an empty header (cell {})",
                quoted(cell),
                place + 1
            ));
        }
        Ok(line)
    }
}

/// A number with its noun.
fn count(number: usize, noun: &str) -> String {
    format!("{number} {noun}{}", if number == 1 { "" } else { "s" })
}

/// What separates the cells, by the first line.
fn delimiter(text: &[u8]) -> u8 {
    let first = text.split(|b| matches!(b, b'\r' | b'\n')).find(|line| !line.is_empty());
    let first = first.unwrap_or_default();
    [b',', b'\t', b';'].into_iter().find(|mark| first.contains(mark)).unwrap_or(b',')
}

#[cfg(test)]
mod tests {
    use super::*;

    /// The line of every record that can be read.
    fn lines(text: &str) -> Vec<u64> {
        let (mut reader, mut record) = (SheetReader::new(text), csv::StringRecord::new());
        std::iter::from_fn(|| reader.next(&mut record)).map(|line| line.unwrap()).collect()
    }

    #[test]
    fn lines_are_numbered_as_an_editor_does() {
        for (text, expected) in [
            ("a,b\nc,d\n", vec![1, 2]),
            ("a,b\r\nc,d\r\ne,f", vec![1, 2, 3]),
            ("a,b\rc,d\re,f\r", vec![1, 2, 3]),
            ("\u{feff}a,b\n\n\nc,d\n", vec![1, 4]),
            ("a,b\r\n\r\n\r\nc,d\r\n", vec![1, 4]),
            ("\n\na\n", vec![3]),
            ("a,\"x\ny\"\nb,c\n", vec![1, 3]),
            ("a,\"x\r\ny\"\r\nb,c\r\n", vec![1, 3]),
            ("a,b\n , \n,\nc,d\n", vec![1, 4]),
            ("a\n\"\"\nb\n   \nc\n", vec![1, 2, 3, 5]),
            ("", vec![]),
            ("\r\n\r\n", vec![]),
        ] {
            assert_eq!(lines(text), expected, "{text:?}");
        }
    }

    /// The rest of a file that was cut was taken for a whole cell.
    #[test]
    fn a_quote_that_is_never_closed_is_a_problem_of_its_line() {
        for text in ["a\n\"b", "a,b\n\"x,y\nz,\nw,\n", "a;b\r\nc;\"d\r\n", "a,b\nc,\"d\"\"\n"] {
            let (mut reader, mut record) = (SheetReader::new(text), csv::StringRecord::new());
            assert_eq!(reader.next(&mut record), Some(Ok(1)), "{text:?}");
            let problem = SheetProblem { line: 2, what: UNCLOSED.to_owned() };
            assert_eq!(reader.next(&mut record), Some(Err(problem)), "{text:?}");
            assert_eq!(reader.next(&mut record), None, "{text:?}");
        }
    }

    #[test]
    fn what_separates_cells_is_told_by_the_first_line() {
        for (text, expected) in [
            ("a,b;c\n", b','),
            ("a;b\n", b';'),
            ("a\tb;c\n", b'\t'),
            ("\r\na;b\r\n", b';'),
            ("a\nb;c\n", b','),
            ("", b','),
        ] {
            assert_eq!(delimiter(text.as_bytes()), expected, "{text:?}");
        }
    }
}
