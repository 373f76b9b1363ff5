//! `exception list`: from the calendar of ends where that is enough, otherwise from all users.

use crate::parallel;

use super::TimeRange;
use crate::cli::exception::ListExceptionsArgs;
use crate::commands::Answer;
use crate::commands::session::Session;
use crate::commands::sight::seen_user;
use crate::domain::due::{DueEntry, DueWhat, REQUESTED};
use crate::domain::ids::{Login, OrgId};
use crate::domain::model::{Exception, Status, User};
use crate::domain::moved_out;
use crate::domain::rights::Actor;
use crate::domain::time::Time;
use crate::error::Result;
use crate::report::answers::exception::ExceptionReport;
use crate::store::{Scan, Sought, View};
use crate::ui::Progress;

/// Exit code of `--fail-if-any` where there are some.
const SOME: u8 = 1;

/// What is asked for, with instants.
struct ExceptionFilter<'a> {
    args: &'a ListExceptionsArgs,
    actor: &'a Actor,
    at: Time,
    during: Option<TimeRange>,
}

/// `exception list`.
pub(super) fn list(session: &Session<'_>, args: &ListExceptionsArgs) -> Result<Answer> {
    let (mut view, actor, at) = session.view_past(&args.read)?;
    let during = args.during.map(|during| TimeRange::new(&during, at)).transpose()?;
    let asked = ExceptionFilter { args, actor: &actor, at, during };
    let mut rows = match &args.user {
        Some(user) => of_one(&view, &seen_user(&view, &actor, user)?, &asked)?,
        None if args.read.at.is_none() && asked.in_calendar() => calendar(&view, &asked)?,
        None => of_all(&mut view, &asked, session.reading())?,
    };
    rows.sort_by(|a, b| (a.ends_at, &a.id).cmp(&(b.ends_at, &b.id)));
    let exit = if args.fail_if_any && !rows.is_empty() { SOME } else { 0 };
    Ok(Answer::list(rows, asked.empty()).exit(exit))
}

impl ExceptionFilter<'_> {
    /// Whether everything asked for still stands in the calendar.
    fn in_calendar(&self) -> bool {
        !(self.args.ended || self.args.all || self.during.is_some())
    }

    /// Whether something asked for may be in the log alone.
    fn in_log(&self) -> bool {
        let args = self.args;
        (args.ended || args.all || self.during.is_some())
            && args.expiring_within.is_none()
            && reaches_back(self.during, self.at)
    }

    fn wants(&self, exception: &Exception) -> bool {
        let status = exception.status(self.at);
        let args = self.args;
        let named = match status {
            Status::Live => args.live,
            Status::Scheduled => args.scheduled,
            Status::Requested => args.requested,
            Status::Expired | Status::Revoked | Status::Rejected => args.ended,
        };
        let none_named = !(args.live || args.scheduled || args.requested || args.ended);
        let wanted = match self.during {
            _ if args.all => true,
            Some(_) if none_named => true,
            _ => named || (none_named && status == Status::Live),
        };
        wanted
            && self.ends_soon(exception)
            && self.during.is_none_or(|during| during.overlaps(exception))
    }

    fn ends_soon(&self, exception: &Exception) -> bool {
        let Some(within) = self.args.expiring_within else { return true };
        let limit = self.at.plus(within);
        exception.effective_end().is_some_and(|end| end > self.at && end <= limit)
    }

    /// The row, with the orgs that the reader may see; none where that is no org.
    fn row(&self, login: &Login, number: u32, exception: &Exception) -> Option<ExceptionReport> {
        if !self.wants(exception) {
            return None;
        }
        let mut row = ExceptionReport::new(login, number, exception, self.at);
        row.orgs.retain(|org: &OrgId| self.actor.sees_org(org));
        if self.args.org.as_ref().is_some_and(|org| !row.orgs.contains(org)) {
            return None;
        }
        (!row.orgs.is_empty()).then_some(row)
    }

    fn empty(&self) -> &'static str {
        let args = self.args;
        match () {
            () if args.scheduled => "no scheduled exceptions",
            () if args.requested => "no requested exceptions",
            () if args.ended => "no ended exceptions",
            () if args.all || self.during.is_some() => "no exceptions",
            () => "no live exceptions",
        }
    }
}

