//! What a restore does to second factors: sign-in state that is newer stays, no used
//! code comes back, and whose secret is nowhere enrols again.

#![allow(clippy::disallowed_methods, clippy::unwrap_used)]

use crate::person;
use crate::shell;

use person::{App, enrol, refused, verify};
use serde_json::Value;
use shell::{NOW, World};

const LATER: &str = "2026-11-21T09:00:30Z";
const LATER_STILL: &str = "2026-11-21T09:01:00Z";
const MUCH_LATER: &str = "2026-11-21T10:00:00Z";

/// alice is enrolled, and `secret.tar` and `plain.tar` are backups of that, with and
/// without secrets.
fn enrolled() -> (World, App, Vec<String>) {
    let world = World::small();
    let (app, codes) = enrol(&world, "alice", NOW);
    world.mfactl("state backup secret.tar --with-secrets").exits(0);
    world.mfactl("state backup plain.tar").exits(0);
    (world, app, codes)
}

/// Hands out another secret: the tests' randomness comes again with every command.
fn hand_out_another(world: &World) -> App {
    let shown = world.sh("MFACTL_TEST_SEED=7 mfactl user enrol alice --reveal -o json").exits(0);
    App::new(shown.json()["secret"].as_str().unwrap(), "SHA1/6/30")
}

fn restore(world: &World, backup: &str) -> Value {
    let run = world.mfactl(&format!("state restore {backup} --yes -o json")).exits(0);
    world.mfactl("state check").exits(0);
    world.mfactl("audit verify").exits(0);
    run.json()
}

fn lost(answer: &Value) -> bool {
    answer["warnings"].as_array().unwrap().iter().any(|it| it.to_string().contains("is nowhere"))
}

fn enrolment(world: &World) -> String {
    let user = world.mfactl("user show alice -o json").exits(0).json();
    user["enrolment"]["status"].as_str().unwrap().to_owned()
}

/// A backup with secrets brings no used code back.
#[test]
fn a_restored_enrolment_revives_no_code() {
    let mut world = World::small();
    let (app, codes) = enrol(&world, "alice", NOW);
    world.mfactl("state backup b.tar --with-secrets").exits(0);
    world.at(LATER);
    let code = app.code(LATER);
    verify(&world, "alice", &code).exits(0);
    verify(&world, "alice", &codes[0]).exits(0);
    world.mfactl("user codes alice --out new-codes").exits(0);
    world.mfactl("user reset alice").exits(0);
    world.mfactl("state restore b.tar --yes").exits(0);
    refused(verify(&world, "alice", &code), "code-used");
    refused(verify(&world, "alice", &codes[0]), "code-used");
    world.at(LATER_STILL);
    verify(&world, "alice", &app.code(LATER_STILL)).exits(0);
    world.mfactl("state check").exits(0);
    // On a new host: sign-in state is in no backup.
    std::fs::remove_dir_all(world.state()).unwrap();
    world.mfactl("state restore b.tar").exits(0);
    world.mfactl("state check").exits(0);
    refused(verify(&world, "alice", &app.code(LATER_STILL)), "code-used");
    refused(verify(&world, "alice", &codes[1]), "code-used");
    world.at("2026-11-21T09:01:30Z");
    verify(&world, "alice", &app.code("2026-11-21T09:01:30Z")).exits(0);
}

#[test]
fn sign_in_state_that_is_newer_stays() {
    for backup in ["secret.tar", "plain.tar"] {
        let (mut world, app, codes) = enrolled();
        world.mfactl("user edit alice --name Alicia").exits(0);
        world.mfactl("user unlock alice").exits(0);
        world.at(LATER);
        verify(&world, "alice", &app.code(LATER)).exits(0);
        verify(&world, "alice", &codes[0]).exits(0);
        world.mfactl("user codes alice --reveal -o json").exits(0);
        let new: Value = world.mfactl("user codes alice --reveal -o json").exits(0).json();
        let new = |n: usize| new["recovery_codes"][n].as_str().unwrap().to_owned();
        verify(&world, "alice", &new(0)).exits(0);
        assert!(!lost(&restore(&world, backup)), "{backup}");
        let user = world.mfactl("user show alice -o json").exits(0).json();
        assert_eq!(user["name"], "Alice Jones");
        // The codes that were issued since are those that count, and what is used is used.
        refused(verify(&world, "alice", &app.code(LATER)), "code-used");
        refused(verify(&world, "alice", &new(0)), "code-used");
        refused(verify(&world, "alice", &codes[1]), "code-wrong");
        verify(&world, "alice", &new(1)).exits(0);
    }
}

