//! `audit prune` at the shell: what old records tell about people is really gone,
//! the chain still verifies, and everything says clearly what it cannot know any more.

#![allow(clippy::disallowed_methods, clippy::unwrap_used)]

use crate::shell;

use serde_json::{Value, json};
use shell::World;

const LONG: &str = "--long --reason accessibility";

/// A state with three years of history: in 2024 and 2025 somebody was there and went
/// again, with evidence, and 400 came at once and went.
fn world() -> World {
    let mut world = World::new();
    world.at("2024-01-10T09:00:00Z");
    world.mfactl("init").exits(0);
    world.mfactl("org add acme").exits(0);
    let rows: String =
        (0..400).map(|n| format!("m{n},Canary Many,canary{n}@acme.example,acme\n")).collect();
    std::fs::write(world.path("many.csv"), format!("login,name,email,orgs\n{rows}")).unwrap();
    std::fs::write(world.path("old"), "canary evidence").unwrap();
    std::fs::write(world.path("shared"), "shared evidence").unwrap();
    std::fs::write(world.path("young"), "young evidence").unwrap();
    for command in [
        "user import many.csv",
        "user add zoe --org acme --name 'Canary Zoe' --email canary@acme.example",
        "user enrol zoe --external app",
        "user add yan --org acme --name 'Canary Yan'",
        "user enrol yan --external app",
        &format!("exception grant zoe {LONG} --for 10d --evidence old --note 'canary note'"),
        &format!("exception grant yan {LONG} --for 10d --evidence shared"),
    ] {
        world.mfactl(command).exits(0);
    }
    world.at("2025-01-10T09:00:00Z");
    let everybody: String = (0..400).map(|n| format!("m{n}\n")).collect();
    std::fs::write(world.path("everybody"), everybody).unwrap();
    for command in [
        "user edit yan --name 'Yan New'",
        "user remove zoe --yes",
        "sh -c 'for n in 0 1 2 3 4; do mfactl user remove m$n --yes; done'",
        "user rename m5 five",
        "user edit five --name Five --email five@acme.example",
    ] {
        match command.strip_prefix("sh ") {
            Some(rest) => world.sh(&format!("sh {rest}")).exits(0),
            None => world.mfactl(command).exits(0),
        };
    }
    world.at("2026-01-10T09:00:00Z");
    world.mfactl(&format!("exception grant yan {LONG} --for 90d --evidence shared")).exits(0);
    world
        .mfactl(&format!("exception grant yan {LONG} --for 90d --evidence young --replace"))
        .exits(0);
    world.at(shell::NOW);
    world
}

/// Removes from a world what still says canary in the live accounts.
fn without_canaries(world: &World) {
    let rows: String = (6..400).map(|n| format!("m{n},Member,m{n}@acme.example,acme\n")).collect();
    let csv = format!("login,name,email,orgs\n{rows}");
    std::fs::write(world.path("plain.csv"), csv).unwrap();
    world.mfactl("user import --update plain.csv").exits(0);
}

fn says(world: &World, words: &str) -> Vec<String> {
    let found = world.files().into_iter().filter(|(path, bytes)| {
        path.to_string_lossy().to_lowercase().contains(words)
            || String::from_utf8_lossy(bytes).to_lowercase().contains(words)
    });
    found.map(|(path, _)| path.display().to_string()).collect()
}

#[track_caller]
fn verifies(world: &World) -> Value {
    world.mfactl("state check").exits(0);
    world.mfactl("audit verify -o json").exits(0).json()
}

#[test]
fn what_is_pruned_is_really_gone() {
    let mut world = world();
    without_canaries(&world);
    // Long enough after, so that the import that took the canaries away is pruned, too.
    world.at("2027-02-23T09:00:00Z");
    assert!(!says(&world, "canary").is_empty());
    let rev = world.rev();
    let done = world.mfactl("audit prune --before 2026-11-22 --yes -m old -o json").exits(0);
    let done = done.json();
    assert_eq!((&done["rev"], &done["changed"]), (&json!(rev + 1), &json!(true)));
    assert_eq!(
        done["after"],
        json!({"before": "2026-11-22T00:00:00Z", "records": rev, "evidence": 3,
            "signin_days": 0, "signin_lines": 0})
    );
    assert_eq!(says(&world, "canary"), Vec::<String>::new());
    for words in ["shared evidence", "young evidence"] {
        assert_eq!(says(&world, words), Vec::<String>::new(), "its files are gone");
    }
    let found = verifies(&world);
    assert_eq!((&found["records"], &found["pruned"]), (&json!(rev + 1), &json!(rev)));
    assert_eq!(found["pruned_before"], "2026-11-22T00:00:00Z");
    let files = world.files();
    let again = world.mfactl("audit prune --before 2026-11-22 --yes -o json").exits(0).json();
    assert_eq!((&again["rev"], &again["changed"]), (&Value::Null, &json!(false)));
    assert!(world.files() == files, "nothing was left to erase");
    world.mfactl("user set-mfa yan on").exits(0);
    verifies(&world);
}

