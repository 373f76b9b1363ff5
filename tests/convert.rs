//! Enrolments that come from other tools and go to them, through the binary.

#![allow(clippy::disallowed_methods, clippy::unwrap_used)]

mod person;
mod shell;

use std::os::unix::fs::PermissionsExt;

use person::{App, refused, verify};
use serde_json::Value;
use shell::{NOW, World, tool};

const LATER: &str = "2026-11-21T09:00:30Z";

/// Files of other tools, both ways.
#[test]
fn enrolments_come_and_go() {
    let mut world = World::small();
    let uri = |who: &str, key: &str| {
        format!(
            "otpauth://totp/acme:{who}?secret={key}&issuer=acme&algorithm=SHA1&digits=6&period=30\n"
        )
    };
    let (one, two) = ("GEZDGNBVGY3TQOJQGEZDGNBVGY3TQOJQ", "JBSWY3DPEHPK3PXPJBSWY3DPEHPK3PXP");
    let write = |text: &str| std::fs::write(world.path("keys"), text).unwrap();
    let before = world.files();
    write(&format!("{}{}", uri("alice", one), uri("stranger", two)));
    let error = world.mfactl("convert import otpauth keys").exits(4).stderr;
    assert!(error.contains("keys, line 2: no user stranger"), "{error}");
    write(&format!("{}otpauth://hotp/x\n", uri("alice", one)));
    assert!(world.mfactl("convert import otpauth keys").exits(2).stderr.contains("line 2"));
    write(&format!("{}{}", uri("alice", one), uri("bob%40acme.example", two)));
    world.mfactl("convert import otpauth keys --dry-run").exits(0);
    world.as_user("stranger", "convert import otpauth keys").exits(5);
    assert!(world.files() == before);

    let report = world.mfactl("convert import otpauth keys -o json").exits(0).json();
    assert_eq!((&report["enrolments"], &report["unchanged"]), (&2.into(), &0.into()));
    let (alice, bob) = (App::new(one, "SHA1/6/30"), App::new(two, "SHA1/6/30"));
    refused(verify(&world, "alice", &alice.code(NOW)), "code-used");
    let again = world.mfactl("convert import otpauth keys -o json").exits(0).json();
    assert_eq!(
        (&again["changed"], &again["unchanged"], &again["rev"]),
        (&false.into(), &2.into(), &Value::Null)
    );
    let other = uri("alice", two);
    std::fs::write(world.path("keys"), other).unwrap();
    assert!(
        world.mfactl("convert import otpauth keys").exits(3).stderr.contains("user reset alice")
    );

    world.at(LATER);
    verify(&world, "alice", &alice.code(LATER)).exits(0);
    world.mfactl("user set-mfa bob on").exits(0);
    verify(&world, "bob", &bob.code(LATER)).exits(0);
    for format in ["otpauth", "google-migration", "users-oath", "entra-csv"] {
        let out = format!("{format}.out");
        world.mfactl(&format!("convert export {format} {out}")).exits(0);
        let mode = std::fs::metadata(world.path(&out)).unwrap().permissions().mode();
        assert_eq!(mode & 0o777, 0o600, "{format}");
        let fresh = World::small();
        std::fs::copy(world.path(&out), fresh.path("in")).unwrap();
        let read = fresh.mfactl(&format!("convert import {format} in -o json")).exits(0).json();
        assert_eq!(read["enrolments"], 2, "{format}");
    }
    assert_eq!(world.mfactl("convert export otpauth otpauth.out").exits(2).code, 2, "it is there");
    world.mfactl("convert export google-authenticator ga").exits(2);
    world.mfactl("convert export google-authenticator ga bob").exits(0);
    world.mfactl("convert export google-authenticator ga dave").exits(3);
    world.mfactl("user reset bob").exits(0);
    world.mfactl("convert import google-authenticator ga").exits(2);
    world.mfactl("convert import google-authenticator ga --user bob").exits(0);
    world.mfactl("convert export otpauth -").exits(2);
    std::fs::write(world.path("users-oath.out.lock"), "").unwrap();
    world.mfactl("convert export users-oath users-oath.out --lock-timeout 1s").exits(6);
    let log = world.mfactl("audit log --user bob --action convert.export -o json").exits(0).json();
    assert_eq!(log.as_array().unwrap().len(), 5, "whose secrets went out is recorded");
    world.mfactl("state check").exits(0);
}

/// A world in which alice has a secret.
fn with_a_secret() -> World {
    let world = World::small();
    world.mfactl("user enrol alice --unverified --reveal").exits(0);
    world
}

#[test]
fn neither_state_nor_key_is_written_over() {
    let world = with_a_secret();
    let (state, key) = (world.state(), world.state().with_extension("key"));
    assert!(key.exists(), "the key is beside the state");
    for (place, words) in [
        (state.join("users/x"), "inside the state directory"),
        (state.join("x"), "inside the state directory"),
        (key, "the file of the sealing key"),
    ] {
        let place = place.display();
        for command in [
            format!("convert export otpauth {place}"),
            format!("convert export users-oath {place}"),
            format!("convert export users-oath {place} --dry-run"),
            format!("user enrol bob --out {place}"),
            format!("user enrol bob --png {place}"),
            format!("state backup {place} --yes"),
        ] {
            let run = world.mfactl(&command).exits(2);
            assert!(run.stderr.contains(words), "{command}: {}", run.stderr);
        }
    }
    world.mfactl("state check").exits(0);
    world.mfactl("key info").exits(0);
}

/// Everything but the name is there when an export is recorded; where that fails, 8
/// would say that nothing was changed.
#[test]
fn an_export_that_is_recorded_and_not_made_is_no_8() {
    if !tool("strace") {
        return;
    }
    let world = with_a_secret();
    let rev = world.rev();
    let strace = "strace -f -qq -o /dev/null -e trace=renameat2 -e inject=renameat2:error=EIO";
    let run = world.sh(&format!("{strace} mfactl convert export otpauth out -o json")).exits(9);
    assert_eq!(run.error()["code"], "outcome-unknown");
    assert_eq!(world.rev(), rev + 1);
    assert!(!world.path("out").exists() && !world.path("out.new").exists());
    world.mfactl("convert export otpauth out").exits(0);
}

#[test]
fn what_stands_in_the_way_of_an_export_is_named() {
    let world = with_a_secret();
    std::fs::write(world.path("a"), "").unwrap();
    std::os::unix::fs::symlink("a", world.path("link")).unwrap();
    std::fs::write(world.path("b.new"), "").unwrap();
    let rev = world.rev();
    for (file, words) in [
        ("link", "symbolic link"),
        ("b", "b.new: it is there already"),
        ("b", "left of a run that was stopped"),
    ] {
        let run = world.mfactl(&format!("convert export users-oath {file}")).exits(2);
        assert!(run.stderr.contains(words), "{}", run.stderr);
    }
    assert_eq!(std::fs::read(world.path("a")).unwrap(), b"");
    world.mfactl("convert export otpauth a --dry-run").exits(2);
    let run = world.mfactl("user enrol bob --out a").exits(2);
    assert!(run.stderr.contains("left of a run that was stopped"), "{}", run.stderr);
    assert_eq!(world.rev(), rev);
    assert!(!world.path("b.lock").exists());
}

#[test]
fn rights_come_before_whether_there_are_secrets() {
    let world = World::staffed();
    let run = world.as_user("hal", "convert export otpauth out").exits(5);
    assert!(run.stderr.contains("site"), "{}", run.stderr);
    assert!(!world.path("out").exists());
    world.mfactl("convert export otpauth out").exits(4);
}
