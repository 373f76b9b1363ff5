//! Granting or requesting an exception.

use std::collections::{BTreeMap, BTreeSet};

use crate::domain::ids::{Evidence, FileName, Login, OrgId, ReasonCode, Service, Text};
use crate::domain::model::{Channel, ExceptionKind, Term};
use crate::domain::time::Time;

/// Grants an exception, or requests one where the operator may only do that or
/// a second person is wanted.
#[derive(Debug, Clone)]
pub struct Grant {
    /// For whom.
    pub login: Login,
    /// Short or long.
    pub kind: ExceptionKind,
    /// The orgs to cover; empty: those of the user's orgs in which the operator may grant it.
    pub orgs: BTreeSet<OrgId>,
    /// The services to cover (R17); none: all.
    pub services: Option<BTreeSet<Service>>,
    /// When it starts; at once where none is given.
    pub starts: Option<Time>,
    /// How long it lasts; the longest allowed where none is given.
    pub length: Option<Term>,
    /// The reason.
    pub reason: ReasonCode,
    /// A note in words.
    pub note: Option<Text>,
    /// Evidence (R15).
    pub evidence: BTreeSet<Evidence>,
    /// What the files among it were called, by their hash.
    pub evidence_names: BTreeMap<Evidence, FileName>,
    /// How the request came (R16); by default the helpdesk telephone for short, the shared mailbox for long ones.
    pub channel: Option<Channel>,
    /// Who asked for it; by default the user.
    pub requested_by: Option<Text>,
    /// Ends what it overlaps with.
    pub replace: bool,
    /// Goes on although the user never registered a method; always waits for approval.
    pub unenrolled_ok: bool,
    /// Only requests it.
    pub request_only: bool,
}