#[test]
fn evidence_goes_with_the_exceptions_that_ended_before() {
    let world = world();
    let kept = |world: &World| {
        let mut kept: Vec<String> = std::fs::read_dir(world.state().join("evidence"))
            .unwrap()
            .map(|entry| std::fs::read_to_string(entry.unwrap().path()).unwrap())
            .collect();
        kept.sort();
        kept.join(", ")
    };
    assert_eq!(kept(&world), "canary evidence, shared evidence, young evidence");
    for (before, left) in [
        // zoe#1 and yan#1 ended on the 20th; zoe herself went a year later.
        ("2024-01-19", "canary evidence, shared evidence, young evidence"),
        ("2024-01-20T09:00:00Z", "shared evidence, young evidence"),
        // yan#2 was replaced, and so ended, on the 10th; yan#3 ended in April.
        ("2026-01-10T09:00:00Z", "young evidence"),
        ("2026-04-10", "young evidence"),
        ("2026-04-11", ""),
    ] {
        world.mfactl(&format!("audit prune --before {before} --yes")).exits(0);
        assert_eq!(kept(&world), left, "{before}");
        verifies(&world);
    }
    let yan = world.mfactl("exception show yan#3 -o json").exits(0).json();
    assert_eq!(yan["evidence"].as_array().unwrap().len(), 1, "what it was is still named");
}

#[test]
fn what_is_gone_is_said_and_the_rest_goes_on() {
    let world = world();
    let rev = world.rev();
    world.mfactl("audit prune --before 2025-06-01 --yes").exits(0);
    let log = world.mfactl("audit log -o json").exits(0).json();
    let erased: Vec<&Value> =
        log.as_array().unwrap().iter().filter(|record| record["pruned"] == true).collect();
    assert_eq!(log.as_array().unwrap().len() as u64, rev + 1);
    assert_eq!(erased.len() as u64, rev - 2, "but the two exceptions of 2026 and the pruning");
    for record in erased {
        assert_eq!(
            [&record["subject"], &record["before"], &record["after"], &record["details"]],
            [&Value::Null, &Value::Null, &Value::Null, &json!([])]
        );
        assert_eq!(record["operator"], "sam");
    }
    let export = world.mfactl("audit export -o jsonl").exits(0);
    assert_eq!(export.stdout.lines().count() as u64, rev + 1);
    let shown = world.mfactl("audit show 3").exits(0);
    assert!(shown.stdout.contains("was erased by audit prune"), "{}", shown.stdout);
    let table = world.mfactl("audit log").exits(0);
    assert!(table.stdout.contains("(erased)"), "{}", table.stdout);
    let about = world.mfactl("audit log --user yan -o json").exits(0);
    assert_eq!(about.json().as_array().unwrap().len(), 2);
    assert!(about.stderr.contains("may be missing"), "{}", about.stderr);

    // The last pruned revision is where the known past begins.
    let (last, before) = (rev - 2, rev - 3);
    world.mfactl(&format!("user list --at {last}")).exits(0);
    world.mfactl("user show yan --at 2025-07-01").exits(0);
    for at in [before.to_string(), "1".to_owned(), "2024-06-01".to_owned()] {
        for question in ["user list", "user show yan", "explain yan", "exception list --all"] {
            let run = world.mfactl(&format!("{question} --at {at} -o json")).exits(4);
            let error = run.error();
            let message = error["message"].as_str().unwrap();
            assert!(message.contains("earlier than pruned"), "{message}");
        }
    }

    // What came since can be made again; the rest only a backup has.
    world.mfactl("org add later").exits(0);
    std::fs::remove_file(world.state().join("orgs/later.yaml")).unwrap();
    world.mfactl("state repair").exits(0);
    verifies(&world);
    world.mfactl("state backup b.tar").exits(0);
    std::fs::write(world.state().join("orgs/acme.yaml"), "").unwrap();
    let run = world.mfactl("state repair").exits(7);
    assert!(run.stderr.contains("audit prune erased"), "{}", run.stderr);
    assert!(run.stderr.contains("state restore"), "{}", run.stderr);

    world.sh("mv demo damaged").exits(0);
    world.mfactl("state restore b.tar").exits(0);
    let found = verifies(&world);
    assert_eq!(found["pruned"], rev - 2);
    world.mfactl("user set-mfa yan on").exits(0);
    let back = world.mfactl("state restore b.tar --yes -o json").exits(0).json();
    assert_eq!(back["after"]["users"]["changed"], 1);
    verifies(&world);
}

