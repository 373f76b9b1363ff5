//! Worlds for tests: plain users and orgs, a day as the unit of time, and a store
//! in memory that loads just what a change declares.

#![allow(unreachable_pub)]

use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;

use crate::domain::change::{Change, Context, Grant, apply};
use crate::domain::ids::{Login, OperatorName, OrgId, Service, Text, UserId};
use crate::domain::model::*;
use crate::domain::outcome::{Object, Outcome};
use crate::domain::refusal::{Refusal, RefusalCode};
use crate::domain::rights::Actor;
use crate::domain::scope::{Key, Needs, OrgUse, Scope};
use crate::domain::time::{Span, Time};

/// A checked name of whatever type is wanted.
pub fn n<T: std::str::FromStr<Err: std::fmt::Debug>>(text: &str) -> T {
    text.parse().unwrap()
}

/// Checked names, as many as are wanted.
pub fn ns<T, C>(texts: &[&str]) -> C
where
    T: std::str::FromStr<Err: std::fmt::Debug>,
    C: FromIterator<T>,
{
    texts.iter().map(|text| n(text)).collect()
}

/// Midnight of a day, counted from 2026-01-01.
pub fn day(number: i64) -> Time {
    Time::parse_rfc3339("2026-01-01T00:00:00Z").unwrap().plus_seconds(number * 86_400)
}

impl Time {
    /// Moved by seconds, back where they are negative.
    pub fn plus_seconds(self, seconds: i64) -> Time {
        Time::from_unix(self.unix() + seconds)
    }
}

/// An org that asks for nothing.
pub fn org() -> Org {
    Org {
        name: None,
        enforcement: Enforcement::OFF,
        grace_days: 0,
        grace_from: None,
        opt_out: OptOutPolicy::Allow,
        mandated_roles: BTreeSet::new(),
        opt_out_max: None,
        services: BTreeSet::new(),
        exceptions: ExceptionPolicy::default(),
        policy: None,
    }
}

/// An org that enforces from `start`.
pub fn enforcing(start: Time) -> Org {
    let enforcement = Enforcement { state: Switch::On, from: Some(start), ..Enforcement::OFF };
    Org { enforcement, grace_from: Some(start), ..org() }
}

/// An ordinary member since day 0.
pub fn member() -> Membership {
    Membership { role: Role::Member, joined_at: day(0), first_joined_at: None, opt_out: None }
}

/// The same with another role.
pub fn as_role(role: Role) -> Membership {
    Membership { role, ..member() }
}

/// An opt-out since day 0.
pub fn opted_out(until: Option<Time>) -> OptOut {
    OptOut { by: "root".into(), at: day(0), message: None, until }
}

/// A user with a password, the switch off, never enrolled, ordinary member of `orgs`.
pub fn user(id: &str, orgs: &[&str]) -> User {
    User {
        memberships: orgs.iter().map(|org| (n(org), member())).collect(),
        ..User::new(UserId::parse(id).unwrap())
    }
}

/// The same, signing in through SSO.
pub fn by_sso(user: User) -> User {
    User { sign_in: SignIn::Sso, provider: Some(n("entra")), ..user }
}

/// Enrolled since day 0.
pub fn enrolled(user: User) -> User {
    let current = Some(Method { method: MethodKind::Totp, since: day(0) });
    User {
        enrolment: Enrolment { first_at: Some(day(0)), current, ..Enrolment::default() },
        ..user
    }
}

/// Enrolled once, and reset since.
pub fn reset(user: User) -> User {
    User { enrolment: Enrolment { first_at: Some(day(0)), ..Enrolment::default() }, ..user }
}

/// A short exception for all services of `orgs`, granted on day 0.
pub fn exception(start: Time, end: Time, orgs: &[&str]) -> Exception {
    Exception {
        kind: ExceptionKind::Short,
        orgs: ns(orgs),
        services: None,
        reason: n("no-signal"),
        follow_up: FollowUp::None,
        note: None,
        evidence: BTreeSet::new(),
        evidence_names: Default::default(),
        channel: Channel::Phone,
        requested_by: n("alice"),
        recorded_by: Granter { operator: "root".into(), person: None, os_users: BTreeSet::new() },
        recorded_at: day(0),
        unenrolled: false,
        two_persons: false,
        term: None,
        approved_by: Some("root".into()),
        starts_at: start,
        ends_at: Some(end),
        replaces: BTreeSet::new(),
        ended: None,
    }
}

