//! Each product rule that the commands reach, seen at the shell: what is done,
//! what is refused, with its code and exit code.

#![allow(clippy::disallowed_methods, clippy::unwrap_used)]

use crate::shell;

use shell::World;

/// A command that must be refused: its arguments, exit code and stable code.
type Refused = (&'static str, i32, &'static str);

#[track_caller]
fn refused(world: &World, (arguments, exit, code): Refused) -> serde_json::Value {
    let before = world.rev();
    let run = world.mfactl(&format!("{arguments} -o json")).exits(exit);
    let error = run.error();
    assert_eq!(error["code"], code, "{arguments}: {error}");
    assert_eq!(run.stdout, "", "{arguments}");
    assert_eq!(world.rev(), before, "{arguments}: nothing is written");
    error
}

fn decided(world: &World, question: &str) -> (String, String) {
    let answer = world.mfactl(&format!("explain {question} -o json")).exits(0).json();
    let word = |field: &str| answer[field].as_str().unwrap().to_owned();
    (word("requirement"), word("rule"))
}

#[track_caller]
fn decides(world: &World, question: &str, requirement: &str, rule: &str) {
    let is = decided(world, question);
    assert_eq!(is, (requirement.to_owned(), rule.to_owned()), "{question}");
}

#[test]
fn r1_only_an_administrator_of_the_org_enforces() {
    let mut world = World::staffed();
    for user in ["hal", "aud", "pol"] {
        world.user(user);
        world.mfactl("org enforce acme on").exits(5);
    }
    world.user("gil");
    world.mfactl("org enforce acme on").exits(4);
    world.user("ada");
    world.mfactl("org enforce acme on").exits(0);
    decides(&world, "alice --org acme", "required", "enforcement");
    world.user("nobody");
    world.mfactl("org list").exits(5);
}

#[test]
fn r2_sso_accounts_are_outside() {
    let world = World::small();
    for arguments in [
        "user set-mfa dave on",
        "user opt-out dave --org acme",
        "user enrol dave --external app",
        "exception grant dave --short --reason no-signal",
    ] {
        refused(&world, (arguments, 3, "sso-account"));
    }
    decides(&world, "dave --org acme", "delegated", "sso");
}

#[test]
fn r3_enforcement_asks_the_unenrolled_to_enrol_and_the_enrolled_notice_nothing() {
    let world = World::small();
    decides(&world, "bob --org acme", "not-required", "default");
    world.mfactl("org enforce acme on").exits(0);
    decides(&world, "bob --org acme", "required", "enforcement");
    decides(&world, "carol --org acme", "enrol", "enforcement");
    world.mfactl("org enforce acme on --grace-days 7 --restart-grace").exits(0);
    decides(&world, "carol --org acme", "grace", "enforcement");
    decides(&world, "carol --org acme --at +7d", "enrol", "enforcement");
}

#[test]
fn r4_an_opt_out_is_for_one_org_and_changes_nothing_else() {
    let world = World::small();
    let show = || world.mfactl("user show alice -o json").exits(0).json();
    let before = show();
    let report = world.mfactl("user opt-out alice --org acme -m ward -o json").exits(0).json();
    assert_eq!(report["action"], "user.opt-out");
    assert_eq!(report["changed"], true);
    assert_eq!(report["takes_effect"], "next-sign-in");
    decides(&world, "alice --org acme", "exempt", "opt-out");
    decides(&world, "alice --org globex", "required", "switch");
    let mut after = show();
    assert_eq!(after["memberships"][0]["opt_out"]["message"], "ward");
    after["memberships"][0] = before["memberships"][0].clone();
    after["rev"] = before["rev"].clone();
    assert_eq!(after, before);
    let again = world.mfactl("user opt-out alice --org acme -o json").exits(0).json();
    assert_eq!((&again["changed"], &again["rev"]), (&false.into(), &serde_json::Value::Null));
    world.mfactl("user opt-in alice --org acme").exits(0);
    decides(&world, "alice --org acme", "required", "switch");
    refused(&world, ("user opt-out bob --org globex", 4, "not-found"));
    refused(&world, ("user opt-out bob --org nowhere", 4, "not-found"));
    world.mfactl("org enforce acme on").exits(0);
    world.mfactl("org edit acme --opt-out deny").exits(0);
    refused(&world, ("user opt-out bob --org acme", 3, "opt-out-denied"));
}

