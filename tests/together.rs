//! Two at once: writers queue, readers that are slow to read hold nobody up,
//! and who waits is told for whom.

#![allow(clippy::disallowed_methods, clippy::unwrap_used)]

mod shell;

use std::io::Read;
use std::process::Stdio;

use shell::World;

#[test]
fn two_hundred_changes_of_eight_processes_land_in_one_chain() {
    let world = World::hospital();
    let users =
        world.mfactl("user list --org st-marys --where sign_in=password,active=yes -o json").json();
    let logins: Vec<&str> = users
        .as_array()
        .unwrap()
        .iter()
        .map(|user| user["login"].as_str().unwrap())
        .take(25)
        .collect();
    let before = world.rev();
    let workers: Vec<_> = (0..8)
        .map(|worker| {
            // Every change differs from what is there: each worker moves the end by its own hours.
            let script: String = logins
                .iter()
                .map(|login| {
                    format!("mfactl --lock-timeout 120s -q user opt-out \"{login}\" --org st-marys --until +{}h >/dev/null || exit 1\n", worker + 1)
                })
                .collect();
            world.shell(&script).spawn().unwrap()
        })
        .collect();
    for mut worker in workers {
        assert!(worker.wait().unwrap().success());
    }
    assert_eq!(world.rev(), before + 200);
    let verify = world.mfactl("audit verify -o json").exits(0).json();
    assert_eq!(verify["records"], before + 200);
    world.mfactl("state check").exits(0);
}

#[test]
fn who_holds_the_lock_is_named_to_the_others() {
    if !shell::tool("strace") {
        return;
    }
    let world = World::small();
    // A writer that is slow at its first sync.
    let mut slow = world
        .shell("exec strace -f -o /dev/null -e inject=fsync:delay_enter=3000000:when=1 mfactl user set-mfa alice off")
        .stdout(Stdio::null())
        .spawn()
        .unwrap();
    let held = || std::fs::read_to_string(world.path("demo/lock")).unwrap_or_default();
    while !held().contains("user set-mfa") {
        assert!(slow.try_wait().unwrap().is_none(), "it ended early");
        std::thread::sleep(std::time::Duration::from_millis(10));
    }
    let busy = world.mfactl("user set-mfa bob on --lock-timeout 1s").exits(6);
    assert!(busy.stderr.contains("mfactl user set-mfa"), "{}", busy.stderr);
    assert!(busy.stderr.contains("pid"), "{}", busy.stderr);
    assert!(slow.wait().unwrap().success());
    world.mfactl("user set-mfa bob on").exits(0);
}

#[test]
fn a_reader_that_is_slow_to_read_blocks_nobody() {
    let world = World::hospital();
    let mut reader =
        world.shell("exec mfactl user list -o jsonl").stdout(Stdio::piped()).spawn().unwrap();
    let mut out = reader.stdout.take().unwrap();
    let mut first = [0; 1];
    out.read_exact(&mut first).unwrap();
    world.mfactl("user set-mfa alice.jones off --lock-timeout 1s").exits(0);
    let mut rest = String::new();
    out.read_to_string(&mut rest).unwrap();
    assert!(reader.wait().unwrap().success());
    assert_eq!(rest.lines().count(), 403);
    let alice = rest.lines().find(|line| line.contains("\"alice.jones\"")).unwrap();
    assert!(alice.contains("\"mfa\":\"on\""), "it is the state that it began with");
}
