//! Accounts as `user import` reads them, for `user export`.

use serde::Serialize;

use crate::domain::ids::{Email, Login, OrgId, Provider, Text, UserId};
use crate::domain::model::{SignIn, Switch, User};
use crate::domain::time::Time;
use crate::report::format::{csv, objects};
use crate::report::{CsvRecord, Report};

/// One account: the columns of an import.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct UserExport {
    /// The login.
    pub login: Login,
    /// The stable id.
    pub id: UserId,
    /// The name in words.
    pub name: Option<Text>,
    /// The e-mail address.
    pub email: Option<Email>,
    /// How it signs in.
    pub sign_in: SignIn,
    /// Through which provider.
    pub provider: Option<Provider>,
    /// The per-user switch.
    pub mfa: Switch,
    /// The memberships with their roles, `acme:admin`.
    pub orgs: Vec<String>,
    /// `yes` or `no`: whether it may sign in at all.
    pub active: &'static str,
    /// Since when a method is registered, if one is.
    pub enrolled: Option<Time>,
}

impl UserExport {
    /// The account, with the memberships that are in sight.
    pub fn new(login: Login, user: User, sees: impl Fn(&OrgId) -> bool) -> UserExport {
        let orgs = user.memberships.iter().filter(|(org, _)| sees(org));
        UserExport {
            login,
            orgs: orgs.map(|(org, m)| format!("{org}:{}", m.role.as_str())).collect(),
            id: user.id,
            name: user.name,
            email: user.email,
            sign_in: user.sign_in,
            provider: user.provider,
            mfa: user.mfa,
            active: if user.active { "yes" } else { "no" },
            enrolled: user.enrolment.current.map(|method| method.since),
        }
    }
}

impl CsvRecord for UserExport {
    const HEADER: &'static [&'static str] = &[
        "login", "id", "name", "email", "sign_in", "provider", "mfa", "orgs", "active", "enrolled",
    ];
}

/// All of them; for people, as CSV too.
pub fn export(rows: Vec<UserExport>) -> Report {
    Report::new(move |format, _, out| {
        objects(rows.into_iter().map(Ok), format, out, |rows, out| csv::list(rows, out))
    })
}
