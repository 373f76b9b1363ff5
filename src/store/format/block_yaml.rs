//! Block-style YAML: orgs, operators and `state.yaml`, written for people to
//! read, read strictly.

use serde::Serialize;
use serde::de::DeserializeOwned;
use serde_json::{Map, Value};

use crate::error::{Error, Result};

use super::keyed_lines;

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
    if field { key.to_owned() } else { serde_json::to_string(key).unwrap_or_default() }
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
    // What mfactl wrote, which is nearly everything, needs no YAML library: its start
    // alone is a tenth of a decision.
    if let Some(value) = as_written(body)
        && let Ok(value) = serde_json::from_value(value)
    {
        return Ok(value);
    }
    serde_yaml::from_str(body).map_err(|e| damaged(e.to_string()))
}

/// Reads what [`write`] wrote; `None` for any other YAML, and where a key comes twice.
fn as_written(body: &str) -> Option<Value> {
    // The maps that are open, each with its key in the one before.
    let mut open = vec![(String::new(), Map::new())];
    for line in body.split_terminator('\n') {
        let text = line.trim_start_matches(' ');
        let depth = (line.len() - text.len()) / 2;
        while open.len() > depth + 1 {
            close(&mut open)?;
        }
        let (key, value) = field_as_written(text)?;
        let (_, map) = open.last_mut()?;
        if (line.len() - text.len()) % 2 != 0 || map.contains_key(&key) {
            return None;
        }
        match value {
            _ if open.len() != depth + 1 => return None,
            Some(value) => drop(open.last_mut()?.1.insert(key, value)),
            None => open.push((key, Map::new())),
        }
    }
    while open.len() > 1 {
        close(&mut open)?;
    }
    let (_, map) = open.pop()?;
    (!map.is_empty()).then_some(Value::Object(map))
}

/// Puts the innermost map into the one that it belongs to.
fn close(open: &mut Vec<(String, Map<String, Value>)>) -> Option<()> {
    let (key, map) = open.pop()?;
    if map.is_empty() {
        return None;
    }
    open.last_mut()?.1.insert(key, Value::Object(map));
    Some(())
}

/// One `key: value`; no value where a map follows.
fn field_as_written(text: &str) -> Option<(String, Option<Value>)> {
    let end = keyed_lines::token_end(text.as_bytes()).or_else(|| text.find(':'))?;
    let (written, rest) = (text.get(..end)?, text.get(end..)?.strip_prefix(':')?);
    let key = if written.starts_with('"') {
        serde_json::from_str(written).ok()?
    } else {
        (written_key(written) == written).then(|| written.to_owned())?
    };
    if rest.is_empty() {
        return Some((key, None));
    }
    let value: Value = serde_json::from_str(rest.strip_prefix(' ')?).ok()?;
    let plain = match &value {
        Value::Object(fields) => fields.is_empty(),
        Value::Array(items) => !items.iter().any(|item| item.is_object() || item.is_array()),
        _ => true,
    };
    plain.then_some((key, Some(value)))
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

    #[test]
    fn only_what_is_written_by_us_is_read_without_the_library() {
        let written =
            "enforcement:\n  state: \"on\"\n  deep:\n    \"no\": [\"a\", 1]\nopt_out: {}\n";
        let read = serde_json::json!({
            "enforcement": {"state": "on", "deep": {"no": ["a", 1]}}, "opt_out": {}
        });
        assert_eq!(as_written(written), Some(read));
        for other in [
            "",
            "{}",
            "name: on",
            "name: \"a\" # why",
            "name: \"a\"\nname: \"b\"",
            "name:\n  first: 1\nname:\n  first: 2",
            "name:\nother: 1",
            "name:",
            "yes: 1",
            "\"name: 1",
            " name: 1",
            "name: 1\n  deeper: 2",
            "name:\n    deeper: 2",
            "name:\n  one: 1\n other: 2",
            "name: {\"a\": 1}",
            "name: [{\"a\": 1, \"a\": 2}]",
            "name: 1\n\nother: 2",
            "- 1",
            "---\nname: 1",
        ] {
            assert_eq!(as_written(other), None, "{other:?}");
        }
    }

    proptest::proptest! {
        #[test]
        fn what_is_written_is_read_as_the_library_reads_it(
            fields in proptest::collection::btree_map(
                "[a-z_]{1,6}|[ -~]{0,4}",
                proptest::collection::btree_map("[a-z]{1,5}", "[ -~é€]{0,6}", 0..3),
                1..4,
            ),
        ) {
            let text = write(&fields);
            let value = serde_json::to_value(&fields).unwrap();
            proptest::prop_assert_eq!(as_written(&text), Some(value.clone()));
            let slow: Value = serde_yaml::from_str(&text).unwrap();
            proptest::prop_assert_eq!(slow, value);
        }

        #[test]
        fn no_body_makes_it_panic(body in "(?s)[ a-z:\\n\"{}\\[\\]é]{0,60}") {
            let _ = as_written(&body);
        }
    }

    #[test]
    fn a_second_value_for_a_key_and_brackets_without_end_are_refused() {
        assert!(read::<Operators>("o", "operators: {}\noperators: {}\n").is_err());
        assert!(read::<Operators>("o", "operators: {a: 1, a: 2}\n").is_err());
        assert!(read::<Operators>("o", &"[".repeat(200_000)).is_err());
    }
}
