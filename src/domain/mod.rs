//! The rules, pure: no clock, no file, no environment. Everything comes in as a
//! value and goes out as a value, and nothing here imports from the other rooms.
//!
//! - [`ids`], [`time`], [`model`]: what the words mean.
//! - [`decision`]: `decide(user, org, service, instant)`, one rule a file.
//! - [`change`]: every change and its refusals: `(scope, change, context) → outcome`.
//! - [`rights`]: who may do what.
//! - [`due`], [`follow_up`]: what ends when, and what is to be done afterwards.
//! - [`moved_out`]: exceptions that ended so long ago that only the audit log has them.
//! - [`coverage`], [`usage`]: decisions and exceptions, counted for reports.
//! - [`scope`], [`outcome`]: what a change needs and what comes of it.
//! - [`from_text`], [`encoding`], [`lines`]: how texts are read, and where in a file.

pub mod change;
pub mod coverage;
pub mod decision;
pub mod due;
pub mod encoding;
pub mod follow_up;
pub mod from_text;
#[cfg(any(test, fuzzing))]
pub(crate) mod fuzzing;
pub mod ids;
pub mod lines;
pub mod model;
pub mod moved_out;
pub mod outcome;
pub mod reasons;
pub mod refusal;
pub mod rights;
pub mod scope;
pub mod time;
pub mod usage;

#[cfg(test)]
mod tests;
