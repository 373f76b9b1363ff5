//! `report coverage`: everybody's decision in every org, counted.

use std::collections::{BTreeMap, HashMap};

use super::stand_in::StandIn;
use super::{lock_outs, orgs};
use crate::cli::report::ReportCoverageArgs;
use crate::commands::Answer;
use crate::commands::session::Session;
use crate::commands::user::dangling;
use crate::domain::coverage::{Coverage, strictest};
use crate::domain::decision::{Decision, Question, decide};
use crate::domain::ids::{Login, OrgId, Service};
use crate::domain::model::{EnrolmentStatus, Org, User};
use crate::domain::rights::Actor;
use crate::domain::time::Time;
use crate::error::{Error, Result};
use crate::report::answers::coverage::CoverageRow;
use crate::store::{Line, UserLine};

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
    let counted = scan.fold_lines(
        || CoverageCounts::of(&orgs),
        |counted, line| {
            progress.one();
            asked.count(counted, line)
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
    orgs: HashMap<&'a str, (usize, &'a OrgId, &'a Org)>,
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
        let orgs = orgs.map(|(place, (id, org))| (id.as_str(), (place, id, org))).collect();
        CoverageQuery { orgs, args, actor, at }
    }

    fn count(&self, counted: &mut CoverageCounts, line: &Line<'_>) -> Result<()> {
        counted.decided.clear();
        let all = self.actor.reads_everything();
        let known = line.known().filter(|line| all && self.decide_known(counted, line).is_some());
        if let Some(known) = known {
            counted.add(known.enrolment() == EnrolmentStatus::Enrolled);
            return Ok(());
        }
        counted.decided.clear();
        let user = line.unnamed()?;
        if self.actor.sees(&user) {
            self.decide_user(counted, &line.login()?, &user)?;
            counted.add(user.enrolment.current.is_some());
        }
        Ok(())
    }

    /// Decides without making a user of the line; `None` where one must be made.
    fn decide_known(&self, counted: &mut CoverageCounts, line: &UserLine<'_>) -> Option<()> {
        let CoverageCounts { stand_in, decided, .. } = counted;
        stand_in.take(line)?;
        for membership in line.memberships() {
            let (org, membership) = membership?;
            let (place, org_id, org) = self.orgs.get(org).copied()?;
            let twice = decided.iter().any(|(before, _)| *before == place);
            let service = self.args.service.as_ref();
            let decide =
                |user: &User| decide(&Question { user, org_id, org, service, at: self.at });
            let decision = stand_in.as_member(place, membership, decide);
            decided.push((!twice).then_some((place, decision))?);
        }
        Some(())
    }

    fn decide_user(&self, counted: &mut CoverageCounts, login: &Login, user: &User) -> Result<()> {
        for id in user.memberships.keys() {
            let Some((place, org_id, org)) = self.orgs.get(id.as_str()).copied() else {
                if self.args.org.is_none() && self.actor.sees_org(id) {
                    return Err(dangling(login, id));
                }
                continue;
            };
            let service = self.args.service.as_ref();
            let decision = decide(&Question { user, org_id, org, service, at: self.at });
            counted.decided.push((place, decision));
        }
        Ok(())
    }
}

/// Members of each org, and people.
struct CoverageCounts {
    by_org: Vec<Coverage>,
    everybody: Coverage,
    /// What was decided of one of them, by the place of the org.
    decided: Vec<(usize, Decision)>,
    stand_in: StandIn,
}

impl CoverageCounts {
    fn of(orgs: &BTreeMap<OrgId, Org>) -> CoverageCounts {
        CoverageCounts {
            by_org: vec![Coverage::default(); orgs.len()],
            everybody: Coverage::default(),
            decided: Vec::new(),
            stand_in: StandIn::new(orgs.keys()),
        }
    }

    /// Counts whom was decided of.
    fn add(&mut self, enrolled: bool) {
        for (place, decision) in &self.decided {
            self.by_org[*place].add(decision, enrolled);
        }
        let decisions = self.decided.iter().map(|(_, decision)| *decision);
        self.everybody.add(&strictest(decisions), enrolled);
    }

    fn plus(mut self, other: CoverageCounts) -> CoverageCounts {
        for (sum, more) in self.by_org.iter_mut().zip(other.by_org) {
            *sum = sum.plus(more);
        }
        CoverageCounts { everybody: self.everybody.plus(other.everybody), ..self }
    }
}

#[cfg(test)]
mod tests;
