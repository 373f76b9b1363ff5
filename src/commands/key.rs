//! `key info` and `key rotate`.

use std::ops::ControlFlow;

use super::Answer;
use super::change::Stage;
use super::change_report::ChangesMade;
use super::keyring;
use super::session::Session;
use crate::cli::key as cli;
use crate::domain::change::RotateKey;
use crate::domain::ids::Login;
use crate::env::{HeldKey, KeyPlace};
use crate::error::{Error, Kind, Result};
use crate::report::answers::key::KeyReport;
use crate::secret::line::UserSecrets;
use crate::secret::ring::KeyRing;
use crate::store::View;

/// Runs one of them.
pub(super) fn run(session: &Session<'_>, verb: cli::KeyCommand) -> Result<Answer> {
    match verb {
        cli::KeyCommand::Info(_) => info(session),
        cli::KeyCommand::Rotate(args) => rotate(session, &args),
    }
}

fn info(session: &Session<'_>) -> Result<Answer> {
    let (view, actor) = session.view()?;
    actor.permit_reading_everything()?;
    let place = session.key_place();
    let ring = keyring::in_file(place)?;
    let keys: Vec<String> =
        ring.iter().flat_map(KeyRing::keys).map(|key| key.id().to_string()).collect();
    let fits = view
        .key_check()
        .map(|check| ring.as_ref().is_some_and(|ring| ring.check(view.store_id(), check).is_ok()));
    let (mut secrets, mut older, mut unreadable) = (0, 0, 0);
    view.each_secrets(|_, line| {
        for totp in line.totps() {
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

/// Rotation: everything is sealed with a new key in memory; the key comes into the file
/// beside the old ones; one commit. Whatever is killed, each key that something is sealed
/// with is in the file.
fn rotate(session: &Session<'_>, args: &cli::RotateKeyArgs) -> Result<Answer> {
    let dry_run = args.change.dry_run;
    if !dry_run {
        session.confirm(question(args.forget_old))?;
    }
    let mut stage = Stage::begin(session, &args.change)?;
    let first = needs_first(session, stage.view())?;
    let outcome = stage.make(&RotateKey { first })?;
    if args.forget_old {
        keyring::check_value(stage.view())?;
    }
    refuse_credential(session.key_place(), first)?;
    let mut warnings = Vec::new();
    let mut rotation = match first {
        true => Rotation::first(session, dry_run, &mut warnings)?,
        false => Rotation::of(session, stage.view(), args.forget_old)?,
    };
    for (login, secrets) in std::mem::take(&mut rotation.resealed) {
        stage.keep_resealed(&login, &secrets);
    }
    let store = stage.view().store_id().to_owned();
    stage.keep_key_check(rotation.ring.check_value(&store, &mut session.random()));
    let now = stage.now();
    if !dry_run {
        rotation.write()?;
    }
    let committed = stage
        .commit(outcome.action, Some(outcome.subject.clone()), outcome.orgs.clone())
        .inspect_err(|e| rotation.take_back(e))?;
    let made = ChangesMade { now, dry_run, committed };
    let mut report = made.report(&outcome);
    report.warnings.append(&mut warnings);
    if made.committed.is_some() && args.forget_old {
        report.warnings.extend(rotation.forget());
    }
    Ok(made.answer(report))
}

/// Whether the state has no key yet, or lost the one it had when nothing is sealed any
/// more: then there is nothing that an old key would have to open.
fn needs_first(session: &Session<'_>, view: &View) -> Result<bool> {
    let Some(check) = view.key_check() else { return Ok(true) };
    if keyring::seals_something(view)? {
        return Ok(false);
    }
    let ring = keyring::in_file(session.key_place())?;
    Ok(ring.is_none_or(|ring| ring.check(view.store_id(), check).is_err()))
}

fn question(forget_old: bool) -> &'static str {
    match forget_old {
        false => "make a new sealing key and seal every secret with it?",
        true => {
            "make a new sealing key, seal every secret with it and forget the older keys? Backups \
             with secrets made before, and other states with this key file, will not open any more"
        }
    }
}

fn refuse_credential(place: &KeyPlace, is_first: bool) -> Result<()> {
    if is_first || !place.credential {
        return Ok(());
    }
    let message = "the key is a credential of systemd, which cannot be replaced from here";
    Err(Error::new(Kind::Refused, "key-credential", message)
        .about(place.path.display())
        .words("run it where key_file of the configuration names the key's own file"))
}

/// A rotation worked out, and the file that it is to be written to.
struct Rotation {
    ring: KeyRing,
    resealed: Vec<(Login, UserSecrets)>,
    /// None where the file holds the ring already.
    file: Option<HeldKey>,
}

impl Rotation {
    /// That of a state that has no key yet, and so nothing sealed.
    fn first(session: &Session<'_>, dry_run: bool, warnings: &mut Vec<String>) -> Result<Rotation> {
        let key = keyring::first(session)?;
        warnings.extend(key.warning(session));
        if !dry_run {
            key.write(session)?;
        }
        Ok(Rotation { ring: key.ring, resealed: Vec::new(), file: None })
    }

    fn of(session: &Session<'_>, view: &View, forget_old: bool) -> Result<Rotation> {
        let (ring, file) = keyring::hold(session, view)?;
        let in_use = keyring::in_use(view)?;
        let ring = match forget_old {
            true => ring.renewed(&in_use, &mut session.random())?,
            false => ring.rotated(&in_use, &mut session.random())?,
        };
        let resealed = resealed(session, view, &ring)?;
        Ok(Rotation { ring, resealed, file: Some(file) })
    }

    /// The last step before the commit: until here nothing is changed.
    fn write(&mut self) -> Result<()> {
        let Some(file) = &mut self.file else { return Ok(()) };
        file.replace(self.ring.to_text().reveal().as_bytes()).inspect_err(|_| drop(file.put_back()))
    }

    /// After a commit that came to nothing. Where that is not known, both keys stay; and
    /// where the file cannot be put back, the next rotation takes the key that is waiting.
    fn take_back(&mut self, error: &Error) {
        if error.kind != Kind::Unknown
            && let Some(file) = &mut self.file
        {
            drop(file.put_back());
        }
    }

    /// Drops the older keys; a warning where they are still there.
    fn forget(&mut self) -> Option<String> {
        let alone = self.ring.newest_alone().to_text();
        let failed = self.file.as_mut()?.replace(alone.reveal().as_bytes()).err()?;
        Some(format!(
            "everything is sealed with the new key, but the old ones are still in the file: {failed}"
        ))
    }
}

/// Everything that is sealed with another key than the newest, sealed with that.
fn resealed(
    session: &Session<'_>,
    view: &View,
    ring: &KeyRing,
) -> Result<Vec<(Login, UserSecrets)>> {
    let mut anew = Vec::new();
    keyring::each_owned(view, |login, owner, secrets| {
        let resealed = secrets.reseal(ring, owner, &mut session.random());
        // Who has another authenticator, or none, needs this one no more.
        let resealed =
            resealed.map_err(|e| e.about(login).command(format!("user reset {login}")))?;
        anew.extend(resealed.map(|secrets| (login.clone(), secrets)));
        Ok(())
    })?;
    Ok(anew)
}
