//! Exceptions: a term in which no second factor is asked for (R11–R17).

use std::collections::{BTreeMap, BTreeSet};

use serde::{Deserialize, Serialize};

use super::membership::Membership;
use crate::domain::ids::{Evidence, FileName, OrgId, OsUser, ReasonCode, Service, Text, UserId};
use crate::domain::time::{Span, Time};

/// Short (helpdesk, 24 hours) or long (180 days, with evidence).
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum ExceptionKind {
    /// At most 24 hours (R11, R13).
    Short,
    /// At most 180 days (R11, R15).
    Long,
}

impl ExceptionKind {
    /// The word in commands and files.
    pub fn as_str(self) -> &'static str {
        match self {
            ExceptionKind::Short => "short",
            ExceptionKind::Long => "long",
        }
    }

    /// The longest length by R11.
    pub fn longest(self) -> Span {
        match self {
            ExceptionKind::Short => Span::SHORT,
            ExceptionKind::Long => Span::LONG,
        }
    }
}

/// One exception. Whether it is live is computed from the clock ([`Exception::status`]).
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Exception {
    /// Short or long.
    pub kind: ExceptionKind,
    /// The orgs covered, fixed at the grant, never none.
    pub orgs: BTreeSet<OrgId>,
    /// The services covered (R17); absent: all.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub services: Option<BTreeSet<Service>>,
    /// The code of the reason.
    pub reason: ReasonCode,
    /// What is to be done afterwards (R14), as the reason said at the grant.
    #[serde(default, skip_serializing_if = "FollowUp::is_none")]
    pub follow_up: FollowUp,
    /// A note in words.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub note: Option<Text>,
    /// Files by their hash, or URLs (R15).
    #[serde(default, skip_serializing_if = "BTreeSet::is_empty")]
    pub evidence: BTreeSet<Evidence>,
    /// What the files among them were called when they were handed in, by their hash.
    #[serde(default, skip_serializing_if = "BTreeMap::is_empty")]
    pub evidence_names: BTreeMap<Evidence, FileName>,
    /// How the request came (R16).
    pub channel: Channel,
    /// Who asked for it, in words (R16: it can be for a colleague).
    pub requested_by: Text,
    /// The operator who granted or requested it.
    pub recorded_by: Granter,
    /// When it was granted or requested.
    pub recorded_at: Time,
    /// Granted although the user never registered a method (R12 overridden).
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    pub unenrolled: bool,
    /// Requested while two persons were needed: a second one has to approve it, whatever the
    /// settings of the orgs are by then.
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    pub two_persons: bool,
    /// Where it waits for approval: the length that it will have.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub term: Option<Term>,
    /// Where it waits for approval: the numbers of those that end when it is approved.
    #[serde(default, skip_serializing_if = "BTreeSet::is_empty")]
    pub replaces: BTreeSet<u32>,
    /// The operator who approved it; absent while it is requested.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub approved_by: Option<String>,
    /// Start, itself part of it. While requested: the earliest start.
    pub starts_at: Time,
    /// End, not itself part of it. Absent while requested with a length.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub ends_at: Option<Time>,
    /// How it ended before its time, if it did.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub ended: Option<EarlyEnd>,
}

impl Exception {
    /// What it is at `at`.
    pub fn status(&self, at: Time) -> Status {
        match (&self.ended, self.ends_at) {
            (Some(EarlyEnd { how: EndedHow::Rejected, .. }), _) => Status::Rejected,
            // Also before the instant at which it was ended: the clock was ahead then.
            (Some(_), _) => Status::Revoked,
            _ if self.approved_by.is_none() => Status::Requested,
            _ if at < self.starts_at => Status::Scheduled,
            (_, Some(end)) if at < end => Status::Live,
            _ => Status::Expired,
        }
    }

    /// Whether it exempts at `at`.
    pub fn is_live(&self, at: Time) -> bool {
        self.status(at) == Status::Live
    }

    /// Whether it covers this org and service. A decision about no particular
    /// service is covered only by an exception for all services.
    pub fn covers(&self, org: &OrgId, service: Option<&Service>) -> bool {
        self.orgs.contains(org)
            && match &self.services {
                None => true,
                Some(services) => service.is_some_and(|service| services.contains(service)),
            }
    }

    /// Whether it was granted for this membership, and not for an earlier one of the same org.
    pub fn is_for(&self, membership: &Membership) -> bool {
        membership.joined_at <= self.recorded_at
    }

    /// The instant from which it exempts no more: its end, or when it was ended earlier.
    pub fn effective_end(&self) -> Option<Time> {
        match (&self.ended, self.ends_at) {
            (Some(ended), Some(end)) => Some(ended.at.min(end)),
            (Some(ended), None) => Some(ended.at),
            (None, end) => end,
        }
    }
}

