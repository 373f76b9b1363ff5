//! Secrets that were handed out are gone from memory while a person is waited for.

#![allow(clippy::disallowed_methods, clippy::unwrap_used, clippy::print_stderr)]

use crate::shell;

use std::io::{Read, Seek, SeekFrom, Write};
use std::os::unix::fs::FileExt;
use std::process::Stdio;
use std::time::{Duration, Instant};

use mfactl::env::{Env, TypedSettings, harden};
use mfactl::report::{Human, OutputFormat, Page, Report, Style};
use mfactl::secret::wiped::WipedBytes;
use shell::World;
use zeroize::Zeroizing;

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

/// How much memory is read at once (bytes).
const PAGE: usize = 4096;

/// How often these bytes, each with its bits turned, are in the memory of this process.
fn copies(turned: &[u8]) -> usize {
    // What another test reads meanwhile would be one more.
    static ONE_AT_A_TIME: std::sync::Mutex<()> = std::sync::Mutex::new(());
    let _turn = ONE_AT_A_TIME.lock();
    let is_it = |window: &[u8]| window.iter().zip(turned).all(|(byte, it)| *byte == !*it);
    let maps = std::fs::read_to_string("/proc/self/maps").unwrap();
    let memory = std::fs::File::open("/proc/self/mem").unwrap();
    // Page by page, in memory that is wiped: the search must not leave another copy.
    let mut piece = Zeroizing::new(vec![0; PAGE + turned.len() - 1]);
    let own = piece.as_ptr().addr()..piece.as_ptr().addr() + piece.len();
    let mut found = 0;
    for line in maps.lines().filter(|line| line.contains(" rw")) {
        let (start, end) = line.split_whitespace().next().unwrap().split_once('-').unwrap();
        let address = |hex| usize::from_str_radix(hex, 16).unwrap();
        let (start, end) = (address(start), address(end));
        for at in (start..end).step_by(PAGE) {
            let size = piece.len().min(end - at);
            // Another thread may have given it back meanwhile.
            if memory.read_exact_at(&mut piece[..size], at as u64).is_ok() {
                let places = piece[..size].windows(turned.len()).enumerate();
                let places = places.filter(|(_, window)| is_it(window)).map(|(it, _)| at + it);
                found += places.filter(|place| !own.contains(place)).count();
            }
        }
    }
    found
}

/// Memory that grows is given back with what was in it.
#[test]
fn a_secret_that_outgrew_its_memory_was_left_there() {
    let dir = tempfile::tempdir().unwrap();
    let path = dir.path().join("secret");
    let make = format!("head -c 40000 /dev/urandom >'{}'", path.display());
    assert!(std::process::Command::new("sh").args(["-c", &make]).status().unwrap().success());
    let mut turned = [0; 32];
    let mut file = std::fs::File::open(&path).unwrap();
    file.seek(SeekFrom::Start(2000)).unwrap();
    file.read_exact(&mut turned).unwrap();
    turned.iter_mut().for_each(|byte| *byte = !*byte);

    let env = Env::enter(
        harden().unwrap(),
        &TypedSettings { state: Some("/nowhere".into()), ..TypedSettings::default() },
    );
    let bytes = env.unwrap().read_secret(&path, 1 << 20).unwrap();
    assert_eq!((bytes.len(), copies(&turned)), (40_000, 1));
    drop(bytes);
    assert_eq!(copies(&turned), 0);

    let mut gathered = WipedBytes::default();
    gathered.push(&[7; 2000]);
    turned.iter().for_each(|byte| gathered.push(&[!*byte]));
    gathered.push(&[7; 100_000]);
    assert_eq!((gathered.len(), copies(&turned)), (102_032, 1));
    drop(gathered);
    assert_eq!(copies(&turned), 0);
}

/// An answer with a secret in it.
struct Shown(Zeroizing<String>);

impl serde::Serialize for Shown {
    fn serialize<S: serde::Serializer>(&self, to: S) -> Result<S::Ok, S::Error> {
        use serde::ser::SerializeMap;
        let mut fields = to.serialize_map(Some(1))?;
        fields.serialize_entry("key", self.0.as_str())?;
        fields.end()
    }
}

impl Human for Shown {
    fn page(&self, _: &Style) -> Page {
        unreachable!("it is not printed in words")
    }
}

#[test]
fn what_an_answer_was_printed_from_kept_its_secret() {
    let style = Style { width: None, wide: false, color: false, now: mfactl::env::system_clock() };
    for format in [OutputFormat::Json, OutputFormat::Jsonl, OutputFormat::Yaml, OutputFormat::Csv] {
        let mut turned = [0; 32];
        std::fs::File::open("/dev/urandom").unwrap().read_exact(&mut turned).unwrap();
        turned.iter_mut().for_each(|byte| *byte = !(b'a' + (*byte & 15)));
        // The beginning of memory that is given back is written over in any case.
        let mut key = Zeroizing::new(String::with_capacity(96));
        key.push_str(&"-".repeat(64));
        turned.iter().for_each(|byte| key.push(char::from(!*byte)));
        let mut out = WipedBytes::default();
        Report::secret(Shown(key)).render(format, &style, &mut out).unwrap();
        assert_eq!((out.len() > 96, copies(&turned)), (true, 1), "{format:?}");
        drop(out);
        assert_eq!(copies(&turned), 0, "{format:?}");
    }
}
