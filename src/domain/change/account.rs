//! Accounts: adding, editing, renaming, removing, (de)activating.

use std::collections::BTreeMap;

use super::enrolment::not_to_come;
use super::{Change, Context, permitted_account, seen, seen_org};
use crate::domain::ids::{Email, Login, OrgId, Provider, Text, UserId};
use crate::domain::model::{
    Enrolment, Membership, Method, MethodKind, Role, SetBy, SignIn, Switch, User,
};
use crate::domain::outcome::{Object, Outcome, TakesEffect};
use crate::domain::refusal::{Refusal, RefusalCode};
use crate::domain::rights::Act;
use crate::domain::scope::{Key, Needs, Scope};
use crate::domain::time::Time;

/// How an account signs in: the provider is there exactly where it is SSO.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum SignInMethod {
    /// With a password.
    Password,
    /// Through this provider.
    Sso(Provider),
}

impl SignInMethod {
    /// Whether the user signs in by it already.
    pub fn is_of(&self, user: &User) -> bool {
        self.parts() == (user.sign_in, user.provider.clone())
    }

    fn parts(&self) -> (SignIn, Option<Provider>) {
        match self {
            SignInMethod::Password => (SignIn::Password, None),
            SignInMethod::Sso(provider) => (SignIn::Sso, Some(provider.clone())),
        }
    }
}

/// Adds an account.
#[derive(Debug, Clone)]
pub struct AddUser {
    /// The login.
    pub login: Login,
    /// The stable id.
    pub id: UserId,
    /// The name in words.
    pub name: Option<Text>,
    /// The address.
    pub email: Option<Email>,
    /// How it signs in.
    pub sign_in: SignInMethod,
    /// The per-user switch.
    pub mfa: Switch,
    /// Memberships.
    pub orgs: BTreeMap<OrgId, Role>,
    /// Whether it is active.
    pub active: bool,
    /// Since when a method is registered elsewhere, if one is.
    pub enrolled: Option<(Time, Provider)>,
}

/// Changes what is known of an account; what is `None` stays.
#[derive(Debug, Clone)]
pub struct EditUser {
    /// Whose.
    pub login: Login,
    /// A new name.
    pub name: Option<Text>,
    /// A new address.
    pub email: Option<Email>,
    /// Another way to sign in.
    pub sign_in: Option<SignInMethod>,
}

/// Gives an account another login; the id stays.
#[derive(Debug, Clone)]
pub struct RenameUser {
    /// Now.
    pub from: Login,
    /// Afterwards.
    pub to: Login,
}

/// Takes an account out of the state.
#[derive(Debug, Clone)]
pub struct RemoveUser {
    /// Whose.
    pub login: Login,
}

/// Activates or deactivates an account.
#[derive(Debug, Clone)]
pub struct SetActive {
    /// Whose.
    pub login: Login,
    /// Whether it is active afterwards.
    pub active: bool,
}

fn taken(login: &Login, what: &str) -> Refusal {
    let message = format!("cannot add {login}: {what}");
    Refusal::new(RefusalCode::Exists, login, message).command(format!("user show {login}"))
}

fn free_address(scope: &Scope, login: &Login, email: &Email) -> Result<(), Refusal> {
    match scope.owner(&Key::mail(email)) {
        Some(owner) if owner != login => {
            let message = format!("the address {email} is that of another account already");
            Err(Refusal::new(RefusalCode::Exists, login, message)
                .command(format!("user show mail:{email}")))
        }
        _ => Ok(()),
    }
}

impl AddUser {
    fn refuse_existing(&self, scope: &Scope) -> Result<(), Refusal> {
        if scope.user(&self.login).is_some() {
            return Err(taken(&self.login, "the login is there already"));
        }
        if scope.owner(&Key::Id(self.id.clone())).is_some() {
            return Err(taken(&self.login, &format!("the id {} is there already", self.id)));
        }
        self.email.as_ref().map_or(Ok(()), |email| free_address(scope, &self.login, email))
    }

    fn user(&self, context: &Context) -> User {
        let (sign_in, provider) = self.sign_in.parts();
        let (joined_at, mut memberships) = (context.now, BTreeMap::new());
        for (org, role) in &self.orgs {
            let new = Membership { role: *role, joined_at, first_joined_at: None, opt_out: None };
            memberships.insert(org.clone(), new);
        }
        let set_by =
            || SetBy { by: context.actor.name().to_owned(), at: context.now, requested_by: None };
        let enrolment = self.enrolled.as_ref().map(|(since, name)| Enrolment {
            first_at: Some(*since),
            current: Some(Method { method: MethodKind::External(name.clone()), since: *since }),
            ..Enrolment::default()
        });
        User {
            name: self.name.clone(),
            email: self.email.clone(),
            sign_in,
            provider,
            active: self.active,
            mfa: self.mfa,
            mfa_set_by: (self.mfa == Switch::On).then(set_by),
            memberships: memberships.into(),
            enrolment: enrolment.unwrap_or_default(),
            ..User::new(self.id.clone())
        }
    }
}

impl Change for AddUser {
    fn needs(&self) -> Needs {
        let mut keys = vec![Key::Id(self.id.clone())];
        keys.extend(self.email.iter().map(Key::mail));
        Needs {
            users: [self.login.clone()].into(),
            orgs: self.orgs.keys().cloned().collect(),
            keys,
            ..Needs::default()
        }
    }

