//! One durable change.

use super::decision::{FLAT, held_open};
use super::{Case, Data, Place, quoted, text};
use crate::Result;
use crate::child::command;
use crate::row::{Row, Side, Words, words};

/// `mfactl user set-mfa` beside the sqlite3 shell, the floor and `usermod`. Each run
/// changes something: all off, then all on again.
pub fn one(place: &Place, data: &Data) -> Row {
    let floor = |case: &Case| place.floor(&["change", text(&data.floor), &case.login]);
    let row = Row::new("One durable change", Some(data.users))
        .side(ours(place, data))
        .side(theirs(data).goal(0.85))
        .side(Side::new("the floor", data.each("switch", floor)))
        .side(Side::one("an empty program", place.empty()));
    let row = match usermod(data) {
        Some(side) => row.side(side),
        None => row,
    };
    row.bounded_by(
        "three syncs; of the processor time 25 % are page faults, 21 % the loader, start and end of \
         the process, 21 % the files (the note in the lock, operators, the org and who asks are read \
         or written, too), 8 % the hashes of the shard",
    )
    .because(
            "flat: one line of one shard (at most some 480 users) is replaced, one file, one \
         directory and the log are synced",
        )
}

/// The same while another program has the database open: then the shell need
/// not bring its write-ahead log into the database at the end.
pub fn beside_an_open_connection(place: &Place, data: &Data) -> Row {
    Row::new("One durable change, the database held open by another program", Some(data.users))
        .side(ours(place, data))
        .side(theirs(data))
        .meanwhile(held_open(data), "SELECT count(*) FROM orgs;\n")
}

/// The largest state beside the smaller ones.
pub fn flat(place: &Place, all: &[&Data]) -> Row {
    let named = |data: &&Data| {
        let side = Side { name: crate::row::size(data.users), ..ours(place, data) };
        if data.users == place.flat { side.goal(1.2) } else { side }
    };
    all.iter()
        .rev()
        .map(named)
        .fold(Row::new("One durable change, by size", None).bounded_by(FLAT), Row::side)
}

fn both_ways(data: &Data, command: impl Fn(&str, &str) -> Words) -> Vec<Words> {
    let cases = data.cases("switch");
    let set = |switch: &'static str| cases.iter().map(move |case| (&case.login, switch));
    set("off").chain(set("on")).map(|(login, switch)| command(login, switch)).collect()
}

fn ours(place: &Place, data: &Data) -> Side {
    let set = |login: &str, switch: &str| {
        place.mfactl(Some(&data.state), &["user", "set-mfa", login, switch, "-o", "json"])
    };
    Side::new("`mfactl user set-mfa`", both_ways(data, set))
        .expects("changed")
        .counted(revisions(place, data))
}

/// Counts the revisions of the state.
pub fn revisions(place: &Place, data: &Data) -> impl Fn() -> Result<u64> + use<> {
    let head = place.mfactl(Some(&data.state), &["audit", "head", "-o", "json"]);
    move || number_after(&head, "\"rev\":")
}

/// Switches all of them on again.
pub fn back_on(place: &Place, data: &Data) -> impl FnMut() -> Result<()> + use<> {
    let mut words = place.mfactl(Some(&data.state), &["user", "set-mfa", "on", "--yes", "--quiet"]);
    let last = words.len() - 3;
    let logins = data.cases("switch").into_iter().map(|case| case.login.into());
    words.splice(last..last, logins);
    move || Ok(command(&words).output().map(drop)?)
}

/// Counts the rows of the database's audit.
pub fn audited(data: &Data) -> impl Fn() -> Result<u64> + use<> {
    let count = data.sqlite("SELECT 'audit:' || count(*) FROM audit");
    move || number_after(&count, "audit:")
}

/// One row of audit.
pub fn audit_row(action: &str, subject: &str, before: &str, after: &str) -> String {
    format!(
        "INSERT INTO audit (at, operator, os_user, action, subject, before, after) VALUES \
         (strftime('%Y-%m-%dT%H:%M:%SZ', 'now'), 'root', 'root', '{action}', {subject}, \
         '{before}', '{after}');"
    )
}

/// One row changed by its index, and one row of audit, in one transaction.
fn theirs(data: &Data) -> Side {
    let set = |login: &str, switch: &str| {
        let (was, name) = (if switch == "on" { "off" } else { "on" }, quoted(login));
        let json = |switch: &str| format!("{{\"mfa\":\"{switch}\"}}");
        let audit = audit_row("user.set-mfa", &name, &json(was), &json(switch));
        data.sqlite(&format!(
            "PRAGMA synchronous = FULL; BEGIN IMMEDIATE; \
             UPDATE users SET mfa = '{switch}', mfa_by = 'root', \
             mfa_at = strftime('%Y-%m-%dT%H:%M:%SZ', 'now') WHERE login = {name}; {audit} COMMIT;"
        ))
    };
    Side::new("`sqlite3`, one indexed row and its audit", both_ways(data, set))
        .counted(audited(data))
}

/// One account of 100,000 locked in a pair of passwd and shadow (made by `benches/run`).
fn usermod(data: &Data) -> Option<Side> {
    let tree = data.dir.parent()?.join("passwd");
    let tree = tree.join("etc/shadow").is_file().then_some(tree)?;
    let lock = |how: &'static str| {
        let names = (0..8).map(|number| format!("user{}", number * 12_345));
        let tree = text(&tree).to_owned();
        names.map(move |name| words("usermod", &["--prefix", &tree, how, &name]))
    };
    let commands = lock("-L").chain(lock("-U")).collect();
    Some(Side::new("`usermod -L`, 100,000 accounts", commands))
}

/// The number that stands after `word` in the answer of a command.
fn number_after(words: &Words, word: &str) -> Result<u64> {
    let output = command(words).output()?;
    let text = String::from_utf8_lossy(&output.stdout);
    let after = text.split(word).nth(1).unwrap_or_default().trim_start();
    let digits: String = after.chars().take_while(char::is_ascii_digit).collect();
    digits.parse().map_err(|_| format!("{words:?}: {text}").into())
}
