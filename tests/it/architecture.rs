//! Imports between the rooms point downhill only.

#![allow(clippy::disallowed_methods, clippy::unwrap_used)]

use std::path::{Path, PathBuf};

/// Each room with the rooms that it may import from (itself aside).
const MAY_IMPORT: &[(&str, &[&str])] = &[
    ("parallel", &["error"]),
    ("domain", &[]),
    ("error", &["domain"]),
    ("secret", &["domain", "error"]),
    ("convert", &["domain", "error", "secret"]),
    ("policy", &["domain", "parallel"]),
    ("signals", &[]),
    ("store", &["domain", "error", "parallel", "secret", "signals"]),
    ("report", &["domain", "error", "policy", "secret"]),
    ("env", &["domain", "error"]),
    ("ui", &["domain", "error", "report", "signals"]),
    ("cli", &["convert", "domain", "error", "report", "secret"]),
    (
        "commands",
        &[
            "cli", "convert", "domain", "env", "error", "parallel", "policy", "report", "secret",
            "signals", "store", "ui",
        ],
    ),
    ("run", &["cli", "commands", "domain", "env", "error", "report", "signals", "ui"]),
    (
        "fuzzing",
        &["cli", "commands", "convert", "domain", "env", "policy", "report", "secret", "store"],
    ),
    ("lib", &[]),
    ("main", &["env", "run"]),
];

#[test]
fn imports_point_downhill() {
    let source = Path::new(env!("CARGO_MANIFEST_DIR")).join("src");
    let mut climbing = Vec::new();
    for file in files(&source) {
        let room = room(&source, &file);
        let (_, allowed) = MAY_IMPORT
            .iter()
            .find(|(name, _)| *name == room)
            .unwrap_or_else(|| panic!("{room} is a new room: say what it may import"));
        let text = std::fs::read_to_string(&file).unwrap();
        for (number, line) in text.lines().enumerate() {
            for target in targets(line) {
                if target != room && !allowed.contains(&target) {
                    climbing.push(format!("{}:{}: {}", file.display(), number + 1, line.trim()));
                }
            }
        }
    }
    assert!(climbing.is_empty(), "these imports climb:\n{}", climbing.join("\n"));
}

#[test]
fn the_test_would_see_an_import_that_climbs() {
    assert_eq!(targets("use crate::store::View;").collect::<Vec<_>>(), ["store"]);
    assert_eq!(targets("    let x = mfactl::ui::Ui::new();").collect::<Vec<_>>(), ["ui"]);
    assert_eq!(targets("// says nothing of crates").count(), 0);
}

/// By itself rayon panics where no thread can be made.
#[test]
fn nothing_is_done_in_parallel_but_through_its_room() {
    let source = Path::new(env!("CARGO_MANIFEST_DIR")).join("src");
    for file in files(&source).into_iter().filter(|file| room(&source, file) != "parallel") {
        let text = std::fs::read_to_string(&file).unwrap();
        let text = text.split("#[cfg(test)]").next().unwrap();
        for banned in ["rayon::", "thread::spawn(", "threads.spawn(", "scope.spawn("] {
            let made_elsewhere = file.components().any(|part| part.as_os_str() == "env");
            assert!(made_elsewhere || !text.contains(banned), "{}: {banned}", file.display());
        }
    }
}

#[test]
fn no_room_is_crowded() {
    let source = Path::new(env!("CARGO_MANIFEST_DIR")).join("src");
    for file in files(&source) {
        let lines = std::fs::read_to_string(&file).unwrap().lines().count();
        assert!(lines <= 600, "{} has {lines} lines: split it", file.display());
    }
}

/// What keeps a destructor from running. Destructors wipe secrets, remove half-made files
/// and let go of locks.
const SKIPS_DESTRUCTORS: &[&str] = &[
    "ManuallyDrop",
    "mem::forget",
    "::leak(",
    ".leak()",
    "::into_raw(",
    "process::exit",
    "process::abort",
];

#[test]
fn no_destructor_is_skipped() {
    let source = Path::new(env!("CARGO_MANIFEST_DIR")).join("src");
    let mut skipped = Vec::new();
    for file in files(&source) {
        let text = std::fs::read_to_string(&file).unwrap();
        for (number, line) in text.lines().enumerate() {
            if SKIPS_DESTRUCTORS.iter().any(|word| line.contains(word)) {
                skipped.push(format!("{}:{}: {}", file.display(), number + 1, line.trim()));
            }
        }
    }
    assert!(skipped.is_empty(), "these lines skip destructors:\n{}", skipped.join("\n"));
}

#[test]
fn clippy_bans_what_skips_destructors() {
    let bans = Path::new(env!("CARGO_MANIFEST_DIR")).join("clippy.toml");
    let bans: toml::Table = toml::from_str(&std::fs::read_to_string(bans).unwrap()).unwrap();
    let paths = |list: &str| -> Vec<String> {
        let entries = bans[list].as_array().unwrap().iter();
        entries.map(|entry| entry["path"].as_str().unwrap().to_owned()).collect()
    };
    let (methods, types) = (paths("disallowed-methods"), paths("disallowed-types"));
    for method in [
        "std::mem::forget",
        "core::mem::forget",
        "std::boxed::Box::leak",
        "std::vec::Vec::leak",
        "std::string::String::leak",
        "std::process::exit",
        "std::process::abort",
    ] {
        assert!(methods.iter().any(|path| path == method), "{method} is allowed");
    }
    assert_eq!(types, ["std::mem::ManuallyDrop"]);
}

/// The rooms of ours that a line names.
fn targets(line: &str) -> impl Iterator<Item = &str> {
    let after = |prefix| line.split(prefix).skip(1);
    after("crate::").chain(after("mfactl::")).map(|rest| {
        rest.split(|c: char| !c.is_ascii_lowercase() && c != '_').next().unwrap_or_default()
    })
}

fn room(source: &Path, file: &Path) -> String {
    let inside = file.strip_prefix(source).unwrap();
    let first = inside.components().next().unwrap().as_os_str().to_string_lossy();
    first.trim_end_matches(".rs").to_owned()
}

fn files(dir: &Path) -> Vec<PathBuf> {
    let mut found = Vec::new();
    for entry in std::fs::read_dir(dir).unwrap() {
        let path = entry.unwrap().path();
        if path.is_dir() {
            found.extend(files(&path));
        } else if path.extension().is_some_and(|extension| extension == "rs") {
            found.push(path);
        }
    }
    found.sort();
    found
}