#[test]
fn r5_users_are_addressed_by_login_id_or_address() {
    let world = World::small();
    for user in ["alice", "ALICE", "id:u-alice", "mail:Alice@ACME.example"] {
        let shown = world.mfactl(&format!("user show {user} -o json")).exits(0).json();
        assert_eq!(shown["id"], "u-alice", "{user}");
    }
    let found = world.mfactl("user find JONES -o json").exits(0).json();
    assert_eq!(found[0]["id"], "u-alice");
    refused(&world, ("user show id:nobody", 4, "not-found"));
    refused(&world, ("user set-mfa mail:no@acme.example on", 4, "not-found"));
}

#[test]
fn r6_and_r7_the_switch_works_until_enforcement_locks_it() {
    let world = World::small();
    world.mfactl("user set-mfa bob on").exits(0);
    decides(&world, "bob --org acme", "required", "switch");
    world.mfactl("org enforce acme on --starts +24h").exits(0);
    world.mfactl("user set-mfa bob off").exits(0);
    world.mfactl("user set-mfa bob on").exits(0);
    world.mfactl("org enforce acme on").exits(0);
    let error = refused(&world, ("user set-mfa bob off", 3, "locked-by-enforcement"));
    assert!(error["message"].as_str().unwrap().contains("acme"));
    assert!(error["hints"][0].as_str().unwrap().starts_with("mfactl exception grant bob"));
    let shown = world.mfactl("user show bob -o json").exits(0).json();
    assert_eq!(shown["locked_on_by"], serde_json::json!(["acme"]));
    world.mfactl("user opt-out bob --org acme").exits(0);
    refused(&world, ("user set-mfa bob off", 3, "locked-by-enforcement"));
    world.mfactl("org enforce acme off --yes").exits(0);
    world.mfactl("user set-mfa bob off").exits(0);
}

#[test]
fn r8_reset_clears_the_enrolment_and_never_switches_mfa_off() {
    let world = World::small();
    world.mfactl("org enforce acme on").exits(0);
    let report = world.mfactl("user reset alice --ticket T1 -o json").exits(0).json();
    assert_eq!(report["after"]["enrolment"]["current"], serde_json::Value::Null);
    decides(&world, "alice --org acme", "enrol", "enforcement");
    let shown = world.mfactl("user show alice -o json").exits(0).json();
    assert_eq!(shown["mfa"], "on");
    assert_eq!(shown["enrolment"]["first_at"], "2025-03-14T00:00:00Z");
    let record = world.mfactl("audit log --limit 1 -o json").exits(0).json();
    assert_eq!((&record[0]["action"], &record[0]["ticket"]), (&"user.reset".into(), &"T1".into()));
    let again = world.mfactl("user reset alice -o json").exits(0).json();
    assert_eq!(again["changed"], false);
}

#[test]
fn r10_a_user_may_enrol_or_be_switched_on_although_nothing_asks() {
    let world = World::small();
    world.mfactl("user enrol carol --external authenticator").exits(0);
    world.mfactl("user set-mfa carol on --requested-by 'Carol Never'").exits(0);
    let line = std::fs::read_to_string(world.path("demo/users/all.yaml")).unwrap();
    assert!(line.contains("\"requested_by\":\"Carol Never\""));
    decides(&world, "carol --org acme", "required", "switch");
}

#[test]
fn r11_exceptions_end_by_themselves_to_the_second() {
    let mut world = World::small();
    world.mfactl("user set-mfa bob on").exits(0);
    let granted =
        world.mfactl("exception grant bob --short --reason no-signal -o json").exits(0).json();
    assert_eq!(granted["after"]["ends_at"], "2026-11-22T09:00:00Z");
    assert_eq!(granted["after"]["id"], "bob#1");
    assert_eq!(granted["after"]["services"], serde_json::Value::Null);
    world.at("2026-11-22T08:59:59Z");
    decides(&world, "bob --org acme", "exempt", "exception");
    world.at("2026-11-22T09:00:00Z");
    decides(&world, "bob --org acme", "required", "switch");
    world.at("2026-11-21T09:00:00Z");
    for arguments in [
        "exception grant alice --short --reason no-signal --for 25h",
        "exception grant alice --long --reason accessibility --evidence https://x.example/1 --for 181d",
        "exception grant alice --short --reason no-signal --until +86401s",
    ] {
        refused(&world, (arguments, 3, "cap-exceeded"));
    }
    world
        .mfactl("exception grant alice --long --org acme --reason accessibility --evidence https://x.example/1")
        .exits(0);
    let shown = world.mfactl("exception show alice#1 -o json").exits(0).json();
    assert_eq!(shown["ends_at"], "2027-05-20T09:00:00Z");
}

