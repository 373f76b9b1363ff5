//! Granting exceptions: R11 to R17, caps, overlaps, who may, and which orgs.

use super::*;
use crate::domain::outcome::Outcome;
use crate::domain::time::Span;

/// The exception made, after a grant that must go through.
fn granted(world: &World, who: &str, grant: &Grant) -> (Exception, Outcome) {
    let mut world = world.clone();
    let outcome = world.run(who, day(NOW), grant).unwrap();
    let number = outcome.exception.unwrap();
    (world.users[&grant.login].exceptions[&number].clone(), outcome)
}

fn during(start: i64, end: i64, grant: Grant) -> Grant {
    Grant { starts: Some(day(start)), length: Some(Term::Until(day(end))), ..grant }
}

fn lasting(seconds: i64, grant: Grant) -> Grant {
    Grant { length: Some(Term::For(Span::seconds(seconds))), ..grant }
}

#[test]
fn who_may_have_one() {
    check(&[
        ("enrolled", PLAIN, "help", &short("alice", &[]), "done"),
        ("enrolled once", PLAIN, "help", &short("erin", &[]), "done"),
        ("never enrolled", PLAIN, "help", &short("bob", &[]), "not-enrolled"),
        (
            "never enrolled, on record",
            PLAIN,
            "help",
            &Grant { unenrolled_ok: true, ..short("bob", &[]) },
            "done",
        ),
        ("SSO", PLAIN, "help", &short("dave", &[]), "sso-account"),
        ("long", PLAIN, "adm", &long("alice", &[]), "done"),
        ("long, SSO", PLAIN, "adm", &long("dave", &[]), "sso-account"),
        ("a member of no org", PLAIN, "sue", &short("nemo", &[]), "not-found"),
        ("an org not joined", PLAIN, "sue", &short("alice", &["globex"]), "not-found"),
        ("an org that is not there", PLAIN, "sue", &short("alice", &["nowhere"]), "not-found"),
        ("an org out of sight", PLAIN, "help", &short("carol", &["globex"]), "not-found"),
        ("own account", PLAIN, "pat", &short("pat", &[]), "own-account"),
        ("own account, another operator", PLAIN, "sue2", &short("sue", &[]), "own-account"),
        ("an operator's person", PLAIN, "adm", &short("pat", &[]), "not-permitted"),
        ("an operator's person, site-admin", PLAIN, "sue", &short("pat", &[]), "done"),
        ("an auditor", PLAIN, "aud", &short("alice", &[]), "not-permitted"),
        ("a machine", PLAIN, "svc", &short("alice", &[]), "not-permitted"),
    ]);
}

#[test]
fn reasons_notes_and_evidence() {
    let because = |reason: &str, grant: Grant| Grant { reason: n(reason), ..grant };
    let noted = |grant: Grant| Grant { note: Some(text("at the desk")), ..grant };
    let bare = |grant: Grant| Grant { evidence: Default::default(), ..grant };
    const OWN: Before = |w| {
        let policy = &mut w.org_mut("acme").exceptions;
        policy.reasons_off = ns(&["no-signal"]);
        let added = AddedReason { kind: ExceptionKind::Short, follow_up: FollowUp::ReEnrol };
        policy.added_reasons = [(n("flood"), added.clone()), (n("other"), added)].into();
    };
    check(&[
        ("long", PLAIN, "adm", &long("alice", &[]), "done"),
        ("no evidence", PLAIN, "adm", &bare(long("alice", &[])), "evidence-missing"),
        (
            "no evidence, only requested",
            PLAIN,
            "help",
            &bare(long("alice", &[])),
            "evidence-missing",
        ),
        ("short needs none", PLAIN, "adm", &bare(short("alice", &[])), "done"),
        (
            "long reason, short",
            PLAIN,
            "adm",
            &because("accessibility", short("alice", &[])),
            "reason-invalid",
        ),
        (
            "short reason, long",
            PLAIN,
            "adm",
            &because("no-signal", long("alice", &[])),
            "reason-invalid",
        ),
        (
            "unknown reason",
            PLAIN,
            "adm",
            &because("because", short("alice", &[])),
            "reason-invalid",
        ),
        (
            "evidence before reason",
            PLAIN,
            "adm",
            &because("x", bare(long("alice", &[]))),
            "evidence-missing",
        ),
        ("other, no note", PLAIN, "adm", &because("other", short("alice", &[])), "note-missing"),
        ("other, noted", PLAIN, "adm", &noted(because("other", short("alice", &[]))), "done"),
        ("switched off", OWN, "adm", &short("alice", &[]), "reason-invalid"),
        ("the org's own", OWN, "adm", &because("flood", short("alice", &[])), "done"),
        (
            "the org's own, in one org of two",
            OWN,
            "both",
            &because("flood", short("carol", &[])),
            "reason-invalid",
        ),
        (
            "other stays with a note",
            OWN,
            "adm",
            &because("other", short("alice", &[])),
            "note-missing",
        ),
    ]);
}

