//! Where programs and data are, and the users that a row may ask about and change.

use std::path::{Path, PathBuf};

use crate::Result;
use crate::page::Fact;
use crate::row::{Words, words};

/// The largest that the program may be (MiB).
const LARGEST: f64 = 12.0;

/// Where programs and data are.
pub struct Place {
    programs: PathBuf,
    data: PathBuf,
    /// The size that the largest is compared with (users).
    pub flat: u32,
}

/// One user that may be asked about.
#[derive(Debug, Clone)]
pub struct Case {
    /// The login.
    pub login: String,
    /// The first org.
    pub org: String,
    /// The id.
    pub id: String,
}

/// What there is of one size.
pub struct Data {
    /// How many users.
    pub users: u32,
    /// Where it all is.
    pub dir: PathBuf,
    /// The state directory.
    pub state: PathBuf,
    /// A copy of its shards for the floor to change.
    pub floor: PathBuf,
    /// The database.
    pub database: PathBuf,
    cases: Vec<(String, Case)>,
}

impl Place {
    /// Programs here, data there.
    pub fn new(programs: PathBuf, data: PathBuf, flat: u32) -> Place {
        Place { programs, data, flat }
    }

    /// A call of mfactl.
    pub fn mfactl(&self, state: Option<&Path>, arguments: &[&str]) -> Words {
        let mut command = words(self.programs.join("mfactl"), &[]);
        if let Some(state) = state {
            command.extend(["--state".into(), state.as_os_str().to_owned()]);
        }
        command.extend(arguments.iter().map(|argument| (*argument).into()));
        command
    }

    /// A call of the program that does only what cannot be left out.
    pub fn floor(&self, arguments: &[&str]) -> Words {
        words(self.programs.join("examples/floor"), arguments)
    }

    /// A call of the program that does nothing.
    pub fn empty(&self) -> Words {
        words(self.programs.join("examples/empty"), &[])
    }

    /// How large the program is.
    ///
    /// # Errors
    /// Where it is not there.
    pub fn binary(&self) -> Result<Fact> {
        let mib = std::fs::metadata(self.programs.join("mfactl"))?.len() as f64 / 1_048_576.0;
        Ok(Fact { what: "The program".to_owned(), is: mib, most: LARGEST })
    }

    /// What there is of `users` users.
    ///
    /// # Errors
    /// Where nothing is, or no list of users.
    pub fn data(&self, users: u32) -> Result<Data> {
        let dir = self.data.join(users.to_string());
        let cases = dir.join("cases");
        let listed = std::fs::read_to_string(&cases)
            .map_err(|e| format!("{}: {e}; benches/run makes it", cases.display()))?;
        let cases = listed.lines().filter_map(|line| {
            let mut words = line.split(' ').map(str::to_owned);
            let group = words.next()?;
            let (login, org, id) = (words.next()?, words.next()?, words.next()?);
            Some((group, Case { login, org, id }))
        });
        let (cases, state, floor) = (cases.collect(), dir.join("state"), dir.join("floor"));
        Ok(Data { users, state, floor, database: dir.join("sqlite.db"), cases, dir })
    }
}

impl Data {
    /// A call of the sqlite3 shell.
    pub fn sqlite(&self, sql: &str) -> Words {
        let mut command = words("sqlite3", &["-batch"]);
        command.extend([self.database.as_os_str().to_owned(), sql.into()]);
        command
    }

    /// The users of one group (`benches/generate/cases.rs`).
    pub fn cases(&self, group: &str) -> Vec<Case> {
        let of_group = self.cases.iter().filter(|(of, _)| of == group);
        of_group.map(|(_, case)| case.clone()).collect()
    }

    /// A command for each user of a group.
    pub fn each(&self, group: &str, command: impl Fn(&Case) -> Words) -> Vec<Words> {
        self.cases(group).iter().map(command).collect()
    }
}

/// A path as an argument.
pub fn text(path: &Path) -> &str {
    path.to_str().unwrap_or_default()
}

/// A text in SQL.
pub fn quoted(text: &str) -> String {
    format!("'{}'", text.replace('\'', "''"))
}
