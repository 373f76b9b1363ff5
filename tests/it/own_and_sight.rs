//! Nobody gains by who they are or by asking: own account whatever the verb, two persons that
//! are two, names out of sight that stay untold, and answers to what was shown.

#![allow(clippy::disallowed_methods, clippy::unwrap_used)]

use crate::person;
use crate::shell;

use std::io::{BufRead, BufReader, Read, Write};
use std::os::unix::fs::FileExt;
use std::path::Path;
use std::process::{Child, Stdio};
use std::time::Duration;

use serde_json::Value;
use sha2::Digest;
use shell::{World, tool};

const LONG: &str = "--long --reason accessibility --evidence https://x.example/1";

/// [`World::staffed`], in which sam is a second operator as well, by the same OS user: with
/// alice as the linked account. Another site-admin made it so.
fn two_entries() -> World {
    let world = World::staffed();
    let add = "operator add sam2 --os-user sam --user alice --role site-admin";
    world.as_user("second", add).exits(0);
    world
}

#[track_caller]
fn own_account(world: &World, command: &str) {
    let files = world.files();
    let run = world.mfactl(&format!("{command} -o json")).exits(5);
    assert_eq!(run.error()["code"], "own-account", "{command}: {}", run.stderr);
    assert!(world.files() == files, "{command} changed something");
}

#[test]
fn a_restore_brought_back_ones_own_opt_out() {
    let world = two_entries();
    for own in ["root.admin", "alice"] {
        world.as_user("second", &format!("user opt-out {own} --org acme")).exits(0);
        world.as_user("second", &format!("state backup {own}.tar")).exits(0);
        world.as_user("second", &format!("user opt-in {own} --org acme")).exits(0);
        for acting in ["sam", "sam2"] {
            own_account(&world, &format!("state restore {own}.tar --yes --as {acting}"));
            own_account(&world, &format!("state restore {own}.tar --dry-run --as {acting}"));
        }
        world.as_user("second", &format!("state restore {own}.tar --yes")).exits(0);
        world.as_user("second", &format!("user opt-in {own} --org acme")).exits(0);
    }
    // One's own entry comes back by nobody else either.
    world.as_user("second", "state backup before.tar").exits(0);
    world.as_user("second", "operator edit sam2 --role auditor").exits(0);
    own_account(&world, "state restore before.tar --yes --as sam");
    world.as_user("second", "state restore before.tar --yes").exits(0);
}

#[test]
fn a_backup_still_founds_a_state_in_which_ones_own_secret_is_lost() {
    let world = World::staffed();
    world.as_user("second", "user enrol root.admin --unverified --reveal").exits(0);
    world.mfactl("state backup b.tar").exits(0);
    let run = world.mfactl("--state new state restore b.tar --yes").exits(0);
    let user = world.mfactl("--state new user show root.admin -o json").exits(0).json();
    assert_eq!(user["enrolment"]["status"], "none", "{}", run.stderr);
}

#[test]
fn one_os_user_was_two_persons() {
    let world = two_entries();
    std::fs::write(world.path("codes"), "1\n").unwrap();
    let policy = "version: 1\norg: acme\nmembers:\n  alice: {opt_out: {message: mine}}\n";
    std::fs::write(world.path("own.yaml"), policy).unwrap();
    std::fs::write(world.path("users.yaml"), "version: 1\nusers: {root.admin: {mfa: off}}\n")
        .unwrap();
    std::fs::write(world.path("own.csv"), "login,name\nalice,Alias\n").unwrap();
    let uri = "otpauth://totp/mfactl:alice?secret=JBSWY3DPEHPK3PXPJBSWY3DPEHPK3PXP&issuer=mfactl";
    std::fs::write(world.path("uris"), format!("{uri}\n")).unwrap();
    for command in [
        "user set-mfa alice off",
        "user opt-out alice --org acme",
        "user reset alice",
        "user enrol alice --external app",
        "user enrol alice --reveal",
        "user edit alice --name Alias",
        "user join alice --org acme",
        "user import --update own.csv",
        "convert import otpauth uris",
        "policy apply own.yaml",
        "policy apply users.yaml --allow-weaken 1",
        "exception grant alice --short --reason no-signal",
        "operator edit sam2 --role auditor",
        "operator remove sam2 --yes",
        "operator add sam3 --os-user sam --user bob --role site-admin",
        "operator add sam3 --os-user sam --service --role site-admin",
        "operator add sam3 --os-user new --user alice --role site-admin",
        "operator edit hal --os-user sam",
        "operator edit hal --user root.admin",
    ] {
        own_account(&world, &format!("{command} --as sam"));
        own_account(&world, &format!("{} --as sam2", command.replace("alice", "root.admin")));
    }
    world.mfactl("user set-mfa bob on --as sam").exits(0);
}

