//! The hashes of recovery codes against the reference implementation of Argon2.

use std::process::Command;

use mfactl::secret::recovery::RecoverySet;

use crate::factor::tool;

#[test]
fn hashes_are_those_of_the_reference() {
    if !tool::there(&["argon2"]) {
        return;
    }
    // Letters for random bytes, so that the salt can be given on a command line.
    let mut next = 0_u8;
    let mut letters = |buffer: &mut [u8]| {
        for byte in buffer {
            next = (next + 7) % 26;
            *byte = b'a' + next;
        }
    };
    let (set, codes) = RecoverySet::generate(&mut letters);
    let line = serde_json::to_value(&set).unwrap();
    for (hash, code) in line["hashes"].as_array().unwrap().iter().zip(codes).take(3) {
        let hash = hash.as_str().unwrap();
        let salt = hash.split('$').nth(4).unwrap();
        let salt = data_encoding::BASE64_NOPAD.decode(salt.as_bytes()).unwrap();
        let output = tool::run(
            Command::new("argon2")
                .arg(String::from_utf8(salt).unwrap())
                .args(["-id", "-t", "2", "-k", "19456", "-p", "1", "-l", "32", "-e"]),
            &code.reveal().reveal().replace('-', ""),
        );
        assert_eq!(String::from_utf8(output.stdout).unwrap().trim(), hash);
    }
}