fn of_one(
    view: &View,
    (login, user): &(Login, User),
    asked: &ExceptionFilter<'_>,
) -> Result<Vec<ExceptionReport>> {
    let row = |(n, exception): (&u32, &Exception)| asked.row(login, *n, exception);
    let mut rows: Vec<ExceptionReport> = user.exceptions.iter().filter_map(row).collect();
    if asked.in_log() {
        let mut sought = Sought::default();
        sought.add(login, user, |_| true);
        let moved = view.moved_out(sought)?;
        rows.extend(moved.iter().filter_map(|it| asked.row(login, it.number, &it.exception)));
    }
    Ok(rows)
}

fn calendar(view: &View, asked: &ExceptionFilter<'_>) -> Result<Vec<ExceptionReport>> {
    let today = asked.at.day();
    let wanted = |page: &String| page == REQUESTED || *page >= today;
    let pages: Vec<String> = view.due_pages()?.into_iter().filter(wanted).collect();
    let of_page = |page: &String| of_page(view, page, asked);
    let rows = parallel::map_slice(&pages, of_page);
    let rows: Vec<Vec<ExceptionReport>> = rows.into_iter().collect::<Result<_>>()?;
    Ok(rows.into_iter().flatten().collect())
}

fn of_page(view: &View, page: &str, asked: &ExceptionFilter<'_>) -> Result<Vec<ExceptionReport>> {
    let row = |entry: DueEntry| match &entry.what {
        DueWhat::Exception { number, exception }
            if asked.actor.sees_members_of(&entry.member_of) =>
        {
            asked.row(&entry.login, *number, exception)
        }
        _ => None,
    };
    Ok(view.due(page)?.into_values().filter_map(row).collect())
}

fn of_all(
    view: &mut View,
    asked: &ExceptionFilter<'_>,
    progress: Progress,
) -> Result<Vec<ExceptionReport>> {
    let moved = if asked.in_log() { from_log(view, asked)? } else { Vec::new() };
    let scan = with_exceptions(view.scan()?, progress);
    view.release();
    let rows = scan.flat_map(|login, user| {
        let row = |(n, exception): (&u32, &Exception)| asked.row(&login, *n, exception);
        let seen = asked.actor.sees(&user).then_some(&user.exceptions);
        seen.into_iter().flatten().filter_map(row).collect::<Vec<_>>()
    });
    rows.chain(moved.into_iter().map(Ok)).collect()
}

/// The rows of exceptions that moved out of the lines of users in sight.
fn from_log(view: &View, asked: &ExceptionFilter<'_>) -> Result<Vec<ExceptionReport>> {
    let sought = view.all_sought()?;
    let mut rows = Vec::new();
    for moved in view.moved_out(sought)? {
        if let Some((login, user)) = view.user_by_id(&moved.user)?
            && asked.actor.sees(&user)
        {
            rows.extend(asked.row(&login, moved.number, &moved.exception));
        }
    }
    Ok(rows)
}

/// Whether a window, counted from `at`, reaches back to when exceptions that are in the log
/// alone were live; all of the past does.
pub(in crate::commands) fn reaches_back(during: Option<TimeRange>, at: Time) -> bool {
    during.is_none_or(|during| during.begins_before(at.minus(moved_out::KEPT)))
}

/// The users of a scan that have exceptions.
pub(in crate::commands) fn with_exceptions(scan: Scan, progress: Progress) -> Scan {
    scan.only_lines(move |line| {
        progress.one();
        line.contains("\"exceptions\":{")
    })
}
