//! mfactl administers multi-factor authentication on a directory of plain files.
//!
//! This page is the map of the source. The library holds everything; `main.rs` calls
//! [`run`].
//!
//! - [`run`]: one run of the program.
//! - [`cli`]: what was typed: clap declarations, one file a noun, no action.
//! - [`commands`]: thin, one file a verb: arguments → domain → report.
//! - [`report`]: answers as values, and the formats that they are printed in.
//! - [`store`]: the state directory: lock, commit, recovery, snapshots, history.
//! - [`policy`]: policy files: strict reader, JSON Schema, plan, guards, drift, export.
//! - [`convert`]: the files of other tools, one format a file, both ways.
//! - [`secret`]: sealing keys, TOTP, recovery codes, counting attempts; pure.
//! - [`domain`]: the rules, pure.
//! - `parallel`: work on all processors, or on one where no thread can be made.
//! - [`mod@env`], [`ui`], [`error`]: the world outside, the person outside, and what can go wrong.
//! - `fuzzing`: what `fuzz/` does with input of others; in no build but that and the tests.
//! - [`signals`]: nothing stops the process while it holds a lock.
//! - `waiting`: the wait for a lock that another process holds.

pub mod cli;
pub mod commands;
pub mod convert;
pub mod domain;
pub mod env;
pub mod error;
#[cfg(any(test, fuzzing))]
pub mod fuzzing;
mod parallel;
pub mod policy;
pub mod report;
pub mod run;
pub mod secret;
pub mod signals;
pub mod store;
pub mod ui;
mod waiting;
