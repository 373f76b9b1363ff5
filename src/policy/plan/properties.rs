//! Laws of policies, for random states and random policies.

use std::collections::{BTreeMap, BTreeSet};

use proptest::prelude::*;
use serde_json::{Value, json};

use super::class::{answer, instants};
use super::memory::World;
use super::test_support::{at, context, org, policy_of, user};
use super::*;
use crate::domain::decision::Requirement;
use crate::domain::ids::{Evidence, Provider, Service, Text};
use crate::domain::model::{
    Approval, Channel, Enforcement, Exception, ExceptionKind, Granter, OptOut, OptOutPolicy, Org,
    Role, SignIn, Switch, User,
};
use crate::domain::time::{Span, Time};
use crate::policy::export::{OrgExport, UsersExport};
use crate::policy::problem::{Located, Place, Problems};
use crate::policy::{MemberPolicy, Policy, PolicySource, applied_format, read};

const ORGS: [&str; 3] = ["acme", "globex", "initech"];
const LOGINS: [&str; 6] = ["alice", "bob", "carol", "dave", "1e3", "svc@x.example"];
const TIMES: [&str; 4] = [
    "2026-01-05T00:00:00Z",
    "2026-11-20T00:00:00Z",
    "2026-12-01T00:00:00Z",
    "2027-06-01T00:00:00Z",
];

/// Turns random bytes into choices; when they run out, always the first.
struct Chooser<'a>(std::slice::Iter<'a, u8>);

impl Chooser<'_> {
    fn below(&mut self, n: usize) -> usize {
        usize::from(self.0.next().copied().unwrap_or(0)) % n
    }

    fn of<T: Clone>(&mut self, choices: &[T]) -> T {
        choices[self.below(choices.len())].clone()
    }

    fn maybe<T>(&mut self, make: impl FnOnce(&mut Self) -> T) -> Option<T> {
        (self.below(3) == 1).then(|| make(self))
    }

    fn time(&mut self) -> Time {
        at(self.of(&TIMES))
    }
}

fn random_org(c: &mut Chooser<'_>) -> Org {
    let state = c.of(&[Switch::Off, Switch::On]);
    let from = (state == Switch::On).then(|| c.time());
    let mut made = Org {
        name: c.maybe(|c| Text::parse(c.of(&["Ac\"me: #1", "é – ü", "on"])).unwrap()),
        enforcement: Enforcement { state, from, ..Enforcement::OFF },
        grace_days: c.of(&[0, 14, 400]),
        grace_from: from,
        opt_out: c.of(&[OptOutPolicy::Allow, OptOutPolicy::Deny]),
        ..org()
    };
    made.mandated_roles.extend(c.maybe(|c| c.of(&[Role::Admin, Role::Helpdesk, Role::Member])));
    made.services.extend(c.maybe(|c| Service::parse(c.of(&["portal", "no", "1e3"])).unwrap()));
    made.exceptions.short_max = c.maybe(|c| Span::parse(c.of(&["12h", "24h"])).unwrap());
    made.exceptions.long_max = c.maybe(|c| Span::parse(c.of(&["90d", "180d"])).unwrap());
    made.exceptions.short_per_30_days = c.maybe(|c| c.of(&[0, 3]));
    made.exceptions.approval = c.of(&[Approval::None, Approval::TwoPerson]);
    made
}

fn random_opt_out(c: &mut Chooser<'_>) -> OptOut {
    OptOut {
        by: "root".to_owned(),
        at: at(TIMES[0]),
        message: c.maybe(|c| Text::parse(c.of(&["why: \"x\"", "null", "# no"])).unwrap()),
        until: c.maybe(Chooser::time),
    }
}

fn random_user(c: &mut Chooser<'_>, login: &str) -> User {
    let mut made = user("x", &[], c.below(2) == 0);
    made.id =
        UserId::parse(&format!("u{}", login.len() * 100 + login.as_bytes()[0] as usize)).unwrap();
    made.email = None;
    for org in ORGS {
        if c.below(2) == 0 {
            continue;
        }
        let role = c.of(&[Role::Member, Role::Helpdesk, Role::Admin]);
        let mut membership = user("x", &[(org, role)], false).memberships.remove(org).unwrap();
        membership.opt_out = c.maybe(random_opt_out).map(Box::new);
        made.memberships.insert(OrgId::parse(org).unwrap(), membership);
    }
    made.mfa = c.of(&[Switch::Off, Switch::On]);
    made.active = c.below(5) != 1;
    if c.below(5) == 1 {
        (made.sign_in, made.provider) = (SignIn::Sso, Provider::parse("entra").ok());
    }
    if let Some(exception) = c.maybe(random_exception) {
        made.exceptions.insert(1, exception);
    }
    made
}

