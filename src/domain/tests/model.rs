//! A second implementation, deliberately plain: days as numbers, maps of strings, one
//! chain of ifs, written from the rules and not from the code. Random sequences of
//! changes must come to the same answers, decisions and refusals in both.

use std::collections::{BTreeMap, HashMap};

use proptest::collection::vec;
use proptest::prelude::*;

use super::kit::*;
use super::random::*;
use crate::domain::decision::{Question, decide};
use crate::domain::ids::Service;
use crate::domain::model::{ExceptionPolicy, Org, Role, Switch};
use crate::domain::time::{Span, Time};

mod term;
mod who;

use term::Term;
use who::{level, person_of, reads_all, sees, site_admin};

#[derive(Debug, Clone, Default)]
struct Person {
    sso: bool,
    inactive: bool,
    mfa: bool,
    ever: bool,
    method: &'static str,
    pending: bool,
    /// Org → role, day of the first joining.
    orgs: BTreeMap<&'static str, (Role, i64)>,
    left: HashMap<&'static str, i64>,
    /// Org → day of the last joining.
    joined: HashMap<&'static str, i64>,
    /// Org → since, until.
    opt_outs: HashMap<&'static str, (i64, Option<i64>)>,
    exceptions: Vec<Term>,
}

#[derive(Debug, Clone, Default)]
struct Place {
    from: Option<i64>,
    grace_days: i64,
    grace_from: Option<i64>,
    deny: bool,
    admins_mandated: bool,
    two_persons: bool,
}

#[derive(Debug, Clone)]
struct Model {
    people: BTreeMap<&'static str, Person>,
    places: BTreeMap<&'static str, Place>,
}

const SHORT_PER_30_DAYS: usize = 3;
const LONG_CAP: i64 = 90;

fn cap(grant: &GrantOp, orgs: &[&str]) -> i64 {
    match (grant.long, orgs.contains(&"globex")) {
        (true, true) => LONG_CAP,
        (true, false) => 180,
        _ => 1,
    }
}

type Came = Result<&'static str, &'static str>;

