//! Whether an exception is granted or requested, and what it is.

use std::collections::BTreeMap;

use super::super::{Change, Context, invalid, member, seen, seen_org};
use super::grant::Grant;
use super::{about, act_to_revoke, grant_rules as rules};

use crate::domain::ids::{ExceptionId, OrgId, Service, Text};
use crate::domain::model::{
    Approval, Channel, Exception, ExceptionKind, FollowUp, Org, Status, Term, User,
};
use crate::domain::moved_out;
use crate::domain::outcome::{Outcome, TakesEffect};
use crate::domain::reasons::Reason;
use crate::domain::refusal::{Refusal, RefusalCode};
use crate::domain::rights::Act;
use crate::domain::scope::{Needs, Scope};
use crate::domain::time::{Span, Time};

/// What the checks of a grant found out.
pub(super) struct GrantPlan<'a> {
    pub(super) user: &'a User,
    pub(super) orgs: BTreeMap<&'a OrgId, &'a Org>,
    pub(super) start: Time,
    pub(super) term: Term,
    pub(super) reason: Reason,
    pub(super) waits: Option<&'static str>,
    pub(super) replaced: Vec<u32>,
}

impl GrantPlan<'_> {
    /// Those that go on until it is approved, where it has to wait: a user whose request
    /// may be rejected keeps what is there. What only waits itself ends at once.
    fn replaced_on_approval(&self, now: Time) -> impl Iterator<Item = u32> {
        let goes_on = move |number: &&u32| {
            self.waits.is_some() && self.user.exceptions[number].status(now) != Status::Requested
        };
        self.replaced.iter().filter(goes_on).copied()
    }
}

impl Grant {
    fn check_times(&self, now: Time) -> Result<Time, Refusal> {
        if let Some(starts) = self.starts.filter(|starts| *starts < now) {
            return Err(invalid(
                &self.login,
                format!("an exception cannot start in the past ({starts})"),
            ));
        }
        let start = self.starts.unwrap_or(now);
        let end = match self.length {
            Some(Term::Until(until)) => until,
            Some(Term::For(span)) => start.plus(span),
            None => start.plus(Span::seconds(1)),
        };
        if end <= start {
            return Err(invalid(
                &self.login,
                format!("the end {end} is not after the start {start}"),
            ));
        }
        Ok(start)
    }

    /// The act that the operator needs in an org, at least: whoever may request may not always grant.
    fn least_act(&self) -> Act {
        match self.kind {
            ExceptionKind::Short => Act::ShortException,
            ExceptionKind::Long => Act::RequestLong,
        }
    }

    /// The act that a grant at once needs in an org.
    fn granting_act(&self) -> Act {
        match self.kind {
            ExceptionKind::Long if !self.request_only => Act::Approve,
            _ => self.least_act(),
        }
    }

