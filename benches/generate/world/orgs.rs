//! The orgs: up to 200, their sizes skewed, three in ten enforcing.

use mfactl::domain::ids::{OrgId, Service};
use mfactl::domain::model::{Enforcement, ExceptionPolicy, OptOutPolicy, Org, Role, Switch};
use mfactl::domain::time::Span;

use super::names::{self, KINDS, PLACES};
use super::{Random, Shape};

/// No more orgs than this.
const MOST: u32 = 200;
/// About so many users an org, where there are few users.
const USERS_EACH: u32 = 75;
/// Numbers of streams that no user has.
const STREAM: u64 = 1 << 40;

/// All orgs of a world.
pub fn all(shape: &Shape) -> Vec<(OrgId, Org)> {
    let count = (shape.users / USERS_EACH).clamp(5, MOST);
    (0..count).map(|number| one(shape, number)).collect()
}

/// Where the share of each of `count` orgs ends: the first has the most members.
pub fn shares(count: usize) -> Vec<f64> {
    let weights: Vec<f64> = (0..count).map(|rank| (rank as f64 + 3.0).powf(-0.9)).collect();
    let sum: f64 = weights.iter().sum();
    let mut end = 0.0;
    weights
        .iter()
        .map(|weight| {
            end += weight / sum;
            end
        })
        .collect()
}

fn one(shape: &Shape, number: u32) -> (OrgId, Org) {
    let mut random = Random::new(shape.seed, STREAM + u64::from(number));
    let number = number as usize;
    let (place, place_id) = PLACES[number % PLACES.len()];
    let (kind, kind_id) = KINDS[number / PLACES.len() % KINDS.len()];
    let id = names::org(&format!("{place_id}-{kind_id}"));
    // Spread over small and large ones alike.
    let enforces = number % 10 >= 7;
    let since = shape.now.minus(Span::days(30)).minus(Span::seconds(random.seconds(400 * 86_400)));
    let enforcement = Enforcement {
        state: Switch::On,
        from: Some(since),
        by: Some("root".to_owned()),
        at: Some(since),
        ..Enforcement::OFF
    };
    let org = Org {
        name: Some(names::text(&format!("{place} {kind}"))),
        enforcement: if enforces { enforcement } else { Enforcement::OFF },
        grace_days: *random.one_of(&[0, 0, 7, 14]),
        grace_from: enforces.then_some(since),
        opt_out: if number % 20 == 19 { OptOutPolicy::Deny } else { OptOutPolicy::Allow },
        mandated_roles: random.comes(0.2).then_some(Role::Admin).into_iter().collect(),
        opt_out_max: None,
        services: ["office", "portal"].iter().map(|name| service(name)).collect(),
        exceptions: ExceptionPolicy::default(),
        policy: None,
    };
    (id, org)
}

/// A service that every org has.
pub fn service(name: &str) -> Service {
    Service::parse(name).expect("these names are spelled for services")
}
