//! Tests of the domain as a whole, and the kit that the tables of its parts share.

pub(in crate::domain) mod kit;

mod laws;
mod model;
mod random;
mod rights;
