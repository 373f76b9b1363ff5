//! What is recorded when a policy is applied: the entries that differ from those kept so far.

use std::collections::BTreeMap;

use super::Facts;
use crate::domain::change::AdoptPolicy;
use crate::domain::model::{OwnedText, PolicyOf};
use crate::domain::outcome::Object;
use crate::domain::scope::Scope;
use crate::policy::applied_format;
use crate::policy::model::Policy;
use crate::policy::problem::Place;

/// A policy that is to be recorded as applied.
pub(super) struct Adoption<'p> {
    pub(super) source: &'p Place,
    pub(super) change: AdoptPolicy,
    /// The entries of people that differ from those kept.
    pub(super) people: Vec<Object>,
}

/// The policies of orgs in `scope`, and the one for people, that are not recorded as they are.
pub(super) fn adoptions<'p, F: Facts>(
    policy: &'p Policy,
    scope: &Scope,
    facts: &F,
) -> Result<Vec<Adoption<'p>>, F::Error> {
    let mut adoptions = Vec::new();
    for (id, org) in &policy.orgs {
        let Some(current) = scope.org(id) else { continue };
        let kept = current.policy.as_ref().map(|applied| &*applied.digest);
        let (of, fields) = (PolicyOf::Org(id.clone()), applied_format::settings(&org.value));
        let entries = applied_format::members(&org.value.members);
        adoptions.extend(adoption(&org.place, of, fields, entries, kept, facts)?);
    }
    if let Some(source) = &policy.people {
        let (fields, entries) = (BTreeMap::new(), applied_format::users(&policy.users));
        adoptions.extend(adoption(source, PolicyOf::People, fields, entries, None, facts)?);
    }
    Ok(adoptions)
}

/// `kept` is the digest in the state; equal to the one of `fields` and `entries`, nothing is
/// to be recorded.
fn adoption<'p, F: Facts>(
    source: &'p Place,
    policy: PolicyOf,
    fields: BTreeMap<String, String>,
    entries: BTreeMap<String, OwnedText>,
    kept: Option<&str>,
    facts: &F,
) -> Result<Option<Adoption<'p>>, F::Error> {
    let digest = applied_format::digest(&fields, &entries);
    if kept == Some(&*digest) {
        return Ok(None);
    }
    let mut owned = facts.owned(&policy)?;
    let head = owned.remove(PolicyOf::HEAD);
    let mut both: BTreeMap<String, (Option<OwnedText>, Option<OwnedText>)> =
        owned.into_iter().map(|(entry, text)| (entry, (Some(text), None))).collect();
    for (entry, text) in entries {
        both.entry(entry).or_default().1 = Some(text);
    }
    let differing = both.into_iter().filter(|(_, (before, after))| before != after);
    let object =
        |(entry, (before, after))| Object::Owned { policy: policy.clone(), entry, before, after };
    let people = differing.map(object).collect();
    let change = AdoptPolicy { policy, digest, fields, head };
    Ok(Some(Adoption { source, change, people }))
}
