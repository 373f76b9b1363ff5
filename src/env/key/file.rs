//! The file of the sealing key: where it is, and how it is read and replaced. What
//! stands in it is for others to understand.

use std::ffi::{OsStr, OsString};
use std::fs::File;
use std::io::{self, ErrorKind, Write};
use std::os::fd::OwnedFd;
use std::os::unix::ffi::OsStrExt;
use std::os::unix::fs::MetadataExt;
use std::path::{Path, PathBuf};

use rustix::fs::{AtFlags, FileType, Mode, OFlags, RenameFlags};
use rustix::io::Errno;
use zeroize::Zeroizing;

use crate::env::files::input::read_secret;
use crate::env::privilege::path::{look_up, open_entry, quoted};
use crate::error::{Error, Kind, Result};

/// The state of the machine. Its key is in a folder of its own.
pub(crate) const SYSTEM_STATE: &str = "/var/lib/mfactl";

/// Where the key of the system's state is: in a folder of the service user, who replaces it
/// when it is rotated.
const SYSTEM_KEY: &str = "/etc/mfactl/private/key";
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
    pub(crate) fn find(
        credentials: Option<&Path>,
        configured: Option<&PathBuf>,
        state: &Path,
    ) -> KeyPlace {
        let credential = credentials.map(|folder| folder.join(CREDENTIAL));
        if let Some(path) = credential.filter(|path| std::fs::symlink_metadata(path).is_ok()) {
            return KeyPlace { path, credential: true };
        }
        let path = configured.cloned().unwrap_or_else(|| beside(state));
        KeyPlace { path, credential: false }
    }

    /// What stands in the file; `None` where there is none.
    ///
    /// # Errors
    /// `key-file` (7) where it is open to others, another's or not a regular file; system (8).
    pub fn read(&self) -> Result<Option<Zeroizing<Vec<u8>>>> {
        self.open()?.map(|file| self.read_open(file)).transpose()
    }

    /// What stands in the file that was opened.
    pub(crate) fn read_open(&self, file: File) -> Result<Zeroizing<Vec<u8>>> {
        let read = read_secret(file, &self.path, LONGEST);
        let read = read.map_err(|e| Error::system("read", self.path.display(), &e))?;
        read.map_err(|e| self.wrong(e.message))
    }

    /// Opens the file, where it is one that a key may be in.
    pub(crate) fn open(&self) -> Result<Option<File>> {
        match self.folder()? {
            Some(folder) => self.open_in(&folder),
            None => Ok(None),
        }
    }

    pub(crate) fn open_in(&self, folder: &Folder) -> Result<Option<File>> {
        let path = &self.path;
        match open_entry(&folder.dir, &folder.name) {
            Ok(Some(fd)) => {
                let file = File::from(fd);
                self.check(&file).map(|()| Some(file))
            }
            Ok(None) => Ok(None),
            Err(e) => Err(Error::system("read", path.display(), &e.into())),
        }
    }

    /// The folder of the file, opened; `None` where it does not exist. Nobody but root and
    /// the user of this process may be able to put another in its place.
    ///
    /// # Errors
    /// `key-file` (7) where somebody else can; system (8).
    pub(crate) fn folder(&self) -> Result<Option<Folder>> {
        let failed = |e: io::Error| Error::system("look at", self.path.display(), &e);
        let looked = look_up(&self.path).map_err(failed)?;
        if looked.is_link {
            let error = self.wrong(format!("{} is a symbolic link", self.path.display()));
            return Err(error.words("name the file itself with key_file in the configuration"));
        }
        let me = rustix::process::geteuid().as_raw();
        looked.trusted(me, me).map_err(|untrusted| {
            let shown = self.path.display();
            let error = self.wrong(format!("{shown} is not safe to use: {}", untrusted.why));
            untrusted.mend.into_iter().fold(error, Error::words)
        })?;
        let Some(dir) = looked.parent else { return Ok(None) };
        // As it was looked up it cannot be synced.
        let flags = OFlags::RDONLY | OFlags::DIRECTORY | OFlags::CLOEXEC;
        let dir = match rustix::fs::openat(&dir, ".", flags, Mode::empty()) {
            Ok(dir) => dir,
            // It may be closed for reading; then nothing can be made in it either.
            Err(Errno::ACCESS) => dir,
            Err(e) => return Err(failed(e.into())),
        };
        Ok(Some(Folder { dir, name: looked.name }))
    }

    fn check(&self, file: &File) -> Result<()> {
        let shown = &self.path.display().to_string();
        let found = file.metadata().map_err(|e| Error::system("look at", shown, &e))?;
        if !found.is_file() {
            return Err(self.wrong(format!("{shown} is not a regular file")));
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
    /// it was made: where one exists, it stays.
    ///
    /// # Errors
    /// System (8); as [`KeyPlace::read`].
    pub fn make(&self, bytes: &[u8]) -> Result<bool> {
        let failed = |e: &io::Error| {
            let error = Error::system("write", self.path.display(), e);
            match e.kind() {
                ErrorKind::PermissionDenied => error.words(
                    "name a file in a folder of the state's owner with key_file in the configuration",
                ),
                _ => error,
            }
        };
        let folder = match self.folder()? {
            Some(folder) => folder,
            None => {
                // For nobody else, by the umask.
                std::fs::create_dir_all(above(&self.path)).map_err(|e| failed(&e))?;
                self.folder()?.ok_or_else(|| failed(&ErrorKind::NotFound.into()))?
            }
        };
        remove_leftovers(&folder).map_err(|e| failed(&e))?;
        let new = Beside::write(&folder, bytes).map_err(|e| failed(&e))?;
        match new.rename(RenameFlags::NOREPLACE) {
            Ok(_) => Ok(true),
            // Of the rename alone: a name beside that is taken is another matter.
            Err(e) if e.kind() == ErrorKind::AlreadyExists => Ok(false),
            Err(e) => Err(failed(&e)),
        }
    }

    /// Files with a whole key in them that runs which were killed left beside it.
    ///
    /// # Errors
    /// System (8); as [`KeyPlace::read`].
    pub fn left_over(&self) -> Result<Vec<PathBuf>> {
        let Some(folder) = self.folder()? else { return Ok(Vec::new()) };
        let left = leftovers(&folder)
            .map_err(|e| Error::system("look beside", self.path.display(), &e))?;
        Ok(left.into_iter().map(|(name, _)| above(&self.path).join(name)).collect())
    }
}

/// The folder of a key file, open, and the name of the file in it.
pub(crate) struct Folder {
    dir: OwnedFd,
    name: OsString,
}

impl Folder {
    /// What has the name of the key; `None` where nothing has.
    pub(crate) fn find(&self) -> io::Result<Option<rustix::fs::Stat>> {
        match rustix::fs::statat(&self.dir, &self.name, AtFlags::SYMLINK_NOFOLLOW) {
            Ok(stat) => Ok(Some(stat)),
            Err(Errno::NOENT) => Ok(None),
            Err(e) => Err(e.into()),
        }
    }
}

/// A key file under the name that it has until it is in its place. Dropped before, it goes.
pub(crate) struct Beside<'a> {
    folder: &'a Folder,
    name: OsString,
    file: File,
    renamed: bool,
}

