//! Files that are written and read where the command line says, and answers about them: a
//! regression test for each fault.

#![allow(clippy::disallowed_methods, clippy::unwrap_used)]

use crate::shell;

use std::os::unix::fs::symlink;
use std::process::Stdio;
use std::time::{Duration, Instant};

use shell::{Run, World};

const GRANT: &str = "exception grant alice --long --org acme --reason accessibility";

/// alice#1, with two files of evidence.
fn with_evidence() -> World {
    let world = World::staffed();
    std::fs::write(world.path("a.pdf"), "one").unwrap();
    std::fs::write(world.path("b.pdf"), "two").unwrap();
    world.mfactl(&format!("{GRANT} --evidence a.pdf --evidence b.pdf")).exits(0);
    world
}

fn injected(world: &World, inject: &str, command: &str) -> Run {
    let calls = inject.split(':').next().unwrap();
    world.sh(&format!(
        "exec strace -f -qq -o /dev/null -e trace={calls} -e inject={inject} mfactl {command}"
    ))
}

#[test]
fn the_second_of_two_enrolments_with_one_out_file_lost_its_secret() {
    if !shell::tool("strace") {
        return;
    }
    let world = World::small();
    let slow = "exec strace -f -qq -o /dev/null -e inject=linkat:delay_enter=3000000:when=1 \
                mfactl user enrol alice --out a.txt";
    let slow = world.shell(slow).stdout(Stdio::piped()).stderr(Stdio::piped()).spawn().unwrap();
    let (since, rev) = (Instant::now(), world.rev());
    while world.rev() == rev {
        assert!(since.elapsed() < Duration::from_secs(60), "nothing was committed");
        std::thread::sleep(Duration::from_millis(20));
    }
    world.mfactl("user enrol bob --out a.txt").exits(0);
    let done = slow.wait_with_output().unwrap();
    let (stdout, stderr) =
        (String::from_utf8(done.stdout).unwrap(), String::from_utf8(done.stderr).unwrap());
    assert_eq!(done.status.code(), Some(0), "{stderr}");
    assert!(stderr.contains("another run made a.txt at the same time"), "{stderr}");
    assert!(stdout.contains("a.txt-2"), "{stdout}");
    let secret = |name: &str| std::fs::read_to_string(world.path(name)).unwrap();
    assert!(secret("a.txt").contains("bob") && secret("a.txt-2").contains("alice"));
}

#[test]
fn a_slash_at_the_end_of_out_followed_a_link() {
    let world = with_evidence();
    std::fs::create_dir(world.path("elsewhere")).unwrap();
    symlink("elsewhere", world.path("link")).unwrap();
    for out in ["link", "link/", "link/.", "link//"] {
        world.mfactl(&format!("exception evidence alice#1 --out {out}")).exits(2);
    }
    assert_eq!(std::fs::read_dir(world.path("elsewhere")).unwrap().count(), 0);
    world.mfactl("exception evidence alice#1 --out got/").exits(0);
    let refused = world.mfactl("user enrol alice --out elsewhere/").exits(2).stderr;
    assert!(refused.contains("name a file"), "{refused}");
}

#[test]
fn evidence_made_the_folders_above_its_folder() {
    let world = with_evidence();
    let refused = world.mfactl("exception evidence alice#1 --out no/such/folder").exits(2).stderr;
    assert!(refused.contains("the folder above it does not exist"), "{refused}");
    assert!(!world.path("no").exists());
}

#[test]
fn an_error_at_the_first_name_left_one_of_two_files() {
    if !shell::tool("strace") {
        return;
    }
    let mut unsure = 0;
    for when in 1.. {
        let world = with_evidence();
        let inject = format!("fsync:error=EIO:when={when}");
        let run = injected(&world, &inject, "exception evidence alice#1 --out got");
        if run.code == 0 {
            break;
        }
        let files = std::fs::read_dir(world.path("got")).unwrap().count();
        assert!(
            (run.code, files) == (8, 0) || (run.code, files) == (9, 2),
            "{}: {}, {files}",
            run.code,
            run.stderr
        );
        unsure += usize::from(run.code == 9);
    }
    assert_eq!(unsure, 2);
}

