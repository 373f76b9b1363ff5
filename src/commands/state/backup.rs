//! `state backup`.

use crate::cli::state as cli;
use crate::commands::Answer;
use crate::commands::session::Session;
use crate::domain::rights::Act;
use crate::error::{Error, Result};
use crate::report::answers::backup::BackupReport;
use crate::store::Archive;

/// `state backup`. What was written is read again and verified before it takes its name.
pub(super) fn backup(session: &Session<'_>, args: &cli::BackupArgs) -> Result<Answer> {
    let mut output = session.output(&args.file)?;
    let (view, actor) = session.view()?;
    drop(view);
    if args.with_secrets {
        actor.permit_site(Act::Site)?;
    } else {
        actor.permit_reading_everything()?;
    }
    let shown = output.shown().to_owned();
    if output.replaces() {
        session.confirm(&format!("{shown} is there already: replace it?"))?;
    }
    let progress = session.progress("writing files", None);
    let snapshot = session.watched_store(&progress)?.snapshot(args.with_secrets)?;
    snapshot.write(output.file(), &shown)?;
    progress.then("verifying the backup");
    let again = output.file().try_clone().map_err(|e| Error::system("read", &shown, &e))?;
    let archive = Archive::written(again, &shown)?;
    archive.verify().map_err(|e| unsound(session, e))?;
    output.file().sync_all().map_err(|e| Error::system("write", &shown, &e))?;
    output.put()?;
    let made = archive.manifest();
    Ok(Answer::one(BackupReport {
        file: shown,
        rev: made.rev,
        at: made.at,
        hash: made.head.clone(),
        files: made.files,
        bytes: made.bytes,
        secrets: made.secrets,
    })
    .made(true))
}

/// A backup that does not verify is of a state that does not.
fn unsound(session: &Session<'_>, error: Error) -> Error {
    if error.code != "bad-backup" {
        return error;
    }
    let message = format!("no backup was made of a damaged state: {}", error.message);
    Error::damaged(session.dir().display(), message).command("audit verify")
}
