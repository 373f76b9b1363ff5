//! A policy file as types: what `export` writes and what the JSON Schema is made
//! from. The reader ([`super::read`]) has positions and says more; both know the same keys.

use std::collections::BTreeMap;

use schemars::{JsonSchema, Schema, SchemaGenerator, json_schema};
use serde::Serialize;

use crate::domain::change::LONGEST_GRACE_DAYS;

/// A policy file of mfactl: one org, or the people.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, JsonSchema)]
#[serde(untagged)]
pub enum PolicyFile {
    /// The policy of one org.
    Org(Box<OrgDocument>),
    /// The policy for people, whatever their orgs.
    Users(UsersDocument),
}

/// The policy of one org. A key that is absent is not managed.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct OrgDocument {
    /// The version of the format.
    #[schemars(schema_with = "version")]
    pub version: u32,
    /// The id of the org.
    #[schemars(regex(pattern = r"^[a-z0-9][a-z0-9-]{0,62}$"))]
    pub org: String,
    /// Its name in words.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[schemars(schema_with = "text")]
    pub name: Option<String>,
    /// Whether, and from when, the org enforces MFA.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[schemars(with = "EnforcementDocument")]
    pub enforcement: Option<EnforcementDocument>,
    /// Whether members may be opted out of MFA.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[schemars(with = "AllowOrDeny")]
    pub opt_out: Option<AllowOrDeny>,
    /// Membership roles that always need MFA: these and no others.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[schemars(schema_with = "roles")]
    pub mandated_roles: Option<Vec<RoleWord>>,
    /// Caps and approval of exceptions.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[schemars(with = "ExceptionsDocument")]
    pub exceptions: Option<ExceptionsDocument>,
    /// Services that an exception may be limited to: these and no others.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[schemars(schema_with = "services")]
    pub services: Option<Vec<String>>,
    /// What becomes of members that are not listed.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[schemars(with = "OwnershipWord")]
    pub ownership: Option<OwnershipWord>,
    /// What is decided of members, by login. Whoever is listed is a member.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[schemars(schema_with = "members")]
    pub members: Option<BTreeMap<String, MemberDocument>>,
}

/// The policy for people.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct UsersDocument {
    /// The version of the format.
    #[schemars(schema_with = "version")]
    pub version: u32,
    /// What is decided of people, by login.
    #[schemars(schema_with = "users")]
    pub users: BTreeMap<String, UserDocument>,
}

/// What is decided of one person, whatever the org.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct UserDocument {
    /// The per-user switch.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[schemars(with = "OnOrOff")]
    pub mfa: Option<OnOrOff>,
}

/// Whether, and from when, an org enforces MFA.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, JsonSchema)]
#[serde(deny_unknown_fields)]
#[schemars(extend("dependentSchemas" = {"from": {"required": ["state"], "properties": {"state": {"const": "on"}}}}))]
pub struct EnforcementDocument {
    /// On or off.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[schemars(with = "OnOrOff")]
    pub state: Option<OnOrOff>,
    /// From when; in the past: on when applied, and any enforcement that has begun.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[schemars(schema_with = "time")]
    pub from: Option<String>,
    /// Days in which an unenrolled member may go on without.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[schemars(schema_with = "grace_days")]
    pub grace_days: Option<u32>,
}

/// Caps and approval of exceptions.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct ExceptionsDocument {
    /// Short ones.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[schemars(with = "ShortDocument")]
    pub short: Option<ShortDocument>,
    /// Long ones.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[schemars(with = "LongDocument")]
    pub long: Option<LongDocument>,
}

/// Caps of short exceptions; `null` takes a cap away.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct ShortDocument {
    /// The longest, at most 24h.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[schemars(schema_with = "length")]
    pub max: Option<Option<String>>,
    /// How many a user may be granted in 30 days.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[schemars(schema_with = "count")]
    pub per_30_days: Option<Option<u32>>,
}

/// Cap and approval of long exceptions; `null` takes a cap away.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct LongDocument {
    /// The longest, at most 180d.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[schemars(schema_with = "length")]
    pub max: Option<Option<String>>,
    /// Whether a second person is needed.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[schemars(with = "ApprovalWord")]
    pub approval: Option<ApprovalWord>,
}

/// What is decided of one member.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct MemberDocument {
    /// The role in the org.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[schemars(with = "RoleWord")]
    pub role: Option<RoleWord>,
    /// Opted out of MFA in this org, or `none`.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[schemars(with = "OptOutWordOrDocument")]
    pub opt_out: Option<OptOutWordOrDocument>,
}

