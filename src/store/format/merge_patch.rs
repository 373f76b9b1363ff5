//! What differs between two objects that are there as JSON texts: of a user, who has a
//! dozen fields, mostly one does, and only that is read.

use std::borrow::Cow;
use std::fmt;

use serde::de::{Deserialize, Deserializer, MapAccess, Visitor};
use serde_json::Value;
use serde_json::value::RawValue;

use crate::domain::outcome::difference;

use super::keyed_lines::push_token;
use super::skim::Skim;

/// The [`difference`] of two objects, as text.
///
/// # Errors
/// Where one of them is no JSON.
pub(crate) fn difference_of(before: &str, after: &str) -> serde_json::Result<(String, String)> {
    let mut both = Both::default();
    if !both.push_fields(before, after)? {
        let (was, is) = difference(&serde_json::from_str(before)?, &serde_json::from_str(after)?);
        return Ok((was.to_string(), is.to_string()));
    }
    Ok((both.was, both.is))
}

/// What differs: what was, and what is, as far as it was compared.
#[derive(Default)]
struct Both {
    was: String,
    is: String,
}

impl Both {
    fn push(&mut self, text: &str) {
        self.was.push_str(text);
        self.is.push_str(text);
    }

    /// Appends the fields of two objects that differ; whether they are two objects.
    fn push_fields(&mut self, before: &str, after: &str) -> serde_json::Result<bool> {
        let (Some(old), Some(new)) = (Fields::read(before), Fields::read(after)) else {
            return Ok(false);
        };
        self.push("{");
        let mut first = true;
        let added = new.0.iter().filter(|(key, _)| old.get(key).is_none());
        for (key, _) in old.0.iter().chain(added) {
            let (old, new) = (old.get(key), new.get(key));
            if old == new {
                continue;
            }
            let lengths = (self.was.len(), self.is.len());
            self.push(if first { "" } else { "," });
            push_token(&mut self.was, key);
            push_token(&mut self.is, key);
            self.push(":");
            if self.push_values(old, new)? {
                first = false;
            } else {
                self.was.truncate(lengths.0);
                self.is.truncate(lengths.1);
            }
        }
        self.push("}");
        Ok(true)
    }

    /// Appends what differs of two values that are written in two ways; `false` where it
    /// is the same value nevertheless, and what was appended is to go.
    fn push_values(&mut self, old: Option<&str>, new: Option<&str>) -> serde_json::Result<bool> {
        if [old, new].into_iter().flatten().all(is_as_written) {
            self.was.push_str(old.unwrap_or(NULL));
            self.is.push_str(new.unwrap_or(NULL));
            return Ok(true);
        }
        if let (Some(old), Some(new)) = (old, new) {
            let start = self.was.len();
            if self.push_fields(old, new)? {
                return Ok(self.was.len() > start + "{}".len());
            }
        }
        let read = |text: Option<&str>| text.map(serde_json::from_str::<Value>).transpose();
        let (old, new) = (read(old)?, read(new)?);
        let differs = old != new;
        let (was, is) = match (old, new) {
            // A key that comes twice hides the object from here, not what differs in it.
            (Some(old), Some(new)) => difference(&old, &new),
            (old, new) => (old.unwrap_or_default(), new.unwrap_or_default()),
        };
        self.was.push_str(&was.to_string());
        self.is.push_str(&is.to_string());
        Ok(differs)
    }
}

const NULL: &str = "null";

/// Whether a value is written in the only way there is: a string without escapes, or a word.
fn is_as_written(value: &str) -> bool {
    match value.as_bytes().first() {
        Some(b'"') => !value.contains('\\'),
        first => matches!(first, Some(b't' | b'f' | b'n')),
    }
}

/// The fields of an object in their order, each still as it is written.
struct Fields<'a>(Vec<(Cow<'a, str>, &'a str)>);

