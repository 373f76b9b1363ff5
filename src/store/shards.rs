//! Shards: which lines of which shard change, and when there must be more of them.

use rayon::prelude::*;
use serde_json::Value;

use crate::domain::ids::Login;
use crate::domain::scope::Key;
use crate::error::{Error, Kind, Result};

use super::base::{Base, StateFile, bad_line};
use super::block;
use super::layout::{self, FanOut, Sharded};
use super::lines::{self, Edit};
use super::shadows::Shadows;
use super::stage::{Stage, Staged, StagedUser};

/// A shard with more lines than this asks whether there should be more shards.
/// It is above [`AVERAGE`] by four standard deviations of what falls to a shard by chance.
const FULL: usize = 480;
/// The fan-out is the smallest at which there are at most so many users a file.
const AVERAGE: usize = 400;
/// How many shards are counted to know about how many users there are.
const COUNTED: u16 = 16;
/// How many staged users one thread takes in a row.
const PART: usize = 4_096;
/// Up to this many shards are written in order, by one thread.
const IN_ORDER: usize = 32;

/// One line to change, as it is staged.
enum Item<'a> {
    User(&'a StagedUser),
    /// The token of a key, and whose it is now.
    Key(Box<str>, Option<&'a Login>),
    Secret(&'a Login, Option<&'a str>),
}

impl Item<'_> {
    fn edit(&self) -> Edit<'_> {
        match self {
            Item::User(user) => Edit {
                token: lines::token(user.login.as_str()).into(),
                value: user.change.after.as_deref().map(Into::into),
            },
            Item::Key(token, login) => Edit {
                token: (&**token).into(),
                value: login.map(|login| lines::token(login.as_str()).into()),
            },
            Item::Secret(login, line) => {
                let token = lines::token(login.as_str()).into();
                Edit { token, value: line.map(Into::into) }
            }
        }
    }
}

/// Lines to change with the numbers of their shards, sorted by those.
type Items<'a> = Vec<(u16, Item<'a>)>;

/// Writes the shadows of all shards that change.
pub(super) fn write(shadows: &Shadows<'_>, stage: &Stage) -> Result<()> {
    let old = shadows.base.fan_out;
    let new = fan_out(shadows.base, stage)?;
    if new != old || stage.key_check.is_some() {
        let mut state = StateFile { fan_out: new.digits(), ..shadows.base.state.clone() };
        state.key_check = stage.key_check.clone().or(state.key_check);
        let file = shadows.base.read_file(layout::STATE)?;
        shadows.body(layout::STATE, file.map(|file| file.hash), &block::write(&state))?;
    }
    for of in Sharded::ALL {
        let items = items(stage, of, new)?;
        if new == old {
            let jobs: Vec<&[(u16, Item<'_>)]> = items.chunk_by(|a, b| a.0 == b.0).collect();
            each(&jobs, |job| edit_shard(shadows, of, job))?;
        } else {
            let jobs: Vec<u16> = (0..old.shards()).collect();
            each(&jobs, |shard| split_shard(shadows, of, *shard, new, &items))?;
        }
    }
    Ok(())
}

/// Does every job: few in order, many on all processors.
fn each<T: Sync>(jobs: &[T], work: impl Fn(&T) -> Result<()> + Send + Sync) -> Result<()> {
    if jobs.len() <= IN_ORDER {
        jobs.iter().try_for_each(work)
    } else {
        jobs.par_iter().try_for_each(work)
    }
}

fn items(stage: &Stage, of: Sharded, fan_out: FanOut) -> Result<Items<'_>> {
    let mut items: Items<'_> = match of {
        Sharded::Users => of_users(stage, |user: &StagedUser| {
            Ok([(fan_out.shard(user.login.as_str()), Item::User(user))])
        })?,
        Sharded::Index => of_users(stage, |user| key_items(user, fan_out))?,
        Sharded::Secrets => stage
            .secrets
            .iter()
            .map(|(login, line)| {
                (fan_out.shard(login.as_str()), Item::Secret(login, line.as_deref()))
            })
            .collect(),
    };
    if items.len() < super::MANY {
        items.sort_by_key(|(shard, _)| *shard);
    } else {
        items.par_sort_unstable_by_key(|(shard, _)| *shard);
    }
    Ok(items)
}

