//! One change of one thing, or the same change of many users: all or nothing as
//! one revision, or with `--keep-going` what can be done, a result a row.

use super::Answer;
use super::change::Stage;
use super::made::{Made, reports};
use super::session::Session;
use super::targets::targets;
use crate::cli::{ChangeArgs, Many};
use crate::domain::change::Change;
use crate::domain::ids::{Login, OrgId, UserRef};
use crate::domain::outcome::Outcome;
use crate::error::{Error, Kind, Result};

/// Exit code of a bulk change of which a row failed.
const SOME_FAILED: u8 = 1;

/// Makes one change, built from the stage that it is made in.
pub(super) fn one<'a>(
    session: &Session<'_>,
    arguments: &'a ChangeArgs,
    build: impl FnOnce(&mut Stage<'a>) -> Result<Box<dyn Change>>,
) -> Result<Answer> {
    let mut stage = Stage::begin(session, arguments)?;
    let change = build(&mut stage)?;
    let outcome = stage.make(change.as_ref())?;
    let (now, dry_run) = (stage.now(), arguments.dry_run);
    let subject = (!outcome.subject.is_empty()).then(|| outcome.subject.clone());
    let committed = stage.commit(outcome.action, subject, outcome.orgs.clone())?;
    let made = Made { now, dry_run, committed };
    let report = made.report(&outcome);
    let warnings = report.warnings.clone();
    Ok(Answer::one(report).made(made.committed.is_some()).warn(warnings))
}

/// Makes the change that `build` makes for each of many users. One user that was
/// named gets one report, everything else an array.
pub(super) fn many(
    session: &Session<'_>,
    many: &Many,
    arguments: &ChangeArgs,
    verb: &str,
    build: impl Fn(Login, &mut Stage<'_>) -> Result<Box<dyn Change>>,
) -> Result<Answer> {
    if let ([user], None, None) = (&many.users[..], &many.options.from_file, &many.options.filter)
        && !many.options.keep_going
    {
        return one(session, arguments, |stage| {
            let login = stage.login(user)?;
            build(login, stage)
        });
    }
    let users = targets(session, many, verb, arguments.dry_run)?;
    let mut stage = Stage::begin(session, arguments)?;
    let mut results: Vec<(String, Result<Outcome>)> = Vec::with_capacity(users.len());
    for user in &users {
        let result = single(&mut stage, user, &build);
        match result {
            Err(error) if !(many.options.keep_going && belongs_to_row(&error)) => {
                return Err(nothing_done(error, users.len()));
            }
            result => results.push((user.to_string(), result)),
        }
        stage.forget();
    }
    let (now, dry_run) = (stage.now(), arguments.dry_run);
    let done = || results.iter().filter_map(|(_, result)| result.as_ref().ok());
    let action = done().next().map_or("", |outcome| outcome.action);
    let mut orgs: Vec<OrgId> = done().flat_map(|outcome| outcome.orgs.iter().cloned()).collect();
    orgs.sort();
    orgs.dedup();
    let committed = stage.commit(action, None, orgs)?;
    let failed = results.iter().any(|(_, result)| result.is_err());
    let made = Made { now, dry_run, committed };
    let answer = Answer::list(reports(&made, action, results), "no user");
    let answer = answer.made(made.committed.is_some());
    Ok(if failed { answer.exit(SOME_FAILED) } else { answer })
}

fn single(
    stage: &mut Stage<'_>,
    user: &UserRef,
    build: &impl Fn(Login, &mut Stage<'_>) -> Result<Box<dyn Change>>,
) -> Result<Outcome> {
    let login = stage.login(user)?;
    let change = build(login, stage)?;
    stage.make(change.as_ref())
}

/// Whether the error is about this row only, so that others can go on.
fn belongs_to_row(error: &Error) -> bool {
    matches!(error.kind, Kind::Refused | Kind::NotFound | Kind::NotPermitted)
}

fn nothing_done(error: Error, users: usize) -> Error {
    if users < 2 {
        return error;
    }
    error
        .words(format!("none of the {users} users was changed; --keep-going does what can be done"))
}
