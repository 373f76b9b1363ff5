//! One answer: an object, or a page of words.

use std::io;

use super::{Format, Human, RenderError, Report, Style, csv, json, jsonl, yaml};

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
        match format {
            Format::Table | Format::Markdown | Format::Github | Format::Junit => {
                Ok(self.0.page(style).write(style, out)?)
            }
            Format::Json => json::one(&self.0, out),
            Format::Jsonl => jsonl::item(&self.0, out),
            Format::Yaml => yaml::one(&self.0, out),
            Format::Csv => csv::one(&self.0, out),
        }
    }
}
