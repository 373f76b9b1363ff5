//! The users, each from its own stream.

use std::collections::BTreeMap;

use mfactl::domain::ids::{Email, Login, OrgId, Provider, UserId};
use mfactl::domain::model::{
    Enrolment, Membership, Method, MethodKind, Role, SetBy, SignIn, Switch, User,
};
use mfactl::domain::time::{DAY, Span, Time};

use super::names::{FAMILY, GIVEN};
use super::random::between;
use super::{Random, World, names, terms};

/// How long ago the first users came (seconds).
const YEARS: i64 = 5 * 365 * DAY;
/// The share of SSO accounts.
const SSO: f64 = 0.10;
/// The share of password accounts with the switch on: 60 % of all.
const SWITCHED_ON: f64 = 2.0 / 3.0;
/// The share of password accounts that are enrolled: a third of all.
const ENROLLED: f64 = 0.36;
/// The share of password accounts with an opt-out: 5 % of all.
const OPTED_OUT: f64 = 0.0556;

/// The login of the user of this number: the number makes it unique.
pub fn login(world: &World, number: u32) -> Login {
    let ((_, given), (_, family)) = name(&mut stream(world, number));
    names::login(&format!("{given}.{family}{}", number + 1))
}

/// The user of this number.
pub fn user(world: &World, number: u32) -> User {
    let random = &mut stream(world, number);
    let ((given, given_login), (family, family_login)) = name(random);
    let login = format!("{given_login}.{family_login}{}", number + 1);
    let now = world.shape.now;
    let since = now.minus(Span::seconds(DAY + random.seconds(YEARS)));
    let term = terms::of(&world.shape, number);
    // Whoever has an exception has a password and registered a method.
    let sso = random.comes(SSO) && term.is_none();
    let enrolled = random.comes(ENROLLED) || term.is_some();
    let on = random.comes(SWITCHED_ON);
    let active = !random.comes(0.03) || term.is_some();
    let mut memberships = memberships(world, random, since);
    let opted_out = random.comes(OPTED_OUT);
    if !sso && opted_out {
        let opt_out = terms::opt_out(now, since, random);
        memberships.values_mut().take(1).for_each(|of| of.opt_out = Some(opt_out.clone().into()));
    }
    let home = memberships.keys().next().expect("everybody is a member somewhere").clone();
    let exceptions = term.map(|term| (1, terms::exception(now, term, &home, &login, random)));
    User {
        id: id(world, number),
        name: Some(names::text(&format!("{given} {family}"))),
        email: Some(Email::parse(&format!("{login}@{home}.example")).expect("an address")),
        sign_in: if sso { SignIn::Sso } else { SignIn::Password },
        provider: sso.then(|| Provider::parse("entra").expect("a provider")),
        active,
        mfa: if on && !sso { Switch::On } else { Switch::Off },
        mfa_set_by: (on && !sso).then(|| set_by(now, since, random)),
        unlocks: 0,
        memberships: memberships.into(),
        left: BTreeMap::new(),
        enrolment: if enrolled && !sso {
            enrolment(now, since, random)
        } else {
            Enrolment::default()
        },
        last_exception: 0,
        exceptions: exceptions.into_iter().collect(),
    }
}

fn stream(world: &World, number: u32) -> Random {
    Random::new(world.shape.seed, u64::from(number))
}

type Spelled = (&'static str, &'static str);

fn name(random: &mut Random) -> (Spelled, Spelled) {
    (*random.one_of(GIVEN), *random.one_of(FAMILY))
}

/// Forty bits that no other number has: an odd factor is invertible modulo a power of two.
fn id(world: &World, number: u32) -> UserId {
    const DIGITS: &[u8; 32] = b"0123456789abcdefghjkmnpqrstvwxyz";
    let mixed = (u64::from(number) ^ (world.shape.seed << 32)).wrapping_mul(0x9E_3779_B97F);
    let digits = (0..8).map(|at| char::from(DIGITS[(mixed >> (35 - 5 * at) & 31) as usize]));
    UserId::parse(&format!("u_{}", digits.collect::<String>())).expect("an id")
}

fn memberships(world: &World, random: &mut Random, since: Time) -> BTreeMap<OrgId, Membership> {
    let more = match random.share() {
        share if share < 0.85 => 0,
        share if share < 0.97 => 1,
        _ => 2,
    };
    let mut memberships = BTreeMap::new();
    for _ in 0..=more {
        let (id, _) = world.some_org(random);
        let role = match random.share() {
            share if share < 0.01 => Role::Admin,
            share if share < 0.03 => Role::Helpdesk,
            _ => Role::Member,
        };
        let membership =
            Membership { role, joined_at: since, first_joined_at: None, opt_out: None };
        memberships.insert(id.clone(), membership);
    }
    memberships
}

fn set_by(now: Time, since: Time, random: &mut Random) -> SetBy {
    SetBy { by: "root".to_owned(), at: between(since, now, random), requested_by: None }
}

/// With another system: secrets of our own are not made here.
fn enrolment(now: Time, since: Time, random: &mut Random) -> Enrolment {
    let at = between(since, now, random);
    let app = Provider::parse("authenticator-app").expect("a provider");
    let method = Method { method: MethodKind::External(app), since: at };
    Enrolment { first_at: Some(at), current: Some(method), ..Enrolment::default() }
}