/// Which operator, and who that is: persons and OS users are compared, not operator names.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Granter {
    /// The operator's name.
    pub operator: String,
    /// The user id of the operator's person, if the operator had one.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub person: Option<UserId>,
    /// The OS users that were this operator: one OS user is one person, whatever becomes of
    /// the entry.
    #[serde(default, skip_serializing_if = "BTreeSet::is_empty")]
    pub os_users: BTreeSet<OsUser>,
}

/// What an exception is at an instant.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Status {
    /// Waits for approval.
    Requested,
    /// Approval was refused.
    Rejected,
    /// Approved, its start is ahead.
    Scheduled,
    /// Exempts.
    Live,
    /// Its end has come.
    Expired,
    /// Ended by an operator before its end.
    Revoked,
}

impl Status {
    /// The word in commands and files.
    pub fn as_str(self) -> &'static str {
        match self {
            Status::Requested => "requested",
            Status::Rejected => "rejected",
            Status::Scheduled => "scheduled",
            Status::Live => "live",
            Status::Expired => "expired",
            Status::Revoked => "revoked",
        }
    }
}

/// The length of an exception that waits for approval.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Term {
    /// Counts from the later of start and approval.
    For(Span),
    /// A fixed end.
    Until(Time),
}

/// An end before the time.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct EarlyEnd {
    /// How.
    pub how: EndedHow,
    /// By which operator.
    pub by: String,
    /// When.
    pub at: Time,
    /// Why.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub message: Option<Text>,
}

/// How an exception ended before its time.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum EndedHow {
    /// An operator revoked it, or replaced it by another.
    Revoked,
    /// Its approval was refused.
    Rejected,
}

/// The channel that a request came through (R16).
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Channel {
    /// The helpdesk telephone: the default for short ones.
    Phone,
    /// The site's shared mailbox: the default for long ones.
    SharedMailbox,
    /// An e-mail from elsewhere.
    Email,
    /// A portal.
    Portal,
    /// In person.
    InPerson,
}

impl Channel {
    /// The word in commands and files.
    pub fn as_str(self) -> &'static str {
        match self {
            Channel::Phone => "phone",
            Channel::SharedMailbox => "shared-mailbox",
            Channel::Email => "email",
            Channel::Portal => "portal",
            Channel::InPerson => "in-person",
        }
    }
}

/// Whether an org wants a second person for long exceptions.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Approval {
    /// Whoever may grant, grants.
    #[default]
    None,
    /// Somebody other than the requester approves.
    TwoPerson,
}

impl Approval {
    /// Whether no second person is wanted.
    pub fn is_none(&self) -> bool {
        *self == Approval::None
    }

    /// The word in commands and files.
    pub fn as_str(self) -> &'static str {
        match self {
            Approval::None => "none",
            Approval::TwoPerson => "two-person",
        }
    }
}

/// What is to be done after an exception (R14).
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum FollowUp {
    /// Nothing.
    #[default]
    None,
    /// Enrol again.
    ReEnrol,
    /// Enrol again when the phone is replaced.
    ReEnrolWhenReplaced,
    /// Enrol again when the phone is found or replaced.
    ReEnrolWhenFound,
    /// Contact the helpdesk again if it goes on; may have to enrol again.
    ContactAgain,
    /// Review before the end.
    Review,
}

impl FollowUp {
    /// Whether nothing is to be done.
    pub fn is_none(&self) -> bool {
        *self == FollowUp::None
    }

    /// Whether the user must enrol again afterwards.
    pub fn re_enrols(self) -> bool {
        matches!(self, Self::ReEnrol | Self::ReEnrolWhenReplaced | Self::ReEnrolWhenFound)
    }

    /// The word in commands and files; `None` where nothing is to be done.
    pub fn code(self) -> Option<&'static str> {
        match self {
            FollowUp::None => None,
            FollowUp::ReEnrol => Some("re-enrol"),
            FollowUp::ReEnrolWhenReplaced => Some("re-enrol-when-replaced"),
            FollowUp::ReEnrolWhenFound => Some("re-enrol-when-found"),
            FollowUp::ContactAgain => Some("contact-again"),
            FollowUp::Review => Some("review"),
        }
    }

    /// The same in words, for the user or whoever speaks to them.
    pub fn words(self) -> Option<&'static str> {
        match self {
            FollowUp::None => None,
            FollowUp::ReEnrol => Some("enrol again afterwards"),
            FollowUp::ReEnrolWhenReplaced => Some("enrol again when the phone is replaced"),
            FollowUp::ReEnrolWhenFound => Some("enrol again when the phone is found or replaced"),
            FollowUp::ContactAgain => {
                Some("contact the helpdesk again if it goes on; may have to enrol again")
            }
            FollowUp::Review => Some("review before the end"),
        }
    }
}
