//! What cannot be left out: the system calls and the hashing of one decision and
//! of one durable change on the layout of a state, and nothing else. It knows
//! just enough of the layout to find one line in it, checks nothing that a hash
//! does not check, and decides nothing.
//!
//! - `floor empty`
//! - `floor read STATE ORG LOGIN`: the end of the log, one org, one shard, one line
//! - `floor change DIR LOGIN`: one line replaced, `DIR` being a copy of a state

#![allow(clippy::disallowed_methods, reason = "it is a program of its own, with its own doors")]

use std::fs::{File, OpenOptions};
use std::io::{self, ErrorKind, Read, Write};
use std::os::unix::fs::{FileExt, OpenOptionsExt};
use std::path::{Path, PathBuf};

use sha2::{Digest, Sha256};

/// A record of a small change takes about so many bytes.
const RECORD: usize = 600;
/// The end of the log that a reader looks at first.
const TAIL: u64 = 4_096;

fn main() -> io::Result<()> {
    let words: Vec<String> = std::env::args().skip(1).collect();
    let words: Vec<&str> = words.iter().map(String::as_str).collect();
    match words.as_slice() {
        ["empty"] => Ok(()),
        ["read", state, org, login] => read(Path::new(state), org, login),
        ["change", dir, login] => change(Path::new(dir), login),
        _ => Err(wrong("usage: floor empty | read STATE ORG LOGIN | change DIR LOGIN")),
    }
}

fn wrong(words: &str) -> io::Error {
    io::Error::new(ErrorKind::InvalidInput, words.to_owned())
}

/// One decision: what must be read and hashed for it, and its line printed.
fn read(state: &Path, org: &str, login: &str) -> io::Result<()> {
    let tail = log_tail(state)?;
    let org = whole(&mut File::open(state.join(format!("orgs/{org}.yaml")))?)?;
    let (_, mut shard) = open_shard(state, login)?;
    let shard = whole(&mut shard)?;
    let sum = [&tail, &org, &shard].map(|bytes| Sha256::digest(bytes)[0]);
    let (start, end) = line_of(&shard, login)?;
    let mut out = io::stdout().lock();
    out.write_all(&shard[start..end])?;
    writeln!(out, "{sum:?}")
}

/// One durable change: the shard read and checked, its new version written and
/// synced beside it, its directory synced, the record appended and synced, the
/// new version renamed into place.
fn change(dir: &Path, login: &str) -> io::Result<()> {
    let tail = log_tail(dir)?;
    let (path, mut shard) = open_shard(dir, login)?;
    let mut bytes = whole(&mut shard)?;
    let read = Sha256::digest(&bytes);
    let (start, end) = line_of(&bytes, login)?;
    bytes[start..end].rotate_left(0);
    let written = Sha256::digest(&bytes);
    let users = dir.join("users");
    let shadow = users.join(".new");
    let mut file = OpenOptions::new().write(true).create_new(true).mode(0o600).open(&shadow)?;
    file.write_all(&bytes)?;
    file.sync_all()?;
    File::open(&users)?.sync_all()?;
    let mut record = vec![b'x'; RECORD];
    record.extend([read[0], written[0], tail[0]]);
    record.push(b'\n');
    let mut log = OpenOptions::new().append(true).open(dir.join("audit/floor.jsonl"))?;
    log.write_all(&record)?;
    log.sync_data()?;
    std::fs::rename(&shadow, path)
}

/// The last bytes of the last segment of the log.
fn log_tail(dir: &Path) -> io::Result<Vec<u8>> {
    let mut last = File::open(dir.join("audit/000001.jsonl"))?;
    for number in 2.. {
        match File::open(dir.join(format!("audit/{number:06}.jsonl"))) {
            Ok(next) => last = next,
            Err(_) => break,
        }
    }
    let size = last.metadata()?.len();
    let length = size.min(TAIL);
    let mut tail = vec![0; length as usize];
    last.read_exact_at(&mut tail, size - length)?;
    Ok(tail)
}

/// The shard of a login: the first digits of its hash, as many as there are.
fn open_shard(dir: &Path, login: &str) -> io::Result<(PathBuf, File)> {
    let hash = Sha256::digest(login.as_bytes());
    let digits = format!("{:02x}{:02x}", hash[0], hash[1]);
    for name in [&digits[..3], &digits[..2], &digits[..1], "all"] {
        let path = dir.join(format!("users/{name}.yaml"));
        match File::open(&path) {
            Ok(file) => return Ok((path, file)),
            Err(e) if e.kind() == ErrorKind::NotFound => {}
            Err(e) => return Err(e),
        }
    }
    Err(wrong("no shard of this login"))
}

fn whole(file: &mut File) -> io::Result<Vec<u8>> {
    let mut bytes = Vec::with_capacity(file.metadata()?.len() as usize + 1);
    file.read_to_end(&mut bytes)?;
    Ok(bytes)
}

/// Where the line of this login is, found by bisection.
fn line_of(shard: &[u8], login: &str) -> io::Result<(usize, usize)> {
    let key = format!("\"{login}\": ");
    let mut low = shard.iter().position(|byte| *byte == b'\n').map_or(0, |at| at + 1);
    let mut high = shard.len();
    while low < high {
        let middle = low + (high - low) / 2;
        let start = shard[low..middle].iter().rposition(|byte| *byte == b'\n');
        let start = start.map_or(low, |at| low + at + 1);
        let length = shard[start..].iter().position(|byte| *byte == b'\n');
        let end = length.map_or(shard.len(), |length| start + length + 1);
        let line = &shard[start..end];
        if line.starts_with(key.as_bytes()) {
            return Ok((start, end));
        }
        let token = line.split(|byte| *byte == b':').next().unwrap_or_default();
        if token < &key.as_bytes()[..key.len() - 2] { low = end } else { high = start }
    }
    Err(wrong("no line of this login"))
}
