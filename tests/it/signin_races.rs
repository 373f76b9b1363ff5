//! Sign-ins that meet: many with one code at the same instant, and some that waited
//! while the state moved on.

#![allow(clippy::disallowed_methods, clippy::unwrap_used)]

use crate::person;
use crate::shell;

use std::process::Stdio;

use person::{enrol, refused, verify};
use serde_json::Value;
use shell::{NOW, World};

const LATER: &str = "2026-11-21T09:00:30Z";

/// Starts many processes with the same code; how many got in.
fn race(world: &World, code: &str) -> usize {
    std::fs::write(world.path("code"), code).unwrap();
    let line = "exec mfactl signin verify alice --org acme --code-from code -o json";
    let start = || world.shell(line).stdout(Stdio::piped()).stderr(Stdio::piped()).spawn();
    let children: Vec<_> = (0..50).map(|_| start().unwrap()).collect();
    let mut inside = 0;
    for child in children {
        let output = child.wait_with_output().unwrap();
        let answer: Value = serde_json::from_slice(&output.stdout)
            .unwrap_or_else(|_| panic!("{}", String::from_utf8_lossy(&output.stderr)));
        match output.status.code() {
            Some(0) => inside += 1,
            Some(1) => assert_eq!(answer["reason"], "code-used"),
            other => panic!("exit {other:?}: {answer}"),
        }
    }
    inside
}

/// So often is each race run.
const ROUNDS: u32 = 100;

/// The instant of a round, each in a time step of its own.
fn instant(round: u32) -> String {
    format!("2026-11-21T{:02}:{:02}:00Z", 10 + round / 60, round % 60)
}

#[test]
fn of_fifty_with_one_code_exactly_one_gets_in() {
    let mut world = World::small();
    let (app, _) = enrol(&world, "alice", NOW);
    for round in 0..ROUNDS {
        let now = instant(round);
        world.at(&now);
        assert_eq!(race(&world, &app.code(&now)), 1, "round {round}");
    }
}

#[test]
fn of_fifty_with_one_recovery_code_exactly_one_gets_in() {
    let mut world = World::small();
    let (_, mut codes) = enrol(&world, "alice", NOW);
    for round in 0..ROUNDS {
        world.at(&instant(round));
        let code = codes.pop().unwrap();
        assert_eq!(race(&world, &code), 1, "round {round}");
        if codes.is_empty() {
            let made = world
                .mfactl(&format!("user codes alice --reveal -o json -m {round}"))
                .exits(0)
                .json();
            let made = made["recovery_codes"].as_array().unwrap();
            codes = made.iter().map(|code| code.as_str().unwrap().to_owned()).collect();
        }
    }
}

/// A `signin verify` of alice that has read the state and waits for its code.
struct Waiting(std::process::Child);

impl Waiting {
    fn start(world: &World) -> Waiting {
        let line = "exec mfactl signin verify alice --org acme --code-from - -o json";
        let mut command = world.shell(line);
        command.stdin(Stdio::piped()).stdout(Stdio::piped()).stderr(Stdio::piped());
        let child = command.spawn().unwrap();
        // It has asked the state once it waits for its stdin.
        let waits = format!("/proc/{}/wchan", child.id());
        let begun = std::time::Instant::now();
        while !std::fs::read_to_string(&waits).unwrap_or_default().contains("pipe_read") {
            assert!(begun.elapsed().as_secs() < 60, "it never asks for a code");
            std::thread::sleep(std::time::Duration::from_millis(5));
        }
        Waiting(child)
    }

    fn bring(mut self, code: &str) -> Value {
        let mut stdin = self.0.stdin.take().unwrap();
        std::io::Write::write_all(&mut stdin, format!("{code}\n").as_bytes()).unwrap();
        drop(stdin);
        let output = self.0.wait_with_output().unwrap();
        serde_json::from_slice(&output.stdout)
            .unwrap_or_else(|_| panic!("{}", String::from_utf8_lossy(&output.stderr)))
    }
}

