//! `init`: a new state, with who makes it as its first operator.

use super::Answer;
use super::keyring;
use super::session::{Founds, Session};
use crate::cli::ChangeArgs;
use crate::cli::top_level::InitArgs;
use crate::domain::change::refuse_reserved;
use crate::domain::ids::{OperatorName, OsUser};
use crate::domain::model::{Operator, OperatorRole, Operators};
use crate::error::{Error, Kind, Result};
use crate::report::answers::founded::FoundedReport;
use crate::store::{DraftState, Founding, Meta};

/// `init`.
pub(super) fn init(session: &Session<'_>, args: &InitArgs) -> Result<Answer> {
    let vacant = session.vacant(Founds::Alone)?;
    refuse_a_second(session)?;
    let founding = founding(session, args.operator.as_ref(), &args.change)?;
    let (name, _) =
        founding.operators.operators.first_key_value().expect("a state is founded by somebody");
    let dir = session.dir().display().to_string();
    let name = name.to_string();
    let key = keyring::first(session)?;
    let warnings: Vec<String> = key.warning(session).into_iter().collect();
    let founding = Founding { key: Some(key.ring.clone()), ..founding };
    // What is to be refused is, before the key has a file.
    let draft = DraftState::new(vacant, &session.options()?, &founding)?;
    if !args.change.dry_run {
        key.write(session)?;
        draft.publish().map_err(|e| key.waits(session, e))?;
    }
    let rev = (!args.change.dry_run).then_some(1);
    let report =
        FoundedReport { warnings: warnings.clone(), ..FoundedReport::new(&dir, &name, rev) };
    Ok(Answer::one(report).made(rev.is_some()).warn(warnings))
}

/// Somebody who says nothing means the state of the machine, and not a second one of their
/// own that nobody asks at sign-in.
fn refuse_a_second(session: &Session<'_>) -> Result<()> {
    let Some((place, owner)) = session.env().state_of_the_machine() else { return Ok(()) };
    let (own, place) = (session.dir().display(), place.display());
    let message = format!("the state of this machine is in {place} and belongs to {owner}");
    Err(Error::new(Kind::Refused, "exists", message)
        .about(place)
        .words(format!("for one of your own, name it: mfactl --state {own} init")))
}

/// Whether no state is where the session looks for one.
pub(super) fn missing(session: &Session<'_>) -> Result<bool> {
    match session.store() {
        Ok(_) => Ok(false),
        Err(error) if error.code == "no-state" => Ok(true),
        Err(error) => Err(error),
    }
}

/// Makes a state that nobody sees yet, lets `fill` work on it, and brings it to its
/// place if that went well: a new state is there filled, or not at all.
pub(super) fn filled(
    session: &Session<'_>,
    change: &ChangeArgs,
    fill: impl FnOnce(&Session<'_>) -> Result<Answer>,
) -> Result<Answer> {
    let vacant = session.vacant(Founds::AsPartOfAnother)?;
    let key = keyring::first(session)?;
    let founding = Founding { key: Some(key.ring.clone()), ..founding(session, None, change)? };
    let draft = DraftState::new(vacant, &session.options()?, &founding)?;
    let answer = fill(&session.on_draft(&draft))?.warn_too(key.warning(session));
    if !change.dry_run {
        key.write(session)?;
        draft.publish().map_err(|e| key.waits(session, e))?;
    }
    Ok(answer)
}

/// What a new state begins with: the OS user as its first site-admin.
pub(super) fn founding(
    session: &Session<'_>,
    name: Option<&OperatorName>,
    change: &ChangeArgs,
) -> Result<Founding> {
    let identity = session.env().identity();
    let os_user = OsUser::parse(identity.os_user()?).map_err(|e| Error::usage(e.to_string()))?;
    let name = match name {
        Some(name) => name.clone(),
        // `uid:54321`, where the system knows no name, makes the operator uid-54321.
        None => OperatorName::parse(&os_user.as_str().to_ascii_lowercase().replace(':', "-"))
            .map_err(|e| {
                Error::new(Kind::Usage, "usage", e.to_string())
                    .words("name the operator with --operator NAME")
            })?,
    };
    let operator = Operator {
        os_users: [os_user].into(),
        roles: [OperatorRole::SiteAdmin].into(),
        person: None,
        service: false,
    };
    refuse_reserved(&name, &operator)
        .map_err(|e| Error::from(e).words("name the operator with --operator NAME"))?;
    let author = session.author(name.as_str())?;
    Ok(Founding {
        operators: Operators { operators: [(name, operator)].into() },
        meta: Meta {
            author,
            action: "init".to_owned(),
            subject: None,
            message: change.message.clone(),
            ticket: change.ticket.clone(),
            at: session.clock(),
            orgs: Vec::new(),
        },
        key: None,
    })
}
