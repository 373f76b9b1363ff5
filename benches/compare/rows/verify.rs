//! A sign-in with the right code.

use std::collections::HashMap;
use std::path::{Path, PathBuf};
use std::time::{SystemTime, UNIX_EPOCH};

use hmac::{Hmac, KeyInit, Mac};
use sha1::Sha1;
use sha2::{Digest, Sha256};

use super::{Case, Data, Place, text};
use crate::Result;
use crate::row::{Process, Row, Side, Work};

/// The secret that `benches/run` enrols all of them with (RFC 6238, appendix B).
const SECRET: &[u8] = b"12345678901234567890";
/// The length of a time step (seconds).
const STEP: u64 = 30;

/// `mfactl signin verify` beside the floor, which replaces the same sign-in shard.
pub fn right_code(place: &Place, data: &Data) -> Row {
    let floor = |case: &Case| {
        let shard = format!("signin/{}.yaml", shard(&case.id));
        place.floor(&["verify", text(&data.floor), &case.org, &case.login, &shard])
    };
    Row::new("`signin verify`, the right code", Some(data.users))
        .side(ours(place, data))
        .side(Side::new("the floor", data.each("verify", floor)))
        .side(Side::one("an empty program", place.empty()))
        .bounded_by("a file and its directory synced")
        .rounds(data.cases("verify").len().saturating_sub(8).max(1))
        .because(
            "flat: a decision, and one of 4,096 sign-in shards written and synced; \
             none of it grows with the users that do not sign in here",
        )
}

/// The first digits of the hash of an id name the shard.
fn shard(id: &str) -> String {
    let hash = Sha256::digest(id.as_bytes());
    format!("{:02x}{:x}", hash[0], hash[1] >> 4)
}

/// A code counts once: each user has one turn in this time step. The code is written
/// into the file that is read just before.
fn ours(place: &Place, data: &Data) -> Side {
    let input: PathBuf = data.dir.join("code");
    let process = |case: &Case| {
        let words = ["signin", "verify", &case.login, "--org", &case.org, "--code-from", "-"];
        let words = [&words[..], &["-o", "json"]].concat();
        Process { words: place.mfactl(Some(&data.state), &words), input: Some(input.clone()) }
    };
    let processes: Vec<Process> = data.cases("verify").iter().map(process).collect();
    let (mut turn, count, mut used) = (0, processes.len(), HashMap::new());
    // At their import all codes up to the present one counted as used.
    let made = data.dir.join("made");
    let mut side = Side::new("`mfactl signin verify`", Vec::new());
    side.work = Work::Processes(processes);
    side.expects("\"ok\": true").before({
        let input = input.clone();
        move || {
            let at_import = step_of(std::fs::metadata(&made)?.modified()?)?;
            let step = fresh(used.get(&(turn % count)).copied().unwrap_or(at_import))?;
            used.insert(turn % count, step);
            turn += 1;
            write_code(&input, step)
        }
    })
}

fn step_of(time: SystemTime) -> Result<u64> {
    Ok(time.duration_since(UNIX_EPOCH)?.as_secs() / STEP)
}

/// A step that this user has not used yet: that of now, or the next one, which a clock that
/// goes a little ahead would be allowed.
fn fresh(used: u64) -> Result<u64> {
    loop {
        let now = step_of(SystemTime::now())?;
        match (now..=now + 1).find(|step| *step > used) {
            Some(step) => return Ok(step),
            None => std::thread::sleep(std::time::Duration::from_millis(200)),
        }
    }
}

fn write_code(file: &Path, step: u64) -> Result<()> {
    let mut mac = Hmac::<Sha1>::new_from_slice(SECRET)?;
    mac.update(&step.to_be_bytes());
    let hash = mac.finalize().into_bytes();
    // RFC 4226 §5.3
    let at = usize::from(hash[19] & 15);
    let number = u32::from_be_bytes([hash[at] & 0x7f, hash[at + 1], hash[at + 2], hash[at + 3]]);
    Ok(std::fs::write(file, format!("{:06}\n", number % 1_000_000))?)
}
