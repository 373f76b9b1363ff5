//! Files that are named on the command line, and the folders that they are in.

pub(super) mod foreign_file;
pub(super) mod input;
pub(super) mod output;
pub(super) mod place;
pub(super) mod policy_folders;
pub(super) mod typed_code;
