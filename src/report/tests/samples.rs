//! Answers to print: ordinary ones, long ones and hostile ones.

use serde_json::{Value, json};

use super::now;
use crate::domain::coverage::Coverage;
use crate::domain::due::{DueEntry, DueWhat};
use crate::domain::ids::{Login, OrgId};
use crate::domain::model::{Exception, ExceptionKind, FollowUp, Operator, Org, User};
use crate::domain::outcome::{Outcome, TakesEffect};
use crate::domain::time::Time;
use crate::domain::usage::Usage;
use crate::error::Error;
use crate::report::answers::audit::{AuditDetail, AuditRow};
use crate::report::answers::change::{ChangeReport, RowReport};
use crate::report::answers::coverage::CoverageRow;
use crate::report::answers::decision::{ChainLink, DecisionReport};
use crate::report::answers::exception::ExceptionReport;
use crate::report::answers::exception_usage::{Group, UsageRow};
use crate::report::answers::expire::{ExpireReport, ExpiredRow};
use crate::report::answers::operator::OperatorRow;
use crate::report::answers::operator_review::{Doubt, OperatorReview};
use crate::report::answers::opt_out::OptOutRow;
use crate::report::answers::org::{OrgReport, OrgRow};
use crate::report::answers::reason::ReasonRow;
use crate::report::answers::user::{UserReport, UserRow};
use crate::report::answers::verify::{BadFile, BadRecord, VerifyReport};

fn from<T: serde::de::DeserializeOwned>(value: Value) -> T {
    serde_json::from_value(value).unwrap()
}

fn time(typed: &str) -> Time {
    Time::parse(typed, now()).unwrap()
}

fn login(text: &str) -> Login {
    text.parse().unwrap()
}

fn exception_value(ends_at: &str) -> Value {
    json!({
        "kind": "short", "orgs": ["st-marys", "northern-ambulance"], "reason": "phone-misplaced",
        "follow_up": "re-enrol-when-found", "channel": "phone", "requested_by": "Siân, ward 7",
        "note": "left on the night bus, the depot opens at nine and will call back when it has been through the lost property",
        "recorded_by": {"operator": "root"}, "recorded_at": "2026-11-21T12:00:00Z",
        "approved_by": "root", "starts_at": "2026-11-21T12:00:00Z", "ends_at": ends_at,
    })
}

fn user(name: &str, orgs: &[&str]) -> User {
    let memberships: serde_json::Map<String, Value> = orgs
        .iter()
        .map(|org| {
            ((*org).to_owned(), json!({"role": "member", "joined_at": "2025-01-01T00:00:00Z"}))
        })
        .collect();
    from(json!({
        "id": "u_7f3k2m9q", "name": name, "email": "alice@st-marys.example", "sign_in": "password",
        "active": true, "mfa": "off", "mfa_set_by": {"by": "root", "at": "2026-01-01T00:00:00Z"},
        "memberships": memberships,
        "enrolment": {
            "first_at": "2025-03-14T00:00:00Z",
            "current": {"method": "external:authenticator", "since": "2025-03-14T00:00:00Z"},
        },
        "exceptions": {"1": exception_value("2026-11-22T12:00:00Z")},
    }))
}

pub(super) fn users() -> Vec<UserRow> {
    [
        ("alice.jones", "Alice Jones", &["st-marys", "northern-ambulance"][..]),
        ("pratyush.bhattathiripad@st-marys.example", "Pratyush Bhattathiripad", &["st-marys"]),
        (
            "t.yamada",
            "山田太郎 (医療情報システム部 認証基盤グループ)",
            &["valley-gps", "st-marys", "mental-health-trust"],
        ),
        ("oluwa.a", "Olúwaṣẹ́gun Àgbàlùmọ̀-Rhys", &[]),
    ]
    .into_iter()
    .map(|(name, words, orgs)| UserRow::new(login(name), user(words, orgs)))
    .collect()
}

pub(super) fn user_report() -> UserReport {
    let mut user = user("Alice Jones", &["st-marys", "northern-ambulance"]);
    let st_marys: OrgId = "st-marys".parse().unwrap();
    user.memberships.get_mut(&st_marys).unwrap().opt_out = Some(from(json!({
        "by": "root", "at": "2026-11-01T00:00:00Z", "message": "no phones on the ward",
    })));
    let mut report = UserReport::new(&login("alice.jones"), &user, 12, now());
    report.locked_on_by = vec!["northern-ambulance".parse().unwrap()];
    for membership in &mut report.memberships {
        membership.requirement = Some("exempt".to_owned());
        membership.rule = Some("exception".to_owned());
        membership.until = Some(time("+24h"));
    }
    report
}

pub(super) fn exceptions() -> Vec<ExceptionReport> {
    let exception: Exception = from(exception_value("2026-11-22T12:00:00Z"));
    let over: Exception = from(exception_value("2026-11-21T12:00:01Z"));
    vec![
        ExceptionReport::new(&login("alice.jones"), 1, &exception, now()),
        ExceptionReport::new(&login("oluwa.a"), 12, &over, time("+3d")),
    ]
}

