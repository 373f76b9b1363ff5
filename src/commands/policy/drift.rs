//! `policy drift`: what was changed by hand, by whom and when.

use super::facts::StateFacts;
use crate::cli::policy::DriftPolicyArgs;
use crate::commands::Answer;
use crate::commands::session::Session;
use crate::commands::sight::{seen_orgs, with_people};
use crate::domain::model::{Org, PolicyOf};
use crate::domain::rights::Actor;
use crate::domain::time::Time;
use crate::error::{Error, Kind, Result};
use crate::policy::drift::{Blame, Changed, Drift, Drifted, Touch, drift as find};
use crate::report::answers::policy::DriftRow;
use crate::store::{Record, Transaction, View};
use crate::ui::Progress;

/// Exit code of `--exit-code` where something has drifted.
const DRIFTED: u8 = 1;

/// `policy drift`.
pub(super) fn drift(session: &Session<'_>, args: &DriftPolicyArgs) -> Result<Answer> {
    let read = || session.view_past(&args.read);
    let (drifted, known, warnings) = match drifted(session, args, read()?, true) {
        // The state changed before all of it was read: read it again, under the lock.
        Err(error) if error.kind == Kind::Busy => drifted(session, args, read()?, false),
        drifted => drifted,
    }?;
    let exit = if args.exit_code && !drifted.is_empty() { DRIFTED } else { 0 };
    let empty =
        if known { "everything is as it was applied" } else { "no policy was applied to any org" };
    let rows = drifted.into_iter().map(DriftRow).collect();
    Ok(Answer::list(rows, empty).exit(exit).warn(warnings))
}

/// What has drifted, whether any policy was applied, and what cannot be known.
fn drifted(
    session: &Session<'_>,
    args: &DriftPolicyArgs,
    (view, actor, now): (View, Actor, Time),
    releases: bool,
) -> Result<(Vec<Drifted>, bool, Vec<String>)> {
    let orgs = seen_orgs(&view, &actor, &args.orgs)?;
    let with_people = with_people(&args.orgs, &actor);
    let known = orgs.values().any(|org: &Org| org.policy.is_some())
        || (with_people && view.policies()?.contains(&PolicyOf::People));
    let progress = session.reading();
    let mut transaction = Transaction::asking(view, session.options()?);
    let mut facts =
        StateFacts { transaction: &mut transaction, releases, progress: progress.clone() };
    let Drift { rows: drifted, damaged } = find(&orgs, with_people, &mut facts, now)?;
    if let Some(policy) = damaged.first() {
        let path = format!("policies/{}.yaml", policy.as_str());
        let message = format!("{path} is not what was applied");
        return Err(Error::damaged(path, message).command("audit verify").command("state repair"));
    }
    // The audit is for those who may read it.
    let (drifted, warnings) = match actor.reads_everything() {
        true => blamed(transaction.view(), drifted, &progress)?,
        false => (drifted, Vec::new()),
    };
    Ok((drifted, known, warnings))
}

/// The same with who changed it, and what cannot be known of that.
fn blamed(
    view: &View,
    drifted: Vec<Drifted>,
    progress: &Progress,
) -> Result<(Vec<Drifted>, Vec<String>)> {
    progress.then("reading the audit log");
    let mut blame = Blame::new(drifted);
    let mut warnings = Vec::new();
    for record in view.records() {
        let record = record?;
        if blame.is_done(record.at) {
            break;
        }
        if record.pruned {
            warnings.push(format!(
                "who changed some of it is not known: audit prune erased what revision {} changed",
                record.rev
            ));
            break;
        }
        show(&mut blame, &record)?;
    }
    Ok((blame.into_drift(), warnings))
}

fn show(blame: &mut Blame, record: &Record) -> Result<()> {
    let changed = Changed {
        rev: record.rev,
        at: record.at,
        by: record.author.operator.clone(),
        action: record.action.clone(),
        message: record.message.as_ref().map(ToString::to_string),
    };
    for detail in record.details() {
        let detail = detail?;
        blame.show(&Touch {
            record: &changed,
            object: &detail.object,
            key: &detail.key,
            after: &detail.after,
        });
    }
    Ok(())
}
