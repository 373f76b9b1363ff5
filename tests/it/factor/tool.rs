//! Tools that may be there or not.

use std::io::Write;
use std::path::PathBuf;
use std::process::{Command, Output, Stdio};

/// Whether all of these are there: programs by name, or modules of PAM (`*.so`).
pub(crate) fn there(tools: &[&str]) -> bool {
    let missing: Vec<&str> = tools.iter().copied().filter(|tool| !is_there(tool)).collect();
    if missing.is_empty() {
        return true;
    }
    let needed = std::env::var_os("MFACTL_TESTS_NEED_TOOLS").is_some_and(|value| value == "1");
    assert!(!needed, "missing: {}", missing.join(", "));
    eprintln!("skipped: {} not installed", missing.join(", "));
    false
}

fn is_there(tool: &str) -> bool {
    match tool.ends_with(".so") {
        true => library(tool).is_some(),
        false => {
            let path = std::env::var_os("PATH").unwrap_or_default();
            std::env::split_paths(&path).any(|folder| folder.join(tool).is_file())
        }
    }
}

/// Where a library or a module of PAM lies.
pub(crate) fn library(name: &str) -> Option<PathBuf> {
    let folders = ["/usr/lib", "/lib", "/usr/lib64"].into_iter().flat_map(|folder| {
        let below = std::fs::read_dir(folder).into_iter().flatten().flatten();
        below.map(|entry| entry.path()).chain([PathBuf::from(folder)])
    });
    folders.flat_map(|f| [f.join(name), f.join("security").join(name)]).find(|p| p.is_file())
}

/// Runs a tool with `input`.
pub(crate) fn run(command: &mut Command, input: &str) -> Output {
    let mut child = command
        .stdin(Stdio::piped())
        .stdout(Stdio::piped())
        .stderr(Stdio::piped())
        .spawn()
        .unwrap();
    // A tool that reads nothing may be gone already.
    let _ = child.stdin.take().unwrap().write_all(input.as_bytes());
    child.wait_with_output().unwrap()
}
