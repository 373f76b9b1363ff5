//! Policy as code at the shell: what is planned, applied, guarded, exported and found again.

#![allow(clippy::disallowed_methods, clippy::unwrap_used)]

use crate::shell;

use serde_json::{Value, json};
use shell::{Run, World, fixture};

/// The hospital of the fixtures with its policies beside it.
fn hospital() -> World {
    let world = World::hospital();
    let from = fixture("policies");
    world.sh(&format!("cp -r '{}' policies", from.display())).exits(0);
    world
}

/// A policy file in the folder `p`.
fn write(world: &World, name: &str, text: &str) {
    std::fs::create_dir_all(world.path("p")).unwrap();
    std::fs::write(world.path("p").join(name), format!("version: 1\n{text}")).unwrap();
}

fn configure(world: &World, guard: &str) {
    std::fs::write(world.path("config.toml"), format!("[guard]\n{guard}\n")).unwrap();
}

fn latest(world: &World) -> Value {
    world.as_user("sam", "audit log --limit 1 -o json").exits(0).json()[0].clone()
}

#[test]
fn a_plan_writes_nothing_and_apply_is_one_revision() {
    let world = hospital();
    let before = world.files();
    let plan = world.mfactl("policy plan policies -o json").exits(0).json();
    world.mfactl("policy plan policies --exit-code").exits(1);
    world.mfactl("policy apply policies --dry-run").exits(0);
    assert_eq!(world.files(), before);
    let keys: Vec<&String> = plan.as_object().unwrap().keys().collect();
    assert_eq!(keys, ["changes", "summary", "unmanaged", "guards"]);
    let row: Vec<&String> = plan["changes"][0].as_object().unwrap().keys().collect();
    assert_eq!(row, ["class", "action", "subject", "org", "before", "after", "source", "people"]);
    assert!(plan["changes"][0]["source"]["line"].as_u64().unwrap() > 1);

    let done = world.mfactl("policy apply policies -m 'mr 42' --ticket T -o json").exits(0).json();
    assert_eq!((&done["rev"], &done["changed"]), (&json!(3), &json!(true)));
    assert_eq!(done["changes"], plan["changes"], "what was planned was done");
    let record = latest(&world);
    assert_eq!((&record["rev"], &record["action"]), (&json!(3), &json!("policy.apply")));
    assert_eq!((&record["message"], &record["ticket"]), (&json!("mr 42"), &json!("T")));

    let again = world.mfactl("policy apply policies -o json").exits(0).json();
    assert_eq!((&again["rev"], &again["changed"]), (&Value::Null, &json!(false)));
    assert_eq!(world.rev(), 3);
    world.mfactl("policy plan policies --exit-code").exits(0);
    world.mfactl("audit verify").exits(0);
    world.mfactl("state check").exits(0);
}

#[test]
fn an_export_plans_nothing() {
    let world = hospital();
    for round in ["as it was imported", "as the policy made it"] {
        world.mfactl("policy export --out exported --yes").exits(0);
        world.mfactl("policy check exported").exits(0);
        let plan = world.mfactl("policy plan exported -o json --exit-code").exits(0).json();
        assert_eq!(plan["changes"], json!([]), "{round}");
        assert_eq!(plan["unmanaged"]["members"], 0);
        world.mfactl("policy apply policies").exits(0);
    }
    world.mfactl("policy export --out exported").exits(2);
    world.mfactl("policy export --out demo/orgs --yes").exits(2);
    world.mfactl("policy export").exits(2);
    world.mfactl("policy export --org nowhere").exits(4);
    let one = world.mfactl("policy export --org st-marys").exits(0);
    std::fs::write(world.path("one.yaml"), &one.stdout).unwrap();
    world.mfactl("policy plan one.yaml --exit-code").exits(0);
    let past = world.mfactl("policy export --org st-marys --at 2").exits(0);
    assert!(past.stdout.contains("enforcement: {state: off"), "{}", past.stdout);
}