/// What becomes of every staged user.
fn of_users<'a, I>(
    stage: &'a Stage,
    items: impl Fn(&'a StagedUser) -> Result<I> + Send + Sync,
) -> Result<Items<'a>>
where
    I: IntoIterator<Item = (u16, Item<'a>)>,
{
    let part = |users: &'a [StagedUser]| -> Result<Items<'a>> {
        let mut part = Vec::with_capacity(2 * users.len());
        for user in users {
            part.extend(items(user)?);
        }
        Ok(part)
    };
    if stage.users.len() < super::MANY {
        return part(&stage.users);
    }
    let parts: Vec<Items<'a>> = stage.users.par_chunks(PART).map(part).collect::<Result<_>>()?;
    Ok(parts.into_iter().flatten().collect())
}

/// The lines of the index that a user gets or loses.
fn key_items(user: &StagedUser, fan_out: FanOut) -> Result<Items<'_>> {
    let (was, is) = user.keys()?;
    let item = |key: &Key, owner| {
        let text = key.text();
        (fan_out.shard(&text), Item::Key(lines::token(&text).into(), owner))
    };
    let lost = was.iter().filter(|key| !is.contains(key)).map(|key| item(key, None));
    // A key that stays needs no look at its shard.
    let gained = is.iter().filter(|key| !was.contains(key));
    Ok(lost.chain(gained.map(|key| item(key, Some(&user.login)))).collect())
}

/// The edits of one shard in the order of their tokens, each token once.
fn edits<'a>(items: &'a [(u16, Item<'a>)]) -> Result<Vec<Edit<'a>>> {
    let mut edits: Vec<Edit<'a>> = items.iter().map(|(_, item)| item.edit()).collect();
    // What one user loses, another may have got.
    let order = |edit: &Edit<'_>| edit.value.is_none();
    edits.sort_unstable_by(|a, b| a.token.cmp(&b.token).then(order(a).cmp(&order(b))));
    let taken = |a: &Edit<'_>, b: &Edit<'_>| a.token == b.token && b.value.is_some();
    if let Some(twice) = edits.windows(2).find(|two| taken(&two[0], &two[1])) {
        let message = format!("{} is staged twice", twice[0].token);
        return Err(Error::new(Kind::Bug, "bug", message));
    }
    edits.dedup_by(|a, b| a.token == b.token);
    Ok(edits)
}

/// One shard, its lines replaced in the text.
fn edit_shard(shadows: &Shadows<'_>, of: Sharded, items: &[(u16, Item<'_>)]) -> Result<()> {
    let Some((shard, _)) = items.first() else { return Ok(()) };
    let path = shadows.base.fan_out.path(of, *shard);
    let file = shadows.base.read_file(&path)?;
    let body = file.as_ref().map_or("", |file| file.body());
    check_before(&path, body, items)?;
    let edited = lines::edit(body, &edits(items)?).map_err(|bad| bad_line(&path, bad))?;
    shadows.lines(&path, file.map(|file| file.hash), &edited)
}

