//! Reading a backup without unpacking it: an index of its entries, behind a
//! disk door that reads only. Whatever is in the file is taken as any input.

use std::collections::{BTreeMap, BTreeSet};
use std::fs::File;
use std::io::{BufReader, Read, Seek, SeekFrom};
use std::sync::Arc;

use crate::error::{Error, Kind, Result};
use crate::store::disk::{Disk, Held, RealFile, Source};
use crate::store::format::digest::Digest;
use crate::store::format::{header, layout};
use crate::store::maintain::verify;
use crate::store::read::revision::Base;

use super::own_copy::own_copy;
use super::{FORM, LONGEST_MANIFEST, MANIFEST, Manifest, bad_backup, of_backup};

/// A backup, opened and indexed.
pub struct Archive {
    manifest: Manifest,
    shown: String,
    disk: Arc<ArchiveDisk>,
}

impl Archive {
    /// Takes over the backup in `file`, a regular file that is `shown` to people by this name:
    /// whatever becomes of the file, the backup stays what it is now.
    ///
    /// # Errors
    /// `bad-backup` (2) where it is none, was cut, or holds what no backup holds; system (8).
    pub fn open(file: File, shown: &str) -> Result<Archive> {
        // What is no backup is not copied; what counts is read from the copy alone.
        index(&file, shown)?;
        Archive::written(own_copy(&file, shown)?, shown)
    }

    /// Indexes the backup in `file`, which this process wrote, and nobody else can name yet.
    ///
    /// # Errors
    /// As [`Archive::open`].
    pub fn written(file: File, shown: &str) -> Result<Archive> {
        let (manifest, entries) = index(&file, shown)?;
        let source = Arc::new(RealFile::new(file, shown.to_owned()));
        let secrets = manifest.secrets;
        let disk = ArchiveDisk { shown: shown.to_owned(), source, entries, secrets };
        Ok(Archive { manifest, shown: shown.to_owned(), disk: Arc::new(disk) })
    }

    /// The error of whoever wants to change something in the backup that is `shown` by this name.
    pub fn read_only(shown: &str) -> Error {
        let message = format!("{shown} is a backup: it can be read, and nothing in it changed");
        Error::new(Kind::Usage, "backup", message)
            .about(shown)
            .words(format!("bring it back first: mfactl state restore {shown} --state DIR"))
    }

    /// What it says about itself.
    pub fn manifest(&self) -> &Manifest {
        &self.manifest
    }

    /// The door to the files in it.
    pub(crate) fn shared_disk(&self) -> Arc<dyn Disk> {
        self.disk.clone()
    }

    /// An error about the state in it, as one about the backup.
    pub(crate) fn error(&self, e: Error) -> Error {
        of_backup(&self.shown, e)
    }

    /// Recomputes its chain and compares every file with it; returns what the
    /// chain names and a backup without secrets does not hold.
    ///
    /// # Errors
    /// `bad-backup` (2) where anything does not fit; of a newer format (7); system (8).
    pub fn verify(&self) -> Result<()> {
        let disk: Arc<dyn Disk> = self.disk.clone();
        verified(&disk, &self.manifest, &self.shown).map(drop)
    }

    pub(crate) fn disk(&self) -> &ArchiveDisk {
        &self.disk
    }

    pub(crate) fn shown(&self) -> &str {
        &self.shown
    }
}

/// Verifies the state of a backup behind `disk`. Returns the files of secrets
/// that the chain names and the backup leaves out.
pub(crate) fn verified(
    disk: &Arc<dyn Disk>,
    manifest: &Manifest,
    shown: &str,
) -> Result<BTreeMap<String, Digest>> {
    let checked = verify::verify_all(disk, Some(&manifest.head), &|| ());
    let (verified, files) = checked.map_err(|e| of_backup(shown, e))?;
    if let Some(bad) = verified.first_bad {
        return Err(bad_backup(shown, format!("revision {}: {}", bad.rev, bad.what)));
    }
    let mut lost = BTreeMap::new();
    for bad in verified.files_bad {
        match files.get(&bad.path) {
            Some(Some(after))
                if bad.path.starts_with("secrets/")
                    && !manifest.secrets
                    && disk.open(&bad.path)?.is_none() =>
            {
                lost.insert(bad.path, *after);
            }
            _ => return Err(bad_backup(shown, format!("{} {}", bad.path, bad.what))),
        }
    }
    let base = Base::read(disk).map_err(|e| of_backup(shown, e))?;
    let same = base.state.store == manifest.store
        && base.rev() == manifest.rev
        && base.tail.commit.at == manifest.at
        && verified.head == manifest.head;
    if same { Ok(lost) } else { Err(bad_backup(shown, "its manifest is of another revision")) }
}

type Entries = BTreeMap<String, (u64, u64)>;

fn not_a_backup(shown: &str) -> Error {
    Error::new(Kind::Usage, "bad-backup", format!("{shown} is not a backup made by mfactl"))
        .about(shown)
        .words("expected the directory of a state, or a file that mfactl state backup wrote")
}

