//! `exception expire`: for cron. It records what has ended; it changes no answer.

use crate::cli::exception::ExpireExceptionsArgs;
use crate::commands::Answer;
use crate::commands::change::Stage;
use crate::commands::session::Session;
use crate::domain::change::Expire;
use crate::domain::due::{DueEntry, DueWhat};
use crate::domain::follow_up;
use crate::domain::outcome::Object;
use crate::domain::rights::Actor;
use crate::domain::time::Time;
use crate::error::{Kind, Result};
use crate::report::answers::expire::{ExpireReport, ExpiredRow};
use crate::store::View;

/// `exception expire`.
pub(super) fn expire(session: &Session<'_>, args: &ExpireExceptionsArgs) -> Result<Answer> {
    // Mostly nothing has ended, and to see that nobody need be kept from writing.
    if none_ended(session)? {
        return Ok(Answer::one(ExpireReport::default()));
    }
    let mut stage = Stage::begin_as_system(session, &args.change)?;
    let entries = stage.view().ended(stage.now())?;
    let outcome = stage.make(&Expire { entries })?;
    let (view, now) = (stage.view(), stage.now());
    let reader = reader(session, view)?;
    let (mut rows, mut hidden) = (Vec::new(), 0);
    for object in &outcome.objects {
        let Object::Due { was, .. } = object else { continue };
        if reader.as_ref().is_some_and(|reader| sees(reader, was)) {
            rows.push(row(view, was, now)?);
        } else {
            hidden += 1;
        }
    }
    let committed = stage.commit(outcome.action, None, outcome.orgs.clone())?;
    let rev = committed.as_ref().map(|committed| committed.rev);
    let mut warnings = committed.map(|committed| committed.warnings).unwrap_or_default();
    if hidden > 0 {
        warnings.push(format!("{hidden} of what ended is not listed: you may not read it"));
    }
    Ok(Answer::one(ExpireReport { rev, expired: rows, hidden, dry_run: args.change.dry_run })
        .made(rev.is_some())
        .warn(warnings))
}

fn none_ended(session: &Session<'_>) -> Result<bool> {
    let view = session.live_store()?.view()?;
    let now = session.clock().max(view.head().at);
    Ok(view.ended(now)?.is_empty())
}

/// Who reads what ended. Anybody may record it, but only operators and the owner of the state
/// (who can read its files) may read whose it was.
fn reader(session: &Session<'_>, view: &View) -> Result<Option<Actor>> {
    match session.actor(&view.operators()?) {
        Ok((actor, _)) => Ok(Some(actor)),
        Err(error) if !matches!(error.kind, Kind::NotPermitted | Kind::Usage) => Err(error),
        Err(_) if session.env().is_privileged() => Ok(None),
        Err(_) => Ok(Some(Actor::System)),
    }
}

/// Whether `reader` may read that this ended.
fn sees(reader: &Actor, entry: &DueEntry) -> bool {
    reader.sees_members_of(&entry.member_of)
        && match &entry.what {
            DueWhat::Exception { exception, .. } => reader.sees_exception(exception),
            DueWhat::OptOut { org, .. } => reader.sees_org(org),
        }
}

/// One thing that ended. Whether its follow-up is still to be done is looked up now: who
/// enrolled since it was granted has done it.
fn row(view: &View, was: &DueEntry, now: Time) -> Result<ExpiredRow> {
    let mut row = ExpiredRow::from(was);
    if let DueWhat::Exception { exception, .. } = &was.what
        && exception.follow_up.re_enrols()
    {
        let user = view.user(&was.login)?;
        if !user.is_some_and(|user| follow_up::is_open(&user, exception, now)) {
            row.follow_up = None;
        }
    }
    Ok(row)
}
