//! What a restore would change: a state as it is and as it was, object by object.

use std::collections::{BTreeMap, BTreeSet};
use std::ops::ControlFlow;

use serde_json::{Value, json};

use crate::domain::ids::{Login, UserId};
use crate::domain::model::{MethodKind, OwnedText, User};
use crate::domain::moved_out;
use crate::domain::outcome::Object;
use crate::error::{Error, Kind, Result};
use crate::secret::line::{SealedTotp, UserSecrets};
use crate::secret::ring::KeyRing;
use crate::store::{Sought, View};

/// How many names are given as examples.
const EXAMPLES: usize = 5;

/// What differs.
#[derive(Default)]
pub(super) struct Difference {
    /// The objects, as they are and as they are to be.
    pub(super) objects: Vec<Object>,
    /// Secrets that are to be others, or to go.
    pub(super) secrets: Vec<(Login, UserSecrets)>,
    /// The evidence that exceptions which come back name and the state does not hold.
    pub(super) evidence: Vec<Vec<u8>>,
    /// Users whose authenticator cannot come back: its secret is nowhere.
    pub(super) unenrolled: Vec<Login>,
    users: KindCount,
    orgs: KindCount,
    operators: KindCount,
    exceptions: usize,
}

/// How many of a kind, with the first of them.
#[derive(Default)]
struct KindCount {
    added: usize,
    changed: usize,
    removed: usize,
    first: Vec<String>,
}

impl KindCount {
    fn count(&mut self, name: &str, was: bool, is: bool) {
        match (was, is) {
            (false, _) => self.added += 1,
            (true, true) => self.changed += 1,
            (true, false) => self.removed += 1,
        }
        if self.first.len() < EXAMPLES {
            self.first.push(name.to_owned());
        }
    }

    fn all(&self) -> usize {
        self.added + self.changed + self.removed
    }

    fn value(&self) -> Value {
        json!({"added": self.added, "changed": self.changed, "removed": self.removed, "first": self.first})
    }

    fn words(&self, what: &str) -> String {
        let count = self.all();
        let s = if count == 1 { "" } else { "s" };
        let more = if count > self.first.len() { ", …" } else { "" };
        match count {
            0 => format!("no {what}"),
            _ => format!("{count} {what}{s} ({}{more})", self.first.join(", ")),
        }
    }
}

impl Difference {
    /// From what is `now` to what was `then`. `keys` open the secrets of the backup; none
    /// where it has none.
    pub(super) fn between(now: &View, then: &View, keys: Option<&KeyRing>) -> Result<Difference> {
        let mut difference = Difference::default();
        difference.of_operators(now, then)?;
        difference.of_orgs(now, then)?;
        difference.of_users(now, then, keys)?;
        difference.of_policies(now, then)?;
        Ok(difference)
    }

    /// Nothing but users whose secret did not come with the backup.
    pub(super) fn of_lost_secrets(restored: &View) -> Result<Difference> {
        let mut difference = Difference::default();
        restored.scan()?.for_each(|login, user| {
            let mut after = user.clone();
            if forget_lost(&mut after, &restored.secrets(login)?.unwrap_or_default()) {
                difference.unenrolled.push(login.clone());
                difference.objects.push(Object::user(login, Some(user), Some(after)));
            }
            Ok(ControlFlow::Continue(()))
        })?;
        Ok(difference)
    }

    /// Whether nothing differs.
    pub(super) fn is_empty(&self) -> bool {
        self.objects.is_empty() && self.secrets.is_empty() && self.evidence.is_empty()
    }

    /// In words, for the question.
    pub(super) fn words(&self) -> String {
        format!(
            "{}, {}, {} and {} exception{}",
            self.users.words("user"),
            self.orgs.words("org"),
            self.operators.words("operator"),
            self.exceptions,
            if self.exceptions == 1 { "" } else { "s" }
        )
    }

    /// As fields of a report.
    pub(super) fn value(&self) -> Value {
        json!({
            "users": self.users.value(),
            "orgs": self.orgs.value(),
            "operators": self.operators.value(),
            "exceptions": self.exceptions,
        })
    }

    fn of_operators(&mut self, now: &View, then: &View) -> Result<()> {
        let (is, was) = (now.operators()?.operators, then.operators()?.operators);
        let names: BTreeSet<_> = is.keys().chain(was.keys()).collect();
        for name in names {
            let (before, after) = (is.get(name), was.get(name));
            if before != after {
                self.operators.count(name.as_str(), before.is_some(), after.is_some());
                let (before, after) = (before.cloned(), after.cloned());
                self.objects.push(Object::Operator { name: name.clone(), before, after });
            }
        }
        Ok(())
    }

