//! `user membership`: a partial document, of which just the named fields change.

use std::fmt;

use serde::de::{Error as _, IgnoredAny, MapAccess, SeqAccess, Visitor};
use serde::{Deserialize, Deserializer};

use crate::cli::user as cli;
use crate::commands::Answer;
use crate::commands::bulk::one;
use crate::commands::session::Session;
use crate::domain::change::EditMembership;
use crate::domain::model::Role;
use crate::error::{Error, Result};
use crate::signals::may_stop;

/// The longest document (bytes): far more than two fields need.
const LONGEST: u64 = 64 << 10;

/// `user membership USER --org ORG --from-file FILE`.
pub(super) fn membership(session: &Session<'_>, args: &cli::EditMembershipArgs) -> Result<Answer> {
    let path = args.from_file.display().to_string();
    let text = may_stop(|| session.read_text(&args.from_file, LONGEST))?;
    let document =
        Document::read(&text).map_err(|why| Error::usage(format!("{path}: {why}")).about(&path))?;
    one(session, &args.change, |stage| {
        Ok(Box::new(EditMembership {
            login: stage.login(&args.user)?,
            org: args.org.clone(),
            opt_out: document.opt_out,
            role: document.role,
        }))
    })
}

/// What a document names.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
struct Document {
    opt_out: Option<bool>,
    role: Option<Role>,
}

impl Document {
    /// Reads JSON, or YAML where it is none.
    fn read(text: &str) -> std::result::Result<Document, String> {
        let document: Document = match serde_json::from_str(text) {
            Ok(document) => document,
            Err(error) if error.is_data() => return Err(error.to_string()),
            Err(_) => serde_yaml::from_str(text).map_err(|error| error.to_string())?,
        };
        if document == Document::default() {
            return Err("it names no field: write mfaOptOut, role or both".to_owned());
        }
        Ok(document)
    }
}

impl<'de> Deserialize<'de> for Document {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> std::result::Result<Self, D::Error> {
        deserializer.deserialize_map(DocumentVisitor)
    }
}

struct DocumentVisitor;

impl<'de> Visitor<'de> for DocumentVisitor {
    type Value = Document;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("fields of a membership, such as {\"mfaOptOut\": true}")
    }

    fn visit_map<A: MapAccess<'de>>(self, mut map: A) -> std::result::Result<Document, A::Error> {
        let mut document = Document::default();
        while let Some(field) = map.next_key::<String>()? {
            match field.as_str() {
                "mfaOptOut" | "opt_out" => {
                    let given = map.next_value()?;
                    once(&mut document.opt_out, &field, boolean(&field, given))?;
                }
                "role" => {
                    let given = map.next_value()?;
                    once(&mut document.role, &field, role(&field, given))?;
                }
                _ => {
                    return Err(A::Error::custom(format!(
                        "unknown field {field:?}: write mfaOptOut (or opt_out) and role"
                    )));
                }
            }
        }
        Ok(document)
    }
}

fn once<T, E: serde::de::Error>(
    place: &mut Option<T>,
    field: &str,
    given: std::result::Result<T, String>,
) -> std::result::Result<(), E> {
    match place.replace(given.map_err(E::custom)?) {
        None => Ok(()),
        Some(_) => Err(E::custom(format!("{field} is named twice"))),
    }
}

fn boolean(field: &str, given: FieldValue) -> std::result::Result<bool, String> {
    match given {
        FieldValue::Bool(value) => Ok(value),
        other => Err(format!("{field}: expected true or false, found {other}")),
    }
}

fn role(field: &str, given: FieldValue) -> std::result::Result<Role, String> {
    match given {
        FieldValue::Text(word) => word.parse().map_err(|why: String| format!("{field}: {why}")),
        other => Err(format!("{field}: expected member, helpdesk or admin, found {other}")),
    }
}

/// A value of whatever type stands there, so that the field can be named with it.
enum FieldValue {
    Bool(bool),
    Text(String),
    Other(&'static str),
}

impl fmt::Display for FieldValue {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            FieldValue::Bool(value) => write!(f, "{value}"),
            FieldValue::Text(text) => write!(f, "{text:?}"),
            FieldValue::Other(what) => f.write_str(what),
        }
    }
}

impl<'de> Deserialize<'de> for FieldValue {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> std::result::Result<Self, D::Error> {
        deserializer.deserialize_any(FieldValueVisitor)
    }
}

struct FieldValueVisitor;

