//! Exceptions that ended long ago: out of what every sign-in reads, and still answered for.

#![allow(clippy::disallowed_methods, clippy::unwrap_used)]

use crate::shell;

use shell::World;

/// A short exception of alice, ended and recorded on the next day.
fn ended(reason: &str) -> World {
    let mut world = World::small();
    grant(&world, "alice", reason);
    world.at("2026-11-22T10:00:00Z");
    world.mfactl("exception expire").exits(0);
    world
}

fn grant(world: &World, user: &str, reason: &str) {
    let grant = format!("exception grant {user} --short --org acme --reason {reason}");
    world.mfactl(&grant).exits(0);
}

/// The line of a user, as it is stored.
fn line(world: &World, user: &str) -> String {
    let shard = std::fs::read_to_string(world.state().join("users/all.yaml")).unwrap();
    let start = format!("\"{user}\":");
    shard.lines().find(|line| line.starts_with(&start)).unwrap().to_owned()
}

fn ids(world: &World, arguments: &str) -> Vec<String> {
    let rows = world.mfactl(&format!("{arguments} -o json")).exits(0).json();
    let id = |row: &serde_json::Value| row["id"].as_str().unwrap().to_owned();
    rows.as_array().unwrap().iter().map(id).collect()
}

fn is_sound(world: &World) {
    world.mfactl("state check").exits(0);
    world.mfactl("audit verify").exits(0);
    let repair = world.mfactl("state repair --yes --dry-run").exits(0).stdout;
    assert!(repair.contains("nothing"), "{repair}");
}

#[test]
fn ended_exceptions_do_not_stay_in_the_line_for_ever() {
    let mut world = ended("no-signal");
    let shown = world.mfactl("exception show alice#1 -o json").exits(0).json();
    let report = |world: &World, more: &str| {
        let arguments = format!("report exceptions {more} -o json");
        let mut rows = world.mfactl(&arguments).exits(0).json();
        rows.as_array_mut().unwrap().iter_mut().for_each(|row| {
            row.as_object_mut().unwrap().retain(|field, _| field != "rev" && field != "at");
        });
        rows
    };
    let window = "--during 2026-11-21..2026-11-22";
    let (all, during) = (report(&world, ""), report(&world, window));

    world.at("2027-02-20T09:00:00Z");
    world.mfactl("user edit alice --name Alice").exits(0);
    assert!(line(&world, "alice").contains("\"exceptions\":"), "90 days are kept");
    world.at("2027-02-20T09:00:01Z");
    let dry = world.mfactl("user edit alice --name Alison --dry-run -o json").exits(0).json();
    world.mfactl("user edit alice --name Alison").exits(0);
    assert_eq!(dry["before"].as_object().unwrap().len(), 1, "{dry}");
    let stored = line(&world, "alice");
    assert!(!stored.contains("\"exceptions\":"), "{stored}");
    assert!(stored.contains("\"last_exception\":1"), "{stored}");

    assert_eq!(ids(&world, "exception list --all"), ["alice#1"]);
    assert_eq!(ids(&world, "exception list --ended --user alice"), ["alice#1"]);
    assert_eq!(ids(&world, &format!("exception list {window}")), ["alice#1"]);
    assert_eq!(ids(&world, "exception list --during 2027-01-01..2027-02-01"), [""; 0]);
    assert_eq!(world.mfactl("exception show alice#1 -o json").exits(0).json(), shown);
    world.mfactl("exception show alice#2").exits(4);
    assert_eq!((report(&world, ""), report(&world, window)), (all, during));
    let then = "--at 2026-11-21T12:00:00Z -o json";
    let was = world.mfactl(&format!("exception show alice#1 {then}")).exits(0).json();
    assert_eq!(was["status"], "live");
    let was = world.mfactl(&format!("explain alice --org acme {then}")).exits(0).json();
    assert_eq!(was["requirement"], "exempt");
    let revoke = world.mfactl("exception revoke alice#1").exits(4).stderr;
    assert!(revoke.contains("ended more than 90 d ago"), "{revoke}");
    is_sound(&world);
}

