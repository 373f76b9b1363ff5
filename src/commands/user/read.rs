//! `user show`, `list`, `find`.

use crate::cli::user::{ExportUsersArgs, FindUsersArgs, ListUsersArgs, ShowUserArgs};
use crate::cli::value::Where;
use crate::commands::Answer;
use crate::commands::session::Session;
use crate::commands::sight::seen_user;
use crate::commands::targets::holds;
use crate::domain::decision::{Question, decide};
use crate::domain::ids::{Login, OrgId};
use crate::domain::model::User;
use crate::domain::rights::Actor;
use crate::error::{Error, Result};
use crate::report::answers::user::{UserReport, UserRow};
use crate::report::answers::user_export::{UserExport, export as export_rows};
use crate::signin::LocalFactor;
use crate::store::{Scan, View};

/// `user show USER`.
pub(super) fn show(session: &Session<'_>, args: &ShowUserArgs) -> Result<Answer> {
    let (view, actor, at) = session.view_past(&args.read)?;
    let (login, user) = seen_user(&view, &actor, &args.user)?;
    let mut report = UserReport::new(&login, &user, view.rev(), at);
    report.memberships.retain(|membership| actor.sees_org(&membership.org));
    report.exceptions.retain_mut(|exception| {
        exception.orgs.retain(|org| actor.sees_org(org));
        !exception.orgs.is_empty()
    });
    for membership in &mut report.memberships {
        let org = view.org(&membership.org)?.ok_or_else(|| dangling(&login, &membership.org))?;
        let question =
            Question { user: &user, org_id: &membership.org, org: &org, service: None, at };
        let decision = decide(&question);
        membership.requirement = Some(decision.requirement.as_str().to_owned());
        membership.rule = Some(decision.rule.as_str().to_owned());
        membership.until = decision.until;
    }
    for id in user.memberships.keys() {
        let org = view.org(id)?.ok_or_else(|| dangling(&login, id))?;
        if org.enforcement.begun(at) && actor.sees_org(id) {
            report.locked_on_by.push(id.clone());
        }
    }
    if args.read.at.is_none()
        && let Some(factor) = LocalFactor::read(&view, &login, &user)?
    {
        report.enrolment.recovery_codes_left = factor.codes_left().map(u32::from);
        report.enrolment.locked_until = factor.locked_until(at);
        report.enrolment.codes_count_from =
            factor.codes_count_from(session.clock(), session.window());
    }
    Ok(Answer::one(report))
}

/// The error of a membership of an org that there is not.
pub(in crate::commands) fn dangling(login: &Login, org: &OrgId) -> Error {
    Error::damaged(login, format!("{login} is a member of {org}, but there is no such org"))
        .command("state check")
}

/// `user list`.
pub(super) fn list(session: &Session<'_>, args: &ListUsersArgs) -> Result<Answer> {
    let (view, actor, _) = session.view_past(&args.read)?;
    let (filter, scan) = sought(view, &actor, args.filter.as_ref(), args.org.as_ref())?;
    let rows = scan.flat_map(move |login, user| chosen(&actor, &filter, login, user));
    // Files are in the order of the shards; whoever asks for one document gets it sorted.
    if session.streams() && !args.sort {
        return Ok(Answer::stream(rows, "no users"));
    }
    let progress = session.reading();
    let mut rows: Vec<UserRow> = rows.inspect(|_| progress.one()).collect::<Result<_>>()?;
    rows.sort_by(|a, b| a.login.cmp(&b.login));
    Ok(Answer::list(rows, "no users"))
}

/// `user export`: the columns of `user import`.
pub(super) fn export(session: &Session<'_>, args: &ExportUsersArgs) -> Result<Answer> {
    let (view, actor, _) = session.view_past(&args.read)?;
    let (filter, scan) = sought(view, &actor, args.filter.as_ref(), args.org.as_ref())?;
    let progress = session.reading();
    let rows = scan.flat_map(move |login, user| {
        progress.one();
        let seen = is_chosen(&actor, &filter, &user);
        seen.then(|| UserExport::new(login, user, |org| actor.sees_org(org)))
    });
    let mut rows: Vec<UserExport> = rows.collect::<Result<_>>()?;
    rows.sort_by(|a, b| a.login.cmp(&b.login));
    Ok(Answer::new(export_rows(rows)))
}

/// What is asked for by `--where` and `--org`, and the users that may be it.
///
/// # Errors
/// Usage (2) where they name two orgs; not found (4) where the reader sees no such org.
fn sought(
    mut view: View,
    actor: &Actor,
    filter: Option<&Where>,
    org: Option<&OrgId>,
) -> Result<(Where, Scan)> {
    let mut filter = filter.cloned().unwrap_or_default();
    if let Some(org) = org
        && filter.org.replace(org.clone()).is_some_and(|other| other != *org)
    {
        return Err(Error::usage("--org and --where org=… name two orgs"));
    }
    if let Some(org) = &filter.org {
        crate::commands::sight::seen_org(&view, actor, org)?;
    }
    let mut scan = view.scan()?;
    view.release();
    if let Some(org) = &filter.org {
        scan = scan.only_members_of(org);
    }
    Ok((filter, scan))
}

/// Whether the user is in sight, and all conditions hold.
fn is_chosen(actor: &Actor, filter: &Where, user: &User) -> bool {
    let org_in_sight = filter.org.as_ref().is_none_or(|org| actor.sees_org(org));
    actor.sees(user) && holds(filter, user) && org_in_sight
}

fn chosen(actor: &Actor, filter: &Where, login: Login, user: User) -> Option<UserRow> {
    if !is_chosen(actor, filter, &user) {
        return None;
    }
    let mut row = UserRow::new(login, user);
    row.orgs.retain(|org| actor.sees_org(org));
    Some(row)
}

/// `user find TEXT`: a part of login, name, address or id, without regard to case.
pub(super) fn find(session: &Session<'_>, args: &FindUsersArgs) -> Result<Answer> {
    let (mut view, actor, _) = session.view_past(&args.read)?;
    let scan = view.scan()?;
    view.release();
    let wanted = args.text.as_str().to_lowercase();
    let progress = session.reading();
    let rows = scan.flat_map(move |login, user| {
        progress.one();
        if !matches(&wanted, &login, &user) {
            return None;
        }
        chosen(&actor, &Where::default(), login, user)
    });
    let mut rows: Vec<UserRow> = rows.collect::<Result<_>>()?;
    rows.sort_by(|a, b| a.login.cmp(&b.login));
    Ok(Answer::list(rows, "no user has that in login, name, e-mail address or id"))
}

fn matches(wanted: &str, login: &Login, user: &User) -> bool {
    let has = |text: &str| text.to_lowercase().contains(wanted);
    has(login.as_str())
        || has(user.id.as_str())
        || user.name.as_ref().is_some_and(|name| has(name.as_str()))
        || user.email.as_ref().is_some_and(|email| has(email.as_str()))
}
