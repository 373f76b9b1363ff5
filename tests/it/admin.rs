//! Administration at the shell: partial documents, follow-ups, operators, and
//! what is recorded about the switch.

#![allow(clippy::disallowed_methods, clippy::unwrap_used)]

use crate::shell;

use serde_json::{Value, json};
use shell::World;

const MEMBERSHIP: &str = "user membership alice --org acme --from-file";

#[track_caller]
fn document(world: &World, text: &str) -> String {
    std::fs::write(world.path("document"), text).unwrap();
    format!("{MEMBERSHIP} document")
}

fn membership(world: &World) -> Value {
    world.mfactl("user show alice -o json").exits(0).json()["memberships"][0].clone()
}

#[test]
fn a_partial_document_changes_just_what_it_names() {
    let world = World::small();
    let before = world.mfactl("user show alice -o json").exits(0).json();
    let change = document(&world, "{\"mfaOptOut\": true}");
    let report = world.mfactl(&format!("{change} -m ward --ticket T1 -o json")).exits(0).json();
    assert_eq!((&report["action"], &report["rev"]), (&json!("user.membership"), &json!(3)));
    let opt_out = json!({"by": "sam", "at": shell::NOW, "message": "ward", "until": null});
    let mut after = world.mfactl("user show alice -o json").exits(0).json();
    assert_eq!(after["memberships"][0]["opt_out"], opt_out);
    assert_eq!(after["memberships"][0]["requirement"], "exempt");
    after["memberships"][0] = before["memberships"][0].clone();
    after["rev"] = before["rev"].clone();
    assert_eq!(after, before, "the other org, and everything else, is as it was");
    let record = world.mfactl("audit log --limit 1 -o json").exits(0).json();
    assert_eq!((&record[0]["subject"], &record[0]["ticket"]), (&json!("alice"), &json!("T1")));

    let again = world.mfactl(&format!("{change} -o json")).exits(0).json();
    assert_eq!((&again["changed"], &again["rev"]), (&json!(false), &Value::Null));

    let change = document(&world, "role: helpdesk\n");
    world.mfactl(&change).exits(0);
    assert_eq!(membership(&world)["role"], "helpdesk");
    assert_eq!(membership(&world)["opt_out"], opt_out, "the role alone was named");

    let both = "printf 'mfaOptOut: false\\nrole: member\\n' | mfactl ";
    let report = world.sh(&format!("{both}{MEMBERSHIP} - -o json")).exits(0).json();
    assert_eq!(report["rev"], 5, "two fields, one revision");
    assert_eq!(
        (&membership(&world)["role"], &membership(&world)["opt_out"]),
        (&json!("member"), &Value::Null)
    );
}

#[test]
fn an_opt_out_that_has_an_end_keeps_it_under_a_document() {
    let world = World::small();
    world.mfactl("user opt-out alice --org acme --until +7d").exits(0);
    let change = document(&world, "{\"mfaOptOut\": true, \"role\": \"helpdesk\"}");
    world.mfactl(&change).exits(0);
    assert_eq!(membership(&world)["opt_out"]["until"], "2026-11-28T09:00:00Z");
}

#[test]
fn a_wrong_document_changes_nothing_and_is_named() {
    let world = World::small();
    let long = format!("# {}\nmfaOptOut: true\n", "x".repeat(70_000));
    let files = world.files();
    for (text, words) in [
        ("{\"mfaOptOut\": true, \"until\": 3}", "document: unknown field \"until\""),
        ("{\"mfaOptOut\": true, \"mfaOptOut\": true}", "mfaOptOut is named twice"),
        ("mfaOptOut: yes\n", "mfaOptOut: expected true or false"),
        ("{\"role\": \"owner\"}", "role: \"owner\" is no role"),
        ("{}", "names no field"),
        (&long, "longer than 65536 bytes"),
    ] {
        let run = world.mfactl(&document(&world, text)).exits(2);
        assert!(run.stderr.contains(words), "{text:.60}: {}", run.stderr);
    }
    world.mfactl(&format!("{MEMBERSHIP} nowhere")).exits(2);
    world.mfactl("user membership alice --org acme").exits(2);
    assert!(world.files() == files);
}

