use proptest::prelude::*;
use proptest::sample::{select, subsequence};

use super::*;
use crate::cli::shared_args::ReadArgs;

const AT: &str = "2026-02-10T00:00:00Z";

/// One that enforces with grace and always wants it of admins, one that asks for nothing.
fn orgs() -> BTreeMap<OrgId, Org> {
    let strict = r#"{"name":"A","enforcement":{"state":"on","from":"2026-01-05T00:00:00Z"},
        "grace_days":14,"opt_out":"allow","mandated_roles":["admin"]}"#;
    let lenient = r#"{"name":"B","enforcement":{"state":"off"},"grace_days":0,"opt_out":"allow"}"#;
    [("acme", strict), ("globex", lenient)]
        .map(|(id, org)| (id.parse().unwrap(), serde_json::from_str(org).unwrap()))
        .into()
}

fn a_membership() -> impl Strategy<Value = String> {
    let first = select(vec!["", r#","first_joined_at":"2026-01-01T00:00:00Z""#]);
    (select(vec!["member", "admin"]), 10..32, first).prop_map(|(role, day, first)| {
        format!(r#"{{"role":"{role}","joined_at":"2026-01-{day}T00:00:00Z"{first}}}"#)
    })
}

fn a_line() -> impl Strategy<Value = String> {
    let enrolments = [
        "",
        r#","enrolment":{"first_at":"2026-01-01T00:00:00Z"}"#,
        r#","enrolment":{"first_at":"2026-01-01T00:00:00Z","current":{"method":"external:app","since":"2026-01-01T00:00:00Z"}}"#,
    ];
    let memberships = (subsequence(vec!["acme", "globex"], 0..=2), a_membership(), a_membership());
    (
        any::<bool>(),
        select(vec!["password", "password", "sso"]),
        select(vec!["on", "off"]),
        select(enrolments.to_vec()),
        memberships,
    )
        .prop_map(|(active, sign_in, mfa, enrolment, (orgs, one, other))| {
            let each = orgs.iter().zip([one, other]);
            let each: Vec<String> = each.map(|(org, own)| format!("\"{org}\":{own}")).collect();
            let each = each.join(",");
            format!(
                r#"{{"id":"u-1","name":"Al","sign_in":"{sign_in}","active":{active},"mfa":"{mfa}","memberships":{{{each}}}{enrolment}}}"#
            )
        })
}

proptest! {
    #[test]
    fn a_stand_in_is_decided_on_as_the_user_is(lines in prop::collection::vec(a_line(), 1..8)) {
        let (orgs, at) = (orgs(), Time::parse_rfc3339(AT).unwrap());
        let args = ReportCoverageArgs { org: None, service: None, read: ReadArgs { at: None } };
        let asked = CoverageQuery::new(&orgs, &args, &Actor::Root, at);
        let mut by_stand_in = CoverageCounts::of(&orgs);
        let mut by_user = CoverageCounts::of(&orgs);
        for line in &lines {
            by_stand_in.decided.clear();
            let known = UserLine::read(line).unwrap();
            prop_assert!(asked.decide_known(&mut by_stand_in, &known).is_some(), "{}", line);
            by_user.decided.clear();
            let user: User = serde_json::from_str(line).unwrap();
            asked.decide_user(&mut by_user, &"alice".parse().unwrap(), &user).unwrap();
            prop_assert_eq!(&by_stand_in.decided, &by_user.decided, "{}", line);
        }
    }
}

#[test]
fn what_a_stand_in_cannot_tell_is_for_the_user() {
    let (orgs, at) = (orgs(), Time::parse_rfc3339(AT).unwrap());
    let args = ReportCoverageArgs { org: None, service: None, read: ReadArgs { at: None } };
    let asked = CoverageQuery::new(&orgs, &args, &Actor::Root, at);
    let member = r#"{"role":"member","joined_at":"2026-01-10T00:00:00Z"}"#;
    let line = |memberships: &str| {
        format!(
            r#"{{"id":"u","sign_in":"password","active":true,"mfa":"on","memberships":{{{memberships}}}}}"#
        )
    };
    for memberships in [
        format!("\"initech\":{member}"),
        format!("\"acme\":{member},\"acme\":{member}"),
        format!("\"acme\":{}", member.replace("01-10", "13-10")),
    ] {
        let line = line(&memberships);
        let known = UserLine::read(&line).unwrap();
        let decided = asked.decide_known(&mut CoverageCounts::of(&orgs), &known);
        assert!(decided.is_none(), "{memberships}");
    }
}
