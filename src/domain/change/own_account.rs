//! Own account: nobody changes the account that is their own, nor their own operator entry.
//! Asked of every object that comes of a change, so that no verb can forget it; the rules
//! that name a user ask it earlier, for the order of refusals. The reserved names of operators
//! are refused here too.

use super::invalid;
use crate::domain::ids::OperatorName;
use crate::domain::model::{Enrolment, Operator, Operators, User};
use crate::domain::outcome::Object;
use crate::domain::refusal::Refusal;
use crate::domain::rights::Actor;

/// What a change may do to the account of whoever makes it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum OwnAccount {
    /// Nothing.
    Refused,
    /// Record what left the state; the account stays as it is.
    OnlyRecorded,
    /// Anything: the state is being made from a backup, and was nobody's before.
    Unasked,
}

/// Refuses the names that the audit uses for root and for the system. Only the OS user root may
/// be the operator `root`.
///
/// # Errors
/// `invalid`.
pub fn refuse_reserved(name: &OperatorName, operator: &Operator) -> Result<(), Refusal> {
    let (root, system) = (Actor::Root.name(), Actor::System.name());
    let is_root = operator.os_users.iter().all(|user| user.as_str() == root);
    if name.as_str() == system || (name.as_str() == root && !is_root) {
        let message = format!("an operator cannot be named {name}: the name is reserved");
        return Err(invalid(name, message));
    }
    Ok(())
}

/// Asks whether all that changes is somebody else's, and no operator gets a name of root's.
///
/// # Errors
/// `own-account`, for the first object that is not; `invalid`.
pub fn permit_others(
    objects: &[Object],
    own_account: OwnAccount,
    actor: &Actor,
    operators: &Operators,
) -> Result<(), Refusal> {
    for object in objects {
        if let Object::Operator { name, after: Some(operator), .. } = object {
            refuse_reserved(name, operator)?;
        }
    }
    if own_account == OwnAccount::Unasked {
        return Ok(());
    }
    for object in objects {
        match object {
            Object::User { login, before, after } => {
                let (before, after) = (before.as_deref(), after.as_deref());
                if own_account == OwnAccount::OnlyRecorded && only_exported(before, after) {
                    continue;
                }
                for user in before.into_iter().chain(after) {
                    actor.permit_other(login, user, operators)?;
                }
            }
            Object::Operator { name, before, after } => {
                if !sets_person_once(before.as_ref(), after.as_ref()) {
                    let entries = before.iter().chain(after);
                    actor.permit_other_entry(name, entries, operators)?;
                }
            }
            // What policies own of people, ends that came and settings of orgs change no
            // account; a secret is kept only for an account that changes.
            Object::Org { .. }
            | Object::Due { .. }
            | Object::Clock
            | Object::Secrets { .. }
            | Object::Owned { .. }
            | Object::Key
            | Object::State { .. } => {}
        }
    }
    Ok(())
}

/// Whether nothing differs but the record of exports.
fn only_exported(before: Option<&User>, after: Option<&User>) -> bool {
    let (Some(before), Some(after)) = (before, after) else { return false };
    let exports = before.enrolment.exports.clone();
    let enrolment = Enrolment { exports, ..after.enrolment.clone() };
    *before == User { enrolment, ..after.clone() }
}

/// Whether an entry without a linked account gets one, and nothing else of it changes: the
/// first operator, whom nobody else could link.
pub(super) fn sets_person_once(before: Option<&Operator>, after: Option<&Operator>) -> bool {
    let (Some(before), Some(after)) = (before, after) else { return false };
    before.person.is_none() && *after == Operator { person: after.person.clone(), ..before.clone() }
}
