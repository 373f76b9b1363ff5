//! Keeping the last applied policy of an org, so that drift from it can be told.

use std::collections::BTreeMap;

use super::{Change, Context, seen_org};
use crate::domain::ids::OrgId;
use crate::domain::model::{AppliedPolicy, Org};
use crate::domain::outcome::{Object, Outcome, TakesEffect};
use crate::domain::refusal::Refusal;
use crate::domain::rights::Act;
use crate::domain::scope::{Needs, Scope};

/// Records in an org which policy was applied to it. It changes no answer.
#[derive(Debug, Clone)]
pub struct AdoptPolicy {
    /// Which org.
    pub org: OrgId,
    /// The digest of `fields`.
    pub digest: String,
    /// What the policy decides, by field.
    pub fields: BTreeMap<String, String>,
}

impl Change for AdoptPolicy {
    fn needs(&self) -> Needs {
        Needs { orgs: [self.org.clone()].into(), ..Needs::default() }
    }

    fn decide(&self, scope: &Scope, context: &Context) -> Result<Outcome, Refusal> {
        const ACTION: &str = "org.policy";
        let id = &self.org;
        let org = seen_org(scope, context, id)?;
        context.actor.permit(Act::OrgPolicy, [id])?;
        if org.policy.as_ref().is_some_and(|policy| policy.digest == self.digest) {
            let summary = format!("this policy was applied to {id} already");
            return Ok(Outcome::unchanged(ACTION, id, summary).within([id.clone()]));
        }
        let applied = AppliedPolicy {
            digest: self.digest.clone(),
            at: context.now,
            by: context.actor.name().to_owned(),
            fields: self.fields.clone(),
        };
        let after = Org { policy: Some(applied), ..org.clone() };
        Ok(Outcome::done(
            ACTION,
            id,
            format!("the policy of {id} is kept, to tell drift from it"),
            vec![Object::org(id, Some(org), Some(after))],
        )
        .within([id.clone()])
        .effective(TakesEffect::Now))
    }
}
