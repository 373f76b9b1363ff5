//! New files at places that a person named: plans, backups, secrets. Each is made for its
//! owner only, without a name until it is whole and synced. Also the folders for them.

use std::ffi::OsStr;
use std::fs;
use std::io::{self, ErrorKind, Seek, SeekFrom, Write};
use std::os::fd::{AsRawFd, BorrowedFd};
use std::os::unix::fs::PermissionsExt;
use std::path::{Path, PathBuf};
use std::time::Duration;

use rustix::fs::{AtFlags, CWD, Mode, RenameFlags};
use rustix::io::Errno;

use super::input::why;
use super::place::{FilePlace, is_regular, may_not, unwritable};
use crate::env::Env;
use crate::error::{Error, Kind, Result};
use crate::waiting::Wait;

/// How long to wait for another run that replaces the same file.
const PATIENCE: Duration = Duration::from_secs(2);

/// A file on its way to its place. Dropped before it is kept there, it goes.
pub struct Output {
    place: FilePlace,
    file: fs::File,
    /// Where it is now; nowhere while it has no name.
    at: Option<FilePlace>,
    replaces: bool,
    kept: bool,
}

impl Env {
    /// Makes a file that is to be at `path`, to be written.
    ///
    /// # Errors
    /// Usage (2) where it is protected, the person may not, or something odd is in its
    /// place; system (8).
    pub fn output(&self, path: &Path) -> Result<Output> {
        let place = self.place(path)?;
        let replaces = match place.find().map_err(|e| place.cannot_make(&e))? {
            None => false,
            Some(found) if is_regular(&found) => true,
            Some(_) => {
                let why = "something that is no regular file is in its place";
                return Err(unwritable(place.shown(), why));
            }
        };
        let mut made = Output::make(&place).map_err(|e| place.cannot_make(&e))?;
        made.replaces = replaces;
        Ok(made)
    }

    /// Makes a new file, to be written, for a secret.
    ///
    /// # Errors
    /// As [`Env::output`]; usage (2): it exists.
    pub fn new_output(&self, path: &Path) -> Result<Output> {
        let place = self.place(path)?;
        match place.find() {
            Ok(None) => Output::make(&place).map_err(|e| place.cannot_make(&e)),
            Ok(Some(_)) => Err(place.cannot_make(&ErrorKind::AlreadyExists.into())),
            Err(e) => Err(place.cannot_make(&e)),
        }
    }

    /// Writes a file with the person's own rights, whole or not at all, over one that exists.
    /// Its mode is the usual one, as the person's umask has it.
    ///
    /// # Errors
    /// As [`Env::output`] and [`Output::put`].
    pub fn write_named(&self, path: &Path, bytes: &[u8]) -> Result<()> {
        let mut output = self.output(path)?;
        output.set_mode(0o666 & !self.umask.as_raw_mode())?;
        output.write(bytes)?;
        output.put()
    }

    /// Writes many files, each as [`Env::write_named`] does.
    ///
    /// # Errors
    /// As that; unknown (9) where some are written already, with how many.
    pub fn write_all_named<'a>(
        &self,
        files: impl ExactSizeIterator<Item = (PathBuf, &'a [u8])>,
    ) -> Result<()> {
        let count = files.len();
        for (number, (path, bytes)) in files.enumerate() {
            self.write_named(&path, bytes).map_err(|e| match number {
                0 => e,
                _ => Error {
                    kind: Kind::Unknown,
                    code: "outcome-unknown",
                    message: format!("{}; {number} of {count} files are written", e.message),
                    ..e
                },
            })?;
        }
        Ok(())
    }

    /// Makes a folder, and those above it, where they do not exist, with the person's own
    /// rights and umask.
    ///
    /// # Errors
    /// Usage (2): it is in the state, or the person may not; system (8).
    pub fn make_folder(&self, path: &Path) -> Result<()> {
        let mode = 0o777 & !self.umask.as_raw_mode();
        self.folder(path, move |path| make_folders(path, mode))
    }

    /// Makes a folder for something confidential, its owner's only, where it does not exist.
    ///
    /// # Errors
    /// As [`Env::make_folder`]; usage (2): it is a link, or the folder above does not exist.
    pub fn make_private_folder(&self, path: &Path) -> Result<()> {
        if self.is_in_state(path) {
            return Err(unwritable(
                &path.display().to_string(),
                "it would be inside the state directory",
            ));
        }
        self.folder(path, |path| {
            // Without a slash at the end, by which a link would be followed.
            let path: PathBuf = path.components().collect();
            if fs::symlink_metadata(&path).is_ok_and(|found| found.is_symlink()) {
                return Err(ErrorKind::NotADirectory.into());
            }
            make_one_folder(&path, 0o700)
        })
    }

