//! Reading: which revision, one value of it, all of it, and what it was in the past.

pub(super) mod at;
pub(super) mod calendar;
pub(super) mod file_list;
pub(super) mod moved_out;
pub(super) mod past;
pub(super) mod pinned;
pub(super) mod revision;
pub(super) mod scan;
pub(super) mod unrenamed;
pub(super) mod view;
