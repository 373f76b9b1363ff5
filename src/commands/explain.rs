//! `explain`: the decision, and every rule's answer to it.

use super::Answer;
use super::session::Session;
use super::sight::seen_user;
use crate::cli::top_level::ExplainArgs;
use crate::domain::decision::{self, Question};
use crate::domain::ids::{Login, OrgId};
use crate::domain::model::{Org, User};
use crate::domain::rights::Actor;
use crate::domain::time::Time;
use crate::error::{Error, Result};
use crate::report::answers::decision::{ChainLink, DecisionReport};
use crate::store::View;

/// `explain USER [--org O] [--service S] [--at …]`.
pub(super) fn explain(session: &Session<'_>, args: &ExplainArgs) -> Result<Answer> {
    let (view, actor, at) = session.view_at(&args.read)?;
    let (login, user) = seen_user(&view, &actor, &args.user)?;
    let asked = Explained { args, view: &view, actor: &actor, login: &login, user: &user, at };
    match &args.org {
        Some(org) => Ok(Answer::one(asked.in_org(org)?)),
        None => {
            let seen = user.memberships.keys().filter(|org| actor.sees_org(org));
            let reports: Result<Vec<_>> = seen.map(|org| asked.in_org(org)).collect();
            Ok(Answer::pages(reports?, &format!("{login} is a member of no org")))
        }
    }
}

struct Explained<'a> {
    args: &'a ExplainArgs,
    view: &'a View,
    actor: &'a Actor,
    login: &'a Login,
    user: &'a User,
    at: Time,
}

impl Explained<'_> {
    fn in_org(&self, id: &OrgId) -> Result<DecisionReport> {
        let org = super::sight::seen_org(self.view, self.actor, id)?;
        self.known_service(id, &org)?;
        let question = Question {
            user: self.user,
            org_id: id,
            org: &org,
            service: self.args.service.as_ref(),
            at: self.at,
        };
        Ok(self.report(&question))
    }

    /// A service that the org does not know would be answered as one that no exception covers:
    /// true, but not what the asker meant.
    fn known_service(&self, id: &OrgId, org: &Org) -> Result<()> {
        match &self.args.service {
            Some(service) if self.args.org.is_some() && !org.services.contains(service) => {
                let message = format!("no service {service} in {id}");
                Err(Error::not_found(service, message).command(format!("org show {id}")))
            }
            _ => Ok(()),
        }
    }

    fn report(&self, question: &Question<'_>) -> DecisionReport {
        let explanation = decision::explain(question);
        let link = |step: &decision::RuleStep| ChainLink {
            rule: step.rule.as_str().to_owned(),
            answer: step.answer.map(|answer| answer.as_str().to_owned()),
            why: step.why.clone(),
        };
        DecisionReport {
            login: self.login.to_string(),
            id: self.user.id.to_string(),
            org: question.org_id.to_string(),
            service: question.service.map(ToString::to_string),
            at: question.at,
            requirement: explanation.decision.requirement.as_str().to_owned(),
            rule: explanation.decision.rule.as_str().to_owned(),
            until: explanation.decision.until,
            changes_at: explanation.changes_at,
            enrolment: self.user.enrolment.status().as_str().to_owned(),
            chain: explanation.chain.iter().map(link).collect(),
        }
    }
}