    fn folder(
        &self,
        path: &Path,
        make: impl FnOnce(&Path) -> io::Result<()> + Send + 'static,
    ) -> Result<()> {
        let (made, shown) = (path.to_owned(), path.display().to_string());
        self.person.run(move || make(&made)).map_err(|e| match e.kind() {
            ErrorKind::PermissionDenied => unwritable(&shown, &may_not(&e)),
            ErrorKind::NotFound => unwritable(&shown, "the folder above it does not exist"),
            ErrorKind::NotADirectory | ErrorKind::AlreadyExists => {
                unwritable(&shown, "it is not a directory")
            }
            _ => Error::system("make", &shown, &e),
        })
    }

    /// Whether something has the name `path`, as far as the person may see.
    ///
    /// # Errors
    /// Usage (2) where that cannot be told.
    pub fn is_there(&self, path: &Path) -> Result<bool> {
        let named = path.to_owned();
        let looked = self.person.run(move || match fs::symlink_metadata(named) {
            Ok(_) => Ok(true),
            Err(e) if matches!(e.kind(), ErrorKind::NotFound | ErrorKind::NotADirectory) => {
                Ok(false)
            }
            Err(e) => Err(e),
        });
        looked.map_err(|e| unwritable(&path.display().to_string(), &why(&e)))
    }

    /// Whether `path` is in the state directory, or would be.
    pub fn is_in_state(&self, path: &Path) -> bool {
        let (path, state) = (path.to_owned(), self.place.real.clone());
        // Whoever may not look there cannot write there either.
        self.person.run(move || Ok(is_within(&path, &state))).unwrap_or(false)
    }
}

fn make_folders(path: &Path, mode: u32) -> io::Result<()> {
    match make_one_folder(path, mode) {
        Err(e) if e.kind() == ErrorKind::NotFound => {
            let above = path.parent().filter(|above| !above.as_os_str().is_empty());
            make_folders(above.ok_or(e)?, mode)?;
            make_one_folder(path, mode)
        }
        made => made,
    }
}

fn make_one_folder(path: &Path, mode: u32) -> io::Result<()> {
    match fs::create_dir(path) {
        // Ours and new: the mode is not what the process's umask left of it.
        Ok(()) => fs::set_permissions(path, fs::Permissions::from_mode(mode)),
        Err(e) if e.kind() == ErrorKind::AlreadyExists && path.is_dir() => Ok(()),
        Err(e) => Err(e),
    }
}

fn is_within(path: &Path, folder: &Path) -> bool {
    let mut above: Option<&Path> = Some(path);
    while let Some(at) = above {
        let at_here = if at.as_os_str().is_empty() { Path::new(".") } else { at };
        if let Ok(real) = fs::canonicalize(at_here) {
            return real.starts_with(folder);
        }
        above = at.parent();
    }
    false
}

impl FilePlace {
    /// The error of a file that cannot be made here.
    pub(super) fn cannot_make(&self, e: &io::Error) -> Error {
        let shown = self.shown();
        match e.kind() {
            ErrorKind::AlreadyExists => {
                Error::usage(format!("cannot make {shown}: it is there already"))
                    .about(shown)
                    .words("remove it first if it is left of a run that was stopped")
            }
            ErrorKind::PermissionDenied => unwritable(shown, &may_not(e)),
            _ => Error::system("write", shown, e),
        }
    }
}

impl Output {
    /// Makes a file for this place that nobody sees before it is put there. Where the file
    /// system has no files without a name, it has a temporary one. What a killed run left
    /// under that is removed.
    pub(in crate::env) fn make(place: &FilePlace) -> io::Result<Output> {
        let temporary = place.temporary();
        temporary.remove_unheld()?;
        let (file, at) = match place.make_unnamed() {
            Ok(file) => (file, None),
            Err(e)
                if matches!(
                    e.kind(),
                    ErrorKind::PermissionDenied | ErrorKind::ReadOnlyFilesystem
                ) =>
            {
                return Err(e);
            }
            Err(_) => (temporary.make()?, Some(temporary)),
        };
        Ok(Output { place: place.clone(), file, at, replaces: false, kept: false })
    }

