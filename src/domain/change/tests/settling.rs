//! Approving, rejecting, revoking, recording ends.

use super::*;
use crate::domain::due;
use crate::domain::time::Span;

/// alice#1 is requested by `who` on day 9.
fn asked(who: &str, grant: Grant) -> World {
    world().done(who, day(9), &Grant { request_only: true, ..grant })
}

fn two_persons(world: &mut World) {
    world.org_mut("acme").exceptions.approval = Approval::TwoPerson;
}

#[test]
fn who_approves_and_rejects() {
    let rows = [
        ("help", long("alice", &[]), "help", "not-permitted"),
        ("help", long("alice", &[]), "adm", "done"),
        ("help", short("alice", &[]), "help", "not-permitted"),
        ("help", short("alice", &[]), "adm", "done"),
        ("adm", long("alice", &[]), "adm", "done"),
        ("adm", long("alice", &[]), "aud", "not-permitted"),
        ("adm", long("alice", &[]), "svc", "not-permitted"),
        ("both", long("carol", &[]), "adm", "not-permitted"),
        ("both", long("carol", &[]), "mixed", "not-permitted"),
        ("both", long("carol", &[]), "sue", "done"),
        ("sue", long("pat", &[]), "pat", "own-account"),
        ("sue", long("pat", &[]), "adm", "not-permitted"),
    ];
    for (asker, grant, decider, expected) in rows {
        let id = format!("{}#1", grant.login);
        let world = asked(asker, grant.clone());
        for change in [&approve(&id) as &dyn Change, &reject(&id)] {
            assert_eq!(world.tried(decider, day(NOW), change), expected, "{decider} {change:?}");
        }
    }
}

/// Whoever has an exception keeps it until the request that is to take its place is approved.
#[test]
fn what_a_request_replaces_goes_on_until_it_is_approved() {
    let instead = |grant: Grant| Grant { replace: true, ..grant };
    let live = || world().done("help", day(9), &short("alice", &[]));
    let status = |world: &World, number: u32| {
        world.users["alice"].exceptions[&number].status(day(9)).as_str()
    };
    let both = |world: &World| [status(world, 1), status(world, 2)];
    // A helpdesk can only request a long one.
    let waiting = live().done("help", day(9), &instead(long("alice", &[])));
    assert_eq!(both(&waiting), ["live", "requested"]);
    let rejected = waiting.clone().done("adm", day(9), &reject("alice#2"));
    assert_eq!(both(&rejected), ["live", "rejected"]);
    let taken_back = waiting.clone().done("adm", day(9), &revoke("alice#2"));
    assert_eq!(both(&taken_back), ["live", "revoked"]);
    let approved = waiting.clone().done("adm", day(9), &approve("alice#2"));
    assert_eq!(both(&approved), ["revoked", "live"]);
    let old = approved.users["alice"].exceptions[&1].ended.as_ref().unwrap();
    assert_eq!((&*old.by, old.at), ("adm", day(9)));
    assert_eq!(old.message.as_ref().unwrap().to_string(), "replaced by #2");
    assert!(approved.users["alice"].exceptions[&2].replaces.is_empty());

    // What has ended by then stays ended as it was.
    let gone = waiting.clone().done("help", day(9), &revoke("alice#1"));
    let by = |world: World| world.users["alice"].exceptions[&1].ended.clone().unwrap().by;
    assert_eq!(by(gone.done("adm", day(9), &approve("alice#2"))), "help");

    // A request that is replaced exempts nobody: it goes at once.
    let again = Grant { request_only: true, ..instead(long("alice", &[])) };
    let twice = waiting.done("adm", day(9), &again);
    assert_eq!(both(&twice), ["live", "revoked"]);
    assert_eq!(status(&twice, 3), "requested");
    let approved = twice.done("adm", day(9), &approve("alice#3"));
    assert_eq!([status(&approved, 1), status(&approved, 3)], ["revoked", "live"]);
}

/// Persons are compared, not operator names.
#[test]
fn nobody_approves_their_own_request_where_two_persons_are_needed() {
    let world = |asker| asked(asker, long("alice", &[])).with(two_persons);
    assert_eq!(world("adm").tried("adm", day(NOW), &approve("alice#1")), "not-permitted");
    assert_eq!(world("adm").tried("both", day(NOW), &approve("alice#1")), "done");
    assert_eq!(world("sue").tried("sue2", day(NOW), &approve("alice#1")), "not-permitted");
    assert_eq!(world("pat").tried("sue2", day(NOW), &approve("alice#1")), "done");
    assert_eq!(
        world("adm").tried("adm", day(NOW), &reject("alice#1")),
        "done",
        "to reject is fine"
    );

    let never = Grant { unenrolled_ok: true, ..short("bob", &[]) };
    let never = asked("adm", never);
    assert_eq!(never.tried("adm", day(NOW), &approve("bob#1")), "not-permitted");
    assert_eq!(never.tried("both", day(NOW), &approve("bob#1")), "done");

    let short = asked("adm", short("alice", &[])).with(two_persons);
    assert_eq!(short.tried("adm", day(NOW), &approve("alice#1")), "done", "short ones need no two");
}

#[test]
fn leaving_an_org_that_wants_two_persons_does_not_let_one_approve_alone() {
    let world = asked("both", long("carol", &[])).with(two_persons);
    let world = world.done("sue", day(9), &leave("carol", "acme"));
    assert_eq!(world.tried("both", day(NOW), &approve("carol#1")), "not-permitted");
    assert_eq!(world.tried("sue", day(NOW), &approve("carol#1")), "done");
}