#[test]
fn an_edit_by_hand_of_an_entry_of_ones_own_was_accepted() {
    let world = two_entries();
    let path = world.path("demo/operators.yaml");
    let right = std::fs::read_to_string(&path).unwrap();
    let hal = right.replace("[\"hal\"]", "[\"hal\", \"sam\"]");
    for edited in [right.replace("sam2", "sam3"), hal] {
        assert_ne!(edited, right);
        std::fs::write(&path, &edited).unwrap();
        own_account(&world, "state repair --accept operators.yaml --as sam");
    }
    std::fs::write(&path, right).unwrap();
}

#[test]
fn two_person_approval_was_passed_by_one_os_user_with_two_entries() {
    let world = two_entries();
    world.mfactl("org edit acme --approval two-person --as sam").exits(0);
    world.mfactl(&format!("exception request bob {LONG} --as sam")).exits(0);
    for acting in ["sam", "sam2"] {
        let run = world.mfactl(&format!("exception approve bob#1 --as {acting} -o json")).exits(5);
        assert_eq!(run.error()["code"], "not-permitted");
    }
    // Not by an entry that has another name by then, and another account.
    for command in [
        "operator add sam3 --os-user sam --user helen --role site-admin",
        "operator remove sam2 --yes",
        "operator remove sam --yes",
    ] {
        world.as_user("second", command).exits(0);
    }
    world.mfactl("exception approve bob#1").exits(5);
    world.as_user("second", "exception approve bob#1").exits(0);
}

/// What a command of hal, helpdesk of acme, or ada, its admin, prints; `typed` taken out.
fn answer(world: &World, who: &str, command: &str, typed: &str) -> (i32, String) {
    let run = world.as_user(who, &command.replace("{}", typed));
    let bare = typed.split_once(':').map_or(typed, |(_, bare)| bare);
    (run.code, format!("{}{}", run.stdout, run.stderr).replace(typed, "{}").replace(bare, "{}"))
}

#[test]
fn names_out_of_sight_were_told() {
    let world = World::eventful();
    world.mfactl("exception grant gus --short --reason no-signal --unenrolled-ok").exits(0);
    world.mfactl("exception grant alice --short --org globex --reason no-signal").exits(0);
    let plan = |org: &str, login: &str| {
        let members = format!("members: {{{login}: {{role: member}}}}");
        let text = format!("version: 1\norg: {org}\n{members}\n");
        std::fs::write(world.path(&format!("{org}-{login}.yaml")), text).unwrap();
    };
    for (org, login) in [("globex", "bob"), ("no-org", "bob"), ("acme", "gus"), ("acme", "xyz")] {
        plan(org, login);
    }
    for org in ["globex", "no-org"] {
        std::fs::write(world.path(&format!("{org}.csv")), format!("login,orgs\nnew,{org}\n"))
            .unwrap();
    }
    let accounts = [
        "user show {}",
        "user edit {} --name X --dry-run",
        "user rename {} other --dry-run",
        "user remove {} --dry-run",
        "user reset {} --dry-run",
        "user unlock {} --dry-run",
        "user enrol {} --reveal --dry-run",
        "user codes {} --reveal --dry-run",
        "user set-mfa {} on --dry-run",
        "user set-mfa bob {} on --keep-going --dry-run",
        "user opt-out {} --org acme --dry-run",
        "user join {} --org acme --dry-run",
        "explain {}",
        "exception list --user {}",
        "exception grant {} --short --reason no-signal --dry-run",
        "operator add x --os-user x --user {} --dry-run",
        "audit log --user {}",
        "state path {}",
        "convert export otpauth new.uris {} --dry-run",
    ];
    for who in ["hal", "ada"] {
        for command in accounts {
            for (there, nowhere) in [
                ("gus", "xyz"),
                ("id:u-gus", "id:u-xyz"),
                ("mail:gus@globex.example", "mail:xyz@globex.example"),
            ] {
                let said = answer(&world, who, command, there);
                assert_eq!(said, answer(&world, who, command, nowhere), "{who}: {command}");
            }
        }
        for command in [
            "exception show {}",
            "exception approve {} --dry-run",
            "exception reject {} --dry-run",
            "exception revoke {} --dry-run",
        ] {
            for (there, nowhere) in [("gus#1", "gus#7"), ("alice#2", "alice#7")] {
                let said = answer(&world, who, command, there);
                assert_eq!(said.0, 4, "{who}: {command}: {}", said.1);
                assert_eq!(said, answer(&world, who, command, nowhere), "{who}: {command}");
            }
        }
        for command in [
            "org show {}",
            "org edit {} --grace-days 1 --dry-run",
            "org enforce {} on --dry-run",
            "org remove {} --dry-run",
            "user list --org {}",
            "user list --where org={}",
            "user set-mfa --where org={} on --dry-run",
            "user add new --org {} --dry-run",
            "user join bob --org {} --dry-run",
            "user opt-out alice --org {} --dry-run",
            "user import {}.csv --dry-run",
            "user import --update {}.csv --dry-run",
            "user import --create-orgs {}.csv --dry-run",
            "exception reasons --org {}",
            "exception grant alice --short --org {} --reason no-signal --dry-run",
            "explain alice --org {}",
            "report coverage --org {}",
            "report exceptions --org {}",
            "report opt-outs --org {}",
            "operator add x --os-user x --user bob --role admin:{} --dry-run",
            "policy plan {}-bob.yaml",
            "policy plan {}-bob.yaml --create-orgs",
            "policy apply {}-bob.yaml --dry-run",
            "policy export --org {}",
            "policy drift --org {}",
        ] {
            let said = answer(&world, who, command, "globex");
            let filters = command.contains("--where");
            assert!(filters || [4, 5].contains(&said.0), "{who}: {command}: {}", said.1);
            assert_eq!(said, answer(&world, who, command, "no-org"), "{who}: {command}");
        }
        let plan = "policy plan acme-{}.yaml";
        assert_eq!(answer(&world, who, plan, "gus"), answer(&world, who, plan, "xyz"));
        for command in ["operator edit {} --role auditor --dry-run", "operator show {}"] {
            assert_eq!(answer(&world, who, command, "gil"), answer(&world, who, command, "xyz"));
        }
    }
}

