//! What comes of a change: the objects before and after, and the words for the
//! report and the audit.

use std::collections::BTreeSet;
use std::fmt;
use std::sync::Arc;

use serde_json::{Map, Value};

use super::due::{DueEntry, DueKey};
use super::ids::{Login, OperatorName, OrgId};
use super::model::{Operator, Org, OwnedText, PolicyOf, User};
use super::time::Time;

/// One object of the state, before and after a change. `None` before: it is
/// new; `None` after: it goes.
#[derive(Debug, Clone, PartialEq)]
pub enum Object {
    /// A user.
    User {
        /// The login that it is kept under.
        login: Login,
        /// Before.
        before: Option<Arc<User>>,
        /// After.
        after: Option<Arc<User>>,
    },
    /// An org.
    Org {
        /// Its id.
        id: OrgId,
        /// Before.
        before: Option<Box<Org>>,
        /// After.
        after: Option<Box<Org>>,
    },
    /// An operator.
    Operator {
        /// Its name.
        name: OperatorName,
        /// Before.
        before: Option<Operator>,
        /// After.
        after: Option<Operator>,
    },
    /// An entry of the calendar of ends that was recorded as ended and goes.
    Due {
        /// Which.
        key: DueKey,
        /// What stood there, for the record.
        was: Box<DueEntry>,
    },
    /// Nothing but the clock: the record itself is the change (`state accept-clock`).
    Clock,
    /// What is kept secret of a user: that it changed, or was handed out, is all
    /// that is recorded.
    Secrets {
        /// Whose.
        login: Login,
        /// The user's orgs.
        orgs: BTreeSet<OrgId>,
    },
    /// What a policy owns of somebody, to tell drift from it.
    Owned {
        /// Whose policy.
        policy: PolicyOf,
        /// The login, or [`PolicyOf::HEAD`].
        entry: String,
        /// Before.
        before: Option<OwnedText>,
        /// After.
        after: Option<OwnedText>,
    },
    /// The sealing key: that it changed is all that is recorded.
    Key,
    /// The state as a whole was restored, repaired or pruned: what is to be kept of that.
    State {
        /// The act (`restore`).
        what: &'static str,
        /// What was so before, as far as it matters.
        before: Value,
        /// What is so now.
        after: Value,
    },
}

impl Object {
    /// A user that was `before` and is `after`.
    pub fn user(login: &Login, before: Option<&User>, after: Option<User>) -> Object {
        Object::User {
            login: login.clone(),
            before: before.cloned().map(Arc::new),
            after: after.map(Arc::new),
        }
    }

    /// An org that was `before` and is `after`.
    pub fn org(id: &OrgId, before: Option<&Org>, after: Option<Org>) -> Object {
        Object::Org {
            id: id.clone(),
            before: before.cloned().map(Box::new),
            after: after.map(Box::new),
        }
    }

    /// Which object it is.
    pub fn key(&self) -> ObjectKey {
        match self {
            Object::User { login, .. } => ObjectKey::User(login.clone()),
            Object::Org { id, .. } => ObjectKey::Org(id.clone()),
            Object::Operator { name, .. } => ObjectKey::Operator(name.clone()),
            Object::Due { key, .. } => ObjectKey::Due(key.clone()),
            Object::Owned { policy, entry, .. } => {
                ObjectKey::Owned(policy.clone(), entry.as_str().into())
            }
            Object::State { what, .. } => ObjectKey::State(what),
            Object::Clock => ObjectKey::Clock,
            Object::Key => ObjectKey::Key,
            Object::Secrets { login, .. } => ObjectKey::Secrets(login.clone()),
        }
    }

    /// The orgs that it concerns, before or after.
    pub fn orgs(&self) -> BTreeSet<OrgId> {
        match self {
            Object::User { before, after, .. } => {
                let users = before.iter().chain(after);
                users.flat_map(|user| user.memberships.keys().cloned()).collect()
            }
            Object::Org { id, .. } => [id.clone()].into(),
            Object::Operator { before, after, .. } => {
                let roles = before.iter().chain(after).flat_map(|operator| &operator.roles);
                roles.filter_map(|role| role.org().cloned()).collect()
            }
            Object::Due { was, .. } => was.member_of.iter().cloned().collect(),
            Object::Owned { policy: PolicyOf::Org(id), .. } => [id.clone()].into(),
            Object::Secrets { orgs, .. } => orgs.clone(),
            Object::Owned { policy: PolicyOf::People, .. }
            | Object::State { .. }
            | Object::Clock
            | Object::Key => BTreeSet::new(),
        }
    }

