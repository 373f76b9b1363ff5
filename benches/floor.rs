//! What cannot be left out: the system calls and the hashing of some work on the
//! layout of a state, and nothing else. It knows just enough of the layout to find
//! one line in it, checks nothing that a hash does not check, and decides nothing.
//! `DIR` is a copy of a state that may be changed.
//!
//! - `floor read STATE ORG LOGIN`: the end of the log, one org, one shard, one line
//! - `floor change DIR LOGIN`: one line of one shard replaced
//! - `floor grant DIR LOGIN PAGE`: the same, and a line added to a page of the calendar
//! - `floor apply DIR USERS`: every shard of users replaced, and so many details in the audit
//! - `floor verify DIR ORG LOGIN SHARD`: what a sign-in reads; SHARD replaced
//! - `floor hash STATE`: every file hashed, on all processors

#![allow(clippy::disallowed_methods, reason = "it is a program of its own, with its own doors")]

use std::fs::{File, OpenOptions};
use std::io::{self, ErrorKind, Read, Write};
use std::os::unix::fs::{FileExt, OpenOptionsExt};
use std::path::{Path, PathBuf};

use rayon::prelude::*;
// Linked with the library, as mfactl is: the same other libraries are loaded.
use mfactl as _;
use sha2::{Digest, Sha256};

/// A record of a small change takes about so many bytes.
const RECORD: usize = 600;
/// An entry of the calendar takes about so many bytes.
const ENTRY: usize = 480;
/// What a change of one user among many takes in the audit.
const DETAIL: usize = 400;
/// The end of the log that a reader looks at first.
const TAIL: u64 = 4_096;

fn main() -> io::Result<()> {
    let words: Vec<String> = std::env::args().skip(1).collect();
    let words: Vec<&str> = words.iter().map(String::as_str).collect();
    match words.as_slice() {
        ["read", state, org, login] => read(Path::new(state), org, login),
        ["change", dir, login] => change(Path::new(dir), login, None),
        ["grant", dir, login, page] => change(Path::new(dir), login, Some(page)),
        ["apply", dir, users] => apply(Path::new(dir), users),
        ["verify", dir, org, login, shard] => verify(Path::new(dir), org, login, shard),
        ["hash", state] => hash(Path::new(state)),
        _ => Err(wrong("usage: floor read|change|grant|apply|verify|hash …")),
    }
}

fn wrong(words: &str) -> io::Error {
    io::Error::new(ErrorKind::InvalidInput, words.to_owned())
}

/// One decision: what must be read and hashed for it, and its line printed.
fn read(state: &Path, org: &str, login: &str) -> io::Result<()> {
    let tail = log_tail(state)?;
    let org = whole(&mut File::open(state.join(format!("orgs/{org}.yaml")))?)?;
    let (_, mut shard) = open_shard(&state.join("users"), login)?;
    let shard = whole(&mut shard)?;
    let sum = [&tail, &org, &shard].map(|bytes| Sha256::digest(bytes)[0]);
    let (start, end) = line_of(&shard, login)?;
    let mut out = io::stdout().lock();
    out.write_all(&shard[start..end])?;
    writeln!(out, "{sum:?}")
}

/// One durable change: each file read and checked, its new version written and
/// synced beside it, its directory synced, the record appended and synced, the
/// new versions renamed into place.
fn change(dir: &Path, login: &str, page: Option<&str>) -> io::Result<()> {
    let tail = log_tail(dir)?;
    let (path, mut shard) = open_shard(&dir.join("users"), login)?;
    let bytes = whole(&mut shard)?;
    line_of(&bytes, login)?;
    let mut files = vec![(path, bytes)];
    if let Some(page) = page {
        let path = dir.join(format!("due/{page}.yaml"));
        let mut bytes = File::open(&path).and_then(|mut file| whole(&mut file)).unwrap_or_default();
        bytes.extend([b'x'; ENTRY]);
        bytes.push(b'\n');
        files.push((path, bytes));
    }
    let mut record = vec![b'x'; RECORD];
    record.push(tail[0]);
    for (path, bytes) in &files {
        record.extend([Sha256::digest(bytes)[0], Sha256::digest(bytes)[1]]);
        write_beside(path, bytes)?;
    }
    for (path, _) in &files {
        sync_folder(path)?;
    }
    record.push(b'\n');
    let mut log = OpenOptions::new().append(true).open(dir.join("audit/floor.jsonl"))?;
    log.write_all(&record)?;
    log.sync_data()?;
    files.iter().try_for_each(|(path, _)| std::fs::rename(beside(path), path))
}

