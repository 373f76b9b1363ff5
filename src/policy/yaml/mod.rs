//! The strict YAML reader of policy files: every value keeps its place, and a duplicate key
//! is an error.

pub(super) mod node;
pub(super) mod parser;
pub(super) mod scalar;
