//! Two at once: writers queue, readers that are slow to read hold nobody up,
//! and who waits is told for whom.

#![allow(clippy::disallowed_methods, clippy::unwrap_used)]

use crate::shell;

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
                    format!("mfactl --lock-timeout 120s -q user opt-out \"{login}\" --org st-marys --until +{}h --replace >/dev/null || exit 1\n", worker + 1)
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

/// Starts a reader that holds the lock for a while, after it had its turn.
fn slow_reader(world: &World, milliseconds: u32) -> std::process::Child {
    let delay = format!("flock:delay_exit={milliseconds}000:when=2");
    let line =
        format!("exec strace -f -o /dev/null -e trace=flock -e inject={delay} mfactl org list");
    world.shell(&line).stdout(Stdio::null()).spawn().unwrap()
}

#[test]
fn readers_one_after_the_other_do_not_keep_a_writer_out() {
    if !shell::tool("strace") {
        return;
    }
    let world = World::small();
    world.mfactl("org list").exits(0);
    // Four at a time, each of which comes while others still hold the lock.
    let mut readers: Vec<_> = (0..4).map(|_| slow_reader(&world, 400)).collect();
    std::thread::sleep(std::time::Duration::from_millis(150));
    let mut writer =
        world.shell("exec mfactl user set-mfa bob on --lock-timeout 4s").spawn().unwrap();
    let begun = std::time::Instant::now();
    let ended = loop {
        for reader in &mut readers {
            if reader.try_wait().unwrap().is_some() {
                *reader = slow_reader(&world, 400);
            }
        }
        if let Some(status) = writer.try_wait().unwrap() {
            break status;
        }
        assert!(begun.elapsed().as_secs() < 30);
        std::thread::sleep(std::time::Duration::from_millis(20));
    };
    readers.iter_mut().for_each(|reader| drop(reader.wait()));
    assert!(ended.success(), "the writer had no turn: {ended:?}");
}

#[test]
fn verify_and_check_in_a_loop_do_not_keep_writers_out() {
    let world = World::hospital();
    let looping = "while ! test -e stop; do mfactl state check >/dev/null || exit 1; mfactl audit verify >/dev/null || exit 1; done";
    let loops: Vec<_> = (0..3).map(|_| world.shell(looping).spawn().unwrap()).collect();
    for number in 0..20 {
        let switch = if number % 2 == 0 { "off" } else { "on" };
        world.mfactl(&format!("user set-mfa alice.jones {switch} --lock-timeout 4s")).exits(0);
    }
    std::fs::write(world.path("stop"), "").unwrap();
    for mut child in loops {
        assert!(child.wait().unwrap().success(), "what is looked at is one revision");
    }
}

#[test]
fn who_holds_the_lock_lives_and_holds_it() {
    if !shell::tool("strace") {
        return;
    }
    let world = World::small();
    // A writer was killed and left its note; now readers hold the lock.
    world.sh("strace -f -o /dev/null -e trace=fdatasync -e inject=fdatasync:signal=KILL:when=1 mfactl user set-mfa alice off");
    assert!(std::fs::read_to_string(world.path("demo/lock")).unwrap().contains("pid"));
    let mut reader = slow_reader(&world, 3_000);
    std::thread::sleep(std::time::Duration::from_millis(500));
    let busy = world.mfactl("user set-mfa bob on --lock-timeout 500ms");
    let busy =
        if busy.code == 2 { world.mfactl("user set-mfa bob on --lock-timeout 1s") } else { busy };
    let busy = busy.exits(6);
    assert!(busy.stderr.contains("commands that read it"), "{}", busy.stderr);
    assert!(!busy.stderr.contains("pid"), "{}", busy.stderr);
    assert!(reader.wait().unwrap().success());
    // Its first sync is that of what the killed one left. A writer of another namespace says that it is pid 1; here that is somebody else.
    let boot = std::fs::read_to_string("/proc/sys/kernel/random/boot_id").unwrap();
    let mut writer = world
        .shell("exec strace -f -o /dev/null -e inject=fsync:delay_enter=3000000:when=2 mfactl user set-mfa alice off")
        .stdout(Stdio::null())
        .spawn()
        .unwrap();
    let note = || std::fs::read_to_string(world.path("demo/lock")).unwrap_or_default();
    let pid = |note: &str| {
        note.split("pid ").nth(1).and_then(|it| it.split(':').next().map(str::to_owned))
    };
    let killed = pid(&note());
    while pid(&note()) == killed || pid(&note()).is_none() {
        std::thread::sleep(std::time::Duration::from_millis(10));
    }
    std::fs::write(world.path("demo/lock"), format!("{}\npid 1: mfactl user edit\n", boot.trim()))
        .unwrap();
    let busy = world.mfactl("user set-mfa bob on --lock-timeout 1s").exits(6);
    assert!(busy.stderr.contains("another mfactl"), "{}", busy.stderr);
    assert!(writer.wait().unwrap().success());
}
