//! How an answer is printed: one file for each format.

pub mod csv;
pub mod error;
pub mod escape;
pub mod json;
pub mod jsonl;
pub mod list;
pub mod one;
pub mod page;
pub mod style;
pub mod table;
pub mod text;
pub mod wiped;
pub mod yaml;
