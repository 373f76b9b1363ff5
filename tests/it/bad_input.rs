//! Bad input: a clear error, the documented exit code, and the state as it was.

#![allow(clippy::disallowed_methods, clippy::unwrap_used)]

use crate::shell;

use std::os::unix::fs::{PermissionsExt, symlink};

use shell::World;

/// Runs a command that must fail, and checks that no file of the state changed.
#[track_caller]
fn fails(world: &World, arguments: &str, exit: i32, words: &str) {
    let before = world.files();
    let run = world.mfactl(arguments).exits(exit);
    assert!(run.stderr.contains(words), "{arguments}: {}", run.stderr);
    assert_eq!(run.stdout, "", "{arguments}");
    assert!(world.files() == before, "{arguments}: a file changed");
}

#[test]
fn a_wrong_command_line_exits_2() {
    let world = World::small();
    for (arguments, words) in [
        ("user set-mfa alice maybe", "on or off"),
        ("user set-mfa on", "no user is named"),
        ("user show", "required"),
        ("user frobnicate", "unrecognized"),
        ("org enforce acme on --starts yesterday", "is no time"),
        ("org enforce acme on --starts -1h", "past"),
        ("org enforce acme off --starts +1h --yes", "at once"),
        ("org edit acme --short-max 25h", "above 24h"),
        ("org edit acme --long-max 181d", "above 180d"),
        ("user opt-out alice --org acme --until -1d", "over already"),
        ("user add ../../etc/passwd", "is no login"),
        ("user add Ünïcode", "is no login"),
        ("org add ../x", "is no org"),
        ("org add A", "is no org"),
        ("user show alice --dry-run", "unexpected"),
        ("user add x --at 3", "unexpected"),
        ("audit verify --head 123", "no hash"),
        ("exception show alice", "USER#N"),
        ("user add x --org acme --org acme", "twice"),
    ] {
        fails(&world, arguments, 2, words);
    }
    fails(&world, "user add x --name \"$(printf 'a\\033[31mb')\"", 2, "U+001B");
    fails(&world, "user reset alice -m \"$(printf 'a\\nb')\"", 2, "U+000A");
    fails(&world, "org remove acme", 2, "--yes");
}

#[test]
fn what_is_there_already_is_refused_also_by_case() {
    let world = World::small();
    for arguments in [
        "user add alice --org acme",
        "user add ALICE --org acme",
        "user add new --id u-alice",
        "user add new --email ALICE@acme.EXAMPLE",
        "user rename alice bob",
        "user edit alice --email bob@acme.example",
        "user join alice --org acme",
        "org add acme",
        "init",
    ] {
        fails(&world, arguments, 3, "already");
    }
}

#[test]
fn a_malformed_csv_is_refused_whole_with_every_line() {
    let world = World::small();
    let import = |name: &str, text: &str| {
        std::fs::write(world.path(name), text).unwrap();
        format!("user import {name}")
    };
    let bad = import("bad.csv", "login,mfa,orgs\nzoe,on,acme\nyan,maybe,acme\nzoe,on,acme\n");
    fails(&world, &bad, 2, "line 3: \"maybe\"");
    fails(&world, &bad, 2, "line 4: the login zoe stands in line 2 already");
    let there = import("there.csv", "login,orgs\nzoe,acme\nAlice,acme\nbob,acme\n");
    fails(&world, &there, 3, "line 3: cannot add alice: the login is there already");
    fails(&world, &there, 3, "line 4: cannot add bob");
    let org = import("org.csv", "login,orgs\nzoe,acme\nyan,nowhere;acme\n");
    fails(&world, &org, 4, "line 3: no org nowhere");
    std::fs::write(world.path("latin1.csv"), b"login,name\nzoe,Zo\xeb\n").unwrap();
    fails(&world, "user import latin1.csv", 2, "line 2");
    fails(&world, "user import nowhere.csv", 2, "does not exist");
    fails(&world, "user import /", 2, "directory");
    let new = world.mfactl("--state elsewhere user import --init bad.csv").exits(2);
    assert!(new.stderr.contains("2 problems"));
    let new = world.mfactl("--state elsewhere user import --init org.csv").exits(4);
    assert!(new.stderr.contains("--create-orgs"), "{}", new.stderr);
    assert!(!world.path("elsewhere").exists(), "a refused import makes no state");
}

#[test]
fn without_a_state_it_says_how_to_make_one() {
    let world = World::new();
    let run = world.mfactl("user list --state elsewhere").exits(4);
    assert!(run.stderr.contains("mfactl --state elsewhere init"), "{}", run.stderr);
    // The variable of the tests is a relative path: it may be the wrong folder.
    let run = world.mfactl("user list").exits(4);
    assert!(run.stderr.contains("MFACTL_STATE is a relative path"), "{}", run.stderr);
    let error = world.mfactl("user list -o json").exits(4).error();
    assert_eq!(error["code"], "no-state");
}

