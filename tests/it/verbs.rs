//! Every verb, each with a session: wrong input, a refusal, a dry run, success
//! with its JSON, and the same again, which changes nothing.

#![allow(clippy::disallowed_methods, clippy::unwrap_used)]

use crate::person;
use crate::shell;

use std::collections::BTreeSet;
use std::sync::atomic::{AtomicUsize, Ordering};

use serde_json::{Value, json};
use shell::World;

/// A verb that changes something, on [`World::eventful`], as a site-admin.
struct Change {
    /// Noun and verb.
    verb: &'static str,
    /// The arguments of a change that is made.
    done: &'static str,
    /// What comes of the same again: the code of a refusal, or empty where nothing had to change.
    again: &'static str,
    /// Arguments that are refused, with exit code and stable code.
    refused: (&'static str, i32, &'static str),
    /// Arguments that are wrong: exit 2.
    wrong: &'static str,
}

const fn change(
    verb: &'static str,
    done: &'static str,
    again: &'static str,
    refused: (&'static str, i32, &'static str),
    wrong: &'static str,
) -> Change {
    Change { verb, done, again, refused, wrong }
}

const CHANGES: &[Change] = &[
    change(
        "user add",
        "new.one --id u-new --org acme",
        "exists",
        ("x --org nowhere", 4, "not-found"),
        "../x",
    ),
    change(
        "user edit",
        "bob --name Robert",
        "",
        ("bob --email alice@acme.example", 3, "exists"),
        "bob",
    ),
    change("user rename", "bob robert", "not-found", ("bob alice", 3, "exists"), "bob ../x"),
    change("user remove", "bob --yes", "not-found", ("hal.person --yes", 3, "in-use"), "bob"),
    change("user activate", "erin", "", ("nobody", 4, "not-found"), "--from-file nowhere"),
    change("user deactivate", "bob", "", ("root.admin", 5, "own-account"), "--where colour=red"),
    change("user set-mfa", "bob on", "", ("dave on", 3, "sso-account"), "bob maybe"),
    change(
        "user opt-out",
        "bob --org acme --until +7d",
        "",
        ("dave --org acme", 3, "sso-account"),
        "bob --org acme --until yesterday",
    ),
    change("user opt-in", "carol --org acme", "", ("bob --org globex", 4, "not-found"), "carol"),
    change(
        "user join",
        "bob --org globex",
        "exists",
        ("bob --org nowhere", 4, "not-found"),
        "bob --org globex --role boss",
    ),
    change(
        "user leave",
        "bob --org acme",
        "not-found",
        ("bob --org globex", 4, "not-found"),
        "bob --org A",
    ),
    change(
        "user role",
        "bob --org acme helpdesk",
        "",
        ("bob --org globex admin", 4, "not-found"),
        "bob --org acme boss",
    ),
    change(
        "user membership",
        "bob --org acme --from-file out.json",
        "",
        ("dave --org acme --from-file out.json", 3, "sso-account"),
        "bob --org acme --from-file new.csv",
    ),
    change("user reset", "bob", "", ("root.admin", 5, "own-account"), "bob --where mfa=on"),
    change(
        "user enrol",
        "carol --external app",
        "",
        ("dave --external app", 3, "sso-account"),
        "carol --external 'A B'",
    ),
    change("org add", "more", "exists", ("acme", 3, "exists"), "A"),
    change(
        "org edit",
        "acme --grace-days 3",
        "",
        ("nowhere --grace-days 3", 4, "not-found"),
        "acme --short-max 25h",
    ),
    change("org remove", "empty --yes", "not-found", ("acme --yes", 3, "in-use"), "empty"),
    change("org enforce", "acme on", "", ("globex on", 3, "last-administrator"), "acme maybe"),
    change(
        "exception grant",
        "ivy --short --reason no-signal",
        "overlap",
        ("carol --short --reason no-signal", 3, "not-enrolled"),
        "ivy --short --reason no-signal --for soon",
    ),
    change(
        "exception request",
        "ivy --short --reason no-signal",
        "overlap",
        ("ivy --long --reason accessibility", 3, "evidence-missing"),
        "ivy --reason no-signal",
    ),
    change("exception approve", "bob#1", "", ("bob#2", 4, "not-found"), "bob"),
    change("exception reject", "bob#1", "", ("frank#1", 3, "not-open"), "bob#0"),
    change("exception revoke", "frank#1", "", ("frank#9", 4, "not-found"), "frank#1 extra"),
    change(
        "operator add",
        "fay --os-user fay --user frank --role helpdesk:acme",
        "exists",
        ("fay --os-user fay --user nobody", 4, "not-found"),
        "fay --os-user fay",
    ),
    change(
        "operator edit",
        "hal --role helpdesk:globex",
        "",
        ("sam --no-role site-admin", 5, "own-account"),
        "hal --role king",
    ),
    change("operator remove", "hal --yes", "not-found", ("sam --yes", 5, "own-account"), "hal"),
];