    fn of_orgs(&mut self, now: &View, then: &View) -> Result<()> {
        let (is, was) = (now.orgs()?, then.orgs()?);
        let ids: BTreeSet<_> = is.keys().chain(was.keys()).collect();
        for id in ids {
            let (before, after) = (is.get(id), was.get(id));
            if before != after {
                self.orgs.count(id.as_str(), before.is_some(), after.is_some());
                self.objects.push(Object::org(id, before, after.cloned()));
            }
        }
        Ok(())
    }

    /// What policies own, without a word: nobody's answer follows from it.
    fn of_policies(&mut self, now: &View, then: &View) -> Result<()> {
        for policy in now.policies()?.union(&then.policies()?) {
            let (mut is, was) = (now.owned(policy)?, then.owned(policy)?);
            let mut owned = |entry: String, before: Option<OwnedText>, after| {
                if before != after {
                    self.objects.push(Object::Owned {
                        policy: policy.clone(),
                        entry,
                        before,
                        after,
                    });
                }
            };
            for (entry, after) in was {
                let before = is.remove(&entry);
                owned(entry, before, Some(after));
            }
            is.into_iter().for_each(|(entry, before)| owned(entry, Some(before), None));
        }
        Ok(())
    }

    fn of_users(&mut self, now: &View, then: &View, keys: Option<&KeyRing>) -> Result<()> {
        // As text: a million of them need no more memory than their lines.
        let mut were: BTreeMap<Login, Box<str>> = BTreeMap::new();
        then.scan()?.for_each(|login, user| {
            were.insert(login.clone(), line(user)?.into());
            Ok(ControlFlow::Continue(()))
        })?;
        let moved_out = moved_out_since(now, &were)?;
        let secrets = Secrets { now, then, keys, moved_out };
        now.scan()?.for_each(|login, user| {
            let was = were.remove(login).map(|line| parsed(&line)).transpose()?;
            self.of_user(&secrets, login, Some(user), was)?;
            Ok(ControlFlow::Continue(()))
        })?;
        for (login, line) in were {
            self.of_user(&secrets, &login, None, Some(parsed(&line)?))?;
        }
        Ok(())
    }

    fn of_user(
        &mut self,
        secrets: &Secrets<'_>,
        login: &Login,
        is: Option<&User>,
        was: Option<User>,
    ) -> Result<()> {
        let live = secrets.now.secrets(login)?.unwrap_or_default();
        let kept = secrets.of(login, is, was.as_ref(), &live)?;
        let mut after = was;
        if let Some(user) = after.as_mut() {
            if forget_lost(user, &kept) {
                self.unenrolled.push(login.clone());
            }
            if let Some(is) = is.filter(|is| is.id == user.id) {
                // It never goes back: failures that were forgotten stay so, others count on.
                user.unlocks = user.unlocks.max(is.unlocks);
                keep_numbers(user, is, secrets);
            }
        }
        if kept != live {
            self.secrets.push((login.clone(), kept));
        }
        self.of_evidence(secrets, is, after.as_ref())?;
        if is == after.as_ref() {
            return Ok(());
        }
        self.users.count(login.as_str(), is.is_some(), after.is_some());
        self.of_exceptions(is, after.as_ref());
        self.objects.push(Object::user(login, is, after));
        Ok(())
    }

    /// Takes evidence from the backup: what exceptions that come back name, and what was lost.
    /// What `audit prune` erased of an exception that stays is not brought back.
    fn of_evidence(
        &mut self,
        secrets: &Secrets<'_>,
        is: Option<&User>,
        after: Option<&User>,
    ) -> Result<()> {
        for (number, exception) in after.iter().flat_map(|user| &user.exceptions) {
            let stays = is.is_some_and(|user| user.exceptions.get(number) == Some(exception));
            for name in &exception.evidence {
                match secrets.now.evidence(name.as_str())? {
                    Some(_) if stays => {}
                    Some(kept) => drop(kept.read()?),
                    None if stays && !secrets.now.is_evidence_lost(name.as_str())? => {}
                    None => {
                        let kept = secrets.then.evidence(name.as_str())?;
                        self.evidence.extend(kept.map(|kept| kept.read()).transpose()?);
                    }
                }
            }
        }
        Ok(())
    }

    fn of_exceptions(&mut self, is: Option<&User>, after: Option<&User>) {
        let none = BTreeMap::new();
        let is = is.map_or(&none, |user| &user.exceptions);
        let after = after.map_or(&none, |user| &user.exceptions);
        let numbers: BTreeSet<_> = is.keys().chain(after.keys()).collect();
        for number in numbers {
            if is.get(number) == after.get(number) {
                continue;
            }
            self.exceptions += 1;
        }
    }
}

