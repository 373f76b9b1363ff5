//! `audit verify`: whether the chain holds and the files are what it says.

use super::check::Problem;

/// What `audit verify` found.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Verified {
    /// Whole records of the chain.
    pub records: u64,
    /// The hash of the last of them.
    pub head: String,
    /// The first record that is wrong, if one is.
    pub first_bad: Option<FirstBad>,
    /// How many files were compared.
    pub files_checked: usize,
    /// Which of them are not what the chain says.
    pub files_bad: Vec<Problem>,
}

impl Verified {
    /// Whether nothing was found.
    pub fn ok(&self) -> bool {
        self.first_bad.is_none() && self.files_bad.is_empty()
    }
}

/// The first record that is wrong.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct FirstBad {
    /// Its revision, as far as it can be known.
    pub rev: u64,
    /// What is wrong.
    pub what: String,
}
