//! One revision on the disk: which file holds what, and its content, compared
//! with the hash in its first line and with the last record.

use std::collections::{HashMap, HashSet};
use std::sync::{Arc, Mutex, PoisonError};

use serde::{Deserialize, Serialize};

use crate::domain::time::Time;
use crate::error::{Error, Kind, Result};
use crate::secret::seal::Sealed as SealedText;

use super::file_list::FileList;
use super::unrenamed;
use crate::store::disk::{Disk, Source};
use crate::store::format::block_yaml;
use crate::store::format::digest::Digest;
use crate::store::format::header;
use crate::store::format::header::Sealed;
use crate::store::format::layout;
use crate::store::format::layout::FanOut;
use crate::store::format::log_line::FileChange;
use crate::store::log::tail;
use crate::store::log::tail::Tail;

/// How many bytes of shards are kept for the next question (bytes).
const KEPT: usize = 64 << 20;

/// What `state.yaml` says.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct StateFile {
    /// The version of the format.
    pub(crate) format: u32,
    /// The id of this state.
    pub(crate) store: String,
    /// When it was founded.
    pub(crate) created: Time,
    /// How many digits name a shard.
    pub(crate) fan_out: u8,
    /// What a right sealing key must answer, where there are sealed secrets.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub(crate) key_check: Option<SealedText>,
}

/// The last committed revision, as it lies on the disk.
pub(crate) struct Base {
    /// The door.
    pub(crate) disk: Arc<dyn Disk>,
    /// The end of the log.
    pub(crate) tail: Tail,
    /// What `state.yaml` says.
    pub(crate) state: StateFile,
    /// How many shards there are.
    pub(crate) fan_out: FanOut,
    list: FileList,
    kept: Mutex<Kept>,
}

#[derive(Default)]
struct Kept {
    /// The rebuilt file counts, not the one on disk; `None`: it does not exist.
    rebuilt: HashMap<String, Option<Arc<Sealed>>>,
    /// The file as it was read; `None`: it does not exist.
    files: HashMap<String, Option<Arc<Sealed>>>,
    bytes: usize,
}

impl Base {
    /// Finds the end of the log and reads `state.yaml`.
    pub(crate) fn read(disk: &Arc<dyn Disk>) -> Result<Base> {
        let Some(tail) = tail::find(&**disk)? else {
            return Err(match disk.open(layout::STATE)? {
                None => Error::no_state(&disk.place()),
                Some(_) => Error::damaged("audit", "there is a state.yaml, but no audit log")
                    .words("bring audit/ back from a backup: mfactl state restore"),
            });
        };
        let unread = StateFile {
            format: header::FORMAT,
            store: String::new(),
            created: tail.commit.at,
            fan_out: 0,
            key_check: None,
        };
        let list = FileList::of(&tail.commit);
        let mut base = Base {
            disk: Arc::clone(disk),
            tail,
            state: unread,
            fan_out: FanOut::ONE,
            list,
            kept: Mutex::default(),
        };
        let file = base.read_file(layout::STATE)?;
        let file = file.ok_or_else(|| {
            Error::damaged(layout::STATE, "state.yaml is missing, but there is an audit log")
                .words("bring state.yaml back from a backup: mfactl state restore")
        })?;
        base.state = read_state(file.body())?;
        base.fan_out = FanOut::new(base.state.fan_out)
            .ok_or_else(|| Error::damaged(layout::STATE, "state.yaml has a fan-out above 3"))?;
        Ok(base)
    }

    /// A state that has no revision yet.
    pub(crate) fn of_nothing(disk: &Arc<dyn Disk>, state: StateFile) -> Base {
        let tail = Tail::of_nothing(state.created);
        Base {
            disk: Arc::clone(disk),
            list: FileList::of(&tail.commit),
            tail,
            state,
            fan_out: FanOut::ONE,
            kept: Mutex::default(),
        }
    }

    /// Its revision.
    pub(crate) fn rev(&self) -> u64 {
        self.tail.commit.rev
    }

    /// What the last record did to all files.
    pub(crate) fn last_changes(&self) -> Result<Vec<FileChange>> {
        self.list.starting_with(&*self.disk, "")
    }

    /// Opens what `path` is at this revision: where the last record's shadow
    /// still lies there, the shadow.
    pub(crate) fn open(&self, path: &str) -> Result<Option<Opened>> {
        self.open_after(path, self.list.change(&*self.disk, path)?)
    }