/// A verb that asks: a question that is answered with these fields, one that is
/// refused, and one that is wrong.
type Question =
    (&'static str, &'static str, &'static str, (&'static str, i32, &'static str), &'static str);

const EXCEPTION: &str = "id login kind orgs services reason note evidence channel requested_by \
    approved_by starts_at ends_at status follow_up";
const USER_ROW: &str = "login id name email active sign_in provider mfa enrolment orgs";
const RECORD: &str = "rev at operator os_user identity_from action subject orgs before after message ticket prev hash details pruned";

const QUESTIONS: &[Question] = &[
    (
        "user show",
        "alice",
        "login id name email active sign_in provider mfa mfa_set_by locked_on_by enrolment \
         memberships exceptions rev",
        ("nobody", 4, "not-found"),
        "alice --at soon",
    ),
    ("user list", "--org acme", USER_ROW, ("--org nowhere", 4, "not-found"), "--where mfa=maybe"),
    (
        "user export",
        "--org acme",
        "login id name email sign_in provider mfa orgs active enrolled",
        ("--org nowhere", 4, "not-found"),
        "--where mfa=maybe",
    ),
    ("user find", "ALI", USER_ROW, ("ALI --at 999", 4, "not-found"), ""),
    (
        "org show",
        "acme",
        "id name enforcement enforcement_from enforcement_by enforcement_at enforcement_message grace_days grace_from opt_out opt_out_max mandated_roles services short_max long_max short_per_30_days approval added_reasons reasons_off rev",
        ("nowhere", 4, "not-found"),
        "A",
    ),
    (
        "org list",
        "",
        "id name enforcement enforcement_from grace_days opt_out mandated_roles services",
        ("--at 999", 4, "not-found"),
        "acme",
    ),
    (
        "exception evidence",
        "bob#1",
        "id name url size sha256 handed_in_at status file",
        ("alice#9", 4, "not-found"),
        "alice",
    ),
    ("exception show", "alice#1", EXCEPTION, ("alice#9", 4, "not-found"), "alice"),
    ("exception list", "--all", EXCEPTION, ("--user nobody", 4, "not-found"), "--during now..-1d"),
    ("exception follow-ups", "", "", ("--at 999", 4, "not-found"), "alice"),
    (
        "exception reasons",
        "--org acme",
        "code kind note_required follow_up org",
        ("--org nowhere", 4, "not-found"),
        "acme",
    ),
    (
        "explain",
        "alice --org acme",
        "login id org service at requirement rule until changes_at enrolment chain",
        ("alice --org nowhere", 4, "not-found"),
        "alice --org A",
    ),
    ("audit log", "--limit 1", RECORD, ("--as ada", 5, "not-permitted"), "--limit few"),
    ("audit show", "2", RECORD, ("999", 4, "not-found"), "two"),
    (
        "audit verify",
        "",
        "ok records head first_bad pruned pruned_before files_checked files_bad",
        ("--head 0000000000000000000000000000000000000000000000000000000000000000", 1, ""),
        "--head 12",
    ),
    (
        "audit export",
        "--since 2026-01-01",
        RECORD,
        ("--as ada", 5, "not-permitted"),
        "--since soon",
    ),
    (
        "key info",
        "",
        "file credential keys fits secrets older unreadable rev",
        ("--state nowhere", 4, "no-state"),
        "12",
    ),
    ("audit head", "", "rev at hash", ("--state nowhere", 4, "no-state"), "12"),
    (
        "report coverage",
        "--org acme",
        "org enforcement enforcement_from members enrolled enrolled_percent required enrol grace exempt_by_exception exempt_by_opt_out not_required delegated denied locked_out at rev",
        ("--org nowhere", 4, "not-found"),
        "--service A",
    ),
    (
        "report exceptions",
        "--by approver",
        "org kind reason approved_by exceptions live requested scheduled expired revoked rejected unenrolled reviews_due follow_ups_open at rev",
        ("--org nowhere", 4, "not-found"),
        "--by phone",
    ),
    (
        "report opt-outs",
        "",
        "org login name role by set_at message until counts rests_because",
        ("--at 999", 4, "not-found"),
        "acme",
    ),
    (
        "report operators",
        "",
        "name os_users roles person service last_rev last_at last_action warnings",
        ("--as ada", 5, "not-permitted"),
        "hal",
    ),
    (
        "operator list",
        "",
        "name os_users roles person service",
        ("--at 999", 4, "not-found"),
        "hal",
    ),
    (
        "operator show",
        "hal",
        "name os_users roles person service",
        ("nobody", 4, "not-found"),
        "A!",
    ),
    (
        "operator whoami",
        "",
        "operator roles person service os_user uid identity_from",
        ("--as nobody", 5, "not-permitted"),
        "hal",
    ),
    (
        "state info",
        "",
        "state format store_id created_at rev at hash shards users orgs operators bytes",
        ("--state nowhere", 4, "no-state"),
        "demo",
    ),
    ("state check", "", "ok files_checked files_bad", ("--state nowhere", 4, "no-state"), "demo"),
    ("state path", "alice", "login files", ("nobody", 4, "not-found"), "../x"),
];