#[test]
fn an_address_in_a_list_told_the_login_of_an_account_out_of_sight() {
    let world = World::staffed();
    let said = |who: &str, address: &str| {
        std::fs::write(world.path("list.csv"), format!("user\n{address}\n")).unwrap();
        let run = world.as_user(who, "user reset --from-file list.csv --keep-going --dry-run");
        (run.code, format!("{}{}", run.stdout, run.stderr).replace(address, "{}"))
    };
    for who in ["hal", "ada"] {
        let there = said(who, "gus@globex.example");
        assert_eq!(there, said(who, "xyz@globex.example"), "{who}");
        assert!(!there.1.contains("gus"), "{who}: {}", there.1);
    }
    // Who sees the account may still name it by its address.
    let told = said("gil", "gus@globex.example");
    assert!(told.1.contains("gus") && !told.1.contains("no user"), "{}", told.1);
}

#[test]
fn what_ended_out_of_sight_was_named() {
    let mut world = World::staffed();
    for (login, org) in [("gus", "globex"), ("alice", "acme"), ("alice", "globex")] {
        let grant = format!("exception grant {login} --short --org {org} --reason no-signal");
        world.mfactl(&format!("{grant} --unenrolled-ok")).exits(0);
    }
    for id in ["gus#1", "alice#1", "alice#2"] {
        world.as_user("second", &format!("exception approve {id}"));
    }
    world.at("2027-01-21T09:00:00Z");
    let ids = |who: &str| -> (Vec<String>, bool) {
        let run = world.as_user(who, "exception expire --dry-run -o json").exits(0);
        let rows = run.json()["expired"].as_array().unwrap().clone();
        let ids = rows.iter().map(|row| row["id"].as_str().unwrap().to_owned()).collect();
        assert!(!run.stderr.contains('#'), "{who}: {}", run.stderr);
        (ids, run.stderr.contains("not listed") || run.stdout.contains("not listed"))
    };
    for (who, seen, hides) in [
        ("hal", &["alice#1"][..], true),
        ("ada", &["alice#1"], true),
        ("gil", &["alice#2", "gus#1"], true),
        ("aud", &["alice#1", "alice#2", "gus#1"], false),
        ("root", &["alice#1", "alice#2", "gus#1"], false),
    ] {
        let (mut ids, hidden) = ids(who);
        ids.sort();
        assert_eq!((ids, hidden), (seen.iter().map(ToString::to_string).collect(), hides), "{who}");
    }
    let run = world.as_user("hal", "exception expire").exits(0);
    let said = format!("{}{}", run.stdout, run.stderr);
    assert!(said.contains("2 of what ended") && !said.contains("globex"), "{said}");
}

