//! One change of a person, put to the rules.

use std::borrow::Cow;
use std::collections::BTreeMap;

use super::class::{People, answer, grace_end, instants};
use super::drafts::Draft;
use super::line::Line;
use crate::domain::change::{Context, consider};
use crate::domain::ids::OrgId;
use crate::domain::model::User;
use crate::domain::outcome::Object;
use crate::domain::refusal::Refusal;
use crate::domain::scope::Scope;

/// What changes are put to: the rules, in the scope as it is now.
pub(super) struct Judge<'a> {
    pub(super) scope: &'a Scope,
    pub(super) lines: &'a BTreeMap<OrgId, Line>,
    pub(super) context: &'a Context,
}

/// What would come of a change: the objects (none: nothing to change after all), and
/// whose answers turn.
pub(super) struct Tried {
    pub(super) outcome: Result<Vec<Object>, Refusal>,
    pub(super) people: People,
}

impl Judge<'_> {
    /// What would come of one change.
    pub(super) fn tried(&self, draft: &Draft) -> Tried {
        let context = match &draft.message {
            None => Cow::Borrowed(self.context),
            message => Cow::Owned(Context { message: message.clone(), ..self.context.clone() }),
        };
        let outcome = consider(&*draft.change, self.scope, &context);
        let mut people = People::default();
        for object in outcome.iter().flat_map(|outcome| &outcome.objects) {
            if let Object::User { before: Some(before), after: Some(after), .. } = object
                && draft.decides
            {
                people = self.turned(before, after, draft.org.as_ref());
            }
        }
        Tried { outcome: outcome.map(|outcome| outcome.objects), people }
    }

    /// Whose answers a change of one person turns, in one org or all.
    fn turned(&self, before: &User, after: &User, org: Option<&OrgId>) -> People {
        let mut people = People::default();
        let orgs: Vec<&OrgId> = match org {
            Some(org) => vec![org],
            None => after.memberships.keys().collect(),
        };
        let (mut answers, mut after_grace) = (Vec::new(), Vec::new());
        for id in orgs {
            let outside = || {
                let org = self.scope.orgs.get(id)?.as_ref()?;
                Some((org, instants(self.context.now, [org])))
            };
            let line = self.lines.get(id).map(|line| (line.middle(), line.instants.clone()));
            if let Some((org, instants)) = line.or_else(outside) {
                let turn = |at| (answer(before, id, org, at), answer(after, id, org, at));
                answers.extend(instants.into_iter().map(turn));
                after_grace.extend(grace_end(after, id, org, self.context.now).map(turn));
            }
        }
        people.count(None, answers.into_iter(), after_grace.into_iter());
        people
    }
}