#[test]
fn r12_to_r15_what_an_exception_needs() {
    let world = World::small();
    for case in [
        ("exception grant carol --short --reason no-signal", 3, "not-enrolled"),
        ("exception grant bob --long --reason accessibility", 3, "evidence-missing"),
        ("exception grant bob --short --reason accessibility", 3, "reason-invalid"),
        ("exception grant bob --short --reason bored", 3, "reason-invalid"),
        ("exception grant bob --short --reason other", 3, "note-missing"),
        ("exception grant bob --short --reason no-signal --starts -1h", 2, "invalid"),
        ("exception grant bob --short --reason no-signal --org globex", 4, "not-found"),
        ("exception grant bob --short --reason no-signal --service portal", 4, "not-found"),
        ("exception revoke bob#1", 4, "not-found"),
    ] {
        refused(&world, case);
    }
    for (reason, follow_up) in [
        ("phone-lost-or-stolen", serde_json::json!("re-enrol-when-replaced")),
        ("phone-misplaced", serde_json::json!("re-enrol-when-found")),
        ("notification-trouble", serde_json::json!("contact-again")),
        ("other --note 'a reason in words'", serde_json::Value::Null),
        ("no-signal", serde_json::Value::Null),
    ] {
        let grant = format!("exception grant bob --short --reason {reason} --replace -o json");
        assert_eq!(world.mfactl(&grant).exits(0).json()["after"]["follow_up"], follow_up);
    }
    refused(&world, ("exception grant bob --short --reason no-signal", 3, "overlap"));
    let waits = world
        .mfactl("exception grant carol --short --reason no-signal --unenrolled-ok -o json")
        .exits(0)
        .json();
    assert_eq!(waits["after"]["status"], "requested");
    assert_eq!(waits["warnings"].as_array().unwrap().len(), 2);
}

#[test]
fn r16_nobody_grants_themselves_an_exception() {
    let mut world = World::staffed();
    world.mfactl("user enrol hal.person --external app").exits(0);
    world.user("hal");
    let run =
        world.mfactl("exception grant hal.person --short --reason no-signal -o json").exits(5);
    assert_eq!(run.error()["code"], "own-account");
    world
        .mfactl("exception grant bob --short --reason no-signal --requested-by 'Alice Jones'")
        .exits(0);
    let shown = world.mfactl("exception show bob#1 -o json").exits(0).json();
    assert_eq!(
        (&shown["channel"], &shown["requested_by"]),
        (&"phone".into(), &"Alice Jones".into())
    );
    let long = "exception grant alice --long --org acme --reason accessibility --evidence https://x.example/1 -o json";
    let asked = world.mfactl(long).exits(0).json();
    assert_eq!(asked["after"]["status"], "requested");
    assert_eq!(asked["after"]["channel"], "shared-mailbox");
    world.mfactl("exception approve alice#1").exits(5);
    world.user("ada");
    world.mfactl("exception approve alice#1").exits(0);
    decides(&world, "alice --org acme", "exempt", "exception");
}

#[test]
fn r17_an_exception_may_be_limited_to_services() {
    let world = World::small();
    world.mfactl("org edit acme --service portal --service office").exits(0);
    world
        .mfactl("exception grant alice --short --org acme --service portal --reason no-signal")
        .exits(0);
    decides(&world, "alice --org acme --service portal", "exempt", "exception");
    decides(&world, "alice --org acme --service office", "required", "switch");
    decides(&world, "alice --org acme", "required", "switch");
    world
        .mfactl("exception grant alice --short --org acme --service office --reason no-signal")
        .exits(0);
    refused(&world, ("exception grant alice --short --org acme --reason no-signal", 3, "overlap"));
}

#[test]
fn explain_gives_the_whole_chain_ahead_and_back() {
    let mut world = World::small();
    world.mfactl("exception grant alice --short --org acme --reason no-signal").exits(0);
    let answer = world.mfactl("explain alice --org acme -o json").exits(0).json();
    let rules: Vec<&str> = answer["chain"]
        .as_array()
        .unwrap()
        .iter()
        .map(|step| step["rule"].as_str().unwrap())
        .collect();
    assert_eq!(
        rules,
        [
            "inactive",
            "not-a-member",
            "sso",
            "exception",
            "mandated-role",
            "opt-out",
            "enforcement",
            "switch",
            "default"
        ]
    );
    assert_eq!(answer["until"], "2026-11-22T09:00:00Z");
    assert_eq!(answer["changes_at"], "2026-11-22T09:00:00Z");
    decides(&world, "alice --org acme --at 2026-11-22T09:00:00Z", "required", "switch");
    world.at("2026-11-23T09:00:00Z");
    world.mfactl("user set-mfa alice off").exits(0);
    decides(&world, "alice --org acme", "not-required", "default");
    decides(&world, "alice --org acme --at 2026-11-22T08:00:00Z", "exempt", "exception");
    world.mfactl("explain alice --org acme --at 1").exits(4);
    world.mfactl("explain alice --org acme --at 0").exits(4);
    let all = world.mfactl("explain alice -o json").exits(0).json();
    let orgs: Vec<&str> =
        all.as_array().unwrap().iter().map(|d| d["org"].as_str().unwrap()).collect();
    assert_eq!(orgs, ["acme", "globex"]);
}

