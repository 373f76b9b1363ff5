//! Plans a policy: applies the settings of orgs, compares people with the policy, judges what
//! differs, and puts the changes in order.
//!
//! What loosens in an org comes first, then people, then what tightens in an org, so that each
//! change is classed by what those before it left. The rules judge people under the last
//! settings of their orgs, so that no order of changes gets round a rule.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;

use serde_json::{Value, json};

use super::adopt::{Adoption, adoptions};
use super::change_row::{Action, ChangeRow};
use super::class::{ChangeClass, People, answer, grace_end, instants};
use super::members::{Seat, add_user, set_mfa};
use super::org_changes::OrgChanges;
use super::proposal::Proposal;
use super::{Facts, Missing, Plan, PlanError, PlanOptions, Refused, orgs};
use crate::domain::change::{AddOrg, Context, EditOrg, apply, consider, locks_admins_out};
use crate::domain::ids::{Login, OrgId};
use crate::domain::model::{Org, User};
use crate::domain::outcome::Object;
use crate::domain::refusal::{Refusal, RefusalCode};
use crate::domain::rights::{Act, Actor};
use crate::domain::scope::{Needs, Scope};
use crate::policy::model::{MemberPolicy, Policy};
use crate::policy::problem::{Located, Place};

/// Plans what `policy` would change in the state that `facts` shows, for
/// `context.actor` at `context.now`. Changes nothing.
///
/// # Errors
/// Where the state cannot be read, a user or an org does not exist, or rules refuse changes:
/// then all refusals, each with its line.
pub fn plan<F: Facts>(
    policy: &Policy,
    facts: &mut F,
    context: &Context,
    options: PlanOptions<'_>,
) -> Result<Plan, PlanError<F::Error>> {
    let mut planner = Planner {
        policy,
        context: Context { actor: context.actor.applying_policy(), ..context.clone() },
        options,
        scope: Scope::default(),
        refusals: Vec::new(),
    };
    planner.check_rights(&context.actor);
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
    context: Context,
    options: PlanOptions<'o>,
    /// The state as the changes judged so far leave it.
    scope: Scope,
    refusals: Vec<Refused>,
}

/// The orgs that the policy names and that exist or are added.
type Orgs = BTreeMap<OrgId, OrgChanges>;

/// The members that the policy lists, with their settings in each org.
type Listed<'p> = BTreeMap<&'p Login, Vec<(&'p OrgId, &'p Located<MemberPolicy>)>>;

/// The people who differ from the policy.
type Differing = BTreeMap<Login, Person>;

/// Somebody who differs from the policy.
struct Person {
    /// As in the state; `None`: to be added.
    before: Option<Arc<User>>,
    proposals: Vec<Proposal>,
    /// The place in the audit, by the tightest of the changes that are made.
    order: u8,
}

impl Planner<'_, '_> {
    fn check_rights(&mut self, actor: &Actor) {
        // An org out of sight is refused as missing.
        for (id, org) in self.policy.orgs.iter().filter(|(id, _)| actor.sees_org(id)) {
            if let Err(refusal) = actor.permit(Act::OrgPolicy, [id]) {
                self.refuse(&org.place, refusal);
            }
        }
        if let Some(first) = self.policy.users.values().map(|user| &user.place).min()
            && let Err(refusal) = actor.permit_site(Act::UserPolicy)
        {
            self.refuse(first, refusal);
        }
    }

    fn refuse(&mut self, source: &Place, refusal: Refusal) {
        self.refusals.push(Refused { source: source.clone(), refusal, missing: None });
    }

    fn plan<F: Facts>(&mut self, facts: &mut F) -> Result<Plan, F::Error> {
        let mut plan = Plan::default();
        let mut orgs = self.change_orgs(facts)?;
        let mut people = self.compare_people(facts, &mut orgs, &mut plan)?;
        self.load_needs(facts, &orgs, &people)?;
        let rows = self.change_people(&mut people, &orgs);
        self.count_changed(&people, &mut orgs);
        self.refuse_without_admins(&orgs);
        let adopted = match self.refusals.is_empty() && !self.options.keep_refused {
            true => self.adopt(facts, &mut plan)?,
            false => Vec::new(),
        };
        self.assemble(&mut plan, orgs, rows, people, adopted);
        Ok(plan)
    }

