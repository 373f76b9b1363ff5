//! `audit prune`.

use serde_json::{Value, json};

use crate::cli::audit as cli;
use crate::commands::Answer;
use crate::commands::change::Stage;
use crate::commands::session::Session;
use crate::commands::state::finish::finish;
use crate::domain::change::{Keep, OwnAccount};
use crate::domain::outcome::Object;
use crate::domain::time::{Span, Time};
use crate::error::{Error, Kind, Result};
use crate::store;
use crate::store::Pruned;

const ACTION: &str = "audit.prune";

/// How old a record must be, unless the configuration says otherwise.
const LEAST_AGE: Span = Span::days(90);

/// `audit prune`.
pub(super) fn prune(session: &Session<'_>, args: &cli::PruneAuditArgs) -> Result<Answer> {
    let before = args.before.resolve(session.clock());
    if before > session.clock() {
        let message = format!("--before {before} is to come: only what is past can be pruned");
        return Err(Error::usage(message));
    }
    if session.asks() && !args.change.dry_run {
        ask(session, args, before)?;
    }
    let mut stage = Stage::begin(session, &args.change)?;
    permit(session, &stage, before)?;
    let pruned = store::prune(stage.transaction_mut(), before)?;
    finish(session, stage, &keep(before, pruned))
}

/// What was just done cannot be erased by who did it: there is time to notice it.
fn permit(session: &Session<'_>, stage: &Stage<'_>, before: Time) -> Result<()> {
    stage.permit_site()?;
    let settings = session.settings();
    let least = settings.config.audit.prune_min_age.unwrap_or(LEAST_AGE);
    let latest = session.clock().minus(least);
    if before <= latest {
        return Ok(());
    }
    let message = format!(
        "cannot prune records from before {before}: they must be at least {least} old, from before {latest}"
    );
    let file = settings.config_file.as_ref();
    let file = file.map_or("/etc/mfactl/config.toml".into(), |file| file.display().to_string());
    Err(Error::new(Kind::Refused, "too-recent", message)
        .about(before)
        .command(format!("audit prune --before {latest} --dry-run"))
        .words(format!("the minimum age is prune_min_age under [audit] in {file}")))
}

/// Nobody is held up meanwhile: what is past stays what it is.
fn ask(session: &Session<'_>, args: &cli::PruneAuditArgs, before: Time) -> Result<()> {
    let mut stage = Stage::rehearse(session, &args.change)?;
    permit(session, &stage, before)?;
    let pruned = store::prune(stage.transaction_mut(), before)?;
    drop(stage);
    if pruned.is_empty() {
        return Ok(());
    }
    session.confirm(&format!("erase for good {}?", words(before, pruned)))
}

fn keep(before: Time, pruned: Pruned) -> Keep {
    let mut keep = Keep {
        action: ACTION,
        summary: format!("nothing from before {before} is left to erase"),
        objects: Vec::new(),
        warnings: Vec::new(),
        own_account: OwnAccount::Refused,
    };
    if !pruned.is_empty() {
        let after = json!({"before": before, "records": pruned.records, "evidence": pruned.evidence,
                "signin_days": pruned.signin_days, "signin_lines": pruned.signin_lines});
        keep.objects.push(Object::State { what: "prune", before: Value::Null, after });
        keep.summary = format!("erased for good: {}", words(before, pruned));
        keep.warnings.push("backups that were made earlier still hold it".to_owned());
    }
    keep
}

fn words(before: Time, pruned: Pruned) -> String {
    let count = |number: u64, one: &str, many: &str| match number {
        1 => format!("1 {one}"),
        _ => format!("{number} {many}"),
    };
    let Pruned { records, evidence, signin_days, signin_lines } = pruned;
    let mut words = vec![format!(
        "the details of {} from before {before}",
        count(records, "record", "records")
    )];
    if evidence > 0 {
        words.push(count(evidence, "file of evidence", "files of evidence"));
    }
    if signin_days > 0 {
        words.push(count(signin_days, "day of the sign-in log", "days of the sign-in log"));
    }
    if signin_lines > 0 {
        words.push(count(signin_lines, "sign-in line", "sign-in lines") + " of removed users");
    }
    let last = words.pop().unwrap_or_default();
    if words.is_empty() { last } else { format!("{}, and {last}", words.join(", ")) }
}
