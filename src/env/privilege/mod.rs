//! Whose rights the process works with. Read this first in a security review.
//!
//! On a production host the state belongs to a service user, and people come through
//! `sudo mfactl …`: the program then has rights that the person does not have. So, in this
//! order, before anything else happens:
//!
//! 1. [`harden`]: umask, core dumps, signals of limits.
//! 2. [`Identity`]: who the person is, and what the rights of the process are to theirs.
//! 3. [`enter`]: the configuration that counts, the state's place, opened once and checked
//!    with every directory above it, and the change of user: the process becomes the owner of
//!    the state for good, and files that the person named are left to [`Person`], who has the
//!    person's rights alone.
//!
//! An [`super::Env`] exists only after the last step. Everything that reads or writes asks for
//! one, so that no thread is started and no path is looked up before it; a thread that is
//! started later has the owner's rights from this one.

mod credentials;
mod identity;
pub(super) mod path;
mod person;
mod place;
mod process;

use std::path::Path;

use nix::unistd::User;
use rustix::fs::Mode;

pub use identity::{Identity, IdentityFrom};
pub use place::OpenedPlace;
pub use process::{Hardened, harden};

use credentials::Credentials;
use identity::Rights;
use path::look_up;
pub(super) use person::Person;
pub(super) use place::PlaceContent as AtPlace;
use place::PlaceContent;

use super::settings::{Settings, Surroundings, TypedSettings};
use super::variable;
use crate::error::{Error, Kind, Result};

/// The service user, whose the system's state is (packaging/sysusers.d).
const SERVICE_USER: &str = "mfactl";

/// The process as it works from here on.
#[derive(Debug)]
pub(super) struct Entered {
    pub(super) settings: Settings,
    pub(super) place: OpenedPlace,
    pub(super) person: Person,
    /// Whether the process has rights that the person does not have.
    pub(super) privileged: bool,
    /// Whether the person may make a state where none is, if that was asked for.
    pub(super) founding: Result<()>,
}

/// Finds the configuration and the state, and gives the process the rights that it works
/// with. `identity` is who runs it.
///
/// # Errors
/// Usage (2): an option that does not count in privileged mode, a configuration that is
/// wrong or cannot be read; not permitted (5); system (8).
pub(super) fn enter(identity: &Identity, typed: &TypedSettings) -> Result<Entered> {
    let world = Surroundings::find(typed.clone());
    let mut entered = if identity.rights == Rights::Own {
        own(&world)
    } else {
        let settings = world.configured()?;
        match typed.state.as_ref().filter(|state| **state != settings.state) {
            Some(state) => own_under_sudo(identity, typed, state, &settings),
            None => privileged(identity, typed, settings),
        }
    }?;
    entered.place.let_go_above();
    Ok(entered)
}

/// The process has the person's rights, or is root's and so is the person.
fn own(world: &Surroundings) -> Result<Entered> {
    let me = rustix::process::geteuid().as_raw();
    let mut settings = world.own()?;
    let mut place = OpenedPlace::open(&settings.state, me);
    if me == 0 && world.founds() && place.is_vacant().unwrap_or(false) {
        prepare(&mut place, &settings, world.is_system(&settings.state))?;
    }
    settings.set_real(&place.real, world.credentials(place.owner()));
    let person = match place.owner() {
        Some(owner) if me == 0 && owner.0 != 0 => become_owner(0, owner)?,
        _ => Person::is_process(),
    };
    Ok(Entered { settings, place, person, privileged: false, founding: Ok(()) })
}

/// Another state than the configured one, under sudo: one's own needs none of root's
/// rights, so the process gives them up before it looks there.
fn own_under_sudo(
    identity: &Identity,
    typed: &TypedSettings,
    state: &Path,
    configured: &Settings,
) -> Result<Entered> {
    let refused = || {
        let message = format!(
            "--state {} does not count here: under sudo only a state of your own or the configured \
             one ({}) can be used",
            state.display(),
            configured.state.display()
        );
        let error = Error::new(Kind::Usage, "privileged", message).about(state.display());
        error.words(
            "leave --state out; root itself can name any state, and a second one of the machine \
             has a configuration of its own: --instance NAME",
        )
    };
    if identity.rights != Rights::Root {
        return Err(refused());
    }
    let failed = |e| Error::system("take on", "your own rights", &e);
    Credentials::of(identity.uid, None)?.enter().map_err(failed)?;
    // Afresh: as the person.
    let entered = own(&Surroundings::find(typed.clone()))?;
    match &entered.place.found {
        PlaceContent::Dir { owner, .. } if owner.0 != identity.uid => Err(refused()),
        PlaceContent::Unusable(error) if error.code == "not-owner" => Err(refused()),
        _ => Ok(entered),
    }
}

