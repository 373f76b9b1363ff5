//! Old facts and things that are not said do not override decisions that are newer, and
//! answers are about what was asked: a regression test each, named after what went wrong.

#![allow(clippy::disallowed_methods, clippy::unwrap_used)]

use crate::shell;

use serde_json::{Value, json};
use shell::World;

fn write(world: &World, name: &str, text: &str) {
    std::fs::write(world.path(name), text).unwrap();
}

#[track_caller]
fn refused(world: &World, arguments: &str, exit: i32, code: &str) -> Value {
    let before = world.files();
    let error = world.mfactl(&format!("{arguments} -o json")).exits(exit).error();
    assert_eq!(error["code"], code, "{error}");
    assert!(world.files() == before, "{arguments} changed something");
    error
}

fn explain(world: &World, user: &str, org: &str, at: &str) -> (String, String) {
    let arguments = format!("explain {user} --org {org} --at {at} -o json");
    let answer = world.mfactl(&arguments).exits(0).json();
    let word = |field: &str| answer[field].as_str().unwrap().to_owned();
    (word("requirement"), word("rule"))
}

/// What the rule `exception` says to a question about an org.
fn exception_says(world: &World, user: &str, org: &str) -> String {
    let answer = world.mfactl(&format!("explain {user} --org {org} -o json")).exits(0).json();
    let chain = answer["chain"].as_array().unwrap();
    let step = chain.iter().find(|step| step["rule"] == "exception").unwrap();
    step["why"].as_str().unwrap().to_owned()
}

#[test]
fn a_second_opt_out_does_not_take_the_end_and_the_reason_away() {
    let world = World::small();
    world.mfactl("user opt-out alice --org acme --until +7d -m 'no phone'").exits(0);
    let opt_out = || {
        world.mfactl("user show alice -o json").exits(0).json()["memberships"][0]["opt_out"].clone()
    };
    let first = opt_out();
    let error = refused(&world, "user opt-out alice --org acme", 3, "exists");
    assert!(error.to_string().contains("2026-11-28T09:00:00Z (no phone)"), "{error}");
    refused(&world, "user opt-out alice --org acme --until +7d -m other", 3, "exists");
    world.mfactl("user opt-out alice --org acme --until +7d").exits(0);
    world.mfactl("user opt-out alice --org acme --until +7d -m 'no phone'").exits(0);
    assert_eq!(opt_out(), first, "the same again changes nothing");
    world.mfactl("user opt-out alice --org acme --until +9d -m other --replace").exits(0);
    assert_eq!(
        (&opt_out()["until"], &opt_out()["message"]),
        (&json!("2026-11-30T09:00:00Z"), &json!("other"))
    );
}

#[test]
fn an_org_may_limit_opt_outs() {
    let world = World::small();
    world.mfactl("org edit acme --opt-out-max 30d").exits(0);
    assert_eq!(world.mfactl("org show acme -o json").exits(0).json()["opt_out_max"], "30d");
    for until in ["", "--until +31d"] {
        let error =
            refused(&world, &format!("user opt-out alice --org acme {until}"), 3, "cap-exceeded");
        assert!(error["message"].as_str().unwrap().contains("30 d"), "{error}");
    }
    write(&world, "out.json", "{\"mfaOptOut\": true}");
    refused(&world, "user membership alice --org acme --from-file out.json", 3, "cap-exceeded");
    write(&world, "p.yaml", "version: 1\norg: acme\nmembers: {alice: {opt_out: {message: m}}}\n");
    refused(&world, "policy plan p.yaml", 3, "cap-exceeded");
    world.mfactl("user opt-out alice --org acme --until +30d").exits(0);
    world.mfactl("user opt-out alice --org globex").exits(0);
    world.mfactl("org edit acme --no-opt-out-max").exits(0);
    world.mfactl("user opt-out bob --org acme").exits(0);
    refused(&world, "org edit acme --opt-out-max 0s", 2, "invalid");
    world.mfactl("audit verify").exits(0);
    world.mfactl("state check").exits(0);
}

#[test]
fn consecutive_exceptions_do_not_overlap() {
    let world = World::small();
    let grant = "exception grant alice --short --org acme --reason no-signal";
    world.mfactl(&format!("{grant} --for 24h")).exits(0);
    refused(&world, &format!("{grant} --starts +23h --for 2h"), 3, "overlap");
    world.mfactl(&format!("{grant} --starts +24h --for 24h")).exits(0);
    refused(&world, &format!("{grant} --starts +47h"), 3, "overlap");
    for (at, answer) in [
        ("2026-11-22T08:59:59Z", "exempt"),
        ("2026-11-22T09:00:00Z", "exempt"),
        ("2026-11-23T09:00:00Z", "required"),
    ] {
        assert_eq!(explain(&world, "alice", "acme", at).0, answer, "{at}");
    }
}

