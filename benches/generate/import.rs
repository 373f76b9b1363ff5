//! The same users as a file for `user import`.

use std::error::Error;
use std::path::Path;

use csv::Writer;
use mfactl::domain::model::{Method, Role};
use rayon::prelude::*;

use crate::world::World;

const BATCH: u32 = 8_192;

/// Writes the file, a user a row.
///
/// # Errors
/// What the system says.
pub fn write(path: &Path, world: &World) -> Result<(), Box<dyn Error>> {
    let mut file = Writer::from_path(path)?;
    file.write_record([
        "login", "id", "name", "email", "sign_in", "provider", "mfa", "orgs", "active", "enrolled",
    ])?;
    for first in (0..world.shape.users).step_by(BATCH as usize) {
        let end = first.saturating_add(BATCH).min(world.shape.users);
        let rows: Vec<[String; 10]> =
            (first..end).into_par_iter().map(|number| row(world, number)).collect();
        rows.iter().try_for_each(|row| file.write_record(row))?;
    }
    Ok(file.flush()?)
}

fn row(world: &World, number: u32) -> [String; 10] {
    let user = world.user(number);
    let text = |value: Option<String>| value.unwrap_or_default();
    let orgs: Vec<String> = user
        .memberships
        .iter()
        .map(|(org, of)| match of.role {
            Role::Member => org.to_string(),
            role => format!("{org}:{}", role.as_str()),
        })
        .collect();
    let since = |method: &Method| method.since.day();
    [
        world.login(number).to_string(),
        user.id.to_string(),
        text(user.name.as_ref().map(ToString::to_string)),
        text(user.email.as_ref().map(ToString::to_string)),
        user.sign_in.as_str().to_owned(),
        text(user.provider.as_ref().map(ToString::to_string)),
        user.mfa.as_str().to_owned(),
        orgs.join(";"),
        if user.active { "yes" } else { "no" }.to_owned(),
        text(user.enrolment.current.as_ref().map(since)),
    ]
}