/// The same, ended at `at`.
pub fn ended(exception: Exception, how: EndedHow, at: Time) -> Exception {
    let ended = EarlyEnd { how, by: "root".into(), at, message: None };
    Exception { ended: Some(ended), ..exception }
}

/// The same, waiting for approval with its length.
pub fn requested(exception: Exception, span: Span) -> Exception {
    let waits = Some(Term::For(span));
    Exception { term: waits, approved_by: None, ends_at: None, ..exception }
}

/// An operator of the name `name` with these roles and this person.
pub fn operator(roles: &[&str], person: Option<&str>) -> Operator {
    Operator { os_users: ns(&["os"]), roles: ns(roles), person: person.map(n), service: false }
}

/// A short exception to be granted to `login` in `orgs`, all by default.
pub fn short(login: &str, orgs: &[&str]) -> Grant {
    Grant {
        login: n(login),
        kind: ExceptionKind::Short,
        orgs: ns(orgs),
        services: None,
        starts: None,
        length: None,
        reason: n("no-signal"),
        note: None,
        evidence: BTreeSet::new(),
        evidence_names: Default::default(),
        channel: None,
        requested_by: None,
        replace: false,
        unenrolled_ok: false,
        request_only: false,
    }
}

/// A long exception to be granted, with evidence.
pub fn long(login: &str, orgs: &[&str]) -> Grant {
    Grant {
        kind: ExceptionKind::Long,
        reason: n("accessibility"),
        evidence: ns(&["https://evidence.example/1"]),
        ..short(login, orgs)
    }
}

/// Services, as an exception names them.
pub fn services(names: &[&str]) -> Option<BTreeSet<Service>> {
    Some(ns(names))
}

/// A whole state in memory.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct World {
    pub users: BTreeMap<Login, User>,
    pub orgs: BTreeMap<OrgId, Org>,
    pub operators: Operators,
}

impl World {
    pub fn org(mut self, id: &str, org: Org) -> World {
        self.orgs.insert(n(id), org);
        self
    }

    pub fn user(mut self, login: &str, user: User) -> World {
        self.users.insert(n(login), user);
        self
    }

    /// An operator whose OS user has its name, unless it has another.
    pub fn operator(mut self, name: &str, mut operator: Operator) -> World {
        if operator.os_users == ns(&["os"]) {
            operator.os_users = ns(&[name]);
        }
        self.operators.operators.insert(n(name), operator);
        self
    }

    /// The same with one thing changed.
    pub fn with(mut self, change: impl FnOnce(&mut World)) -> World {
        change(&mut self);
        self
    }

    pub fn user_mut(&mut self, login: &str) -> &mut User {
        self.users.get_mut(login).unwrap()
    }

    pub fn org_mut(&mut self, id: &str) -> &mut Org {
        self.orgs.get_mut(id).unwrap()
    }

    pub fn membership_mut(&mut self, login: &str, org: &str) -> &mut Membership {
        self.user_mut(login).memberships.get_mut(org).unwrap()
    }

    /// The actor of this name: `root`, `system` or an operator.
    pub fn actor(&self, name: &str) -> Actor {
        let name: OperatorName = n(name);
        match (self.operators.operators.get(&name), name.as_str()) {
            (Some(operator), _) => Actor::Operator { operator: operator.clone(), name },
            (None, "system") => Actor::System,
            (None, "root") => Actor::Root,
            (None, other) => panic!("no operator {other}"),
        }
    }

