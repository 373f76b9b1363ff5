//! A file that is named on the command line to be written (a backup): made
//! for its owner only, without a name until it is whole and synced, all with
//! the rights of the person who named it.

use std::fs::File;
use std::io;
use std::path::Path;

use super::pinned_dir::{FilePlace, Made, NotPut, is_regular, may_not, unwritable};
use crate::env::Env;
use crate::error::{Error, Kind, Result};

/// A file on its way to its place. Dropped before [`Output::put_in_place`], it goes.
pub struct Output {
    place: FilePlace,
    made: Made,
    replaces: bool,
}

impl Env {
    /// Makes a file that is to be at `path`, to be written.
    ///
    /// # Errors
    /// Usage (2) where it is protected, the person may not, or something odd is in its
    /// place; system (8).
    pub fn output(&self, path: &Path) -> Result<Output> {
        let place = self.place(path)?;
        let failed = |e: &io::Error| match e.kind() {
            io::ErrorKind::PermissionDenied => unwritable(&place.shown, &may_not(e)),
            _ => Error::system("write", &place.shown, e),
        };
        let replaces = match place.find().map_err(|e| failed(&e))? {
            None => false,
            Some(found) if is_regular(&found) => true,
            Some(_) => {
                let why = "something that is no regular file is in its place";
                return Err(unwritable(&place.shown, why));
            }
        };
        let made = place.make_unseen().map_err(|e| failed(&e))?;
        Ok(Output { place, made, replaces })
    }
}

impl Output {
    /// The file, to be written and read again.
    pub fn file(&self) -> &File {
        self.made.file()
    }

    /// Gives it another mode than 0600.
    ///
    /// # Errors
    /// System (8).
    pub fn set_mode(&self, mode: u32) -> Result<()> {
        self.made.set_mode(mode).map_err(|e| Error::system("write", &self.place.shown, &e))
    }

    /// Whether there is a file of this name already, which it would replace.
    pub fn replaces(&self) -> bool {
        self.replaces
    }

    /// Its name, for messages.
    pub fn shown(&self) -> &str {
        &self.place.shown
    }

    /// Syncs it and brings it to its place: durable where this returns.
    ///
    /// # Errors
    /// System (8). `exists` (3): another file has the name by now. Unknown (9): the file has its
    /// name, but the name may not survive a loss of power.
    pub fn put_in_place(mut self) -> Result<()> {
        let shown = &self.place.shown;
        self.made.file().sync_all().map_err(|e| Error::system("write", shown, &e))?;
        // Never over something that came there meanwhile.
        self.place.put(&mut self.made, self.replaces).map_err(|failed| match failed {
            NotPut::Nothing(e) if e.kind() == io::ErrorKind::AlreadyExists => {
                let message = format!("{shown} came to be meanwhile");
                Error::new(Kind::Refused, "exists", message).about(shown)
            }
            NotPut::Nothing(e) => Error::system("write", shown, &e),
            NotPut::NotDurable(e) => not_durable(shown, &e),
        })
    }
}

/// The error of a file that is whole and in its place, whose name may not outlive a loss of
/// power.
pub(crate) fn not_durable(shown: &str, e: &io::Error) -> Error {
    let message =
        format!("whether {shown}, which is written, outlives a loss of power is not known: {e}");
    Error::new(Kind::Unknown, "outcome-unknown", message).about(shown)
}

#[cfg(test)]
mod tests {
    use std::io::Write;

    use super::*;

    #[test]
    fn what_came_there_meanwhile_was_replaced_unasked() {
        let (env, folder) = (Env::new().unwrap(), tempfile::tempdir().unwrap());
        let path = folder.path().join("b.tar");
        let output = env.output(&path).unwrap();
        output.file().write_all(b"backup").unwrap();
        std::fs::write(&path, "another").unwrap();
        assert_eq!(output.put_in_place().unwrap_err().code, "exists");
        assert_eq!(std::fs::read(&path).unwrap(), b"another");
        assert_eq!(std::fs::read_dir(folder.path()).unwrap().count(), 1);
        let output = env.output(&path).unwrap();
        output.file().write_all(b"backup").unwrap();
        assert!(output.replaces() && output.put_in_place().is_ok());
        assert_eq!(std::fs::read(&path).unwrap(), b"backup");
    }
}
