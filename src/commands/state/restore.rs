//! `state restore`: as a new revision of the state that is there, or as the
//! state where none is.

use std::ops::ControlFlow;

use serde_json::{Value, json};

use super::difference::Difference;
use super::finish::{RESTORE, finish};
use crate::cli::state as cli;
use crate::commands::Answer;
use crate::commands::change::Stage;
use crate::commands::init;
use crate::commands::keyring;
use crate::commands::session::{Founds, Session};
use crate::domain::change::{Keep, OwnAccount, permit_others};
use crate::domain::outcome::Object;
use crate::error::{Error, Kind, Result};
use crate::secret::ring::KeyRing;
use crate::store::{Archive, DraftState, Store, View};

/// `state restore`.
pub(super) fn restore(session: &Session<'_>, args: &cli::RestoreArgs) -> Result<Answer> {
    let shown = args.file.display().to_string();
    let archive = Archive::open(session.open_regular(&args.file)?, &shown)?;
    if init::missing(session)? {
        return beside(session, args, &archive);
    }
    archive.verify()?;
    let then = Store::of_archive(&archive, session.options()?)?.view()?;
    let asks = session.asks() && !args.change.dry_run;
    let asked_of = if asks { Some(ask(session, &archive, &then, &shown)?) } else { None };
    let mut stage = Stage::begin(session, &args.change)?;
    stage.permit_site()?;
    if let Some(asked_of) = asked_of {
        refuse_moved(asked_of, stage.view().rev())?;
    }
    refuse_another(stage.view(), &archive, &shown)?;
    let keys = keys(session, stage.view(), &archive)?;
    let difference = Difference::between(stage.view(), &then, keys.as_ref())?;
    let keep = keep(&archive, difference, &mut stage)?;
    finish(session, stage, &keep)
}

/// Shows what would change, and asks; returns the revision that it was asked of. Nobody is
/// held up meanwhile.
fn ask(session: &Session<'_>, archive: &Archive, then: &View, shown: &str) -> Result<u64> {
    let (view, actor) = session.view()?;
    actor.permit_site(crate::domain::rights::Act::Site)?;
    refuse_another(&view, archive, shown)?;
    let keys = keys(session, &view, archive)?;
    let difference = Difference::between(&view, then, keys.as_ref())?;
    let asked_of = view.rev();
    // Refused anyway, under the lock: nobody need answer a question for that.
    permit_others(&difference.objects, OwnAccount::Refused, &actor, &view.operators()?)?;
    drop(view);
    if !difference.is_empty() {
        let rev = archive.manifest().rev;
        session.confirm(&format!("restore revision {rev}? It changes {}", difference.words()))?;
    }
    Ok(asked_of)
}

/// Should the state have moved on since it was asked, the answer was to another question.
fn refuse_moved(asked_of: u64, now: u64) -> Result<()> {
    if now == asked_of {
        return Ok(());
    }
    let message = format!("the state moved on from revision {asked_of} to {now} meanwhile");
    Err(Error::new(Kind::Busy, "busy", message).words("run it again"))
}

/// The keys that the secrets of the backup are opened with, if it has any. Without them
/// everybody in it would have to enrol again.
fn keys(session: &Session<'_>, view: &View, archive: &Archive) -> Result<Option<KeyRing>> {
    let sealed = archive.manifest().secrets && view.key_check().is_some();
    sealed.then(|| keyring::read(session, view)).transpose()
}

/// Only what this state was is restored: a backup of another one, or one of a
/// chain that this one does not contain, could say anything.
fn refuse_another(view: &View, archive: &Archive, shown: &str) -> Result<()> {
    let manifest = archive.manifest();
    let refused = |message: String| {
        Err(Error::new(Kind::Usage, "other-state", message)
            .about(shown)
            .words("move the state directory away, and restore the backup where there is none"))
    };
    if manifest.store != view.store_id() {
        return refused(format!("{shown} is a backup of another state"));
    }
    for record in view.records() {
        let record = record?;
        if record.rev == manifest.rev && record.hash == manifest.head {
            return Ok(());
        }
        if record.rev <= manifest.rev {
            break;
        }
    }
    refused(format!(
        "the chain of this state does not contain revision {} of {shown}",
        manifest.rev
    ))
}

