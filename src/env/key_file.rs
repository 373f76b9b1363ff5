//! The file of the sealing key: where it is, and how it is read and replaced. What
//! stands in it is for others to understand.

use std::fs::{DirBuilder, File, OpenOptions};
use std::io::{self, ErrorKind, Write};
use std::os::unix::ffi::OsStrExt;
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
/// Between the name of a key file and the random part of the one beside it.
const MARK: &str = ".new-";
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
        self.open()?.map(|file| self.read_open(file)).transpose()
    }

    /// What stands in the file that was opened.
    pub(super) fn read_open(&self, file: File) -> Result<Zeroizing<Vec<u8>>> {
        let bytes = read_all(file, &self.path, LONGEST).map(Zeroizing::new);
        bytes.map_err(|e| self.wrong(e.message))
    }

    /// Opens the file, where it is one that a key may stand in.
    pub(super) fn open(&self) -> Result<Option<File>> {
        let path = &self.path;
        let flags = OFlags::NOFOLLOW | OFlags::NONBLOCK | OFlags::CLOEXEC;
        let opened =
            OpenOptions::new().read(true).custom_flags(flags.bits().cast_signed()).open(path);
        match opened {
            Ok(file) => self.check(&file).map(|()| Some(file)),
            Err(e) if matches!(e.kind(), ErrorKind::NotFound | ErrorKind::NotADirectory) => {
                Ok(None)
            }
            Err(e) if rustix::io::Errno::from_io_error(&e) == Some(rustix::io::Errno::LOOP) => {
                let error = self.wrong(format!("{} is a symbolic link", path.display()));
                Err(error.words("name the file itself with key_file in the configuration"))
            }
            Err(e) => Err(Error::system("read", path.display(), &e)),
        }
    }

    fn check(&self, file: &File) -> Result<()> {
        let shown = &self.path.display().to_string();
        let found = file.metadata().map_err(|e| Error::system("look at", shown, &e))?;
        if !found.is_file() {
            return Err(self.wrong(format!("{shown} is no plain file")));
        }
        let me = rustix::process::geteuid().as_raw();
        if found.uid() != me && found.uid() != 0 {
            return Err(self.wrong(format!("{shown} belongs to somebody else")));
        }
        // systemd lets the service in by an access control list, which shows as the group's.
        let open = if self.credential { 0o007 } else { 0o077 };
        if found.mode() & open != 0 {
            let mode = found.mode() & 0o7777;
            let error = self.wrong(format!("{shown} is open to others (mode {mode:04o})"));
            return Err(error.words(format!("chmod 0400 {}", quoted(&self.path))));
        }
        Ok(())
    }

    fn wrong(&self, message: String) -> Error {
        Error::new(Kind::Damaged, "key-file", message).about(self.path.display())
    }

    /// Makes the file, for its owner to read only; durable where this returns. Whether
    /// it was made: where one is there, it stays.
    ///
    /// # Errors
    /// System (8).
    pub fn make(&self, bytes: &[u8]) -> Result<bool> {
        self.make_folder()?;
        let failed = |e: &io::Error| Error::system("write", self.path.display(), e);
        let new = Beside::write(&self.path, bytes).map_err(|e| failed(&e))?;
        match new.rename(RenameFlags::NOREPLACE) {
            Ok(_) => Ok(true),
            // Of the rename alone: a name beside that is taken is another matter.
            Err(e) if e.kind() == ErrorKind::AlreadyExists => Ok(false),
            Err(e) => Err(failed(&e)),
        }
    }

    fn make_folder(&self) -> Result<()> {
        let mode = if self.path == Path::new(SYSTEM_KEY) { 0o755 } else { 0o700 };
        let folder = folder(&self.path);
        let made = DirBuilder::new().mode(mode).recursive(true).create(folder);
        made.map_err(|e| Error::system("make", folder.display(), &e))
    }
}

/// A key file under the name that it has until it is in its place. Dropped before, it goes.
pub(super) struct Beside<'a> {
    key: &'a Path,
    path: PathBuf,
    file: File,
    renamed: bool,
}

