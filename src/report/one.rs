//! One answer: an object, or a page of words.

use std::io;
use std::mem::ManuallyDrop;

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
        // The process ends after it, which takes a long answer faster than piece by piece.
        let answer = ManuallyDrop::new(self.0);
        match format {
            Format::Table | Format::Markdown | Format::Github | Format::Junit => {
                Ok(answer.page(style).write(style, out)?)
            }
            Format::Json => json::one(&*answer, out),
            Format::Jsonl => jsonl::item(&*answer, out),
            Format::Yaml => yaml::one(&*answer, out),
            Format::Csv => csv::one(&*answer, out),
        }
    }
}
