//! In which order is asked: not found, own account, rights, nothing to change, the
//! table; and the clock, which is asked last.

use super::*;
use crate::domain::time::Span;

/// Each row would be refused by everything that stands behind it too.
#[test]
fn not_found_own_account_rights_nothing_to_change_the_table() {
    const EVERYTHING: Before = |w| {
        ENFORCED(w);
        w.user_mut("zoe").mfa = Switch::On;
        for login in ["pat", "alice", "dave"] {
            w.user_mut(login).mfa = Switch::On;
        }
        w.org_mut("acme").opt_out = OptOutPolicy::Deny;
    };
    let off = |login| set_mfa(login, Switch::Off);
    let on = |login| set_mfa(login, Switch::On);
    check(&[
        ("not there", EVERYTHING, "help", &off("nobody"), "not-found"),
        ("out of sight", EVERYTHING, "help", &off("zoe"), "not-found"),
        ("not there, whoever asks", EVERYTHING, "sue", &off("nobody"), "not-found"),
        ("own account before rights", EVERYTHING, "pat", &off("pat"), "own-account"),
        ("rights before nothing to change", EVERYTHING, "help", &on("alice"), "not-permitted"),
        ("rights before the table", EVERYTHING, "help", &off("alice"), "not-permitted"),
        ("nothing to change before the table", EVERYTHING, "adm", &on("dave"), "unchanged"),
        ("the table from the top", EVERYTHING, "adm", &off("dave"), "sso-account"),
        ("and on", EVERYTHING, "adm", &off("alice"), "locked-by-enforcement"),
        ("no membership before own account", PLAIN, "sue", &opt_out("sue", "globex"), "not-found"),
        ("an org out of sight", PLAIN, "adm", &opt_out("carol", "globex"), "not-found"),
        ("a user out of sight in it", PLAIN, "adm", &opt_out("zoe", "globex"), "not-found"),
        ("SSO before denied", EVERYTHING, "adm", &opt_out("dave", "acme"), "sso-account"),
    ]);
}

#[test]
fn a_grant_goes_down_the_whole_table() {
    let bad = Grant {
        reason: n("x"),
        evidence: Default::default(),
        evidence_names: Default::default(),
        length: Some(Term::For(Span::days(999))),
        ..long("bob", &["acme"])
    };
    let for_alice = Grant { login: n("alice"), ..bad.clone() };
    let with_evidence = Grant { evidence: long("alice", &[]).evidence, ..for_alice.clone() };
    let with_reason = Grant { reason: n("accessibility"), ..with_evidence.clone() };
    let short_enough = Grant { length: None, ..with_reason.clone() };
    const LIVE: Before = |w| {
        for login in ["alice", "bob", "dave"] {
            w.user_mut(login).exceptions.insert(1, exception(day(9), day(11), &["acme"]));
        }
    };
    check(&[
        ("sso-account", LIVE, "adm", &Grant { login: n("dave"), ..bad.clone() }, "sso-account"),
        ("not-enrolled", LIVE, "adm", &bad, "not-enrolled"),
        ("evidence-missing", LIVE, "adm", &for_alice, "evidence-missing"),
        ("reason-invalid", LIVE, "adm", &with_evidence, "reason-invalid"),
        ("cap-exceeded", LIVE, "adm", &with_reason, "cap-exceeded"),
        ("overlap", LIVE, "adm", &short_enough, "overlap"),
        ("done", PLAIN, "adm", &short_enough, "done"),
    ]);
}

fn late(seconds: i64, change: &dyn Change, world: &World, who: &str) -> &'static str {
    let clock = day(NOW).plus_seconds(-seconds);
    let context = Context { clock, ..context(world.actor(who), day(NOW)) };
    match world.clone().apply(change, &context) {
        Ok(outcome) if outcome.changed() => "done",
        Ok(_) => "unchanged",
        Err(refusal) => {
            assert!(!refusal.hints.is_empty());
            refusal.code.as_str()
        }
    }
}

