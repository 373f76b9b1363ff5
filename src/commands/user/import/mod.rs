//! `user import`: accounts from CSV, all of them in one revision.

#[cfg(any(test, fuzzing))]
mod fuzzing;
mod rows;
mod run;

#[cfg(any(test, fuzzing))]
pub(in crate::commands) use fuzzing::fuzz;
pub(super) use run::import;
pub(in crate::commands) use run::new_id;
