//! A short exception granted.

use mfactl::domain::time::{Span, Time};

use super::change::{audit_row, audited, revisions};
use super::{Case, Data, Place, quoted, text};
use crate::Result;
use crate::child::command;
use crate::row::{Row, Side, Words};

/// How long they are granted for.
const HOUR: Span = Span::seconds(3_600);

/// `mfactl exception grant --short` beside the floor, which writes the same two files
/// and syncs the same two directories, and the sqlite3 shell.
pub fn short(place: &Place, data: &Data) -> Row {
    // The page of the calendar that a grant of now comes to; should the hour pass, it is
    // one of about the same length.
    let page = now().plus(HOUR).hour();
    let floor = |case: &Case| place.floor(&["grant", text(&data.floor), &case.login, &page]);
    Row::new("`exception grant --short`", Some(data.users))
        .side(ours(place, data))
        .side(Side::new("the floor", data.each("grant", floor)))
        .side(theirs(data))
        .bounded_by("the syncs of two files, two directories and the log")
        .because(
            "one shard, flat, and the page of the calendar for the hour in which it ends, \
             which holds the short exceptions that end in that hour",
        )
}

/// The clock, in whole seconds.
pub fn now() -> Time {
    let since = std::time::SystemTime::now().duration_since(std::time::UNIX_EPOCH);
    Time::from_unix(since.map_or(0, |since| since.as_secs() as i64))
}

/// Each replaces the one before, if there is one; in the end all are revoked.
fn ours(place: &Place, data: &Data) -> Side {
    let grant = |case: &Case| {
        let words =
            ["exception", "grant", &case.login, "--org", &case.org, "--short", "--for", "1h"];
        let words = [&words[..], &["--reason", "no-signal", "--replace", "-o", "json"]].concat();
        place.mfactl(Some(&data.state), &words)
    };
    let logins: Vec<String> = data.cases("grant").into_iter().map(|case| case.login).collect();
    let list = place.mfactl(Some(&data.state), &["exception", "list", "--live", "-o", "jsonl"]);
    let revoke = place.mfactl(Some(&data.state), &["exception", "revoke", "--quiet"]);
    Side::new("`mfactl exception grant --short`", data.each("grant", grant))
        .expects("\"live\"")
        .counted(revisions(place, data))
        .after(move || revoke_all(&list, &revoke, &logins))
}

fn revoke_all(list: &Words, revoke: &Words, logins: &[String]) -> Result<()> {
    let output = command(list).output()?;
    for line in String::from_utf8(output.stdout)?.lines() {
        let live: serde_json::Value = serde_json::from_str(line)?;
        let (Some(login), Some(id)) = (live["login"].as_str(), live["id"].as_str()) else {
            continue;
        };
        if logins.iter().any(|of| of == login) {
            let mut words = revoke.clone();
            words.push(id.into());
            command(&words).output()?;
        }
    }
    Ok(())
}

/// The exception, its org and a row of audit, in one transaction; in the end all go.
fn theirs(data: &Data) -> Side {
    let grant = |case: &Case| {
        let (login, org) = (quoted(&case.login), quoted(&case.org));
        let number =
            format!("(SELECT ifnull(max(number), 0) FROM exceptions WHERE login = {login})");
        let audit = audit_row("exception.grant", &login, "null", "{\"kind\":\"short\"}");
        data.sqlite(&format!(
            "PRAGMA synchronous = FULL; BEGIN IMMEDIATE; \
             INSERT INTO exceptions SELECT {login}, {number} + 1, 'short', '', 'no-signal', '', '', \
             'phone', {login}, 'root', 'root', strftime('%Y-%m-%dT%H:%M:%SZ', 'now'), \
             strftime('%Y-%m-%dT%H:%M:%SZ', 'now', '+1 hour'), 0; \
             INSERT INTO exception_orgs SELECT {login}, {number}, {org}; {audit} COMMIT;"
        ))
    };
    let logins: Vec<String> = data.cases("grant").iter().map(|case| quoted(&case.login)).collect();
    let logins = logins.join(",");
    let remove = data.sqlite(&format!(
        "DELETE FROM exceptions WHERE login IN ({logins}); \
         DELETE FROM exception_orgs WHERE login IN ({logins});"
    ));
    Side::new("`sqlite3`, three rows", data.each("grant", grant))
        .counted(audited(data))
        .after(move || Ok(command(&remove).output().map(drop)?))
}