#[test]
fn every_reason_carries_its_follow_up() {
    let rows = [
        (ExceptionKind::Short, "phone-lost-or-stolen", Some("re-enrol-when-replaced"), true),
        (ExceptionKind::Short, "phone-misplaced", Some("re-enrol-when-found"), true),
        (ExceptionKind::Short, "no-signal", None, false),
        (ExceptionKind::Short, "notification-trouble", Some("contact-again"), false),
        (ExceptionKind::Short, "other", None, false),
        (ExceptionKind::Long, "accessibility", Some("review"), false),
        (ExceptionKind::Long, "clinical-risk", Some("review"), false),
        (ExceptionKind::Long, "secure-location", Some("review"), false),
    ];
    for (kind, reason, follow_up, re_enrols) in rows {
        let grant =
            if kind == ExceptionKind::Short { short("alice", &[]) } else { long("alice", &[]) };
        let grant = Grant { reason: n(reason), note: Some(text("why")), ..grant };
        let (exception, outcome) = granted(&world(), "adm", &grant);
        assert_eq!(exception.follow_up.code(), follow_up, "{reason}");
        assert_eq!(exception.follow_up.re_enrols(), re_enrols, "{reason}");
        assert!(outcome.follow_up.unwrap().contains("prompts come back"), "{reason}");
        let channel =
            if kind == ExceptionKind::Short { Channel::Phone } else { Channel::SharedMailbox };
        assert_eq!(exception.channel, channel, "R16");
        assert_eq!(exception.requested_by.as_str(), "alice");
    }
}

#[test]
fn lengths() {
    const CAPS: Before = |w| {
        w.org_mut("acme").exceptions.short_max = Some(Span::seconds(3_600));
        w.org_mut("globex").exceptions.short_max = Some(Span::seconds(7_200));
    };
    const DAY: i64 = 86_400;
    let alice = || short("alice", &[]);
    check(&[
        ("24 h", PLAIN, "help", &lasting(DAY, alice()), "done"),
        ("a second more", PLAIN, "help", &lasting(DAY + 1, alice()), "cap-exceeded"),
        ("24 h by its end", PLAIN, "help", &during(12, 13, alice()), "done"),
        ("2 days by its end", PLAIN, "help", &during(12, 14, alice()), "cap-exceeded"),
        ("180 d", PLAIN, "adm", &lasting(180 * DAY, long("alice", &[])), "done"),
        (
            "a second more than 180 d",
            PLAIN,
            "adm",
            &lasting(180 * DAY + 1, long("alice", &[])),
            "cap-exceeded",
        ),
        ("the org's cap", CAPS, "help", &lasting(3_600, alice()), "done"),
        ("above the org's cap", CAPS, "help", &lasting(3_601, alice()), "cap-exceeded"),
        (
            "the strictest counts",
            CAPS,
            "both",
            &lasting(3_601, short("carol", &[])),
            "cap-exceeded",
        ),
        (
            "limited to the milder org",
            CAPS,
            "both",
            &lasting(7_200, short("carol", &["globex"])),
            "done",
        ),
        ("nothing", PLAIN, "help", &lasting(0, alice()), "invalid"),
        ("ends as it starts", PLAIN, "help", &during(12, 12, alice()), "invalid"),
        ("starts in the past", PLAIN, "help", &during(9, 11, alice()), "invalid"),
        (
            "at the end of time",
            PLAIN,
            "help",
            &Grant { starts: Some(Time::MAX), ..alice() },
            "invalid",
        ),
    ]);
    let length = |world: &World, who, grant: &Grant| {
        let (exception, _) = granted(world, who, grant);
        exception.ends_at.unwrap().since(exception.starts_at).as_seconds()
    };
    assert_eq!(length(&world(), "help", &alice()), DAY);
    assert_eq!(length(&world(), "adm", &long("alice", &[])), 180 * DAY);
    assert_eq!(length(&world().with(CAPS), "help", &alice()), 3_600);
    assert_eq!(length(&world().with(CAPS), "both", &short("carol", &[])), 3_600);
}

