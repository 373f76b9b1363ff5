//! Shards: which lines of which shard change, and when there must be more of them.

use std::collections::BTreeSet;
use std::ops::Range;

use crate::parallel::prelude::*;
use serde_json::Value;

use crate::domain::ids::{Email, Login};
use crate::error::{Error, Kind, Result};

use super::pending_files::Shadows;
use super::staging::{Stage, Staged, StagedUser};
use crate::parallel::each_file;
use crate::store::format::block_yaml;
use crate::store::format::header::Sealed;
use crate::store::format::keyed_lines;
use crate::store::format::keyed_lines::bad_line;
use crate::store::format::keyed_lines::{Edit, Parts};
use crate::store::format::layout;
use crate::store::format::layout::{FanOut, Sharded};
use crate::store::format::user;
use crate::store::read::revision::{Base, StateFile};

/// A shard with more lines than this asks whether there should be more shards.
/// It is above [`AVERAGE`] by four standard deviations of what falls to a shard by chance.
const FULL: usize = 480;
/// The fan-out is the smallest at which there are at most so many users a file.
const AVERAGE: usize = 400;
/// How many shards are counted to know about how many users there are.
const COUNTED: u16 = 16;
/// How many staged users are one part at most.
const USERS: usize = 64 << 10;
/// Into how many parts many users go at least: more than most machines have processors.
const PARTS: usize = 16;
/// The tokens of most users are shorter (bytes).
const TOKENS: usize = 128;

/// Where in [`Part::tokens`] something lies.
type Token = Range<u32>;