#[test]
fn a_reviewed_plan_is_done_or_stale() {
    let world = hospital();
    world.mfactl("policy plan policies --out plan.json").exits(0);
    world.sh("rm -r policies").exits(0);
    world.mfactl("user opt-out alice.jones --org northern-ambulance").exits(0);
    world.mfactl("policy apply --plan plan.json -m reviewed").exits(0);

    write(&world, "st-marys.yaml", "org: st-marys\nopt_out: deny\nservices: [portal]\n");
    world.mfactl("policy plan p --out plan.json").exits(0);
    world.mfactl("org edit st-marys --opt-out deny").exits(0);
    let rev = world.rev();
    let run = world.mfactl("policy apply --plan plan.json -o json").exits(3);
    let error = run.error();
    assert_eq!(error["code"], "stale-plan");
    let message = error["message"].as_str().unwrap();
    assert!(message.contains("not to be done now") && message.contains("opt_out"), "{message}");
    assert_eq!(world.rev(), rev);

    std::fs::write(world.path("other.txt"), "precious").unwrap();
    world.mfactl("policy plan p --out other.txt").exits(2);
    assert_eq!(std::fs::read_to_string(world.path("other.txt")).unwrap(), "precious");
    world.mfactl("policy apply --plan other.txt").exits(2);
    world.mfactl("policy apply p --plan plan.json").exits(2);
}

/// A plan is stopped by exactly this guard, and passes with exactly this option.
#[track_caller]
fn guarded(world: &World, guard: &str, named: &str, option: &str, too_little: &str) {
    configure(world, guard);
    let apply = "policy apply p --config config.toml -o json";
    let (files, rev) = (world.files(), world.rev());
    let planned = world.mfactl("policy plan p --config config.toml -o json").exits(3);
    assert_eq!(planned.json()["guards"][0]["guard"], named);
    for extra in ["", too_little] {
        let stopped = world.mfactl(&format!("{apply} {extra}")).exits(3).error();
        assert_eq!((&stopped["code"], &stopped["subject"]), (&json!("guard"), &json!(named)));
        assert!(stopped["hints"][0].as_str().unwrap().contains(option), "{stopped}");
    }
    assert_eq!(world.files(), files);
    let done = world.mfactl(&format!("{apply} {option} -m why")).exits(0).json();
    assert_eq!((&done["rev"], &done["overridden"][0]["guard"]), (&json!(rev + 1), &json!(named)));
    let message = latest(world)["message"].as_str().unwrap().to_owned();
    assert!(message.contains(named) && message.ends_with("why"), "{message}");
}

#[test]
fn every_guard_stops_and_every_override_is_counted() {
    let world = World::small();
    write(&world, "acme.yaml", "org: acme\nservices: [a]\nmandated_roles: [helpdesk]\n");
    guarded(&world, "max_changes = 1", "max_changes", "--allow-changes 2", "--allow-changes 1");

    write(&world, "acme.yaml", "org: acme\nmembers: {alice: {opt_out: {until: null}}}\n");
    guarded(&world, "max_weaken = 0", "max_weaken", "--allow-weaken 1", "--allow-weaken 0");

    write(&world, "acme.yaml", "org: acme\nenforcement: {state: on}\n");
    guarded(&world, "max_lock_out = 0", "max_lock_out", "--allow-lock-out 1", "--allow-weaken 9");

    write(&world, "acme.yaml", "org: acme\nenforcement: {state: off}\n");
    let never = "never_unenforce = [\"acme\"]";
    let (option, other) = ("--allow-unenforce acme", "--allow-unenforce globex");
    guarded(&world, never, "never_unenforce", option, other);

    let members = "org: acme\nownership: authoritative\nmembers: {root.admin: {role: admin}, alice: {}, bob: {}, dave: {}, erin: {}, helen: {}}\n";
    write(&world, "acme.yaml", members);
    guarded(&world, "max_removals = 0", "max_removals", "--allow-removals 1", "--allow-removals 0");

    write(&world, "acme.yaml", "org: acme\nopt_out: deny\n");
    configure(&world, "min_enrolled_admins = 2");
    let apply = "policy apply p --config config.toml -o json";
    assert_eq!(world.mfactl(apply).exits(3).error()["subject"], "min_enrolled_admins");
    for wrong in ["max_weekend = 0", "max_weaken = \"no\"", "max_changes = \"25\u{20ac}\""] {
        configure(&world, wrong);
        let error = world.mfactl(apply).exits(2).error();
        assert!(error["message"].as_str().unwrap().starts_with("config.toml: [guard]"), "{error}");
    }
}