/// The configured state, with rights that the person does not have.
fn privileged(
    identity: &Identity,
    typed: &TypedSettings,
    mut settings: Settings,
) -> Result<Entered> {
    refuse_options(typed, &settings)?;
    for name in ["MFACTL_STATE", "MFACTL_CONFIG"] {
        if let Some(value) = variable(name) {
            let value = value.to_string_lossy();
            settings.warnings.push(format!("{name}={value} does not count under sudo"));
        }
    }
    let (me, is_root) = (rustix::process::geteuid().as_raw(), identity.rights == Rights::Root);
    process::lift_limits()?;
    let mut place = OpenedPlace::open(&settings.state, me);
    if let PlaceContent::File(_) = place.found {
        let message = format!("{} is not a directory", settings.state.display());
        place.found = PlaceContent::Unusable(Error::usage(message).about(settings.state.display()));
    }
    settings.set_real(&place.real, None);
    let founding = match typed.founds {
        true => permit_founding(identity, typed.instance.is_some(), &settings),
        false => Ok(()),
    };
    if typed.founds && is_root && place.is_vacant()? {
        founding.clone()?;
        prepare(&mut place, &settings, true)?;
    }
    let Some(owner) = place.owner() else {
        // There is nothing to work on: then nothing is done with more than the person's rights.
        let person = match identity.rights {
            Rights::Root => {
                let failed = |e| Error::system("take on", "your own rights", &e);
                Credentials::of(identity.uid, None)?.enter().map_err(failed)?;
                Person::is_process()
            }
            _ => Person::is_nobody(),
        };
        return Ok(Entered { settings, place, person, privileged: true, founding });
    };
    let person = if is_root { become_owner(identity.uid, owner)? } else { Person::is_nobody() };
    // Root's rights were for the owner of the state, who needs none.
    let privileged = !is_root || owner.0 != identity.uid;
    Ok(Entered { settings, place, person, privileged, founding })
}

/// Whether the person may make a state under sudo and so become its first site-admin. If root's
/// configuration does not say, they may on a machine that never had a state: nobody else has
/// the right to run `sudo mfactl` yet.
///
/// # Errors
/// Not permitted (5); system (8).
fn permit_founding(identity: &Identity, is_instance: bool, settings: &Settings) -> Result<()> {
    let os_user = identity.os_user()?;
    let why = match &settings.config.founder {
        Some(founder) if founder == os_user => return Ok(()),
        Some(founder) => format!("only {founder} may make a state here"),
        None if is_instance => {
            "the configuration of the instance does not say who may make its state".to_owned()
        }
        None => {
            let key = &settings.key.path;
            match std::fs::symlink_metadata(key) {
                Err(e) if e.kind() == std::io::ErrorKind::NotFound => return Ok(()),
                Err(e) => return Err(Error::system("look at", key.display(), &e)),
                Ok(_) => format!(
                    "this machine had a state: its key {} exists; is the volume of the state mounted?",
                    key.display()
                ),
            }
        }
    };
    let file =
        settings.config_file.clone().unwrap_or_else(|| TypedSettings::default().system_config());
    let message = format!("no state is made under sudo: {why}");
    Err(Error::new(Kind::NotPermitted, "privileged", message).about(os_user).words(format!(
        "root names who may with founder = \"NAME\" in {}, or makes it from a root login",
        file.display()
    )))
}

