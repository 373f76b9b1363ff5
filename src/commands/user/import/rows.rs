//! The rows of an import: CSV with a header, every cell checked, every problem
//! with its line, all of them in one run.

use std::borrow::Cow;
use std::collections::{BTreeMap, HashMap};
use std::hash::{BuildHasher as _, RandomState};
use std::sync::Arc;

use crate::parallel::prelude::*;

use super::places::is_any_twice;
use super::records::{Cells, Records};
use crate::cli::sheet::SheetOptions;
use crate::cli::value::OrgRole;
use crate::commands::sheet::{Columns, SheetProblem, SheetReader, error};
use crate::domain::change::SignInMethod;
use crate::domain::ids::{Checked, Email, Login, NameError, OrgId, Provider, Text, UserId, quoted};
use crate::domain::model::{Role, Switch};
use crate::domain::time::Time;
use crate::error::{Kind, Result};

/// The columns that a header may name.
const COLUMNS: [&str; 10] =
    ["login", "id", "name", "email", "sign_in", "provider", "mfa", "orgs", "active", "enrolled"];

/// A column, by its place in [`COLUMNS`].
#[derive(Clone, Copy)]
enum UserColumn {
    Login,
    Id,
    Name,
    Email,
    SignIn,
    Provider,
    Mfa,
    Orgs,
    Active,
    Enrolled,
}

/// A shorter file is read by one thread: starting others would take longer (bytes).
const SHORT: usize = 64 << 10;

/// Orgs, each with the role that is named, if one is.
type Orgs<'a> = Vec<(Checked<'a, OrgId>, Option<Role>)>;

/// One account of the file. What is `None` or empty was not said.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct ImportRow<'a> {
    pub(super) line: u64,
    pub(super) login: Checked<'a, Login>,
    pub(super) id: Option<Checked<'a, UserId>>,
    pub(super) name: Option<Checked<'a, Text>>,
    pub(super) email: Option<Checked<'a, Email>>,
    pub(super) sign_in: Option<SignInMethod>,
    pub(super) mfa: Option<Switch>,
    /// Sorted by org, each with the role that is named, if one is.
    pub(super) orgs: Orgs<'a>,
    pub(super) active: Option<bool>,
    pub(super) enrolled: Option<Time>,
}

/// All rows of a file, checked. They are read again where they are made: what is made of
/// a row goes before the next one comes.
pub(super) struct Rows {
    columns: Columns,
    batches: Vec<Records>,
    /// The orgs that are named, each with the line that does so first.
    pub(super) orgs: BTreeMap<OrgId, u64>,
}

/// Rows that follow each other.
pub(super) struct Batch {
    columns: Arc<Columns>,
    records: Records,
}

/// Some of the rows, in any order, and what was found out about them.
#[derive(Default)]
struct Found {
    /// Numbered as they follow each other.
    batches: Vec<(usize, Records)>,
    problems: Vec<SheetProblem>,
    orgs: HashMap<OrgId, u64>,
    /// The hashes of logins, ids and addresses.
    hashes: [Vec<u64>; 3],
}

/// Reads and checks all rows.
///
/// # Errors
/// Usage (2) with every malformed row and every login, id or address that stands twice.
pub(super) fn read(text: &str, file: &str, options: &SheetOptions) -> Result<Rows> {
    let (mut reader, hasher) = (SheetReader::new(text), RandomState::new());
    let columns = Columns::read(&mut reader, &COLUMNS, options, file)?;
    if columns.place(UserColumn::Login as usize).is_none() {
        let what = "there is no column login".to_owned();
        return Err(error(Kind::Usage, "usage", file, &[SheetProblem { line: 1, what }])
            .words("--columns login=HEADER says which column it is"));
    }
    let mut record = csv::StringRecord::new();
    let batches =
        (0..).map_while(|number| Some((number, Records::next(&mut reader, &mut record)?)));
    let check = |found: Found, batch| found.check(&columns, &hasher, batch);
    let mut found = if text.len() < SHORT {
        batches.fold(Found::default(), check)
    } else {
        batches.par_bridge().fold(Found::default, check).reduce(Found::default, Found::and)
    };
    found.batches.sort_unstable_by_key(|(number, _)| *number);
    let batches = found.batches.into_iter().map(|(_, records)| records).collect();
    let rows = Rows { columns, batches, orgs: found.orgs.into_iter().collect() };
    let mut problems = found.problems;
    if found.hashes.into_par_iter().any(|hashes| is_any_twice(&hashes)) {
        problems.extend(twice(&rows.iter().collect::<Vec<_>>()));
    }
    problems.sort_by_key(|problem| problem.line);
    if problems.is_empty() {
        Ok(rows)
    } else {
        Err(error(Kind::Usage, "usage", file, &problems).words(
            "nothing was imported; mend the lines and run it again, with --dry-run to try it",
        ))
    }
}

