//! Truth tables of the decision. Instants are days; alice is asked about in acme on day 10.

use super::{Question, Rule, changes_at, decide, explain};
use crate::domain::change::{Enforce, Join, Leave};
use crate::domain::model::*;
use crate::domain::tests::kit::*;
use crate::domain::time::Time;

type Setting = fn(&mut User, &mut Org);

const INACTIVE: Setting = |user, _| user.active = false;
const NO_MEMBER: Setting = |user, _| user.memberships.clear();
const SSO: Setting = |user, _| *user = by_sso(user.clone());
const ENROLLED: Setting = |user, _| *user = enrolled(user.clone());
const RESET: Setting = |user, _| *user = reset(user.clone());
const PENDING: Setting = |user, _| user.enrolment.pending = Some(Pending { since: day(0) });
const SWITCH: Setting = |user, _| user.mfa = Switch::On;
const EXCEPTION: Setting = |user, _| add(user, exception(day(5), day(20), &["acme"]));
const LONGER: Setting = |user, _| add(user, exception(day(6), day(30), &["acme"]));
const SHORTER: Setting = |user, _| add(user, exception(day(6), day(12), &["acme"]));
const ELSEWHERE: Setting = |user, _| add(user, exception(day(5), day(20), &["globex"]));
const BOTH: Setting = |user, _| add(user, exception(day(5), day(20), &["acme", "globex"]));
const PORTAL: Setting = |user, _| {
    add(
        user,
        Exception { services: services(&["portal"]), ..exception(day(5), day(20), &["acme"]) },
    );
};
const REQUESTED: Setting = |user, _| {
    add(user, requested(exception(day(5), day(20), &["acme"]), crate::domain::time::Span::SHORT));
};
const REQUESTED_UNTIL: Setting = |user, _| {
    let end = exception(day(5), day(20), &["acme"]);
    add(user, Exception { approved_by: None, term: Some(Term::Until(day(20))), ..end });
};
const REJECTED: Setting = |user, _| {
    let asked = requested(exception(day(5), day(20), &["acme"]), crate::domain::time::Span::SHORT);
    add(user, ended(asked, EndedHow::Rejected, day(6)));
};
const REVOKED: Setting =
    |user, _| add(user, ended(exception(day(5), day(20), &["acme"]), EndedHow::Revoked, day(10)));
const REVOKED_EARLY: Setting =
    |user, _| add(user, ended(exception(day(5), day(20), &["acme"]), EndedHow::Revoked, day(2)));
const EXPIRED: Setting = |user, _| add(user, exception(day(5), day(10), &["acme"]));
const SCHEDULED: Setting = |user, _| add(user, exception(day(11), day(20), &["acme"]));
const ADMIN: Setting = |user, _| in_acme(user, |m| m.role = Role::Admin);
const OPT_OUT: Setting = |user, _| in_acme(user, |m| m.opt_out = Some(opted_out(None).into()));
const OPT_OUT_15: Setting =
    |user, _| in_acme(user, |m| m.opt_out = Some(opted_out(Some(day(15))).into()));
const OPT_OUT_10: Setting =
    |user, _| in_acme(user, |m| m.opt_out = Some(opted_out(Some(day(10))).into()));
const MANDATED: Setting = |_, org| org.mandated_roles = [Role::Admin].into();
const DENY: Setting = |_, org| org.opt_out = OptOutPolicy::Deny;
const ENFORCED: Setting = |_, org| {
    org.enforcement = enforcing(day(4)).enforcement;
    org.grace_from = Some(day(4));
};
const TO_COME: Setting = |_, org| {
    org.enforcement = enforcing(day(12)).enforcement;
    org.grace_from = Some(day(12));
};
const STARTS_NOW: Setting = |_, org| org.enforcement = enforcing(day(10)).enforcement;
const GRACE: Setting = |_, org| org.grace_days = 14;
const GRACE_OVER: Setting = |_, org| org.grace_days = 6;

fn add(user: &mut User, exception: Exception) {
    let number = user.exceptions.len() as u32 + 1;
    user.exceptions.insert(number, exception);
}

fn in_acme(user: &mut User, change: impl FnOnce(&mut Membership)) {
    if let Some(membership) = user.memberships.get_mut("acme") {
        change(membership);
    }
}

fn days(at: Time) -> String {
    let seconds = at.unix() - day(0).unix();
    match seconds % 86_400 {
        0 => format!("{}", seconds / 86_400),
        _ => format!("{seconds}s"),
    }
}

