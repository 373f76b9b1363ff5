//! A backup in the place of a state directory: every question is answered as the
//! state would answer it, and nothing is ever changed.

#![allow(clippy::disallowed_methods, clippy::unwrap_used)]

use crate::shell;

use std::collections::BTreeSet;

use serde_json::json;
use shell::World;

/// A state with secrets, evidence and a policy applied, and its backup `b.tar`.
fn world() -> World {
    let world = World::eventful();
    std::fs::write(world.path("letter"), "letter").unwrap();
    std::fs::write(
        world.path("more.yaml"),
        "version: 1\norg: acme\nexceptions: {short: {max: 12h}}\n",
    )
    .unwrap();
    for command in [
        "exception grant alice --long --org globex --reason accessibility --evidence letter",
        "policy apply p.yaml",
        "org edit acme --name Other",
        // The last record names a file that the backup leaves out.
        "user enrol ivy --unverified --reveal",
        "state backup b.tar",
    ] {
        world.mfactl(command).exits(0);
    }
    world
}

const QUESTIONS: [&str; 27] = [
    "user show alice",
    "user show ivy",
    "user list",
    "user find ali",
    "user list --at 20",
    "org show acme",
    "org list",
    "exception list --all",
    "exception show frank#1",
    "exception evidence alice#1",
    "exception follow-ups",
    "exception reasons",
    "explain alice --org acme",
    "explain alice --org acme --at +300d",
    "audit log",
    "audit show 3",
    "audit export",
    "audit head",
    "operator list",
    "operator show hal",
    "operator whoami",
    "policy plan more.yaml",
    "policy export --org acme",
    "policy drift",
    "policy test p.yaml --tests t.yaml",
    "state path alice",
    "state check",
];

#[test]
fn a_backup_answers_as_the_state_does() {
    let world = world();
    for question in QUESTIONS {
        for who in ["sam", "ada", "aud"] {
            let state = world.as_user(who, &format!("{question} -o json"));
            let backup = world.as_user(who, &format!("{question} -o json --state b.tar"));
            if question != "state check" {
                let told = |run: &shell::Run| (run.code, run.stdout.clone());
                assert_eq!(told(&backup), told(&state), "{who}: {question}: {}", backup.stderr);
            }
            assert!(who != "sam" || state.code == 0, "{question}: {}", state.stderr);
            assert_eq!(backup.code, state.code, "{who}: {question}: {}", backup.stderr);
        }
    }
    let info = world.mfactl("state info -o json --state b.tar").exits(0).json();
    assert_eq!((&info["state"], &info["rev"]), (&json!("b.tar"), &json!(world.rev())));
    // Without the secrets, which a backup leaves out, it is whole.
    let found = world.mfactl("audit verify -o json --state b.tar").exits(0).json();
    assert_eq!((&found["ok"], &found["records"]), (&json!(true), &json!(world.rev())));
    assert_eq!(
        world.sh("MFACTL_STATE=b.tar mfactl org list -o csv").exits(0).stdout.lines().count(),
        4
    );
    world.mfactl("state backup --with-secrets s.tar --yes").exits(0);
    for question in ["audit verify", "state check", "user show ivy", "key info"] {
        world.mfactl(&format!("{question} --state s.tar")).exits(0);
    }
    // A copy of a copy is what it was.
    world.mfactl("state backup c.tar --state b.tar --with-secrets").exits(0);
    world.sh("cmp b.tar c.tar").exits(0);
}

/// Every verb that changes something, by its words.
const CHANGES: [&str; 27] = [
    "user add x --org acme",
    "user set-mfa bob on",
    "user set-mfa bob on --dry-run",
    "user import new.csv",
    "user import --init new.csv",
    "user reset --where org=acme --yes",
    "user enrol bob --reveal",
    "user confirm ivy --code-from out.json --reveal",
    "user codes ivy --reveal",
    "user unlock ivy",
    "org add x",
    "org enforce acme on",
    "exception grant ivy --short --reason no-signal",
    "exception expire",
    "operator add fay --os-user fay --service",
    "policy apply p.yaml",
    "policy apply p.yaml --dry-run",
    "audit prune --before 2026-11-21 --yes",
    "state repair",
    "state migrate",
    "state restore b.tar --yes",
    "state accept-clock",
    "key rotate --yes",
    "convert import otpauth new.csv",
    "convert export otpauth out.txt ivy",
    "signin check bob --org acme",
    "signin verify bob --org acme --code-from out.json",
];