    /// Those of the user's orgs in which the operator may grant it; where there are
    /// none, those in which it may be requested; otherwise all in sight, to be refused.
    fn default_orgs<'a>(&self, scope: &Scope, context: &Context, user: &'a User) -> Vec<&'a OrgId> {
        let (actor, login) = (&context.actor, &self.login);
        let those = |may: &dyn Fn(&OrgId) -> bool| -> Vec<&'a OrgId> {
            user.memberships.keys().filter(|id| may(id)).collect()
        };
        let permitted = |act| {
            those(&|id| {
                actor.may_in(act, id)
                    && actor.permit_account(login, user, [id], &scope.operators).is_ok()
            })
        };
        [self.granting_act(), self.least_act()]
            .into_iter()
            .map(permitted)
            .find(|orgs| !orgs.is_empty())
            .unwrap_or_else(|| those(&|id| actor.sees_org(id)))
    }

    /// The orgs covered: those named, each there, in sight and joined, or the default ones.
    fn covered<'a>(
        &'a self,
        scope: &'a Scope,
        context: &Context,
        user: &'a User,
    ) -> Result<BTreeMap<&'a OrgId, &'a Org>, Refusal> {
        let mut covered = BTreeMap::new();
        for id in &self.orgs {
            covered.insert(id, seen_org(scope, context, id)?);
            member(&self.login, user, id)?;
        }
        if self.orgs.is_empty() {
            for id in self.default_orgs(scope, context, user) {
                covered.insert(id, seen_org(scope, context, id)?);
            }
        }
        if covered.is_empty() {
            let login = &self.login;
            let message = format!("{login} is a member of no org that an exception could cover");
            return Err(Refusal::new(RefusalCode::NotFound, login, message)
                .command(format!("user show {login}")));
        }
        Ok(covered)
    }

    fn permit(
        &self,
        scope: &Scope,
        context: &Context,
        user: &User,
        orgs: &BTreeMap<&OrgId, &Org>,
        overlapping: &[(u32, &Exception)],
    ) -> Result<(), Refusal> {
        let (actor, login) = (&context.actor, &self.login);
        actor.permit_other(login, user, &scope.operators)?;
        actor.permit(self.least_act(), orgs.keys().copied())?;
        actor.permit_account(login, user, orgs.keys().copied(), &scope.operators)?;
        for (_, replaced) in overlapping.iter().filter(|_| self.replace) {
            actor.permit(act_to_revoke(replaced), &replaced.orgs)?;
            actor.permit_account(login, user, &replaced.orgs, &scope.operators)?;
        }
        Ok(())
    }

    /// Whether an org asks for a second person.
    fn wants_two(&self, orgs: &BTreeMap<&OrgId, &Org>) -> bool {
        let two = |org: &&Org| org.exceptions.approval == Approval::TwoPerson;
        self.kind == ExceptionKind::Long && orgs.values().any(two)
    }

    /// Why it has to wait for approval, if it has to.
    fn waits(
        &self,
        context: &Context,
        user: &User,
        orgs: &BTreeMap<&OrgId, &Org>,
    ) -> Option<&'static str> {
        let may_decide = orgs.keys().all(|org| context.actor.may_in(Act::Approve, org));
        if user.enrolment.first_at.is_none() {
            Some("the user never enrolled: a second operator has to approve it")
        } else if self.wants_two(orgs) {
            Some("the org wants a second person to approve long exceptions")
        } else if self.kind == ExceptionKind::Long && !may_decide {
            Some("a helpdesk may only request long exceptions: an admin has to approve it")
        } else if self.request_only {
            Some("it was only requested")
        } else {
            None
        }
    }

    fn plan<'a>(&'a self, scope: &'a Scope, context: &Context) -> Result<GrantPlan<'a>, Refusal> {
        let start = self.check_times(context.now)?;
        let user = seen(scope, context, &self.login)?;
        let orgs = self.covered(scope, context, user)?;
        rules::services_known(self, &orgs)?;
        let waits = self.waits(context, user, &orgs);
        let interval = rules::Interval::of_grant(self, &orgs, start, waits.is_some());
        let overlapping = rules::overlapping(self, user, &orgs, interval, context.now);
        self.permit(scope, context, user, &orgs, &overlapping)?;
        super::super::sso(&self.login, user, "grant an exception to")?;
        rules::enrolled_once(self, user)?;
        rules::evidence(self)?;
        let reason = rules::reason(self, &orgs)?;
        let term = rules::term(self, &orgs, start)?;
        rules::how_often(self, user, &orgs, context.now)?;
        rules::overlap(self, &overlapping, context.now)?;
        let replaced = overlapping.into_iter().map(|(number, _)| number).collect();
        Ok(GrantPlan { user, orgs, start, term, reason, waits, replaced })
    }

    fn exception(&self, plan: &GrantPlan<'_>, context: &Context) -> Exception {
        let waits = plan.waits.is_some();
        let ends_at = match plan.term {
            Term::Until(until) => Some(until),
            Term::For(span) => (!waits).then(|| plan.start.plus(span)),
        };
        let channel = self.channel.unwrap_or(match self.kind {
            ExceptionKind::Short => Channel::Phone,
            ExceptionKind::Long => Channel::SharedMailbox,
        });
        let user_words = || {
            Text::parse(self.login.as_str()).expect("a login is a text without control characters")
        };
        Exception {
            kind: self.kind,
            orgs: plan.orgs.keys().map(|id| (*id).clone()).collect(),
            services: self.services.clone(),
            reason: self.reason.clone(),
            follow_up: plan.reason.follow_up,
            note: self.note.clone(),
            evidence: self.evidence.clone(),
            evidence_names: self.evidence_names.clone(),
            channel,
            requested_by: self.requested_by.clone().unwrap_or_else(user_words),
            recorded_by: context.actor.granter(),
            recorded_at: context.now,
            unenrolled: plan.user.enrolment.first_at.is_none(),
            two_persons: waits && self.wants_two(&plan.orgs),
            term: waits.then_some(plan.term),
            replaces: plan.replaced_on_approval(context.now).collect(),
            approved_by: (!waits).then(|| context.actor.name().to_owned()),
            starts_at: plan.start,
            ends_at,
            ended: None,
        }
    }

    fn words(
        &self,
        plan: &GrantPlan<'_>,
        exception: &Exception,
        id: &ExceptionId,
        now: Time,
    ) -> Outcome {
        let orgs: Vec<&str> = exception.orgs.iter().map(OrgId::as_str).collect();
        let place = match &exception.services {
            None => orgs.join(", "),
            Some(services) => {
                let names: Vec<&str> = services.iter().map(Service::as_str).collect();
                format!("{} of {}", names.join(", "), orgs.join(", "))
            }
        };
        let summary = match (plan.waits, exception.ends_at) {
            (Some(_), _) => format!("{id} is requested for {place} and waits for approval"),
            (None, Some(end)) if plan.start > now => {
                format!(
                    "{id}: no second factor is asked for in {place} from {} until {end}",
                    plan.start
                )
            }
            (None, end) => {
                let end = end.map_or(String::new(), |end| format!(" until {end}"));
                format!("{id}: no second factor is asked for in {place}{end}")
            }
        };
        let after = self.with_replaced(plan, exception, id, now);
        let action = if plan.waits.is_some() { "exception.request" } else { "exception.grant" };
        let covered = exception.orgs.iter().cloned();
        about(action, id, plan.user, after, covered, summary)
    }

    /// The user with the new exception, and those that it replaces now ended.
    fn with_replaced(
        &self,
        plan: &GrantPlan<'_>,
        new: &Exception,
        id: &ExceptionId,
        now: Time,
    ) -> User {
        let mut after = super::with_exception(plan.user, id.number, new.clone());
        let at_once = plan.replaced.iter().filter(|number| !new.replaces.contains(number));
        super::end_replaced(&mut after, at_once, id.number, &new.recorded_by.operator, now);
        after
    }
}

