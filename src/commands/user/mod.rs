//! The verbs of `user`.

mod confirm;
mod enrol;
pub(super) mod import;
pub(super) mod membership;
mod read;

use super::Answer;
use super::bulk::{many, one, org_of, org_words};
use super::change::{Meant, Stage};
use super::session::Session;
use crate::cli::row::{NoRowOptions, RowMessage};
use crate::cli::user as cli;
use crate::domain::change::{
    AddUser, EditUser, Join, Leave, OptIn, OptOutMember, RemoveUser, RenameUser, Reset, SetActive,
    SetMfa, SetRole, SignInMethod, Unlock,
};
use crate::domain::ids::Provider;
use crate::domain::model::{SignIn, Switch};
use crate::error::{Error, Result};
use crate::signin::LocalFactor;
use crate::store::signin::SigninLine;
pub(super) use import::new_id;
pub(super) use read::dangling;

/// Runs one of them.
pub(super) fn run(session: &Session<'_>, verb: cli::UserCommand) -> Result<Answer> {
    match verb {
        cli::UserCommand::Add(args) => add(session, &args),
        cli::UserCommand::Edit(args) => edit(session, &args),
        cli::UserCommand::Rename(args) => rename(session, &args),
        cli::UserCommand::Remove(args) => remove(session, &args),
        cli::UserCommand::Activate(args) => set_active(session, &args, true),
        cli::UserCommand::Deactivate(args) => set_active(session, &args, false),
        cli::UserCommand::Import(args) => import::import(session, &args),
        cli::UserCommand::Show(args) => read::show(session, &args),
        cli::UserCommand::List(args) => read::list(session, &args),
        cli::UserCommand::Export(args) => read::export(session, &args),
        cli::UserCommand::Find(args) => read::find(session, &args),
        cli::UserCommand::SetMfa(args) => set_mfa(session, &args),
        cli::UserCommand::OptOut(args) => opt_out(session, &args),
        cli::UserCommand::OptIn(args) => opt_in(session, &args),
        cli::UserCommand::Join(args) => join(session, &args),
        cli::UserCommand::Leave(args) => leave(session, &args),
        cli::UserCommand::Role(args) => role(session, &args),
        cli::UserCommand::Membership(args) => membership::membership(session, &args),
        cli::UserCommand::Reset(args) => reset(session, &args),
        cli::UserCommand::Unlock(args) => unlock(session, &args),
        cli::UserCommand::Enrol(args) => enrol::enrol(session, &args),
        cli::UserCommand::Confirm(args) => confirm::confirm(session, &args),
        cli::UserCommand::Codes(args) => confirm::codes(session, &args),
    }
}

/// How an account signs in, from the two options.
fn method(sign_in: SignIn, provider: Option<&Provider>) -> Result<SignInMethod> {
    match (sign_in, provider) {
        (SignIn::Password, None) => Ok(SignInMethod::Password),
        (SignIn::Sso, Some(provider)) => Ok(SignInMethod::Sso(provider.clone())),
        (SignIn::Password, Some(_)) => {
            Err(Error::usage("--provider goes with --sign-in sso").about("--provider"))
        }
        (SignIn::Sso, None) => {
            Err(Error::usage("--sign-in sso needs --provider").about("--provider"))
        }
    }
}

fn add(session: &Session<'_>, args: &cli::AddUserArgs) -> Result<Answer> {
    let sign_in = method(args.sign_in, args.provider.as_ref())?;
    let mut orgs = std::collections::BTreeMap::new();
    for place in &args.orgs {
        if orgs.insert(place.org.clone(), place.role).is_some() {
            return Err(Error::usage(format!("the org {} is named twice", place.org)));
        }
    }
    one(session, &args.change, |_| {
        Ok(Box::new(AddUser {
            login: args.login.clone(),
            id: args.id.clone().map_or_else(|| new_id(session), Ok)?,
            name: args.name.clone(),
            email: args.email.clone(),
            sign_in,
            mfa: args.mfa.unwrap_or(Switch::Off),
            orgs,
            active: true,
            enrolled: None,
        }))
    })
}

fn edit(session: &Session<'_>, args: &cli::EditUserArgs) -> Result<Answer> {
    let sign_in = match (args.sign_in, &args.provider) {
        (Some(sign_in), provider) => Some(method(sign_in, provider.as_ref())?),
        (None, Some(provider)) => Some(SignInMethod::Sso(provider.clone())),
        (None, None) => None,
    };
    one(session, &args.change, |stage| {
        Ok(Box::new(EditUser {
            login: stage.login(&args.user)?,
            name: args.name.clone(),
            email: args.email.clone(),
            sign_in,
        }))
    })
}

fn rename(session: &Session<'_>, args: &cli::RenameUserArgs) -> Result<Answer> {
    one(session, &args.change, |stage| {
        Ok(Box::new(RenameUser { from: stage.login(&args.user)?, to: args.new_login.clone() }))
    })
}

fn remove(session: &Session<'_>, args: &cli::OneUserArgs) -> Result<Answer> {
    if args.change.dry_run {
        return one(session, &args.change, |stage| {
            Ok(Box::new(RemoveUser { login: stage.login(&args.user)? }))
        });
    }
    let meant = rehearse_removal(session, args)?;
    session.confirm(&format!("remove {}?", meant.login))?;
    one(session, &args.change, |stage| {
        Ok(Box::new(RemoveUser { login: stage.still(&args.user, Some(&meant))? }))
    })
}