    /// Makes a file that others see from the start: the lock of another tool.
    pub(super) fn make_here(place: FilePlace) -> io::Result<Output> {
        let file = place.make()?;
        Ok(Output { at: Some(place.clone()), place, file, replaces: false, kept: false })
    }

    /// The file, to be written and read again.
    pub fn file(&self) -> &fs::File {
        &self.file
    }

    /// The file, which stays open and locked.
    pub(in crate::env) fn into_file(self) -> io::Result<fs::File> {
        self.file.try_clone()
    }

    /// Writes all that it is to hold, durable. A second time it replaces what was written.
    ///
    /// # Errors
    /// System (8).
    pub fn write(&mut self, bytes: &[u8]) -> Result<()> {
        let mut write = || {
            self.file.seek(SeekFrom::Start(0))?;
            self.file.write_all(bytes)?;
            // Cut afterwards: the room that was taken stays taken.
            self.file.set_len(bytes.len() as u64)?;
            self.file.sync_all()
        };
        write().map_err(|e| Error::system("write", self.shown(), &e))
    }

    /// Gives it another mode than 0600.
    ///
    /// # Errors
    /// System (8).
    pub fn set_mode(&self, mode: u32) -> Result<()> {
        let set =
            self.with_rights(move |file| Ok(rustix::fs::fchmod(file, Mode::from_raw_mode(mode))?));
        set.map_err(|e| Error::system("write", self.shown(), &e))
    }

    /// Gives it to another user and group; only root may.
    pub(super) fn set_owner(&self, (uid, gid): (u32, u32)) -> io::Result<()> {
        self.with_rights(move |file| std::os::unix::fs::fchown(file, Some(uid), Some(gid)))
    }

    fn with_rights(
        &self,
        work: impl FnOnce(fs::File) -> io::Result<()> + Send + 'static,
    ) -> io::Result<()> {
        let file = self.file.try_clone()?;
        self.place.run(move |_, _| work(file))
    }

    /// Whether there is a file of this name, which it would replace.
    pub fn replaces(&self) -> bool {
        self.replaces
    }

    /// Says whether it is to replace a file of its name.
    pub(in crate::env) fn set_replaces(&mut self, replaces: bool) {
        self.replaces = replaces;
    }

    /// Its name as it was typed, for messages.
    pub fn shown(&self) -> &str {
        self.place.shown()
    }

    /// Whether it is to have the name that another has.
    pub fn is_same(&self, other: &Output) -> bool {
        self.place.is_same(&other.place)
    }

    /// Gives it its name, for somebody who is to look at it before it is kept.
    ///
    /// # Errors
    /// Usage (2) where something has that name by now; system (8).
    pub fn show(&mut self) -> Result<()> {
        self.give_name().map_err(|e| self.place.cannot_make(&e))
    }

    /// Brings it, written, to its place: durable where this returns.
    ///
    /// # Errors
    /// System (8). `exists` (3): another file has the name by now. Unknown (9): the file has its
    /// name, but the name may not survive a loss of power.
    pub fn put(&mut self) -> Result<()> {
        let given = self.give_name();
        let kept = given.is_ok().then(|| self.keep());
        let shown = self.place.shown();
        given.map_err(|e| match e.kind() {
            ErrorKind::AlreadyExists => {
                let message = format!("{shown} came to be meanwhile");
                Error::new(Kind::Refused, "exists", message).about(shown)
            }
            _ => Error::system("write", shown, &e),
        })?;
        kept.unwrap_or(Ok(())).map_err(|e| {
            let message = format!(
                "whether {shown}, which is written, outlives a loss of power is not known: {e}"
            );
            Error::new(Kind::Unknown, "outcome-unknown", message).about(shown)
        })
    }

    /// Brings it to a name beside its place (`NAME-2`), where another file came meanwhile.
    ///
    /// # Errors
    /// As [`Output::put`].
    pub fn put_beside(&mut self) -> Result<()> {
        let wanted = self.place.clone();
        let mut put = Ok(());
        for number in 2..=99 {
            self.place = wanted.with_ending(&format!("-{number}"));
            put = self.put();
            if !put.as_ref().is_err_and(|e| e.code == "exists") {
                break;
            }
        }
        put
    }

    /// Brings several new files to their places: all of them, or none.
    ///
    /// # Errors
    /// Usage (2), system (8): none is there. Unknown (9): as [`Output::put`].
    pub fn put_all(files: &mut [Output]) -> Result<()> {
        files.iter_mut().try_for_each(Output::show)?;
        // They are there, so each is kept, even if the disk fails at the name of another.
        files.iter_mut().map(Output::put).fold(Ok(()), Result::and)
    }