impl Change for Grant {
    fn needs(&self) -> Needs {
        Needs { users: [self.login.clone()].into(), orgs: self.orgs.clone(), ..Needs::default() }
    }

    fn decide(&self, scope: &Scope, context: &Context) -> Result<Outcome, Refusal> {
        let plan = self.plan(scope, context)?;
        let exception = self.exception(&plan, context);
        let number = moved_out::next_number(&self.login, plan.user)?;
        let id = ExceptionId { login: self.login.clone(), number };
        let mut outcome = self.words(&plan, &exception, &id, context.now);
        outcome.takes_effect = match plan.waits {
            Some(_) => TakesEffect::OnApproval,
            None if plan.start > context.now => TakesEffect::At(plan.start),
            None => TakesEffect::NextSignIn,
        };
        outcome.follow_up = follow_up(&exception);
        if let Some(why) = plan.waits {
            outcome = outcome.warning(why);
        }
        if exception.unenrolled {
            outcome = outcome.warning("no method was ever registered: --unenrolled-ok is recorded");
        }
        let (later, now): (Vec<u32>, Vec<u32>) =
            plan.replaced.iter().partition(|number| exception.replaces.contains(number));
        if !now.is_empty() {
            outcome = outcome.warning(format!("it replaces {}", super::numbers(&now)));
        }
        if !later.is_empty() {
            let later = super::numbers(&later);
            outcome = outcome.warning(format!("{later} goes on until it is approved"));
        }
        Ok(outcome)
    }
}

fn follow_up(exception: &Exception) -> Option<String> {
    let prompts = "prompts come back by themselves at the end";
    Some(match exception.follow_up {
        FollowUp::None => prompts.to_owned(),
        other => format!("{prompts}; {}", other.words()?),
    })
}
