//! The verbs of `report`: everything counted or listed that an auditor asks for.

mod coverage;
mod exceptions;
mod lock_outs;
mod operators;
mod opt_outs;

use std::collections::BTreeMap;

use super::Answer;
use super::session::Session;
use crate::cli::report as cli;
use crate::domain::ids::OrgId;
use crate::domain::model::Org;
use crate::domain::rights::Actor;
use crate::error::Result;
use crate::store::View;

/// Runs one of them.
pub(super) fn run(session: &Session<'_>, verb: cli::ReportCommand) -> Result<Answer> {
    match verb {
        cli::ReportCommand::Coverage(args) => coverage::coverage(session, &args),
        cli::ReportCommand::Exceptions(args) => exceptions::exceptions(session, &args),
        cli::ReportCommand::OptOuts(args) => opt_outs::opt_outs(session, &args),
        cli::ReportCommand::Operators(args) => operators::operators(session, &args),
    }
}

/// The orgs that a report is about: the one named, or all in sight.
///
/// # Errors
/// Not found (4) where there is no such org in sight.
fn orgs(view: &View, actor: &Actor, named: Option<&OrgId>) -> Result<BTreeMap<OrgId, Org>> {
    match named {
        Some(id) => Ok([(id.clone(), super::sight::seen_org(view, actor, id)?)].into()),
        None => {
            let mut orgs = view.orgs()?;
            orgs.retain(|id, _| actor.sees_org(id));
            Ok(orgs)
        }
    }
}
