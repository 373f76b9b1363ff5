//! The decision about somebody who wants to sign in.

use super::request::Request;
use super::{LocalFactor, SigninAnswer, WhyNot};
use crate::domain::decision::{Decision, Question, Requirement, Rule, decide};
use crate::domain::ids::{Login, UserRef};
use crate::domain::model::User;
use crate::domain::scope::Key;
use crate::domain::time::Time;
use crate::error::{Error, Result};
use crate::store::{Store, View};

/// Whether a code is needed now. A caller asks for one only where the reason is
/// [`WhyNot::CodeRequired`].
///
/// # Errors
/// Not found (4): org or service; busy (6), damaged (7), system (8).
pub fn ask(store: &Store, request: Request<'_>, clock: Time) -> Result<SigninAnswer> {
    store.peek(|view| Decided::read(view, request, clock).map(|asked| asked.answer(request)))
}

/// What the decision is in a view of another time. What changes at sign-ins has no past and no
/// future: of it nothing is said.
///
/// # Errors
/// As [`ask`].
pub fn ask_view(view: &View, request: Request<'_>, at: Time) -> Result<SigninAnswer> {
    Decided::at(view, request, at).map(|asked| asked.answer(request))
}

/// Somebody who wants to sign in, as one revision knows them.
pub(super) struct Decided {
    pub(super) known: Option<(Login, User)>,
    decision: Decision,
    /// The local factor that is asked for.
    pub(super) factor: Option<LocalFactor>,
    /// The later of the clock and the newest record: a clock set back ends no lock.
    pub(super) now: Time,
}

impl Decided {
    /// Reads what the state says now.
    pub(super) fn read(view: &View, request: Request<'_>, clock: Time) -> Result<Decided> {
        let mut asked = Decided::at(view, request, clock.max(view.head().at))?;
        if let Some((login, user)) = &asked.known
            && asked.decision.requirement == Requirement::Required
        {
            asked.factor = LocalFactor::read(view, login, user)?;
        }
        if let Some(factor) = &asked.factor {
            factor.line()?;
        }
        Ok(asked)
    }

    fn at(view: &View, request: Request<'_>, now: Time) -> Result<Decided> {
        let Request { org: org_id, service, .. } = request;
        let org = view.org(org_id)?.ok_or_else(|| no_org(view, request))?;
        if let Some(service) = service.filter(|name| !org.services.contains(*name)) {
            let error = Error::not_found(service, format!("no service {service} in {org_id}"));
            return Err(error.command(format!("org show {org_id}")));
        }
        let found = found(view, request.user)?;
        let decision = match &found {
            Some((_, user)) => decide(&Question { user, org_id, org: &org, service, at: now }),
            // Somebody unknown is answered like a stranger to the org.
            None => {
                Decision { requirement: Requirement::Denied, rule: Rule::NotAMember, until: None }
            }
        };
        Ok(Decided { known: found, decision, factor: None, now })
    }

    /// The answer before a code is brought.
    pub(super) fn answer(&self, request: Request<'_>) -> SigninAnswer {
        let locked_until = self.factor.as_ref().and_then(|factor| factor.locked_until(self.now));
        let reason = match self.decision.requirement {
            Requirement::Exempt | Requirement::NotRequired | Requirement::Grace => None,
            Requirement::Required if locked_until.is_some() => Some(WhyNot::LockedOut),
            Requirement::Required if self.factor.is_some() => Some(WhyNot::CodeRequired),
            Requirement::Required => Some(WhyNot::NoLocalSecret),
            Requirement::Enrol => Some(WhyNot::EnrolFirst),
            Requirement::Delegated => Some(WhyNot::Delegated),
            Requirement::Denied => Some(WhyNot::Denied),
        };
        SigninAnswer {
            ok: reason.is_none(),
            reason,
            requirement: self.decision.requirement,
            rule: self.decision.rule,
            until: self.decision.until,
            locked_until,
            recovery_codes_left: self.factor.as_ref().and_then(LocalFactor::codes_left),
            user: request.user.to_string(),
            known: self.known.as_ref().map(|(login, user)| (login.clone(), user.id.clone())),
            at: self.now,
            by: None,
            clock_off: None,
        }
    }
}

/// The error of an org that does not exist, which is damage where the user is a member of it.
fn no_org(view: &View, request: Request<'_>) -> Error {
    let Request { user, org, .. } = request;
    match found(view, user) {
        Ok(Some((_, known))) if known.memberships.contains_key(org) => {
            let message = format!("{user} is a member of {org}, but {org} has no file");
            Error::damaged(org, message).command("state check")
        }
        Ok(_) => Error::not_found(org, format!("no org {org}")).command("org list"),
        Err(e) => e,
    }
}

fn found(view: &View, user: &UserRef) -> Result<Option<(Login, User)>> {
    let login = match user {
        UserRef::Login(login) => Some(login.clone()),
        UserRef::Id(id) => view.owner(&Key::Id(id.clone()))?,
        UserRef::Mail(mail) => view.owner(&Key::mail(mail))?,
    };
    let Some(login) = login else { return Ok(None) };
    Ok(view.user(&login)?.map(|user| (login, user)))
}
