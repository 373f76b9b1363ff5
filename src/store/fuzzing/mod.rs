//! What fuzzing does with the files of a state and with backups.
//!
//! A state comes as the sound one of `fixtures/formats/1` and files that differ from it, each
//! after a line that names it:
//!
//! - `=== PATH`: what follows is the body; it gets a right first line, and a record that names
//!   it, so that it is not refused as edited before it is read.
//! - `--- PATH`: the bytes as they are.

mod memory;

use std::fmt::Debug;
use std::io::{Seek, SeekFrom, Write};
use std::sync::Arc;
use std::sync::atomic::{AtomicU8, Ordering};
use std::time::Duration;

use serde::Serialize;
use serde::de::DeserializeOwned;
use serde_json::Value;

use crate::domain::due::{self, DueEntry};
use crate::domain::fuzzing::is_whole;
use crate::domain::ids::Login;
use crate::domain::model::{Operators, Org, User};
use crate::domain::outcome::patch;
use crate::domain::time::Time;
use crate::error::{Kind, Result};
use crate::secret::attempts::SigninState;
use crate::secret::line::UserSecrets;

pub(super) use self::memory::MemoryDisk;
use super::disk::Disk;
use super::format::digest::Digest;
use super::format::log_line::{COMMIT, CommitLine, DetailLine, DetailsRef, FileChange};
use super::format::{block_yaml, header, json, keyed_lines, layout, merge_patch};
use super::log::tail;
use super::read::revision::StateFile;
use super::{Archive, At, Author, Manifest, Meta, Options, Store, View};

/// The latest instant of the fixture, and a bit.
fn now() -> Time {
    Time::from_unix(1_796_083_200)
}

const SOUND: [(&str, &[u8]); 8] = [
    ("state.yaml", include_bytes!("../../../fixtures/formats/1/state.yaml")),
    ("operators.yaml", include_bytes!("../../../fixtures/formats/1/operators.yaml")),
    ("orgs/acme.yaml", include_bytes!("../../../fixtures/formats/1/orgs/acme.yaml")),
    ("orgs/globex.yaml", include_bytes!("../../../fixtures/formats/1/orgs/globex.yaml")),
    ("users/all.yaml", include_bytes!("../../../fixtures/formats/1/users/all.yaml")),
    ("index/all.yaml", include_bytes!("../../../fixtures/formats/1/index/all.yaml")),
    ("due/2026-11-30.yaml", include_bytes!("../../../fixtures/formats/1/due/2026-11-30.yaml")),
    ("due/2027-05-20.yaml", include_bytes!("../../../fixtures/formats/1/due/2027-05-20.yaml")),
];
const LOG: (&str, &[u8]) =
    ("audit/000001.jsonl", include_bytes!("../../../fixtures/formats/1/audit/000001.jsonl"));
const EVIDENCE: (&str, &[u8]) = (
    "evidence/5f9f00f8c446e4bf63fcd2636fb71477c8e3766a0675f03e0912852078eb443e",
    include_bytes!(
        "../../../fixtures/formats/1/evidence/5f9f00f8c446e4bf63fcd2636fb71477c8e3766a0675f03e0912852078eb443e"
    ),
);

/// The body of `state.yaml`, `operators.yaml` or the file of an org, as the first byte says:
/// what is written of what was read is read again as the same.
pub(crate) fn block(data: &[u8]) {
    let Some((kind, body)) = of_kind(data) else { return };
    match kind % 3 {
        0 => block_of::<StateFile>(body),
        1 => block_of::<Operators>(body),
        _ => block_of::<Org>(body),
    }
}

fn block_of<T: Serialize + DeserializeOwned + PartialEq + Debug>(body: &str) {
    let Ok(read) = block_yaml::read::<T>("file", body) else { return };
    let written = block_yaml::write(&read);
    assert_eq!(block_yaml::read::<T>("file", &written).ok(), Some(read), "{written}");
}

/// One line of a shard, of a page of the calendar or of the log, as the first byte says.
pub(crate) fn line(data: &[u8]) {
    let Some((kind, text)) = of_kind(data) else { return };
    match kind % 7 {
        0 => user(text),
        1 => value::<DueEntry>(text),
        2 => value::<UserSecrets>(text),
        3 => value::<SigninState>(text),
        4 => body(text),
        5 => {
            let (before, after) = text.split_once('\n').unwrap_or((text, "{}"));
            differ(before, after);
        }
        _ => logged(text),
    }
}

/// A user that was read is written so that it is read again as the same.
fn user(text: &str) {
    value::<User>(text);
    if let Ok(user) = json::read::<User>(text) {
        let _ = due::entries(&Login::parse("alice").expect("a login"), &user);
    }
}

