//! The state of the process, put in order before anything is read.

use std::sync::Arc;
use std::sync::atomic::AtomicBool;

use rustix::fs::Mode;
use rustix::process::{
    DumpableBehavior, Resource, Rlimit, getrlimit, set_dumpable_behavior, setrlimit, umask,
};

use crate::env::random::Generator;
use crate::error::{Error, Kind, Result};

/// Proof that the process was put in order; `super::enter` asks for it.
#[derive(Debug, Clone)]
pub struct Hardened {
    /// The umask that the process was started with, for files that are the person's.
    pub(in crate::env) umask: Mode,
    /// Random bytes.
    pub(in crate::env) random: Generator,
}

/// A limit of resources that a person may set for their own processes.
struct ResourceLimit {
    resource: Resource,
    /// What it is raised to; `None`: no limit.
    raised: Option<u64>,
    /// The least that is worked with, and how the shell sets it.
    least: Option<(Option<u64>, &'static str)>,
}

const fn unlimited(resource: Resource) -> ResourceLimit {
    ResourceLimit { resource, raised: None, least: None }
}

const LIMITS: [ResourceLimit; 8] = [
    ResourceLimit { least: Some((None, "ulimit -f")), ..unlimited(Resource::Fsize) },
    ResourceLimit {
        resource: Resource::Nofile,
        // As systemd has it; the kernel takes no infinite one.
        raised: Some(1 << 19),
        least: Some((Some(SOFT_FILES), "ulimit -n")),
    },
    unlimited(Resource::Cpu),
    unlimited(Resource::As),
    unlimited(Resource::Data),
    unlimited(Resource::Rss),
    // As Linux has it. Without a limit, what recurses would take all memory.
    ResourceLimit { raised: Some(8 << 20), ..unlimited(Resource::Stack) },
    unlimited(Resource::Nproc),
];

/// The soft limit of open files. What needs more raises it.
const SOFT_FILES: u64 = 1 << 10;

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

/// For somebody whose rights the process does not have: lifts the limits of resources. Whoever chooses them
/// chooses which write fails, such as that to the log of sign-ins, and when the process is
/// killed.
///
/// # Errors
/// System (8) where the process may not (`sudo -u OWNER`, or root of a container without
/// `CAP_SYS_RESOURCE`), and the limit keeps mfactl from writing what it has to.
pub(super) fn lift_limits() -> Result<()> {
    for ResourceLimit { resource, raised, least } in LIMITS {
        let inherited = getrlimit(resource);
        let maximum = higher(inherited.maximum, raised);
        let soft = match resource {
            Resource::Nofile => Some(SOFT_FILES),
            _ => raised,
        };
        let lifted = Rlimit { current: higher(inherited.current, soft), maximum };
        if setrlimit(resource, lifted).is_ok() {
            continue;
        }
        let current = match soft {
            Some(soft) => Some(inherited.maximum.map_or(soft, |maximum| maximum.min(soft))),
            None => inherited.maximum,
        };
        let current = higher(inherited.current, current);
        let _ = setrlimit(resource, Rlimit { current, maximum: inherited.maximum });
        let Some((least, by)) = least else { continue };
        let found = getrlimit(resource).current;
        if found != higher(found, least) {
            let found = found.unwrap_or_default();
            let message = format!("a limit of {found} ({by}) is too low to work under sudo");
            return Err(Error::new(Kind::System, "limits", message)
                .words("run it from a shell without that limit"));
        }
    }
    Ok(())
}

/// The higher of two limits; `None`: no limit.
fn higher(one: Option<u64>, other: Option<u64>) -> Option<u64> {
    Some(one?.max(other?))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn no_limit_is_the_highest() {
        assert_eq!(higher(Some(1), Some(2)), Some(2));
        assert_eq!(higher(None, Some(2)), None);
        assert_eq!(higher(Some(1), None), None);
    }
}
