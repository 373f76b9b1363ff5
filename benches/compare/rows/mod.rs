//! What is compared with what. One file a work; a new one adds its rows to [`all`].

mod change;
mod decision;
mod start;

use std::path::{Path, PathBuf};

use crate::Result;
use crate::row::{Row, Words, words};

/// All rows, the sizes from the smallest.
///
/// # Errors
/// Data that cannot be read.
pub fn all(place: &Place, sizes: &[u32]) -> Result<Vec<Row>> {
    let data = sizes.iter().map(|size| place.data(*size)).collect::<Result<Vec<_>>>()?;
    let mut rows = vec![start::version(place)];
    rows.extend(data.iter().map(|data| decision::one(place, data)));
    rows.extend(data.iter().map(|data| decision::beside_an_open_connection(place, data)));
    rows.push(decision::flat(place, &data));
    rows.extend(data.iter().map(|data| change::one(place, data)));
    rows.extend(data.iter().map(|data| change::beside_an_open_connection(place, data)));
    rows.push(change::flat(place, &data));
    Ok(rows)
}

/// Where programs and data are.
pub struct Place {
    programs: PathBuf,
    data: PathBuf,
    /// No more users than this are asked about: so many have their turn.
    most_cases: usize,
}

/// What there is of one size.
pub struct Data {
    /// How many users.
    pub users: u32,
    /// The state directory.
    pub state: PathBuf,
    /// A copy of its shards for the floor to change.
    pub floor: PathBuf,
    /// The database.
    pub database: PathBuf,
    /// Users whose switch may be set, each with an org.
    pub cases: Vec<(String, String)>,
}

impl Place {
    /// Programs here, data there, and so many rounds.
    pub fn new(programs: PathBuf, data: PathBuf, rounds: usize) -> Place {
        Place { programs, data, most_cases: rounds }
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

    fn data(&self, users: u32) -> Result<Data> {
        let dir = self.data.join(users.to_string());
        let cases = dir.join("cases");
        let text = std::fs::read_to_string(&cases)
            .map_err(|e| format!("{}: {e}; benches/run makes it", cases.display()))?;
        let cases: Vec<_> = text
            .lines()
            .take(self.most_cases)
            .filter_map(|line| line.split_once(' '))
            .map(|(login, org)| (login.to_owned(), org.to_owned()))
            .collect();
        let (state, floor) = (dir.join("state"), dir.join("floor"));
        Ok(Data { users, state, floor, database: dir.join("sqlite.db"), cases })
    }
}

impl Data {
    /// A call of the sqlite3 shell.
    pub fn sqlite(&self, sql: &str) -> Words {
        let mut command = words("sqlite3", &["-batch"]);
        command.extend([self.database.as_os_str().to_owned(), sql.into()]);
        command
    }

    /// How many users, for a title.
    pub fn size(&self) -> String {
        let digits = self.users.to_string();
        let groups: Vec<&str> = digits
            .as_bytes()
            .rchunks(3)
            .rev()
            .map(|of| std::str::from_utf8(of).unwrap_or(""))
            .collect();
        format!("{} users", groups.join(","))
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