impl Rows {
    /// How many they are.
    pub(super) fn len(&self) -> usize {
        self.batches.iter().map(Records::len).sum()
    }

    /// All of them that are well-formed.
    pub(super) fn iter(&self) -> impl Iterator<Item = ImportRow<'_>> {
        self.batches.iter().flat_map(|records| rows(&self.columns, records))
    }

    /// The same in batches.
    pub(super) fn into_batches(self) -> impl Iterator<Item = Batch> {
        let columns = Arc::new(self.columns);
        self.batches.into_iter().map(move |records| Batch { columns: columns.clone(), records })
    }
}

impl Batch {
    /// How many of them name no id.
    pub(super) fn without_id(&self) -> usize {
        let id = |cells: &Cells<'_>| cell(&self.columns, cells, UserColumn::Id).is_none();
        self.records.iter().filter(|(_, cells)| id(cells)).count()
    }

    /// The rows.
    pub(super) fn rows(&self) -> impl Iterator<Item = ImportRow<'_>> {
        rows(&self.columns, &self.records)
    }
}

fn rows<'a>(columns: &Columns, records: &'a Records) -> impl Iterator<Item = ImportRow<'a>> {
    records.iter().filter_map(|(line, cells)| read_row(columns, &cells, line).ok())
}

impl Found {
    /// The same with the next batch.
    fn check(
        mut self,
        columns: &Columns,
        hasher: &RandomState,
        (number, (records, problems)): (usize, (Records, Vec<SheetProblem>)),
    ) -> Found {
        self.problems.extend(problems);
        for (line, cells) in records.iter() {
            match read_row(columns, &cells, line) {
                Ok(row) => self.note(row, hasher),
                Err(what) => self.problems.push(SheetProblem { line, what }),
            }
        }
        self.batches.push((number, records));
        self
    }

    fn note(&mut self, row: ImportRow<'_>, hasher: &RandomState) {
        let [logins, ids, addresses] = &mut self.hashes;
        logins.push(hasher.hash_one(row.login.as_str()));
        ids.extend(row.id.map(|id| hasher.hash_one(id.as_str())));
        addresses.extend(row.email.map(|email| hasher.hash_one(Email::lowered(email.as_str()))));
        for (org, _) in row.orgs {
            match self.orgs.get_mut(org.as_str()) {
                Some(first) => *first = row.line.min(*first),
                None => self.name(org.into(), row.line),
            }
        }
    }

    fn name(&mut self, org: OrgId, line: u64) {
        let first = self.orgs.entry(org).or_insert(line);
        *first = line.min(*first);
    }

    /// The same with what others are.
    fn and(mut self, other: Found) -> Found {
        self.batches.extend(other.batches);
        self.problems.extend(other.problems);
        for (all, more) in self.hashes.iter_mut().zip(other.hashes) {
            all.extend(more);
        }
        other.orgs.into_iter().for_each(|(org, line)| self.name(org, line));
        self
    }
}

/// What a row says in a column, if it says anything.
fn cell<'a>(columns: &Columns, cells: &Cells<'a>, column: UserColumn) -> Option<&'a str> {
    let text = cells.get(columns.place(column as usize)?)?.trim();
    (!text.is_empty()).then_some(text)
}

