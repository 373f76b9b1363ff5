//! The file for people: the per-user setting, which belongs to the whole account.

use std::collections::BTreeMap;

use super::fields::KnownKey;
use super::fields::{Fields, Map};
use super::keys;
use crate::domain::ids::Login;
use crate::domain::model::Switch;
use crate::policy::model::UserPolicy;
use crate::policy::problem::Located;

type Users = BTreeMap<Login, Located<UserPolicy>>;

/// The keys at the top of the file.
pub(super) const USERS: [KnownKey<Users>; 2] = [
    KnownKey::<Users>::new("version", |_, _, _| {})
        .described("The version of the format.", keys::version),
    KnownKey::<Users>::new("users", |fields, node, users| {
        *users = fields.by_login(node, "users", |fields, node| {
            let mut user = UserPolicy::default();
            fields.mapping(node, "a user", &USER, &mut user);
            user
        });
    })
    .described("The people by login.", || keys::by_login(keys::mapping(&USER))),
];

const USER: [KnownKey<UserPolicy>; 1] =
    [KnownKey::<UserPolicy>::new("mfa", |fields, node, user| {
        user.mfa = fields.word(node, "mfa");
    })
    .described("The per-user setting.", keys::word::<Switch>)];

pub(super) fn read(map: &Map<'_>, fields: &mut Fields<'_>) -> Users {
    let mut users = Users::new();
    fields.keys(map, "the file for people", &USERS, &mut users);
    users
}