/// Verbs whose answers are their own; each has a test of its own below, those of
/// `policy` in tests/policy.rs, those that keep the state in backup.rs, prune.rs, repair.rs and formats.rs, and those of
/// sign-in in signin.rs and convert.rs as well.
const OTHERS: &[&str] = &[
    "init",
    "user import",
    "exception expire",
    "state accept-clock",
    "completions",
    "man",
    "policy check",
    "policy plan",
    "policy apply",
    "policy export",
    "policy drift",
    "policy test",
    "policy schema",
    "state backup",
    "state restore",
    "state repair",
    "state migrate",
    "audit prune",
    "user confirm",
    "user codes",
    "user unlock",
    "signin check",
    "signin verify",
    "key rotate",
    "convert import",
    "convert export",
];

/// Runs `each` on everything in `all`, on a few threads, and collects what went wrong.
fn on_all<T: Sync>(all: &[T], each: impl Fn(&T) + Sync) {
    let next = AtomicUsize::new(0);
    std::thread::scope(|scope| {
        for _ in 0..3 {
            scope.spawn(|| {
                while let Some(one) = all.get(next.fetch_add(1, Ordering::Relaxed)) {
                    each(one);
                }
            });
        }
    });
}

fn keys(value: &Value) -> String {
    let object = if value.is_array() { &value[0] } else { value };
    object.as_object().unwrap().keys().map(String::as_str).collect::<Vec<_>>().join(" ")
}

const CHANGE: &str = "rev changed action subject before after takes_effect follow_up warnings";

#[test]
fn every_verb_that_changes_something() {
    let eventful = World::eventful();
    on_all(CHANGES, |change| session_of(change, &eventful.copy()));
}

