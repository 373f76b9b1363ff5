//! Tables: no borders, two spaces between columns, one line for each row.
//!
//! If a table is wider than the terminal, texts are cut with `…`. If that is not enough,
//! optional columns are left out and named below the table; and if it is still too wide, each
//! row becomes a block of labelled lines. Names and times are never cut. A few rows whose
//! names are far longer than the others' take an extra line, and the table is laid out for
//! the rest.

use std::borrow::Cow;
use std::fmt::Display;

use comfy_table::{CellAlignment, ColumnConstraint, Table, TableStyle, Width};

use super::style::Style;
use super::text::{cut, cut_names, safe, width};
use crate::error::Result;

/// One cell of a row, with the heading of its column. Every row of a table has the same
/// headings in the same order.
#[derive(Debug, Clone)]
pub struct Cell {
    column: Column,
    text: String,
}

impl Cell {
    /// A name that somebody copies: never cut.
    pub fn id(header: &'static str, text: impl Display) -> Cell {
        Cell::new(header, CellKind::Id, text)
    }

    /// Several such names, joined by `, `: cut between names only.
    pub fn names(header: &'static str, text: impl Display) -> Cell {
        Cell::new(header, CellKind::Names, text)
    }

    /// Words: cut with `…`.
    pub fn text(header: &'static str, text: impl Display) -> Cell {
        Cell::new(header, CellKind::Text, text)
    }

    /// A number, aligned to the right.
    pub fn number(header: &'static str, number: impl Display) -> Cell {
        Cell::new(header, CellKind::Number, number)
    }

    /// An instant as [`Style::time`] writes it: never cut.
    pub fn time(header: &'static str, time: impl Display) -> Cell {
        Cell::new(header, CellKind::Time, time)
    }

    fn new(header: &'static str, kind: CellKind, text: impl Display) -> Cell {
        Cell { column: Column { header, kind, optional: false }, text: text.to_string() }
    }

    /// The same cell, in a column that is left out where the table is too wide.
    #[must_use]
    pub fn optional(mut self) -> Cell {
        self.column.optional = true;
        self
    }
}

/// The columns of the rows, and the text of each cell. A long table keeps its columns once.
pub(crate) fn split(
    rows: impl Iterator<Item = Result<Vec<Cell>>>,
) -> Result<(Vec<Column>, Vec<Vec<String>>)> {
    let mut columns = Vec::new();
    let texts = rows.map(|row| {
        let (row_columns, texts) = row?.into_iter().map(|cell| (cell.column, cell.text)).unzip();
        columns = row_columns;
        Ok(texts)
    });
    let texts = texts.collect::<Result<_>>()?;
    Ok((columns, texts))
}

/// The heading of a column and how it may shrink.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Column {
    header: &'static str,
    kind: CellKind,
    optional: bool,
}

impl Column {
    #[cfg(test)]
    pub(crate) fn header(&self) -> &'static str {
        self.header
    }

    /// The narrowest that the cells of this column can be brought to, of which
    /// the widest takes `natural`.
    fn least<'a>(&self, natural: usize, cells: impl Iterator<Item = &'a str>) -> usize {
        match self.kind {
            CellKind::Id | CellKind::Number | CellKind::Time => natural,
            CellKind::Text => natural.min(width(self.header).max(8)),
            // One name each, so that the column still says something.
            CellKind::Names => cells
                .map(|cell| match cell.split_once(", ") {
                    Some((first, _)) => width(first) + width(", …"),
                    None => width(cell),
                })
                .max()
                .map_or(natural, |names| names.max(width(self.header)).min(natural)),
        }
    }
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum CellKind {
    Id,
    Names,
    Text,
    Number,
    Time,
}

const GAP: usize = 2;
/// Where one row in so many has a name that is far too long, the table is laid out for the others.
const FEW: usize = 10;
/// Rows that are laid out at once: bounds what the layout needs beside the cells.
const CHUNK: usize = 1_000;