#[test]
fn how_often() {
    fn had(world: &mut World, recorded: &[i64]) {
        world.org_mut("acme").exceptions.short_per_30_days = Some(2);
        for (number, at) in (1..).zip(recorded) {
            let short = exception(day(*at), day(*at + 1), &["acme"]);
            let short = Exception { recorded_at: day(*at), ..short };
            world.user_mut("alice").exceptions.insert(number, short);
        }
    }
    const ONE: Before = |w| had(w, &[0]);
    const TWO: Before = |w| had(w, &[-19, 0]);
    const TWO_LONG_AGO: Before = |w| had(w, &[-20, 0]);
    const REVOKED: Before = |w| {
        TWO(w);
        let first = w.user_mut("alice").exceptions.get_mut(&1).unwrap();
        *first = ended(first.clone(), EndedHow::Revoked, day(-19));
    };
    const REJECTED: Before = |w| {
        TWO(w);
        let first = w.user_mut("alice").exceptions.get_mut(&1).unwrap();
        *first = ended(first.clone(), EndedHow::Rejected, day(-19));
    };
    const ELSEWHERE: Before = |w| {
        TWO(w);
        w.user_mut("alice").exceptions.get_mut(&1).unwrap().orgs = ns(&["globex"]);
    };
    const NONE_ALLOWED: Before = |w| w.org_mut("acme").exceptions.short_per_30_days = Some(0);
    check(&[
        ("one had", ONE, "help", &short("alice", &[]), "done"),
        ("two had", TWO, "help", &short("alice", &[]), "cap-exceeded"),
        ("one of them exactly 30 days ago", TWO_LONG_AGO, "help", &short("alice", &[]), "done"),
        ("revoked ones count", REVOKED, "help", &short("alice", &[]), "cap-exceeded"),
        ("rejected ones never were", REJECTED, "help", &short("alice", &[]), "done"),
        ("those of other orgs do not count", ELSEWHERE, "help", &short("alice", &[]), "done"),
        ("long ones are not counted", TWO, "adm", &long("alice", &[]), "done"),
        ("none allowed", NONE_ALLOWED, "help", &short("alice", &[]), "cap-exceeded"),
    ]);
}

