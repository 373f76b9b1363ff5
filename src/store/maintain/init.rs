//! Founding a state: beside its place and renamed into it, or in an empty
//! directory. The first revision is a commit like every other.

use std::sync::Arc;

use crate::domain::model::Operators;
use crate::error::{Error, Result};
use crate::secret::ring::KeyRing;

use crate::store::disk::lock;
use crate::store::disk::{Disk, exists};
use crate::store::format::digest::{Digest, hex};
use crate::store::format::log_line::{CommitLine, DetailsRef, FileChange};
use crate::store::format::{block_yaml, header, layout};
use crate::store::log::tail;
use crate::store::log::tail::LONGEST_APPEND;
use crate::store::read::revision::StateFile;
use crate::store::write::commit;
use crate::store::write::commit::Failure;
use crate::store::write::details;
use crate::store::{Meta, Options};

/// What a new state begins with.
#[derive(Debug, Clone)]
pub struct Founding {
    /// The first operators.
    pub operators: Operators,
    /// Who founds it; `action` is `init`.
    pub meta: Meta,
    /// The sealing key, of which the state keeps a check value; none until there is
    /// something to seal.
    pub key: Option<KeyRing>,
}

/// A name that nobody else takes.
pub(crate) fn random_name(options: &Options) -> String {
    let mut random = [0; 8];
    (options.random)(&mut random);
    hex(&random)
}

/// Fills the directory behind `disk`.
pub(crate) fn fill(disk: &Arc<dyn Disk>, options: &Options, founding: &Founding) -> Result<()> {
    refuse_what_is_not_ours(&**disk)?;
    let _held = lock::acquire(disk, options, true)?;
    // Again under the lock: somebody else may have founded it meanwhile.
    refuse_what_is_not_ours(&**disk)?;
    remove_leftovers(&**disk)?;
    disk.set_note(&lock::Note::of_writer(options).text())?;
    let changes = match publish(&**disk, options, founding) {
        Ok(changes) => changes,
        Err(Failure::Nothing(e)) => {
            // The next founding removes what cannot be removed now.
            let _ = remove_leftovers(&**disk);
            return Err(e);
        }
        Err(Failure::Unknown(e)) => return Err(e),
    };
    // It is founded: what fails from here on the next writer does again.
    let replaced = changes
        .iter()
        .all(|change| disk.rename(&layout::shadow(1, &change.path), &change.path).is_ok());
    if replaced && disk.sync_dir("").is_ok() {
        let _ = disk.set_note(&lock::Note::at_rest(options).text());
    }
    Ok(())
}

/// Everything up to the first record, and the record.
fn publish(
    disk: &dyn Disk,
    options: &Options,
    founding: &Founding,
) -> std::result::Result<Vec<FileChange>, Failure> {
    let (changes, record) = prepare(disk, options, founding).map_err(Failure::Nothing)?;
    commit::append(disk, 1, 0, &record, None)?;
    Ok(changes)
}

fn prepare(
    disk: &dyn Disk,
    options: &Options,
    founding: &Founding,
) -> Result<(Vec<FileChange>, Vec<u8>)> {
    for dir in layout::DIRS {
        disk.mkdir(dir)?;
    }
    let mut id = [0; 16];
    (options.random)(&mut id);
    let store = hex(&id);
    let check = |ring: &KeyRing| ring.check_value(&store, &mut |buffer| (options.random)(buffer));
    let state = StateFile {
        format: header::FORMAT,
        key_check: founding.key.as_ref().map(check),
        created: founding.meta.at,
        fan_out: 0,
        store,
    };
    let mut changes = Vec::new();
    // state.yaml last: it is what makes this a state.
    for (path, body) in [
        (layout::OPERATORS, block_yaml::write(&founding.operators)),
        (layout::STATE, block_yaml::write(&state)),
    ] {
        let (hash, bytes) = header::seal(1, &body);
        let mut file = disk.create(&layout::shadow(1, path))?;
        file.write_at(&bytes, 0)?;
        file.sync()?;
        changes.push(FileChange { path: path.to_owned(), before: None, after: Some(hash) });
    }
    let record = first_record(options, founding, &changes)?;
    disk.create(&layout::segment(1))?.sync()?;
    for dir in layout::DIRS.iter().chain([&""]) {
        disk.sync_dir(dir)?;
    }
    Ok((changes, record))
}

fn first_record(options: &Options, founding: &Founding, changes: &[FileChange]) -> Result<Vec<u8>> {
    let meta = &founding.meta;
    let text = details::of_founding(options, founding)?;
    let line = CommitLine {
        prev: Digest::NONE,
        at: meta.at,
        operator: meta.author.operator.clone(),
        os_user: meta.author.os_user.clone(),
        identity_from: meta.author.identity_from.clone(),
        action: meta.action.clone(),
        orgs: Some(meta.orgs.clone()),
        message: meta.message.clone(),
        ticket: meta.ticket.clone(),
        details: DetailsRef {
            lines: founding.operators.operators.len() as u64,
            bytes: text.len() as u64,
            sha256: Digest::of(text.as_bytes()),
            list: None,
        },
        files: changes.to_vec(),
        rev: 1,
    };
    let record = format!("{text}{}\n", line.write().0).into_bytes();
    if record.len() as u64 > LONGEST_APPEND {
        return Err(Error::usage("too many operators to begin with"));
    }
    Ok(record)
}

/// A directory with anything in it is refused, unless that is what a founding
/// left that was killed before its record was whole.
fn refuse_what_is_not_ours(disk: &dyn Disk) -> Result<()> {
    let refused = || Err(exists(&disk.place()));
    for name in disk.list("")? {
        let ours = [layout::LOCK, layout::TURN, layout::FOUNDING].contains(&name.as_str())
            || layout::is_of_others("", &name)
            || layout::DIRS.contains(&name.as_str())
            || is_first(&name);
        if !ours {
            return refused();
        }
    }
    for dir in layout::DIRS {
        for name in disk.list(dir)? {
            if dir != "audit" || layout::parse_segment(&name) != Some(1) {
                return refused();
            }
        }
    }
    let log = disk.open(&layout::segment(1))?;
    let size = log.map_or(Ok(0), |log| log.size())?;
    if size > LONGEST_APPEND || tail::find(disk)?.is_some() { refused() } else { Ok(()) }
}

fn is_first(name: &str) -> bool {
    matches!(layout::parse_shadow(name), Some((1, layout::STATE | layout::OPERATORS)))
}

fn remove_leftovers(disk: &dyn Disk) -> Result<()> {
    for path in [layout::STATE, layout::OPERATORS] {
        disk.unlink(&layout::shadow(1, path))?;
    }
    disk.unlink(&layout::segment(1)).map(drop)
}
