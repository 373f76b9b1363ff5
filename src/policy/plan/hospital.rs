//! The policies and the people of the fixtures, from the first plan to drift.

#![allow(clippy::disallowed_methods, reason = "tests read their fixtures")]

use super::memory::World;
use super::test_support::{at, context, fixtures, org, user};
use super::*;
use crate::domain::ids::Provider;
use crate::domain::model::{Role, SignIn, Switch};
use crate::policy::assertions;
use crate::policy::export::{OrgExport, UsersExport};
use crate::policy::files::PolicySource;
use crate::policy::problem::Problems;
use crate::policy::{Policy, read};

fn fixture(name: &str) -> String {
    let folder = std::path::Path::new(env!("CARGO_MANIFEST_DIR")).join("fixtures");
    std::fs::read_to_string(folder.join(name)).unwrap()
}

/// The 403 people of hospital.csv, in orgs with the product's settings.
fn hospital() -> World {
    let text = fixture("hospital.csv");
    let mut world = World::default();
    let mut rows = csv::Reader::from_reader(text.as_bytes());
    for (number, row) in rows.records().enumerate() {
        let row = row.unwrap();
        let enrolled = !row[9].is_empty();
        let mut made = user("x", &[], enrolled);
        (made.id, made.email) = (UserId::parse(&format!("u{number}")).unwrap(), None);
        for seat in row[7].split(';').filter(|seat| !seat.is_empty()) {
            let (id, role) = seat.split_once(':').unwrap_or((seat, "member"));
            let role: Role = role.parse().unwrap();
            let seat = user("x", &[(id, role)], false).memberships;
            made.memberships.extend(seat.iter().map(|(org, seat)| (org.clone(), seat.clone())));
            world.orgs.entry(OrgId::parse(id).unwrap()).or_insert_with(org);
        }
        if &row[4] == "sso" {
            (made.sign_in, made.provider) = (SignIn::Sso, Provider::parse(&row[5]).ok());
        }
        made.mfa = if &row[6] == "on" { Switch::On } else { Switch::Off };
        made.active = &row[8] != "no";
        world.users.insert(Login::parse(&row[0]).unwrap(), made);
    }
    world
}

fn planned(world: &World, policy: &Policy) -> Plan {
    let options = PlanOptions { create_users: None, create_orgs: false, keep_refused: false };
    match plan(policy, &mut world.clone(), &context(), options) {
        Ok(plan) => plan,
        Err(error) => panic!("{error:#?}"),
    }
}

#[test]
fn the_hospitals_policies_apply_to_its_people() {
    let (mut world, policy) = (hospital(), fixtures());
    let plan = planned(&world, &policy);
    let report = PlanReport::new(&mut planned(&world, &policy), &GuardVerdict::default());
    let mut summary = report.summary;
    assert_eq!(summary.remove("removal"), Some(0), "none of them is authoritative");
    assert!(summary.values().all(|count| *count > 0), "{summary:?}");
    assert!(report.unmanaged.members > 300);
    let enforce = plan.changes.iter().filter(|row| row.action == Action::OrgEnforce);
    assert_eq!(enforce.map(|row| row.class).collect::<Vec<_>>().len(), 3);
    world.commit(&plan);
    assert!(planned(&world, &policy).is_empty());

    let drifted = crate::policy::drift::drift(
        &world.orgs,
        true,
        &mut world.clone(),
        at("2027-03-01T00:00:00Z"),
    );
    assert_eq!(drifted.unwrap().rows, [], "time alone is no drift");
    let seat = world.users.get_mut("it.jem").unwrap().memberships.get_mut("st-marys").unwrap();
    seat.role = Role::Admin;
    let drifted = crate::policy::drift::drift(&world.orgs, true, &mut world.clone(), context().now)
        .unwrap()
        .rows;
    assert_eq!(drifted.iter().map(|one| one.subject.as_str()).collect::<Vec<_>>(), ["it.jem"]);
}

#[test]
fn the_hospitals_tests_hold_and_reach_every_line() {
    let name = "hospital.yaml".into();
    let source = PolicySource { name, text: fixture("policy-tests/hospital.yaml") };
    let assertions = read::read_assertions(&[source], Problems::default());
    let assertions = assertions.unwrap_or_else(|problems| panic!("{problems}"));
    let report = assertions::run(&fixtures(), &assertions).unwrap();
    let failed: Vec<_> = report.tests.iter().filter(|test| !test.passed).collect();
    assert!(failed.is_empty(), "{failed:#?}");
    let unreached: Vec<&str> = report.unreached.iter().map(|line| line.field.as_str()).collect();
    assert_eq!(unreached, ["users/svc-monitor/mfa"], "the account has no org to be asked about");
}

#[test]
fn an_export_of_the_hospital_is_read_back() {
    let world = hospital();
    let mut people = UsersExport::default();
    let mut sources = Vec::new();
    for (id, org) in &world.orgs {
        let mut export = OrgExport::new(id, org, context().now);
        world.users.iter().for_each(|(login, user)| export.add(login, user));
        sources.push(PolicySource { name: id.as_str().into(), text: export.text() });
    }
    world.users.iter().for_each(|(login, user)| people.add(login, user));
    sources.push(PolicySource { name: "users".into(), text: people.text() });
    let policy = read::read(&sources, Problems::default()).unwrap_or_else(|p| panic!("{p}"));
    let plan = planned(&world, &policy);
    assert!(plan.is_empty());
    assert_eq!(plan.adoptions, world.orgs.len() + 1, "every org, and people");
}
