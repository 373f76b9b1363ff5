//! The keys of policy files. The table of a mapping makes both its reader and its JSON Schema.

use serde_json::{Map, Value, json};

use super::fields::KnownKey;
use crate::policy::model::Word;

/// The schema of a mapping with these keys and no others.
pub(super) fn mapping<T>(keys: &[KnownKey<T>]) -> Value {
    let mut properties = Map::new();
    for key in keys {
        let Some(schema) = key.schema else { continue };
        let mut schema = schema();
        schema["description"] = key.about.into();
        properties.insert(key.name.to_owned(), schema);
    }
    json!({"type": "object", "additionalProperties": false, "properties": properties})
}

pub(super) fn by_login(value: Value) -> Value {
    let login = r"^[A-Za-z0-9][A-Za-z0-9._+@'-]{0,127}$";
    json!({"type": "object", "propertyNames": {"pattern": login}, "additionalProperties": value})
}

pub(super) fn version() -> Value {
    json!({"const": super::VERSION})
}

pub(super) fn word<T: Word>() -> Value {
    json!({"enum": T::ALL.iter().map(|word| word.word()).collect::<Vec<_>>()})
}

pub(super) fn text() -> Value {
    json!({"type": "string", "minLength": 1, "maxLength": 1000})
}

/// An org or a service.
pub(super) fn id() -> Value {
    json!({"type": "string", "pattern": "^[a-z0-9][a-z0-9-]{0,62}$"})
}

pub(super) fn set(item: Value) -> Value {
    json!({"type": "array", "items": item, "uniqueItems": true})
}

pub(super) fn time() -> Value {
    let date_or_instant =
        r"^\d{4}-\d{2}-\d{2}([Tt ]\d{2}:\d{2}:\d{2}(\.\d+)?([Zz]|[+-]\d{2}:\d{2}))?$";
    json!({"type": "string", "pattern": date_or_instant})
}

pub(super) fn length() -> Value {
    json!({"type": "string", "pattern": r"^\d*[1-9]\d*[smhdw]$"})
}

pub(super) fn whole(most: u32) -> Value {
    json!({"type": "integer", "minimum": 0, "maximum": most})
}

/// The same schema, with `null` allowed.
pub(super) fn or_null(mut schema: Value) -> Value {
    schema["type"] = json!([schema["type"], "null"]);
    schema
}
