//! Keeping what was applied: which entries of the policies kept so far differ.

use std::collections::BTreeMap;

use super::super::model::Policy;
use super::super::owned::{self, Digester};
use super::super::problem::{Located, Place};
use super::Facts;
use crate::domain::change::AdoptPolicy;
use crate::domain::ids::Login;
use crate::domain::model::{OwnedText, PolicyOf};
use crate::domain::outcome::Object;
use crate::domain::scope::Scope;

/// What is to be kept of `policy`: of each org that is there, and of people; each
/// with its place.
pub(super) fn changes<'p, F: Facts>(
    policy: &'p Policy,
    scope: &Scope,
    facts: &mut F,
) -> Result<Vec<(&'p Place, AdoptPolicy)>, F::Error> {
    let mut changes = Vec::new();
    for (id, org) in &policy.orgs {
        let Some(Some(there)) = scope.orgs.get(id) else { continue };
        let kept = there.policy.as_ref().map(|applied| applied.digest.as_str());
        let (of, fields) = (PolicyOf::Org(id.clone()), owned::settings(&org.value));
        let change = change(of, fields, kept, &org.value.members, owned::member, facts)?;
        changes.extend(change.map(|change| (&org.place, change)));
    }
    if let Some(place) = &policy.people {
        let fields = BTreeMap::new();
        let change = change(PolicyOf::People, fields, None, &policy.users, owned::user, facts)?;
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
    facts: &mut F,
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
    let mut put = |entry: String, before: Option<OwnedText>, after: Option<OwnedText>| {
        if before != after {
            changed.push(Object::Owned { policy: of.clone(), entry, before, after });
        }
    };
    for (login, text) in people.keys().zip(texts) {
        put(login.to_string(), were.remove(login.as_str()), Some(text));
    }
    were.into_iter().for_each(|(entry, before)| put(entry, Some(before), None));
    Ok(Some(AdoptPolicy { policy: of, digest, fields, head, people: changed }))
}
