//! One account for `user show`, and a row of `user list` and `user find`.

use serde::Serialize;

use super::exception::ExceptionReport;
use crate::domain::ids::{Email, Login, OrgId, Provider, Text, UserId};
use crate::domain::model::{
    EnrolmentStatus, Membership, OptOut, Role, SetBy, SignIn, Switch, User,
};
use crate::domain::time::Time;
use crate::report::format::text::{dash, names, yes_no};
use crate::report::{Cell, CsvRecord, Human, Page, Row, Style};

/// One account with everything that decides about its sign-ins.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct UserReport {
    /// The login.
    pub login: Login,
    /// The stable id.
    pub id: UserId,
    /// The name in words.
    pub name: Option<Text>,
    /// The e-mail address.
    pub email: Option<Email>,
    /// Whether it may sign in at all.
    pub active: bool,
    /// How it signs in.
    pub sign_in: SignIn,
    /// Through which provider.
    pub provider: Option<Provider>,
    /// The per-user switch.
    pub mfa: Switch,
    /// Who set it, and who asked for it.
    pub mfa_set_by: Option<SetByReport>,
    /// The orgs whose enforcement locks the setting on.
    pub locked_on_by: Vec<OrgId>,
    /// The second factor.
    pub enrolment: EnrolmentReport,
    /// By org.
    pub memberships: Vec<MembershipReport>,
    /// All of them, ended ones too.
    pub exceptions: Vec<ExceptionReport>,
    /// The revision that the answer is of.
    pub rev: u64,
}

/// Who set the per-user switch; every field is always there.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct SetByReport {
    /// The operator.
    pub by: String,
    /// When.
    pub at: Time,
    /// Who asked for it, if recorded.
    pub requested_by: Option<Text>,
}

impl From<&SetBy> for SetByReport {
    fn from(set: &SetBy) -> SetByReport {
        SetByReport { by: set.by.clone(), at: set.at, requested_by: set.requested_by.clone() }
    }
}

/// How far the enrolment is.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct EnrolmentReport {
    /// `none`, `pending` or `enrolled`.
    pub status: EnrolmentStatus,
    /// When a method was registered for the first time.
    pub first_at: Option<Time>,
    /// Since when the present status is.
    pub since: Option<Time>,
    /// `totp` or `external:NAME`.
    pub method: Option<String>,
    /// How many recovery codes are unused; none where there are no local ones.
    pub recovery_codes_left: Option<u32>,
    /// Until when wrong codes lock the account out; [`Time::MAX`] where only an unlock helps.
    pub locked_until: Option<Time>,
    /// From when codes count again, where one was used while the clock was ahead.
    pub codes_count_from: Option<Time>,
}

/// One membership and what it means for a sign-in there.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct MembershipReport {
    /// The org.
    pub org: OrgId,
    /// The role.
    pub role: Role,
    /// Since when.
    pub joined_at: Time,
    /// The opt-out, if there is one.
    pub opt_out: Option<OptOutReport>,
    /// What a sign-in needs; filled in by the decision.
    pub requirement: Option<String>,
    /// The rule that says so.
    pub rule: Option<String>,
    /// Until when.
    pub until: Option<Time>,
}

/// An opt-out; every field is always there.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct OptOutReport {
    /// The operator who set it.
    pub by: String,
    /// When.
    pub at: Time,
    /// Why.
    pub message: Option<Text>,
    /// Its end.
    pub until: Option<Time>,
}

impl From<&OptOut> for OptOutReport {
    fn from(opt_out: &OptOut) -> OptOutReport {
        OptOutReport {
            by: opt_out.by.clone(),
            at: opt_out.at,
            message: opt_out.message.clone(),
            until: opt_out.until,
        }
    }
}

impl MembershipReport {
    /// The membership of `org`, without its decision.
    pub fn new(org: &OrgId, membership: &Membership) -> MembershipReport {
        MembershipReport {
            org: org.clone(),
            role: membership.role,
            joined_at: membership.joined_at,
            opt_out: membership.opt_out.as_deref().map(OptOutReport::from),
            requirement: None,
            rule: None,
            until: None,
        }
    }
}

impl UserReport {
    /// The account at `at` in revision `rev`, without what the
    /// decision and the sign-in state know: `locked_on_by`, the requirements,
    /// recovery codes and lock-out.
    pub fn new(login: &Login, user: &User, rev: u64, at: Time) -> UserReport {
        let exceptions = user.exceptions.iter();
        UserReport {
            login: login.clone(),
            id: user.id.clone(),
            name: user.name.clone(),
            email: user.email.clone(),
            active: user.active,
            sign_in: user.sign_in,
            provider: user.provider.clone(),
            mfa: user.mfa,
            mfa_set_by: user.mfa_set_by.as_ref().map(SetByReport::from),
            locked_on_by: Vec::new(),
            enrolment: EnrolmentReport::new(user),
            memberships: user
                .memberships
                .iter()
                .map(|(org, membership)| MembershipReport::new(org, membership))
                .collect(),
            exceptions: exceptions
                .map(|(number, exception)| ExceptionReport::new(login, *number, exception, at))
                .collect(),
            rev,
        }
    }
}

