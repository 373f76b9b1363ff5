//! Puts the drafts to the rules, and classes them.
//!
//! The order, so that each class is judged by what the changes before it left:
//! what loosens in an org, then people, then what tightens in an org. People's
//! changes pass the rules as they are with the org's last settings, so that no
//! plan slips something through in between.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;

use crate::parallel::{self, MANY};
use serde_json::json;

use super::super::model::Policy;
use super::super::problem::Place;
use super::changed_people::{First, Firsts, MadePeople, orgs_of};
use super::changeset::objects;
use super::class::{ChangeClass, People, answer, grace_end, instants};
use super::drafts::Draft;
use super::evaluate::{Judge, Tried};
use super::guards::{OrgFigures, later_start};
use super::inspect::{Survey, is_enrolled_admin};
use super::line::Line;
use super::{
    Facts, LocatedRefusal, Plan, PlanError, PlanOptions, PlanStep, Unmanaged, applied, orgs,
};
use crate::domain::change::{AddOrg, AddUser, AdoptPolicy, Context, EditOrg, SignInMethod, apply};
use crate::domain::ids::{Login, OrgId, UserId};
use crate::domain::model::{Role, Switch, User};
use crate::domain::outcome::{Object, Outcome};
use crate::domain::refusal::{Refusal, RefusalCode};
use crate::domain::rights::{Act, Actor};
use crate::domain::scope::{Needs, Scope};
use crate::domain::time::Time;

/// Plans what `policy` would change in the state that `facts` shows, for
/// `context.actor` at `context.now`. Changes nothing.
///
/// # Errors
/// Where the state cannot be read, somebody or some org is missing, or rules
/// refuse: then all refusals, each with its line.
pub fn plan<F: Facts>(
    policy: &Policy,
    facts: &mut F,
    context: &Context,
    options: PlanOptions<'_>,
) -> Result<Plan, PlanError<F::Error>> {
    let elevated = Context { actor: context.actor.applying_policy(), ..context.clone() };
    let mut planner = Planner {
        policy,
        context: &elevated,
        options,
        scope: Scope::default(),
        refusals: Vec::new(),
        lines: BTreeMap::new(),
    };
    planner.rights(&context.actor);
    let plan = planner.plan(facts).map_err(PlanError::Facts)?;
    let mut refusals = planner.refusals;
    if refusals.is_empty() || planner.options.keep_refused {
        return Ok(plan);
    }
    refusals.sort_by(|a, b| a.source.cmp(&b.source));
    Err(PlanError::Refused(refusals))
}

struct Planner<'a, 'o> {
    policy: &'a Policy,
    context: &'a Context,
    options: PlanOptions<'o>,
    scope: Scope,
    refusals: Vec<LocatedRefusal>,
    lines: BTreeMap<OrgId, Line>,
}

/// What is to be kept of a policy, and where that stands.
type Adoption<'p> = (&'p Place, AdoptPolicy);

impl Planner<'_, '_> {
    fn rights(&mut self, actor: &Actor) {
        // One out of sight is missing, and refused as such.
        for (id, org) in self.policy.orgs.iter().filter(|(id, _)| actor.sees_org(id)) {
            if let Err(refusal) = actor.permit(Act::OrgPolicy, [id]) {
                self.refusals.push(LocatedRefusal { source: org.place.clone(), refusal });
            }
        }
        if let Some(first) = self.policy.users.values().map(|user| &user.place).min()
            && let Err(refusal) = actor.permit_site(Act::UserPolicy)
        {
            self.refusals.push(LocatedRefusal { source: first.clone(), refusal });
        }
    }

    fn plan<F: Facts>(&mut self, facts: &mut F) -> Result<Plan, F::Error> {
        let named: BTreeSet<OrgId> = self.policy.orgs.keys().cloned().collect();
        facts.load(&Needs { orgs: named.clone(), ..Needs::default() }, &mut self.scope)?;
        for id in &named {
            self.line(id);
        }
        let mut survey = Survey::new(self.policy, self.context.now);
        let lines = &mut self.lines;
        facts.each_member(&named, &mut |login, user| {
            // Who changes is counted when it is known how.
            if !survey.visit(login, user) {
                count_member(lines, login, Some(user), Some(user));
            }
        })?;
        // From here on questions need not wait for one another.
        let (policy, facts, kept) = (self.policy, &*facts, applied::kept(self.policy, &self.scope));
        let adoptions = || applied::changes(policy, &kept, facts);
        let members = policy.orgs.values().map(|org| org.value.members.len()).sum::<usize>();
        let many = members + policy.users.len() >= MANY && !self.options.keep_refused;
        std::thread::scope(|threads| {
            // Where no thread can be made it is done when its time has come.
            let spawn = || std::thread::Builder::new().spawn_scoped(threads, adoptions).ok();
            let early = many.then(spawn).flatten();
            let adoptions = || match early {
                Some(thread) => thread.join().unwrap_or_else(|e| std::panic::resume_unwind(e)),
                None => adoptions(),
            };
            self.plan_people(facts, survey, adoptions)
        })
    }