/// The sealed secrets of two states.
struct Secrets<'a> {
    now: &'a View,
    then: &'a View,
    keys: Option<&'a KeyRing>,
    /// The exceptions of the backup that left the lines of their accounts since.
    moved_out: BTreeSet<(UserId, u32)>,
}

impl Secrets<'_> {
    /// What belongs to the user that comes back: what is there stays where it is of the
    /// same enrolment.
    fn of(
        &self,
        login: &Login,
        is: Option<&User>,
        was: Option<&User>,
        live: &UserSecrets,
    ) -> Result<UserSecrets> {
        let Some(was) = was else { return Ok(UserSecrets::default()) };
        let mut kept = self.in_backup(login)?;
        let Some(is) = is.filter(|is| is.id == was.id) else { return Ok(kept) };
        if is.enrolment.current == was.enrolment.current {
            (kept.current, kept.recovery) = (live.current.clone(), live.recovery.clone());
        }
        let id = |secrets: &UserSecrets| secrets.current.as_ref().map(|totp| totp.id.clone());
        if kept.current.is_some() && id(&kept) == id(live) {
            // Codes that were renewed since are those that the person has.
            kept.recovery = live.recovery.clone();
        }
        if is.enrolment.pending == was.enrolment.pending {
            (kept.pending, kept.replaced) = (live.pending.clone(), live.replaced.clone());
        }
        Ok(kept)
    }

    /// What the backup holds and a key of now opens.
    fn in_backup(&self, login: &Login) -> Result<UserSecrets> {
        let Some(keys) = self.keys else { return Ok(UserSecrets::default()) };
        let mut then = self.then.secrets(login)?.unwrap_or_default();
        let opens = |totp: &SealedTotp| keys.keys().any(|key| key.id() == totp.sealed().key());
        then.pending = then.pending.filter(opens);
        then.replaced = then.replaced.filter(opens);
        if !then.current.as_ref().is_some_and(opens) {
            (then.current, then.recovery) = (None, None);
        }
        Ok(then)
    }
}

/// Takes away what the account says of an authenticator whose secret is nowhere: the next
/// sign-in that needs one asks for a new one. Whether there was such a thing.
fn forget_lost(user: &mut User, kept: &UserSecrets) -> bool {
    let enrolment = &mut user.enrolment;
    let totp = enrolment.current.as_ref().is_some_and(|it| it.method == MethodKind::Totp);
    let (current, pending) =
        (totp && kept.current.is_none(), enrolment.pending.is_some() && kept.pending.is_none());
    if current {
        enrolment.current = None;
    }
    if pending {
        enrolment.pending = None;
    }
    current || pending
}

/// The exceptions of users of the backup that ended since and left the line long after: whatever
/// the backup says of them, they are over.
fn moved_out_since(
    now: &View,
    were: &BTreeMap<Login, Box<str>>,
) -> Result<BTreeSet<(UserId, u32)>> {
    let mut then: BTreeMap<UserId, BTreeSet<u32>> = BTreeMap::new();
    for line in were.values().filter(|line| line.contains("\"exceptions\":")) {
        let user = parsed(line)?;
        then.insert(user.id.clone(), user.exceptions.keys().copied().collect());
    }
    let mut sought = Sought::default();
    now.scan()?.only_lines(|line| line.contains("\"last_exception\":")).for_each(
        |login, user| {
            if let Some(numbers) = then.get(&user.id) {
                sought.add(login, user, |number| numbers.contains(&number));
            }
            Ok(ControlFlow::Continue(()))
        },
    )?;
    let moved = now.moved_out(sought)?.into_iter();
    Ok(moved.map(|moved| (moved.user, moved.number)).collect())
}

/// No exception gets a number that another had since, and what left the line of the account
/// long after its end does not come back.
fn keep_numbers(after: &mut User, is: &User, secrets: &Secrets<'_>) {
    let now = secrets.now.head().at;
    let old: Vec<u32> = moved_out::missing(is)
        .filter(|number| {
            let left = secrets.moved_out.contains(&(is.id.clone(), *number));
            let ended = |it| moved_out::ended_long_ago(it, now);
            after.exceptions.get(number).is_some_and(|it| left || ended(it))
        })
        .collect();
    moved_out::move_out(after, old);
    after.last_exception = after.last_exception.max(is.last_exception);
    if moved_out::last_number(after) < moved_out::last_number(is) {
        after.last_exception = moved_out::last_number(is);
    }
}

fn line(user: &User) -> Result<String> {
    serde_json::to_string(user).map_err(|e| bug(&e))
}

fn parsed(line: &str) -> Result<User> {
    serde_json::from_str(line).map_err(|e| bug(&e))
}

fn bug(e: &serde_json::Error) -> Error {
    Error::new(Kind::Bug, "bug", format!("a user that was read cannot be kept: {e}"))
}
