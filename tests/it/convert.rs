//! Enrolments that come from other tools and go to them, through the binary.

#![allow(clippy::disallowed_methods, clippy::unwrap_used)]

use crate::person;
use crate::shell;

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
    let busy = "flock users-oath.out.lock mfactl convert export users-oath users-oath.out --lock-timeout 2s";
    world.sh(busy).exits(6);
    // Nobody holds it any more.
    world.mfactl("convert export users-oath users-oath.out --lock-timeout 5s").exits(0);
    assert!(!world.path("users-oath.out.lock").exists());
    let log = world.mfactl("audit log --user bob --action convert.export -o json").exits(0).json();
    assert_eq!(log.as_array().unwrap().len(), 6, "whose secrets went out is recorded");
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
    let strace = "strace -f -qq -o /dev/null -e trace=linkat -e inject=linkat:error=EIO";
    let run = world.sh(&format!("{strace} mfactl convert export otpauth out -o json")).exits(9);
    assert_eq!(run.error()["code"], "outcome-unknown");
    assert_eq!(world.rev(), rev + 1);
    assert!(!world.path("out").exists() && !world.path("out.new").exists());
    world.mfactl("convert export otpauth out").exits(0);
}

/// Bug: the secrets were in the file before the export was recorded. The file system may be the
/// person's own, and one without unnamed files shows the file at once: whoever stopped the export
/// there had them without a trace.
#[test]
fn secrets_were_handed_over_before_the_record_of_it() {
    if !tool("strace") {
        return;
    }
    let world = World::staffed();
    world.mfactl("user enrol alice --unverified --out secret").exits(0);
    let export = "strace -f -qq -s 65536 -o trace -e trace=write,pwrite64 mfactl convert export";
    world.sh(&format!("{export} otpauth out")).exits(0);
    let secret = std::fs::read_to_string(world.path("out")).unwrap();
    let secret = secret.split_once("secret=").unwrap().1.split('&').next().unwrap().to_owned();
    let trace = std::fs::read_to_string(world.path("trace")).unwrap();
    let at = |what: &str| trace.find(what).unwrap_or_else(|| panic!("no {what} in\n{trace}"));
    assert!(at("convert.export") < at(&secret), "{trace}");
    // Room is taken before: what fails for want of it changes nothing.
    let rev = world.rev();
    world.sh("ulimit -f 0; mfactl convert export otpauth other").exits(8);
    assert_eq!((world.rev(), world.path("other").exists()), (rev, false));
}

#[test]
fn what_stands_in_the_way_of_an_export_is_named() {
    let world = with_a_secret();
    std::fs::write(world.path("a"), "").unwrap();
    std::os::unix::fs::symlink("a", world.path("link")).unwrap();
    let rev = world.rev();
    let run = world.mfactl("convert export users-oath link").exits(2);
    assert!(run.stderr.contains("symbolic link"), "{}", run.stderr);
    assert_eq!(std::fs::read(world.path("a")).unwrap(), b"");
    world.mfactl("convert export otpauth a --dry-run").exits(2);
    let run = world.mfactl("user enrol bob --out a").exits(2);
    assert!(run.stderr.contains("left of a run that was stopped"), "{}", run.stderr);
    assert_eq!(world.rev(), rev);
}

#[test]
fn rights_come_before_whether_there_are_secrets() {
    let world = World::staffed();
    let run = world.as_user("hal", "convert export otpauth out").exits(5);
    assert!(run.stderr.contains("site"), "{}", run.stderr);
    assert!(!world.path("out").exists());
    world.mfactl("convert export otpauth out").exits(4);
}

const KEY: &str = "GEZDGNBVGY3TQOJQGEZDGNBVGY3TQOJQ";

#[test]
fn a_code_of_the_future_that_is_said_to_be_used_locks_nobody_out() {
    let mut world = World::small();
    let file = format!("{KEY}\n\" DISALLOW_REUSE 18446744073709551615\n\" TOTP_AUTH\n");
    std::fs::write(world.path("ga"), file).unwrap();
    let import = "convert import google-authenticator ga --user alice";
    let run = world.mfactl(&format!("{import} --strict")).exits(2);
    assert!(run.stderr.contains("line 2: a used code lies in the future"), "{}", run.stderr);
    let run = world.mfactl(import).exits(0);
    assert!(run.stderr.contains("line 2: a used code lies in the future"), "{}", run.stderr);
    world.at(LATER);
    verify(&world, "alice", &App::new(KEY, "SHA1/6/30").code(LATER)).exits(0);
    world.mfactl("convert export users-oath out").exits(0);
    let out = std::fs::read_to_string(world.path("out")).unwrap();
    assert!(out.contains("2026-11-21T09:00:30L"), "{out}");
}

#[test]
fn an_import_that_changes_nothing_writes_nothing() {
    let mut world = World::small();
    let app = App::new(KEY, "SHA1/6/30");
    let write = |steps: &str| {
        let file = format!("{KEY}\n\" DISALLOW_REUSE {steps}\n\" TOTP_AUTH\n");
        std::fs::write(world.path("ga"), file).unwrap();
    };
    let import = "convert import google-authenticator ga --user alice -o json";
    write("1 2");
    world.mfactl(import).exits(0);
    let before = world.files();
    let again = world.mfactl(import).exits(0).json();
    assert_eq!((&again["changed"], &again["unchanged"]), (&false.into(), &1.into()));
    assert!(world.files() == before);
    // A code was used there since: that is a change, and recorded.
    let step = app.totp.step(mfactl::domain::time::Time::parse_rfc3339(LATER).unwrap()).unwrap();
    write(&step.to_string());
    let rev = world.rev();
    let used = world.mfactl(import).exits(0).json();
    assert_eq!((&used["changed"], &used["rev"]), (&true.into(), &(rev + 1).into()));
    let again = world.mfactl(import).exits(0).json();
    assert_eq!((&again["changed"], &again["rev"]), (&false.into(), &Value::Null));
    world.at(LATER);
    refused(verify(&world, "alice", &app.code(LATER)), "code-used");
    world.mfactl("state check").exits(0);
}

