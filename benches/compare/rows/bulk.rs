//! Questions about everybody.

use super::{Data, Place};
use crate::row::{Row, Side};

/// So much memory is enough to read all users, a shard at a time (MiB).
const STREAMED: f64 = 64.0;

/// `mfactl exception list --live`: 20,000 of them at 1.5 million users.
pub fn live(place: &Place, data: &Data) -> Row {
    let list = place.mfactl(Some(&data.state), &["exception", "list", "--live", "-o", "json"]);
    let same = "SELECT json_object('id', login || '#' || number, 'kind', kind, 'services', services, \
        'reason', reason, 'channel', channel, 'requested_by', requested_by, 'approved_by', approved_by, \
        'starts_at', starts_at, 'ends_at', ends_at) FROM exceptions WHERE recorded = 0 AND \
        starts_at <= strftime('%Y-%m-%dT%H:%M:%SZ', 'now') AND \
        ends_at > strftime('%Y-%m-%dT%H:%M:%SZ', 'now')";
    Row::new("`exception list --live`", Some(data.users))
        .side(Side::one("`mfactl exception list --live -o json`", list).expects("ends_at"))
        .side(Side::one("`sqlite3`, the same rows", data.sqlite(same)).expects("ends_at"))
        .rounds(20)
        .within(0.3)
        .bounded_by("parsing the pages of the calendar and printing the rows")
        .because("linear in the live exceptions, of which one user in 75 has one; no user is read")
}

/// `mfactl report coverage` beside an aggregate of the database.
pub fn coverage(place: &Place, data: &Data) -> Row {
    let report = place.mfactl(Some(&data.state), &["report", "coverage", "-o", "json"]);
    Row::new("`report coverage`", Some(data.users))
        .side(Side::one("`mfactl report coverage -o json`", report).expects("{"))
        .side(aggregate(data).goal(0.2))
        .rounds(5)
        .within(1.5)
        .bounded_by(
            "520 MB of JSON at 1.5 million users: hashing them is 19 % of the processor \
             time, looking over their strings 14 %",
        )
        .in_memory(STREAMED)
        .because("linear: every shard is read, hashed and looked over, on all processors")
}

/// `mfactl user list --where …` that few users answer to.
pub fn filtered(place: &Place, data: &Data) -> Row {
    let words = ["user", "list", "--where", "active=no,mfa=on", "-o", "jsonl"];
    let list = place.mfactl(Some(&data.state), &words);
    Row::new("`user list --where`", Some(data.users))
        .side(Side::one("`mfactl user list --where active=no,mfa=on`", list).expects("login"))
        .side(aggregate(data).goal(0.2))
        .rounds(5)
        .within(1.5)
        .bounded_by("520 MB of JSON at 1.5 million users, hashed and looked over")
        .in_memory(STREAMED)
        .because("linear: every shard is read, hashed and parsed, on all processors")
}

/// What a person would ask of the tables: per org, how many members, switched on, enrolled,
/// opted out.
fn aggregate(data: &Data) -> Side {
    let sql = "SELECT m.org, count(*), sum(u.mfa = 'on'), sum(u.method <> ''), \
        sum(u.sign_in = 'sso'), sum(m.opt_out_by <> '') \
        FROM memberships m JOIN users u ON u.login = m.login GROUP BY m.org";
    Side::one("`sqlite3`, an aggregate by org", data.sqlite(sql)).expects("|")
}

/// `mfactl user list -o jsonl` beside the database printing the same rows.
pub fn everybody(place: &Place, data: &Data) -> Row {
    let list = place.mfactl(Some(&data.state), &["user", "list", "-o", "jsonl"]);
    let same = "SELECT json_object('login', login, 'id', id, 'name', name, 'email', email, \
        'active', json(iif(active, 'true', 'false')), 'sign_in', sign_in, \
        'provider', nullif(provider, ''), 'mfa', mfa, \
        'enrolment', iif(method <> '', 'enrolled', 'none'), \
        'orgs', (SELECT json_group_array(org) FROM memberships m WHERE m.login = u.login)) \
        FROM users u";
    Row::new("`user list -o jsonl`", Some(data.users))
        .side(Side::one("`mfactl user list -o jsonl`", list).expects("login"))
        .side(Side::one("`sqlite3`, the same rows", data.sqlite(same)).expects("login").goal(0.7))
        .rounds(3)
        .bounded_by("parsing and printing every user")
        .in_memory(STREAMED)
        .because("linear: every shard is read, hashed, parsed and printed")
}
