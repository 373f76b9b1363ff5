//! Keeping what was applied: which entries of the policies kept so far differ.

use std::collections::BTreeMap;

use super::Facts;
use crate::domain::change::AdoptPolicy;
use crate::domain::ids::{Login, OrgId};
use crate::domain::model::{OwnedText, PolicyOf};
use crate::domain::outcome::Object;
use crate::domain::scope::Scope;
use crate::policy::applied;
use crate::policy::applied::Digester;
use crate::policy::model::Policy;
use crate::policy::problem::{Located, Place};

/// The digests of what is kept of the orgs that `policy` names and that are there.
pub(super) fn kept<'p>(policy: &'p Policy, scope: &Scope) -> BTreeMap<&'p OrgId, Option<String>> {
    let digest = |id| {
        let there = scope.orgs.get(id)?.as_ref()?;
        Some((id, there.policy.as_ref().map(|applied| applied.digest.clone())))
    };
    policy.orgs.keys().filter_map(digest).collect()
}

/// What is to be kept of `policy`: of each org that is there, where these digests are
/// kept, and of people; each with its place.
pub(super) fn changes<'p, F: Facts>(
    policy: &'p Policy,
    kept: &BTreeMap<&'p OrgId, Option<String>>,
    facts: &F,
) -> Result<Vec<(&'p Place, AdoptPolicy)>, F::Error> {
    let mut changes = Vec::new();
    for (id, org) in &policy.orgs {
        let Some(kept) = kept.get(id).map(Option::as_deref) else { continue };
        let (of, fields) = (PolicyOf::Org(id.clone()), applied::settings(&org.value));
        let change = change(of, fields, kept, &org.value.members, applied::member, facts)?;
        changes.extend(change.map(|change| (&org.place, change)));
    }
    if let Some(place) = &policy.people {
        let fields = BTreeMap::new();
        let change = change(PolicyOf::People, fields, None, &policy.users, applied::user, facts)?;
        changes.extend(change.map(|change| (place, change)));
    }
    Ok(changes)
}

fn change<F: Facts, T>(
    of: PolicyOf,
    fields: BTreeMap<String, String>,
    kept: Option<&str>,
    people: &BTreeMap<Login, Located<T>>,
    text: impl Fn(&T) -> OwnedText,
    facts: &F,
) -> Result<Option<AdoptPolicy>, F::Error> {
    let texts: Vec<OwnedText> = people.values().map(|one| text(&one.value)).collect();
    let mut digester = Digester::new(&fields);
    people.keys().zip(&texts).for_each(|(login, text)| digester.add(login.as_str(), text));
    let digest = digester.finish();
    if kept == Some(&*digest) {
        return Ok(None);
    }
    let mut were = facts.owned(&of)?;
    let head = were.remove(PolicyOf::HEAD);
    let mut changed = Vec::new();
    let mut put = |entry: &str, before: Option<OwnedText>, after: Option<OwnedText>| {
        if before != after {
            let entry = entry.to_owned();
            changed.push(Object::Owned { policy: of.clone(), entry, before, after });
        }
    };
    // Both come by login: nothing need be looked up.
    let mut were = were.into_iter().peekable();
    for (login, text) in people.keys().zip(texts) {
        while let Some((gone, before)) = were.next_if(|(entry, _)| **entry < *login.as_str()) {
            put(&gone, Some(before), None);
        }
        let before = were.next_if(|(entry, _)| *entry == login.as_str());
        put(login.as_str(), before.map(|(_, before)| before), Some(text));
    }
    were.for_each(|(gone, before)| put(&gone, Some(before), None));
    Ok(Some(AdoptPolicy { policy: of, digest, fields, head, people: changed }))
}
