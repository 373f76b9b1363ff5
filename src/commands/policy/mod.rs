//! The verbs of `policy`.

mod apply;
mod check;
mod drift;
mod export;
mod facts;
mod former;
mod plan;
mod planning;
mod sources;
mod test;

use super::Answer;
use super::session::Session;
use crate::cli::policy as cli;
use crate::error::Result;
use crate::policy::schema;

/// Runs one of them.
pub(super) fn run(session: &Session<'_>, verb: cli::Policy) -> Result<Answer> {
    match verb {
        cli::Policy::Check(args) => check::check(session, &args),
        cli::Policy::Plan(args) => plan::plan(session, &args),
        cli::Policy::Apply(args) => apply::apply(session, &args),
        cli::Policy::Export(args) => export::export(session, &args),
        cli::Policy::Drift(args) => drift::drift(session, &args),
        cli::Policy::Test(args) => test::test(session, &args),
        cli::Policy::Schema(_) => Ok(Answer::raw(schema_text().into_bytes())),
    }
}

/// The JSON Schema as a file.
fn schema_text() -> String {
    format!("{:#}\n", schema())
}
