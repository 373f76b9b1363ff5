//! `key info` and `key rotate`.

use std::ops::ControlFlow;

use super::Answer;
use super::change::Stage;
use super::made::Made;
use super::ring::{self, First};
use super::session::Session;
use crate::cli::key as cli;
use crate::domain::change::RotateKey;
use crate::domain::ids::{Login, UserId};
use crate::error::{Error, Kind, Result};
use crate::report::key::KeyReport;
use crate::secret::line::{Owner, UserSecrets};
use crate::secret::ring::KeyRing;
use crate::store::View;

/// Runs one of them.
pub(super) fn run(session: &Session<'_>, verb: cli::Key) -> Result<Answer> {
    match verb {
        cli::Key::Info(_) => info(session),
        cli::Key::Rotate(args) => rotate(session, &args),
    }
}

fn info(session: &Session<'_>) -> Result<Answer> {
    let (view, actor) = session.view()?;
    actor.permit_reading_everything()?;
    let place = session.key_place();
    let ring = ring::in_file(place)?;
    let keys: Vec<String> =
        ring.iter().flat_map(KeyRing::keys).map(|key| key.id().to_string()).collect();
    let fits = view
        .key_check()
        .map(|check| ring.as_ref().is_some_and(|ring| ring.check(view.store_id(), check).is_ok()));
    let (mut secrets, mut older, mut unreadable) = (0, 0, 0);
    view.each_secrets(|_, line| {
        for totp in line.current.iter().chain(&line.pending) {
            let key = totp.sealed().key().as_str();
            secrets += 1;
            older += u64::from(keys.last().is_none_or(|newest| newest != key));
            unreadable += u64::from(!keys.iter().any(|known| known == key));
        }
        Ok(ControlFlow::Continue(()))
    })?;
    let report = KeyReport {
        file: place.path.display().to_string(),
        credential: place.credential,
        keys,
        fits,
        secrets,
        older,
        unreadable,
        rev: view.rev(),
    };
    Ok(Answer::one(report))
}

/// Rotation: the new key comes into the file beside the old ones; everything is sealed
/// with it in one commit; the old ones go. Whatever is killed, a key that something is
/// sealed with is in the file.
fn rotate(session: &Session<'_>, args: &cli::RotateKey) -> Result<Answer> {
    if !args.change.dry_run {
        session.confirm("make a new sealing key and seal every secret with it?")?;
    }
    let mut stage = Stage::begin(session, &args.change)?;
    let first = stage.view().key_check().is_none();
    let outcome = stage.make(&RotateKey { first })?;
    let dry_run = args.change.dry_run;
    let ring = match first {
        true => {
            let key: First = ring::first(session)?;
            if !dry_run {
                key.write(session)?;
            }
            key.ring
        }
        false => grown(session, &stage, dry_run)?,
    };
    for (login, secrets) in resealed(session, stage.view(), &ring)? {
        stage.keep_secrets(&login, &secrets);
    }
    let store = stage.view().store_id().to_owned();
    stage.keep_key_check(ring.check_value(&store, &mut session.random()));
    let now = stage.now();
    let committed =
        stage.commit(outcome.action, Some(outcome.subject.clone()), outcome.orgs.clone())?;
    let made = Made { now, dry_run, committed };
    let mut report = made.report(&outcome);
    if made.committed.is_some() && !first {
        let alone = ring.newest_alone().to_text();
        if let Err(e) = session.key_place().replace(alone.reveal().as_bytes()) {
            report.warnings.push(format!(
                "everything is sealed with the new key, but the old ones are still in the file: {e}"
            ));
        }
    }
    let warnings = report.warnings.clone();
    Ok(Answer::one(report).made(made.committed.is_some()).warn(warnings))
}

/// The ring with a new key, which is in the file already.
fn grown(session: &Session<'_>, stage: &Stage<'_>, dry_run: bool) -> Result<KeyRing> {
    let place = session.key_place();
    if place.credential {
        let message = "the key is a credential of systemd, which cannot be replaced from here";
        return Err(Error::new(Kind::Refused, "key-credential", message)
            .about(place.path.display())
            .words("run it where key_file of the configuration names the key's own file"));
    }
    let ring = ring::read(session, stage.view())?.with_new_key(&mut session.random());
    if !dry_run {
        place.replace(ring.to_text().reveal().as_bytes())?;
    }
    Ok(ring)
}

/// Everything that is sealed with another key than the newest, sealed with that.
fn resealed(
    session: &Session<'_>,
    view: &View,
    ring: &KeyRing,
) -> Result<Vec<(Login, UserSecrets)>> {
    let mut anew = Vec::new();
    view.each_secrets(|login, secrets| {
        let user: UserId = view
            .user(login)?
            .ok_or_else(|| {
                Error::damaged(login, format!("there are secrets of {login}, and no such user"))
            })?
            .id;
        let owner = Owner { store: view.store_id(), user: &user };
        if let Some(secrets) = secrets.reseal(ring, owner, &mut session.random())? {
            anew.push((login.clone(), secrets));
        }
        Ok(ControlFlow::Continue(()))
    })?;
    Ok(anew)
}
