//! One durable change.

use super::decision::held_open;
use super::{Data, Place, quoted, text};
use crate::Result;
use crate::measure::command;
use crate::row::{Row, Side, Words};

/// `mfactl user set-mfa` beside the sqlite3 shell and the floor. Each run
/// changes something: all off, then all on again.
pub fn one(place: &Place, data: &Data) -> Row {
    let floor = |(login, _): &(String, String)| place.floor(&["change", text(&data.floor), login]);
    Row::new(format!("One durable change · {}", data.size()))
        .side(ours(place, data))
        .side(theirs(data).goal(0.8))
        .side(Side::new("the floor", data.cases.iter().map(floor).collect()).goal(1.4))
        .side(Side::one("an empty program", place.empty()))
}

/// The same while another program has the database open: then the shell need
/// not bring its write-ahead log into the database at the end.
pub fn beside_an_open_connection(place: &Place, data: &Data) -> Row {
    let title =
        format!("One durable change, the database held open by another program · {}", data.size());
    Row::new(title)
        .side(ours(place, data))
        .side(theirs(data))
        .meanwhile(held_open(data), "SELECT count(*) FROM orgs;\n")
}

/// The largest state beside the smaller ones.
pub fn flat(place: &Place, all: &[Data]) -> Row {
    let named = |data: &Data| {
        let side = Side { name: data.size(), ..ours(place, data) };
        if data.users == 15_000 { side.goal(1.2) } else { side }
    };
    all.iter().rev().map(named).fold(Row::new("One durable change, by size"), Row::side)
}

fn both_ways(data: &Data, command: impl Fn(&str, &str) -> Words) -> Vec<Words> {
    let set = |switch: &'static str| data.cases.iter().map(move |(login, _)| (login, switch));
    set("off").chain(set("on")).map(|(login, switch)| command(login, switch)).collect()
}

fn ours(place: &Place, data: &Data) -> Side {
    let set = |login: &str, switch: &str| {
        place.mfactl(Some(&data.state), &["user", "set-mfa", login, switch, "-o", "json"])
    };
    let head = place.mfactl(Some(&data.state), &["audit", "head", "-o", "json"]);
    Side::new("`mfactl user set-mfa`", both_ways(data, set))
        .expects("changed")
        .counted(move || number_after(&head, "\"rev\":"))
}

/// One row changed by its index, and one row of audit, in one transaction.
fn theirs(data: &Data) -> Side {
    let set = |login: &str, switch: &str| {
        let (was, name) = (if switch == "on" { "off" } else { "on" }, quoted(login));
        data.sqlite(&format!(
            "PRAGMA synchronous = FULL; BEGIN IMMEDIATE; \
             UPDATE users SET mfa = '{switch}', mfa_by = 'root', \
             mfa_at = strftime('%Y-%m-%dT%H:%M:%SZ', 'now') WHERE login = {name}; \
             INSERT INTO audit (at, operator, os_user, action, subject, before, after) VALUES \
             (strftime('%Y-%m-%dT%H:%M:%SZ', 'now'), 'root', 'root', 'user.set-mfa', {name}, \
             '{{\"mfa\":\"{was}\"}}', '{{\"mfa\":\"{switch}\"}}'); COMMIT;"
        ))
    };
    let count = data.sqlite("SELECT 'audit:' || count(*) FROM audit");
    Side::new("`sqlite3`, one indexed row and its audit", both_ways(data, set))
        .counted(move || number_after(&count, "audit:"))
}

/// The number that stands after `word` in the answer of a command.
fn number_after(words: &Words, word: &str) -> Result<u64> {
    let output = command(words).output()?;
    let text = String::from_utf8_lossy(&output.stdout);
    let after = text.split(word).nth(1).unwrap_or_default().trim_start();
    let digits: String = after.chars().take_while(char::is_ascii_digit).collect();
    digits.parse().map_err(|_| format!("{words:?}: {text}").into())
}
