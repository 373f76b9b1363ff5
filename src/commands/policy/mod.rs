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
pub(super) fn run(session: &Session<'_>, verb: cli::PolicyCommand) -> Result<Answer> {
    match verb {
        cli::PolicyCommand::Check(args) => check::check(session, &args),
        cli::PolicyCommand::Plan(args) => plan::plan(session, &args),
        cli::PolicyCommand::Apply(args) => apply::apply(session, &args),
        cli::PolicyCommand::Export(args) => export::export(session, &args),
        cli::PolicyCommand::Drift(args) => drift::drift(session, &args),
        cli::PolicyCommand::Test(args) => test::test(session, &args),
        cli::PolicyCommand::Schema(_) => Ok(Answer::raw(schema_text().into_bytes())),
    }
}

/// The JSON Schema as a file.
fn schema_text() -> String {
    format!("{:#}\n", schema())
}