/// One line to change, as it is staged.
enum Item<'a> {
    /// A new user by the line: nothing more of a million is looked at again.
    New(Token, &'a str),
    /// Any other user, with the place of the login.
    User(&'a StagedUser, Token),
    /// A key, and whose it is now.
    Key(Token, Option<Token>),
    Secret(&'a Login, Option<&'a str>),
}

/// Whose line an edit changes.
#[derive(Clone, Copy)]
enum Whose<'a> {
    /// That of a user who is new.
    New,
    /// That of a user.
    User(&'a StagedUser),
    /// No line of a user.
    Nobodys,
}

/// What becomes of some of the staged users: lines to change with the numbers of their
/// shards, sorted by those. A million keys are kept as one text for each part.
#[derive(Default)]
struct Part<'a> {
    items: Vec<(u16, Item<'a>)>,
    /// Where the items of each shard begin, where they are many: to search for that of four
    /// thousand shards takes longer.
    starts: Vec<u32>,
    tokens: String,
    /// The key that is added.
    key: String,
}

impl<'a> Part<'a> {
    /// Room for about what becomes of so many users.
    fn with_capacity(users: usize) -> Part<'a> {
        let (items, tokens) = (Vec::with_capacity(users), String::with_capacity(users * TOKENS));
        Part { items, tokens, ..Part::default() }
    }

    fn sorted(mut self) -> Part<'a> {
        self.items.sort_unstable_by_key(|(shard, _)| *shard);
        if self.items.len() >= crate::parallel::MANY {
            self.starts = starts(&self.items);
        }
        self.items.shrink_to_fit();
        self.tokens.shrink_to_fit();
        self
    }

    fn of_shard(&self, shard: u16) -> &[(u16, Item<'a>)] {
        let shard = usize::from(shard);
        &self.items[self.start(shard)..self.start(shard + 1)]
    }

    /// Where the items of this shard begin, or those of the next that has any.
    fn start(&self, shard: usize) -> usize {
        if self.starts.is_empty() {
            return self.items.partition_point(|(of, _)| usize::from(*of) < shard);
        }
        self.starts.get(shard).map_or(self.items.len(), |at| *at as usize)
    }

    /// The edit of one line, and whose it is.
    fn edit<'b>(&'b self, item: &'b Item<'a>) -> (Edit<'b>, Whose<'a>) {
        match item {
            Item::New(at, line) => {
                let value = Some((*line).into());
                (Edit { token: self.token(at).into(), value }, Whose::New)
            }
            Item::User(user, at) => {
                let value = user.change.after.as_deref().map(Into::into);
                (Edit { token: self.token(at).into(), value }, Whose::User(user))
            }
            Item::Key(at, login) => {
                let value = login.as_ref().map(|at| self.token(at).into());
                (Edit { token: self.token(at).into(), value }, Whose::Nobodys)
            }
            Item::Secret(login, line) => {
                let token = keyed_lines::token(login.as_str()).into();
                (Edit { token, value: line.map(Into::into) }, Whose::Nobodys)
            }
        }
    }

    fn token(&self, at: &Token) -> &str {
        &self.tokens[at.start as usize..at.end as usize]
    }

    fn push_token(&mut self, text: &str) -> Token {
        let start = self.tokens.len() as u32;
        keyed_lines::push_token(&mut self.tokens, text);
        start..self.tokens.len() as u32
    }

    fn push_user(&mut self, user: &'a StagedUser, fan_out: FanOut) {
        let login = user.login.as_str();
        let at = self.push_token(login);
        let item = match (&user.change.before, user.change.after.as_deref()) {
            (None, Some(line)) => Item::New(at, line),
            _ => Item::User(user, at),
        };
        self.items.push((fan_out.shard(login), item));
    }

    /// The lines of the index that a user gets or loses.
    fn push_keys(&mut self, user: &'a StagedUser, fan_out: FanOut) -> Result<()> {
        let StagedUser { login, change, .. } = user;
        let new = change.after.as_deref().filter(|_| change.before.is_none());
        if let Some((id, email)) = new.and_then(user::id_and_email) {
            let owner = Some(self.push_token(login.as_str()));
            if let Some(email) = email {
                self.push_key(&["mail:", &Email::lowered(email)], fan_out, owner.clone());
            }
            self.push_key(&["id:", id], fan_out, owner);
            return Ok(());
        }
        let (was, is) = user.keys()?;
        for key in was.iter().filter(|key| !is.contains(key)) {
            self.push_key(&key.parts(), fan_out, None);
        }
        // A key that stays needs no look at its shard.
        for key in is.iter().filter(|key| !was.contains(key)) {
            let owner = self.push_token(login.as_str());
            self.push_key(&key.parts(), fan_out, Some(owner));
        }
        Ok(())
    }

    fn push_key(&mut self, key: &[&str; 2], fan_out: FanOut, owner: Option<Token>) {
        self.key.clear();
        key.iter().for_each(|part| self.key.push_str(part));
        let start = self.tokens.len() as u32;
        keyed_lines::push_token(&mut self.tokens, &self.key);
        let at = start..self.tokens.len() as u32;
        self.items.push((fan_out.shard(&self.key), Item::Key(at, owner)));
    }
}