fn session_of(change: &Change, world: &World) {
    let Change { verb, done, again, refused: (refused, exit, code), wrong } = change;
    let (before, rev) = (world.files(), world.rev());
    let same = |what: &str| assert!(world.files() == before, "{verb}: {what} wrote something");

    let run = world.mfactl(&format!("{verb} {wrong} -o json")).exits(2);
    let codes = ["usage", "invalid"];
    assert!(
        run.stdout.is_empty() && codes.contains(&run.error()["code"].as_str().unwrap()),
        "{verb}"
    );
    same("wrong input");

    let run = world.mfactl(&format!("{verb} {refused} -o json")).exits(*exit);
    assert_eq!((run.stdout.as_str(), &run.error()["code"]), ("", &json!(code)), "{verb} {refused}");
    same("a refusal");

    let command = format!("{verb} {done} -m 'as told' --ticket T-1 -o json");
    let tried = world.mfactl(&format!("{command} --dry-run")).exits(0).json();
    assert_eq!((&tried["rev"], &tried["changed"]), (&Value::Null, &json!(true)), "{verb}");
    let words = world.mfactl(&format!("{verb} {done} --dry-run")).exits(0);
    assert!(words.stdout.contains("dry run") || *verb == "org enforce", "{verb}: {}", words.stdout);
    same("a dry run");

    let made = world.mfactl(&command).exits(0).json();
    assert_eq!(keys(&made), CHANGE, "{verb}");
    assert_eq!((&made["rev"], &made["changed"]), (&json!(rev + 1), &json!(true)), "{verb}");
    assert_eq!(made["action"], verb.replace(' ', "."), "{verb}");
    for field in ["action", "subject", "before", "after", "takes_effect"] {
        assert_eq!(made[field], tried[field], "{verb}: the dry run told another {field}");
    }
    let record = world.mfactl("audit log --limit 1 -o json").exits(0).json()[0].clone();
    let told = json!([made["action"], "as told", "T-1", "sam"]);
    assert_eq!(
        json!([record["action"], record["message"], record["ticket"], record["operator"]]),
        told
    );

    let (before, command) = (world.files(), format!("{verb} {done} -o json"));
    if again.is_empty() {
        let again = world.mfactl(&command).exits(0).json();
        assert_eq!((&again["rev"], &again["changed"]), (&Value::Null, &json!(false)), "{verb}");
        assert_eq!(again["takes_effect"], Value::Null, "{verb}");
    } else {
        let run = world.mfactl(&command);
        assert!((3..=5).contains(&run.code), "{verb}: {}", run.stderr);
        assert_eq!(run.error()["code"], *again, "{verb}");
    }
    assert!(world.files() == before, "{verb}: the second time wrote something");
    world.mfactl("audit verify").exits(0);
}

#[test]
fn every_verb_that_asks() {
    let world = World::eventful();
    let before = world.files();
    on_all(QUESTIONS, |(verb, asked, fields, (refused, exit, code), wrong)| {
        let answer = world.mfactl(&format!("{verb} {asked} -o json")).exits(0);
        assert_eq!(answer.stderr, "", "{verb}");
        if !fields.is_empty() {
            assert_eq!(keys(&answer.json()), *fields, "{verb}");
        }
        for format in ["table", "jsonl", "yaml", "csv"] {
            world.mfactl(&format!("{verb} {asked} -o {format}")).exits(0);
        }
        let run = world.mfactl(&format!("{verb} {refused} -o json")).exits(*exit);
        if !code.is_empty() {
            assert_eq!(run.error()["code"], *code, "{verb} {refused}");
        }
        world.mfactl(&format!("{verb} {wrong} --frobnicate")).exits(2);
        if !wrong.is_empty() {
            let run = world.mfactl(&format!("{verb} {wrong}")).exits(2);
            assert_eq!(run.stdout, "", "{verb} {wrong}");
        }
        world.mfactl(&format!("{verb} {asked} --dry-run")).exits(2);
    });
    assert!(world.files() == before, "questions write nothing");
}

#[test]
fn init_makes_a_state_once() {
    let world = World::new();
    world.mfactl("init --operator 'A B'").exits(2);
    let tried = world.mfactl("init --dry-run -o json").exits(0).json();
    assert_eq!(tried["rev"], Value::Null);
    assert!(!world.state().exists(), "a dry run makes nothing");
    let made = world.mfactl("init -o json").exits(0).json();
    assert_eq!((&made["rev"], &made["after"]["operator"]), (&json!(1), &json!("sam")));
    let files = world.files();
    for again in ["init", "init --dry-run"] {
        assert_eq!(world.mfactl(&format!("{again} -o json")).exits(3).error()["code"], "exists");
    }
    assert!(world.files() == files);
}

