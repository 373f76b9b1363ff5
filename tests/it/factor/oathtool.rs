//! Codes against those of oathtool.

use std::process::Command;

use mfactl::domain::time::Time;
use mfactl::secret::material::Secret;
use mfactl::secret::parameters::{Algorithm, Digits, Parameters, Period};
use mfactl::secret::totp::Totp;

use crate::factor::tool;

/// Codes that oathtool prints at a time.
const CODES: u64 = 200;

#[test]
fn codes_are_those_of_oathtool() {
    if !tool::there(&["oathtool"]) {
        return;
    }
    let starts = [0, 59, 1_111_111_109, 1_800_000_015, 20_000_000_000];
    for (seed, start) in (1_u8..).zip(starts) {
        for algorithm in Algorithm::ALL {
            for digits in Digits::ALL {
                for period in Period::ALL {
                    let bytes: Vec<u8> = (0..algorithm.output_bytes())
                        .map(|i| seed.wrapping_mul(i as u8 + 37))
                        .collect();
                    let secret = Secret::from_bytes(&bytes).unwrap();
                    let totp =
                        Totp { secret, parameters: Parameters { algorithm, digits, period } };
                    let first = totp.step(Time::from_unix(start)).unwrap();
                    let ours: Vec<String> =
                        (first..=first + CODES).map(|s| totp.code(s).reveal().to_owned()).collect();
                    assert_eq!(theirs(&totp, start), ours, "{} at {start}", totp.parameters);
                }
            }
        }
    }
}

fn theirs(totp: &Totp, start: i64) -> Vec<String> {
    let Parameters { algorithm, digits, period } = totp.parameters;
    let output = tool::run(
        Command::new("oathtool")
            .arg(format!("--totp={}", algorithm.as_str().to_ascii_lowercase()))
            .args(["-b", "-d", &digits.count().to_string()])
            .args(["-s", &format!("{}s", period.seconds()), "-w", &CODES.to_string()])
            .args(["--now", &Time::from_unix(start).to_string().replace(['T', 'Z'], " ")])
            .arg("-")
            .env("TZ", "UTC"),
        totp.secret.base32_grouped().reveal(),
    );
    assert!(output.status.success(), "{output:?}");
    String::from_utf8(output.stdout).unwrap().lines().map(str::to_owned).collect()
}
