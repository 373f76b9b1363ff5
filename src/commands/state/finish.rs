//! The end of a change of the state as a whole.

use crate::commands::Answer;
use crate::commands::change::Stage;
use crate::commands::change_report::ChangesMade;
use crate::commands::session::Session;
use crate::domain::change::Keep;
use crate::error::Result;
use crate::report::answers::change::ChangeReport;

/// What a restore is called in the audit.
pub(super) const RESTORE: &str = "state.restore";

/// Commits, and reports about the state as a whole.
pub(in crate::commands) fn finish(
    session: &Session<'_>,
    mut stage: Stage<'_>,
    keep: &Keep,
) -> Result<Answer> {
    let outcome = stage.make(keep)?;
    let (now, dry_run) = (stage.now(), stage.is_dry_run());
    let restores = keep.action == RESTORE && !dry_run;
    if restores {
        // Before the commit: an enrolment that comes back must have its line.
        session.live_store()?.ready_signin(stage.transaction(), now)?;
    }
    let committed = stage.commit(keep.action, None, Vec::new())?;
    let made = ChangesMade { now, dry_run, committed };
    let mut report =
        ChangeReport { subject: session.dir().display().to_string(), ..made.report(&outcome) };
    // After it: of an enrolment in use nothing changes by a restore that fails.
    if restores && let Err(error) = session.live_store()?.complete_signin(now) {
        report.warnings.push(format!(
            "it is restored, but enrolments without a file in signin/ have none yet: {error}: run it again"
        ));
    }
    Ok(made.answer(report))
}
