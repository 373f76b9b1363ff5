//! Secrets that were handed out are gone from memory while a person is waited for.

#![allow(clippy::disallowed_methods, clippy::unwrap_used, clippy::print_stderr)]

mod shell;

use std::io::{Read, Seek, SeekFrom, Write};
use std::process::Stdio;
use std::time::{Duration, Instant};

use shell::World;

/// Which needles are in the memory of a process that can be written to, and where.
fn places_in_memory(pid: u32, needles: &[&[u8]]) -> Vec<(String, usize)> {
    let maps = std::fs::read_to_string(format!("/proc/{pid}/maps")).unwrap();
    let mut memory = std::fs::File::open(format!("/proc/{pid}/mem")).unwrap();
    let mut found = Vec::new();
    for line in maps.lines() {
        let mut words = line.split_whitespace();
        let (range, rights) = (words.next().unwrap(), words.next().unwrap());
        if !rights.starts_with("rw") {
            continue;
        }
        let (start, end) = range.split_once('-').unwrap();
        let address = |hex| u64::from_str_radix(hex, 16).unwrap();
        let mut bytes = vec![0; (address(end) - address(start)) as usize];
        memory.seek(SeekFrom::Start(address(start))).unwrap();
        if memory.read_exact(&mut bytes).is_err() {
            continue;
        }
        let name = words.nth(3).unwrap_or("anonymous");
        for (number, needle) in needles.iter().enumerate() {
            if bytes.windows(needle.len()).any(|window| window == *needle) {
                found.push((name.to_owned(), number));
            }
        }
    }
    found
}

fn wait_for(what: impl Fn() -> bool) {
    let begun = Instant::now();
    while !what() {
        assert!(begun.elapsed() < Duration::from_secs(60), "it does not happen");
        std::thread::sleep(Duration::from_millis(20));
    }
}

/// Whether it waits in read(2), which is number 0 on x86-64 and 63 on arm64, or in poll(2) or
/// ppoll(2).
fn reads(pid: u32) -> bool {
    let call = std::fs::read_to_string(format!("/proc/{pid}/syscall")).unwrap_or_default();
    ["0 ", "63 ", "7 ", "271 ", "73 "].iter().any(|number| call.starts_with(number))
}

#[test]
fn a_secret_is_wiped_while_its_first_code_is_waited_for() {
    if !rustix::process::geteuid().is_root() {
        eprintln!("skipped: only root can read the memory of another process");
        return;
    }
    for form in [
        "--out secret -o jsonl",
        "--out secret -o table",
        "--reveal -o jsonl",
        "--reveal -o table",
        "--reveal -o table --ascii",
        "--out secret --png a.png --svg a.svg -o jsonl",
    ] {
        let world = World::small();
        let line = format!("exec mfactl user enrol alice --verify-code - {form} >shown");
        let mut command = world.shell(&line);
        let mut process = command.stdin(Stdio::piped()).spawn().unwrap();
        let (secret, shown) = (world.path("secret"), world.path("shown"));
        let text = || {
            let read = |path| std::fs::read_to_string(path).unwrap_or_default();
            read(&secret) + &read(&shown)
        };
        wait_for(|| text().contains("otpauth://") && reads(process.id()));
        let text = text();
        let uri = &text[text.find("otpauth://").unwrap()..];
        let key = &uri[uri.find("secret=").unwrap() + 7..];
        let key = &key[..key.find('&').unwrap()];
        assert_eq!(key.len(), 32);
        let grouped: Vec<&str> = (0..8).map(|group| &key[group * 4..][..4]).collect();
        let (grouped, start) = (grouped.join(" "), &key[..12]);
        let needles =
            [b"alice", key.as_bytes(), &key.as_bytes()[20..], start.as_bytes(), grouped.as_bytes()];
        let found = places_in_memory(process.id(), &needles);
        let (known, found): (Vec<_>, Vec<_>) =
            found.into_iter().partition(|(_, number)| *number == 0);
        assert!(!known.is_empty(), "its memory cannot be read");
        process.stdin.take().unwrap().write_all(b"000000\n").unwrap();
        assert_eq!(process.wait().unwrap().code(), Some(3), "{form}");
        assert_eq!(found, [], "{form}: {key}");
    }
}
