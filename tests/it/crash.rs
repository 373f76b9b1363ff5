//! Killed, full, failing: the state is the old or the new revision, and the
//! next command needs no help. Real system calls, through strace and a small tmpfs.

#![allow(clippy::disallowed_methods, clippy::print_stderr, clippy::unwrap_used)]

use crate::shell;

use std::process::Command;

use shell::World;

const CHANGE: &str = "user opt-out alice --org acme --until +30d";

/// System calls that a change writes with.
const WRITING: [&str; 8] =
    ["openat", "write", "pwrite64", "fsync", "fdatasync", "rename", "renameat", "unlinkat"];

fn opted_out(world: &World) -> bool {
    let shown = world.mfactl("user show alice -o json").exits(0).json();
    !shown["memberships"][0]["opt_out"].is_null()
}

/// Runs the change with a fault injected; returns its exit code, none where it was killed.
fn injected(world: &World, call: &str, fault: &str, when: u32) -> Option<i32> {
    let line = format!(
        "exec strace -f -o /dev/null -e trace={call} -e inject={call}:{fault}:when={when} mfactl {CHANGE}"
    );
    world.shell(&line).output().unwrap().status.code()
}

#[test]
fn killed_at_any_system_call_it_is_the_old_or_the_new_revision() {
    if !shell::tool("strace") {
        return;
    }
    let mut ends = (0, 0);
    for call in WRITING {
        for when in 1.. {
            let world = World::small();
            let before = world.rev();
            let code = injected(&world, call, "signal=SIGKILL", when);
            // Nobody helped: this is the next command.
            let new = opted_out(&world);
            assert_eq!(world.rev(), before + u64::from(new), "{call} {when}");
            world.mfactl("user set-mfa bob on").exits(0);
            assert_eq!(opted_out(&world), new, "{call} {when}");
            world.mfactl("audit verify").exits(0);
            if new {
                ends.1 += 1
            } else {
                ends.0 += 1
            }
            if code == Some(0) {
                break; // There is no such call any more.
            }
            assert!(when < 200, "{call} has no end");
        }
    }
    assert!(ends.0 > 5 && ends.1 > 5, "kills before and after the commit were seen: {ends:?}");
}

#[test]
fn a_disk_that_fails_changes_nothing_or_says_that_it_is_unknown() {
    if !shell::tool("strace") {
        return;
    }
    for (call, fault) in [
        ("fsync", "error=EIO"),
        ("fdatasync", "error=EIO"),
        ("pwrite64", "error=ENOSPC"),
        ("write", "error=ENOSPC"),
        ("renameat", "error=EIO"),
        ("rename", "error=EIO"),
    ] {
        for when in 1..12 {
            let world = World::small();
            let before = world.rev();
            let code = injected(&world, call, fault, when);
            let new = opted_out(&world);
            match code {
                Some(0) => assert!(new, "{call} {when}"),
                Some(8) => assert!(!new, "{call} {when}"),
                Some(9) => {}
                other => panic!("{call} {when}: {other:?}"),
            }
            world.mfactl("user set-mfa bob on").exits(0);
            assert_eq!(world.rev(), before + 1 + u64::from(new), "{call} {when}");
            world.mfactl("audit verify").exits(0);
        }
    }
}

#[test]
fn a_full_disk_is_said_and_changes_nothing() {
    let world = World::new();
    let small = world.path("small");
    std::fs::create_dir(&small).unwrap();
    let mounted = Command::new("mount")
        .args(["-t", "tmpfs", "-o", "size=160k,mode=700", "none"])
        .arg(&small)
        .status()
        .is_ok_and(|status| status.success());
    if !mounted {
        let root = world.sh("id -u").stdout.trim() == "0";
        assert!(
            !root || std::env::var_os("MFACTL_TESTS_NEED_TOOLS").is_none(),
            "root cannot mount"
        );
        eprintln!("skipped: a small disk takes root to mount");
        return;
    }
    let result = std::panic::catch_unwind(std::panic::AssertUnwindSafe(|| fill(&world)));
    let unmounted = Command::new("umount").arg(&small).status();
    assert!(unmounted.is_ok_and(|status| status.success()));
    if let Err(panic) = result {
        std::panic::resume_unwind(panic);
    }
}

fn fill(world: &World) {
    let run = |arguments: &str| world.mfactl(&format!("--state small/demo {arguments}"));
    run("init").exits(0);
    run("org add acme").exits(0);
    let mut added = 0;
    loop {
        let login = format!("user-{added}");
        let add = run(&format!("user add {login} --name '{}' --org acme", "x".repeat(900)));
        if add.code != 0 {
            assert_eq!(add.code, 8, "{}", add.stderr);
            assert!(add.stderr.contains("space"), "{}", add.stderr);
            run(&format!("user show {login}")).exits(4);
            break;
        }
        added += 1;
        assert!(added < 500, "the disk is never full");
    }
    assert!(added > 0);
    run("user show user-0").exits(0);
    run("audit verify").exits(0);
    assert_eq!(run("user list -o json").exits(0).json().as_array().unwrap().len(), added);
}

#[test]
fn a_read_only_or_limited_world_is_said() {
    let world = World::small();
    let before = world.files();
    let run = world.sh("ulimit -f 0; mfactl user set-mfa bob on");
    assert_eq!(run.code, 8, "{}", run.stderr);
    assert!(world.files() == before);
    let run = world.sh("ulimit -n 16; mfactl user list -o json").exits(0);
    assert_eq!(run.json().as_array().unwrap().len(), 8);
    world.mfactl("user set-mfa bob on").exits(0);
}
