//! Plain orgs, users and policies, for tests.

#![allow(clippy::disallowed_methods, reason = "tests read their fixtures")]

use crate::domain::change::Context;
use crate::domain::ids::{Email, OrgId, UserId};
use crate::domain::model::{
    Enforcement, Enrolment, ExceptionPolicy, Membership, Method, MethodKind, OptOutPolicy, Org,
    Role, User,
};
use crate::domain::rights::Actor;
use crate::domain::time::Time;
use crate::policy::files::PolicySource;
use crate::policy::problem::Problems;
use crate::policy::{Policy, read};

pub(crate) fn at(text: &str) -> Time {
    Time::parse_rfc3339(text).unwrap()
}

pub(crate) const NOW: &str = "2026-11-21T12:00:00Z";

pub(crate) fn context() -> Context {
    Context { actor: Actor::Root, now: at(NOW), clock: at(NOW), message: None }
}

pub(crate) fn org() -> Org {
    Org {
        name: None,
        enforcement: Enforcement::OFF,
        grace_days: 0,
        grace_from: None,
        opt_out: OptOutPolicy::Allow,
        mandated_roles: Default::default(),
        opt_out_max: None,
        services: Default::default(),
        exceptions: ExceptionPolicy::default(),
        policy: None,
    }
}

pub(crate) fn user(login: &str, orgs: &[(&str, Role)], enrolled: bool) -> User {
    let since = at("2026-02-01T00:00:00Z");
    let method = Method { method: MethodKind::Totp, since };
    User {
        email: Email::parse(&format!("{login}@example.org")).ok(),
        memberships: orgs
            .iter()
            .map(|(org, role)| {
                let membership = Membership {
                    role: *role,
                    joined_at: at("2026-01-01T00:00:00Z"),
                    first_joined_at: None,
                    opt_out: None,
                };
                (OrgId::parse(org).unwrap(), membership)
            })
            .collect(),
        enrolment: Enrolment {
            first_at: enrolled.then_some(since),
            current: enrolled.then_some(method),
            ..Enrolment::default()
        },
        ..User::new(UserId::parse(&format!("u-{login}")).unwrap())
    }
}

pub(crate) fn policy_of(texts: &[&str]) -> Policy {
    let source = |(number, text): (usize, &&str)| PolicySource {
        name: format!("p{number}.yaml").into(),
        text: format!("version: 1\n{text}"),
    };
    let sources: Vec<PolicySource> = texts.iter().enumerate().map(source).collect();
    read::read(&sources, Problems::default()).unwrap_or_else(|problems| panic!("{problems}"))
}

/// The policies of the fixtures.
pub(crate) fn fixtures() -> Policy {
    let folder = std::path::Path::new(env!("CARGO_MANIFEST_DIR")).join("fixtures/policies");
    let mut files: Vec<_> = std::fs::read_dir(folder).unwrap().map(|e| e.unwrap().path()).collect();
    files.sort();
    let named = files.iter().map(|path| {
        let name = path.file_name().unwrap().to_string_lossy().into_owned();
        (name, std::fs::read(path).map_err(|error| error.to_string()))
    });
    let mut problems = Problems::default();
    let sources = crate::policy::files::gather(named, &mut problems);
    read::read(&sources, problems).unwrap_or_else(|problems| panic!("{problems}"))
}