    fn decide(&self, scope: &Scope, context: &Context) -> Result<Outcome, Refusal> {
        let login = &self.login;
        for org in self.orgs.keys() {
            seen_org(scope, context, org)?;
        }
        context.actor.permit(Act::Accounts, self.orgs.keys())?;
        self.refuse_existing(scope)?;
        if let Some((since, _)) = &self.enrolled {
            not_to_come(login, *since, context)?;
        }
        // A switch that is on is taken over: it counts once the account signs in with a password.
        if self.enrolled.is_some() && self.sign_in != SignInMethod::Password {
            let message = format!("cannot enrol {login}: the account signs in through SSO");
            return Err(Refusal::new(RefusalCode::SsoAccount, login, message)
                .words("leave the enrolment empty: the provider keeps it"));
        }
        let user = self.user(context);
        Ok(Outcome::done(
            "user.add",
            login.as_str(),
            [login.as_str(), " is added (", user.id.as_str(), ")"].concat(),
            vec![Object::user(login, None, Some(user))],
        )
        .within(self.orgs.keys().cloned()))
    }
}

impl Change for EditUser {
    fn needs(&self) -> Needs {
        Needs {
            users: [self.login.clone()].into(),
            keys: self.email.iter().map(Key::mail).collect(),
            ..Needs::default()
        }
    }

    fn decide(&self, scope: &Scope, context: &Context) -> Result<Outcome, Refusal> {
        const ACTION: &str = "user.edit";
        let login = &self.login;
        let user = permitted_account(scope, context, Act::Accounts, login)?;
        let mut after = user.clone();
        after.name = self.name.clone().or(after.name);
        after.email = self.email.clone().or(after.email);
        if let Some(sign_in) = &self.sign_in {
            (after.sign_in, after.provider) = sign_in.parts();
        }
        if after == *user {
            let summary = format!("nothing of {login} is to be changed");
            return Ok(Outcome::unchanged(ACTION, login, summary));
        }
        if let Some(email) = &self.email {
            free_address(scope, login, email)?;
        }
        let moves = after.sign_in != user.sign_in;
        let outcome = Outcome::done(
            ACTION,
            login,
            format!("{login} is edited"),
            vec![Object::user(login, Some(user), Some(after))],
        )
        .within(user.memberships.keys().cloned());
        Ok(match (moves, user.sign_in) {
            (true, SignIn::Password) => outcome.warning(format!(
                "{login} signs in through SSO now: MFA controls do not apply any more"
            )),
            (true, SignIn::Sso) => outcome.warning(format!(
                "{login} signs in with a password now: MFA controls apply from now on"
            )),
            (false, _) => outcome.effective(TakesEffect::Now),
        })
    }
}

impl Change for RenameUser {
    fn needs(&self) -> Needs {
        Needs { users: [self.from.clone(), self.to.clone()].into(), ..Needs::default() }
    }

    fn decide(&self, scope: &Scope, context: &Context) -> Result<Outcome, Refusal> {
        const ACTION: &str = "user.rename";
        let (from, to) = (&self.from, &self.to);
        let user = permitted_account(scope, context, Act::Accounts, from)?;
        if from == to {
            let summary = format!("the login is {to} already");
            return Ok(Outcome::unchanged(ACTION, from, summary));
        }
        if scope.user(to).is_some() {
            let message = format!("cannot rename {from}: the login {to} is there already");
            return Err(
                Refusal::new(RefusalCode::Exists, to, message).command(format!("user show {to}"))
            );
        }
        let objects =
            vec![Object::user(from, Some(user), None), Object::user(to, None, Some(user.clone()))];
        Ok(Outcome::done(
            ACTION,
            to,
            format!("{from} is now {to}; the id stays {}", user.id),
            objects,
        )
        .within(user.memberships.keys().cloned())
        .exported(user))
    }
}

impl Change for RemoveUser {
    fn needs(&self) -> Needs {
        super::about_user(&self.login)
    }

    fn decide(&self, scope: &Scope, context: &Context) -> Result<Outcome, Refusal> {
        let login = &self.login;
        let user = seen(scope, context, login)?;
        context.actor.permit_other(login, user, &scope.operators)?;
        context.actor.permit_site(Act::RemoveUser)?;
        let operators = scope.operators.operators.iter();
        if let Some((name, _)) =
            operators.clone().find(|(_, operator)| operator.person.as_ref() == Some(&user.id))
        {
            let message = format!("cannot remove {login}, who is the person of operator {name}");
            return Err(Refusal::new(RefusalCode::InUse, login, message)
                .command(format!("operator remove {name}")));
        }
        Ok(Outcome::done(
            "user.remove",
            login,
            format!("{login} is removed"),
            vec![Object::user(login, Some(user), None)],
        )
        .within(user.memberships.keys().cloned())
        .exported(user))
    }
}

impl Change for SetActive {
    fn needs(&self) -> Needs {
        super::about_user(&self.login)
    }

    fn decide(&self, scope: &Scope, context: &Context) -> Result<Outcome, Refusal> {
        let action = if self.active { "user.activate" } else { "user.deactivate" };
        let login = &self.login;
        let state = if self.active { "active" } else { "not active" };
        let user = permitted_account(scope, context, Act::Accounts, login)?;
        if user.active == self.active {
            return Ok(Outcome::unchanged(action, login, format!("{login} is {state} already")));
        }
        let after = User { active: self.active, ..user.clone() };
        let objects = vec![Object::user(login, Some(user), Some(after))];
        let outcome = Outcome::done(action, login, format!("{login} is now {state}"), objects)
            .within(user.memberships.keys().cloned());
        Ok(if self.active { outcome } else { outcome.exported(user) })
    }
}
