//! `exception expire`: for cron. It records what has ended; it changes no answer.

use crate::cli::exception::ExpireExceptions;
use crate::commands::Answer;
use crate::commands::change::Stage;
use crate::commands::session::Session;
use crate::domain::change::Expire;
use crate::domain::due::{DueEntry, DueKey, REQUESTED};
use crate::domain::outcome::Object;
use crate::error::Result;
use crate::report::expire::{ExpireReport, ExpiredRow};

/// `exception expire`.
pub(super) fn expire(session: &Session<'_>, args: &ExpireExceptions) -> Result<Answer> {
    let mut stage = Stage::begin_as_system(session, &args.change)?;
    let entries = ended(&stage)?;
    let outcome = stage.make(&Expire { entries })?;
    let rows = outcome.objects.iter().filter_map(row).collect();
    let committed = stage.commit(outcome.action, None, outcome.orgs.clone())?;
    let rev = committed.as_ref().map(|committed| committed.rev);
    let warnings = committed.map(|committed| committed.warnings).unwrap_or_default();
    Ok(Answer::one(ExpireReport { rev, expired: rows }).made(rev.is_some()).warn(warnings))
}

/// What stands in the calendar up to today.
fn ended(stage: &Stage<'_>) -> Result<Vec<(DueKey, DueEntry)>> {
    let (view, today) = (stage.view(), stage.now().day());
    let mut found = Vec::new();
    for page in view.due_pages()?.into_iter().filter(|page| page != REQUESTED && *page <= today) {
        for (entry, due) in view.due(&page)? {
            found.push((DueKey { page: page.clone(), entry }, due));
        }
    }
    Ok(found)
}

fn row(object: &Object) -> Option<ExpiredRow> {
    match object {
        Object::Due { was, .. } => Some(ExpiredRow::from(was.as_ref())),
        _ => None,
    }
}
