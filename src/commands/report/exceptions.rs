//! `report exceptions`: how exceptions are used, counted by org, kind and reason or approver.

use std::collections::BTreeMap;

use super::orgs;
use crate::cli::report::ReportExceptionsArgs;
use crate::commands::Answer;
use crate::commands::exception::{TimeRange, reaches_back, with_exceptions};
use crate::commands::session::Session;
use crate::domain::ids::OrgId;
use crate::domain::model::{Exception, Org, User};
use crate::domain::rights::Actor;
use crate::domain::time::Time;
use crate::domain::usage::Usage;
use crate::error::Result;
use crate::report::answers::exception_usage::{By, Group, UsageRow};
use crate::store::View;

/// `report exceptions`.
pub(super) fn exceptions(session: &Session<'_>, args: &ReportExceptionsArgs) -> Result<Answer> {
    let (mut view, actor, at) = session.view_past(&args.read)?;
    let orgs = orgs(&view, &actor, args.org.as_ref())?;
    let during = args.during.map(|during| TimeRange::new(&during, at)).transpose()?;
    let asked = UsageQuery { orgs: &orgs, by: args.by.unwrap_or_default(), during, at };
    let moved = if reaches_back(during, at) { moved(&view, &actor)? } else { Vec::new() };
    let scan = with_exceptions(view.scan()?, session.reading());
    let rev = view.rev();
    view.release();
    let mut counted = scan.fold(
        BTreeMap::new,
        |counted, _, user| {
            if actor.sees(user) {
                asked.count(counted, user, user.exceptions.values());
            }
            Ok(())
        },
        plus,
    )?;
    for (user, exception) in &moved {
        asked.count(&mut counted, user, [exception]);
    }
    // All of them stand first in the map, and last in the answer.
    let mut rows: Vec<UsageRow> =
        counted.into_iter().map(|(group, usage)| UsageRow::new(group, &usage, at, rev)).collect();
    if !rows.is_empty() {
        rows.rotate_left(1);
    }
    if let Some(all) = rows.last_mut() {
        all.group.org = args.org.clone();
    }
    Ok(Answer::list(rows, "no exceptions"))
}

/// The exceptions of users in sight that are in the log alone.
fn moved(view: &View, actor: &Actor) -> Result<Vec<(User, Exception)>> {
    let mut seen = Vec::new();
    for moved in view.moved_out(view.all_sought()?)? {
        if let Some((_, user)) = view.user_by_id(&moved.user)?
            && actor.sees(&user)
        {
            seen.push((user, moved.exception));
        }
    }
    Ok(seen)
}

type UsageByGroup = BTreeMap<Group, Usage>;

fn plus(mut sum: UsageByGroup, more: UsageByGroup) -> UsageByGroup {
    for (group, usage) in more {
        let place = sum.entry(group).or_default();
        *place = place.plus(usage);
    }
    sum
}

struct UsageQuery<'a> {
    orgs: &'a BTreeMap<OrgId, Org>,
    by: By,
    during: Option<TimeRange>,
    at: Time,
}

impl UsageQuery<'_> {
    fn count<'e>(
        &self,
        counted: &mut UsageByGroup,
        user: &User,
        exceptions: impl IntoIterator<Item = &'e Exception>,
    ) {
        for exception in exceptions {
            if !self.during.is_none_or(|during| during.overlaps(exception)) {
                continue;
            }
            let mut seen =
                exception.orgs.iter().filter(|org| self.orgs.contains_key(*org)).peekable();
            if seen.peek().is_some() {
                counted.entry(Group::default()).or_default().add(user, exception, self.at);
            }
            for org in seen {
                let group = self.group(org, exception);
                counted.entry(group).or_default().add(user, exception, self.at);
            }
        }
    }

    fn group(&self, org: &OrgId, exception: &Exception) -> Group {
        let (org, kind) = (Some(org.clone()), Some(exception.kind));
        match self.by {
            By::Reason => {
                Group { org, kind, reason: Some(exception.reason.clone()), approved_by: None }
            }
            By::Approver => {
                Group { org, kind, reason: None, approved_by: exception.approved_by.clone() }
            }
        }
    }
}
