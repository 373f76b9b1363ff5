//! The benchmark's generator makes what it says, and `benches/run` runs.

#![allow(clippy::disallowed_methods, clippy::print_stderr, clippy::unwrap_used)]

use crate::shell;

#[path = "../../benches/generate/world/mod.rs"]
#[allow(dead_code, unreachable_pub)]
mod world;
#[path = "../../benches/generate/write.rs"]
#[allow(dead_code, unreachable_pub)]
mod write;

use std::collections::BTreeMap;
use std::ops::ControlFlow;
use std::path::Path;
use std::process::Command;
use std::sync::Arc;

use mfactl::domain::model::Switch;
use mfactl::domain::time::Time;
use mfactl::store::{Options, Store};
use tempfile::TempDir;
use world::{Shape, World};

const USERS: u32 = 2_000;

fn shape(seed: u64) -> Shape {
    let now = Time::parse_rfc3339("2026-11-21T09:00:00Z").unwrap();
    Shape { users: USERS, seed, now, due: 10 }
}

fn generated(seed: u64, commits: u8) -> TempDir {
    let dir = tempfile::tempdir().unwrap();
    let identity = mfactl::env::Identity::find().unwrap();
    let state = dir.path().join("state");
    write::state(&state, &World::new(shape(seed)), &identity, commits).unwrap();
    dir
}

fn opened(dir: &TempDir) -> Store {
    Store::open(&dir.path().join("state"), options()).unwrap()
}

fn options() -> Options {
    let now = shape(1).now;
    Options::new(Arc::new(move || now), Arc::new(|bytes: &mut [u8]| bytes.fill(7)))
}

/// Every file below a directory with its bytes; the lock holds the process id and does not count.
fn files(dir: &Path) -> BTreeMap<String, Vec<u8>> {
    let mut found = BTreeMap::new();
    for entry in std::fs::read_dir(dir).unwrap() {
        let path = entry.unwrap().path();
        let name = path.file_name().unwrap().to_str().unwrap().to_owned();
        if path.is_dir() {
            let below = files(&path).into_iter();
            found.extend(below.map(|(file, bytes)| (format!("{name}/{file}"), bytes)));
        } else if name != "lock" {
            found.insert(name, std::fs::read(path).unwrap());
        }
    }
    found
}

#[test]
fn a_generated_state_is_sound_and_has_its_shares() {
    let dir = generated(1, 4);
    let store = opened(&dir);
    let (verified, problems) = store.check().unwrap();
    assert!(verified.ok(), "{verified:?}");
    assert_eq!(problems, []);
    assert_eq!(verified.records, 6, "init, orgs, four parts of users");
    let now = shape(1).now;
    let mut counts: BTreeMap<&str, u32> = BTreeMap::new();
    let view = store.view().unwrap();
    view.scan()
        .unwrap()
        .for_each(|_, user| {
            let opted_out = user.memberships.values().any(|of| of.opt_out.is_some());
            let ended = |e: &mfactl::domain::model::Exception| e.ends_at.unwrap() <= now;
            for (what, holds) in [
                ("all", true),
                ("sso", user.is_sso()),
                ("on", user.mfa == Switch::On),
                ("opted out", opted_out),
                ("enrolled", user.enrolment.current.is_some()),
                ("live", user.exceptions.values().any(|e| e.is_live(now))),
                ("due", user.exceptions.values().any(ended)),
            ] {
                *counts.entry(what).or_default() += u32::from(holds);
            }
            Ok(ControlFlow::Continue(()))
        })
        .unwrap();
    let share = |what: &str| f64::from(counts[what]) / f64::from(USERS);
    let near = |what: &str, expected: f64| {
        assert!((share(what) - expected).abs() < 0.03, "{what}: {}", share(what));
    };
    assert_eq!(counts["all"], USERS);
    near("sso", 0.10);
    near("on", 0.60);
    near("opted out", 0.05);
    near("enrolled", 1.0 / 3.0);
    assert_eq!(counts["due"], 10);
    assert!((24..=27).contains(&counts["live"]), "{counts:?}");
    assert!(!view.due(&now.day()).unwrap().is_empty(), "something ends today");
}

#[test]
fn the_same_seed_makes_the_same_state() {
    let one = generated(1, 3);
    let again = generated(1, 3);
    let other = generated(2, 3);
    let (one, again, other) = (files(one.path()), files(again.path()), files(other.path()));
    assert!(one == again, "two states of one seed differ");
    let shard = "state/users/0.yaml";
    assert!(one[shard] != other[shard], "two seeds make one state");
}

#[test]
fn the_benchmark_runs() {
    let programs = Path::new(env!("CARGO_BIN_EXE_mfactl")).parent().unwrap();
    if !programs.join("examples/compare").exists() {
        eprintln!("skipped: the examples are not built (cargo test without --test builds them)");
        return;
    }
    if !shell::tool("sqlite3") {
        return;
    }
    let dir = tempfile::tempdir().unwrap();
    let run = Command::new(Path::new(env!("CARGO_MANIFEST_DIR")).join("benches/run"))
        .args(["--quick", "--programs"])
        .arg(programs)
        .env("CARGO_TARGET_DIR", dir.path())
        .output()
        .unwrap();
    let text = |bytes| String::from_utf8(bytes).unwrap();
    let (out, errors) = (text(run.stdout), text(run.stderr));
    assert!(run.status.success(), "{out}{errors}");
    for row in [
        "Process start",
        "One decision: `explain` · 2,000 users",
        "`signin verify`, the right code · 300 users",
        "One durable change, by size",
    ] {
        assert!(out.contains(&format!("### {row}\n")), "{row} is not in {out}{errors}");
    }
}
