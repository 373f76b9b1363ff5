//! Founding a state: beside its place and renamed into it, or in an empty
//! directory. The first revision is a commit like every other.

use std::sync::Arc;

use crate::domain::model::Operators;
use crate::domain::outcome::Object;
use crate::error::{Kind, Result};
use crate::secret::ring::KeyRing;

use crate::store::disk::lock;
use crate::store::disk::{Disk, exists};
use crate::store::format::digest::hex;
use crate::store::format::{header, layout};
use crate::store::log::tail;
use crate::store::log::tail::LONGEST_APPEND;
use crate::store::read::revision::{Base, StateFile};
use crate::store::{Meta, Options, Transaction, View};

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

/// Founds a state in the directory behind `disk`: a commit to a state that has no revision yet.
pub(crate) fn fill(disk: &Arc<dyn Disk>, options: &Options, founding: &Founding) -> Result<()> {
    refuse_what_is_not_ours(&**disk)?;
    let held = lock::acquire(disk, options, true)?;
    // Again under the lock: somebody else may have founded it meanwhile.
    refuse_what_is_not_ours(&**disk)?;
    remove_leftovers(&**disk)?;
    disk.set_note(&lock::Note::of_writer(options).text())?;
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
    let view = View::of(Base::of_nothing(disk, state), Some(Arc::clone(&held)), false);
    let mut transaction = Transaction::new(view, options.clone(), true);
    let operators = founding.operators.operators.iter().map(|(name, operator)| Object::Operator {
        name: name.clone(),
        before: None,
        after: Some(operator.clone()),
    });
    transaction.stage(None, &operators.collect::<Vec<_>>())?;
    transaction.commit(founding.meta.clone()).map(drop).inspect_err(|e| {
        if e.kind != Kind::Unknown {
            // What cannot be removed now is removed by the next founding.
            let _ = remove_leftovers(&**disk);
        }
    })
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
