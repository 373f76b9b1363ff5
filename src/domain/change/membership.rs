//! Memberships: joining, leaving, the role.

use super::{Change, Context, about_member, member, permit_in, seen_in};
use crate::domain::ids::{Login, OrgId};
use crate::domain::model::{Membership, Role, User};
use crate::domain::outcome::{Object, Outcome};
use crate::domain::refusal::{Refusal, RefusalCode};
use crate::domain::rights::Act;
use crate::domain::scope::{Needs, Scope};

/// Makes a user a member of an org.
#[derive(Debug, Clone)]
pub struct Join {
    /// Who.
    pub login: Login,
    /// Where.
    pub org: OrgId,
    /// As what.
    pub role: Role,
}

/// Ends a membership.
#[derive(Debug, Clone)]
pub struct Leave {
    /// Who.
    pub login: Login,
    /// Where.
    pub org: OrgId,
}

/// Changes the role of a membership.
#[derive(Debug, Clone)]
pub struct SetRole {
    /// Who.
    pub login: Login,
    /// Where.
    pub org: OrgId,
    /// The new role.
    pub role: Role,
}

impl Change for Join {
    fn needs(&self) -> Needs {
        about_member(&self.login, &self.org)
    }

    fn decide(&self, scope: &Scope, context: &Context) -> Result<Outcome, Refusal> {
        let (login, id) = (&self.login, &self.org);
        let (user, _) = seen_in(scope, context, login, id)?;
        permit_in(scope, context, Act::Members, login, user, id)?;
        if user.memberships.contains_key(id) {
            let message = format!("{login} is a member of {id} already");
            return Err(Refusal::new(RefusalCode::Exists, login, message)
                .command(format!("user role {login} --org {id} {}", self.role.as_str())));
        }
        // To take an account of other orgs into one's own needs a site-admin: from
        // then on, those others could not act on the whole account any more.
        context.actor.permit(Act::Members, user.memberships.keys())?;
        let mut after = user.clone();
        let first_joined_at = after.left.remove(id);
        let membership =
            Membership { role: self.role, joined_at: context.now, first_joined_at, opt_out: None };
        after.memberships.insert(id.clone(), membership);
        let role = self.role.as_str();
        Ok(Outcome::done(
            "user.join",
            login,
            format!("{login} is now a member of {id} as {role}"),
            vec![Object::user(login, Some(user), Some(after))],
        )
        .within([id.clone()]))
    }
}

impl Change for Leave {
    fn needs(&self) -> Needs {
        about_member(&self.login, &self.org)
    }

    fn decide(&self, scope: &Scope, context: &Context) -> Result<Outcome, Refusal> {
        let (login, id) = (&self.login, &self.org);
        let (user, _) = seen_in(scope, context, login, id)?;
        let first_joined = member(login, user, id)?.first_joined();
        permit_in(scope, context, Act::Members, login, user, id)?;
        let mut after: User = user.clone();
        after.memberships.remove(id);
        after.left.insert(id.clone(), first_joined);
        Ok(Outcome::done(
            "user.leave",
            login,
            format!("{login} is no member of {id} any more"),
            vec![Object::user(login, Some(user), Some(after))],
        )
        .within([id.clone()]))
    }
}

impl Change for SetRole {
    fn needs(&self) -> Needs {
        about_member(&self.login, &self.org)
    }

    fn decide(&self, scope: &Scope, context: &Context) -> Result<Outcome, Refusal> {
        const ACTION: &str = "user.role";
        let (login, id, role) = (&self.login, &self.org, self.role.as_str());
        let (user, _) = seen_in(scope, context, login, id)?;
        let before = member(login, user, id)?.role;
        permit_in(scope, context, Act::Members, login, user, id)?;
        if before == self.role {
            let summary = format!("the role of {login} in {id} is {role} already");
            return Ok(Outcome::unchanged(ACTION, login, summary).within([id.clone()]));
        }
        let mut after = user.clone();
        if let Some(membership) = after.memberships.get_mut(id) {
            membership.role = self.role;
        }
        Ok(Outcome::done(
            ACTION,
            login,
            format!("the role of {login} in {id} is now {role}"),
            vec![Object::user(login, Some(user), Some(after))],
        )
        .within([id.clone()]))
    }
}
