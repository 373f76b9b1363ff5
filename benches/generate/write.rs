//! A world written as a state, through the library.

use std::collections::{BTreeMap, BTreeSet};
use std::path::Path;
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};

use mfactl::domain::ids::{OperatorName, OsUser};
use mfactl::domain::model::{Operator, OperatorRole, Operators};
use mfactl::domain::outcome::Object;
use mfactl::env::Identity;
use mfactl::error::{Error, Result};
use mfactl::store::{Author, Founding, Meta, Options, Store};
use rayon::prelude::*;
use sha2::{Digest, Sha256};

use super::world::{Random, World};

/// So many users are made at once and then staged.
const BATCH: u32 = 8_192;
/// The stream of the store's own randomness.
const STORE: u64 = 1 << 41;

/// Founds a state in `dir` and writes orgs and users, these in `commits` commits.
///
/// # Errors
/// What the store says.
pub fn state(dir: &Path, world: &World, who: &Identity, commits: u8) -> Result<()> {
    let store = Store::create(dir, options(world), &founding(world, who)?)?;
    let mut begun = store.begin()?;
    for (id, org) in world.orgs() {
        begun.stage(None, &[Object::org(id, None, Some(org.clone()))])?;
    }
    begun.commit(meta(world, who, "org.add")?)?;
    for part in 0..commits {
        users(&store, world, who, (part, commits))?;
    }
    Ok(())
}

/// One part of the users. The parts are cut by the hash that also shards are cut
/// by, so that each commit writes its own shards and not those of the others again.
fn users(store: &Store, world: &World, who: &Identity, (part, of): (u8, u8)) -> Result<()> {
    let mut begun = store.begin()?;
    let mut first = 0;
    while first < world.shape.users {
        let end = first.saturating_add(BATCH).min(world.shape.users);
        let made: Vec<Object> = (first..end)
            .into_par_iter()
            .filter_map(|number| {
                let login = world.login(number);
                let here = part_of(login.as_str(), of) == part;
                here.then(|| Object::user(&login, None, Some(world.user(number))))
            })
            .collect();
        begun.stage(None, &made)?;
        first = end;
    }
    begun.commit(meta(world, who, "user.import")?).map(drop)
}

fn part_of(login: &str, parts: u8) -> u8 {
    let hash = Sha256::digest(login.as_bytes());
    let place = u32::from(u16::from_be_bytes([hash[0], hash[1]]));
    ((place * u32::from(parts)) >> 16) as u8
}

/// A clock that stands still and randomness that comes again: the same state for the same seed.
fn options(world: &World) -> Options {
    let (now, seed, drawn) = (world.shape.now, world.shape.seed, AtomicU64::new(STORE));
    let fill = move |bytes: &mut [u8]| {
        let mut random = Random::new(seed, drawn.fetch_add(1, Ordering::Relaxed));
        bytes.iter_mut().for_each(|byte| *byte = random.below(256) as u8);
    };
    let mut options = Options::new(Arc::new(move || now), Arc::new(fill));
    options.command = "generate".to_owned();
    options.boot_id = Arc::new(|| mfactl::env::boot_id().unwrap_or_default());
    options
}

fn meta(world: &World, who: &Identity, action: &str) -> Result<Meta> {
    Ok(Meta {
        author: Author {
            operator: "root".to_owned(),
            os_user: who.os_user()?.to_owned(),
            identity_from: who.from.as_str().to_owned(),
        },
        action: action.to_owned(),
        subject: None,
        message: None,
        ticket: None,
        at: world.shape.now,
        orgs: Vec::new(),
    })
}

fn founding(world: &World, who: &Identity) -> Result<Founding> {
    let os_user = OsUser::parse(who.os_user()?).map_err(|e| Error::usage(e.to_string()))?;
    let operator = Operator {
        os_users: BTreeSet::from([os_user]),
        roles: BTreeSet::from([OperatorRole::SiteAdmin]),
        person: None,
        service: false,
    };
    let name = OperatorName::parse("root").expect("a name");
    let operators = Operators { operators: BTreeMap::from([(name, operator)]) };
    Ok(Founding { operators, meta: meta(world, who, "init")?, key: None })
}
