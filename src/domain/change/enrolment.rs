//! Enrolments as the domain sees them: whether a method is registered. Secrets,
//! codes and counters are elsewhere.

use super::{Change, Context, about_user, invalid, permitted_account, sso};
use crate::domain::ids::{Login, Provider};
use crate::domain::model::{Enrolment, EnrolmentStatus, Method, MethodKind, Pending, User};
use crate::domain::outcome::{Object, Outcome, TakesEffect};
use crate::domain::refusal::{Refusal, RefusalCode};
use crate::domain::rights::Act;
use crate::domain::scope::{Needs, Scope};
use crate::domain::time::Time;

/// Clears the enrolment, so that the next sign-in that needs MFA asks for a new one (R8).
#[derive(Debug, Clone)]
pub struct Reset {
    /// Whose.
    pub login: Login,
}

/// Lets a locked-out user try again; the enrolment stays.
#[derive(Debug, Clone)]
pub struct Unlock {
    /// Whose.
    pub login: Login,
    /// Whether there are failures to forget, or codes that do not count because one was used
    /// while the clock was ahead; where neither, nothing is to be changed.
    pub failures: bool,
}

/// Records a method that was registered with another system (R10, R12).
#[derive(Debug, Clone)]
pub struct EnrolExternal {
    /// Whose.
    pub login: Login,
    /// The system's name.
    pub name: Provider,
    /// Since when, where that is handed in as a fact of the past: it counts only for
    /// somebody who never enrolled, because all that happened here since is newer.
    pub since: Option<Time>,
}

/// Issues new recovery codes in the place of those there are.
#[derive(Debug, Clone)]
pub struct NewCodes {
    /// Whose.
    pub login: Login,
}

/// Records that a TOTP secret was handed out.
#[derive(Debug, Clone)]
pub struct StartEnrolment {
    /// Whose.
    pub login: Login,
}

/// Records that the code of a secret handed out was right: from now on it counts.
#[derive(Debug, Clone)]
pub struct Confirm {
    /// Whose.
    pub login: Login,
}

/// Refuses an enrolment that is said to begin later than now.
pub(super) fn not_to_come(login: &Login, since: Time, context: &Context) -> Result<(), Refusal> {
    if since <= context.now {
        return Ok(());
    }
    Err(invalid(login, format!("{login} cannot be enrolled since {since}: that is in the future")))
}

fn enrolled(
    action: &'static str,
    login: &Login,
    user: &User,
    enrolment: Enrolment,
    summary: String,
) -> Outcome {
    let after = User { enrolment, ..user.clone() };
    Outcome::done(action, login, summary, vec![Object::user(login, Some(user), Some(after))])
        .within(user.memberships.keys().cloned())
}

impl Change for Reset {
    fn needs(&self) -> Needs {
        about_user(&self.login)
    }

    fn decide(&self, scope: &Scope, context: &Context) -> Result<Outcome, Refusal> {
        const ACTION: &str = "user.reset";
        let login = &self.login;
        let user = permitted_account(scope, context, Act::Enrolment, login)?;
        if user.enrolment.current.is_none() && user.enrolment.pending.is_none() {
            let summary = format!("{login} has no enrolment to reset");
            return Ok(Outcome::unchanged(ACTION, login, summary));
        }
        sso(login, user, "reset")?;
        let cleared = Enrolment { first_at: user.enrolment.first_at, ..Enrolment::default() };
        let summary =
            format!("the enrolment of {login} is cleared; the switch stays {}", user.mfa.as_str());
        Ok(enrolled(ACTION, login, user, cleared, summary)
            .follow_up("the next sign-in that needs MFA asks to set it up again")
            .exported(user))
    }
}

impl Change for Unlock {
    fn needs(&self) -> Needs {
        about_user(&self.login)
    }

    fn decide(&self, scope: &Scope, context: &Context) -> Result<Outcome, Refusal> {
        const ACTION: &str = "user.unlock";
        let login = &self.login;
        let user = permitted_account(scope, context, Act::Enrolment, login)?;
        if !self.failures {
            let summary = format!("{login} is not locked out");
            return Ok(Outcome::unchanged(ACTION, login, summary));
        }
        sso(login, user, "unlock")?;
        let after = User { unlocks: user.unlocks.saturating_add(1), ..user.clone() };
        Ok(Outcome::done(
            ACTION,
            login,
            format!("{login} may try again; the enrolment stays"),
            vec![Object::user(login, Some(user), Some(after))],
        )
        .within(user.memberships.keys().cloned()))
    }
}

impl Change for EnrolExternal {
    fn needs(&self) -> Needs {
        about_user(&self.login)
    }

