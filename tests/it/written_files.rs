//! Files that are written where the command line says (`--out`, `--png`, backups, exports): when
//! they get their names, and who waits for the disk that they are on. A regression test each.

#![allow(clippy::disallowed_methods, clippy::unwrap_used)]

use crate::shell;

use std::os::unix::process::ExitStatusExt;
use std::path::Path;
use std::process::Stdio;
use std::time::{Duration, Instant};

use shell::{Run, World};

/// A state with a folder `home` beside it, and carol, who has an authenticator.
fn world() -> World {
    let world = World::small();
    std::fs::create_dir(world.path("home")).unwrap();
    world.mfactl("user enrol carol --unverified --out carol.txt").exits(0);
    world.mfactl("user enrol bob --out bob.txt").exits(0);
    world
}

/// Runs a command under strace, with what it says of `calls`.
fn traced(world: &World, calls: &str, command: &str) -> (Run, String) {
    let run = world.sh(&format!("strace -f -qq -y -o trace -e trace={calls} {command}"));
    (run, std::fs::read_to_string(world.path("trace")).unwrap())
}

fn names(folder: &Path) -> Vec<String> {
    let names = std::fs::read_dir(folder).unwrap();
    let mut names: Vec<String> =
        names.map(|entry| entry.unwrap().file_name().into_string().unwrap()).collect();
    names.sort();
    names
}

#[test]
fn a_home_that_hangs_made_everybody_wait_for_the_lock() {
    if !shell::tool("strace") {
        return;
    }
    let world = world();
    let code = "oathtool --totp -b \"$(sed -n 's/^key *//p' bob.txt)\" --now '2026-11-21 09:00:00 UTC' >code";
    let confirms = world.sh(code).code == 0;
    std::fs::write(world.path("p.yaml"), "version: 1\norg: acme\nenforcement: {state: on}\n")
        .unwrap();
    for (command, writes) in [
        ("user enrol alice --out home/a.txt --png home/a.png --svg home/a.svg", 3),
        ("user enrol erin --unverified --out home/e.txt", 1),
        ("user codes carol --out home/codes.txt", 1),
        ("user confirm bob --code-from code --out home/bob.txt", 1),
        ("convert export otpauth home/all.txt", 1),
        ("convert export users-oath home/users.oath", 1),
        ("state backup home/b.tar", 1),
        ("policy export --out home/policies", 1),
        ("policy plan p.yaml --out home/plan.json", 1),
    ] {
        if command.starts_with("user confirm") && !confirms {
            continue;
        }
        let before = names(&world.path("home")).len();
        let calls = "%file,%desc";
        let (run, trace) = traced(&world, calls, &format!("mfactl {command}"));
        run.exits(0);
        assert!(names(&world.path("home")).len() >= before + writes.min(1), "{command}");
        let mut held = Vec::<&str>::new();
        let mut under_lock = Vec::new();
        for line in trace.lines() {
            let fd = line.split_once('(').map(|(_, rest)| rest.split('>').next().unwrap());
            let on_lock = line.contains("/demo/lock>");
            if on_lock && line.contains("flock(") && line.ends_with("= 0") {
                held.push(fd.unwrap());
            } else if on_lock && line.contains("close(") {
                held.retain(|held| Some(*held) != fd);
            } else if line.contains("/home/") && !held.is_empty() {
                under_lock.push(line);
            }
        }
        assert!(trace.contains("/demo/lock>"), "{command}: no lock was seen");
        assert!(under_lock.is_empty(), "{command}: {under_lock:#?}");
    }
}

/// Under strace with one fault injected.
fn injected(world: &World, inject: &str, command: &str) -> Run {
    let calls = inject.split(':').next().unwrap();
    world.sh(&format!(
        "exec strace -f -qq -o trace -e trace={calls} -e inject={inject} mfactl {command}"
    ))
}

#[test]
fn a_secret_stayed_in_a_file_after_ctrl_c() {
    let world = World::small();
    std::fs::create_dir(world.path("home")).unwrap();
    let rev = world.rev();
    for signal in ["INT", "TERM", "HUP", "QUIT", "ALRM", "USR1", "USR2"] {
        let command =
            "exec mfactl user enrol alice --verify-code - --png home/a.png --out home/a.txt";
        let mut child =
            world.shell(command).stdin(Stdio::piped()).stdout(Stdio::piped()).spawn().unwrap();
        let since = Instant::now();
        while names(&world.path("home")).len() < 2 {
            assert!(since.elapsed() < Duration::from_secs(20), "the files did not come");
            std::thread::sleep(Duration::from_millis(10));
        }
        let secret = std::fs::read_to_string(world.path("home/a.txt")).unwrap();
        assert!(secret.contains("otpauth://"), "{secret}");
        world.sh(&format!("kill -{signal} {}", child.id())).exits(0);
        let status = child.wait().unwrap();
        assert!(status.signal().is_some(), "{status}");
        assert_eq!(names(&world.path("home")), [""; 0], "SIG{signal}");
    }
    assert_eq!(world.rev(), rev);
}