#[test]
fn who_changed_what_was_applied_is_not_known_after_a_pruning() {
    let mut world = World::new();
    world.at("2025-01-10T09:00:00Z");
    world.mfactl("init").exits(0);
    world.mfactl("org add acme").exits(0);
    std::fs::write(world.path("p.yaml"), "version: 1\norg: acme\nopt_out: deny\n").unwrap();
    world.mfactl("policy apply p.yaml").exits(0);
    world.at("2025-02-10T09:00:00Z").mfactl("org edit acme --opt-out allow").exits(0);
    world.at(shell::NOW);
    let known = world.mfactl("policy drift -o json").exits(0);
    assert_eq!((&known.json()[0]["changed"]["by"], &*known.stderr), (&json!("sam"), ""));
    world.mfactl("audit prune --before 2025-06-01 --yes").exits(0);
    let drift = world.mfactl("policy drift -o json").exits(0);
    assert_eq!(drift.json()[0]["changed"], Value::Null);
    assert!(drift.stderr.contains("audit prune erased"), "{}", drift.stderr);
}

#[test]
fn only_what_a_pruning_accounts_for_may_be_missing() {
    let world = world();
    let segment =
        |world: &World, number: u32| world.state().join(format!("audit/{number:06}.jsonl"));
    let without_details = |text: &str, action: &str| {
        let mut kept: Vec<&str> = Vec::new();
        for line in text.lines() {
            if line.contains(&format!("\"action\":\"{action}\"")) {
                while kept.last().is_some_and(|line| line.starts_with("{\"object\"")) {
                    kept.pop();
                }
            }
            kept.push(line);
        }
        kept.join("\n") + "\n"
    };
    // Before anything was pruned.
    let copy = world.copy();
    let path = segment(&copy, 1);
    let text = std::fs::read_to_string(&path).unwrap();
    std::fs::write(&path, without_details(&text, "user.rename")).unwrap();
    let found = copy.mfactl("audit verify -o json").exits(1).json();
    let what = found["first_bad"]["what"].as_str().unwrap();
    assert!(what.contains("no audit prune accounts"), "{what}");
    // What does not verify is not pruned: what is wrong could not be found any more.
    copy.mfactl("audit prune --before 2025-06-01 --yes").exits(7);
    copy.mfactl("audit prune --before 2025-06-01 --dry-run").exits(7);

    // Of a record that came after what was pruned: 2025 where 2024 was.
    world.mfactl("audit prune --before 2024-06-01 --yes").exits(0);
    let path = segment(&world, 1);
    let text = std::fs::read_to_string(&path).unwrap();
    std::fs::write(&path, without_details(&text, "user.rename")).unwrap();
    let found = world.mfactl("audit verify -o json").exits(1).json();
    let what = found["first_bad"]["what"].as_str().unwrap();
    assert!(what.contains("no audit prune accounts"), "{what}");
    assert_eq!(found["files_bad"][0]["file"], "audit/000001.jsonl");
    std::fs::write(&path, &text).unwrap();
    verifies(&world);

    // The pruned segment is a file that the chain knows.
    std::fs::write(&path, format!("{text}\n")).unwrap();
    world.mfactl("audit verify").exits(1);
    std::fs::write(&path, &text).unwrap();

    // Farther, in the same files: what was erased by the first is accounted for by the second.
    world.mfactl("audit prune --before 2026-06-01 --yes").exits(0);
    let found = verifies(&world);
    assert_eq!(found["pruned_before"], "2026-06-01T00:00:00Z");
    // And not so far any more: there is nothing left to erase.
    let back = world.mfactl("audit prune --before 2024-02-01 --yes -o json").exits(0).json();
    assert_eq!(back["changed"], json!(false));
}

