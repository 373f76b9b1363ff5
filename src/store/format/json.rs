//! JSON as it stands in the lines of the state and of the log.

use serde::{Deserialize, Serialize};

/// The text of a value: always the same for the same value, so that it can be hashed.
pub(crate) fn write(value: &(impl Serialize + ?Sized)) -> String {
    serde_json::to_string(value).expect("state types are plain data")
}

/// Reads a value.
pub(crate) fn read<'a, T: Deserialize<'a>>(text: &'a str) -> serde_json::Result<T> {
    serde_json::from_str(text)
}
