//! The file of the sealing key: where it is, and how it is read and replaced. What
//! stands in it is for others to understand.

use std::fs::{DirBuilder, File, OpenOptions};
use std::io::{self, ErrorKind, Write};
use std::os::unix::fs::{DirBuilderExt, MetadataExt, OpenOptionsExt};
use std::path::{Path, PathBuf};

use rustix::fs::{CWD, OFlags, RenameFlags};
use zeroize::Zeroizing;

use super::file::read_all;
use super::settings::SYSTEM_STATE;
use crate::error::{Error, Kind, Result};

/// Where the key of the system's state is.
const SYSTEM_KEY: &str = "/etc/mfactl/key";
/// The name of the key among systemd's credentials.
const CREDENTIAL: &str = "mfactl-key";
/// A key file is longer than this only where it is something else (bytes).
const LONGEST: u64 = 64 << 10;

/// Where the sealing key is.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct KeyPlace {
    /// The file.
    pub path: PathBuf,
    /// Whether systemd handed it over: then it cannot be replaced from here.
    pub credential: bool,
}

impl KeyPlace {
    /// A credential that is there, else what the configuration says, else the file
    /// that belongs to the state.
    pub(super) fn find(
        credentials: Option<&Path>,
        configured: Option<&PathBuf>,
        state: &Path,
    ) -> KeyPlace {
        let credential = credentials.map(|folder| folder.join(CREDENTIAL));
        if let Some(path) = credential.filter(|path| path.exists()) {
            return KeyPlace { path, credential: true };
        }
        let path = configured.cloned().unwrap_or_else(|| beside(state));
        KeyPlace { path, credential: false }
    }

    /// What stands in the file; `None` where there is none.
    ///
    /// # Errors
    /// `key-file` (7) where it is open to others, another's or no plain file; system (8).
    pub fn read(&self) -> Result<Option<Zeroizing<Vec<u8>>>> {
        let path = &self.path;
        let failed = |e: &io::Error| Error::system("read", path.display(), e);
        let flags = OFlags::NOFOLLOW | OFlags::NONBLOCK | OFlags::CLOEXEC;
        let opened =
            OpenOptions::new().read(true).custom_flags(flags.bits().cast_signed()).open(path);
        let file = match opened {
            Ok(file) => file,
            Err(e) if matches!(e.kind(), ErrorKind::NotFound | ErrorKind::NotADirectory) => {
                return Ok(None);
            }
            Err(e) => return Err(failed(&e)),
        };
        self.check(&file)?;
        read_all(file, path, LONGEST)
            .map(|bytes| Some(Zeroizing::new(bytes)))
            .map_err(|e| Error::new(Kind::Damaged, "key-file", e.message).about(path.display()))
    }

    fn check(&self, file: &File) -> Result<()> {
        let shown = &self.path.display().to_string();
        let found = file.metadata().map_err(|e| Error::system("look at", shown, &e))?;
        let wrong = |what: String| {
            Error::new(Kind::Damaged, "key-file", format!("{shown} {what}")).about(shown)
        };
        if !found.is_file() {
            return Err(wrong("is no plain file".to_owned()));
        }
        let me = rustix::process::geteuid().as_raw();
        if found.uid() != me && found.uid() != 0 {
            return Err(wrong("belongs to somebody else".to_owned()));
        }
        // systemd lets the service in by an access control list, which shows as the group's.
        let open = if self.credential { 0o007 } else { 0o077 };
        if found.mode() & open != 0 {
            let what = format!("is open to others (mode {:04o})", found.mode() & 0o7777);
            return Err(wrong(what).words(format!("chmod 0400 {}", quoted(&self.path))));
        }
        Ok(())
    }

    /// Makes the file, for its owner to read only; durable where this returns. Whether
    /// it was made: where one is there, it stays.
    ///
    /// # Errors
    /// System (8).
    pub fn make(&self, bytes: &[u8]) -> Result<bool> {
        self.make_folder()?;
        self.put(bytes, RenameFlags::NOREPLACE)
    }

    /// Replaces the file: it is the old one or the new one, whatever happens.
    ///
    /// # Errors
    /// System (8).
    pub fn replace(&self, bytes: &[u8]) -> Result<()> {
        self.put(bytes, RenameFlags::empty()).map(drop)
    }

    /// Removes a file that was made just now for nothing.
    pub fn unmake(&self) {
        // Where it cannot go, the next state at this place takes it for its own.
        let _ = std::fs::remove_file(&self.path);
    }

    fn make_folder(&self) -> Result<()> {
        let mode = if self.path == Path::new(SYSTEM_KEY) { 0o755 } else { 0o700 };
        let folder = folder(&self.path);
        let made = DirBuilder::new().mode(mode).recursive(true).create(folder);
        made.map_err(|e| Error::system("make", folder.display(), &e))
    }

