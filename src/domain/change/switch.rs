//! The per-user switch (R6, R7, R10).

use std::sync::Arc;

use super::{Change, Context, about_user, permitted_account, sso};
use crate::domain::ids::{Login, OrgId, Text};
use crate::domain::model::{SetBy, Switch, User};
use crate::domain::outcome::{Object, Outcome};
use crate::domain::refusal::{Refusal, RefusalCode};
use crate::domain::rights::Act;
use crate::domain::scope::{Needs, Scope};
use crate::domain::time::Time;

/// Switches MFA of one user on or off.
#[derive(Debug, Clone)]
pub struct SetMfa {
    /// Whose.
    pub login: Login,
    /// On or off.
    pub mfa: Switch,
    /// Who asked for it (R10).
    pub requested_by: Option<Text>,
}

/// The orgs whose enforcement has begun and locks the switch of `user` on (R7).
pub fn locked_by<'a>(scope: &Scope, user: &'a User, at: Time) -> Vec<&'a OrgId> {
    let begun = |org: &&OrgId| {
        scope.orgs.get(*org).and_then(Option::as_ref).is_some_and(|o| o.enforcement.begun(at))
    };
    user.memberships.keys().filter(begun).collect()
}

impl SetMfa {
    fn refuse_locked(&self, scope: &Scope, user: &User, now: Time) -> Result<(), Refusal> {
        let locks = locked_by(scope, user, now);
        if self.mfa == Switch::On || locks.is_empty() {
            return Ok(());
        }
        let names: Vec<&str> = locks.iter().map(|org| org.as_str()).collect();
        let login = &self.login;
        let message = format!(
            "cannot switch MFA off for {login}: enforcement of {} locks it on",
            names.join(", ")
        );
        let refusal = Refusal::new(RefusalCode::LockedByEnforcement, login, message)
            .command(format!("exception grant {login} --short --reason no-signal"));
        Err(names.iter().fold(refusal, |refusal, org| {
            refusal.command(format!("org enforce {org} off --dry-run"))
        }))
    }
}

impl Change for SetMfa {
    fn needs(&self) -> Needs {
        about_user(&self.login)
    }

    fn decide(&self, scope: &Scope, context: &Context) -> Result<Outcome, Refusal> {
        const ACTION: &str = "user.set-mfa";
        let login = &self.login;
        let user = permitted_account(scope, context, Act::Switch, login)?;
        let word = self.mfa.as_str();
        if user.mfa == self.mfa {
            return Ok(Outcome::unchanged(
                ACTION,
                login,
                format!("MFA of {login} is {word} already"),
            ));
        }
        sso(login, user, "switch MFA of")?;
        self.refuse_locked(scope, user, context.now)?;
        let set_by = SetBy {
            by: context.actor.name().to_owned(),
            at: context.now,
            requested_by: self.requested_by.clone(),
        };
        let after = User { mfa: self.mfa, mfa_set_by: Some(set_by), ..user.clone() };
        let outcome = Outcome::done(
            ACTION,
            login,
            format!("MFA of {login} is now {word}"),
            vec![Object::User {
                login: login.clone(),
                before: scope.shared_user(login),
                after: Some(Arc::new(after)),
            }],
        )
        .within(user.memberships.keys().cloned());
        Ok(match (self.mfa, user.enrolment.current.is_some()) {
            (Switch::On, true) => outcome.follow_up("a code is asked for at the next sign-in"),
            (Switch::On, false) => outcome
                .follow_up("MFA is set up at the next sign-in: have an authenticator app ready"),
            (Switch::Off, _) => {
                outcome.follow_up("only login and password are asked for at the next sign-in")
            }
        })
    }
}
