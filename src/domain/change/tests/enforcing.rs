//! Enforcement: who may, the last administrator, what the start may be. Grace is
//! with the decision.

use super::*;
use crate::domain::outcome::TakesEffect;

fn on() -> Enforce {
    enforce("acme", Switch::On)
}

#[test]
fn switching_enforcement() {
    let off = || enforce("acme", Switch::Off);
    let from = |at| Enforce { starts: Some(day(at)), ..on() };
    let grace = |days| Enforce { grace_days: Some(days), ..on() };
    let restart = || Enforce { restart_grace: true, ..on() };
    check(&[
        ("on", PLAIN, "adm", &on(), "done"),
        ("on, to come", PLAIN, "adm", &from(20), "done"),
        ("on already", ENFORCED_WITH_GRACE, "adm", &on(), "unchanged"),
        ("to come already", TO_COME_WITH_GRACE, "adm", &from(20), "unchanged"),
        ("to come at another time", TO_COME_WITH_GRACE, "adm", &from(21), "done"),
        ("brought forward", TO_COME_WITH_GRACE, "adm", &on(), "done"),
        ("from now", ENFORCED_WITH_GRACE, "adm", &from(NOW), "unchanged"),
        ("more grace", ENFORCED_WITH_GRACE, "adm", &grace(3), "done"),
        ("the same grace", ENFORCED_WITH_GRACE, "adm", &grace(0), "unchanged"),
        ("grace anew", ENFORCED_WITH_GRACE, "adm", &restart(), "done"),
        ("off", ENFORCED, "adm", &off(), "done"),
        ("off already", PLAIN, "adm", &off(), "unchanged"),
        ("in the past", PLAIN, "adm", &from(NOW - 1), "invalid"),
        (
            "off from a time",
            ENFORCED,
            "adm",
            &Enforce { starts: Some(day(20)), ..off() },
            "invalid",
        ),
        ("off with grace", ENFORCED, "adm", &Enforce { grace_days: Some(1), ..off() }, "invalid"),
        ("too long a grace", PLAIN, "adm", &grace(3_651), "invalid"),
        ("a helpdesk may not", PLAIN, "help", &on(), "not-permitted"),
        ("an auditor may not", PLAIN, "aud", &on(), "not-permitted"),
        ("another org's admin may not", PLAIN, "adm", &enforce("globex", Switch::On), "not-found"),
        ("no such org", PLAIN, "sue", &enforce("nowhere", Switch::On), "not-found"),
        (
            "no such org, and not to be known",
            PLAIN,
            "adm",
            &enforce("nowhere", Switch::On),
            "not-found",
        ),
    ]);
}

const ENFORCED_WITH_GRACE: Before = |w| {
    let services = w.orgs["acme"].services.clone();
    *w.org_mut("acme") = Org { services, ..enforcing(day(4)) };
};
const TO_COME_WITH_GRACE: Before = |w| {
    let services = w.orgs["acme"].services.clone();
    *w.org_mut("acme") = Org { services, ..enforcing(day(20)) };
};

fn admin(world: &mut World, login: &str) {
    world.membership_mut(login, "acme").role = Role::Admin;
}

/// bob never enrolled: as the only admin he would be locked out.
const LOCKED_OUT: Before = |w| admin(w, "bob");

#[test]
fn one_active_admin_must_be_let_in() {
    const ENROLLED_TOO: Before = |w| {
        LOCKED_OUT(w);
        admin(w, "alice");
    };
    const INACTIVE_TOO: Before = |w| {
        ENROLLED_TOO(w);
        w.user_mut("alice").active = false;
    };
    const NONE_ACTIVE: Before = |w| {
        LOCKED_OUT(w);
        w.user_mut("bob").active = false;
    };
    const SSO_TOO: Before = |w| {
        LOCKED_OUT(w);
        admin(w, "dave");
    };
    const RESET_TOO: Before = |w| {
        LOCKED_OUT(w);
        admin(w, "erin");
    };
    const OPTED_OUT: Before = |w| {
        LOCKED_OUT(w);
        w.membership_mut("bob", "acme").opt_out = Some(opted_out(None).into());
    };
    const OPT_OUT_RESTS: Before = |w| {
        OPTED_OUT(w);
        w.org_mut("acme").opt_out = OptOutPolicy::Deny;
    };
    const EXEMPT: Before = |w| {
        LOCKED_OUT(w);
        w.user_mut("bob").exceptions.insert(1, exception(day(9), day(15), &["acme"]));
    };
    const ADMIN_ELSEWHERE: Before = |w| {
        LOCKED_OUT(w);
        w.membership_mut("carol", "globex").role = Role::Admin;
    };
    let from = |at| Enforce { starts: Some(day(at)), ..on() };
    check(&[
        ("not enrolled", LOCKED_OUT, "adm", &on(), "last-administrator"),
        ("forced", LOCKED_OUT, "adm", &Enforce { force: true, ..on() }, "done"),
        ("in grace", LOCKED_OUT, "adm", &Enforce { grace_days: Some(1), ..on() }, "done"),
        ("no grace after a reset", RESET_TOO, "adm", &on(), "last-administrator"),
        ("another is enrolled", ENROLLED_TOO, "adm", &on(), "done"),
        ("but not active", INACTIVE_TOO, "adm", &on(), "last-administrator"),
        ("no active admin", NONE_ACTIVE, "adm", &on(), "done"),
        ("another by SSO", SSO_TOO, "adm", &on(), "done"),
        ("opted out", OPTED_OUT, "adm", &on(), "done"),
        ("opted out, which rests", OPT_OUT_RESTS, "adm", &on(), "last-administrator"),
        ("exempt", EXEMPT, "adm", &on(), "done"),
        ("exempt at the start", EXEMPT, "adm", &from(14), "done"),
        ("exempt until the start", EXEMPT, "adm", &from(15), "last-administrator"),
        ("admins of other orgs do not help", ADMIN_ELSEWHERE, "adm", &on(), "last-administrator"),
        ("site-admins are asked too", LOCKED_OUT, "sue", &on(), "last-administrator"),
        (
            "switching off is not asked",
            LOCKED_OUT,
            "adm",
            &enforce("acme", Switch::Off),
            "unchanged",
        ),
    ]);
    let mut world = world().with(LOCKED_OUT);
    let outcome = world.run("adm", day(NOW), &Enforce { force: true, ..on() }).unwrap();
    assert!(outcome.warnings.iter().any(|w| w.contains("--force")), "the override is said");
}

#[test]
fn when_it_takes_effect() {
    let effect = |change: &Enforce| world().run("adm", day(NOW), change).unwrap().takes_effect;
    assert_eq!(effect(&on()), TakesEffect::NextSignIn);
    assert_eq!(effect(&Enforce { starts: Some(day(20)), ..on() }), TakesEffect::At(day(20)));
}
