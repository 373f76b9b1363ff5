//! Opting one membership out of MFA, and back in (R4): only that setting changes.

use super::{Change, Context, about_member, invalid, member, permit_in, seen_in, sso};
use crate::domain::ids::{Login, OrgId, Text};
use crate::domain::model::{Membership, OptOut, OptOutPolicy, Org, Role, Switch, User};
use crate::domain::outcome::{Object, Outcome, TakesEffect};
use crate::domain::refusal::{Refusal, RefusalCode};
use crate::domain::rights::Act;
use crate::domain::scope::{Needs, Scope};
use crate::domain::time::Time;

/// Opts one member of an org out of MFA there.
#[derive(Debug, Clone)]
pub struct OptOutMember {
    /// Who.
    pub login: Login,
    /// Where.
    pub org: OrgId,
    /// Until when (not itself part of it); for good where none is given.
    pub until: Option<Time>,
    /// Why; where nothing is said, the message of the change.
    pub message: Option<Text>,
    /// Gives an opt-out that is there already another end or reason.
    pub replace: bool,
}

/// Ends the opt-out of one membership.
#[derive(Debug, Clone)]
pub struct OptIn {
    /// Who.
    pub login: Login,
    /// Where.
    pub org: OrgId,
}

/// Gives the opt-out of one membership another message; nothing else of it changes.
#[derive(Debug, Clone)]
pub struct NoteOptOut {
    /// Who.
    pub login: Login,
    /// Where.
    pub org: OrgId,
    /// Why the membership is opted out.
    pub note: Text,
}

/// The opt-out that has not ended at `at`, resting or not.
pub(super) fn current(membership: &Membership, at: Time) -> Option<&OptOut> {
    membership.opt_out.as_deref().filter(|opt_out| opt_out.until.is_none_or(|until| until > at))
}

fn with_opt_out(user: &User, org: &OrgId, opt_out: Option<OptOut>) -> User {
    let mut after = user.clone();
    if let Some(membership) = after.memberships.get_mut(org) {
        membership.opt_out = opt_out.map(Box::new);
    }
    after
}

/// Refuses an opt-out of a member of this role where the org has none.
pub(super) fn refuse_denied(
    login: &Login,
    id: &OrgId,
    role: Role,
    org: &Org,
) -> Result<(), Refusal> {
    let why = if org.mandated_roles.contains(&role) {
        format!("{id} mandates MFA for the role {}", role.as_str())
    } else if org.opt_out == OptOutPolicy::Deny && org.enforcement.state == Switch::On {
        format!("{id} enforces MFA and denies opt-outs")
    } else {
        return Ok(());
    };
    let message = format!("cannot opt {login} out of MFA in {id}: {why}");
    Err(Refusal::new(RefusalCode::OptOutDenied, login, message)
        .command(format!("exception grant {login} --short --org {id} --reason no-signal"))
        .command(format!("org show {id}")))
}

/// Refuses an opt-out where one with another end or reason is there.
fn there_already(login: &Login, id: &OrgId, opt_out: &OptOut) -> Refusal {
    let end = opt_out.until.map_or("without an end".to_owned(), |until| format!("until {until}"));
    let why = opt_out.message.as_ref().map_or(String::new(), |why| format!(" ({why})"));
    let message = format!("{login} is already opted out of MFA in {id} {end}{why}");
    Refusal::new(RefusalCode::Exists, login, message)
        .words("--replace gives it the new end and reason")
        .command(format!("user show {login}"))
}

/// Refuses an opt-out that lasts longer than the org allows.
pub(super) fn refuse_long(
    login: &Login,
    id: &OrgId,
    org: &Org,
    until: Option<Time>,
    now: Time,
) -> Result<(), Refusal> {
    let Some(longest) = org.opt_out_max else { return Ok(()) };
    if until.is_some_and(|until| until <= now.plus(longest)) {
        return Ok(());
    }
    let what = match until {
        None => "an opt-out without an end".to_owned(),
        Some(until) => format!("an opt-out of {}", until.since(now).words()),
    };
    let message =
        format!("cannot opt {login} out of MFA in {id}: {what} is longer than {}", longest.words());
    Err(Refusal::new(RefusalCode::CapExceeded, login, message)
        .words(format!("give an end with at most --until +{longest}"))
        .command(format!("org show {id}")))
}

