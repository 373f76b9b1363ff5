//! One change of one thing, or the same change of many users: all or nothing as
//! one revision, or with `--keep-going` what can be done, and a result for each row.

use std::collections::HashMap;
use std::rc::Rc;

use super::Answer;
use super::change::Stage;
use super::change_report::ChangesMade;
use super::session::Session;
use super::sheet::{self, SheetProblem};
use super::targets::{Target, targets};
use crate::cli::row::RowOptions;
use crate::cli::{ChangeArgs, Many};
use crate::domain::change::Change;
use crate::domain::ids::{Login, OrgId, UserRef};
use crate::domain::outcome::Outcome;
use crate::error::{Error, Kind, Result};
use crate::report::answers::change::RowReport;

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
    let made = ChangesMade { now, dry_run, committed };
    Ok(made.answer(made.report(&outcome)))
}

/// A bulk verb: its action, of a row that fails too, and its words before "3 users?".
type Verb<'a> = (&'static str, &'a str);

/// What a bulk verb makes of one user.
type Built = Result<Box<dyn Change>>;

/// Makes the change that `build` makes for each of many users, with the options that count
/// for that user. One user that was named gets one report, everything else an array.
pub(super) fn many<T: RowOptions>(
    session: &Session<'_>,
    many: &Many,
    arguments: &ChangeArgs,
    verb: Verb<'_>,
    base: &T,
    build: impl Fn(Login, &T, &mut Stage<'_>) -> Built,
) -> Result<Answer> {
    many_prepared(
        session,
        many,
        arguments,
        verb,
        base,
        |_| Ok(()),
        |login, options, _, stage| build(login, options, stage),
    )
}

/// The same where something has to be read for each user before the state is opened.
pub(super) fn many_prepared<T: RowOptions, P>(
    session: &Session<'_>,
    many: &Many,
    arguments: &ChangeArgs,
    verb: Verb<'_>,
    base: &T,
    prepare: impl Fn(&T) -> Result<P>,
    build: impl Fn(Login, &T, &P, &mut Stage<'_>) -> Built,
) -> Result<Answer> {
    // Before the state is opened: root then becomes its owner, who may read other files.
    let of_all = Rc::new(prepare(base)?);
    if let ([user], None, None) = (&many.users[..], &many.options.from_file, &many.options.filter)
        && !many.options.keep_going
    {
        return one(session, arguments, |stage| {
            let login = stage.login(user)?;
            build(login, base, &of_all, stage)
        });
    }
    let file = many.options.from_file.as_ref().map(|file| file.display().to_string());
    let mut prepared = Vec::new();
    for target in targets(session, many, verb.1, arguments.dry_run, base)? {
        let ready = if target.cells.is_empty() {
            Rc::clone(&of_all)
        } else {
            let ready = prepare(&target.options);
            Rc::new(ready.map_err(|e| at_line(e, file.as_deref(), target.line))?)
        };
        prepared.push((target, ready));
    }
    let users = prepared.len();
    let mut stage = Stage::begin(session, arguments)?;
    let mut results: Vec<(String, Result<Outcome>)> = Vec::with_capacity(users);
    let mut done = HashMap::new();
    let mut refused = RefusedRows::default();
    for (target, ready) in &prepared {
        let result = account(&stage, target).and_then(|login| {
            if is_there_already(&mut done, &login, target)? {
                return Ok(None);
            }
            let change = build(login, &target.options, ready, &mut stage)?;
            stage.make(change.as_ref()).map(Some)
        });
        match result {
            Ok(None) => {}
            Ok(Some(outcome)) => results.push((named(target), Ok(outcome))),
            Err(error) if !belongs_to_row(&error) => {
                return Err(nothing_done(at_line(error, file.as_deref(), target.line), users));
            }
            Err(error) if many.options.keep_going => {
                let error = at_line(error, file.as_deref(), target.line);
                results.push((named(target), Err(error)));
            }
            // Of a file every row that fails is named in one run.
            Err(error) => match target.line {
                Some(line) => refused.add(line, error),
                None => return Err(nothing_done(error, users)),
            },
        }
        stage.forget();
    }
    refused.into_result(file.as_deref().unwrap_or_default(), users)?;
    let (now, dry_run) = (stage.now(), arguments.dry_run);
    let done = || results.iter().filter_map(|(_, result)| result.as_ref().ok());
    let action = done().next().map_or(verb.0, |outcome| outcome.action);
    let mut orgs: Vec<OrgId> = done().flat_map(|outcome| outcome.orgs.iter().cloned()).collect();
    orgs.sort();
    orgs.dedup();
    let committed = stage.commit(action, None, orgs)?;
    let failed = results.iter().any(|(_, result)| result.is_err());
    let made = ChangesMade { now, dry_run, committed };
    let rows = results.into_iter().map(|(user, result)| match result {
        Ok(outcome) => RowReport::done(made.report(&outcome)),
        Err(error) => RowReport::failed(action, user, &error),
    });
    let rows: Vec<RowReport> = rows.collect();
    let totals = totals(&rows, &made);
    let answer = Answer::list_with(rows, "no user", totals);
    let answer = answer.made(made.committed.is_some());
    Ok(if failed { answer.exit(SOME_FAILED) } else { answer })
}

/// The org of a change, which the command line or the row has to name.
pub(super) fn org_of(org: &Option<OrgId>) -> Result<OrgId> {
    org.clone().ok_or_else(|| {
        Error::usage("no org is named").words("name it with --org, or in a column org")
    })
}

/// The org as a confirmation of a bulk change names it.
pub(super) fn org_words(org: &Option<OrgId>) -> String {
    org.as_ref().map_or("the orgs of the file".to_owned(), OrgId::to_string)
}

/// The account that a target means.
fn account<T>(stage: &Stage<'_>, target: &Target<T>) -> Result<Login> {
    let mut found: Option<(&UserRef, Login)> = None;
    for user in &target.users {
        let login = match target.line {
            Some(_) => stage.login_or_address(user)?,
            None => stage.still(user, target.meant.as_ref())?,
        };
        match &found {
            Some((first, other)) if *other != login => {
                let message = format!("{first} is {other}, but {user} is {login}");
                return Err(Error::not_found(user, message));
            }
            _ => found = Some((user, login)),
        }
    }
    let (_, login) = found.ok_or_else(|| Error::usage("no user is named"))?;
    Ok(login)
}

/// The users with the cells of their rows, by login.
type Seen = HashMap<Login, (Option<u64>, Vec<String>)>;

/// Whether an earlier row named this account with the same values.
///
/// # Errors
/// An earlier row named it with other values.
fn is_there_already<T>(seen: &mut Seen, login: &Login, target: &Target<T>) -> Result<bool> {
    let Some((line, cells)) = seen.get(login) else {
        seen.insert(login.clone(), (target.line, target.cells.clone()));
        return Ok(false);
    };
    if *cells == target.cells {
        return Ok(true);
    }
    let line = line.map_or(String::new(), |line| format!(" in line {line}"));
    let message = format!("{login} is already listed{line} with other values");
    Err(Error::usage(message).about(login))
}

fn named<T>(target: &Target<T>) -> String {
    target.users.first().map(UserRef::to_string).unwrap_or_default()
}

/// The error of a row, with the line that it is about.
fn at_line(mut error: Error, file: Option<&str>, line: Option<u64>) -> Error {
    if let (Some(file), Some(line)) = (file, line) {
        error.message = format!("{file}, line {line}: {}", error.message);
    }
    error
}

/// Rows of a file that were refused. The first one gives the exit code.
#[derive(Default)]
struct RefusedRows {
    first: Option<Error>,
    problems: Vec<SheetProblem>,
}

impl RefusedRows {
    fn add(&mut self, line: u64, error: Error) {
        self.problems.push(SheetProblem { line, what: error.message.clone() });
        self.first.get_or_insert(error);
    }

    fn into_result(self, file: &str, users: usize) -> Result<()> {
        let Some(first) = self.first else { return Ok(()) };
        let mut error = sheet::error(first.kind, first.code, file, &self.problems);
        if self.problems.len() == 1 {
            error.subject = first.subject.or(error.subject);
        }
        error.hints.extend(first.hints);
        Err(nothing_done(error, users))
    }
}

/// How many rows changed and failed, in one line.
fn totals(rows: &[RowReport], made: &ChangesMade) -> String {
    let failed = rows.iter().filter(|row| row.error.is_some()).count();
    let changed = rows.iter().filter(|row| row.change.changed).count();
    let unchanged = rows.len() - failed - changed;
    let (verb, end) = match &made.committed {
        _ if made.dry_run => ("would change", "; dry run: nothing was written".to_owned()),
        Some(committed) => ("changed", format!("; revision {}", committed.rev)),
        None => ("changed", "; nothing was written".to_owned()),
    };
    format!("{changed} {verb}, {unchanged} unchanged, {failed} failed{end}")
}

/// Whether the error is about this row only, so that others can go on.
fn belongs_to_row(error: &Error) -> bool {
    matches!(error.kind, Kind::Usage | Kind::Refused | Kind::NotFound | Kind::NotPermitted)
}

fn nothing_done(error: Error, users: usize) -> Error {
    if users < 2 {
        return error;
    }
    error
        .words(format!("none of the {users} users was changed; --keep-going does what can be done"))
}
