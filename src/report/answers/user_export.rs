//! Accounts as `user import` reads them, for `user export`.

use std::io;

use serde::Serialize;

use crate::domain::ids::{Email, Login, OrgId, Provider, Text, UserId};
use crate::domain::model::{SignIn, Switch, User};
use crate::domain::time::Time;
use crate::report::format::{csv, json, jsonl, yaml};
use crate::report::{OutputFormat, Record, RenderError, Report, Style};

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

impl Record for UserExport {
    fn fields() -> &'static [&'static str] {
        &[
            "login", "id", "name", "email", "sign_in", "provider", "mfa", "orgs", "active",
            "enrolled",
        ]
    }
}

/// All of them: CSV, unless another format for programs is asked for.
pub struct ExportReport {
    /// The accounts.
    pub rows: Vec<UserExport>,
}

impl Report for ExportReport {
    fn render(
        self: Box<Self>,
        format: OutputFormat,
        _: &Style,
        out: &mut dyn io::Write,
    ) -> std::result::Result<(), RenderError> {
        let rows = self.rows.into_iter().map(Ok);
        match format {
            OutputFormat::Json => json::list(rows, out),
            OutputFormat::Yaml => yaml::list(rows, out),
            OutputFormat::Jsonl => {
                for row in rows {
                    jsonl::item(&row?, out)?;
                }
                Ok(())
            }
            _ => csv::list(rows, out),
        }
    }
}