#[test]
fn drift_names_who_changed_what_and_the_plan_brings_it_back() {
    let mut world = World::staffed();
    assert!(world.mfactl("policy drift").exits(0).stdout.contains("no policy was applied"));
    let policy = "org: acme\nopt_out: deny\ngrace_days: 3\nmembers: {alice: {role: helpdesk}}\n";
    write(&world, "acme.yaml", &policy.replace("grace_days: 3\n", ""));
    world.mfactl("policy apply p").exits(0);
    world.mfactl("policy drift --exit-code").exits(0);
    world.at("2026-11-22T10:00:00Z");
    world.mfactl("org edit acme --service x").exits(0);
    world.as_user("ada", "org edit acme --opt-out allow -m pilot").exits(0);
    let rev = world.rev();
    world.mfactl("user role alice --org acme member").exits(0);
    world.mfactl("org edit acme --service y").exits(0);
    let drift = world.mfactl("policy drift --exit-code -o json").exits(1).json();
    assert_eq!(drift.as_array().unwrap().len(), 2, "{drift}");
    let org = drift.as_array().unwrap().iter().find(|row| row["subject"] == "acme").unwrap();
    assert_eq!(org["applied"], json!({"opt_out": "deny"}));
    assert_eq!(org["now"], json!({"opt_out": "allow"}));
    let changed = json!({"rev": rev, "at": "2026-11-22T10:00:00Z", "by": "ada", "action": "org.edit", "message": "pilot"});
    assert_eq!(org["changed"], changed);
    let shown = world.mfactl("policy drift").exits(0).stdout;
    for word in ["opt_out: deny → allow", "ada", &rev.to_string(), "2026-11-22T10:00:00Z"] {
        assert!(shown.contains(word), "{word} is not in {shown}");
    }
    let plan = world.mfactl("policy plan p -o json").exits(0).json();
    let back: Vec<&Value> =
        plan["changes"].as_array().unwrap().iter().map(|row| &row["after"]).collect();
    assert!(back.contains(&&json!({"opt_out": "deny"})), "{plan}");
    // An org-admin sees the drift; the audit is for others.
    let own = world.as_user("ada", "policy drift -o json").exits(0).json();
    assert_eq!(own[0]["changed"], Value::Null);
    world.as_user("gil", "policy drift --org acme").exits(4);
    world.mfactl("policy apply p").exits(0);
    world.mfactl("policy drift --exit-code").exits(0);
}

