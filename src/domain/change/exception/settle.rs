//! Settling an exception: approving or rejecting a request, revoking what is open.

use std::collections::{BTreeMap, BTreeSet};

use super::super::{Change, Context, about_user, seen_exception, sso};
use super::{
    about, act_to_revoke, end_replaced, grant_rules as rules, numbers, unchanged, with_exception,
};
use crate::domain::ids::{ExceptionId, OrgId};
use crate::domain::model::{
    Approval, EarlyEnd, EndedHow, Exception, ExceptionKind, Org, Status, Term, User,
};
use crate::domain::outcome::{Outcome, TakesEffect};
use crate::domain::refusal::{Refusal, RefusalCode};
use crate::domain::rights::Act;
use crate::domain::scope::{Needs, Scope};

/// Approves a request.
#[derive(Debug, Clone)]
pub struct Approve {
    /// Which.
    pub id: ExceptionId,
}

/// Rejects a request.
#[derive(Debug, Clone)]
pub struct Reject {
    /// Which.
    pub id: ExceptionId,
}

/// Ends an exception before its time, or takes a request back.
#[derive(Debug, Clone)]
pub struct Revoke {
    /// Which.
    pub id: ExceptionId,
}

fn permitted<'a>(
    scope: &'a Scope,
    context: &Context,
    id: &ExceptionId,
    act: impl Fn(&Exception) -> Act,
) -> Result<(&'a User, &'a Exception), Refusal> {
    let (user, exception) = seen_exception(scope, context, id)?;
    context.actor.permit_other(&id.login, user, &scope.operators)?;
    context.actor.permit(act(exception), &exception.orgs)?;
    context.actor.permit_account(&id.login, user, &exception.orgs, &scope.operators)?;
    Ok((user, exception))
}

fn not_open(id: &ExceptionId, what: &str, status: Status) -> Refusal {
    let message = format!("cannot {what} {id}: it is {}", status.as_str());
    Refusal::new(RefusalCode::NotOpen, id, message).command(format!("exception show {id}"))
}

fn orgs_of<'a>(scope: &'a Scope, exception: &'a Exception) -> BTreeMap<&'a OrgId, &'a Org> {
    let there = |id: &'a OrgId| Some((id, scope.orgs.get(id)?.as_ref()?));
    exception.orgs.iter().filter_map(there).collect()
}

impl Approve {
    /// Where two persons are needed, the second must be another: OS users and linked accounts are
    /// compared, not only names.
    /// What was needed when it was requested still is: otherwise one person could lift it.
    /// An org that the user has left is not in the scope: it counts as one that wants two.
    fn refuse_own_request(
        &self,
        scope: &Scope,
        context: &Context,
        exception: &Exception,
    ) -> Result<(), Refusal> {
        let orgs = orgs_of(scope, exception);
        let wants_two = |id: &OrgId| {
            orgs.get(id).is_none_or(|org| org.exceptions.approval == Approval::TwoPerson)
        };
        let two = exception.unenrolled
            || exception.two_persons
            || (exception.kind == ExceptionKind::Long && exception.orgs.iter().any(wants_two));
        let asked = &exception.recorded_by;
        let (actor, id) = (&context.actor, &self.id);
        let same_person =
            asked.operator == actor.name() || actor.oneself(&scope.operators).is_granter(asked);
        if !two || !same_person {
            return Ok(());
        }
        let message = format!("{} requested {id}: a second person has to approve it", actor.name());
        Err(Refusal::new(RefusalCode::NotPermitted, id, message).command("operator list"))
    }

    fn approved(
        &self,
        scope: &Scope,
        context: &Context,
        exception: &Exception,
    ) -> Result<Exception, Refusal> {
        let start = exception.starts_at.max(context.now);
        let orgs = orgs_of(scope, exception);
        let (cap, org) = rules::cap(&orgs, exception.kind);
        let term = exception.term.unwrap_or(Term::For(cap));
        let end = match term {
            Term::For(span) => start.plus(span),
            Term::Until(until) => until,
        };
        if end <= start {
            let message = format!("cannot approve {}: its end {end} has passed", self.id);
            return Err(Refusal::new(RefusalCode::NotOpen, &self.id, message)
                .command(format!("exception reject {}", self.id)));
        }
        rules::within_cap(&self.id.to_string(), term, start, exception.kind, cap, org)?;
        Ok(Exception {
            term: None,
            replaces: BTreeSet::new(),
            approved_by: Some(context.actor.name().to_owned()),
            starts_at: start,
            ends_at: Some(end),
            ..exception.clone()
        })
    }
}

