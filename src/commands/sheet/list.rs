//! Lists of users for `--from-file`: one per line, or a table that names each by `login`,
//! `id` or `email` and may say more of them.

use super::header::meant;
use super::{Columns, SheetProblem, SheetReader, error};
use crate::cli::row::{RowOptions, RowReader};
use crate::cli::sheet::{SheetOptions, column_name};
use crate::domain::ids::{Email, UserId, UserRef};
use crate::error::{Error, Kind, Result};
use crate::report::format::escape::unprotected;

/// The columns that name the user. `user` is another word for `login`.
const NAMING: [&str; 4] = ["login", "user", "id", "email"];

/// A user of a list, and what the row says of them.
#[derive(Debug, Clone)]
pub(in crate::commands) struct ListRow<T> {
    /// The line of the file.
    pub(in crate::commands) line: u64,
    /// Who; more than one where the row names the user in more than one column, which must
    /// then all mean the same account.
    pub(in crate::commands) users: Vec<UserRef>,
    /// The cells that say more, to tell whether two rows say the same.
    pub(in crate::commands) cells: Vec<String>,
    /// The options of the verb, for this row.
    pub(in crate::commands) options: T,
}

/// Reads a list of users, for a verb whose options are `base` where a row does not say
/// anything else.
///
/// # Errors
/// Usage (2) with every line that is wrong.
pub(in crate::commands) fn read_list<T: RowOptions>(
    text: &str,
    file: &str,
    options: &SheetOptions,
    base: &T,
) -> Result<Vec<ListRow<T>>> {
    let mut reader = SheetReader::new(text);
    let mut record = csv::StringRecord::new();
    let Some(first) = reader.next(&mut record) else {
        return Err(Error::usage(format!("{file} names no user")).about(file));
    };
    let first = first.map_err(|problem| error(Kind::Usage, "usage", file, &[problem]))?;
    let mut of_verb = RowReader::new::<T>();
    let more = of_verb.columns();
    let known: Vec<&str> = NAMING.into_iter().chain(more.iter().map(String::as_str)).collect();
    let is_header = |record: &csv::StringRecord| {
        let named = |cell| meant(options, &column_name(cell), &known);
        record.iter().any(|cell| named(cell).is_some_and(|column| column < NAMING.len()))
    };
    let (mut rows, mut problems) = (Vec::new(), Vec::new());
    let with_header = is_header(&record);
    let columns = if with_header {
        Columns::of(&mut reader, &record, first, &known, options, file)?
    } else {
        no_header(options, &record, first, &known, file)?;
        Columns::without_header(&known)
    };
    let mut next = if with_header { reader.next(&mut record) } else { Some(Ok(first)) };
    while let Some(found) = next {
        let row = found.and_then(|line| {
            let whole = with_header || record.len() == 1;
            let row = if whole {
                read_row(&columns, &record, &known, &mut of_verb, base)
            } else {
                Err(format!("expected one user per line, found {} cells", record.len()))
            };
            row.map(|row| ListRow { line, ..row }).map_err(|what| SheetProblem { line, what })
        });
        match row {
            Ok(row) => rows.push(row),
            Err(problem) => problems.push(problem),
        }
        next = reader.next(&mut record);
    }
    if !problems.is_empty() {
        return Err(error(Kind::Usage, "usage", file, &problems).words("nothing was changed"));
    }
    if rows.is_empty() {
        return Err(Error::usage(format!("{file} names no user")).about(file));
    }
    Ok(rows)
}

/// Refuses a first line that can only be a header, although it names no user.
fn no_header(
    options: &SheetOptions,
    record: &csv::StringRecord,
    line: u64,
    known: &[&str],
    file: &str,
) -> Result<()> {
    if record.len() == 1 && options.columns.is_none() {
        return Ok(());
    }
    let what = "expected one user per line, or a header with a column login, id or email";
    let problem = SheetProblem { line, what: format!("{what}, found {} cells", record.len()) };
    Err(error(Kind::Usage, "usage", file, &[problem])
        .words(format!("the header may name {}", known.join(", ")))
        .words("--columns login=HEADER says which column names the user"))
}

fn read_row<T: RowOptions>(
    columns: &Columns,
    record: &csv::StringRecord,
    known: &[&str],
    of_verb: &mut RowReader,
    base: &T,
) -> std::result::Result<ListRow<T>, String> {
    let filled = |column| {
        let cell = unprotected(record.get(columns.place(column)?)?.trim());
        (!cell.is_empty()).then_some(cell)
    };
    let cells: Vec<_> = (0..known.len()).map(filled).collect();
    let cell = |column: usize| cells[column].as_deref();
    let [login, user, id, email] = [cell(0), cell(1), cell(2), cell(3)];
    let mut users = Vec::new();
    for named in [login, user].into_iter().flatten() {
        users.push(by_name(named)?);
    }
    if let Some(id) = id {
        let bare = id.strip_prefix("id:").unwrap_or(id);
        users.push(UserId::parse(bare).map(UserRef::Id).map_err(|e| e.to_string())?);
    }
    if let Some(email) = email {
        let bare = email.strip_prefix("mail:").unwrap_or(email);
        users.push(Email::parse(bare).map(UserRef::Mail).map_err(|e| e.to_string())?);
    }
    if users.is_empty() {
        return Err("the row names no user".to_owned());
    }
    let said: Vec<(&str, &str)> = (NAMING.len()..known.len())
        .filter_map(|column| cell(column).map(|cell| (known[column], cell)))
        .collect();
    let options = of_verb.read(base, &said)?;
    let cells = said.iter().map(|(column, cell)| format!("{column}={cell}")).collect();
    Ok(ListRow { line: 0, users, cells, options })
}

