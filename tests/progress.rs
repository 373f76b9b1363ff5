//! Progress is shown on a terminal, for work that takes a while, and nowhere else.

#![allow(clippy::disallowed_methods, clippy::unwrap_used)]

mod shell;

use shell::{World, tool};

/// Enough accounts for more than half a second of a debug build, and of CPU time
/// at that: the machine may be idle or not.
const ACCOUNTS: usize = 12_000;

fn file(world: &World, accounts: usize) {
    let rows = (0..accounts).map(|n| format!("user{n},User {n},acme\n"));
    let text = "login,name,orgs\n".to_owned() + &rows.collect::<String>();
    std::fs::write(world.path("accounts.csv"), text).unwrap();
}

/// What an import prints on a terminal, all of it.
fn on_terminal(state: &str, world: &World, more: &str) -> String {
    let import =
        format!("mfactl --state {state} user import --init --create-orgs accounts.csv {more}");
    world.sh(&format!("TERM=xterm script -qefc '{import}' /dev/null")).exits(0).stdout
}

#[test]
fn a_long_import_shows_how_far_it_is() {
    if !tool("script") {
        return;
    }
    let world = World::new();
    file(&world, ACCOUNTS);
    let shown = on_terminal("one", &world, "");
    assert!(shown.contains("importing accounts [="), "{shown}");
    assert!(shown.contains("/12,000, "), "{shown}");
    let answer = shown.find("12000 accounts imported").unwrap();
    assert!(!shown[answer..].contains("importing"), "the bar is gone: {shown}");

    assert!(!on_terminal("two", &world, "--quiet").contains("importing"));
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
    assert!(!on_terminal("one", &world, "").contains("importing"));
}