/// The file for people owns switches, whatever the orgs.
#[test]
fn drift_of_people_names_who_switched_whom() {
    let mut world = World::staffed();
    write(&world, "users.yaml", "users: {alice: {mfa: on}, bob: {mfa: on}, carol: {mfa: off}}\n");
    let first = world.mfactl("policy apply p -m rollout -o json").exits(0).json()["rev"].clone();
    assert!(world.state().join("policies/_users.yaml").exists());
    assert_eq!(world.mfactl("policy apply p -o json").exits(0).json()["rev"], Value::Null);
    let record = world.mfactl(&format!("audit show {first} -o json")).exits(0).json();
    let about = |subject: &str| {
        let details = record["details"].as_array().unwrap().iter();
        details.filter(|detail| detail["subject"] == subject).count()
    };
    assert_eq!(
        (about("bob"), about("policy of people: bob"), about("policy of people")),
        (1, 1, 1)
    );
    world.mfactl("policy drift --exit-code").exits(0);
    world.at("2026-11-22T10:00:00Z");
    world.as_user("ada", "user set-mfa bob off -m 'phone broken'").exits(0);
    let rev = world.rev();
    world.mfactl("user edit bob --name Bobby").exits(0);
    world.mfactl("user set-mfa dave on --keep-going");
    let drift = world.mfactl("policy drift --exit-code -o json").exits(1).json();
    assert_eq!(drift.as_array().unwrap().len(), 1, "{drift}");
    let row = &drift[0];
    assert_eq!((&row["org"], &row["subject"]), (&Value::Null, &json!("bob")));
    assert_eq!((&row["applied"], &row["now"]), (&json!({"mfa": "on"}), &json!({"mfa": "off"})));
    let changed = json!({"rev": rev, "at": "2026-11-22T10:00:00Z", "by": "ada", "action": "user.set-mfa", "message": "phone broken"});
    assert_eq!(row["changed"], changed);
    let shown = world.mfactl("policy drift").exits(1 - 1).stdout;
    assert!(shown.contains("(people)") && shown.contains("mfa: on → off"), "{shown}");
    // The past is as it was, an org's drift is not theirs, and org-admins see no people.
    world.mfactl(&format!("policy drift --at {first} --exit-code")).exits(0);
    world.mfactl(&format!("policy drift --at {rev} --exit-code")).exits(1);
    world.mfactl("policy drift --org acme --exit-code").exits(0);
    world.as_user("ada", "policy drift --exit-code").exits(0);
    let plan = world.mfactl("policy plan p -o json").exits(0).json();
    assert_eq!(plan["changes"][0]["after"], json!({"mfa": "on"}));
    let then = world.mfactl(&format!("policy plan p --at {first} -o json")).exits(0).json();
    assert_eq!(then["changes"], json!([]));
    world.mfactl(&format!("policy plan p --at {first} --out plan.json")).exits(2);
    // Who is gone drifts once; who is not owned any more does not.
    world.mfactl("user remove bob --yes").exits(0);
    assert_eq!(world.mfactl("policy drift -o json").exits(0).json().as_array().unwrap().len(), 1);
    write(&world, "users.yaml", "users: {}\n");
    world.mfactl("policy apply p").exits(0);
    world.mfactl("policy drift --exit-code").exits(0);
    world.mfactl("audit verify").exits(0);
    world.mfactl("state check").exits(0);
}

/// A policy of many members is no part of what a decision reads.
#[test]
fn a_policy_of_many_members_leaves_the_org_small() {
    let world = World::small();
    let rows: String = (0..2_000).map(|n| format!("u{n},acme\n")).collect();
    std::fs::write(world.path("more.csv"), format!("login,orgs\n{rows}")).unwrap();
    world.mfactl("user import more.csv").exits(0);
    let members: String = (0..2_000).map(|n| format!("  u{n}: {{role: member}}\n")).collect();
    write(&world, "acme.yaml", &format!("org: acme\nopt_out: deny\nmembers:\n{members}"));
    world.mfactl("policy apply p -q").exits(0);
    let size = |path: &str| std::fs::metadata(world.state().join(path)).unwrap().len();
    assert!(size("orgs/acme.yaml") < 2_000, "{}", size("orgs/acme.yaml"));
    assert!(size("policies/acme.yaml") > 40_000);
    world.mfactl("user leave u7 --org acme").exits(0);
    world.mfactl("user role u8 --org acme helpdesk").exits(0);
    let drift = world.mfactl("policy drift -o json").exits(0).json();
    let subjects: Vec<&str> =
        drift.as_array().unwrap().iter().map(|row| row["subject"].as_str().unwrap()).collect();
    assert_eq!(subjects, ["u7", "u8"]);
    world.mfactl("policy drift --at 3 --exit-code").exits(0);
    // What is kept is made again from the log, comes back from a backup, and goes with the org.
    let kept = std::fs::read(world.state().join("policies/acme.yaml")).unwrap();
    std::fs::remove_file(world.state().join("policies/acme.yaml")).unwrap();
    world.mfactl("policy drift").exits(7);
    world.mfactl("state repair").exits(0);
    world.mfactl("policy drift --exit-code -q").exits(1);
    let body = |bytes: &[u8]| {
        String::from_utf8_lossy(bytes).lines().skip(1).map(str::to_owned).collect::<Vec<_>>()
    };
    let again = std::fs::read(world.state().join("policies/acme.yaml")).unwrap();
    assert_eq!(body(&again), body(&kept));
    world.mfactl("state backup b.tar").exits(0);
    write(&world, "acme.yaml", "org: acme\nmembers: {u9: {}}\n");
    world.mfactl("policy apply p -q").exits(0);
    world.mfactl("policy drift --exit-code").exits(0);
    world.mfactl("state restore b.tar --yes").exits(0);
    world.mfactl("policy drift --exit-code -q").exits(1);
    world.mfactl("audit verify").exits(0);
    world.mfactl("state check").exits(0);
}

