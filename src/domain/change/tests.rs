//! Tables of cases for the changes: for every refusal one that refuses, and its
//! nearest neighbour that goes through. Day 10 is today.

mod accounts;
mod enforcing;
mod granting;
mod operators;
mod order;
mod orgs;
mod own_account;
mod settling;
mod sight;
mod switching;

use super::*;
use crate::domain::model::*;
use crate::domain::tests::kit::*;

/// Two orgs that ask for nothing, people and operators.
///
/// alice is enrolled, bob never was, carol is a member of both orgs, dave signs in
/// through SSO, erin was enrolled once, zoe is in globex only, nemo in no org;
/// pat is the person of the operator `pat`, sue of `sue`.
fn world() -> World {
    let acme = Org { services: ns(&["portal", "vpn"]), ..org() };
    World::default()
        .org("acme", acme)
        .org("globex", org())
        .user("alice", enrolled(user("u-alice", &["acme"])))
        .user("bob", user("u-bob", &["acme"]))
        .user("carol", enrolled(user("u-carol", &["acme", "globex"])))
        .user("dave", by_sso(user("u-dave", &["acme"])))
        .user("erin", reset(user("u-erin", &["acme"])))
        .user("zoe", enrolled(user("u-zoe", &["globex"])))
        .user("nemo", enrolled(user("u-nemo", &[])))
        .user("pat", enrolled(user("u-pat", &["acme"])))
        .user("sue", enrolled(user("u-sue", &["acme"])))
        .operator("aud", operator(&["auditor"], None))
        .operator("help", operator(&["helpdesk:acme"], None))
        .operator("pat", operator(&["admin:acme"], Some("u-pat")))
        .operator("adm", operator(&["admin:acme"], None))
        .operator("both", operator(&["admin:acme", "admin:globex"], None))
        .operator("mixed", operator(&["admin:acme", "helpdesk:globex"], None))
        .operator("sue", operator(&["site-admin"], Some("u-sue")))
        .operator("sue2", operator(&["site-admin"], Some("u-sue")))
        .operator("svc", Operator { service: true, ..operator(&["site-admin"], None) })
}

const NOW: i64 = 10;

/// What is done to the world first.
type Before = fn(&mut World);
const PLAIN: Before = |_| {};

/// One case: its name, what is done first, who, the change, and what comes of it.
type Row<'a> = (&'a str, Before, &'a str, &'a dyn Change, &'a str);

fn check(rows: &[Row<'_>]) {
    for (name, before, who, change, expected) in rows {
        let came = world().with(before).tried(who, day(NOW), *change);
        assert_eq!(came, *expected, "{name} (as {who})");
    }
}

/// acme enforces since day 4.
const ENFORCED: Before = |w| w.org_mut("acme").enforcement = enforcing(day(4)).enforcement;
/// acme will enforce from day 20.
const TO_COME: Before = |w| w.org_mut("acme").enforcement = enforcing(day(20)).enforcement;

fn set_mfa(login: &str, mfa: Switch) -> SetMfa {
    SetMfa { login: n(login), mfa, requested_by: None }
}

fn opt_out(login: &str, org: &str) -> OptOutMember {
    OptOutMember { login: n(login), org: n(org), until: None, message: None, replace: false }
}

fn opt_in(login: &str, org: &str) -> OptIn {
    OptIn { login: n(login), org: n(org) }
}

fn join(login: &str, org: &str) -> Join {
    Join { login: n(login), org: n(org), role: Role::Member }
}

fn leave(login: &str, org: &str) -> Leave {
    Leave { login: n(login), org: n(org) }
}

fn revoke(id: &str) -> Revoke {
    Revoke { id: n(id) }
}

fn approve(id: &str) -> Approve {
    Approve { id: n(id) }
}

fn reject(id: &str) -> Reject {
    Reject { id: n(id) }
}

fn enforce(org: &str, state: Switch) -> Enforce {
    Enforce {
        org: n(org),
        state,
        starts: None,
        grace_days: None,
        restart_grace: false,
        force: false,
    }
}
