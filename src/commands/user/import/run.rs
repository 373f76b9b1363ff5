//! Making an import: rows → changes, all of them staged in one transaction.

use crate::parallel::prelude::*;

use super::rows;
use super::rows::{ImportRow, Rows};
use crate::cli::user::ImportUsersArgs;
use crate::commands::answer::Answer;
use crate::commands::change::{Apart, Stage};
use crate::commands::init;
use crate::commands::session::{LARGEST_TEXT, Session};
use crate::commands::sheet;
use crate::commands::sheet::SheetProblem;
use crate::domain::change::{
    AddOrg, AddUser, Change, EditOrg, EditUser, EnrolExternal, Join, SetActive, SetMfa, SetRole,
    SignInMethod,
};
use crate::domain::ids::{Checked, Login, OrgId, Provider, Text, UserId};
use crate::domain::model::{Switch, User};
use crate::domain::refusal::{Hint, RefusalCode};
use crate::domain::scope::Needs;
use crate::error::{Error, Kind, Result};
use crate::report::answers::import::ImportReport;
use crate::signals::may_stop;
use crate::store::Made;
use crate::ui::Progress;

/// Where an imported enrolment is registered (R12): elsewhere, we only know since when.
const ELSEWHERE: &str = "import";

/// So many are asked for at once.
const FEW: usize = 32;

/// `user import FILE`.
pub(in crate::commands) fn import(session: &Session<'_>, args: &ImportUsersArgs) -> Result<Answer> {
    let text = may_stop(|| session.read_text(&args.file, LARGEST_TEXT))?;
    let file = args.file.display().to_string();
    let rows = rows::read(&text, &file, &args.sheet)?;
    drop(text);
    let import = Import { args, file, rows };
    if args.init && init::missing(session)? {
        return init::filled(session, &args.change, |session| import.run(session));
    }
    import.run(session)
}

struct Import<'a> {
    args: &'a ImportUsersArgs,
    file: String,
    rows: Rows,
}

/// Rows that are made together, with ids for those that name none.
struct Batch {
    rows: rows::Batch,
    ids: Vec<UserId>,
}

/// What came of a batch.
#[derive(Default)]
struct Done {
    counts: Counts,
    problems: Vec<RefusedRow>,
    made: Made,
}

impl Done {
    /// Takes note of a row that was refused.
    fn refused(&mut self, line: u64, made: Result<()>) -> Result<()> {
        if let Err(error) = made {
            self.problems.push(RefusedRow::of(line, error)?);
        }
        Ok(())
    }
}

/// What an import did.
#[derive(Default)]
struct Counts {
    added: usize,
    updated: usize,
    unchanged: usize,
    /// Memberships of accounts whose rows name other orgs only.
    unnamed: usize,
}

