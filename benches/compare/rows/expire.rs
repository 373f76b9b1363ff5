//! `exception expire`.

use std::collections::BTreeMap;
use std::sync::Arc;

use mfactl::domain::ids::Login;
use mfactl::domain::model::Exception;
use mfactl::domain::outcome::Object;
use mfactl::domain::time::{Span, Time};
use mfactl::store::{Author, Meta, Options, Store};

use super::grant::now;
use super::{Case, Data, Place};
use crate::Result;
use crate::child::command;
use crate::row::{Row, Side, Words};

/// Nothing has ended since the last run, a moment ago.
pub fn nothing_due(place: &Place, data: &Data) -> Row {
    let expire = place.mfactl(Some(&data.state), &["exception", "expire", "-o", "json"]);
    let clear = run(expire.clone());
    Row::new("`exception expire`, nothing due", Some(data.users))
        .side(Side::one("`mfactl exception expire`", expire).expects("\"rev\": null").before(clear))
        .side(Side::one("an empty program", place.empty()))
        .bounded_by(
            "of the processor time 29 % are page faults of a larger program, 27 % its loader, start \
             and end, 18 % listing and reading files, up to 8 % hashing the page of today and that \
             of the hour",
        )
        .because(
            "reads and hashes the page of the calendar for today and those of its hours so far: \
             what ends today, of which there is more with more users",
        )
}

/// A thousand exceptions have ended. They are made through the library, each time anew.
pub fn a_thousand_due(place: &Place, data: &Data) -> Row {
    let expire = place.mfactl(Some(&data.state), &["exception", "expire", "-o", "json"]);
    let (clear, cases, state) = (run(expire.clone()), data.cases("due"), data.state.clone());
    let mut clear = clear;
    let make = move || {
        clear()?;
        make_due(&Store::open(&state, options())?, &cases)
    };
    let reset = run(data.sqlite(&reset(data)));
    Row::new("`exception expire`, 1,000 due", Some(data.users))
        .side(Side::one("`mfactl exception expire`", expire).expects("\"expired\"").before(make))
        .side(Side::one("`sqlite3`, the same", data.sqlite(EXPIRE)).before(reset).goal(0.8))
        .rounds(10)
        .bounded_by("the details of a thousand ends in the audit: written, hashed and synced")
        .because(
            "flat: the pages of the hours in which they ended are rewritten, no user is, and \
             one record has their details",
        )
}

fn run(words: Words) -> impl FnMut() -> Result<()> {
    move || {
        let output = command(&words).output()?;
        let errors = String::from_utf8_lossy(&output.stderr);
        if output.status.success() { Ok(()) } else { Err(format!("{words:?}: {errors}").into()) }
    }
}

/// How many exceptions there are to end, in the database.
fn reset(data: &Data) -> String {
    let many = data.cases("due").len();
    format!(
        "UPDATE exceptions SET recorded = 1 WHERE ends_at <= strftime('%Y-%m-%dT%H:%M:%SZ', 'now'); \
         UPDATE exceptions SET recorded = 0 WHERE (login, number) IN (SELECT login, number \
         FROM exceptions WHERE ends_at <= strftime('%Y-%m-%dT%H:%M:%SZ', 'now') \
         ORDER BY ends_at LIMIT {many}); DELETE FROM audit WHERE action = 'exception.expire';"
    )
}

/// What is due is recorded, each with a row of audit, in one transaction.
const EXPIRE: &str = "PRAGMA synchronous = FULL; BEGIN IMMEDIATE; \
    INSERT INTO audit (at, operator, os_user, action, subject, before, after) \
    SELECT strftime('%Y-%m-%dT%H:%M:%SZ', 'now'), 'system', 'root', 'exception.expire', \
    login || '#' || number, json_object('kind', kind, 'reason', reason, 'starts_at', starts_at, \
    'ends_at', ends_at, 'approved_by', approved_by), NULL FROM exceptions \
    WHERE recorded = 0 AND ends_at <= strftime('%Y-%m-%dT%H:%M:%SZ', 'now'); \
    UPDATE exceptions SET recorded = 1 WHERE recorded = 0 \
    AND ends_at <= strftime('%Y-%m-%dT%H:%M:%SZ', 'now'); COMMIT;";

/// How the store is opened in this process.
pub fn options() -> Options {
    let fill = |bytes: &mut [u8]| {
        rustix::rand::getrandom(bytes, rustix::rand::GetRandomFlags::empty())
            .expect("random bytes");
    };
    let mut options = Options::new(Arc::new(now), Arc::new(fill));
    options.command = "compare".to_owned();
    options.boot_id = Arc::new(|| mfactl::env::boot_id().unwrap_or_default());
    options
}

/// What a record of this process says.
pub fn meta(action: &str, at: Time) -> Meta {
    let author = Author {
        operator: "root".to_owned(),
        os_user: "root".to_owned(),
        identity_from: "euid".to_owned(),
    };
    let (subject, message, ticket) = (None, None, None);
    Meta { author, action: action.to_owned(), subject, message, ticket, at, orgs: Vec::new() }
}

/// Gives each of these users one exception that ended ten minutes ago.
fn make_due(store: &Store, cases: &[Case]) -> Result<()> {
    let mut begun = store.begin()?;
    for case in cases {
        let login = Login::parse(&case.login)?;
        let before = begun.view().user(&login)?.ok_or("no such user")?;
        let mut after = before.clone();
        let number = before.exceptions.keys().last().map_or(1, |last| last + 1);
        after.exceptions = BTreeMap::from([(number, ended(case)?)]);
        begun.stage(None, &[Object::user(&login, Some(&before), Some(after))])?;
    }
    let at = now().max(begun.view().head().at);
    begun.commit(meta("benchmark", at))?;
    Ok(())
}

fn ended(case: &Case) -> Result<Exception> {
    let end = now().minus(Span::seconds(600));
    let start = end.minus(Span::seconds(7_200));
    Ok(serde_json::from_value(serde_json::json!({
        "kind": "short", "orgs": [case.org], "reason": "no-signal", "channel": "phone",
        "requested_by": case.login, "recorded_by": {"operator": "root"}, "recorded_at": start,
        "approved_by": "root", "starts_at": start, "ends_at": end,
    }))?)
}
