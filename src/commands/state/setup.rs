//! `state check --setup`: what of the installation is wrong, with the command that mends it.

use crate::commands::Answer;
use crate::commands::keyring;
use crate::commands::session::Session;
use crate::error::{Error, Kind, Result};
use crate::report::answers::setup::{SetupReport, SetupRow};
use crate::report::hint_words;

use super::WRONG;

/// It looks as far as it gets: one thing that is wrong hides no other that can still be seen.
pub(super) fn setup(session: &Session<'_>) -> Result<Answer> {
    let (settings, mut problems) = (session.settings(), Vec::new());
    match key(session) {
        Ok(()) => {}
        // Who may not read the state may not be told of it either.
        Err(error) if error.kind == Kind::NotPermitted => return Err(error),
        Err(error) => problems.push(row(session, error)),
    }
    for found in session.env().setup_problems()? {
        problems.push(SetupRow { file: found.path, what: found.what, mend: found.mend });
    }
    let ok = problems.is_empty();
    let report = SetupReport {
        ok,
        state: session.dir().display().to_string(),
        config: settings.config_file.as_ref().map(|file| file.display().to_string()),
        key: settings.key.path.display().to_string(),
        problems,
    };
    Ok(Answer::one(report).exit(if ok { 0 } else { WRONG }))
}

/// Whether the state can be opened, and the key fits it.
fn key(session: &Session<'_>) -> Result<()> {
    let (view, actor) = session.view()?;
    actor.permit_reading_everything()?;
    match view.key_check() {
        Some(_) => keyring::read(session, &view).map(drop),
        None => Ok(()),
    }
}

fn row(session: &Session<'_>, error: Error) -> SetupRow {
    let mend = error.hints.first().map(|hint| hint_words(hint, session.typed_state().as_deref()));
    let file = error.subject.unwrap_or_else(|| session.dir().display().to_string());
    SetupRow { file, what: error.message, mend }
}