#[test]
fn who_enrolled_while_exempt_has_no_follow_up_when_it_expires() {
    let mut world = World::small();
    for user in ["alice", "bob"] {
        let grant =
            format!("exception grant {user} --short --org acme --reason phone-lost-or-stolen");
        world.mfactl(&grant).exits(0);
    }
    world.mfactl("user enrol alice --external new-phone").exits(0);
    world.at("2026-11-23T09:00:00Z");
    let dry = world.mfactl("exception expire --dry-run").exits(0).stdout;
    assert!(dry.contains("dry run: nothing was written"), "{dry}");
    let expired = world.mfactl("exception expire -o json").exits(0).json()["expired"].clone();
    let follow_ups: Vec<&Value> =
        expired.as_array().unwrap().iter().map(|row| &row["follow_up"]).collect();
    assert_eq!(follow_ups, [&Value::Null, &json!("re-enrol-when-replaced")], "{expired}");
}

#[test]
fn an_exception_of_an_earlier_membership_does_not_cover_a_new_one() {
    let mut world = World::small();
    world.mfactl("user set-mfa bob on").exits(0);
    let grant = "exception grant bob --long --org acme --reason accessibility --evidence https://x.example/1";
    world.mfactl(grant).exits(0);
    assert_eq!(explain(&world, "bob", "acme", "now").0, "exempt");
    world.at("2026-11-22T09:00:00Z").mfactl("user leave bob --org acme").exits(0);
    world.at("2026-11-23T09:00:00Z").mfactl("user join bob --org acme").exits(0);
    assert_eq!(explain(&world, "bob", "acme", "now"), ("required".into(), "switch".into()));
    assert_eq!(
        exception_says(&world, "bob", "acme"),
        "exception #1 was granted for an earlier membership of acme"
    );
    world.mfactl(grant).exits(0);
    assert_eq!(explain(&world, "bob", "acme", "now").0, "exempt");
}

#[test]
fn explain_names_the_exception_of_the_org_that_it_is_asked_about() {
    let mut world = World::small();
    let grant = "exception grant alice --short --reason no-signal --for 1h --org";
    world.mfactl(&format!("{grant} acme")).exits(0);
    world.mfactl("exception revoke alice#1").exits(0);
    world.mfactl(&format!("{grant} globex")).exits(0);
    assert_eq!(exception_says(&world, "alice", "acme"), "exception #1 is revoked");
    world.at("2026-11-22T09:00:00Z");
    assert_eq!(exception_says(&world, "alice", "acme"), "exception #1 is revoked");
    assert_eq!(
        exception_says(&world, "alice", "globex"),
        "exception #2 ended 2026-11-21T10:00:00Z"
    );
}

#[test]
fn authoritative_without_members_ends_no_membership() {
    let world = World::small();
    let policy = |members: &str| {
        let text = format!(
            "version: 1\norg: acme\nenforcement: {{state: on}}\nownership: authoritative\n{members}"
        );
        write(&world, "acme.yaml", &text);
    };
    policy("");
    let files = world.files();
    for verb in ["check", "plan", "plan -o markdown", "apply"] {
        let run = world.mfactl(&format!("policy {verb} acme.yaml")).exits(2);
        let said = format!("{}{}", run.stdout, run.stderr);
        assert!(said.contains("requires members"), "{verb}: {said}");
    }
    assert!(world.files() == files);
    policy("members: {root.admin: {role: admin}}\n");
    let plan = world.mfactl("policy plan acme.yaml -o json").exits(0).json();
    assert_eq!(plan["summary"]["removal"], 6);
    let removals = plan["changes"].as_array().unwrap().iter().filter(|c| c["class"] == "removal");
    assert!(removals.clone().all(|change| change["action"] == "user.leave"));
    assert_eq!(removals.count(), 6);
    policy("members: {}\n");
    world.mfactl("policy check acme.yaml").exits(0);
}