/// The lines of a table, for `style`. Cells need not be safe.
pub(crate) fn lines(columns: &[Column], mut rows: Vec<Vec<String>>, style: &Style) -> Vec<String> {
    for cell in rows.iter_mut().flatten() {
        if let Cow::Owned(safe) = safe(cell) {
            *cell = safe;
        }
    }
    let every = vec![false; rows.len()];
    let Some(limit) = style.limit() else {
        let measured = Measured::new(columns, &rows, &every);
        let all: Vec<usize> = (0..columns.len()).collect();
        return aligned(columns, &rows, &all, &measured.natural, &every, style);
    };
    let odd = wider(columns, &rows, limit / 2);
    let odd_rows = odd.iter().filter(|odd| **odd).count();
    let all = Measured::new(columns, &rows, &every);
    if odd_rows > 0 && odd_rows * FEW <= rows.len() && !all.fits_whole(limit) {
        let rest = Measured::new(columns, &rows, &odd);
        if let Some(lines) = rest.table(columns, &rows, &odd, limit, style) {
            return lines;
        }
    }
    if let Some(lines) = all.table(columns, &rows, &every, limit, style) {
        return lines;
    }
    // A name that no line holds would be alone on its line in a block, too.
    let odd = wider(columns, &rows, limit);
    let rest = odd.contains(&false).then(|| Measured::new(columns, &rows, &odd));
    rest.and_then(|rest| rest.table(columns, &rows, &odd, limit, style))
        .unwrap_or_else(|| blocks(columns, &rows, limit, style))
}

/// For each row, whether one name of it alone takes more than `most` columns of
/// the terminal: such a row may go over its columns, rather than make them wide.
fn wider(columns: &[Column], rows: &[Vec<String>], most: usize) -> Vec<bool> {
    let over = |row: &Vec<String>| {
        columns
            .iter()
            .zip(row)
            .any(|(column, cell)| column.least(width(cell), std::iter::once(cell.as_str())) > most)
    };
    rows.iter().map(over).collect()
}

/// How wide the columns are, and can be made.
struct Measured {
    natural: Vec<usize>,
    least: Vec<usize>,
}

impl Measured {
    /// Of all rows but those that are `left_out`.
    fn new(columns: &[Column], rows: &[Vec<String>], left_out: &[bool]) -> Measured {
        let counted =
            || rows.iter().zip(left_out).filter(|(_, left_out)| !**left_out).map(|(row, _)| row);
        let mut natural: Vec<usize> = columns.iter().map(|column| width(column.header)).collect();
        for row in counted() {
            for (widest, cell) in natural.iter_mut().zip(row) {
                *widest = (*widest).max(width(cell));
            }
        }
        let least = (0..columns.len())
            .map(|at| columns[at].least(natural[at], counted().map(|row| row[at].as_str())))
            .collect();
        Measured { natural, least }
    }

    fn fits_whole(&self, limit: usize) -> bool {
        let all: Vec<usize> = (0..self.natural.len()).collect();
        fitted(&all, &self.natural, &self.least, limit).is_some()
    }

    /// The lines of a table of at most `limit` columns of the terminal, the rows
    /// that are `over` aside; none if it does not fit.
    fn table(
        &self,
        columns: &[Column],
        rows: &[Vec<String>],
        over: &[bool],
        limit: usize,
        style: &Style,
    ) -> Option<Vec<String>> {
        let mut shown: Vec<usize> = (0..columns.len()).collect();
        loop {
            if let Some(widths) = fitted(&shown, &self.natural, &self.least, limit) {
                let mut lines = aligned(columns, rows, &shown, &widths, over, style);
                lines.extend(left_out(columns, &shown, limit));
                return Some(lines);
            }
            shown.remove(shown.iter().rposition(|index| columns[*index].optional)?);
        }
    }
}

/// Widths by column with which the columns `shown` take at most `limit`
/// columns of the terminal; none if there are no such.
fn fitted(shown: &[usize], natural: &[usize], least: &[usize], limit: usize) -> Option<Vec<usize>> {
    let gaps = GAP * shown.len().saturating_sub(1);
    let mut widths = natural.to_vec();
    let mut over = (shown.iter().map(|i| natural[*i]).sum::<usize>() + gaps).saturating_sub(limit);
    while over > 0 {
        // The widest gives first, so that short texts stay whole.
        let widest = shown.iter().copied().filter(|i| widths[*i] > least[*i]);
        let widest = widest.max_by_key(|i| widths[*i])?;
        widths[widest] -= 1;
        over -= 1;
    }
    Some(widths)
}

