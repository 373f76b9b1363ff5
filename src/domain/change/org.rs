//! Orgs: adding, settings, removing.

use std::collections::BTreeSet;

use super::{Change, Context, invalid, seen_org};
use crate::domain::ids::{OperatorName, OrgId, ReasonCode, Service, Text};
use crate::domain::model::{
    AddedReason, Approval, Enforcement, ExceptionKind, ExceptionPolicy, OperatorRole, OptOutPolicy,
    Org, Role,
};
use crate::domain::outcome::{Object, Outcome, TakesEffect};
use crate::domain::reasons;
use crate::domain::refusal::{Refusal, RefusalCode};
use crate::domain::rights::Act;
use crate::domain::scope::{Needs, Scope};
use crate::domain::time::Span;

/// The longest grace an org may give: ten years of days keep every deadline a date.
pub const LONGEST_GRACE_DAYS: u32 = 3_650;

/// Refuses too long a grace.
pub(super) fn check_grace(id: &OrgId, days: Option<u32>) -> Result<(), Refusal> {
    match days {
        Some(days) if days > LONGEST_GRACE_DAYS => {
            Err(invalid(id, format!("{days} days of grace are more than {LONGEST_GRACE_DAYS}")))
        }
        _ => Ok(()),
    }
}

/// Adds an org, with the settings of an [`EditOrg`].
#[derive(Debug, Clone)]
pub struct AddOrg {
    /// Its id.
    pub id: OrgId,
    /// Its settings, as far as they are not the default ones.
    pub settings: EditOrg,
}

/// Changes settings of an org; what is `None` or empty stays.
#[derive(Debug, Clone, Default)]
pub struct EditOrg {
    /// Which org; not looked at in [`AddOrg`].
    pub id: Option<OrgId>,
    /// Its name in words.
    pub name: Option<Text>,
    /// Whether members may be opted out.
    pub opt_out: Option<OptOutPolicy>,
    /// The longest opt-out; `Some(None)` takes that limit away.
    pub opt_out_max: Option<Option<Span>>,
    /// Roles to mandate.
    pub mandate: Vec<Role>,
    /// Roles to mandate no more.
    pub no_mandate: Vec<Role>,
    /// Services to add.
    pub services: Vec<Service>,
    /// Services to take away.
    pub no_services: Vec<Service>,
    /// Days of grace.
    pub grace_days: Option<u32>,
    /// Cap of short exceptions.
    pub short_max: Option<Span>,
    /// Cap of long exceptions.
    pub long_max: Option<Span>,
    /// How many short ones in 30 days.
    pub short_per_30_days: Option<u32>,
    /// Whether long ones need a second person.
    pub approval: Option<Approval>,
    /// Reasons to add or to take away.
    pub reasons: Vec<ReasonChange>,
    /// Caps to take away: then the product's lengths hold (R11).
    pub uncap: Vec<Cap>,
}

/// A cap of exceptions that an org may set.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Cap {
    /// The longest short exception.
    ShortMax,
    /// How many short ones in 30 days.
    ShortPer30Days,
    /// The longest long exception.
    LongMax,
}

/// A change of an org's reasons.
#[derive(Debug, Clone)]
pub enum ReasonChange {
    /// Adds a code, or switches a code of the product on again.
    Add(ReasonCode, AddedReason),
    /// Takes an added code away, or switches one of the product off.
    Remove(ReasonCode),
}

/// Takes an org out of the state.
#[derive(Debug, Clone)]
pub struct RemoveOrg {
    /// Which.
    pub id: OrgId,
}