#[test]
fn no_exception_gets_the_number_of_one_that_left() {
    let mut world = ended("no-signal");
    world.mfactl("state backup old.tar").exits(0);
    world.at("2027-03-01T09:00:00Z");
    grant(&world, "alice", "no-signal");
    assert!(line(&world, "alice").contains("\"exceptions\":{\"2\":"), "{}", line(&world, "alice"));
    world.mfactl("user rename alice alison").exits(0);
    world.mfactl("user add alice --name Another").exits(0);
    assert_eq!(ids(&world, "exception list --all"), ["alison#1", "alison#2"]);
    world.mfactl("exception show alison#1").exits(0);
    world.mfactl("exception show alice#1").exits(4);
    // A backup of before brings back neither the number nor the exception that left.
    world.mfactl("user remove alice --yes").exits(0);
    world.mfactl("user rename alison alice").exits(0);
    world.mfactl("state restore old.tar --yes").exits(0);
    assert!(!line(&world, "alice").contains("\"exceptions\":"), "{}", line(&world, "alice"));
    let again = world.mfactl("state restore old.tar --yes --dry-run").exits(0).stdout;
    assert!(again.contains("nothing"), "{again}");
    grant(&world, "alice", "no-signal");
    assert_eq!(ids(&world, "exception list --live"), ["alice#3"]);
    assert_eq!(ids(&world, "exception list --all"), ["alice#1", "alice#3"]);
    is_sound(&world);
    // What is pruned is nowhere, and its number stays taken.
    world.at("2027-12-01T09:00:00Z");
    world.mfactl("exception expire").exits(0);
    world.mfactl("user edit alice --name Alison").exits(0);
    world.mfactl("audit prune --before 2027-09-01 --yes").exits(0);
    // alice#3 left only now.
    assert_eq!(ids(&world, "exception list --all"), ["alice#3"]);
    world.mfactl("exception show alice#1").exits(4);
    grant(&world, "alice", "no-signal");
    assert_eq!(ids(&world, "exception list --live"), ["alice#4"]);
    is_sound(&world);
}

#[test]
fn an_end_that_nobody_recorded_is_not_lost() {
    let mut world = World::small();
    grant(&world, "alice", "notification-trouble");
    world.at("2027-06-01T09:00:00Z");
    world.mfactl("user edit alice --name Alison").exits(0);
    assert!(line(&world, "alice").contains("\"exceptions\":"), "its end is not recorded yet");
    let expired = world.mfactl("exception expire -o json").exits(0).json();
    assert_eq!(expired["expired"][0]["id"], "alice#1", "{expired}");
    world.mfactl("user edit alice --name Alice").exits(0);
    assert!(!line(&world, "alice").contains("\"exceptions\":"));
    assert_eq!(ids(&world, "exception list --all"), ["alice#1"]);
    is_sound(&world);
}

#[test]
fn one_who_has_to_enrol_again_is_not_forgotten() {
    let mut world = ended("phone-misplaced");
    world.at("2027-06-01T09:00:00Z");
    world.mfactl("user edit alice --name Alison").exits(0);
    assert_eq!(ids(&world, "exception follow-ups"), ["alice#1"]);
    world.mfactl("user enrol alice --external new-phone").exits(0);
    world.mfactl("user edit alice --name Alice").exits(0);
    assert!(!line(&world, "alice").contains("\"exceptions\":"));
    is_sound(&world);
}

#[test]
fn a_clock_that_was_ahead_takes_no_exception_away() {
    let mut world = World::small();
    world.mfactl("exception grant alice --short --org acme --reason no-signal --for 20h").exits(0);
    world.at("2027-12-01T09:00:00Z");
    world.mfactl("exception expire").exits(0);
    world.mfactl("user edit alice --name Alison").exits(0);
    assert!(!line(&world, "alice").contains("\"exceptions\":"));
    world.at("2026-11-21T10:00:00Z");
    world.mfactl("state accept-clock").exits(0);
    assert_eq!(ids(&world, "exception list"), ["alice#1"]);
    let answer = world.mfactl("explain alice --org acme -o json").exits(0).json();
    assert_eq!(answer["requirement"], "exempt", "{answer}");
    assert_eq!(ids(&world, "exception list --all"), ["alice#1"]);
    is_sound(&world);
    world.at("2026-11-22T10:00:00Z");
    let expired = world.mfactl("exception expire -o json").exits(0).json();
    assert_eq!(expired["expired"][0]["id"], "alice#1", "{expired}");
    is_sound(&world);
}

