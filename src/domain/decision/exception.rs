//! Rule `exception` (R11, R17): a live exception that covers org and service exempts until its end.

use super::{Question, Requirement, RuleAnswer};
use crate::domain::model::{Exception, Status};

fn live<'a>(question: &Question<'a>) -> impl Iterator<Item = (u32, &'a Exception)> + use<'a> {
    let Question { user, org_id, service, at, .. } = *question;
    let membership = question.membership();
    let is_for = move |exception: &Exception| membership.is_some_and(|m| exception.is_for(m));
    user.exceptions
        .iter()
        .filter(move |(_, exception)| exception.is_live(at) && exception.covers(org_id, service))
        .filter(move |(_, exception)| is_for(exception))
        .map(|(number, exception)| (*number, exception))
}

/// Where several cover the same, the latest end counts. A later revocation is
/// not known yet: it was not scheduled.
pub(super) fn answer(question: &Question<'_>) -> Option<RuleAnswer> {
    let (_, last) = live(question).max_by_key(|(_, exception)| exception.ends_at)?;
    Some(RuleAnswer { requirement: Requirement::Exempt, until: last.ends_at })
}

pub(super) fn why(question: &Question<'_>) -> String {
    if let Some((number, exception)) = live(question).max_by_key(|(_, e)| e.ends_at) {
        return format!(
            "exception #{number} ({}, {}) is live{}",
            exception.kind.as_str(),
            exception.reason,
            exception.ends_at.map_or(String::new(), |end| format!(" until {end}")),
        );
    }
    nearest(question).unwrap_or_else(|| "no exception".to_owned())
}

/// Why none of the exceptions that there are counts: the newest of this org speaks, and
/// where there is none, the newest of another that is live.
fn nearest(question: &Question<'_>) -> Option<String> {
    let Question { user, org_id, service, at, .. } = *question;
    let newest = || user.exceptions.iter().rev();
    let Some((number, exception)) = newest().find(|(_, e)| e.orgs.contains(org_id)) else {
        let (number, _) = newest().find(|(_, exception)| exception.is_live(at))?;
        return Some(format!("exception #{number} is live, but does not cover {org_id}"));
    };
    let status = exception.status(at);
    Some(match (status, exception.ends_at) {
        (Status::Expired, Some(end)) => format!("exception #{number} ended {end}"),
        (Status::Live, _) if !exception.covers(org_id, service) => match service {
            Some(service) => format!("exception #{number} is live, but does not cover {service}"),
            None => format!("exception #{number} is live, but only for named services"),
        },
        (Status::Live, _) => {
            format!("exception #{number} was granted for an earlier membership of {org_id}")
        }
        (Status::Scheduled, _) => {
            format!("exception #{number} begins {}", exception.starts_at)
        }
        _ => format!("exception #{number} is {}", status.as_str()),
    })
}