impl Import<'_> {
    fn run(self, session: &Session<'_>) -> Result<Answer> {
        let Import { args, file, rows } = self;
        let mut stage = Stage::begin(session, &args.change)?;
        let created = create(&mut stage, args, &file, &rows)?;
        let orgs = rows.orgs.keys().cloned().collect();
        let progress = session.progress("importing accounts", Some(rows.len() as u64));
        let mut sum = Sum::default();
        let mut batches = rows.into_batches().map(|rows| Batch::with_ids(session, rows));
        loop {
            // A row that updates an account may set free what a later one asks for.
            let some = if args.update { 1 } else { usize::MAX };
            let batches: Vec<Batch> = batches.by_ref().take(some).collect::<Result<_>>()?;
            if batches.is_empty() {
                break;
            }
            let make = |apart: &mut Apart<'_>, batch| make(apart, args.update, batch, &progress);
            let done: Vec<Done> = if batches.len() == 1 {
                let apart = &mut stage.apart();
                batches.into_iter().map(|batch| make(apart, batch)).collect::<Result<_>>()?
            } else {
                let batches = batches.into_par_iter();
                batches.map_init(|| stage.apart(), make).collect::<Result<_>>()?
            };
            stage.take(done.into_iter().map(|done| sum.add(done)).collect())?;
        }
        sum.problems.into_result(&file)?;
        let Counts { added, updated, unchanged, unnamed } = sum.counts;
        progress.then("writing accounts");
        let committed = stage.commit("user.import", None, orgs)?;
        let mut warnings = committed.as_ref().map(|c| c.warnings.clone()).unwrap_or_default();
        if unnamed > 0 {
            let (memberships, stay) = match unnamed {
                1 => ("1 membership".to_owned(), "stays"),
                many => (format!("{many} memberships"), "stay"),
            };
            warnings.push(format!(
                "{memberships} that the rows do not name {stay}: user leave USER --org ORG ends one"
            ));
        }
        let report = ImportReport {
            rev: committed.as_ref().map(|c| c.rev),
            changed: added + updated + created.len() > 0,
            dry_run: args.change.dry_run,
            added,
            updated,
            unchanged,
            orgs_created: created.iter().map(OrgId::to_string).collect(),
            warnings,
        };
        let (committed, warnings) = (report.rev.is_some(), report.warnings.clone());
        Ok(Answer::one(report).made(committed).warn(warnings))
    }
}

/// Makes the orgs that are named and not there, or refuses them with their lines.
fn create(
    stage: &mut Stage<'_>,
    args: &ImportUsersArgs,
    file: &str,
    rows: &Rows,
) -> Result<Vec<OrgId>> {
    let mut missing: Vec<(u64, &OrgId)> = Vec::new();
    for (org, line) in &rows.orgs {
        // One out of sight is answered as one that does not exist.
        if !stage.actor().sees_org(org) || stage.org(org)?.is_none() {
            missing.push((*line, org));
        }
    }
    missing.sort_unstable();
    let missing: Vec<&OrgId> = missing.into_iter().map(|(_, org)| org).collect();
    if args.create_orgs {
        for org in &missing {
            stage.make(&AddOrg { id: (*org).clone(), settings: EditOrg::default() })?;
        }
    } else if !missing.is_empty() {
        let problems: Vec<SheetProblem> = rows
            .iter()
            .flat_map(|row| row.orgs.into_iter().map(move |(org, _)| (row.line, org)))
            .filter(|(_, org)| missing.iter().any(|missing| missing.as_str() == org.as_str()))
            .map(|(line, org)| SheetProblem { line, what: format!("no org {}", org.as_str()) })
            .collect();
        return Err(sheet::error(Kind::NotFound, "not-found", file, &problems)
            .words("nothing was imported; --create-orgs makes the orgs that are not there"));
    }
    Ok(missing.into_iter().cloned().collect())
}

impl Batch {
    fn with_ids(session: &Session<'_>, rows: rows::Batch) -> Result<Batch> {
        let ids = (0..rows.without_id()).map(|_| new_id(session)).collect::<Result<_>>()?;
        Ok(Batch { rows, ids })
    }
}

/// Makes the rows of a batch, apart from those of others.
fn make(apart: &mut Apart<'_>, update: bool, batch: Batch, progress: &Progress) -> Result<Done> {
    let mut done = Done::default();
    let mut ids = batch.ids.into_iter();
    let mut rows = batch.rows.rows().map(|row| {
        progress.one();
        let own = row.id.clone().map(UserId::from);
        (row, own.or_else(|| ids.next()).expect("a row without an id was given one"))
    });
    if update {
        for (row, id) in rows {
            let line = row.line;
            let made = bring_up_to_date(apart, row, id, &mut done.counts);
            done.refused(line, made)?;
        }
    } else {
        loop {
            let some: Vec<_> = rows.by_ref().take(FEW).map(addition).collect();
            if some.is_empty() {
                break;
            }
            add(apart, &some, &mut done)?;
        }
    }
    done.made = apart.done();
    Ok(done)
}

