//! `report operators`: every operator, the last act of each, and what is doubtful.

use std::collections::BTreeMap;

use crate::cli::report::ReportOperatorsArgs;
use crate::commands::Answer;
use crate::commands::operator;
use crate::commands::session::Session;
use crate::domain::ids::{OperatorName, OsUser};
use crate::domain::model::{Operator, Operators};
use crate::domain::scope::Key;
use crate::error::Result;
use crate::report::answers::operator_review::{Doubt, OperatorReview};
use crate::store::{Record, View};

/// `report operators`.
pub(super) fn operators(session: &Session<'_>, args: &ReportOperatorsArgs) -> Result<Answer> {
    let (view, actor, _) = session.view_past(&args.read)?;
    actor.permit_reading_everything()?;
    let operators = view.operators()?;
    let mut last = last_acts(session, &view, &operators)?;
    let mut rows = Vec::new();
    for (name, operator) in &operators.operators {
        let last = last.remove(name.as_str());
        rows.push(OperatorReview {
            operator: operator::row(&view, name, operator)?,
            last_rev: last.as_ref().map(|record| record.rev),
            last_at: last.as_ref().map(|record| record.at),
            last_action: last.map(|record| record.action),
            warnings: doubts(&view, &operators, name, operator)?,
        });
    }
    Ok(Answer::list(rows, "no operators"))
}

/// The last act of each operator. The log is read from its end, until the last of
/// them was met.
fn last_acts(
    session: &Session<'_>,
    view: &View,
    operators: &Operators,
) -> Result<BTreeMap<String, Record>> {
    let (mut found, mut left) = (BTreeMap::new(), operators.operators.len());
    let progress = session.progress("reading the audit log", Some(view.rev()));
    for record in view.records() {
        if left == 0 {
            break;
        }
        let record = record?;
        progress.one();
        let name = &record.author.operator;
        if operators.operators.contains_key(name.as_str()) && !found.contains_key(name) {
            left -= 1;
            found.insert(name.clone(), record);
        }
    }
    Ok(found)
}

fn doubts(
    view: &View,
    operators: &Operators,
    name: &OperatorName,
    operator: &Operator,
) -> Result<Vec<Doubt>> {
    let mut doubts = Vec::new();
    match &operator.person {
        Some(person) => doubts.extend(of_person(view, &Key::Id(person.clone()))?),
        None if !operator.service => doubts.push(Doubt::NoPerson),
        None => {}
    }
    let shares = |os_user: &OsUser| {
        let mut others = operators.operators.iter().filter(|(other, _)| *other != name);
        others.any(|(_, other)| other.os_users.contains(os_user))
    };
    if operator.os_users.iter().any(shares) {
        doubts.push(Doubt::SharedOsUser);
    }
    if operator.roles.is_empty() && !operator.service {
        doubts.push(Doubt::NoRole);
    }
    Ok(doubts)
}

fn of_person(view: &View, person: &Key) -> Result<Option<Doubt>> {
    let login = view.owner(person)?;
    let user = login.map(|login| view.user(&login)).transpose()?.flatten();
    Ok(match user {
        None => Some(Doubt::PersonGone),
        Some(user) if !user.active => Some(Doubt::PersonInactive),
        Some(user) if !user.is_sso() && user.enrolment.current.is_none() => {
            Some(Doubt::PersonNotEnrolled)
        }
        Some(_) => None,
    })
}