    /// Applies the settings of every org that the policy names.
    fn change_orgs<F: Facts>(&mut self, facts: &F) -> Result<Orgs, F::Error> {
        let policy = self.policy;
        let named = Needs { orgs: policy.orgs.keys().cloned().collect(), ..Needs::default() };
        facts.load(&named, &mut self.scope)?;
        let changed = policy.orgs.keys().filter_map(|id| Some((id.clone(), self.change_org(id)?)));
        Ok(changed.collect())
    }

    fn change_org(&mut self, id: &OrgId) -> Option<OrgChanges> {
        let policy = &self.policy.orgs[id];
        let seen = self.scope.org(id).filter(|_| self.context.actor.sees_org(id)).cloned();
        let (added, first) = match seen {
            Some(org) => (None, org),
            None => {
                let (row, org) = self.add_org(id, &policy.place)?;
                (Some(row), org)
            }
        };
        let mut versions = vec![first];
        let mut proposals = Vec::new();
        for proposal in orgs::proposals(id, &policy.value, &versions[0], self.context.now) {
            if self.judge(&proposal).is_some() {
                proposals.push(proposal);
                versions.extend(self.scope.org(id).cloned());
            }
        }
        Some(OrgChanges::new(added, proposals, versions, self.context.now))
    }

    fn add_org(&mut self, id: &OrgId, source: &Place) -> Option<(ChangeRow, Org)> {
        if !self.options.create_orgs {
            let refusal = Refusal::new(RefusalCode::NotFound, id, format!("no org {id}"))
                .command(format!("org add {id}"));
            let missing = Some(Missing::Org);
            self.refusals.push(Refused { source: source.clone(), refusal, missing });
            return None;
        }
        let change = AddOrg { id: id.clone(), settings: EditOrg::default() };
        let values = (Value::Null, json!({"org": id.as_str()}));
        let proposal = Proposal::new(Action::OrgAdd, (id, Some(id)), values, source, change);
        self.judge(&proposal)?;
        Some((proposal.judged(), self.scope.org(id)?.clone()))
    }

    /// Makes a change in the scope and returns its objects. `None`: it is not part of the plan,
    /// because it is refused or changes nothing after all.
    fn judge(&mut self, proposal: &Proposal) -> Option<Vec<Object>> {
        match consider(&*proposal.change, &self.scope, &self.context) {
            Ok(outcome) => {
                self.scope.absorb(&outcome.objects);
                outcome.changed().then_some(outcome.objects)
            }
            Err(refusal) => {
                self.refuse(&proposal.source, refusal);
                self.options.keep_refused.then(Vec::new)
            }
        }
    }

    /// Compares every member of the orgs, and everybody whom the policy names, with the policy.
    /// Whoever differs is counted later, when the changes are made.
    fn compare_people<F: Facts>(
        &mut self,
        facts: &mut F,
        orgs: &mut Orgs,
        plan: &mut Plan,
    ) -> Result<Differing, F::Error> {
        let mut listed = Listed::new();
        for (id, org) in &self.policy.orgs {
            for (login, member) in &org.value.members {
                listed.entry(login).or_default().push((id, member));
            }
        }
        let named = listed.keys().copied().chain(self.policy.users.keys());
        let mut unseen = Needs { users: named.cloned().collect(), ..Needs::default() };
        let mut differing = Differing::new();
        let named = self.policy.orgs.keys().cloned().collect();
        facts.each_member(&named, &mut |login, user| {
            plan.looked_at += 1;
            unseen.users.remove(login);
            let proposals = self.proposals(orgs, &listed, login, user);
            for id in user.memberships.keys() {
                let Some(changes) = orgs.get_mut(id) else { continue };
                changes.figures.members += 1;
                changes.figures.enrolled_admins += u64::from(is_enrolled_admin(Some(user), id));
                let policy = &self.policy.orgs[id].value;
                let stays = !policy.is_authoritative() && !policy.members.contains_key(login);
                plan.unmanaged.members += u64::from(stays);
                if proposals.is_empty() {
                    changes.count(id, login, Some(user), Some(user));
                }
            }
            if !proposals.is_empty() {
                let before = Some(Arc::new(user.clone()));
                differing.insert(login.clone(), Person { before, proposals, order: u8::MAX });
            }
        })?;
        facts.load(&unseen, &mut self.scope)?;
        for login in unseen.users {
            let before = self.scope.shared_user(&login);
            plan.looked_at += u64::from(before.is_some());
            let proposals = match before.as_deref().filter(|user| self.context.actor.sees(user)) {
                Some(user) => self.proposals(orgs, &listed, &login, user),
                None => self.additions(orgs, &listed, &login),
            };
            if !proposals.is_empty() {
                differing.insert(login, Person { before, proposals, order: u8::MAX });
            }
        }
        Ok(differing)
    }

