//! The reasons for exceptions (R13–R15), the product's and those that orgs add.

use std::collections::{BTreeMap, BTreeSet};

use super::ids::{OrgId, ReasonCode};
use super::model::{ExceptionKind, FollowUp, Org};

/// One reason.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Reason {
    /// Which kind of exception it justifies.
    pub kind: ExceptionKind,
    /// What is to be done afterwards (R14).
    pub follow_up: FollowUp,
    /// Whether a note in words is mandatory (R14: `other`).
    pub note_mandatory: bool,
}

const fn reason(kind: ExceptionKind, follow_up: FollowUp) -> Reason {
    Reason { kind, follow_up, note_mandatory: false }
}

/// The product's list: short ones by R13 and R14, long ones by R15.
pub const BUILT_IN: [(&str, Reason, &str); 8] = [
    (
        "phone-lost-or-stolen",
        reason(ExceptionKind::Short, FollowUp::ReEnrolWhenReplaced),
        "the phone is lost or stolen",
    ),
    (
        "phone-misplaced",
        reason(ExceptionKind::Short, FollowUp::ReEnrolWhenFound),
        "the phone is misplaced",
    ),
    (
        "no-signal",
        reason(ExceptionKind::Short, FollowUp::None),
        "for a while at a place without signal or internet",
    ),
    (
        "notification-trouble",
        reason(ExceptionKind::Short, FollowUp::ContactAgain),
        "trouble receiving notifications",
    ),
    (
        "other",
        Reason { kind: ExceptionKind::Short, follow_up: FollowUp::None, note_mandatory: true },
        "other, at the helpdesk's discretion; needs a note",
    ),
    ("accessibility", reason(ExceptionKind::Long, FollowUp::Review), "accessibility"),
    (
        "clinical-risk",
        reason(ExceptionKind::Long, FollowUp::Review),
        "disproportionate clinical risk",
    ),
    (
        "secure-location",
        reason(ExceptionKind::Long, FollowUp::Review),
        "persistent work in a secure location",
    ),
];

/// What `code` means in one org: its own reasons first, then the product's that it did not switch off.
/// A note that the product makes mandatory stays so (R14).
pub fn find(org: &Org, code: &ReasonCode) -> Option<Reason> {
    if let Some(added) = org.exceptions.added_reasons.get(code) {
        let note_mandatory = built_in(code).is_some_and(|own| own.note_mandatory);
        return Some(Reason { note_mandatory, ..reason(added.kind, added.follow_up) });
    }
    if org.exceptions.reasons_off.contains(code) {
        return None;
    }
    built_in(code)
}

/// The product's reason of this code.
pub fn built_in(code: &ReasonCode) -> Option<Reason> {
    BUILT_IN.iter().find(|(name, ..)| *name == code.as_str()).map(|(_, reason, _)| *reason)
}

/// What `code` means where every one of `orgs` knows it for `kind`; otherwise the org that does not.
/// The strictest counts where orgs differ: a note is mandatory if one says so.
///
/// # Errors
/// The first org in which the code is no reason for this kind.
pub fn in_all<'a>(
    orgs: &BTreeMap<&'a OrgId, &Org>,
    kind: ExceptionKind,
    code: &ReasonCode,
) -> Result<Reason, &'a OrgId> {
    let mut found: Option<Reason> = None;
    for (id, org) in orgs {
        let here = find(org, code).filter(|reason| reason.kind == kind).ok_or(*id)?;
        found = Some(match found {
            None => here,
            Some(so_far) => Reason {
                note_mandatory: so_far.note_mandatory || here.note_mandatory,
                follow_up: if so_far.follow_up.is_none() {
                    here.follow_up
                } else {
                    so_far.follow_up
                },
                kind,
            },
        });
    }
    Ok(found.unwrap_or(reason(kind, FollowUp::None)))
}

/// The codes that justify `kind` in every one of `orgs`.
pub fn choices(orgs: &BTreeMap<&OrgId, &Org>, kind: ExceptionKind) -> Vec<String> {
    let built_in = BUILT_IN.iter().filter_map(|(code, ..)| ReasonCode::parse(code).ok());
    let added = orgs.values().flat_map(|org| org.exceptions.added_reasons.keys().cloned());
    let mut seen = BTreeSet::new();
    built_in
        .chain(added)
        .filter(|code| seen.insert(code.clone()))
        .filter(|code| in_all(orgs, kind, code).is_ok())
        .map(|code| code.to_string())
        .collect()
}
