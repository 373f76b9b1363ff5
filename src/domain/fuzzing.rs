//! What several rooms ask while they are fuzzed.

use serde_json::Value;

/// Whether there is no fraction in a value. The library rounds fractions each time that it
/// reads them, so what is written of them and read again is another; mfactl has none.
pub(crate) fn is_whole(value: &Value) -> bool {
    match value {
        Value::Number(number) => !number.is_f64(),
        Value::Array(items) => items.iter().all(is_whole),
        Value::Object(fields) => fields.values().all(is_whole),
        _ => true,
    }
}