/// Where the items of each shard begin, up to the last that has any.
fn starts(items: &[(u16, Item<'_>)]) -> Vec<u32> {
    let Some((last, _)) = items.last() else { return Vec::new() };
    let mut starts = vec![0_u32; usize::from(*last) + 2];
    for (shard, _) in items {
        starts[usize::from(*shard) + 1] += 1;
    }
    for shard in 1..starts.len() {
        starts[shard] += starts[shard - 1];
    }
    starts
}

/// Writes the shadows of all shards that change.
pub(crate) fn write(shadows: &Shadows<'_>, stage: &Stage) -> Result<()> {
    let old = shadows.base.fan_out;
    let new = fan_out(shadows.base, stage)?;
    if new != old || stage.key_check.is_some() {
        let mut state = StateFile { fan_out: new.digits(), ..shadows.base.state.clone() };
        state.key_check = stage.key_check.clone().or(state.key_check);
        let file = shadows.base.read_file(layout::STATE)?;
        shadows.body(layout::STATE, file.map(|file| file.hash), &block_yaml::write(&state))?;
    }
    for of in Sharded::ALL {
        let parts = parts(stage, of, new)?;
        if new == old {
            let shards = parts.iter().flat_map(|part| part.items.iter().map(|(shard, _)| *shard));
            let jobs: Vec<u16> = shards.collect::<BTreeSet<u16>>().into_iter().collect();
            let edit =
                |memory: &mut Vec<u8>, shard: &u16| edit_shard(shadows, of, *shard, &parts, memory);
            each_file(&jobs, edit)?;
        } else {
            let jobs: Vec<u16> = (0..old.shards()).collect();
            each_file(&jobs, |_, shard| split_shard(shadows, of, *shard, new, &parts))?;
        }
    }
    Ok(())
}

fn parts(stage: &Stage, of: Sharded, fan_out: FanOut) -> Result<Vec<Part<'_>>> {
    if of == Sharded::Secrets {
        let secret = |(login, line)| {
            let (login, line): (&Login, &Option<String>) = (login, line);
            (fan_out.shard(login.as_str()), Item::Secret(login, line.as_deref()))
        };
        let items = stage.secrets.iter().map(secret).collect();
        return Ok(vec![Part { items, ..Part::default() }.sorted()]);
    }
    let part = |users| of_users(users, of, fan_out);
    if stage.users.len() < crate::parallel::MANY {
        stage.users.chunks(USERS).map(part).collect()
    } else {
        stage.users.par_chunks(USERS.min(stage.users.len().div_ceil(PARTS))).map(part).collect()
    }
}

/// What becomes of the lines or of the keys of users.
fn of_users(users: &[StagedUser], of: Sharded, fan_out: FanOut) -> Result<Part<'_>> {
    let mut part = Part::with_capacity(users.len());
    for user in users {
        match of {
            Sharded::Index => part.push_keys(user, fan_out)?,
            _ => part.push_user(user, fan_out),
        }
    }
    Ok(part.sorted())
}

/// The edits of one shard in the order of their tokens, each token once, and the users
/// whose lines they are.
fn edits<'a>(parts: &'a [Part<'_>], shard: u16) -> Result<(Vec<Edit<'a>>, Vec<Whose<'a>>)> {
    let of_part =
        |part: &'a Part<'_>| part.of_shard(shard).iter().map(move |(_, item)| part.edit(item));
    let mut edits: Vec<(Edit<'a>, Whose<'a>)> = parts.iter().flat_map(of_part).collect();
    let goes = |edit: &Edit<'_>| edit.value.is_none();
    edits.sort_unstable_by(|(a, _), (b, _)| a.token.cmp(&b.token).then(goes(a).cmp(&goes(b))));
    // What one user loses, another may have got: of keys, never of the lines of users.
    let twice = |two: &&[(Edit<'_>, Whose<'_>)]| {
        two[0].0.token == two[1].0.token
            && (!goes(&two[1].0) || !matches!(two[1].1, Whose::Nobodys))
    };
    if let Some(two) = edits.windows(2).find(twice) {
        let message = format!("{} is staged twice", two[0].0.token);
        return Err(Error::new(Kind::Bug, "bug", message));
    }
    edits.dedup_by(|(a, _), (b, _)| a.token == b.token);
    Ok(edits.into_iter().unzip())
}

