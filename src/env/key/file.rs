//! The file of the sealing key: how it is read, made and replaced.

use std::fs::File;
use std::io::{self, ErrorKind};
use std::os::unix::fs::MetadataExt;
use std::path::PathBuf;

use rustix::fs::{Mode, OFlags};
use rustix::io::Errno;
use zeroize::Zeroizing;

use super::place::KeyPlace;
use crate::env::files::input::read_secret;
use crate::env::files::output::Output;
use crate::env::files::place::{FilePlace, parent};
use crate::env::privilege::path::{look_up, quoted};
use crate::error::{Error, Kind, Result};

/// The mode of a key file: its owner reads it.
const MODE: u32 = 0o400;
/// A key file is longer than this only where it is something else (bytes).
const LONGEST: u64 = 64 << 10;

impl KeyPlace {
    /// The contents of the file; `None` where it does not exist.
    ///
    /// # Errors
    /// `key-file` (7) where it is open to others, another's or not a regular file; system (8).
    pub fn read(&self) -> Result<Option<Zeroizing<Vec<u8>>>> {
        let Some(place) = self.place()? else { return Ok(None) };
        self.open(&place)?.map(|file| self.read_open(file)).transpose()
    }

    /// The contents of the file, which was opened.
    pub(super) fn read_open(&self, file: File) -> Result<Zeroizing<Vec<u8>>> {
        let read = read_secret(file, &self.path, LONGEST).map_err(|e| self.failed("read", &e))?;
        read.map_err(|e| self.wrong(e.message))
    }

    /// Opens the file, if it is one that a key may be in.
    pub(super) fn open(&self, place: &FilePlace) -> Result<Option<File>> {
        let Some(file) = place.open().map_err(|e| self.failed("read", &e))? else {
            return Ok(None);
        };
        self.check(&file).map(|()| Some(file))
    }

    /// The place of the file; `None` where its folder does not exist. Nobody but root and
    /// the user of this process may be able to put another in its place.
    ///
    /// # Errors
    /// `key-file` (7) where somebody else can; system (8).
    pub(super) fn place(&self) -> Result<Option<FilePlace>> {
        let shown = self.path.display();
        let looked = look_up(&self.path).map_err(|e| self.failed("look at", &e))?;
        if looked.is_link {
            let error = self.wrong(format!("{shown} is a symbolic link"));
            return Err(error.words("name the file itself with key_file in the configuration"));
        }
        let me = rustix::process::geteuid().as_raw();
        looked.trusted(me, me).map_err(|untrusted| {
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
            Err(e) => return Err(self.failed("look at", &e.into())),
        };
        Ok(Some(FilePlace::own(dir, looked.name, shown.to_string())))
    }

    fn check(&self, file: &File) -> Result<()> {
        let shown = &self.path.display().to_string();
        let found = file.metadata().map_err(|e| self.failed("look at", &e))?;
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

    /// The error of a system call.
    pub(super) fn failed(&self, what: &str, e: &io::Error) -> Error {
        Error::system(what, self.path.display(), e)
    }

    /// Makes the file, for its owner to read only; durable where this returns. Whether
    /// it was made: where one exists, it stays.
    ///
    /// # Errors
    /// System (8); as [`KeyPlace::read`].
    pub fn make(&self, bytes: &[u8]) -> Result<bool> {
        let failed = |e: io::Error| match e.kind() {
            ErrorKind::PermissionDenied => self.failed("write", &e).words(
                "name a file in a folder of the state's owner with key_file in the configuration",
            ),
            _ => self.failed("write", &e),
        };
        let place = match self.place()? {
            Some(place) => place,
            None => {
                // For nobody else, by the umask.
                std::fs::create_dir_all(parent(&self.path)).map_err(failed)?;
                self.place()?.ok_or_else(|| failed(ErrorKind::NotFound.into()))?
            }
        };
        let mut new = Output::make(&place).map_err(failed)?;
        new.set_mode(MODE)?;
        new.write(bytes)?;
        match new.give_name() {
            Ok(()) => new.keep().map(|()| true).map_err(failed),
            Err(e) if e.kind() == ErrorKind::AlreadyExists => Ok(false),
            Err(e) => Err(failed(e)),
        }
    }

    /// Replaces the file, durably, and returns the new one, open and locked.
    pub(super) fn replace(&self, place: &FilePlace, bytes: &[u8]) -> Result<File> {
        let failed = |e| self.failed("write", &e);
        let mut new = Output::make(place).map_err(failed)?;
        new.set_replaces(true);
        new.set_mode(MODE)?;
        new.write(bytes)?;
        new.give_name().and_then(|()| new.keep()).map_err(failed)?;
        new.into_file().map_err(failed)
    }

    /// Temporary files that killed runs left in the folder of the key. They may hold a key,
    /// or secrets that were written beside it.
    ///
    /// # Errors
    /// System (8); as [`KeyPlace::read`].
    pub fn left_over(&self) -> Result<Vec<PathBuf>> {
        let Some(place) = self.place()? else { return Ok(Vec::new()) };
        let left = place.left_over().map_err(|e| self.failed("look beside", &e))?;
        Ok(left.into_iter().map(|name| parent(&self.path).join(name)).collect())
    }
}

#[cfg(test)]
mod tests {
    use std::os::unix::fs::PermissionsExt;
    use std::path::Path;

    use super::*;

    fn place(path: PathBuf) -> KeyPlace {
        KeyPlace { path, credential: false }
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
        let key = place(path("demo.key"));
        let left = || {
            let mut names: Vec<_> = key.left_over().unwrap();
            names.sort();
            names
        };
        key.make(b"one").unwrap();
        let stay = ["demo.key.mfactl-new", ".demo.key.new", ".demo.key.mfactl-new.old"];
        stay.iter().for_each(|name| std::fs::write(path(name), "x").unwrap());
        std::fs::create_dir(path(".dir.mfactl-new")).unwrap();
        std::os::unix::fs::symlink(path("demo.key"), path(".link.mfactl-new")).unwrap();
        let private = Mode::RUSR | Mode::WUSR;
        rustix::fs::mkfifoat(rustix::fs::CWD, path(".pipe.mfactl-new"), private).unwrap();
        let held = File::create(path(".held.mfactl-new")).unwrap();
        fs2::FileExt::try_lock_exclusive(&held).unwrap();
        if rustix::process::geteuid().is_root() {
            std::fs::write(path(".another.mfactl-new"), "another's").unwrap();
            std::os::unix::fs::chown(path(".another.mfactl-new"), Some(1), None).unwrap();
        }
        assert_eq!(left(), [""; 0].map(PathBuf::from));
        // A killed rotation left a whole key, which is for reading only.
        std::fs::copy(path("demo.key"), path(".demo.key.mfactl-new")).unwrap();
        std::fs::write(path(".a.tar.mfactl-new"), "secrets").unwrap();
        assert_eq!(left(), [path(".a.tar.mfactl-new"), path(".demo.key.mfactl-new")]);
        key.replace(&key.place().unwrap().unwrap(), b"two").unwrap();
        assert_eq!(left(), [path(".a.tar.mfactl-new")]);
        assert!(stay.iter().all(|name| path(name).exists()));
        assert!(path(".held.mfactl-new").exists() && path(".pipe.mfactl-new").exists());
    }
}