/// `requirement by rule until DAY`.
fn ask(user: &User, org: &Org, service: Option<&str>, at: Time) -> String {
    let (org_id, service) = (n("acme"), service.map(n));
    let question = Question { user, org_id: &org_id, org, service: service.as_ref(), at };
    let decision = decide(&question);
    let until = decision.until.map_or(String::new(), |until| format!(" until {}", days(until)));
    format!("{} by {}{until}", decision.requirement.as_str(), decision.rule.as_str())
}

fn set(settings: &[Setting]) -> (User, Org) {
    let (mut user, mut org) = (user("u1", &["acme", "globex"]), org());
    settings.iter().for_each(|setting| setting(&mut user, &mut org));
    (user, org)
}

#[test]
fn every_rule_and_which_beats_which() {
    let rows: &[(&str, &[Setting], &str)] = &[
        // 1
        ("inactive", &[INACTIVE], "denied by inactive"),
        ("inactive beats SSO", &[INACTIVE, SSO], "denied by inactive"),
        ("inactive beats an exception", &[INACTIVE, EXCEPTION], "denied by inactive"),
        ("inactive is named before no member", &[INACTIVE, NO_MEMBER], "denied by inactive"),
        ("no member", &[NO_MEMBER], "denied by not-a-member"),
        ("no member beats SSO", &[NO_MEMBER, SSO], "denied by not-a-member"),
        ("no member, exception left over", &[NO_MEMBER, EXCEPTION], "denied by not-a-member"),
        // 2
        ("SSO", &[SSO], "delegated by sso"),
        ("SSO beats enforcement", &[SSO, ENFORCED, SWITCH], "delegated by sso"),
        ("SSO beats an exception", &[SSO, EXCEPTION], "delegated by sso"),
        ("SSO beats a mandated role", &[SSO, ADMIN, MANDATED], "delegated by sso"),
        // 3
        ("exception", &[EXCEPTION], "exempt by exception until 20"),
        (
            "exception beats enforcement and switch",
            &[EXCEPTION, ENFORCED, SWITCH, ENROLLED],
            "exempt by exception until 20",
        ),
        (
            "exception beats a mandated role",
            &[EXCEPTION, ADMIN, MANDATED],
            "exempt by exception until 20",
        ),
        ("exception beats an opt-out", &[EXCEPTION, OPT_OUT], "exempt by exception until 20"),
        ("exception of another org", &[ELSEWHERE, SWITCH], "enrol by switch"),
        ("exception of two orgs", &[BOTH, SWITCH], "exempt by exception until 20"),
        ("the latest end counts", &[EXCEPTION, LONGER, SHORTER], "exempt by exception until 30"),
        (
            "the latest end, the other way round",
            &[LONGER, EXCEPTION],
            "exempt by exception until 30",
        ),
        ("requested", &[REQUESTED, SWITCH], "enrol by switch"),
        ("requested with an end", &[REQUESTED_UNTIL, SWITCH], "enrol by switch"),
        ("rejected", &[REJECTED, SWITCH], "enrol by switch"),
        ("revoked just now", &[REVOKED, SWITCH], "enrol by switch"),
        ("revoked before its start", &[REVOKED_EARLY, SWITCH], "enrol by switch"),
        ("ends just now", &[EXPIRED, SWITCH], "enrol by switch"),
        ("scheduled", &[SCHEDULED, SWITCH], "enrol by switch"),
        ("for a service, none asked", &[PORTAL, SWITCH], "enrol by switch"),
        ("one revoked, one live", &[REVOKED, SHORTER], "exempt by exception until 12"),
        // 4
        ("mandated", &[ADMIN, MANDATED], "enrol by mandated-role"),
        ("mandated, enrolled", &[ADMIN, MANDATED, ENROLLED], "required by mandated-role"),
        ("mandated beats opt-out", &[ADMIN, MANDATED, OPT_OUT], "enrol by mandated-role"),
        ("another role is mandated", &[MANDATED, OPT_OUT], "exempt by opt-out"),
        ("mandated in grace", &[ADMIN, MANDATED, ENFORCED, GRACE], "enrol by mandated-role"),
        (
            "mandated is named before enforcement and switch",
            &[ADMIN, MANDATED, ENFORCED, SWITCH, ENROLLED],
            "required by mandated-role",
        ),
        // 5
        ("opt-out", &[OPT_OUT], "exempt by opt-out"),
        ("opt-out with an end", &[OPT_OUT_15], "exempt by opt-out until 15"),
        ("opt-out ends just now", &[OPT_OUT_10, SWITCH], "enrol by switch"),
        ("opt-out beats enforcement", &[OPT_OUT, ENFORCED], "exempt by opt-out"),
        ("opt-out beats the switch", &[OPT_OUT, SWITCH], "exempt by opt-out"),
        ("opt-out beats grace", &[OPT_OUT, ENFORCED, GRACE], "exempt by opt-out"),
        ("denied and enforced: it rests", &[OPT_OUT, DENY, ENFORCED], "enrol by enforcement"),
        ("denied, enforcement off: it counts", &[OPT_OUT, DENY, SWITCH], "exempt by opt-out"),
        ("denied, enforcement to come: it counts", &[OPT_OUT, DENY, TO_COME], "exempt by opt-out"),
        ("denied, enforcement starts now", &[OPT_OUT, DENY, STARTS_NOW], "enrol by enforcement"),
        // 6
        ("enforced", &[ENFORCED], "enrol by enforcement"),
        ("enforced, enrolled", &[ENFORCED, ENROLLED], "required by enforcement"),
        ("enforced, pending only", &[ENFORCED, PENDING], "enrol by enforcement"),
        (
            "enforced, enrolled and another pending",
            &[ENFORCED, ENROLLED, PENDING],
            "required by enforcement",
        ),
        ("enforced is named before the switch", &[ENFORCED, SWITCH], "enrol by enforcement"),
        ("enforcement to come", &[TO_COME], "not-required by default"),
        ("enforcement to come, switch on", &[TO_COME, SWITCH], "enrol by switch"),
        ("enforcement starts now", &[STARTS_NOW], "enrol by enforcement"),
        ("grace", &[ENFORCED, GRACE], "grace by enforcement until 18"),
        ("grace ends just now", &[ENFORCED, GRACE_OVER], "enrol by enforcement"),
        ("grace while pending", &[ENFORCED, GRACE, PENDING], "grace by enforcement until 18"),
        ("grace, switch on", &[ENFORCED, GRACE, SWITCH], "enrol by switch"),
        ("no grace for the enrolled", &[ENFORCED, GRACE, ENROLLED], "required by enforcement"),
        ("no grace after a reset", &[ENFORCED, GRACE, RESET], "enrol by enforcement"),
        // 7, 8
        ("switch", &[SWITCH], "enrol by switch"),
        ("switch, enrolled", &[SWITCH, ENROLLED], "required by switch"),
        ("nothing", &[], "not-required by default"),
        ("nothing, enrolled", &[ENROLLED], "not-required by default"),
    ];
    for (name, settings, expected) in rows {
        let (user, org) = set(settings);
        assert_eq!(ask(&user, &org, None, day(10)), *expected, "{name}");
    }
}