/// One shard, its lines replaced in the text.
fn edit_shard(
    shadows: &Shadows<'_>,
    of: Sharded,
    shard: u16,
    parts: &[Part<'_>],
    memory: &mut Vec<u8>,
) -> Result<()> {
    let path = shadows.base.fan_out.path(of, shard);
    shadows.base.with_file(&path, memory, |file| {
        let mut memory = String::new();
        let body = edited(&mut memory, &path, file.map_or("", Sealed::body), shard, parts)?;
        shadows.lines(&path, file.map(|file| file.hash), &body)
    })
}

/// The lines of a shard after what is staged; `memory` may be made use of.
fn edited<'a>(
    memory: &'a mut String,
    path: &str,
    body: &'a str,
    shard: u16,
    parts: &[Part<'_>],
) -> Result<Parts<'a>> {
    let (edits, whose) = edits(parts, shard)?;
    let places = keyed_lines::places(body, &edits).map_err(|bad| bad_line(path, bad))?;
    for ((whose, place), edit) in whose.into_iter().zip(&places).zip(&edits) {
        let live = keyed_lines::value_at(body, place.clone()).map_err(|bad| bad_line(path, bad))?;
        match whose {
            Whose::New if live.is_some() => return Err(stale(path, edit.token.trim_matches('"'))),
            Whose::User(user) => check_before(path, live, user)?,
            Whose::New | Whose::Nobodys => {}
        }
    }
    Ok(keyed_lines::replaced(memory, body, &edits, &places))
}

/// One shard of the old fan-out, spread over those of the new one.
fn split_shard(
    shadows: &Shadows<'_>,
    of: Sharded,
    shard: u16,
    new: FanOut,
    parts: &[Part<'_>],
) -> Result<()> {
    let old = shadows.base.fan_out;
    let path = old.path(of, shard);
    let range = old.split(shard, new);
    let mut bodies = vec![String::new(); range.len()];
    let file = shadows.base.read_file(&path)?;
    for line in keyed_lines::raw(file.as_ref().map_or("", |file| file.body())) {
        let (token, value) = keyed_lines::take_apart(line).map_err(|bad| bad_line(&path, bad))?;
        let key: String = crate::store::format::keyed_lines::parse_line(&path, token, token)?;
        let place = usize::from(new.shard(&key)).checked_sub(usize::from(range.start));
        let body = place.and_then(|place| bodies.get_mut(place)).ok_or_else(|| {
            Error::damaged(&path, format!("{path}: {key} does not belong into this shard"))
        })?;
        keyed_lines::push(body, token, value);
    }
    let numbered: Vec<(u16, String)> = range.zip(bodies).collect();
    each_file(&numbered, |memory, (number, body)| {
        let path = new.path(of, *number);
        memory.clear();
        let mut text = String::from_utf8(std::mem::take(memory)).unwrap_or_default();
        let body = edited(&mut text, &path, body, *number, parts)?;
        shadows.lines(&path, None, &body)?;
        *memory = text.into_bytes();
        Ok(())
    })?;
    shadows.remove(&path, file.map(|file| file.hash));
    Ok(())
}

/// Whether a user is still what the change began from: whoever staged something stale
/// would undo what others did.
fn check_before(path: &str, live: Option<&str>, user: &StagedUser) -> Result<()> {
    let StagedUser { login, change, .. } = user;
    if live == change.before.as_deref() || same_value(live, change)? {
        return Ok(());
    }
    Err(stale(path, login.as_str()))
}

fn stale(path: &str, login: &str) -> Error {
    let message = format!("what was changed for {login} is not what is in {path}");
    Error::new(Kind::Bug, "bug", message).about(login)
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
    Ok(file.map_or(0, |file| keyed_lines::count(file.body())))
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

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_lines_of_a_shard_are_found_among_few_and_among_many() {
        let login = Login::parse("alice").unwrap();
        for count in [0, 1, 7, crate::parallel::MANY, 3_000] {
            // Shards with none, with one and with many, the last ones with none.
            let shards = (0..count).map(|n| if n % 3 == 0 { 7 } else { n as u16 % 1_000 });
            let items = shards.clone().map(|shard| (shard, Item::Secret(&login, None))).collect();
            let part = Part { items, ..Part::default() }.sorted();
            for shard in 0..4_096 {
                let found = part.of_shard(shard);
                assert!(found.iter().all(|(of, _)| *of == shard));
                assert_eq!(found.len(), shards.clone().filter(|of| *of == shard).count());
            }
        }
    }
}
