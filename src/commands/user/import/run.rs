//! Making an import: rows → changes, all of them staged in one transaction.

use super::rows::{ImportRow, ImportSummary, ImportTable};
use crate::cli::user::ImportUsersArgs;
use crate::commands::answer::Answer;
use crate::commands::change::Stage;
use crate::commands::init;
use crate::commands::session::{LARGEST_TEXT, Session};
use crate::commands::sheet;
use crate::commands::sheet::SheetProblem;
use crate::domain::change::{
    AddOrg, AddUser, Change, EditOrg, EditUser, EnrolExternal, Join, SetActive, SetMfa, SetRole,
    SignInMethod,
};
use crate::domain::ids::{Checked, Login, OrgId, Provider, Text, UserId};
use crate::domain::model::{Role, Switch, User};
use crate::domain::refusal::{Hint, RefusalCode};
use crate::domain::scope::Needs;
use crate::error::{Error, Kind, Result};
use crate::parallel;
use crate::report::answers::import::ImportReport;
use crate::signals::may_stop;
use crate::ui::Progress;

/// Where an imported enrolment is registered (R12): elsewhere, we only know since when.
const ELSEWHERE: &str = "import";

/// `user import FILE`.
pub(in crate::commands) fn import(session: &Session<'_>, args: &ImportUsersArgs) -> Result<Answer> {
    let text = may_stop(|| session.read_text(&args.file, LARGEST_TEXT))?;
    let file = args.file.display().to_string();
    let table = ImportTable { text: &text, file: &file, options: &args.sheet };
    let summary = table.check()?;
    if args.init && init::missing(session)? {
        return init::filled(session, &args.change, |session| run(session, args, table, &summary));
    }
    run(session, args, table, &summary)
}

