//! Which lines of which shard change, and when there must be more shards.

use std::collections::BTreeMap;

use serde_json::Value;

use crate::domain::ids::Login;
use crate::domain::scope::Key;
use crate::error::{Error, Kind, Result};
use crate::parallel;

use super::pending_files::PendingFiles;
use super::staging::{Stage, Staged};
use crate::store::format::block_yaml;
use crate::store::format::keyed_lines;
use crate::store::format::keyed_lines::{Edit, bad_line, parse_line, token};
use crate::store::format::layout;
use crate::store::format::layout::{FanOut, Sharded};
use crate::store::read::revision::{Base, StateFile};

/// With more lines than this in a shard there should be more shards. It is four standard
/// deviations above [`AVERAGE`], if shards fill by chance.
const FULL: usize = 480;
/// The fan-out is the smallest with at most this many users to a shard.
const AVERAGE: usize = 400;
/// How many shards are counted to estimate how many users there are.
const COUNTED: u16 = 16;

/// One line that changes.
#[derive(Clone, Copy)]
enum LineEdit<'a> {
    User(&'a Login, &'a Staged),
    Key(&'a Key, Option<&'a Login>),
    Secrets(&'a Login, Option<&'a str>),
}

impl LineEdit<'_> {
    fn shard(&self, fan_out: FanOut) -> u16 {
        match self {
            LineEdit::User(login, _) | LineEdit::Secrets(login, _) => fan_out.shard(login.as_str()),
            LineEdit::Key(key, _) => fan_out.shard_of(&key.parts()),
        }
    }

    fn edit(&self) -> Edit<'_> {
        let (token, value) = match self {
            LineEdit::User(login, staged) => {
                (token(login.as_str()), staged.after.as_deref().map(Into::into))
            }
            LineEdit::Key(key, owner) => {
                (token(&key.text()), owner.map(|login| token(login.as_str()).into()))
            }
            LineEdit::Secrets(login, line) => (token(login.as_str()), line.map(Into::into)),
        };
        Edit { token: token.into(), value }
    }
}

/// The lines that change, by shard.
type ShardLines<'a> = BTreeMap<u16, Vec<LineEdit<'a>>>;

/// Writes all shards that change, and `state.yaml` if it changes.
pub(crate) fn write(pending: &PendingFiles<'_>, stage: &Stage) -> Result<()> {
    let base = pending.base;
    let (old, new) = (base.fan_out, fan_out(base, stage)?);
    if new != old || stage.key_check.is_some() || base.rev() == 0 {
        let mut state = StateFile { fan_out: new.digits(), ..base.state.clone() };
        state.key_check = stage.key_check.clone().or(state.key_check);
        let file = base.read_file(layout::STATE)?;
        pending.body(layout::STATE, file.map(|file| file.hash), &block_yaml::write(&state))?;
    }
    for of in Sharded::ALL {
        let shards = shards(stage, of, new);
        let written = if new == old {
            let changed: Vec<(&u16, &Vec<LineEdit<'_>>)> = shards.iter().collect();
            parallel::map_slice(&changed, |(shard, lines)| edit(pending, of, **shard, lines))
        } else {
            let all: Vec<u16> = (0..old.shards()).collect();
            parallel::map_slice(&all, |shard| split(pending, of, *shard, new, &shards))
        };
        written.into_iter().collect::<Result<()>>()?;
    }
    Ok(())
}

fn shards(stage: &Stage, of: Sharded, fan_out: FanOut) -> ShardLines<'_> {
    let lines: Vec<LineEdit<'_>> = match of {
        Sharded::Users => {
            stage.users().map(|(login, staged)| LineEdit::User(login, staged)).collect()
        }
        Sharded::Index => {
            stage.keys.iter().map(|(key, owner)| LineEdit::Key(key, owner.as_ref())).collect()
        }
        Sharded::Secrets => {
            let secrets = stage.secrets.iter();
            secrets.map(|(login, line)| LineEdit::Secrets(login, line.as_deref())).collect()
        }
    };
    let numbers = parallel::map_slice(&lines, |line| line.shard(fan_out));
    let mut shards = ShardLines::new();
    for (shard, line) in numbers.into_iter().zip(lines) {
        shards.entry(shard).or_default().push(line);
    }
    shards
}

/// Writes one shard with its lines changed.
fn edit(pending: &PendingFiles<'_>, of: Sharded, shard: u16, lines: &[LineEdit<'_>]) -> Result<()> {
    let path = pending.base.fan_out.path(of, shard);
    let file = pending.base.read_file(&path)?;
    let body = edited(&path, file.as_ref().map_or("", |file| file.body()), lines)?;
    pending.lines(&path, file.map(|file| file.hash), &body)
}