impl EnrolmentReport {
    fn new(user: &User) -> EnrolmentReport {
        let enrolment = &user.enrolment;
        let (current, pending) = (enrolment.current.as_ref(), enrolment.pending.as_ref());
        EnrolmentReport {
            status: enrolment.status(),
            first_at: enrolment.first_at,
            since: current.map(|method| method.since).or(pending.map(|pending| pending.since)),
            method: current.map(|method| method.method.to_string()),
            recovery_codes_left: None,
            locked_until: None,
            codes_count_from: None,
        }
    }
}

impl Human for UserReport {
    fn page(&self, style: &Style) -> Page {
        let name = self.name.as_ref().map(|name| format!("  {name}")).unwrap_or_default();
        let sign_in = match &self.provider {
            Some(provider) => format!("{} ({provider})", self.sign_in.as_str()),
            None => self.sign_in.as_str().to_owned(),
        };
        let mut mfa = self.mfa.as_str().to_owned();
        if let Some(set) = &self.mfa_set_by {
            mfa.push_str(&format!(", set by {} at {}", set.by, style.time(set.at)));
            if let Some(who) = &set.requested_by {
                mfa.push_str(&format!(", requested by {who}"));
            }
        }
        if !self.locked_on_by.is_empty() {
            mfa.push_str(&format!("; locked on by {}", names(&self.locked_on_by)));
        }
        let enrolment = &self.enrolment;
        let method = enrolment.method.as_ref().map(|method| format!(", {method}"));
        let since = enrolment.since.map(|since| format!(", since {}", style.time(since)));
        Page::new()
            .title(format!("{}{name}", self.login))
            .field("id", self.id.as_str())
            .field("e-mail", dash(&self.email))
            .field("active", yes_no(self.active))
            .field("sign-in", sign_in)
            .field("mfa", mfa)
            .field(
                "enrolment",
                [
                    enrolment.status.as_str(),
                    &method.unwrap_or_default(),
                    &since.unwrap_or_default(),
                ]
                .concat(),
            )
            .maybe("first enrolled", enrolment.first_at.map(|at| style.time(at)))
            .maybe(
                "recovery codes",
                enrolment.recovery_codes_left.map(|left| format!("{left} left")),
            )
            .maybe(
                "locked out",
                enrolment
                    .locked_until
                    .map(|at| format!("until {}", style.lock(at, self.login.as_str()))),
            )
            .maybe(
                "codes count from",
                enrolment.codes_count_from.map(|at| {
                    let at = style.time(at);
                    format!(
                        "{at}: one was used while the clock was ahead (mfactl user unlock {})",
                        self.login
                    )
                }),
            )
            .field("revision", self.rev.to_string())
            .table("Memberships", &self.memberships, "no memberships", style)
            .table("Exceptions", &self.exceptions, "no exceptions", style)
    }
}

impl CsvRecord for MembershipReport {
    const HEADER: &'static [&'static str] =
        &["org", "role", "joined_at", "opt_out", "requirement", "rule", "until"];
}

impl Row for MembershipReport {
    fn cells(&self, style: &Style) -> Vec<Cell> {
        let opt_out = self.opt_out.as_ref().map(|opt_out| match &opt_out.message {
            Some(message) => format!("by {}: {message}", opt_out.by),
            None => format!("by {}", opt_out.by),
        });
        vec![
            Cell::id("ORG", &self.org),
            Cell::id("ROLE", self.role.as_str()),
            Cell::id("REQUIREMENT", dash(&self.requirement)),
            Cell::id("RULE", dash(&self.rule)),
            Cell::time("UNTIL", style.time_or_dash(self.until)).optional(),
            Cell::text("OPT-OUT", dash(&opt_out)).optional(),
        ]
    }
}

/// One account in a list.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct UserRow {
    /// The login.
    pub login: Login,
    /// The stable id.
    pub id: UserId,
    /// The name in words.
    pub name: Option<Text>,
    /// The e-mail address.
    pub email: Option<Email>,
    /// Whether it may sign in at all.
    pub active: bool,
    /// How it signs in.
    pub sign_in: SignIn,
    /// Through which provider.
    pub provider: Option<Provider>,
    /// The per-user switch.
    pub mfa: Switch,
    /// `none`, `pending` or `enrolled`.
    pub enrolment: EnrolmentStatus,
    /// The orgs that it is a member of.
    pub orgs: Vec<OrgId>,
}

impl UserRow {
    /// The row of `login`.
    pub fn new(login: Login, user: User) -> UserRow {
        UserRow {
            login,
            enrolment: user.enrolment.status(),
            orgs: user.memberships.keys().cloned().collect(),
            id: user.id,
            name: user.name,
            email: user.email,
            active: user.active,
            sign_in: user.sign_in,
            provider: user.provider,
            mfa: user.mfa,
        }
    }
}

impl CsvRecord for UserRow {
    const HEADER: &'static [&'static str] = &[
        "login",
        "id",
        "name",
        "email",
        "active",
        "sign_in",
        "provider",
        "mfa",
        "enrolment",
        "orgs",
    ];
}

impl Row for UserRow {
    fn cells(&self, _style: &Style) -> Vec<Cell> {
        vec![
            Cell::id("LOGIN", &self.login),
            Cell::text("NAME", dash(&self.name)),
            Cell::id("MFA", self.mfa.as_str()),
            Cell::id("ENROLMENT", self.enrolment.as_str()),
            Cell::id("SIGN-IN", self.sign_in.as_str()),
            Cell::names("ORGS", names(&self.orgs)).optional(),
            Cell::id("ACTIVE", yes_no(self.active)).optional(),
        ]
    }
}
