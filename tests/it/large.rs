//! The main jobs on a large state. An ordinary run does them on 20,000 users with the programs
//! that the tests are built with. `tests/run --large` does them on 1.5 million with the release
//! build (about 4 GiB of disk below the target directory; `MFACTL_LARGE=USERS` for another size).

#![allow(clippy::disallowed_methods, clippy::print_stderr, clippy::unwrap_used)]

use std::path::{Path, PathBuf};
use std::process::{Command, Output};

use serde_json::{Value, json};
use tempfile::TempDir;

/// A generated state, and users of it that may be changed.
struct Large {
    dir: TempDir,
    programs: PathBuf,
    users: usize,
    /// Whose switch is on and may go off, with an org.
    switch: (String, String),
    /// Who may be granted an exception, with an org.
    grant: (String, String),
}

/// How many exceptions have ended and wait to be recorded.
const DUE: usize = 500;

impl Large {
    fn new() -> Option<Large> {
        let (programs, users) = match std::env::var("MFACTL_LARGE") {
            Ok(users) => (released(), users.parse().unwrap()),
            Err(_) => (Path::new(env!("CARGO_BIN_EXE_mfactl")).parent()?.to_owned(), 20_000),
        };
        if !programs.join("examples/generate").exists() {
            eprintln!(
                "skipped: the examples are not built (cargo test without --test builds them)"
            );
            return None;
        }
        let dir = tempfile::tempdir_in(env!("CARGO_TARGET_TMPDIR")).unwrap();
        let cases = dir.path().join("cases");
        let made = Command::new(programs.join("examples/generate"))
            .args([dir.path().join("state").to_str().unwrap(), &users.to_string()])
            .args(["--due", &DUE.to_string(), "--cases", cases.to_str().unwrap()])
            .output()
            .unwrap();
        assert!(made.status.success(), "{made:?}");
        let listed = std::fs::read_to_string(cases).unwrap();
        let first = |group: &str| {
            let line = listed.lines().find(|line| line.starts_with(group)).unwrap();
            let words: Vec<&str> = line.split(' ').collect();
            (words[1].to_owned(), words[2].to_owned())
        };
        let (switch, grant) = (first("switch "), first("grant "));
        Some(Large { dir, programs, users, switch, grant })
    }

    fn path(&self, name: &str) -> String {
        self.dir.path().join(name).to_str().unwrap().to_owned()
    }

    fn run_on(&self, state: &str, arguments: &str) -> Output {
        let mut command = Command::new(self.programs.join("mfactl"));
        command.args(["--state", &self.path(state)]).args(arguments.split(' '));
        command.env("NO_COLOR", "1").output().unwrap()
    }

    /// What it prints, where it ends with this code.
    #[track_caller]
    fn exits(&self, code: i32, arguments: &str) -> String {
        let ran = self.run_on("state", arguments);
        let errors = String::from_utf8_lossy(&ran.stderr);
        assert_eq!(ran.status.code(), Some(code), "{arguments}: {errors}");
        String::from_utf8(ran.stdout).unwrap()
    }

    #[track_caller]
    fn json(&self, arguments: &str) -> Value {
        serde_json::from_str(&self.exits(0, &format!("{arguments} -o json"))).unwrap()
    }

    fn head(&self) -> Value {
        self.json("audit head")
    }
}

/// Where the release build is.
fn released() -> PathBuf {
    let root = Path::new(env!("CARGO_MANIFEST_DIR"));
    let target = std::env::var_os("CARGO_TARGET_DIR").map_or(root.join("target"), PathBuf::from);
    target.join("release")
}

#[test]
fn the_main_jobs_are_done_on_a_large_state() {
    let Some(large) = Large::new() else { return };
    questions(&large);
    opting_out(&large);
    switching(&large);
    enforcing(&large);
    excepting(&large);
    keeping(&large);
}

fn questions(large: &Large) {
    let program = large.programs.join("mfactl");
    let piped = format!(
        "set -o pipefail; {} --state {} user list -o jsonl | head -n 2",
        program.display(),
        large.path("state")
    );
    let ran = Command::new("bash").args(["-c", &piped]).output().unwrap();
    assert!(ran.status.success(), "whoever has read enough harms nobody: {ran:?}");
    assert_eq!(String::from_utf8(ran.stdout).unwrap().lines().count(), 2);

    let everybody = large.exits(0, "user list -o jsonl").lines().count();
    assert_eq!(everybody, large.users);
    let off = large.exits(0, "user list --where active=no -o jsonl");
    assert!(off.lines().count() > large.users / 50, "3 % are not active");
    assert!(off.lines().all(|line| line.contains("\"active\":false")));
    let coverage = large.json("report coverage");
    assert!(coverage.to_string().contains(&large.switch.1), "{coverage}");
}

