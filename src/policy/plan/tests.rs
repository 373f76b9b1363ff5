//! Tables of cases for plans, classes and guards.

use std::convert::Infallible;

use super::memory::World;
use super::test_support::{at, context, org, policy_of, user};
use super::*;
use crate::domain::change::Context;
use crate::domain::ids::{Provider, Text};
use crate::domain::model::{
    Enforcement, Enrolment, Operator, OperatorRole, OptOut, OptOutPolicy, Org, Role, SignIn, Switch,
};
use crate::domain::refusal::RefusalCode;
use crate::domain::rights::Actor;
use crate::policy::Policy;
use crate::policy::files::PolicySource;
use crate::policy::problem::Problems;
use crate::policy::render;

fn enforcing() -> Org {
    let from = Some(at("2026-01-01T00:00:00Z"));
    let enforcement = Enforcement { state: Switch::On, from, ..Enforcement::OFF };
    Org { enforcement, grace_from: from, ..org() }
}

/// Acme with alice (admin, enrolled), bob (enrolled), carol and svc (neither enrolled).
fn world(acme: Org) -> World {
    let mut world = World::default();
    world.orgs.insert(OrgId::parse("acme").unwrap(), acme);
    world.orgs.insert(OrgId::parse("globex").unwrap(), org());
    for (login, role, enrolled) in [
        ("alice", Role::Admin, true),
        ("bob", Role::Member, true),
        ("carol", Role::Member, false),
        ("svc", Role::Member, false),
    ] {
        world.users.insert(Login::parse(login).unwrap(), user(login, &[("acme", role)], enrolled));
    }
    world
        .users
        .insert(Login::parse("zoe").unwrap(), user("zoe", &[("globex", Role::Member)], true));
    world
}

fn options() -> PlanOptions<'static> {
    PlanOptions { create_users: None, create_orgs: false, keep_refused: false }
}

fn planned(world: &World, policy: &Policy) -> Result<Plan, PlanError<Infallible>> {
    plan(policy, &mut world.clone(), &context(), options())
}

/// The plan as lines `class action subject`, in the order of a reader.
fn lines(world: &World, texts: &[&str]) -> Vec<String> {
    match planned(world, &policy_of(texts)) {
        Ok(plan) => {
            let line =
                |row: &ChangeRow| format!("{} {} {}", row.class.as_str(), row.action, row.subject);
            let mut steps = plan.changes;
            steps.sort_by(ChangeRow::in_order);
            steps.iter().map(line).collect()
        }
        Err(PlanError::Refused(refusals)) => refusals
            .iter()
            .map(|r| format!("{} {}:{}", r.refusal.code.as_str(), r.source.file, r.source.line))
            .collect(),
        Err(PlanError::Facts(never)) => match never {},
    }
}

#[test]
fn what_is_absent_or_equal_plans_nothing() {
    let none: Vec<String> = Vec::new();
    assert_eq!(lines(&world(enforcing()), &["org: acme\n"]), none);
    let same = "org: acme\nenforcement: {state: on, from: 2020-01-01, grace_days: 0}\n\
        opt_out: allow\nmandated_roles: []\nservices: []\n\
        exceptions: {short: {max: null, per_30_days: null}, long: {max: null, approval: none}}\n\
        members: {Alice: {role: admin, opt_out: none}, bob: {}}\n";
    assert_eq!(lines(&world(enforcing()), &[same, "users: {alice: {mfa: off}}\n"]), none);
}