/// `LOGIN`, `id:ID`, `mail:ADDRESS`, or an address that can be no login. One that could be
/// both is looked for as a login first.
fn by_name(text: &str) -> std::result::Result<UserRef, String> {
    text.parse().or_else(|e: crate::domain::ids::NameError| {
        let mail = text.contains('@').then(|| Email::parse(text).ok()).flatten();
        mail.map(UserRef::Mail).ok_or_else(|| e.to_string())
    })
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::cli::row::NoRowOptions;
    use crate::cli::user::{InOrg, OptOutRowArgs};

    fn read(text: &str) -> std::result::Result<Vec<String>, String> {
        let rows = read_list(text, "f", &SheetOptions::default(), &NoRowOptions {});
        let shown = |row: ListRow<NoRowOptions>| format!("{}:{}", row.line, row.users[0]);
        rows.map(|rows| rows.into_iter().map(shown).collect()).map_err(|e| e.message)
    }

    #[test]
    fn users_are_named_by_line_or_by_column() {
        for (text, expected) in [
            ("alice\nbob\n", "1:alice 2:bob"),
            ("Login\r\nalice\r\n\r\nbob\r\n", "2:alice 4:bob"),
            ("USER\nalice\n", "2:alice"),
            ("id\nu-1\nid:u-2\n", "2:id:u-1 3:id:u-2"),
            ("Email;Login\n;bob\na@b.example;\n", "2:bob 3:mail:a@b.example"),
            ("o'neil+Ä@acme.example\n", "1:mail:o'neil+Ä@acme.example"),
            ("mail:a@b.example\n", "1:mail:a@b.example"),
        ] {
            assert_eq!(read(text).map(|rows| rows.join(" ")), Ok(expected.to_owned()), "{text:?}");
        }
    }

    #[test]
    fn nothing_that_could_mean_something_is_passed_over() {
        for (text, expected) in [
            ("alice,x\nbob\n", "f, line 1: expected one user per line, or a header"),
            ("alice\nbob,x\n", "f, line 2: expected one user per line, found 2 cells"),
            ("alice\nbob;x\n", "f, line 2: \"bob;x\" is no login"),
            ("login,note\nalice,x\n", "f, line 1: unknown column note"),
            ("login,note,Colour\nalice,x,red\n", "f, line 1: unknown columns note, Colour"),
            ("login,login\nalice,bob\n", "f, line 1: duplicate column login"),
            ("login,\nalice,x\n", "f, line 2: \"x\" stands below an empty header (cell 2)"),
            ("login,id\nalice,u\nlogin,ID\nbob,v\n", "f, line 3: repeated header"),
            ("login,id\nalice\n", "f, line 2: the row has 1 cell, the header 2"),
            ("login,id\nalice,u,x\n", "f, line 2: the row has 3 cells, the header 2"),
            ("\n\r\n", "f names no user"),
            ("login\n", "f names no user"),
            ("login,until\n\"\",x\n", "unknown column until"),
        ] {
            let message = read(text).unwrap_err();
            assert!(message.contains(expected), "{text:?} says {message}");
        }
    }

    #[test]
    fn columns_named_like_options_count_for_their_row() {
        let base = OptOutRowArgs {
            terms: crate::cli::user::OptOutTerms { org: None, until: None },
            why: crate::cli::row::RowMessage { message: None },
        };
        let text = "login,Until,message,ORG\nbob,2027-01-31,no phone yet,acme\ndave,,,globex\n";
        let rows = read_list(text, "f", &SheetOptions::default(), &base).unwrap();
        assert_eq!(rows[0].options.terms.org.as_ref().unwrap().as_str(), "acme");
        assert!(rows[0].options.terms.until.is_some() && rows[1].options.terms.until.is_none());
        assert_eq!(rows[0].options.why.message.as_ref().unwrap().as_str(), "no phone yet");
        let wrong = read_list("login,until\nbob,soon\n", "f", &SheetOptions::default(), &base);
        let message = wrong.unwrap_err().message;
        assert!(message.starts_with("f, line 2: ") && message.contains("soon"), "{message}");
    }

    #[test]
    fn headers_are_mapped_and_others_passed_over_where_that_is_asked_for() {
        let options = |map: &str, ignore_unknown_columns| SheetOptions {
            columns: Some(map.parse().unwrap()),
            ignore_unknown_columns,
        };
        let text = "Nr,Kennung,Bereich\n1,bob,acme\n";
        let base = InOrg { org: None };
        let map = options("login=Kennung,org=Bereich", true);
        let rows = read_list(text, "f", &map, &base).unwrap();
        assert_eq!(rows[0].options.org.as_ref().unwrap().as_str(), "acme");
        let message = |map: &str, ignore| {
            read_list(text, "f", &options(map, ignore), &base).unwrap_err().message
        };
        assert!(message("login=Kennung,org=Bereich", false).contains("unknown column Nr"));
        assert!(message("login=Konto", true).contains("expected one user per line"));
        assert!(message("login=Kennung,role=Rolle", true).contains("unknown column role"));
    }
}
