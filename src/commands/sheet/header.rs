//! What a header says: which column stands where, and which are not known.

use super::SheetReader;
use super::{SheetProblem, error};
use crate::cli::sheet::{SheetOptions, column_name};
use crate::domain::ids::{NOT_SHOWN, may_be_key};
use crate::error::{Error, Kind, Result};

/// Where each column that is wanted stands, if it does.
#[derive(Debug, Clone, Default)]
pub(in crate::commands) struct Columns {
    places: Vec<Option<usize>>,
}

impl Columns {
    /// Reads the header as one that may name columns out of `known`.
    ///
    /// # Errors
    /// Usage (2): no header, a column that stands twice or is not known, or a header that
    /// `--columns` names and the file does not have.
    pub(in crate::commands) fn read(
        reader: &mut SheetReader<'_>,
        known: &[&str],
        options: &SheetOptions,
        file: &str,
    ) -> Result<Columns> {
        let mut record = csv::StringRecord::new();
        match reader.next(&mut record) {
            Some(Ok(line)) => Columns::of(reader, &record, line, known, options, file),
            Some(Err(problem)) => Err(wrong(file, problem, known)),
            None => Err(Error::usage(format!("{file} is empty: expected a header")).about(file)),
        }
    }

    /// Takes `record` as the header.
    ///
    /// # Errors
    /// As [`Columns::read`].
    pub(super) fn of(
        reader: &mut SheetReader<'_>,
        record: &csv::StringRecord,
        line: u64,
        known: &[&str],
        options: &SheetOptions,
        file: &str,
    ) -> Result<Columns> {
        let problem = |what: String| wrong(file, SheetProblem { line, what }, known);
        let names: Vec<String> = record.iter().map(column_name).collect();
        check_map(options, &names, known).map_err(problem)?;
        let mut columns = Columns { places: vec![None; known.len()] };
        let mut unknown = Vec::new();
        let mut empty = Vec::new();
        for (place, name) in names.iter().enumerate() {
            match meant(options, name, known) {
                _ if name.is_empty() => empty.push(place),
                Some(column) => {
                    if columns.places[column].replace(place).is_some() {
                        return Err(problem(format!("duplicate column {}", known[column])));
                    }
                }
                None => {
                    let name = record.get(place).unwrap_or_default().trim();
                    unknown.push(if may_be_key(name) { NOT_SHOWN } else { name });
                }
            }
        }
        if !unknown.is_empty() && !options.ignore_unknown_columns {
            let many = if unknown.len() == 1 { "" } else { "s" };
            let what = format!("unknown column{many} {}", unknown.join(", "));
            let error = problem(what);
            return Err(error.words("--ignore-unknown-columns ignores them"));
        }
        reader.header = super::Header { names, empty };
        Ok(columns)
    }

    /// The columns of a list without a header: the first cell is the first of `known`.
    pub(super) fn without_header(known: &[&str]) -> Columns {
        let mut columns = Columns { places: vec![None; known.len()] };
        columns.places[0] = Some(0);
        columns
    }

    /// Where the column that is `column`th of those known stands.
    pub(in crate::commands) fn place(&self, column: usize) -> Option<usize> {
        self.places.get(column).copied().flatten()
    }
}

/// Which of the known columns a header means.
pub(super) fn meant(options: &SheetOptions, name: &str, known: &[&str]) -> Option<usize> {
    let mapped = options.columns.iter().flat_map(|map| map.iter());
    let column = match mapped.clone().find(|(_, header)| *header == name) {
        Some((column, _)) => column,
        // What is mapped goes by no other name.
        None if mapped.clone().any(|(column, _)| column == name) => return None,
        None => name,
    };
    known.iter().position(|known| *known == column)
}

/// Whether a cell says the same as this header.
pub(super) fn same(cell: &str, name: &str) -> bool {
    // Few rows get beyond the first cell; those need not be copied.
    cell.trim_matches(|c: char| c.is_whitespace() || c == '\u{feff}').len() == name.len()
        && column_name(cell) == name
}

/// What `--columns` names must be there.
fn check_map(
    options: &SheetOptions,
    names: &[String],
    known: &[&str],
) -> std::result::Result<(), String> {
    for (column, header) in options.columns.iter().flat_map(|map| map.iter()) {
        if !known.contains(&column) {
            return Err(format!("--columns names an unknown column {column}"));
        }
        if !names.iter().any(|name| name == header) {
            return Err(format!("--columns: the header {header} was not found"));
        }
    }
    Ok(())
}

fn wrong(file: &str, problem: SheetProblem, known: &[&str]) -> Error {
    error(Kind::Usage, "usage", file, &[problem])
        .words(format!("the header may name {}", known.join(", ")))
}