#[test]
fn a_policy_told_what_became_of_accounts_out_of_sight() {
    let world = World::staffed();
    let plan = |who: &str, org: &str, login: &str| {
        let text = format!("version: 1\norg: {org}\nmembers: {{{login}: {{role: member}}}}\n");
        std::fs::write(world.path("list.yaml"), text).unwrap();
        let run = world.as_user(who, "policy plan list.yaml");
        (run.code, format!("{}{}", run.stdout, run.stderr).replace(login, "{}"))
    };
    std::fs::write(world.path("p.yaml"), "version: 1\norg: acme\nname: Acme\n").unwrap();
    for command in [
        "policy apply p.yaml --yes",
        "user add zed --org globex",
        "user rename zed zed-new",
        "user add yan --org globex",
        "user remove yan --yes",
        "user add own --org acme",
        "user rename own own-new",
        "user add gone --org acme",
        "user remove gone --yes",
    ] {
        world.mfactl(command).exits(0);
    }
    for who in ["hal", "ada"] {
        let unknown = plan(who, "acme", "xyz");
        assert_eq!(plan(who, "acme", "zed"), unknown, "{who}");
        assert_eq!(plan(who, "acme", "yan"), unknown, "{who}");
    }
    for (who, org, login, words) in [
        ("sam", "acme", "zed", "renamed to {}-new"),
        ("sam", "acme", "yan", "removed at"),
        ("ada", "acme", "own", "renamed to {}-new"),
        ("ada", "acme", "gone", "removed at"),
        ("gil", "globex", "zed", "renamed to {}-new"),
    ] {
        let said = plan(who, org, login).1;
        assert!(said.contains(words), "{who}, {login}: {said}");
    }
    // The same of a login that means another account by now.
    world.mfactl("user add zed --org acme").exits(0);
    assert!(plan("sam", "acme", "zed").1.contains("another account"));
    let said = plan("ada", "acme", "zed").1;
    assert!(!said.contains("another account") && !said.contains("-new"), "{said}");
}

#[test]
fn two_person_approval_was_lifted_by_the_person_who_asked() {
    let world = World::staffed();
    world.mfactl("org edit acme --approval two-person").exits(0);
    world.as_user("ada", &format!("exception request bob {LONG}")).exits(0);
    world.as_user("ada", "exception approve bob#1").exits(5);
    world.as_user("ada", "org edit acme --approval none").exits(0);
    let run = world.as_user("ada", "exception approve bob#1 -o json").exits(5);
    assert_eq!(run.error()["code"], "not-permitted");
    // It is of the request: another person may, and so may who asks when one is enough.
    world.mfactl("exception approve bob#1").exits(0);
    world.as_user("ada", &format!("exception request alice --org acme {LONG}")).exits(0);
    world.as_user("ada", "exception approve alice#1").exits(0);
}

#[test]
fn an_operator_was_named_as_root_itself_is_in_the_audit() {
    let world = World::staffed();
    for name in ["root", "system"] {
        let add = format!("operator add {name} --os-user x --user bob --role auditor -o json");
        let run = world.mfactl(&add).exits(2);
        assert!(run.stderr.contains("reserved"), "{}", run.stderr);
        let run = world.mfactl(&format!("--state new init --operator {name}")).exits(2);
        assert!(run.stderr.contains("reserved"), "{}", run.stderr);
        assert!(!world.path("new").exists());
    }
    let run = world.as_user("system", "--state new init").exits(2);
    assert!(run.stderr.contains("--operator NAME"), "{}", run.stderr);
    world.as_user("root", "--state new init").exits(0);
    // Nor by a file that was edited and accepted.
    let operators = world.path("demo/operators.yaml");
    let edited = std::fs::read_to_string(&operators).unwrap().replace("  hal:", "  system:");
    std::fs::write(&operators, edited).unwrap();
    let run = world.mfactl("state repair --accept operators.yaml").exits(2);
    assert!(run.stderr.contains("reserved"), "{}", run.stderr);
}