#[test]
fn classes_go_by_the_answers() {
    let off = world(org());
    let on = world(enforcing());
    let cases: [(&World, &str, &[&str]); 19] = [
        (&off, "enforcement: {state: on}", &["lock-out org.enforce acme"]),
        (&off, "enforcement: {state: on, grace_days: 14}", &["lock-out org.enforce acme"]),
        (&off, "enforcement: {state: on, from: 2026-12-01}", &["lock-out org.enforce acme"]),
        (
            &off,
            "enforcement: {state: on, from: 2026-12-01, grace_days: 14}",
            &["lock-out org.enforce acme"],
        ),
        (&on, "enforcement: {state: off}", &["weaken org.enforce acme"]),
        (&on, "enforcement: {state: on, from: 2027-01-01}", &["invalid p0.yaml:3"]),
        (&on, "enforcement: {grace_days: 7}", &["weaken org.edit acme"]),
        (&off, "enforcement: {grace_days: 7}", &["weaken org.edit acme"]),
        (&off, "mandated_roles: [admin]", &["strengthen org.edit acme"]),
        (&off, "mandated_roles: [member]", &["lock-out org.edit acme"]),
        (&off, "mandated_roles: [helpdesk]", &["strengthen org.edit acme"]),
        (&off, "name: Acme Ltd", &["neutral org.edit acme"]),
        (&off, "services: [portal]", &["neutral org.edit acme"]),
        (&off, "exceptions: {short: {max: 12h}}", &["strengthen org.edit acme"]),
        (&off, "exceptions: {long: {approval: two-person}}", &["strengthen org.edit acme"]),
        (&on, "members: {carol: {opt_out: {message: m}}}", &["weaken user.opt-out carol"]),
        (&off, "members: {carol: {opt_out: {}}}", &["weaken user.opt-out carol"]),
        (&on, "members: {zoe: {role: helpdesk}}", &["neutral user.join zoe"]),
        (
            &off,
            "mandated_roles: [helpdesk]\nmembers: {carol: {role: helpdesk}}",
            &["lock-out org.edit acme", "neutral user.role carol"],
        ),
    ];
    for (world, settings, expected) in cases {
        assert_eq!(lines(world, &[&format!("org: acme\n{settings}\n")]), expected, "{settings}");
    }
}

#[test]
fn an_opt_out_of_the_same_plan_is_no_lock_out() {
    let mut world = world(org());
    world.users.remove("carol");
    let policy = "org: acme\nenforcement: {state: on}\nmembers: {svc: {opt_out: {message: m}}}\n";
    let expected = ["weaken user.opt-out svc", "strengthen org.enforce acme"];
    assert_eq!(lines(&world, &[policy]), expected);
}

#[test]
fn the_switch_of_people_is_theirs() {
    let world = world(org());
    let people = "users: {bob: {mfa: on}, carol: {mfa: on}, zoe: {mfa: off}}\n";
    let expected = ["lock-out user.set-mfa carol", "strengthen user.set-mfa bob"];
    assert_eq!(lines(&world, &[people]), expected);
    let mut on = world.clone();
    on.users.get_mut("bob").unwrap().mfa = Switch::On;
    assert_eq!(lines(&on, &["users: {bob: {mfa: off}}\n"]), ["weaken user.set-mfa bob"]);
    on.orgs.insert(OrgId::parse("acme").unwrap(), enforcing());
    let locked = ["locked-by-enforcement p0.yaml:2"];
    assert_eq!(lines(&on, &["users: {bob: {mfa: off}}\n"]), locked);
    let unlocked = ["weaken org.enforce acme", "weaken user.set-mfa bob"];
    let policy = ["users: {bob: {mfa: off}}\n", "org: acme\nenforcement: {state: off}\n"];
    assert_eq!(lines(&on, &policy), unlocked);
}

#[test]
fn refusals_come_all_at_once_with_their_lines() {
    let mut world = world(Org { opt_out: OptOutPolicy::Deny, ..enforcing() });
    let bob = world.users.get_mut("bob").unwrap();
    (bob.sign_in, bob.provider) = (SignIn::Sso, Provider::parse("entra").ok());
    let policy =
        "org: acme\nmembers:\n  carol: {opt_out: {}}\n  nobody: {}\n  bob:\n    opt_out: {}\n";
    let expected = ["opt-out-denied p0.yaml:4", "not-found p0.yaml:5", "sso-account p0.yaml:7"];
    assert_eq!(lines(&world, &[policy]), expected);
    let missing = "org: initech\nmembers: {bob: {}, zoe: {role: admin}}\n";
    assert_eq!(lines(&world, &[missing]), ["not-found p0.yaml:2"]);
}