fn random_exception(c: &mut Chooser<'_>) -> Exception {
    Exception {
        kind: ExceptionKind::Long,
        orgs: [OrgId::parse(c.of(&ORGS)).unwrap()].into(),
        services: None,
        reason: "accessibility".parse().unwrap(),
        follow_up: Default::default(),
        note: None,
        evidence: [Evidence::parse("https://x.example/1").unwrap()].into(),
        evidence_names: Default::default(),
        channel: Channel::Email,
        requested_by: Text::parse("x").unwrap(),
        recorded_by: Granter {
            operator: "root".to_owned(),
            person: None,
            os_users: BTreeSet::new(),
        },
        recorded_at: Time::MAX,
        unenrolled: false,
        two_persons: false,
        term: None,
        approved_by: Some("root".to_owned()),
        starts_at: at(TIMES[0]),
        ends_at: Some(c.time()),
        replaces: BTreeSet::new(),
        ended: None,
    }
}

fn random_world(bytes: &[u8]) -> World {
    let mut c = Chooser(bytes.iter());
    let mut world = World::default();
    for id in ORGS {
        world.orgs.insert(OrgId::parse(id).unwrap(), random_org(&mut c));
    }
    for login in LOGINS {
        world.users.insert(Login::parse(login).unwrap(), random_user(&mut c, login));
    }
    world
}

fn random_org_policy(c: &mut Chooser<'_>, id: &str) -> String {
    let mut text = format!("org: {id}\n");
    let settings: [(&str, &[&str]); 7] = [
        (
            "enforcement",
            &[
                "{state: on}",
                "{state: off, grace_days: 14}",
                "{state: on, from: 2026-01-05, grace_days: 14}",
                "{state: on, from: 2026-12-01, grace_days: 0}",
                "{state: on, from: 2027-06-01}",
                "{grace_days: 0}",
            ],
        ),
        ("opt_out", &["allow", "deny"]),
        ("mandated_roles", &["[]", "[admin]", "[helpdesk, member]"]),
        ("services", &["[]", "[portal]", "[\"no\", vpn]"]),
        (
            "exceptions",
            &[
                "{short: {max: null}, long: {approval: none}}",
                "{short: {max: 24h, per_30_days: 0}, long: {max: 90d, approval: two-person}}",
                "{short: {per_30_days: null}, long: {max: null}}",
            ],
        ),
        ("name", &["A", "\"B: c\""]),
        ("ownership", &["additive", "authoritative"]),
    ];
    for (key, values) in settings {
        if let Some(value) = c.maybe(|c| c.of(values)) {
            text += &format!("{key}: {value}\n");
        }
    }
    let members: String = LOGINS.into_iter().filter_map(|login| random_member(c, login)).collect();
    if !members.is_empty() {
        text += &format!("members:\n{members}");
    } else if text.contains("authoritative") {
        text += "members: {}\n";
    }
    text
}

fn random_member(c: &mut Chooser<'_>, login: &str) -> Option<String> {
    c.maybe(|c| {
        let role = c.maybe(|c| format!("role: {}", c.of(&["member", "helpdesk", "admin"])));
        let opt_out = c.maybe(|c| {
            let rules = [
                "none",
                "{}",
                "{message: because}",
                "{until: 2027-06-01}",
                "{message: m, until: null}",
                "{until: 2026-01-05}",
            ];
            format!("opt_out: {}", c.of(&rules))
        });
        let fields: Vec<String> = role.into_iter().chain(opt_out).collect();
        format!("  \"{login}\": {{{}}}\n", fields.join(", "))
    })
}

fn random_policy(bytes: &[u8]) -> Policy {
    let mut c = Chooser(bytes.iter());
    let mut texts: Vec<String> =
        ORGS.into_iter().filter_map(|id| c.maybe(|c| random_org_policy(c, id))).collect();
    let people: String = LOGINS
        .into_iter()
        .filter_map(|login| {
            c.maybe(|c| format!("  \"{login}\": {{mfa: {}}}\n", c.of(&["on", "off"])))
        })
        .collect();
    if !people.is_empty() {
        texts.push(format!("users:\n{people}"));
    }
    policy_of(&texts.iter().map(String::as_str).collect::<Vec<_>>())
}

