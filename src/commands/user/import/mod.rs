//! `user import`: accounts from CSV, all of them in one revision.

mod apply;
#[cfg(any(test, fuzzing))]
mod fuzzing;
mod places;
mod records;
mod rows;

pub(super) use apply::import;
pub(in crate::commands) use apply::new_id;
#[cfg(any(test, fuzzing))]
pub(in crate::commands) use fuzzing::fuzz;