#[test]
fn a_lock_out_and_an_unlock_outlive_a_restore() {
    let (mut world, app, _) = enrolled();
    let fail = |world: &World| refused(verify(world, "alice", "000000"), "code-wrong");
    (0..5).for_each(|_| drop(fail(&world)));
    world.mfactl("user unlock alice").exits(0);
    // What was unlocked since the backup is not locked by it.
    world.mfactl("user edit alice --name Alicia").exits(0);
    restore(&world, "plain.tar");
    (0..5).for_each(|_| drop(fail(&world)));
    world.mfactl("user edit alice --name Alicia").exits(0);
    // Nor is what was locked since unlocked.
    for backup in ["plain.tar", "secret.tar"] {
        restore(&world, backup);
        refused(verify(&world, "alice", &app.code(LATER)), "locked-out");
    }
    world.mfactl("user unlock alice").exits(0);
    world.at(LATER);
    verify(&world, "alice", &app.code(LATER)).exits(0);
}

#[test]
fn an_older_enrolment_comes_back_with_its_secret_or_not_at_all() {
    for backup in ["secret.tar", "plain.tar"] {
        let (mut world, old, codes) = enrolled();
        world.at(LATER);
        verify(&world, "alice", &old.code(LATER)).exits(0);
        world.at(LATER_STILL);
        let new = hand_out_another(&world);
        std::fs::write(world.path("code"), new.code(LATER_STILL)).unwrap();
        world.mfactl("user confirm alice --code-from code --reveal").exits(0);
        world.at(MUCH_LATER);
        verify(&world, "alice", &new.code(MUCH_LATER)).exits(0);
        let answer = restore(&world, backup);
        if backup == "plain.tar" {
            assert!(lost(&answer), "{answer}");
            assert_eq!(enrolment(&world), "none");
            refused(verify(&world, "alice", &old.code(MUCH_LATER)), "enrol-first");
            continue;
        }
        assert!(!lost(&answer), "{answer}");
        // Its line went with the sign-in: the last step is now, its recovery codes are void.
        refused(verify(&world, "alice", &new.code(MUCH_LATER)), "code-wrong");
        refused(verify(&world, "alice", &old.code(MUCH_LATER)), "code-used");
        refused(verify(&world, "alice", &codes[0]), "code-used");
        world.at("2026-11-21T10:00:30Z");
        verify(&world, "alice", &old.code("2026-11-21T10:00:30Z")).exits(0);
        let user = world.mfactl("user show alice -o json").exits(0).json();
        assert_eq!(user["enrolment"]["recovery_codes_left"], 0);
    }
}

/// Only what waited to be confirmed differs: the authenticator in use is still there.
#[test]
fn what_only_waits_takes_nothing_else_with_it() {
    let (mut world, app, _) = enrolled();
    hand_out_another(&world);
    assert!(!lost(&restore(&world, "plain.tar")));
    assert_eq!(enrolment(&world), "enrolled");
    let show = world.mfactl("user show alice -o json").exits(0).json();
    assert_eq!(show["enrolment"]["method"], "totp");
    world.at(LATER);
    verify(&world, "alice", &app.code(LATER)).exits(0);
}

#[test]
fn a_user_who_went_comes_back_with_the_secret_or_without() {
    for (backup, status) in [("secret.tar", "enrolled"), ("plain.tar", "none")] {
        let (mut world, app, _) = enrolled();
        world.mfactl("user remove alice --yes").exits(0);
        assert_eq!(lost(&restore(&world, backup)), status == "none");
        assert_eq!(enrolment(&world), status);
        world.at(MUCH_LATER);
        let run = verify(&world, "alice", &app.code(MUCH_LATER));
        assert_eq!(run.code, i32::from(status == "none"), "{}", run.stdout);
    }
}

#[test]
fn on_a_new_host_whose_secret_is_nowhere_enrols_again() {
    let (mut world, app, _) = enrolled();
    world.sh("mv demo away").exits(0);
    assert!(lost(&restore(&world, "plain.tar")));
    assert_eq!(enrolment(&world), "none");
    refused(verify(&world, "alice", &app.code(LATER)), "enrol-first");
    let (app, _) = enrol(&world, "alice", LATER);
    world.at(LATER_STILL);
    verify(&world, "alice", &app.code(LATER_STILL)).exits(0);
}