    /// What differs of somebody in the state.
    fn proposals(
        &self,
        orgs: &Orgs,
        listed: &Listed<'_>,
        login: &Login,
        user: &User,
    ) -> Vec<Proposal> {
        let mut proposals = Vec::new();
        let seat = |org| Seat { login, org, now: self.context.now };
        for (org, membership) in user.memberships.iter() {
            let Some(policy) = self.policy.orgs.get(org).filter(|_| orgs.contains_key(org)) else {
                continue;
            };
            if policy.value.is_authoritative() && !policy.value.members.contains_key(login) {
                let source = policy.value.ownership.as_ref().map_or(&policy.place, |o| &o.place);
                proposals.push(seat(org).leave(membership, source));
            }
        }
        let listings = listed.get(login).into_iter().flatten();
        for &(org, policy) in listings.filter(|(org, _)| orgs.contains_key(*org)) {
            let membership = user.memberships.get(org);
            proposals.extend(match membership {
                Some(membership) => seat(org).role(policy, membership.role),
                None => Some(seat(org).join(policy)),
            });
            let rule = policy.value.opt_out.as_ref();
            proposals.extend(rule.and_then(|rule| seat(org).opt_out(rule, membership)));
        }
        let policy = self.policy.users.get(login);
        proposals.extend(policy.and_then(|policy| set_mfa(login, &policy.value, Some(user))));
        proposals
    }

    /// For somebody who is not in the state, or out of sight: an account with all that the
    /// policy gives it, or a refusal.
    fn additions(&mut self, orgs: &Orgs, listed: &Listed<'_>, login: &Login) -> Vec<Proposal> {
        let listings = listed.get(login).map_or(&[][..], Vec::as_slice);
        let policy = self.policy.users.get(login);
        let first = listings.first().map(|(_, member)| &member.place);
        let Some(source) = first.or(policy.map(|policy| &policy.place)) else { return Vec::new() };
        let Some(new_id) = self.options.create_users.as_mut() else {
            let refusal = Refusal::new(RefusalCode::NotFound, login, format!("no user {login}"))
                .command(format!("user find {login}"))
                .words("let the policy add missing users: --create-users");
            let missing = Some(Missing::User(login.clone()));
            self.refusals.push(Refused { source: source.clone(), refusal, missing });
            return Vec::new();
        };
        let id = new_id(login);
        let mut listings = listings.iter().copied().filter(|(org, _)| orgs.contains_key(*org));
        let first = listings.next();
        let source = first.map_or(source, |(_, policy)| &policy.place);
        let mut proposals = vec![add_user(login, id, first, source)];
        for (number, (org, policy)) in first.into_iter().chain(listings).enumerate() {
            let seat = Seat { login, org, now: self.context.now };
            proposals.extend((number > 0).then(|| seat.join(policy)));
            let rule = policy.value.opt_out.as_ref();
            proposals.extend(rule.and_then(|rule| seat.opt_out(rule, None)));
        }
        proposals.extend(policy.and_then(|policy| set_mfa(login, &policy.value, None)));
        proposals
    }