#[test]
fn evidence_of_no_bytes_was_taken() {
    let world = World::staffed();
    std::fs::write(world.path("empty.pdf"), "").unwrap();
    let refused = world.mfactl(&format!("{GRANT} --evidence empty.pdf")).exits(2).stderr;
    assert!(refused.contains("cannot keep empty.pdf as evidence: the file is empty"), "{refused}");
}

#[test]
fn two_files_of_one_long_name_had_no_room_for_a_number() {
    let world = World::staffed();
    let name = format!("{}.pdf", "é".repeat(125));
    assert_eq!(name.len(), 254);
    for (folder, text) in [("one", "1"), ("two", "2")] {
        std::fs::create_dir(world.path(folder)).unwrap();
        std::fs::write(world.path(folder).join(&name), text).unwrap();
    }
    world.mfactl(&format!("{GRANT} --evidence one/{name} --evidence two/{name}")).exits(0);
    world.mfactl("exception evidence alice#1 --out got").exits(0);
    assert_eq!(std::fs::read_dir(world.path("got")).unwrap().count(), 2);
}

#[test]
fn a_state_with_a_long_name_could_not_be_made() {
    let world = World::new();
    let name = "s".repeat(240);
    world.sh(&format!("mfactl --state {name} init")).exits(0);
    world.sh(&format!("mfactl --state {name} state check")).exits(0);
}

#[test]
fn what_a_killed_run_left_of_a_replaced_file_was_not_told() {
    if !shell::tool("strace") {
        return;
    }
    let world = World::small();
    world.mfactl("state backup b.tar").exits(0);
    let killed = injected(&world, "renameat:signal=KILL:when=1", "state backup b.tar --yes");
    assert_ne!(killed.code, 0);
    let left = ".b.tar.mfactl-new";
    assert!(world.path(left).exists());
    let told = world.mfactl("state check").exits(0).stderr;
    assert!(told.contains(left), "{told}");
    world.mfactl("state backup b.tar --yes").exits(0);
    assert!(!world.path(left).exists());
    assert_eq!(world.mfactl("state check").exits(0).stderr, "");
}

#[test]
fn an_empty_file_of_another_tool_was_imported() {
    let world = World::small();
    std::fs::write(world.path("empty"), "\n").unwrap();
    for format in ["otpauth", "users-oath", "google-migration"] {
        let refused = world.mfactl(&format!("convert import {format} empty")).exits(2).stderr;
        assert!(refused.contains("empty"), "{format}: {refused}");
    }
}

#[test]
fn the_line_about_a_long_wait_did_not_say_what_for() {
    if !shell::tool("strace") {
        return;
    }
    let world = World::small();
    let slow = "exec strace -f -o /dev/null -e inject=fsync:delay_enter=3000000:when=1 \
                mfactl user set-mfa alice off";
    let mut slow = world.shell(slow).stdout(Stdio::null()).stderr(Stdio::null()).spawn().unwrap();
    let note = || std::fs::read_to_string(world.path("demo/lock")).unwrap_or_default();
    while !note().contains("user set-mfa") {
        assert!(slow.try_wait().unwrap().is_none(), "it ended early");
        std::thread::sleep(Duration::from_millis(10));
    }
    let told = world.mfactl("user set-mfa bob on").exits(0).stderr;
    slow.wait().unwrap();
    assert!(told.contains("waiting for the lock of ") && told.contains("held by pid "), "{told}");
    assert!(told.contains(": mfactl user set-mfa"), "{told}");
}

