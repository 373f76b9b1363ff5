//! Second factors against the tools that people already run: oathtool, argon2,
//! pam_oath and pam_google_authenticator. Nothing in the system's PAM is touched.
//!
//! A test whose tool is missing says so and is passed over; with
//! `MFACTL_TESTS_NEED_TOOLS=1`, as tests/run sets it, it fails.
#![allow(
    clippy::disallowed_methods,
    clippy::print_stderr,
    clippy::unwrap_used,
    reason = "tests run tools, write their files and read the clock"
)]

mod argon2;
mod oathtool;
mod pam;
mod pam_google_authenticator;
mod pam_oath;
mod tool;
