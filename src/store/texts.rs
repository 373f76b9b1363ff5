//! What differs between two objects that are there as JSON texts: of a user, who has a
//! dozen fields, mostly one does, and only that is read.

use std::borrow::Cow;
use std::fmt;

use serde::de::{Deserialize, Deserializer, MapAccess, Visitor};
use serde_json::value::RawValue;
use serde_json::{Map, Value};

use crate::domain::outcome::difference;

/// The [`difference`] of two objects, as text.
///
/// # Errors
/// Where one of them is no JSON.
pub(super) fn difference_of(before: &str, after: &str) -> serde_json::Result<(String, String)> {
    let (was, is) = match (Fields::read(before), Fields::read(after)) {
        (Some(old), Some(new)) => old.difference(&new)?,
        _ => difference(&serde_json::from_str(before)?, &serde_json::from_str(after)?),
    };
    Ok((was.to_string(), is.to_string()))
}

/// The fields of an object in their order, each still as it is written.
struct Fields<'a>(Vec<(Cow<'a, str>, &'a RawValue)>);

impl<'a> Fields<'a> {
    /// `None` where the text is no object, or has a key twice.
    fn read(text: &'a str) -> Option<Fields<'a>> {
        let fields: Fields<'a> = serde_json::from_str(text).ok()?;
        let is_first = |(at, (key, _)): (usize, &(Cow<'a, str>, &'a RawValue))| {
            !fields.0[..at].iter().any(|(other, _)| other == key)
        };
        fields.0.iter().enumerate().all(is_first).then_some(fields)
    }

    fn get(&self, key: &str) -> Option<&'a RawValue> {
        self.0.iter().find(|(own, _)| own == key).map(|(_, value)| *value)
    }

    fn difference(&self, new: &Fields<'a>) -> serde_json::Result<(Value, Value)> {
        let read = |value: &RawValue| serde_json::from_str::<Value>(value.get());
        let (mut was, mut is) = (Map::new(), Map::new());
        let added = new.0.iter().filter(|(key, _)| self.get(key).is_none());
        for (key, _) in self.0.iter().chain(added) {
            let (old, new) = (self.get(key), new.get(key));
            if old.map(RawValue::get) == new.map(RawValue::get) {
                continue;
            }
            let (old, new) = (old.map(read).transpose()?, new.map(read).transpose()?);
            // The same value may be written in two ways.
            if old == new {
                continue;
            }
            let (old, new) = match (old, new) {
                (Some(old), Some(new)) => difference(&old, &new),
                (old, new) => (old.unwrap_or(Value::Null), new.unwrap_or(Value::Null)),
            };
            was.insert(key.clone().into_owned(), old);
            is.insert(key.clone().into_owned(), new);
        }
        Ok((Value::Object(was), Value::Object(is)))
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
                    fields.push((key, map.next_value()?));
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
