//! Making a backup: everything is opened under the shared lock and read after
//! it was let go; files are replaced, never rewritten, and the log only grows.

use std::io::{self, Read, Write};
use std::sync::Arc;

use crate::error::{Error, Kind, Result};
use crate::store::disk::lock;
use crate::store::disk::{Disk, Held, Source};
use crate::store::format::layout;
use crate::store::options::{Options, StepDone};
use crate::store::read::revision::Base;

use super::{FORM, MANIFEST, Manifest};

/// One revision, opened: nothing that is committed later comes into it.
pub struct Snapshot {
    manifest: Manifest,
    files: Vec<SnapshotPlan>,
    base: Base,
    step: StepDone,
    /// Where not all files may be open at once, the lock is held until all are read.
    _held: Option<Arc<dyn Held>>,
}

struct SnapshotPlan {
    path: String,
    size: u64,
    source: Option<Box<dyn Source>>,
}

impl Snapshot {
    /// Opens everything that a backup holds, as of the last revision.
    ///
    /// # Errors
    /// Busy (6), damaged (7), system (8).
    pub(crate) fn take(
        disk: &Arc<dyn Disk>,
        options: &Options,
        with_secrets: bool,
    ) -> Result<Snapshot> {
        let held = lock::acquire(disk, options, false)?;
        let base = Base::read(disk)?;
        let with_secrets = with_secrets && !disk.leaves_out(layout::SECRETS);
        let paths = paths(&base, with_secrets)?;
        let at_once = base.disk.allow_open_files(paths.len());
        let mut files = Vec::with_capacity(paths.len());
        for path in paths {
            let source = open(&base, &path)?;
            let size = match path == layout::segment(base.tail.segment) {
                // What follows the last whole record was never committed.
                true => base.tail.end,
                false => source.size()?,
            };
            files.push(SnapshotPlan { path, size, source: at_once.then_some(source) });
        }
        let manifest = Manifest {
            mfactl_backup: FORM,
            store: base.state.store.clone(),
            rev: base.rev(),
            at: base.tail.commit.at,
            head: base.tail.hash.to_string(),
            secrets: with_secrets,
            files: files.len() as u64,
            bytes: files.iter().map(|file| file.size).sum(),
        };
        let step = Arc::clone(&options.step);
        Ok(Snapshot { manifest, files, base, step, _held: (!at_once).then_some(held) })
    }
}

/// The files of a revision, in the order in which they go into the archive.
fn paths(base: &Base, with_secrets: bool) -> Result<Vec<String>> {
    let mut paths = vec![layout::STATE.to_owned(), layout::OPERATORS.to_owned()];
    for dir in layout::DIRS {
        if dir == "signin" || (dir == "secrets" && !with_secrets) {
            continue;
        }
        let names = base.names(dir)?.into_iter().filter(|name| match dir {
            "audit" => is_of(base, name),
            _ => true,
        });
        paths.extend(names.map(|name| layout::join(dir, &name)));
    }
    Ok(paths)
}

/// Whether a file of `audit/` belongs to this revision or one before.
fn is_of(base: &Base, name: &str) -> bool {
    match (layout::parse_segment(name), layout::parse_details(name)) {
        (Some(number), _) => number <= base.tail.segment,
        (_, Some(rev)) => rev <= base.rev(),
        _ => true,
    }
}

fn open(base: &Base, path: &str) -> Result<Box<dyn Source>> {
    let opened = base.open(path)?;
    let opened = opened.ok_or_else(|| Error::damaged(path, format!("{path} is missing")))?;
    Ok(opened.source)
}

impl Snapshot {
    /// What it is of.
    pub fn manifest(&self) -> &Manifest {
        &self.manifest
    }

    /// Writes the archive.
    ///
    /// # Errors
    /// System (8) where something cannot be read or written.
    pub fn write(&self, out: impl Write, shown: &str) -> Result<()> {
        let failed = |e: io::Error| {
            let message = format!("cannot write the backup {shown}: {e}");
            Error::new(Kind::System, "system", message).about(shown)
        };
        let mut tar = tar::Builder::new(io::BufWriter::with_capacity(256 << 10, out));
        let manifest = serde_json::to_vec_pretty(&self.manifest).expect("it is plain data");
        self.add(&mut tar, MANIFEST, manifest.len() as u64, &manifest[..]).map_err(failed)?;
        for file in &self.files {
            let late = match &file.source {
                Some(_) => None,
                None => Some(open(&self.base, &file.path)?),
            };
            let Some(source) = file.source.as_deref().or(late.as_deref()) else { continue };
            let reader = PartReader { source, at: 0, end: file.size };
            let reader = io::BufReader::with_capacity(256 << 10, reader);
            self.add(&mut tar, &file.path, file.size, reader).map_err(failed)?;
            (self.step)();
        }
        tar.into_inner().and_then(|mut out| out.flush()).map_err(failed)
    }

    fn add<W: Write>(
        &self,
        tar: &mut tar::Builder<W>,
        path: &str,
        size: u64,
        content: impl Read,
    ) -> io::Result<()> {
        let mut header = tar::Header::new_ustar();
        header.set_entry_type(tar::EntryType::Regular);
        header.set_mode(0o600);
        header.set_size(size);
        // The same revision makes the same archive, whoever makes it and when.
        header.set_mtime(u64::try_from(self.manifest.at.unix()).unwrap_or(0));
        header.set_uid(0);
        header.set_gid(0);
        header.set_path(path)?;
        header.set_cksum();
        tar.append(&header, content)
    }
}

/// A part of a source as a stream. Shorter than promised is an error.
struct PartReader<'a> {
    source: &'a dyn Source,
    at: u64,
    end: u64,
}

impl Read for PartReader<'_> {
    fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
        let left = usize::try_from(self.end - self.at).unwrap_or(usize::MAX).min(buffer.len());
        let read = self.source.read_at(&mut buffer[..left], self.at);
        let read = read.map_err(|e| io::Error::other(e.message))?;
        if read == 0 && left > 0 {
            return Err(io::Error::other("a file of the state was cut meanwhile"));
        }
        self.at += read as u64;
        Ok(read)
    }
}
