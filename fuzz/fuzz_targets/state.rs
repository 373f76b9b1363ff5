#![no_main]

libfuzzer_sys::fuzz_target!(|data: &[u8]| mfactl::fuzzing::run("state", data));