#[test]
fn a_policy_that_ends_many_memberships_stops_unless_the_owner_says_otherwise() {
    let world = World::small();
    let mut people = "login,orgs\n".to_owned();
    let mut policy = "version: 1\norg: acme\nownership: authoritative\nmembers:\n".to_owned();
    for number in 0..13 {
        people += &format!("m{number},acme\n");
        policy += if number < 8 { "" } else { "#" };
        policy += &format!("  m{number}: {{}}\n");
    }
    for user in ["root.admin", "alice", "bob", "carol", "dave", "erin", "helen"] {
        policy += &format!("  {user}: {{}}\n");
    }
    write(&world, "people.csv", &people);
    write(&world, "acme.yaml", &policy);
    world.mfactl("user import people.csv").exits(0);
    world.mfactl("policy plan acme.yaml").exits(0);
    write(&world, "acme.yaml", &policy.replace("  m7: {}\n", "").replace("  m6: {}\n", ""));
    let plan = world.mfactl("policy plan acme.yaml -o json").exits(3);
    assert_eq!(plan.json()["guards"][0]["guard"], "max_removals");
    assert_eq!(plan.json()["guards"][0]["limit"], "30% of 20");
    world.mfactl("policy apply acme.yaml").exits(3);
    world.mfactl("policy apply acme.yaml --allow-removals 6").exits(3);
    world.mfactl("policy plan acme.yaml --allow-removals 7").exits(0);
    write(&world, "config.toml", "[guard]\nmax_removals = \"50%\"\n");
    world.mfactl("--config config.toml policy apply acme.yaml").exits(0);
}

#[test]
fn the_sum_of_a_plan_is_the_first_notice_of_github() {
    let world = World::small();
    let people: String = (1..31).map(|n| format!("m{n:02},acme,2026-02-01\n")).collect();
    write(&world, "people.csv", &format!("login,orgs,enrolled\n{people}"));
    world.mfactl("user import people.csv").exits(0);
    let members: String = (1..31).map(|n| format!("  m{n:02}: {{role: helpdesk}}\n")).collect();
    write(&world, "acme.yaml", &format!("version: 1\norg: acme\nmembers:\n{members}"));
    let plan = world.mfactl("policy plan acme.yaml -o github").exits(0).stdout;
    let first = plan.lines().next().unwrap();
    assert!(first.starts_with("::notice title=policy plan::30 changes: 30 neutral"), "{first}");
    assert_eq!(plan.matches("title=policy plan").count(), 1);
}

#[test]
fn an_org_is_kept_by_an_exception_and_the_hint_leads_there() {
    let world = World::small();
    let csv = "login,orgs,enrolled\nzed,initech,2026-01-01\n";
    write(&world, "zed.csv", csv);
    world.mfactl("user import zed.csv --create-orgs").exits(0);
    world.mfactl("exception grant zed --short --reason no-signal --org initech").exits(0);
    world.mfactl("user leave zed --org initech").exits(0);
    let error = refused(&world, "org remove initech --yes", 3, "in-use");
    assert_eq!(error["message"], "cannot remove initech: it has 0 members and 1 open exception");
    let hints = error["hints"].to_string();
    assert!(hints.contains("mfactl exception list --all --org initech"), "{hints}");
    assert!(!hints.contains("user list"), "{hints}");
    let rows = world.mfactl("exception list --all --org initech -o json").exits(0).json();
    assert_eq!(rows[0]["id"], "zed#1");
    assert_eq!(world.mfactl("exception list --all --org acme -o json").exits(0).json(), json!([]));
}

#[test]
fn opt_outs_that_end_on_one_day_are_told_apart() {
    let world = World::small();
    world.mfactl("user opt-out alice --org acme --until 2099-12-31T00:00:00Z").exits(0);
    world.mfactl("user opt-out bob --org acme --until 2099-12-31T18:00:00Z").exits(0);
    let table = world.mfactl("report opt-outs --wide").exits(0).stdout;
    for instant in [
        "2099-12-31T00:00:00Z (in 73y)",
        "2099-12-31T18:00:00Z (in 73y)",
        "2026-11-21T09:00:00Z (now)",
    ] {
        assert!(table.contains(instant), "{instant}: {table}");
    }
    let table = world.mfactl("report operators --wide").exits(0).stdout;
    assert!(table.contains("2026-11-21T09:00:00Z"), "{table}");
}

#[test]
fn a_date_as_an_end_includes_the_day_at_the_shell_in_csv_and_in_policies() {
    let world = World::small();
    let until = |user: &str| {
        let shown = world.mfactl(&format!("user show {user} -o json")).exits(0).json();
        shown["memberships"][0]["opt_out"]["until"].as_str().unwrap().to_owned()
    };
    let page = world.mfactl("user opt-out alice --org acme --until 2027-01-31").exits(0).stdout;
    assert!(page.contains("2027-02-01T00:00:00Z"), "the answer says so: {page}");
    write(&world, "people.csv", "login,until\nbob,2027-01-31\n");
    world.mfactl("user opt-out --org acme --from-file people.csv").exits(0);
    let policy =
        "version: 1\norg: acme\nmembers: {carol: {opt_out: {message: m, until: 2027-01-31}}}\n";
    write(&world, "acme.yaml", policy);
    world.mfactl("policy apply acme.yaml").exits(0);
    for user in ["alice", "bob", "carol"] {
        assert_eq!(until(user), "2027-02-01T00:00:00Z", "{user}");
    }
    assert_eq!(explain(&world, "alice", "acme", "2027-01-31T23:59:59Z").0, "exempt");
    let grant = "exception grant helen --short --org acme --reason no-signal --until 2026-11-21";
    let made = world.mfactl(&format!("{grant} -o json")).exits(0).json();
    assert_eq!(made["after"]["ends_at"], "2026-11-22T00:00:00Z");
    let log = world.mfactl("audit log --until 2026-11-21 -o json").exits(0).json();
    assert!(!log.as_array().unwrap().is_empty(), "what happened on the day is part of it");
}

