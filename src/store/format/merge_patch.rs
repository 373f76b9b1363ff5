//! The difference of two objects that are kept as JSON texts.

use crate::domain::outcome::difference;

use super::json;

/// The [`difference`] of two objects, as text.
///
/// # Errors
/// Where one of them is not JSON.
pub(crate) fn difference_of(before: &str, after: &str) -> serde_json::Result<(String, String)> {
    let (was, is) = difference(&json::read(before)?, &json::read(after)?);
    Ok((json::write(&was), json::write(&is)))
}
