//! The sign-in lines of enrolments that come back from a backup.

use std::ops::ControlFlow;

use crate::domain::ids::{Login, UserId};
use crate::domain::model::User;
use crate::domain::time::Time;
use crate::error::Result;
use crate::secret::attempts::{Current, SigninState};
use crate::secret::line::UserSecrets;
use crate::secret::recovery::UsedPlaces;
use crate::store::read::view::View;
use crate::store::signin::SigninLine;
use crate::store::write::transaction::Transaction;

/// The lines to be put before the commit: where an enrolment has none, all codes up to `now`
/// count as used and the recovery codes are void. A line that is newer stays, but recovery
/// codes that were replaced since are void, since it is no longer known which of them were
/// used. The line of an enrolment in use does not change ([`complete`] comes after the commit).
///
/// # Errors
/// Damaged (7), system (8).
pub(crate) fn ready(transaction: &Transaction, now: Time) -> Result<Vec<SigninLine>> {
    let mut wanted = Vec::new();
    for login in transaction.stage.secrets.keys() {
        let Some(secrets) = transaction.secrets(login)? else { continue };
        let in_use = transaction.view.secrets(login)?.and_then(|live| live.current);
        if in_use.map(|totp| totp.id) == secrets.current.as_ref().map(|totp| totp.id.clone()) {
            continue;
        }
        let user: Option<User> = match transaction.stage.user(login) {
            Some(staged) => staged.after()?,
            None => transaction.view.user(login)?,
        };
        let Some((user, state)) = user.and_then(|user| restored(user, &secrets, now)) else {
            continue;
        };
        let newest = state.clone();
        let merge = move |there: &SigninState| {
            let set = newest.set.as_ref();
            let current = Current { unlock: newest.unlock, set };
            let void = || SigninState { used: UsedPlaces::all(), ..there.seen_from(current) };
            (there.set.as_ref() != set).then(void)
        };
        wanted.push(SigninLine { user, state, merge: Box::new(merge) });
    }
    Ok(wanted)
}

/// A line for every enrolment in use that has none: all codes up to `now` count as used and the
/// recovery codes are void.
///
/// # Errors
/// Damaged (7), system (8).
pub(crate) fn complete(view: &View, now: Time) -> Result<Vec<SigninLine>> {
    let mut in_use: Vec<(Login, UserSecrets)> = Vec::new();
    view.each_secrets(|login, secrets| {
        if secrets.current.is_some() {
            in_use.push((login.clone(), secrets));
        }
        Ok(ControlFlow::Continue(()))
    })?;
    let mut wanted = Vec::new();
    for (login, secrets) in in_use {
        let line = view.user(&login)?.and_then(|user| restored(user, &secrets, now));
        wanted.extend(line.map(|(user, state)| SigninLine {
            user,
            state,
            merge: Box::new(|_| None),
        }));
    }
    Ok(wanted)
}

/// The line of an enrolment that came from a backup, and whose it is.
fn restored(user: User, secrets: &UserSecrets, now: Time) -> Option<(UserId, SigninState)> {
    let totp = secrets.current.as_ref()?;
    let seconds = u64::try_from(now.unix()).unwrap_or(0);
    let step = seconds / totp.parameters.period.seconds();
    let state = SigninState::restored(totp.id.clone(), step, Current::of(&user, secrets));
    Some((user.id, state))
}