#[test]
fn lengths_and_hints_speak_as_people_do() {
    let world = World::small();
    let grant =
        "exception grant alice --short --org acme --reason no-signal --until 2026-11-28T02:02:05Z";
    let error = refused(&world, grant, 3, "cap-exceeded");
    assert_eq!(
        error["message"],
        "a short exception of 6 d 17 h is longer than 24 h, the longest allowed"
    );
    let grant = "exception grant carol --short --org acme --reason no-signal --unenrolled-ok";
    let warned = world.mfactl(grant).exits(0);
    assert!(!format!("{}{}", warned.stdout, warned.stderr).contains("(R"), "{}", warned.stderr);
}

#[test]
fn enforcement_names_who_must_enrol_now_and_who_when_the_grace_ends() {
    let world = World::small();
    world.mfactl("user reset bob").exits(0);
    let dry = "org enforce acme on --grace-days 14 --dry-run";
    let effect = world.mfactl(&format!("{dry} -o json")).exits(0).json()["effect"].clone();
    assert_eq!(
        effect["enrol_now"],
        json!({"count": 1, "first": ["bob"]}),
        "enrolled once: no grace"
    );
    assert_eq!(effect["enrol_after_grace"], json!({"count": 1, "first": ["carol"]}));
    assert_eq!(effect["last_grace_ends"], "2026-12-05T09:00:00Z");
    let page = world.mfactl(dry).exits(0).stdout;
    assert!(page.contains("must enrol when the grace ends"), "{page}");
    assert!(page.contains("carol") && page.contains("dry run: nothing was written"), "{page}");

    write(&world, "acme.yaml", "version: 1\norg: acme\nenforcement: {state: on, grace_days: 14}\n");
    let plan = world.mfactl("policy plan acme.yaml -o json").exits(0).json();
    let change = &plan["changes"][0];
    assert_eq!((&change["action"], &change["class"]), (&json!("org.enforce"), &json!("lock-out")));
    assert_eq!(change["people"]["locked_out"], json!({"count": 1, "first": ["bob"]}));
    assert_eq!(change["people"]["enrol_after_grace"], json!({"count": 1, "first": ["carol"]}));
    let page = world.mfactl("policy plan acme.yaml").exits(0).stdout;
    assert!(
        page.contains("must enrol 1: bob")
            && page.contains("must enrol when the grace ends 1: carol"),
        "{page}"
    );
}

#[test]
fn the_follow_up_of_enforcement_tells_when_it_has_to_be_done() {
    let world = World::small();
    let follow_up = |options: &str| {
        let dry = format!("org enforce acme on --dry-run -o json {options}");
        world.mfactl(&dry).exits(0).json()["follow_up"].as_str().unwrap().to_owned()
    };
    assert!(follow_up("").contains("at the next sign-in"), "{}", follow_up(""));
    let grace = follow_up("--grace-days 14");
    assert!(grace.contains("until 2026-12-05T09:00:00Z") && grace.contains("14 days"), "{grace}");
    let later = follow_up("--starts 2027-02-01");
    assert!(later.starts_with("from 2027-02-01T00:00:00Z, "), "{later}");
    assert!(!later.contains("next sign-in"), "{later}");
    let both = follow_up("--starts 2027-02-01 --grace-days 1");
    assert!(both.contains("until 2027-02-02T00:00:00Z"), "{both}");
}

#[test]
fn a_closed_pipe_ends_quietly_in_every_format() {
    let world = World::small();
    let people: String =
        (0..3_000).map(|n| format!("m{n},\"A name that is rather long {n}\"\n")).collect();
    write(&world, "people.csv", &format!("login,name\n{people}"));
    world.mfactl("user import people.csv").exits(0);
    for format in ["csv", "json", "jsonl", "yaml", "table"] {
        let line = format!("(mfactl user list -o {format}; echo $? > code) | head -n 1");
        let run = world.sh(&line).exits(0);
        assert_eq!(run.stderr, "", "{format}");
        assert_eq!(std::fs::read_to_string(world.path("code")).unwrap(), "0\n", "{format}");
    }
}