#[test]
fn overlaps() {
    fn one(world: &mut World, exception: Exception) {
        for login in ["alice", "carol"] {
            world.user_mut(login).exceptions.insert(1, exception.clone());
        }
    }
    const LIVE: Before = |w| one(w, exception(day(9), day(11), &["acme"]));
    const SCHEDULED: Before = |w| one(w, exception(day(NOW).plus_seconds(9), day(16), &["acme"]));
    const NEXT: Before = |w| one(w, exception(day(NOW + 1), day(16), &["acme"]));
    const REQUESTED_LATER: Before = |w| {
        let later = exception(day(15), day(15), &["acme"]);
        one(w, requested(Exception { recorded_at: day(9), ..later }, Span::SHORT));
    };
    const REJOINED: Before = |w| {
        one(w, exception(day(1), day(11), &["acme"]));
        let membership = w.user_mut("alice").memberships.get_mut("acme").unwrap();
        membership.joined_at = day(2);
    };
    const REQUESTED: Before =
        |w| one(w, requested(exception(day(9), day(9), &["acme"]), Span::SHORT));
    const EXPIRED: Before = |w| one(w, exception(day(9), day(NOW), &["acme"]));
    const REVOKED: Before =
        |w| one(w, ended(exception(day(9), day(11), &["acme"]), EndedHow::Revoked, day(NOW)));
    const PORTAL: Before = |w| {
        let exception = exception(day(9), day(11), &["acme"]);
        one(w, Exception { services: services(&["portal"]), ..exception });
    };
    const LONG: Before = |w| {
        let exception = exception(day(9), day(99), &["acme"]);
        one(w, Exception { kind: ExceptionKind::Long, ..exception });
    };
    const OF_BOTH: Before = |w| one(w, exception(day(9), day(11), &["acme", "globex"]));
    let alice = || short("alice", &[]);
    let from = |start| Grant { starts: Some(day(start)), ..alice() };
    let until = |end| Grant {
        length: Some(Term::Until(end)),
        starts: Some(day(NOW + 1).plus_seconds(-9)),
        ..alice()
    };
    let instead = |grant: Grant| Grant { replace: true, ..grant };
    let only = |names: &[&str]| Grant { services: services(names), ..alice() };
    check(&[
        ("live", LIVE, "help", &alice(), "overlap"),
        ("scheduled", SCHEDULED, "help", &alice(), "overlap"),
        ("requested", REQUESTED, "help", &alice(), "overlap"),
        ("consecutive, after it", LIVE, "help", &from(11), "done"),
        ("consecutive, before it", NEXT, "help", &alice(), "done"),
        ("one second in common", NEXT, "help", &until(day(NOW + 1).plus_seconds(1)), "overlap"),
        ("before a request with a start", REQUESTED_LATER, "help", &alice(), "done"),
        ("a request may be approved late", REQUESTED_LATER, "help", &from(20), "overlap"),
        ("a request without a start counts as always", REQUESTED, "help", &from(20), "overlap"),
        ("of an earlier membership", REJOINED, "help", &alice(), "done"),
        ("expired just now", EXPIRED, "help", &alice(), "done"),
        ("revoked just now", REVOKED, "help", &alice(), "done"),
        ("all services against one", PORTAL, "help", &alice(), "overlap"),
        ("the same service", PORTAL, "help", &only(&["portal", "vpn"]), "overlap"),
        ("another service", PORTAL, "help", &only(&["vpn"]), "done"),
        ("one service against all", LIVE, "help", &only(&["vpn"]), "overlap"),
        ("another org", LIVE, "both", &short("carol", &["globex"]), "done"),
        ("one org in common", LIVE, "both", &short("carol", &["acme", "globex"]), "overlap"),
        ("replaced", LIVE, "help", &instead(alice()), "done"),
        ("a helpdesk replaces no long one", LONG, "help", &instead(alice()), "not-permitted"),
        ("an admin does", LONG, "adm", &instead(alice()), "done"),
        (
            "one of an org that is not one's own",
            OF_BOTH,
            "adm",
            &instead(short("carol", &["acme"])),
            "not-permitted",
        ),
        (
            "rights are asked before the rest",
            LONG,
            "help",
            &instead(Grant { reason: n("x"), ..alice() }),
            "not-permitted",
        ),
    ]);
    let world = world().with(LIVE).done("help", day(NOW), &instead(alice()));
    let exceptions = &world.users["alice"].exceptions;
    assert_eq!(exceptions[&1].status(day(NOW)), Status::Revoked);
    assert_eq!(exceptions[&2].status(day(NOW)), Status::Live);
}

#[test]
fn replacing_asks_the_helpdesk_limits_of_every_org_concerned() {
    let world = world().with(|w| {
        w.membership_mut("carol", "acme").role = Role::Admin;
        let both = exception(day(9), day(11), &["acme", "globex"]);
        w.user_mut("carol").exceptions.insert(1, both);
    });
    assert_eq!(world.tried("mixed", day(NOW), &revoke("carol#1")), "not-permitted");
    let instead = Grant { replace: true, ..short("carol", &["acme"]) };
    assert_eq!(world.tried("mixed", day(NOW), &instead), "not-permitted");
    assert_eq!(world.tried("both", day(NOW), &instead), "done");
}