    /// Gives it its name, over another file only where it replaces one. Durable once it is kept.
    pub(in crate::env) fn give_name(&mut self) -> io::Result<()> {
        match &self.at {
            Some(at) if at.is_same(&self.place) => return Ok(()),
            Some(at) => {
                let (from, replaces) = (at.name().to_owned(), self.replaces);
                self.place.run(move |dir, name| match replaces {
                    true => Ok(rustix::fs::renameat(dir, &from, dir, name)?),
                    false => rename_to_new(dir, &from, name),
                })?;
            }
            None if self.replaces => self.replace()?,
            None => self.link(&self.place)?,
        }
        self.at = Some(self.place.clone());
        Ok(())
    }

    /// Gives a file without a name the name of `place`, never over another.
    fn link(&self, place: &FilePlace) -> io::Result<()> {
        let file = self.file.try_clone()?;
        place.run(move |dir, name| {
            let from = format!("/proc/self/fd/{}", file.as_raw_fd());
            Ok(rustix::fs::linkat(CWD, from, dir, name, AtFlags::SYMLINK_FOLLOW)?)
        })
    }

    /// Gives a file without a name its name, over another that has it. Only a rename does
    /// that, so it has a temporary name for a moment.
    fn replace(&self) -> io::Result<()> {
        let temporary = self.place.temporary();
        let linked = Wait::begin(PATIENCE).until(|| match self.link(&temporary) {
            Ok(()) => Ok(Some(())),
            // Another run is at the same point, or was killed there.
            Err(e) if e.kind() == ErrorKind::AlreadyExists => {
                temporary.remove_unheld().map(|_| None)
            }
            Err(e) => Err(e),
        })?;
        linked.ok_or_else(|| io::Error::other("another run is writing it"))?;
        let from = temporary.name().to_owned();
        self.place.run(move |dir, name| {
            rustix::fs::renameat(dir, &from, dir, name).map_err(|e| {
                let _ = rustix::fs::unlinkat(dir, &from, AtFlags::empty());
                e.into()
            })
        })
    }

    /// It stays, under its name, which is made durable.
    pub(in crate::env) fn keep(&mut self) -> io::Result<()> {
        self.kept = true;
        self.place.sync_dir()
    }
}

fn rename_to_new(dir: BorrowedFd<'_>, old: &OsStr, new: &OsStr) -> io::Result<()> {
    match rustix::fs::renameat_with(dir, old, dir, new, RenameFlags::NOREPLACE) {
        // A file system that cannot. A second name is never made over another either.
        Err(Errno::INVAL | Errno::NOSYS | Errno::NOTSUP) => {
            rustix::fs::linkat(dir, old, dir, new, AtFlags::empty())?;
            Ok(rustix::fs::unlinkat(dir, old, AtFlags::empty())?)
        }
        renamed => Ok(renamed?),
    }
}

impl Drop for Output {
    fn drop(&mut self) {
        if let Some(at) = self.at.take().filter(|_| !self.kept) {
            // If it cannot be removed, it is in nobody's way.
            let _ = at.remove(&self.file);
        }
    }
}

#[cfg(test)]
mod tests {
    use std::os::unix::fs::MetadataExt;

    use super::*;

    #[test]
    fn what_came_there_meanwhile_was_replaced_unasked() {
        let (env, folder) = (Env::new().unwrap(), tempfile::tempdir().unwrap());
        let path = folder.path().join("b.tar");
        let mut output = env.output(&path).unwrap();
        output.write(b"backup").unwrap();
        std::fs::write(&path, "another").unwrap();
        assert_eq!(output.put().unwrap_err().code, "exists");
        drop(output);
        assert_eq!(std::fs::read(&path).unwrap(), b"another");
        assert_eq!(std::fs::read_dir(folder.path()).unwrap().count(), 1);
        let mut output = env.output(&path).unwrap();
        output.write(b"backup").unwrap();
        assert!(output.replaces() && output.put().is_ok());
        assert_eq!(std::fs::read(&path).unwrap(), b"backup");
    }

