//! How the release program is linked, for what bounds a short run (one decision, one change)
//! is starting it: loading libraries and mapping pages.
//!
//! - The functions that short runs call stand together, so that few pages are mapped:
//!   `packaging/hot.ld`, which `benches/order` makes. A name in it that is not there any more
//!   is passed over.
//! - The unwinder, which only backtraces use, is linked in: one library less to load at each
//!   start, a tenth of the time of an empty program.
//!
//! Neither changes what the program does. Both are left out where somebody else decides how
//! to link: other flags, another linker, another system.

#![allow(clippy::disallowed_methods, reason = "a build script has no other doors")]

use std::env::{var, var_os};
use std::path::Path;
use std::process::Command;

fn main() {
    println!("cargo::rerun-if-changed=build.rs");
    println!("cargo::rerun-if-changed=packaging/hot.ld");
    if is_release() && is_usual_linking() {
        order_functions();
        link_unwinder();
    }
}

fn is_release() -> bool {
    var("PROFILE").is_ok_and(|profile| profile == "release")
}

/// Linux with the GNU C library, and the toolchain's own linker and flags: lld or GNU ld,
/// which both read the script.
fn is_usual_linking() -> bool {
    let flags = var("CARGO_ENCODED_RUSTFLAGS").unwrap_or_default();
    var("CARGO_CFG_TARGET_OS").is_ok_and(|os| os == "linux")
        && var("CARGO_CFG_TARGET_ENV").is_ok_and(|env| env == "gnu")
        && flags.is_empty()
        && var_os("RUSTC_LINKER").is_none()
}

fn order_functions() {
    let root = var("CARGO_MANIFEST_DIR").unwrap_or_default();
    // Not as `-Wl,…`, which takes a path with a comma for two options.
    println!("cargo::rustc-link-arg-bins=-Xlinker");
    println!("cargo::rustc-link-arg-bins=--script={root}/packaging/hot.ld");
}

/// GCC has it beside itself, and knows where. Not for another machine, whose GCC is another.
fn link_unwinder() {
    if var_os("HOST") != var_os("TARGET") {
        return;
    }
    let Ok(asked) = Command::new("cc").arg("-print-file-name=libgcc_eh.a").output() else {
        return;
    };
    let answer = String::from_utf8_lossy(&asked.stdout);
    let archive = Path::new(answer.trim());
    if let (true, Some(folder)) = (archive.is_absolute() && archive.exists(), archive.parent()) {
        println!("cargo::rustc-link-search=native={}", folder.display());
        println!("cargo::rustc-link-lib=static=gcc_eh");
    }
}