impl Approve {
    /// Those that end with the approval, which is to be in the operator's power as well.
    fn replaced(
        &self,
        scope: &Scope,
        context: &Context,
        user: &User,
        exception: &Exception,
    ) -> Result<Vec<u32>, Refusal> {
        let mut replaced = Vec::new();
        for number in &exception.replaces {
            let Some(old) = user.exceptions.get(number) else { continue };
            if matches!(old.status(context.now), Status::Live | Status::Scheduled) {
                context.actor.permit(act_to_revoke(old), &old.orgs)?;
                context.actor.permit_account(&self.id.login, user, &old.orgs, &scope.operators)?;
                replaced.push(*number);
            }
        }
        Ok(replaced)
    }
}

impl Change for Approve {
    fn needs(&self) -> Needs {
        about_user(&self.id.login)
    }

    fn decide(&self, scope: &Scope, context: &Context) -> Result<Outcome, Refusal> {
        const ACTION: &str = "exception.approve";
        let id = &self.id;
        let (user, exception) = permitted(scope, context, id, |_| Act::Approve)?;
        match exception.status(context.now) {
            Status::Requested => {}
            Status::Live | Status::Scheduled => {
                return Ok(unchanged(ACTION, id, exception, "is approved already"));
            }
            other => return Err(not_open(id, "approve", other)),
        }
        self.refuse_own_request(scope, context, exception)?;
        let replaced = self.replaced(scope, context, user, exception)?;
        sso(&id.login, user, "approve an exception of")?;
        let approved = self.approved(scope, context, exception)?;
        let (start, end) = (approved.starts_at, approved.ends_at);
        let end = end.map_or(String::new(), |end| format!(" until {end}"));
        let orgs = approved.orgs.clone();
        let mut after = with_exception(user, id.number, approved);
        end_replaced(&mut after, &replaced, id.number, context.actor.name(), context.now);
        let from = if start > context.now { format!(" from {start}") } else { String::new() };
        let summary = format!("{id} is approved: no second factor is asked for{from}{end}");
        let outcome = about(ACTION, id, user, after, orgs, summary)
            .follow_up("prompts come back by themselves at the end");
        let outcome = match replaced.is_empty() {
            true => outcome,
            false => outcome.warning(format!("it replaces {}", numbers(&replaced))),
        };
        Ok(if start > context.now { outcome.effective(TakesEffect::At(start)) } else { outcome })
    }
}

fn ended(context: &Context, exception: &Exception, how: EndedHow) -> Exception {
    let ended = EarlyEnd {
        how,
        by: context.actor.name().to_owned(),
        at: context.now,
        message: context.message.clone(),
    };
    Exception { ended: Some(ended), ..exception.clone() }
}

impl Change for Reject {
    fn needs(&self) -> Needs {
        about_user(&self.id.login)
    }

    fn decide(&self, scope: &Scope, context: &Context) -> Result<Outcome, Refusal> {
        const ACTION: &str = "exception.reject";
        let id = &self.id;
        let (user, exception) = permitted(scope, context, id, |_| Act::Approve)?;
        match exception.status(context.now) {
            Status::Requested => {}
            Status::Rejected => {
                return Ok(unchanged(ACTION, id, exception, "is rejected already"));
            }
            other => return Err(not_open(id, "reject", other)),
        }
        let rejected = ended(context, exception, EndedHow::Rejected);
        let after = with_exception(user, id.number, rejected);
        let summary = format!("{id} is rejected");
        Ok(about(ACTION, id, user, after, exception.orgs.iter().cloned(), summary)
            .effective(TakesEffect::Now))
    }
}

impl Change for Revoke {
    fn needs(&self) -> Needs {
        about_user(&self.id.login)
    }

    fn decide(&self, scope: &Scope, context: &Context) -> Result<Outcome, Refusal> {
        const ACTION: &str = "exception.revoke";
        let id = &self.id;
        let (user, exception) = permitted(scope, context, id, act_to_revoke)?;
        match exception.status(context.now) {
            Status::Requested | Status::Scheduled | Status::Live => {}
            Status::Revoked => {
                return Ok(unchanged(ACTION, id, exception, "is revoked already"));
            }
            other => return Err(not_open(id, "revoke", other)),
        }
        let revoked = ended(context, exception, EndedHow::Revoked);
        let after = with_exception(user, id.number, revoked);
        let summary = format!("{id} is revoked");
        Ok(about(ACTION, id, user, after, exception.orgs.iter().cloned(), summary)
            .follow_up("prompts come back at the next sign-in"))
    }
}