impl RemoveOrg {
    /// A role that an operator keeps in an org that is gone would come back to
    /// life with the next org of that id.
    fn refuse_operators(&self, scope: &Scope) -> Result<(), Refusal> {
        let id = &self.id;
        let of_org = |role: &&OperatorRole| role.org() == Some(id);
        let held: Vec<(&OperatorName, &OperatorRole)> = scope
            .operators
            .operators
            .iter()
            .flat_map(|(name, o)| o.roles.iter().filter(of_org).map(move |role| (name, role)))
            .collect();
        if held.is_empty() {
            return Ok(());
        }
        let names: BTreeSet<&str> = held.iter().map(|(name, _)| name.as_str()).collect();
        let names: Vec<&str> = names.into_iter().collect();
        let message =
            format!("cannot remove {id}: operators have roles in it ({})", names.join(", "));
        let refusal = Refusal::new(RefusalCode::InUse, id, message);
        Err(held.iter().fold(refusal, |refusal, (name, role)| {
            refusal.command(format!("operator edit {name} --no-role {role}"))
        }))
    }
}

impl EditOrg {
    /// Refuses what no org may have: caps above R11's, too long a grace.
    fn check(&self, id: &OrgId) -> Result<(), Refusal> {
        for (cap, kind) in
            [(self.short_max, ExceptionKind::Short), (self.long_max, ExceptionKind::Long)]
        {
            if let Some(cap) = cap.filter(|cap| *cap > kind.longest()) {
                let (kind, longest) = (kind.as_str(), kind.longest());
                return Err(invalid(
                    id,
                    format!(
                        "a cap of {cap} for {kind} exceptions is above {longest}: an org's cap may only shorten"
                    ),
                ));
            }
            if cap == Some(Span::seconds(0)) {
                return Err(invalid(
                    id,
                    "a cap of 0s would allow no exception; use --short-per-30-days 0 for none",
                ));
            }
        }
        if self.opt_out_max == Some(Some(Span::seconds(0))) {
            let message = "a limit of 0s would allow no opt-out; use --opt-out deny for none";
            return Err(invalid(id, message));
        }
        check_grace(id, self.grace_days)
    }

    /// Reasons for long exceptions widen what an org may do: site-admins only.
    fn widens_long(&self) -> bool {
        self.reasons.iter().any(|change| match change {
            ReasonChange::Add(_, added) => added.kind == ExceptionKind::Long,
            ReasonChange::Remove(_) => false,
        })
    }

    fn apply(&self, org: &Org) -> Org {
        let mut org = org.clone();
        org.name = self.name.clone().or(org.name);
        org.opt_out = self.opt_out.unwrap_or(org.opt_out);
        org.opt_out_max = self.opt_out_max.unwrap_or(org.opt_out_max);
        org.mandated_roles.extend(&self.mandate);
        org.mandated_roles.retain(|role| !self.no_mandate.contains(role));
        org.services.extend(self.services.iter().cloned());
        org.services.retain(|service| !self.no_services.contains(service));
        org.grace_days = self.grace_days.unwrap_or(org.grace_days);
        let policy = &mut org.exceptions;
        policy.short_max = self.short_max.or(policy.short_max);
        policy.long_max = self.long_max.or(policy.long_max);
        policy.short_per_30_days = self.short_per_30_days.or(policy.short_per_30_days);
        policy.approval = self.approval.unwrap_or(policy.approval);
        for cap in &self.uncap {
            match cap {
                Cap::ShortMax => policy.short_max = None,
                Cap::ShortPer30Days => policy.short_per_30_days = None,
                Cap::LongMax => policy.long_max = None,
            }
        }
        for change in &self.reasons {
            apply_reason(policy, change);
        }
        org
    }
}

fn apply_reason(policy: &mut ExceptionPolicy, change: &ReasonChange) {
    match change {
        ReasonChange::Add(code, added) => {
            policy.reasons_off.remove(code);
            policy.added_reasons.remove(code);
            let built_in = reasons::built_in(code);
            let same =
                built_in.is_some_and(|b| b.kind == added.kind && b.follow_up == added.follow_up);
            if !same {
                policy.added_reasons.insert(code.clone(), added.clone());
            }
        }
        ReasonChange::Remove(code) => {
            policy.added_reasons.remove(code);
            if reasons::built_in(code).is_some() {
                policy.reasons_off.insert(code.clone());
            }
        }
    }
}