    fn decide(&self, scope: &Scope, context: &Context) -> Result<Outcome, Refusal> {
        const ACTION: &str = "user.enrol";
        let login = &self.login;
        let user = permitted_account(scope, context, Act::Enrolment, login)?;
        let method = MethodKind::External(self.name.clone());
        if let Some(since) = self.since {
            not_to_come(login, since, context)?;
            let enrolment = &user.enrolment;
            if enrolment.first_at.is_some() || enrolment.status() != EnrolmentStatus::None {
                let summary = format!("{login} is already enrolled: the date {since} is ignored");
                return Ok(Outcome::unchanged(ACTION, login, summary));
            }
        }
        if user.enrolment.current.as_ref().is_some_and(|current| current.method == method) {
            let summary = format!("{login} is enrolled with {method} already");
            return Ok(Outcome::unchanged(ACTION, login, summary));
        }
        sso(login, user, "enrol")?;
        let since = self.since.unwrap_or(context.now);
        let enrolment = Enrolment {
            first_at: user.enrolment.first_at.or(Some(since)),
            current: Some(Method { method: method.clone(), since }),
            ..Enrolment::default()
        };
        let summary = format!("{login} is enrolled with {method}");
        Ok(enrolled(ACTION, login, user, enrolment, summary)
            .exported(user)
            .warning(format!("codes of {method} are checked by that system, not by mfactl")))
    }
}

impl Change for NewCodes {
    fn needs(&self) -> Needs {
        about_user(&self.login)
    }

    fn decide(&self, scope: &Scope, context: &Context) -> Result<Outcome, Refusal> {
        let login = &self.login;
        let user = permitted_account(scope, context, Act::Enrolment, login)?;
        sso(login, user, "issue recovery codes for")?;
        let current = user.enrolment.current.as_ref();
        if current.is_none_or(|current| current.method != MethodKind::Totp) {
            let message =
                format!("{login} has no enrolment here that recovery codes could stand in for");
            return Err(Refusal::new(RefusalCode::NotEnrolled, login, message)
                .command(format!("user enrol {login}")));
        }
        let orgs: std::collections::BTreeSet<_> = user.memberships.keys().cloned().collect();
        let objects = vec![Object::Secrets { login: login.clone(), orgs: orgs.clone() }];
        let summary = format!("{login} has new recovery codes; the old ones are void");
        Ok(Outcome::done("user.codes", login, summary, objects).within(orgs))
    }
}

impl Change for StartEnrolment {
    fn needs(&self) -> Needs {
        about_user(&self.login)
    }

    fn decide(&self, scope: &Scope, context: &Context) -> Result<Outcome, Refusal> {
        let login = &self.login;
        let user = permitted_account(scope, context, Act::Enrolment, login)?;
        sso(login, user, "enrol")?;
        let pending = Some(Pending { since: context.now });
        let enrolment = Enrolment { pending, ..user.enrolment.clone() };
        let summary = format!("a secret for {login} is handed out and waits to be confirmed");
        // Twice within a second the account says the same, but the secret is another.
        let again = enrolment == user.enrolment;
        let mut outcome = enrolled("user.enrol", login, user, enrolment, summary);
        if again {
            let orgs = user.memberships.keys().cloned().collect();
            outcome.objects = vec![Object::Secrets { login: login.clone(), orgs }];
        }
        if let Some(Pending { since }) = &user.enrolment.pending {
            outcome = outcome.warning(format!(
                "the secret issued to {login} at {since} is void: the new one replaces it, \
                 and its QR code must be scanned instead"
            ));
        }
        Ok(outcome
            .effective(TakesEffect::OnApproval)
            .follow_up(format!("confirm with a code: mfactl user confirm {login}")))
    }
}

impl Change for Confirm {
    fn needs(&self) -> Needs {
        about_user(&self.login)
    }

    fn decide(&self, scope: &Scope, context: &Context) -> Result<Outcome, Refusal> {
        let login = &self.login;
        let user = permitted_account(scope, context, Act::Enrolment, login)?;
        sso(login, user, "enrol")?;
        if user.enrolment.pending.is_none() {
            let message = format!("{login} has no enrolment that waits to be confirmed");
            return Err(Refusal::new(RefusalCode::NotOpen, login, message)
                .command(format!("user enrol {login}")));
        }
        let enrolment = Enrolment {
            first_at: user.enrolment.first_at.or(Some(context.now)),
            current: Some(Method { method: MethodKind::Totp, since: context.now }),
            ..Enrolment::default()
        };
        Ok(enrolled("user.confirm", login, user, enrolment, format!("{login} is enrolled"))
            .exported(user))
    }
}
