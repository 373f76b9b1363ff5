//! Logins of a policy that belonged to another account: who had them, and until when.

use std::collections::{BTreeMap, BTreeSet};

use serde_json::Value;

use crate::commands::sight::seen_owner;
use crate::domain::ids::{Login, OrgId, UserId};
use crate::domain::model::PolicyOf;
use crate::domain::refusal::Hint;
use crate::domain::rights::Actor;
use crate::domain::scope::Key;
use crate::domain::time::Time;
use crate::error::Result;
use crate::policy::Policy;
use crate::policy::plan::{Missing, Refused};
use crate::store::View;

/// The acts that take a login from an account.
const TAKING: [&str; 2] = ["user.rename", "user.remove"];

/// An account that had a login.
struct Former {
    login: Login,
    id: Option<UserId>,
    /// The login that it got instead; none where it was removed.
    to: Option<Login>,
    rev: u64,
}

impl Former {
    fn words(&self) -> String {
        match &self.to {
            Some(to) => format!("renamed to {to} at revision {}", self.rev),
            None => format!("removed at revision {}", self.rev),
        }
    }
}

/// Whether the actor may read what became of an account: as it is now or, where it was removed,
/// as it was then.
fn is_seen(view: &View, actor: &Actor, former: &Former, was: &Value) -> Result<bool> {
    if actor.reads_everything() {
        return Ok(true);
    }
    if let Some(id) = &former.id
        && view.owner(&Key::Id(id.clone()))?.is_some()
    {
        return Ok(seen_owner(view, actor, &Key::Id(id.clone()))?.is_some());
    }
    let orgs = was["memberships"].as_object().filter(|_| former.to.is_none());
    let mut orgs = orgs.into_iter().flat_map(|orgs| orgs.keys());
    Ok(orgs.any(|org| OrgId::parse(org).is_ok_and(|org| actor.sees_org(&org))))
}

/// The accounts in the actor's sight that lost one of these logins, not before `since`, newest
/// first.
fn former(
    view: &View,
    actor: &Actor,
    since: Option<Time>,
    is_wanted: impl Fn(&Login) -> bool,
) -> Result<Vec<Former>> {
    let mut found = Vec::new();
    for record in view.records() {
        let record = record?;
        if since.is_some_and(|since| record.at < since) {
            break;
        }
        if !TAKING.contains(&record.action.as_str()) {
            continue;
        }
        let (mut gone, mut came) = (None, None);
        for detail in record.details() {
            let detail = detail?;
            let Ok(login) = Login::parse(&detail.key) else { continue };
            match (detail.object.as_str(), detail.before.is_null(), detail.after.is_null()) {
                ("user", false, true) => gone = Some((login, detail.before)),
                ("user", true, false) => came = Some(login),
                _ => {}
            }
        }
        if let Some((login, user)) = gone.filter(|(login, _)| is_wanted(login)) {
            let id = user["id"].as_str().and_then(|id| UserId::parse(id).ok());
            let former = Former { login, id, to: came, rev: record.rev };
            if is_seen(view, actor, &former, &user)? {
                found.push(former);
            }
        }
    }
    Ok(found)
}

/// Notes about logins that mean another account now than when the policy was applied.
pub(super) fn used_again(view: &View, actor: &Actor, policy: &Policy) -> Result<Vec<String>> {
    let Some(since) = first_applied(view, policy)? else { return Ok(Vec::new()) };
    let is_listed = |login: &Login| {
        let mut orgs = policy.orgs.values();
        policy.users.contains_key(login) || orgs.any(|org| org.value.members.contains_key(login))
    };
    let (mut notes, mut seen) = (Vec::new(), BTreeSet::new());
    for former in former(view, actor, Some(since), is_listed)? {
        let user = view.user(&former.login)?.filter(|user| actor.sees(user));
        let Some(user) = user else { continue };
        let Some(id) = former.id.as_ref().filter(|id| **id != user.id) else { continue };
        if seen.insert(former.login.clone()) {
            notes.push(format!(
                "{} is another account (id:{}) than the one to which the policy was applied \
                 (id:{id}, {})",
                former.login,
                user.id,
                former.words()
            ));
        }
    }
    Ok(notes)
}

/// When the first of the policies was applied that the files speak of.
fn first_applied(view: &View, policy: &Policy) -> Result<Option<Time>> {
    let mut applied = Vec::new();
    for id in policy.orgs.keys() {
        applied.extend(view.org(id)?.and_then(|org| org.policy).map(|policy| policy.at));
    }
    if policy.people.is_some()
        && let Some(head) = view.owned(&PolicyOf::People)?.get(PolicyOf::HEAD)
    {
        let head: BTreeMap<String, String> = serde_json::from_str(head).unwrap_or_default();
        applied.extend(head.get("at").and_then(|at| Time::parse_rfc3339(at).ok()));
    }
    Ok(applied.into_iter().min())
}

/// Explains users who do not exist because they were renamed or removed: that is
/// more likely than that a policy should make another account of the old login.
pub(super) fn explain_missing(view: &View, actor: &Actor, refusals: &mut [Refused]) -> Result<()> {
    let mut missing: BTreeMap<Login, Vec<&mut Refused>> = BTreeMap::new();
    for refused in refusals {
        if let Some(Missing::User(login)) = &refused.missing {
            missing.entry(login.clone()).or_default().push(refused);
        }
    }
    if missing.is_empty() {
        return Ok(());
    }
    for former in former(view, actor, None, |login| missing.contains_key(login))?.iter().rev() {
        for refused in missing.get_mut(&former.login).into_iter().flatten() {
            let words = format!("{} was {}", former.login, former.words());
            refused.refusal.hints = vec![Hint::Words(words)];
            let now = former.to.as_ref().map(|to| Hint::Command(format!("user show {to}")));
            refused.refusal.hints.extend(now);
        }
    }
    Ok(())
}
