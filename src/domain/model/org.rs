//! Organisations: enforcement and the rules that an org sets for its members.

use std::collections::{BTreeMap, BTreeSet};

use serde::{Deserialize, Serialize};

use super::{Approval, ExceptionKind, FollowUp, Role, Switch, strict_map};
use crate::domain::ids::{ReasonCode, Service, Text};
use crate::domain::time::{Span, Time};

/// One organisation. Its id is the name of its file.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Org {
    /// The name in words.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub name: Option<Text>,
    /// Whether, and from when, the org enforces MFA (R1).
    pub enforcement: Enforcement,
    /// Days in which an unenrolled member may go on without, counted from `grace_from` or the joining.
    pub grace_days: u32,
    /// The first start of enforcement that came or is scheduled; off and on again does not move it.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub grace_from: Option<Time>,
    /// Whether members may be opted out.
    pub opt_out: OptOutPolicy,
    /// Membership roles that always need MFA, opted out or not.
    #[serde(default, skip_serializing_if = "BTreeSet::is_empty")]
    pub mandated_roles: BTreeSet<Role>,
    /// The longest opt-out; none: any, and also one without an end.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub opt_out_max: Option<Span>,
    /// Services that an exception may be limited to (R17).
    #[serde(default, skip_serializing_if = "BTreeSet::is_empty")]
    pub services: BTreeSet<Service>,
    /// Caps, approval and reasons of exceptions.
    #[serde(default, skip_serializing_if = "ExceptionPolicy::is_default")]
    pub exceptions: ExceptionPolicy,
    /// The last policy that was applied, if any was.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub policy: Option<AppliedPolicy>,
}

/// What is kept of an applied policy, to tell what was changed by hand since.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct AppliedPolicy {
    /// The SHA-256 of `fields`, in hexadecimal.
    pub digest: String,
    /// When it was applied.
    pub at: Time,
    /// By which operator.
    pub by: String,
    /// What it decides of the org, by field (`opt_out`); what is not there is not managed. What it
    /// decides of members is kept apart ([`super::PolicyOf`]).
    #[serde(default, deserialize_with = "strict_map::deserialize")]
    pub fields: BTreeMap<String, String>,
}

/// Whether an org enforces MFA.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Enforcement {
    /// On (from an instant) or off.
    pub state: Switch,
    /// Where on: from when, that instant included.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub from: Option<Time>,
    /// The operator who switched it last.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub by: Option<String>,
    /// When it was switched last.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub at: Option<Time>,
    /// Why.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub message: Option<Text>,
    /// Whether it was switched on although no administrator of the org would be let in.
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    pub forced: bool,
}

impl Enforcement {
    /// Off, and never switched.
    pub const OFF: Enforcement = Enforcement {
        state: Switch::Off,
        from: None,
        by: None,
        at: None,
        message: None,
        forced: false,
    };

    /// Whether it has begun at `at`.
    pub fn begun(&self, at: Time) -> bool {
        self.start().is_some_and(|from| from <= at)
    }

    /// Its start, past or to come; none where it is off.
    pub fn start(&self) -> Option<Time> {
        match self.state {
            Switch::On => Some(self.from.unwrap_or(Time::MIN)),
            Switch::Off => None,
        }
    }
}

/// Whether members may be opted out of MFA.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum OptOutPolicy {
    /// They may; the default.
    Allow,
    /// They may not while the org enforces; older opt-outs rest.
    Deny,
}

impl OptOutPolicy {
    /// The word in commands and files.
    pub fn as_str(self) -> &'static str {
        match self {
            OptOutPolicy::Allow => "allow",
            OptOutPolicy::Deny => "deny",
        }
    }
}

/// What an org sets for exceptions. Absent caps mean the longest lengths of R11.
#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct ExceptionPolicy {
    /// The longest short exception, at most 24 hours.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub short_max: Option<Span>,
    /// The longest long exception, at most 180 days.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub long_max: Option<Span>,
    /// How many short ones a user may be granted in 30 days.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub short_per_30_days: Option<u32>,
    /// Whether a long one needs a second person.
    #[serde(default, skip_serializing_if = "Approval::is_none")]
    pub approval: Approval,
    /// Reasons of the org's own.
    #[serde(
        default,
        deserialize_with = "strict_map::deserialize",
        skip_serializing_if = "BTreeMap::is_empty"
    )]
    pub added_reasons: BTreeMap<ReasonCode, AddedReason>,
    /// Codes of the product's list that the org switched off.
    #[serde(default, skip_serializing_if = "BTreeSet::is_empty")]
    pub reasons_off: BTreeSet<ReasonCode>,
}

impl ExceptionPolicy {
    fn is_default(&self) -> bool {
        *self == ExceptionPolicy::default()
    }

    /// The longest exception of `kind` in this org: its cap, at most R11's length.
    pub fn cap(&self, kind: ExceptionKind) -> Span {
        let own = match kind {
            ExceptionKind::Short => self.short_max,
            ExceptionKind::Long => self.long_max,
        };
        own.unwrap_or(kind.longest()).min(kind.longest())
    }
}

/// A reason that an org added.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct AddedReason {
    /// Which kind of exception it justifies.
    pub kind: ExceptionKind,
    /// What is to be done afterwards.
    #[serde(default, skip_serializing_if = "FollowUp::is_none")]
    pub follow_up: FollowUp,
}