fn org(enforcement: Value) -> Org {
    from(json!({
        "name": "St Mary's Hospital", "enforcement": enforcement, "grace_days": 14, "opt_out": "deny",
        "mandated_roles": ["admin", "helpdesk"], "services": ["portal"],
        "exceptions": {"short_max": "12h", "added_reasons": {"theatre": {"kind": "long", "follow_up": "review"}}},
    }))
}

pub(super) fn orgs() -> Vec<OrgRow> {
    let on = json!({"state": "on", "from": "2027-02-01T00:00:00Z", "by": "root"});
    vec![
        OrgRow::new(&"st-marys".parse().unwrap(), &org(on)),
        OrgRow::new(&"northern-ambulance".parse().unwrap(), &org(json!({"state": "off"}))),
    ]
}

pub(super) fn org_report() -> OrgReport {
    let on = json!({
        "state": "on", "from": "2027-02-01T00:00:00Z", "by": "root", "at": "2026-11-21T12:00:00Z",
        "message": "agreed by the board",
    });
    OrgReport::new(&"st-marys".parse().unwrap(), &org(on), 12)
}

pub(super) fn operators() -> Vec<OperatorRow> {
    let alice: Operator = from(json!({
        "os_users": ["ajones", "alice"], "roles": ["admin:northern-ambulance", "helpdesk:st-marys"],
        "person": "u_7f3k2m9q",
    }));
    let nightly: Operator = from(json!({"os_users": ["cron"], "roles": [], "service": true}));
    vec![
        OperatorRow::new(&"alice".parse().unwrap(), &alice, Some("alice.jones".to_owned())),
        OperatorRow::new(&"nightly".parse().unwrap(), &nightly, None),
    ]
}

pub(super) fn coverage() -> Vec<CoverageRow> {
    let on = org(json!({"state": "on", "from": "2027-02-01T00:00:00Z", "by": "root"}));
    let id: OrgId = "northern-ambulance-trust".parse().unwrap();
    let counted = Coverage {
        members: 1_500_000,
        denied: 45_000,
        delegated: 150_000,
        exempt_by_exception: 20_000,
        exempt_by_opt_out: 75_000,
        required: 500_000,
        enrol: 310_000,
        grace: 200_000,
        not_required: 200_000,
        enrolled: 530_001,
    };
    vec![
        CoverageRow::new(Some((&id, &on)), &Coverage::default(), Some(0), now(), 12),
        CoverageRow::new(None, &counted, None, now(), 12),
    ]
}

pub(super) fn usage() -> Vec<UsageRow> {
    let usage = Usage { exceptions: 20_000, live: 19_000, expired: 1_000, ..Usage::default() };
    let group = Group {
        org: Some("northern-ambulance".parse().unwrap()),
        kind: Some(ExceptionKind::Short),
        reason: Some("phone-lost-or-stolen".parse().unwrap()),
        approved_by: None,
    };
    let all = UsageRow::new(Group::default(), &usage, now(), 12);
    vec![UsageRow::new(group, &usage, now(), 12), all]
}

pub(super) fn opt_outs() -> Vec<OptOutRow> {
    let alice = user("Alice Jones", &["st-marys"]);
    let opt_out = |message: Option<&str>| {
        from(json!({"by": "root", "at": "2026-11-21T12:00:00Z", "message": message}))
    };
    let row = |login_of: &str, message: Option<&str>, rests: Option<&str>| {
        let (org, role) = (&"st-marys".parse().unwrap(), Default::default());
        let rests = rests.map(str::to_owned);
        OptOutRow::new(org, &login(login_of), alice.name.as_ref(), role, &opt_out(message), rests)
    };
    let rests = "st-marys denies opt-outs and enforces MFA";
    vec![row("alice.jones", Some("no phones on the ward"), None), row("bob", None, Some(rests))]
}

pub(super) fn reviews() -> Vec<OperatorReview> {
    let doubts = [
        vec![
            Doubt::NoPerson,
            Doubt::PersonGone,
            Doubt::PersonInactive,
            Doubt::PersonNotEnrolled,
            Doubt::SharedOsUser,
            Doubt::NoRole,
        ],
        vec![],
    ];
    let review = |(operator, warnings): (OperatorRow, Vec<Doubt>)| OperatorReview {
        last_rev: (!warnings.is_empty()).then_some(4_812),
        last_at: (!warnings.is_empty()).then(now),
        last_action: (!warnings.is_empty()).then(|| "user.reset".to_owned()),
        operator,
        warnings,
    };
    operators().into_iter().zip(doubts).map(review).collect()
}