    /// The object as JSON before and after; [`Value::Null`] where it is not there.
    pub fn values(&self) -> (Value, Value) {
        fn value<T: serde::Serialize>(object: Option<&T>) -> Value {
            object.map_or(Value::Null, |object| {
                serde_json::to_value(object).expect("state types are plain data")
            })
        }
        match self {
            Object::User { before, after, .. } => {
                (value(before.as_deref()), value(after.as_deref()))
            }
            Object::Org { before, after, .. } => {
                (value(before.as_deref()), value(after.as_deref()))
            }
            Object::Operator { before, after, .. } => {
                (value(before.as_ref()), value(after.as_ref()))
            }
            Object::Due { was, .. } => (value(Some(was.as_ref())), Value::Null),
            Object::Owned { before, after, .. } => {
                let read = |text: &Option<OwnedText>| {
                    let text = text.as_deref().unwrap_or("null");
                    serde_json::from_str(text).expect("an entry of a policy is JSON")
                };
                (read(before), read(after))
            }
            Object::Clock | Object::Secrets { .. } | Object::Key => (Value::Null, Value::Null),
            Object::State { before, after, .. } => (before.clone(), after.clone()),
        }
    }

    /// Only what differs, before and after ([`difference`]).
    pub fn difference(&self) -> (Value, Value) {
        let (before, after) = self.values();
        difference(&before, &after)
    }
}

/// Which object of the state. The order is that of the details of a record.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub enum ObjectKey {
    /// An operator.
    Operator(OperatorName),
    /// An org.
    Org(OrgId),
    /// A user.
    User(Login),
    /// An entry of a policy: the login, or [`PolicyOf::HEAD`].
    Owned(PolicyOf, Box<str>),
    /// An entry of the calendar.
    Due(DueKey),
    /// The state as a whole, by act.
    State(&'static str),
    /// The clock.
    Clock,
    /// The encryption key.
    Key,
    /// What is kept secret of a user.
    Secrets(Login),
}

impl ObjectKey {
    /// The kind of object, as the audit names it.
    pub fn kind(&self) -> &'static str {
        match self {
            ObjectKey::User(_) => "user",
            ObjectKey::Org(_) => "org",
            ObjectKey::Operator(_) => "operator",
            ObjectKey::Due(_) => "due",
            ObjectKey::Clock => "clock",
            ObjectKey::Secrets(_) => "secrets",
            ObjectKey::Owned(..) => "policy",
            ObjectKey::Key => "key",
            ObjectKey::State(_) => "state",
        }
    }

    /// What a person would say that it is about.
    pub fn subject(&self) -> String {
        match self {
            ObjectKey::Due(key) => key.entry.clone(),
            ObjectKey::Clock | ObjectKey::Key | ObjectKey::State(_) => self.kind().to_owned(),
            _ => self.to_string(),
        }
    }
}

/// Its key among those of its kind, as the audit writes it. An entry of a policy is
/// `acme alice`, and `_users` is the head of a policy.
impl fmt::Display for ObjectKey {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            ObjectKey::User(login) | ObjectKey::Secrets(login) => f.write_str(login.as_str()),
            ObjectKey::Org(id) => f.write_str(id.as_str()),
            ObjectKey::Operator(name) => f.write_str(name.as_str()),
            ObjectKey::Due(key) => key.fmt(f),
            ObjectKey::Owned(policy, entry) if **entry == *PolicyOf::HEAD => {
                f.write_str(policy.as_str())
            }
            ObjectKey::Owned(policy, entry) => write!(f, "{} {entry}", policy.as_str()),
            ObjectKey::State(what) => f.write_str(what),
            ObjectKey::Clock | ObjectKey::Key => Ok(()),
        }
    }
}

/// What comes of one change. No objects: nothing was to be changed.
#[derive(Debug, Clone, PartialEq)]
pub struct Outcome {
    /// The act, `noun.verb`.
    pub action: &'static str,
    /// Whom or what it is about, as a person would name it (`alice`, `alice#3`, `acme`).
    pub subject: String,
    /// The orgs concerned.
    pub orgs: Vec<OrgId>,
    /// The objects changed.
    pub objects: Vec<Object>,
    /// Where it is about an exception of the user: its number. The report then shows
    /// the exception before and after instead of the difference of the user.
    pub exception: Option<u32>,
    /// In one sentence, what is now so.
    pub summary: String,
    /// When it takes effect.
    pub takes_effect: TakesEffect,
    /// What to tell the user.
    pub follow_up: Option<String>,
    /// What the operator should know.
    pub warnings: Vec<String>,
}