#[test]
fn a_clock_that_went_back() {
    let world = world();
    let on = set_mfa("alice", Switch::On);
    assert_eq!(late(300, &on, &world, "adm"), "done", "five minutes are a jitter");
    assert_eq!(late(301, &on, &world, "adm"), "clock-went-back");
    assert_eq!(late(301, &set_mfa("alice", Switch::Off), &world, "adm"), "unchanged");
    assert_eq!(late(301, &set_mfa("dave", Switch::On), &world, "adm"), "sso-account");
    assert_eq!(late(301, &AcceptClock { used_ahead: 0 }, &world, "sue"), "done");
    assert_eq!(late(1, &AcceptClock { used_ahead: 0 }, &world, "sue"), "done");
    assert_eq!(late(0, &AcceptClock { used_ahead: 0 }, &world, "sue"), "unchanged");
    assert_eq!(late(0, &AcceptClock { used_ahead: 1 }, &world, "sue"), "done");
    assert_eq!(late(301, &AcceptClock { used_ahead: 0 }, &world, "adm"), "not-permitted");
    assert_eq!(late(301, &AcceptClock { used_ahead: 0 }, &world, "svc"), "not-permitted");
}

/// Every change of an account, as the person whose account it is.
#[test]
fn own_account_in_every_way() {
    let world = world().with(|w| {
        let sue = w.user_mut("sue");
        sue.exceptions.insert(1, requested(exception(day(9), day(9), &["acme"]), Span::SHORT));
        sue.enrolment.pending = Some(Pending { since: day(9) });
        w.membership_mut("sue", "acme").opt_out = Some(opted_out(None).into());
    });
    let login = || n("sue");
    let changes: [&dyn Change; 22] = [
        &set_mfa("sue", Switch::On),
        &opt_out("sue", "acme"),
        &opt_in("sue", "acme"),
        &join("sue", "globex"),
        &leave("sue", "acme"),
        &SetRole { login: login(), org: n("acme"), role: Role::Admin },
        &Reset { login: login() },
        &Unlock { login: login(), failures: true },
        &EnrolExternal { login: login(), name: n("duo"), since: None },
        &StartEnrolment { login: login() },
        &Confirm { login: login() },
        &EditUser { login: login(), name: Some(text("S.")), email: None, sign_in: None },
        &RenameUser { from: login(), to: n("suzy") },
        &RemoveUser { login: login() },
        &SetActive { login: login(), active: false },
        &short("sue", &["acme"]),
        &long("sue", &["acme"]),
        &Grant { request_only: true, ..long("sue", &["acme"]) },
        &approve("sue#1"),
        &reject("sue#1"),
        &revoke("sue#1"),
        &EditOperator { name: Some(n("sue2")), add_roles: ns(&["auditor"]), ..Default::default() },
    ];
    for change in changes {
        for who in ["sue", "sue2"] {
            assert_eq!(world.tried(who, day(NOW), change), "own-account", "{who}: {change:?}");
        }
    }
}

/// A machine account makes changes within a policy that its roles allow, and none outside.
#[test]
fn machines_change_by_policy_only() {
    let world =
        world().operator("ci", Operator { service: true, ..operator(&["admin:acme"], None) });
    let change = opt_out("alice", "acme");
    assert_eq!(world.tried("ci", day(NOW), &change), "not-permitted");
    let mut applied = world.clone();
    let actor = world.actor("ci").applying_policy();
    assert_eq!(actor.name(), "ci");
    let outcome = applied.apply(&change, &context(actor.clone(), day(NOW))).unwrap();
    assert!(outcome.changed());
    let elsewhere = opt_out("carol", "globex");
    let refusal = applied.apply(&elsewhere, &context(actor, day(NOW))).unwrap_err();
    assert_eq!(refusal.code, RefusalCode::NotFound);
}