impl<'de> Visitor<'de> for FieldValueVisitor {
    type Value = FieldValue;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("a value")
    }

    fn visit_bool<E>(self, value: bool) -> std::result::Result<FieldValue, E> {
        Ok(FieldValue::Bool(value))
    }

    fn visit_str<E>(self, value: &str) -> std::result::Result<FieldValue, E> {
        Ok(FieldValue::Text(value.to_owned()))
    }

    fn visit_unit<E>(self) -> std::result::Result<FieldValue, E> {
        Ok(FieldValue::Other("nothing"))
    }

    fn visit_i64<E>(self, _: i64) -> std::result::Result<FieldValue, E> {
        Ok(FieldValue::Other("a number"))
    }

    fn visit_u64<E>(self, _: u64) -> std::result::Result<FieldValue, E> {
        Ok(FieldValue::Other("a number"))
    }

    fn visit_f64<E>(self, _: f64) -> std::result::Result<FieldValue, E> {
        Ok(FieldValue::Other("a number"))
    }

    fn visit_seq<A: SeqAccess<'de>>(
        self,
        mut list: A,
    ) -> std::result::Result<FieldValue, A::Error> {
        while list.next_element::<IgnoredAny>()?.is_some() {}
        Ok(FieldValue::Other("a list"))
    }

    fn visit_map<A: MapAccess<'de>>(self, mut map: A) -> std::result::Result<FieldValue, A::Error> {
        while map.next_entry::<IgnoredAny, IgnoredAny>()?.is_some() {}
        Ok(FieldValue::Other("an object"))
    }
}

/// What fuzzing does with a document: what is read is read again as it is written.
#[cfg(any(test, fuzzing))]
pub(in crate::commands) fn fuzz(text: &str) {
    let Ok(document) = Document::read(text) else { return };
    let opt_out = document.opt_out.map(|value| format!("opt_out: {value}\n"));
    let role = document.role.map(|role| format!("role: {}\n", role.as_str()));
    let written = opt_out.unwrap_or_default() + &role.unwrap_or_default();
    assert_eq!(Document::read(&written), Ok(document), "{written}");
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn json_and_yaml_name_what_changes() {
        let out = |opt_out| Document { opt_out: Some(opt_out), role: None };
        for (text, expected) in [
            (r#"{"mfaOptOut": true}"#, out(true)),
            ("{\n\t\"mfaOptOut\":\tfalse\n}\n", out(false)),
            ("\u{feff}{\"opt_out\": true}", out(true)),
            ("mfaOptOut: true\n", out(true)),
            ("---\nopt_out: false\n", out(false)),
            ("{mfaOptOut: true}", out(true)),
            ("role: helpdesk", Document { opt_out: None, role: Some(Role::Helpdesk) }),
            (
                r#"{"role":"admin","mfaOptOut":false}"#,
                Document { opt_out: Some(false), role: Some(Role::Admin) },
            ),
        ] {
            assert_eq!(Document::read(text), Ok(expected), "{text}");
        }
    }

    #[test]
    fn what_is_wrong_is_named() {
        let deep = format!("{}{}", "[".repeat(60_000), "]".repeat(5_000));
        let deep_value = format!("{{\"role\": {}1{}}}", "[".repeat(500), "]".repeat(500));
        let bomb = "a: &a [x,x,x,x,x,x,x,x,x]\nb: &b [*a,*a,*a,*a,*a,*a,*a,*a]\n\
            c: &c [*b,*b,*b,*b,*b,*b,*b]\nrole: *c\n";
        for (text, words) in [
            ("{}", "names no field"),
            ("", ""),
            ("{", ""),
            ("true", "fields of a membership"),
            ("[1]", "fields of a membership"),
            (r#"{"mfaOptout": true}"#, "unknown field \"mfaOptout\""),
            ("mfaOptOut: true\nuntil: x\n", "unknown field \"until\""),
            (r#"{"mfaOptOut": true, "mfaOptOut": true}"#, "mfaOptOut is named twice"),
            ("mfaOptOut: true\nmfaOptOut: false\n", "mfaOptOut"),
            (r#"{"mfaOptOut": true, "opt_out": false}"#, "opt_out is named twice"),
            (r#"{"mfaOptOut": "true"}"#, "mfaOptOut: expected true or false, found \"true\""),
            ("mfaOptOut: yes", "mfaOptOut: expected true or false, found \"yes\""),
            (r#"{"mfaOptOut": 1}"#, "mfaOptOut: expected true or false, found a number"),
            (r#"{"mfaOptOut": null}"#, "mfaOptOut: expected true or false, found nothing"),
            (r#"{"role": "boss"}"#, "role: \"boss\" is no role"),
            (r#"{"role": {"name": "admin"}}"#, "found an object"),
            ("role: [admin]", "found a list"),
            (&deep, ""),
            (&deep_value, ""),
            (bomb, "unknown field \"a\""),
            ("role: admin\n---\nrole: member\n", "document"),
        ] {
            let why = Document::read(text).expect_err(text);
            assert!(why.contains(words), "{text:.80}: {why}");
        }
    }
}
