//! How an answer is printed: one file for each format, and [`super::Report`], which chooses.
//!
//! A format for programs has two functions, `one` for an object and `list` for many. A new
//! one needs its file, its variant of [`OutputFormat`](super::OutputFormat), and an arm in
//! `object` and in `objects`.

pub mod csv;
pub mod error;
pub mod escape;
pub mod json;
pub mod jsonl;
pub mod page;
pub mod render;
pub mod style;
pub mod table;
pub mod text;
pub mod wiped;
pub mod yaml;

pub(crate) use render::{object, objects};
