//! What an auditor asks, through the binary: numbers that add up, who sees what, and when.

#![allow(clippy::disallowed_methods, clippy::unwrap_used)]

use crate::person;
use crate::shell;

use person::{enrol, verify};
use serde_json::{Value, json};
use shell::{NOW, World};

/// The rows of a report.
fn rows(world: &World, report: &str) -> Vec<Value> {
    let answer = world.mfactl(&format!("report {report} -o json")).exits(0).json();
    answer.as_array().unwrap().clone()
}

/// The row of an org; null: that of all.
fn row(world: &World, report: &str, org: Value) -> Value {
    let mut rows = rows(world, report).into_iter().filter(|row| row["org"] == org);
    let row = rows.next().unwrap_or_else(|| panic!("no row of {org} in {report}"));
    assert!(rows.next().is_none(), "{report}: {org} has two rows");
    row
}

const REQUIREMENTS: [&str; 8] = [
    "denied",
    "delegated",
    "exempt_by_exception",
    "exempt_by_opt_out",
    "required",
    "enrol",
    "grace",
    "not_required",
];

fn counts(row: &Value) -> [u64; 8] {
    let counts = REQUIREMENTS.map(|name| row[name].as_u64().unwrap());
    assert_eq!(counts.iter().sum::<u64>(), row["members"].as_u64().unwrap(), "{row}");
    counts
}

#[test]
fn coverage_counts_what_explain_says_of_everybody() {
    let world = World::eventful();
    world.mfactl("org enforce acme on --starts +7d --grace-days 14").exits(0);
    world.mfactl("org enforce globex on --force").exits(0);
    for at in ["", "--at +8d", "--at +30d", "--at 3"] {
        let users =
            world.mfactl(&format!("user list -o json {}", if at == "--at 3" { at } else { "" }));
        let users = users.exits(0).json();
        let logins: Vec<&str> =
            users.as_array().unwrap().iter().map(|user| user["login"].as_str().unwrap()).collect();
        let told = rows(&world, &format!("coverage {at}"));
        let mut explained = std::collections::BTreeMap::<String, [u64; 8]>::new();
        for login in &logins {
            let answers = world.mfactl(&format!("explain {login} -o json {at}")).exits(0).json();
            for answer in answers.as_array().unwrap() {
                let name = match (answer["requirement"].as_str().unwrap(), &answer["rule"]) {
                    ("exempt", rule) if rule == "exception" => "exempt_by_exception".to_owned(),
                    ("exempt", _) => "exempt_by_opt_out".to_owned(),
                    (requirement, _) => requirement.replace('-', "_"),
                };
                let place = REQUIREMENTS.iter().position(|other| *other == name).unwrap();
                explained.entry(answer["org"].as_str().unwrap().to_owned()).or_default()[place] +=
                    1;
            }
        }
        for row in &told {
            let counted = counts(row);
            match row["org"].as_str() {
                Some(org) => {
                    assert_eq!(counted, explained.remove(org).unwrap_or_default(), "{org} {at}");
                }
                None => assert_eq!(row["members"], logins.len(), "everybody once {at}"),
            }
        }
        assert!(explained.is_empty(), "{explained:?} {at}");
    }
}

#[test]
fn everybody_is_counted_once_by_the_strictest_answer() {
    let world = World::small();
    world.mfactl("user set-mfa alice off").exits(0);
    world.mfactl("user opt-out alice --org acme").exits(0);
    let before = row(&world, "coverage", Value::Null);
    assert_eq!((&before["members"], &before["exempt_by_opt_out"]), (&json!(8), &json!(1)));
    world.mfactl("org enforce globex on").exits(0);
    let after = row(&world, "coverage", Value::Null);
    // alice is asked in globex now, gus in his only org.
    assert_eq!((&after["exempt_by_opt_out"], &after["required"]), (&json!(0), &json!(4)));
    assert_eq!(row(&world, "coverage", json!("acme"))["exempt_by_opt_out"], 1);
    assert_eq!(after["enrolled_percent"], 83.3, "5 of 6: dave is delegated, erin denied");
}

#[test]
fn nobody_and_no_org_are_no_trouble() {
    let world = World::new();
    world.mfactl("init").exits(0);
    let nobody = rows(&world, "coverage");
    assert_eq!((nobody.len(), &nobody[0]["org"]), (1, &Value::Null));
    assert_eq!((counts(&nobody[0]), &nobody[0]["enrolled_percent"]), ([0; 8], &Value::Null));
    world.mfactl("org add empty").exits(0);
    assert_eq!(counts(&row(&world, "coverage", json!("empty"))), [0; 8]);
    assert_eq!(rows(&world, "coverage --org empty").len(), 1);
    for (report, said) in [("exceptions", "no exceptions\n"), ("opt-outs", "no opt-outs\n")] {
        assert_eq!(world.mfactl(&format!("report {report}")).exits(0).stdout, said);
        assert_eq!(rows(&world, report), Vec::<Value>::new());
        let header = world.mfactl(&format!("report {report} -o csv")).exits(0).stdout;
        assert!(header.starts_with("org,") && header.lines().count() == 1, "{header}");
    }
    let operators = rows(&world, "operators");
    assert_eq!(operators[0]["warnings"], json!(["no-person"]));
}

