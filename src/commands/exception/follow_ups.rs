//! `exception follow-ups`: who must enrol again, and has not.

use crate::cli::exception::ListFollowUpsArgs;
use crate::commands::Answer;
use crate::commands::session::Session;
use crate::domain::follow_up;
use crate::domain::model::Exception;
use crate::error::Result;
use crate::report::answers::exception::ExceptionReport;

/// As it stands in the line of a user of whom there could be any: the calendar
/// of ends forgets what has ended, so that all users are read.
const IN_LINE: &str = "\"follow_up\":\"re-enrol";

/// `exception follow-ups`.
pub(super) fn follow_ups(session: &Session<'_>, args: &ListFollowUpsArgs) -> Result<Answer> {
    let (mut view, actor, at) = session.view_past(&args.read)?;
    let progress = session.reading();
    let scan = view.scan()?.only_lines(move |line| {
        progress.one();
        line.contains(IN_LINE)
    });
    view.release();
    let rows = scan.flat_map(move |login, user| {
        let row = |(number, exception): (&u32, &Exception)| {
            let mut row = ExceptionReport::new(&login, *number, exception, at);
            row.orgs.retain(|org| actor.sees_org(org));
            let open = follow_up::is_open(&user, exception, at);
            (actor.sees(&user) && open && !row.orgs.is_empty()).then_some(row)
        };
        user.exceptions.iter().filter_map(row).collect::<Vec<_>>()
    });
    let mut rows: Vec<ExceptionReport> = rows.collect::<Result<_>>()?;
    rows.sort_by(|a, b| (a.ends_at, &a.id).cmp(&(b.ends_at, &b.id)));
    Ok(Answer::list(rows, "no follow-ups: nobody has to enrol again"))
}