/// Whether a removal would be refused, and of which account it is. Nobody is held up while a
/// person is asked.
fn rehearse_removal(session: &Session<'_>, args: &cli::OneUserArgs) -> Result<Meant> {
    let mut stage = Stage::rehearse(session, &args.change)?;
    let login = stage.login(&args.user)?;
    stage.make(&RemoveUser { login: login.clone() })?;
    stage.account(login)
}

fn set_active(session: &Session<'_>, args: &cli::ManyUsersArgs, active: bool) -> Result<Answer> {
    let verb = match active {
        true => ("user.activate", "activate"),
        false => ("user.deactivate", "deactivate"),
    };
    many(session, &args.many, &args.change, verb, &NoRowOptions {}, |login, _, _| {
        Ok(Box::new(SetActive { login, active }))
    })
}

fn set_mfa(session: &Session<'_>, args: &cli::SetMfaArgs) -> Result<Answer> {
    let verb = format!("switch MFA {} for", args.switch.as_str());
    many(
        session,
        &args.many,
        &args.change,
        ("user.set-mfa", &verb),
        &args.asked,
        |login, asked, _| {
            let requested_by = asked.requested_by.clone();
            Ok(Box::new(SetMfa { login, mfa: args.switch, requested_by }))
        },
    )
}

fn opt_out(session: &Session<'_>, args: &cli::OptOutArgs) -> Result<Answer> {
    let verb = format!("opt out of MFA in {}", org_words(&args.terms.org));
    let why = RowMessage { message: args.change.message.clone() };
    let base = cli::OptOutRowArgs { terms: args.terms.clone(), why };
    many(session, &args.many, &args.change, ("user.opt-out", &verb), &base, |login, row, stage| {
        let until = row.terms.until.map(|until| until.resolve(stage.now()));
        let (org, message) = (org_of(&row.terms.org)?, row.why.message.clone());
        Ok(Box::new(OptOutMember { login, org, until, message, replace: args.replace }))
    })
}

fn opt_in(session: &Session<'_>, args: &cli::OptInArgs) -> Result<Answer> {
    let verb = format!("end the opt-out in {} of", org_words(&args.place.org));
    many(
        session,
        &args.many,
        &args.change,
        ("user.opt-in", &verb),
        &args.place,
        |login, place, _| Ok(Box::new(OptIn { login, org: org_of(&place.org)? })),
    )
}

fn join(session: &Session<'_>, args: &cli::JoinOrgArgs) -> Result<Answer> {
    let verb = format!("add to {}", org_words(&args.place.org));
    many(session, &args.many, &args.change, ("user.join", &verb), &args.place, |login, place, _| {
        let role = place.role.unwrap_or_default();
        Ok(Box::new(Join { login, org: org_of(&place.org)?, role }))
    })
}

fn leave(session: &Session<'_>, args: &cli::LeaveOrgArgs) -> Result<Answer> {
    let verb = format!("take out of {}", org_words(&args.place.org));
    many(
        session,
        &args.many,
        &args.change,
        ("user.leave", &verb),
        &args.place,
        |login, place, _| Ok(Box::new(Leave { login, org: org_of(&place.org)? })),
    )
}

fn role(session: &Session<'_>, args: &cli::SetRoleArgs) -> Result<Answer> {
    one(session, &args.change, |stage| {
        let login = stage.login(&args.user)?;
        Ok(Box::new(SetRole { login, org: args.org.clone(), role: args.role }))
    })
}

fn reset(session: &Session<'_>, args: &cli::ManyUsersArgs) -> Result<Answer> {
    let (many_users, change) = (&args.many, &args.change);
    many(session, many_users, change, ("user.reset", "reset"), &NoRowOptions {}, |login, _, _| {
        Ok(Box::new(Reset { login }))
    })
}

fn unlock(session: &Session<'_>, args: &cli::OneUserArgs) -> Result<Answer> {
    let mut ahead = None;
    let answer = one(session, &args.change, |stage| {
        let login = stage.login(&args.user)?;
        let view = stage.view();
        let factor = match view.user(&login)? {
            Some(user) => LocalFactor::read(view, &login, &user)?,
            None => None,
        };
        ahead = factor.as_ref().and_then(|factor| factor.brought_back(session.clock()));
        let failed = factor.is_some_and(|factor| factor.has_failures());
        Ok(Box::new(Unlock { login, failures: failed || ahead.is_some() }))
    })?;
    bring_back(session, answer, ahead.as_slice())
}

/// Brings back to now what lines of sign-ins say of the future, once a change is recorded
/// that says so.
pub(super) fn bring_back(
    session: &Session<'_>,
    answer: Answer,
    lines: &[SigninLine],
) -> Result<Answer> {
    if !answer.is_committed() || lines.is_empty() {
        return Ok(answer);
    }
    let failed = session.store()?.put_signin_lines(lines).err();
    Ok(answer.warn_too(failed.map(|e| {
        format!(
            "codes used while the clock was ahead do not count again yet, run this once more: {e}"
        )
    })))
}
