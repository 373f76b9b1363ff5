//! Users: the account, its memberships and its enrolment.

use std::collections::BTreeMap;
use std::fmt;

use serde::{Deserialize, Deserializer, Serialize, Serializer};

use super::exception::Exception;
use super::membership::{Memberships, Role};
use super::strict_map;
use crate::domain::from_text;
use crate::domain::ids::{Email, Login, OrgId, Provider, Text, UserId};
use crate::domain::time::Time;

/// One account. Its login is the key that it is kept under.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct User {
    /// The stable id (R5); a rename keeps it.
    pub id: UserId,
    /// The name in words.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub name: Option<Text>,
    /// Unique without regard to case.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub email: Option<Email>,
    /// How the account signs in (R2).
    pub sign_in: SignIn,
    /// The identity provider; set exactly where `sign_in` is SSO.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub provider: Option<Provider>,
    /// An account that is not active is denied everywhere.
    pub active: bool,
    /// The per-user switch (R6).
    pub mfa: Switch,
    /// Who set the switch last, if anybody did.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub mfa_set_by: Option<SetBy>,
    /// How often the account was unlocked: failures under another number count for nothing.
    #[serde(default, skip_serializing_if = "is_zero")]
    pub unlocks: u32,
    /// The orgs that the user is a member of (R4).
    pub memberships: Memberships,
    /// Orgs left, with the instant of the first joining: coming back opens no new grace.
    #[serde(
        default,
        deserialize_with = "strict_map::deserialize",
        skip_serializing_if = "BTreeMap::is_empty"
    )]
    pub left: BTreeMap<OrgId, Time>,
    /// What the user proves a second factor with.
    #[serde(default, skip_serializing_if = "Enrolment::is_empty")]
    pub enrolment: Enrolment,
    /// The highest number of an exception that moved out of here; no number is given twice.
    #[serde(default, deserialize_with = "exception_number", skip_serializing_if = "is_zero")]
    pub last_exception: u32,
    /// Exceptions by number, counted from 1. Those that ended long ago are in the audit log
    /// alone ([`crate::domain::moved_out`]).
    #[serde(
        default,
        deserialize_with = "strict_map::deserialize",
        skip_serializing_if = "BTreeMap::is_empty"
    )]
    pub exceptions: BTreeMap<u32, Exception>,
}

/// The highest number of an exception: five new ones a day for 500 years.
pub const LAST_EXCEPTION: u32 = 1_000_000;

fn exception_number<'de, D: Deserializer<'de>>(deserializer: D) -> Result<u32, D::Error> {
    let number = u32::deserialize(deserializer)?;
    if number > LAST_EXCEPTION {
        let message = format!("last_exception must be at most {LAST_EXCEPTION}");
        return Err(serde::de::Error::custom(message));
    }
    Ok(number)
}

fn is_zero(number: &u32) -> bool {
    *number == 0
}

/// How an account signs in.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum SignIn {
    /// With a password: MFA controls apply.
    Password,
    /// Through an identity provider, which decides (R2).
    Sso,
}

impl SignIn {
    /// The word in commands and files.
    pub fn as_str(self) -> &'static str {
        match self {
            SignIn::Password => "password",
            SignIn::Sso => "sso",
        }
    }
}

/// On or off.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Switch {
    /// On.
    On,
    /// Off.
    Off,
}

impl Switch {
    /// The word in commands and files.
    pub fn as_str(self) -> &'static str {
        match self {
            Switch::On => "on",
            Switch::Off => "off",
        }
    }
}

/// Who set the per-user switch.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct SetBy {
    /// The operator.
    pub by: String,
    /// When.
    pub at: Time,
    /// Who asked for it (R10), if somebody did.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub requested_by: Option<Text>,
}

/// What a user has registered as a second factor.
#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Enrolment {
    /// When a method was registered for the first time. Survives every reset,
    /// satisfies R12 and ends grace for ever.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub first_at: Option<Time>,
    /// The method in use.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub current: Option<Method>,
    /// A secret handed out and not yet confirmed.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub pending: Option<Pending>,
    /// The files of other tools that the secret in use went to, the latest export of
    /// each kind and login: what it lets in there ends not with it.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub exports: Vec<Export>,
}