#[test]
fn the_line_of_one_user_does_not_grow_without_end() {
    let mut world = World::small();
    grant(&world, "alice", "no-signal");
    world.mfactl("exception revoke alice#1").exits(0);
    // As if that had been done 499 times more.
    let file = world.state().join("users/all.yaml");
    let shard = std::fs::read_to_string(&file).unwrap();
    let one = line(&world, "alice");
    let exception = one.split_once("\"exceptions\":{\"1\":").unwrap().1.strip_suffix("}}").unwrap();
    let more: Vec<String> = (1..=500).map(|number| format!("\"{number}\":{exception}")).collect();
    let many = one.replace(&format!("\"1\":{exception}"), &more.join(","));
    std::fs::write(&file, shard.replace(&one, &many)).unwrap();
    world.mfactl("state repair --accept users/all.yaml --yes").exits(0);

    let grant = "exception grant alice --short --org acme --reason no-signal";
    for dry in ["", "--dry-run"] {
        let error = world.mfactl(&format!("{grant} {dry} -o json")).exits(3).error();
        assert_eq!(error["code"], "cap-exceeded", "{error}");
        assert!(error["message"].as_str().unwrap().contains("500 exceptions"), "{error}");
    }
    world.mfactl("user edit alice --name Alison").exits(0);
    world.at("2027-06-01T09:00:00Z");
    world.mfactl(grant).exits(0);
    assert_eq!(line(&world, "alice").matches("\"kind\":").count(), 1);
    assert_eq!(ids(&world, "exception list --live"), ["alice#501"]);
    assert_eq!(ids(&world, "exception list --all --user alice").len(), 501);
    is_sound(&world);
}

#[test]
fn evidence_goes_with_the_records_of_an_exception_that_left() {
    let mut world = World::small();
    std::fs::write(world.path("letter.txt"), "a letter").unwrap();
    let grant = "exception grant alice --long --for 10d --reason accessibility";
    world.mfactl(&format!("{grant} --evidence letter.txt")).exits(0);
    world.at("2026-12-05T09:00:00Z");
    world.mfactl("exception expire").exits(0);
    world.at("2027-04-01T09:00:00Z");
    world.mfactl("user edit alice --name Alison").exits(0);
    assert!(!line(&world, "alice").contains("\"exceptions\":"));
    let kept = || std::fs::read_dir(world.state().join("evidence")).unwrap().count();
    world.mfactl("audit prune --before 2026-11-30 --yes").exits(0);
    assert_eq!((kept(), ids(&world, "exception list --all")), (1, vec!["alice#1".to_owned()]));
    world.mfactl("audit prune --before 2026-12-10 --yes").exits(0);
    assert_eq!(kept(), 0, "it ended before");
    is_sound(&world);
}

#[test]
fn an_exception_that_was_revoked_and_left_was_live_again_after_a_restore() {
    let mut world = World::small();
    std::fs::write(world.path("proof"), "proof").unwrap();
    let grant = "exception grant alice --long --org acme --reason accessibility --evidence proof";
    world.mfactl(grant).exits(0);
    world.mfactl("state backup b.tar").exits(0);
    world.mfactl("exception revoke alice#1 --message stolen").exits(0);
    world.at("2027-02-25T09:00:00Z");
    world.mfactl("user edit alice --name Alice").exits(0);
    assert!(!line(&world, "alice").contains("\"exceptions\":"));
    world.mfactl("state restore b.tar --yes").exits(0);
    assert_eq!(ids(&world, "exception list --live"), Vec::<String>::new());
    let shown = world.mfactl("exception show alice#1 -o json").exits(0).json();
    assert_eq!(shown["status"], "revoked");
    is_sound(&world);
}
