//! One decision.

use super::{Data, Place, quoted, text};
use crate::row::{Row, Side, Words};

/// `mfactl explain` beside the sqlite3 shell, the floor and a program that does nothing.
pub fn one(place: &Place, data: &Data) -> Row {
    let floor =
        |(login, org): &(String, String)| place.floor(&["read", text(&data.state), org, login]);
    Row::new(format!("One decision · {}", data.size()))
        .side(ours(place, data))
        .side(lookup(data).goal(0.5))
        .side(decided(data))
        .side(Side::new("the floor", data.cases.iter().map(floor).collect()).expects("\"sign_in\""))
        .side(Side::one("an empty program", place.empty()).goal(1.6))
}

/// The same while another program has the database open: then the shell need
/// neither make nor remove the files of the write-ahead log.
pub fn beside_an_open_connection(place: &Place, data: &Data) -> Row {
    Row::new(format!("One decision, the database held open by another program · {}", data.size()))
        .side(ours(place, data))
        .side(lookup(data))
        .side(decided(data))
        .meanwhile(held_open(data), "SELECT count(*) FROM orgs;\n")
}

/// The largest state beside the smaller ones.
pub fn flat(place: &Place, all: &[Data]) -> Row {
    let named = |data: &Data| Side { name: data.size(), ..ours(place, data) };
    let goal = |data: &Data| {
        let side = named(data);
        if data.users == 15_000 { side.goal(1.2) } else { side }
    };
    all.iter().rev().map(goal).fold(Row::new("One decision, by size"), Row::side)
}

/// A connection of the sqlite3 shell that stays.
pub fn held_open(data: &Data) -> Words {
    let mut command: Words = vec!["sqlite3".into(), "-batch".into()];
    command.push(data.database.as_os_str().to_owned());
    command
}

fn ours(place: &Place, data: &Data) -> Side {
    let explain = |(login, org): &(String, String)| {
        place.mfactl(Some(&data.state), &["explain", login, "--org", org, "-o", "json"])
    };
    Side::new("`mfactl explain`", data.cases.iter().map(explain).collect()).expects("\"chain\"")
}

/// The least that the shell can do: one row by its index.
fn lookup(data: &Data) -> Side {
    let select = |(login, _): &(String, String)| {
        data.sqlite(&format!("SELECT * FROM users WHERE login = {}", quoted(login)))
    };
    Side::new("`sqlite3`, one indexed row", data.cases.iter().map(select).collect()).expects("|")
}

/// The same decision in SQL.
fn decided(data: &Data) -> Side {
    let select = |(login, org): &(String, String)| {
        let sql = include_str!("decision.sql")
            .replace(":login", &quoted(login))
            .replace(":org", &quoted(org));
        data.sqlite(&sql)
    };
    Side::new("`sqlite3`, the decision", data.cases.iter().map(select).collect()).expects("|")
}
