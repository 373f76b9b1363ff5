//! What assertions find, and what they leave unsaid.

use super::*;
use crate::policy::files::PolicySource;
use crate::policy::plan::test_support::policy_of;
use crate::policy::problem::Problems;
use crate::policy::read::read_assertions;

const POLICY: &str = "org: acme\n\
enforcement: {state: on, from: 2026-12-01, grace_days: 14}\n\
opt_out: allow\n\
mandated_roles: [admin]\n\
members:\n\
\x20 alice: {role: admin}\n\
\x20 svc-backup: {opt_out: {message: m, until: 2027-06-01}}\n\
\x20 bob: {}\n";

fn tried(tests: &str) -> TestReport {
    let source = PolicySource { name: "t.yaml".into(), text: tests.to_owned() };
    let assertions =
        read_assertions(&[source], Problems::default()).unwrap_or_else(|p| panic!("{p}"));
    run(&policy_of(&[POLICY, "users: {bob: {mfa: on}}\n"]), &assertions).unwrap()
}

#[test]
fn the_examples_of_the_format_hold() {
    let report = tried(
        "- {name: contractor after the end, given: {user: carl, org: acme, enrolled: true, exception_until: 2027-01-31T00:00:00Z}, at: 2027-01-31T00:00:00Z, expect: required, rule: enforcement}\n\
         - {name: contractor before the end, given: {user: carl, org: acme, exception_until: 2027-01-31}, at: 2027-01-30, expect: exempt, rule: exception}\n\
         - {name: only these are exempt, org: acme, at: 2027-01-01T00:00:00Z, expect_exempt: [svc-backup]}\n\
         - {name: later nobody is, org: acme, at: 2027-06-02, expect_exempt: []}\n\
         - {name: grace, given: {user: carl, org: acme}, at: 2026-12-02, expect: grace}\n\
         - {name: no second grace, given: {user: carl, org: acme, enrolled_before: true}, at: 2026-12-02, expect: enrol}\n\
         - {name: late joiner, given: {user: carl, org: acme, joined: 2027-03-01}, at: 2027-03-02, expect: grace}\n\
         - {name: sso, given: {user: alice, org: acme, sign_in: sso}, at: 2027-01-01, expect: delegated}\n\
         - {name: gone, given: {user: alice, org: acme, active: false}, at: 2027-01-01, expect: denied}\n\
         - {name: bob before, given: {user: bob, org: acme}, at: 2026-11-01, expect: enrol, rule: switch}\n",
    );
    assert_eq!((report.passed, report.failed), (10, 0), "{report:#?}");
    assert_eq!(report.unreached, []);
}

#[test]
fn a_failure_tells_the_chain_of_rules() {
    let report = tried(
        "- {name: admin may skip, given: {user: alice, org: acme}, at: 2026-11-01, expect: not-required}\n\
         - {name: nobody, org: acme, at: 2026-11-01, expect_exempt: [bob]}\n",
    );
    assert_eq!(report.failed, 2);
    let first = &report.tests[0];
    assert_eq!((first.found.as_str(), first.line), ("enrol", 1));
    let mandated = first.chain.iter().find(|row| row.rule == "mandated-role").unwrap();
    assert_eq!(mandated.answer.as_deref(), Some("enrol"));
    assert!(mandated.why.contains("acme mandates MFA"), "{mandated:?}");
    assert_eq!(report.tests[1].found, "exempt: svc-backup");
    assert!(!report.tests[1].chain.is_empty());
}

#[test]
fn lines_that_no_assertion_reaches_are_named() {
    let report = tried(
        "- {name: a, given: {user: alice, org: acme, enrolled: true}, at: 2027-01-01, expect: required}\n",
    );
    let lines: Vec<(u32, &str)> =
        report.unreached.iter().map(|u| (u.line, u.field.as_str())).collect();
    let expected =
        [(4, "opt_out"), (8, "members/svc-backup"), (9, "members/bob"), (2, "users/bob/mfa")];
    assert_eq!(lines, expected);
}

#[test]
fn mistakes_in_tests_are_told_like_those_in_policies() {
    let source = PolicySource {
        name: "t.yaml".into(),
        text: "- {name: a, given: {usr: alice, org: acme}, at: tomorrow, expect: maybe}\n\
               - {name: b, at: 2027-01-01}\n\
               - {name: c, given: {user: x, org: acme, enrolled: yes}, expect: required, at: 2027-01-01, org: acme}\n\
               - {name: d, org: acme, at: 2027-01-01, expect_exempt: [], rule: sso}\n"
            .to_owned(),
    };
    let problems = read_assertions(&[source], Problems::default()).unwrap_err();
    insta_like(
        &problems.to_string(),
        &[
            "t.yaml:1:20: given without user",
            "t.yaml:1:21: unknown key \"usr\" in given (did you mean user?)",
            "t.yaml:1:49: at is the text \"tomorrow\"",
            "t.yaml:1:67: expect is the text \"maybe\"",
            "t.yaml:2:3: an assertion asserts one thing",
            "t.yaml:3:3: org has no place in this assertion",
            "t.yaml:3:51: enrolled is the text \"yes\": expected true or false",
            "t.yaml:4:3: rule has no place in this assertion",
        ],
    );
    let source = PolicySource {
        name: "t".into(),
        text: "- {name: a, org: other, at: 2027-01-01, expect_exempt: []}".to_owned(),
    };
    let assertions = read_assertions(&[source], Problems::default()).unwrap();
    let problems = run(&policy_of(&[POLICY]), &assertions).unwrap_err();
    assert!(problems.to_string().starts_with("t:1:18: the policy says nothing of the org other"));
}

fn insta_like(found: &str, expected: &[&str]) {
    let lines: Vec<&str> = found.lines().collect();
    assert_eq!(lines.len(), expected.len(), "{found}");
    for (line, start) in lines.iter().zip(expected) {
        assert!(line.starts_with(start), "{line}\n{start}");
    }
}