#[test]
fn a_state_edited_by_hand_is_refused() {
    let world = World::small();
    let path = world.path("demo/users/all.yaml");
    let text = std::fs::read_to_string(&path).unwrap();
    std::fs::write(&path, text.replace("\"mfa\":\"on\"", "\"mfa\":\"off\"")).unwrap();
    fails(&world, "user show alice", 7, "users/all.yaml");
    fails(&world, "user set-mfa alice off", 7, "users/all.yaml");
    fails(&world, "explain alice --org acme", 7, "users/all.yaml");
    let verify = world.mfactl("audit verify -o json").exits(1).json();
    assert_eq!(verify["ok"], false);
    assert_eq!(verify["files_bad"][0]["file"], "users/all.yaml");
    world.mfactl("state check").exits(1);
    std::fs::write(&path, text).unwrap();
    world.mfactl("audit verify").exits(0);
}

#[test]
fn an_org_file_with_a_fitted_hash_is_still_found() {
    let world = World::small();
    world.mfactl("org enforce acme on").exits(0);
    world.mfactl("user set-mfa carol on").exits(0);
    let path = world.path("demo/orgs/acme.yaml");
    let text = std::fs::read_to_string(&path).unwrap();
    let (header, body) = text.split_once('\n').unwrap();
    let edited = body.replace("state: \"on\"", "state: \"off\"");
    assert_ne!(edited, body);
    let body = edited;
    let digest =
        world.sh(&format!("printf '%s' '{}' | sha256sum", body.replace('\'', "'\\''"))).stdout;
    let fitted = format!("{}{}\n{body}", &header[..header.len() - 64], &digest[..64]);
    std::fs::write(&path, fitted).unwrap();
    world.mfactl("user set-mfa bob on").exits(0);
    let verify = world.mfactl("audit verify -o json").exits(1).json();
    assert_eq!(verify["ok"], false, "also after a lawful change");
}

#[test]
fn a_directory_open_to_others_is_refused_with_the_chmod_that_mends_it() {
    let world = World::small();
    for (path, open, closed) in [
        ("demo", 0o755, 0o700),
        ("demo/users", 0o750, 0o700),
        ("demo/users/all.yaml", 0o644, 0o600),
    ] {
        let chmod = |mode| {
            let mode = std::fs::Permissions::from_mode(mode);
            std::fs::set_permissions(world.path(path), mode).unwrap();
        };
        chmod(open);
        fails(&world, "user show alice", 7, "chmod");
        fails(&world, "user set-mfa alice off", 7, "chmod");
        chmod(closed);
        world.mfactl("user show alice").exits(0);
    }
}

#[test]
fn links_in_the_state_are_not_followed() {
    let world = World::small();
    let (path, aside) = (world.path("demo/users/all.yaml"), world.path("aside.yaml"));
    std::fs::rename(&path, &aside).unwrap();
    symlink(&aside, &path).unwrap();
    world.mfactl("user show alice").exits(7);
    world.mfactl("user set-mfa alice off").exits(7);
    std::fs::remove_file(&path).unwrap();
    std::fs::rename(&aside, &path).unwrap();
    world.mfactl("user show alice").exits(0);
}

#[test]
fn a_newer_format_is_refused() {
    let world = World::small();
    let path = world.path("demo/state.yaml");
    let text = std::fs::read_to_string(&path).unwrap();
    let (header, body) = text.split_once('\n').unwrap();
    let body = body.replace("format: 1", "format: 2");
    let digest =
        world.sh(&format!("printf '%s' '{}' | sha256sum", body.replace('\'', "'\\''"))).stdout;
    let fitted = format!("{}{}\n{body}", &header[..header.len() - 64], &digest[..64]);
    std::fs::write(&path, fitted).unwrap();
    let error = world.mfactl("user show alice -o json").exits(7).error();
    assert_eq!(error["code"], "newer-format");
    world.mfactl("user set-mfa alice off").exits(7);
}

#[test]
fn a_closed_pipe_ends_quietly_and_a_full_stdout_does_not() {
    let world = World::hospital();
    let run = world.sh("mfactl user list -o jsonl | head -n 1").exits(0);
    assert_eq!((run.stdout.lines().count(), run.stderr.as_str()), (1, ""));
    let run = world.sh("mfactl user list > /dev/full");
    assert_eq!(run.code, 8, "{}", run.stderr);
    let rev = world.rev();
    let run = world.sh("mfactl user set-mfa alice.jones off > /dev/full").exits(0);
    assert!(run.stderr.contains("the change itself is made"), "{}", run.stderr);
    assert_eq!(world.rev(), rev + 1);
}

#[test]
fn hostile_bytes_never_reach_the_terminal() {
    let world = World::small();
    let run = world.sh("mfactl user show \"$(printf 'x\\033]0;title\\007')\"").exits(2);
    assert!(!run.stderr.contains('\u{1b}'), "{:?}", run.stderr);
    let run = world.sh("mfactl user find \"$(printf '\\342\\200\\256abc')\"").exits(2);
    assert!(!run.stderr.contains('\u{202e}'));
}
