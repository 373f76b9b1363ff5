//! Files that are named on the command line, read with the rights of the
//! person who named them.

use std::fs::File;
use std::io::{self, Read};
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
    let file = open_as_person(env, path).map_err(|e| unreadable(path, why(&e)))?;
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

fn why(error: &io::Error) -> String {
    match error.kind() {
        io::ErrorKind::NotFound => "it is not there".to_owned(),
        io::ErrorKind::PermissionDenied => "you may not read it".to_owned(),
        _ => error.to_string(),
    }
}

/// Under sudo a file is opened as the person who typed its name: what root may
/// read is not thereby for them to read.
fn open_as_person(env: &Env, path: &Path) -> io::Result<File> {
    let person = env.identity().uid;
    if env.euid() != 0 || person == 0 {
        return File::open(path);
    }
    // On Linux credentials are a thread's own: this one ends with what it became.
    let opened = std::thread::scope(|scope| {
        let opening = scope.spawn(|| {
            become_user(person)?;
            File::open(path)
        });
        opening.join()
    });
    opened.unwrap_or_else(|_| Err(io::Error::other("the thread that opened it failed")))
}

/// Makes this thread run with the rights of `uid` for good.
fn become_user(uid: u32) -> io::Result<()> {
    const NOGROUP: u32 = 65_534;
    let user = User::from_uid(Uid::from_raw(uid)).ok().flatten();
    let gid = user.as_ref().map_or(NOGROUP, |user| user.gid.as_raw());
    let name = user.and_then(|user| std::ffi::CString::new(user.name).ok());
    let groups = match name {
        Some(name) => getgrouplist(&name, Gid::from_raw(gid))?,
        None => Vec::new(),
    };
    let raw = rustix::process::Gid::from_raw;
    let groups: Vec<_> = groups.into_iter().map(|group| raw(group.as_raw())).collect();
    set_thread_groups(&groups)?;
    set_thread_res_gid(raw(gid), raw(gid), raw(gid))?;
    let uid = rustix::process::Uid::from_raw(uid);
    Ok(set_thread_res_uid(uid, uid, uid)?)
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
        let nobody =
            super::super::Identity { uid: 65_534, ..super::super::Identity::pretended("nobody") };
        let env = Env { hooks: Default::default(), identity: nobody, drawn: Default::default() };
        assert!(env.read_named(&secret, 9).is_err());
        assert_eq!(rustix::process::geteuid().as_raw(), 0, "only the opening thread changes");
        std::fs::write(folder.path().join("other"), "x").unwrap();
        assert!(env.read_named(Path::new("/etc/passwd"), 1 << 20).is_ok());
        assert!(env.read_named(Path::new("/"), 9).is_err());
    }
}