fn edited(path: &str, body: &str, lines: &[LineEdit<'_>]) -> Result<String> {
    let mut edits = Vec::with_capacity(lines.len());
    for line in lines {
        let edit = line.edit();
        if let LineEdit::User(login, staged) = line {
            let live = keyed_lines::find(body, &edit.token).map_err(|bad| bad_line(path, bad))?;
            refuse_stale(path, login, live, staged)?;
        }
        edits.push(edit);
    }
    edits.sort_unstable_by(|a, b| a.token.cmp(&b.token));
    keyed_lines::edit(body, &edits).map_err(|bad| bad_line(path, bad))
}

/// Writes one shard of the old fan-out as several of the new one, with their lines changed.
fn split(
    pending: &PendingFiles<'_>,
    of: Sharded,
    shard: u16,
    new: FanOut,
    shards: &ShardLines<'_>,
) -> Result<()> {
    let old = pending.base.fan_out;
    let path = old.path(of, shard);
    let range = old.split(shard, new);
    let mut bodies = vec![String::new(); range.len()];
    let file = pending.base.read_file(&path)?;
    for line in keyed_lines::iterate(file.as_ref().map_or("", |file| file.body())) {
        let (token, value) = line.map_err(|bad| bad_line(&path, bad))?;
        let key: String = parse_line(&path, token, token)?;
        let place = usize::from(new.shard(&key)).checked_sub(usize::from(range.start));
        let body = place.and_then(|place| bodies.get_mut(place)).ok_or_else(|| {
            Error::damaged(&path, format!("{path}: {key} does not belong in this shard"))
        })?;
        keyed_lines::push(body, token, value);
    }
    let bodies: Vec<(u16, String)> = range.zip(bodies).collect();
    let written = parallel::map_slice(&bodies, |(shard, body)| {
        let path = new.path(of, *shard);
        let lines = shards.get(shard).map_or(&[][..], Vec::as_slice);
        pending.lines(&path, None, &edited(&path, body, lines)?)
    });
    pending.remove(&path, file.map(|file| file.hash));
    written.into_iter().collect()
}

/// Refuses a change of a user who is not what the change began from: it would undo what
/// others did.
fn refuse_stale(path: &str, login: &Login, live: Option<&str>, staged: &Staged) -> Result<()> {
    let before = staged.before.as_deref();
    let value = |line: Option<&str>| line.map(serde_json::from_str::<Value>).transpose().ok();
    if live == before || value(live).is_some_and(|live| value(before) == Some(live)) {
        return Ok(());
    }
    let message = format!("what was changed for {login} is not what is in {path}");
    Err(Error::new(Kind::Bug, "bug", message).about(login))
}

/// The fan-out after what is staged.
fn fan_out(base: &Base, stage: &Stage) -> Result<FanOut> {
    let old = base.fan_out;
    if old.next().is_none() || !overflows(base, stage)? {
        return Ok(old);
    }
    let added: isize = stage.users().map(|(_, staged)| added(staged)).sum();
    let users = about_how_many(base)?.saturating_add_signed(added);
    let mut new = old;
    while users > AVERAGE * usize::from(new.shards())
        && let Some(next) = new.next()
    {
        new = next;
    }
    Ok(new)
}

/// How many users there are more after this change of one.
fn added(staged: &Staged) -> isize {
    isize::from(staged.after.is_some()) - isize::from(staged.before.is_some())
}

/// Whether a shard to which users are added gets too many lines. Some of them are enough to
/// tell: if there should be more shards, many are full.
fn overflows(base: &Base, stage: &Stage) -> Result<bool> {
    let total: isize = stage.users().map(|(_, staged)| added(staged)).sum();
    let shards = usize::from(base.fan_out.shards());
    if total > 0 && total.unsigned_abs() > FULL * shards {
        return Ok(true);
    }
    let mut touched: BTreeMap<u16, usize> = BTreeMap::new();
    let new = stage.users().filter(|(_, staged)| added(staged) > 0);
    for (login, _) in new.take(usize::from(COUNTED) * FULL) {
        *touched.entry(base.fan_out.shard(login.as_str())).or_default() += 1;
    }
    let even = usize::try_from(total).unwrap_or(0) / shards;
    for (shard, added) in touched.into_iter().take(usize::from(COUNTED)) {
        if count(base, shard)? + added.max(even) > FULL {
            return Ok(true);
        }
    }
    Ok(false)
}

fn count(base: &Base, shard: u16) -> Result<usize> {
    let file = base.read_file(&base.fan_out.path(Sharded::Users, shard))?;
    Ok(file.map_or(0, |file| keyed_lines::count(file.body())))
}

/// How many users there are: counted if there are few shards, otherwise estimated from some.
fn about_how_many(base: &Base) -> Result<usize> {
    let shards = base.fan_out.shards();
    let counted = shards.min(COUNTED);
    let mut sum = 0;
    for part in 0..counted {
        sum += count(base, part * (shards / counted))?;
    }
    Ok(sum * usize::from(shards / counted))
}