impl<'a> Beside<'a> {
    /// Writes it for its owner to read only, durable but for its name.
    pub(crate) fn write(folder: &'a Folder, bytes: &[u8]) -> io::Result<Beside<'a>> {
        let mut random = [0; 8];
        crate::env::system::random(&mut random).map_err(|e| io::Error::other(e.message))?;
        let mut name = folder.name.clone();
        name.push(format!("{MARK}{:016x}", u64::from_ne_bytes(random)));
        Beside::write_as(folder, name, bytes)
    }

    fn write_as(folder: &'a Folder, name: OsString, bytes: &[u8]) -> io::Result<Beside<'a>> {
        let flags = OFlags::WRONLY | OFlags::CREATE | OFlags::EXCL;
        let file = rustix::fs::openat(&folder.dir, &name, flags | OFlags::CLOEXEC, Mode::RUSR)?;
        let mut new = Beside { folder, name, file: File::from(file), renamed: false };
        // Held before anybody can open it by the name of the key, and as long as it is written:
        // what nobody holds was left by a run that was killed.
        fs2::FileExt::try_lock_exclusive(&new.file)?;
        new.file.write_all(bytes)?;
        new.file.sync_all()?;
        Ok(new)
    }

    /// Brings it to its place, durably. Returns the file, still open and locked.
    pub(crate) fn rename(mut self, flags: RenameFlags) -> io::Result<File> {
        let Folder { dir, name } = self.folder;
        rustix::fs::renameat_with(dir, &self.name, dir, name, flags)?;
        self.renamed = true;
        rustix::fs::fsync(dir)?;
        self.file.try_clone()
    }
}

impl Drop for Beside<'_> {
    fn drop(&mut self) {
        if !self.renamed {
            // Where it cannot go, the next one who writes the key removes it.
            let _ = rustix::fs::unlinkat(&self.folder.dir, &self.name, AtFlags::empty());
        }
    }
}

/// Removes what writings of this key file that were killed left beside it.
pub(crate) fn remove_leftovers(folder: &Folder) -> io::Result<()> {
    for (name, _held) in leftovers(folder)? {
        rustix::fs::unlinkat(&folder.dir, &name, AtFlags::empty())?;
    }
    Ok(())
}

/// What such writings left, locked: plain files of one's own by the name that [`Beside`] gives,
/// which nobody else holds.
fn leftovers(folder: &Folder) -> io::Result<Vec<(OsString, File)>> {
    let me = rustix::process::geteuid().as_raw();
    let mut names = Vec::new();
    for entry in rustix::fs::Dir::read_from(&folder.dir)? {
        let entry = entry?;
        if is_beside(entry.file_name().to_bytes(), folder.name.as_bytes()) {
            names.push(OsStr::from_bytes(entry.file_name().to_bytes()).to_owned());
        }
    }
    let mut left = Vec::new();
    for name in names {
        let file = match open_entry(&folder.dir, &name) {
            Ok(Some(fd)) => File::from(fd),
            // Gone, or a link.
            Ok(None) | Err(Errno::LOOP) => continue,
            Err(e) => return Err(e.into()),
        };
        let found = rustix::fs::fstat(&file)?;
        let is_file = FileType::from_raw_mode(found.st_mode) == FileType::RegularFile;
        let is_free = || fs2::FileExt::try_lock_exclusive(&file).is_ok();
        if is_file && found.st_uid == me && found.st_nlink == 1 && is_free() {
            left.push((name, file));
        }
    }
    Ok(left)
}

fn is_beside(name: &[u8], key: &[u8]) -> bool {
    let random = name.strip_prefix(key).and_then(|rest| rest.strip_prefix(MARK.as_bytes()));
    random.is_some_and(|random| {
        matches!(random.len(), 1..=16) && random.iter().all(u8::is_ascii_hexdigit)
    })
}

fn above(path: &Path) -> &Path {
    path.parent().filter(|folder| !folder.as_os_str().is_empty()).unwrap_or(Path::new("."))
}

/// [`SYSTEM_KEY`] for the system's state, `STATE.key` for any other: beside the
/// directory itself. `state` is without links.
fn beside(state: &Path) -> PathBuf {
    if state == Path::new(SYSTEM_STATE) {
        return PathBuf::from(SYSTEM_KEY);
    }
    let mut key = state.to_owned().into_os_string();
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
        assert_eq!(beside(Path::new("/var/lib/mfactl")), Path::new("/etc/mfactl/private/key"));
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
        // Nor is anything written over what lies beside.
        let held = key.folder().unwrap().unwrap();
        assert!(Beside::write_as(&held, "demo.key".into(), b"three").is_err());
        assert_eq!(key.read().unwrap().unwrap().as_slice(), b"one");
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
    fn a_key_is_no_directory_no_long_file_and_nothing_that_somebody_else_could_write() {
        let folder = tempfile::tempdir().unwrap();
        let mode = |path: &Path, mode| {
            std::fs::set_permissions(path, std::fs::Permissions::from_mode(mode)).unwrap();
        };
        let key = place(folder.path().join("demo.key"));
        let why = || {
            let error = key.read().unwrap_err();
            assert_eq!(error.code, "key-file", "{error}");
            error.message
        };
        std::fs::create_dir(&key.path).unwrap();
        assert!(why().contains("not a regular file"));
        std::fs::remove_dir(&key.path).unwrap();
        key.make(&[b'x'; LONGEST as usize + 1]).unwrap();
        assert!(why().contains("longer than"));
        std::fs::remove_file(&key.path).unwrap();
        key.make(b"one").unwrap();
        mode(folder.path(), 0o777);
        assert!(why().contains("everybody may write"));
        mode(folder.path(), 0o700);
        assert!(key.read().is_ok());
        // systemd's own list of who may read it shows as the rights of the group.
        let credential = KeyPlace { credential: true, ..key.clone() };
        mode(&key.path, 0o440);
        assert!(key.read().is_err() && credential.read().is_ok());
        mode(&key.path, 0o404);
        assert!(credential.read().is_err());
        mode(&key.path, 0o400);
        if rustix::process::geteuid().is_root() {
            std::os::unix::fs::chown(&key.path, Some(1), None).unwrap();
            assert!(why().contains("belongs to somebody else"));
        }
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
        let private = Mode::RUSR | Mode::WUSR;
        rustix::fs::mkfifoat(rustix::fs::CWD, path("demo.key.new-5"), private).unwrap();
        let held = File::create(path("demo.key.new-6")).unwrap();
        fs2::FileExt::try_lock_exclusive(&held).unwrap();
        if rustix::process::geteuid().is_root() {
            std::fs::write(path("demo.key.new-7"), "another's").unwrap();
            std::os::unix::fs::chown(path("demo.key.new-7"), Some(1), None).unwrap();
        } else {
            std::fs::create_dir(path("demo.key.new-7")).unwrap();
        }
        remove_leftovers(&place(path("demo.key")).folder().unwrap().unwrap()).unwrap();
        let is_there = |name: &&str| std::fs::symlink_metadata(path(name)).is_ok();
        let odd = ["2", "3", "4", "5", "6", "7"].map(|end| format!("demo.key.new-{end}"));
        for name in stay.into_iter().chain(odd.iter().map(String::as_str)) {
            assert!(is_there(&name), "{name}");
        }
        assert!(!go.iter().any(is_there));
    }
}
