//! A program that does nothing, linked like mfactl: what starting a process costs.

// Linked with the library, as mfactl is: the same other libraries are loaded.
use mfactl as _;

fn main() {}
