//! Changing just the settings of one membership that are named, in one act (R4).

use super::opt_out::{current, made, refuse_denied, refuse_long};
use super::{Change, Context, about_member, member, permit_in, seen_in, sso};
use crate::domain::ids::{Login, OrgId};
use crate::domain::model::Role;
use crate::domain::outcome::{Object, Outcome};
use crate::domain::refusal::Refusal;
use crate::domain::rights::Act;
use crate::domain::scope::{Needs, Scope};

/// Changes settings of one membership; what is `None` stays.
#[derive(Debug, Clone)]
pub struct EditMembership {
    /// Who.
    pub login: Login,
    /// Where.
    pub org: OrgId,
    /// Whether the member is to be opted out. One that is keeps its end.
    pub opt_out: Option<bool>,
    /// The role.
    pub role: Option<Role>,
}

impl Change for EditMembership {
    fn needs(&self) -> Needs {
        about_member(&self.login, &self.org)
    }

    fn decide(&self, scope: &Scope, context: &Context) -> Result<Outcome, Refusal> {
        const ACTION: &str = "user.membership";
        let (login, id) = (&self.login, &self.org);
        let (user, org) = seen_in(scope, context, login, id)?;
        let before = member(login, user, id)?;
        if self.opt_out.is_some() {
            permit_in(scope, context, Act::OptOut, login, user, id)?;
        }
        if self.role.is_some() || self.opt_out.is_none() {
            permit_in(scope, context, Act::Members, login, user, id)?;
        }
        let is_out = current(before, context.now).is_some();
        let role = self.role.filter(|role| *role != before.role);
        let opt_out = self.opt_out.filter(|out| *out != is_out);
        if role.is_none() && opt_out.is_none() {
            let summary = format!("the membership of {login} in {id} is so already");
            return Ok(Outcome::unchanged(ACTION, login, summary).within([id.clone()]));
        }
        let mut after = before.clone();
        after.role = role.unwrap_or(before.role);
        if let Some(out) = opt_out {
            sso(login, user, if out { "opt out" } else { "opt in" })?;
            if out {
                refuse_long(login, id, org, None, context.now)?;
                refuse_denied(login, id, after.role, org)?;
            }
            after.opt_out = out.then(|| made(context, None).into());
        }
        let mut changed = user.clone();
        changed.memberships.insert(id.clone(), after);
        let mut now = Vec::new();
        now.extend(role.map(|role| format!("the role is {}", role.as_str())));
        now.extend(opt_out.map(|out| {
            if out { "opted out of MFA".to_owned() } else { "no opt-out any more".to_owned() }
        }));
        let outcome = Outcome::done(
            ACTION,
            login,
            format!(
                "the membership of {login} in {id}: {}; every other org is as before",
                now.join(", ")
            ),
            vec![Object::user(login, Some(user), Some(changed))],
        )
        .within([id.clone()]);
        Ok(match opt_out {
            Some(true) => outcome.follow_up(format!(
                "only login and password are asked for at the next sign-in to {id}"
            )),
            Some(false) => {
                outcome.follow_up(format!("the rules of {id} apply again at the next sign-in"))
            }
            None => outcome,
        })
    }
}