fn value<T: Serialize + DeserializeOwned + PartialEq + Debug>(text: &str) {
    let Ok(read) = json::read::<T>(text) else { return };
    let written = json::write(&read);
    assert_eq!(json::read::<T>(&written).ok(), Some(read), "{written}");
}

/// The lines of a body are found and changed where they are sorted, and never panic.
fn body(text: &str) {
    let apart: Vec<_> = keyed_lines::iterate(text).collect();
    let whole: Option<Vec<(&str, &str)>> = apart.into_iter().map(std::result::Result::ok).collect();
    let new = keyed_lines::token("m \"n\"");
    let edited = keyed_lines::edit(
        text,
        &[keyed_lines::Edit { token: new.as_str().into(), value: Some("{}".into()) }],
    );
    let _ = keyed_lines::find(text, &new);
    let Some(whole) = whole.filter(|_| text.is_empty() || text.ends_with('\n')) else { return };
    if !whole.is_sorted_by(|(a, _), (b, _)| a < b) {
        whole.iter().for_each(|(token, _)| drop(keyed_lines::find(text, token)));
        return;
    }
    for (token, value) in &whole {
        assert_eq!(keyed_lines::find(text, token).ok(), Some(Some(*value)), "{token}");
    }
    let edited = edited.expect("a sorted body takes a line");
    assert_eq!(keyed_lines::find(&edited, &new).ok(), Some(Some("{}")));
    assert!(
        whole.iter().all(|(t, v)| *t == new || keyed_lines::find(&edited, t).ok() == Some(Some(v)))
    );
}

/// What differs between two texts turns each into the other.
fn differ(before: &str, after: &str) {
    if let (Ok(mut was), Ok(mut is)) = (json::read::<Value>(before), json::read::<Value>(after))
        && is_whole(&was)
        && is_whole(&is)
        // A patch says with null that a field is not there.
        && !before.contains("null")
        && !after.contains("null")
    {
        let (back, on) = merge_patch::difference_of(before, after).expect("both were read");
        let (old, new) = (was.clone(), is.clone());
        patch(&mut was, &json::read(&on).expect("it was written"));
        patch(&mut is, &json::read(&back).expect("it was written"));
        assert_eq!((was, is), (new, old), "{before} {after}");
    }
}

/// A line of the log: a commit line is written as it was.
fn logged(text: &str) {
    let bytes = text.as_bytes();
    let _ = (DetailLine::read(bytes).and_then(|line| line.detail()), FileChange::read(text));
    if let Some((commit, _)) = CommitLine::read(&chained(bytes, None).0) {
        let (written, hash) = commit.write();
        assert_eq!(CommitLine::read(written.as_bytes()), Some((commit, hash)));
    }
}

/// The bytes of the log, in place of the sound one; where the first byte is odd, its commit
/// lines get the hashes that make them a chain.
pub(crate) fn log(data: &[u8]) {
    let Some((kind, log)) = data.split_first() else { return };
    let log = if kind % 2 == 1 { rechained(log) } else { log.to_vec() };
    let disk = sound();
    disk.put(LOG.0, log);
    exercise(disk);
}

/// A state of which some files differ.
pub(crate) fn state(data: &[u8]) {
    exercise(state_of(data));
}

/// A backup as it comes, or where it begins with a line that names a file, one that is made
/// of the state that it describes.
pub(crate) fn backup(data: &[u8]) {
    let is_described = data.starts_with(b"=== ") || data.starts_with(b"--- ");
    let made = is_described.then(|| tar_of(&Arc::new(state_of(data))));
    let _ = read_backup(made.as_deref().unwrap_or(data));
}

fn read_backup(tar: &[u8]) -> Result<()> {
    let file = rustix::fs::memfd_create("backup", rustix::fs::MemfdFlags::CLOEXEC);
    let mut file = std::fs::File::from(file.expect("a file in memory"));
    file.write_all(tar).expect("a file in memory takes every byte");
    file.seek(SeekFrom::Start(0)).expect("it is sought in");
    let archive = Archive::written(file, "backup.tar")?;
    let verified = archive.verify();
    let store = Store::of_archive(&archive, options())?;
    let looked = look(&store, false);
    if verified.is_ok() {
        assert_ne!(looked.err().map(|error| error.kind), Some(Kind::Bug));
    }
    Ok(())
}