#[test]
fn who_works_for_an_org_sees_its_people_only() {
    let mut world = World::eventful();
    world.mfactl("user opt-out gus --org globex").exits(0);
    world.mfactl("user opt-out alice --org globex").exits(0);
    let all = rows(&world, "coverage");
    assert_eq!(world.user("aud").mfactl("report coverage -o json").exits(0).json(), json!(all));
    world.user("gil");
    let told = rows(&world, "coverage");
    let orgs: Vec<&Value> = told.iter().map(|row| &row["org"]).collect();
    assert_eq!(orgs, [&json!("globex"), &Value::Null]);
    // gus, alice and gil's own person.
    assert_eq!((&told[0]["members"], &told[1]["members"]), (&json!(3), &json!(3)));
    assert_eq!(counts(&told[0]), counts(&told[1]), "what acme asks of alice is not told");
    assert_eq!(rows(&world, "exceptions"), Vec::<Value>::new(), "they are acme's");
    let logins: Vec<Value> =
        rows(&world, "opt-outs").iter().map(|row| row["login"].clone()).collect();
    assert_eq!(logins, [json!("alice"), json!("gus")]);
    for report in ["coverage", "exceptions", "opt-outs"] {
        let run = world.mfactl(&format!("report {report} --org acme -o json")).exits(4);
        assert_eq!(run.error()["code"], "not-found");
        world.mfactl(&format!("report {report} --org nowhere")).exits(4);
    }
    world.mfactl("report operators").exits(5);
}

#[test]
fn a_service_that_an_exception_covers_is_told_apart() {
    let world = World::eventful();
    world.mfactl("exception grant ivy --short --service portal --reason no-signal").exits(0);
    let exempt = |report: &str| row(&world, report, json!("acme"))["exempt_by_exception"].clone();
    assert_eq!(exempt("coverage"), 2, "alice and frank");
    assert_eq!(exempt("coverage --service portal"), 3);
    let run = world.mfactl("report coverage --service nothing -o json").exits(4);
    assert_eq!(run.error()["code"], "not-found");
    world.mfactl("report coverage --org globex --service portal").exits(4);
}

#[test]
fn the_past_and_what_is_to_come() {
    let mut world = World::eventful();
    world.mfactl("org enforce acme on --starts +7d").exits(0);
    let ahead = row(&world, "coverage --at +7d", json!("acme"));
    let now = row(&world, "coverage", json!("acme"));
    assert_eq!((&now["enrol"], &now["locked_out"]), (&json!(0), &json!(0)));
    assert!(ahead["enrol"].as_u64() > Some(0), "{ahead}");
    assert_eq!(ahead["locked_out"], Value::Null, "known of now only");
    for report in ["exceptions", "opt-outs", "operators"] {
        let run = world.mfactl(&format!("report {report} --at +7d")).exits(2);
        assert!(run.stderr.contains("report coverage tell"), "{}", run.stderr);
    }
    world.at("2026-11-29T09:00:00Z");
    let then = row(&world, "coverage", json!("acme"));
    assert_eq!(counts(&then), counts(&ahead), "what was told came");
    assert_eq!(
        counts(&row(&world, "coverage --at 2026-11-21T09:00:00Z", json!("acme"))),
        counts(&now)
    );
    let first = rows(&world, "coverage --at 2");
    assert_eq!(first.last().unwrap()["members"], 8);
    for report in ["coverage", "exceptions", "opt-outs", "operators"] {
        world.mfactl(&format!("report {report} --at 999")).exits(4);
        world.mfactl(&format!("report {report} --at 2020-01-01")).exits(4);
    }
}

