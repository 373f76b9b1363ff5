//! All users of one revision. Their shards are opened at once, so that the lock
//! can go before the first is read.

use std::collections::{BTreeMap, HashMap};
use std::iter::Flatten;
use std::ops::ControlFlow;
use std::sync::Arc;

use serde_json::Value;

use crate::domain::ids::{Login, OrgId};
use crate::domain::model::User;
use crate::error::Result;

use super::past::{Overlay, PastKind};
use super::revision::from_value;
use super::revision::{Base, Opened};
use crate::parallel;
use crate::store::disk::Held;
use crate::store::format::keyed_lines::{bad_line, parse_line};
use crate::store::format::layout::Sharded;
use crate::store::format::log_line::FileChange;
use crate::store::format::{json, keyed_lines};

/// How many shards are read at once where users are drawn: work for every processor,
/// and a few thousand users in memory.
const AT_ONCE: usize = 16;

type Filter = dyn Fn(&str) -> bool + Send + Sync;

/// All users of one revision; it outlives the lock.
pub struct Scan {
    base: Arc<Base>,
    shards: Vec<Shard>,
    overlay: Arc<Overlay>,
    filter: Option<Box<Filter>>,
    /// Where not all shards may be open at once, each is opened when its turn comes.
    lazily: Option<Lazily>,
}

struct Lazily {
    /// Then the lock is held on.
    held: Option<Arc<dyn Held>>,
    /// Or the end of the log is compared by whoever peeks.
    peeking: bool,
}

struct Shard {
    number: u16,
    opened: Option<Opened>,
    /// Users that changed since the revision asked for, and lie or lay here.
    touched: Vec<String>,
}

impl Scan {
    /// Opens the shards; the caller checks afterwards that the revision is still the last.
    /// `held` is the lock of the state, if the caller holds it.
    pub(crate) fn open(
        base: &Arc<Base>,
        overlay: &Arc<Overlay>,
        held: Option<&Arc<dyn Held>>,
        peeking: bool,
    ) -> Result<Scan> {
        let count = base.fan_out.shards();
        let at_once = base.disk.allow_open_files(usize::from(count));
        let mut touched: BTreeMap<u16, Vec<String>> = BTreeMap::new();
        for login in overlay.touched(PastKind::User) {
            touched.entry(base.fan_out.shard(login)).or_default().push(login.to_owned());
        }
        let mut changes: HashMap<String, FileChange> =
            base.last_changes()?.into_iter().map(|change| (change.path.clone(), change)).collect();
        let mut shards = Vec::with_capacity(usize::from(count));
        for number in 0..count {
            let path = base.fan_out.path(Sharded::Users, number);
            let opened = match at_once {
                true => base.open_after(&path, changes.remove(&path))?,
                false => None,
            };
            let touched = touched.remove(&number).unwrap_or_default();
            shards.push(Shard { number, opened, touched });
        }
        let lazily = (!at_once).then(|| Lazily { held: held.cloned(), peeking });
        let (base, overlay) = (Arc::clone(base), Arc::clone(overlay));
        Ok(Scan { base, shards, overlay, filter: None, lazily })
    }

    /// Looks only at users whose line in the shard (`"alice": {…}`) passes `filter`.
    #[must_use]
    pub fn only_lines(mut self, filter: impl Fn(&str) -> bool + Send + Sync + 'static) -> Scan {
        self.filter = Some(Box::new(filter));
        self
    }

    /// Looks only at users in whose line this org's name stands: its members, and a few others.
    #[must_use]
    pub fn only_members_of(self, org: &OrgId) -> Scan {
        let name = keyed_lines::token(org.as_str());
        self.only_lines(move |line| line.contains(&name))
    }

    /// Every user, in the order of the files, one shard in memory at a time.
    ///
    /// # Errors
    /// Damaged (7), system (8), and what `each` says.
    pub fn for_each(
        &self,
        mut each: impl FnMut(&Login, &User) -> Result<ControlFlow<()>>,
    ) -> Result<()> {
        for shard in &self.shards {
            if self.read(shard, &mut |login, user| each(&login, &user))?.is_break() {
                break;
            }
        }
        Ok(())
    }

    /// What `each` makes of every user, in the order of the files, drawn one after
    /// the other: a few shards at once, on all processors. What cannot be read ends it.
    pub fn flat_map<I: IntoIterator<Item: Send>>(
        self,
        each: impl Fn(Login, User) -> I + Send + Sync,
    ) -> impl Iterator<Item = Result<I::Item>> {
        Drawn { scan: self, each, next: 0, made: Vec::new().into_iter().flatten() }
    }

