//! Nobody gains by who they are or by asking: own account whatever the verb, two persons that
//! are two, names out of sight that stay untold, and answers to what was shown.

#![allow(clippy::disallowed_methods, clippy::unwrap_used)]

mod person;
mod shell;

use std::io::{BufRead, BufReader, Read, Write};
use std::os::unix::fs::FileExt;
use std::path::Path;
use std::process::{Child, Stdio};
use std::time::Duration;

use serde_json::Value;
use sha2::Digest;
use shell::{World, tool};

/// Starts a restore of b.tar on a terminal, and waits until it asks.
fn asked(world: &World) -> Child {
    let restore = "script -qefc 'mfactl state restore b.tar' shown >/dev/null";
    let child = world.shell(restore).stdin(Stdio::piped()).spawn().unwrap();
    let asks = |shown: String| shown.contains("y/N");
    while !std::fs::read_to_string(world.path("shown")).is_ok_and(asks) {
        std::thread::sleep(Duration::from_millis(20));
    }
    child
}

/// Answers yes; returns the exit code and what was shown.
fn answered(world: &World, mut child: Child) -> (Option<i32>, String) {
    writeln!(child.stdin.take().unwrap(), "y").unwrap();
    let code = child.wait().unwrap().code();
    (code, std::fs::read_to_string(world.path("shown")).unwrap())
}

/// Writes other bytes of the same length into the accounts of a backup, in its place, with the
/// first line that fits them.
fn forge(path: &Path, from: &str, to: &str) {
    let mut archive = tar::Archive::new(std::fs::File::open(path).unwrap());
    let (at, text) = archive
        .entries()
        .unwrap()
        .map(|entry| entry.unwrap())
        .find(|entry| entry.path_bytes() == &b"users/all.yaml"[..])
        .map(|mut entry| {
            let mut text = String::new();
            entry.read_to_string(&mut text).unwrap();
            (entry.raw_file_position(), text)
        })
        .unwrap();
    let (line, body) = text.split_once('\n').unwrap();
    assert!(body.contains(from) && from.len() == to.len());
    let body = body.replace(from, to);
    let (start, _) = line.rsplit_once(' ').unwrap();
    let hash = data_encoding::HEXLOWER.encode(&sha2::Sha256::digest(&body));
    let forged = format!("{start} {hash}\n{body}");
    assert_eq!(forged.len(), text.len());
    let file = std::fs::OpenOptions::new().write(true).open(path).unwrap();
    file.write_all_at(forged.as_bytes(), at).unwrap();
}

#[test]
fn a_backup_changed_while_the_question_was_asked_was_restored() {
    if !tool("script") {
        return;
    }
    let world = World::staffed();
    world.mfactl("state backup b.tar").exits(0);
    world.mfactl("user edit bob --name 'Bob Other'").exits(0);
    let child = asked(&world);
    forge(&world.path("b.tar"), "Bob Quill", "Bob Forge");
    let (code, shown) = answered(&world, child);
    assert_eq!(code, Some(0), "{shown}");
    let bob = world.mfactl("user show bob -o json").exits(0).json();
    assert_eq!(bob["name"], "Bob Quill", "what was verified and shown is what is restored");
    world.mfactl("audit verify").exits(0);
    // What it is by now does not verify.
    world.mfactl("state restore b.tar --yes").exits(2);
}

#[test]
fn a_state_that_moves_on_while_a_restore_is_asked_about_is_not_restored() {
    if !tool("script") {
        return;
    }
    let world = World::staffed();
    world.mfactl("state backup b.tar").exits(0);
    world.mfactl("user edit bob --name 'Bob Other'").exits(0);
    let child = asked(&world);
    world.mfactl("user set-mfa bob on").exits(0);
    let (code, shown) = answered(&world, child);
    assert_eq!(code, Some(6), "{shown}");
    assert!(shown.contains("moved on from revision"), "{shown}");
}

#[test]
fn a_secret_shown_for_one_account_was_kept_for_another() {
    let world = World::staffed();
    let enrol = "mfactl user enrol mail:bob@acme.example --verify-code - --reveal -o jsonl";
    let mut child = world
        .shell(enrol)
        .stdin(Stdio::piped())
        .stdout(Stdio::piped())
        .stderr(Stdio::piped())
        .spawn()
        .unwrap();
    let mut shown = String::new();
    BufReader::new(child.stdout.as_mut().unwrap()).read_line(&mut shown).unwrap();
    let shown: Value = serde_json::from_str(&shown).unwrap();
    assert_eq!(shown["login"], "bob");
    for command in
        ["user edit bob --email other@acme.example", "user edit carol --email bob@acme.example"]
    {
        world.mfactl(command).exits(0);
    }
    let app = person::App::new(shown["secret"].as_str().unwrap(), "SHA1/6/30");
    writeln!(child.stdin.take().unwrap(), "{}", app.code(shell::NOW)).unwrap();
    let output = child.wait_with_output().unwrap();
    assert_eq!(output.status.code(), Some(6), "{}", String::from_utf8_lossy(&output.stderr));
    for login in ["bob", "carol"] {
        let user = world.mfactl(&format!("user show {login} -o json")).exits(0).json();
        assert_ne!(user["enrolment"]["method"], "totp", "{login}");
    }
}
