//! Whole sessions as they stand in a terminal of 80 columns: what was typed,
//! what came back on either stream, and exit codes.

#![allow(clippy::disallowed_methods, clippy::unwrap_used)]

use crate::shell;

use shell::World;

/// Runs a session on the small state and compares it with its snapshot.
fn session(name: &str, mut world: World, script: &str) {
    let shown = world.session(
        &format!("export COLUMNS=80\n{script}").replace("\nmfactl", "\nCOLUMNS=80 mfactl"),
    );
    let shown = shown.replace("$ export COLUMNS=80\n", "").replace("COLUMNS=80 ", "");
    insta::assert_snapshot!(name, without_uid(&shown));
}

/// The number of the user who runs the tests is no part of a session.
fn without_uid(shown: &str) -> String {
    let mut parts = shown.split("(uid ");
    let mut out = parts.next().unwrap_or_default().to_owned();
    for part in parts {
        out.push_str("(uid N");
        out.push_str(part.trim_start_matches(|c: char| c.is_ascii_digit()));
    }
    out
}

#[test]
fn one_person_one_org() {
    session(
        "one_person_one_org",
        World::small(),
        "
mfactl user show alice
mfactl user opt-out alice --org acme --until 2027-01-31 -m 'no phones on the ward'
mfactl user opt-out alice --org acme --until 2027-01-31
mfactl explain alice
mfactl user opt-in alice --org acme --dry-run
mfactl user opt-in alice --org acme
mfactl user opt-in alice --org acme
mfactl user opt-out dave --org acme
mfactl user opt-out bob --org globex",
    );
}

#[test]
fn enforcement() {
    session(
        "enforcement",
        World::small(),
        "
mfactl org list
mfactl org enforce acme on --dry-run
mfactl org enforce acme on --starts +7d --grace-days 14 -m 'board decision'
mfactl org show acme
mfactl explain carol --org acme --at +8d
mfactl org enforce acme off
mfactl org enforce acme off --yes
mfactl org enforce acme off --yes",
    );
}

#[test]
fn exceptions() {
    session(
        "exceptions",
        World::small(),
        "
mfactl exception reasons
mfactl exception grant bob --short --reason phone-misplaced --for 8h
mfactl exception grant bob --short --reason no-signal
mfactl exception grant carol --short --reason no-signal
mfactl exception list
mfactl exception show bob#1
mfactl exception list --expiring-within 9h --fail-if-any
#now 2026-11-21T17:00:00Z
mfactl exception list
mfactl exception expire
mfactl exception expire
mfactl exception list --ended
mfactl exception revoke bob#1
mfactl exception list --all --user bob -o csv",
    );
}

#[test]
fn the_audit() {
    session(
        "the_audit",
        World::small(),
        "
mfactl user set-mfa bob on --ticket INC-1 -m 'asked for by bob'
mfactl user reset alice bob -m 'new phones'
mfactl audit log
mfactl audit log --user bob
mfactl audit show 4
mfactl audit log --user bob -o jsonl
mfactl state path bob",
    );
}

#[test]
fn many_at_once() {
    session(
        "many_at_once",
        World::small(),
        "
mfactl user set-mfa bob carol on
mfactl user set-mfa bob dave off
mfactl user set-mfa bob dave nobody off --keep-going
printf 'bob\\nid:u-carol\\n' | mfactl user opt-out --from-file - --org acme -o json
mfactl user list --where org=acme,mfa=off
mfactl user set-mfa --where org=acme,sign_in=password,active=yes on
mfactl user list --org globex -o csv",
    );
}

#[test]
fn who_may_do_what() {
    session(
        "who_may_do_what",
        World::staffed(),
        "
mfactl operator list
mfactl operator whoami
#user hal
mfactl operator whoami
mfactl user set-mfa bob on
mfactl exception grant bob --short --reason no-signal
mfactl user show gus
mfactl org show globex
mfactl audit log
#user aud
mfactl user set-mfa bob on
mfactl audit log --limit 1
#user nobody
mfactl user list",
    );
}

#[test]
fn what_an_auditor_asks() {
    session(
        "what_an_auditor_asks",
        World::eventful(),
        "
mfactl org enforce acme on --starts +7d --grace-days 14 -m 'board decision'
#user aud
mfactl report coverage
mfactl report coverage --at +8d --wide
mfactl report coverage --org globex -o json
mfactl report coverage -o csv
mfactl report exceptions
mfactl report exceptions --by approver --wide
mfactl report opt-outs
mfactl report operators
#user hal
mfactl report coverage
mfactl report coverage --org globex
mfactl report operators",
    );
}

#[test]
fn wrong_things() {
    session(
        "wrong_things",
        World::small(),
        "
mfactl
mfactl user
mfactl usr list
mfactl user shw alice
mfactl user show alic
mfactl user set-mfa alice
mfactl org enforce acme maybe
mfactl exception grant bob --reason no-signal
mfactl user list -o xml
mfactl user show alic -o json
mfactl --state nowhere user list",
    );
}