    /// Folds all users on all processors: each part from `init` by `fold`, the parts by `merge`.
    ///
    /// # Errors
    /// Damaged (7), system (8), and what `fold` says.
    pub fn fold<A: Send>(
        &self,
        init: impl Fn() -> A + Send + Sync,
        fold: impl Fn(&mut A, &Login, &User) -> Result<()> + Send + Sync,
        merge: impl Fn(A, A) -> A + Send + Sync,
    ) -> Result<A> {
        let fold = |sum: &mut A, number: usize| {
            let each =
                &mut |login, user| fold(sum, &login, &user).map(|()| ControlFlow::Continue(()));
            self.read(&self.shards[number], each).map(drop)
        };
        parallel::fold(self.shards.len(), init, fold, merge)
    }

    fn read(
        &self,
        shard: &Shard,
        each: &mut dyn FnMut(Login, User) -> Result<ControlFlow<()>>,
    ) -> Result<ControlFlow<()>> {
        let path = self.base.fan_out.path(Sharded::Users, shard.number);
        let late = match &self.lazily {
            Some(lazily) => self.open_late(lazily, &path)?,
            None => None,
        };
        let file = match shard.opened.as_ref().or(late.as_ref()) {
            Some(opened) => Some(self.base.read_opened(opened)?),
            None => None,
        };
        let body = file.as_ref().map_or("", |file| file.body());
        let past = self.past(&path, shard, body)?;
        let body = past.as_deref().unwrap_or(body);
        for line in keyed_lines::raw(body) {
            if self.filter.as_ref().is_some_and(|filter| !filter(line)) {
                continue;
            }
            let (token, value) =
                keyed_lines::take_apart(line).map_err(|bad| bad_line(&path, bad))?;
            let login: Login = parse_line(&path, token, token)?;
            let user = parse_line(&path, login.as_str(), value)?;
            if each(login, user)?.is_break() {
                return Ok(ControlFlow::Break(()));
            }
        }
        Ok(ControlFlow::Continue(()))
    }

    fn open_late(&self, lazily: &Lazily, path: &str) -> Result<Option<Opened>> {
        let opened = self.base.open(path)?;
        if lazily.held.is_some() || lazily.peeking || self.base.tail.is_current(&*self.base.disk)? {
            return Ok(opened);
        }
        Err(self.base.moved_on())
    }

    /// The shard as it was, where users in it changed since.
    fn past(&self, path: &str, shard: &Shard, body: &str) -> Result<Option<String>> {
        if shard.touched.is_empty() {
            return Ok(None);
        }
        let mut edits = Vec::new();
        for login in &shard.touched {
            let token = keyed_lines::token(login);
            let live = keyed_lines::find(body, &token).map_err(|bad| bad_line(path, bad))?;
            let live = live.map_or(Ok(Value::Null), |line| parse_line(path, login, line))?;
            let value = match self.overlay.apply(PastKind::User, login, live)? {
                Value::Null => None,
                // Through the type: the fields come in their order, as in the files.
                was => {
                    let user: User = from_value("audit", was)?;
                    Some(json::write(&user).into())
                }
            };
            edits.push(keyed_lines::Edit { token: token.into(), value });
        }
        edits.sort_by(|a, b| a.token.cmp(&b.token));
        keyed_lines::edit(body, &edits).map(Some).map_err(|bad| bad_line(path, bad))
    }
}

/// What a scan makes of users, drawn from it.
struct Drawn<I: IntoIterator, F> {
    scan: Scan,
    each: F,
    next: usize,
    made: Flatten<std::vec::IntoIter<Vec<I::Item>>>,
}

impl<I: IntoIterator<Item: Send>, F: Fn(Login, User) -> I + Send + Sync> Drawn<I, F> {
    /// Reads the next shards; whether there were any.
    fn fill(&mut self) -> Result<bool> {
        let left = &self.scan.shards[self.next..];
        let shards = &left[..left.len().min(AT_ONCE)];
        let of_shard = |number: usize| {
            let mut made = Vec::new();
            let _ = self.scan.read(&shards[number], &mut |login, user| {
                made.extend((self.each)(login, user));
                Ok(ControlFlow::Continue(()))
            })?;
            Ok(made)
        };
        let made: Vec<Vec<I::Item>> = parallel::map(shards.len(), of_shard)?;
        self.next += shards.len();
        let any = !shards.is_empty();
        self.made = made.into_iter().flatten();
        Ok(any)
    }
}

impl<I: IntoIterator<Item: Send>, F: Fn(Login, User) -> I + Send + Sync> Iterator for Drawn<I, F> {
    type Item = Result<I::Item>;

    fn next(&mut self) -> Option<Self::Item> {
        loop {
            if let Some(made) = self.made.next() {
                return Some(Ok(made));
            }
            match self.fill() {
                Ok(true) => {}
                Ok(false) => return None,
                Err(error) => {
                    self.next = self.scan.shards.len();
                    return Some(Err(error));
                }
            }
        }
    }
}