#[test]
fn every_bad_file_is_refused_with_its_place() {
    let world = World::small();
    let mut seen = 0;
    for entry in std::fs::read_dir(fixture("bad")).unwrap() {
        let path = entry.unwrap().path();
        if path.extension().is_none_or(|end| end != "yaml") {
            continue;
        }
        seen += 1;
        let name = path.file_name().unwrap().to_str().unwrap().to_owned();
        std::fs::copy(&path, world.path(&name)).unwrap();
        let expected = std::fs::read_to_string(path.with_extension("expected")).unwrap();
        let checked = world.mfactl(&format!("policy check {name} -o json")).exits(2);
        assert_eq!(checked.error()["code"], "invalid-policy");
        let plain = world.mfactl(&format!("policy check {name}")).exits(2);
        assert_eq!(plain.stdout, expected, "{name}");
        for verb in ["plan", "apply"] {
            let run = world.mfactl(&format!("policy {verb} {name}")).exits(2);
            assert!(run.stderr.contains(&format!("{name}:")), "{}", run.stderr);
        }
    }
    assert!(seen > 30, "{seen}");
    assert_eq!(world.rev(), 2);
    world.mfactl("policy check nowhere.yaml").exits(2);
    let duplicate = "org: acme\nmembers:\n  alice: {}\n  bob: {}\n  alice: {role: admin}\n";
    write(&world, "acme.yaml", duplicate);
    let run = world.mfactl("policy plan p").exits(2);
    assert!(run.stderr.contains("p/acme.yaml:6:3: "), "{}", run.stderr);
}

#[test]
fn rights_are_those_of_the_operator() {
    let world = World::staffed();
    write(&world, "acme.yaml", "org: acme\nopt_out: deny\n");
    // A machine account applies policy and may do nothing else.
    world.as_user("pol", "org edit acme --opt-out deny").exits(5);
    world.as_user("pol", "policy plan p").exits(0);
    world.as_user("pol", "policy apply p").exits(0);
    assert_eq!(latest(&world)["operator"], "pol");

    write(&world, "globex.yaml", "org: globex\nopt_out: deny\n");
    for verb in ["plan", "apply"] {
        let error = world.as_user("ada", &format!("policy {verb} p -o json")).exits(4).error();
        assert!(error["message"].as_str().unwrap().contains("globex.yaml:2:6"), "{error}");
    }
    world.as_user("aud", "policy plan p").exits(0);
    world.as_user("aud", "policy apply p").exits(5);
    world.as_user("hal", "policy plan p/acme.yaml").exits(5);
    world.as_user("nobody-here", "policy plan p").exits(5);
    write(&world, "users.yaml", "users: {alice: {mfa: off}}\n");
    world.as_user("ada", "policy apply p/users.yaml").exits(5);
    world.as_user("ada", "policy export --org globex").exits(4);
    let own = world.as_user("ada", "policy export --out own -o json").exits(0).json();
    let files: Vec<&str> =
        own.as_array().unwrap().iter().map(|row| row["file"].as_str().unwrap()).collect();
    assert_eq!(files, ["own/acme.yaml", "own/mfactl-policy.schema.json"]);
}