#[test]
fn nothing_in_a_backup_is_changed_and_nobody_gets_in_by_it() {
    let world = world();
    let bytes = std::fs::read(world.path("b.tar")).unwrap();
    let there = || -> BTreeSet<_> {
        std::fs::read_dir(world.dir()).unwrap().map(|entry| entry.unwrap().file_name()).collect()
    };
    let before = there();
    for command in CHANGES {
        let run = world.mfactl(&format!("{command} --state b.tar -o json")).exits(2);
        if command == "convert import otpauth new.csv" {
            continue; // The file is wrong, and read first.
        }
        let error = run.error();
        assert_eq!((&error["code"], run.stdout.as_str()), (&json!("backup"), ""), "{command}");
        let hint = error["hints"][0].as_str().unwrap();
        assert!(hint.contains("state restore b.tar"), "{command}: {hint}");
    }
    world.mfactl("init --state b.tar").exits(3);
    assert!(std::fs::read(world.path("b.tar")).unwrap() == bytes);
    assert_eq!(there(), before, "and nothing is left beside it");
}

/// A CI host, where the OS user is nobody's operator, plans with the operator that will apply.
#[test]
fn who_reads_a_backup_may_look_around_as_any_of_its_operators() {
    let world = world();
    let plan = "policy plan more.yaml -o json";
    let who = |user: &str, command: &str| world.as_user(user, command);
    let lost = who("runner", &format!("{plan} --state b.tar")).exits(5);
    assert!(lost.error()["hints"][0].as_str().unwrap().contains("--as NAME"), "{}", lost.stderr);
    let planned = who("runner", &format!("{plan} --state b.tar --as pol")).exits(0);
    assert_eq!(planned.stdout, who("pol", plan).exits(0).stdout);
    // With the rights of that operator, no others.
    who("runner", &format!("{plan} --state b.tar --as gil")).exits(4);
    who("runner", "user show bob --state b.tar --as gil").exits(4);
    who("runner", "audit log --state b.tar --as hal").exits(5);
    who("runner", "audit log --state b.tar --as nobody").exits(4);
    // In the state itself all that is as it was.
    who("runner", &format!("{plan} --as pol")).exits(5);
    // Root, as in a container, needs no operator.
    who("root", &format!("{plan} --state b.tar")).exits(0);
}

#[test]
fn what_is_no_backup_is_said() {
    let world = world();
    std::fs::write(world.path("text"), "login\n").unwrap();
    world.sh("head -c 9000 b.tar >cut.tar; : >empty; ln -s b.tar link; mkfifo pipe").exits(0);
    for (file, exit, code) in [
        ("text", 2, "bad-backup"),
        ("cut.tar", 2, "bad-backup"),
        ("empty", 2, "bad-backup"),
        ("link", 2, "usage"),
        ("nowhere.tar", 4, "no-state"),
    ] {
        let run = world.mfactl(&format!("user list --state {file} -o json")).exits(exit);
        assert_eq!(run.error()["code"], code, "{file}");
    }
    let run = world.sh("timeout 20 mfactl user list --state pipe").exits(2);
    assert!(run.stderr.contains("neither a directory nor a backup"), "{}", run.stderr);
    // An edit in it is found, as in a state.
    world.sh("sed 's/Alice Jones/Alice Janes/' b.tar >edited.tar").exits(0);
    world.mfactl("audit verify --state edited.tar").exits(1);
    world.mfactl("user show alice --state edited.tar").exits(7);
}
