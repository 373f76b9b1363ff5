//! The policy that describes a state, as text: a stable order, and read back it
//! plans nothing. At the top of an org every key stands, caps that are not set as
//! `null`; a member has its role, and its opt-out where it has one.

use std::collections::BTreeMap;
use std::fmt::Write;

use super::scalar::is_plain;
use crate::domain::ids::{Login, OrgId};
use crate::domain::model::{Approval, Enforcement, Membership, OptOut, Org, Role, Switch, User};
use crate::domain::time::Time;

/// The first line, by which editors find the schema (`mfactl policy schema` prints it).
pub const EDITOR_LINE: &str = "# yaml-language-server: $schema=mfactl-policy.schema.json";

/// The policy of one org, collected member by member.
#[derive(Debug)]
pub struct OrgExport<'a> {
    id: &'a OrgId,
    org: &'a Org,
    now: Time,
    members: BTreeMap<Login, (Role, Option<OptOut>)>,
}

impl<'a> OrgExport<'a> {
    /// The policy of `org`, without members yet. Opt-outs that ended before `now` are left out.
    pub fn new(id: &'a OrgId, org: &'a Org, now: Time) -> OrgExport<'a> {
        OrgExport { id, org, now, members: BTreeMap::new() }
    }

    /// Adds a user, if a member of the org.
    pub fn add(&mut self, login: &Login, user: &User) {
        let Some(Membership { role, opt_out, .. }) = user.memberships.get(self.id) else { return };
        let lasts = |opt_out: &&OptOut| opt_out.until.is_none_or(|until| until > self.now);
        let opt_out = opt_out.as_ref().filter(lasts).cloned();
        self.members.insert(login.clone(), (*role, opt_out));
    }

    /// The file.
    pub fn text(&self) -> String {
        let mut out = head();
        self.settings(&mut out);
        if !self.members.is_empty() {
            out.push_str("members:\n");
        }
        for (login, (role, opt_out)) in &self.members {
            let opt_out = opt_out
                .as_ref()
                .map_or(String::new(), |opt_out| format!(", opt_out: {}", opt_out_text(opt_out)));
            line(
                &mut out,
                format_args!("  {}: {{role: {}{opt_out}}}", word(login.as_str()), role.as_str()),
            );
        }
        out
    }

    fn settings(&self, out: &mut String) {
        let Org { enforcement, exceptions, .. } = self.org;
        line(out, format_args!("org: {}", word(self.id.as_str())));
        if let Some(name) = &self.org.name {
            line(out, format_args!("name: {}", quoted(name.as_str())));
        }
        line(
            out,
            format_args!("enforcement: {}", enforcement_text(enforcement, self.org.grace_days)),
        );
        line(out, format_args!("opt_out: {}", self.org.opt_out.as_str()));
        let roles = self.org.mandated_roles.iter().map(|role| role.as_str().to_owned());
        line(out, format_args!("mandated_roles: {}", list(roles)));
        let or_null = |value: Option<String>| value.unwrap_or_else(|| "null".to_owned());
        let short_max = or_null(exceptions.short_max.map(|span| span.to_string()));
        let per_30_days = or_null(exceptions.short_per_30_days.map(|count| count.to_string()));
        let long_max = or_null(exceptions.long_max.map(|span| span.to_string()));
        let approval = match exceptions.approval {
            Approval::None => "none",
            Approval::TwoPerson => "two-person",
        };
        line(out, format_args!("exceptions:"));
        line(out, format_args!("  short: {{max: {short_max}, per_30_days: {per_30_days}}}"));
        line(out, format_args!("  long: {{max: {long_max}, approval: {approval}}}"));
        let services = self.org.services.iter().map(|service| word(service.as_str()));
        line(out, format_args!("services: {}", list(services)));
        line(out, format_args!("ownership: additive"));
    }
}

/// The policy for people: everybody whose switch is on or was ever set.
#[derive(Debug, Default)]
pub struct UsersExport {
    users: BTreeMap<Login, Switch>,
}

impl UsersExport {
    /// Adds a user, if the switch says something.
    pub fn add(&mut self, login: &Login, user: &User) {
        if user.mfa == Switch::On || user.mfa_set_by.is_some() {
            self.users.insert(login.clone(), user.mfa);
        }
    }

    /// Whether nobody is in it; then there is no file to write.
    pub fn is_empty(&self) -> bool {
        self.users.is_empty()
    }

    /// The file.
    pub fn text(&self) -> String {
        let mut out = head();
        out.push_str(if self.users.is_empty() { "users: {}\n" } else { "users:\n" });
        for (login, mfa) in &self.users {
            line(&mut out, format_args!("  {}: {{mfa: {}}}", word(login.as_str()), mfa.as_str()));
        }
        out
    }
}

fn head() -> String {
    format!("{EDITOR_LINE}\nversion: {}\n", super::read::VERSION)
}

fn line(out: &mut String, text: std::fmt::Arguments<'_>) {
    writeln!(out, "{text}").expect("a String takes everything");
}

fn enforcement_text(enforcement: &Enforcement, grace_days: u32) -> String {
    let from = match (enforcement.state, enforcement.from) {
        (Switch::On, Some(from)) => format!(", from: {from}"),
        _ => String::new(),
    };
    format!("{{state: {}{from}, grace_days: {grace_days}}}", enforcement.state.as_str())
}

fn opt_out_text(opt_out: &OptOut) -> String {
    let until = opt_out.until.map_or("null".to_owned(), |until| until.to_string());
    match &opt_out.message {
        Some(message) => format!("{{message: {}, until: {until}}}", quoted(message.as_str())),
        None => format!("{{until: {until}}}"),
    }
}

fn list(items: impl Iterator<Item = String>) -> String {
    format!("[{}]", items.collect::<Vec<_>>().join(", "))
}

/// A name, in quotes where it would mean something else to some reader of YAML.
fn word(text: &str) -> String {
    if is_plain(text) { text.to_owned() } else { quoted(text) }
}

/// A text in double quotes: a JSON string is one of YAML as well.
fn quoted(text: &str) -> String {
    serde_json::Value::from(text).to_string()
}
