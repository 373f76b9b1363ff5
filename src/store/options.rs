//! What the store is told about the world outside of the state directory.

use std::sync::Arc;
use std::time::Duration;

use crate::domain::time::Time;

/// The clock.
pub type Clock = Arc<dyn Fn() -> Time + Send + Sync>;
/// Fills a buffer with random bytes.
pub type RandomSource = Arc<dyn Fn(&mut [u8]) + Send + Sync>;
/// A name that is looked up where it is needed.
pub type Name = Arc<dyn Fn() -> String + Send + Sync>;
/// Is called for each part of long work that is done.
pub type StepDone = Arc<dyn Fn() + Send + Sync>;
/// Is told something in words, or a line as it is.
pub type Notify = Arc<dyn Fn(&str) + Send + Sync>;

/// How to work on the state, and where clock, randomness and words come from.
#[derive(Clone)]
pub struct Options {
    /// How long to wait for the lock.
    pub lock_timeout: Duration,
    /// The clock.
    pub clock: Clock,
    /// Fills a buffer with random bytes.
    pub random: RandomSource,
    /// What is run, for those who wait for the lock meanwhile.
    pub command: String,
    /// Called once for each long wait, with a line that names the lock and its holder.
    pub waiting: Notify,
    /// Called for each file that `verify`, `check` or a snapshot has gone through.
    pub step: StepDone,
    /// Called with the commit line of every commit (`audit.syslog`).
    pub syslog: Option<Notify>,
    /// Whether a state on NFS is accepted.
    pub allow_nfs: bool,
    /// What names this boot of the machine (`/proc/sys/kernel/random/boot_id`);
    /// empty where it is not known. Only writers ask.
    pub boot_id: Name,
    /// At which size (bytes) of the log a new segment is begun.
    #[doc(hidden)]
    pub segment_bytes: u64,
}

/// 64 MiB: quick to hash, few enough to count by probing.
pub(super) const SEGMENT_BYTES: u64 = 64 << 20;

impl Options {
    /// Options with a clock and a source of random bytes, and plain values for the rest:
    /// ten seconds for the lock, no command, nobody told.
    pub fn new(clock: Clock, random: RandomSource) -> Options {
        Options {
            lock_timeout: Duration::from_secs(10),
            clock,
            random,
            command: String::new(),
            waiting: Arc::new(|_| {}),
            step: Arc::new(|| {}),
            syslog: None,
            allow_nfs: false,
            boot_id: Arc::new(String::new),
            segment_bytes: SEGMENT_BYTES,
        }
    }
}
