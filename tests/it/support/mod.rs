//! What the store's tests share: options with a fixed clock and seeded
//! randomness, users to change, and a disk that can fail.
#![allow(dead_code, unreachable_pub, clippy::unwrap_used)]

pub mod leaky;
pub mod sim_disk;

use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};

use mfactl::domain::ids::{Email, Login, OperatorName, OrgId, OsUser, Text, UserId};
use mfactl::domain::model::{
    Channel, Enforcement, Exception, ExceptionKind, FollowUp, Granter, Membership, Operator,
    OperatorRole, Operators, OptOut, OptOutPolicy, Org, Role, SignIn, Switch, User,
};
use mfactl::domain::outcome::Object;
use mfactl::domain::time::{Span, Time};
use mfactl::error::Result;
use mfactl::secret::line::{Owner, SealedTotp, UserSecrets};
use mfactl::secret::material::Secret;
use mfactl::secret::parameters::Parameters;
use mfactl::secret::ring::KeyRing;
use mfactl::secret::totp::Totp;
use mfactl::store::{Author, Committed, Founding, Meta, Options, Store, View};

/// The instant of all tests.
pub fn now() -> Time {
    Time::parse_rfc3339("2026-06-01T12:00:00Z").unwrap()
}

/// Numbers that look random and come again for the same seed (SplitMix64).
pub fn random(seed: u64) -> impl Fn() -> u64 + Send + Sync {
    let state = AtomicU64::new(seed);
    move || {
        let mut z = state.fetch_add(0x9E37_79B9_7F4A_7C15, Ordering::Relaxed);
        z = (z ^ (z >> 30)).wrapping_mul(0xBF58_476D_1CE4_E5B9);
        z = (z ^ (z >> 27)).wrapping_mul(0x94D0_49BB_1331_11EB);
        z ^ (z >> 31)
    }
}

/// Options for a test.
pub fn options() -> Options {
    let next = random(7);
    let fill = move |buffer: &mut [u8]| {
        buffer.iter_mut().for_each(|byte| *byte = next().to_le_bytes()[3]);
    };
    let mut options = Options::new(Arc::new(now), Arc::new(fill));
    options.command = "mfactl test".to_owned();
    options.boot_id = name("boot-1");
    options
}

pub fn login(name: &str) -> Login {
    Login::parse(name).unwrap()
}

pub fn org_id(name: &str) -> OrgId {
    OrgId::parse(name).unwrap()
}

pub fn meta(action: &str) -> Meta {
    Meta {
        author: Author {
            operator: "root".to_owned(),
            os_user: "root".to_owned(),
            identity_from: "uid".to_owned(),
        },
        action: action.to_owned(),
        subject: None,
        message: Some(Text::parse("because").unwrap()),
        ticket: None,
        at: now(),
        orgs: vec![org_id("acme")],
    }
}

pub fn operators() -> Operators {
    let operator = Operator {
        os_users: BTreeSet::from([OsUser::parse("root").unwrap()]),
        roles: BTreeSet::from([OperatorRole::SiteAdmin]),
        person: None,
        service: false,
    };
    Operators { operators: BTreeMap::from([(OperatorName::parse("root").unwrap(), operator)]) }
}

pub fn founding() -> Founding {
    Founding { operators: operators(), meta: meta("init"), key: None }
}

pub fn org(name: &str) -> Org {
    Org {
        name: Some(Text::parse(name).unwrap()),
        enforcement: Enforcement::OFF,
        grace_days: 14,
        grace_from: None,
        opt_out: OptOutPolicy::Allow,
        mandated_roles: BTreeSet::new(),
        opt_out_max: None,
        services: BTreeSet::new(),
        exceptions: Default::default(),
        policy: None,
    }
}

pub fn user(name: &str) -> User {
    User {
        id: UserId::parse(&format!("u_{name}")).unwrap(),
        name: Some(Text::parse(name).unwrap()),
        email: Some(Email::parse(&format!("{name}@acme.example")).unwrap()),
        sign_in: SignIn::Password,
        provider: None,
        active: true,
        mfa: Switch::On,
        mfa_set_by: None,
        unlocks: 0,
        memberships: FromIterator::from_iter([(
            org_id("acme"),
            Membership {
                role: Role::Member,
                joined_at: now(),
                first_joined_at: None,
                opt_out: None,
            },
        )]),
        left: BTreeMap::new(),
        enrolment: Default::default(),
        last_exception: 0,
        exceptions: BTreeMap::new(),
    }
}

