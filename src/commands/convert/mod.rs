//! `convert import` and `convert export`: enrolments from other tools and to them.

mod export;
mod import;

use super::Answer;
use super::session::Session;
use crate::cli::convert as cli;
use crate::convert::ImportNote;
use crate::domain::ids::{Email, Login};
use crate::domain::scope::Key;
use crate::error::{Error, Kind, Result};
use crate::store::View;

/// Runs one of them.
pub(super) fn run(session: &Session<'_>, verb: cli::ConvertCommand) -> Result<Answer> {
    match verb {
        cli::ConvertCommand::Import(args) => import::import(session, &args),
        cli::ConvertCommand::Export(args) => export::export(session, &args),
    }
}

fn strict(strict: bool, notes: &[ImportNote]) -> Result<()> {
    if !strict || notes.is_empty() {
        return Ok(());
    }
    let lines = notes.iter().map(ImportNote::to_string).collect();
    let error = Error::listing(Kind::Usage, "usage", lines);
    Err(error.words("without --strict the rest is carried over"))
}

/// Whose an account of another tool is: the login of that name, in any spelling, or the
/// owner of that e-mail address. An import and an export ask in the same way.
fn owner(view: &View, account: &str) -> Result<Option<Login>> {
    if let Ok(login) = Login::parse(account)
        && view.user(&login)?.is_some()
    {
        return Ok(Some(login));
    }
    match Email::parse(account) {
        Ok(mail) => view.owner(&Key::mail(&mail)),
        Err(_) => Ok(None),
    }
}

fn words(notes: &[ImportNote]) -> Vec<String> {
    notes.iter().map(ImportNote::to_string).collect()
}
