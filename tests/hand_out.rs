//! Codes that come in and secrets that go out, through the binary.

#![allow(clippy::disallowed_methods, clippy::unwrap_used)]

mod shell;

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
