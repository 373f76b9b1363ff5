//! The rows of an import: CSV with a header, every cell checked, every problem
//! with its line, all of them in one run.

use std::collections::{BTreeMap, HashMap};
use std::hash::{BuildHasher as _, RandomState};
use std::sync::Arc;

use crate::cli::sheet::SheetOptions;
use crate::cli::value::OrgRole;
use crate::commands::sheet::{Columns, SheetProblem, SheetReader, error};
use crate::domain::change::SignInMethod;
use crate::domain::ids::{Checked, Email, Login, NameError, OrgId, Provider, Text, UserId, quoted};
use crate::domain::model::{Role, Switch};
use crate::domain::time::Time;
use crate::error::{Kind, Result};
use crate::parallel;
use crate::report::format::escape::unprotected;

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

/// How many records are read, and made, at once.
const BATCH: usize = 4 << 10;

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

/// A file of accounts.
#[derive(Clone, Copy)]
pub(super) struct ImportTable<'a> {
    pub(super) text: &'a str,
    pub(super) file: &'a str,
    pub(super) options: &'a SheetOptions,
}

/// What a table says as a whole.
#[derive(Debug, Default)]
pub(super) struct ImportSummary {
    pub(super) rows: usize,
    /// The orgs that it names, each with the first line that does.
    pub(super) orgs: BTreeMap<OrgId, u64>,
}

/// The records of a table, in batches.
pub(super) struct ImportBatches<'a> {
    reader: SheetReader<'a>,
    columns: Arc<Columns>,
}

/// Records that follow one another.
pub(super) struct ImportBatch {
    columns: Arc<Columns>,
    /// Each with its line.
    records: Vec<(u64, csv::StringRecord)>,
    /// What is wrong with others.
    problems: Vec<SheetProblem>,
}

impl<'a> ImportTable<'a> {
    /// Reads the header.
    ///
    /// # Errors
    /// Usage (2): a header that names unknown columns, or no logins.
    pub(super) fn batches(self) -> Result<ImportBatches<'a>> {
        let ImportTable { text, file, options } = self;
        let mut reader = SheetReader::new(text);
        let columns = Columns::read(&mut reader, &COLUMNS, options, file)?;
        if columns.place(UserColumn::Login as usize).is_none() {
            let what = "there is no column login".to_owned();
            return Err(error(Kind::Usage, "usage", file, &[SheetProblem { line: 1, what }])
                .words("--columns login=HEADER says which column it is"));
        }
        Ok(ImportBatches { reader, columns: Arc::new(columns) })
    }

    /// Checks all rows. They are read again to be imported: a million of them take many times
    /// the memory of the file.
    ///
    /// # Errors
    /// Usage (2) with every malformed row and every login, id or address that stands twice.
    pub(super) fn check(self) -> Result<ImportSummary> {
        let hasher = RandomState::new();
        let (mut summary, mut problems) = (ImportSummary::default(), Vec::new());
        let [mut logins, mut ids, mut addresses] = [const { Vec::new() }; 3];
        for batch in self.batches()? {
            for row in batch.rows() {
                let row = match row {
                    Ok(row) => row,
                    Err(problem) => {
                        problems.push(problem);
                        continue;
                    }
                };
                summary.rows += 1;
                logins.push(hasher.hash_one(row.login.as_str()));
                ids.extend(row.id.map(|id| hasher.hash_one(id.as_str())));
                let address =
                    row.email.map(|email| hasher.hash_one(&*Email::lowered(email.as_str())));
                addresses.extend(address);
                for (org, _) in row.orgs {
                    if !summary.orgs.contains_key(org.as_str()) {
                        summary.orgs.insert(org.into(), row.line);
                    }
                }
            }
            problems.extend(batch.problems);
        }
        if [logins, ids, addresses].into_iter().any(has_twice) {
            problems.extend(self.twice()?);
        }
        problems.sort_by_key(|problem| problem.line);
        if problems.is_empty() {
            return Ok(summary);
        }
        Err(error(Kind::Usage, "usage", self.file, &problems).words(
            "nothing was imported; mend the lines and run it again, with --dry-run to try it",
        ))
    }

    /// Logins (in any case), ids and addresses that an earlier row has already.
    fn twice(self) -> Result<Vec<SheetProblem>> {
        let mut earlier: [HashMap<String, u64>; 3] = Default::default();
        let mut problems = Vec::new();
        for batch in self.batches()? {
            for row in batch.rows().into_iter().flatten() {
                let login = row.login.as_str();
                let id = row.id.as_ref().map(|id| id.as_str());
                let email = row.email.as_ref().map(|email| email.as_str());
                let keys = [
                    ("login", Some((login.to_owned(), login))),
                    ("id", id.map(|id| (id.to_owned(), id))),
                    ("address", email.map(|email| (Email::lowered(email).into_owned(), email))),
                ];
                for ((what, key), earlier) in keys.into_iter().zip(&mut earlier) {
                    let Some((key, shown)) = key else { continue };
                    if let Some(earlier) = earlier.insert(key, row.line) {
                        let what = format!("the {what} {shown} stands in line {earlier} already");
                        problems.push(SheetProblem { line: row.line, what });
                    }
                }
            }
        }
        Ok(problems)
    }
}

