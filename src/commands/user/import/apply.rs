//! Making an import: rows → changes, all of them staged in one transaction.

use std::collections::BTreeSet;

use super::rows::{self, Problem, Row};
use crate::cli::user::ImportUsers;
use crate::commands::answer::Answer;
use crate::commands::change::Stage;
use crate::commands::init;
use crate::commands::session::{LARGEST_TEXT, Session};
use crate::domain::change::{
    AddOrg, AddUser, Change, EditOrg, EditUser, EnrolExternal, Join, SetActive, SetMfa, SetRole,
    SignInMethod,
};
use crate::domain::ids::{OrgId, Provider, UserId};
use crate::domain::model::{Switch, User};
use crate::domain::refusal::Code;
use crate::domain::scope::Needs;
use crate::error::{Error, Kind, Result};
use crate::report::import::ImportReport;

/// Where an imported enrolment is registered (R12): elsewhere, we only know since when.
const ELSEWHERE: &str = "import";

/// After so many rows the scope is emptied: what is staged is found again in the transaction.
const CHUNK: usize = 1_000;

/// `user import FILE`.
pub(in crate::commands) fn import(session: &Session<'_>, args: &ImportUsers) -> Result<Answer> {
    let text = session.read_text(&args.file, LARGEST_TEXT)?;
    let file = args.file.display().to_string();
    let rows = rows::read(&text, &file)?;
    drop(text);
    let import = Import { session, args, file, rows };
    if args.init && init::missing(session)? {
        return init::filled(session, &args.change, |session| import.run(session));
    }
    import.run(session)
}

struct Import<'a> {
    session: &'a Session<'a>,
    args: &'a ImportUsers,
    file: String,
    rows: Vec<Row>,
}

/// What an import did.
#[derive(Default)]
struct Counts {
    added: usize,
    updated: usize,
    unchanged: usize,
}

impl Import<'_> {
    fn run(&self, session: &Session<'_>) -> Result<Answer> {
        let mut stage = Stage::begin(session, &self.args.change)?;
        let made = self.orgs(&mut stage)?;
        let mut counts = Counts::default();
        let mut problems = Problems::default();
        let progress = session.progress("importing accounts", Some(self.rows.len() as u64));
        for (index, row) in self.rows.iter().enumerate() {
            progress.one();
            if index % CHUNK == 0 {
                stage.forget();
            }
            if let Err(error) = self.row(&mut stage, row, &mut counts) {
                problems.add(row.line, error)?;
            }
        }
        problems.into_result(&self.file)?;
        let orgs: BTreeSet<OrgId> =
            self.rows.iter().flat_map(|row| row.orgs.keys().cloned()).collect();
        progress.then("writing accounts");
        let committed = stage.commit("user.import", None, orgs.into_iter().collect())?;
        let report = ImportReport {
            rev: committed.as_ref().map(|c| c.rev),
            changed: counts.added + counts.updated + made.len() > 0,
            dry_run: self.args.change.dry_run,
            added: counts.added,
            updated: counts.updated,
            unchanged: counts.unchanged,
            orgs_created: made.iter().map(OrgId::to_string).collect(),
            warnings: committed.map(|c| c.warnings).unwrap_or_default(),
        };
        let (committed, warnings) = (report.rev.is_some(), report.warnings.clone());
        Ok(Answer::one(report).made(committed).warn(warnings))
    }

    /// Makes the orgs that are named and not there, or refuses them with their lines.
    fn orgs(&self, stage: &mut Stage<'_>) -> Result<Vec<OrgId>> {
        let mut made = Vec::new();
        let mut known: BTreeSet<&OrgId> = BTreeSet::new();
        let mut problems = Vec::new();
        for row in &self.rows {
            for org in row.orgs.keys().filter(|org| !known.contains(org)).collect::<Vec<_>>() {
                if stage.view().org(org)?.is_some() {
                    known.insert(org);
                } else if self.args.create_orgs {
                    stage.make(&AddOrg { id: org.clone(), settings: EditOrg::default() })?;
                    made.push(org.clone());
                    known.insert(org);
                } else {
                    problems.push(Problem { line: row.line, what: format!("no org {org}") });
                }
            }
        }
        if problems.is_empty() {
            return Ok(made);
        }
        Err(rows::error(Kind::NotFound, "not-found", &self.file, &problems)
            .words("nothing was imported; --create-orgs makes the orgs that are not there"))
    }

    fn row(&self, stage: &mut Stage<'_>, row: &Row, counts: &mut Counts) -> Result<()> {
        let needs = Needs { users: [row.login.clone()].into(), ..Needs::default() };
        let there = stage.known(&needs, &row.login)?;
        match there {
            None => {
                stage.make(&self.addition(row)?)?;
                counts.added += 1;
            }
            Some(user) if self.args.update => {
                if let Some(id) = row.id.as_ref().filter(|id| **id != user.id) {
                    let message = format!("{} has the id {}, not {id}", row.login, user.id);
                    return Err(Error::new(Kind::Refused, Code::Exists.as_str(), message));
                }
                let mut changed = false;
                for change in updates(row, &user) {
                    changed |= stage.make(change.as_ref())?.changed();
                }
                if changed { counts.updated += 1 } else { counts.unchanged += 1 }
            }
            Some(_) => {
                let message = format!("the login {} is there already", row.login);
                return Err(Error::new(Kind::Refused, Code::Exists.as_str(), message));
            }
        }
        Ok(())
    }

    fn addition(&self, row: &Row) -> Result<AddUser> {
        Ok(AddUser {
            login: row.login.clone(),
            id: row.id.clone().map_or_else(|| new_id(self.session), Ok)?,
            name: row.name.clone(),
            email: row.email.clone(),
            sign_in: row.sign_in.clone().unwrap_or(SignInMethod::Password),
            mfa: row.mfa.unwrap_or(Switch::Off),
            orgs: row.orgs.clone(),
            active: row.active.unwrap_or(true),
            enrolled: row.enrolled.map(|since| (since, elsewhere())),
        })
    }
}

