//! What is generated is committed, and is what would be generated now.
//!
//! `MFACTL_UPDATE=1 cargo test --test generated` makes it again.

#![allow(clippy::disallowed_methods, clippy::unwrap_used)]

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};

use mfactl::cli::single::Shell;

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
            "{} is old: MFACTL_UPDATE=1 cargo test --test generated",
            path.display()
        );
    }
}

#[test]
fn manual_pages_are_up_to_date() {
    let pages = mfactl::cli::man_pages().unwrap();
    compare("man", &pages.into_iter().map(|page| (page.file, page.roff)).collect());
}

#[test]
fn completions_are_up_to_date() {
    let script = |shell| mfactl::cli::completions(shell).as_bytes().to_vec();
    compare(
        "completions",
        &BTreeMap::from([
            ("mfactl.bash".to_owned(), script(Shell::Bash)),
            ("_mfactl".to_owned(), script(Shell::Zsh)),
            ("mfactl.fish".to_owned(), script(Shell::Fish)),
        ]),
    );
}
