//! How the log says that it was pruned.

use serde_json::Value;

use crate::domain::time::Time;

/// The act that may leave details out.
pub(super) const ACTION: &str = "audit.prune";
/// The key of its own detail, among those of the state.
pub(super) const KEY: &str = "prune";

/// The instant that a record of pruning names.
pub(super) fn before_of(after: &Value) -> Option<Time> {
    Time::parse_rfc3339(after.get("before")?.as_str()?).ok()
}