/// Whether one of these hashes is there more than once.
fn has_twice(mut hashes: Vec<u64>) -> bool {
    hashes.sort_unstable();
    hashes.windows(2).any(|two| two[0] == two[1])
}

impl Iterator for ImportBatches<'_> {
    type Item = ImportBatch;

    fn next(&mut self) -> Option<ImportBatch> {
        let (mut records, mut problems) = (Vec::new(), Vec::new());
        let mut record = csv::StringRecord::new();
        while records.len() + problems.len() < BATCH {
            match self.reader.next(&mut record) {
                Some(Ok(line)) => {
                    let cells = record.iter().map(|cell| unprotected(cell.trim()));
                    records.push((line, cells.collect()));
                }
                Some(Err(problem)) => problems.push(problem),
                None => break,
            }
        }
        let columns = Arc::clone(&self.columns);
        (records.len() + problems.len() > 0).then_some(ImportBatch { columns, records, problems })
    }
}

impl ImportBatch {
    /// The rows, or what is wrong with them.
    pub(super) fn rows(&self) -> Vec<std::result::Result<ImportRow<'_>, SheetProblem>> {
        parallel::map_slice(&self.records, |(line, cells)| {
            read_row(&self.columns, cells, *line).map_err(|what| SheetProblem { line: *line, what })
        })
    }
}

fn read_row<'a>(
    columns: &Columns,
    cells: &'a csv::StringRecord,
    line: u64,
) -> std::result::Result<ImportRow<'a>, String> {
    // What the row says in a column, if it says anything.
    let cell = |column: UserColumn| {
        let text = cells.get(columns.place(column as usize)?)?.trim();
        (!text.is_empty()).then_some(text)
    };
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

#[cfg(test)]
mod tests {
    use super::*;

    fn problem(text: &str) -> String {
        let table = ImportTable { text, file: "f.csv", options: &SheetOptions::default() };
        table.check().unwrap_err().to_string()
    }

    fn with_rows<T>(text: &str, look: impl FnOnce(Vec<ImportRow<'_>>) -> T) -> T {
        let table = ImportTable { text, file: "f.csv", options: &SheetOptions::default() };
        let summary = table.check().unwrap();
        let batches: Vec<ImportBatch> = table.batches().unwrap().collect();
        let rows: Vec<ImportRow<'_>> =
            batches.iter().flat_map(ImportBatch::rows).map(std::result::Result::unwrap).collect();
        assert_eq!(rows.len(), summary.rows);
        look(rows)
    }

    #[test]
    fn a_row_is_read_whole() {
        let text = "login,name,orgs,enrolled,active\nAlice,\"Okafor, Chidi\",acme:admin;globex,2025-03-14,no\n";
        with_rows(text, |rows| {
            let row = rows.into_iter().next().unwrap();
            assert_eq!(row.login.as_str(), "alice");
            assert_eq!(row.name.unwrap().as_str(), "Okafor, Chidi");
            let roles: Vec<Option<Role>> = row.orgs.iter().map(|(_, role)| *role).collect();
            assert_eq!(roles, [Some(Role::Admin), None], "what is not named is not said");
            assert_eq!(row.enrolled.unwrap().to_string(), "2025-03-14T00:00:00Z");
            assert_eq!((row.line, row.active, row.mfa), (2, Some(false), None));
        });
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
        let count = 2 * BATCH + 5;
        for n in 0..count {
            text.push_str(&format!("user{n},u{n},user{n}@a-long-name-of-a-domain.example\n"));
        }
        with_rows(&text, |rows| {
            assert_eq!(rows.len(), count);
            for (n, row) in rows.iter().enumerate() {
                assert_eq!((row.line, row.login.as_str()), (n as u64 + 2, &*format!("user{n}")));
            }
        });
        text.push_str("USER7,u4999,User0@a-long-name-of-a-domain.example\nuser7,x,y@z.example\n");
        assert_eq!(
            problem(&text),
            "f.csv has 4 problems\n  \
             line 8199: the login user7 stands in line 9 already\n  \
             line 8199: the id u4999 stands in line 5001 already\n  \
             line 8199: the address User0@a-long-name-of-a-domain.example stands in line 2 already\n  \
             line 8200: the login user7 stands in line 8199 already"
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