    fn put(&self, bytes: &[u8], flags: RenameFlags) -> Result<bool> {
        let path = &self.path;
        let failed = |e: &io::Error| Error::system("write", path.display(), e);
        let mut beside = path.clone().into_os_string();
        beside.push(format!(".new-{}", std::process::id()));
        let beside = PathBuf::from(beside);
        let written = write_new(&beside, bytes, 0o400);
        let placed = written
            .and_then(|()| Ok(rustix::fs::renameat_with(CWD, &beside, CWD, path, flags)?))
            .and_then(|()| File::open(folder(path))?.sync_all());
        match placed {
            Ok(()) => Ok(true),
            Err(e) => {
                let _ = std::fs::remove_file(&beside);
                if e.kind() == ErrorKind::AlreadyExists { Ok(false) } else { Err(failed(&e)) }
            }
        }
    }
}

/// Writes a new file of this mode, durable but for its name.
pub(super) fn write_new(path: &Path, bytes: &[u8], mode: u32) -> io::Result<()> {
    let flags = (OFlags::NOFOLLOW | OFlags::CLOEXEC).bits().cast_signed();
    let options = || {
        let mut options = OpenOptions::new();
        options.write(true).create_new(true).mode(mode).custom_flags(flags);
        options
    };
    let mut file = options().open(path)?;
    file.write_all(bytes)?;
    file.sync_all()
}

fn folder(path: &Path) -> &Path {
    path.parent().filter(|folder| !folder.as_os_str().is_empty()).unwrap_or(Path::new("."))
}

fn quoted(path: &Path) -> String {
    format!("'{}'", path.display().to_string().replace('\'', "'\\''"))
}

/// `/etc/mfactl/key` for the system's state, `STATE.key` for any other: beside the
/// directory itself, by whatever link it is reached.
fn beside(state: &Path) -> PathBuf {
    if state == Path::new(SYSTEM_STATE) {
        return PathBuf::from(SYSTEM_KEY);
    }
    let state = std::fs::canonicalize(state).unwrap_or_else(|_| {
        let parent = std::fs::canonicalize(folder(state)).ok();
        match (parent, state.file_name()) {
            (Some(parent), Some(name)) => parent.join(name),
            _ => state.to_owned(),
        }
    });
    if state == Path::new(SYSTEM_STATE) {
        return PathBuf::from(SYSTEM_KEY);
    }
    let mut key = state.into_os_string();
    key.push(".key");
    PathBuf::from(key)
}

#[cfg(test)]
mod tests {
    use std::os::unix::fs::PermissionsExt;

    use super::*;

    fn place(path: PathBuf) -> KeyPlace {
        KeyPlace { path, credential: false }
    }

    #[test]
    fn the_key_of_a_state_lies_beside_it() {
        let folder = tempfile::tempdir().unwrap();
        let real = std::fs::canonicalize(folder.path()).unwrap();
        let state = real.join("demo");
        assert_eq!(beside(&state), real.join("demo.key"));
        std::fs::create_dir(&state).unwrap();
        std::os::unix::fs::symlink(&state, real.join("link")).unwrap();
        assert_eq!(beside(&real.join("link")), real.join("demo.key"));
        assert_eq!(beside(&real.join("demo/.")), real.join("demo.key"));
        assert_eq!(beside(Path::new("/var/lib/mfactl")), Path::new("/etc/mfactl/key"));
        let configured = PathBuf::from("/srv/key");
        let find = |credentials| KeyPlace::find(credentials, Some(&configured), &state);
        assert_eq!(find(Some(&real)), place(configured.clone()));
        std::fs::write(real.join(CREDENTIAL), "x").unwrap();
        assert!(find(Some(&real)).credential && !find(None).credential);
    }

    #[test]
    fn a_key_file_is_made_once_and_replaced_whole() {
        let folder = tempfile::tempdir().unwrap();
        let key = place(folder.path().join("below/demo.key"));
        assert!(key.read().unwrap().is_none());
        assert!(key.make(b"one").unwrap());
        assert!(!key.make(b"two").unwrap());
        assert_eq!(key.read().unwrap().unwrap().as_slice(), b"one");
        key.replace(b"three").unwrap();
        assert_eq!(key.read().unwrap().unwrap().as_slice(), b"three");
        let mode = std::fs::metadata(&key.path).unwrap().mode() & 0o777;
        assert_eq!(mode, 0o400);
        assert_eq!(std::fs::read_dir(folder.path().join("below")).unwrap().count(), 1);
    }

    #[test]
    fn a_key_file_that_others_read_is_refused() {
        let folder = tempfile::tempdir().unwrap();
        let key = place(folder.path().join("demo.key"));
        key.make(b"one").unwrap();
        for mode in [0o440, 0o404, 0o644] {
            let open = std::fs::Permissions::from_mode(mode);
            std::fs::set_permissions(&key.path, open).unwrap();
            let error = key.read().unwrap_err();
            assert_eq!((error.code, error.kind.exit_code()), ("key-file", 7));
        }
        key.unmake();
        std::os::unix::fs::symlink("/dev/zero", &key.path).unwrap();
        assert!(key.read().is_err());
    }
}
