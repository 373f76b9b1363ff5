//! Codes that come in and secrets that go out, through the binary.

#![allow(clippy::disallowed_methods, clippy::unwrap_used)]

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
