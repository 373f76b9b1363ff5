//! Codes that come in and secrets that go out, through the binary.

#![allow(clippy::disallowed_methods, clippy::unwrap_used)]

use std::io::Write;
use std::process::Stdio;
use std::time::{Duration, Instant};

use nix::sys::signal::{Signal, kill};
use nix::unistd::Pid;

use crate::person::App;
use crate::shell;

use shell::World;

/// What stands below the code may be for somebody else.
#[test]
fn of_stdin_no_more_than_the_code_is_read() {
    let world = World::small();
    world.mfactl("user enrol alice --unverified --reveal").exits(0);
    let verify = "mfactl signin verify alice --org acme --code-from - >answer";
    let run = world.sh(&format!("printf '123456\\nrest\\n' >in; {{ {verify}; cat; }} <in"));
    assert_eq!(run.exits(0).stdout, "rest\n");
    let run = world.sh(&format!("printf '123456\\nrest\\n' | {{ {verify}; cat; }}"));
    assert_eq!(run.exits(0).stdout, "rest\n");
    assert!(std::fs::read_to_string(world.path("answer")).unwrap().contains("code-wrong"));
}

/// `json` is one object; two answers are two lines, or text.
#[test]
fn two_answers_are_two_lines() {
    let world = World::small();
    let before = world.files();
    for format in ["json", "yaml", "csv"] {
        for place in ["--reveal", "--out secret"] {
            let command = format!("user enrol alice --verify-code - {place} -o {format}");
            let run = world.mfactl(&command).exits(2);
            assert!(run.stderr.contains("-o jsonl"), "{command}: {}", run.stderr);
        }
    }
    assert!(world.files() == before && !world.path("secret").exists());
}

/// The file stays for the person to look at; what to do about it is said.
#[test]
fn a_file_of_a_run_that_was_stopped_is_explained() {
    let world = World::small();
    let rev = world.rev();
    let enrol = "mfactl user enrol alice --verify-code - --out secret";
    let stopped = format!(
        "mkfifo in; {enrol} <in & exec 9>in
         n=0; until [ -s secret ] || [ $n = 200 ]; do sleep .05; n=$((n+1)); done
         kill -KILL $!; wait $!; [ -s secret ]"
    );
    world.sh(&stopped).exits(0);
    let run = world.sh(&format!("echo 1 | {enrol}")).exits(2);
    assert!(run.stderr.contains("left of a run that was stopped"), "{}", run.stderr);
    assert_eq!(world.rev(), rev);
}

#[test]
fn one_file_named_twice_was_refused_after_the_change_was_committed() {
    let world = World::small();
    let rev = world.rev();
    for files in ["--out s --png s", "--out s --svg ./s", "--png p --svg p --reveal"] {
        let run = world.mfactl(&format!("user enrol alice {files}")).exits(2);
        assert!(run.stderr.contains("is named twice"), "{}", run.stderr);
    }
    assert_eq!(world.rev(), rev);
    assert!(!world.path("s").exists() && !world.path("p").exists());
}

/// A signal that came while another process held the lock ended the process only after the
/// enrolment was committed.
#[test]
fn a_run_that_was_stopped_while_it_waited_for_the_lock_enrolled_all_the_same() {
    let world = World::small();
    let rev = world.rev();
    let enrol = "exec mfactl user enrol alice --verify-code - --out s -o jsonl";
    let mut enrolling = world.shell(enrol).stdin(Stdio::piped()).spawn().unwrap();
    let begun = Instant::now();
    let shown: serde_json::Value = loop {
        let file = std::fs::read_to_string(world.path("s")).unwrap_or_default();
        match serde_json::from_str(&file) {
            Ok(shown) => break shown,
            Err(_) => std::thread::sleep(Duration::from_millis(20)),
        }
        assert!(begun.elapsed() < Duration::from_secs(20), "no secret was shown");
    };
    let code = App::new(shown["secret"].as_str().unwrap(), "SHA1/6/30").code(shell::NOW);
    // Readers may go on, who writes has to wait.
    let hold = "exec 9<demo/lock; flock -s 9; touch held; read _";
    let mut holder = world.shell(hold).stdin(Stdio::piped()).spawn().unwrap();
    while !world.path("held").exists() {
        std::thread::sleep(Duration::from_millis(5));
    }
    writeln!(enrolling.stdin.take().unwrap(), "{code}").unwrap();
    // Ten recovery codes are hashed before it waits.
    std::thread::sleep(Duration::from_secs(2));
    let pid = Pid::from_raw(enrolling.id().try_into().unwrap());
    kill(pid, Signal::SIGTERM).unwrap();
    drop(holder.stdin.take());
    holder.wait().unwrap();
    assert!(!enrolling.wait().unwrap().success());
    assert_eq!(world.rev(), rev, "nothing was enrolled");
    assert!(!world.path("s").exists(), "and no secret is left");
}