impl Change for AddOrg {
    fn needs(&self) -> Needs {
        Needs { orgs: [self.id.clone()].into(), ..Needs::default() }
    }

    fn decide(&self, scope: &Scope, context: &Context) -> Result<Outcome, Refusal> {
        let id = &self.id;
        context.actor.permit_site(Act::Orgs)?;
        if scope.org(id).is_some() {
            let message = format!("the org {id} is there already");
            return Err(
                Refusal::new(RefusalCode::Exists, id, message).command(format!("org show {id}"))
            );
        }
        self.settings.check(id)?;
        let plain = Org {
            name: None,
            enforcement: Enforcement::OFF,
            grace_days: 0,
            grace_from: None,
            opt_out: OptOutPolicy::Allow,
            mandated_roles: Default::default(),
            opt_out_max: None,
            services: Default::default(),
            exceptions: ExceptionPolicy::default(),
            policy: None,
        };
        let org = self.settings.apply(&plain);
        Ok(Outcome::done(
            "org.add",
            id,
            format!("the org {id} is added; it does not enforce MFA"),
            vec![Object::org(id, None, Some(org))],
        )
        .within([id.clone()])
        .effective(TakesEffect::Now))
    }
}

impl Change for EditOrg {
    fn needs(&self) -> Needs {
        Needs { orgs: self.id.iter().cloned().collect(), ..Needs::default() }
    }

    fn decide(&self, scope: &Scope, context: &Context) -> Result<Outcome, Refusal> {
        const ACTION: &str = "org.edit";
        let id = self.id.as_ref().ok_or_else(|| invalid("org", "no org is named"))?;
        let org = seen_org(scope, context, id)?;
        context.actor.permit(Act::OrgSettings, [id])?;
        if self.widens_long() {
            context.actor.permit_site(Act::Orgs)?;
        }
        self.check(id)?;
        let after = self.apply(org);
        if after == *org {
            let summary = format!("nothing of {id} is to be changed");
            return Ok(Outcome::unchanged(ACTION, id, summary).within([id.clone()]));
        }
        Ok(Outcome::done(
            ACTION,
            id,
            format!("the settings of {id} are changed"),
            vec![Object::org(id, Some(org), Some(after))],
        )
        .within([id.clone()]))
    }
}

impl Change for RemoveOrg {
    fn needs(&self) -> Needs {
        Needs { orgs: [self.id.clone()].into(), use_of: Some(self.id.clone()), ..Needs::default() }
    }

    fn decide(&self, scope: &Scope, context: &Context) -> Result<Outcome, Refusal> {
        let id = &self.id;
        let org = seen_org(scope, context, id)?;
        context.actor.permit_site(Act::Orgs)?;
        self.refuse_operators(scope)?;
        let used = scope.uses.get(id).copied().unwrap_or_default();
        if used.members + used.exceptions > 0 {
            let plural = |count| if count == 1 { "" } else { "s" };
            let (members, exceptions) = (used.members, used.exceptions);
            let message = format!(
                "cannot remove {id}: it has {members} member{} and {exceptions} open exception{}",
                plural(members),
                plural(exceptions),
            );
            let mut refusal = Refusal::new(RefusalCode::InUse, id, message);
            if used.members > 0 {
                refusal = refusal.command(format!("user list --org {id}"));
            }
            if used.exceptions > 0 {
                refusal = refusal.command(format!("exception list --all --org {id}"));
            }
            return Err(refusal);
        }
        Ok(Outcome::done(
            "org.remove",
            id,
            format!("the org {id} is removed"),
            vec![Object::org(id, Some(org), None)],
        )
        .within([id.clone()])
        .effective(TakesEffect::Now))
    }
}