    /// Loads what the rules ask for when they judge the changes.
    fn load_needs<F: Facts>(
        &mut self,
        facts: &F,
        orgs: &Orgs,
        people: &Differing,
    ) -> Result<(), F::Error> {
        // The orgs of users who are in the scope already are still to be loaded.
        let mut needs = Needs { users: people.keys().cloned().collect(), ..Needs::default() };
        let users = people.iter().map(|(login, person)| (login.clone(), person.before.clone()));
        self.scope.users.append(&mut users.collect());
        for proposal in people.values().flat_map(|person| &person.proposals) {
            let Needs { orgs, keys, .. } = proposal.change.needs();
            needs.orgs.extend(orgs);
            needs.keys.extend(keys);
        }
        needs.orgs.retain(|org| !orgs.contains_key(org));
        facts.load(&needs, &mut self.scope)?;
        for proposal in orgs.values().flat_map(|org| &org.proposals) {
            let admins_of = proposal.change.needs().admins_of;
            if admins_of.is_some() {
                facts.load(&Needs { admins_of, ..Needs::default() }, &mut self.scope)?;
            }
        }
        Ok(())
    }

    /// Makes the changes of people.
    fn change_people(&mut self, people: &mut Differing, orgs: &Orgs) -> Vec<ChangeRow> {
        let mut rows = Vec::new();
        for person in people.values_mut() {
            for mut proposal in std::mem::take(&mut person.proposals) {
                let Some(objects) = self.judge(&proposal) else { continue };
                if let [Object::User { before: Some(before), after: Some(after), .. }] =
                    &objects[..]
                    && proposal.decides
                {
                    let org = proposal.row.org.as_ref();
                    proposal.row.people = self.turned(before, after, org, orgs);
                }
                let row = proposal.judged();
                person.order = row.class.order().min(person.order);
                rows.push(row);
            }
        }
        rows
    }

    /// Whose answers a change of one person turns, in one org or in all.
    fn turned(&self, before: &User, after: &User, org: Option<&OrgId>, orgs: &Orgs) -> People {
        let now = self.context.now;
        let concerned: Vec<&OrgId> = match org {
            Some(org) => vec![org],
            None => after.memberships.keys().collect(),
        };
        let (mut answers, mut after_grace) = (Vec::new(), Vec::new());
        for id in concerned {
            let outside = || {
                let org = self.scope.orgs.get(id)?.as_ref()?;
                Some((org, instants(now, [org])))
            };
            let named = orgs.get(id).map(|org| (org.loosened(), org.instants.clone()));
            if let Some((org, instants)) = named.or_else(outside) {
                let turn = |at| (answer(before, id, org, at), answer(after, id, org, at));
                answers.extend(instants.into_iter().map(turn));
                after_grace.extend(grace_end(after, id, org, now).map(turn));
            }
        }
        let mut people = People::default();
        people.count(None, answers.into_iter(), after_grace.into_iter());
        people
    }

    /// Counts everybody who was to be changed, as before the plan and after it.
    fn count_changed(&self, people: &Differing, orgs: &mut Orgs) {
        for (login, person) in people {
            let (before, after) = (person.before.as_deref(), self.scope.user(login));
            let users = [before, after].into_iter().flatten();
            let ids: BTreeSet<&OrgId> = users.flat_map(|user| user.memberships.keys()).collect();
            for id in ids {
                let Some(changes) = orgs.get_mut(id) else { continue };
                changes.count(id, login, before, after);
                changes.figures.enrolled_admins += u64::from(is_enrolled_admin(after, id));
                changes.figures.enrolled_admins -= u64::from(is_enrolled_admin(before, id));
            }
        }
    }