#[test]
fn a_policy_makes_a_state_out_of_nothing() {
    let world = hospital();
    let run = world.mfactl("--state new policy apply policies --init -o json").exits(4);
    assert!(run.error()["hints"].to_string().contains("--create-users"), "{}", run.stderr);
    assert!(!world.path("new").exists(), "a refused apply leaves no state");
    let apply = "--state new policy apply policies --init --create-users";
    world.mfactl(&format!("{apply} --dry-run")).exits(0);
    assert!(!world.path("new").exists());
    let done = world.mfactl(&format!("{apply} -o json")).exits(0).json();
    assert_eq!(done["rev"], 2);
    world.mfactl("--state new audit verify").exits(0);
    world.mfactl("--state new state check").exits(0);
    assert_eq!(world.mfactl(&format!("{apply} -o json")).exits(0).json()["rev"], Value::Null);

    write(&world, "x.yaml", "org: not-there\n");
    let error = world.mfactl("policy apply p -o json").exits(4).error();
    assert!(error["hints"].to_string().contains("--create-orgs"), "{error}");
    world.mfactl("policy apply p --create-orgs").exits(0);
    world.mfactl("--state nothing policy apply p").exits(4);
}

#[test]
fn of_two_applies_at_once_one_does_it() {
    let world = hospital();
    let start = || {
        world
            .shell("mfactl policy apply policies -o json")
            .stdout(std::process::Stdio::piped())
            .spawn()
    };
    let both = [start().unwrap(), start().unwrap()];
    let revs: Vec<Value> = both
        .map(|child| {
            let output = child.wait_with_output().unwrap();
            assert!(output.status.success());
            serde_json::from_slice::<Value>(&output.stdout).unwrap()["rev"].clone()
        })
        .into();
    assert!(revs.contains(&json!(3)) && revs.contains(&Value::Null), "{revs:?}");
    assert_eq!(world.rev(), 3);
}

#[test]
fn tests_of_a_policy_run_without_a_state() {
    let world = World::new();
    let (policies, tests) = (fixture("policies"), fixture("policy-tests"));
    let test = format!("policy test {} --tests {}", policies.display(), tests.display());
    let run = world.mfactl(&format!("{test} -o json")).exits(0);
    assert_eq!(run.json()["failed"], 0);
    assert!(run.stderr.contains("no test reaches users/svc-monitor/mfa"), "{}", run.stderr);
    assert!(!world.state().exists());

    write(&world, "acme.yaml", "org: acme\nopt_out: deny\n");
    let wrong =
        "- {name: wrong, given: {user: bob, org: acme}, at: 2027-01-01, expect: required}\n";
    std::fs::write(world.path("t.yaml"), wrong).unwrap();
    let run = world.mfactl("policy test p --tests t.yaml").exits(1);
    assert!(run.stdout.contains("t.yaml:1: wrong: expected required"), "{}", run.stdout);
    assert!(run.stdout.contains("enforcement"), "the chain says why: {}", run.stdout);
    std::fs::write(world.path("t.yaml"), "- {nam: x}\n").unwrap();
    world.mfactl("policy test p --tests t.yaml").exits(2);
}

