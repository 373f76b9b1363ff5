//! Process start.

use super::Place;
use crate::row::{Row, Side};

/// `mfactl --version` beside a program that does nothing.
pub fn version(place: &Place) -> Row {
    let ours = place.mfactl(None, &["--version"]);
    Row::new("Process start", None)
        .side(Side::one("`mfactl --version`", ours).expects("mfactl "))
        .side(Side::one("an empty program", place.empty()).goal(1.7))
        .side(Side::one("`sqlite3 --version`", vec!["sqlite3".into(), "--version".into()]))
        .bounded_by(
            "mapping a program of some MiB and relocating it (20 pages), and the options that \
             are declared before any is read",
        )
        .because("not at all: the state is not looked at")
}
