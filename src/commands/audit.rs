//! The verbs of `audit`.

mod account;
mod prune;

use self::account::AuditedAccount;
use super::Answer;
use super::session::Session;
use super::sight::login;
use crate::cli::audit as cli;
use crate::cli::value::HeadHash;
use crate::domain::ids::Login;
use crate::domain::model::{Operators, PolicyOf};
use crate::domain::rights::Actor;
use crate::domain::time::Time;
use crate::error::{Error, Kind, Result};
use crate::report::answers::audit::{AuditDetail, AuditRow};
use crate::report::answers::head::HeadReport;
use crate::report::answers::verify::{BadFile, BadRecord, VerifyReport};
use crate::store::{Detail, Record, Verified, View};

/// Exit code of `verify` where something is wrong.
const WRONG: u8 = 1;

/// Runs one of them.
pub(super) fn run(session: &Session<'_>, verb: cli::AuditCommand) -> Result<Answer> {
    match verb {
        cli::AuditCommand::Log(args) => log(session, &args),
        cli::AuditCommand::Export(args) => export(session, &args),
        cli::AuditCommand::Show(args) => show(session, &args),
        cli::AuditCommand::Verify(args) => verify(session, &args),
        cli::AuditCommand::Prune(args) => prune::prune(session, &args),
        cli::AuditCommand::Head(_) => head(session),
    }
}

fn reading(session: &Session<'_>) -> Result<View> {
    Ok(reading_as(session)?.0)
}

fn reading_as(session: &Session<'_>) -> Result<(View, Actor)> {
    let (view, actor) = session.view()?;
    actor.permit_reading_everything()?;
    Ok((view, actor))
}

/// What `audit log` was asked for, with instants.
struct LogFilter {
    user: Option<Login>,
    org: Option<String>,
    operator: Option<String>,
    action: Option<String>,
    since: Option<Time>,
    until: Option<Time>,
}

impl LogFilter {
    fn new(session: &Session<'_>, args: &cli::AuditLogArgs) -> LogFilter {
        let now = session.clock();
        LogFilter {
            user: None,
            org: args.org.as_ref().map(ToString::to_string),
            operator: args.operator.as_ref().map(ToString::to_string),
            action: args.action.clone(),
            since: args.since.map(|since| since.resolve(now)),
            until: args.until.map(|until| until.resolve(now)),
        }
    }

    /// What the commit line alone tells.
    fn passes(&self, record: &Record) -> bool {
        let same = |wanted: &Option<String>, is: &str| wanted.as_ref().is_none_or(|w| w == is);
        same(&self.operator, &record.author.operator)
            && same(&self.action, &record.action)
            && self.since.is_none_or(|since| record.at >= since)
            && self.until.is_none_or(|until| record.at < until)
    }

    fn passes_detail(&self, detail: &Detail) -> bool {
        let whose = |login: &Login| is_about(detail, login);
        let there = |org: &String| {
            detail.orgs.iter().any(|o| o.as_str() == org)
                || (detail.object == "org" && detail.key == *org)
        };
        self.user.as_ref().is_none_or(whose) && self.org.as_ref().is_none_or(there)
    }

    /// The row, if the record passes; where only some details do, with those.
    fn row(&self, record: &Record) -> Result<Option<AuditRow>> {
        if !self.passes(record) {
            return Ok(None);
        }
        let mut details = Vec::new();
        for detail in record.details() {
            let detail = detail?;
            if self.passes_detail(&detail) {
                details.push(detail);
            }
        }
        let asks_details = self.user.is_some() || self.org.is_some();
        let by_org = self.user.is_none()
            && self.org.as_ref().is_some_and(|org| record.orgs.iter().any(|o| o.as_str() == org));
        if asks_details && details.is_empty() && !by_org {
            return Ok(None);
        }
        Ok(Some(row(record, details)))
    }
}