/// The opt-out that is set now.
pub(super) fn made(context: &Context, until: Option<Time>) -> OptOut {
    OptOut {
        by: context.actor.name().to_owned(),
        at: context.now,
        message: context.message.clone(),
        until,
    }
}

impl Change for OptOutMember {
    fn needs(&self) -> Needs {
        about_member(&self.login, &self.org)
    }

    fn decide(&self, scope: &Scope, context: &Context) -> Result<Outcome, Refusal> {
        const ACTION: &str = "user.opt-out";
        let (login, id) = (&self.login, &self.org);
        if let Some(until) = self.until.filter(|until| *until <= context.now) {
            return Err(invalid(login, format!("an opt-out until {until} would be over already")));
        }
        let (user, org) = seen_in(scope, context, login, id)?;
        let membership = member(login, user, id)?;
        permit_in(scope, context, Act::OptOut, login, user, id)?;
        let message = self.message.clone().or_else(|| context.message.clone());
        if let Some(opt_out) = current(membership, context.now) {
            let same_reason = message.is_none() || opt_out.message == message;
            if opt_out.until == self.until && same_reason {
                let summary = format!("{login} is opted out of MFA in {id} already");
                return Ok(Outcome::unchanged(ACTION, login, summary).within([id.clone()]));
            }
            if !self.replace {
                return Err(there_already(login, id, opt_out));
            }
        }
        sso(login, user, "opt out")?;
        refuse_long(login, id, org, self.until, context.now)?;
        refuse_denied(login, id, membership.role, org)?;
        let after = with_opt_out(user, id, Some(OptOut { message, ..made(context, self.until) }));
        let end = self.until.map_or(String::new(), |until| format!(" until {until}"));
        Ok(Outcome::done(
            ACTION,
            login,
            format!("{login} is opted out of MFA in {id}{end}; every other org is as before"),
            vec![Object::user(login, Some(user), Some(after))],
        )
        .within([id.clone()])
        .follow_up(format!("only login and password are asked for at the next sign-in to {id}")))
    }
}

impl Change for OptIn {
    fn needs(&self) -> Needs {
        about_member(&self.login, &self.org)
    }

    fn decide(&self, scope: &Scope, context: &Context) -> Result<Outcome, Refusal> {
        const ACTION: &str = "user.opt-in";
        let (login, id) = (&self.login, &self.org);
        let (user, _) = seen_in(scope, context, login, id)?;
        let membership = member(login, user, id)?;
        permit_in(scope, context, Act::OptOut, login, user, id)?;
        if current(membership, context.now).is_none() {
            let summary = format!("{login} is not opted out of MFA in {id}");
            return Ok(Outcome::unchanged(ACTION, login, summary).within([id.clone()]));
        }
        sso(login, user, "opt in")?;
        let after = with_opt_out(user, id, None);
        Ok(Outcome::done(
            ACTION,
            login,
            format!("the opt-out of {login} in {id} has ended"),
            vec![Object::user(login, Some(user), Some(after))],
        )
        .within([id.clone()])
        .follow_up(format!("the rules of {id} apply again at the next sign-in")))
    }
}

impl Change for NoteOptOut {
    fn needs(&self) -> Needs {
        about_member(&self.login, &self.org)
    }

    fn decide(&self, scope: &Scope, context: &Context) -> Result<Outcome, Refusal> {
        const ACTION: &str = "user.opt-out-note";
        let (login, id) = (&self.login, &self.org);
        let (user, _) = seen_in(scope, context, login, id)?;
        let membership = member(login, user, id)?;
        permit_in(scope, context, Act::OptOut, login, user, id)?;
        let Some(opt_out) = current(membership, context.now) else {
            let message = format!("{login} is not opted out of MFA in {id}");
            return Err(Refusal::new(RefusalCode::NotFound, login, message)
                .command(format!("user show {login}")));
        };
        if opt_out.message.as_ref() == Some(&self.note) {
            let summary = format!("the opt-out of {login} in {id} says so already");
            return Ok(Outcome::unchanged(ACTION, login, summary).within([id.clone()]));
        }
        sso(login, user, "change the opt-out of")?;
        let noted = OptOut { message: Some(self.note.clone()), ..opt_out.clone() };
        Ok(Outcome::done(
            ACTION,
            login,
            format!("the opt-out of {login} in {id} has another message"),
            vec![Object::user(login, Some(user), Some(with_opt_out(user, id, Some(noted))))],
        )
        .within([id.clone()])
        .effective(TakesEffect::Now))
    }
}
