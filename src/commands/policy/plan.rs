//! `policy plan`: what a policy would change.

use std::path::Path;

use super::planning::{Planned, Planning, Unplanned, error};
use super::sources::LoadedPolicy;
use crate::cli::policy::PlanPolicyArgs;
use crate::commands::Answer;
use crate::commands::session::{LARGEST_TEXT, Session};
use crate::domain::change::Context;
use crate::domain::rights::Actor;
use crate::domain::time::Time;
use crate::error::{Error, Kind, Result};
use crate::policy::plan::{PlanError, PlanReport, Refused, SavedPlan};
use crate::policy::{PolicySource, Problems};
use crate::report::answers::policy::{PlannedReport, PolicyCheckReport, review};
use crate::report::hint_words;
use crate::store::{Transaction, View};

/// Exit code of `--exit-code` if there are changes.
const CHANGES: u8 = 1;

/// `policy plan POLICY…`.
pub(super) fn plan(session: &Session<'_>, args: &PlanPolicyArgs) -> Result<Answer> {
    let given = match LoadedPolicy::read(session, &args.policies) {
        Ok(given) => given,
        Err(wrong) => return wrong.told(session),
    };
    if let Some(out) = &args.out {
        may_replace(session, out)?;
    }
    let mut planned = match planned(session, args, &given) {
        Ok(planned) => planned,
        Err(unplanned) => return refused(session, unplanned),
    };
    let report = planned.report();
    if let Some(out) = &args.out {
        save(session, out, &report, &given.sources)?;
    }
    let exit = if args.exit_code && !report.changes.is_empty() { CHANGES } else { 0 };
    let (warnings, stopped) = (planned.warnings(), planned.stopped());
    let report = PlannedReport { plan: report, adoptions: planned.plan.adoptions };
    let answer = Answer::new(review(report)).exit(exit).warn(warnings);
    Ok(match stopped {
        Some(error) => answer.but(error),
        None => answer,
    })
}

fn planned(
    session: &Session<'_>,
    args: &PlanPolicyArgs,
    given: &LoadedPolicy,
) -> std::result::Result<Planned, Unplanned> {
    let read = || session.view_past(&args.read).map_err(PlanError::Facts);
    match planned_on(session, args, given, read()?, true) {
        // The state changed before all of it was read: read it again, under the lock.
        Err(PlanError::Facts(error)) if error.kind == Kind::Busy => {
            planned_on(session, args, given, read()?, false)
        }
        planned => planned,
    }
}

fn planned_on(
    session: &Session<'_>,
    args: &PlanPolicyArgs,
    given: &LoadedPolicy,
    (view, actor, now): (View, Actor, Time),
    releases: bool,
) -> std::result::Result<Planned, Unplanned> {
    // Who reads everything may know what would change, whoever may apply it.
    let only_reads = actor.reads_everything() && !actor.is_site_admin();
    let actor = if only_reads { Actor::Root } else { actor };
    let context = Context { actor, now, clock: session.clock(), message: None };
    let planning = Planning {
        session,
        creating: &args.creating,
        create_orgs: args.creating.create_orgs,
        allowing: &args.allowing,
        releases,
        progress: session.reading(),
    };
    let options = session.options().map_err(PlanError::Facts)?;
    let mut transaction = Transaction::asking(view, options);
    planning.plan(&given.policy, &mut transaction, &context)
}

/// For a merge request or a CI system the refusals are problems of the lines that they are
/// about.
fn refused(session: &Session<'_>, unplanned: Unplanned) -> Result<Answer> {
    let refusals = match &unplanned {
        PlanError::Refused(refusals) if session.is_review() => refusals,
        _ => return Err(error(unplanned)),
    };
    let state = session.typed_state();
    let mut problems = Problems::default();
    for Refused { source, refusal, .. } in refusals {
        let hint = refusal.hints.first().map(|hint| hint_words(hint, state.as_deref()));
        problems.at(source, refusal.message.clone(), hint);
    }
    let report = PolicyCheckReport::of(0, problems);
    Ok(Answer::new(review(report)).but(error(unplanned)))
}

/// A plan may be written over an older one, and over nothing else.
fn may_replace(session: &Session<'_>, out: &Path) -> Result<()> {
    let shown = out.display();
    if session.env().is_in_state(out) {
        let message = format!("{shown} lies in the state directory, where only mfactl writes");
        return Err(Error::usage(message).about(shown));
    }
    if !session.env().is_there(out)? {
        return Ok(());
    }
    let is_plan = session
        .read_text(out, LARGEST_TEXT)
        .is_ok_and(|text| text.is_empty() || SavedPlan::read(&text).is_ok());
    if is_plan {
        return Ok(());
    }
    session.confirm(&format!("{shown} is there and is no plan: write over it?"))
}

fn save(
    session: &Session<'_>,
    out: &Path,
    report: &PlanReport,
    sources: &[PolicySource],
) -> Result<()> {
    let saved = SavedPlan::new(report.clone(), sources);
    session.env().write_named(out, saved.text().as_bytes())
}
