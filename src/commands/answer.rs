//! What a verb returns: a report, warnings and an exit code.

use std::io;

use crate::error::{Error, Result};
use crate::report::{CsvRecord, Human, OutputFormat, RenderError, Report, Row, Style};

/// An answer, to be printed.
pub struct Answer {
    report: Report,
    exit: u8,
    committed: bool,
    warnings: Vec<String>,
    error: Option<Error>,
    must_be_read: bool,
}

impl Answer {
    /// One object; for people, a page.
    pub(super) fn one<T: Human + 'static>(answer: T) -> Answer {
        Answer::new(Report::one(answer))
    }

    /// One object that shows a secret.
    pub(super) fn secret<T: Human + 'static>(answer: T) -> Answer {
        Answer::new(Report::secret(answer))
    }

    /// Many objects, one row each.
    pub(super) fn list<T: Row + 'static>(rows: Vec<T>, empty: &str) -> Answer {
        Answer::stream(rows.into_iter().map(Ok), empty)
    }

    /// Rows that are read while they are printed.
    pub(super) fn stream<T: Row + 'static>(
        rows: impl Iterator<Item = Result<T>> + 'static,
        empty: &str,
    ) -> Answer {
        Answer::new(Report::list(rows, empty, None))
    }

    /// The same with a last line below the table.
    pub(super) fn list_with<T: Row + 'static>(rows: Vec<T>, empty: &str, last: String) -> Answer {
        Answer::new(Report::list(rows.into_iter().map(Ok), empty, Some(last)))
    }

    /// A few objects; for people, a page each.
    pub(super) fn pages<T: CsvRecord + Human + 'static>(items: Vec<T>, empty: &str) -> Answer {
        Answer::new(Report::pages(items, empty))
    }

    /// Any report.
    pub(super) fn new(report: Report) -> Answer {
        Answer {
            report,
            exit: 0,
            committed: false,
            warnings: Vec::new(),
            error: None,
            must_be_read: false,
        }
    }

    /// The same, which counts only if it was printed.
    #[must_use]
    pub(super) fn must_be_printed(self) -> Answer {
        Answer { must_be_read: true, ..self }
    }

    /// Text that is printed unchanged in every format.
    pub(super) fn raw(text: Vec<u8>) -> Answer {
        Answer::new(Report::raw(text))
    }

    /// The same with another exit code.
    #[must_use]
    pub(super) fn exit(self, exit: u8) -> Answer {
        Answer { exit, ..self }
    }

    /// The same for a change that is committed: a failure to print it does not undo it.
    #[must_use]
    pub(super) fn made(self, committed: bool) -> Answer {
        Answer { committed, ..self }
    }

    /// The same with warnings for stderr.
    #[must_use]
    pub(super) fn warn(self, warnings: Vec<String>) -> Answer {
        Answer { warnings, ..self }
    }

    /// The same with one more warning, if there is one.
    #[must_use]
    pub(super) fn warn_too(mut self, warning: Option<String>) -> Answer {
        self.warnings.extend(warning);
        self
    }

    /// The same, followed by an error, which sets the exit code.
    #[must_use]
    pub(super) fn but(self, error: Error) -> Answer {
        Answer { error: Some(error), ..self }
    }

    /// Whether the change is committed.
    pub fn is_committed(&self) -> bool {
        self.committed
    }

    /// Whether it counts only if it was printed.
    pub fn must_be_read(&self) -> bool {
        self.must_be_read
    }

    /// What the operator should know.
    pub fn warnings(&self) -> &[String] {
        &self.warnings
    }

    /// The error that follows the answer, if any.
    pub fn take_error(&mut self) -> Option<Error> {
        self.error.take()
    }

    /// The exit code that the answer has.
    pub fn exit_code(&self) -> u8 {
        self.exit
    }

    /// Prints it.
    ///
    /// # Errors
    /// Says whether the output failed or what the answer is drawn from.
    pub fn print(
        self,
        format: OutputFormat,
        style: &Style,
        out: &mut dyn io::Write,
    ) -> std::result::Result<(), RenderError> {
        self.report.render(format, style, out)
    }
}
