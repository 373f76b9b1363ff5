//! Tables of cases for the changes.