#[test]
fn runs_that_were_killed_left_secrets_that_never_counted() {
    if !shell::tool("strace") {
        return;
    }
    let world = world();
    std::fs::write(world.path("home/b.tar"), "an older backup").unwrap();
    for command in [
        "user enrol alice --out home/a.txt --png home/a.png",
        "user codes carol --out home/a.txt",
        "state backup home/b.tar --with-secrets --yes",
        "convert export otpauth home/all.txt",
        "policy export --out home",
    ] {
        let mut killed = 0;
        for calls in ["write", "fsync", "linkat"] {
            for when in 1.. {
                let world = world.copy();
                let run = injected(&world, &format!("{calls}:signal=KILL:when={when}"), command);
                if run.code == 0 {
                    break;
                }
                killed += 1;
                let rev = world.rev();
                for name in names(&world.path("home")) {
                    let counts = ["a.txt", "a.png", "all.txt"].contains(&name.as_str());
                    let plain = name == "b.tar" || command.starts_with("policy");
                    assert!(plain || (counts && rev > 3), "{command}, {calls} {when}: {name}");
                }
            }
        }
        assert!(killed > 1, "{command}");
    }
}

#[test]
fn a_secret_that_is_in_no_file_is_said_to_count() {
    if !shell::tool("strace") {
        return;
    }
    for (command, again) in [
        ("user enrol alice --out home/a.txt --png home/a.png", "user enrol alice"),
        ("user enrol alice --unverified --out home/a.txt", "user enrol alice"),
        ("user codes carol --out home/a.txt", "user codes carol"),
    ] {
        let world = world();
        let rev = world.rev();
        let run = injected(&world, "linkat:error=EIO:when=1", command).exits(9);
        assert_eq!(world.rev(), rev + 1);
        let said =
            format!("revision {} is committed, but home/a.txt could not be written", rev + 1);
        let said = said
            .replace("a.txt", if run.stderr.contains("a.png could") { "a.png" } else { "a.txt" });
        assert!(run.stderr.contains(&said), "{}", run.stderr);
        assert!(run.stderr.contains(&format!("mfactl {again}")), "{}", run.stderr);
        world.mfactl(&format!("{again} --out home/again.txt")).exits(0);
    }
}

#[test]
fn a_backup_that_is_in_its_place_was_called_not_written() {
    if !shell::tool("strace") {
        return;
    }
    let world = World::small();
    let mut unsure = 0;
    for when in 1.. {
        let world = world.copy();
        let inject = format!("fsync:error=EIO:when={when}");
        let run = injected(&world, &inject, "state backup b.tar");
        if run.code == 0 {
            break;
        }
        let is_there = world.path("b.tar").exists();
        assert_eq!(run.code, if is_there { 9 } else { 8 }, "{}", run.stderr);
        if is_there {
            unsure += 1;
            assert!(
                run.stderr.contains("whether b.tar, which is written, outlives"),
                "{}",
                run.stderr
            );
            world.mfactl("--state b.tar user list").exits(0);
        }
    }
    assert_eq!(unsure, 1);
}

#[test]
fn a_file_that_came_meanwhile_is_not_replaced_by_a_secret() {
    let world = World::small();
    std::fs::write(world.path("a.txt"), "mine").unwrap();
    for command in ["user enrol alice --out a.txt", "user enrol alice --png a.txt"] {
        let run = world.mfactl(command).exits(2);
        assert!(run.stderr.contains("it is there already"), "{}", run.stderr);
    }
    assert_eq!(std::fs::read_to_string(world.path("a.txt")).unwrap(), "mine");
}

#[test]
fn an_export_that_is_in_its_place_was_called_not_made() {
    if !shell::tool("strace") {
        return;
    }
    let world = world();
    let (mut made, mut not_made) = (0, 0);
    for call in ["fsync", "linkat"] {
        for when in 1.. {
            let world = world.copy();
            let rev = world.rev();
            let inject = format!("{call}:error=EIO:when={when}");
            let run = injected(&world, &inject, "convert export otpauth home/all.txt");
            if run.code == 0 {
                break;
            }
            let (is_there, is_committed) = (world.path("home/all.txt").exists(), world.rev() > rev);
            assert_eq!(run.code, if is_committed { 9 } else { 8 }, "{}", run.stderr);
            assert!(is_committed || !is_there);
            let said = run.stderr.contains("was not made");
            assert_eq!(said, is_committed && !is_there, "{}", run.stderr);
            made += usize::from(is_there);
            not_made += usize::from(is_committed && !is_there);
        }
    }
    assert!(made > 0 && not_made > 0, "{made}, {not_made}");
}