/// Every answer of a format that CI systems read, well formed or not.
#[test]
fn ci_systems_read_the_answers() {
    let world = hospital();
    std::fs::write(world.path("bad.yaml"), "version: 1\norg: acme\nopt_out: <maybe>\n").unwrap();
    let tests = fixture("policy-tests");
    let verbs = [
        ("check policies".to_owned(), 0),
        ("check bad.yaml".to_owned(), 2),
        ("plan policies".to_owned(), 0),
        ("plan bad.yaml".to_owned(), 2),
        (format!("test policies --tests {}", tests.display()), 0),
    ];
    for (verb, code) in &verbs {
        let run = |format: &str| -> Run {
            world.mfactl(&format!("policy {verb} -o {format}")).exits(*code)
        };
        let markdown = run("markdown").stdout;
        assert!(markdown.starts_with("### MFA policy"), "{markdown}");
        for line in run("github").stdout.lines() {
            let level = ["::error ", "::warning ", "::notice "];
            assert!(level.iter().any(|level| line.starts_with(level)), "{line}");
        }
        let junit = run("junit").stdout;
        assert!(junit.starts_with("<?xml"), "{junit}");
        if shell::tool("python3") {
            std::fs::write(world.path("junit.xml"), &junit).unwrap();
            let parse = "import xml.dom.minidom as m; m.parse('junit.xml')";
            world.sh(&format!("python3 -c \"{parse}\"")).exits(0);
        }
    }
    let github = world.mfactl("policy plan bad.yaml -o github").exits(2).stdout;
    assert!(github.starts_with("::error file=bad.yaml,line=3,"), "{github}");
    world.mfactl("user list -o markdown").exits(2);
    world.mfactl("-o junit policy plan policies").exits(0);
    world.mfactl("policy apply policies -o github").exits(2);
    let csv = world.mfactl("policy plan policies -o csv").exits(0).stdout;
    assert!(csv.starts_with("class,action,subject,org,before,after,source,people\n"), "{csv}");
}

#[test]
fn the_schema_accepts_the_fixtures_and_refuses_a_typo() {
    let world = hospital();
    let schema = world.mfactl("policy schema").exits(0).stdout;
    let committed = concat!(env!("CARGO_MANIFEST_DIR"), "/schema/mfactl-policy.schema.json");
    assert_eq!(schema, std::fs::read_to_string(committed).unwrap());
    let reads = |python: &&str| {
        let mut asked = std::process::Command::new(python);
        let answer = asked.args(["-c", "import yaml, jsonschema"]).output();
        answer.is_ok_and(|answer| answer.status.success())
    };
    let Some(python) = ["python3", "/usr/bin/python3"].into_iter().find(reads) else {
        let needed = std::env::var_os("MFACTL_TESTS_NEED_TOOLS").is_some();
        assert!(!needed, "python3-jsonschema and python3-yaml: run tests/run");
        return;
    };
    std::fs::write(world.path("schema.json"), schema).unwrap();
    std::fs::write(world.path("validate.py"), VALIDATE).unwrap();
    let run = world.sh(&format!("{python} validate.py")).exits(0);
    assert_eq!(run.stdout, "6 fine\n", "{}", run.stderr);
}

/// A reader of YAML 1.2, as editors have it: on and off are words, and so is a date.
const VALIDATE: &str = r#"
import glob, json, yaml, jsonschema
class Loader(yaml.SafeLoader): pass
Loader.yaml_implicit_resolvers = {
    first: [(tag, exp) for tag, exp in resolvers
            if not tag.endswith(':timestamp') and not (tag.endswith(':bool') and first not in 'tTfF')]
    for first, resolvers in yaml.SafeLoader.yaml_implicit_resolvers.items()}
schema = json.load(open('schema.json'))
validator = jsonschema.validators.validator_for(schema)
validator.check_schema(schema)
files = sorted(glob.glob('policies/*.yaml'))
for file in files:
    document = yaml.load(open(file, encoding='utf-8'), Loader)
    validator(schema).validate(document)
    document['opt_outs'] = 'allow'
    assert not validator(schema).is_valid(document), file
print(len(files), 'fine')
"#;
