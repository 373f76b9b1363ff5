//! `state check`: whether every file is in its form, and whether files that say
//! the same thing twice agree. `state info`: sizes and counts.

use std::collections::{BTreeMap, BTreeSet, HashMap};

use crate::domain::due;
use crate::domain::due::{DueEntry, DueKey};
use crate::domain::ids::{Login, OrgId};
use crate::domain::model::User;
use crate::domain::scope::Key;
use crate::domain::time::Time;
use crate::error::{Kind, Result};

use crate::store::View;
use crate::store::format::keyed_lines;
use crate::store::format::layout;
use crate::store::format::layout::Sharded;
use crate::store::read::calendar;
use crate::store::read::calendar::Amiss;

mod secrets;
mod shards;

/// Something wrong with a file.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub struct StateProblem {
    /// The file, relative to the state directory.
    pub path: String,
    /// What is wrong.
    pub what: String,
}

/// Sizes and counts.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Info {
    /// The format of the files.
    pub format: u32,
    /// The id of this state.
    pub store_id: String,
    /// When it was founded.
    pub created: Time,
    /// The revision.
    pub rev: u64,
    /// Users.
    pub users: u64,
    /// Orgs.
    pub orgs: u64,
    /// Shards of users: 1, 16, 256 or 4096.
    pub shards: u32,
    /// Bytes of all state files, the log not counted.
    pub bytes: u64,
    /// Segments of the log.
    pub segments: u32,
    /// Bytes of the log with its files of details.
    pub log_bytes: u64,
}

/// Everything that is wrong with the content of the state, at `now`; `bad` are files that are
/// not what the chain says.
pub(crate) fn check(view: &View, now: Time, bad: &BTreeSet<&str>) -> Result<Vec<StateProblem>> {
    let mut problems = StateProblems::default();
    let orgs = problems.of("orgs", view.orgs())?.map(|orgs| orgs.into_keys().collect());
    let mut users = shards::users(view, orgs.as_ref(), &mut problems)?;
    let fan_out = view.base.fan_out;
    let shards = (0..fan_out.shards())
        .filter(|number| bad.contains(fan_out.path(Sharded::Users, *number).as_str()));
    users.unread.extend(shards);
    shards::index(view, &users, &mut problems)?;
    secrets::secrets(view, &users, &mut problems)?;
    due_pages(view, &users, now, &mut problems)?;
    policies(view, &mut problems)?;
    if let Some(operators) = problems.of(layout::OPERATORS, view.operators())? {
        for (name, operator) in operators.operators {
            let Some(person) = operator.person else { continue };
            let known = users.keys.contains_key(&Key::Id(person.clone()).to_string());
            if !known && users.unread.is_empty() {
                problems.add(layout::OPERATORS, format!("{name}: there is no user {person}"));
            }
        }
    }
    problems.0.sort();
    Ok(problems.0)
}

/// What was found so far.
#[derive(Default)]
struct StateProblems(Vec<StateProblem>);

impl StateProblems {
    fn add(&mut self, path: &str, what: impl Into<String>) {
        self.0.push(StateProblem { path: path.to_owned(), what: what.into() });
    }

    /// What could be read; damage is noted, other errors end the check.
    fn of<T>(&mut self, path: &str, read: Result<T>) -> Result<Option<T>> {
        match read {
            Ok(read) => Ok(Some(read)),
            Err(e) if e.kind == Kind::Damaged => {
                self.add(e.subject.as_deref().unwrap_or(path), e.message);
                Ok(None)
            }
            Err(e) => Err(e),
        }
    }
}

/// What all users say, to be compared with the rest.
#[derive(Default)]
struct Users {
    /// Who is found under which key.
    keys: HashMap<String, Login>,
    /// What ends.
    ends: BTreeMap<DueKey, DueEntry>,
    /// Of whom something is kept sealed.
    factors: BTreeMap<Login, secrets::AccountSecrets>,
    /// Shards of which not every user could be read: that somebody in them is not known says
    /// nothing about the files that name them.
    unread: BTreeSet<u16>,
}

impl Users {
    /// Whether all of the users could be read among whom this one would be.
    fn knows(&self, view: &View, login: &Login) -> bool {
        !self.unread.contains(&view.base.fan_out.shard(login.as_str()))
    }