    #[test]
    fn a_file_for_a_secret_is_new_private_and_goes_where_it_was_for_nothing() {
        let env = Env::new().unwrap();
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("secret");
        let mut shown = env.new_output(&path).unwrap();
        assert!(!path.exists());
        shown.show().unwrap();
        assert!(path.exists());
        drop(shown);
        assert!(!path.exists());
        let mut file = env.new_output(&path).unwrap();
        file.write(b"x").unwrap();
        assert!(!path.exists(), "it does not count yet");
        file.put().unwrap();
        drop(file);
        assert_eq!(std::fs::metadata(&path).unwrap().mode() & 0o777, 0o600);
        assert_eq!(env.new_output(&path).err().unwrap().kind.exit_code(), 2);
        assert_eq!(std::fs::read(&path).unwrap(), b"x");
    }

    /// As on a file system without `O_TMPFILE`.
    fn with_temporary_name(env: &Env, path: &Path) -> io::Result<Output> {
        let place = env.place(path).unwrap();
        let temporary = place.temporary();
        temporary.remove_unheld()?;
        let file = temporary.make()?;
        Ok(Output { place, file, at: Some(temporary), replaces: false, kept: false })
    }

    #[test]
    fn a_long_name_had_no_room_for_its_temporary_name() {
        let (env, folder) = (Env::new().unwrap(), tempfile::tempdir().unwrap());
        for length in [243, 244, 255] {
            let path = folder.path().join("n".repeat(length));
            for text in ["one", "two"] {
                env.write_named(&path, text.as_bytes()).unwrap();
                assert_eq!(fs::read_to_string(&path).unwrap(), text);
            }
            let mut file = with_temporary_name(&env, &path).unwrap();
            file.set_replaces(true);
            file.write(b"three").unwrap();
            file.put().unwrap();
            assert_eq!(fs::read_to_string(&path).unwrap(), "three");
        }
    }

    #[test]
    fn two_runs_with_one_temporary_name_reported_each_other_s_file() {
        let (env, folder) = (Env::new().unwrap(), tempfile::tempdir().unwrap());
        let path = folder.path().join("b.tar");
        let mut first = with_temporary_name(&env, &path).unwrap();
        let taken = with_temporary_name(&env, &path).err().unwrap();
        assert_eq!(taken.kind(), ErrorKind::AlreadyExists);
        first.write(b"first").unwrap();
        first.put().unwrap();
        assert_eq!(fs::read(&path).unwrap(), b"first");
        // One whose file was taken for a left-over before it was locked notices that.
        let place = env.place(&path).unwrap().temporary();
        let made = place.make().unwrap();
        fs::remove_file(folder.path().join(".b.tar.mfactl-new")).unwrap();
        fs::write(folder.path().join(".b.tar.mfactl-new"), "another's").unwrap();
        assert!(!place.holds(&made).unwrap());
    }

    #[test]
    fn files_are_written_and_folders_made() {
        let folder = tempfile::tempdir().unwrap();
        let root = fs::canonicalize(folder.path()).unwrap();
        let env = Env::with_state(&root.join("a")).unwrap();
        env.make_folder(&root.join("a/b")).unwrap();
        let file = root.join("c.yaml");
        assert!(!env.is_there(&file).unwrap());
        for text in ["longer", "text"] {
            env.write_named(&file, text.as_bytes()).unwrap();
            assert_eq!(fs::read_to_string(&file).unwrap(), text);
        }
        let mode = |path: &Path| fs::metadata(path).unwrap().permissions().mode() & 0o777;
        assert_eq!((mode(&file), mode(&root.join("a/b"))), (0o644, 0o755));
        assert!(env.is_there(&file).unwrap());
        assert_eq!(env.write_named(&root, b"x").unwrap_err().kind.exit_code(), 2);
        assert_eq!(env.write_named(&root.join("no/c"), b"x").unwrap_err().kind.exit_code(), 2);
        assert_eq!(env.make_folder(&file).unwrap_err().kind.exit_code(), 2);
        assert!(env.is_in_state(&root.join("a/new/x")));
        assert!(!env.is_in_state(&root.join("b")));
    }

    #[test]
    fn nothing_is_written_through_a_link() {
        let (env, folder) = (Env::new().unwrap(), tempfile::tempdir().unwrap());
        let (link, victim) = (folder.path().join("mfactl.1"), folder.path().join("victim"));
        fs::write(&victim, "precious").unwrap();
        std::os::unix::fs::symlink(&victim, &link).unwrap();
        assert_eq!(env.write_named(&link, b"x").unwrap_err().kind.exit_code(), 2);
        assert_eq!(fs::read_to_string(&victim).unwrap(), "precious");
    }
}