#[test]
fn a_document_is_refused_as_the_verbs_are() {
    let mut world = World::staffed();
    let run = |world: &World, user: &str, org: &str, text: &str| {
        std::fs::write(world.path("document"), text).unwrap();
        world.mfactl(&format!("user membership {user} --org {org} --from-file document -o json"))
    };
    let out = "{\"opt_out\": true}";
    assert_eq!(run(&world, "dave", "acme", out).exits(3).error()["code"], "sso-account");
    run(&world, "bob", "globex", out).exits(4);
    run(&world, "root.admin", "acme", out).exits(5);
    world.mfactl("org edit acme --mandate-role admin").exits(0);
    let raise = "{\"opt_out\": true, \"role\": \"admin\"}";
    assert_eq!(run(&world, "bob", "acme", raise).exits(3).error()["code"], "opt-out-denied");
    world.user("hal");
    run(&world, "bob", "acme", out).exits(5);
    world.user("gil");
    run(&world, "alice", "acme", out).exits(4);
    world.user("ada");
    run(&world, "bob", "acme", out).exits(0);
}

fn follow_ups(world: &World) -> Vec<String> {
    let rows = world.mfactl("exception follow-ups -o json").exits(0).json();
    let ids = rows.as_array().unwrap().iter().map(|row| row["id"].as_str().unwrap().to_owned());
    ids.collect()
}

#[test]
fn follow_ups_stand_until_somebody_enrols() {
    let mut world = World::staffed();
    for (user, reason) in [
        ("alice", "phone-lost-or-stolen"),
        ("bob", "phone-misplaced"),
        ("gus", "phone-misplaced"),
        ("helen", "no-signal"),
    ] {
        world.mfactl(&format!("exception grant {user} --short --reason {reason}")).exits(0);
    }
    let empty = world.mfactl("exception follow-ups").exits(0);
    assert_eq!(empty.stdout, "no follow-ups: nobody has to enrol again\n");
    world.mfactl("exception revoke bob#1").exits(0);
    assert_eq!(follow_ups(&world), ["bob#1"], "ended by an operator");
    world.at("2026-11-22T09:00:00Z");
    assert_eq!(follow_ups(&world), ["alice#1", "bob#1", "gus#1"], "to the second of the end");
    world.mfactl("exception expire").exits(0);
    assert_eq!(follow_ups(&world), ["alice#1", "bob#1", "gus#1"], "recorded or not");
    let rows = world.mfactl("exception follow-ups -o json").exits(0).json();
    let listed = world.mfactl("exception list --ended --user alice -o json").exits(0).json();
    assert_eq!(rows[0], listed[0], "an exception list");
    let seen = world.as_user("gil", "exception follow-ups -o json").exits(0).json();
    assert_eq!(seen.as_array().unwrap().len(), 2, "alice and gus are members of globex");
    assert_eq!(seen[0]["orgs"], json!(["globex"]), "and of alice only globex is in sight");
    world.mfactl("user enrol alice --external new-phone").exits(0);
    world.mfactl("user deactivate gus").exits(0);
    assert_eq!(follow_ups(&world), ["bob#1"]);
    let then = world.mfactl("exception follow-ups --at 2026-11-21T09:00:00Z -o json").exits(0);
    assert_eq!(then.json().as_array().unwrap().len(), 1, "as it was then");
}

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

/// R15: evidence is a plain file of at most 10 MiB, which is kept under its hash.
#[test]
fn evidence_is_a_plain_file_that_is_kept_by_its_hash() {
    let world = World::small();
    let grant = "exception grant alice --long --org acme --reason accessibility --evidence";
    world
        .sh("ln -s small.csv link; mkfifo pipe; mkdir folder; head -c 10485761 /dev/zero >large; \
             head -c 10485760 /dev/zero >fits; printf letter >letter")
        .exits(0);
    let before = world.files();
    for odd in ["link", "pipe", "folder", "large", "/dev/zero", "nowhere"] {
        let run = world.mfactl(&format!("{grant} {odd}")).exits(2);
        assert!(run.stderr.contains(odd), "{}", run.stderr);
    }
    world.mfactl("exception grant alice --long --org acme --reason accessibility").exits(3);
    assert!(world.files() == before, "something was kept");

    let made = world.mfactl(&format!("{grant} letter --evidence fits -o json")).exits(0).json();
    let kept = made["after"]["evidence"].as_array().unwrap();
    let sum = world.sh("sha256sum letter fits | cut -c 1-64").exits(0).stdout;
    let kept: Vec<&str> = kept.iter().map(|hash| hash.as_str().unwrap()).collect();
    let mut sorted: Vec<&str> = sum.lines().collect();
    sorted.sort_unstable();
    assert_eq!(kept, sorted);
    for (hash, name) in sum.lines().zip(["letter", "fits"]) {
        let there = std::fs::read(world.state().join("evidence").join(hash)).unwrap();
        assert!(there == std::fs::read(world.path(name)).unwrap(), "{name}");
    }
    world.mfactl("audit verify").exits(0);
    world.mfactl("state check").exits(0);
}