/// Bug: an attempt that had read the state before new recovery codes came unmarked them.
#[test]
fn an_attempt_that_waited_revives_no_recovery_code() {
    let world = World::small();
    enrol(&world, "alice", NOW);
    let waiting = Waiting::start(&world);
    let made = world.mfactl("user codes alice --reveal -o json").exits(0).json();
    let code = made["recovery_codes"][3].as_str().unwrap().to_owned();
    verify(&world, "alice", &code).exits(0);
    assert_eq!(waiting.bring("000000")["reason"], "code-wrong");
    let answer = refused(verify(&world, "alice", &code), "code-used");
    assert_eq!(answer["recovery_codes_left"], 9);
}

/// Bug: attempts that had read the state before an unlock were not counted after it.
#[test]
fn attempts_that_waited_are_counted_after_an_unlock() {
    let mut world = World::small();
    let (app, _) = enrol(&world, "alice", NOW);
    let waiting: Vec<Waiting> = (0..8).map(|_| Waiting::start(&world)).collect();
    (0..5).for_each(|_| drop(verify(&world, "alice", "000000").exits(1)));
    world.mfactl("user unlock alice").exits(0);
    world.at(LATER);
    verify(&world, "alice", &app.code(LATER)).exits(0);
    let reasons: Vec<Value> =
        waiting.into_iter().map(|one| one.bring("111111")["reason"].take()).collect();
    let counted = reasons.iter().filter(|reason| **reason == "code-wrong").count();
    let locked = reasons.iter().filter(|reason| **reason == "locked-out").count();
    assert_eq!((counted, locked), (5, 3), "{reasons:?}");
}

#[test]
fn used_recovery_codes_at_the_same_time_lock_nobody() {
    let world = World::small();
    let (_, codes) = enrol(&world, "alice", NOW);
    verify(&world, "alice", &codes[0]).exits(0);
    assert_eq!(race(&world, &codes[0]), 0);
    let user = world.mfactl("user show alice -o json").exits(0).json();
    assert!(
        user["locked_until"].is_null() && user["enrolment"]["locked_until"].is_null(),
        "{user}"
    );
    verify(&world, "alice", &codes[1]).exits(0);
}

#[test]
fn an_unlock_ends_every_lock_that_is_shown() {
    let world = World::small();
    let (_, codes) = enrol(&world, "alice", NOW);
    // A lock without failures, as attempts at the same time once left it.
    let line = std::fs::read_dir(world.state().join("signin")).unwrap();
    let path = line
        .map(|entry| entry.unwrap().path())
        .find(|path| path.extension().is_some_and(|it| it == "yaml"));
    let path = path.unwrap();
    let text = std::fs::read_to_string(&path).unwrap();
    let (first, body) = text.split_once('\n').unwrap();
    let body = body.replace("\"set\":", "\"locked_until\":\"2027-01-01T00:00:00Z\",\"set\":");
    use sha2::Digest as _;
    let hash: String = sha2::Sha256::digest(&body).iter().map(|b| format!("{b:02x}")).collect();
    std::fs::write(&path, format!("{}{hash}\n{body}", &first[..first.len() - 64])).unwrap();
    refused(verify(&world, "alice", &codes[0]), "locked-out");
    let shown = world.mfactl("user show alice").exits(0);
    assert!(shown.stdout.contains("2027-01-01"), "{}", shown.stdout);
    world.mfactl("user unlock alice").exits(0);
    verify(&world, "alice", &codes[0]).exits(0);
}

