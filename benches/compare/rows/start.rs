//! Process start.

use super::Place;
use crate::row::{Row, Side};

/// `mfactl --version` beside a program that does nothing.
pub fn version(place: &Place) -> Row {
    Row::new("Process start")
        .side(
            Side::one("`mfactl --version`", place.mfactl(None, &["--version"])).expects("mfactl "),
        )
        .side(Side::one("an empty program", place.empty()).goal(1.35))
        .side(Side::one("`sqlite3 --version`", vec!["sqlite3".into(), "--version".into()]))
}