impl<'a> Fields<'a> {
    /// `None` where the text is no object, or has a key twice.
    fn read(text: &'a str) -> Option<Fields<'a>> {
        let fields = Fields::skim(text).or_else(|| serde_json::from_str(text).ok())?;
        let is_first = |(at, (key, _)): (usize, &(Cow<'a, str>, &str))| {
            !fields.0[..at].iter().any(|(other, _)| other == key)
        };
        fields.0.iter().enumerate().all(is_first).then_some(fields)
    }

    /// Those of an object as mfactl writes it.
    fn skim(text: &'a str) -> Option<Fields<'a>> {
        let mut skim = Skim::new(text);
        let mut fields = Vec::with_capacity(16);
        skim.pass(b"{")?;
        while !skim.passes(b"}") {
            if !fields.is_empty() {
                skim.pass(b",")?;
            }
            let key = skim.string()?;
            skim.pass(b":")?;
            let start = skim.at();
            skim.value()?;
            fields.push((Cow::Borrowed(key), &text[start..skim.at()]));
        }
        (skim.at() == text.len()).then_some(Fields(fields))
    }

    fn get(&self, key: &str) -> Option<&'a str> {
        self.0.iter().find(|(own, _)| own == key).map(|(_, value)| *value)
    }
}

impl<'de> Deserialize<'de> for Fields<'de> {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Fields<'de>, D::Error> {
        struct Read;
        impl<'de> Visitor<'de> for Read {
            type Value = Fields<'de>;

            fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.write_str("an object")
            }

            fn visit_map<A: MapAccess<'de>>(self, mut map: A) -> Result<Fields<'de>, A::Error> {
                let mut fields = Vec::with_capacity(16);
                while let Some(Text(key)) = map.next_key()? {
                    fields.push((key, map.next_value::<&RawValue>()?.get()));
                }
                Ok(Fields(fields))
            }
        }
        deserializer.deserialize_map(Read)
    }
}

/// A text, not copied where it has no escapes.
#[derive(serde::Deserialize)]
#[serde(transparent)]
struct Text<'a>(#[serde(borrow)] Cow<'a, str>);

#[cfg(test)]
mod tests {
    use proptest::prelude::*;
    use serde_json::Map;

    use super::*;

    fn slow(before: &str, after: &str) -> (String, String) {
        let read = |text| serde_json::from_str::<Value>(text).unwrap();
        let (was, is) = difference(&read(before), &read(after));
        (was.to_string(), is.to_string())
    }

    #[test]
    fn the_same_written_in_two_ways_is_no_difference() {
        for (before, after) in [
            (r#"{"a": "é", "b": 1}"#, r#"{"a":"\u00e9","b":2}"#),
            (r#"{"a":{"b":1,"c":2}}"#, r#"{"a":{"c":2,"b":1}}"#),
            (r#"{"a":1,"a":2}"#, r#"{"a":2}"#),
            (r#"{"x":{"a":1,"b":2}}"#, r#"{"x":{"a":1,"a":3}}"#),
            (r#"{"\u0061":1}"#, r#"{"a":2}"#),
            ("[1]", "[2]"),
            ("1", "{}"),
        ] {
            assert_eq!(difference_of(before, after).unwrap(), slow(before, after), "{before}");
        }
        assert!(difference_of("{", "{}").is_err());
    }

    fn value() -> impl Strategy<Value = Value> {
        let leaf = prop_oneof![
            any::<bool>().prop_map(Value::from),
            (0..3).prop_map(Value::from),
            "[a-c\"é]{0,2}".prop_map(Value::from),
        ];
        leaf.prop_recursive(3, 16, 4, |inner| {
            prop_oneof![
                prop::collection::vec(inner.clone(), 0..3).prop_map(Value::from),
                fields(inner).prop_map(Value::Object),
            ]
        })
    }

    fn fields(
        value: impl Strategy<Value = Value> + 'static,
    ) -> impl Strategy<Value = Map<String, Value>> {
        prop::collection::vec(("[a-d\"]{1,2}", value), 0..5)
            .prop_map(|fields| fields.into_iter().collect())
    }

    proptest! {
        #[test]
        fn texts_differ_as_values_do(before in fields(value()), after in fields(value())) {
            let (before, after) = (Value::Object(before).to_string(), Value::Object(after).to_string());
            prop_assert_eq!(difference_of(&before, &after).unwrap(), slow(&before, &after));
        }
    }
}