#[test]
fn an_import_is_whole_or_not_at_all() {
    let world = World::eventful();
    let before = world.files();
    std::fs::write(world.path("wrong.csv"), "login,mfa\nnew.one,maybe\n").unwrap();
    std::fs::write(world.path("there.csv"), "login,orgs\nnew.one,acme\nbob,acme\n").unwrap();
    world.mfactl("user import wrong.csv").exits(2);
    world.mfactl("user import there.csv").exits(3);
    let tried = world.mfactl("user import new.csv --dry-run -o json").exits(0).json();
    assert_eq!((&tried["rev"], &tried["after"]["added"]), (&Value::Null, &json!(1)));
    assert!(world.files() == before);
    let rev = world.rev();
    let made = world.mfactl("user import new.csv -o json").exits(0).json();
    assert_eq!((&made["rev"], &made["after"]["added"]), (&json!(rev + 1), &json!(1)));
    let again = world.mfactl("user import new.csv --update -o json").exits(0).json();
    assert_eq!((&again["rev"], &again["after"]["unchanged"]), (&Value::Null, &json!(1)));
    // What a row sets free, a later one may take: not an earlier one.
    let (takes, frees) = ("next.one,there@acme.example,acme\n", "new.one,else@acme.example,acme\n");
    let first = "new.one,there@acme.example,acme\n";
    for (name, rows) in
        [("first", vec![first]), ("early", vec![takes, frees]), ("late", vec![frees, takes])]
    {
        let text = format!("login,email,orgs\n{}", rows.concat());
        std::fs::write(world.path(&format!("{name}.csv")), text).unwrap();
    }
    world.mfactl("user import first.csv --update").exits(0);
    world.mfactl("user import early.csv --update").exits(3);
    world.mfactl("user import late.csv --update").exits(0);
}

#[test]
fn what_has_ended_is_recorded_once() {
    let mut world = World::eventful();
    world.mfactl("exception expire extra").exits(2);
    world.at("2026-11-23T00:00:00Z");
    let (before, rev) = (world.files(), world.rev());
    let tried = world.mfactl("exception expire --dry-run -o json").exits(0).json();
    assert_eq!(tried["rev"], Value::Null);
    assert!(world.files() == before);
    let made = world.mfactl("exception expire -o json").exits(0).json();
    assert_eq!((&made["rev"], &made["expired"]), (&json!(rev + 1), &tried["expired"]));
    assert_eq!(keys(&made["expired"]), "what id login org ended_at follow_up");
    let files = world.files();
    let again = world.mfactl("exception expire -o json").exits(0).json();
    assert_eq!(again, json!({"rev": null, "expired": []}));
    assert!(world.files() == files);
}

#[test]
fn a_clock_is_accepted_where_it_went_back() {
    let mut world = World::eventful();
    world.mfactl("state accept-clock extra").exits(2);
    let files = world.files();
    let fine = world.mfactl("state accept-clock -o json").exits(0).json();
    assert_eq!((&fine["changed"], &fine["rev"]), (&json!(false), &Value::Null));
    world.at("2026-11-20T09:00:00Z");
    assert_eq!(
        world.mfactl("user set-mfa bob on -o json").exits(3).error()["code"],
        "clock-went-back"
    );
    let tried = world.mfactl("state accept-clock --dry-run -o json").exits(0).json();
    assert_eq!((&tried["changed"], &tried["rev"]), (&json!(true), &Value::Null));
    world.user("ada").mfactl("state accept-clock").exits(5);
    assert!(world.files() == files);
    world.user("sam").mfactl("state accept-clock").exits(0);
    world.mfactl("user set-mfa bob on").exits(0);
}

