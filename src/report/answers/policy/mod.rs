//! Answers about policies: plans, what was applied, problems, tests, drift and
//! exported files. Those that people review know the formats of merge requests
//! and CI systems besides.

mod apply;
mod check;
mod drift;
mod export;
mod plan;
mod test;

use std::io;

pub use apply::AppliedReport;
pub use check::PolicyCheckReport;
pub use drift::DriftRow;
pub use export::WrittenFile;
pub use plan::PlannedReport;
pub use test::TestedReport;

use crate::report::format::{csv, jsonl};
use crate::report::{Human, One, OutputFormat, Record, RenderError, Report, Style};

/// An answer that is reviewed.
pub trait Reviewable: Human {
    /// What stands in a line of JSON lines and of CSV.
    type Row: Record;

    /// The rows.
    fn rows(&self) -> &[Self::Row];

    /// For a comment on a merge request.
    fn markdown(&self) -> String;

    /// Workflow commands of GitHub Actions.
    fn github(&self) -> String;

    /// JUnit XML.
    fn junit(&self) -> String;
}

/// Prints it in any format.
#[derive(Debug, Clone)]
pub struct Review<T>(pub T);

impl<T: Reviewable> Report for Review<T>
where
    T::Row: Clone,
{
    fn render(
        self: Box<Self>,
        format: OutputFormat,
        style: &Style,
        out: &mut dyn io::Write,
    ) -> Result<(), RenderError> {
        let rows = || self.0.rows().iter().cloned().map(Ok);
        match format {
            OutputFormat::Markdown => Ok(out.write_all(self.0.markdown().as_bytes())?),
            OutputFormat::Github => Ok(out.write_all(self.0.github().as_bytes())?),
            OutputFormat::Junit => Ok(out.write_all(self.0.junit().as_bytes())?),
            OutputFormat::Csv => csv::list(rows(), out),
            OutputFormat::Jsonl => self.0.rows().iter().try_for_each(|row| jsonl::item(row, out)),
            OutputFormat::Table | OutputFormat::Json | OutputFormat::Yaml => {
                Box::new(One(self.0)).render(format, style, out)
            }
        }
    }
}