pub fn exception(ends_in_days: u32) -> Exception {
    Exception {
        kind: ExceptionKind::Long,
        orgs: BTreeSet::from([org_id("acme")]),
        services: None,
        reason: mfactl::domain::ids::ReasonCode::parse("accessibility").unwrap(),
        follow_up: FollowUp::Review,
        note: None,
        evidence: BTreeSet::new(),
        evidence_names: Default::default(),
        channel: Channel::Phone,
        requested_by: Text::parse("herself").unwrap(),
        recorded_by: Granter {
            operator: "root".to_owned(),
            person: None,
            os_users: BTreeSet::new(),
        },
        recorded_at: now(),
        unenrolled: false,
        two_persons: false,
        term: None,
        approved_by: Some("root".to_owned()),
        starts_at: now(),
        ends_at: Some(now().plus(Span::days(ends_in_days))),
        replaces: BTreeSet::new(),
        ended: None,
    }
}

pub fn opt_out(ends_in_days: u32) -> OptOut {
    let until = Some(now().plus(Span::days(ends_in_days)));
    OptOut { by: "root".to_owned(), at: now(), message: None, until }
}

/// A change of one user, from what the state holds now.
pub fn user_object(
    view: &View,
    name: &str,
    change: impl FnOnce(Option<User>) -> Option<User>,
) -> Object {
    let before = view.user(&login(name)).unwrap();
    let after = change(before.clone());
    Object::User {
        login: login(name),
        before: before.map(Into::into),
        after: after.map(Into::into),
    }
}

/// A new org.
pub fn new_org(name: &str) -> Object {
    Object::Org { id: org_id(name), before: None, after: Some(Box::new(org(name))) }
}

/// A new user.
pub fn new_user(name: &str) -> Object {
    Object::User { login: login(name), before: None, after: Some(user(name).into()) }
}

/// One commit of what `make` stages from the view.
pub fn commit(
    store: &Store,
    action: &str,
    make: impl FnOnce(&View) -> Vec<Object>,
) -> Result<Option<Committed>> {
    let mut transaction = store.begin()?;
    let objects = make(transaction.view());
    transaction.stage(None, &objects)?;
    transaction.commit(meta(action))
}

/// Everything that a view says, to be compared.
#[derive(Debug, Clone, PartialEq)]
pub struct Whole {
    pub operators: Operators,
    pub orgs: BTreeMap<OrgId, Org>,
    pub users: BTreeMap<Login, User>,
    pub due: BTreeMap<String, BTreeMap<String, mfactl::domain::due::DueEntry>>,
    pub secrets: BTreeMap<Login, UserSecrets>,
}

/// Something sealed, always the same.
pub fn sealed(user: &str) -> UserSecrets {
    let mut random = |buffer: &mut [u8]| (1_u8..).zip(buffer).for_each(|(n, byte)| *byte = n);
    let ring = KeyRing::generate(&mut random);
    let secret = Secret::from_bytes(b"12345678901234567890").unwrap();
    let totp = Totp { secret, parameters: Parameters::default() };
    let id = UserId::parse(&format!("u_{user}")).unwrap();
    let owner = Owner { store: "store", user: &id };
    let current = Some(SealedTotp::seal(&ring, owner, &totp, &mut random));
    UserSecrets { current, ..UserSecrets::default() }
}

/// Reads everything.
pub fn whole(view: &View) -> Result<Whole> {
    let mut users = BTreeMap::new();
    view.scan()?.for_each(|login, user| {
        users.insert(login.clone(), user.clone());
        Ok(std::ops::ControlFlow::Continue(()))
    })?;
    let mut due = BTreeMap::new();
    for page in view.due_pages()? {
        let entries = view.due(&page)?;
        if !entries.is_empty() {
            due.insert(page, entries);
        }
    }
    let mut secrets = BTreeMap::new();
    view.each_secrets(|login, line| {
        secrets.insert(login.clone(), line);
        Ok(std::ops::ControlFlow::Continue(()))
    })?;
    Ok(Whole { operators: view.operators()?, orgs: view.orgs()?, users, due, secrets })
}

/// A name that is known already.
pub fn name(name: &str) -> mfactl::store::Name {
    let name = name.to_owned();
    Arc::new(move || name.clone())
}
