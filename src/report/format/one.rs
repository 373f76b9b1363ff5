//! One answer: an object, or a page of words.

use std::io::{self, Write};

use super::{csv, json, jsonl, yaml};
use crate::report::{Format, Human, RenderError, Report, Style};
use crate::secret::wiped::WipedBytes;

/// One answer.
#[derive(Debug, Clone)]
pub struct One<T>(pub T);

impl<T: Human> Report for One<T> {
    fn render(
        self: Box<Self>,
        format: Format,
        style: &Style,
        out: &mut dyn io::Write,
    ) -> Result<(), RenderError> {
        one(&self.0, format, style, out)
    }
}

/// One answer that shows a secret. It is put together in memory that is wiped, and reaches
/// the output in one write, so that the output need not buffer parts of it.
#[derive(Debug, Clone)]
pub struct SecretOne<T>(pub T);

impl<T: Human> Report for SecretOne<T> {
    fn render(
        self: Box<Self>,
        format: Format,
        style: &Style,
        out: &mut dyn io::Write,
    ) -> Result<(), RenderError> {
        let mut whole = WipedBytes::default();
        one(&self.0, format, style, &mut whole)?;
        Ok(out.write_all(&whole)?)
    }
}

fn one<T: Human>(
    answer: &T,
    format: Format,
    style: &Style,
    out: &mut dyn Write,
) -> Result<(), RenderError> {
    match format {
        Format::Table | Format::Markdown | Format::Github | Format::Junit => {
            Ok(answer.page(style).write(style, out)?)
        }
        Format::Json => json::one(answer, out),
        Format::Jsonl => jsonl::item(answer, out),
        Format::Yaml => yaml::one(answer, out),
        Format::Csv => csv::one(answer, out),
    }
}