fn read_row<'a>(
    columns: &Columns,
    cells: &Cells<'a>,
    line: u64,
) -> std::result::Result<ImportRow<'a>, String> {
    let cell = |column: UserColumn| cell(columns, cells, column);
    let login = cell(UserColumn::Login).ok_or("the login is empty")?;
    Ok(ImportRow {
        line,
        login: Login::check(login).map_err(said)?,
        id: cell(UserColumn::Id).map(UserId::check).transpose().map_err(said)?,
        name: cell(UserColumn::Name).map(Text::check).transpose().map_err(said)?,
        email: cell(UserColumn::Email).map(Email::check).transpose().map_err(said)?,
        sign_in: sign_in(cell(UserColumn::SignIn), cell(UserColumn::Provider))?,
        mfa: cell(UserColumn::Mfa).map(switch).transpose()?,
        orgs: orgs(cell(UserColumn::Orgs).unwrap_or_default())?,
        active: cell(UserColumn::Active).map(yes_no).transpose()?,
        enrolled: cell(UserColumn::Enrolled).map(date).transpose()?,
    })
}

fn said(error: NameError) -> String {
    error.0
}

fn sign_in(
    word: Option<&str>,
    provider: Option<&str>,
) -> std::result::Result<Option<SignInMethod>, String> {
    match (word, provider) {
        (None, None) => Ok(None),
        (Some("password"), None) => Ok(Some(SignInMethod::Password)),
        (Some("sso"), Some(provider)) => {
            Provider::parse(provider).map(|p| Some(SignInMethod::Sso(p))).map_err(|e| e.to_string())
        }
        (Some("sso"), None) => Err("sign_in is sso, but no provider is named".to_owned()),
        (Some("password") | None, Some(_)) => {
            Err("a provider is named, but sign_in is not sso".to_owned())
        }
        (Some(other), _) => {
            Err(format!("{} is not a valid sign_in: expected password or sso", quoted(other)))
        }
    }
}

fn switch(text: &str) -> std::result::Result<Switch, String> {
    match text.to_ascii_lowercase().as_str() {
        "on" => Ok(Switch::On),
        "off" => Ok(Switch::Off),
        _ => Err(format!("{} is not a valid mfa: expected on or off", quoted(text))),
    }
}

fn yes_no(text: &str) -> std::result::Result<bool, String> {
    match text.to_ascii_lowercase().as_str() {
        "yes" | "true" => Ok(true),
        "no" | "false" => Ok(false),
        _ => Err(format!("{} is not a valid active: expected yes or no", quoted(text))),
    }
}

fn date(text: &str) -> std::result::Result<Time, String> {
    Time::parse_date(text).or_else(|_| Time::parse_rfc3339(text)).map_err(|_| {
        format!("{} is not a valid date for enrolled: expected 2026-11-21", quoted(text))
    })
}

fn orgs(text: &str) -> std::result::Result<Orgs<'_>, String> {
    let mut orgs: Orgs<'_> = Vec::with_capacity(1 + text.matches(';').count());
    for part in text.split(';').map(str::trim).filter(|part| !part.is_empty()) {
        let (org, role) = OrgRole::check(part)?;
        match orgs.binary_search_by(|(other, _)| other.as_str().cmp(org.as_str())) {
            Ok(_) => return Err(format!("the org {} stands twice", org.as_str())),
            Err(place) => orgs.insert(place, (org, role)),
        }
    }
    Ok(orgs)
}

/// Logins (by any case), ids and addresses that stand in an earlier row already.
fn twice(rows: &[ImportRow<'_>]) -> Vec<SheetProblem> {
    let mut problems =
        repeated("login", rows, |row| Some((row.login.as_str().into(), row.login.as_str())));
    problems.extend(repeated("id", rows, |row| {
        row.id.as_ref().map(|id| (id.as_str().into(), id.as_str()))
    }));
    problems.extend(repeated("address", rows, |row| {
        row.email.as_ref().map(|email| (Email::lowered(email.as_str()), email.as_str()))
    }));
    problems
}

/// The rows whose key stands in an earlier one: each is given with its key, and that as
/// it is written.
fn repeated<'a>(
    what: &str,
    rows: &'a [ImportRow<'a>],
    key: impl Fn(&'a ImportRow<'a>) -> Option<(Cow<'a, str>, &'a str)>,
) -> Vec<SheetProblem> {
    let mut last = HashMap::new();
    let mut problems = Vec::new();
    for row in rows {
        let Some((key, shown)) = key(row) else { continue };
        if let Some(earlier) = last.insert(key, row.line) {
            let what = format!("the {what} {shown} stands in line {earlier} already");
            problems.push(SheetProblem { line: row.line, what });
        }
    }
    problems
}