fn elsewhere() -> Provider {
    Provider::parse(ELSEWHERE).expect("a lower-case word is a provider")
}

/// A new stable id: `u_` and 64 random bits in 13 characters of base 32.
pub(in crate::commands) fn new_id(session: &Session<'_>) -> Result<UserId> {
    const DIGITS: &[u8; 32] = b"0123456789abcdefghjkmnpqrstvwxyz";
    let mut bytes = [0; 8];
    session.env().random(&mut bytes)?;
    let mut number = u64::from_le_bytes(bytes);
    let mut id = "u_".to_owned();
    for _ in 0..13 {
        id.push(char::from(DIGITS[(number & 31) as usize]));
        number >>= 5;
    }
    Ok(UserId::parse(&id).expect("letters and digits are an id"))
}

/// The changes that bring an account up to date with its row; what the row does not say stays,
/// and no membership is ended.
fn updates(row: &Row, user: &User) -> Vec<Box<dyn Change>> {
    let login = &row.login;
    let mut changes: Vec<Box<dyn Change>> = vec![Box::new(EditUser {
        login: login.clone(),
        name: row.name.clone(),
        email: row.email.clone(),
        sign_in: row.sign_in.clone(),
    })];
    for (org, role) in &row.orgs {
        changes.push(if user.memberships.contains_key(org) {
            Box::new(SetRole { login: login.clone(), org: org.clone(), role: *role })
        } else {
            Box::new(Join { login: login.clone(), org: org.clone(), role: *role })
        });
    }
    if let Some(mfa) = row.mfa {
        changes.push(Box::new(SetMfa { login: login.clone(), mfa, requested_by: None }));
    }
    if let Some(active) = row.active {
        changes.push(Box::new(SetActive { login: login.clone(), active }));
    }
    if row.enrolled.is_some() && user.enrolment.current.is_none() {
        changes.push(Box::new(EnrolExternal { login: login.clone(), name: elsewhere() }));
    }
    changes
}

/// Refused rows: all that are refused for the same reason as the first are named together.
#[derive(Default)]
struct Problems {
    first: Option<(Kind, &'static str)>,
    found: Vec<Problem>,
}

impl Problems {
    fn add(&mut self, line: u64, error: Error) -> Result<()> {
        if matches!(error.kind, Kind::Damaged | Kind::System | Kind::Busy | Kind::Bug) {
            return Err(error);
        }
        let kind = (error.kind, error.code);
        if *self.first.get_or_insert(kind) == kind {
            self.found.push(Problem { line, what: error.message });
        }
        Ok(())
    }

    fn into_result(self, file: &str) -> Result<()> {
        let Some((kind, code)) = self.first else { return Ok(()) };
        let error = rows::error(kind, code, file, &self.found);
        Err(if code == Code::Exists.as_str() {
            error.words("nothing was imported; --update brings accounts that are there up to date")
        } else {
            error.words("nothing was imported")
        })
    }
}