#[test]
fn an_exception_may_be_limited_to_services() {
    let (user, org) = set(&[PORTAL, SWITCH]);
    for (service, expected) in [
        (None, "enrol by switch"),
        (Some("vpn"), "enrol by switch"),
        (Some("portal"), "exempt by exception until 20"),
    ] {
        assert_eq!(ask(&user, &org, service, day(10)), expected, "{service:?}");
    }
    let (user, org) = set(&[SHORTER, PORTAL]);
    assert_eq!(ask(&user, &org, Some("portal"), day(10)), "exempt by exception until 20");
    assert_eq!(ask(&user, &org, None, day(10)), "exempt by exception until 12");
}

/// Before, at and after an instant, to the second.
#[test]
fn intervals_hold_their_start_and_not_their_end() {
    type Row<'a> = (&'a str, &'a [Setting], i64, [&'a str; 3]);
    let live = "exempt by exception until 20";
    let rows: &[Row<'_>] = &[
        ("exception's start", &[EXCEPTION], 5, ["not-required by default", live, live]),
        (
            "exception's end",
            &[EXCEPTION],
            20,
            [live, "not-required by default", "not-required by default"],
        ),
        (
            "revocation, also for a clock that is behind it",
            &[REVOKED],
            10,
            ["not-required by default", "not-required by default", "not-required by default"],
        ),
        (
            "opt-out's end",
            &[OPT_OUT_15, SWITCH],
            15,
            ["exempt by opt-out until 15", "enrol by switch", "enrol by switch"],
        ),
        (
            "enforcement's start",
            &[ENFORCED],
            4,
            ["not-required by default", "enrol by enforcement", "enrol by enforcement"],
        ),
        (
            "grace's start",
            &[ENFORCED, GRACE],
            4,
            [
                "not-required by default",
                "grace by enforcement until 18",
                "grace by enforcement until 18",
            ],
        ),
        (
            "grace's end",
            &[ENFORCED, GRACE],
            18,
            ["grace by enforcement until 18", "enrol by enforcement", "enrol by enforcement"],
        ),
    ];
    for (name, settings, at, expected) in rows {
        let (user, org) = set(settings);
        for (offset, expected) in [-1, 0, 1].into_iter().zip(expected) {
            let at = day(*at).plus_seconds(offset);
            assert_eq!(ask(&user, &org, None, at), *expected, "{name} {offset:+}s");
        }
    }
}