#[test]
fn a_term_starts_at_the_later_of_its_start_and_the_approval() {
    let base = || long("alice", &[]);
    let span = Span::days(30);
    let cases = [
        ("--for counts from the approval", None, Some(Term::For(span)), 10, 40),
        ("--for counts from a later start", Some(day(20)), Some(Term::For(span)), 20, 50),
        ("an earlier start has passed", Some(day(9)), Some(Term::For(span)), 10, 40),
        ("--until stays", None, Some(Term::Until(day(30))), 10, 30),
        ("no length: the longest", None, None, 10, 190),
    ];
    for (name, starts, length, start, end) in cases {
        let world = asked("help", Grant { starts, length, ..base() });
        let world = world.done("adm", day(NOW), &approve("alice#1"));
        let exception = &world.users["alice"].exceptions[&1];
        assert_eq!(exception.starts_at, day(start), "{name}");
        assert_eq!(exception.ends_at, Some(day(end)), "{name}");
        assert_eq!(exception.approved_by.as_deref(), Some("adm"));
    }
    let until = |end| asked("help", Grant { length: Some(Term::Until(end)), ..base() });
    let second = |seconds| day(NOW).plus_seconds(seconds);
    assert_eq!(until(second(0)).tried("adm", day(NOW), &approve("alice#1")), "not-open");
    assert_eq!(until(second(1)).tried("adm", day(NOW), &approve("alice#1")), "done");
}

#[test]
fn a_cap_that_was_lowered_since_the_request_counts() {
    let lowered =
        |world: World| world.with(|w| w.org_mut("acme").exceptions.long_max = Some(Span::days(20)));
    let days = |days| Grant { length: Some(Term::For(Span::days(days))), ..long("alice", &[]) };
    assert_eq!(
        lowered(asked("help", days(21))).tried("adm", day(10), &approve("alice#1")),
        "cap-exceeded"
    );
    assert_eq!(lowered(asked("help", days(20))).tried("adm", day(10), &approve("alice#1")), "done");
}

#[test]
fn each_act_asks_for_the_status_that_it_needs() {
    let alice = |exception: Exception| {
        world().with(|w| {
            w.user_mut("alice").exceptions.insert(1, exception);
        })
    };
    let live = || exception(day(9), day(11), &["acme"]);
    let asked = || requested(live(), Span::SHORT);
    let rows = [
        ("requested", asked(), ["done", "done", "done"]),
        ("scheduled", exception(day(11), day(12), &["acme"]), ["unchanged", "not-open", "done"]),
        ("live", live(), ["unchanged", "not-open", "done"]),
        ("expired", exception(day(9), day(10), &["acme"]), ["not-open", "not-open", "not-open"]),
        (
            "revoked",
            ended(live(), EndedHow::Revoked, day(10)),
            ["not-open", "not-open", "unchanged"],
        ),
        (
            "a request taken back",
            ended(asked(), EndedHow::Revoked, day(10)),
            ["not-open", "not-open", "unchanged"],
        ),
        (
            "revoked before its start",
            ended(exception(day(11), day(12), &["acme"]), EndedHow::Revoked, day(9)),
            ["not-open", "not-open", "unchanged"],
        ),
        (
            "rejected",
            ended(asked(), EndedHow::Rejected, day(9)),
            ["not-open", "unchanged", "not-open"],
        ),
    ];
    for (name, exception, expected) in rows {
        let world = alice(exception);
        let came = [
            world.tried("adm", day(NOW), &approve("alice#1")),
            world.tried("adm", day(NOW), &reject("alice#1")),
            world.tried("adm", day(NOW), &revoke("alice#1")),
        ];
        assert_eq!(came, expected, "approve, reject, revoke: {name}");
    }
    let sso = alice(asked()).with(|w| *w.user_mut("alice") = by_sso(w.users["alice"].clone()));
    assert_eq!(sso.tried("adm", day(NOW), &approve("alice#1")), "sso-account");
    assert_eq!(sso.tried("adm", day(NOW), &revoke("alice#1")), "done", "to take one away is fine");
}

#[test]
fn who_revokes() {
    let short = world().done("help", day(9), &short("alice", &[]));
    let long = world().done("adm", day(9), &long("alice", &[]));
    assert_eq!(short.tried("help", day(9), &revoke("alice#1")), "done");
    assert_eq!(long.tried("help", day(9), &revoke("alice#1")), "not-permitted");
    assert_eq!(long.tried("adm", day(9), &revoke("alice#1")), "done");
    assert_eq!(long.tried("adm", day(9), &revoke("alice#2")), "not-found");
    assert_eq!(long.tried("adm", day(9), &revoke("zoe#1")), "not-found", "out of sight");
}

#[test]
fn recording_ends_leaves_users_alone_and_what_has_not_ended() {
    let world = world().with(|w| {
        let alice = w.user_mut("alice");
        alice.exceptions.insert(1, exception(day(8), day(9), &["acme"]));
        alice.exceptions.insert(2, exception(day(9), day(10), &["acme"]));
        alice.exceptions.insert(3, exception(day(9), day(11), &["acme"]));
        alice.exceptions.insert(4, requested(exception(day(8), day(9), &["acme"]), Span::SHORT));
        w.membership_mut("alice", "acme").opt_out = Some(opted_out(Some(day(10))).into());
    });
    let entries = due::entries(&n("alice"), &world.users["alice"]).into_iter().collect();
    let outcome = world.clone().run("system", day(10), &Expire { entries }).unwrap();
    let keys: Vec<String> = outcome.objects.iter().map(|object| object.key().to_string()).collect();
    assert_eq!(keys, ["2026-01-10T00 alice#1", "2026-01-11 alice acme", "2026-01-11T00 alice#2"]);
    assert_eq!(outcome.orgs, [n("acme")]);
    let none = world.clone().run("system", day(10), &Expire { entries: Vec::new() }).unwrap();
    assert!(!none.changed());
}
