//! `policy apply`: plans again under the lock, and commits everything as one revision.

use std::path::Path;

use super::planning::{Planned, Planning, error};
use super::sources::LoadedPolicy;
use crate::cli::policy::ApplyPolicyArgs;
use crate::commands::Answer;
use crate::commands::change::Stage;
use crate::commands::init;
use crate::commands::session::{LARGEST_TEXT, Session};
use crate::domain::ids::Text;
use crate::error::{Error, Kind, Result};
use crate::policy::Problems;
use crate::policy::plan::{ChangeRow, PlanReport, SavedPlan, Stale, Stop};
use crate::policy::render;
use crate::report::answers::policy::AppliedReport;
use crate::signals::may_stop;

const ACTION: &str = "policy.apply";

/// How many lines of each side a stale plan shows.
const MOST_STALE: usize = 50;

/// How long a message of the audit may be, in characters.
const LONGEST_MESSAGE: usize = 1_000;

/// `policy apply POLICY…|--plan PLAN`.
pub(super) fn apply(session: &Session<'_>, args: &ApplyPolicyArgs) -> Result<Answer> {
    let (given, saved) = match &args.plan {
        Some(path) => {
            let saved = saved(session, path)?;
            let mut problems = Problems::default();
            let sources = saved.sources(&mut problems);
            (LoadedPolicy::of(sources, problems), Some(saved.plan))
        }
        None => (LoadedPolicy::read(session, &args.policies), None),
    };
    let given = given.map_err(|wrong| wrong.error())?;
    let apply = Apply { args, given, reviewed: saved };
    if args.init && init::missing(session)? {
        return init::filled(session, &args.change, |session| apply.run(session));
    }
    apply.run(session)
}

fn saved(session: &Session<'_>, path: &Path) -> Result<SavedPlan> {
    let text = may_stop(|| session.read_text(path, LARGEST_TEXT))?;
    SavedPlan::read(&text).map_err(|why| {
        let shown = path.display();
        Error::usage(format!("{shown} is no saved plan: {why}"))
            .about(shown)
            .words("policy plan POLICY --out PLAN makes one")
    })
}

struct Apply<'a> {
    args: &'a ApplyPolicyArgs,
    given: LoadedPolicy,
    reviewed: Option<PlanReport>,
}

impl Apply<'_> {
    fn run(&self, session: &Session<'_>) -> Result<Answer> {
        let mut stage = Stage::begin(session, &self.args.change)?;
        let planning = Planning {
            session,
            creating: &self.args.creating,
            create_orgs: self.args.creating.create_orgs || self.args.init,
            allowing: &self.args.allowing,
            releases: false,
            progress: session.reading(),
        };
        let context = stage.context().clone();
        let planned = planning.plan(&self.given.policy, stage.transaction_mut(), &context);
        let mut planned = planned.map_err(error)?;
        let report = planned.report();
        self.still_reviewed(&report)?;
        if let Some(error) = planned.stopped() {
            return Err(error);
        }
        let objects = std::mem::take(&mut planned.plan.objects);
        let changed = !objects.is_empty();
        planning.progress.then("writing");
        stage.stage_all(&objects)?;
        drop(objects);
        let orgs = planned.plan.concerned.iter().cloned().collect();
        let message = message(self.args.change.message.as_ref(), &planned);
        let committed = stage.commit_saying(ACTION, None, orgs, message)?;
        let mut warnings = planned.warnings();
        let rev = committed.as_ref().map(|committed| committed.rev);
        warnings.extend(committed.into_iter().flat_map(|committed| committed.warnings));
        let report = AppliedReport {
            rev,
            changed,
            action: ACTION,
            subject: None,
            before: None,
            after: None,
            takes_effect: (!report.changes.is_empty()).then_some("next-sign-in"),
            follow_up: None,
            warnings: warnings.clone(),
            plan: report,
            overridden: planned.verdict.overridden.clone(),
            dry_run: self.args.change.dry_run,
        };
        Ok(Answer::one(report).made(rev.is_some()).warn(warnings))
    }

    /// What was reviewed is what would be done.
    fn still_reviewed(&self, now: &PlanReport) -> Result<()> {
        let Some(reviewed) = &self.reviewed else { return Ok(()) };
        let reviewed = SavedPlan::new(reviewed.clone(), &[]);
        reviewed.stale(now).map_or(Ok(()), |stale| Err(stale_plan(&stale)))
    }
}

fn stale_plan(stale: &Stale) -> Error {
    let mut lines =
        vec!["the plan is stale: what it would do now is not what was reviewed".to_owned()];
    let mut say = |label: &str, rows: &[ChangeRow]| {
        for row in rows.iter().take(MOST_STALE) {
            let (class, source) = (row.class.as_str(), &row.source);
            let place = format!("{}:{}", source.file, source.line);
            lines.push(format!("{label}: {} ({class}, {place})", render::sentence(row)));
        }
        if rows.len() > MOST_STALE {
            lines.push(format!("{label}: {} more", rows.len() - MOST_STALE));
        }
    };
    say("reviewed, and not to be done now", &stale.gone);
    say("not reviewed, and to be done now", &stale.new);
    Error::listing(Kind::Refused, "stale-plan", lines)
        .words("nothing was changed; plan again with policy plan --out PLAN and have it reviewed")
}

/// The message of the audit: what was typed, and which guards were overridden.
fn message(typed: Option<&Text>, planned: &Planned) -> Option<Text> {
    let stops = &planned.verdict.overridden;
    if stops.is_empty() {
        return typed.cloned();
    }
    let one = |stop: &Stop| {
        let org = stop.org.as_ref().map_or(String::new(), |org| format!(" in {org}"));
        let (value, limit) = (render::words(&stop.value), render::words(&stop.limit));
        format!("{}{org}: {value}, limit {limit}", stop.guard)
    };
    let said = stops.iter().map(one).collect::<Vec<_>>().join("; ");
    // What was overridden comes first, so that no long message pushes it out.
    let mut text = format!("[guards overridden: {said}]");
    text.extend(typed.iter().map(|typed| format!(" {typed}")));
    if text.chars().count() > LONGEST_MESSAGE {
        text = text.chars().take(LONGEST_MESSAGE - 1).chain(['…']).collect();
    }
    Text::parse(&text).ok().or_else(|| typed.cloned())
}