#[test]
fn it_takes_a_site_admin_a_yes_and_an_instant_that_is_past() {
    let mut world = World::eventful();
    world.at("2027-03-25T09:00:00Z");
    let files = world.files();
    let prune = "audit prune --before 2026-11-22";
    for who in ["hal", "ada", "aud", "pol", "stranger"] {
        let run = world.as_user(who, &format!("{prune} --yes -o json")).exits(5);
        assert_eq!(run.error()["code"], "not-permitted");
        world.as_user(who, prune).exits(5);
    }
    let asked = world.mfactl(prune).exits(2);
    assert!(asked.stderr.contains("erase for good the details of"), "{}", asked.stderr);
    world.mfactl("audit prune --before 2027-03-26 --yes").exits(2);
    world.mfactl("audit prune --before +1h --yes").exits(2);
    world.mfactl("audit prune --yes").exits(2);
    world.mfactl("audit prune --before 2025-01-01 --yes").exits(0);
    let dry = world.mfactl(&format!("{prune} --dry-run -o json")).exits(0).json();
    assert_eq!((&dry["changed"], &dry["rev"]), (&json!(true), &Value::Null));
    assert!(world.files() == files, "nothing was written");
    let done = world.mfactl(&format!("{prune} --yes -o json")).exits(0).json();
    assert_eq!(done["after"], dry["after"]);
    verifies(&world);
}

#[test]
fn a_record_of_a_second_ago_was_erased_by_who_made_it() {
    let mut world = World::eventful();
    world.at("2026-11-22T09:00:00Z");
    let files = world.files();
    for before in ["now", "2026-11-21", "-89d", "2026-08-25T09:00:00Z"] {
        let run = world.mfactl(&format!("audit prune --before {before} --yes -o json"));
        assert_eq!(run.code, 3, "{before}: {}", run.stderr);
        assert_eq!(run.error()["code"], "too-recent");
        assert!(run.stderr.contains("at least 90d old"), "{}", run.stderr);
        assert!(run.stderr.contains("audit prune --before 2026-08-24T09:00:00Z"), "{}", run.stderr);
    }
    assert!(world.files() == files);
    world.mfactl("audit prune --before -90d --yes").exits(0);
    // The configuration that counts may say otherwise, both ways.
    std::fs::write(world.path("c.toml"), "[audit]\nprune_min_age = \"12h\"\n").unwrap();
    world.mfactl("--config c.toml audit prune --before -11h --yes").exits(3);
    world.mfactl("--config c.toml audit prune --before -12h --dry-run").exits(0);
    std::fs::write(world.path("c.toml"), "[audit]\nprune_min_age = \"400d\"\n").unwrap();
    world.mfactl("--config c.toml audit prune --before -399d --yes").exits(3);
    world.mfactl("--config c.toml audit prune --before -400d --yes").exits(0);
}

/// Killed at any writing system call: what was to go is there or gone, and the next
/// command needs no help.
#[test]
fn killed_at_any_system_call_it_is_pruned_or_not() {
    if !shell::tool("strace") {
        return;
    }
    let start = world();
    let rev = start.rev();
    let mut ends = [0, 0];
    for call in ["openat", "pwrite64", "fsync", "fdatasync", "renameat", "unlinkat"] {
        for when in (1..).step_by(2) {
            let world = start.copy();
            let line = format!(
                "exec strace -f -o /dev/null -e trace={call} -e inject={call}:signal=SIGKILL:when={when} \
                 mfactl audit prune --before 2025-06-01 --yes"
            );
            let code = world.shell(&line).output().unwrap().status.code();
            let pruned = usize::from(world.rev() > rev);
            ends[pruned] += 1;
            world.mfactl("audit verify").exits(0);
            world.mfactl("user set-mfa yan on").exits(0);
            let found = world.mfactl("audit verify -o json").exits(0).json();
            let all = if pruned == 1 { rev - 2 } else { 0 };
            assert_eq!(found["pruned"], json!(all), "{call} {when}");
            assert_eq!(says(&world, "canary note").is_empty(), pruned == 1, "{call} {when}");
            if code == Some(0) {
                break; // There is no such call any more.
            }
            assert!(when < 400, "{call} has no end");
        }
    }
    assert!(ends[0] > 5 && ends[1] > 5, "kills before and after the commit were seen: {ends:?}");
}

