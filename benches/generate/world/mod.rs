//! A world of users and orgs that is the same for the same seed. Every user is
//! drawn from a stream of its own, so that they can be made in any order and on
//! all processors.
//!
//! The shares: 10 % sign in through SSO, 60 % have the switch on, a third is
//! enrolled, 5 % have a membership opted out, one in 75 has a live exception
//! (20,000 of 1.5 million), 3 % are not active.

mod names;
mod orgs;
mod people;
mod random;
mod terms;

use mfactl::domain::ids::{Login, OrgId};
use mfactl::domain::model::{Org, User};
use mfactl::domain::time::Time;

pub use random::Random;

/// What a world is drawn from.
#[derive(Debug, Clone, Copy)]
pub struct Shape {
    /// How many users.
    pub users: u32,
    /// The seed.
    pub seed: u64,
    /// When it is.
    pub now: Time,
    /// How many exceptions have ended in the last hour.
    pub due: u32,
}

/// Users by number, and the orgs that they are members of.
#[derive(Debug)]
pub struct World {
    /// What it is drawn from.
    pub shape: Shape,
    orgs: Vec<(OrgId, Org)>,
    /// Where the share of each org ends, of all members.
    ends: Vec<f64>,
}

impl World {
    /// The world of this shape.
    pub fn new(shape: Shape) -> World {
        let orgs = orgs::all(&shape);
        let ends = orgs::shares(orgs.len());
        World { shape, orgs, ends }
    }

    /// All orgs.
    pub fn orgs(&self) -> &[(OrgId, Org)] {
        &self.orgs
    }

    /// The login of the user of this number, counted from 0.
    pub fn login(&self, number: u32) -> Login {
        people::login(self, number)
    }

    /// The user of this number.
    pub fn user(&self, number: u32) -> User {
        people::user(self, number)
    }

    /// An org, drawn by size.
    fn some_org(&self, random: &mut Random) -> &(OrgId, Org) {
        let place = random.share();
        let number = self.ends.partition_point(|end| *end <= place);
        &self.orgs[number.min(self.orgs.len() - 1)]
    }
}
