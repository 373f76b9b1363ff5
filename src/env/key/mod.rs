//! The key file: where it is, how it is read and replaced, and the lock around it.

pub(super) mod file;
pub(super) mod lock;
pub(super) mod place;
