//! The verbs of `exception`.

mod evidence;
mod expire;
mod follow_ups;
mod grant;
mod list;
mod window;

pub(super) use list::reaches_back;
pub(super) use list::with_exceptions;
pub(super) use window::TimeRange;

use super::Answer;
use super::bulk::one;
use super::session::Session;
use crate::cli::exception as cli;
use crate::commands::sight::{seen_exception, seen_org};
use crate::domain::change::{Approve, Change, Reject, Revoke};
use crate::domain::ids::{ExceptionId, ReasonCode};
use crate::domain::reasons;
use crate::error::Result;
use crate::report::answers::exception::ExceptionReport;
use crate::report::answers::reason::ReasonRow;

/// Runs one of them.
pub(super) fn run(session: &Session<'_>, verb: cli::ExceptionCommand) -> Result<Answer> {
    match verb {
        cli::ExceptionCommand::Grant(args) => grant::grant(session, &args, false),
        cli::ExceptionCommand::Request(args) => grant::grant(session, &args, true),
        cli::ExceptionCommand::Approve(args) => {
            settle(session, &args, |id| Box::new(Approve { id }))
        }
        cli::ExceptionCommand::Reject(args) => settle(session, &args, |id| Box::new(Reject { id })),
        cli::ExceptionCommand::Revoke(args) => settle(session, &args, |id| Box::new(Revoke { id })),
        cli::ExceptionCommand::Show(args) => show(session, &args),
        cli::ExceptionCommand::Evidence(args) => evidence::evidence(session, &args),
        cli::ExceptionCommand::List(args) => list::list(session, &args),
        cli::ExceptionCommand::Expire(args) => expire::expire(session, &args),
        cli::ExceptionCommand::FollowUps(args) => follow_ups::follow_ups(session, &args),
        cli::ExceptionCommand::Reasons(args) => all_reasons(session, &args),
    }
}

fn settle(
    session: &Session<'_>,
    args: &cli::OneExceptionArgs,
    change: impl FnOnce(ExceptionId) -> Box<dyn Change>,
) -> Result<Answer> {
    one(session, &args.change, |_| Ok(change(args.exception.clone())))
}

fn show(session: &Session<'_>, args: &cli::ShowExceptionArgs) -> Result<Answer> {
    let (view, actor, at) = session.view_past(&args.read)?;
    let id = &args.exception;
    let exception = seen_exception(&view, &actor, id)?;
    let mut report = ExceptionReport::new(&id.login, id.number, &exception, at);
    report.orgs.retain(|org| actor.sees_org(org));
    Ok(Answer::one(report))
}

fn all_reasons(session: &Session<'_>, args: &cli::ListReasonsArgs) -> Result<Answer> {
    let (view, actor, _) = session.view_past(&args.read)?;
    if let Some(org) = &args.org {
        seen_org(&view, &actor, org)?;
    }
    let built_in = reasons::BUILT_IN.iter().map(|(code, reason, _)| {
        let code = ReasonCode::parse(code).expect("the product's codes are codes");
        ReasonRow::new(code, reason.kind, reason.follow_up, reason.note_mandatory, None)
    });
    let mut rows: Vec<ReasonRow> = built_in.collect();
    for (id, org) in view.orgs()?.iter().filter(|(id, _)| actor.sees_org(id)) {
        if args.org.as_ref().is_some_and(|wanted| wanted != id) {
            continue;
        }
        let added = org.exceptions.added_reasons.iter();
        rows.extend(added.map(|(code, reason)| {
            ReasonRow::new(code.clone(), reason.kind, reason.follow_up, false, Some(id.clone()))
        }));
        if args.org.is_some() {
            rows.retain(|row| !org.exceptions.reasons_off.contains(&row.code));
        }
    }
    Ok(Answer::list(rows, "no reasons"))
}