fn run(
    session: &Session<'_>,
    args: &ImportUsersArgs,
    table: ImportTable<'_>,
    summary: &ImportSummary,
) -> Result<Answer> {
    let mut stage = Stage::begin(session, &args.change)?;
    let created = create(&mut stage, args, table, summary)?;
    let progress = session.progress("importing accounts", Some(summary.rows as u64));
    let mut import =
        Import { session, stage, counts: Counts::default(), problems: RowProblems::default() };
    for batch in table.batches()? {
        let rows = batch.rows().into_iter().flatten().collect();
        match args.update {
            true => import.update(rows, &progress)?,
            false => import.add(rows, &progress)?,
        }
    }
    import.problems.into_result(table.file)?;
    let Counts { added, updated, unchanged, unnamed } = import.counts;
    progress.then("writing accounts");
    let orgs = summary.orgs.keys().cloned().collect();
    let committed = import.stage.commit("user.import", None, orgs)?;
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

/// Makes the orgs that are named and do not exist, or refuses them with their lines.
fn create(
    stage: &mut Stage<'_>,
    args: &ImportUsersArgs,
    table: ImportTable<'_>,
    summary: &ImportSummary,
) -> Result<Vec<OrgId>> {
    let mut missing: Vec<(u64, &OrgId)> = Vec::new();
    for (org, line) in &summary.orgs {
        // One out of sight is answered like one that does not exist.
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
        let mut problems = Vec::new();
        for batch in table.batches()? {
            for row in batch.rows().into_iter().flatten() {
                let named = row.orgs.iter().map(|(org, _)| org.as_str());
                let named = named.filter(|org| missing.iter().any(|id| id.as_str() == *org));
                let problem = |org| SheetProblem { line: row.line, what: format!("no org {org}") };
                problems.extend(named.map(problem));
            }
        }
        return Err(sheet::error(Kind::NotFound, "not-found", table.file, &problems)
            .words("nothing was imported; --create-orgs makes the orgs that are not there"));
    }
    Ok(missing.into_iter().cloned().collect())
}

/// An import under way.
struct Import<'s, 'a> {
    session: &'s Session<'s>,
    stage: Stage<'a>,
    counts: Counts,
    problems: RowProblems,
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

impl Import<'_, '_> {
    /// Adds accounts. No two rows of a file name the same login, id or address, so that none
    /// depends on another.
    fn add(&mut self, rows: Vec<ImportRow<'_>>, progress: &Progress) -> Result<()> {
        let ids = rows.iter().map(|row| self.id_of(row)).collect::<Result<Vec<_>>>()?;
        let rows: Vec<(ImportRow<'_>, UserId)> = rows.into_iter().zip(ids).collect();
        let additions = parallel::map_slice(&rows, |(row, id)| addition(row, id));
        let made = self.stage.make_all(&additions)?;
        for (((row, _), addition), made) in rows.iter().zip(&additions).zip(made) {
            progress.one();
            let known = self.stage.sees(&addition.login);
            let made = made.map_err(|error| match error.code {
                "exists" if known => {
                    error.words("--update brings accounts that are there up to date")
                }
                _ => error,
            });
            self.counts.added += usize::from(made.is_ok());
            self.problems.note(row.line, made)?;
        }
        Ok(())
    }

    /// Brings accounts up to date, or adds them.
    fn update(&mut self, rows: Vec<ImportRow<'_>>, progress: &Progress) -> Result<()> {
        self.stage.forget();
        for row in rows {
            progress.one();
            let line = row.line;
            let made = self.bring_up_to_date(row);
            self.problems.note(line, made)?;
        }
        Ok(())
    }

    fn bring_up_to_date(&mut self, row: ImportRow<'_>) -> Result<()> {
        let login = Login::from(row.login.clone());
        let needs = Needs { users: [login.clone()].into(), ..Needs::default() };
        let known = self.stage.known(&needs, &login)?;
        // An account out of sight cannot be updated, but its login is taken.
        let Some(user) = known.filter(|user| self.stage.actor().sees(user)) else {
            let id = self.id_of(&row)?;
            self.stage.make(&addition(&row, &id))?;
            self.counts.added += 1;
            return Ok(());
        };
        if let Some(id) = row.id.clone().map(UserId::from).filter(|id| *id != user.id) {
            return Err(exists(format!("{login} has the id {}, not {id}", user.id)));
        }
        // A row that names no org says nothing of memberships.
        if !row.orgs.is_empty() {
            let is_named = |org: &OrgId| row.orgs.iter().any(|(it, _)| it.as_str() == org.as_str());
            self.counts.unnamed += user.memberships.keys().filter(|org| !is_named(org)).count();
        }
        let mut changed = false;
        for change in updates(&login, row, &user) {
            changed |= self.stage.make(change.as_ref())?.changed();
        }
        if changed {
            self.counts.updated += 1
        } else {
            self.counts.unchanged += 1
        }
        Ok(())
    }

    /// The id that a row names, or a new one.
    fn id_of(&self, row: &ImportRow<'_>) -> Result<UserId> {
        row.id.clone().map_or_else(|| new_id(self.session), |id| Ok(id.into()))
    }
}

fn exists(message: String) -> Error {
    Error::new(Kind::Refused, RefusalCode::Exists.as_str(), message)
}

fn addition(row: &ImportRow<'_>, id: &UserId) -> AddUser {
    let role = |(org, role): &(Checked<'_, OrgId>, Option<Role>)| {
        (org.clone().into(), role.unwrap_or_default())
    };
    AddUser {
        login: row.login.clone().into(),
        id: id.clone(),
        name: row.name.clone().map(Into::into),
        email: row.email.clone().map(Into::into),
        sign_in: row.sign_in.clone().unwrap_or(SignInMethod::Password),
        mfa: row.mfa.unwrap_or(Switch::Off),
        orgs: row.orgs.iter().map(role).collect(),
        active: row.active.unwrap_or(true),
        enrolled: row.enrolled.map(|since| (since, elsewhere())),
    }
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
    /// Notes a row if it was refused. An error of the state itself is one of the import.
    fn note(&mut self, line: u64, made: Result<()>) -> Result<()> {
        let Err(error) = made else { return Ok(()) };
        if matches!(error.kind, Kind::Damaged | Kind::System | Kind::Busy | Kind::Bug) {
            return Err(error);
        }
        let why = (error.kind, error.code);
        if *self.first.get_or_insert(why) != why {
            return Ok(());
        }
        self.found.push(SheetProblem { line, what: error.message });
        for hint in error.hints {
            if self.hints.len() < HINTS && !self.hints.contains(&hint) {
                self.hints.push(hint);
            }
        }
        Ok(())
    }

    fn into_result(self, file: &str) -> Result<()> {
        let Some((kind, code)) = self.first else { return Ok(()) };
        let mut error = sheet::error(kind, code, file, &self.found);
        error.hints.extend(self.hints);
        Err(error.words("nothing was imported"))
    }
}
