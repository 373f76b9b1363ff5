//! `policy drift`: what was changed by hand, by whom and when.

use super::facts::StateFacts;
use crate::cli::policy::DriftPolicy;
use crate::commands::Answer;
use crate::commands::session::Session;
use crate::domain::model::Org;
use crate::error::Result;
use crate::policy::drift::{Blame, Changed, Drifted, Touch, drift as find};
use crate::report::policy::DriftRow;
use crate::store::{Record, View};

/// Exit code of `--exit-code` where something has drifted.
const DRIFTED: u8 = 1;

/// `policy drift`.
pub(super) fn drift(session: &Session<'_>, args: &DriftPolicy) -> Result<Answer> {
    let transaction = session.store()?.dry_run()?;
    let view = transaction.view();
    let (actor, _) = session.actor(&view.operators()?)?;
    let orgs = super::export::seen(view, &actor, &args.orgs)?;
    let now = session.clock().max(view.head().at);
    let drifted = find(&orgs, &mut StateFacts(&transaction), now)?;
    // The audit is for those who may read it.
    let (drifted, warnings) =
        if actor.reads_everything() { blamed(view, drifted)? } else { (drifted, Vec::new()) };
    let exit = if args.exit_code && !drifted.is_empty() { DRIFTED } else { 0 };
    let known = orgs.values().any(|org: &Org| org.policy.is_some());
    let empty =
        if known { "everything is as it was applied" } else { "no policy was applied to any org" };
    let rows = drifted.into_iter().map(DriftRow).collect();
    Ok(Answer::list(rows, empty).exit(exit).warn(warnings))
}

/// The same with who changed it, and what cannot be known of that.
fn blamed(view: &View, drifted: Vec<Drifted>) -> Result<(Vec<Drifted>, Vec<String>)> {
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
