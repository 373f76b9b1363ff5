//! The same without a process: what a program pays that has the library in it, or a
//! connection to the database. For reference.

use std::path::Path;

use mfactl::domain::change::{Change, Context, SetMfa, apply};
use mfactl::domain::decision::{Question, decide};
use mfactl::domain::ids::{Login, OrgId};
use mfactl::domain::model::Switch;
use mfactl::domain::rights::Actor;
use mfactl::domain::scope::Scope;
use mfactl::store::Store;

use super::change::revisions;
use super::expire::{meta, options};
use super::grant::now;
use super::{Case, Data, Place};
use crate::Result;
use crate::row::{Row, Side, Words};

/// One decision by a library call.
pub fn decision(_: &Place, data: &Data) -> Row {
    let (mut turn, cases, state) = (0, data.cases("switch"), data.state.clone());
    let mut opened = None;
    let decide = move || {
        let case = &cases[turn % cases.len()];
        turn += 1;
        decided(store(&mut opened, &state)?, case)
    };
    Row::new("One decision by a library call", Some(data.users))
        .side(Side::inside("mfactl, state and log looked at anew", decide))
        .side(Side::server("SQLite, a connection of Python's sqlite3", python(data, "lookup")))
        .because("flat, as the process is")
}

/// One durable change by a library call.
pub fn change(place: &Place, data: &Data) -> Row {
    let (mut turn, cases, state) = (0, data.cases("switch"), data.state.clone());
    let mut opened = None;
    let switched = move || {
        let case = &cases[turn % cases.len()];
        let switch = if (turn / cases.len()).is_multiple_of(2) { Switch::Off } else { Switch::On };
        turn += 1;
        changed(store(&mut opened, &state)?, case, switch)
    };
    let back = super::change::back_on(place, data);
    Row::new("One durable change by a library call", Some(data.users))
        .side(Side::inside("mfactl", switched).counted(revisions(place, data)).after(back))
        .side(Side::server("SQLite, a connection of Python's sqlite3", python(data, "change")))
        .because("flat, as the process is")
}

fn python(data: &Data, what: &str) -> Words {
    let script = concat!(env!("CARGO_MANIFEST_DIR"), "/benches/library.py");
    let mut words: Words = vec!["python3".into(), script.into()];
    words.extend([
        data.database.as_os_str().to_owned(),
        data.dir.join("cases").into(),
        what.into(),
    ]);
    words
}

/// The store, opened when it is first needed.
fn store<'a>(opened: &'a mut Option<Store>, state: &Path) -> Result<&'a Store> {
    match opened {
        Some(store) => Ok(store),
        None => Ok(opened.insert(Store::open(state, options())?)),
    }
}

fn decided(store: &Store, case: &Case) -> Result<()> {
    let (login, id) = (Login::parse(&case.login)?, OrgId::parse(&case.org)?);
    let found = store.peek(|view| Ok((view.user(&login)?, view.org(&id)?)))?;
    let (Some(user), Some(org)) = found else { return Err("no such user or org".into()) };
    let question = Question { user: &user, org_id: &id, org: &org, service: None, at: now() };
    std::hint::black_box(decide(&question));
    Ok(())
}

fn changed(store: &Store, case: &Case, mfa: Switch) -> Result<()> {
    let change = SetMfa { login: Login::parse(&case.login)?, mfa, requested_by: None };
    let mut begun = store.begin()?;
    let mut scope = Scope::default();
    begun.load(&change.needs(), &mut scope)?;
    let at = now().max(begun.view().head().at);
    let context = Context { actor: Actor::Root, now: at, clock: now(), message: None };
    let outcome = apply(&change, &mut scope, &context).map_err(mfactl::error::Error::from)?;
    begun.stage(Some(&outcome.subject), &outcome.objects)?;
    begun.commit(meta(outcome.action, at))?;
    Ok(())
}