    /// Plans what is lacking for people, after the first look at the members of orgs.
    fn plan_people<'p, F: Facts>(
        &mut self,
        facts: &F,
        mut survey: Survey<'p>,
        adoptions: impl FnOnce() -> Result<Vec<Adoption<'p>>, F::Error>,
    ) -> Result<Plan, F::Error> {
        let unseen = Needs { users: survey.unseen(), ..Needs::default() };
        facts.load(&unseen, &mut self.scope)?;
        let unseen = unseen.users;
        survey.look_at_rest(&unseen, &self.scope);
        // What hangs on an org that is missing is said once, by the org.
        survey.keep_orgs(|org| self.lines.contains_key(org));
        self.missing_users(&mut survey, &unseen);
        let decides = self.lines.values().any(|line| line.decides);
        let touched = if decides { survey.touched() } else { BTreeSet::new() };
        self.load_touched(facts, &mut survey)?;
        let MadePeople { steps, firsts } = self.people(&mut survey);
        for login in &touched {
            let last = self.scope.users.get(login).and_then(Option::as_deref);
            let first = firsts.get(login).map_or(last, |first| first.before.as_deref());
            count_member(&mut self.lines, login, first, last);
        }
        self.finish_figures(&mut survey.figures, &firsts);
        self.assemble(adoptions, steps, survey, firsts)
    }

    fn user(&self, login: &Login) -> Option<&User> {
        self.scope.users.get(login).and_then(Option::as_deref)
    }

    fn refuse(&mut self, source: &Place, refusal: Refusal) {
        self.refusals.push(LocatedRefusal { source: source.clone(), refusal });
    }

    /// The drafts of one org and its versions.
    fn line(&mut self, id: &OrgId) {
        let policy = &self.policy.orgs[id];
        let mut added = None;
        let there = self.scope.orgs.get(id).is_some_and(Option::is_some);
        if !there || !self.context.actor.sees_org(id) {
            if !self.options.create_orgs {
                let refusal = Refusal::new(RefusalCode::NotFound, id, format!("no org {id}"))
                    .command(format!("org add {id}"));
                return self.refuse(&policy.place, refusal);
            }
            let change = AddOrg { id: id.clone(), settings: EditOrg::default() };
            let mut scope = self.small_scope(id);
            let values = (serde_json::Value::Null, json!({"org": id.as_str()}));
            match apply(&change, &mut scope, self.context) {
                Err(refusal) => return self.refuse(&policy.place, refusal),
                Ok(_) => {
                    added = Some(Draft::of_org(id, "org.add", values, &policy.place, change));
                    self.scope.orgs.insert(id.clone(), scope.org(id).cloned());
                }
            }
        }
        let Some(first) = self.scope.org(id).cloned() else { return };
        let mut drafts = orgs::drafts(id, &policy.value, &first, self.context.now);
        drafts.sort_by_key(|draft| draft.direction == ChangeClass::Strengthen);
        let loosening = drafts.partition_point(|draft| draft.direction != ChangeClass::Strengthen);
        let mut scope = self.small_scope(id);
        let mut versions = vec![first];
        for draft in &drafts {
            // Refusals are heard when the change is made; here only what would follow.
            let _ = apply(&*draft.change, &mut scope, self.context);
            versions.extend(scope.org(id).cloned());
        }
        let people = vec![People::default(); drafts.len()];
        let instants = instants(self.context.now, &versions);
        let decides = drafts.iter().any(|draft| draft.decides);
        let line = Line { drafts, versions, loosening, added, people, decides, instants };
        self.lines.insert(id.clone(), line);
    }

    /// A scope with this org only: without its admins, whom nobody asks for while versions are made.
    fn small_scope(&self, id: &OrgId) -> Scope {
        let org = self.scope.orgs.get(id).cloned().flatten();
        Scope {
            orgs: [(id.clone(), org)].into(),
            operators: self.scope.operators.clone(),
            ..Scope::default()
        }
    }

    /// Turns the first membership of somebody who is not there, or out of sight, into an
    /// account, or refuses.
    fn missing_users(&mut self, survey: &mut Survey<'_>, unseen: &BTreeSet<Login>) {
        let actor = &self.context.actor;
        let is_seen = |user: &Option<Arc<User>>| user.as_ref().is_some_and(|u| actor.sees(u));
        let missing = self.scope.users.iter().filter(|(_, user)| !is_seen(user));
        let missing = missing.map(|(login, _)| login.clone());
        let missing: Vec<Login> = missing.filter(|login| unseen.contains(login)).collect();
        for login in &missing {
            let Some(place) = self.first_line(login) else { continue };
            let Some(new_id) = self.options.create_users.as_mut() else {
                let refusal =
                    Refusal::new(RefusalCode::NotFound, login, format!("no user {login}"))
                        .command(format!("user find {login}"))
                        .words("let the policy add missing users: --create-users");
                self.refuse(&place, refusal);
                survey.drafts.remove(login);
                survey.switches.remove(login);
                continue;
            };
            let id = new_id(login);
            let drafts = survey.drafts.entry(login.clone()).or_default();
            let first = drafts.iter().position(|draft| draft.action == "user.join");
            let joined = first.map(|first| drafts.remove(first));
            drafts.insert(0, add_user(login, id, joined, &place));
        }
    }

    fn first_line(&self, login: &Login) -> Option<Place> {
        let orgs = self.policy.orgs.values();
        let member = orgs.filter_map(|org| org.value.members.get(login)).map(|m| &m.place).next();
        member.or_else(|| self.policy.users.get(login).map(|user| &user.place)).cloned()
    }

    fn load_touched<F: Facts>(
        &mut self,
        facts: &F,
        survey: &mut Survey<'_>,
    ) -> Result<(), F::Error> {
        let found = std::mem::take(&mut survey.found);
        // Their orgs are still to be loaded; those of the others are.
        let mut needs = Needs { users: found.keys().cloned().collect(), ..Needs::default() };
        let found = found.into_iter().map(|(login, user)| (login, Some(Arc::new(user))));
        self.scope.users.append(&mut found.collect());
        for draft in survey.drafts.values().flatten() {
            let Needs { orgs, keys, .. } = draft.change.needs();
            needs.orgs.extend(orgs);
            needs.keys.extend(keys);
        }
        let added: Vec<OrgId> = self.lines.keys().cloned().collect();
        needs.orgs.retain(|org| !added.contains(org));
        facts.load(&needs, &mut self.scope)?;
        for line in self.lines.values() {
            for draft in &line.drafts {
                let admins_of = draft.change.needs().admins_of;
                if admins_of.is_some() {
                    facts.load(&Needs { admins_of, ..Needs::default() }, &mut self.scope)?;
                }
            }
        }
        Ok(())
    }

    /// Makes the changes of people, under the last settings of the orgs.
    fn people(&mut self, survey: &mut Survey<'_>) -> MadePeople {
        for (id, line) in &self.lines {
            self.scope.orgs.insert(id.clone(), Some(line.last().clone()));
        }
        let mut made = MadePeople::default();
        for (login, drafts) in std::mem::take(&mut survey.drafts) {
            for draft in drafts {
                let tried = self.judge().tried(&draft);
                self.take(login.clone(), draft, tried, &mut made);
            }
        }
        // A switch touches one account and nothing that others look at: all at once.
        let switches: Vec<(Login, Draft)> =
            std::mem::take(&mut survey.switches).into_iter().collect();
        let judge = self.judge();
        let tried = parallel::map_slice(&switches, |(_, draft)| judge.tried(draft));
        self.take_all(switches.into_iter().zip(tried), &mut made);
        for (id, line) in &self.lines {
            self.scope.orgs.insert(id.clone(), Some(line.first().clone()));
        }
        made
    }

    /// What changes are put to.
    fn judge(&self) -> Judge<'_> {
        Judge { scope: &self.scope, lines: &self.lines, context: self.context }
    }

    /// Takes over what came of a change of one person.
    fn take(&mut self, login: Login, draft: Draft, tried: Tried, made: &mut MadePeople) {
        self.take_all(std::iter::once(((login, draft), tried)), made);
    }

    /// Takes over what came of changes of people of whom none asks for another.
    fn take_all(
        &mut self,
        tried: impl Iterator<Item = ((Login, Draft), Tried)>,
        made: &mut MadePeople,
    ) {
        let (mut all, mut firsts) = (Vec::new(), Vec::new());
        for ((login, draft), tried) in tried {
            let Some(objects) = self.heard(&draft, tried.outcome) else { continue };
            let step = step(draft, tried.people);
            let order = step.class.order();
            let first = objects.iter().find_map(|object| match object {
                Object::User { before, .. } => Some(First { before: before.clone(), order }),
                _ => None,
            });
            firsts.extend(first.map(|first| (login, first)));
            all.extend(objects);
            made.steps.push(step);
        }
        self.scope.absorb(&all);
        made.add(firsts);
    }

    /// What is made of what came of a change: nothing where it is refused, or changes
    /// nothing after all.
    fn heard(
        &mut self,
        draft: &Draft,
        outcome: Result<Vec<Object>, Refusal>,
    ) -> Option<Vec<Object>> {
        match outcome {
            Ok(objects) => (!objects.is_empty()).then_some(objects),
            Err(refusal) => {
                self.refuse(&draft.source, refusal);
                self.options.keep_refused.then(Vec::new)
            }
        }
    }

    /// Puts one change of an org to the rules and makes it; whether it is to be shown:
    /// not where it is refused, or changes nothing after all.
    fn make(&mut self, draft: &Draft) -> bool {
        match self.judge().tried(draft).outcome {
            Ok(objects) => {
                self.scope.absorb(&objects);
                !objects.is_empty()
            }
            Err(refusal) => {
                self.refuse(&draft.source, refusal);
                self.options.keep_refused
            }
        }
    }

    fn finish_figures(&self, figures: &mut BTreeMap<OrgId, OrgFigures>, firsts: &Firsts) {
        let any = !figures.is_empty();
        for (login, first) in firsts.iter().filter(|_| any) {
            let (first, last) = (first.before.as_deref(), self.user(login));
            let users = [first, last].into_iter().flatten();
            let orgs: BTreeSet<&OrgId> = users.flat_map(|user| user.memberships.keys()).collect();
            for id in orgs {
                let Some(figures) = figures.get_mut(id) else { continue };
                let counts = |user: Option<&User>| user.is_some_and(|u| is_enrolled_admin(u, id));
                figures.enrolled_admins += u64::from(counts(last) && !counts(first));
                figures.enrolled_admins -= u64::from(counts(first) && !counts(last));
            }
        }
        for (id, figures) in figures.iter_mut() {
            figures.un_enforced = self.lines.get(id).and_then(|line| {
                let (first, last) = (&line.first().enforcement, &line.last().enforcement);
                later_start(first, last, self.context.now)
            });
        }
    }

    fn assemble<'p, E>(
        &mut self,
        adoptions: impl FnOnce() -> Result<Vec<Adoption<'p>>, E>,
        people: Vec<PlanStep>,
        survey: Survey<'_>,
        firsts: Firsts,
    ) -> Result<Plan, E> {
        let mut plan = Plan {
            orgs: survey.figures,
            looked_at: survey.looked_at,
            unmanaged: Unmanaged {
                members: survey.unlisted,
                fields: self.policy.orgs.values().map(|org| orgs::unmanaged(&org.value)).sum(),
            },
            ..Plan::default()
        };
        let mut orgs = BTreeMap::new();
        let mut tightening = Vec::new();
        for (id, line) in std::mem::take(&mut self.lines) {
            self.scope.orgs.insert(id.clone(), Some(line.first().clone()));
            orgs.insert(id, line.added.is_none().then(|| line.first().clone()));
            plan.steps.extend(line.added.map(|draft| step(draft, People::default())));
            for (number, (draft, people)) in line.drafts.into_iter().zip(line.people).enumerate() {
                if self.make(&draft) {
                    let loosens = number < line.loosening;
                    let list = if loosens { &mut plan.steps } else { &mut tightening };
                    list.push(step(draft, people));
                }
            }
        }
        // They may be a million, which are not copied behind the few before them.
        let loosening = std::mem::replace(&mut plan.steps, people);
        plan.steps.splice(0..0, loosening);
        plan.steps.extend(tightening);
        for step in &plan.steps {
            if let Some(figures) = step.org.as_ref().and_then(|org| plan.orgs.get_mut(org)) {
                figures.changes += 1;
                figures.removals += u64::from(step.action == "user.leave");
            }
        }
        plan.concerned = self.policy.orgs.keys().chain(orgs_of(&firsts)).cloned().collect();
        if !self.options.keep_refused && self.refusals.is_empty() {
            let adoptions = self.adopted(adoptions()?);
            plan.adoptions = adoptions.len();
            plan.objects = objects(&mut self.scope, &plan.steps, orgs, firsts, adoptions);
        }
        Ok(plan)
    }

    /// Records the policies as applied, where they are not yet.
    fn adopted(&mut self, changes: Vec<Adoption<'_>>) -> Vec<Outcome> {
        let mut adoptions = Vec::new();
        for (source, mut change) in changes {
            // They follow the head as they are: the rules look at it alone.
            let people = std::mem::take(&mut change.people);
            match apply(&change, &mut self.scope, self.context) {
                Ok(mut outcome) if outcome.changed() => {
                    outcome.objects.extend(people);
                    adoptions.push(outcome);
                }
                Ok(_) => {}
                Err(refusal) => self.refuse(source, refusal),
            }
        }
        adoptions
    }
}

