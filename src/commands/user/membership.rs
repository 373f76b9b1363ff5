//! `user membership`: a partial document, of which just the named fields change.

use std::fmt;

use serde::de::{Error as _, MapAccess, Visitor};
use serde::{Deserialize, Deserializer};
use serde_json::Value;

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

/// The fields that a document gives.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
struct Document {
    opt_out: Option<bool>,
    role: Option<Role>,
}

impl Document {
    /// Reads JSON, or else YAML.
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
                    once(&mut document.opt_out, &field, boolean(&field, &given))?;
                }
                "role" => {
                    let given = map.next_value()?;
                    once(&mut document.role, &field, role(&field, &given))?;
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

fn boolean(field: &str, given: &Value) -> std::result::Result<bool, String> {
    let shown = || format!("{field}: expected true or false, found {}", shown(given));
    given.as_bool().ok_or_else(shown)
}

fn role(field: &str, given: &Value) -> std::result::Result<Role, String> {
    match given {
        Value::String(word) => word.parse().map_err(|why: String| format!("{field}: {why}")),
        other => {
            Err(format!("{field}: expected member, helpdesk or admin, found {}", shown(other)))
        }
    }
}

/// A value of the wrong type, as an error names it.
fn shown(value: &Value) -> String {
    match value {
        Value::Null => "nothing".to_owned(),
        Value::Number(_) => "a number".to_owned(),
        Value::Array(_) => "a list".to_owned(),
        Value::Object(_) => "an object".to_owned(),
        Value::Bool(_) | Value::String(_) => value.to_string(),
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
