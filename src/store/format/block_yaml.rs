//! Block-style YAML: orgs, operators and `state.yaml`. Written for people to read.

use serde::Serialize;
use serde::de::DeserializeOwned;
use serde_json::Value;

use crate::error::{Error, Result};

use super::json;

/// The largest body that is given to the YAML library (bytes).
const LARGEST: usize = 4 << 20;

/// How many `[` and `{` may be open at once: the library needs 20 s for 200 KB of them.
const DEEPEST: i64 = 4_096;

/// Writes a value in block style. Strings are always quoted: `on`, `no` and
/// `1e3` are strings to every reader then.
pub(crate) fn write(value: &impl Serialize) -> String {
    let value = serde_json::to_value(value).expect("state types are plain data");
    let mut text = String::new();
    match &value {
        Value::Object(fields) if !fields.is_empty() => fields_of(&mut text, fields, 0),
        other => {
            text.push_str(&other.to_string());
            text.push('\n');
        }
    }
    text
}

fn fields_of(text: &mut String, fields: &serde_json::Map<String, Value>, depth: usize) {
    for (key, value) in fields {
        text.extend(std::iter::repeat_n("  ", depth));
        text.push_str(&written_key(key));
        text.push(':');
        match value {
            Value::Object(inner) if !inner.is_empty() => {
                text.push('\n');
                fields_of(text, inner, depth + 1);
            }
            // Lists of the state are short names: one line each.
            other => {
                text.push(' ');
                text.push_str(&other.to_string());
                text.push('\n');
            }
        }
    }
}

/// Field names stand as they are, everything else in quotes.
fn written_key(key: &str) -> String {
    let field = key.len() > 2
        && key.bytes().all(|b| b.is_ascii_lowercase() || b == b'_')
        && !["yes", "off", "true", "false", "null"].contains(&key);
    if field { key.to_owned() } else { json::write(key) }
}

/// Reads a body whose hash was compared already.
pub(crate) fn read<T: DeserializeOwned>(path: &str, body: &str) -> Result<T> {
    let damaged = |why: String| Error::damaged(path, format!("{path} cannot be read: {why}"));
    if body.len() > LARGEST {
        return Err(damaged(format!("it has {} bytes, more than {LARGEST}", body.len())));
    }
    let mut open = 0;
    for byte in body.bytes() {
        open += match byte {
            b'[' | b'{' => 1,
            b']' | b'}' => -1,
            _ => 0,
        };
        if open > DEEPEST {
            return Err(damaged("it opens too many brackets".to_owned()));
        }
    }
    serde_yaml::from_str(body).map_err(|e| damaged(e.to_string()))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::domain::model::{Operators, Org};

    #[test]
    fn orgs_and_operators_are_read_back() {
        let org = r#"{"name":"on [{","enforcement":{"state":"on","from":"2026-01-01T00:00:00Z"},
            "grace_days":14,"opt_out":"allow","mandated_roles":["admin"],
            "exceptions":{"short_max":"8h","approval":"two-person",
            "added_reasons":{"no":{"kind":"short","follow_up":"review"}}}}"#;
        let org: Org = serde_json::from_str(org).unwrap();
        let text = write(&org);
        assert!(text.starts_with("name: \"on [{\"\nenforcement:\n  state: \"on\"\n"), "{text}");
        assert_eq!(read::<Org>("orgs/a.yaml", &text).unwrap(), org);
        let none = Operators::default();
        assert_eq!(read::<Operators>("operators.yaml", &write(&none)).unwrap(), none);
    }

    proptest::proptest! {
        #[test]
        fn what_is_written_is_read_back(
            fields in proptest::collection::btree_map(
                "[a-z_]{1,6}|[ -~]{0,4}",
                proptest::collection::btree_map("[a-z]{1,5}", "[ -~é€]{0,6}", 0..3),
                1..4,
            ),
        ) {
            let text = write(&fields);
            let value = serde_json::to_value(&fields).unwrap();
            proptest::prop_assert_eq!(read::<Value>("file", &text).unwrap(), value);
        }
    }

    #[test]
    fn a_second_value_for_a_key_and_brackets_without_end_are_refused() {
        assert!(read::<Operators>("o", "operators: {}\noperators: {}\n").is_err());
        assert!(read::<Operators>("o", "operators: {a: 1, a: 2}\n").is_err());
        assert!(read::<Operators>("o", &"[".repeat(200_000)).is_err());
    }
}
