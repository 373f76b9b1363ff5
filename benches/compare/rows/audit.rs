//! The chain recomputed and compared with the files.

use super::{Data, Place, text};
use crate::row::{Row, Side};

/// `mfactl audit verify` beside SHA-256 alone over the same bytes.
pub fn verify(place: &Place, data: &Data) -> Row {
    let verify = place.mfactl(Some(&data.state), &["audit", "verify", "-o", "json"]);
    let hash = place.floor(&["hash", text(&data.state)]);
    Row::new("`audit verify`", Some(data.users))
        .side(Side::one("`mfactl audit verify`", verify).expects("\"ok\": true"))
        .side(Side::one("SHA-256 alone, on all processors", hash).goal(2.5))
        .rounds(5)
        .bounded_by(
            "SHA-256 is 44 % of the processor time, looking over the strings of details and users 17 %",
        )
        .because("linear in the bytes of log and files: all of them are hashed")
}

/// `mfactl state check` beside `audit verify`, which it includes.
pub fn check(place: &Place, data: &Data) -> Row {
    let words = |verb: &[&str]| place.mfactl(Some(&data.state), verb);
    let check = words(&["state", "check", "-o", "json"]);
    let verify = words(&["audit", "verify", "-o", "json"]);
    Row::new("`state check`", Some(data.users))
        .side(Side::one("`mfactl state check`", check).expects("{"))
        .side(Side::one("`mfactl audit verify`", verify).expects("\"ok\": true").goal(3.0))
        .rounds(5)
        .in_memory(128.0)
        .because("linear in the users: every user is read, and compared with index and calendar")
}