/// After a restore an exception has another's number: what it named is not old for that.
#[test]
fn evidence_of_a_second_ago_went_with_an_exception_that_a_restore_replaced() {
    let world = World::staffed();
    let grant = "exception grant bob --long --org acme --reason accessibility --evidence";
    std::fs::write(world.path("one"), "first evidence").unwrap();
    std::fs::write(world.path("two"), "second evidence").unwrap();
    world.mfactl("state backup none.tar --yes").exits(0);
    world.mfactl(&format!("{grant} one")).exits(0);
    world.mfactl("state backup one.tar --yes").exits(0);
    world.mfactl("state restore none.tar --yes").exits(0);
    world.mfactl(&format!("{grant} two")).exits(0);
    world.mfactl("state restore one.tar --yes").exits(0);
    world.mfactl("audit prune --before -90d --yes").exits(0);
    let kept = world.sh("cat demo/evidence/*").stdout;
    assert!(kept.contains("first evidence") && kept.contains("second evidence"), "{kept}");
}

/// The days of the log of sign-ins.
fn days(world: &World) -> Vec<String> {
    let log = world.state().join("signin/log");
    let names = std::fs::read_dir(log).unwrap();
    let mut days: Vec<String> =
        names.map(|entry| entry.unwrap().file_name().into_string().unwrap()).collect();
    days.sort();
    days
}

#[test]
fn the_log_of_sign_ins_was_kept_for_ever() {
    let mut world = World::small();
    world.mfactl("user enrol alice --unverified --out secret").exits(0);
    world.mfactl("org enforce acme on --yes").exits(0);
    for now in ["2026-11-21T09:00:00Z", "2026-11-22T23:00:00Z", "2027-06-01T09:00:00Z"] {
        world.at(now);
        world.sh("echo 123456 | mfactl signin verify alice --org acme --code-from -").exits(1);
    }
    assert_eq!(days(&world), ["2026-11-21.jsonl", "2026-11-22.jsonl", "2027-06-01.jsonl"]);
    std::fs::write(world.state().join("signin/log/notes.jsonl"), "").unwrap();
    let prune = "audit prune --before 2026-11-22T12:00:00Z --yes";
    let dry = world.mfactl(&format!("{prune} --dry-run")).exits(0).stdout;
    assert!(dry.contains("1 day of the sign-in log"), "{dry}");
    assert_eq!(days(&world).len(), 4);
    let done = world.mfactl(prune).exits(0).stdout;
    assert!(done.contains("1 day of the sign-in log"), "{done}");
    let left = ["2026-11-22.jsonl", "2027-06-01.jsonl", "notes.jsonl"];
    assert_eq!(days(&world), left, "a day that is not over by then stays");
    world.mfactl(prune).exits(0);
    world.mfactl("audit verify").exits(0);
}

#[test]
fn lines_of_removed_users_stayed_after_a_prune_with_nothing_else_to_do() {
    let mut world = World::small();
    world.mfactl("user enrol carol --unverified --out secret").exits(0);
    let shards = || {
        let text = world.sh("cat demo/signin/*.yaml").exits(0).stdout;
        text.matches("\"u-").count()
    };
    assert_eq!(shards(), 1);
    // Somebody signs in, or so it seems: the removal cannot take the line away.
    let busy = "for lock in demo/signin/*.lock; do exec 9>>$lock; flock -x 9; done";
    let removed = format!("{busy}; mfactl user remove carol --yes --lock-timeout 1s");
    let warned = world.sh(&removed).exits(0).stderr;
    assert!(warned.contains("lines of removed users are left in signin/"), "{warned}");
    assert_eq!(shards(), 1);
    world.at("2027-06-01T09:00:00Z");
    let done = world.mfactl("audit prune --before 2026-01-01 --yes").exits(0).stdout;
    assert!(done.contains("1 sign-in line of removed users"), "{done}");
    let text = world.sh("cat demo/signin/*.yaml").exits(0).stdout;
    assert_eq!(text.matches("\"u-").count(), 0);
    let again = world.mfactl("audit prune --before 2026-01-01 --yes").exits(0).stdout;
    assert!(again.contains("nothing"), "{again}");
}
