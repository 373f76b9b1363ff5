//! `report coverage`: everybody's decision in every org, counted.

use std::collections::{BTreeMap, HashMap};

use super::{lock_outs, orgs};
use crate::cli::report::ReportCoverageArgs;
use crate::commands::Answer;
use crate::commands::session::Session;
use crate::commands::user::dangling;
use crate::domain::coverage::{Coverage, strictest};
use crate::domain::decision::{Question, decide};
use crate::domain::ids::{Login, OrgId, Service};
use crate::domain::model::{Org, User};
use crate::domain::rights::Actor;
use crate::domain::time::Time;
use crate::error::{Error, Result};
use crate::report::answers::coverage::CoverageRow;

/// `report coverage`.
pub(super) fn coverage(session: &Session<'_>, args: &ReportCoverageArgs) -> Result<Answer> {
    let (mut view, actor, at) = session.view_at(&args.read)?;
    let orgs = orgs(&view, &actor, args.org.as_ref())?;
    if let Some(service) = &args.service {
        known_service(service, &orgs)?;
    }
    let (mut scan, rev, progress) = (view.scan()?, view.rev(), session.reading());
    view.release();
    if let Some(org) = &args.org {
        scan = scan.only_members_of(org);
    }
    let asked = CoverageQuery::new(&orgs, args, &actor, at);
    let counted = scan.fold(
        || CoverageCounts::of(&orgs),
        |counted, login, user| {
            progress.one();
            asked.count(counted, login, user)
        },
        CoverageCounts::plus,
    )?;
    let locked = match args.read.at {
        None => Some(lock_outs::count(session, &actor, &orgs)?),
        Some(_) => None,
    };
    let row = |org, counted, locked| CoverageRow::new(org, counted, locked, at, rev);
    let mut rows: Vec<CoverageRow> = orgs
        .iter()
        .zip(&counted.by_org)
        .map(|((id, org), counted)| {
            row(Some((id, org)), counted, locked.as_ref().map(|locked| locked.in_org(id)))
        })
        .collect();
    if args.org.is_none() {
        rows.push(row(None, &counted.everybody, locked.map(|locked| locked.people())));
    }
    Ok(Answer::list(rows, "no orgs"))
}

/// A service that no org knows would be answered as one that no exception covers:
/// true, but not what the asker meant.
fn known_service(service: &Service, orgs: &BTreeMap<OrgId, Org>) -> Result<()> {
    if orgs.values().any(|org| org.services.contains(service)) {
        return Ok(());
    }
    Err(Error::not_found(service, format!("no org has a service {service}")).command("org list"))
}

/// What is asked of every user.
struct CoverageQuery<'a> {
    /// Each org with its place in the counts.
    orgs: HashMap<&'a OrgId, (usize, &'a OrgId, &'a Org)>,
    args: &'a ReportCoverageArgs,
    actor: &'a Actor,
    at: Time,
}

impl<'a> CoverageQuery<'a> {
    fn new(
        orgs: &'a BTreeMap<OrgId, Org>,
        args: &'a ReportCoverageArgs,
        actor: &'a Actor,
        at: Time,
    ) -> CoverageQuery<'a> {
        let orgs = orgs.iter().enumerate();
        let orgs = orgs.map(|(place, (id, org))| (id, (place, id, org))).collect();
        CoverageQuery { orgs, args, actor, at }
    }

    /// Counts a user, where the actor sees it.
    fn count(&self, counted: &mut CoverageCounts, login: &Login, user: &User) -> Result<()> {
        if !self.actor.sees(user) {
            return Ok(());
        }
        let enrolled = user.enrolment.current.is_some();
        let mut decisions = Vec::with_capacity(user.memberships.len());
        for id in user.memberships.keys() {
            let Some((place, org_id, org)) = self.orgs.get(id).copied() else {
                if self.args.org.is_none() && self.actor.sees_org(id) {
                    return Err(dangling(login, id));
                }
                continue;
            };
            let service = self.args.service.as_ref();
            let decision = decide(&Question { user, org_id, org, service, at: self.at });
            counted.by_org[place].add(&decision, enrolled);
            decisions.push(decision);
        }
        counted.everybody.add(&strictest(decisions), enrolled);
        Ok(())
    }
}

/// Members of each org, and people.
struct CoverageCounts {
    by_org: Vec<Coverage>,
    everybody: Coverage,
}

impl CoverageCounts {
    fn of(orgs: &BTreeMap<OrgId, Org>) -> CoverageCounts {
        CoverageCounts {
            by_org: vec![Coverage::default(); orgs.len()],
            everybody: Coverage::default(),
        }
    }

    fn plus(mut self, other: CoverageCounts) -> CoverageCounts {
        for (sum, more) in self.by_org.iter_mut().zip(other.by_org) {
            *sum = sum.plus(more);
        }
        CoverageCounts { everybody: self.everybody.plus(other.everybody), ..self }
    }
}
