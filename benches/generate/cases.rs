//! Users that a benchmark may ask about and change: their switch is on and may
//! go off, because none of their orgs enforces.

use std::fs::File;
use std::io::{BufWriter, Result, Write};
use std::path::Path;

use mfactl::domain::ids::OrgId;
use mfactl::domain::model::{Enforcement, Switch, User};

use crate::world::World;

/// How many are written.
const MOST: usize = 64;

/// Writes `LOGIN ORG` lines, users spread over all numbers.
///
/// # Errors
/// What the system says.
pub fn write(path: &Path, world: &World) -> Result<()> {
    let mut file = BufWriter::new(File::create(path)?);
    let step = (world.shape.users / (8 * MOST as u32)).max(1);
    let cases = (0..world.shape.users).step_by(step as usize).filter_map(|number| {
        let user = world.user(number);
        let org = suitable(world, &user)?;
        Some((world.login(number), org.clone()))
    });
    for (login, org) in cases.take(MOST) {
        writeln!(file, "{login} {org}")?;
    }
    file.flush()
}

/// The user's org, where the user is an ordinary one.
fn suitable<'a>(world: &World, user: &'a User) -> Option<&'a OrgId> {
    let free = |id: &OrgId| {
        let org = world.orgs().iter().find(|(other, _)| other == id);
        org.is_some_and(|(_, org)| org.enforcement == Enforcement::OFF)
    };
    let ordinary = user.active
        && !user.is_sso()
        && user.mfa == Switch::On
        && user.exceptions.is_empty()
        && user.memberships.values().all(|of| of.opt_out.is_none())
        && user.memberships.keys().all(free);
    user.memberships.keys().next().filter(|_| ordinary)
}