fn unless(condition: bool, code: &'static str) -> Result<(), &'static str> {
    if condition { Err(code) } else { Ok(()) }
}

impl Model {
    fn decide(&self, login: &str, org: &str, portal: bool, now: i64) -> (&str, &str, Option<i64>) {
        let (person, place) = (&self.people[login], &self.places[org]);
        if person.inactive {
            return ("denied", "inactive", None);
        }
        let Some((role, joined)) = person.orgs.get(org) else {
            return ("denied", "not-a-member", None);
        };
        if person.sso {
            return ("delegated", "sso", None);
        }
        let covering = person.exceptions.iter().filter(|term| {
            let term_is_for = person.joined.get(org).is_none_or(|day| *day <= term.asked_on);
            term.status(now) == "live"
                && term.orgs.contains(&org)
                && (portal || !term.portal)
                && term_is_for
        });
        if let Some(end) = covering.map(|term| term.start + term.days).max() {
            return ("exempt", "exception", Some(end));
        }
        let ask = if person.method.is_empty() { "enrol" } else { "required" };
        if place.admins_mandated && *role == Role::Admin {
            return (ask, "mandated-role", None);
        }
        let enforced = place.from.is_some_and(|from| from <= now);
        if let Some((since, until)) = person.opt_outs.get(org)
            && *since <= now
            && until.is_none_or(|until| now < until)
            && !(place.deny && enforced)
        {
            return ("exempt", "opt-out", *until);
        }
        let deadline = place.grace_from.unwrap_or(0).max(*joined) + place.grace_days;
        let grace = enforced && !person.ever && now < deadline;
        if enforced && !grace {
            return (ask, "enforcement", None);
        }
        if person.mfa {
            return (ask, "switch", None);
        }
        if grace {
            ("grace", "enforcement", Some(deadline))
        } else {
            ("not-required", "default", None)
        }
    }

    fn found(&self, who: &str, login: &str) -> Result<(), &'static str> {
        let mut orgs = self.people[login].orgs.keys();
        unless(!reads_all(who) && !orgs.any(|org| level(who, org) > 0), "not-found")
    }

    fn found_in(&self, who: &str, login: &str, org: &str) -> Result<(), &'static str> {
        self.found(who, login)?;
        unless(!sees(who, org), "not-found")
    }

    fn member(&self, who: &str, login: &str, org: &str) -> Result<(), &'static str> {
        self.found_in(who, login, org)?;
        unless(!self.people[login].orgs.contains_key(org), "not-found")
    }

    /// Own account, then rights: `least` in each of `orgs`, and the limits of the account.
    fn may(&self, who: &str, login: &str, orgs: &[&str], least: u8) -> Result<(), &'static str> {
        unless(person_of(who) == Some(login), "own-account")?;
        unless(who == "svc" || (orgs.is_empty() && !site_admin(who)), "not-permitted")?;
        unless(orgs.iter().any(|org| level(who, org) < least), "not-permitted")?;
        if site_admin(who) {
            return Ok(());
        }
        unless(["carol", "dan"].contains(&login), "not-permitted")?;
        let more = self.people[login].orgs.values().any(|(role, _)| *role != Role::Member);
        unless(more && orgs.iter().any(|org| level(who, org) == 1), "not-permitted")
    }

    /// An act on the whole account.
    fn account(&self, who: &str, login: &str, least: u8) -> Result<(), &'static str> {
        self.found(who, login)?;
        let orgs: Vec<&str> = self.people[login].orgs.keys().copied().collect();
        self.may(who, login, &orgs, least)
    }

    fn person(&mut self, login: &str) -> &mut Person {
        self.people.get_mut(login).unwrap()
    }

    fn make(&mut self, op: &Op, who: &'static str, now: i64) -> Came {
        match op {
            Op::SetMfa(u, mfa) => self.set_mfa(who, u, *mfa == Switch::On, now),
            Op::OptOut(u, o, days, replace) => {
                self.opt_out(who, u, o, (days.map(|days| now + days), *replace), now)
            }
            Op::OptIn(u, o) => self.opt_in(who, u, o, now),
            Op::Join(u, o, role) => self.join(who, u, o, *role, now),
            Op::Leave(u, o) => {
                self.member(who, u, o)?;
                self.may(who, u, &[o], 2)?;
                let (_, first) = self.person(u).orgs.remove(o).unwrap();
                self.person(u).opt_outs.remove(o);
                self.person(u).left.insert(o, first);
                Ok("done")
            }
            Op::SetRole(u, o, role) => {
                self.member(who, u, o)?;
                self.may(who, u, &[o], 2)?;
                let place = self.person(u).orgs.get_mut(o).unwrap();
                let same = place.0 == *role;
                place.0 = *role;
                Ok(if same { "unchanged" } else { "done" })
            }
            Op::Reset(u) => self.enrolment(who, u, "reset"),
            Op::External(u) => self.enrolment(who, u, "external"),
            Op::Start(u) => self.enrolment(who, u, "start"),
            Op::Confirm(u) => self.enrolment(who, u, "confirm"),
            Op::SetActive(u, active) => {
                self.account(who, u, 2)?;
                let same = self.people[u].inactive != *active;
                self.person(u).inactive = !active;
                Ok(if same { "unchanged" } else { "done" })
            }
            Op::Enforce(o, state, starts, grace, anew, force) => {
                let starts = starts.map(|days| now + days);
                self.enforce(who, o, *state == Switch::On, starts, *grace, *anew, *force, now)
            }
            Op::EditOrg(o, deny, mandate, two) => {
                unless(!sees(who, o), "not-found")?;
                unless(level(who, o) < 2, "not-permitted")?;
                let place = self.places.get_mut(o).unwrap();
                let now = (place.deny, place.admins_mandated, place.two_persons);
                (place.deny, place.admins_mandated, place.two_persons) = (*deny, *mandate, *two);
                Ok(if now == (*deny, *mandate, *two) { "unchanged" } else { "done" })
            }
            Op::Grant(grant) => self.grant(who, grant, now),
            Op::Approve(u, number) => self.settle(who, u, *number, "approve", now),
            Op::Reject(u, number) => self.settle(who, u, *number, "reject", now),
            Op::Revoke(u, number) => self.settle(who, u, *number, "revoke", now),
        }
    }

    fn set_mfa(&mut self, who: &str, login: &str, on: bool, now: i64) -> Came {
        self.account(who, login, 2)?;
        if self.people[login].mfa == on {
            return Ok("unchanged");
        }
        unless(self.people[login].sso, "sso-account")?;
        let begun = |org: &&str| self.places[*org].from.is_some_and(|from| from <= now);
        unless(!on && self.people[login].orgs.keys().any(begun), "locked-by-enforcement")?;
        self.person(login).mfa = on;
        Ok("done")
    }

    fn opted_out(&self, login: &str, org: &str, now: i64) -> Option<Option<i64>> {
        let (_, until) = self.people[login].opt_outs.get(org)?;
        Some(*until).filter(|until| until.is_none_or(|until| now < until))
    }

    fn opt_out(
        &mut self,
        who: &str,
        login: &str,
        org: &'static str,
        (until, replace): (Option<i64>, bool),
        now: i64,
    ) -> Came {
        self.member(who, login, org)?;
        self.may(who, login, &[org], 2)?;
        let there = self.opted_out(login, org, now);
        if there == Some(until) {
            return Ok("unchanged");
        }
        unless(there.is_some() && !replace, "exists")?;
        unless(self.people[login].sso, "sso-account")?;
        let place = &self.places[org];
        let mandated = place.admins_mandated && self.people[login].orgs[org].0 == Role::Admin;
        unless(mandated || (place.deny && place.from.is_some()), "opt-out-denied")?;
        self.person(login).opt_outs.insert(org, (now, until));
        Ok("done")
    }

    fn opt_in(&mut self, who: &str, login: &str, org: &str, now: i64) -> Came {
        self.member(who, login, org)?;
        self.may(who, login, &[org], 2)?;
        if self.opted_out(login, org, now).is_none() {
            return Ok("unchanged");
        }
        unless(self.people[login].sso, "sso-account")?;
        self.person(login).opt_outs.remove(org);
        Ok("done")
    }

    fn join(&mut self, who: &str, login: &str, org: &'static str, role: Role, now: i64) -> Came {
        self.found_in(who, login, org)?;
        self.may(who, login, &[org], 2)?;
        unless(self.people[login].orgs.contains_key(org), "exists")?;
        unless(self.people[login].orgs.keys().any(|o| level(who, o) < 2), "not-permitted")?;
        let first = self.person(login).left.remove(org).unwrap_or(now);
        self.person(login).orgs.insert(org, (role, first));
        self.person(login).joined.insert(org, now);
        Ok("done")
    }

    fn enrolment(&mut self, who: &str, login: &str, what: &str) -> Came {
        self.account(who, login, 1)?;
        let person = &self.people[login];
        let none = person.method.is_empty() && !person.pending;
        if (what == "reset" && none) || (what == "external" && person.method == "duo") {
            return Ok("unchanged");
        }
        unless(person.sso, "sso-account")?;
        unless(what == "confirm" && !person.pending, "not-open")?;
        let person = self.person(login);
        person.pending = what == "start";
        person.method = match what {
            "reset" => "",
            "external" => "duo",
            "confirm" => "totp",
            _ => person.method,
        };
        person.ever |= ["external", "confirm"].contains(&what);
        Ok("done")
    }

    #[allow(clippy::too_many_arguments)]
    fn enforce(
        &mut self,
        who: &str,
        org: &str,
        on: bool,
        starts: Option<i64>,
        grace: Option<u32>,
        anew: bool,
        force: bool,
        now: i64,
    ) -> Came {
        unless(!sees(who, org), "not-found")?;
        unless(level(who, org) < 2, "not-permitted")?;
        let before = self.places[org].clone();
        let mut after = before.clone();
        let begun = before.from.is_some_and(|begun| begun <= now);
        unless(on && begun && starts.is_some_and(|starts| starts > now), "invalid")?;
        if on {
            let from = starts.unwrap_or(now);
            if !(before.from.is_some_and(|begun| begun <= now) && from <= now) {
                after.from = Some(from);
            }
            let start = after.from.unwrap();
            if before.grace_from.is_none_or(|from| from > now) {
                after.grace_from = Some(start);
            }
            if anew {
                after.grace_from = Some(start.max(now));
            }
            after.grace_days = grace.map_or(before.grace_days, i64::from);
        } else if before.from.is_some() {
            after.from = None;
            after.grace_from = before.grace_from.filter(|from| *from <= now);
        }
        let same = |a: &Place, b: &Place| {
            (a.from, a.grace_from, a.grace_days) == (b.from, b.grace_from, b.grace_days)
        };
        if same(&before, &after) {
            return Ok("unchanged");
        }
        self.places.insert(ORGS.into_iter().find(|o| *o == org).unwrap(), after.clone());
        if let Some(start) = after.from {
            let admins: Vec<_> = self
                .people
                .iter()
                .filter(|(_, p)| {
                    !p.inactive && p.orgs.get(org).is_some_and(|(r, _)| *r == Role::Admin)
                })
                .map(|(login, _)| self.decide(login, org, false, start.max(now)).0)
                .collect();
            if !force && !admins.is_empty() && admins.iter().all(|answer| *answer == "enrol") {
                self.places.insert(ORGS.into_iter().find(|o| *o == org).unwrap(), before);
                return Err("last-administrator");
            }
        }
        Ok("done")
    }

    fn covered(&self, who: &str, grant: &GrantOp) -> Vec<&'static str> {
        let orgs: Vec<&'static str> = self.people[grant.user].orgs.keys().copied().collect();
        let those = |least: u8| -> Vec<&'static str> {
            let may = |org: &&&str| {
                let answer = self.may(who, grant.user, &[**org], least);
                answer.is_ok() || (answer == Err("own-account") && level(who, org) >= least)
            };
            orgs.iter().filter(may).copied().collect()
        };
        let best = if grant.long && !grant.request_only { 2 } else { 1 };
        [those(best), those(1)]
            .into_iter()
            .find(|orgs| !orgs.is_empty())
            .unwrap_or_else(|| orgs.iter().filter(|org| sees(who, org)).copied().collect())
    }

    fn waits(&self, who: &str, grant: &GrantOp, orgs: &[&'static str]) -> bool {
        let two = orgs.iter().any(|org| self.places[org].two_persons);
        let only_asks = orgs.iter().any(|org| level(who, org) < 2);
        let ever = self.people[grant.user].ever;
        !ever || grant.request_only || (grant.long && (two || only_asks))
    }

    fn grant(&mut self, who: &'static str, grant: &GrantOp, now: i64) -> Came {
        let start = now + grant.starts.unwrap_or(0);
        self.found(who, grant.user)?;
        for org in &grant.orgs {
            self.member(who, grant.user, org)?;
        }
        let orgs =
            if grant.orgs.is_empty() { self.covered(who, grant) } else { grant.orgs.clone() };
        unless(orgs.is_empty(), "not-found")?;
        unless(grant.portal && !orgs.contains(&"acme"), "not-found")?;
        self.may(who, grant.user, &orgs, 1)?;
        let person = &self.people[grant.user];
        let waits = self.waits(who, grant, &orgs);
        let cap = cap(grant, &orgs);
        let ends = if waits { i64::MAX } else { start + grant.days.unwrap_or(cap) };
        let meets = |term: &Term| {
            let counts = |org: &&&str| {
                orgs.contains(*org)
                    && person.joined.get(**org).is_none_or(|day| *day <= term.asked_on)
            };
            term.open(now)
                && term.orgs.iter().any(|org| counts(&org))
                && start < term.ends()
                && term.start < ends
        };
        let met: Vec<usize> =
            (0..person.exceptions.len()).filter(|i| meets(&person.exceptions[*i])).collect();
        if grant.replace {
            for old in met.iter().map(|i| &person.exceptions[*i]) {
                self.may(who, grant.user, &old.orgs, if old.long { 2 } else { 1 })?;
            }
        }
        unless(person.sso, "sso-account")?;
        unless(!person.ever && !grant.unenrolled_ok, "not-enrolled")?;
        unless(grant.long && !grant.evidence, "evidence-missing")?;
        unless((grant.reason == "accessibility") != grant.long, "reason-invalid")?;
        unless(grant.days.is_some_and(|days| days > cap), "cap-exceeded")?;
        let recent = person.exceptions.iter().filter(|term| {
            !term.long && !term.rejected && term.orgs.contains(&"acme") && term.asked_on > now - 30
        });
        let too_often = orgs.contains(&"acme") && recent.count() >= SHORT_PER_30_DAYS;
        unless(!grant.long && too_often, "cap-exceeded")?;
        unless(!met.is_empty() && !grant.replace, "overlap")?;
        let mut term = Term {
            long: grant.long,
            portal: grant.portal,
            asked_by: who,
            asked_on: now,
            unenrolled: !person.ever,
            two: waits && grant.long && orgs.iter().any(|org| self.places[org].two_persons),
            waits,
            start,
            days: grant.days.unwrap_or(cap),
            revoked: None,
            rejected: false,
            orgs,
            replaces: Vec::new(),
        };
        let person = self.person(grant.user);
        for i in met {
            if term.waits && !person.exceptions[i].waits {
                term.replaces.push(i);
            } else {
                person.exceptions[i].revoked = Some(now);
            }
        }
        person.exceptions.push(term);
        Ok("done")
    }

    fn settle(&mut self, who: &str, login: &str, number: u32, what: &str, now: i64) -> Came {
        self.found(who, login)?;
        let i = number as usize - 1;
        let Some(term) = self.people[login].exceptions.get(i).cloned() else {
            return Err("not-found");
        };
        unless(!term.orgs.iter().any(|org| sees(who, org)), "not-found")?;
        let least = if what == "revoke" && !term.long { 1 } else { 2 };
        self.may(who, login, &term.orgs, least)?;
        let status = term.status(now);
        match (what, status) {
            ("approve", "live" | "scheduled") | ("reject", "rejected") | ("revoke", "revoked") => {
                return Ok("unchanged");
            }
            ("approve" | "reject", "requested")
            | ("revoke", "requested" | "scheduled" | "live") => {}
            _ => return Err("not-open"),
        }
        let person = &self.people[login];
        if what == "approve" {
            let wants_two =
                |org: &&str| self.places[*org].two_persons || !person.orgs.contains_key(org);
            let two = term.unenrolled || term.two || (term.long && term.orgs.iter().any(wants_two));
            let one = term.asked_by == who
                || (person_of(who).is_some() && person_of(who) == person_of(term.asked_by));
            unless(two && one, "not-permitted")?;
            let sso = person.sso;
            let ends: Vec<usize> =
                term.replaces.iter().copied().filter(|i| person.exceptions[*i].open(now)).collect();
            for old in ends.iter().map(|i| &self.people[login].exceptions[*i]) {
                self.may(who, login, &old.orgs, if old.long { 2 } else { 1 })?;
            }
            unless(sso, "sso-account")?;
            let person = self.person(login);
            ends.iter().for_each(|i| person.exceptions[*i].revoked = Some(now));
        }
        let term = &mut self.person(login).exceptions[i];
        match what {
            "approve" => {
                term.waits = false;
                term.start = term.start.max(now);
            }
            "reject" => term.rejected = true,
            _ => term.revoked = Some(now),
        }
        Ok("done")
    }
}