/// Adds accounts, each with its line. No other row names one of their logins, ids or addresses.
fn add(apart: &mut Apart<'_>, additions: &[(u64, AddUser)], done: &mut Done) -> Result<()> {
    let mut needs = Needs::default();
    additions.iter().for_each(|(_, addition)| addition.need(&mut needs));
    apart.load(&needs)?;
    for (line, addition) in additions {
        let known = apart.is_seen(&addition.login);
        let added = apart.make_last(addition).map_err(|error| match error.code {
            "exists" if known => error.words("--update brings accounts that are there up to date"),
            _ => error,
        });
        done.counts.added += usize::from(added.is_ok());
        done.refused(*line, added)?;
    }
    Ok(())
}

fn bring_up_to_date(
    apart: &mut Apart<'_>,
    row: ImportRow<'_>,
    id: UserId,
    counts: &mut Counts,
) -> Result<()> {
    let login = Login::from(row.login.clone());
    // An account out of sight is none to be updated; that its login is taken is said as ever.
    let Some(user) = apart.seen(&login)?.cloned() else {
        apart.make(&addition((row, id)).1)?;
        counts.added += 1;
        return Ok(());
    };
    if row.id.is_some() && id != user.id {
        return Err(exists(format!("{login} has the id {}, not {id}", user.id)));
    }
    // A row that names no org says nothing of memberships.
    if !row.orgs.is_empty() {
        let is_named = |org: &OrgId| row.orgs.iter().any(|(it, _)| it.as_str() == org.as_str());
        counts.unnamed += user.memberships.keys().filter(|org| !is_named(org)).count();
    }
    let mut changed = false;
    for change in updates(&login, row, &user) {
        changed |= apart.make(change.as_ref())?;
    }
    if changed {
        counts.updated += 1
    } else {
        counts.unchanged += 1
    }
    Ok(())
}

fn exists(message: String) -> Error {
    Error::new(Kind::Refused, RefusalCode::Exists.as_str(), message)
}

fn addition((row, id): (ImportRow<'_>, UserId)) -> (u64, AddUser) {
    let add = AddUser {
        login: row.login.into(),
        id,
        name: row.name.map(Into::into),
        email: row.email.map(Into::into),
        sign_in: row.sign_in.unwrap_or(SignInMethod::Password),
        mfa: row.mfa.unwrap_or(Switch::Off),
        orgs: row.orgs.into_iter().map(|(o, role)| (o.into(), role.unwrap_or_default())).collect(),
        active: row.active.unwrap_or(true),
        enrolled: row.enrolled.map(|since| (since, elsewhere())),
    };
    (row.line, add)
}

fn elsewhere() -> Provider {
    Provider::parse(ELSEWHERE).expect("a lower-case word is a provider")
}

/// A new stable id: `u_` and 64 random bits in 13 characters of base 32.
pub(in crate::commands) fn new_id(session: &Session<'_>) -> Result<UserId> {
    const DIGITS: &[u8; 32] = b"0123456789abcdefghjkmnpqrstvwxyz";
    let mut bytes = [0; 8];
    session.env().random(&mut bytes);
    let mut number = u64::from_le_bytes(bytes);
    let mut id = "u_".to_owned();
    for _ in 0..13 {
        id.push(char::from(DIGITS[(number & 31) as usize]));
        number >>= 5;
    }
    Ok(UserId::parse(&id).expect("letters and digits are an id"))
}

/// The changes that bring an account up to date with its row. What the row leaves out stays as
/// it is, and no membership ends. A value that is already right is not a change and needs no
/// permission, so the person who made an export can import it again.
fn updates(login: &Login, row: ImportRow<'_>, user: &User) -> Vec<Box<dyn Change>> {
    // The blanks around a cell are not looked at: a name that has some is not another for that.
    let same = |name: &Checked<'_, Text>| {
        user.name.as_ref().is_some_and(|known| known.as_str().trim() == name.as_str())
    };
    let mut changes: Vec<Box<dyn Change>> = Vec::new();
    let edit = EditUser {
        login: login.clone(),
        name: row.name.filter(|name| !same(name)).map(Into::into),
        email: row.email.map(Into::into).filter(|email| user.email.as_ref() != Some(email)),
        sign_in: row.sign_in.filter(|method| !method.is_of(user)),
    };
    if edit.name.is_some() || edit.email.is_some() || edit.sign_in.is_some() {
        changes.push(Box::new(edit));
    }
    for (org, role) in row.orgs {
        let (login, org) = (login.clone(), OrgId::from(org));
        match (user.memberships.get(&org), role) {
            (Some(membership), Some(role)) if membership.role != role => {
                changes.push(Box::new(SetRole { login, org, role }));
            }
            // A row that names no role says nothing of it.
            (Some(_), _) => {}
            (None, role) => {
                changes.push(Box::new(Join { login, org, role: role.unwrap_or_default() }));
            }
        }
    }
    if let Some(mfa) = row.mfa.filter(|mfa| *mfa != user.mfa) {
        changes.push(Box::new(SetMfa { login: login.clone(), mfa, requested_by: None }));
    }
    if let Some(active) = row.active.filter(|active| *active != user.active) {
        changes.push(Box::new(SetActive { login: login.clone(), active }));
    }
    let enrolled = user.enrolment.current.as_ref().map(|method| method.since);
    if let Some(since) = row.enrolled.filter(|since| Some(*since) != enrolled) {
        let (login, name) = (login.clone(), elsewhere());
        changes.push(Box::new(EnrolExternal { login, name, since: Some(since) }));
    }
    changes
}