    /// Just what was declared, as the store loads it.
    pub fn load(&self, needs: &Needs) -> Scope {
        let users: BTreeMap<_, Option<Arc<User>>> = needs
            .users
            .iter()
            .map(|l| (l.clone(), self.users.get(l).cloned().map(Into::into)))
            .collect();
        let of_users = users.values().flatten().flat_map(|user| user.memberships.keys());
        let orgs = needs.orgs.iter().chain(of_users);
        let owner = |key: &Key| {
            let owns = |user: &User| Key::of(user).any(|k| k == *key);
            self.users.iter().find(|(_, user)| owns(user)).map(|(login, _)| login.clone())
        };
        let admins = |org: &OrgId| {
            let admins = self.users.iter().filter(|(_, user)| user.is_active_admin_of(org));
            (org.clone(), admins.map(|(login, user)| (login.clone(), user.clone())).collect())
        };
        Scope {
            orgs: orgs.map(|id| (id.clone(), self.orgs.get(id).cloned())).collect(),
            keys: needs.keys.iter().map(|key| (key.clone(), owner(key))).collect(),
            operators: self.operators.clone(),
            admins: needs.admins_of.iter().map(admins).collect(),
            uses: needs.use_of.iter().map(|org| (org.clone(), self.uses(org))).collect(),
            users,
        }
    }

    fn uses(&self, org: &OrgId) -> OrgUse {
        let open = |exception: &&Exception| exception.orgs.contains(org);
        OrgUse {
            members: self.users.values().filter(|u| u.memberships.contains_key(org)).count(),
            exceptions: self
                .users
                .values()
                .flat_map(|u| u.exceptions.values())
                .filter(open)
                .count(),
        }
    }

    /// Makes a change; a refusal must leave the scope as it was.
    pub fn apply(&mut self, change: &dyn Change, context: &Context) -> Result<Outcome, Refusal> {
        let before = self.load(&change.needs());
        let mut scope = before.clone();
        let result = apply(change, &mut scope, context);
        match &result {
            Ok(outcome) => self.take(&outcome.objects),
            Err(_) => assert_eq!(scope, before, "refused, and the scope was changed: {change:?}"),
        }
        result
    }

    fn take(&mut self, objects: &[Object]) {
        fn put<K: Ord + Clone, V: Clone + PartialEq + std::fmt::Debug>(
            map: &mut BTreeMap<K, V>,
            key: &K,
            before: Option<&V>,
            after: Option<&V>,
        ) {
            assert_eq!(map.get(key), before, "an object before is what stood there");
            match after {
                Some(value) => map.insert(key.clone(), value.clone()),
                None => map.remove(key),
            };
        }
        for object in objects {
            match object {
                Object::User { login, before, after } => {
                    put(&mut self.users, login, before.as_deref(), after.as_deref());
                }
                Object::Org { id, before, after } => {
                    put(&mut self.orgs, id, before.as_deref(), after.as_deref());
                }
                Object::Operator { name, before, after } => {
                    put(&mut self.operators.operators, name, before.as_ref(), after.as_ref());
                }
                _ => {}
            }
        }
    }

    /// Makes a change as `name` at `now`.
    pub fn run(&mut self, name: &str, now: Time, change: &dyn Change) -> Result<Outcome, Refusal> {
        let context = context(self.actor(name), now);
        self.apply(change, &context)
    }

    /// Makes a change that must go through, and gives what is then.
    #[must_use]
    pub fn done(mut self, name: &str, now: Time, change: &dyn Change) -> World {
        match self.run(name, now, change) {
            Ok(_) => self,
            Err(refusal) => panic!("{change:?} as {name}: {}", refusal.message),
        }
    }

    /// What comes of a change, in a word: `done`, `unchanged` or the code of the refusal,
    /// which must say what to do instead (a wrong request says it in its message).
    pub fn tried(&self, name: &str, now: Time, change: &dyn Change) -> &'static str {
        match self.clone().run(name, now, change) {
            Ok(outcome) if outcome.changed() => "done",
            Ok(_) => "unchanged",
            Err(refusal) => {
                let advises = !refusal.hints.is_empty() || refusal.code == RefusalCode::Invalid;
                assert!(advises, "no advice: {}", refusal.message);
                refusal.code.as_str()
            }
        }
    }
}

/// A context whose clock is right.
pub fn context(actor: Actor, now: Time) -> Context {
    Context { actor, now, clock: now, message: None }
}

/// A text.
pub fn text(words: &str) -> Text {
    Text::parse(words).unwrap()
}
