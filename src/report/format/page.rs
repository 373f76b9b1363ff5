//! An answer in words: a title, labelled fields, tables and paragraphs.

use std::io::{self, Write};

use zeroize::Zeroizing;

use super::style::Style;
use super::table;
use super::text::{safe, width, wrap, wrapped};
use crate::report::Row;

/// An answer in words.
#[derive(Debug, Clone, Default)]
pub struct Page {
    parts: Vec<PagePart>,
}

#[derive(Debug, Clone)]
enum PagePart {
    Title(String),
    Field(String, Zeroizing<String>),
    Table { heading: String, columns: Vec<table::Column>, rows: Vec<Vec<String>>, empty: String },
    Paragraph(Zeroizing<String>),
    Note(String),
    Picture(Zeroizing<String>),
}

impl Page {
    /// An empty page.
    pub fn new() -> Page {
        Page::default()
    }

    /// A page with a first line.
    #[must_use]
    pub fn title(mut self, title: impl Into<String>) -> Page {
        self.parts.push(PagePart::Title(title.into()));
        self
    }

    /// A labelled value. Labels of fields that follow each other are aligned.
    #[must_use]
    pub fn field(mut self, label: &str, value: impl Into<String>) -> Page {
        self.parts.push(PagePart::Field(label.to_owned(), Zeroizing::new(value.into())));
        self
    }

    /// A labelled secret, where there is one. No copy of it is left in memory.
    #[must_use]
    pub fn secret(mut self, label: &str, value: Option<Zeroizing<String>>) -> Page {
        self.parts.extend(value.map(|value| PagePart::Field(label.to_owned(), value)));
        self
    }

    /// A line of secrets. No copy of it is left in memory.
    #[must_use]
    pub fn secret_line(mut self, line: Zeroizing<String>) -> Page {
        self.parts.push(PagePart::Paragraph(line));
        self
    }

    /// A labelled value, where there is one.
    #[must_use]
    pub fn maybe<T: ToString>(self, label: &str, value: Option<T>) -> Page {
        match value {
            Some(value) => self.field(label, value.to_string()),
            None => self,
        }
    }

    /// A table under a heading; where it has no rows, the sentence `empty`.
    #[must_use]
    pub fn table<R: Row>(mut self, heading: &str, rows: &[R], empty: &str, style: &Style) -> Page {
        let cells = rows.iter().map(|row| Ok(row.cells(style)));
        let (columns, rows) = table::split(cells).expect("every row is at hand");
        let (heading, empty) = (heading.to_owned(), empty.to_owned());
        self.parts.push(PagePart::Table { heading, columns, rows, empty });
        self
    }

    /// A sentence or more, wrapped.
    #[must_use]
    pub fn paragraph(mut self, text: impl Into<String>) -> Page {
        self.parts.push(PagePart::Paragraph(Zeroizing::new(text.into())));
        self
    }

    /// An aside, marked as such.
    #[must_use]
    pub fn note(mut self, text: impl Into<String>) -> Page {
        self.parts.push(PagePart::Note(text.into()));
        self
    }

    /// Says, first and last, that nothing was written: the rest is in the words of what would
    /// be done.
    #[must_use]
    pub fn dry_run(mut self) -> Page {
        if let Some(PagePart::Title(title)) = self.parts.first_mut() {
            title.insert_str(0, "dry run: ");
        }
        self.note("dry run: nothing was written")
    }

    /// Lines that are printed as they are, however wide.
    #[must_use]
    pub fn picture(mut self, lines: &str) -> Page {
        self.parts.push(PagePart::Picture(Zeroizing::new(lines.to_owned())));
        self
    }

    /// Writes the page.
    ///
    /// # Errors
    /// What the writer says.
    pub fn write(&self, style: &Style, out: &mut dyn Write) -> io::Result<()> {
        let mut at = 0;
        while let Some(part) = self.parts.get(at) {
            let fields: Vec<(&str, &str)> =
                self.parts[at..].iter().map_while(PagePart::field).collect();
            if !fields.is_empty() {
                write_fields(&fields, style, out)?;
                at += fields.len();
                continue;
            }
            part.write(at == 0, style, out)?;
            at += 1;
        }
        Ok(())
    }
}

impl PagePart {
    fn field(&self) -> Option<(&str, &str)> {
        match self {
            PagePart::Field(label, value) => Some((label, value)),
            _ => None,
        }
    }

    fn write(&self, first: bool, style: &Style, out: &mut dyn Write) -> io::Result<()> {
        match self {
            PagePart::Title(title) => {
                for line in wrap(&safe(title), style.limit()) {
                    writeln!(out, "{}", style.bold(&line))?;
                }
                Ok(())
            }
            PagePart::Field(..) => Ok(()),
            PagePart::Table { heading, columns, rows, empty } => {
                if !first {
                    writeln!(out)?;
                }
                if rows.is_empty() {
                    return writeln!(out, "{}", safe(empty));
                }
                if !heading.is_empty() {
                    writeln!(out, "{}", style.bold(&safe(heading)))?;
                }
                write_lines(&table::lines(columns, rows.clone(), style), out)
            }
            PagePart::Picture(lines) => out.write_all(lines.as_bytes()),
            PagePart::Paragraph(text) => write_wrapped(&safe(text), style.limit(), out),
            PagePart::Note(text) => {
                write_lines(&wrap(&format!("note: {}", safe(text)), style.limit()), out)
            }
        }
    }
}

fn write_lines(lines: &[String], out: &mut dyn Write) -> io::Result<()> {
    lines.iter().try_for_each(|line| writeln!(out, "{line}"))
}

fn write_wrapped(text: &str, columns: Option<usize>, out: &mut dyn Write) -> io::Result<()> {
    let (indent, lines) = wrapped(text, columns);
    lines.iter().try_for_each(|line| writeln!(out, "{:indent$}{line}", ""))
}

/// Nothing of a value is copied: it may be a secret.
fn write_fields(fields: &[(&str, &str)], style: &Style, out: &mut dyn Write) -> io::Result<()> {
    let label_width = fields.iter().map(|(label, _)| width(label)).max().unwrap_or(0) + 2;
    let room = style.limit().map(|limit| limit.saturating_sub(label_width).max(1));
    for (label, value) in fields {
        let value = safe(value);
        let (indent, lines) = wrapped(&value, room);
        let mut first = *label;
        if room.is_some_and(|room| lines.iter().any(|line| indent + width(line) > room)) {
            // What would not fit beside its label is whole below it.
            writeln!(out, "{label}")?;
            write_wrapped(&value, style.limit(), out)?;
            continue;
        }
        for line in lines {
            let line = line.trim_end();
            let pad = if line.is_empty() { 0 } else { label_width - width(first) + indent };
            writeln!(out, "{first}{:pad$}{line}", "")?;
            first = "";
        }
    }
    Ok(())
}