#[test]
fn services_are_those_of_an_org_covered() {
    let only = |name: &str, grant: Grant| Grant { services: services(&[name]), ..grant };
    check(&[
        ("known", PLAIN, "help", &only("portal", short("alice", &[])), "done"),
        ("unknown", PLAIN, "help", &only("fax", short("alice", &[])), "not-found"),
        ("known in one of two", PLAIN, "both", &only("vpn", short("carol", &[])), "done"),
        (
            "known in the other",
            PLAIN,
            "both",
            &only("vpn", short("carol", &["globex"])),
            "not-found",
        ),
    ]);
}

#[test]
fn the_orgs_covered_by_default_are_those_in_which_the_operator_may_grant_it() {
    let orgs = |world: &World, who, grant: &Grant| {
        let (exception, outcome) = granted(world, who, grant);
        let orgs: Vec<String> = exception.orgs.iter().map(ToString::to_string).collect();
        (orgs.join(" "), outcome.action)
    };
    let (world, carol) = (world(), || long("carol", &[]));
    let cases = [
        ("both", short("carol", &[]), "acme globex", "exception.grant"),
        ("sue", short("carol", &[]), "acme globex", "exception.grant"),
        ("help", short("carol", &[]), "acme", "exception.grant"),
        ("mixed", short("carol", &[]), "acme globex", "exception.grant"),
        ("mixed", carol(), "acme", "exception.grant"),
        ("mixed", Grant { request_only: true, ..carol() }, "acme globex", "exception.request"),
        ("help", carol(), "acme", "exception.request"),
        ("both", long("carol", &["globex"]), "globex", "exception.grant"),
    ];
    for (who, grant, covered, action) in cases {
        assert_eq!(orgs(&world, who, &grant), (covered.to_owned(), action), "{who} {grant:?}");
    }
    let admin = world.with(|w| w.membership_mut("carol", "acme").role = Role::Admin);
    assert_eq!(orgs(&admin, "mixed", &short("carol", &[])).0, "acme", "helpdesk's limits count");
    assert_eq!(admin.tried("help", day(NOW), &short("carol", &[])), "not-permitted");

    let later = self::world().done("adm", day(NOW), &short("alice", &[]));
    let later = later.done("sue", day(NOW), &join("alice", "globex"));
    assert_eq!(
        later.users["alice"].exceptions[&1].orgs,
        ns(&["acme"]),
        "joined later: not covered"
    );
}

#[test]
fn what_is_live_at_once_and_what_waits() {
    const TWO: Before = |w| w.org_mut("globex").exceptions.approval = Approval::TwoPerson;
    let status = |before: Before, who, grant: &Grant| {
        let (exception, outcome) = granted(&world().with(before), who, grant);
        let status = exception.status(day(NOW));
        assert_eq!(status == Status::Requested, exception.approved_by.is_none());
        assert_eq!(
            status == Status::Requested,
            !outcome.warnings.is_empty(),
            "said with a warning"
        );
        (status, exception.approved_by)
    };
    let by = |name: &str| (Status::Live, Some(name.to_owned()));
    let waits = (Status::Requested, None);
    let alice = || long("alice", &[]);
    assert_eq!(status(PLAIN, "help", &short("alice", &[])), by("help"));
    assert_eq!(status(PLAIN, "adm", &alice()), by("adm"));
    assert_eq!(status(PLAIN, "help", &alice()), waits);
    assert_eq!(status(TWO, "adm", &alice()), by("adm"), "another org asks for two");
    assert_eq!(status(TWO, "both", &long("carol", &[])), waits);
    assert_eq!(status(TWO, "both", &long("carol", &["acme"])), by("both"));
    assert_eq!(status(TWO, "sue", &long("carol", &[])), waits, "for site-admins too");
    assert_eq!(status(TWO, "both", &short("carol", &[])), by("both"), "short ones never");
    assert_eq!(status(PLAIN, "adm", &Grant { request_only: true, ..alice() }), waits);
    let never = Grant { unenrolled_ok: true, ..short("bob", &[]) };
    let (exception, outcome) = granted(&world(), "sue", &never);
    assert_eq!(exception.status(day(NOW)), Status::Requested);
    assert!(exception.unenrolled && outcome.warnings.len() == 2, "the override is on record");
    let needless = Grant { unenrolled_ok: true, ..short("alice", &[]) };
    assert_eq!(status(PLAIN, "help", &needless), by("help"), "not needed: no override");
}