    /// The same, where it is known what the last record did to it.
    pub(crate) fn open_after(
        &self,
        path: &str,
        change: Option<FileChange>,
    ) -> Result<Option<Opened>> {
        let Some(change) = change else {
            let source = self.disk.open(path)?;
            return Ok(source.map(|source| Opened { path: path.to_owned(), source, after: None }));
        };
        let Some(after) = change.after else { return Ok(None) };
        // The shadow first: between the two looks it may become the file.
        let source = match unrenamed::shadow(&*self.disk, self.rev(), path, after)? {
            None => self.disk.open(path)?,
            waiting => waiting,
        };
        let source = match source {
            None if self.disk.leaves_out(path) => return Ok(None),
            source => source.ok_or_else(|| Error::damaged(path, format!("{path} is missing")))?,
        };
        Ok(Some(Opened { path: path.to_owned(), source, after: Some(after) }))
    }

    /// Reads a file that was opened, and compares it with its hash and the chain.
    pub(crate) fn read_opened(&self, opened: &Opened) -> Result<Sealed> {
        let path = &opened.path;
        let file = Sealed::read(path, &*opened.source)?;
        self.compare(opened, file.rev, file.hash)?;
        Ok(file)
    }

    /// Compares the first line of a file with the chain.
    fn compare(&self, opened: &Opened, file_rev: u64, hash: Digest) -> Result<()> {
        let (path, rev) = (&opened.path, self.rev());
        if file_rev > rev {
            let message = format!("{path} is of revision {file_rev}, the log ends at {rev}");
            return Err(Error::damaged(path, message).command("audit verify"));
        }
        if opened.after.is_some_and(|after| after != hash) {
            let message = format!("{path} is not what revision {rev} made it");
            return Err(Error::damaged(path, message).command("audit verify"));
        }
        Ok(())
    }

    /// Opens and reads a file; `None` where there is none.
    pub(crate) fn read_file(&self, path: &str) -> Result<Option<Arc<Sealed>>> {
        if let Some(known) = self.known(path) {
            return Ok(known);
        }
        let opened = self.open(path)?;
        let file = opened.map(|opened| self.read_opened(&opened)).transpose()?.map(Arc::new);
        let size = file.as_ref().map_or(0, |file| file.size());
        let mut kept = self.lock_kept();
        if kept.bytes + size <= KEPT {
            kept.bytes += size;
            kept.files.insert(path.to_owned(), file.clone());
        }
        Ok(file)
    }

    /// A file that was read or made again.
    fn known(&self, path: &str) -> Option<Option<Arc<Sealed>>> {
        let kept = self.lock_kept();
        kept.rebuilt.get(path).or_else(|| kept.files.get(path)).cloned()
    }

    /// From now on the file is this, whatever lies there.
    pub(crate) fn rebuilt(&self, path: &str, file: Option<Sealed>) {
        self.lock_kept().rebuilt.insert(path.to_owned(), file.map(Arc::new));
    }

    /// Whether this file was read already.
    pub(crate) fn has_read(&self, path: &str) -> bool {
        self.lock_kept().files.contains_key(path)
    }

    fn lock_kept(&self) -> std::sync::MutexGuard<'_, Kept> {
        self.kept.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// The names in a directory at this revision, sorted; no shadows.
    pub(crate) fn names(&self, dir: &str) -> Result<Vec<String>> {
        let mut names = self.disk.list(dir)?;
        let changes = self.list.starting_with(&*self.disk, &layout::join(dir, ""))?;
        let (mut came, mut went) = (Vec::new(), HashSet::new());
        for change in &changes {
            match layout::split(&change.path) {
                (of, name) if of == dir && change.after.is_some() => came.push(name.to_owned()),
                (of, name) if of == dir => drop(went.insert(name)),
                _ => {}
            }
        }
        names.retain(|name| !name.starts_with('.') && !went.contains(name.as_str()));
        names.extend(came);
        names.sort_unstable();
        names.dedup();
        Ok(names)
    }

    /// The error of a question that came after the lock was let go.
    pub(crate) fn moved_on(&self) -> Error {
        let message = format!("{} has moved on since revision {}", self.disk.place(), self.rev());
        Error::new(Kind::Busy, "busy", message).words("run it again")
    }
}

/// A file that was opened and not read yet.
pub(crate) struct Opened {
    /// Relative to the state directory, never a shadow.
    pub(crate) path: String,
    /// The file.
    pub(crate) source: Box<dyn Source>,
    /// The hash that the last record gives it, if that record names it.
    after: Option<Digest>,
}

/// Reads `state.yaml`. A newer format may have fields that are not known here.
fn read_state(body: &str) -> Result<StateFile> {
    let format = body.lines().find_map(|line| line.strip_prefix("format: ")?.parse::<u32>().ok());
    match format {
        Some(format) if format > header::FORMAT => Err(header::newer_format(layout::STATE, format)),
        _ => block_yaml::read(layout::STATE, body),
    }
}

/// An object from JSON that the log or a file holds.
pub(crate) fn from_value<T: serde::de::DeserializeOwned>(
    path: &str,
    value: serde_json::Value,
) -> Result<T> {
    serde_json::from_value(value).map_err(|e| Error::damaged(path, format!("{path}: {e}")))
}
