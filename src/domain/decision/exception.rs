//! Rule `exception` (R11, R17): a live exception that covers org and service exempts until its end.

use super::{Answer, Question, Requirement};
use crate::domain::model::{Exception, Status};

fn live<'a>(question: &Question<'a>) -> impl Iterator<Item = (u32, &'a Exception)> + use<'a> {
    let Question { user, org_id, service, at, .. } = *question;
    user.exceptions
        .iter()
        .filter(move |(_, exception)| exception.is_live(at) && exception.covers(org_id, service))
        .map(|(number, exception)| (*number, exception))
}

/// Where several cover the same, the latest end counts. A later revocation is
/// not known yet: it was not scheduled.
pub(super) fn answer(question: &Question<'_>) -> Option<Answer> {
    let (_, last) = live(question).max_by_key(|(_, exception)| exception.ends_at)?;
    Some(Answer { requirement: Requirement::Exempt, until: last.ends_at })
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

/// Why none of the exceptions that there are counts; the newest speaks.
fn nearest(question: &Question<'_>) -> Option<String> {
    let (number, exception) = question.user.exceptions.iter().next_back()?;
    let status = exception.status(question.at);
    Some(match (status, exception.ends_at) {
        (Status::Expired, Some(end)) => format!("exception #{number} ended {end}"),
        (Status::Live, _) if !exception.orgs.contains(question.org_id) => {
            format!("exception #{number} is live, but does not cover {}", question.org_id)
        }
        (Status::Live, _) => match question.service {
            Some(service) => format!("exception #{number} is live, but does not cover {service}"),
            None => format!("exception #{number} is live, but only for named services"),
        },
        (Status::Scheduled, _) => {
            format!("exception #{number} begins {}", exception.starts_at)
        }
        _ => format!("exception #{number} is {}", status.as_str()),
    })
}
