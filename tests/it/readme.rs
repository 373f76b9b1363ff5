//! The README and docs/ are true: every command in a `console` block is run, in the
//! order in which it stands there, and prints what stands below it. A comment that is an
//! instant (`# 2026-11-21T09:00:00Z`) moves the clock.
//!
//! `MFACTL_UPDATE=1 cargo test --test it readme` writes the outputs anew.

#![allow(clippy::disallowed_methods, clippy::unwrap_used)]

use crate::shell;

use std::fmt::Write as _;
use std::path::Path;

use mfactl::domain::time::Time;
use shell::World;

/// What a reader types to run the program before it is on their PATH.
const FROM_SOURCE: &str = "cargo run --release -- --state demo ";

/// Not run from within itself.
const SELF: &str = "tests/run";

#[test]
fn every_command_of_the_readme_prints_what_it_says() {
    is_true("README.md");
}

#[test]
fn every_command_of_the_page_about_sign_in_prints_what_it_says() {
    is_true("docs/sign-in.md");
}

/// Runs a document, in a world of its own.
fn is_true(document: &str) {
    if !shell::tool("jq") || !shell::tool("oathtool") {
        return;
    }
    let root = Path::new(env!("CARGO_MANIFEST_DIR"));
    let path = root.join(document);
    let text = std::fs::read_to_string(&path).unwrap();
    let mut world = World::new();
    std::os::unix::fs::symlink(root.join("fixtures"), world.path("fixtures")).unwrap();
    with_the_clock_of_the_test(&world);
    let rewritten = rewrite(&text, &mut world);
    if std::env::var_os("MFACTL_UPDATE").is_some() {
        std::fs::write(path, &rewritten).unwrap();
    } else if rewritten != text {
        let wrong = rewritten.lines().zip(text.lines()).find(|(is, says)| is != says);
        panic!("{document} is not true; the first line that differs: {wrong:?}\n{rewritten}");
    }
}

/// An `oathtool` whose now is the clock of the test, so that the page itself needs none.
fn with_the_clock_of_the_test(world: &World) {
    let tool = "#!/bin/sh\n\
                now=$(printf %s \"$MFACTL_TEST_NOW\" | tr TZ '  ')UTC\n\
                case \" $* \" in\n\
                *' --now 30 seconds '*) exec /usr/bin/oathtool --totp -b \"$3\" --now \"$now 30 seconds\" ;;\n\
                *' --now '*) exec /usr/bin/oathtool \"$@\" ;;\n\
                *) exec /usr/bin/oathtool \"$@\" --now \"$now\" ;;\n\
                esac\n";
    std::fs::create_dir(world.path("bin")).unwrap();
    std::fs::write(world.path("bin/oathtool"), tool).unwrap();
    world.sh("chmod +x bin/oathtool").exits(0);
}

fn run(world: &World, command: &str) -> String {
    let command = command.replace(FROM_SOURCE, "mfactl --state demo ");
    let run = world.sh(&format!("PATH=\"$PWD/bin:$PATH\"; {command}"));
    format!("{}{}", run.stdout, run.stderr)
}

/// The instant that a comment is, if it is one.
fn instant(line: &str) -> Option<&str> {
    line.strip_prefix("# ").filter(|text| Time::parse_rfc3339(text).is_ok())
}

/// The document with the output of each command below it.
fn rewrite(text: &str, world: &mut World) -> String {
    let mut out = String::new();
    let mut in_console = false;
    let mut skip_output = false;
    for line in text.lines() {
        if line.starts_with("```") {
            in_console = line == "```console";
            skip_output = false;
        } else if in_console && line.starts_with("$ ") {
            let _ = writeln!(out, "{line}");
            let command = &line[2..];
            skip_output = command != SELF;
            if skip_output {
                out.push_str(&run(world, command));
            }
            continue;
        } else if let Some(now) = instant(line).filter(|_| in_console) {
            world.at(now);
            skip_output = false;
        } else if in_console && skip_output {
            continue;
        }
        let _ = writeln!(out, "{line}");
    }
    out
}