/// One shard of the old fan-out, spread over those of the new one.
fn split_shard(
    shadows: &Shadows<'_>,
    of: Sharded,
    shard: u16,
    new: FanOut,
    items: &[(u16, Item<'_>)],
) -> Result<()> {
    let old = shadows.base.fan_out;
    let path = old.path(of, shard);
    let range = old.split(shard, new);
    let mut bodies = vec![String::new(); range.len()];
    let file = shadows.base.read_file(&path)?;
    for line in lines::raw(file.as_ref().map_or("", |file| file.body())) {
        let (token, value) = lines::take_apart(line).map_err(|bad| bad_line(&path, bad))?;
        let key: String = super::view::parse_line(&path, token, token)?;
        let place = usize::from(new.shard(&key)).checked_sub(usize::from(range.start));
        let body = place.and_then(|place| bodies.get_mut(place)).ok_or_else(|| {
            Error::damaged(&path, format!("{path}: {key} does not belong into this shard"))
        })?;
        lines::push(body, token, value);
    }
    let numbered: Vec<(u16, String)> = range.zip(bodies).collect();
    each(&numbered, |(number, body)| {
        let from = items.partition_point(|(shard, _)| shard < number);
        let to = items.partition_point(|(shard, _)| shard <= number);
        let path = new.path(of, *number);
        check_before(&path, body, &items[from..to])?;
        let body =
            lines::edit(body, &edits(&items[from..to])?).map_err(|bad| bad_line(&path, bad))?;
        shadows.lines(&path, None, &body)
    })?;
    shadows.remove(&path, file.map(|file| file.hash));
    Ok(())
}

/// Whether every user is still what the change began from: whoever staged
/// something stale would undo what others did.
fn check_before(path: &str, body: &str, items: &[(u16, Item<'_>)]) -> Result<()> {
    for (_, item) in items {
        let Item::User(StagedUser { login, change }) = item else { continue };
        if body.is_empty() && change.before.is_none() {
            continue;
        }
        let live = lines::find(body, &lines::token(login.as_str()));
        let live = live.map_err(|bad| bad_line(path, bad))?;
        if live != change.before.as_deref() && !same_value(live, change)? {
            let message = format!("what was changed for {login} is not what is in {path}");
            return Err(Error::new(Kind::Bug, "bug", message).about(login));
        }
    }
    Ok(())
}

fn same_value(live: Option<&str>, change: &Staged) -> Result<bool> {
    let live: Option<Value> = live.and_then(|line| serde_json::from_str(line).ok());
    Ok(live == change.before::<Value>()?)
}

/// The fan-out after what is staged.
fn fan_out(base: &Base, stage: &Stage) -> Result<FanOut> {
    let old = base.fan_out;
    if old.next().is_none() || !overflows(base, stage)? {
        return Ok(old);
    }
    let users = about_how_many(base)?.saturating_add_signed(net(stage.users.iter()));
    let mut new = old;
    while users > AVERAGE * usize::from(new.shards())
        && let Some(next) = new.next()
    {
        new = next;
    }
    Ok(new)
}

/// How many users more there are after these changes.
fn net<'a>(users: impl Iterator<Item = &'a StagedUser>) -> isize {
    let one = |user: &StagedUser| {
        isize::from(user.change.after.is_some()) - isize::from(user.change.before.is_some())
    };
    users.map(one).sum()
}

/// Whether a shard that is added to would have too many lines. Of many changes
/// the first tell: where there should be more shards, many are full.
fn overflows(base: &Base, stage: &Stage) -> Result<bool> {
    let adds = stage.users.iter().filter(|user| net(std::iter::once(*user)) > 0);
    let total = net(stage.users.iter());
    let shards = usize::from(base.fan_out.shards());
    if total > 0 && total.unsigned_abs() > FULL * shards {
        return Ok(true);
    }
    let mut touched: std::collections::BTreeMap<u16, isize> = std::collections::BTreeMap::new();
    for user in adds.take(usize::from(COUNTED) * FULL) {
        *touched.entry(base.fan_out.shard(user.login.as_str())).or_default() += 1;
    }
    let even = usize::try_from(total).unwrap_or(0) / shards;
    for (shard, added) in touched.into_iter().take(usize::from(COUNTED)) {
        let added = added.unsigned_abs().max(even);
        if count(base, shard)? + added > FULL {
            return Ok(true);
        }
    }
    Ok(false)
}

fn count(base: &Base, shard: u16) -> Result<usize> {
    let file = base.read_file(&base.fan_out.path(Sharded::Users, shard))?;
    Ok(file.map_or(0, |file| lines::count(file.body())))
}

/// How many users there are: counted where shards are few, else from some of them.
fn about_how_many(base: &Base) -> Result<usize> {
    let shards = base.fan_out.shards();
    let counted = shards.min(COUNTED);
    let mut sum = 0;
    for part in 0..counted {
        sum += count(base, part * (shards / counted))?;
    }
    Ok(sum * usize::from(shards / counted))
}
