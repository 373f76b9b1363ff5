//! The verbs of `state`.

mod backup;
mod difference;
pub(super) mod finish;
mod migrate;
mod repair;
mod restore;
mod setup;

use std::collections::BTreeMap;
use std::ops::ControlFlow;

use crate::cli::ChangeArgs;
use crate::cli::state as cli;
use crate::commands::Answer;
use crate::commands::audit::{looking_for_damage, passed_over};
use crate::commands::bulk::one;
use crate::commands::session::Session;
use crate::commands::sight::seen_user;
use crate::commands::user::bring_back;
use crate::domain::change::AcceptClock;
use crate::error::Result;
use crate::report::answers::check::StateCheckReport;
use crate::report::answers::paths::{PathRow, PathsReport};
use crate::report::answers::state::StateInfo;
use crate::report::answers::verify::BadFile;
use crate::store::signin::SigninLine;
use crate::store::{View, left_by_foundings};

/// Exit code of `check` where something is wrong.
const WRONG: u8 = 1;

/// Runs one of them.
pub(in crate::commands) fn run(session: &Session<'_>, verb: cli::StateCommand) -> Result<Answer> {
    match verb {
        cli::StateCommand::Info(_) => info(session),
        cli::StateCommand::Check(args) if args.setup => setup::setup(session),
        cli::StateCommand::Check(_) => check(session),
        cli::StateCommand::Path(args) => path(session, &args),
        cli::StateCommand::Backup(args) => backup::backup(session, &args),
        cli::StateCommand::Repair(args) => repair::repair(session, &args),
        cli::StateCommand::Restore(args) => restore::restore(session, &args),
        cli::StateCommand::Migrate(args) => migrate::migrate(session, &args),
        cli::StateCommand::AcceptClock(args) => accept_clock(session, &args.change),
    }
}

fn accept_clock(session: &Session<'_>, change: &ChangeArgs) -> Result<Answer> {
    let mut ahead = Vec::new();
    let answer = one(session, change, |stage| {
        if stage.permit_site().is_ok() {
            ahead = used_ahead(session, stage.view())?;
        }
        stage.settle_calendar()?;
        Ok(Box::new(AcceptClock { used_ahead: ahead.len() }))
    })?;
    bring_back(session, answer, &ahead)
}

/// The lines of sign-ins while the clock was ahead, brought back to now.
fn used_ahead(session: &Session<'_>, view: &View) -> Result<Vec<SigninLine>> {
    let mut periods = BTreeMap::new();
    view.each_secrets(|_, secrets| {
        let current = secrets.current.map(|totp| (totp.id, totp.parameters.period.seconds()));
        periods.extend(current);
        Ok(ControlFlow::Continue(()))
    })?;
    session.store()?.signin_lines_ahead(&periods, session.clock())
}

fn info(session: &Session<'_>) -> Result<Answer> {
    let (view, actor) = session.view()?;
    actor.permit_reading_everything()?;
    let operators = view.operators()?.operators.len();
    let head = view.head().clone();
    drop(view);
    let info = session.store()?.info()?;
    Ok(Answer::one(StateInfo {
        state: session.dir().display().to_string(),
        format: info.format,
        store_id: info.store_id,
        created_at: info.created,
        rev: head.rev,
        at: Some(head.at),
        hash: Some(head.hash),
        shards: info.shards,
        users: Some(info.users),
        orgs: Some(info.orgs),
        operators: Some(operators as u64),
        bytes: Some(info.bytes),
    }))
}

fn check(session: &Session<'_>) -> Result<Answer> {
    looking_for_damage(session)?;
    let progress = session.progress("comparing files", None);
    let (verified, problems) = session.watched_store(&progress)?.check()?;
    // The cause first: the log, then the files that it does not know, then what follows.
    let log = verified.first_bad.iter().map(|first| BadFile {
        file: "audit".to_owned(),
        what: format!("revision {}: {}", first.rev, first.what),
    });
    let files = verified.files_bad.iter().chain(&problems);
    let files =
        files.map(|problem| BadFile { file: problem.path.clone(), what: problem.what.clone() });
    let mut bad: Vec<BadFile> = log.chain(files).collect();
    bad.dedup();
    let ok = bad.is_empty();
    let report =
        StateCheckReport { ok, files_checked: verified.files_checked as u64, files_bad: bad };
    let mut warnings = passed_over(&verified);
    warnings.extend(left_over(session)?);
    Ok(Answer::one(report).exit(if ok { 0 } else { WRONG }).warn(warnings))
}

/// What runs that were killed left in the state and beside it. It is in nobody's way, but it may
/// hold a key.
fn left_over(session: &Session<'_>) -> Result<Vec<String>> {
    if session.is_backup() {
        return Ok(Vec::new());
    }
    let left = |path: String, removes: &str| {
        format!("{path} was left by a run that was killed: {removes} removes it")
    };
    let mut all = Vec::new();
    for path in session.store()?.signin_strays()? {
        all.push(left(path, "mfactl state repair"));
    }
    for path in left_by_foundings(session.env().state_path())? {
        all.push(left(path.display().to_string(), "the next mfactl init there, or rm -r,"));
    }
    // What is wrong with the key itself is for those who need it.
    for path in session.key_place().left_over().unwrap_or_default() {
        all.push(left(path.display().to_string(), "rm, or the next run that writes that file,"));
    }
    Ok(all)
}

fn path(session: &Session<'_>, args: &cli::StatePathArgs) -> Result<Answer> {
    let (view, actor) = session.view()?;
    actor.permit_reading_everything()?;
    let (login, _) = seen_user(&view, &actor, &args.user)?;
    let row = |(file, what)| PathRow { file, what };
    let files = view.paths_of(&login)?.into_iter().map(row).collect();
    Ok(Answer::one(PathsReport { login: login.to_string(), files }))
}
