//! Work on a state as a whole: make it, migrate it, prune it, verify it, repair it, back it
//! up.

pub(super) mod backup;
pub(super) mod check;
pub(super) mod draft;
pub(super) mod files_of_user;
pub(super) mod init;
pub(super) mod migrate;
pub(super) mod prune;
pub(super) mod repair;
pub(super) mod restored_signin;
pub(super) mod verify;