/// The change that brings the difference about.
fn keep(archive: &Archive, difference: Difference, stage: &mut Stage<'_>) -> Result<Keep> {
    let manifest = archive.manifest();
    let mut warnings = Vec::new();
    if !difference.unenrolled.is_empty() {
        let count = difference.unenrolled.len();
        let first = &difference.unenrolled[0];
        warnings.push(format!(
            "{count} enrolled whose secret is nowhere, or whose key is, {first} among them: they enrol again"
        ));
    }
    let mut objects = Vec::new();
    if !difference.is_empty() {
        let mut after = json!({
            "backup": {"rev": manifest.rev, "at": manifest.at, "hash": manifest.head},
        });
        if let (Value::Object(after), Value::Object(counts)) = (&mut after, difference.value()) {
            after.extend(counts);
        }
        objects.push(Object::State { what: "restore", before: Value::Null, after });
    }
    let summary = match difference.is_empty() {
        true => format!("the state is what it was at revision {}", manifest.rev),
        false => format!("the state is that of revision {}: {}", manifest.rev, difference.words()),
    };
    for (login, secrets) in &difference.secrets {
        stage.keep_secrets(login, secrets)?;
    }
    for bytes in difference.evidence {
        stage.transaction_mut().evidence(bytes);
    }
    objects.extend(difference.objects);
    let own_account = OwnAccount::Refused;
    Ok(Keep { action: RESTORE, summary, objects, warnings, own_account })
}

/// Where there is no state: unpacked beside, verified, recorded, renamed into place.
fn beside(session: &Session<'_>, args: &cli::RestoreArgs, archive: &Archive) -> Result<Answer> {
    let vacant = session.vacant(Founds::Alone)?;
    let (draft, lost) = DraftState::unpacked(vacant, &session.options()?, archive)?;
    let there = session.on_draft(&draft);
    let mut stage = Stage::begin(&there, &args.change)?;
    stage.permit_site()?;
    stage.transaction_mut().lose(lost);
    let difference = Difference::of_lost_secrets(stage.view())?;
    let mut keep = keep(archive, difference, &mut stage)?;
    let manifest = archive.manifest();
    let hash = &manifest.head;
    let after = json!({"backup": {"rev": manifest.rev, "at": manifest.at, "hash": hash}});
    keep.objects.retain(|object| !matches!(object, Object::State { .. }));
    keep.objects.insert(0, Object::State { what: "restore", before: Value::Null, after });
    keep.warnings.extend(keyring::unopened(session, stage.view())?);
    keep.warnings.extend(void_codes(stage.view())?);
    // There was no state that could be anybody's: what changes lacks its secret.
    keep.own_account = OwnAccount::Unasked;
    keep.summary = format!("the state of revision {} is where none was", manifest.rev);
    let answer = finish(&there, stage, &keep)?;
    if !args.change.dry_run {
        draft.publish()?;
    }
    Ok(answer)
}

/// The warning about recovery codes if there is no sign-in state: no backup has it.
fn void_codes(view: &View) -> Result<Option<String>> {
    let mut count = 0;
    view.each_secrets(|_, secrets| {
        count += usize::from(secrets.recovery.is_some());
        Ok(ControlFlow::Continue(()))
    })?;
    let accounts = match count {
        0 => return Ok(None),
        1 => "1 account".to_owned(),
        many => format!("{many} accounts"),
    };
    Ok(Some(format!(
        "the recovery codes of {accounts} do not count here, since a backup does not say which \
         were used: mfactl user codes USER issues new ones"
    )))
}