fn planned(world: &World, policy: &Policy) -> Option<Plan> {
    let options = PlanOptions { create_users: None, create_orgs: false, keep_refused: false };
    plan(policy, &mut world.clone(), &context(), options).ok()
}

fn exported(world: &World) -> Policy {
    let now = context().now;
    let mut texts = Vec::new();
    for (id, org) in &world.orgs {
        let mut export = OrgExport::new(id, org, now);
        world.users.iter().for_each(|(login, user)| export.add(login, user));
        texts.push(export.text());
    }
    let mut people = UsersExport::default();
    world.users.iter().for_each(|(login, user)| people.add(login, user));
    texts.push(people.text());
    let source = |text: String| PolicySource { name: "x".into(), text };
    let sources: Vec<PolicySource> = texts.into_iter().map(source).collect();
    read::read(&sources, Problems::default()).unwrap_or_else(|problems| panic!("{problems}"))
}

/// Everything that a policy may change, as plain values.
fn decided(world: &World) -> BTreeMap<(String, &'static str), Value> {
    let mut all = BTreeMap::new();
    for (id, org) in &world.orgs {
        let mut put = |key, value: Value| all.insert((id.to_string(), key), value);
        let plain = serde_json::to_value(org).unwrap();
        put("name", plain["name"].clone());
        put("enforcement", json!([plain["enforcement"]["state"], plain["enforcement"]["from"]]));
        put("grace_days", plain["grace_days"].clone());
        put("opt_out", plain["opt_out"].clone());
        put("mandated_roles", plain["mandated_roles"].clone());
        put("services", plain["services"].clone());
        for key in ["short_max", "long_max", "short_per_30_days", "approval"] {
            put(key, plain["exceptions"][key].clone());
        }
    }
    for (login, user) in &world.users {
        all.insert((login.to_string(), "mfa"), user.mfa.as_str().into());
        for (id, membership) in &user.memberships {
            let key = |what: &str| format!("{login} {id} {what}");
            all.insert((key("role"), ""), membership.role.as_str().into());
            let opt_out = membership.opt_out.as_ref().map(|o| (o.message.clone(), o.until));
            all.insert((key("opt_out"), ""), serde_json::to_value(opt_out).unwrap());
        }
    }
    all
}

fn rows_of(plan: &Plan) -> Vec<ChangeRow> {
    PlanReport::new(&mut plan.clone(), &GuardVerdict::default()).changes
}

/// The same keys, as the rows of a plan name them.
fn named(plan: &Plan) -> BTreeSet<(String, &'static str)> {
    let mut keys = BTreeSet::new();
    for row in rows_of(plan) {
        let org = row.org.as_ref().map_or("", |org| org.as_str());
        let seat = |what: &str| (format!("{} {org} {what}", row.subject), "");
        match row.action {
            Action::OrgEdit | Action::OrgEnforce => {
                for key in row.after.as_object().unwrap().keys().filter(|key| *key != "from") {
                    let known = decided_key(key);
                    keys.insert((row.subject.clone(), known));
                }
            }
            Action::UserRole => drop(keys.insert(seat("role"))),
            Action::UserJoin => keys.extend([seat("role"), seat("opt_out")]),
            Action::UserLeave => keys.extend([seat("role"), seat("opt_out")]),
            Action::UserSetMfa => drop(keys.insert((row.subject.clone(), "mfa"))),
            _ => drop(keys.insert(seat("opt_out"))),
        }
    }
    keys
}

fn decided_key(key: &str) -> &'static str {
    let keys = [
        "name",
        "enforcement",
        "grace_days",
        "opt_out",
        "mandated_roles",
        "services",
        "short_max",
        "long_max",
        "short_per_30_days",
        "approval",
    ];
    keys.into_iter().find(|known| *known == key).unwrap_or_else(|| panic!("an unknown field {key}"))
}

/// The answers of everybody who was and stays a member, at the instants that count.
fn answers(before: &World, after: &World) -> Vec<(String, Requirement, Requirement)> {
    let mut all = Vec::new();
    for (login, was) in &before.users {
        let is = &after.users[login];
        for id in was.memberships.keys().filter(|id| is.memberships.contains_key(*id)) {
            let (old, new) = (&before.orgs[id], &after.orgs[id]);
            for at in instants(context().now, [old, new]) {
                let turn = (answer(was, id, old, at), answer(is, id, new, at));
                all.push((format!("{login} in {id} at {at}"), turn.0, turn.1));
            }
        }
    }
    all
}

