//! Removing from `signin/`: lines of removed users, old days of the log, and what killed sign-ins
//! left behind.

use std::collections::BTreeSet;
use std::sync::Arc;

use crate::domain::ids::UserId;
use crate::domain::time::Time;
use crate::error::Result;
use crate::store::disk::{Disk, Held};
use crate::store::format::keyed_lines;
use crate::store::format::keyed_lines::Edit;
use crate::store::format::keyed_lines::bad_line;
use crate::store::format::layout;
use crate::store::options::Options;

use super::{edit, file, lock_place, read, shards, user_of};

/// Removes the lines of removed users. Other shards are not touched.
///
/// # Errors
/// Busy (6), damaged (7), system (8): some lines remain.
pub(crate) fn forget(
    disk: &Arc<dyn Disk>,
    options: &Options,
    users: &BTreeSet<UserId>,
) -> Result<()> {
    let places = users.iter().map(|user| layout::signin(user.as_str()));
    for place in places.collect::<BTreeSet<_>>() {
        remove_lines(disk, options, &place, &|user| users.contains(user))?;
    }
    Ok(())
}

/// Removes the lines of all users but these: some may have been removed when their lines could
/// not be.
///
/// # Errors
/// As [`forget`].
pub(crate) fn forget_all_but(
    disk: &Arc<dyn Disk>,
    options: &Options,
    users: &BTreeSet<UserId>,
) -> Result<()> {
    for path in shards(&**disk)? {
        if let Some(place) = path.strip_suffix(".yaml") {
            remove_lines(disk, options, place, &|user| !users.contains(user))?;
        }
    }
    Ok(())
}

/// How many lines are of other users than these.
///
/// # Errors
/// Damaged (7), system (8).
pub(crate) fn lines_of_others(disk: &dyn Disk, users: &BTreeSet<UserId>) -> Result<u64> {
    let mut count = 0;
    for path in shards(disk)? {
        let Some(sealed) = read(disk, &path)? else { continue };
        for line in keyed_lines::iterate(sealed.body()) {
            let (token, _) = line.map_err(|bad| bad_line(&path, bad))?;
            count += u64::from(!users.contains(&user_of(&path, token)?));
        }
    }
    Ok(count)
}

/// The days of the log of sign-ins that end before `before`.
///
/// # Errors
/// System (8).
pub(crate) fn days_before(disk: &dyn Disk, before: Time) -> Result<Vec<String>> {
    let mut days = disk.list(layout::SIGNIN_LOG)?;
    let limit = before.day();
    days.retain(|name| {
        let day = name.strip_suffix(".jsonl").filter(|day| Time::parse_date(day).is_ok());
        day.is_some_and(|day| day < limit.as_str())
    });
    Ok(days)
}

/// Removes such days.
///
/// # Errors
/// System (8): some days remain.
pub(crate) fn remove_days(disk: &dyn Disk, before: Time) -> Result<()> {
    let days = days_before(disk, before)?;
    for day in &days {
        disk.unlink(&layout::join(layout::SIGNIN_LOG, day))?;
    }
    if days.is_empty() { Ok(()) } else { disk.sync_dir(layout::SIGNIN_LOG) }
}

fn remove_lines(
    disk: &Arc<dyn Disk>,
    options: &Options,
    place: &str,
    goes: &dyn Fn(&UserId) -> bool,
) -> Result<()> {
    let path = file(place);
    let edits = |body: &str| -> Result<Vec<Edit<'static>>> {
        let mut edits = Vec::new();
        for line in keyed_lines::iterate(body) {
            let (token, _) = line.map_err(|bad| bad_line(&path, bad))?;
            if goes(&user_of(&path, token)?) {
                edits.push(Edit { token: token.to_owned().into(), value: None });
            }
        }
        Ok(edits)
    };
    // Most shards have none of them, and are not locked.
    let Some(old) = read(&**disk, &path)? else { return Ok(()) };
    if edits(old.body())?.is_empty() {
        return Ok(());
    }
    let _held = lock_place(disk, options, place)?;
    if edit(&**disk, &path, edits)? { disk.sync_dir(layout::SIGNIN) } else { Ok(()) }
}

/// Removes what killed sign-ins left behind, in shards that nobody has locked.
pub(crate) fn remove_strays(disk: &dyn Disk) -> Result<()> {
    for (path, _held) in strays(disk)? {
        disk.unlink(&path)?;
    }
    Ok(())
}

/// What killed sign-ins left behind, each with the lock of its shard.
///
/// # Errors
/// System (8).
pub(crate) fn strays(disk: &dyn Disk) -> Result<Vec<(String, Box<dyn Held>)>> {
    let mut strays = Vec::new();
    for name in disk.list(layout::SIGNIN)? {
        let of = layout::parse_shadow(&name).and_then(|(_, of)| of.strip_suffix(".yaml"));
        let Some(shard) = of else { continue };
        if let Some(held) = disk.lock_at(&format!("{}/{shard}.lock", layout::SIGNIN))? {
            strays.push((layout::join(layout::SIGNIN, &name), held));
        }
    }
    Ok(strays)
}