/// A row that was refused.
struct RefusedRow {
    why: (Kind, &'static str),
    problem: SheetProblem,
    hints: Vec<Hint>,
}

impl RefusedRow {
    /// The refusal of one row; an error of the state itself is one of the import.
    fn of(line: u64, error: Error) -> Result<RefusedRow> {
        if matches!(error.kind, Kind::Damaged | Kind::System | Kind::Busy | Kind::Bug) {
            return Err(error);
        }
        let problem = SheetProblem { line, what: error.message };
        Ok(RefusedRow { why: (error.kind, error.code), problem, hints: error.hints })
    }
}

/// What came of all batches.
#[derive(Default)]
struct Sum {
    counts: Counts,
    problems: RowProblems,
}

impl Sum {
    /// Adds up what came of the next batch; returns what was made.
    fn add(&mut self, done: Done) -> Made {
        self.counts.added += done.counts.added;
        self.counts.updated += done.counts.updated;
        self.counts.unchanged += done.counts.unchanged;
        self.counts.unnamed += done.counts.unnamed;
        self.problems.add(done.problems);
        done.made
    }
}

/// Refused rows: all that are refused for the same reason as the first are named together.
#[derive(Default)]
struct RowProblems {
    first: Option<(Kind, &'static str)>,
    found: Vec<SheetProblem>,
    /// What to do about the first of them, each piece of advice once.
    hints: Vec<Hint>,
}

/// How many pieces of advice are given about the rows of a file.
const HINTS: usize = 3;

impl RowProblems {
    fn add(&mut self, refused: Vec<RefusedRow>) {
        for RefusedRow { why, problem, hints } in refused {
            if *self.first.get_or_insert(why) != why {
                continue;
            }
            self.found.push(problem);
            for hint in hints {
                if self.hints.len() < HINTS && !self.hints.contains(&hint) {
                    self.hints.push(hint);
                }
            }
        }
    }

    fn into_result(self, file: &str) -> Result<()> {
        let Some((kind, code)) = self.first else { return Ok(()) };
        let mut error = sheet::error(kind, code, file, &self.found);
        error.hints.extend(self.hints);
        Err(error.words("nothing was imported"))
    }
}
