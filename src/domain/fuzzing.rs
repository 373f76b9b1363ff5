//! What several rooms ask while they are fuzzed.

use serde_json::Value;

/// Whether a value contains no fractions. The library rounds a fraction each time that it reads
/// one, so it changes when it is written and read again. mfactl never writes fractions.
pub(crate) fn is_whole(value: &Value) -> bool {
    match value {
        Value::Number(number) => !number.is_f64(),
        Value::Array(items) => items.iter().all(is_whole),
        Value::Object(fields) => fields.values().all(is_whole),
        _ => true,
    }
}
