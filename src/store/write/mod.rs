//! Writing: a transaction stages what changes, the commit makes it durable with its record, and
//! recovery completes a commit that was interrupted.

pub(super) mod changed_files;
pub(super) mod commit;
pub(super) mod details;
pub(super) mod evidence;
pub(super) mod moved_out;
pub(super) mod pending_files;
pub(super) mod recover;
pub(super) mod secrets;
pub(super) mod shard_edits;
pub(super) mod staging;
pub(super) mod transaction;
