//! Orgs: adding, settings, removing.

use super::*;
use crate::domain::reasons;
use crate::domain::time::Span;

fn edit() -> EditOrg {
    EditOrg { id: Some(n("acme")), ..EditOrg::default() }
}

fn add(id: &str) -> AddOrg {
    AddOrg { id: n(id), settings: EditOrg::default() }
}

fn reason(code: &str, kind: ExceptionKind, follow_up: FollowUp) -> ReasonChange {
    ReasonChange::Add(n(code), AddedReason { kind, follow_up })
}

fn with_reasons(reasons: Vec<ReasonChange>) -> EditOrg {
    EditOrg { reasons, ..edit() }
}

#[test]
fn adding_editing_removing() {
    let remove = |id: &str| RemoveOrg { id: n(id) };
    let short_max = |seconds| EditOrg { short_max: Some(Span::seconds(seconds)), ..edit() };
    let long_max = |seconds| EditOrg { long_max: Some(Span::seconds(seconds)), ..edit() };
    let grace = |days| EditOrg { grace_days: Some(days), ..edit() };
    const EMPTY: Before = |w| {
        w.orgs.insert(n("empty"), org());
    };
    const STAFFED: Before = |w| {
        EMPTY(w);
        w.operators.operators.insert(n("tom"), operator(&["helpdesk:empty"], None));
    };
    const LEFT: Before = |w| {
        EMPTY(w);
        w.user_mut("alice").exceptions.insert(1, exception(day(9), day(11), &["empty"]));
    };
    let short_reason = || with_reasons(vec![reason("flood", ExceptionKind::Short, FollowUp::None)]);
    let long_reason = || with_reasons(vec![reason("flood", ExceptionKind::Long, FollowUp::Review)]);
    check(&[
        ("add", PLAIN, "sue", &add("new"), "done"),
        ("there already", PLAIN, "sue", &add("acme"), "exists"),
        ("an org admin may not", PLAIN, "adm", &add("new"), "not-permitted"),
        ("remove", EMPTY, "sue", &remove("empty"), "done"),
        ("with members", PLAIN, "sue", &remove("acme"), "in-use"),
        ("with an exception", LEFT, "sue", &remove("empty"), "in-use"),
        ("an operator has a role there", STAFFED, "sue", &remove("empty"), "in-use"),
        ("not there", PLAIN, "sue", &remove("nowhere"), "not-found"),
        ("not there, and not to be known", PLAIN, "adm", &remove("nowhere"), "not-found"),
        ("an org admin may not remove", PLAIN, "adm", &remove("acme"), "not-permitted"),
        ("cap of 24 h", PLAIN, "adm", &short_max(86_400), "done"),
        ("above", PLAIN, "adm", &short_max(86_401), "invalid"),
        ("cap of 180 d", PLAIN, "adm", &long_max(180 * 86_400), "done"),
        ("above 180 d", PLAIN, "adm", &long_max(180 * 86_400 + 1), "invalid"),
        ("no cap at all", PLAIN, "adm", &short_max(0), "invalid"),
        ("grace", PLAIN, "adm", &grace(3_650), "done"),
        ("too long a grace", PLAIN, "adm", &grace(3_651), "invalid"),
        ("nothing", PLAIN, "adm", &edit(), "unchanged"),
        ("a helpdesk may not", PLAIN, "help", &grace(3), "not-permitted"),
        (
            "another org's admin may not",
            PLAIN,
            "adm",
            &EditOrg { id: Some(n("globex")), ..grace(3) },
            "not-found",
        ),
        ("a reason for short ones", PLAIN, "adm", &short_reason(), "done"),
        ("a reason for long ones", PLAIN, "adm", &long_reason(), "not-permitted"),
        ("a reason for long ones, site-admin", PLAIN, "sue", &long_reason(), "done"),
    ]);
}

#[test]
fn a_product_reason_added_again_takes_an_own_one_of_its_name_away() {
    let own = with_reasons(vec![reason("no-signal", ExceptionKind::Short, FollowUp::ReEnrol)]);
    let again = with_reasons(vec![reason("no-signal", ExceptionKind::Short, FollowUp::None)]);
    let world = world().done("adm", day(1), &own).done("adm", day(2), &again);
    let found = reasons::find(&world.orgs["acme"], &n("no-signal")).unwrap();
    assert_eq!(found.follow_up, FollowUp::None);
    assert_eq!(world.orgs["acme"], self::world().orgs["acme"]);
}

#[test]
fn reasons_switched_off_and_on_again() {
    let off = with_reasons(vec![ReasonChange::Remove(n("no-signal"))]);
    let on = with_reasons(vec![reason("no-signal", ExceptionKind::Short, FollowUp::None)]);
    let world = world().done("adm", day(1), &off);
    assert!(reasons::find(&world.orgs["acme"], &n("no-signal")).is_none());
    let world = world.done("adm", day(2), &on);
    assert_eq!(world.orgs["acme"], self::world().orgs["acme"]);
}

#[test]
fn valid_reasons_are_listed_once() {
    let world = world().with(|w| {
        for org in ["acme", "globex"] {
            let added = AddedReason { kind: ExceptionKind::Short, follow_up: FollowUp::ReEnrol };
            let own = [(n("a-flood"), added.clone()), (n("no-signal"), added)];
            w.org_mut(org).exceptions.added_reasons = own.into();
        }
    });
    let orgs = world.orgs.iter().collect();
    assert_eq!(
        reasons::choices(&orgs, ExceptionKind::Short),
        [
            "phone-lost-or-stolen",
            "phone-misplaced",
            "no-signal",
            "notification-trouble",
            "other",
            "a-flood"
        ]
    );
    assert_eq!(
        reasons::choices(&orgs, ExceptionKind::Long),
        ["accessibility", "clinical-risk", "secure-location"]
    );
}
