//! What people met who used mfactl for the first time: hints that lead on, and answers that
//! say what was done and what was not.

#![allow(clippy::disallowed_methods, clippy::unwrap_used)]

use crate::shell;

use shell::World;

#[test]
fn a_mend_made_another_state_than_the_one_that_was_looked_at() {
    let world = World::small();
    let run = world.mfactl("--state elsewhere state check --setup -o json").exits(1);
    assert_eq!(run.json()["problems"][0]["mend"], "mfactl --state elsewhere init");
    std::fs::write(world.path("p.yaml"), "version: 1\norg: none-such\nenforcement:\n  state: on\n")
        .unwrap();
    let run = world.sh("mfactl --state ./demo policy plan p.yaml -o github").exits(4);
    for line in run.stdout.lines().filter(|line| line.contains("mfactl ")) {
        assert!(line.contains("mfactl --state ./demo "), "{line}");
    }
}

#[test]
fn a_dry_run_spoke_as_if_it_had_been_done() {
    let world = World::small();
    world.mfactl("user opt-out alice --org acme").exits(0);
    world.mfactl("state backup b.tar").exits(0);
    world.mfactl("user edit alice --name Alicia").exits(0);
    let key = "GEZDGNBVGY3TQOJQGEZDGNBVGY3TQOJQ";
    std::fs::write(world.path("keys"), format!("otpauth://totp/bob?secret={key}\n")).unwrap();
    let files = world.files();
    for command in [
        "org enforce acme on",
        "user opt-in alice --org acme",
        "state restore b.tar",
        "convert import otpauth keys",
        "user import --update small.csv",
        "user remove bob",
        "user reset alice",
        "exception grant alice --short --org acme --reason no-signal",
        "--state new --as sam init",
    ] {
        let shown = world.mfactl(&format!("{command} --dry-run")).exits(0).stdout;
        assert!(shown.starts_with("dry run: "), "{command}: {shown}");
        assert!(shown.contains("note: dry run: nothing was written\n"), "{command}: {shown}");
    }
    let shown = world.mfactl("user set-mfa bob alice on --dry-run").exits(0).stdout;
    assert!(shown.contains("would change") && !shown.contains(" changed"), "{shown}");
    assert!(shown.ends_with("; dry run: nothing was written\n"), "{shown}");
    assert!(world.files() == files && !world.path("new").exists());
}

#[test]
fn of_two_inits_at_once_one_was_told_to_run_again() {
    let world = World::new();
    for round in 0..5 {
        let line = format!(
            "for n in 1 2 3; do mfactl --state s{round} init >o$n 2>&1 & done; wait; cat o1 o2 o3"
        );
        let said = world.sh(&line).stdout;
        let refused = said.matches("error: ").count();
        assert_eq!(refused, 2, "{said}");
        let hint = format!("mfactl --state s{round} state info");
        let race = ["at the same time", "makes a state in"];
        if race.iter().any(|words| said.contains(words)) {
            assert!(said.contains(&format!("hint: {hint}\n")), "{said}");
        }
        assert!(!said.contains("hint: run it again\n"), "{said}");
        world.sh(&hint).exits(0);
    }
}

#[test]
fn a_table_in_the_place_of_a_state_was_met_with_the_words_of_a_tar_reader() {
    let world = World::small();
    std::fs::write(world.path("long"), "login,name\n".repeat(1_000)).unwrap();
    for file in ["small.csv", "long"] {
        for command in [format!("--state {file} user list"), format!("state restore {file}")] {
            let run = world.mfactl(&command).exits(2);
            let says = format!("error: {file} is not a backup made by mfactl\n");
            assert!(run.stderr.starts_with(&says), "{}", run.stderr);
            assert!(run.stderr.contains("hint: expected the directory of a state, or"));
        }
    }
}

#[test]
fn an_org_that_is_spelled_wrong_was_an_empty_list() {
    let world = World::staffed();
    for command in [
        "user list --where org=typo",
        "user list --where org=typo -o jsonl",
        "user export --where org=typo",
        "user set-mfa on --where org=typo --dry-run",
        "user opt-out --where mfa=on,org=typo --org acme --yes",
    ] {
        let run = world.mfactl(command).exits(4);
        assert!(run.stderr.starts_with("error: no org typo\n"), "{command}: {}", run.stderr);
        // One that is there and out of sight is answered alike.
        let theirs = command.replace("typo", "globex");
        let run = world.as_user("ada", &theirs).exits(4);
        assert!(run.stderr.starts_with("error: no org globex\n"), "{theirs}: {}", run.stderr);
    }
    world.mfactl("org add empty").exits(0);
    world.mfactl("user list --where org=empty").exits(0);
}
