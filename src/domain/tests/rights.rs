//! The rights table, written out.

use super::kit::*;
use crate::domain::ids::OrgId;
use crate::domain::model::{Operator, Role};
use crate::domain::rights::{Act, Actor};

const ACTORS: [&str; 11] = [
    "nobody",
    "auditor",
    "helpdesk",
    "admin",
    "other-admin",
    "both",
    "site",
    "service",
    "service-site",
    "root",
    "system",
];

fn world() -> World {
    let service = |roles| Operator { service: true, ..operator(roles, None) };
    World::default()
        .operator("nobody", operator(&[], None))
        .operator("auditor", operator(&["auditor"], None))
        .operator("helpdesk", operator(&["helpdesk:acme"], None))
        .operator("admin", operator(&["admin:acme"], None))
        .operator("other-admin", operator(&["admin:globex", "helpdesk:globex"], None))
        .operator("both", operator(&["admin:acme", "helpdesk:globex"], None))
        .operator("site", operator(&["site-admin"], None))
        .operator("service", service(&["admin:acme"]))
        .operator("service-site", service(&["site-admin"]))
}

/// Who may do an act in acme, by role alone.
fn who(act: Act) -> &'static [&'static str] {
    match act {
        Act::ShortException | Act::Enrolment | Act::RequestLong => {
            &["helpdesk", "admin", "both", "site", "root"]
        }
        Act::Approve
        | Act::Switch
        | Act::OptOut
        | Act::Enforce
        | Act::OrgSettings
        | Act::Members
        | Act::Accounts => &["admin", "both", "site", "root"],
        Act::OrgPolicy => &["admin", "both", "site", "service", "service-site", "root"],
        Act::Orgs | Act::Operators | Act::RemoveUser | Act::Site => &["site", "root"],
        Act::UserPolicy => &["site", "service-site", "root"],
    }
}

#[test]
fn every_act_by_every_role() {
    let (world, acme) = (world(), n::<OrgId>("acme"));
    for act in Act::ALL {
        for name in ACTORS {
            let actor = world.actor(name);
            let expected = who(act).contains(&name);
            assert_eq!(actor.may_in(act, &acme), expected, "{act:?} by {name}");
            assert_eq!(actor.permit(act, [&acme]).is_ok(), expected, "{act:?} by {name}");
        }
    }
}

#[test]
fn acts_on_everything_are_for_site_admins() {
    for act in Act::ALL {
        for name in ACTORS {
            let policy = matches!(act, Act::OrgPolicy | Act::UserPolicy);
            let expected = ["site", "root"].contains(&name) || (policy && name == "service-site");
            let actor = world().actor(name);
            assert_eq!(actor.permit_site(act).is_ok(), expected, "{act:?} by {name}");
            assert_eq!(actor.permit(act, []).is_ok(), expected, "{act:?} by {name}, no org");
        }
    }
}

#[test]
fn acts_on_the_account_need_the_role_in_every_org() {
    let world = world();
    let orgs: [OrgId; 2] = [n("acme"), n("globex")];
    let may = |name, act| world.actor(name).permit(act, &orgs).is_ok();
    for (name, enrolment, switch) in [
        ("helpdesk", false, false),
        ("admin", false, false),
        ("other-admin", false, false),
        ("both", true, false),
        ("site", true, true),
        ("root", true, true),
        ("auditor", false, false),
    ] {
        assert_eq!(may(name, Act::Enrolment), enrolment, "{name}");
        assert_eq!(may(name, Act::Switch), switch, "{name}");
    }
}

#[test]
fn sight() {
    let everything = ["auditor", "site", "service-site", "root", "system"];
    let in_acme = ["helpdesk", "admin", "both", "service"];
    let (alice, nowhere) = (user("u1", &["acme"]), user("u2", &[]));
    for name in ACTORS {
        let actor = world().actor(name);
        let all = everything.contains(&name);
        assert_eq!(actor.reads_everything(), all, "{name}");
        assert_eq!(actor.permit_reading_everything().is_ok(), all, "{name}");
        assert_eq!(actor.sees(&alice), all || in_acme.contains(&name), "{name} sees alice");
        assert_eq!(actor.sees(&nowhere), all, "{name} sees who is nowhere");
        assert_eq!(actor.sees_org(&n("acme")), all || in_acme.contains(&name), "{name} sees acme");
    }
}

#[test]
fn a_helpdesk_acts_on_ordinary_members_only() {
    let world = world();
    let may = |name: &str, user: &crate::domain::model::User, orgs: &[&str]| {
        let orgs: Vec<OrgId> = ns(orgs);
        world.actor(name).permit_account(&n("alice"), user, &orgs, &world.operators).is_ok()
    };
    let plain = user("u1", &["acme", "globex"]);
    assert!(may("helpdesk", &plain, &["acme"]));
    for role in [Role::Helpdesk, Role::Admin] {
        let mut more = plain.clone();
        more.memberships.insert(n("globex"), as_role(role));
        assert!(!may("helpdesk", &more, &["acme"]), "{role:?} in another org counts");
        assert!(may("admin", &more, &["acme"]));
        assert!(may("both", &more, &["acme"]), "an admin of the org acted in");
        assert!(!may("both", &more, &["acme", "globex"]), "no more than helpdesk in one");
        assert!(may("site", &more, &["acme"]));
    }
}

#[test]
fn the_account_of_an_operators_person_takes_another_site_admin() {
    let world = world()
        .operator("ann", operator(&["site-admin"], Some("u1")))
        .operator("bob", operator(&["helpdesk:acme"], Some("u2")))
        .operator("bob2", operator(&["site-admin"], Some("u2")));
    let orgs: [OrgId; 1] = [n("acme")];
    let account = |name: &str, id: &str| {
        let (actor, user): (Actor, _) = (world.actor(name), user(id, &["acme"]));
        let login = n("someone");
        let answer = actor
            .permit_other(&login, &user, &world.operators)
            .and_then(|()| actor.permit_account(&login, &user, &orgs, &world.operators));
        answer.map_or_else(|refusal| refusal.code.as_str(), |()| "done")
    };
    for (name, id, expected) in [
        ("ann", "u1", "own-account"),
        ("ann", "u2", "done"),
        ("ann", "u3", "done"),
        ("bob", "u2", "own-account"),
        ("bob2", "u2", "own-account"),
        ("bob", "u1", "not-permitted"),
        ("admin", "u1", "not-permitted"),
        ("admin", "u2", "not-permitted"),
        ("admin", "u3", "done"),
        ("root", "u1", "done"),
    ] {
        assert_eq!(account(name, id), expected, "{name} on {id}");
    }
}
