//! A program that does nothing, linked like mfactl: what starting a process costs.

fn main() {}
