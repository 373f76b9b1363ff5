//! A frozen state of every format that was released loads for ever.

#![allow(clippy::disallowed_methods, clippy::unwrap_used)]

use crate::shell;

use std::fs::Permissions;
use std::os::unix::fs::PermissionsExt;
use std::path::Path;

use serde_json::{Value, json};
use shell::{World, fixture};

const DIRS: [&str; 8] = ["audit", "due", "evidence", "index", "orgs", "secrets", "signin", "users"];

/// Copies a state, with the modes that it must have and the directories that a checkout leaves out.
fn copy(from: &Path, to: &Path) {
    let private = |path: &Path, mode| {
        std::fs::set_permissions(path, Permissions::from_mode(mode)).unwrap();
    };
    std::fs::create_dir(to).unwrap();
    private(to, 0o700);
    for dir in DIRS {
        std::fs::create_dir(to.join(dir)).unwrap();
        private(&to.join(dir), 0o700);
    }
    for dir in DIRS.iter().map(|dir| from.join(dir)).chain([from.to_owned()]) {
        let Ok(entries) = std::fs::read_dir(&dir) else { continue };
        for entry in entries.map(Result::unwrap).filter(|entry| entry.path().is_file()) {
            let place = to.join(entry.path().strip_prefix(from).unwrap());
            std::fs::copy(entry.path(), &place).unwrap();
            private(&place, 0o600);
        }
    }
}

#[test]
fn format_1_loads() {
    let mut world = World::new();
    copy(&fixture("formats/1"), &world.state());
    world.at("2026-12-01T00:00:00Z");
    world.mfactl("audit verify").exits(0);
    world.mfactl("state check").exits(0);
    let info = world.mfactl("state info -o json").exits(0).json();
    assert_eq!(
        (&info["format"], &info["users"], &info["orgs"]),
        (&json!(1), &json!(12), &json!(2))
    );
    let alice = world.mfactl("user show alice -o json").exits(0).json();
    assert_eq!(alice["exceptions"][0]["id"], "alice#1");
    assert_eq!(alice["exceptions"][0]["status"], "live");
    let past = world.mfactl("user show alice --at 2 -o json").exits(0).json();
    assert_eq!(past["exceptions"], json!([]));

    let none = world.mfactl("state migrate -o json").exits(0).json();
    assert_eq!((&none["changed"], &none["rev"]), (&json!(false), &Value::Null));
    for who in ["ada", "hal", "aud", "pol"] {
        world.as_user(who, "state migrate").exits(5);
    }
    world.mfactl("exception revoke alice#1").exits(0);
    world.mfactl("state check").exits(0);
}

#[test]
fn a_newer_format_is_refused() {
    let world = World::new();
    copy(&fixture("formats/1"), &world.state());
    let path = world.state().join("state.yaml");
    let text = std::fs::read_to_string(&path).unwrap();
    std::fs::write(&path, text.replacen("# mfactl 1 ", "# mfactl 2 ", 1)).unwrap();
    for command in ["state migrate", "user list", "user set-mfa alice off", "state repair"] {
        let run = world.mfactl(&format!("{command} -o json")).exits(7);
        assert_eq!(run.error()["code"], "newer-format", "{command}");
    }
}