fn log(session: &Session<'_>, args: &cli::AuditLogArgs) -> Result<Answer> {
    let (view, actor) = reading_as(session)?;
    let mut filter = LogFilter::new(session, args);
    let limit = args.limit.map_or(usize::MAX, |limit| usize::try_from(limit).unwrap_or(usize::MAX));
    let mut warnings = Vec::new();
    if let Some(user) = &args.user {
        // Whom an erased change was about is not known.
        warnings.extend(view.pruned_before()?.map(|before| {
            format!(
                "records from before {before} may be missing: audit prune erased their subjects"
            )
        }));
        match AuditedAccount::find(&view, user)? {
            Some(account) => return of_account(&view, &filter, account, limit, warnings),
            None => filter.user = Some(login(&view, &actor, user)?),
        }
    }
    let records = view.records();
    let rows =
        records.filter_map(move |record| record.and_then(|record| filter.row(&record)).transpose());
    Ok(Answer::stream(rows.take(limit), "no records").warn(warnings))
}

/// The records of one account, whatever its login was at the time.
fn of_account(
    view: &View,
    filter: &LogFilter,
    mut account: AuditedAccount,
    limit: usize,
    mut warnings: Vec<String>,
) -> Result<Answer> {
    let mut rows = Vec::new();
    for record in view.records() {
        let record = record?;
        // Every record is looked at: it may be the one in which the login changed.
        let mut details = account.details(&record)?;
        details.retain(|detail| filter.passes_detail(detail));
        if !details.is_empty() && filter.passes(&record) && rows.len() < limit {
            rows.push(row(&record, details));
        }
        if rows.len() == limit {
            break;
        }
    }
    if !account.was_found() {
        return Err(account.missing());
    }
    warnings.extend(account.reused());
    Ok(Answer::list(rows, "no records").warn(warnings))
}

/// The same rows as of `audit log`, in the order in which they were written.
fn export(session: &Session<'_>, args: &cli::ExportAuditArgs) -> Result<Answer> {
    let view = reading(session)?;
    let now = session.clock();
    let filter = LogFilter {
        user: None,
        org: None,
        operator: None,
        action: None,
        since: args.since.map(|since| since.resolve(now)),
        until: args.until.map(|until| until.resolve(now)),
    };
    let rows = view
        .records_oldest_first()
        .filter_map(move |record| record.and_then(|record| filter.row(&record)).transpose());
    Ok(Answer::stream(rows, "no records"))
}

fn show(session: &Session<'_>, args: &cli::ShowRecordArgs) -> Result<Answer> {
    let view = reading(session)?;
    for record in view.records() {
        let record = record?;
        if record.rev == args.rev {
            let details = record.details().collect::<Result<Vec<_>>>()?;
            return Ok(Answer::one(row(&record, details)));
        }
        if record.rev < args.rev {
            break;
        }
    }
    let message = format!("no revision {}: the newest is {}", args.rev, view.rev());
    Err(Error::not_found(args.rev, message).command("audit log --limit 10"))
}

/// Whether a change is about this user: the account itself, or the end of one of its terms.
fn is_about(detail: &Detail, login: &Login) -> bool {
    match detail.object.as_str() {
        "user" | "secrets" => detail.key == login.as_str(),
        "due" => detail.subject.split(['#', ' ']).next() == Some(login.as_str()),
        _ => false,
    }
}

/// One detail stands in the record itself; several, or none, in a list.
fn row(record: &Record, mut details: Vec<Detail>) -> AuditRow {
    let single = record.detail_count == 1 && details.len() == 1;
    let only = if single { details.pop() } else { None };
    let (subject, before, after) = match only {
        Some(detail) => (Some(detail.subject), detail.before, detail.after),
        None => (shared_subject(&details), serde_json::Value::Null, serde_json::Value::Null),
    };
    AuditRow {
        rev: record.rev,
        at: record.at,
        operator: record.author.operator.clone(),
        os_user: record.author.os_user.clone(),
        identity_from: record.author.identity_from.clone(),
        action: record.action.clone(),
        subject,
        orgs: record.orgs.iter().map(ToString::to_string).collect(),
        before,
        after,
        message: record.message.as_ref().map(ToString::to_string),
        ticket: record.ticket.as_ref().map(ToString::to_string),
        prev: record.prev.clone(),
        hash: record.hash.clone(),
        pruned: record.pruned,
        details: (!single).then(|| details.into_iter().map(detail_row).collect()),
    }
}