/// What is typed in privileged mode and does not count there is an error, not a wish.
fn refuse_options(typed: &TypedSettings, settings: &Settings) -> Result<()> {
    let file = settings.config_file.clone().unwrap_or_else(|| typed.system_config());
    let refused = |option: &str, instead: String| {
        let message = format!("{option} does not count under sudo, on a state that is not yours");
        Err(Error::new(Kind::Usage, "privileged", message).words(instead))
    };
    if let Some(config) = &typed.config {
        let instead = format!("only {} does, which root writes", file.display());
        return refused(&format!("--config {}", config.display()), instead);
    }
    if typed.allow_nfs {
        return refused("--allow-nfs", format!("set allow_nfs = true in {}", file.display()));
    }
    Ok(())
}

/// As root: the process becomes the owner of the state, for good. Returns who has the rights
/// of the user `person` from now on.
fn become_owner(person: u32, owner: (u32, u32)) -> Result<Person> {
    let failed = |e| Error::system("become the owner of", "the state", &e);
    let hands = match person == owner.0 {
        true => Person::is_process(),
        false => Person::is_thread(person, owner.0)?,
    };
    Credentials::of(owner.0, Some(owner.1))?.enter().map_err(failed)?;
    Ok(hands)
}

/// What only root can make for a new state: its directory below one of root's, and the
/// folder of its key.
fn prepare(place: &mut OpenedPlace, settings: &Settings, is_system: bool) -> Result<()> {
    if is_system {
        let trusted = place.looked.as_ref().map_or(Ok(()), |looked| looked.trusted(0, 0));
        trusted.map_err(|untrusted| place::untrusted(&settings.state, &untrusted))?;
        if matches!(place.found, PlaceContent::Nothing) {
            place.make(service_user()?)?;
        }
    }
    match place.owner() {
        Some(owner) if owner.0 != 0 => make_key_folder(&settings.key_file(&place.real), owner),
        _ => Ok(()),
    }
}

fn service_user() -> Result<(u32, u32)> {
    let found = User::from_name(SERVICE_USER);
    let found = found.map_err(|e| Error::system("look up", SERVICE_USER, &e.into()))?;
    let user = found.ok_or_else(|| {
        let message = format!("the user {SERVICE_USER}, whom the state is to belong to, does not exist");
        Error::new(Kind::NotFound, "no-service-user", message)
            .about(SERVICE_USER)
            .words("make it with systemd-sysusers, or with: useradd --system --user-group --home-dir /var/lib/mfactl mfactl")
            .words("or make the state's directory yourself, for whoever is to own it")
    })?;
    Ok((user.uid.as_raw(), user.gid.as_raw()))
}

/// The folder of the key, where it does not exist: the owner's alone, below one of root's.
fn make_key_folder(key: &Path, owner: (u32, u32)) -> Result<()> {
    let Some(folder) = key.parent() else { return Ok(()) };
    let failed = |e: &std::io::Error| Error::system("make", folder.display(), e);
    let exists = |path: &Path| match std::fs::symlink_metadata(path) {
        Ok(_) => Ok(true),
        Err(e) if e.kind() == std::io::ErrorKind::NotFound => Ok(false),
        Err(e) => Err(failed(&e)),
    };
    if exists(folder)? {
        return Ok(());
    }
    let looked = look_up(folder).map_err(|e| failed(&e))?;
    if let Err(untrusted) = looked.trusted(0, 0) {
        return Err(place::untrusted(folder, &untrusted));
    }
    if looked.parent.is_none() {
        // /etc/mfactl, which everybody may look into: the configuration is there.
        let above = folder.parent().unwrap_or(Path::new("/"));
        let looked = look_up(above).map_err(|e| failed(&e))?;
        let missing = || failed(&std::io::ErrorKind::NotFound.into());
        let parent = looked.parent.as_ref().ok_or_else(missing)?;
        let open = Mode::RWXU | Mode::RGRP | Mode::XGRP | Mode::ROTH | Mode::XOTH;
        place::make_dir(parent, &looked.name, open, (0, 0)).map_err(|e| failed(&e.into()))?;
        return make_key_folder(key, owner);
    }
    let parent =
        looked.parent.as_ref().ok_or_else(|| failed(&std::io::ErrorKind::NotFound.into()))?;
    place::make_dir(parent, &looked.name, Mode::RWXU, owner).map_err(|e| failed(&e.into()))?;
    Ok(())
}