#[test]
fn an_accepted_clock_brought_a_revoked_exception_back() {
    let mut world = World::small();
    world.mfactl("exception grant alice --short --org acme --reason no-signal").exits(0);
    world.at("2026-11-21T15:00:00Z").mfactl("exception revoke alice#1").exits(0);
    world.at("2026-11-21T10:00:00Z");
    world.mfactl("state accept-clock -m 'the clock was ahead'").exits(0);
    let shown = world.mfactl("exception show alice#1 -o json").exits(0).json();
    assert_eq!(shown["status"], "revoked");
    let decided = world.mfactl("explain alice --org acme -o json").exits(0).json();
    assert_ne!(decided["requirement"], "exempt", "{decided}");
    world.mfactl("state check").exits(0);
}

#[test]
fn the_hint_about_an_exception_of_nobody_named_nobody() {
    let world = World::small();
    for command in ["exception show nobody#1", "exception revoke nobody#1"] {
        let refused = world.mfactl(command).exits(4).stderr;
        assert!(!refused.contains("--user nobody"), "{refused}");
    }
    world.mfactl("exception list --all").exits(0);
    let refused = world.mfactl("exception show alice#7").exits(4).stderr;
    assert!(refused.contains("mfactl exception list --all --user alice"), "{refused}");
}

#[test]
fn a_row_that_failed_had_no_action() {
    let world = World::small();
    for (command, action) in [
        ("user reset nobody another --keep-going", "user.reset"),
        ("user set-mfa on nobody another --keep-going", "user.set-mfa"),
        ("user join nobody another --org acme --keep-going", "user.join"),
    ] {
        let run = world.mfactl(&format!("{command} --yes -o json"));
        if run.code == 2 {
            continue;
        }
        let rows = run.exits(1).json();
        assert!(rows.as_array().unwrap().iter().all(|row| row["action"] == action), "{rows}");
    }
}

#[test]
fn memberships_that_a_row_left_out_stayed_silently() {
    let world = World::small();
    std::fs::write(world.path("some.csv"), "login,orgs\nalice,acme\n").unwrap();
    let before = world.mfactl("user show alice -o json").exits(0).json();
    let others = before["memberships"].as_array().unwrap().len() - 1;
    let told = world.mfactl("user import some.csv --update").exits(0).stderr;
    assert_eq!(told.contains("that the rows do not name"), others > 0, "{told}");
    world.mfactl("user join alice --org globex").exits(if others > 0 { 3 } else { 0 });
    let told = world.mfactl("user import some.csv --update").exits(0).stderr;
    assert!(told.contains("1 membership that the rows do not name stays"), "{told}");
    std::fs::write(world.path("names.csv"), "login,name\nalice,Alice\n").unwrap();
    assert_eq!(world.mfactl("user import names.csv --update").exits(0).stderr, "");
}

#[test]
fn a_restore_on_another_host_voided_recovery_codes_silently() {
    let world = World::small();
    crate::person::enrol(&world, "alice", shell::NOW);
    world.mfactl("state backup b.tar --with-secrets").exits(0);
    std::fs::remove_dir_all(world.state()).unwrap();
    let told = world.mfactl("state restore b.tar").exits(0).stderr;
    assert!(told.contains("the recovery codes of 1 account do not count here"), "{told}");
}

#[test]
fn a_check_that_found_something_did_not_name_the_command_that_mends_it() {
    let world = World::small();
    world.sh("rm demo/index/* 2>/dev/null || rm demo/due/*").exits(0);
    let found = world.mfactl("state check").exits(1).stdout;
    assert!(found.contains("mfactl state repair --dry-run"), "{found}");
    world.mfactl("state repair --dry-run").exits(0);
}

#[test]
fn a_narrow_table_left_out_what_was_asked_for() {
    let world = with_evidence();
    let narrow = |command: &str| world.sh(&format!("COLUMNS=80 mfactl {command}")).exits(0).stdout;
    let written = narrow("exception evidence alice#1 --out got");
    assert!(written.contains("got/a.pdf") && written.contains("got/b.pdf"), "{written}");
    let listed = narrow("exception list --all");
    assert!(listed.contains("ORGS") && listed.contains("acme"), "{listed}");
    assert!(listed.lines().all(|line| line.chars().count() <= 80), "{listed}");
}
