//! Keeping the last applied policy, so that drift from it can be told.

use std::collections::BTreeMap;

use super::{Change, Context, seen_org};
use crate::domain::ids::OrgId;
use crate::domain::model::{AppliedPolicy, Org, OwnedText, PolicyOf};
use crate::domain::outcome::{Object, Outcome, TakesEffect};
use crate::domain::refusal::Refusal;
use crate::domain::rights::Act;
use crate::domain::scope::{Needs, Scope};

/// Records which policy was applied to an org, or to people. It changes no answer.
#[derive(Debug, Clone)]
pub struct AdoptPolicy {
    /// Whose policy it is.
    pub policy: PolicyOf,
    /// The digest of all that it decides, in hexadecimal.
    pub digest: String,
    /// What it decides of the org, by field.
    pub fields: BTreeMap<String, String>,
    /// Of the policy for people: the head that is kept.
    pub head: Option<OwnedText>,
}

impl Change for AdoptPolicy {
    fn needs(&self) -> Needs {
        match &self.policy {
            PolicyOf::Org(org) => Needs { orgs: [org.clone()].into(), ..Needs::default() },
            PolicyOf::People => Needs::default(),
        }
    }

    fn decide(&self, scope: &Scope, context: &Context) -> Result<Outcome, Refusal> {
        let kept = match &self.policy {
            PolicyOf::Org(org) => self.of_org(org, scope, context)?,
            PolicyOf::People => self.of_people(context)?,
        };
        let name = self.policy.as_str();
        let mut outcome = match kept {
            None => Outcome::unchanged(ACTION, name, format!("this policy of {name} is kept")),
            Some(head) => {
                let summary = format!("the policy of {name} is kept, to tell drift from it");
                Outcome::done(ACTION, name, summary, vec![head]).effective(TakesEffect::Now)
            }
        };
        if let PolicyOf::Org(org) = &self.policy {
            outcome = outcome.within([org.clone()]);
        }
        Ok(outcome)
    }
}

const ACTION: &str = "org.policy";

impl AdoptPolicy {
    /// The org with this policy; `None` where it has it already.
    fn of_org(
        &self,
        id: &OrgId,
        scope: &Scope,
        context: &Context,
    ) -> Result<Option<Object>, Refusal> {
        let org = seen_org(scope, context, id)?;
        context.actor.permit(Act::OrgPolicy, [id])?;
        if org.policy.as_ref().is_some_and(|policy| policy.digest == self.digest) {
            return Ok(None);
        }
        let applied = AppliedPolicy {
            digest: self.digest.clone(),
            at: context.now,
            by: context.actor.name().to_owned(),
            fields: self.fields.clone(),
        };
        let after = Org { policy: Some(applied), ..org.clone() };
        Ok(Some(Object::org(id, Some(org), Some(after))))
    }

    /// The head of the policy for people; `None` where it is kept already.
    fn of_people(&self, context: &Context) -> Result<Option<Object>, Refusal> {
        context.actor.permit_site(Act::UserPolicy)?;
        let fields = |text: &str| serde_json::from_str::<BTreeMap<String, String>>(text).ok();
        let kept = self.head.as_deref().and_then(fields);
        if kept.is_some_and(|kept| kept.get("digest") == Some(&self.digest)) {
            return Ok(None);
        }
        let head = serde_json::json!({
            "at": context.now,
            "by": context.actor.name(),
            "digest": self.digest,
        });
        Ok(Some(Object::Owned {
            policy: PolicyOf::People,
            entry: PolicyOf::HEAD.to_owned(),
            before: self.head.clone(),
            after: Some(head.to_string().into()),
        }))
    }
}
