//! One decision.

use super::{Case, Data, Place, quoted, text};
use crate::row::{Row, Side, Words};

const WHY: &str = "flat: the end of the log, one org and one shard are read, and a shard \
    has at most some 480 users whatever their number; its hash (up to 130 KB) is what grows";

/// From `benches/profile`.
const BOUND: &str = "the floor, which reads and hashes the same and nothing else, is above an empty \
    program too. Of the processor time 31 % are the loader, start and end of the process, 28 % page \
    faults (of relocations, of the options that are declared, of the program), 12 % the files, 7 % \
    the hash of the shard. A static link was 0.3 ms faster for an empty program, but a static C \
    library cannot ask SSSD or LDAP who somebody is";

/// What does grow a little with the users.
pub const FLAT: &str =
    "the hashes of a shard of up to 130 KB, where 15,000 users have shards of 23 KB";

/// `mfactl explain` beside the sqlite3 shell, the floor and a program that does nothing.
pub fn explain(place: &Place, data: &Data) -> Row {
    row("One decision: `explain`", place, data, explains(place, data))
}

/// The same for `mfactl signin check`.
pub fn check(place: &Place, data: &Data) -> Row {
    let check = |case: &Case| {
        let words =
            ["signin", "check", &case.login, "--org", &case.org, "--allow-code", "-o", "json"];
        place.mfactl(Some(&data.state), &words)
    };
    // Half of those asked about are let in with a code or without, the others are to enrol.
    let let_in = data.each("verify", check);
    let ours = Side::new("`mfactl signin check`", let_in).expects("\"ok\": true");
    row("One decision: `signin check`", place, data, ours)
}

fn row(work: &str, place: &Place, data: &Data, ours: Side) -> Row {
    let floor = |case: &Case| place.floor(&["read", text(&data.state), &case.org, &case.login]);
    Row::new(work, Some(data.users))
        .side(ours)
        .side(lookup(data).goal(0.6))
        .side(decided(data))
        .side(Side::new("the floor", data.each("switch", floor)).expects("\"sign_in\""))
        .side(Side::one("an empty program", place.empty()))
        .bounded_by(BOUND)
        .because(WHY)
}

/// The same while another program has the database open: then the shell need
/// neither make nor remove the files of the write-ahead log.
pub fn beside_an_open_connection(place: &Place, data: &Data) -> Row {
    Row::new("One decision, the database held open by another program", Some(data.users))
        .side(explains(place, data))
        .side(lookup(data))
        .side(decided(data))
        .meanwhile(held_open(data), "SELECT count(*) FROM orgs;\n")
}

/// The largest state beside the smaller ones.
pub fn flat(place: &Place, all: &[&Data]) -> Row {
    let named = |data: &&Data| {
        let side = Side { name: crate::row::size(data.users), ..explains(place, data) };
        if data.users == place.flat { side.goal(1.2) } else { side }
    };
    all.iter()
        .rev()
        .map(named)
        .fold(Row::new("One decision, by size", None).bounded_by(FLAT), Row::side)
}

/// A connection of the sqlite3 shell that stays.
pub fn held_open(data: &Data) -> Words {
    let mut command: Words = vec!["sqlite3".into(), "-batch".into()];
    command.push(data.database.as_os_str().to_owned());
    command
}

fn explains(place: &Place, data: &Data) -> Side {
    let explain = |case: &Case| {
        place.mfactl(Some(&data.state), &["explain", &case.login, "--org", &case.org, "-o", "json"])
    };
    Side::new("`mfactl explain`", data.each("switch", explain)).expects("\"chain\"")
}

/// The least that the shell can do: one row by its index.
fn lookup(data: &Data) -> Side {
    let select = |case: &Case| {
        data.sqlite(&format!("SELECT * FROM users WHERE login = {}", quoted(&case.login)))
    };
    Side::new("`sqlite3`, one indexed row", data.each("switch", select)).expects("|")
}

/// The same decision in SQL.
fn decided(data: &Data) -> Side {
    let select = |case: &Case| {
        let sql = include_str!("decision.sql")
            .replace(":login", &quoted(&case.login))
            .replace(":org", &quoted(&case.org));
        data.sqlite(&sql)
    };
    Side::new("`sqlite3`, the decision", data.each("switch", select)).expects("|")
}
