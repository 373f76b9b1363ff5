//! Every change is a value: it declares what it needs, and turns a scope into
//! an outcome or a refusal, without a clock and without a file. Bulk commands,
//! policies, `--dry-run` and the model test all go through [`apply`].
//!
//! Asked in this order: not found (out of sight included), own account, rights,
//! nothing to change, then the product's refusals.

mod account;
mod adopt_policy;
mod clock;
mod convert;
mod edit_membership;
mod enforce;
mod enrolment;
mod exception;
mod keep;
mod key;
mod membership;
mod operator;
mod opt_out;
mod org;
mod own_account;
mod preview;
mod switch;

pub use account::{AddUser, EditUser, RemoveUser, RenameUser, SetActive, SignInMethod};
pub use adopt_policy::AdoptPolicy;
pub use clock::AcceptClock;
pub use convert::{HandOver, Here, TakeOver};
pub use edit_membership::EditMembership;
pub use enforce::{Enforce, locks_admins_out};
pub use enrolment::{Confirm, EnrolExternal, NewCodes, Reset, StartEnrolment, Unlock};
pub use exception::{Approve, Expire, Grant, Reject, Revoke};
pub use keep::Keep;
pub use key::RotateKey;
pub use membership::{Join, Leave, SetRole};
pub use operator::{AddOperator, EditOperator, RemoveOperator};
pub use opt_out::{NoteOptOut, OptIn, OptOutMember};
pub use org::{AddOrg, Cap, EditOrg, LONGEST_GRACE_DAYS, ReasonChange, RemoveOrg};
pub use own_account::{OwnAccount, permit_others, refuse_reserved};
pub use preview::{Effect, NAMES, NameSample};
pub use switch::{SetMfa, locked_by};

use super::ids::{ExceptionId, Login, OrgId, Text};
use super::model::{Exception, Membership, Org, User};
use super::moved_out;
use super::outcome::Outcome;
use super::refusal::{Refusal, RefusalCode};
use super::rights::{Act, Actor};
use super::scope::{Needs, Scope};
use super::time::{Span, Time};

/// Who changes something, when, and with which words.
#[derive(Debug, Clone)]
pub struct Context {
    /// Who.
    pub actor: Actor,
    /// When: the later of the clock and the newest audit record.
    pub now: Time,
    /// What the clock itself says.
    pub clock: Time,
    /// The message (`-m`).
    pub message: Option<Text>,
}

/// A clock this far before the newest record is an error, not a jitter.
pub const CLOCK_TOLERANCE: Span = Span::seconds(300);

/// A change.
pub trait Change: std::fmt::Debug + Send + Sync {
    /// What it needs to know.
    fn needs(&self) -> Needs;

    /// Turns the scope into an outcome.
    ///
    /// # Errors
    /// A refusal; the scope is as it was.
    fn decide(&self, scope: &Scope, context: &Context) -> Result<Outcome, Refusal>;

    /// Whether it may be made although the clock went back (only its correction may).
    fn mends_clock(&self) -> bool {
        false
    }

    /// What it may do to the account of whoever makes it.
    fn own_account(&self) -> OwnAccount {
        OwnAccount::Refused
    }
}

/// Makes a change in the scope.
///
/// # Errors
/// A refusal; the scope is as it was.
pub fn apply(
    change: &dyn Change,
    scope: &mut Scope,
    context: &Context,
) -> Result<Outcome, Refusal> {
    let outcome = consider(change, scope, context)?;
    scope.absorb(&outcome.objects);
    Ok(outcome)
}

/// What would come of a change; it is made once the scope absorbs its objects.
///
/// # Errors
/// As [`apply`].
pub fn consider(change: &dyn Change, scope: &Scope, context: &Context) -> Result<Outcome, Refusal> {
    let outcome = change.decide(scope, context)?;
    permit_others(&outcome.objects, change.own_account(), &context.actor, &scope.operators)?;
    if outcome.changed() && !change.mends_clock() {
        refuse_old_clock(context)?;
    }
    Ok(outcome)
}

fn refuse_old_clock(context: &Context) -> Result<(), Refusal> {
    let behind = context.now.since(context.clock);
    if behind <= CLOCK_TOLERANCE {
        return Ok(());
    }
    let message = format!(
        "the clock says {}, {} before the newest audit record ({})",
        context.clock,
        behind.words(),
        context.now
    );
    Err(Refusal::new(RefusalCode::ClockWentBack, "clock", message)
        .words("set the clock; if the newest record is the one that is wrong, a site-admin accepts the clock")
        .command("state accept-clock"))
}

