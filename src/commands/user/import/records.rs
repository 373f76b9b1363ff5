//! The records of a file as they stand there, one after the other in one text: a million
//! of them take little more memory than the file, where a million rows take many times that.

use crate::commands::sheet::{SheetProblem, SheetReader};
use crate::report::format::escape::unprotected;

/// So many records are read at once, and made at once.
const BATCH: usize = 1_000;

/// Most records are shorter (bytes).
const RECORD: usize = 160;

/// Some records that follow each other.
#[derive(Default)]
pub(super) struct Records {
    text: String,
    /// Where each cell ends (bytes).
    ends: Vec<u32>,
    /// The line of each record.
    lines: Vec<u64>,
}

impl Records {
    /// The next ones, and what is wrong with others; `None` at the end.
    pub(super) fn next(
        reader: &mut SheetReader<'_>,
        record: &mut csv::StringRecord,
    ) -> Option<(Records, Vec<SheetProblem>)> {
        let (mut records, mut problems) = (Records::default(), Vec::new());
        while records.len() + problems.len() < BATCH {
            match reader.next(record) {
                Some(Ok(line)) => records.push(line, record),
                Some(Err(problem)) => problems.push(problem),
                None => break,
            }
        }
        (records.len() + problems.len() > 0).then_some((records, problems))
    }

    fn push(&mut self, line: u64, record: &csv::StringRecord) {
        if self.lines.is_empty() {
            self.lines.reserve(BATCH);
            self.ends.reserve(BATCH * record.len());
            self.text.reserve(BATCH * RECORD);
        }
        self.lines.push(line);
        for cell in record {
            self.text.push_str(&unprotected(cell.trim()));
            let end = u32::try_from(self.text.len()).expect("no text is read that has 4 GiB");
            self.ends.push(end);
        }
    }

    /// How many they are.
    pub(super) fn len(&self) -> usize {
        self.lines.len()
    }

    /// Each with its line.
    pub(super) fn iter(&self) -> impl Iterator<Item = (u64, Cells<'_>)> {
        // All have as many cells as the header.
        let width = self.ends.len() / self.len().max(1);
        self.lines.iter().enumerate().map(move |(number, line)| {
            let first = number * width;
            let before = first.checked_sub(1).map_or(0, |last| self.ends[last]);
            (*line, Cells { text: &self.text, before, ends: &self.ends[first..first + width] })
        })
    }
}

/// The cells of one record.
pub(super) struct Cells<'a> {
    text: &'a str,
    /// Where the record before ends.
    before: u32,
    ends: &'a [u32],
}

impl<'a> Cells<'a> {
    /// The cell at this place, if there are so many.
    pub(super) fn get(&self, place: usize) -> Option<&'a str> {
        let start = if place == 0 { self.before } else { *self.ends.get(place - 1)? };
        self.text.get(start as usize..*self.ends.get(place)? as usize)
    }
}
