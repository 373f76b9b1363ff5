//! The switch, opt-outs, enrolments: whatever does not apply to SSO accounts.

use super::*;

const ON: Before = |w| ["alice", "dave"].iter().for_each(|l| w.user_mut(l).mfa = Switch::On);
const OUT: Before = |w| {
    for login in ["alice", "dave"] {
        w.membership_mut(login, "acme").opt_out = Some(opted_out(None).into());
    }
};
const OUT_ENDED: Before =
    |w| w.membership_mut("alice", "acme").opt_out = Some(opted_out(Some(day(NOW))).into());
const DENY: Before = |w| w.org_mut("acme").opt_out = OptOutPolicy::Deny;
const DENY_ENFORCED: Before = |w| {
    DENY(w);
    ENFORCED(w);
};
const DENY_TO_COME: Before = |w| {
    DENY(w);
    TO_COME(w);
};
const DENY_OUT: Before = |w| {
    DENY_ENFORCED(w);
    OUT(w);
};
const MANDATED: Before = |w| w.org_mut("acme").mandated_roles = [Role::Admin].into();
const MANDATED_ADMIN: Before = |w| {
    MANDATED(w);
    w.membership_mut("alice", "acme").role = Role::Admin;
};

#[test]
fn the_switch() {
    let (on, off) = (|login| set_mfa(login, Switch::On), |login| set_mfa(login, Switch::Off));
    const LOCKED: Before = |w| {
        ON(w);
        ENFORCED(w);
    };
    const LOCKED_OUT: Before = |w| {
        LOCKED(w);
        OUT(w);
    };
    const NOT_YET: Before = |w| {
        ON(w);
        TO_COME(w);
    };
    const ELSEWHERE: Before = |w| {
        ON(w);
        w.org_mut("globex").enforcement = enforcing(day(4)).enforcement;
    };
    const AS_IT_STARTS: Before = |w| {
        ON(w);
        w.org_mut("acme").enforcement = enforcing(day(NOW)).enforcement;
    };
    check(&[
        ("on", PLAIN, "adm", &on("alice"), "done"),
        ("on already", ON, "adm", &on("alice"), "unchanged"),
        ("off", ON, "adm", &off("alice"), "done"),
        ("off already", PLAIN, "adm", &off("alice"), "unchanged"),
        ("locked", LOCKED, "adm", &off("alice"), "locked-by-enforcement"),
        ("locked for site-admins too", LOCKED, "sue", &off("alice"), "locked-by-enforcement"),
        ("locked although opted out", LOCKED_OUT, "adm", &off("alice"), "locked-by-enforcement"),
        ("locked as it starts", AS_IT_STARTS, "adm", &off("alice"), "locked-by-enforcement"),
        ("not locked before it starts", NOT_YET, "adm", &off("alice"), "done"),
        ("another org locks nothing", ELSEWHERE, "adm", &off("alice"), "done"),
        ("on while enforced", ENFORCED, "adm", &on("alice"), "done"),
        ("off already while enforced", ENFORCED, "adm", &off("alice"), "unchanged"),
        ("SSO", PLAIN, "adm", &on("dave"), "sso-account"),
        ("SSO, on already", ON, "adm", &on("dave"), "unchanged"),
        ("SSO before locked", LOCKED, "adm", &off("dave"), "sso-account"),
    ]);
}

#[test]
fn a_locked_switch_names_the_orgs_that_lock_it() {
    let mut world = world().with(|w| {
        w.user_mut("carol").mfa = Switch::On;
        for org in ["acme", "globex"] {
            w.org_mut(org).enforcement = enforcing(day(4)).enforcement;
        }
    });
    let refusal = world.run("both", day(NOW), &set_mfa("carol", Switch::Off)).unwrap_err();
    assert!(refusal.message.contains("acme, globex"), "{}", refusal.message);
    let hints = format!("{:?}", refusal.hints);
    assert!(hints.contains("exception grant carol"), "{hints}");
}

#[test]
fn a_locked_switch_keeps_its_value_and_counts_again_afterwards() {
    let mut world = world().with(|w| {
        ON(w);
        ENFORCED(w);
    });
    world.run("adm", day(NOW), &set_mfa("alice", Switch::Off)).unwrap_err();
    let after = world.done("adm", day(11), &enforce("acme", Switch::Off));
    assert_eq!(after.users["alice"].mfa, Switch::On);
    assert_eq!(after.tried("adm", day(12), &set_mfa("alice", Switch::Off)), "done");
}

