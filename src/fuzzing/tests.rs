//! Every target, bounded: its seeds as they are, and damaged in ways that are the same each
//! time. `fuzz/README.md` says how to run the targets for longer.

#![allow(clippy::disallowed_methods, clippy::print_stderr, reason = "tests read their seeds")]

use std::path::{Path, PathBuf};

use super::{TARGETS, run};

/// How many damaged copies of seeds a target gets; fewer where each is a whole state.
const ROUNDS: usize = 600;
const ROUNDS_OF_STATES: usize = 60;

fn fuzz() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("fuzz")
}

/// The files in a folder, in the order of their names.
fn files(folder: &Path) -> Vec<PathBuf> {
    let mut files: Vec<_> =
        std::fs::read_dir(folder).unwrap().map(|entry| entry.unwrap().path()).collect();
    files.sort();
    files
}

fn seeds(target: &str) -> Vec<Vec<u8>> {
    let seeds: Vec<_> = files(&fuzz().join("seeds").join(target))
        .iter()
        .map(|path| std::fs::read(path).unwrap())
        .collect();
    assert!(!seeds.is_empty(), "{target} has no seeds");
    seeds
}

/// Numbers that are the same in every run (SplitMix64).
struct Numbers(u64);

impl Numbers {
    fn below(&mut self, limit: usize) -> usize {
        self.0 = self.0.wrapping_add(0x9E37_79B9_7F4A_7C15);
        let mut mixed = self.0;
        mixed = (mixed ^ (mixed >> 30)).wrapping_mul(0xBF58_476D_1CE4_E5B9);
        mixed = (mixed ^ (mixed >> 27)).wrapping_mul(0x94D0_49BB_1331_11EB);
        usize::try_from((mixed ^ (mixed >> 31)) % limit.max(1) as u64).unwrap()
    }

    fn place(&mut self, bytes: &[u8]) -> std::ops::Range<usize> {
        let start = self.below(bytes.len() + 1);
        start..(start + self.below(16)).min(bytes.len())
    }
}

/// Bytes that mean something in one format or another.
const TELLING: &[&[u8]] = &[
    b"",
    b"\n",
    b"\r\n",
    b"\"",
    b"'",
    b",",
    b";",
    b"\t",
    b":",
    b" ",
    b"#",
    b"-",
    b"%",
    b"=",
    b"{",
    b"}",
    b"[",
    b"]",
    b"<",
    b"&",
    b"\\",
    b"\0",
    b"\xff",
    b"\xef\xbb\xbf",
    b"\xc3",
    b"null",
    b"-1",
    b"0",
    b"18446744073709551615",
    b"1e400",
    b"\xe2\x80\x8b",
    b"\xc2\xa0",
    b"\\u0000",
    b"../",
];

/// A seed with some bytes replaced, doubled, taken away, or taken from another seed.
fn damaged(seeds: &[Vec<u8>], numbers: &mut Numbers) -> Vec<u8> {
    let mut bytes = seeds[numbers.below(seeds.len())].clone();
    for _ in 0..=numbers.below(4) {
        let place = numbers.place(&bytes);
        let put = match numbers.below(4) {
            0 => vec![u8::try_from(numbers.below(256)).unwrap()],
            1 => TELLING[numbers.below(TELLING.len())].to_vec(),
            2 => bytes[numbers.place(&bytes)].to_vec(),
            _ => {
                let other = &seeds[numbers.below(seeds.len())];
                other[numbers.place(other)].to_vec()
            }
        };
        let place = if numbers.below(2) == 0 { place.start..place.start } else { place };
        bytes.splice(place, put);
    }
    bytes
}

fn bounded(target: &str) {
    let seeds = seeds(target);
    let tried = |data: &[u8]| {
        let run = std::panic::AssertUnwindSafe(|| run(target, data));
        if let Err(panic) = std::panic::catch_unwind(run) {
            eprintln!("{target} failed on {:?}", String::from_utf8_lossy(data));
            std::panic::resume_unwind(panic);
        }
    };
    seeds.iter().for_each(|seed| tried(seed));
    let mut numbers = Numbers(1);
    let rounds = match target {
        "backup" | "state" => ROUNDS_OF_STATES,
        _ => ROUNDS,
    };
    (0..rounds).for_each(|_| tried(&damaged(&seeds, &mut numbers)));
}

/// A test a target, so that they run beside each other and are named where they fail.
macro_rules! targets {
    ($($name:ident)*) => {
        $(#[test]
        fn $name() {
            bounded(stringify!($name));
        })*

        #[test]
        fn every_target_is_tested_and_can_be_fuzzed() {
            let names: Vec<&str> = TARGETS.iter().map(|(name, _)| *name).collect();
            assert_eq!(names, [$(stringify!($name)),*]);
            let files = files(&fuzz().join("fuzz_targets"));
            let files: Vec<_> = files.iter().map(|file| file.file_stem().unwrap()).collect();
            assert_eq!(files, names, "each has its file");
            let package = std::fs::read_to_string(fuzz().join("Cargo.toml")).unwrap();
            let package: toml::Table = toml::from_str(&package).unwrap();
            let listed = package["bin"].as_array().unwrap().iter();
            let listed: Vec<_> = listed.map(|bin| bin["name"].as_str().unwrap()).collect();
            assert_eq!(listed, names, "each is in the package");
        }
    };
}

targets! {
    accounts assertions backup config convert_entra_csv convert_google_authenticator
    convert_google_migration convert_json convert_map convert_otpauth convert_pskc
    convert_token_csv convert_users_oath list log membership policy saved_plan state state_block
    state_line words
}