/// A rename has two objects and one subject.
fn shared_subject(details: &[Detail]) -> Option<String> {
    let first = &details.first()?.subject;
    details.iter().all(|detail| detail.subject == *first).then(|| first.clone())
}

/// What a policy owns is told apart from whom it is about.
fn subject(detail: &Detail) -> String {
    if detail.object != "policy" {
        return detail.subject.clone();
    }
    let (policy, login) = detail.key.split_once(' ').unwrap_or((&detail.key, ""));
    let whose = match PolicyOf::parse(policy) {
        Some(PolicyOf::Org(org)) => org.to_string(),
        _ => "people".to_owned(),
    };
    let login = if login.is_empty() { String::new() } else { format!(": {login}") };
    format!("policy of {whose}{login}")
}

fn detail_row(detail: Detail) -> AuditDetail {
    AuditDetail { subject: subject(&detail), before: detail.before, after: detail.after }
}

fn verify(session: &Session<'_>, args: &cli::VerifyAuditArgs) -> Result<Answer> {
    looking_for_damage(session)?;
    let progress = session.progress("comparing files", None);
    let verified =
        session.watched_store(&progress)?.verify(args.head.as_ref().map(HeadHash::as_str))?;
    let exit = if verified.ok() { 0 } else { WRONG };
    let passed_over = passed_over(&verified);
    Ok(Answer::one(verified_report(verified)).exit(exit).warn(passed_over))
}

/// Whether the one who asks may look for damage: who may read everything. Where damage keeps
/// from knowing who that is, whoever owns the state may, as they can read its files; and under
/// sudo those who may by what the log says of the operators.
pub(super) fn looking_for_damage(session: &Session<'_>) -> Result<()> {
    match reading(session).map(drop) {
        // What a newer mfactl wrote is not damaged.
        Err(e) if e.kind == Kind::Damaged && e.code != "newer-format" => {
            if !session.env().is_privileged() {
                return session.store().map(drop);
            }
            let operators = rebuilt_operators(session)
                .map_err(|_| e.words("root itself and the owner of the state may look closer"))?;
            Ok(session.actor(&operators)?.0.permit_reading_everything()?)
        }
        asked => asked,
    }
}

/// The operators as the log has them.
fn rebuilt_operators(session: &Session<'_>) -> Result<Operators> {
    let mut asking = session.live_store()?.dry_run()?;
    asking.rebuild()?;
    asking.view().operators()
}

/// A warning for each name at the top of the state directory that belongs to somebody else.
pub(super) fn passed_over(verified: &Verified) -> Vec<String> {
    let warning = |name: &String| format!("{name} is not part of the state and was not checked");
    verified.of_others.iter().map(warning).collect()
}

fn verified_report(verified: Verified) -> VerifyReport {
    VerifyReport {
        ok: verified.ok(),
        records: verified.records,
        head: Some(verified.head).filter(|head| !head.is_empty()),
        first_bad: verified.first_bad.map(|bad| BadRecord { rev: bad.rev, what: bad.what }),
        pruned: verified.pruned,
        pruned_before: verified.pruned_before,
        files_checked: verified.files_checked as u64,
        files_bad: verified
            .files_bad
            .into_iter()
            .map(|bad| BadFile { file: bad.path, what: bad.what })
            .collect(),
    }
}

fn head(session: &Session<'_>) -> Result<Answer> {
    let view = reading(session)?;
    let head = view.head();
    Ok(Answer::one(HeadReport { rev: head.rev, at: head.at, hash: head.hash.clone() }))
}