/// carol and dan are operators' persons; carol signs in through SSO; bob never enrolled.
fn both() -> (World, Model) {
    let policy = |short_per_30_days, long_max| ExceptionPolicy {
        short_per_30_days,
        long_max,
        ..ExceptionPolicy::default()
    };
    let acme = Org {
        services: ns(&["portal"]),
        exceptions: policy(Some(SHORT_PER_30_DAYS as u32), None),
        ..org()
    };
    let cap = Span::seconds(LONG_CAP * 86_400);
    let globex = Org { exceptions: policy(None, Some(cap)), ..org() };
    let world = operators()
        .org("acme", acme)
        .org("globex", globex)
        .user("alice", enrolled(user("u-alice", &["acme", "globex"])))
        .user("bob", user("u-bob", &["acme"]))
        .user("carol", by_sso(user("u-carol", &["acme"])))
        .user("dan", enrolled(user("u-dan", &["globex"])));
    let person = |orgs: &[&'static str]| Person {
        orgs: orgs.iter().map(|org| (*org, (Role::Member, 0))).collect(),
        ..Person::default()
    };
    let ever = |person: Person| Person { ever: true, method: "totp", ..person };
    let people = [
        ("alice", ever(person(&["acme", "globex"]))),
        ("bob", person(&["acme"])),
        ("carol", Person { sso: true, ..person(&["acme"]) }),
        ("dan", ever(person(&["globex"]))),
    ];
    let places = ORGS.map(|org| (org, Place::default()));
    (world, Model { people: people.into(), places: places.into() })
}