pub(super) fn records() -> Vec<AuditRow> {
    let record = |rev, subject: Option<&str>| AuditRow {
        rev,
        at: time("-3d"),
        operator: "root".to_owned(),
        os_user: "root".to_owned(),
        identity_from: "sudo".to_owned(),
        action: "user.set-mfa".to_owned(),
        subject: subject.map(str::to_owned),
        orgs: vec!["st-marys".to_owned()],
        before: json!({"mfa": "off"}),
        after: json!({"mfa": "on"}),
        message: Some(
            "asked for by \u{1b}[31mthe ward\u{202e} at the round of last Monday".to_owned(),
        ),
        ticket: Some("INC-20417".to_owned()),
        prev: "0".repeat(64),
        hash: "f".repeat(64),
        details: None,
        pruned: false,
    };
    let detail = AuditDetail {
        subject: "alice.jones".to_owned(),
        before: json!({"mfa": "off"}),
        after: json!({"mfa": "on"}),
    };
    let many = AuditRow { details: Some(vec![detail]), ..record(9_998, None) };
    vec![record(12, Some("alice.jones")), many]
}

pub(super) fn reasons() -> Vec<ReasonRow> {
    let row = |code: &str, follow_up, note| {
        ReasonRow::new(code.parse().unwrap(), ExceptionKind::Short, follow_up, note, None)
    };
    vec![
        row("phone-lost-or-stolen", FollowUp::ReEnrolWhenReplaced, false),
        row("notification-trouble", FollowUp::ContactAgain, false),
        row("other", FollowUp::None, true),
    ]
}

fn outcome(changed: bool) -> Outcome {
    let before = user("Alice Jones", &[]);
    let after = User { mfa: crate::domain::model::Switch::On, ..before.clone() };
    let object = crate::domain::outcome::Object::User {
        login: login("alice.jones"),
        before: Some(before.into()),
        after: Some(after.into()),
    };
    Outcome {
        action: "user.set-mfa",
        subject: "alice.jones".to_owned(),
        orgs: Vec::new(),
        objects: if changed { vec![object] } else { Vec::new() },
        exception: None,
        summary: "MFA is on for alice.jones".to_owned(),
        takes_effect: TakesEffect::NextSignIn,
        follow_up: Some("tell the user: the next sign-in asks for a second factor".to_owned()),
        warnings: Vec::new(),
    }
}

pub(super) fn changes() -> Vec<ChangeReport> {
    vec![
        ChangeReport::new(&outcome(true), Some(12), false, now()),
        ChangeReport::new(&outcome(false), Some(12), false, now()),
        ChangeReport::new(&outcome(true), None, true, now()),
    ]
}

pub(super) fn row_results() -> Vec<RowReport> {
    let error = Error::not_found("alise", "no user alise");
    let mut rows: Vec<RowReport> = changes().into_iter().map(RowReport::done).collect();
    rows.push(RowReport::failed("user.set-mfa", "alise", &error));
    rows
}

pub(super) fn decision() -> DecisionReport {
    let link = |rule: &str, answer: Option<&str>, why: &str| ChainLink {
        rule: rule.to_owned(),
        answer: answer.map(str::to_owned),
        why: why.to_owned(),
    };
    DecisionReport {
        login: "alice.jones".to_owned(),
        id: "u_7f3k2m9q".to_owned(),
        org: "st-marys".to_owned(),
        service: None,
        at: now(),
        requirement: "exempt".to_owned(),
        rule: "exception".to_owned(),
        until: Some(time("+24h")),
        changes_at: Some(time("+24h")),
        enrolment: "enrolled".to_owned(),
        chain: vec![
            link("inactive", None, "the account is active"),
            link(
                "exception",
                Some("exempt"),
                "alice.jones#1 covers st-marys and every service until 2026-11-22T12:00:00Z",
            ),
            link(
                "enforcement",
                Some("required"),
                "st-marys enforces MFA since 2026-01-01T00:00:00Z",
            ),
        ],
    }
}

pub(super) fn verified() -> VerifyReport {
    let bad = BadFile {
        file: "users/all.yaml".to_owned(),
        what: "its hash is another than the record of revision 12 says".to_owned(),
    };
    VerifyReport {
        ok: false,
        records: 12,
        head: Some("f".repeat(64)),
        first_bad: Some(BadRecord {
            rev: 7,
            what: "the record does not hash to its hash".to_owned(),
        }),
        pruned: 3,
        pruned_before: Some(time("-365d")),
        files_checked: 9,
        files_bad: vec![bad],
    }
}

pub(super) fn expired() -> ExpireReport {
    let exception: Exception = from(exception_value("2026-11-21T11:00:00Z"));
    let entry =
        |what| DueEntry { login: login("alice.jones"), name: None, member_of: Vec::new(), what };
    let opt_out = from(json!({
        "by": "root", "at": "2026-11-01T00:00:00Z", "until": "2026-11-21T10:00:00Z",
    }));
    let entries = [
        entry(DueWhat::Exception { number: 3, exception: Box::new(exception) }),
        entry(DueWhat::OptOut { org: "st-marys".parse().unwrap(), opt_out }),
    ];
    ExpireReport {
        rev: Some(13),
        expired: entries.iter().map(ExpiredRow::from).collect(),
        hidden: 0,
        dry_run: false,
    }
}
