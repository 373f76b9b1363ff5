//! Becoming somebody else, as root: the person who typed a command for the
//! moment in which a file that they named is opened, and the owner of a state
//! for as long as it is worked on.

use std::fs::Metadata;
use std::io;
use std::os::unix::fs::MetadataExt;
use std::path::Path;

use nix::unistd::{Gid, Uid, User, getgrouplist};
use rustix::thread::{set_thread_groups, set_thread_res_gid, set_thread_res_uid};

use crate::error::{Error, Result};

/// Root that works on another's state becomes that owner for good, so that no
/// file of the state changes hands. Files named on the command line have been
/// opened by then, with the rights of the person who named them. Where `dir` is
/// not there, or is root's or one's own, nothing happens.
///
/// # Errors
/// System (8), where the system does not let root go.
pub(super) fn owner_of(dir: &Path) -> Result<()> {
    if rustix::process::geteuid().as_raw() != 0 {
        return Ok(());
    }
    let Ok(found) = std::fs::metadata(dir) else { return Ok(()) };
    if found.uid() == 0 {
        return Ok(());
    }
    let mut owner = Credentials::of(found.uid());
    if !owner.known {
        owner.gid = found.gid();
    }
    // Credentials on Linux are a thread's own. There is but this one yet: what
    // is started later has them from it.
    owner.enter().map_err(|e| Error::system("become the owner of", dir.display(), &e))
}

/// A user with the groups that a login would give.
pub(super) struct Credentials {
    uid: u32,
    gid: u32,
    others: Vec<u32>,
    /// Whether the system knows the user, and with it the groups.
    known: bool,
}

impl Credentials {
    /// Those of the user with this id.
    pub(super) fn of(uid: u32) -> Credentials {
        const NOGROUP: u32 = 65_534;
        let user = User::from_uid(Uid::from_raw(uid)).ok().flatten();
        let known = user.is_some();
        let gid = user.as_ref().map_or(NOGROUP, |user| user.gid.as_raw());
        let name = user.and_then(|user| std::ffi::CString::new(user.name).ok());
        let others = name.and_then(|name| getgrouplist(&name, Gid::from_raw(gid)).ok());
        let others = others.unwrap_or_default().into_iter().map(Gid::as_raw).collect();
        Credentials { uid, gid, others, known }
    }

    /// Makes this thread run as the user for good.
    pub(super) fn enter(&self) -> io::Result<()> {
        let group = rustix::process::Gid::from_raw;
        let (uid, gid) = (rustix::process::Uid::from_raw(self.uid), group(self.gid));
        let others: Vec<_> = self.others.iter().copied().map(group).collect();
        set_thread_groups(&others)?;
        set_thread_res_gid(gid, gid, gid)?;
        Ok(set_thread_res_uid(uid, uid, uid)?)
    }

    /// Whether a file of this owner, group and mode may be read by the user.
    pub(super) fn may_read(&self, file: &Metadata) -> bool {
        self.may(0o4, file)
    }

    /// Whether the user may make files in a directory of this owner, group and mode.
    pub(super) fn may_write(&self, dir: &Metadata) -> bool {
        self.may(0o2, dir) && self.may(0o1, dir)
    }

    fn may(&self, right: u32, file: &Metadata) -> bool {
        let place = match file {
            file if file.uid() == self.uid => 6,
            file if file.gid() == self.gid || self.others.contains(&file.gid()) => 3,
            _ => 0,
        };
        file.mode() & (right << place) != 0
    }
}