fn agree(world: &World, model: &Model, at: i64) -> Result<(), TestCaseError> {
    for login in USERS {
        for org in ORGS {
            for portal in [false, true] {
                let (org_id, service) = (n(org), n::<Service>("portal"));
                let decision = decide(&Question {
                    user: &world.users[login],
                    org_id: &org_id,
                    org: &world.orgs[org],
                    service: portal.then_some(&service),
                    at: day(at),
                });
                let (requirement, rule, until) = model.decide(login, org, portal, at);
                let expected = (requirement, rule, until.map(day));
                let came: (&str, &str, Option<Time>) =
                    (decision.requirement.as_str(), decision.rule.as_str(), decision.until);
                prop_assert_eq!(
                    came,
                    expected,
                    "{} in {} on day {}, portal {}",
                    login,
                    org,
                    at,
                    portal
                );
            }
        }
    }
    Ok(())
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 512, failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn the_plain_model_says_the_same(steps in vec((an_op(), an_operator(), 0..3i64), 1..60)) {
        let (mut world, mut model) = both();
        let mut now = 1;
        for (op, who, days) in steps {
            now += days;
            let came = match world.run(who, day(now), &*op.change(now)) {
                Ok(outcome) if outcome.changed() => "done",
                Ok(_) => "unchanged",
                Err(refusal) => refusal.code.as_str(),
            };
            let expected = model.make(&op, who, now).unwrap_or_else(|code| code);
            prop_assert_eq!(came, expected, "day {}: {} does {:?}", now, who, op);
            for ahead in [0, 1, 3, 200] {
                agree(&world, &model, now + ahead)?;
            }
        }
    }
}