#[test]
fn no_order_slips_an_opt_out_past_the_rules() {
    let policy = "org: acme\nenforcement: {state: on, grace_days: 9}\nopt_out: deny\n\
        members: {carol: {opt_out: {}}}\n";
    assert_eq!(lines(&world(org()), &[policy]), ["opt-out-denied p0.yaml:5"]);
    let mandated = "org: acme\nmandated_roles: [admin]\nmembers: {alice: {opt_out: {}}}\n";
    assert_eq!(lines(&world(org()), &[mandated]), ["opt-out-denied p0.yaml:4"]);
    let denying = Org { opt_out: OptOutPolicy::Deny, ..enforcing() };
    let allowed = "org: acme\nopt_out: allow\nmembers: {carol: {opt_out: {}}}\n";
    let expected = ["weaken org.edit acme", "weaken user.opt-out carol"];
    assert_eq!(lines(&world(denying), &[allowed]), expected);
}

#[test]
fn the_last_administrator_is_judged_after_the_plan() {
    let mut world = world(org());
    world.users.get_mut("alice").unwrap().enrolment = Enrolment::default();
    let enforce = "org: acme\nenforcement: {state: on}\n";
    assert_eq!(lines(&world, &[enforce]), ["last-administrator p0.yaml:3"]);
    let with_bob = format!("{enforce}members: {{bob: {{role: admin}}}}\n");
    let expected = ["lock-out org.enforce acme", "neutral user.role bob"];
    assert_eq!(lines(&world, &[&with_bob]), expected);
}

#[test]
fn who_is_not_listed_goes_only_where_the_policy_says_so() {
    let world = world(org());
    let additive = "org: acme\nmembers: {alice: {}, bob: {}}\n";
    assert!(lines(&world, &[additive]).is_empty());
    let plan = planned(&world, &policy_of(&[additive])).unwrap();
    assert_eq!(plan.unmanaged, Unmanaged { members: 2, fields: 10 });
    let authoritative = format!("{additive}ownership: authoritative\n");
    let expected = ["removal user.leave carol", "removal user.leave svc"];
    assert_eq!(lines(&world, &[&authoritative]), expected);
}

#[test]
fn missing_users_and_orgs_are_added_where_that_is_asked_for() {
    let policy = policy_of(&[
        "org: initech\nenforcement: {state: on, grace_days: 9}\nmembers: {new: {role: admin}, zoe: {}}\n",
        "org: acme\nmembers: {new: {opt_out: {}}}\n",
        "users: {other: {mfa: on}}\n",
    ]);
    let mut new_id = |login: &Login| UserId::parse(&format!("id-{login}")).unwrap();
    let options =
        PlanOptions { create_users: Some(&mut new_id), create_orgs: true, keep_refused: false };
    let mut world = world(org());
    let plan = match plan(&policy, &mut world.clone(), &context(), options) {
        Ok(plan) => plan,
        Err(error) => panic!("{error:?}"),
    };
    let acts: Vec<String> =
        plan.changes.iter().map(|step| format!("{} {}", step.action, step.subject)).collect();
    let expected = [
        "org.add initech",
        "user.add new",
        "user.opt-out new",
        "user.join new",
        "user.add other",
        "user.set-mfa other",
        "user.join zoe",
        "org.enforce initech",
    ];
    assert_eq!(acts, expected);
    world.commit(&plan);
    assert!(planned(&world, &policy).unwrap().is_empty());
    assert_eq!(world.users["new"].memberships.len(), 2);
}