#[test]
fn expire_records_ends_once_and_changes_no_answer() {
    let mut world = World::small();
    world.mfactl("exception grant bob --short --reason phone-misplaced").exits(0);
    world.mfactl("user opt-out alice --org acme --until 2026-11-21").exits(0);
    let none = world.mfactl("exception expire -o json").exits(0).json();
    assert_eq!(none, serde_json::json!({"rev": null, "expired": []}));
    world.at("2026-11-22T10:00:00Z");
    let before = decided(&world, "alice --org acme");
    let ended = world.mfactl("exception expire -o json").exits(0).json();
    assert_eq!(
        ended["expired"],
        serde_json::json!([
            {"what": "opt-out", "id": null, "login": "alice", "org": "acme",
             "ended_at": "2026-11-22T00:00:00Z", "follow_up": null},
            {"what": "exception", "id": "bob#1", "login": "bob", "org": "acme",
             "ended_at": "2026-11-22T09:00:00Z", "follow_up": "re-enrol-when-found"},
        ])
    );
    assert_eq!(decided(&world, "alice --org acme"), before);
    let rev = world.rev();
    let again = world.mfactl("exception expire -o json").exits(0).json();
    assert_eq!(again, serde_json::json!({"rev": null, "expired": []}));
    assert_eq!(world.rev(), rev);
    world.mfactl("state check").exits(0);
}

#[test]
fn the_last_administrator_must_get_in() {
    let world = World::small();
    world.mfactl("user reset gus").exits(0);
    // Enrolled once, so no grace: nobody would get in.
    refused(&world, ("org enforce globex on --grace-days 14", 3, "last-administrator"));
    let preview = world.mfactl("org enforce globex on --dry-run -o json").exits(3).json();
    assert_eq!(preview["effect"]["must_enrol"], serde_json::json!({"before": 0, "after": 1}));
    assert_eq!(preview["effect"]["admins_let_in"]["count"], 0);
    let forced = world.mfactl("org enforce globex on --force -o json").exits(0).json();
    assert!(forced["warnings"][0].as_str().unwrap().contains("--force"));
    refused(&world, ("operator edit sam --user root.admin --no-role site-admin", 5, "own-account"));
}

#[test]
fn a_clock_that_went_back_revives_nothing() {
    let mut world = World::small();
    world.mfactl("exception grant bob --short --reason no-signal").exits(0);
    world.mfactl("user set-mfa bob on").exits(0);
    world.at("2026-11-23T09:00:00Z");
    world.mfactl("user set-mfa alice off").exits(0);
    world.at("2026-11-21T10:00:00Z");
    decides(&world, "bob --org acme", "required", "switch");
    refused(&world, ("user set-mfa alice on", 3, "clock-went-back"));
    let nothing = world.mfactl("user set-mfa alice off -o json").exits(0).json();
    assert_eq!(nothing["changed"], false);
    world.mfactl("state accept-clock -m 'it had been ahead'").exits(0);
    world.mfactl("user set-mfa alice on").exits(0);
    world.mfactl("audit verify").exits(0);
}

#[test]
fn the_export_of_the_audit_is_the_log_oldest_first() {
    let mut world = World::small();
    world.at("2026-11-22T09:00:00Z");
    world.mfactl("user set-mfa bob on").exits(0);
    let lines = |arguments: &str| -> Vec<serde_json::Value> {
        let run = world.mfactl(&format!("{arguments} -o jsonl")).exits(0);
        run.stdout.lines().map(|line| serde_json::from_str(line).unwrap()).collect()
    };
    let mut log = lines("audit log");
    log.reverse();
    assert_eq!(lines("audit export"), log);
    assert_eq!(log.len(), 3);
    for pair in log.windows(2) {
        assert_eq!(pair[1]["prev"], pair[0]["hash"], "the chain can be followed outside");
    }
    assert_eq!(lines("audit export --since 2026-11-22"), log[2..]);
    assert_eq!(lines("audit export --until 2026-11-21"), log[..2]);
    world.user("nobody");
    world.mfactl("audit export").exits(5);
}