fn opting_out(large: &Large) {
    let (login, org) = &large.grant;
    let before = large.head()["rev"].as_u64().unwrap();
    let out = large.json(&format!("user opt-out {login} --org {org} --until +30d -m agreed"));
    assert_eq!(out["rev"], json!(before + 1));
    let of = |user: &Value| {
        let memberships = user["memberships"].as_array().unwrap();
        memberships.iter().find(|of| of["org"] == json!(org)).unwrap()["opt_out"].clone()
    };
    assert_eq!(of(&large.json(&format!("user show {login}")))["message"], "agreed");
    let was = large.json(&format!("user show {login} --at {before}"));
    assert!(of(&was).is_null(), "it was not so before");
    large.exits(0, &format!("user opt-in {login} --org {org}"));
    assert!(of(&large.json(&format!("user show {login}"))).is_null());
}

fn switching(large: &Large) {
    let (login, org) = &large.switch;
    let asked = |code| large.exits(code, &format!("signin check {login} --org {org} -o json"));
    asked(1);
    large.exits(0, &format!("user set-mfa {login} off"));
    assert!(asked(0).contains("not-required"));
    large.exits(0, &format!("user set-mfa {login} on"));
    let explained = large.json(&format!("explain {login} --org {org}"));
    assert_eq!(explained["rule"], "switch");
    large.exits(1, &format!("signin check nobody.at.all --org {org}"));
}

fn enforcing(large: &Large) {
    let (_, org) = &large.switch;
    let before = large.head();
    let ran = large.run_on("state", &format!("org enforce {org} on --dry-run --force -o json"));
    let told: Value = serde_json::from_slice(&ran.stdout).unwrap();
    assert_eq!(told["changed"], json!(true), "{}", String::from_utf8_lossy(&ran.stderr));
    assert_eq!(large.head(), before, "nothing is written");
}

fn excepting(large: &Large) {
    let expired = large.json("exception expire");
    assert!(expired["expired"].as_array().unwrap().len() >= DUE);
    let live = large.json("exception list --live").as_array().unwrap().len();
    // One user in 75 got one; a few have ended since.
    assert!(live > large.users / 80 && live <= large.users / 75 + 1, "{live}");

    let (login, org) = &large.grant;
    let grant = format!("exception grant {login} --org {org} --short --for 1h --reason no-signal");
    let id = large.json(&grant)["after"]["id"].as_str().unwrap().to_owned();
    let check = format!("signin check {login} --org {org} -o json");
    assert!(large.exits(0, &check).contains("\"exempt\""));
    let listed = large.json(&format!("exception list --live --user {login}"));
    assert_eq!(listed[0]["id"], json!(id));
    large.exits(0, &format!("exception revoke {id}"));
    assert_eq!(large.json(&format!("exception list --live --user {login}")), json!([]));
}

fn keeping(large: &Large) {
    let verified = large.json("audit verify");
    assert_eq!(verified["ok"], json!(true), "{verified}");
    assert_eq!(large.json("state check")["ok"], json!(true));
    let head = large.head();
    large.exits(0, &format!("state backup {}", large.path("backup")));
    let restored =
        large.run_on("restored", &format!("state restore {} --yes", large.path("backup")));
    assert!(restored.status.success(), "{restored:?}");
    let verify = format!("audit verify --head {} -o json", head["hash"].as_str().unwrap());
    let verified = large.run_on("restored", &verify);
    assert!(verified.status.success(), "{verified:?}");
    let show = format!("user show {} -o json", large.switch.0);
    let (mut here, mut there) = (large.run_on("state", &show), large.run_on("restored", &show));
    let without_rev = |output: &mut Output| {
        let mut user: Value = serde_json::from_slice(&output.stdout).unwrap();
        user.as_object_mut().unwrap().remove("rev");
        user
    };
    assert_eq!(without_rev(&mut here), without_rev(&mut there));
}