    /// Refuses enforcement under which no administrator of an org could sign in, once it is
    /// known who administers it after the plan.
    fn refuse_without_admins(&mut self, orgs: &Orgs) {
        for (id, changes) in orgs {
            let Some(admins) = self.scope.admins.get(id) else { continue };
            let enforced = changes.steps().filter(|(p, _)| p.row.action == Action::OrgEnforce);
            let locked = enforced.filter_map(|(proposal, org)| {
                let refusal = locks_admins_out(id, org, admins, self.context.now)?;
                Some(Refused { source: proposal.source.clone(), refusal, missing: None })
            });
            self.refusals.extend(locked);
        }
    }

    /// Records the policies as applied, where they are not yet; what is kept of people.
    fn adopt<F: Facts>(&mut self, facts: &F, plan: &mut Plan) -> Result<Vec<Object>, F::Error> {
        let mut owned = Vec::new();
        for Adoption { source, change, people } in adoptions(self.policy, &self.scope, facts)? {
            match apply(&change, &mut self.scope, &self.context) {
                Ok(outcome) if outcome.changed() => {
                    plan.adoptions += 1;
                    let is_owned = |object: &Object| matches!(object, Object::Owned { .. });
                    owned.extend(outcome.objects.into_iter().filter(is_owned));
                    owned.extend(people);
                }
                Ok(_) => {}
                Err(refusal) => self.refuse(source, refusal),
            }
        }
        Ok(owned)
    }

    /// Puts rows and objects in their order.
    fn assemble(
        &mut self,
        plan: &mut Plan,
        orgs: Orgs,
        mut people_rows: Vec<ChangeRow>,
        people: Differing,
        adopted: Vec<Object>,
    ) {
        let policies = self.policy.orgs.values();
        plan.unmanaged.fields = policies.map(|org| orgs::unmanaged(&org.value)).sum();
        plan.concerned.extend(self.policy.orgs.keys().cloned());
        let mut objects: Vec<(u8, Object)> = Vec::new();
        let mut tightening = Vec::new();
        for (id, changes) in orgs {
            let before = changes.added.is_none().then(|| changes.first().clone());
            let (loosens, tightens): (Vec<Proposal>, Vec<Proposal>) =
                changes.proposals.into_iter().partition(Proposal::loosens);
            let mut rows: Vec<ChangeRow> = changes.added.into_iter().collect();
            rows.extend(loosens.into_iter().map(Proposal::judged));
            let later: Vec<ChangeRow> = tightens.into_iter().map(Proposal::judged).collect();
            let order = rows.iter().chain(&later).map(|row| row.class.order()).min();
            let after = self.scope.orgs.remove(&id).flatten();
            if before != after {
                let order = order.unwrap_or(ChangeClass::Neutral.order());
                objects.push((order, Object::org(&id, before.as_ref(), after)));
            }
            plan.changes.append(&mut rows);
            tightening.extend(later);
            plan.orgs.insert(id, changes.figures);
        }
        plan.changes.append(&mut people_rows);
        plan.changes.append(&mut tightening);
        for row in &plan.changes {
            if let Some(figures) = row.org.as_ref().and_then(|org| plan.orgs.get_mut(org)) {
                figures.changes += 1;
                figures.removals += u64::from(row.action == Action::UserLeave);
            }
        }
        for (login, Person { before, order, .. }) in people {
            let after = self.scope.users.remove(&login).flatten();
            if before != after {
                let orgs = before.iter().flat_map(|user| user.memberships.keys());
                orgs.for_each(|org| {
                    if !plan.concerned.contains(org) {
                        plan.concerned.insert(org.clone());
                    }
                });
                objects.push((order, Object::User { login, before, after }));
            }
        }
        objects.extend(adopted.into_iter().map(|object| (ChangeClass::Neutral.order(), object)));
        objects.sort_by_key(|(order, _)| *order);
        plan.objects = objects.into_iter().map(|(_, object)| object).collect();
    }
}

/// Whether somebody administers `org` and can sign in with a second factor.
fn is_enrolled_admin(user: Option<&User>, org: &OrgId) -> bool {
    user.is_some_and(|user| {
        user.is_active_admin_of(org) && (user.enrolment.current.is_some() || user.is_sso())
    })
}
