//! Answers about policies: plans, what was applied, problems, tests, drift and
//! exported files. Those that people review know the formats of merge requests
//! and CI systems besides.

mod apply;
mod check;
mod drift;
mod export;
mod plan;
mod test;

pub use apply::AppliedReport;
pub use check::PolicyCheckReport;
pub use drift::DriftRow;
pub use export::WrittenFile;
pub use plan::PlannedReport;
pub use test::TestedReport;

use crate::report::format::{csv, jsonl, object};
use crate::report::{CsvRecord, Human, OutputFormat, Report};

/// An answer that is reviewed.
pub trait Reviewable: Human {
    /// A line of JSON lines and of CSV.
    type Row: CsvRecord + Clone;

    /// The rows.
    fn rows(&self) -> &[Self::Row];

    /// For a comment on a merge request.
    fn markdown(&self) -> String;

    /// Workflow commands of GitHub Actions.
    fn github(&self) -> String;

    /// JUnit XML.
    fn junit(&self) -> String;
}

/// Prints it in any format. JSON lines and CSV are of its rows.
pub fn review<T: Reviewable + 'static>(answer: T) -> Report {
    Report::new(move |format, style, out| {
        let rows = answer.rows().iter().cloned().map(Ok);
        match format {
            OutputFormat::Markdown => Ok(out.write_all(answer.markdown().as_bytes())?),
            OutputFormat::Github => Ok(out.write_all(answer.github().as_bytes())?),
            OutputFormat::Junit => Ok(out.write_all(answer.junit().as_bytes())?),
            OutputFormat::Csv => csv::list(rows, out),
            OutputFormat::Jsonl => jsonl::list(rows, out),
            OutputFormat::Table | OutputFormat::Json | OutputFormat::Yaml => {
                object(&answer, format, out, |out| Ok(answer.page(style).write(style, out)?))
            }
        }
    })
}
