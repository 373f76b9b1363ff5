//! The release binary: one file, without the test hooks, and the README's first command on it.

#![allow(clippy::disallowed_methods, clippy::print_stderr, clippy::unwrap_used)]

use crate::shell;

use std::path::{Path, PathBuf};
use std::process::Command;

/// The release binary, built as the README's first command builds it. A bare
/// `cargo test` takes one that is there, and skips where there is none.
fn binary() -> Option<PathBuf> {
    let root = Path::new(env!("CARGO_MANIFEST_DIR"));
    // Relative to the root, where it is relative: the program is run elsewhere.
    let target = std::env::var_os("CARGO_TARGET_DIR").unwrap_or_else(|| "target".into());
    let binary = root.join(target).join("release/mfactl");
    if std::env::var_os("MFACTL_TESTS_NEED_TOOLS").is_some() {
        let built = Command::new(env!("CARGO"))
            .args(["build", "--release", "--locked", "--bin", "mfactl"])
            .current_dir(root)
            .status()
            .unwrap();
        assert!(built.success());
    }
    if !binary.exists() {
        eprintln!("skipped: no release build (tests/run makes one)");
        return None;
    }
    Some(binary)
}

#[test]
fn nobody_backdates_an_event_in_the_release_build() {
    let Some(binary) = binary() else { return };
    let dir = tempfile::tempdir().unwrap();
    let run = |arguments: &[&str]| {
        let output = Command::new(&binary)
            .args(["--state", "demo"])
            .args(arguments)
            .current_dir(dir.path())
            .env("MFACTL_TEST_NOW", "2001-01-01T00:00:00Z")
            .env("MFACTL_TEST_SEED", "1")
            .env("MFACTL_TEST_OS_USER", "mallory")
            .output()
            .unwrap();
        assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
        String::from_utf8(output.stdout).unwrap()
    };
    let hospital = shell::fixture("hospital.csv");
    run(&["user", "import", "--init", "--create-orgs", hospital.to_str().unwrap()]);
    let log: serde_json::Value =
        serde_json::from_str(&run(&["audit", "log", "-o", "json"])).unwrap();
    for record in log.as_array().unwrap() {
        assert!(record["at"].as_str().unwrap() > "2026-01-01", "{record}");
        assert_ne!(record["os_user"], "mallory");
    }
    let bytes = std::fs::read(&binary).unwrap();
    let has = |word: &str| bytes.windows(word.len()).any(|part| part == word.as_bytes());
    assert!(has("MFACTL_STATE"), "the words of the binary can be looked for");
    assert!(!has("MFACTL_TEST"), "the hooks are not compiled in");
}