#[test]
fn an_update_by_import_told_the_id_of_a_login() {
    let world = World::staffed();
    std::fs::write(world.path("u.csv"), "login,id,orgs\ngus,u-mine,acme\n").unwrap();
    let run = world.as_user("ada", "user import --update u.csv").exits(3);
    assert!(!run.stderr.contains("u-gus"), "{}", run.stderr);
    assert_eq!(run.stderr.matches("already").count(), 1, "the login is taken: {}", run.stderr);
    // Who may not add accounts learns no login either.
    for login in ["gus", "xyz"] {
        std::fs::write(world.path("u.csv"), format!("login,orgs\n{login},acme\n")).unwrap();
        for update in ["", "--update"] {
            world.as_user("hal", &format!("user import {update} u.csv")).exits(5);
        }
    }
}

#[test]
fn a_refusal_named_the_other_orgs_of_an_account() {
    let world = World::eventful();
    world.mfactl("exception revoke alice#1").exits(0);
    world.mfactl("exception grant alice --short --reason no-signal").exits(0);
    for command in [
        "user reset alice",
        "user set-mfa alice off",
        "user edit alice --name X",
        "exception revoke alice#2",
        "exception grant alice --short --org acme --reason no-signal --replace",
        "user set-mfa --where org=acme,mfa=on off --yes",
    ] {
        let run = world.as_user("ada", command).exits(5);
        assert!(!run.stderr.contains("globex"), "{command}: {}", run.stderr);
    }
}

#[test]
fn follow_ups_told_of_people_who_left() {
    let mut world = World::eventful();
    world.mfactl("exception grant ivy --short --reason phone-misplaced").exits(0);
    world.mfactl("user reset ivy").exits(0);
    world.at("2026-11-23T09:00:00Z");
    let told = |who: &str| world.as_user(who, "exception follow-ups").exits(0).stdout;
    assert!(told("hal").contains("ivy#1"), "{}", told("sam"));
    world.mfactl("user leave ivy --org acme").exits(0);
    assert!(!told("hal").contains("ivy") && told("sam").contains("ivy#1"));
}

#[test]
fn an_address_and_an_id_that_are_taken_do_not_tell_whose_they_are() {
    let world = World::staffed();
    world.mfactl("user add whose --org globex --email desk@globex.example --id u-desk").exits(0);
    for more in ["--email desk@globex.example", "--id u-desk"] {
        let run = world.as_user("ada", &format!("user add new --org acme {more}")).exits(3);
        assert!(!run.stderr.contains("whose"), "{}", run.stderr);
    }
}

/// Starts a command on a terminal, and waits until it asks.
fn asked(world: &World, command: &str) -> Child {
    let command = format!("script -qefc 'mfactl {command}' shown >/dev/null");
    let child = world.shell(&command).stdin(Stdio::piped()).spawn().unwrap();
    let asks = |shown: String| shown.contains("y/N");
    while !std::fs::read_to_string(world.path("shown")).is_ok_and(asks) {
        std::thread::sleep(Duration::from_millis(20));
    }
    child
}

/// Answers yes; returns the exit code and what was shown.
fn answered(world: &World, mut child: Child) -> (Option<i32>, String) {
    writeln!(child.stdin.take().unwrap(), "y").unwrap();
    let code = child.wait().unwrap().code();
    (code, std::fs::read_to_string(world.path("shown")).unwrap())
}

/// Writes other bytes of the same length into the accounts of a backup, in its place, with the
/// first line that fits them.
fn forge(path: &Path, from: &str, to: &str) {
    let mut archive = tar::Archive::new(std::fs::File::open(path).unwrap());
    let (at, text) = archive
        .entries()
        .unwrap()
        .map(|entry| entry.unwrap())
        .find(|entry| entry.path_bytes() == &b"users/all.yaml"[..])
        .map(|mut entry| {
            let mut text = String::new();
            entry.read_to_string(&mut text).unwrap();
            (entry.raw_file_position(), text)
        })
        .unwrap();
    let (line, body) = text.split_once('\n').unwrap();
    assert!(body.contains(from) && from.len() == to.len());
    let body = body.replace(from, to);
    let (start, _) = line.rsplit_once(' ').unwrap();
    let hash = data_encoding::HEXLOWER.encode(&sha2::Sha256::digest(&body));
    let forged = format!("{start} {hash}\n{body}");
    assert_eq!(forged.len(), text.len());
    let file = std::fs::OpenOptions::new().write(true).open(path).unwrap();
    file.write_all_at(forged.as_bytes(), at).unwrap();
}

