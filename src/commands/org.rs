//! The verbs of `org`.

use std::ops::ControlFlow;

use super::Answer;
use super::bulk::one;
use super::change::Stage;
use super::change_report::ChangesMade;
use super::session::Session;
use super::sight::seen_org;
use crate::cli::org as cli;
use crate::domain::change::{AddOrg, Change, EditOrg, Effect, Enforce, ReasonChange, RemoveOrg};
use crate::domain::ids::OrgId;
use crate::domain::model::{AddedReason, Org, PolicyOf, Switch};
use crate::domain::outcome::{Object, Outcome};
use crate::error::{Kind, Result};
use crate::report::answers::enforce::{EffectReport, EnforceReport};
use crate::report::answers::org::{OrgReport, OrgRow};

/// Runs one of them.
pub(super) fn run(session: &Session<'_>, verb: cli::OrgCommand) -> Result<Answer> {
    match verb {
        cli::OrgCommand::Add(args) => add(session, &args),
        cli::OrgCommand::Edit(args) => edit(session, &args),
        cli::OrgCommand::Enforce(args) => enforce(session, &args),
        cli::OrgCommand::Show(args) => show(session, &args),
        cli::OrgCommand::List(args) => list(session, &args),
        cli::OrgCommand::Remove(args) => remove(session, &args),
    }
}

fn settings(settings: &cli::OrgSettings) -> EditOrg {
    EditOrg {
        name: settings.name.clone(),
        opt_out: settings.opt_out,
        opt_out_max: settings.opt_out_max.map(Some),
        mandate: settings.mandate_roles.clone(),
        services: settings.services.clone(),
        grace_days: settings.grace_days,
        ..EditOrg::default()
    }
}

fn add(session: &Session<'_>, args: &cli::AddOrgArgs) -> Result<Answer> {
    one(session, &args.change, |_| {
        Ok(Box::new(AddOrg { id: args.org.clone(), settings: settings(&args.settings) }))
    })
}

fn edit(session: &Session<'_>, args: &cli::EditOrgArgs) -> Result<Answer> {
    let added = args.add_reasons.iter().map(|added| {
        let reason = AddedReason { kind: added.kind, follow_up: added.follow_up };
        ReasonChange::Add(added.code.clone(), reason)
    });
    let removed = args.no_reasons.iter().cloned().map(ReasonChange::Remove);
    let mut change = EditOrg {
        id: Some(args.org.clone()),
        no_mandate: args.no_mandate_roles.clone(),
        no_services: args.no_services.clone(),
        short_max: args.short_max,
        long_max: args.long_max,
        short_per_30_days: args.short_per_30_days,
        approval: args.approval,
        reasons: added.chain(removed).collect(),
        ..settings(&args.settings)
    };
    if args.no_opt_out_max {
        change.opt_out_max = Some(None);
    }
    one(session, &args.change, |_| Ok(Box::new(change)))
}

fn enforce(session: &Session<'_>, args: &cli::EnforceOrgArgs) -> Result<Answer> {
    if args.switch == Switch::Off && !args.change.dry_run {
        session.confirm(&format!("stop enforcing MFA in {}?", args.org))?;
    }
    let build = |stage: &mut Stage<'_>| Enforce {
        org: args.org.clone(),
        state: args.switch,
        starts: args.starts.map(|starts| starts.resolve(stage.now())),
        grace_days: args.grace_days,
        restart_grace: args.restart_grace,
        force: args.force,
    };
    if args.change.dry_run {
        return preview(session, args, build);
    }
    one(session, &args.change, |stage| Ok(Box::new(build(stage))))
}

/// The dry run of enforcement tells what it would do to whom.
fn preview(
    session: &Session<'_>,
    args: &cli::EnforceOrgArgs,
    build: impl Fn(&mut Stage<'_>) -> Enforce,
) -> Result<Answer> {
    let mut stage = Stage::begin(session, &args.change)?;
    let change = build(&mut stage);
    let refused = match stage.make(&change) {
        Ok(outcome) => return previewed(session, stage, &args.org, &outcome).map(Answer::one),
        Err(error) if error.kind == Kind::Refused => error,
        Err(error) => return Err(error),
    };
    // Refused for locking out: still worth seeing whom it would have met.
    let forced = Enforce { force: true, ..change };
    match stage.make(&forced) {
        Ok(outcome) => {
            let mut report = previewed(session, stage, &args.org, &outcome)?;
            report.refused = Some(refused.code);
            Ok(Answer::one(report).but(refused))
        }
        Err(_) => Err(refused),
    }
}

fn previewed(
    session: &Session<'_>,
    mut stage: Stage<'_>,
    id: &OrgId,
    outcome: &Outcome,
) -> Result<EnforceReport> {
    let now = stage.now();
    let effect = match outcome.objects.first() {
        Some(Object::Org { before: Some(before), after: Some(after), .. }) => {
            let at = after.enforcement.start().map_or(now, |start| start.max(now));
            Some(EffectReport::new(at, &effect(session, &mut stage, id, before, after, at)?))
        }
        _ => None,
    };
    let change = ChangesMade { now, dry_run: true, committed: None }.report(outcome);
    Ok(EnforceReport { change, effect, refused: None })
}

fn effect(
    session: &Session<'_>,
    stage: &mut Stage<'_>,
    id: &OrgId,
    before: &Org,
    after: &Org,
    at: crate::domain::time::Time,
) -> Result<Effect> {
    let (mut effect, progress) = (Effect::default(), session.reading());
    stage.view().scan()?.for_each(|login, user| {
        progress.one();
        effect.add(id, before, after, at, login, user);
        Ok(ControlFlow::Continue(()))
    })?;
    Ok(effect)
}

fn remove(session: &Session<'_>, args: &cli::RemoveOrgArgs) -> Result<Answer> {
    if !args.change.dry_run {
        session.confirm(&format!("remove the org {}?", args.org))?;
    }
    one(session, &args.change, |stage| {
        // What its policy owned goes with it.
        let policy = PolicyOf::Org(args.org.clone());
        for (entry, before) in stage.view().owned(&policy)? {
            let (policy, before) = (policy.clone(), Some(before));
            let owned = Object::Owned { policy, entry, before, after: None };
            stage.stage(args.org.as_str(), owned)?;
        }
        let change: Box<dyn Change> = Box::new(RemoveOrg { id: args.org.clone() });
        Ok(change)
    })
}

fn show(session: &Session<'_>, args: &cli::ShowOrgArgs) -> Result<Answer> {
    let (view, actor, _) = session.view_past(&args.read)?;
    let org = seen_org(&view, &actor, &args.org)?;
    Ok(Answer::one(OrgReport::new(&args.org, &org, view.rev())))
}

fn list(session: &Session<'_>, args: &cli::ListOrgsArgs) -> Result<Answer> {
    let (view, actor, _) = session.view_past(&args.read)?;
    let rows: Vec<OrgRow> = view
        .orgs()?
        .iter()
        .filter(|(id, _)| actor.sees_org(id))
        .map(|(id, org)| OrgRow::new(id, org))
        .collect();
    Ok(Answer::list(rows, "no orgs"))
}