impl<'a> Beside<'a> {
    /// Writes it for its owner to read only, durable but for its name.
    pub(super) fn write(key: &'a Path, bytes: &[u8]) -> io::Result<Beside<'a>> {
        let mut random = [0; 8];
        super::system::random(&mut random).map_err(|e| io::Error::other(e.message))?;
        let mut path = key.as_os_str().to_owned();
        path.push(format!("{MARK}{:016x}", u64::from_ne_bytes(random)));
        let path = PathBuf::from(path);
        let file = create_new(&path, 0o400)?;
        let mut new = Beside { key, path, file, renamed: false };
        new.file.write_all(bytes)?;
        new.file.sync_all()?;
        Ok(new)
    }

    /// The file, open.
    pub(super) fn file(&self) -> &File {
        &self.file
    }

    /// Brings it to its place, durably. Returns the file, still open.
    pub(super) fn rename(mut self, flags: RenameFlags) -> io::Result<File> {
        rustix::fs::renameat_with(CWD, &self.path, CWD, self.key, flags)?;
        self.renamed = true;
        File::open(folder(self.key))?.sync_all()?;
        self.file.try_clone()
    }
}

impl Drop for Beside<'_> {
    fn drop(&mut self) {
        if !self.renamed {
            // Where it cannot go, the next rotation removes it.
            let _ = std::fs::remove_file(&self.path);
        }
    }
}

/// Removes what writings of this key file that were killed left beside it: plain files
/// of one's own by the name that [`Beside`] gives.
pub(super) fn remove_leftovers(key: &Path) -> io::Result<()> {
    let Some(name) = key.file_name() else { return Ok(()) };
    let me = rustix::process::geteuid().as_raw();
    for entry in std::fs::read_dir(folder(key))? {
        let entry = entry?;
        if !is_beside(entry.file_name().as_bytes(), name.as_bytes()) {
            continue;
        }
        let found = entry.metadata()?;
        if found.is_file() && found.uid() == me && found.nlink() == 1 {
            std::fs::remove_file(entry.path())?;
        }
    }
    Ok(())
}

fn is_beside(name: &[u8], key: &[u8]) -> bool {
    let random = name.strip_prefix(key).and_then(|rest| rest.strip_prefix(MARK.as_bytes()));
    random.is_some_and(|random| {
        matches!(random.len(), 1..=16) && random.iter().all(u8::is_ascii_hexdigit)
    })
}

fn create_new(path: &Path, mode: u32) -> io::Result<File> {
    let flags = (OFlags::NOFOLLOW | OFlags::CLOEXEC).bits().cast_signed();
    let mut options = OpenOptions::new();
    options.write(true).create_new(true).mode(mode).custom_flags(flags);
    options.open(path)
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
    fn a_key_file_is_made_once() {
        let folder = tempfile::tempdir().unwrap();
        let key = place(folder.path().join("below/demo.key"));
        assert!(key.read().unwrap().is_none());
        assert!(key.make(b"one").unwrap());
        assert!(!key.make(b"two").unwrap());
        assert_eq!(key.read().unwrap().unwrap().as_slice(), b"one");
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
        std::fs::remove_file(&key.path).unwrap();
        std::os::unix::fs::symlink("/dev/zero", &key.path).unwrap();
        let error = key.read().unwrap_err();
        assert_eq!((error.code, error.kind.exit_code()), ("key-file", 7));
        assert!(error.message.contains("symbolic link"), "{}", error.message);
    }

    #[test]
    fn only_what_was_left_by_one_s_own_writings_is_removed() {
        let folder = tempfile::tempdir().unwrap();
        let path = |name: &str| folder.path().join(name);
        let stay = [
            "demo.key",
            "demo.key.new-",
            "demo.key.new-xyz",
            "demo.key.new-0123456789abcdef0",
            "other.key.new-0123456789abcdef",
            "demo.key.new-0123456789abcdef.old",
        ];
        let go = ["demo.key.new-1", "demo.key.new-0123456789abcdef"];
        stay.iter().chain(&go).for_each(|name| std::fs::write(path(name), "x").unwrap());
        std::fs::create_dir(path("demo.key.new-2")).unwrap();
        std::os::unix::fs::symlink(path("demo.key"), path("demo.key.new-3")).unwrap();
        std::fs::hard_link(path("other.key.new-0123456789abcdef"), path("demo.key.new-4")).unwrap();
        remove_leftovers(&path("demo.key")).unwrap();
        let is_there = |name: &&str| std::fs::symlink_metadata(path(name)).is_ok();
        assert!(
            stay.iter()
                .chain(&["demo.key.new-2", "demo.key.new-3", "demo.key.new-4"])
                .all(is_there)
        );
        assert!(!go.iter().any(is_there));
    }
}