/// The verbs of a second factor: what they answer is their own, how they refuse is not.
#[test]
fn the_verbs_of_a_second_factor() {
    let world = World::eventful();
    let (app, _) = person::enrol(&world, "ivy", shell::NOW);
    world.mfactl("user enrol frank --reveal").exits(0);
    world.mfactl("user set-mfa ivy on").exits(0);
    (0..5)
        .for_each(|_| drop(person::refused(person::verify(&world, "ivy", "000000"), "code-wrong")));
    std::fs::write(world.path("code"), app.code(shell::NOW)).unwrap();
    let uri = "otpauth://totp/mfactl:bob?secret=JBSWY3DPEHPK3PXPJBSWY3DPEHPK3PXP&issuer=mfactl";
    std::fs::write(world.path("uris"), format!("{uri}\n")).unwrap();
    let (files, rev) = (world.files(), world.rev());
    for (wrong, exit, code) in [
        ("user unlock ivy --org acme", 2, "usage"),
        ("user unlock nobody", 4, "not-found"),
        ("user unlock root.admin", 5, "own-account"),
        ("user confirm frank --code-from nowhere --reveal", 2, "usage"),
        ("user confirm frank --code-from code", 2, "usage"),
        ("user confirm frank --code-from code --reveal", 3, "code-wrong"),
        ("user confirm ivy --code-from code --reveal", 3, "not-open"),
        ("user codes ivy", 2, "usage"),
        ("user codes bob --reveal", 3, "not-enrolled"),
        ("key rotate", 2, "usage"),
        ("convert import otpauth nowhere", 2, "usage"),
        ("convert import otpauth uris --user nobody", 4, "not-found"),
        ("convert export paper out ivy", 2, "usage"),
        ("convert export otpauth - ivy", 2, "usage"),
        ("convert export otpauth out bob", 3, "not-enrolled"),
        ("signin check ivy --org nowhere", 4, "not-found"),
        ("signin verify ivy --org nowhere --code-from code", 4, "not-found"),
    ] {
        let run = world.mfactl(&format!("{wrong} -o json")).exits(exit);
        assert_eq!((run.stdout.as_str(), &run.error()["code"]), ("", &json!(code)), "{wrong}");
    }
    assert!(world.files() == files, "what is refused writes nothing");
    for (done, fields) in [
        ("user unlock ivy", CHANGE),
        ("user codes ivy --reveal", "login recovery_codes rev"),
        ("key rotate --yes", CHANGE),
        (
            "convert import otpauth uris",
            "rev changed action format file enrolments unchanged left_out accounts warnings",
        ),
        (
            "convert export otpauth out ivy",
            "rev changed action format file enrolments unchanged left_out accounts warnings",
        ),
    ] {
        let (before, at) = (world.files(), world.rev());
        let tried = world.mfactl(&format!("{done} --dry-run -o json")).exits(0).json();
        assert_eq!(tried["rev"], Value::Null, "{done}");
        assert!(world.files() == before && !world.path("out").exists(), "{done}: a dry run wrote");
        let made = world.mfactl(&format!("{done} -m told -o json")).exits(0).json();
        assert_eq!((keys(&made).as_str(), &made["rev"]), (fields, &json!(at + 1)), "{done}");
        let record = world.mfactl("audit log --limit 1 -o json").exits(0).json()[0].clone();
        assert_eq!(record["message"], "told", "{done}");
    }
    let again = world.mfactl("user unlock ivy -o json").exits(0).json();
    assert_eq!((&again["rev"], &again["changed"]), (&Value::Null, &json!(false)));
    assert_eq!(world.rev(), rev + 5);
    world.mfactl("audit verify").exits(0);
    world.mfactl("state check").exits(0);
}

#[test]
fn what_is_made_from_the_declarations_needs_no_state() {
    let world = World::new();
    for shell in ["bash", "zsh", "fish"] {
        assert!(world.mfactl(&format!("completions {shell}")).exits(0).stdout.contains("mfactl"));
    }
    world.mfactl("completions csh").exits(2);
    world.mfactl("man pages").exits(0);
    assert!(world.path("pages/mfactl-user-show.1").exists());
    world.mfactl("man").exits(2);
    world.mfactl("man /dev/null/pages").exits(2);
}

#[test]
fn the_tables_have_every_verb() {
    let mut known: BTreeSet<&str> = CHANGES.iter().map(|change| change.verb).collect();
    known.extend(QUESTIONS.iter().map(|question| question.0));
    known.extend(OTHERS);
    let mut root = mfactl::cli::command();
    root.build();
    let mut there = BTreeSet::new();
    for noun in root.get_subcommands().filter(|noun| noun.get_name() != "help") {
        let verbs: Vec<&str> = noun
            .get_subcommands()
            .map(clap::Command::get_name)
            .filter(|verb| *verb != "help")
            .collect();
        let name = noun.get_name();
        if verbs.is_empty() {
            there.insert(name.to_owned());
        }
        there.extend(verbs.iter().map(|verb| format!("{name} {verb}")));
    }
    let known: BTreeSet<String> = known.into_iter().map(str::to_owned).collect();
    let missing: Vec<&String> = there.difference(&known).collect();
    assert!(missing.is_empty(), "these verbs have no session: {missing:?}");
    let gone: Vec<&String> = known.difference(&there).collect();
    assert!(gone.is_empty(), "these verbs are no more: {gone:?}");
}