impl Outcome {
    /// Whether anything changes.
    pub fn changed(&self) -> bool {
        !self.objects.is_empty()
    }

    /// Before and after, for the report: what differs of the first object, or the two logins of a rename.
    pub fn before_after(&self) -> (Value, Value) {
        match &self.objects[..] {
            [
                Object::User { login: from, after: None, .. },
                Object::User { login: to, before: None, .. },
            ] => (serde_json::json!({"login": from}), serde_json::json!({"login": to})),
            [first, ..] => first.difference(),
            [] => (Value::Null, Value::Null),
        }
    }

    /// Something done, that takes effect at the next sign-in.
    pub fn done(
        action: &'static str,
        subject: impl std::fmt::Display,
        summary: impl Into<String>,
        objects: Vec<Object>,
    ) -> Outcome {
        Outcome {
            action,
            subject: subject.to_string(),
            orgs: Vec::new(),
            objects,
            exception: None,
            summary: summary.into(),
            takes_effect: TakesEffect::NextSignIn,
            follow_up: None,
            warnings: Vec::new(),
        }
    }

    /// Nothing to change: it is already so.
    pub fn unchanged(
        action: &'static str,
        subject: impl std::fmt::Display,
        summary: impl Into<String>,
    ) -> Outcome {
        Outcome::done(action, subject, summary, Vec::new())
    }

    /// The same, concerning `orgs`.
    #[must_use]
    pub fn within(mut self, orgs: impl IntoIterator<Item = OrgId>) -> Outcome {
        self.orgs = orgs.into_iter().collect();
        self
    }

    /// The same, taking effect at another time.
    #[must_use]
    pub fn effective(mut self, takes_effect: TakesEffect) -> Outcome {
        self.takes_effect = takes_effect;
        self
    }

    /// The same, with something to tell the user.
    #[must_use]
    pub fn follow_up(mut self, words: impl Into<String>) -> Outcome {
        self.follow_up = Some(words.into());
        self
    }

    /// The same, where what the secret of `user` lets in is to end: also in the files of
    /// other tools that it went to.
    #[must_use]
    pub fn exported(mut self, user: &User) -> Outcome {
        let all = self.follow_up.take().into_iter().chain(user.enrolment.exports_to_clear());
        let all: Vec<String> = all.collect();
        self.follow_up = (!all.is_empty()).then(|| all.join("; "));
        self
    }

    /// The same, with something that the operator should know.
    #[must_use]
    pub fn warning(mut self, words: impl Into<String>) -> Outcome {
        self.warnings.push(words.into());
        self
    }
}

/// When a change takes effect (R9).
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum TakesEffect {
    /// At the next sign-in of those concerned.
    NextSignIn,
    /// At an instant.
    At(Time),
    /// When it is approved.
    OnApproval,
    /// It has no effect on sign-ins (a name, an operator).
    Now,
}

/// The fields of two versions that differ: what to write over the second to get
/// the first, and the reverse, each as a JSON merge patch (RFC 7386): `null`
/// says «not there». Needs values without `null` in them, as the state's are.
pub fn difference(before: &Value, after: &Value) -> (Value, Value) {
    let (Value::Object(old), Value::Object(new)) = (before, after) else {
        return (before.clone(), after.clone());
    };
    let (mut was, mut is) = (Map::new(), Map::new());
    for key in old.keys().chain(new.keys().filter(|key| !old.contains_key(*key))) {
        match (old.get(key), new.get(key)) {
            (Some(a), Some(b)) if a == b => {}
            (Some(a), Some(b)) => {
                let (a, b) = difference(a, b);
                was.insert(key.clone(), a);
                is.insert(key.clone(), b);
            }
            (a, b) => {
                was.insert(key.clone(), a.cloned().unwrap_or(Value::Null));
                is.insert(key.clone(), b.cloned().unwrap_or(Value::Null));
            }
        }
    }
    (Value::Object(was), Value::Object(is))
}

/// Applies a merge patch made by [`difference`] (RFC 7386 §2).
pub fn patch(target: &mut Value, patch_with: &Value) {
    let Value::Object(fields) = patch_with else {
        *target = patch_with.clone();
        return;
    };
    if !target.is_object() {
        *target = Value::Object(Map::new());
    }
    let Value::Object(object) = target else { unreachable!("made an object above") };
    for (key, value) in fields {
        if value.is_null() {
            object.shift_remove(key);
        } else {
            patch(object.entry(key.clone()).or_insert(Value::Null), value);
        }
    }
}