    fn add(&mut self, login: &Login, user: &User, problems: &mut Vec<String>) {
        for key in Key::of(user) {
            if let Some(other) = self.keys.insert(key.to_string(), login.clone()) {
                problems.push(format!("{login} and {other} both have {key}"));
            }
        }
        self.ends.extend(due::entries(login, user));
        self.factors
            .extend(secrets::AccountSecrets::of(user).map(|factor| (login.clone(), factor)));
    }

    fn merge(&mut self, other: Users, problems: &mut Vec<String>) {
        for (key, login) in other.keys {
            if let Some(twin) = self.keys.get(&key) {
                problems.push(format!("{login} and {twin} both have {key}"));
            }
            self.keys.insert(key, login);
        }
        self.ends.extend(other.ends);
        self.factors.extend(other.factors);
        self.unread.extend(other.unread);
    }
}

/// Whether the calendar and the users agree.
fn due_pages(view: &View, users: &Users, now: Time, problems: &mut StateProblems) -> Result<()> {
    let (mut found, mut unread) = (BTreeMap::new(), BTreeSet::new());
    for name in view.base.names("due")? {
        let path = layout::join("due", &name);
        let Some(page) = layout::due_page(&name) else {
            problems.add(&path, "is no page of the calendar");
            continue;
        };
        let Some(entries) = problems.of(&path, view.due(page))? else {
            unread.insert(page.to_owned());
            continue;
        };
        let key = |entry| DueKey { page: page.to_owned(), entry };
        found.extend(entries.into_iter().map(|(entry, due)| (key(entry), due)));
    }
    for (key, amiss) in calendar::amiss(&found, &users.ends, now) {
        let what = match amiss {
            // That the page itself is damaged was said already.
            Amiss::Missing if unread.contains(&key.page) => continue,
            Amiss::Missing => format!("{} is missing", key.entry),
            Amiss::Unknown if found.get(&key).is_some_and(|due| !users.knows(view, &due.login)) => {
                continue;
            }
            Amiss::Unknown => format!("{}: no user has this", key.entry),
            Amiss::Differs => format!("{}: differs from the user", key.entry),
        };
        problems.add(&layout::due(&key.page).unwrap_or_default(), what);
    }
    Ok(())
}

/// Whether what policies own is in its form.
fn policies(view: &View, problems: &mut StateProblems) -> Result<()> {
    for name in view.base.names(layout::POLICIES)? {
        let path = layout::join(layout::POLICIES, &name);
        match layout::parse_policy(&name) {
            None => problems.add(&path, "is no file of a policy"),
            Some(policy) => drop(problems.of(&path, view.owned(&policy))?),
        }
    }
    Ok(())
}

/// Sizes and counts of a view.
pub(crate) fn info(view: &View) -> Result<Info> {
    let base = &view.base;
    let size =
        |path: &str| -> Result<u64> { base.disk.open(path)?.map_or(Ok(0), |source| source.size()) };
    let (mut bytes, mut log_bytes) = (size(layout::STATE)? + size(layout::OPERATORS)?, 0);
    for dir in layout::DIRS {
        // Of what changes at sign-ins the shards count, not their locks and the log.
        let counts =
            |name: &&String| !name.starts_with('.') && (dir != "signin" || name.ends_with(".yaml"));
        for name in base.disk.list(dir)?.iter().filter(counts) {
            let sum = if dir == "audit" { &mut log_bytes } else { &mut bytes };
            *sum += size(&layout::join(dir, name))?;
        }
    }
    let mut users = 0;
    for shard in 0..base.fan_out.shards() {
        let file = view.file(&base.fan_out.path(Sharded::Users, shard))?;
        users += file.map_or(0, |file| keyed_lines::count(file.body())) as u64;
    }
    Ok(Info {
        format: base.state.format,
        store_id: base.state.store.clone(),
        created: base.state.created,
        rev: view.rev(),
        users,
        orgs: base.names("orgs")?.len() as u64,
        shards: u32::from(base.fan_out.shards()),
        bytes,
        segments: base.tail.last_segment,
        log_bytes,
    })
}

/// Every user of the orgs that are there, and no other.
fn unknown_orgs<'a>(
    user: &'a User,
    orgs: Option<&'a BTreeSet<OrgId>>,
) -> impl Iterator<Item = &'a OrgId> {
    let known = move |org: &&OrgId| orgs.is_some_and(|orgs| !orgs.contains(*org));
    user.memberships.keys().filter(known)
}