fn aligned(
    columns: &[Column],
    rows: &[Vec<String>],
    shown: &[usize],
    widths: &[usize],
    over: &[bool],
    style: &Style,
) -> Vec<String> {
    let header: Vec<String> = shown.iter().map(|i| columns[*i].header.to_owned()).collect();
    let cells = |row: &Vec<String>| -> Vec<String> {
        shown.iter().map(|i| fit(columns[*i], &row[*i], widths[*i])).collect()
    };
    let mut lines = laid_out(columns, shown, widths, std::iter::once(header));
    for line in &mut lines {
        *line = style.bold(line);
    }
    let limit = style.limit().unwrap_or(usize::MAX);
    let mut from = 0;
    while from < rows.len() {
        if over[from] {
            lines.extend(overflowing(columns, shown, widths, &cells(&rows[from]), limit));
            from += 1;
            continue;
        }
        let same = over[from..].iter().take(CHUNK).take_while(|over| !**over).count();
        let chunk = rows[from..from + same].iter().map(cells);
        lines.extend(laid_out(columns, shown, widths, chunk));
        from += same;
    }
    lines
}

/// A row of which a name is wider than its column: the name is whole, and what
/// stands beside it follows below, each in its column.
fn overflowing(
    columns: &[Column],
    shown: &[usize],
    widths: &[usize],
    cells: &[String],
    limit: usize,
) -> Vec<String> {
    let (mut lines, mut line, mut start) = (Vec::new(), String::new(), 0);
    for (index, cell) in shown.iter().zip(cells) {
        let room = widths[*index];
        if width(cell) > room {
            // Alone, and within the line where it can be.
            let place = start.min(limit.saturating_sub(width(cell)));
            lines.push(std::mem::take(&mut line));
            lines.push(format!("{}{cell}", " ".repeat(place)));
        } else {
            let to_the_right = columns[*index].kind == CellKind::Number;
            let lead = if to_the_right { room - width(cell) } else { 0 };
            line.push_str(&" ".repeat((start + lead).saturating_sub(width(&line))));
            line.push_str(cell);
        }
        start += room + GAP;
    }
    lines.push(line);
    lines.iter().map(|line| line.trim_end().to_owned()).filter(|line| !line.is_empty()).collect()
}

fn fit(column: Column, cell: &str, columns: usize) -> String {
    match column.kind {
        CellKind::Text => cut(cell, columns),
        CellKind::Names => cut_names(cell, columns),
        CellKind::Id | CellKind::Number | CellKind::Time => cell.to_owned(),
    }
}

fn laid_out(
    columns: &[Column],
    shown: &[usize],
    widths: &[usize],
    rows: impl Iterator<Item = Vec<String>>,
) -> Vec<String> {
    let mut table = Table::new();
    table.load_style(TableStyle::new());
    table.add_rows(rows);
    for (place, index) in shown.iter().enumerate() {
        let Some(column) = table.column_mut(place) else { continue };
        let last = place + 1 == shown.len();
        column.set_padding((0, if last { 0 } else { GAP as u16 }));
        let padded = widths[*index] + if last { 0 } else { GAP };
        let padded = u16::try_from(padded).unwrap_or(u16::MAX);
        column.set_constraint(ColumnConstraint::Absolute(Width::Fixed(padded)));
        if columns[*index].kind == CellKind::Number {
            column.set_cell_alignment(CellAlignment::Right);
        }
    }
    table.lines().map(|line| line.trim_end().to_owned()).collect()
}

fn left_out(columns: &[Column], shown: &[usize], limit: usize) -> Option<String> {
    let missing: Vec<&str> = (0..columns.len())
        .filter(|index| !shown.contains(index))
        .map(|index| columns[index].header)
        .collect();
    let line = format!("(too narrow for {}: --wide)", missing.join(", "));
    (!missing.is_empty()).then(|| cut(&line, limit))
}

/// A block of labelled lines for each row.
fn blocks(columns: &[Column], rows: &[Vec<String>], limit: usize, style: &Style) -> Vec<String> {
    let label = columns.iter().map(|column| width(column.header)).max().unwrap_or(0);
    let room = limit.saturating_sub(label + GAP).max(1);
    let mut lines = Vec::new();
    for row in rows {
        if !lines.is_empty() {
            lines.push(String::new());
        }
        for (column, cell) in columns.iter().zip(row) {
            let cell = match column.kind {
                CellKind::Text | CellKind::Names => fit(*column, cell, room),
                CellKind::Id | CellKind::Number | CellKind::Time => cell.clone(),
            };
            let header = style.bold(column.header);
            if width(&cell) > room {
                // A name that would not fit beside its label is whole below it.
                lines.extend([header, cell]);
                continue;
            }
            let pad = " ".repeat(label - width(column.header) + GAP);
            lines.push(format!("{header}{pad}{cell}").trim_end().to_owned());
        }
    }
    lines
}