/// A secret that was handed to another tool.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Export {
    /// The format (`users-oath`).
    pub format: String,
    /// The login at that time.
    pub login: Login,
    /// When, UTC.
    pub at: Time,
}

impl fmt::Display for Export {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{} as {} at {}", self.format, self.login, self.at)
    }
}

impl Enrolment {
    /// Whether the method in use has its secret here.
    pub fn has_secret(&self) -> bool {
        self.current.as_ref().is_some_and(|current| current.method == MethodKind::Totp)
    }

    /// What is to be done about exports where what they let in is to end; none where
    /// there are none.
    pub fn exports_to_clear(&self) -> Option<String> {
        if self.exports.is_empty() {
            return None;
        }
        let all: Vec<String> = self.exports.iter().map(Export::to_string).collect();
        let all = all.join(", ");
        Some(format!("its secret was exported, and still lets in there: take it out ({all})"))
    }

    /// Whether there never was one.
    pub fn is_empty(&self) -> bool {
        *self == Enrolment::default()
    }

    /// `enrolled` also while a new one is pending.
    pub fn status(&self) -> EnrolmentStatus {
        match (&self.current, &self.pending) {
            (Some(_), _) => EnrolmentStatus::Enrolled,
            (None, Some(_)) => EnrolmentStatus::Pending,
            (None, None) => EnrolmentStatus::None,
        }
    }
}

/// How far an enrolment is.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum EnrolmentStatus {
    /// Nothing is registered.
    None,
    /// A secret is handed out, not confirmed.
    Pending,
    /// A method is in use.
    Enrolled,
}

impl EnrolmentStatus {
    /// The word in commands and files.
    pub fn as_str(self) -> &'static str {
        match self {
            EnrolmentStatus::None => "none",
            EnrolmentStatus::Pending => "pending",
            EnrolmentStatus::Enrolled => "enrolled",
        }
    }
}

/// A method in use.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Method {
    /// Which.
    pub method: MethodKind,
    /// Since when.
    pub since: Time,
}

/// A secret handed out.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Pending {
    /// Since when.
    pub since: Time,
}

/// `totp`, or `external:NAME` for a method registered with another system.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum MethodKind {
    /// A TOTP secret kept here (RFC 6238).
    Totp,
    /// Registered with another system, by its name.
    External(Provider),
}

impl fmt::Display for MethodKind {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            MethodKind::Totp => f.write_str("totp"),
            MethodKind::External(name) => write!(f, "external:{name}"),
        }
    }
}

impl std::str::FromStr for MethodKind {
    type Err = String;
    fn from_str(text: &str) -> Result<MethodKind, String> {
        match text.strip_prefix("external:") {
            Some(name) => {
                Provider::parse(name).map(MethodKind::External).map_err(|e| e.to_string())
            }
            None if text == "totp" => Ok(MethodKind::Totp),
            None => Err(format!("{text:?} is no method: expected totp or external:NAME")),
        }
    }
}

impl Serialize for MethodKind {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.collect_str(self)
    }
}

impl<'de> Deserialize<'de> for MethodKind {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<MethodKind, D::Error> {
        from_text::deserialize(deserializer)
    }
}

impl User {
    /// An active account that signs in with a password, without MFA, memberships and
    /// exceptions.
    pub fn new(id: UserId) -> User {
        User {
            id,
            name: None,
            email: None,
            sign_in: SignIn::Password,
            provider: None,
            active: true,
            mfa: Switch::Off,
            mfa_set_by: None,
            unlocks: 0,
            memberships: Memberships::default(),
            left: BTreeMap::new(),
            enrolment: Enrolment::default(),
            last_exception: 0,
            exceptions: BTreeMap::new(),
        }
    }

    /// Whether the account signs in through SSO, outside of MFA controls (R2).
    pub fn is_sso(&self) -> bool {
        self.sign_in == SignIn::Sso
    }

    /// Whether the user is active and has the role admin in `org`.
    pub fn is_active_admin_of(&self, org: &OrgId) -> bool {
        self.active && self.memberships.get(org).is_some_and(|m| m.role == Role::Admin)
    }
}