/// However many enrolments a shard of sign-ins gets, it is written once.
#[test]
fn an_import_of_many_writes_each_shard_once() {
    let world = World::small();
    let logins = 0..300;
    let users: String = logins.clone().map(|n| format!("many{n},m-{n},acme\n")).collect();
    std::fs::write(world.path("many.csv"), format!("login,id,orgs\n{users}")).unwrap();
    world.mfactl("user import many.csv").exits(0);
    let keys: String = logins.map(|n| format!("otpauth://totp/many{n}?secret={KEY}\n")).collect();
    std::fs::write(world.path("keys"), keys).unwrap();
    world.mfactl("convert import otpauth keys").exits(0);
    let mut most = 0;
    for entry in std::fs::read_dir(world.state().join("signin")).unwrap() {
        let path = entry.unwrap().path();
        if path.extension().is_some_and(|end| end == "yaml") {
            let text = std::fs::read_to_string(path).unwrap();
            assert!(text.starts_with("# mfactl 1 · rev 1 · "), "{text}");
            most = most.max(text.lines().count() - 1);
        }
    }
    assert!(most > 1, "no shard has two lines: the test shows nothing");
    world.mfactl("state check").exits(0);
}

#[test]
fn what_ends_a_secret_names_where_it_was_exported() {
    let world = with_a_secret();
    world.mfactl("user enrol bob --unverified --reveal").exits(0);
    world.mfactl("convert export users-oath oath").exits(0);
    world.mfactl("convert export otpauth keys alice").exits(0);
    let follow_up = |command: &str| {
        let answer = world.mfactl(&format!("{command} -o json")).exits(0).json();
        answer["follow_up"].as_str().unwrap_or_default().to_owned()
    };
    let renamed = follow_up("user rename alice alison");
    assert!(renamed.contains("users-oath as alice at 2026-11-21T09:00:00Z"), "{renamed}");
    // The new name comes beside the old one, which the file does not lose by itself.
    let run = world.mfactl("convert export users-oath oath").exits(0);
    assert!(run.stderr.contains("line 1: alice: no such account is here"), "{}", run.stderr);
    world.mfactl("convert export users-oath oath --strict").exits(0);
    for command in ["user deactivate alison", "user reset alison"] {
        let words = follow_up(command);
        for place in ["users-oath as alice ", "otpauth as alice ", "users-oath as alison "] {
            assert!(words.contains(place), "{command}: {words}");
        }
        world.mfactl("user activate alison").exits(0);
    }
    assert!(follow_up("user reset bob").contains("users-oath as bob "));
    let run = world.mfactl("convert export users-oath oath").exits(4);
    assert!(run.stderr.contains("nobody has a secret"), "{}", run.stderr);
    // What is told once is done with: the next secret went nowhere yet.
    world.mfactl("user enrol bob --unverified --reveal").exits(0);
    assert!(!follow_up("user reset bob").contains("export"));
    world.mfactl("user enrol bob --unverified --reveal").exits(0);
    let run = world.mfactl("convert export users-oath oath").exits(0);
    assert!(run.stderr.contains("alison: nothing is enrolled here"), "{}", run.stderr);
    let run = world.mfactl("user enrol bob --unverified --reveal -o json").exits(0);
    assert!(run.stderr.contains("users-oath as bob"), "{}", run.stderr);
    world.mfactl("convert export otpauth keys2 bob").exits(0);
    assert!(follow_up("user remove bob --yes").contains("otpauth as bob"));
    world.mfactl("state check").exits(0);
    world.mfactl("audit verify").exits(0);
}

#[test]
fn a_wrong_line_is_named_with_its_file() {
    let world = World::small();
    std::fs::write(world.path("keys"), "nonsense\n").unwrap();
    let error = world.mfactl("convert import otpauth keys -o json").exits(2).error();
    assert_eq!(error["subject"], "keys");
    assert!(error["message"].as_str().unwrap().starts_with("keys, line 1: not a URI"), "{error}");
}

#[test]
fn entra_is_told_the_e_mail_address() {
    let world = with_a_secret();
    world.mfactl("user add noaddress --org acme").exits(0);
    world.mfactl("user enrol noaddress --unverified --reveal").exits(0);
    let run = world.mfactl("convert export entra-csv out").exits(0);
    assert!(run.stderr.contains("noaddress: there is no e-mail address"), "{}", run.stderr);
    assert!(!run.stderr.contains("alice"), "{}", run.stderr);
    let out = std::fs::read_to_string(world.path("out")).unwrap();
    assert!(out.contains("\nalice@acme.example,") && out.contains("\nnoaddress,"), "{out}");
}

/// Only what can still be done is worth a word.
#[test]
fn a_code_that_can_be_used_once_more_elsewhere_is_named() {
    let mut world = World::small();
    let (app, _) = person::enrol(&world, "alice", NOW);
    for format in ["otpauth", "google-migration", "entra-csv"] {
        let run = world.mfactl(&format!("convert export {format} {format} --strict")).exits(2);
        assert!(run.stderr.contains("can be used once more there"), "{}", run.stderr);
    }
    world.mfactl("convert export users-oath oath --strict").exits(0);
    world.at("2026-11-21T09:05:00Z");
    assert_ne!(app.code(NOW), app.code(LATER));
    world.mfactl("convert export otpauth otpauth --strict").exits(0);
}
