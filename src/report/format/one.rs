//! One answer: an object, or a page of words.

use std::io::{self, Write};

use super::{csv, json, jsonl, yaml};
use crate::report::{Human, OutputFormat, RenderError, Report, Style};
use crate::secret::wiped::WipedBytes;

/// One answer.
#[derive(Debug, Clone)]
pub struct One<T>(pub T);

impl<T: Human> Report for One<T> {
    fn render(
        self: Box<Self>,
        format: OutputFormat,
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
        format: OutputFormat,
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
    format: OutputFormat,
    style: &Style,
    out: &mut dyn Write,
) -> Result<(), RenderError> {
    match format {
        OutputFormat::Table
        | OutputFormat::Markdown
        | OutputFormat::Github
        | OutputFormat::Junit => Ok(answer.page(style).write(style, out)?),
        OutputFormat::Json => json::one(answer, out),
        OutputFormat::Jsonl => jsonl::item(answer, out),
        OutputFormat::Yaml => yaml::one(answer, out),
        OutputFormat::Csv => csv::one(answer, out),
    }
}
