//! Values from the state for the completions of shells, as far as the operator may see them.
//! No lock is taken, nothing is printed on errors, and the search stops after a few hundred
//! values or a fraction of a second.

use std::cell::RefCell;
use std::collections::BTreeMap;
use std::ops::ControlFlow;
use std::time::{Duration, Instant};

use crate::cli::Global;
use crate::cli::complete::{Completes, Live};
use crate::domain::due::DueWhat;
use crate::domain::ids::{ExceptionId, Login, OrgId};
use crate::domain::model::{Exception, Org, User};
use crate::domain::reasons;
use crate::domain::rights::Actor;
use crate::domain::time::{Span, Time};
use crate::env::{Env, Hardened};
use crate::error::Result;
use crate::store::View;
use crate::ui::Ui;

use super::session::{Session, typed};

/// The most values: more than anybody reads.
const MOST: usize = 300;
/// How long to search users: their files are not sorted by login.
const PATIENCE: Duration = Duration::from_millis(300);

/// Values by their help, sorted.
type Values = BTreeMap<String, String>;

/// The values that begin with the typed text; none on any error.
pub fn complete(process: Hardened, live: &Live, global: &Global) -> Vec<(String, String)> {
    if matches!(live.kind, Completes::File | Completes::Dir) {
        return Vec::new();
    }
    let values = looked_up(process, live, global).unwrap_or_default();
    let matching = values.into_iter().filter(|(value, _)| value.starts_with(&live.typed));
    let whole = matching.map(|(value, help)| (format!("{}{value}", live.before), help));
    whole.take(MOST).collect()
}

fn looked_up(process: Hardened, live: &Live, global: &Global) -> Result<Values> {
    let env = Env::enter(process, &typed(global, false))?;
    let ui = RefCell::new(Ui::new(true, false, false));
    let global = Global { lock_timeout: Span::seconds(0), ..global.clone() };
    let session = Session::new(&env, &ui, &global);
    session.store()?.peek(|view| {
        let (actor, _) = session.actor(&view.operators()?)?;
        let now = session.clock().max(view.head().at);
        values(live, view, &actor, now)
    })
}

fn values(live: &Live, view: &View, actor: &Actor, now: Time) -> Result<Values> {
    match live.kind {
        Completes::User => users(&live.typed, view, actor),
        Completes::Exception => exceptions(&live.typed, view, actor, now),
        Completes::Operator => operators(view, actor),
        Completes::Org => orgs(view, actor, |id, org| vec![(id.to_string(), name(org))]),
        Completes::OrgRole => org_roles(&live.typed, view, actor),
        Completes::OperatorRole => operator_roles(view, actor),
        Completes::Service => orgs(view, actor, |id, org| {
            org.services.iter().map(|service| (service.to_string(), id.to_string())).collect()
        }),
        Completes::Reason => all_reasons(view, actor),
        Completes::File | Completes::Dir => Ok(Values::new()),
    }
}

fn name(org: &Org) -> String {
    org.name.as_ref().map(ToString::to_string).unwrap_or_default()
}

/// What `of` makes of the orgs in sight.
fn orgs(
    view: &View,
    actor: &Actor,
    of: impl Fn(&OrgId, &Org) -> Vec<(String, String)>,
) -> Result<Values> {
    let orgs = view.orgs()?;
    Ok(orgs.iter().filter(|(id, _)| actor.sees_org(id)).flat_map(|(id, org)| of(id, org)).collect())
}

/// First the org alone, then its roles.
fn org_roles(typed: &str, view: &View, actor: &Actor) -> Result<Values> {
    orgs(view, actor, |id, org| match typed.split_once(':') {
        None => vec![(id.to_string(), name(org))],
        Some(_) => {
            ["member", "helpdesk", "admin"].map(|role| (format!("{id}:{role}"), name(org))).into()
        }
    })
}

fn operator_roles(view: &View, actor: &Actor) -> Result<Values> {
    let mut roles = orgs(view, actor, |id, org| {
        ["admin", "helpdesk"].map(|role| (format!("{role}:{id}"), name(org))).into()
    })?;
    roles.insert("site-admin".to_owned(), "everything, everywhere".to_owned());
    roles.insert("auditor".to_owned(), "reads everything".to_owned());
    Ok(roles)
}

