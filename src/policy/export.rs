//! The policy that describes a state, as text in a stable order. Read back, it plans nothing:
//! an org has every key, caps that are not set as `null`; a member has its role and its
//! opt-out, if any.

use std::fmt::Write;

use super::files::LARGEST;
use super::yaml::node::MOST_NODES;
use super::yaml::scalar::is_plain;
use crate::domain::ids::{Login, OrgId};
use crate::domain::model::{Approval, Enforcement, Membership, OptOut, Org, Switch, User};
use crate::domain::time::Time;

/// The first line, by which editors find the schema (`mfactl policy schema` prints it).
pub const EDITOR_LINE: &str = "# yaml-language-server: $schema=mfactl-policy.schema.json";

/// The room for people in a file: [`LARGEST`] bytes, less the settings above them.
const ROOM: u64 = LARGEST - 64 * 1024;

/// The lines of people, as they will stand in a file.
#[derive(Debug, Default)]
struct ExportedPeople {
    lines: Vec<Box<str>>,
    bytes: u64,
    nodes: usize,
}

impl ExportedPeople {
    /// Adds a line with so many keys and values.
    fn add(&mut self, line: String, nodes: usize) {
        self.bytes += line.len() as u64;
        self.nodes += nodes;
        // What fits into no file is only counted.
        if self.fits() {
            self.lines.push(line.into());
        }
    }

    /// Whether the reader would take a file with these.
    fn fits(&self) -> bool {
        self.bytes <= ROOM && self.nodes <= MOST_NODES - 1_000
    }

    /// Appends the lines, sorted by login.
    fn write(mut self, out: &mut String) {
        self.lines.sort_unstable_by(|a, b| bare(a).cmp(bare(b)));
        out.reserve_exact(usize::try_from(self.bytes).unwrap_or(0));
        self.lines.iter().for_each(|line| out.push_str(line));
    }
}

/// A line from its login on, without the quote that it may have.
fn bare(line: &str) -> &str {
    line.trim_start_matches([' ', '"'])
}

/// The policy of one org, collected member by member.
#[derive(Debug)]
pub struct OrgExport<'a> {
    id: &'a OrgId,
    org: &'a Org,
    now: Time,
    members: ExportedPeople,
}

impl<'a> OrgExport<'a> {
    /// The policy of `org`, without members yet. Opt-outs that ended before `now` are left out.
    pub fn new(id: &'a OrgId, org: &'a Org, now: Time) -> OrgExport<'a> {
        OrgExport { id, org, now, members: ExportedPeople::default() }
    }

    /// Adds a user, if a member of the org.
    pub fn add(&mut self, login: &Login, user: &User) {
        let Some(Membership { role, opt_out, .. }) = user.memberships.get(self.id) else { return };
        let lasts = |opt_out: &&OptOut| opt_out.until.is_none_or(|until| until > self.now);
        let opt_out = opt_out.as_deref().filter(lasts);
        let nodes = if opt_out.is_some() { 10 } else { 4 };
        let opt_out =
            opt_out.map_or(String::new(), |it| format!(", opt_out: {}", opt_out_text(it)));
        let (login, role) = (word(login.as_str()), role.as_str());
        self.members.add(format!("  {login}: {{role: {role}{opt_out}}}\n"), nodes);
    }

    /// Whether the reader would take the file.
    pub fn fits(&self) -> bool {
        self.members.fits()
    }

    /// The file.
    pub fn text(self) -> String {
        let mut out = head();
        self.settings(&mut out);
        if !self.members.lines.is_empty() {
            out.push_str("members:\n");
            self.members.write(&mut out);
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

/// The policy for people: everybody whose per-user setting is on or was ever set.
#[derive(Debug, Default)]
pub struct UsersExport {
    users: ExportedPeople,
}

impl UsersExport {
    /// Adds a user whose setting is on or was ever set.
    pub fn add(&mut self, login: &Login, user: &User) {
        if user.mfa == Switch::On || user.mfa_set_by.is_some() {
            let (login, mfa) = (word(login.as_str()), user.mfa.as_str());
            self.users.add(format!("  {login}: {{mfa: {mfa}}}\n"), 4);
        }
    }

    /// Whether it has nobody, so that no file needs to be written.
    pub fn is_empty(&self) -> bool {
        self.users.lines.is_empty()
    }

    /// Whether the reader would take the file.
    pub fn fits(&self) -> bool {
        self.users.fits()
    }

    /// The file.
    pub fn text(self) -> String {
        let mut out = head();
        out.push_str(if self.is_empty() { "users: {}\n" } else { "users:\n" });
        self.users.write(&mut out);
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

/// A name, in quotes where a reader of YAML could take it for something else.
fn word(text: &str) -> String {
    if is_plain(text) { text.to_owned() } else { quoted(text) }
}

/// A text in double quotes: a JSON string is one of YAML as well.
fn quoted(text: &str) -> String {
    serde_json::Value::from(text).to_string()
}

#[cfg(test)]
mod tests {
    use super::super::plan::test_support::{context, org, user};
    use super::*;
    use crate::domain::ids::Text;
    use crate::domain::model::Role;

    #[test]
    fn what_no_reader_takes_is_counted_and_not_kept() {
        let (id, org) = (OrgId::parse("acme").unwrap(), org());
        let mut export = OrgExport::new(&id, &org, context().now);
        let mut member = user("x", &[("acme", Role::Member)], false);
        let long = Text::parse(&"x".repeat(1_000)).unwrap();
        let by = "root".to_owned();
        let opt_out = OptOut { by, at: context().now, message: Some(long), until: None };
        member.memberships.get_mut("acme").unwrap().opt_out = Some(opt_out.into());
        for number in 0..63_000 {
            export.add(&Login::parse(&format!("u{number}")).unwrap(), &member);
        }
        assert!(export.fits());
        for number in 63_000..66_000 {
            export.add(&Login::parse(&format!("u{number}")).unwrap(), &member);
        }
        assert!(!export.fits());
        assert!((export.text().len() as u64) < LARGEST);
    }

    #[test]
    fn people_stand_in_the_order_of_their_logins() {
        let (id, org) = (OrgId::parse("acme").unwrap(), org());
        let mut export = OrgExport::new(&id, &org, context().now);
        let member = user("x", &[("acme", Role::Member)], false);
        for login in ["zoe", "no", "alice", "1e3", "bob"] {
            export.add(&Login::parse(login).unwrap(), &member);
        }
        let text = export.text();
        let logins: Vec<&str> = text
            .lines()
            .filter(|line| line.starts_with("  ") && line.contains("role"))
            .map(|line| bare(line).split(['"', ':']).next().unwrap())
            .collect();
        assert_eq!(logins, ["1e3", "alice", "bob", "no", "zoe"]);
    }
}
