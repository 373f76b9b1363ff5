//! Files that are named on the command line, read with the rights of the
//! person who named them.

use std::fs::{File, Metadata};
use std::io::{self, Read};
use std::os::unix::fs::MetadataExt;
use std::path::Path;

use nix::unistd::{Gid, Uid, User, getgrouplist};
use rustix::thread::{set_thread_groups, set_thread_res_gid, set_thread_res_uid};

use super::{Env, unreadable};
use crate::error::Result;

/// The longest configuration that is read.
pub const MAX_CONFIG_BYTES: u64 = 1 << 20;

pub(super) fn open_named(env: &Env, path: &Path) -> Result<Box<dyn Read>> {
    if path == Path::new("-") {
        return Ok(Box::new(io::stdin()));
    }
    let file = as_person(env, || File::open(path)).map_err(|e| unreadable(path, why(&e)))?;
    if file.metadata().is_ok_and(|found| found.is_dir()) {
        return Err(unreadable(path, "it is a directory"));
    }
    Ok(Box::new(file))
}

pub(super) fn read_all(from: impl Read, path: &Path, limit: u64) -> Result<Vec<u8>> {
    let mut bytes = Vec::new();
    let read = from.take(limit.saturating_add(1)).read_to_end(&mut bytes);
    read.map_err(|e| unreadable(path, why(&e)))?;
    if bytes.len() as u64 > limit {
        return Err(unreadable(path, format!("it is longer than {limit} bytes")));
    }
    Ok(bytes)
}

pub(super) fn why(error: &io::Error) -> String {
    match error.kind() {
        io::ErrorKind::NotFound => "it is not there".to_owned(),
        io::ErrorKind::PermissionDenied => "you may not read it".to_owned(),
        _ => error.to_string(),
    }
}

/// Under sudo a file is opened as the person who typed its name: what the user
/// that they became may read is not thereby for them to read.
pub(super) fn as_person(
    env: &Env,
    open: impl FnOnce() -> io::Result<File> + Send,
) -> io::Result<File> {
    let (person, own) = (env.identity().uid, env.euid());
    if person == own || person == 0 {
        return open();
    }
    if own != 0 {
        // Only root can become somebody else; here the file's own mode has to tell.
        let file = open()?;
        let readable = Groups::of(person).may_read(&file.metadata()?);
        return if readable { Ok(file) } else { Err(io::ErrorKind::PermissionDenied.into()) };
    }
    // On Linux credentials are a thread's own: this one ends with what it became.
    let opened = std::thread::scope(|scope| {
        let opening = scope.spawn(|| {
            Groups::of(person).enter()?;
            open()
        });
        opening.join()
    });
    opened.unwrap_or_else(|_| Err(io::Error::other("the thread that opened it failed")))
}

/// A user with the groups that a login would give.
struct Groups {
    uid: u32,
    gid: u32,
    others: Vec<u32>,
}

impl Groups {
    fn of(uid: u32) -> Groups {
        const NOGROUP: u32 = 65_534;
        let user = User::from_uid(Uid::from_raw(uid)).ok().flatten();
        let gid = user.as_ref().map_or(NOGROUP, |user| user.gid.as_raw());
        let name = user.and_then(|user| std::ffi::CString::new(user.name).ok());
        let others = name.and_then(|name| getgrouplist(&name, Gid::from_raw(gid)).ok());
        let others = others.unwrap_or_default().into_iter().map(Gid::as_raw).collect();
        Groups { uid, gid, others }
    }

    /// Makes this thread run as the user for good.
    fn enter(&self) -> io::Result<()> {
        let group = rustix::process::Gid::from_raw;
        let (uid, gid) = (rustix::process::Uid::from_raw(self.uid), group(self.gid));
        let others: Vec<_> = self.others.iter().copied().map(group).collect();
        set_thread_groups(&others)?;
        set_thread_res_gid(gid, gid, gid)?;
        Ok(set_thread_res_uid(uid, uid, uid)?)
    }

    /// Whether a file of this owner, group and mode may be read by the user.
    fn may_read(&self, file: &Metadata) -> bool {
        let bit = match file {
            file if file.uid() == self.uid => 0o400,
            file if file.gid() == self.gid || self.others.contains(&file.gid()) => 0o040,
            _ => 0o004,
        };
        file.mode() & bit != 0
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_file_is_bounded() {
        let path = Path::new("x.csv");
        assert_eq!(read_all(&b"abc"[..], path, 3).unwrap(), b"abc");
        let error = read_all(&b"abcd"[..], path, 3).unwrap_err();
        assert_eq!(error.kind.exit_code(), 2);
        assert!(error.message.contains("x.csv") && error.message.contains("3 bytes"));
    }

    #[test]
    fn what_the_person_may_not_read_stays_closed() {
        if rustix::process::geteuid().as_raw() != 0 {
            return;
        }
        let folder = tempfile::tempdir().unwrap();
        let secret = folder.path().join("secret");
        std::fs::write(&secret, "x").unwrap();
        let own = std::os::unix::fs::PermissionsExt::from_mode(0o600);
        std::fs::set_permissions(&secret, own).unwrap();
        let nobody =
            super::super::Identity { uid: 65_534, ..super::super::Identity::pretended("nobody") };
        let env = Env { hooks: Default::default(), identity: nobody, drawn: Default::default() };
        assert!(env.read_named(&secret, 9).is_err());
        let found = std::fs::metadata(&secret).unwrap();
        assert!(Groups::of(0).may_read(&found) && !Groups::of(65_534).may_read(&found));
        assert_eq!(rustix::process::geteuid().as_raw(), 0, "only the opening thread changes");
        assert!(env.read_named(Path::new("/etc/passwd"), 1 << 20).is_ok());
        assert!(env.read_named(Path::new("/"), 9).is_err());
    }
}
