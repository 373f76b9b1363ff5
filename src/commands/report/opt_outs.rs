//! `report opt-outs`: every membership that is opted out, and whether that counts.

use std::collections::BTreeMap;

use super::orgs;
use crate::cli::report::ReportOptOutsArgs;
use crate::commands::Answer;
use crate::commands::session::Session;
use crate::domain::decision::{Question, opt_out_rests};
use crate::domain::ids::{Login, OrgId};
use crate::domain::model::{Membership, Org, User};
use crate::domain::time::Time;
use crate::error::Result;
use crate::report::answers::opt_out::OptOutRow;

/// `report opt-outs`.
pub(super) fn opt_outs(session: &Session<'_>, args: &ReportOptOutsArgs) -> Result<Answer> {
    let (mut view, actor, at) = session.view_past(&args.read)?;
    let orgs = orgs(&view, &actor, args.org.as_ref())?;
    let progress = session.reading();
    let scan = view.scan()?.only_lines(move |line| {
        progress.one();
        line.contains("\"opt_out\":{")
    });
    view.release();
    // Orgs out of sight are not among these, so that their opt-outs are not either.
    let rows = scan.flat_map(move |login, user| of_user(&orgs, &login, &user, at));
    let mut rows: Vec<OptOutRow> = rows.collect::<Result<_>>()?;
    rows.sort_by(|a, b| (&a.org, &a.login).cmp(&(&b.org, &b.login)));
    Ok(Answer::list(rows, "no opt-outs"))
}

fn of_user(orgs: &BTreeMap<OrgId, Org>, login: &Login, user: &User, at: Time) -> Vec<OptOutRow> {
    let memberships = user.memberships.iter();
    let row = |(org_id, membership): (&OrgId, &Membership)| {
        let (org, opt_out) = (orgs.get(org_id)?, membership.opt_out.as_ref()?);
        let rests = opt_out_rests(&Question { user, org_id, org, service: None, at });
        Some(OptOutRow::new(org_id, login, user.name.as_ref(), membership.role, opt_out, rests))
    };
    memberships.filter_map(row).collect()
}