#[cfg(test)]
mod tests {
    use super::*;

    fn problem(text: &str) -> String {
        read(text, "f.csv", &SheetOptions::default()).err().unwrap().to_string()
    }

    #[test]
    fn a_row_is_read_whole() {
        let text = "login,name,orgs,enrolled,active\nAlice,\"Okafor, Chidi\",acme:admin;globex,2025-03-14,no\n";
        let rows = read(text, "f.csv", &SheetOptions::default()).unwrap();
        let row = rows.iter().next().unwrap();
        assert_eq!(row.login.as_str(), "alice");
        assert_eq!(row.name.unwrap().as_str(), "Okafor, Chidi");
        let roles: Vec<Option<Role>> = row.orgs.iter().map(|(_, role)| *role).collect();
        assert_eq!(roles, [Some(Role::Admin), None], "what is not named is not said");
        assert_eq!(row.enrolled.unwrap().to_string(), "2025-03-14T00:00:00Z");
        assert_eq!((row.line, row.active, row.mfa), (2, Some(false), None));
    }

    #[test]
    fn every_problem_is_named_with_its_line() {
        for (text, expected) in [
            ("login\nalice\nALICE\n", "line 3: the login alice stands in line 2 already"),
            ("login,email\na,x@y.example\nb,X@Y.example\n", "line 3: the address X@Y.example"),
            ("login,id\na,u1\nb,u1\n", "line 3: the id u1"),
            ("login,mfa\na,yes\n", "line 2: \"yes\" is not a valid mfa"),
            ("login,sign_in\na,sso\n", "line 2: sign_in is sso, but no provider"),
            ("login,orgs\na,acme;acme:admin\n", "line 2: the org acme stands twice"),
            ("login,orgs\na,acme:boss\n", "line 2: \"boss\" is no role"),
            ("login,name\n../a,x\n", "line 2: \"../a\" is no login"),
            ("login,name\na,\"x\ny\"\n", "line 2: the text has the character U+000A"),
            ("login\na\n\"\"\n", "line 3: the login is empty"),
            ("login,mfa\na\n", "line 2: the row has 1 cell, the header 2"),
            ("user\na\n", "line 1: unknown column user"),
            ("login,login\na,b\n", "line 1: duplicate column login"),
            ("mfa\non\n", "line 1: there is no column login"),
            ("", "f.csv is empty: expected a header"),
        ] {
            let message = problem(text);
            assert!(message.contains(expected), "{text:?} says {message}");
        }
    }

    #[test]
    fn rows_of_many_batches_stay_in_order_and_are_compared() {
        let mut text = "login,id,email\n".to_owned();
        for n in 0..5_000 {
            text.push_str(&format!("user{n},u{n},user{n}@a-long-name-of-a-domain.example\n"));
        }
        let all = read(&text, "f.csv", &SheetOptions::default()).unwrap();
        let rows: Vec<ImportRow<'_>> = all.iter().collect();
        assert!(text.len() > SHORT && rows.len() == 5_000);
        assert!(rows.iter().enumerate().all(|(n, row)| row.line == n as u64 + 2));
        assert!(rows.iter().enumerate().all(|(n, row)| row.login.as_str() == format!("user{n}")));
        text.push_str("USER7,u4999,User0@a-long-name-of-a-domain.example\nuser7,x,y@z.example\n");
        assert_eq!(
            problem(&text),
            "f.csv has 4 problems\n  \
             line 5002: the login user7 stands in line 9 already\n  \
             line 5002: the id u4999 stands in line 5001 already\n  \
             line 5002: the address User0@a-long-name-of-a-domain.example stands in line 2 already\n  \
             line 5003: the login user7 stands in line 5002 already"
        );
    }

    #[test]
    fn many_problems_come_in_one_run_and_are_counted() {
        let mut text = "login,mfa\n".to_owned();
        for n in 0..30 {
            text.push_str(&format!("u{n},maybe\n"));
        }
        let message = problem(&text);
        assert!(message.contains("30 problems") && message.contains("and 10 more"), "{message}");
    }
}
