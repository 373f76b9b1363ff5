//! What the state holds: orgs, users, memberships, enrolments, exceptions and
//! operators, as plain values. The same types are what the store reads and
//! writes; nothing optional is ever written as `null`, it is left out, so that
//! a difference between two versions can say `null` for "not there".

mod exception;
mod membership;
mod operator;
mod org;
mod policy;
mod user;

pub use exception::{
    Approval, Channel, EarlyEnd, EndedHow, Exception, ExceptionKind, FollowUp, Granter, Status,
    Term,
};
pub use membership::{Membership, Memberships, OptOut, Role};
pub use operator::{Operator, OperatorRole, Operators};
pub use org::{AddedReason, AppliedPolicy, Enforcement, ExceptionPolicy, OptOutPolicy, Org};
pub use policy::{OwnedText, PolicyOf};
pub use user::LAST_EXCEPTION;
pub use user::{
    Enrolment, EnrolmentStatus, Export, Method, MethodKind, Pending, SetBy, SignIn, Switch, User,
};

/// A map that refuses a second entry for one key. The readers of JSON and YAML
/// keep the last of two in silence, which would let an edited file say two things.
pub mod strict_map {
    use std::collections::BTreeMap;
    use std::collections::btree_map::Entry;
    use std::fmt;
    use std::marker::PhantomData;

    use serde::de::{Deserialize, Deserializer, Error, MapAccess, Visitor};

    struct StrictMap<K, V>(PhantomData<(K, V)>);

    impl<'de, K, V> Visitor<'de> for StrictMap<K, V>
    where
        K: Deserialize<'de> + Ord + fmt::Debug,
        V: Deserialize<'de>,
    {
        type Value = BTreeMap<K, V>;

        fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
            f.write_str("a mapping in which every key stands once")
        }

        fn visit_map<A: MapAccess<'de>>(self, mut access: A) -> Result<Self::Value, A::Error> {
            let mut map = BTreeMap::new();
            while let Some((key, value)) = access.next_entry::<K, V>()? {
                match map.entry(key) {
                    Entry::Vacant(place) => place.insert(value),
                    Entry::Occupied(twice) => {
                        let key = twice.key();
                        return Err(A::Error::custom(format_args!("the key {key:?} stands twice")));
                    }
                };
            }
            Ok(map)
        }
    }

    /// For `#[serde(deserialize_with = …)]`.
    ///
    /// # Errors
    /// What the reader says, and a key that stands twice.
    pub fn deserialize<'de, D, K, V>(deserializer: D) -> Result<BTreeMap<K, V>, D::Error>
    where
        D: Deserializer<'de>,
        K: Deserialize<'de> + Ord + fmt::Debug,
        V: Deserialize<'de>,
    {
        deserializer.deserialize_map(StrictMap(PhantomData))
    }
}
