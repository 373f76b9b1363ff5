//! The state of the process, put in order before anything is read.

use std::sync::Arc;
use std::sync::atomic::AtomicBool;

use rustix::fs::Mode;
use rustix::process::{
    DumpableBehavior, Resource, Rlimit, set_dumpable_behavior, setrlimit, umask,
};

use crate::env::random::Generator;
use crate::error::Result;

/// Proof that the process was put in order; `super::enter` asks for it.
#[derive(Debug, Clone)]
pub struct Hardened {
    /// The umask that the process was started with, for files that are the person's.
    pub(in crate::env) umask: Mode,
    /// Random bytes.
    pub(in crate::env) random: Generator,
}

/// Puts the process in order, whoever started it and however:
///
/// - umask 077: what it makes is for its owner alone, and never less than that. An inherited
///   0777 would lock the owner out, 0000 would let everybody in.
/// - No core file, which would hold secrets: not to a file, for the limit, and not to a
///   program that `core_pattern` names, which no limit holds back. Only root may look into
///   its memory.
/// - A file-size limit becomes an ordinary write error instead of a signal that kills.
///
/// Standard descriptors that are closed were opened on /dev/null by Rust's runtime. What the
/// system refuses here is done without, but for random numbers, which are asked for first.
///
/// # Errors
/// System (8), where it gives no random numbers.
pub fn harden() -> Result<Hardened> {
    let inherited = umask(Mode::RWXG | Mode::RWXO);
    let flag = Arc::new(AtomicBool::new(false));
    let _ = signal_hook::flag::register(signal_hook::consts::SIGXFSZ, flag);
    let _ = setrlimit(Resource::Core, Rlimit { current: Some(0), maximum: Some(0) });
    let _ = set_dumpable_behavior(DumpableBehavior::NotDumpable);
    Ok(Hardened { umask: inherited, random: Generator::new()? })
}
