//! `exception expire`: for cron. It records what has ended; it changes no answer.

use crate::cli::exception::ExpireExceptions;
use crate::commands::Answer;
use crate::commands::change::Stage;
use crate::commands::session::Session;
use crate::domain::change::Expire;
use crate::domain::due::DueWhat;
use crate::domain::follow_up;
use crate::domain::outcome::Object;
use crate::domain::time::Time;
use crate::error::Result;
use crate::report::expire::{ExpireReport, ExpiredRow};
use crate::store::View;

/// `exception expire`.
pub(super) fn expire(session: &Session<'_>, args: &ExpireExceptions) -> Result<Answer> {
    // Mostly nothing has ended, and to see that nobody need be kept from writing.
    if none_ended(session)? {
        return Ok(Answer::one(ExpireReport { rev: None, expired: Vec::new(), dry_run: false }));
    }
    let mut stage = Stage::begin_as_system(session, &args.change)?;
    let entries = stage.view().ended(stage.now())?;
    let outcome = stage.make(&Expire { entries })?;
    let (view, now) = (stage.view(), stage.now());
    let rows = outcome.objects.iter().filter_map(|object| row(view, object, now).transpose());
    let rows = rows.collect::<Result<_>>()?;
    let committed = stage.commit(outcome.action, None, outcome.orgs.clone())?;
    let rev = committed.as_ref().map(|committed| committed.rev);
    let warnings = committed.map(|committed| committed.warnings).unwrap_or_default();
    Ok(Answer::one(ExpireReport { rev, expired: rows, dry_run: args.change.dry_run })
        .made(rev.is_some())
        .warn(warnings))
}

fn none_ended(session: &Session<'_>) -> Result<bool> {
    let view = session.live_store()?.view()?;
    let now = session.clock().max(view.head().at);
    Ok(!view.has_ended(now)?)
}

/// One thing that ended. Whether its follow-up is still to be done is looked up now: who
/// enrolled since it was granted has done it.
fn row(view: &View, object: &Object, now: Time) -> Result<Option<ExpiredRow>> {
    let Object::Due { was, .. } = object else { return Ok(None) };
    let mut row = ExpiredRow::from(was.as_ref());
    if let DueWhat::Exception { exception, .. } = &was.what
        && exception.follow_up.re_enrols()
    {
        let user = view.user(&was.login)?;
        if !user.is_some_and(|user| follow_up::is_open(&user, exception, now)) {
            row.follow_up = None;
        }
    }
    Ok(Some(row))
}
