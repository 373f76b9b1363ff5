//! Bytes to values and back. Pure: nothing here opens a file, and nothing here knows the
//! rest of the store.

pub(super) mod block_yaml;
pub(super) mod digest;
pub(super) mod header;
pub(super) mod json;
pub(super) mod keyed_lines;
pub(super) mod layout;
pub(super) mod log_line;
pub(super) mod merge_patch;
pub(super) mod pruned;