#[test]
fn opting_out_and_in() {
    let replacing = |out: OptOutMember| OptOutMember { replace: true, ..out };
    let because = |out: OptOutMember| OptOutMember { message: Some(n("another")), ..out };
    let until = |days| OptOutMember { until: Some(day(days)), ..opt_out("alice", "acme") };
    check(&[
        ("out", PLAIN, "adm", &opt_out("alice", "acme"), "done"),
        ("out already", OUT, "adm", &opt_out("alice", "acme"), "unchanged"),
        ("out with another end", OUT, "adm", &until(20), "exists"),
        ("another end in its place", OUT, "adm", &replacing(until(20)), "done"),
        ("another reason", OUT, "adm", &because(opt_out("alice", "acme")), "exists"),
        (
            "another reason in its place",
            OUT,
            "adm",
            &replacing(because(opt_out("alice", "acme"))),
            "done",
        ),
        ("out again, the old one has ended", OUT_ENDED, "adm", &opt_out("alice", "acme"), "done"),
        ("until now", PLAIN, "adm", &until(NOW), "invalid"),
        ("until later", PLAIN, "adm", &until(NOW + 1), "done"),
        ("out while enforced", ENFORCED, "adm", &opt_out("alice", "acme"), "done"),
        ("denied, not enforced", DENY, "adm", &opt_out("alice", "acme"), "done"),
        ("denied", DENY_ENFORCED, "adm", &opt_out("alice", "acme"), "opt-out-denied"),
        ("will be denied", DENY_TO_COME, "adm", &opt_out("alice", "acme"), "opt-out-denied"),
        ("denied, out already", DENY_OUT, "adm", &opt_out("alice", "acme"), "unchanged"),
        ("role mandated", MANDATED_ADMIN, "adm", &opt_out("alice", "acme"), "opt-out-denied"),
        ("another role mandated", MANDATED, "adm", &opt_out("alice", "acme"), "done"),
        ("SSO", PLAIN, "adm", &opt_out("dave", "acme"), "sso-account"),
        ("SSO, out already", OUT, "adm", &opt_out("dave", "acme"), "unchanged"),
        ("SSO before denied", DENY_ENFORCED, "adm", &opt_out("dave", "acme"), "sso-account"),
        ("in", OUT, "adm", &opt_in("alice", "acme"), "done"),
        ("in already", PLAIN, "adm", &opt_in("alice", "acme"), "unchanged"),
        ("in, the opt-out has ended", OUT_ENDED, "adm", &opt_in("alice", "acme"), "unchanged"),
        ("in, the opt-out rests", DENY_OUT, "adm", &opt_in("alice", "acme"), "done"),
        ("SSO, in already", PLAIN, "adm", &opt_in("dave", "acme"), "unchanged"),
        ("a helpdesk may not", PLAIN, "help", &opt_out("alice", "acme"), "not-permitted"),
    ]);
}

#[test]
fn enrolments() {
    let reset = |login: &str| Reset { login: n(login) };
    let external =
        |login: &str, name: &str| EnrolExternal { login: n(login), name: n(name), since: None };
    let start = |login: &str| StartEnrolment { login: n(login) };
    let confirm = |login: &str| Confirm { login: n(login) };
    let unlock = |login: &str, failures| Unlock { login: n(login), failures };
    const PENDING: Before = |w| {
        for login in ["alice", "bob", "dave"] {
            w.user_mut(login).enrolment.pending = Some(Pending { since: day(9) });
        }
    };
    const EXTERNAL: Before = |w| {
        let method = MethodKind::External(n("entra"));
        w.user_mut("alice").enrolment.current = Some(Method { method, since: day(1) });
    };
    check(&[
        ("reset", PLAIN, "help", &reset("alice"), "done"),
        ("reset while enforced", ENFORCED, "help", &reset("alice"), "done"),
        ("reset of what is pending", PENDING, "help", &reset("bob"), "done"),
        ("nothing to reset", PLAIN, "help", &reset("bob"), "unchanged"),
        ("nothing to reset any more", PLAIN, "help", &reset("erin"), "unchanged"),
        ("reset, SSO", PENDING, "help", &reset("dave"), "sso-account"),
        ("external", PLAIN, "help", &external("bob", "entra"), "done"),
        ("external already", EXTERNAL, "help", &external("alice", "entra"), "unchanged"),
        ("another external", EXTERNAL, "help", &external("alice", "duo"), "done"),
        ("external, SSO", PLAIN, "help", &external("dave", "entra"), "sso-account"),
        ("start", PLAIN, "help", &start("bob"), "done"),
        ("start, SSO", PLAIN, "help", &start("dave"), "sso-account"),
        ("confirm", PENDING, "help", &confirm("bob"), "done"),
        ("confirm, enrolled with another", PENDING, "help", &confirm("alice"), "done"),
        ("nothing to confirm", PLAIN, "help", &confirm("bob"), "not-open"),
        ("confirm, SSO", PENDING, "help", &confirm("dave"), "sso-account"),
        ("unlock", PLAIN, "help", &unlock("alice", true), "done"),
        ("not locked out", PLAIN, "help", &unlock("alice", false), "unchanged"),
        ("unlock, SSO", PLAIN, "help", &unlock("dave", true), "sso-account"),
    ]);
}

#[test]
fn an_enrolment_from_its_start_to_a_reset() {
    let login = || n("bob");
    let status = |world: &World| world.users["bob"].enrolment.status();
    let world = world().with(ON).done("help", day(10), &StartEnrolment { login: login() });
    assert_eq!(status(&world), EnrolmentStatus::Pending);
    assert_eq!(world.users["bob"].enrolment.first_at, None, "handed out is not registered");
    let world = world.done("help", day(11), &Confirm { login: login() });
    assert_eq!(status(&world), EnrolmentStatus::Enrolled);
    let world = world.done("help", day(12), &StartEnrolment { login: login() });
    assert_eq!(status(&world), EnrolmentStatus::Enrolled, "also while a new one is pending");
    let world = world.done("help", day(13), &Reset { login: login() });
    assert_eq!(status(&world), EnrolmentStatus::None);
    assert_eq!(world.users["bob"].enrolment.first_at, Some(day(11)), "survives every reset");
    let world =
        world.done("help", day(14), &EnrolExternal { login: login(), name: n("duo"), since: None });
    assert_eq!(world.users["bob"].enrolment.first_at, Some(day(11)));
    assert_eq!(world.users["alice"].mfa, Switch::On, "nobody else is touched");
}

#[test]
fn a_reset_never_touches_the_switch() {
    for mfa in [Switch::On, Switch::Off] {
        let world = world().with(|w| w.user_mut("alice").mfa = mfa);
        let after = world.done("help", day(NOW), &Reset { login: n("alice") });
        assert_eq!(after.users["alice"].mfa, mfa);
    }
}