/// The user, if there is one that the actor may see.
fn seen<'a>(scope: &'a Scope, context: &Context, login: &Login) -> Result<&'a User, Refusal> {
    scope
        .user(login)
        .filter(|user| context.actor.sees(user))
        .ok_or_else(|| Refusal::missing_user(login))
}

/// The org, if the actor may see it: one out of sight is answered as one that does not exist.
fn seen_org<'a>(scope: &'a Scope, context: &Context, id: &OrgId) -> Result<&'a Org, Refusal> {
    scope.org(id).filter(|_| context.actor.sees_org(id)).ok_or_else(|| Refusal::missing_org(id))
}

/// The membership, if there is one.
fn member<'a>(login: &Login, user: &'a User, org: &OrgId) -> Result<&'a Membership, Refusal> {
    user.memberships.get(org).ok_or_else(|| {
        Refusal::new(RefusalCode::NotFound, login, format!("{login} is no member of {org}"))
            .command(format!("user show {login}"))
    })
}

/// Asks for an act on the whole account: in sight, not one's own, and a role in every org of the user.
fn permitted_account<'a>(
    scope: &'a Scope,
    context: &Context,
    act: Act,
    login: &Login,
) -> Result<&'a User, Refusal> {
    let user = seen(scope, context, login)?;
    context.actor.permit_other(login, user, &scope.operators)?;
    context.actor.permit(act, user.memberships.keys())?;
    context.actor.permit_account(login, user, user.memberships.keys(), &scope.operators)?;
    Ok(user)
}

/// The user and the org, each there and in sight.
fn seen_in<'a>(
    scope: &'a Scope,
    context: &Context,
    login: &Login,
    org: &OrgId,
) -> Result<(&'a User, &'a Org), Refusal> {
    Ok((seen(scope, context, login)?, seen_org(scope, context, org)?))
}

/// Asks for an act on one membership: not one's own, and a role in that org.
fn permit_in(
    scope: &Scope,
    context: &Context,
    act: Act,
    login: &Login,
    user: &User,
    org: &OrgId,
) -> Result<(), Refusal> {
    context.actor.permit_other(login, user, &scope.operators)?;
    context.actor.permit(act, [org])?;
    context.actor.permit_account(login, user, [org], &scope.operators)
}

fn sso(login: &Login, user: &User, what: &str) -> Result<(), Refusal> {
    if !user.is_sso() {
        return Ok(());
    }
    let provider = user.provider.as_ref().map_or("its provider", |p| p.as_str());
    let message = format!(
        "cannot {what} {login}: the account signs in through SSO, where {provider} decides"
    );
    Err(Refusal::new(RefusalCode::SsoAccount, login, message)
        .words(format!("change it at {provider}"))
        .command(format!("explain {login}")))
}

/// The exception of this number, if there is one that the actor may see.
fn seen_exception<'a>(
    scope: &'a Scope,
    context: &Context,
    id: &ExceptionId,
) -> Result<(&'a User, &'a Exception), Refusal> {
    let user = scope.user(&id.login).filter(|user| context.actor.sees(user));
    let exception = user.and_then(|user| user.exceptions.get(&id.number));
    // Who may not see all of them is not told that there was one.
    if exception.is_none()
        && context.actor.reads_everything()
        && user.is_some_and(|user| id.number <= user.last_exception)
    {
        return Err(moved_out::over(id));
    }
    let both = user.zip(exception.filter(|exception| context.actor.sees_exception(exception)));
    both.ok_or_else(|| Refusal::missing_exception(id, user.is_some()))
}

/// Needs of a change about one user.
fn about_user(login: &Login) -> Needs {
    Needs { users: [login.clone()].into(), ..Needs::default() }
}

/// Needs of a change about one user in one org.
fn about_member(login: &Login, org: &OrgId) -> Needs {
    Needs { users: [login.clone()].into(), orgs: [org.clone()].into(), ..Needs::default() }
}

fn invalid(subject: impl std::fmt::Display, message: impl Into<String>) -> Refusal {
    Refusal::new(RefusalCode::Invalid, subject, message)
}

#[cfg(test)]
mod tests;
