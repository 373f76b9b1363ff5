//! Administration at the shell: partial documents, follow-ups, operators, and
//! what is recorded about the switch.

#![allow(clippy::disallowed_methods, clippy::unwrap_used)]

mod shell;

use serde_json::{Value, json};
use shell::World;

#[test]
fn who_set_the_switch_and_who_asked_is_on_record() {
    let world = World::small();
    world.mfactl("user set-mfa bob on --requested-by 'Bob Quill'").exits(0);
    let set = json!({"by": "sam", "at": shell::NOW, "requested_by": "Bob Quill"});
    assert_eq!(world.mfactl("user show bob -o json").exits(0).json()["mfa_set_by"], set);
    let page = world.mfactl("user show bob").exits(0).stdout;
    let line = "on, set by sam at 2026-11-21T09:00:00Z (now), requested by Bob Quill";
    assert!(page.contains(line), "{page}");
    let nobody = world.mfactl("user show carol -o json").exits(0).json();
    assert_eq!(nobody["mfa_set_by"], Value::Null);
}

#[test]
fn an_org_stays_as_long_as_an_operator_has_a_role_in_it() {
    let world = World::staffed();
    world.mfactl("org add empty").exits(0);
    world.mfactl("operator edit hal --role helpdesk:empty").exits(0);
    world.mfactl("operator edit ada --role admin:empty --role helpdesk:empty").exits(0);
    let error = world.mfactl("org remove empty --yes -o json").exits(3).error();
    assert_eq!(error["code"], "in-use");
    assert!(error["message"].as_str().unwrap().contains("ada, hal"), "{error}");
    for hint in error["hints"].as_array().unwrap() {
        world.sh(hint.as_str().unwrap()).exits(0);
    }
    world.mfactl("org remove empty --yes").exits(0);
}

#[test]
fn an_os_user_that_is_two_operators_says_which() {
    let world = World::staffed();
    let add = "operator add night --os-user hal --user second.person --role helpdesk:globex";
    let run = world.mfactl(&format!("{add} -o json")).exits(0);
    let warning = run.json()["warnings"][0].as_str().unwrap().to_owned();
    assert!(warning.contains("hal is the operator hal too") && warning.contains("--as"));
    assert!(run.stderr.contains("warning: the OS user hal"), "{}", run.stderr);
    let unsaid = world.as_user("hal", "user show gus").exits(2);
    assert!(unsaid.stderr.contains("--as hal"), "{}", unsaid.stderr);
    world.as_user("hal", "user show gus --as night").exits(0);
    world.as_user("hal", "user show gus --as hal").exits(4);
    world.as_user("hal", "user show gus --as ada").exits(5);
}

#[test]
fn one_very_long_login_leaves_the_others_a_table() {
    let world = World::hospital();
    let table = world.sh("COLUMNS=80 mfactl user list").exits(0).stdout;
    assert!(table.starts_with("LOGIN  "), "{table:.300}");
    let wide: Vec<&str> = table.lines().filter(|line| line.len() > 100).collect();
    assert_eq!(wide.len(), 1);
    assert_eq!(wide[0].len(), 128, "whole, and alone");
    let logins = world.mfactl("user list -o csv").exits(0).stdout;
    for login in logins.lines().skip(1).map(|line| line.split(',').next().unwrap()) {
        assert!(table.lines().any(|line| line.split(' ').next() == Some(login)), "{login}");
    }
}