/// A backup of the files behind `disk`, sound or not.
fn tar_of(disk: &Arc<MemoryDisk>) -> Vec<u8> {
    let files: Vec<_> =
        disk.files().into_iter().filter(|(path, _)| layout::is_state_file(path)).collect();
    let plain: Arc<dyn Disk> = disk.clone();
    let (end, base) =
        (tail::find(&**disk).ok().flatten(), super::read::revision::Base::read(&plain).ok());
    let manifest = Manifest {
        mfactl_backup: 1,
        store: base.map(|base| base.state.store).unwrap_or_default(),
        rev: end.as_ref().map_or(0, |end| end.commit.rev),
        at: end.as_ref().map_or(now(), |end| end.commit.at),
        head: end.as_ref().map(|end| end.hash.to_string()).unwrap_or_default(),
        secrets: files.iter().any(|(path, _)| path.starts_with("secrets/")),
        files: files.len() as u64,
        bytes: files.iter().map(|(_, bytes)| bytes.len() as u64).sum(),
    };
    let manifest = serde_json::to_vec(&manifest).expect("a manifest is plain data");
    let mut tar = tar::Builder::new(Vec::new());
    for (path, bytes) in [("backup.json".to_owned(), manifest)].into_iter().chain(files) {
        let mut header = tar::Header::new_ustar();
        header.set_size(bytes.len() as u64);
        header.set_mode(0o600);
        let put = tar.append_data(&mut header, path, &bytes[..]);
        put.expect("names of a state fit, and memory takes every byte");
    }
    tar.into_inner().expect("memory takes every byte")
}

/// The text behind a first byte that chooses what it is.
fn of_kind(data: &[u8]) -> Option<(u8, &str)> {
    let (kind, text) = data.split_first()?;
    Some((*kind, std::str::from_utf8(text).ok()?))
}

fn options() -> Options {
    let drawn = AtomicU8::new(0);
    let random = move |buffer: &mut [u8]| {
        buffer.iter_mut().for_each(|byte| *byte = drawn.fetch_add(1, Ordering::Relaxed));
    };
    Options { lock_timeout: Duration::ZERO, ..Options::new(Arc::new(now), Arc::new(random)) }
}

fn sound() -> MemoryDisk {
    let disk = MemoryDisk::default();
    for (path, bytes) in SOUND.into_iter().chain([LOG, EVIDENCE]) {
        disk.put(path, bytes.to_vec());
    }
    disk
}

/// The sound state with the files that `data` names, and a record that knows them.
fn state_of(data: &[u8]) -> MemoryDisk {
    let disk = sound();
    let mut changes = Vec::new();
    for (is_body, path, bytes) in sections(data) {
        if !is_body {
            disk.put(path, bytes.to_vec());
            continue;
        }
        let body = String::from_utf8_lossy(bytes);
        let (hash, whole) = match layout::has_header(path) {
            true => header::seal(15, &body),
            false => (Digest::of(bytes), bytes.to_vec()),
        };
        if layout::is_state_file(path) && !path.starts_with("audit/") {
            let before = disk.open(path).ok().flatten();
            let before = before.and_then(|file| header::hash_of(path, &*file).ok());
            changes.retain(|change: &FileChange| change.path != path);
            changes.push(FileChange { path: path.to_owned(), before, after: Some(hash) });
        }
        disk.put(path, whole);
    }
    if !changes.is_empty()
        && let Ok(Some(end)) = tail::find(&disk)
        && let Some(mut log) = disk.bytes(LOG.0)
    {
        changes.sort_by(|a, b| a.path.cmp(&b.path));
        let details = DetailsRef { lines: 0, bytes: 0, sha256: Digest::of(b""), list: vec![] };
        let commit = CommitLine {
            prev: end.hash,
            details,
            files: changes,
            rev: end.commit.rev + 1,
            orgs: Some(Vec::new()),
            ..end.commit
        };
        log.extend_from_slice(commit.write().0.as_bytes());
        log.push(b'\n');
        disk.put(LOG.0, log);
    }
    disk
}

/// The files that `data` names: whether the body alone is given, the path, and the bytes.
fn sections(data: &[u8]) -> Vec<(bool, &str, &[u8])> {
    let mut found: Vec<(bool, &str, usize, usize)> = Vec::new();
    let mut at = 0;
    for line in data.split_inclusive(|byte| *byte == b'\n') {
        let start = at;
        at += line.len();
        let text = std::str::from_utf8(line).unwrap_or_default().trim_end_matches('\n');
        let body = text.strip_prefix("=== ");
        let Some(path) = body.or_else(|| text.strip_prefix("--- ")) else {
            if let Some((.., end)) = found.last_mut() {
                *end = at;
            }
            continue;
        };
        // A real disk refuses these names, so the test disk does not get them.
        let plain = |name: &str| !name.is_empty() && name != "." && name != "..";
        if path.len() < 300 && path.split('/').count() <= 2 && path.split('/').all(plain) {
            found.push((body.is_some(), path, start + line.len(), at));
        }
    }
    found.into_iter().map(|(body, path, start, end)| (body, path, &data[start..end])).collect()
}