fn bytes(length: usize) -> impl Strategy<Value = Vec<u8>> {
    proptest::collection::vec(any::<u8>(), 0..length)
}

proptest! {
    #![proptest_config(ProptestConfig { failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn export_then_plan_is_empty(world in bytes(200)) {
        let world = random_world(&world);
        let plan = planned(&world, &exported(&world)).expect("an export is never refused");
        let rows = rows_of(&plan);
        prop_assert!(rows.is_empty(), "{rows:?}");
        prop_assert_eq!(plan.unmanaged.members, 0);
    }

    #[test]
    fn what_is_applied_is_applied(world in bytes(200), policy in bytes(150)) {
        let (world, policy) = (random_world(&world), random_policy(&policy));
        let Some(plan) = planned(&world, &policy) else { return Ok(()) };
        let mut after = world.clone();
        after.commit(&plan);
        let again = planned(&after, &policy).expect("what was applied is not refused");
        let rows = rows_of(&again);
        prop_assert!(rows.is_empty() && again.objects.is_empty(), "{rows:?}");
    }

    #[test]
    fn a_plan_says_what_apply_does(world in bytes(200), policy in bytes(150)) {
        let (world, policy) = (random_world(&world), random_policy(&policy));
        let Some(plan) = planned(&world, &policy) else { return Ok(()) };
        let mut after = world.clone();
        after.commit(&plan);
        let (was, is) = (decided(&world), decided(&after));
        let keys: BTreeSet<_> = was.keys().chain(is.keys()).cloned().collect();
        let changed: BTreeSet<_> =
            keys.into_iter().filter(|key| was.get(key) != is.get(key)).collect();
        prop_assert_eq!(changed, named(&plan));
        for (login, before) in &world.users {
            let is = &after.users[login];
            let run_time = |user: &User| User {
                memberships: Default::default(),
                left: BTreeMap::new(),
                mfa: Switch::Off,
                mfa_set_by: None,
                ..user.clone()
            };
            prop_assert_eq!(run_time(before), run_time(is), "{}", login);
        }
    }

    #[test]
    fn a_class_never_hides_what_becomes_of_an_answer(world in bytes(200), policy in bytes(150)) {
        let (world, policy) = (random_world(&world), random_policy(&policy));
        let Some(plan) = planned(&world, &policy) else { return Ok(()) };
        let mut after = world.clone();
        after.commit(&plan);
        let has = |of: fn(&People) -> &Turned| {
            plan.changes.iter().any(|row| of(&row.people).count > 0)
        };
        for (whose, was, is) in answers(&world, &after) {
            if is == Requirement::Enrol && was != is && was != Requirement::Denied {
                prop_assert!(has(|people| &people.locked_out), "{whose}: {was:?} → {is:?}");
            }
            if let (Some(was), Some(is)) = (was.strictness(), is.strictness()) {
                prop_assert!(is >= was || has(|people| &people.weakened), "{whose}: weaker");
            }
        }
    }

    #[test]
    fn owned_fields_read_back(policy in bytes(150)) {
        let policy = random_policy(&policy);
        let place = Place { file: "x".into(), line: 1, column: 1 };
        for org in policy.orgs.values() {
            let fields = applied_format::settings(&org.value);
            let members = applied_format::members(&org.value.members);
            let again = applied_format::policy(&fields, &members, &place);
            prop_assert_eq!(applied_format::settings(&again), fields);
            for (login, one) in &org.value.members {
                prop_assert_eq!(&again.members[login].value, &MemberPolicy {
                    role: one.value.role.as_ref().map(|l| Located::new(l.value, place.clone())),
                    opt_out: one.value.opt_out.as_ref().map(|l| Located::new(l.value.clone(), place.clone())),
                });
            }
        }
        let users = applied_format::users(&policy.users);
        let again = applied_format::read_users(&users, &place);
        prop_assert_eq!(again.len(), policy.users.len());
        for (login, one) in again {
            let was = policy.users[&login].value.mfa.as_ref().map(|l| l.value);
            prop_assert_eq!(one.value.mfa.map(|l| l.value), was);
        }
    }
}