#[test]
fn opt_out_begins_when_it_was_set() {
    let (mut user, org) = set(&[SWITCH]);
    in_acme(&mut user, |m| m.opt_out = Some(OptOut { at: day(10), ..opted_out(None) }.into()));
    for (offset, expected) in
        [(-1, "enrol by switch"), (0, "exempt by opt-out"), (1, "exempt by opt-out")]
    {
        assert_eq!(ask(&user, &org, None, day(10).plus_seconds(offset)), expected, "{offset:+}");
    }
}

#[test]
fn a_revoked_exception_counts_at_no_instant() {
    let (mut user, org) = set(&[]);
    add(&mut user, ended(exception(day(5), day(30), &["acme"]), EndedHow::Revoked, day(12)));
    add(&mut user, exception(day(5), day(20), &["acme"]));
    assert_eq!(ask(&user, &org, None, day(10)), "exempt by exception until 20");
    assert_eq!(ask(&user, &org, None, day(12)), "exempt by exception until 20");
}

#[test]
fn changes_at_is_the_next_instant_that_changes_the_answer() {
    let rows: &[(&str, &[Setting], i64, Option<i64>)] = &[
        ("nothing ahead", &[SWITCH], 10, None),
        ("an exception's start", &[EXCEPTION], 0, Some(5)),
        ("an exception's end", &[EXCEPTION], 10, Some(20)),
        ("after it", &[EXCEPTION], 20, None),
        ("a later end begins", &[EXCEPTION, LONGER], 5, Some(6)),
        ("a shorter one within it changes nothing", &[EXCEPTION, SHORTER], 5, Some(20)),
        ("another org's exception", &[ELSEWHERE], 0, None),
        ("a service's exception, none asked", &[PORTAL], 0, None),
        ("requested", &[REQUESTED], 0, None),
        ("revoked before its start", &[REVOKED_EARLY], 2, None),
        ("an opt-out's end", &[OPT_OUT_15, SWITCH], 10, Some(15)),
        ("an opt-out's end with nothing behind it", &[OPT_OUT_15], 10, Some(15)),
        ("enforcement to come", &[TO_COME], 10, Some(12)),
        ("enforcement to come, switch on: another rule", &[TO_COME, SWITCH], 10, Some(12)),
        ("enforcement to come, opted out", &[TO_COME, OPT_OUT], 10, None),
        ("enforcement to come lays an opt-out to rest", &[TO_COME, OPT_OUT, DENY], 10, Some(12)),
        ("the end of grace", &[ENFORCED, GRACE], 10, Some(18)),
        ("grace for the enrolled", &[ENFORCED, GRACE, ENROLLED], 10, None),
        (
            "the end of grace with the switch on: another rule",
            &[ENFORCED, GRACE, SWITCH],
            10,
            Some(18),
        ),
        ("grace under an exception", &[ENFORCED, GRACE, EXCEPTION], 10, Some(20)),
        ("an exception that ends into grace", &[ENFORCED, GRACE, SHORTER], 10, Some(12)),
        ("inactive", &[INACTIVE, EXCEPTION, ENFORCED, GRACE], 0, None),
        ("SSO", &[SSO, EXCEPTION, TO_COME], 0, None),
        ("no member", &[NO_MEMBER, EXCEPTION], 0, None),
    ];
    for (name, settings, at, expected) in rows {
        let (user, org) = set(settings);
        let org_id = n("acme");
        let question =
            Question { user: &user, org_id: &org_id, org: &org, service: None, at: day(*at) };
        assert_eq!(changes_at(&question), expected.map(day), "{name}");
    }
}

