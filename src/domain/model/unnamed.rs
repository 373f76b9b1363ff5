//! Users as decisions see them: without what only people read.

use std::collections::BTreeMap;

use serde::Deserialize;
use serde::de::IgnoredAny;

use super::{Enrolment, Exception, Membership, SignIn, Switch, User, strict_map};
use crate::domain::ids::{OrgId, Provider, UserId};

/// Reads the line of a user without its name, e-mail address, who set the switch and
/// which orgs were left: no decision asks for these, and a scan of all users for
/// decisions is faster by their copies. A line that has other fields than a user is
/// refused as ever.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Unnamed {
    id: UserId,
    #[serde(default, rename = "name")]
    _name: IgnoredAny,
    #[serde(default, rename = "email")]
    _email: IgnoredAny,
    sign_in: SignIn,
    #[serde(default)]
    provider: Option<Provider>,
    active: bool,
    mfa: Switch,
    #[serde(default, rename = "mfa_set_by")]
    _mfa_set_by: IgnoredAny,
    #[serde(default)]
    unlocks: u32,
    #[serde(deserialize_with = "strict_map::deserialize")]
    memberships: BTreeMap<OrgId, Membership>,
    #[serde(default, rename = "left")]
    _left: IgnoredAny,
    #[serde(default)]
    enrolment: Enrolment,
    #[serde(default, deserialize_with = "strict_map::deserialize")]
    exceptions: BTreeMap<u32, Exception>,
}

impl From<Unnamed> for User {
    fn from(user: Unnamed) -> User {
        User {
            id: user.id,
            name: None,
            email: None,
            sign_in: user.sign_in,
            provider: user.provider,
            active: user.active,
            mfa: user.mfa,
            mfa_set_by: None,
            unlocks: user.unlocks,
            memberships: user.memberships,
            left: BTreeMap::new(),
            enrolment: user.enrolment,
            exceptions: user.exceptions,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::domain::model::SetBy;
    use crate::domain::tests::kit::*;

    #[test]
    fn it_is_the_user_without_what_people_read() {
        let mut whole = enrolled(user("u-alice", &["acme", "globex"]));
        whole.unlocks = 3;
        whole.exceptions.insert(1, exception(day(1), day(2), &["acme"]));
        whole.memberships.get_mut("acme").unwrap().opt_out = Some(opted_out(None).into());
        let without = whole.clone();
        whole.name = Some(text("Alice"));
        whole.email = Some(n("alice@acme.example"));
        whole.left.insert(n("initech"), day(1));
        whole.mfa_set_by = Some(SetBy { by: "root".into(), at: day(1), requested_by: None });
        let line = serde_json::to_string(&whole).unwrap();
        let read = |line: &str| serde_json::from_str::<Unnamed>(line).map(User::from);
        let expected = User { name: None, email: None, mfa_set_by: None, ..without };
        assert_eq!(read(&line).unwrap(), expected);
        for (was, is) in [
            ("\"id\":", "\"size\":1,\"id\":"),
            ("\"id\":\"u-alice\"", "\"id\":\"-\""),
            ("\"unlocks\":3", "\"unlocks\":3,\"unlocks\":4"),
        ] {
            assert!(line.contains(was) && read(&line.replacen(was, is, 1)).is_err(), "{is}");
        }
    }
}
