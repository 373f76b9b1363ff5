//! One org for `org show`, and a row of `org list`. Both name their fields alike.

use serde::Serialize;

use crate::domain::ids::{OrgId, ReasonCode, Service, Text};
use crate::domain::model;
use crate::domain::model::{Approval, OptOutPolicy, Org, Role, Switch};
use crate::domain::time::{Span, Time};
use crate::report::format::text::{dash, names};
use crate::report::{Cell, CsvRecord, Human, Page, Row, Style};

/// One org with all its settings.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct OrgReport {
    /// Its id.
    pub id: OrgId,
    /// The name in words.
    pub name: Option<Text>,
    /// Whether it enforces MFA (from `enforcement_from` on).
    pub enforcement: Switch,
    /// From when.
    pub enforcement_from: Option<Time>,
    /// The operator who switched it last.
    pub enforcement_by: Option<String>,
    /// When it was switched last.
    pub enforcement_at: Option<Time>,
    /// Why.
    pub enforcement_message: Option<Text>,
    /// Days in which members without an enrolment may go on without.
    pub grace_days: u32,
    /// From when these count.
    pub grace_from: Option<Time>,
    /// Whether members may be opted out.
    pub opt_out: OptOutPolicy,
    /// The longest opt-out, if the org sets one.
    pub opt_out_max: Option<Span>,
    /// Roles that always need MFA.
    pub mandated_roles: Vec<Role>,
    /// Services that exceptions may be limited to.
    pub services: Vec<Service>,
    /// The longest short exception.
    pub short_max: Span,
    /// The longest long exception.
    pub long_max: Span,
    /// How many short ones a user may be granted in 30 days.
    pub short_per_30_days: Option<u32>,
    /// Whether long ones need a second operator.
    pub approval: Approval,
    /// Reason codes of its own.
    pub added_reasons: Vec<AddedReasonReport>,
    /// Reason codes that it switched off.
    pub reasons_off: Vec<ReasonCode>,
    /// The revision that the answer is of.
    pub rev: u64,
}

/// A reason code of the org's own.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct AddedReasonReport {
    /// The code.
    pub code: ReasonCode,
    /// Which kind of exception it justifies.
    pub kind: model::ExceptionKind,
    /// The code of the follow-up.
    pub follow_up: Option<&'static str>,
}

impl OrgReport {
    /// The org `id` in revision `rev`.
    pub fn new(id: &OrgId, org: &Org, rev: u64) -> OrgReport {
        let (enforcement, rules) = (&org.enforcement, &org.exceptions);
        let added = rules.added_reasons.iter().map(|(code, reason)| AddedReasonReport {
            code: code.clone(),
            kind: reason.kind,
            follow_up: reason.follow_up.code(),
        });
        OrgReport {
            id: id.clone(),
            name: org.name.clone(),
            enforcement: enforcement.state,
            enforcement_from: enforcement.from,
            enforcement_by: enforcement.by.clone(),
            enforcement_at: enforcement.at,
            enforcement_message: enforcement.message.clone(),
            grace_days: org.grace_days,
            grace_from: org.grace_from,
            opt_out: org.opt_out,
            opt_out_max: org.opt_out_max,
            mandated_roles: org.mandated_roles.iter().copied().collect(),
            services: org.services.iter().cloned().collect(),
            short_max: rules.cap(model::ExceptionKind::Short),
            long_max: rules.cap(model::ExceptionKind::Long),
            short_per_30_days: rules.short_per_30_days,
            approval: rules.approval,
            added_reasons: added.collect(),
            reasons_off: rules.reasons_off.iter().cloned().collect(),
            rev,
        }
    }
}

fn enforcement(state: Switch, from: Option<Time>, style: &Style) -> String {
    match (state, from) {
        (Switch::On, Some(from)) => format!("on from {}", style.time(from)),
        (state, _) => state.as_str().to_owned(),
    }
}

impl Human for OrgReport {
    fn page(&self, style: &Style) -> Page {
        let name = self.name.as_ref().map(|name| format!("  {name}")).unwrap_or_default();
        let short_limit = self.short_per_30_days.map(|n| format!(", {n} in 30 days"));
        let added = self.added_reasons.iter().map(|r| format!("{} ({})", r.code, r.kind.as_str()));
        Page::new()
            .title(format!("{}{name}", self.id))
            .field("enforcement", enforcement(self.enforcement, self.enforcement_from, style))
            .maybe("  switched by", self.enforcement_by.as_ref())
            .maybe("  switched at", self.enforcement_at.map(|at| style.time(at)))
            .maybe("  because", self.enforcement_message.as_ref())
            .field("grace", format!("{} days", self.grace_days))
            .maybe("  counted from", self.grace_from.map(|at| style.time(at)))
            .field("opt-outs", self.opt_out.as_str())
            .maybe("  at most", self.opt_out_max.map(Span::words))
            .field("mandated roles", names(self.mandated_roles.iter().map(|role| role.as_str())))
            .field("services", names(&self.services))
            .field(
                "short exceptions",
                format!("{} at most{}", self.short_max, short_limit.unwrap_or_default()),
            )
            .field("long exceptions", format!("{} at most", self.long_max))
            .field("approval", self.approval.as_str())
            .field("reasons added", names(added))
            .field("reasons off", names(&self.reasons_off))
            .field("revision", self.rev.to_string())
    }
}

/// One org in a list.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct OrgRow {
    /// Its id.
    pub id: OrgId,
    /// The name in words.
    pub name: Option<Text>,
    /// Whether it enforces MFA (from `enforcement_from` on).
    pub enforcement: Switch,
    /// From when.
    pub enforcement_from: Option<Time>,
    /// Days in which members without an enrolment may go on without.
    pub grace_days: u32,
    /// Whether members may be opted out.
    pub opt_out: OptOutPolicy,
    /// Roles that always need MFA.
    pub mandated_roles: Vec<Role>,
    /// Services that exceptions may be limited to.
    pub services: Vec<Service>,
}

impl OrgRow {
    /// The row of `id`.
    pub fn new(id: &OrgId, org: &Org) -> OrgRow {
        OrgRow {
            id: id.clone(),
            name: org.name.clone(),
            enforcement: org.enforcement.state,
            enforcement_from: org.enforcement.from,
            grace_days: org.grace_days,
            opt_out: org.opt_out,
            mandated_roles: org.mandated_roles.iter().copied().collect(),
            services: org.services.iter().cloned().collect(),
        }
    }
}

impl CsvRecord for OrgRow {
    const HEADER: &'static [&'static str] = &[
        "id",
        "name",
        "enforcement",
        "enforcement_from",
        "grace_days",
        "opt_out",
        "mandated_roles",
        "services",
    ];
}

impl Row for OrgRow {
    fn cells(&self, style: &Style) -> Vec<Cell> {
        vec![
            Cell::id("ORG", &self.id),
            Cell::text("NAME", dash(&self.name)),
            Cell::time("ENFORCEMENT", enforcement(self.enforcement, self.enforcement_from, style)),
            Cell::number("GRACE", format!("{}d", self.grace_days)).optional(),
            Cell::id("OPT-OUT", self.opt_out.as_str()).optional(),
            Cell::names("MANDATED", names(self.mandated_roles.iter().map(|role| role.as_str())))
                .optional(),
        ]
    }
}
