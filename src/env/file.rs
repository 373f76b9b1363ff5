//! Files that are named on the command line, read with the rights of the
//! person who named them.

use std::fs::File;
use std::io::{self, Read};
use std::path::Path;

use super::credentials::Credentials;
use super::{Env, unreadable};
use crate::error::Result;

/// The longest configuration that is read.
pub const MAX_CONFIG_BYTES: u64 = 1 << 20;

const MIB: u64 = 1 << 20;

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
        let longest = match limit % MIB {
            0 => format!("{} MiB", limit / MIB),
            _ => format!("{limit} bytes"),
        };
        return Err(unreadable(path, format!("it is longer than {longest}")));
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
        // Another than the person, and not root (any more: what is named is opened
        // before root becomes the owner of the state). Only root can become somebody else; here the file's own mode has to tell.
        let file = open()?;
        let readable = Credentials::of(person).may_read(&file.metadata()?);
        return if readable { Ok(file) } else { Err(io::ErrorKind::PermissionDenied.into()) };
    }
    // On Linux credentials are a thread's own: this one ends with what it became.
    let opened = std::thread::scope(|scope| {
        let opening = scope.spawn(|| {
            Credentials::of(person).enter()?;
            open()
        });
        opening.join()
    });
    opened.unwrap_or_else(|_| Err(io::Error::other("the thread that opened it failed")))
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
        assert!(Credentials::of(0).may_read(&found) && !Credentials::of(65_534).may_read(&found));
        assert_eq!(rustix::process::geteuid().as_raw(), 0, "only the opening thread changes");
        assert!(env.read_named(Path::new("/etc/passwd"), 1 << 20).is_ok());
        assert!(env.read_named(Path::new("/"), 9).is_err());
    }
}
