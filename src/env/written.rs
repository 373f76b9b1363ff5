//! Files that are written for the person where the command line says: plans and
//! exported policies, never what belongs to the state.

use std::fs::{self, File, OpenOptions};
use std::io::{self, ErrorKind, Write};
use std::path::{Path, PathBuf};

use super::{Env, file};
use crate::error::{Error, Kind, Result};

impl Env {
    /// Writes a file with the person's own rights, over one that is there.
    ///
    /// # Errors
    /// Usage (2) where the person may not, or where the process has become
    /// somebody else; system (8) for everything else.
    pub fn write_named(&self, path: &Path, bytes: &[u8]) -> Result<()> {
        let open = || {
            let mut options = OpenOptions::new();
            options.write(true).create(true).truncate(true).open(path)
        };
        let written = self.as_writer(open).and_then(|mut file| file.write_all(bytes));
        written.map_err(|e| failed(path, &e))
    }

    /// Makes a folder, if it is not there, with the person's own rights.
    ///
    /// # Errors
    /// As [`Env::write_named`].
    pub fn make_folder(&self, path: &Path) -> Result<()> {
        let make = || fs::create_dir_all(path).and_then(|()| File::open(path));
        self.as_writer(make).map(drop).map_err(|e| failed(path, &e))
    }

    /// Whether something stands at `path`.
    pub fn is_there(&self, path: &Path) -> bool {
        fs::symlink_metadata(path).is_ok()
    }

    /// Whether a regular file stands at `path`, or where a link at it leads.
    pub fn is_file(&self, path: &Path) -> bool {
        path.is_file()
    }

    /// Whether `path` is in `folder`, or would be.
    pub fn is_within(&self, path: &Path, folder: &Path) -> bool {
        let Ok(folder) = fs::canonicalize(folder) else { return false };
        let mut above: Option<&Path> = Some(path);
        while let Some(at) = above {
            let at_here = if at.as_os_str().is_empty() { Path::new(".") } else { at };
            if let Ok(real) = fs::canonicalize(at_here) {
                return real.starts_with(&folder);
            }
            above = at.parent();
        }
        false
    }

    /// Where the process has the rights of somebody else than the person, and
    /// cannot become the person, nothing is written.
    fn as_writer(&self, open: impl FnOnce() -> io::Result<File> + Send) -> io::Result<File> {
        let (person, own) = (self.identity().uid, self.euid());
        if person != own && person != 0 && own != 0 {
            return Err(ErrorKind::PermissionDenied.into());
        }
        file::as_person(self, open)
    }
}

fn failed(path: &Path, error: &io::Error) -> Error {
    let shown: PathBuf = path.to_owned();
    match error.kind() {
        ErrorKind::PermissionDenied | ErrorKind::NotFound | ErrorKind::IsADirectory => {
            let message = format!("cannot write {}: {error}", shown.display());
            Error::new(Kind::Usage, "usage", message).about(shown.display())
        }
        _ => Error::system("write", shown.display(), error),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn files_are_written_and_folders_made() {
        let (env, folder) = (Env::new().unwrap(), tempfile::tempdir().unwrap());
        let root = folder.path();
        env.make_folder(&root.join("a/b")).unwrap();
        let file = root.join("a/b/c.yaml");
        assert!(!env.is_there(&file));
        for text in ["longer", "text"] {
            env.write_named(&file, text.as_bytes()).unwrap();
            assert_eq!(fs::read_to_string(&file).unwrap(), text);
        }
        assert!(env.is_there(&file));
        assert_eq!(env.write_named(root, b"x").unwrap_err().kind.exit_code(), 2);
        assert_eq!(env.write_named(&root.join("no/c"), b"x").unwrap_err().kind.exit_code(), 2);
        assert!(env.is_within(&root.join("a/new/x"), &root.join("a")));
        assert!(!env.is_within(&root.join("b"), &root.join("a")));
        assert!(!env.is_within(Path::new("x"), &root.join("nowhere")));
    }
}