#[test]
fn exceptions_are_counted_by_why_and_by_whom() {
    let mut world = World::eventful();
    let grant = "--long --reason accessibility --evidence https://x.example/2 --for 10d";
    world.mfactl("exception revoke frank#1").exits(0);
    world.mfactl(&format!("exception grant frank {grant}")).exits(0);
    world.mfactl("exception grant helen --short --reason phone-misplaced --for 1h").exits(0);
    let of = |world: &World, more: &str, reason: &str| {
        let rows = rows(world, &format!("exceptions {more}"));
        rows.into_iter().find(|row| row["reason"] == reason).unwrap()
    };
    let long = of(&world, "", "accessibility");
    let told = |row: &Value, names: &[&str]| {
        names.iter().map(|name| row[*name].clone()).collect::<Vec<_>>()
    };
    assert_eq!(
        told(&long, &["org", "kind", "exceptions", "live", "requested", "reviews_due"]),
        [json!("acme"), json!("long"), json!(2), json!(1), json!(1), json!(1)]
    );
    let short = of(&world, "", "no-signal");
    assert_eq!(told(&short, &["exceptions", "live", "revoked"]), [json!(2), json!(1), json!(1)]);
    let all = row(&world, "exceptions", Value::Null);
    assert_eq!(told(&all, &["kind", "exceptions", "live"]), [Value::Null, json!(5), json!(3)]);
    // Approved by nobody yet: what bob waits for.
    let by: Vec<_> = rows(&world, "exceptions --by approver --org acme")
        .iter()
        .map(|row| told(row, &["kind", "approved_by", "exceptions"]))
        .collect();
    assert_eq!(
        json!(by),
        json!([["short", "sam", 3], ["long", null, 1], ["long", "sam", 1], [null, null, 5]])
    );
    world.at("2026-11-21T11:00:00Z");
    assert_eq!(of(&world, "", "phone-misplaced")["follow_ups_open"], 1);
    assert_eq!(rows(&world, "exceptions --during 2026-11-25..2026-11-26").len(), 2);
    world.mfactl("report exceptions --during now..-1d").exits(2);
    world.mfactl("report exceptions --by phone").exits(2);
}

#[test]
fn an_opt_out_counts_or_rests() {
    let world = World::small();
    for (who, org) in [("alice", "acme"), ("gus", "globex"), ("bob", "acme"), ("erin", "acme")] {
        world.mfactl(&format!("user opt-out {who} --org {org} -m 'no phone'")).exits(0);
    }
    world.mfactl("org enforce globex on --force").exits(0);
    world.mfactl("org edit globex --opt-out deny").exits(0);
    world.mfactl("user edit bob --sign-in sso --provider entra").exits(0);
    let told: Vec<Value> = rows(&world, "opt-outs")
        .iter()
        .map(|row| {
            json!([row["org"], row["login"], row["counts"], row["rests_because"], row["message"]])
        })
        .collect();
    assert_eq!(
        json!(told),
        json!([
            ["acme", "alice", true, null, "no phone"],
            ["acme", "bob", false, "signs in through SSO: entra decides", "no phone"],
            ["acme", "erin", false, "the account is not active: denied everywhere", "no phone"],
            ["globex", "gus", false, "globex denies opt-outs and enforces MFA", "no phone"],
        ])
    );
    assert_eq!(rows(&world, "opt-outs --org globex").len(), 1);
}

#[test]
fn operators_are_told_with_their_last_act_and_what_is_doubtful() {
    let mut world = World::staffed();
    world.user("ada").mfactl("user set-mfa bob on").exits(0);
    world.user("sam");
    let rev = world.rev();
    world.mfactl("user enrol ada.person --external app").exits(0);
    world.mfactl("user deactivate hal.person").exits(0);
    world.mfactl("operator edit gil --os-user ada").exits(0);
    let told = rows(&world, "operators");
    let of = |name: &str| told.iter().find(|row| row["name"] == name).unwrap().clone();
    let ada = of("ada");
    assert_eq!(
        json!([ada["last_rev"], ada["last_action"], ada["last_at"]]),
        json!([rev, "user.set-mfa", NOW])
    );
    assert_eq!(ada["warnings"], json!(["shared-os-user"]));
    assert_eq!(of("hal")["warnings"], json!(["person-inactive"]));
    assert_eq!(of("gil")["warnings"], json!(["person-not-enrolled", "shared-os-user"]));
    assert_eq!(of("pol")["warnings"], json!([]));
    assert_eq!(
        (&of("aud")["last_rev"], &of("sam")["last_action"]),
        (&Value::Null, &json!("operator.edit"))
    );
}

#[test]
fn who_is_locked_out_is_counted_until_it_ends() {
    let mut world = World::staffed();
    let (app, _) = enrol(&world, "alice", NOW);
    enrol(&world, "bob", NOW);
    let locked = |world: &World, org: Value| row(world, "coverage", org)["locked_out"].clone();
    for _ in 0..4 {
        verify(&world, "alice", "000000").exits(1);
    }
    assert_eq!(locked(&world, json!("acme")), 0, "not yet");
    verify(&world, "alice", "000000").exits(1);
    assert_eq!((locked(&world, json!("acme")), locked(&world, Value::Null)), (json!(1), json!(1)));
    assert_eq!(locked(&world, json!("globex")), 1);
    let of_gil = world.as_user("gil", "report coverage --org globex -o json").exits(0).json();
    assert_eq!(of_gil[0]["locked_out"], 1);
    world.mfactl("user unlock alice").exits(0);
    assert_eq!(locked(&world, Value::Null), 0, "an unlock ends it");
    for _ in 0..5 {
        verify(&world, "alice", "000000").exits(1);
    }
    assert_eq!(locked(&world, Value::Null), 1);
    world.at("2026-11-21T09:00:30Z");
    assert_eq!(locked(&world, Value::Null), 0, "its time is over");
    verify(&world, "alice", &app.code("2026-11-21T09:00:30Z")).exits(0);
}
