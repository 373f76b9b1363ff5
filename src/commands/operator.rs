//! The verbs of `operator`.

use super::Answer;
use super::bulk::one;
use super::change::Stage;
use super::session::Session;
use crate::cli::operator as cli;
use crate::domain::change::{AddOperator, EditOperator, RemoveOperator};
use crate::domain::ids::{Login, OperatorName, UserRef};
use crate::domain::model::Operator;
use crate::domain::rights::Actor;
use crate::domain::scope::Key;
use crate::error::{Error, Result};
use crate::report::answers::operator::OperatorRow;
use crate::report::answers::whoami::WhoAmI;
use crate::store::View;

/// Runs one of them.
pub(super) fn run(session: &Session<'_>, verb: cli::OperatorCommand) -> Result<Answer> {
    match verb {
        cli::OperatorCommand::Add(args) => add(session, &args),
        cli::OperatorCommand::Edit(args) => edit(session, &args),
        cli::OperatorCommand::List(args) => list(session, &args),
        cli::OperatorCommand::Show(args) => show(session, &args),
        cli::OperatorCommand::Remove(args) => remove(session, &args),
        cli::OperatorCommand::Whoami(_) => whoami(session),
    }
}

fn person(stage: &Stage<'_>, user: Option<&UserRef>) -> Result<Option<Login>> {
    user.map(|user| stage.login(user)).transpose()
}

fn add(session: &Session<'_>, args: &cli::AddOperatorArgs) -> Result<Answer> {
    one(session, &args.change, |stage| {
        Ok(Box::new(AddOperator {
            name: args.name.clone(),
            os_users: args.os_users.iter().cloned().collect(),
            person: person(stage, args.user.as_ref())?,
            service: args.service,
            roles: args.roles.iter().cloned().collect(),
        }))
    })
}

fn edit(session: &Session<'_>, args: &cli::EditOperatorArgs) -> Result<Answer> {
    one(session, &args.change, |stage| {
        Ok(Box::new(EditOperator {
            name: Some(args.name.clone()),
            add_os_users: args.os_users.iter().cloned().collect(),
            remove_os_users: args.no_os_users.iter().cloned().collect(),
            person: person(stage, args.user.as_ref())?,
            add_roles: args.roles.iter().cloned().collect(),
            remove_roles: args.no_roles.iter().cloned().collect(),
        }))
    })
}

fn remove(session: &Session<'_>, args: &cli::RemoveOperatorArgs) -> Result<Answer> {
    if !args.change.dry_run {
        session.confirm(&format!("remove the operator {}?", args.name))?;
    }
    one(session, &args.change, |_| Ok(Box::new(RemoveOperator { name: args.name.clone() })))
}

/// The row of an operator, the person by login.
pub(super) fn row(view: &View, name: &OperatorName, operator: &Operator) -> Result<OperatorRow> {
    let person = operator.person.clone().map(|id| view.owner(&Key::Id(id))).transpose()?.flatten();
    Ok(OperatorRow::new(name, operator, person.map(|login| login.to_string())))
}

fn list(session: &Session<'_>, args: &cli::ListOperatorsArgs) -> Result<Answer> {
    let (view, actor, _) = session.view_past(&args.read)?;
    actor.permit_reading_everything()?;
    let operators = view.operators()?;
    let rows: Result<Vec<OperatorRow>> =
        operators.operators.iter().map(|(name, operator)| row(&view, name, operator)).collect();
    Ok(Answer::list(rows?, "no operators"))
}

fn show(session: &Session<'_>, args: &cli::ShowOperatorArgs) -> Result<Answer> {
    let (view, actor, _) = session.view_past(&args.read)?;
    actor.permit_reading_everything()?;
    let operators = view.operators()?;
    let operator = operators.operators.get(&args.name).ok_or_else(|| {
        Error::not_found(&args.name, format!("no operator {}", args.name)).command("operator list")
    })?;
    Ok(Answer::one(row(&view, &args.name, operator)?))
}

fn whoami(session: &Session<'_>) -> Result<Answer> {
    let view = session.store()?.view()?;
    let operators = view.operators()?;
    let (actor, author) = session.actor(&operators)?;
    let person = actor.person().cloned().map(|id| view.owner(&Key::Id(id))).transpose()?.flatten();
    let operator = match &actor {
        Actor::Operator { operator, .. } => Some(operator),
        Actor::Root | Actor::System => None,
    };
    Ok(Answer::one(WhoAmI {
        operator: Some(actor.name().to_owned()),
        roles: operator.iter().flat_map(|o| &o.roles).map(ToString::to_string).collect(),
        person: person.map(|login| login.to_string()),
        service: operator.is_some_and(|operator| operator.service),
        os_user: author.os_user,
        uid: session.env().identity().uid,
        identity_from: author.identity_from,
    }))
}
