//! Enrolments that come from other tools and go to them.

use std::collections::BTreeSet;

use super::{Change, Context, OwnAccount, about_user, seen, sso};
use crate::domain::ids::Login;
use crate::domain::model::{Enrolment, Export, Method, MethodKind};
use crate::domain::outcome::{Object, Outcome};
use crate::domain::refusal::{Refusal, RefusalCode};
use crate::domain::rights::Act;
use crate::domain::scope::{Needs, Scope};

/// Takes over a TOTP enrolment of another tool, which is in use at once.
#[derive(Debug, Clone)]
pub struct TakeOver {
    /// Whose.
    pub login: Login,
    /// How much of it is here already.
    pub here: Here,
}

/// How much of an enrolment of another tool is here already.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Here {
    /// Nothing, or another secret.
    Nothing,
    /// The very same secret is in use; a code of it was used there since.
    AllButItsLastCode,
    /// All of it.
    All,
}

/// Hands the secret of an enrolment to another tool.
#[derive(Debug, Clone)]
pub struct HandOver {
    /// Whose.
    pub login: Login,
    /// The format of that tool's file.
    pub format: &'static str,
}

impl Change for TakeOver {
    fn needs(&self) -> Needs {
        about_user(&self.login)
    }

    fn decide(&self, scope: &Scope, context: &Context) -> Result<Outcome, Refusal> {
        const ACTION: &str = "convert.import";
        let login = &self.login;
        let user = seen(scope, context, login)?;
        context.actor.permit_other(login, user, &scope.operators)?;
        context.actor.permit_site(Act::Site)?;
        if self.here == Here::All {
            return Ok(Outcome::unchanged(ACTION, login, format!("{login} has it already")));
        }
        sso(login, user, "enrol")?;
        if self.here == Here::AllButItsLastCode {
            let orgs: BTreeSet<_> = user.memberships.keys().cloned().collect();
            let objects = vec![Object::Secrets { login: login.clone(), orgs: orgs.clone() }];
            let summary = format!("codes of {login} that were used elsewhere are used up");
            return Ok(Outcome::done(ACTION, login, summary, objects).within(orgs));
        }
        if user.enrolment.current.as_ref().is_some_and(|c| c.method == MethodKind::Totp) {
            let message = format!("{login} is enrolled here with another secret");
            return Err(Refusal::new(RefusalCode::Exists, login, message)
                .command(format!("user reset {login}")));
        }
        let enrolment = Enrolment {
            first_at: user.enrolment.first_at.or(Some(context.now)),
            current: Some(Method { method: MethodKind::Totp, since: context.now }),
            ..Enrolment::default()
        };
        let mut after = user.clone();
        after.enrolment = enrolment;
        let objects = vec![Object::user(login, Some(user), Some(after))];
        Ok(Outcome::done(ACTION, login, format!("{login} is enrolled"), objects)
            .within(user.memberships.keys().cloned()))
    }
}

impl Change for HandOver {
    fn needs(&self) -> Needs {
        about_user(&self.login)
    }

    /// Their own secret is with everybody's, and handing it out gives them nothing.
    fn own_account(&self) -> OwnAccount {
        OwnAccount::OnlyRecorded
    }

    fn decide(&self, scope: &Scope, context: &Context) -> Result<Outcome, Refusal> {
        let login = &self.login;
        let user = seen(scope, context, login)?;
        context.actor.permit_site(Act::Site)?;
        if user.enrolment.current.as_ref().is_none_or(|c| c.method != MethodKind::Totp) {
            let message = format!("{login} has no secret here that could be exported");
            return Err(Refusal::new(RefusalCode::NotEnrolled, login, message)
                .command(format!("user enrol {login}")));
        }
        let mut after = user.clone();
        let exports = &mut after.enrolment.exports;
        exports.retain(|export| export.format != self.format || export.login != *login);
        let format = self.format.to_owned();
        exports.push(Export { format, login: login.clone(), at: context.now });
        let mut objects = vec![Object::user(login, Some(user), Some(after))];
        let orgs: BTreeSet<_> = user.memberships.keys().cloned().collect();
        // Twice within a second the account says the same, but the file is another.
        if user
            .enrolment
            .exports
            .iter()
            .any(|e| e.format == self.format && e.login == *login && e.at == context.now)
        {
            objects = vec![Object::Secrets { login: login.clone(), orgs: orgs.clone() }];
        }
        let summary = format!("the secret of {login} is handed out");
        Ok(Outcome::done("convert.export", login, summary, objects).within(orgs))
    }
}