#[test]
fn a_torn_append_to_the_log_of_signins_does_not_join_the_next_line() {
    let world = World::small();
    let (_, codes) = enrol(&world, "alice", NOW);
    verify(&world, "alice", &codes[0]).exits(0);
    let log = world.state().join("signin/log/2026-11-21.jsonl");
    let text = std::fs::read_to_string(&log).unwrap();
    std::fs::write(&log, &text[..text.len() / 2]).unwrap();
    verify(&world, "alice", &codes[1]).exits(0);
    let text = std::fs::read_to_string(&log).unwrap();
    let lines: Vec<&str> = text.lines().collect();
    assert_eq!(lines.len(), 2, "{text}");
    assert!(serde_json::from_str::<Value>(lines[0]).is_err());
    let whole: Value = serde_json::from_str(lines[1]).unwrap();
    assert!(whole.is_object() && text.ends_with('\n'), "{text}");
}

/// What the shards of sign-ins say, all in one.
fn shards(world: &World) -> String {
    let files = world.files();
    let of_signins = files.iter().filter(|(path, _)| {
        path.starts_with(world.state().join("signin"))
            && path.extension().is_some_and(|it| it == "yaml")
    });
    of_signins.map(|(_, bytes)| String::from_utf8(bytes.clone()).unwrap()).collect()
}

#[test]
fn what_sign_ins_left_of_a_removed_user_goes_with_the_user() {
    let world = World::small();
    enrol(&world, "alice", NOW);
    enrol(&world, "bob", NOW);
    world.mfactl("user rename alice alicia").exits(0);
    assert!(shards(&world).contains("u-alice") && shards(&world).contains("u-bob"));
    let alice = shards(&world);
    world.mfactl("user remove alicia --yes").exits(0);
    assert!(!shards(&world).contains("u-alice") && shards(&world).contains("u-bob"));
    world.mfactl("state check").exits(0);
    // A line that stayed, as they all did once, goes with a prune.
    let signin = world.state().join("signin");
    let line = alice.lines().find(|line| line.contains("u-alice")).unwrap();
    use sha2::Digest as _;
    let body = format!("{line}\n");
    let hash: String = sha2::Sha256::digest(&body).iter().map(|b| format!("{b:02x}")).collect();
    let of_alice =
        std::fs::read_dir(&signin).unwrap().map(|entry| entry.unwrap().path()).find(|path| {
            path.extension().is_some_and(|it| it == "yaml")
                && !std::fs::read_to_string(path).unwrap().contains("u-bob")
        });
    std::fs::write(of_alice.unwrap(), format!("# mfactl 1 · rev 9 · sha256 {hash}\n{body}"))
        .unwrap();
    assert!(shards(&world).contains("u-alice"));
    let mut world = world;
    world.at("2026-11-23T09:00:00Z");
    std::fs::write(world.path("c.toml"), "[audit]\nprune_min_age = \"12h\"\n").unwrap();
    world.mfactl("audit prune --before 2026-11-22 --yes --config c.toml").exits(0);
    assert!(!shards(&world).contains("u-alice") && shards(&world).contains("u-bob"));
}

#[test]
fn what_a_killed_sign_in_left_goes_with_the_next_writer_that_looks() {
    if !shell::tool("strace") {
        return;
    }
    let world = World::small();
    let (_, codes) = enrol(&world, "alice", NOW);
    let kill = |call: &str, line: &str| {
        let inject =
            format!("strace -f -o /dev/null -e trace={call} -e inject={call}:signal=KILL:when=1");
        assert_ne!(world.sh(&format!("{inject} {line}")).code, 0);
    };
    std::fs::write(world.path("code"), &codes[0]).unwrap();
    let left = || {
        let files = world.files();
        files.iter().filter(|(path, _)| path.to_string_lossy().contains(".new.0.")).count()
    };
    kill("rename,renameat,renameat2", "mfactl signin verify alice --org acme --code-from code");
    assert_eq!(left(), 1);
    kill("fdatasync", "mfactl user set-mfa bob on");
    world.mfactl("user set-mfa bob on").exits(0);
    assert_eq!(left(), 0);
    verify(&world, "alice", &codes[0]).exits(0);
}
