//! The chain recomputed and compared with the files.

use super::{Data, Place, text};
use crate::row::{Row, Side};

/// `mfactl audit verify` beside SHA-256 alone over the same bytes: 60 % of its speed is
/// 1.67 times its time.
pub fn verify(place: &Place, data: &Data) -> Row {
    let verify = place.mfactl(Some(&data.state), &["audit", "verify", "-o", "json"]);
    let hash = place.floor(&["hash", text(&data.state)]);
    Row::new("`audit verify`", Some(data.users))
        .side(Side::one("`mfactl audit verify`", verify).expects("\"ok\": true"))
        .side(Side::one("SHA-256 alone, on all processors", hash).goal(1.67))
        .rounds(5)
        .bounded_by(
            "SHA-256 is 44 % of the processor time, looking over the strings of details and users 17 %",
        )
        .because("linear in the bytes of log and files: all of them are hashed")
}