/// Where every file of the archive begins, and how long it is.
fn index(file: &File, shown: &str) -> Result<(Manifest, Entries)> {
    let bad = |why: &str| bad_backup(shown, why);
    let unreadable = |e: std::io::Error| bad_backup(shown, e);
    let length = file.metadata().map_err(|e| Error::system("look at", shown, &e))?.len();
    let mut reader = BufReader::new(file);
    reader.seek(SeekFrom::Start(0)).map_err(unreadable)?;
    let mut archive = tar::Archive::new(reader);
    let (mut entries, mut manifest) = (Entries::new(), None);
    // Raw: extensions of the format are entries of their own then, and none of ours.
    for entry in archive.entries_with_seek().map_err(unreadable)?.raw(true) {
        let mut entry = entry.map_err(|e| match &manifest {
            // A file of another kind: what a reader of tar files makes of it says nothing.
            None => not_a_backup(shown),
            Some(_) => unreadable(e),
        })?;
        let name = entry.path_bytes().into_owned();
        let name = String::from_utf8(name).map_err(|_| bad("a name in it is no UTF-8"))?;
        if entry.header().entry_type() != tar::EntryType::Regular {
            return Err(bad(&format!("{name:?} in it is no regular file")));
        }
        let size = entry.header().entry_size().map_err(unreadable)?;
        let start = entry.raw_file_position();
        if start.checked_add(size).is_none_or(|end| end > length) {
            return Err(bad("it was cut"));
        }
        match &manifest {
            None if name == MANIFEST && size <= LONGEST_MANIFEST => {
                let mut text = Vec::new();
                entry.read_to_end(&mut text).map_err(unreadable)?;
                let read: Manifest = serde_json::from_slice(&text)
                    .map_err(|e| bad(&format!("its {MANIFEST} cannot be read: {e}")))?;
                if read.mfactl_backup != FORM {
                    return Err(bad(&format!("its form is {}, not {FORM}", read.mfactl_backup)));
                }
                manifest = Some(read);
            }
            None => return Err(not_a_backup(shown)),
            Some(manifest) => {
                let secret = name.starts_with("secrets/") && !manifest.secrets;
                if !layout::is_state_file(&name) || secret {
                    return Err(bad(&format!("{name:?} does not belong into one")));
                }
                if size > header::largest(&name) {
                    return Err(bad(&format!("{name:?} in it has {size} bytes: too large")));
                }
                if entries.insert(name.clone(), (start, size)).is_some() {
                    return Err(bad(&format!("{name:?} is in it twice")));
                }
            }
        }
    }
    let manifest = manifest.ok_or_else(|| bad("it is empty"))?;
    let bytes = entries.values().fold(0_u64, |sum, (_, size)| sum.saturating_add(*size));
    if (entries.len() as u64, bytes) != (manifest.files, manifest.bytes) {
        return Err(bad("it was cut: not all of its files are in it"));
    }
    Ok((manifest, entries))
}

/// The files of an archive behind the disk door; it takes no change.
pub(crate) struct ArchiveDisk {
    shown: String,
    source: Arc<RealFile>,
    entries: Entries,
    /// Whether it holds the sealed secrets.
    secrets: bool,
}

impl ArchiveDisk {
    /// Every file in it.
    pub(crate) fn paths(&self) -> impl Iterator<Item = &str> {
        self.entries.keys().map(String::as_str)
    }
}

/// One file of an archive.
struct ArchivedFile {
    source: Arc<RealFile>,
    start: u64,
    size: u64,
}

impl Source for ArchivedFile {
    fn size(&self) -> Result<u64> {
        Ok(self.size)
    }

    fn read_at(&self, buffer: &mut [u8], offset: u64) -> Result<usize> {
        let left = usize::try_from(self.size.saturating_sub(offset)).unwrap_or(usize::MAX);
        let length = left.min(buffer.len());
        if length == 0 {
            return Ok(0);
        }
        self.source.read_at(&mut buffer[..length], self.start + offset)
    }
}

struct Nobody;

impl Held for Nobody {}

impl Disk for ArchiveDisk {
    fn open(&self, path: &str) -> Result<Option<Box<dyn Source>>> {
        Ok(self.entries.get(path).map(|(start, size)| {
            let (source, start, size) = (Arc::clone(&self.source), *start, *size);
            Box::new(ArchivedFile { source, start, size }) as _
        }))
    }

    fn list(&self, dir: &str) -> Result<Vec<String>> {
        let split = self.entries.keys().map(|path| layout::split(path));
        let mut names: BTreeSet<String> =
            split.clone().filter(|(of, _)| *of == dir).map(|(_, name)| name.to_owned()).collect();
        if dir.is_empty() {
            names.extend(split.filter(|(of, _)| !of.is_empty()).map(|(of, _)| of.to_owned()));
        }
        Ok(names.into_iter().collect())
    }

    fn lock(&self, exclusive: bool) -> Result<Option<Box<dyn Held>>> {
        if exclusive { Err(self.read_only()) } else { Ok(Some(Box::new(Nobody))) }
    }

    fn note(&self) -> Result<String> {
        Ok(String::new())
    }

    fn allow_open_files(&self, _: usize) -> bool {
        true
    }

    fn leaves_out(&self, path: &str) -> bool {
        match path.split('/').next() {
            Some(layout::SECRETS) => !self.secrets,
            dir => dir == Some(layout::SIGNIN),
        }
    }

    fn place(&self) -> String {
        self.shown.clone()
    }

    fn read_only(&self) -> Error {
        Archive::read_only(&self.shown)
    }
}