fn operators(view: &View, actor: &Actor) -> Result<Values> {
    let all = view.operators()?.operators.into_iter();
    let own = actor.name();
    let seen = all.filter(|(name, _)| actor.reads_everything() || name.as_str() == own);
    Ok(seen
        .map(|(name, operator)| {
            let roles: Vec<String> = operator.roles.iter().map(ToString::to_string).collect();
            (name.to_string(), roles.join(", "))
        })
        .collect())
}

fn all_reasons(view: &View, actor: &Actor) -> Result<Values> {
    let mut codes = orgs(view, actor, |id, org| {
        let added = org.exceptions.added_reasons.iter();
        added
            .map(|(code, reason)| (code.to_string(), format!("{}, {id}", reason.kind.as_str())))
            .collect()
    })?;
    codes.extend(reasons::BUILT_IN.iter().map(|(code, reason, words)| {
        ((*code).to_owned(), format!("{}: {words}", reason.kind.as_str()))
    }));
    Ok(codes)
}

/// Users in sight whose login (or id, or address) begins so.
fn users(typed: &str, view: &View, actor: &Actor) -> Result<Values> {
    let lowered = typed.to_ascii_lowercase();
    // A login begins its line; an id and an address are further in.
    let begins = match typed.split_once(':') {
        None => format!("\"{lowered}"),
        Some((_, value)) => value.to_owned(),
    };
    let by_login = !typed.contains(':');
    let begun = Instant::now();
    let scan = view.scan()?.only_lines(move |line| {
        let fits = if by_login { line.starts_with(&begins) } else { line.contains(&begins) };
        // One more user, so that the loop below gets to check the clock.
        fits || begun.elapsed() > PATIENCE
    });
    let mut found = Values::new();
    scan.for_each(|login, user| {
        if actor.sees(user)
            && let Some(value) = spelled(typed, login, user)
        {
            let name = user.name.as_ref().map(ToString::to_string).unwrap_or_default();
            found.insert(value, name);
        }
        let enough = found.len() >= MOST || begun.elapsed() > PATIENCE;
        Ok(if enough { ControlFlow::Break(()) } else { ControlFlow::Continue(()) })
    })?;
    Ok(found)
}

/// The user as the typed word begins to name it, if it does.
fn spelled(typed: &str, login: &Login, user: &User) -> Option<String> {
    let value = match typed.split_once(':') {
        None => login.to_string(),
        Some(("id", _)) => format!("id:{}", user.id),
        Some(("mail", _)) => format!("mail:{}", user.email.as_ref()?),
        Some(_) => return None,
    };
    value.starts_with(typed).then_some(value)
}

/// Exceptions in sight: those in the calendar of ends, and where the user is
/// typed already, all of that user's.
fn exceptions(typed: &str, view: &View, actor: &Actor, now: Time) -> Result<Values> {
    let mut found = Values::new();
    let mut add = |login: &Login, number: u32, exception: &Exception| {
        if exception.orgs.iter().any(|org| actor.sees_org(org)) {
            let id = ExceptionId { login: login.clone(), number };
            let status = exception.status(now).as_str();
            found.insert(id.to_string(), format!("{status}, {}", exception.reason));
        }
    };
    if let Some(login) = typed.split_once('#').and_then(|(login, _)| login.parse::<Login>().ok()) {
        if let Some(user) = view.user(&login)?.filter(|user| actor.sees(user)) {
            user.exceptions.iter().for_each(|(number, exception)| add(&login, *number, exception));
        }
        return Ok(found);
    }
    let mut left = MOST;
    for page in view.due_pages()? {
        for entry in view.due(&page)?.into_values() {
            if let DueWhat::Exception { number, exception } = &entry.what
                && actor.sees_members_of(&entry.member_of)
                && entry.login.as_str().starts_with(typed)
                && left > 0
            {
                left -= 1;
                add(&entry.login, *number, exception);
            }
        }
    }
    Ok(found)
}
