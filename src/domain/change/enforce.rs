//! Switching enforcement of an org on or off (R1, R3).

use std::collections::BTreeMap;

use super::org::check_grace;
use super::{Change, Context, invalid, seen_org};
use crate::domain::decision::{Question, decide};
use crate::domain::ids::{Login, OrgId};
use crate::domain::model::{Enforcement, Org, Switch, User};
use crate::domain::outcome::{Object, Outcome, TakesEffect};
use crate::domain::refusal::{Refusal, RefusalCode};
use crate::domain::rights::Act;
use crate::domain::scope::{Needs, Scope};
use crate::domain::time::{Span, Time};

/// Switches enforcement of one org.
#[derive(Debug, Clone)]
pub struct Enforce {
    /// Which org.
    pub org: OrgId,
    /// On or off.
    pub state: Switch,
    /// From when, where it is switched on; at once where none is given.
    pub starts: Option<Time>,
    /// New days of grace.
    pub grace_days: Option<u32>,
    /// Whether grace counts anew from this start.
    pub restart_grace: bool,
    /// Goes on although no administrator of the org would be let in.
    pub force: bool,
}

impl Enforce {
    fn check(&self, now: Time) -> Result<(), Refusal> {
        let id = &self.org;
        match (self.state, self.starts) {
            (Switch::Off, Some(_)) => {
                Err(invalid(id, "enforcement is switched off at once: --starts goes with on"))
            }
            (Switch::On, Some(starts)) if starts < now => {
                Err(invalid(id, format!("enforcement cannot start in the past ({starts})")))
            }
            _ if self.state == Switch::Off && (self.restart_grace || self.grace_days.is_some()) => {
                Err(invalid(id, "grace goes with enforcement on: use org edit --grace-days"))
            }
            _ => check_grace(id, self.grace_days),
        }
    }

    /// Enforcement that has begun is ended by switching it off, not by a later start.
    fn refuse_postponing(&self, org: &Org, now: Time) -> Result<(), Refusal> {
        match self.starts {
            Some(starts) if starts > now && org.enforcement.begun(now) => {
                let id = &self.org;
                Err(invalid(id, format!("{id} enforces MFA already: it cannot start at {starts}"))
                    .command(format!("org enforce {id} off --dry-run")))
            }
            _ => Ok(()),
        }
    }

    /// The org as it would be afterwards; equal to `org` where nothing changes.
    pub fn after(&self, org: &Org, context: &Context) -> Org {
        let mut after = org.clone();
        let switched = |state, from| Enforcement {
            state,
            from,
            by: Some(context.actor.name().to_owned()),
            at: Some(context.now),
            message: context.message.clone(),
            forced: false,
        };
        match self.state {
            Switch::Off if org.enforcement.state == Switch::On => {
                after.enforcement = switched(Switch::Off, None);
                // A start that never came opened no grace.
                after.grace_from = after.grace_from.filter(|from| *from <= context.now);
            }
            Switch::Off => {}
            Switch::On => {
                let begun = org.enforcement.begun(context.now);
                let from = self.starts.unwrap_or(context.now);
                let same = (begun && from <= context.now) || org.enforcement.start() == Some(from);
                if !same {
                    after.enforcement = switched(Switch::On, Some(from));
                }
                let start = after.enforcement.start().unwrap_or(from);
                let came = org.grace_from.filter(|from| *from <= context.now);
                let restarted = self.restart_grace.then_some(start.max(context.now));
                after.grace_from = restarted.or(came).or(Some(start));
                after.grace_days = self.grace_days.unwrap_or(org.grace_days);
            }
        }
        after
    }

    fn words(&self, org: &Org, now: Time) -> String {
        let id = &self.org;
        match org.enforcement.start() {
            None => format!("{id} does not enforce MFA"),
            Some(start) if start > now => format!("{id} enforces MFA from {start}"),
            Some(_) => format!("{id} enforces MFA"),
        }
    }
}

/// The refusal of enforcement that would keep all active `admins` of the org out when it
/// starts; none where one of them would be let in, or the org has no admins.
pub fn locks_admins_out(
    id: &OrgId,
    org: &Org,
    admins: &BTreeMap<Login, User>,
    now: Time,
) -> Option<Refusal> {
    let at = org.enforcement.start()?.max(now);
    let let_in = admins.values().any(|user| {
        let question = Question { user, org_id: id, org, service: None, at };
        decide(&question).requirement.lets_in()
    });
    if let_in || admins.is_empty() {
        return None;
    }
    let names: Vec<&str> = admins.keys().take(5).map(|login| login.as_str()).collect();
    let message = format!(
        "cannot enforce MFA in {id}: none of its {} active admins ({}) would be let in at {at}",
        admins.len(),
        names.join(", ")
    );
    let refusal = Refusal::new(RefusalCode::LastAdministrator, id, message)
        .words("let one of them enrol first, or give grace with --grace-days")
        .command(format!("org enforce {id} on --force -m REASON"));
    Some(refusal)
}

/// What to tell the members of an org that enforces MFA, or will.
fn follow_up(org: &Org, now: Time) -> String {
    let start = org.enforcement.start().unwrap_or(now).max(now);
    let grace_ends = org.grace_from.unwrap_or(start).plus(Span::days(org.grace_days));
    let begins = if start > now { format!("from {start}, ") } else { String::new() };
    if org.grace_days > 0 && grace_ends > start {
        let days = if org.grace_days == 1 { "day" } else { "days" };
        return format!(
            "{begins}who never enrolled has until {grace_ends} to set MFA up (who joins later, {} {days}), \
             and must set it up at the next sign-in after that; enrolled users notice nothing",
            org.grace_days
        );
    }
    let when = if start > now { "the first sign-in after that" } else { "the next sign-in" };
    format!("{begins}who has not enrolled sets MFA up at {when}; enrolled users notice nothing")
}

impl Change for Enforce {
    fn needs(&self) -> Needs {
        let admins_of = (self.state == Switch::On).then(|| self.org.clone());
        Needs { orgs: [self.org.clone()].into(), admins_of, ..Needs::default() }
    }

    fn decide(&self, scope: &Scope, context: &Context) -> Result<Outcome, Refusal> {
        const ACTION: &str = "org.enforce";
        let id = &self.org;
        self.check(context.now)?;
        let org = seen_org(scope, context, id)?;
        context.actor.permit(Act::Enforce, [id])?;
        self.refuse_postponing(org, context.now)?;
        let mut after = self.after(org, context);
        if after == *org {
            let summary = format!("nothing to change: {}", self.words(org, context.now));
            return Ok(Outcome::unchanged(ACTION, id, summary).within([id.clone()]));
        }
        let admins = scope.admins.get(id);
        let locked = admins.and_then(|admins| locks_admins_out(id, &after, admins, context.now));
        let overridden = match locked {
            Some(refusal) if !self.force => return Err(refusal),
            locked => locked.is_some(),
        };
        after.enforcement.forced = overridden;
        let start = after.enforcement.start().filter(|start| *start > context.now);
        let follow_up = follow_up(&after, context.now);
        let mut outcome = Outcome::done(
            ACTION,
            id,
            self.words(&after, context.now),
            vec![Object::org(id, Some(org), Some(after))],
        )
        .within([id.clone()])
        .effective(start.map_or(TakesEffect::NextSignIn, TakesEffect::At));
        if self.state == Switch::On {
            outcome = outcome.follow_up(follow_up);
        }
        if overridden {
            outcome = outcome.warning(format!("no active admin of {id} would be let in (--force)"));
        }
        Ok(outcome)
    }
}
