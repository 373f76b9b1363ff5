//! Files that are written for the person where the command line says: plans, exported
//! policies, manual pages; never what belongs to the state, and nothing secret.

use std::fs;
use std::io::{self, ErrorKind, Write};
use std::os::unix::fs::PermissionsExt;
use std::path::{Path, PathBuf};

use super::pinned_dir::may_not;
use super::pinned_dir::unwritable;
use crate::env::Env;
use crate::error::{Error, Kind, Result};

impl Env {
    /// Writes a file with the person's own rights, whole or not at all, over one that exists.
    /// Its mode is the usual one, as the person's umask has it.
    ///
    /// # Errors
    /// As [`Env::output`].
    pub fn write_named(&self, path: &Path, bytes: &[u8]) -> Result<()> {
        let output = self.output(path)?;
        let written = output.file().write_all(bytes);
        written.map_err(|e| Error::system("write", path.display(), &e))?;
        output.set_mode(0o666 & !self.umask.as_raw_mode())?;
        output.put_in_place()
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
        self.make_folder_with(path, 0o777 & !self.umask.as_raw_mode())
    }

    /// The same for what is confidential: new folders are their owner's only. A link is
    /// refused in place of the folder.
    ///
    /// # Errors
    /// As [`Env::make_folder`]; usage (2): it is a link.
    pub fn make_private_folder(&self, path: &Path) -> Result<()> {
        let shown = path.display().to_string();
        if self.is_in_state(path) {
            return Err(unwritable(&shown, "it would be inside the state directory"));
        }
        let named = path.to_owned();
        let is_link = self.person.run(move || match fs::symlink_metadata(named) {
            Ok(found) => Ok(found.is_symlink()),
            Err(e) if e.kind() == ErrorKind::NotFound => Ok(false),
            Err(e) => Err(e),
        });
        match is_link.map_err(|e| unwritable(&shown, &super::input::why(&e)))? {
            true => Err(unwritable(&shown, "it is a symbolic link: name the folder itself")),
            false => self.make_folder_with(path, 0o700),
        }
    }

    fn make_folder_with(&self, path: &Path, mode: u32) -> Result<()> {
        let made = path.to_owned();
        self.person.run(move || make_folders(&made, mode)).map_err(|e| match e.kind() {
            ErrorKind::PermissionDenied => unwritable(&path.display().to_string(), &may_not(&e)),
            ErrorKind::NotADirectory | ErrorKind::AlreadyExists => {
                unwritable(&path.display().to_string(), "it is not a directory")
            }
            _ => Error::system("make", path.display(), &e),
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
        looked.map_err(|e| unwritable(&path.display().to_string(), &super::input::why(&e)))
    }

    /// Whether `path` is in the state directory, or would be.
    pub fn is_in_state(&self, path: &Path) -> bool {
        let (path, state) = (path.to_owned(), self.place.real.clone());
        // Who may not even look there has nothing to write there.
        self.person.run(move || Ok(is_within(&path, &state))).unwrap_or(false)
    }
}

fn make_folders(path: &Path, mode: u32) -> io::Result<()> {
    match fs::create_dir(path) {
        // Ours and new: the mode is not what the process's umask left of it.
        Ok(()) => fs::set_permissions(path, fs::Permissions::from_mode(mode)),
        Err(e) if e.kind() == ErrorKind::AlreadyExists && path.is_dir() => Ok(()),
        Err(e) if e.kind() == ErrorKind::NotFound => {
            let above = path.parent().filter(|above| !above.as_os_str().is_empty());
            make_folders(above.ok_or(e)?, mode)?;
            make_folders(path, mode)
        }
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

#[cfg(test)]
mod tests {
    use super::*;

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
