//! What fuzzing does with the tables, lists and documents that people hand in.

use super::sheet::{ListRow, read_list};
use super::user::{import, membership};
use crate::cli::exception::GrantTerms;
use crate::cli::row::{NoRowOptions, RowOptions};
use crate::cli::sheet::SheetOptions;
use crate::cli::user::{AskedBy, InOrg, JoinPlace, OptOutRowArgs};
use crate::domain::encoding::decode;

/// A list of users for `--from-file`, by the verb that the first byte chooses.
pub(crate) fn list(data: &[u8]) {
    let Some((verb, rest)) = data.split_first() else { return };
    let Ok(text) = decode(rest.to_vec()) else { return };
    match verb % 6 {
        0 => list_of::<NoRowOptions>(&text, &[]),
        1 => list_of::<OptOutRowArgs>(&text, &["--org", "acme"]),
        2 => list_of::<InOrg>(&text, &["--org", "acme"]),
        3 => list_of::<JoinPlace>(&text, &["--org", "acme"]),
        4 => list_of::<AskedBy>(&text, &[]),
        _ => list_of::<GrantTerms>(&text, &["--reason", "other"]),
    }
}

/// Lines are told in their order, and a row that was read alone is read again behind itself.
fn list_of<T: RowOptions>(text: &str, base: &[&str]) {
    let Some(base) = options::<T>(base) else { return };
    let read = |text: &str, options: &SheetOptions| read_list(text, "list.csv", options, &base);
    let lenient = SheetOptions { ignore_unknown_columns: true, ..SheetOptions::default() };
    let mapped = SheetOptions {
        columns: Some("login=who,until=end".parse().expect("two columns")),
        ..SheetOptions::default()
    };
    let _ = read(text, &mapped).map_err(|error| error.to_string());
    let loose = read(text, &lenient).map_err(|error| error.to_string());
    let strict = read(text, &SheetOptions::default());
    let Ok(rows) = strict else { return };
    let same = |a: &ListRow<T>, b: &ListRow<T>| a.line == b.line && a.users == b.users;
    let loose = loose.expect("what is read strictly is read");
    assert!(rows.len() == loose.len() && rows.iter().zip(&loose).all(|(a, b)| same(a, b)));
    assert!(rows.is_sorted_by(|a, b| a.line < b.line), "rows are told by line");
    assert!(rows.iter().all(|row| !row.users.is_empty()), "every row names somebody");
    if let ([row], false) = (&rows[..], text.contains(['\n', '\r'])) {
        // Marks of the encoding belong to the beginning of a file; some programs write two.
        let bare = text.trim_start_matches('\u{feff}');
        let twice = read(&format!("{text}\n{bare}\n"), &SheetOptions::default());
        let twice = twice.expect("a line that was read is read twice");
        assert!(twice.len() == 2 && twice.iter().all(|other| other.users == row.users));
    }
}

/// The options of a verb, as if they were typed.
fn options<T: RowOptions>(base: &[&str]) -> Option<T> {
    let command = clap::Command::new("mfactl").no_binary_name(true);
    let from_file = clap::Arg::new("from_file").long("from_file");
    let command = T::augment_args(command.arg(from_file));
    let typed = base.iter().copied().chain(["--from_file=-"]);
    let matches = command.try_get_matches_from(typed).ok()?;
    T::from_arg_matches(&matches).ok()
}

/// A table of accounts for `user import`. What is exported of its rows is read again as the same.
pub(crate) fn accounts(data: &[u8]) {
    if let Ok(text) = decode(data.to_vec()) {
        import::fuzz(&text);
    }
}

/// The document of a membership.
pub(crate) fn membership(data: &[u8]) {
    if let Ok(text) = std::str::from_utf8(data) {
        membership::fuzz(text);
    }
}
