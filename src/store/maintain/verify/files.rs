//! The state files, all of them and no others, against what the chain says.

use crate::error::{Error, Kind, Result};
use crate::store::disk::Disk;
use crate::store::format::digest::Digest;
use crate::store::format::header;
use crate::store::format::header::Sealed;
use crate::store::format::layout;
use crate::store::maintain::check::StateProblem;
use crate::store::read::unrenamed;

use super::{Bad, Chain, Last, found};

/// Compares a file with what the chain says; what is wrong with it, if anything.
pub(crate) fn compare(disk: &dyn Disk, path: &str, last: Last, rev: u64) -> Result<Option<Bad>> {
    match compare_one(disk, path, last, rev) {
        Ok(None) => Ok(None),
        Ok(Some(ahead)) => Ok(Some(Bad::Ahead(path.to_owned(), ahead))),
        Err(e) => found(path, e).map(|problem| Some(Bad::File(problem))),
    }
}

/// The revision that the file says, where the chain does not reach it.
fn compare_one(disk: &dyn Disk, path: &str, last: Last, rev: u64) -> Result<Option<u64>> {
    let wrong = |what: &str| Err(Error::damaged(path, what.to_owned()));
    let Some(after) = last.after else {
        // What the last record removes the next writer removes for it.
        return match disk.open(path)? {
            Some(_) if last.rev < rev => wrong("should be gone"),
            _ => Ok(None),
        };
    };
    let waiting = if last.rev == rev { unrenamed::shadow(disk, rev, path, after)? } else { None };
    let source = match waiting {
        Some(source) => source,
        None => match disk.open(path)? {
            Some(source) => source,
            None if disk.leaves_out(path) => return Ok(None),
            None => return wrong("is missing"),
        },
    };
    if !layout::has_header(path) {
        return if header::hash_all(&*source)? == after { Ok(None) } else { wrong("was edited") };
    }
    let file = Sealed::read(path, &*source)?;
    if file.rev > rev {
        return Ok(Some(file.rev));
    }
    same(path, &file, last.rev, after).map(|()| None)
}

fn same(path: &str, file: &Sealed, rev: u64, after: Digest) -> Result<()> {
    if file.hash != after {
        let what =
            format!("is not what revision {rev} made it: it was edited, its hash made to fit");
        return Err(Error::damaged(path, what));
    }
    if file.rev != rev {
        let what = format!("says revision {}, but revision {rev} made it", file.rev);
        return Err(Error::damaged(path, what));
    }
    Ok(())
}

/// Files that the chain does not know, and names of others that are only passed over.
pub(crate) fn strays(disk: &dyn Disk, chain: &Chain) -> Result<(Vec<StateProblem>, Vec<String>)> {
    let (mut strays, mut of_others) = (Vec::new(), Vec::new());
    for dir in layout::DIRS.iter().chain([&""]).filter(|dir| **dir != "signin") {
        let names = match disk.list(dir) {
            Ok(names) => names,
            Err(e) if e.kind == Kind::Damaged => {
                strays.push(found(dir, e)?);
                continue;
            }
            Err(e) => return Err(e),
        };
        for name in names {
            if layout::is_of_others(dir, &name) {
                of_others.push(name);
                continue;
            }
            let path = layout::join(dir, &name);
            if !belongs(dir, &name, chain) && !chain.files.contains_key(&path) {
                let what = "does not belong here: no record made it".to_owned();
                strays.push(StateProblem { path, what });
            }
        }
    }
    Ok((strays, of_others))
}

/// Whether a name that no record has belongs to the state all the same.
fn belongs(dir: &str, name: &str, chain: &Chain) -> bool {
    // What a killed writer left, the next one removes.
    if layout::parse_shadow(name).is_some() {
        return true;
    }
    match dir {
        "" => {
            [layout::LOCK, layout::TURN, layout::FOUNDING].contains(&name)
                || layout::DIRS.contains(&name)
        }
        "audit" => {
            layout::parse_segment(name).is_some_and(|number| number <= chain.segments)
                || layout::parse_details(name)
                    .is_some_and(|rev| rev > chain.rev || chain.details.contains(&rev))
        }
        _ => false,
    }
}
