//! Imports between the rooms point downhill only.

#![allow(clippy::disallowed_methods, clippy::unwrap_used)]

use std::path::{Path, PathBuf};

/// Each room with the rooms that it may import from (itself aside).
const MAY_IMPORT: &[(&str, &[&str])] = &[
    ("parallel", &[]),
    ("domain", &[]),
    ("error", &["domain"]),
    ("secret", &["domain", "error"]),
    ("convert", &["domain", "error", "secret"]),
    ("policy", &["domain", "parallel"]),
    ("store", &["domain", "error", "parallel", "secret"]),
    ("report", &["domain", "error", "policy"]),
    ("env", &["domain", "error"]),
    ("ui", &["domain", "error", "report"]),
    ("cli", &["convert", "domain", "error", "report", "secret"]),
    (
        "commands",
        &[
            "cli", "convert", "domain", "env", "error", "parallel", "policy", "report", "secret",
            "store", "ui",
        ],
    ),
    ("run", &["cli", "commands", "domain", "env", "error", "report", "ui"]),
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
