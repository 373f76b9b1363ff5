//! How the log says that it was pruned.

use serde_json::Value;

use crate::domain::time::Time;

/// The act that may leave details out.
pub(crate) const ACTION: &str = "audit.prune";
/// The key of its own detail, among those of the state.
pub(crate) const KEY: &str = "prune";

/// The instant that a record of pruning names.
pub(crate) fn before_of(after: &Value) -> Option<Time> {
    Time::parse_rfc3339(after.get("before")?.as_str()?).ok()
}