#[test]
fn rights_are_asked_for_policies_and_then_for_each_change() {
    let operator = |roles: &[OperatorRole], service| Actor::Operator {
        name: "ci".parse().unwrap(),
        operator: Operator {
            os_users: Default::default(),
            roles: roles.iter().cloned().collect(),
            person: None,
            service,
        },
    };
    let acme = OrgId::parse("acme").unwrap();
    let codes = |actor: Actor, texts: &[&str]| -> Vec<RefusalCode> {
        let context = Context { actor, ..context() };
        let mut new_id = |login: &Login| UserId::parse(login.as_str()).unwrap();
        let options =
            PlanOptions { create_users: Some(&mut new_id), create_orgs: true, keep_refused: false };
        match plan(&policy_of(texts), &mut world(org()), &context, options) {
            Ok(_) => Vec::new(),
            Err(PlanError::Refused(refusals)) => refusals.iter().map(|r| r.refusal.code).collect(),
            Err(PlanError::Facts(never)) => match never {},
        }
    };
    let admin = [OperatorRole::Admin(acme.clone())];
    let change = "org: acme\nopt_out: deny\nmembers: {bob: {role: admin}, new: {}}\n";
    assert_eq!(codes(operator(&admin, true), &[change]), []);
    let helpdesk = [OperatorRole::Helpdesk(acme)];
    assert_eq!(codes(operator(&helpdesk, true), &["org: acme\n"])[0], RefusalCode::NotPermitted);
    let people = "users: {bob: {mfa: on}}\n";
    assert_eq!(codes(operator(&admin, false), &[people]), [RefusalCode::NotPermitted]);
    assert_eq!(codes(operator(&[OperatorRole::SiteAdmin], true), &[people]), []);
    assert_eq!(codes(operator(&admin, false), &["org: globex\n"])[0], RefusalCode::NotPermitted);
}

#[test]
fn opt_outs_are_set_changed_and_ended() {
    let mut world = world(enforcing());
    let opt_out = OptOut {
        by: "root".to_owned(),
        at: at("2026-06-01T00:00:00Z"),
        message: Text::parse("old").ok(),
        until: Some(at("2027-01-01T00:00:00Z")),
    };
    let carol = world.users.get_mut("carol").unwrap();
    carol.memberships.get_mut("acme").unwrap().opt_out = Some(opt_out.into());
    let rule = |rule: &str| format!("org: acme\nmembers: {{carol: {{opt_out: {rule}}}}}\n");
    for (text, expected) in [
        ("{}", None),
        ("{until: 2026-12-31}", None),
        ("{message: old}", None),
        ("{message: new}", Some("neutral user.opt-out-note carol")),
        ("{until: 2027-02-01}", Some("weaken user.opt-out carol")),
        ("{until: null}", Some("weaken user.opt-out carol")),
        ("{until: 2026-12-01}", Some("strengthen user.opt-out carol")),
        ("none", Some("lock-out user.opt-in carol")),
        ("{until: 2026-10-01}", Some("lock-out user.opt-in carol")),
    ] {
        let found = lines(&world, &[&rule(text)]);
        assert_eq!(found.first().map(String::as_str), expected, "{text}");
        let policy = policy_of(&[&rule(text)]);
        let mut after = world.clone();
        after.commit(&planned(&world, &policy).unwrap());
        assert!(planned(&after, &policy).unwrap().is_empty(), "{text}");
    }
    let policy = policy_of(&[&rule("{until: null}")]);
    let plan = planned(&world, &policy).unwrap();
    world.commit(&plan);
    let kept = world.users["carol"].memberships["acme"].opt_out.as_ref().unwrap();
    assert_eq!(kept.message.as_ref().unwrap().as_str(), "old");
}

fn stops(world: &World, guards: &str, overrides: &Overrides, texts: &[&str]) -> Vec<String> {
    let guards: Guards = toml::from_str(guards).unwrap();
    let plan = planned(world, &policy_of(texts)).unwrap();
    guards.judge(&plan, overrides).stops.iter().map(render::guard_sentence).collect()
}

