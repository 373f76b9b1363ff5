//! The README is true: every command in a `console` block is run, in the order
//! in which it stands there, and prints what stands below it.
//!
//! `MFACTL_UPDATE=1 cargo test --test readme` writes the outputs anew.

#![allow(clippy::disallowed_methods, clippy::unwrap_used)]

mod shell;

use std::fmt::Write as _;

use shell::World;

/// What a reader types to run the program before it is on their PATH.
const FROM_SOURCE: &str = "cargo run --release -- --state demo ";

/// Not run from within itself.
const SELF: &str = "tests/run";

#[test]
fn every_command_of_the_readme_prints_what_it_says() {
    if !shell::tool("jq") || !shell::tool("oathtool") {
        return;
    }
    let path = concat!(env!("CARGO_MANIFEST_DIR"), "/README.md");
    let readme = std::fs::read_to_string(path).unwrap();
    let world = World::new();
    let fixtures = concat!(env!("CARGO_MANIFEST_DIR"), "/fixtures");
    std::os::unix::fs::symlink(fixtures, world.path("fixtures")).unwrap();
    let rewritten = rewrite(&readme, |command| {
        let run = world.sh(&command.replace(FROM_SOURCE, "mfactl --state demo "));
        format!("{}{}", run.stdout, run.stderr)
    });
    if std::env::var_os("MFACTL_UPDATE").is_some() {
        std::fs::write(path, &rewritten).unwrap();
    } else if rewritten != readme {
        let wrong = rewritten.lines().zip(readme.lines()).find(|(is, says)| is != says);
        panic!("the README is not true; the first line that differs: {wrong:?}\n{rewritten}");
    }
}

/// The README with the output of each command below it.
fn rewrite(readme: &str, run: impl Fn(&str) -> String) -> String {
    let mut out = String::new();
    let mut in_console = false;
    let mut skip_output = false;
    for line in readme.lines() {
        if line.starts_with("```") {
            in_console = line == "```console";
            skip_output = false;
        } else if in_console && line.starts_with("$ ") {
            let _ = writeln!(out, "{line}");
            let command = &line[2..];
            skip_output = command != SELF;
            if skip_output {
                out.push_str(&run(command));
            }
            continue;
        } else if in_console && skip_output {
            continue;
        }
        let _ = writeln!(out, "{line}");
    }
    out
}