#[test]
fn a_backup_changed_while_the_question_was_asked_was_restored() {
    if !tool("script") {
        return;
    }
    let world = World::staffed();
    world.mfactl("state backup b.tar").exits(0);
    world.mfactl("user edit bob --name 'Bob Other'").exits(0);
    let child = asked(&world, "state restore b.tar");
    forge(&world.path("b.tar"), "Bob Quill", "Bob Forge");
    let (code, shown) = answered(&world, child);
    assert_eq!(code, Some(0), "{shown}");
    let bob = world.mfactl("user show bob -o json").exits(0).json();
    assert_eq!(bob["name"], "Bob Quill", "what was verified and shown is what is restored");
    world.mfactl("audit verify").exits(0);
    // What it is by now does not verify.
    world.mfactl("state restore b.tar --yes").exits(2);
}

#[test]
fn a_state_that_moves_on_while_a_restore_is_asked_about_is_not_restored() {
    if !tool("script") {
        return;
    }
    let world = World::staffed();
    world.mfactl("state backup b.tar").exits(0);
    world.mfactl("user edit bob --name 'Bob Other'").exits(0);
    let child = asked(&world, "state restore b.tar");
    world.mfactl("user set-mfa bob on").exits(0);
    let (code, shown) = answered(&world, child);
    assert_eq!(code, Some(6), "{shown}");
    assert!(shown.contains("moved on from revision"), "{shown}");
}

/// Two accounts change places under a name; an id would stay.
const ADDRESS_MOVES: [&str; 2] =
    ["user edit bob --email other@acme.example", "user edit carol --email bob@acme.example"];
const LOGIN_MOVES: [&str; 2] = ["user rename bob robert", "user rename carol bob"];

#[test]
fn a_secret_shown_for_one_account_was_kept_for_another() {
    kept_for_another("mail:bob@acme.example", ADDRESS_MOVES);
    kept_for_another("bob", LOGIN_MOVES);
}

#[track_caller]
fn kept_for_another(name: &str, commands: [&str; 2]) {
    let world = World::staffed();
    let enrol = format!("mfactl user enrol {name} --verify-code - --reveal -o jsonl");
    let mut child = world
        .shell(&enrol)
        .stdin(Stdio::piped())
        .stdout(Stdio::piped())
        .stderr(Stdio::piped())
        .spawn()
        .unwrap();
    let mut shown = String::new();
    BufReader::new(child.stdout.as_mut().unwrap()).read_line(&mut shown).unwrap();
    let shown: Value = serde_json::from_str(&shown).unwrap();
    assert_eq!(shown["login"], "bob");
    for command in commands {
        world.mfactl(command).exits(0);
    }
    let app = person::App::new(shown["secret"].as_str().unwrap(), "SHA1/6/30");
    writeln!(child.stdin.take().unwrap(), "{}", app.code(shell::NOW)).unwrap();
    let output = child.wait_with_output().unwrap();
    assert_eq!(output.status.code(), Some(6), "{}", String::from_utf8_lossy(&output.stderr));
    for user in world.mfactl("user list -o json").exits(0).json().as_array().unwrap() {
        let user = world
            .mfactl(&format!("user show {} -o json", user["login"].as_str().unwrap()))
            .exits(0)
            .json();
        assert_ne!(user["enrolment"]["method"], "totp", "{user}");
    }
}

#[test]
fn a_removal_confirmed_for_one_account_hit_another() {
    if !tool("script") {
        return;
    }
    for (name, commands) in [("mail:bob@acme.example", ADDRESS_MOVES), ("bob", LOGIN_MOVES)] {
        let world = World::staffed();
        let child = asked(&world, &format!("user remove {name}"));
        for command in commands {
            world.mfactl(command).exits(0);
        }
        let before = world.files();
        let (code, shown) = answered(&world, child);
        assert_eq!(code, Some(6), "{shown}");
        assert!(shown.contains("names another account than when the command began"), "{shown}");
        assert_eq!(world.files(), before);
    }
}

#[test]
fn accounts_chosen_by_a_condition_were_others_after_the_question() {
    if !tool("script") {
        return;
    }
    let world = World::staffed();
    let people: String = (0..30).map(|n| format!("p{n},p{n}@acme.example,acme\n")).collect();
    std::fs::write(world.path("people.csv"), format!("login,email,orgs\n{people}")).unwrap();
    world.mfactl("user import people.csv").exits(0);
    let child = asked(&world, "user deactivate --where mfa=off");
    world.mfactl("user rename p7 q7").exits(0);
    world.mfactl("user add p7 --org acme").exits(0);
    let (code, shown) = answered(&world, child);
    assert_eq!(code, Some(6), "{shown}");
    assert!(shown.contains("p7 names another account"), "{shown}");
}
