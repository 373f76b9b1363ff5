//! All files of a state as they are now, opened under the lock: what looks through all of them
//! lets go of the lock and holds no writer up. Files are replaced, never rewritten, and the log
//! only grows behind its last whole record.

use std::collections::BTreeMap;
use std::sync::Arc;

use crate::error::{Kind, Result};

use crate::store::disk::{Disk, Source};
use crate::store::format::layout;
use crate::store::log::tail;

/// The files of one revision. Nothing can be written to it.
pub(crate) struct Pinned {
    disk: Arc<dyn Disk>,
    dirs: BTreeMap<String, Vec<String>>,
    /// What could be opened; the rest is damaged, and is looked at where it lies.
    files: BTreeMap<String, File>,
}

/// A file, open, of the size that it had then.
#[derive(Clone)]
struct File {
    source: Arc<dyn Source>,
    size: u64,
}

impl Pinned {
    /// Opens all files; the caller holds the lock. `None` where they cannot all be open at
    /// once, or the end of the log is not whole: then the lock must be kept.
    pub(crate) fn of(disk: &Arc<dyn Disk>) -> Result<Option<Pinned>> {
        let tail = match tail::find(&**disk) {
            Ok(Some(tail)) => tail,
            Err(e) if e.kind != Kind::Damaged => return Err(e),
            Ok(None) | Err(_) => return Ok(None),
        };
        let mut dirs = BTreeMap::new();
        for dir in layout::DIRS.iter().chain([&""]) {
            match disk.list(dir) {
                Ok(names) => drop(dirs.insert((*dir).to_owned(), names)),
                Err(e) if e.kind == Kind::Damaged => {}
                Err(e) => return Err(e),
            }
        }
        let paths = dirs.iter().flat_map(|(dir, names)| {
            names.iter().filter(|name| is_read(dir, name)).map(|name| layout::join(dir, name))
        });
        let paths: Vec<String> = paths.collect();
        if !disk.allow_open_files(paths.len()) {
            return Ok(None);
        }
        let mut files = BTreeMap::new();
        for path in paths {
            let source: Arc<dyn Source> = match disk.open(&path) {
                Ok(Some(source)) => source.into(),
                Ok(None) => continue,
                Err(e) if e.kind == Kind::Damaged => continue,
                Err(e) => return Err(e),
            };
            // What follows the last whole record the next writer writes over.
            let size = match path == layout::segment(tail.last_segment) {
                true => tail.append_at(),
                false => source.size()?,
            };
            files.insert(path, File { source, size });
        }
        Ok(Some(Pinned { disk: Arc::clone(disk), dirs, files }))
    }
}

/// Whether verifying and checking read this file.
fn is_read(dir: &str, name: &str) -> bool {
    match dir {
        "" => layout::is_state_file(name) || layout::parse_shadow(name).is_some(),
        layout::SIGNIN => name.ends_with(".yaml") && !name.starts_with('.'),
        _ => true,
    }
}

impl Disk for Pinned {
    fn open(&self, path: &str) -> Result<Option<Box<dyn Source>>> {
        if let Some(file) = self.files.get(path) {
            return Ok(Some(Box::new(file.clone())));
        }
        let (dir, name) = layout::split(path);
        let is_there = self.dirs.get(dir).is_none_or(|names| names.iter().any(|it| it == name));
        if is_there { self.disk.open(path) } else { Ok(None) }
    }

    fn list(&self, dir: &str) -> Result<Vec<String>> {
        self.dirs.get(dir).map_or_else(|| self.disk.list(dir), |names| Ok(names.clone()))
    }

    fn note(&self) -> Result<String> {
        self.disk.note()
    }

    fn allow_open_files(&self, _: usize) -> bool {
        true
    }

    fn leaves_out(&self, path: &str) -> bool {
        self.disk.leaves_out(path)
    }

    fn place(&self) -> String {
        self.disk.place()
    }
}

impl Source for File {
    fn size(&self) -> Result<u64> {
        Ok(self.size)
    }

    fn read_at(&self, buffer: &mut [u8], offset: u64) -> Result<usize> {
        let left = usize::try_from(self.size.saturating_sub(offset)).unwrap_or(usize::MAX);
        let count = left.min(buffer.len());
        self.source.read_at(&mut buffer[..count], offset)
    }
}
