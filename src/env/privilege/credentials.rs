//! Becoming somebody else, as root: the person who typed a command, for files that they
//! named, and the owner of the state, for everything else.

use std::io;

use nix::unistd::{Gid, Uid, User, getgrouplist};
use rustix::process::{DumpableBehavior, set_dumpable_behavior};
use rustix::thread::{set_thread_groups, set_thread_res_gid, set_thread_res_uid};

use crate::error::{Error, Result};

/// A user with the groups that a login would give.
pub(super) struct Credentials {
    uid: u32,
    gid: u32,
    groups: Vec<u32>,
}

/// The group of a user that the system does not know.
const NOGROUP: u32 = 65_534;

impl Credentials {
    /// Those of the user with this id. `gid` is the group of a user that the system does
    /// not know.
    ///
    /// # Errors
    /// System (8) where the user database cannot be read: a user without their groups
    /// would be somebody else.
    pub(super) fn of(uid: u32, gid: Option<u32>) -> Result<Credentials> {
        let failed =
            |e: nix::Error| Error::system("look up", format!("the user id {uid}"), &e.into());
        let Some(user) = User::from_uid(Uid::from_raw(uid)).map_err(failed)? else {
            return Ok(Credentials { uid, gid: gid.unwrap_or(NOGROUP), groups: Vec::new() });
        };
        let gid = user.gid.as_raw();
        let name = std::ffi::CString::new(user.name).map_err(|_| failed(nix::Error::EINVAL))?;
        let groups = getgrouplist(&name, Gid::from_raw(gid)).map_err(failed)?;
        Ok(Credentials { uid, gid, groups: groups.into_iter().map(Gid::as_raw).collect() })
    }

    /// Makes this thread run as the user, for good. On Linux credentials belong to a
    /// thread: those that this one starts later have them from it.
    pub(super) fn enter(&self) -> io::Result<()> {
        self.enter_unsignalled(self.uid)
    }

    /// The same for a thread that works for a person inside a process of `owner`: its real
    /// and saved user ids are the owner's, so that the person may not send it signals. What
    /// may be opened goes by the effective id alone.
    pub(super) fn enter_unsignalled(&self, owner: u32) -> io::Result<()> {
        let group = rustix::process::Gid::from_raw;
        let user = rustix::process::Uid::from_raw;
        let gid = group(self.gid);
        let groups: Vec<_> = self.groups.iter().copied().map(group).collect();
        set_thread_groups(&groups)?;
        set_thread_res_gid(gid, gid, gid)?;
        set_thread_res_uid(user(owner), user(self.uid), user(owner))?;
        // A change of user sets it to fs.suid_dumpable, which is not ours.
        let _ = set_dumpable_behavior(DumpableBehavior::NotDumpable);
        Ok(())
    }
}
