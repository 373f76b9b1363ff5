//! The binary: arguments, run, exit code.

use std::process::ExitCode;

fn main() -> ExitCode {
    ExitCode::from(mfactl::run::run(&mfactl::env::Env::arguments()))
}