#[test]
fn a_key_that_is_not_there_is_said() {
    let (mut world, app, _) = enrolled();
    world.sh("mv demo away; mv demo.key away.key").exits(0);
    let answer = restore(&world, "secret.tar");
    let words = answer["warnings"].to_string();
    assert!(words.contains("cannot be opened here yet") && words.contains("demo.key"), "{words}");
    world.at(LATER_STILL);
    verify(&world, "alice", &app.code(LATER_STILL)).exits(7);
    // In place nothing is restored meanwhile: everybody would have to enrol again.
    world.mfactl("user reset alice").exits(0);
    let files = world.files();
    let run = world.mfactl("state restore secret.tar --yes -o json").exits(7);
    assert_eq!(run.error()["code"], "key-file");
    assert!(world.files() == files);
    world.sh("mv away.key demo.key").exits(0);
    restore(&world, "secret.tar");
    world.at(MUCH_LATER);
    verify(&world, "alice", &app.code(MUCH_LATER)).exits(0);
}

#[test]
fn what_is_sealed_with_a_key_that_is_gone_is_nowhere() {
    let (mut world, app, _) = enrolled();
    world.mfactl("key rotate --yes --forget-old").exits(0);
    world.mfactl("user edit alice --name Alicia").exits(0);
    // What is still there was sealed anew.
    assert!(!lost(&restore(&world, "secret.tar")));
    world.at(LATER);
    verify(&world, "alice", &app.code(LATER)).exits(0);
    world.mfactl("user reset alice").exits(0);
    assert!(lost(&restore(&world, "secret.tar")));
    assert_eq!(enrolment(&world), "none");
}

/// An enrolment in use whose line is lost is damaged: nobody gets in by it before a restore
/// is committed.
#[test]
fn a_restore_that_failed_gave_lost_sign_in_lines_anew() {
    if !shell::tool("strace") {
        return;
    }
    let (mut world, app, _) = enrolled();
    world.mfactl("user edit bob --name Robert").exits(0);
    world.at(LATER);
    world.sh("rm demo/signin/*.yaml").exits(0);
    let kill = "strace -f -o /dev/null -e trace=fdatasync -e inject=fdatasync:signal=KILL:when=1";
    let restore = "mfactl state restore plain.tar --yes";
    assert_ne!(world.sh(&format!("{kill} {restore}")).code, 0);
    assert_eq!(world.sh("ls demo/signin | grep -c yaml$").stdout, "0\n");
    verify(&world, "alice", &app.code(LATER)).exits(7);
    world.sh(restore).exits(0);
    refused(verify(&world, "alice", &app.code(LATER)), "code-used");
    world.at(LATER_STILL);
    verify(&world, "alice", &app.code(LATER_STILL)).exits(0);
    world.mfactl("state check").exits(0);
}

/// Codes renewed since the last sign-in, and something else to restore: whatever becomes of
/// the restore, what the person holds counts, and what was used does not.
#[test]
fn a_restore_does_not_void_recovery_codes_that_were_renewed_since() {
    let eio = "fdatasync:error=EIO";
    let injections = [
        "".into(),
        "fdatasync:signal=KILL:when=1".into(),
        format!("{eio}:when=1+"),
        format!("{eio}:when=2"),
    ];
    for injected in injections {
        let (mut world, app, _) = enrolled();
        world.at(LATER);
        verify(&world, "alice", &app.code(LATER)).exits(0);
        let new = world.mfactl("user codes alice --reveal -o json").exits(0).json();
        let code = |n: usize| new["recovery_codes"][n].as_str().unwrap().to_owned();
        // Only something pending differs from the backup.
        hand_out_another(&world);
        let before = world.files();
        let mut command = "mfactl state restore secret.tar --yes".to_owned();
        if !injected.is_empty() {
            if !shell::tool("strace") {
                return;
            }
            let calls = injected.split(':').next().unwrap();
            command =
                format!("strace -f -o /dev/null -e trace={calls} -e inject={injected} {command}");
        }
        let run = world.sh(&command);
        assert_eq!(run.code == 0, injected.is_empty(), "{injected}: {}", run.stderr);
        if !injected.is_empty() {
            let of_signins = |files: &[(std::path::PathBuf, Vec<u8>)]| {
                let mut files = files.to_vec();
                files.retain(|(path, _)| path.starts_with(world.state().join("signin")));
                files
            };
            assert!(of_signins(&world.files()) == of_signins(&before), "{injected}");
        }
        let user = world.mfactl("user show alice -o json").exits(0).json();
        assert_eq!(user["enrolment"]["recovery_codes_left"], 10, "{injected}");
        world.at(LATER_STILL);
        verify(&world, "alice", &code(0)).exits(0);
        refused(verify(&world, "alice", &code(0)), "code-used");
        world.mfactl("state check").exits(0);
    }
}
