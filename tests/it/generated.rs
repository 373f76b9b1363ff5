//! What is generated is committed, and is what would be generated now.
//!
//! `MFACTL_UPDATE=1 cargo test --test it generated` makes it again.

#![allow(clippy::disallowed_methods, clippy::unwrap_used)]

use crate::shell;

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};
use std::process::Command;

use mfactl::cli::top_level::Shell;

fn in_repository(name: &str) -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join(name)
}

/// Compares the files of a folder with what they should be, or writes them.
fn compare(folder: &str, expected: &BTreeMap<String, Vec<u8>>) {
    let folder = in_repository(folder);
    if std::env::var_os("MFACTL_UPDATE").is_some() {
        let _ = std::fs::remove_dir_all(&folder);
        std::fs::create_dir_all(&folder).unwrap();
        for (name, bytes) in expected {
            std::fs::write(folder.join(name), bytes).unwrap();
        }
    }
    let names: Vec<String> = std::fs::read_dir(&folder)
        .unwrap()
        .map(|entry| entry.unwrap().file_name().into_string().unwrap())
        .collect();
    for name in &names {
        assert!(expected.contains_key(name), "{name} in {} is not generated", folder.display());
    }
    for (name, bytes) in expected {
        let path = folder.join(name);
        let is = std::fs::read(&path).unwrap_or_default();
        assert!(
            is == *bytes,
            "{} is old: MFACTL_UPDATE=1 cargo test --test it generated",
            path.display()
        );
    }
}

#[test]
fn manual_pages_are_up_to_date() {
    let pages = mfactl::cli::man_pages().unwrap();
    compare("man", &pages.into_iter().map(|page| (page.file, page.roff)).collect());
}

/// Nothing that mandoc would warn of, and nothing at all that groff would.
#[test]
fn manual_pages_pass_mandoc_and_groff() {
    if !shell::tool("mandoc") || !shell::tool("man") {
        return;
    }
    let dir = tempfile::tempdir().unwrap();
    for page in mfactl::cli::man_pages().unwrap() {
        std::fs::write(dir.path().join(page.file), page.roff).unwrap();
    }
    let pages = || std::fs::read_dir(dir.path()).unwrap().map(|page| page.unwrap().path());

    let lint = Command::new("mandoc").args(["-T", "lint", "-W", "style"]).args(pages()).output();
    let lint = String::from_utf8(lint.unwrap().stdout).unwrap();
    let said: Vec<&str> =
        lint.lines().filter(|line| !line.contains("referenced manual not found")).collect();
    assert!(said.is_empty(), "{}", said.join("\n"));
    for page in pages() {
        let man = Command::new("man").args(["--warnings", "-l"]).arg(&page).output().unwrap();
        assert!(man.status.success() && man.stderr.is_empty(), "{}: {man:?}", page.display());
        assert!(String::from_utf8_lossy(&man.stdout).contains("SYNOPSIS"));
    }
}

#[test]
fn the_schema_of_policies_is_up_to_date() {
    let schema = format!("{:#}\n", mfactl::policy::schema());
    compare(
        "schema",
        &BTreeMap::from([("mfactl-policy.schema.json".to_owned(), schema.into_bytes())]),
    );
}

#[test]
fn completions_are_up_to_date() {
    let script = |shell: Shell| shell.completions().as_bytes().to_vec();
    compare(
        "completions",
        &BTreeMap::from([
            ("mfactl.bash".to_owned(), script(Shell::Bash)),
            ("_mfactl".to_owned(), script(Shell::Zsh)),
            ("mfactl.fish".to_owned(), script(Shell::Fish)),
        ]),
    );
}
