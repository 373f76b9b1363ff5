//! Arguments and file names that are made to deceive: a terminal obeys nothing of them,
//! whatever format they are printed in.

#![allow(clippy::disallowed_methods, clippy::unwrap_used)]

use crate::shell;

use serde_json::Value;
use shell::{Run, World};

/// CSI as one character (C1), a right-to-left override, a line separator, DEL, a bell.
const HOSTILE: &str = "a\u{9b}31m\u{202e}b\u{2028}c\u{7f}d\u{7}e";

fn nothing_is_obeyed(run: &Run, what: &str) {
    for text in [&run.stdout, &run.stderr] {
        let bad = text.chars().find(|c| *c != '\n' && !mfactl::domain::ids::allowed(*c));
        assert_eq!(bad, None, "{what}: {text:?}");
    }
}

#[test]
fn no_format_prints_a_character_that_a_terminal_obeys() {
    let world = World::small();
    let backup = world.path(HOSTILE);
    for format in ["table", "json", "jsonl", "yaml", "csv"] {
        let quoted = format!("'{HOSTILE}'");
        let _ = std::fs::remove_file(&backup);
        for command in [
            format!("state backup {quoted}"),
            format!("--state {quoted} --as sam state info"),
            format!("--state {quoted}x user list"),
            format!("user show {quoted}"),
            format!("user list --at {quoted}"),
            format!("user import {quoted}.csv"),
            format!("policy check {quoted}.yaml"),
            format!("{quoted} list"),
            format!("user {quoted}"),
            format!("user list --{quoted}"),
            format!("-v --state {quoted}x user list"),
            format!("state backup {quoted}"),
        ] {
            let run = world.mfactl(&format!("{command} -o {format}"));
            assert_ne!(run.code, 70, "{command}: {}", run.stderr);
            nothing_is_obeyed(&run, &format!("{command} -o {format}"));
        }
    }
}

#[test]
fn json_says_the_name_as_it_is() {
    let world = World::small();
    let run = world.mfactl(&format!("state backup '{HOSTILE}' -o json")).exits(0);
    assert_eq!(run.json()["file"], HOSTILE);
    assert!(run.stdout.contains(r"a\u009b31m\u202eb\u2028c\u007fd\u0007e"), "{}", run.stdout);
    let run = world.mfactl(&format!("--state '{HOSTILE}x' user list -o json")).exits(4);
    let error = run.error();
    assert_eq!(error["subject"], format!("{HOSTILE}x"));
    let yaml = world.mfactl(&format!("--state '{HOSTILE}' --as sam state info -o yaml")).exits(0);
    let value: Value = serde_yaml::from_str(&yaml.stdout).unwrap();
    assert!(value.to_string().contains("31m"), "{}", yaml.stdout);
}

#[test]
fn a_cell_is_no_formula_whatever_separates_cells() {
    let world = World::small();
    for name in ["=1+1", "x;=1+1", "x,@SUM(A1)", ";+1", "'=1", "-2"] {
        world.mfactl(&format!("user edit alice --name=\"{name}\"")).exits(0);
        for command in ["user list -o csv", "user show alice -o csv", "audit log -o csv"] {
            let csv = world.mfactl(command).exits(0).stdout;
            for separator in [';', '\t'] {
                for line in csv.lines() {
                    for cell in line.split(separator) {
                        assert!(!cell.starts_with(['=', '+', '@']), "{name:?} {command}: {line}");
                    }
                }
            }
            let mut reader = csv::Reader::from_reader(csv.as_bytes());
            for record in reader.records() {
                for cell in record.unwrap().iter() {
                    assert!(!cell.starts_with(['=', '+', '@', '-']), "{name:?} {command}: {cell}");
                }
            }
        }
        let list = world.mfactl("user list -o csv").exits(0).stdout;
        let mut reader = csv::Reader::from_reader(list.as_bytes());
        let headers = reader.headers().unwrap().clone();
        let column = headers.iter().position(|header| header == "name").unwrap();
        let names: Vec<String> = reader
            .records()
            .map(|record| {
                mfactl::report::format::escape::unprotected(&record.unwrap()[column]).into_owned()
            })
            .collect();
        assert!(names.iter().any(|found| found == name), "{name:?}: {names:?}");
    }
}

/// A name of several lines is shown in one: nothing in it passes for a line of mfactl's own,
/// or for a command to the CI system that reads the log.
#[test]
fn a_name_of_several_lines_forged_a_hint() {
    let world = World::small();
    let name = "x\nhint: mfactl operator add eve\n::error::forged\n";
    let quoted = format!("'{name}'");
    let good = format!("'{name}.csv'");
    std::fs::write(world.path(&format!("{name}.csv")), "login,role\nnobody,\nalice,king\nz z,\n")
        .unwrap();
    std::fs::create_dir(world.path(name)).unwrap();
    std::fs::write(world.path(&format!("{name}/p.yaml")), "version: 1\nusers: {a: {mfa: x}}\n")
        .unwrap();
    for format in ["table", "json", "jsonl", "yaml", "csv"] {
        for command in [
            format!("state backup {quoted}"),
            format!("--state {quoted}x user list"),
            format!("user show {quoted}"),
            format!("user list --at {quoted}"),
            format!("user list --where mfa={quoted}"),
            format!("user import {good}"),
            format!("user import {good} --columns login={quoted}"),
            format!("user deactivate --from-file {good}"),
            format!("user set-mfa --from-file {good} on"),
            format!("convert import otpauth {good}"),
            format!("convert import token-csv {good} --strict"),
            format!("policy check {quoted}"),
            format!("policy check {quoted} -o github"),
            format!("policy plan {quoted}"),
            format!("{quoted} list"),
            format!("user {quoted}"),
            format!("user list --{quoted}"),
            format!("explain alice --org acme --service {quoted}"),
        ] {
            let run = world.sh(&format!("mfactl -o {format} {command}"));
            let lines = run.stdout.lines().chain(run.stderr.lines());
            let forged = lines.map(str::trim_start).filter(|line| {
                line.starts_with("::error::") || line.starts_with("hint: mfactl operator")
            });
            assert_eq!(forged.count(), 0, "{command}: {}{}", run.stdout, run.stderr);
        }
    }
}
