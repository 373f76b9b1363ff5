//! The file for people: the per-user switch, which belongs to the whole account.

use std::collections::BTreeMap;

use super::super::model::UserPolicy;
use super::super::problem::Located;
use super::fields::Fields;
use super::org::switch;
use crate::domain::ids::Login;
use crate::policy::yaml::node::Node;

/// The keys of one person.
pub(crate) const USER_KEYS: [&str; 1] = ["mfa"];

pub(super) fn read(
    node: &Node<'_>,
    fields: &mut Fields<'_>,
) -> BTreeMap<Login, Located<UserPolicy>> {
    fields.by_login(node, "users", |fields, node| {
        let mut user = UserPolicy::default();
        for (key, node) in fields.map(node, "a user").unwrap_or_default() {
            match &*key.word.text {
                "mfa" => user.mfa = switch(fields, node, "mfa"),
                _ => {
                    fields.known_key(key, &USER_KEYS, "a user");
                }
            }
        }
        user
    })
}
