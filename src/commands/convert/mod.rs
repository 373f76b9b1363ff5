//! `convert import` and `convert export`: enrolments from other tools and to them.

mod export;
mod import;

use super::Answer;
use super::session::Session;
use crate::cli::convert as cli;
use crate::convert::Note;
use crate::error::{Error, Result};

/// Runs one of them.
pub(super) fn run(session: &Session<'_>, verb: cli::Convert) -> Result<Answer> {
    match verb {
        cli::Convert::Import(args) => import::import(session, &args),
        cli::Convert::Export(args) => export::export(session, &args),
    }
}

fn strict(strict: bool, notes: &[Note]) -> Result<()> {
    if !strict || notes.is_empty() {
        return Ok(());
    }
    let lines: Vec<String> = notes.iter().map(Note::to_string).collect();
    Err(Error::usage(lines.join("\n")).words("without --strict the rest is carried over"))
}

fn words(notes: &[Note]) -> Vec<String> {
    notes.iter().map(Note::to_string).collect()
}