/// Opted out of MFA, or not.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, JsonSchema)]
#[serde(untagged)]
pub enum OptOutWordOrDocument {
    /// Not opted out.
    Word(NoneWord),
    /// Opted out.
    Document(OptOutDocument),
}

/// An opt-out.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct OptOutDocument {
    /// Why.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[schemars(schema_with = "text")]
    pub message: Option<String>,
    /// Its end, not itself part of it; `null`: none.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[schemars(schema_with = "time_or_null")]
    pub until: Option<Option<String>>,
}

macro_rules! words {
    ($(#[$doc:meta])* $name:ident: $($(#[$word_doc:meta])* $variant:ident = $word:literal),+) => {
        $(#[$doc])*
        #[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, JsonSchema)]
        pub enum $name {
            $($(#[$word_doc])* #[serde(rename = $word)] $variant,)+
        }

        impl $name {
            /// The word in files.
            pub fn as_str(self) -> &'static str {
                match self { $($name::$variant => $word,)+ }
            }
        }
    };
}

words!(
    /// A switch.
    OnOrOff:
        /// On.
        On = "on",
        /// Off.
        Off = "off"
);
words!(
    /// Whether something may be.
    AllowOrDeny:
        /// It may.
        Allow = "allow",
        /// It may not.
        Deny = "deny"
);
words!(
    /// A role in an org.
    RoleWord:
        /// An ordinary member.
        Member = "member",
        /// Works at the org's helpdesk.
        Helpdesk = "helpdesk",
        /// Administers the org.
        Admin = "admin"
);
words!(
    /// Whether a second person is needed.
    ApprovalWord:
        /// No.
        None = "none",
        /// Yes.
        TwoPerson = "two-person"
);
words!(
    /// What becomes of members that are not listed.
    OwnershipWord:
        /// They stay.
        Additive = "additive",
        /// They lose the membership.
        Authoritative = "authoritative"
);
words!(
    /// Nothing.
    NoneWord:
        /// Nothing.
        None = "none"
);

const TIME: &str = r"^\d{4}-\d{2}-\d{2}([Tt ]\d{2}:\d{2}:\d{2}(\.\d+)?([Zz]|[+-]\d{2}:\d{2}))?$";
const LOGIN: &str = r"^[A-Za-z0-9][A-Za-z0-9._+@'-]{0,127}$";

fn version(_: &mut SchemaGenerator) -> Schema {
    json_schema!({"const": super::read::VERSION})
}

fn text(_: &mut SchemaGenerator) -> Schema {
    json_schema!({"type": "string", "minLength": 1, "maxLength": 1000})
}

fn time(_: &mut SchemaGenerator) -> Schema {
    json_schema!({"type": "string", "pattern": TIME})
}

fn time_or_null(_: &mut SchemaGenerator) -> Schema {
    json_schema!({"type": ["string", "null"], "pattern": TIME})
}

fn length(_: &mut SchemaGenerator) -> Schema {
    json_schema!({"type": ["string", "null"], "pattern": r"^\d*[1-9]\d*[smhdw]$"})
}

fn count(_: &mut SchemaGenerator) -> Schema {
    json_schema!({"type": ["integer", "null"], "minimum": 0, "maximum": u32::MAX})
}

fn grace_days(_: &mut SchemaGenerator) -> Schema {
    json_schema!({"type": "integer", "minimum": 0, "maximum": LONGEST_GRACE_DAYS})
}

fn roles(generator: &mut SchemaGenerator) -> Schema {
    let role = generator.subschema_for::<RoleWord>();
    json_schema!({"type": "array", "items": role, "uniqueItems": true})
}

fn services(_: &mut SchemaGenerator) -> Schema {
    let service = json_schema!({"type": "string", "pattern": "^[a-z0-9][a-z0-9-]{0,62}$"});
    json_schema!({"type": "array", "items": service, "uniqueItems": true})
}

fn by_login(value: &Schema) -> Schema {
    json_schema!({"type": "object", "propertyNames": {"pattern": LOGIN}, "additionalProperties": value})
}

fn members(generator: &mut SchemaGenerator) -> Schema {
    by_login(&generator.subschema_for::<MemberDocument>())
}

fn users(generator: &mut SchemaGenerator) -> Schema {
    by_login(&generator.subschema_for::<UserDocument>())
}

/// The JSON Schema (draft 2020-12) of a policy file, for editors. What a schema
/// cannot say (logins that differ in case only, several files) the reader says.
pub fn schema() -> serde_json::Value {
    let mut schema = schemars::schema_for!(PolicyFile).to_value();
    if let Some(object) = schema.as_object_mut() {
        object.insert("title".to_owned(), "mfactl policy".into());
    }
    schema
}