/// Counts one person in every change of the orgs that the person is in.
fn count_member(
    lines: &mut BTreeMap<OrgId, Line>,
    login: &Login,
    first: Option<&User>,
    last: Option<&User>,
) {
    for (id, line) in lines.iter_mut().filter(|(_, line)| line.decides) {
        let is_in =
            |user: Option<&User>| user.is_some_and(|user| user.memberships.contains_key(id));
        if is_in(first) || is_in(last) {
            count(line, id, login, first, last);
        }
    }
}

/// Counts one person in every change of an org: the loosening ones as the person
/// is before the plan, the tightening ones as after it.
fn count(line: &mut Line, id: &OrgId, login: &Login, first: Option<&User>, last: Option<&User>) {
    for (number, people) in line.people.iter_mut().enumerate() {
        let user = if number < line.loosening { first } else { last };
        let Some(user) = user.filter(|user| user.memberships.contains_key(id)) else { continue };
        if !line.drafts[number].decides {
            continue;
        }
        let (was, is) = (&line.versions[number], &line.versions[number + 1]);
        let turn = |at: &Time| (answer(user, id, was, *at), answer(user, id, is, *at));
        let end = line.instants.first().and_then(|now| grace_end(user, id, is, *now));
        people.count(Some(login), line.instants.iter().map(turn), end.iter().map(turn));
    }
}