#[test]
fn guards_name_themselves_the_figure_and_the_limit() {
    let (off, on) = (world(org()), world(enforcing()));
    let none = Overrides::default();
    let lock = "org: acme\nenforcement: {state: on}\n";
    assert!(stops(&off, "", &none, &[lock]).is_empty());
    assert_eq!(
        stops(&off, "max_lock_out = 1", &none, &[lock]),
        ["the guard max_lock_out stops the plan: 2, and the limit is 1"]
    );
    let two = Overrides { lock_out: Some(2), ..Overrides::default() };
    assert!(stops(&off, "max_lock_out = 1", &two, &[lock]).is_empty());
    let one = Overrides { lock_out: Some(1), ..Overrides::default() };
    assert_eq!(stops(&off, "max_lock_out = 0", &one, &[lock]).len(), 1);
    let un_enforce = "org: acme\nenforcement: {state: off}\n";
    let guards = "never_unenforce = ['acme']\nmax_weaken = 0";
    assert_eq!(
        stops(&on, guards, &none, &[un_enforce]),
        [
            "the guard max_weaken stops the plan: 4, and the limit is 0",
            "the guard never_unenforce stops the plan in acme: off, and the limit is on",
        ]
    );
    let allowed = Overrides {
        weaken: Some(4),
        unenforce: [OrgId::parse("acme").unwrap()].into(),
        ..Overrides::default()
    };
    assert!(stops(&on, guards, &allowed, &[un_enforce]).is_empty());
    let mut ahead = off.clone();
    let from = Some(at("2026-12-01T00:00:00Z"));
    ahead.orgs.get_mut("acme").unwrap().enforcement =
        Enforcement { state: Switch::On, from, ..Enforcement::OFF };
    let put_off = "org: acme\nenforcement: {state: on, from: 2027-01-01, grace_days: 9}\n";
    assert_eq!(stops(&ahead, "never_unenforce = ['acme']", &none, &[put_off]).len(), 1);
    let leave = "org: acme\nownership: authoritative\nmembers: {alice: {}}\n";
    assert_eq!(
        stops(&on, "max_removals = 0\nmin_enrolled_admins = 2", &none, &[leave]),
        [
            "the guard max_removals stops the plan: 3, and the limit is 0",
            "the guard min_enrolled_admins stops the plan in acme: 1, and the limit is 2",
        ]
    );
    assert_eq!(stops(&on, "max_changes = 2", &none, &[leave]).len(), 1);
    assert!(stops(&on, "max_changes = '25%'", &none, &[leave]).is_empty());
    assert!(toml::from_str::<Guards>("max_change = 1").is_err());
    assert!(toml::from_str::<Guards>("max_changes = 'many'").is_err());
}

#[test]
fn a_percentage_counts_above_ten_changes() {
    let mut world = world(org());
    for number in 0..40 {
        let login = format!("m{number}");
        let member = user(&login, &[("acme", Role::Member)], true);
        world.users.insert(Login::parse(&login).unwrap(), member);
    }
    let policy = |count: usize| {
        let members: String = (0..count).map(|n| format!("  m{n}: {{role: helpdesk}}\n")).collect();
        format!("org: acme\nmembers:\n{members}")
    };
    let none = Overrides::default();
    assert!(stops(&world, "max_changes = '5%'", &none, &[&policy(10)]).is_empty());
    assert_eq!(
        stops(&world, "max_changes = '25%'", &none, &[&policy(12)]),
        ["the guard max_changes stops the plan in acme: 12, and the limit is 25% of 44"]
    );
    assert!(stops(&world, "max_changes = '25%'", &none, &[&policy(11)]).is_empty());
}

#[test]
fn a_saved_plan_is_stale_when_it_would_do_something_else() {
    let text = "org: acme\nenforcement: {state: on, grace_days: 14}\nopt_out: deny\n";
    let policy = policy_of(&[text]);
    let report = |world: &World| {
        let mut plan = planned(world, &policy).unwrap();
        PlanReport::new(&mut plan, &GuardVerdict::default())
    };
    let mut world = world(org());
    let source = PolicySource { name: "p".into(), text: format!("version: 1\n{text}") };
    let saved = SavedPlan::new(report(&world), std::slice::from_ref(&source));
    let saved = SavedPlan::read(&saved.text()).unwrap();
    assert_eq!(saved.stale(&report(&world)), None);
    world.orgs.get_mut("globex").unwrap().grace_days = 3;
    assert_eq!(saved.stale(&report(&world)), None, "a change elsewhere");
    world.orgs.get_mut("acme").unwrap().opt_out = OptOutPolicy::Deny;
    let stale = saved.stale(&report(&world)).unwrap();
    assert_eq!((stale.gone.len(), stale.new.len()), (1, 0));
    assert_eq!(saved.sources(&mut Problems::default()), [source]);
    assert!(SavedPlan::read("{}").is_err());
}