#[test]
fn the_chain_shows_every_rule_also_where_another_decides() {
    let (user, org) = set(&[EXCEPTION, ADMIN, MANDATED, OPT_OUT, ENFORCED, GRACE, SWITCH]);
    let org_id = n("acme");
    let explanation =
        explain(&Question { user: &user, org_id: &org_id, org: &org, service: None, at: day(10) });
    let chain: Vec<String> = explanation
        .chain
        .iter()
        .map(|step| {
            assert!(!step.why.is_empty());
            format!("{} {}", step.rule.as_str(), step.answer.map_or("-", |a| a.as_str()))
        })
        .collect();
    assert_eq!(
        chain,
        [
            "inactive -",
            "not-a-member -",
            "sso -",
            "exception exempt",
            "mandated-role enrol",
            "opt-out -",
            "enforcement grace",
            "switch enrol",
            "default not-required",
        ]
    );
    assert_eq!(explanation.decision.rule, Rule::Exception);
    assert_eq!(explanation.changes_at, Some(day(20)));
}

fn enforce(state: Switch, starts: Option<Time>, grace_days: Option<u32>, restart: bool) -> Enforce {
    Enforce { org: n("acme"), state, starts, grace_days, restart_grace: restart, force: false }
}

fn on(days: u32) -> Enforce {
    enforce(Switch::On, None, Some(days), false)
}

fn off() -> Enforce {
    enforce(Switch::Off, None, None, false)
}

fn world() -> World {
    World::default().org("acme", org()).org("globex", org()).user("alice", user("u1", &["acme"]))
}

fn asked(world: &World, at: i64) -> String {
    ask(&world.users["alice"], &world.orgs["acme"], None, day(at))
}

#[test]
fn grace_counts_from_the_first_start_that_came() {
    let once = world().done("root", day(10), &on(14));
    assert_eq!(asked(&once, 10), "grace by enforcement until 24");
    assert_eq!(asked(&once, 24), "enrol by enforcement");

    let again = once.clone().done("root", day(12), &off()).done("root", day(20), &on(14));
    assert_eq!(asked(&again, 20), "grace by enforcement until 24", "off and on moves nothing");

    let late = once.clone().done("root", day(12), &off()).done("root", day(30), &on(14));
    assert_eq!(asked(&late, 30), "enrol by enforcement");

    let restarted = late.done("root", day(31), &enforce(Switch::On, None, None, true));
    assert_eq!(asked(&restarted, 31), "grace by enforcement until 45");

    let none = world().done("root", day(10), &on(0));
    assert_eq!(asked(&none, 10), "enrol by enforcement");
    let longer = none.done("root", day(11), &on(3));
    assert_eq!(asked(&longer, 11), "grace by enforcement until 13");
}

#[test]
fn a_start_that_never_came_opens_no_grace() {
    let from = |at| enforce(Switch::On, Some(day(at)), Some(14), false);
    let scheduled = world().done("root", day(0), &from(10));
    assert_eq!(asked(&scheduled, 9), "not-required by default");
    assert_eq!(asked(&scheduled, 10), "grace by enforcement until 24");

    let moved = scheduled.clone().done("root", day(5), &from(20));
    assert_eq!(asked(&moved, 20), "grace by enforcement until 34", "the first one never came");

    let earlier = scheduled.clone().done("root", day(5), &on(14));
    assert_eq!(asked(&earlier, 5), "grace by enforcement until 19", "brought forward");

    let called_off = scheduled.clone().done("root", day(9), &off()).done("root", day(30), &on(14));
    assert_eq!(asked(&called_off, 30), "grace by enforcement until 44");

    let came = scheduled.done("root", day(10), &off()).done("root", day(23), &on(14));
    assert_eq!(asked(&came, 23), "grace by enforcement until 24", "switched off as it came");
}

#[test]
fn grace_counts_from_the_first_joining() {
    let world = world().done("root", day(1), &on(14));
    let leave = Leave { login: n("alice"), org: n("acme") };
    let join = Join { login: n("alice"), org: n("acme"), role: Role::Member };
    let left = world.clone().done("root", day(3), &leave);
    assert_eq!(asked(&left, 3), "denied by not-a-member");
    let back = left.done("root", day(10), &join);
    assert_eq!(asked(&back, 10), "grace by enforcement until 15", "no new grace");
    let twice = back.done("root", day(11), &leave).done("root", day(20), &join);
    assert_eq!(asked(&twice, 20), "enrol by enforcement", "nor by coming back twice");

    let bob = world.user("bob", user("u2", &["globex"]));
    let bob = bob.done("root", day(12), &Join { login: n("bob"), ..join });
    assert_eq!(
        ask(&bob.users["bob"], &bob.orgs["acme"], None, day(12)),
        "grace by enforcement until 26",
        "who joins later has the days from then"
    );
}
