//! Files with holes: nothing on the disk, a gigabyte in memory if what they say about
//! their size is believed.

#![allow(clippy::disallowed_methods, clippy::unwrap_used)]

use crate::shell;

use std::fs::{File, OpenOptions};
use std::io::{Read, Seek, SeekFrom, Write};
use std::os::unix::fs::MetadataExt;
use std::path::Path;

use serde_json::{Value, json};
use shell::{Run, World};

/// How long the holes are (bytes): below the largest file that mfactl reads.
const HOLE: u64 = 900 << 20;

/// Runs mfactl with less memory than a hole takes (KiB of address space).
fn with_little_memory(world: &World, arguments: &str) -> Run {
    world.sh(&format!("ulimit -v 700000; mfactl {arguments}"))
}

/// The backup `from` with a hole at the end of the first file whose name begins with `dir`.
fn with_hole(from: &Path, to: &Path, dir: &str) {
    let mut archive = tar::Archive::new(File::open(from).unwrap());
    let mut entries: Vec<(String, Vec<u8>, u64)> = Vec::new();
    for entry in archive.entries().unwrap() {
        let mut entry = entry.unwrap();
        let name = String::from_utf8(entry.path_bytes().into_owned()).unwrap();
        let mut bytes = Vec::new();
        entry.read_to_end(&mut bytes).unwrap();
        let length = bytes.len() as u64;
        entries.push((name, bytes, length));
    }
    let file = entries.iter_mut().find(|(name, ..)| name.starts_with(dir)).unwrap();
    file.2 = HOLE;
    let added = HOLE - file.1.len() as u64;
    let mut manifest: Value = serde_json::from_slice(&entries[0].1).unwrap();
    manifest["bytes"] = json!(manifest["bytes"].as_u64().unwrap() + added);
    entries[0].1 = serde_json::to_vec_pretty(&manifest).unwrap();
    entries[0].2 = entries[0].1.len() as u64;
    let mut out = File::create(to).unwrap();
    for (name, bytes, length) in entries {
        let mut header = tar::Header::new_ustar();
        header.set_path(name).unwrap();
        header.set_size(length);
        header.set_mode(0o600);
        header.set_cksum();
        out.write_all(header.as_bytes()).unwrap();
        let start = out.stream_position().unwrap();
        out.write_all(&bytes).unwrap();
        out.seek(SeekFrom::Start(start + length.next_multiple_of(512))).unwrap();
    }
    let end = out.stream_position().unwrap() + 1024;
    out.set_len(end).unwrap();
}

/// Makes `path` so long, without writing anything.
fn stretch(path: &Path, size: u64) {
    OpenOptions::new().write(true).open(path).unwrap().set_len(size).unwrap();
    assert!(std::fs::metadata(path).unwrap().blocks() * 512 < 1 << 20, "holes take no room");
}

#[test]
fn a_sparse_backup_takes_no_memory_and_no_disk() {
    let world = World::small();
    world
        .mfactl("exception grant alice --short --reason other --note x --evidence small.csv")
        .exits(0);
    world.mfactl("state backup whole.tar").exits(0);
    for dir in ["users/", "orgs/", "audit/", "index/", "state.yaml", "evidence/"] {
        let backup = world.path("sparse.tar");
        with_hole(&world.path("whole.tar"), &backup, dir);
        assert!(std::fs::metadata(&backup).unwrap().blocks() * 512 < 1 << 20);
        for command in [
            "state restore sparse.tar --yes",
            "--state sparse.tar --as sam user list",
            "--state sparse.tar --as sam user show alice",
            "--state sparse.tar --as sam audit verify",
            "--state elsewhere --as sam state restore sparse.tar",
        ] {
            let run = with_little_memory(&world, command);
            let expected = if dir == "users/" || dir == "evidence/" { 1..=7 } else { 0..=7 };
            assert!(expected.contains(&run.code), "{dir} {command}: {} {}", run.code, run.stderr);
        }
        assert_eq!(with_little_memory(&world, "state restore sparse.tar --yes").code, 2, "{dir}");
        assert!(!world.path("elsewhere").exists(), "{dir}");
    }
}

#[test]
fn a_sparse_file_of_the_state_takes_no_memory() {
    let world = World::small();
    let shards = std::fs::read_dir(world.state().join("users")).unwrap();
    let mut shards: Vec<_> = shards.map(|entry| entry.unwrap().path()).collect();
    shards.sort();
    stretch(&shards[0], HOLE);
    for command in
        ["user list", "user find alice", "report coverage", "state check", "audit verify"]
    {
        let run = with_little_memory(&world, command);
        assert!([1, 7].contains(&run.code), "{command}: {} {}", run.code, run.stderr);
    }
    let log = world.state().join("audit/000001.jsonl");
    let log = if log.exists() {
        log
    } else {
        std::fs::read_dir(world.state().join("audit")).unwrap().next().unwrap().unwrap().path()
    };
    stretch(&log, HOLE);
    for command in ["user show alice", "audit log", "audit export", "audit verify"] {
        let run = with_little_memory(&world, command);
        assert!((0..=7).contains(&run.code), "{command}: {} {}", run.code, run.stderr);
    }
}

#[test]
fn a_sparse_file_that_is_handed_in_was_read_to_its_end() {
    let world = World::small();
    for (start, mark) in [("login,name\n", ""), ("version: 1\n", ""), ("", ""), ("l", "\u{feff}")] {
        std::fs::write(world.path("in.yaml"), format!("{mark}{start}")).unwrap();
        stretch(&world.path("in.yaml"), HOLE);
        for command in [
            "user import in.yaml",
            "user import --update - <in.yaml",
            "user set-mfa on --from-file in.yaml",
            "user membership alice --org acme --from-file in.yaml",
            "policy check in.yaml",
            "policy apply in.yaml",
            "policy apply --plan in.yaml",
            "policy test in.yaml --tests in.yaml",
            "convert import otpauth in.yaml",
            "convert import pskc in.yaml --decrypt-with in.yaml",
            "convert import token-csv in.yaml --map in.yaml",
            "user confirm alice --code-from in.yaml",
        ] {
            let run = with_little_memory(&world, command);
            assert!((1..=4).contains(&run.code), "{command}: {} {}", run.code, run.stderr);
            assert!(!run.stderr.contains("memory"), "{}", run.stderr);
        }
    }
    // A real text that is too long says how long one may be.
    let run = world
        .sh("yes alice | head -c 70000 | mfactl user membership alice --org acme --from-file -");
    assert_eq!(run.code, 2);
    assert!(run.stderr.contains("it is longer than 65536 bytes"), "{}", run.stderr);
}
