//! Progress is shown on a terminal, for work that takes a while, and nowhere else.

#![allow(clippy::disallowed_methods, clippy::unwrap_used)]

use crate::shell;

use shell::{World, tool};

/// Enough accounts for a bar that is drawn more than once.
const ACCOUNTS: usize = 12_000;

/// Work is shown however fast this machine is.
const AT_ONCE: &str = "MFACTL_TEST_PATIENCE=0";

fn file(world: &World, accounts: usize) {
    let rows = (0..accounts).map(|n| format!("user{n},User {n},acme\n"));
    let text = "login,name,orgs\n".to_owned() + &rows.collect::<String>();
    std::fs::write(world.path("accounts.csv"), text).unwrap();
}

/// What an import prints on a terminal, all of it.
fn on_terminal(state: &str, world: &World, more: &str, patience: &str) -> String {
    let import =
        format!("mfactl --state {state} user import --init --create-orgs accounts.csv {more}");
    world.sh(&format!("TERM=xterm {patience} script -qefc '{import}' /dev/null")).exits(0).stdout
}

#[test]
fn a_long_import_shows_how_far_it_is() {
    if !tool("script") {
        return;
    }
    let world = World::new();
    file(&world, ACCOUNTS);
    let shown = on_terminal("one", &world, "", AT_ONCE);
    assert!(shown.contains("importing accounts [="), "{shown}");
    assert!(shown.contains("/12,000, "), "{shown}");
    let answer = shown.find("12000 accounts imported").unwrap();
    assert!(!shown[answer..].contains("importing"), "the bar is gone: {shown}");

    assert!(!on_terminal("two", &world, "--quiet", AT_ONCE).contains("importing"));
    let piped = world.mfactl("--state three user import --init --create-orgs accounts.csv");
    assert_eq!(piped.exits(0).stderr, "", "stderr is no terminal");
}

#[test]
fn a_short_one_does_not() {
    if !tool("script") {
        return;
    }
    let world = World::new();
    file(&world, 20);
    assert!(!on_terminal("one", &world, "", "").contains("importing"));
}

#[test]
fn a_long_apply_and_a_long_drift_show_what_they_do() {
    if !tool("script") {
        return;
    }
    let world = World::new();
    file(&world, ACCOUNTS);
    world.mfactl("user import --init --create-orgs accounts.csv").exits(0);
    let members = (0..ACCOUNTS).map(|n| format!("  user{n}: {{role: helpdesk}}\n"));
    let text = "version: 1\norg: acme\nmembers:\n".to_owned() + &members.collect::<String>();
    std::fs::write(world.path("acme.yaml"), text).unwrap();
    let shown = |command: &str| {
        // However fast this machine is.
        let line =
            format!("MFACTL_TEST_PATIENCE=0 TERM=xterm script -qefc 'mfactl {command}' /dev/null");
        world.sh(&line).exits(0).stdout
    };
    let applied = shown("policy apply acme.yaml -o json");
    assert!(applied.contains("writing: "), "{}", &applied[..applied.len().min(2_000)]);
    world.mfactl("user role user7 --org acme member").exits(0);
    let drift = shown("policy drift");
    assert!(drift.contains("reading the audit log: ") && drift.contains("user7"), "{drift}");
    // Some hundred files of evidence and shards.
    assert!(shown("audit verify").contains("comparing files: "));
    let backup = shown("state backup b.tar");
    assert!(backup.contains("writing files: ") && backup.contains("verifying"), "{backup}");
    let piped = world.mfactl("policy plan acme.yaml").exits(0);
    assert_eq!(piped.stderr, "", "stderr is no terminal");
}
