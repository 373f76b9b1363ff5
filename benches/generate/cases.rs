//! Users that a benchmark may ask about and change, in groups that have nobody in common.

use std::collections::BTreeMap;
use std::fs::File;
use std::io::{BufWriter, Result, Write};
use std::path::Path;

use mfactl::domain::ids::OrgId;
use mfactl::domain::model::{Enforcement, Switch, User};

use crate::world::World;

/// A group with how many of it are written at most.
type Group = (&'static str, usize, fn(&World, &User) -> bool);

/// Which user may be of which group goes by the last digit of its number.
const GROUPS: [Group; 5] = [
    // The switch is on and may go off, because none of the orgs enforces.
    ("switch", 64, |world, user| switches(world, user) && user.mfa == Switch::On),
    // The same without an enrolment: there is room for one with a secret of our own.
    ("verify", 256, |world, user| {
        switches(world, user) && user.mfa == Switch::On && !enrolled(user)
    }),
    // May be granted an exception.
    ("grant", 256, |_, user| plain(user) && enrolled(user)),
    // May have an exception that ended.
    ("due", 1_000, |_, user| plain(user) && enrolled(user)),
    // May be switched on and off.
    ("bulk", 100_000, switches),
];

/// Writes `GROUP LOGIN ORG ID` lines, users of small groups spread over all numbers.
///
/// # Errors
/// What the system says.
pub fn write(path: &Path, world: &World) -> Result<()> {
    let mut found: BTreeMap<&str, Vec<String>> = BTreeMap::new();
    for number in 0..world.shape.users {
        // Half of all numbers are for the large group.
        let (name, _, fits) = GROUPS[(number % 10).min(4) as usize];
        let lines = found.entry(name).or_default();
        let user = world.user(number);
        if fits(world, &user)
            && let Some(org) = user.memberships.keys().next()
        {
            lines.push(format!("{name} {} {org} {}", world.login(number), user.id));
        }
    }
    let mut file = BufWriter::new(File::create(path)?);
    for (name, most, _) in GROUPS {
        let lines = found.remove(name).unwrap_or_default();
        let step = (lines.len() / most).max(1);
        for line in lines.iter().step_by(step).take(most) {
            writeln!(file, "{line}")?;
        }
    }
    file.flush()
}

/// An active user with a password and nothing out of the ordinary.
fn plain(user: &User) -> bool {
    let opted_out = user.memberships.values().any(|of| of.opt_out.is_some());
    user.active && !user.is_sso() && user.exceptions.is_empty() && !opted_out
}

fn enrolled(user: &User) -> bool {
    user.enrolment.current.is_some()
}

/// Whether the switch may be set either way.
fn switches(world: &World, user: &User) -> bool {
    let free = |id: &OrgId| {
        let org = world.orgs().iter().find(|(other, _)| other == id);
        org.is_some_and(|(_, org)| {
            org.enforcement == Enforcement::OFF && org.mandated_roles.is_empty()
        })
    };
    plain(user) && user.memberships.keys().all(free)
}
