//! Tables: no borders, two blanks between columns, one line a row.
//!
//! Where a table is wider than the terminal, texts are cut with `…`; where that
//! is not enough, columns that may be missing are left out and named below; and
//! where even that is not enough, each row becomes a block of labelled lines.
//! Names and times are whole in all three.

use std::borrow::Cow;

use comfy_table::{CellAlignment, ColumnConstraint, Table, TableStyle, Width};

use super::style::Style;
use super::text::{cut, cut_names, safe, width};

/// What a column is about and how it may shrink.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Column {
    /// The heading, in capitals.
    pub header: &'static str,
    /// What its cells are.
    pub kind: Kind,
    /// Whether it may be left out where the table is too wide.
    pub optional: bool,
}

impl Column {
    /// A column that is always shown.
    pub const fn new(header: &'static str, kind: Kind) -> Column {
        Column { header, kind, optional: false }
    }

    /// A column that may be left out.
    pub const fn optional(header: &'static str, kind: Kind) -> Column {
        Column { header, kind, optional: true }
    }

    /// The narrowest that the cells of this column can be brought to, of which
    /// the widest takes `natural`.
    fn least<'a>(&self, natural: usize, cells: impl Iterator<Item = &'a str>) -> usize {
        match self.kind {
            Kind::Id | Kind::Number | Kind::Time => natural,
            Kind::Text => natural.min(width(self.header).max(8)),
            // One name each, so that the column still says something.
            Kind::Names => cells
                .map(|cell| match cell.split_once(", ") {
                    Some((first, _)) => width(first) + width(", …"),
                    None => width(cell),
                })
                .max()
                .map_or(natural, |names| names.max(width(self.header)).min(natural)),
        }
    }
}

/// What the cells of a column are.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Kind {
    /// A name that somebody copies: never cut.
    Id,
    /// Several such names, joined by `, `: cut between names only.
    Names,
    /// Words: cut with `…`.
    Text,
    /// A number, to the right.
    Number,
    /// An instant and how far it is: never cut.
    Time,
}

const GAP: usize = 2;
/// Rows that are laid out at once: bounds what the layout needs beside the cells.
const CHUNK: usize = 1_000;

/// The lines of a table, for `style`. Cells need not be safe.
pub(crate) fn lines(columns: &[Column], mut rows: Vec<Vec<String>>, style: &Style) -> Vec<String> {
    for cell in rows.iter_mut().flatten() {
        if let Cow::Owned(safe) = safe(cell) {
            *cell = safe;
        }
    }
    let natural = natural_widths(columns, &rows);
    let Some(limit) = style.limit() else {
        let all: Vec<usize> = (0..columns.len()).collect();
        return aligned(columns, &rows, &all, &natural, style);
    };
    let least: Vec<usize> = (0..columns.len())
        .map(|index| {
            columns[index].least(natural[index], rows.iter().map(|row| row[index].as_str()))
        })
        .collect();
    let mut shown: Vec<usize> = (0..columns.len()).collect();
    loop {
        if let Some(widths) = fitted(&shown, &natural, &least, limit) {
            let mut lines = aligned(columns, &rows, &shown, &widths, style);
            lines.extend(left_out(columns, &shown, limit));
            return lines;
        }
        match shown.iter().rposition(|index| columns[*index].optional) {
            Some(last) => shown.remove(last),
            None => return blocks(columns, &rows, limit, style),
        };
    }
}

fn natural_widths(columns: &[Column], rows: &[Vec<String>]) -> Vec<usize> {
    let mut widths: Vec<usize> = columns.iter().map(|column| width(column.header)).collect();
    for row in rows {
        for (widest, cell) in widths.iter_mut().zip(row) {
            *widest = (*widest).max(width(cell));
        }
    }
    widths
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
    style: &Style,
) -> Vec<String> {
    let header: Vec<String> = shown.iter().map(|i| columns[*i].header.to_owned()).collect();
    let fit =
        |row: &Vec<String>| shown.iter().map(|i| fit(columns[*i], &row[*i], widths[*i])).collect();
    let mut lines = laid_out(columns, shown, widths, std::iter::once(header));
    for line in &mut lines {
        *line = style.bold(line);
    }
    for chunk in rows.chunks(CHUNK) {
        lines.extend(laid_out(columns, shown, widths, chunk.iter().map(fit)));
    }
    lines
}

fn fit(column: Column, cell: &str, columns: usize) -> String {
    match column.kind {
        Kind::Names => cut_names(cell, columns),
        _ => cut(cell, columns),
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
        if columns[*index].kind == Kind::Number {
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
                Kind::Text | Kind::Names => fit(*column, cell, room),
                Kind::Id | Kind::Number | Kind::Time => cell.clone(),
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