/// A log whose commit lines follow from each other.
fn rechained(log: &[u8]) -> Vec<u8> {
    let mut prev = None;
    let mut made = Vec::with_capacity(log.len());
    for line in log.split_inclusive(|byte| *byte == b'\n') {
        let (bare, end) = match line.strip_suffix(b"\n") {
            Some(bare) => (bare, &b"\n"[..]),
            None => (line, &b""[..]),
        };
        let (line, hash) = chained(bare, prev);
        prev = hash.or(prev);
        made.extend_from_slice(&line);
        made.extend_from_slice(end);
    }
    made
}

/// A commit line with the hash of the one before it and its own; any other as it is.
fn chained(line: &[u8], prev: Option<Digest>) -> (Vec<u8>, Option<Digest>) {
    const HASH: &[u8] = b",\"hash\":\"";
    let Some(hashed) = line.len().checked_sub(HASH.len() + 66).map(|at| line.split_at(at)) else {
        return (line.to_vec(), None);
    };
    let (hashed, tail) = hashed;
    if !hashed.starts_with(COMMIT) || !tail.starts_with(HASH) {
        return (line.to_vec(), None);
    }
    let mut made = hashed.to_vec();
    let place = COMMIT.len() + 1..COMMIT.len() + 65;
    if let (Some(prev), true) = (prev, made.len() > place.end) {
        made[place].copy_from_slice(prev.to_string().as_bytes());
    }
    let hash = Digest::of(&made);
    made.extend_from_slice(HASH);
    made.extend_from_slice(hash.to_string().as_bytes());
    made.extend_from_slice(b"\"}");
    (made, Some(hash))
}

/// Looks at everything, verifies, checks, repairs and changes. Nothing is a bug; whatever was
/// repaired is sound.
fn exercise(disk: MemoryDisk) {
    let disk: Arc<dyn Disk> = Arc::new(disk);
    let Ok(store) = Store::with_disk(Arc::clone(&disk), options()) else { return };
    let no_bug = |result: Result<()>| {
        if let Err(error) = result {
            assert_ne!(error.kind, Kind::Bug, "{}", error.message);
        }
    };
    no_bug(store.verify(None).map(drop));
    let checked = store.check();
    let is_sound = checked.as_ref().is_ok_and(|(chain, bad)| chain.ok() && bad.is_empty());
    no_bug(checked.map(drop));
    let looked = look(&store, is_sound);
    assert!(!is_sound || looked.is_ok(), "what is sound can be read: {looked:?}");
    no_bug(looked);
    no_bug(repair(&store));
}

fn meta(action: &str, at: Time) -> Meta {
    let author = || "root".to_owned();
    let author = Author { operator: author(), os_user: author(), identity_from: "euid".to_owned() };
    let action = action.to_owned();
    Meta { author, action, subject: None, message: None, ticket: None, at, orgs: Vec::new() }
}

/// Makes damaged files again, and looks whether that was all.
fn repair(store: &Store) -> Result<()> {
    let mut change = store.begin_repair()?;
    change.rebuild()?;
    let at = change.view().head().at.max(now());
    change.commit(meta("state.repair", at))?;
    look(store, false)
}

/// Reads all that there is to read of a state.
fn look(store: &Store, is_sound: bool) -> Result<()> {
    let info = store.info().map(drop);
    let view = store.view()?;
    let looked = look_at(&view, is_sound);
    let records = view.records();
    let (mut revs, mut logged) = (Vec::new(), Ok(()));
    for record in records.take(64) {
        match record {
            Ok(record) => {
                revs.push(record.rev);
                let _ = record.subject();
                logged = logged.and(record.details().try_for_each(|detail| detail.map(drop)));
            }
            Err(error) => {
                logged = logged.and(Err(error));
                break;
            }
        }
    }
    drop(view);
    for rev in revs.into_iter().step_by(5).take(3) {
        look_at(&store.view_at(At::Rev(rev))?, false)?;
    }
    let _ = store.view_at(At::Time(now()));
    info.and(looked).and(logged)
}

fn look_at(view: &View, is_sound: bool) -> Result<()> {
    let operators = view.operators().map(drop);
    let orgs = view.orgs().map(drop);
    let users = view.scan()?.flat_map(|login, user| [(login, user)]).collect::<Result<_>>();
    let pages = view
        .due_pages()
        .and_then(|pages| pages.iter().try_for_each(|page| view.due(page).map(drop)));
    let ended = view.ended(now()).map(drop);
    let policies = view
        .policies()
        .and_then(|policies| policies.iter().try_for_each(|policy| view.owned(policy).map(drop)));
    let users = users.and_then(|users: Vec<(Login, User)>| {
        users.iter().try_for_each(|(login, user)| {
            view.secrets(login)?;
            let found = view.user(login)?;
            assert!(!is_sound || found.as_ref() == Some(user), "{login} is found where it is");
            Ok(())
        })
    });
    operators.and(orgs).and(users).and(pages).and(ended).and(policies)
}