/// A change of so many users that they are in every shard: each is read and checked, its new
/// version hashed and written beside it, all of them synced at once; the details and the
/// record are written and synced, and the new versions renamed into place.
fn apply(dir: &Path, users: &str) -> io::Result<()> {
    let users: usize = users.parse().map_err(|_| wrong("USERS is a number"))?;
    log_tail(dir)?;
    let folder = dir.join("users");
    let entries = std::fs::read_dir(&folder)?.map(|entry| Ok(entry?.path()));
    let shards: Vec<PathBuf> = entries.collect::<io::Result<_>>()?;
    let sums = shards.par_iter().map(|path| replace_unsynced(path));
    let sum = sums.reduce(|| Ok(0), |a, b| Ok(a? ^ b?))?;
    let folder = File::open(folder)?;
    rustix::fs::syncfs(&folder)?;
    folder.sync_all()?;
    let details = vec![b'x'; users * DETAIL];
    let mut record = Sha256::digest(&details).to_vec();
    record.push(sum);
    record.resize(RECORD, b'x');
    record.push(b'\n');
    let path = dir.join("audit/details");
    write_beside(&path, &details)?;
    let mut log = OpenOptions::new().append(true).open(dir.join("audit/floor.jsonl"))?;
    log.write_all(&record)?;
    log.sync_data()?;
    shards
        .par_iter()
        .chain([path].par_iter())
        .try_for_each(|path| std::fs::rename(beside(path), path))
}

/// Of the hashes a byte comes back, so that they are made.
fn replace_unsynced(path: &Path) -> io::Result<u8> {
    let mut bytes = whole(&mut File::open(path)?)?;
    let sum = Sha256::digest(&bytes)[0];
    let last = bytes.len() - 1;
    bytes[..last].rotate_left(0);
    let mut options = OpenOptions::new();
    let mut file = options.write(true).create_new(true).mode(0o600).open(beside(path))?;
    file.write_all(&bytes)?;
    Ok(sum ^ Sha256::digest(&bytes)[1])
}

fn beside(path: &Path) -> PathBuf {
    path.with_extension("new")
}

fn write_beside(path: &Path, bytes: &[u8]) -> io::Result<()> {
    let mut options = OpenOptions::new();
    let mut file = options.write(true).create_new(true).mode(0o600).open(beside(path))?;
    file.write_all(bytes)?;
    file.sync_data()
}

fn sync_folder(path: &Path) -> io::Result<()> {
    File::open(path.parent().unwrap_or(Path::new(".")))?.sync_all()
}

/// A sign-in with a right code: what the decision needs, the secret and the key; then
/// the shard of sign-in state replaced, durably.
fn verify(dir: &Path, org: &str, login: &str, shard: &str) -> io::Result<()> {
    let (_, mut secrets) = open_shard(&dir.join("secrets"), login)?;
    let secrets = whole(&mut secrets)?;
    line_of(&secrets, login)?;
    let key = std::fs::read(dir.join("key"))?;
    let mut sum = [Sha256::digest(&secrets)[0], Sha256::digest(&key)[0]];
    read(dir, org, login)?;
    let path = dir.join(shard);
    let bytes = whole(&mut File::open(&path)?)?;
    // The hash of what is read and the hash of what is written.
    sum.iter_mut().for_each(|part| *part ^= Sha256::digest(&bytes)[0]);
    write_beside(&path, &bytes)?;
    std::fs::rename(beside(&path), &path)?;
    sync_folder(&path)?;
    let mut log = OpenOptions::new().append(true).create(true).open(dir.join("signin.log"))?;
    writeln!(log, "{sum:?}")
}

/// Every file below a directory, hashed.
fn hash(dir: &Path) -> io::Result<()> {
    let (mut folders, mut files) = (vec![dir.to_owned()], Vec::new());
    while let Some(folder) = folders.pop() {
        for entry in std::fs::read_dir(folder)? {
            let entry = entry?;
            if entry.file_type()?.is_dir() {
                folders.push(entry.path())
            } else {
                files.push(entry.path())
            }
        }
    }
    let sum = files.par_iter().map(|file| hash_file(file)).reduce(|| Ok(0), |a, b| Ok(a? ^ b?));
    writeln!(io::stdout(), "{}", sum?)
}

fn hash_file(path: &Path) -> io::Result<u8> {
    let (mut file, mut hasher) = (File::open(path)?, Sha256::new());
    let mut buffer = vec![0; 256 << 10];
    loop {
        match file.read(&mut buffer)? {
            0 => return Ok(hasher.finalize()[0]),
            read => hasher.update(&buffer[..read]),
        }
    }
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
        let path = dir.join(format!("{name}.yaml"));
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
