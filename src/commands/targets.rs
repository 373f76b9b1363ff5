//! Which users a bulk verb acts on: named, from a file, or by what is true of them.

use std::collections::HashSet;

use crate::cli::Many;
use crate::cli::row::RowOptions;
use crate::cli::value::Where;
use crate::domain::ids::UserRef;
use crate::domain::model::User;
use crate::domain::rights::Actor;
use crate::error::Result;
use crate::signals::may_stop;
use crate::store::View;

use super::change::Meant;
use super::session::{LARGEST_TEXT, Session};
use super::sheet::{self, ListRow};

/// A bulk change of more users than this asks first.
const ASK_ABOVE: usize = 20;

/// A user that a bulk verb acts on.
#[derive(Debug, Clone)]
pub(super) struct Target<T> {
    /// Who; more than one where a row names the user in more than one column, which must
    /// then all mean the same account.
    pub(super) users: Vec<UserRef>,
    /// The account itself where the state was asked for it, not the command line or a file.
    pub(super) meant: Option<Meant>,
    /// The line of the file that says so, where one does.
    pub(super) line: Option<u64>,
    /// What that line says more, to tell whether two lines say the same.
    pub(super) cells: Vec<String>,
    /// The options of the verb, for this user.
    pub(super) options: T,
}

/// The users that a bulk verb acts on, in the order named, with the options of each.
///
/// # Errors
/// A file that cannot be read or is malformed (2), what reading the state says.
pub(super) fn targets<T: RowOptions>(
    session: &Session<'_>,
    many: &Many,
    verb: &str,
    dry: bool,
    base: &T,
) -> Result<Vec<Target<T>>> {
    let one = |user, meant| {
        let options = base.clone();
        Target { users: vec![user], meant, line: None, cells: vec![], options }
    };
    let named: Vec<Target<T>> = match (&many.options.from_file, &many.options.filter) {
        (Some(path), _) => {
            let text = may_stop(|| session.read_text(path, LARGEST_TEXT))?;
            let file = path.display().to_string();
            let rows = sheet::read_list(&text, &file, &many.options.sheet, base)?;
            let of = |row: ListRow<T>| Target {
                users: row.users,
                meant: None,
                line: Some(row.line),
                cells: row.cells,
                options: row.options,
            };
            rows.into_iter().map(of).collect()
        }
        (None, Some(filter)) => {
            let chosen = chosen(session, filter)?.into_iter();
            chosen
                .map(|account| one(UserRef::Login(account.login.clone()), Some(account)))
                .collect()
        }
        (None, None) => many.users.iter().cloned().map(|user| one(user, None)).collect(),
    };
    let mut seen = HashSet::new();
    let once: Vec<Target<T>> = named
        .into_iter()
        .filter(|target| seen.insert((names(&target.users), target.cells.clone())))
        .collect();
    if once.len() > ASK_ABOVE && !dry {
        session.confirm(&format!("{verb} {} users?", once.len()))?;
    }
    Ok(once)
}

fn names(users: &[UserRef]) -> Vec<String> {
    users.iter().map(UserRef::to_string).collect()
}

/// Whether all conditions hold.
pub(super) fn holds(filter: &Where, user: &User) -> bool {
    let Where { org, mfa, enrolment, sign_in, active } = filter;
    org.as_ref().is_none_or(|org| user.memberships.contains_key(org))
        && mfa.is_none_or(|mfa| user.mfa == mfa)
        && enrolment.is_none_or(|status| user.enrolment.status() == status)
        && sign_in.is_none_or(|sign_in| user.sign_in == sign_in)
        && active.is_none_or(|active| user.active == active)
}

fn chosen(session: &Session<'_>, filter: &Where) -> Result<Vec<Meant>> {
    let store = session.store()?;
    let mut view = store.view()?;
    let (actor, _) = session.actor(&view.operators()?)?;
    let mut chosen = matching(session, &mut view, filter, &actor)?;
    chosen.sort_by(|a, b| a.login.cmp(&b.login));
    Ok(chosen)
}

fn matching(
    session: &Session<'_>,
    view: &mut View,
    filter: &Where,
    actor: &Actor,
) -> Result<Vec<Meant>> {
    if let Some(org) = &filter.org {
        super::sight::seen_org(view, actor, org)?;
    }
    let progress = session.reading();
    let scan = view.scan()?;
    view.release();
    let found = scan.flat_map(|login, user| {
        progress.one();
        // Who is a member of an org out of sight is not told.
        let sees_org = filter.org.as_ref().is_none_or(|org| actor.sees_org(org));
        (actor.sees(&user) && sees_org && holds(filter, &user))
            .then_some(Meant { login, id: user.id })
    });
    found.collect()
}