fn step(draft: Draft, people: People) -> PlanStep {
    PlanStep {
        class: people.class(draft.direction),
        action: draft.action,
        subject: draft.subject,
        org: draft.org,
        before: draft.before,
        after: draft.after,
        source: draft.source,
        people,
        message: draft.message,
    }
}

/// The draft of an account, with the first membership that the policy gives it.
fn add_user(login: &Login, id: UserId, joined: Option<Draft>, place: &Place) -> Draft {
    let org = joined.as_ref().and_then(|draft| draft.org.clone());
    let role: Option<Role> =
        joined.as_ref().and_then(|draft| draft.after["role"].as_str()?.parse().ok());
    let orgs = org.clone().map(|org| (org, role.unwrap_or_default()));
    let orgs: BTreeMap<OrgId, _> = orgs.into_iter().collect();
    let words: BTreeMap<&str, &str> =
        orgs.iter().map(|(org, role)| (org.as_str(), role.as_str())).collect();
    Draft {
        action: "user.add",
        subject: login.to_string(),
        org,
        before: serde_json::Value::Null.into(),
        after: json!({ "orgs": words }).into(),
        source: joined.map_or_else(|| place.clone(), |draft| draft.source),
        direction: ChangeClass::Neutral,
        change: Box::new(AddUser {
            login: login.clone(),
            id,
            name: None,
            email: None,
            sign_in: SignInMethod::Password,
            mfa: Switch::Off,
            orgs,
            active: true,
            enrolled: None,
        }),
        message: None,
        decides: false,
    }
}
