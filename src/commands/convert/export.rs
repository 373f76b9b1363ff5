//! `convert export`: secrets of enrolments into a file of another tool.

use std::collections::BTreeSet;
use std::ops::ControlFlow;
use std::path::Path;

use super::{owner, strict, words};
use crate::cli::convert as cli;
use crate::commands::Answer;
use crate::commands::change::Stage;
use crate::commands::keyring;
use crate::commands::session::Session;
use crate::convert::{self, Exported, ForeignEnrolment, Format, ImportNote, Zone, users_oath};
use crate::domain::change::HandOver;
use crate::domain::ids::{Login, OrgId};
use crate::env::{Exchange, ExchangeOptions, local_time, of_local_time};
use crate::error::{Error, Kind, Result};
use crate::report::answers::convert::ConvertReport;
use crate::secret::label::{Account, Issuer};
use crate::secret::line::Owner;
use crate::signin::LocalFactor;

/// `convert export`.
pub(super) fn export(session: &Session<'_>, args: &cli::ExportFactorsArgs) -> Result<Answer> {
    if args.file == Path::new("-") {
        return Err(Error::usage("secrets are exported to a file only").about("-"));
    }
    // Before the state is opened: with the person's own rights.
    let options = options(session, args);
    let mut exchange = session.exchange(&args.file, options)?;
    // Room is taken before the lock: nobody waits for a disk elsewhere.
    let rehearsal = Stage::rehearse(session, &args.change)?;
    let room = Exporting::make(session, rehearsal, args, &exchange)?.exported.file.len();
    exchange.reserve(room)?;
    let stage = Stage::begin(session, &args.change)?;
    let Exporting { stage, left, orgs, enrolments, exported } =
        Exporting::make(session, stage, args, &exchange)?;
    let (now, zone) = (stage.now(), ZONE);
    // Recorded before a secret is in the file: none leaves without a trace.
    let committed = stage.commit("convert.export", None, orgs.into_iter().collect())?;
    let rev = committed.as_ref().map(|committed| committed.rev);
    exchange.write(&exported.file).map_err(|e| not_made(rev, e))?;
    let again = |there: Option<&[u8]>| {
        let made = convert::export(args.format, &enrolments, there, now, zone);
        made.map(|made| made.file).map_err(|problems| problems.of(&args.file))
    };
    exchange.finish(&args.file, again).map_err(|e| not_made(rev, e))?;
    let mut warnings = words(&exported.notes);
    warnings.extend(left);
    warnings.extend(committed.into_iter().flat_map(|committed| committed.warnings));
    let report = ConvertReport {
        rev,
        changed: true,
        action: "convert.export",
        format: args.format.as_str(),
        file: args.file.display().to_string(),
        enrolments: exported.written,
        unchanged: 0,
        left_out: exported.notes.iter().filter(|note| note.left_out).count(),
        accounts: Vec::new(),
        lists: false,
        warnings: warnings.clone(),
        dry_run: args.change.dry_run,
    };
    Ok(Answer::one(report).made(rev.is_some()).warn(warnings))
}

/// Clocks on the wall of this machine.
const ZONE: Zone = Zone { local: local_time, instant: of_local_time };

/// An export, but for its file.
struct Exporting<'s> {
    stage: Stage<'s>,
    /// Lines of people who are not enrolled here, which still let in.
    left: Vec<String>,
    orgs: BTreeSet<OrgId>,
    enrolments: Vec<ForeignEnrolment>,
    exported: Exported,
}

impl<'s> Exporting<'s> {
    fn make(
        session: &Session<'_>,
        mut stage: Stage<'s>,
        args: &cli::ExportFactorsArgs,
        exchange: &Exchange,
    ) -> Result<Exporting<'s>> {
        stage.permit_site()?;
        let existing = exchange.existing();
        let left = left_behind(&stage, args.format, existing)?;
        let (orgs, enrolments, nameless) =
            handed_over(session, &mut stage, args).map_err(|e| still_let_in(&stage, e, &left))?;
        let exported = convert::export(args.format, &enrolments, existing, stage.now(), ZONE);
        let mut exported = exported.map_err(|problems| problems.of(&args.file))?;
        exported.notes.extend(nameless);
        strict(args.strict, &exported.notes)?;
        Ok(Exporting { stage, left, orgs, enrolments, exported })
    }
}

/// Records whose secrets are handed over, and returns them: with the orgs concerned and the
/// notes on who has no name in the format.
fn handed_over(
    session: &Session<'_>,
    stage: &mut Stage<'_>,
    args: &cli::ExportFactorsArgs,
) -> Result<(BTreeSet<OrgId>, Vec<ForeignEnrolment>, Vec<ImportNote>)> {
    let logins = logins(stage, args)?;
    let mut orgs: BTreeSet<OrgId> = BTreeSet::new();
    for login in &logins {
        let change = HandOver { login: login.clone(), format: args.format.as_str() };
        orgs.extend(stage.make(&change)?.orgs);
    }
    if logins.is_empty() {
        return Err(Error::not_found("-", "nobody has a secret here that could be exported"));
    }
    let (enrolments, nameless) = enrolments(session, stage, &logins, args.format)?;
    Ok((orgs, enrolments, nameless))
}

/// An error with the lines that still let in, for those who may export: nothing that is
/// refused hides them.
fn still_let_in(stage: &Stage<'_>, e: Error, left: &[String]) -> Error {
    match stage.permit_site() {
        Ok(()) => left.iter().fold(e, |e, line| e.words(line)),
        Err(_) => e,
    }
}

/// The error of an export that is recorded, whose file has not got its name: something
/// was changed, which rules out 8.
fn not_made(rev: Option<u64>, e: Error) -> Error {
    let rev = rev.unwrap_or_default();
    if e.kind == Kind::Unknown {
        return Error { message: format!("revision {rev} is committed, but {}", e.message), ..e };
    }
    let message = format!("revision {rev} records an export that was not made: {}", e.message);
    Error { kind: Kind::Unknown, code: "outcome-unknown", message, ..e }
        .words("look whether the file is there, and export again where it is not")
}

fn options(session: &Session<'_>, args: &cli::ExportFactorsArgs) -> ExchangeOptions {
    ExchangeOptions {
        merges: args.format.merges(),
        lock: (args.format == Format::UsersOath).then_some(users_oath::LOCK),
        timeout: session.lock_timeout(),
        dry_run: args.change.dry_run,
    }
}

/// Those who are named, or everybody with a secret here.
fn logins(stage: &Stage<'_>, args: &cli::ExportFactorsArgs) -> Result<Vec<Login>> {
    if !args.users.is_empty() {
        let named: Result<BTreeSet<Login>> =
            args.users.iter().map(|user| stage.login(user)).collect();
        return Ok(named?.into_iter().collect());
    }
    let mut all = Vec::new();
    stage.view().each_secrets(|login, secrets| {
        if secrets.current.is_some() {
            all.push(login.clone());
        }
        Ok(ControlFlow::Continue(()))
    })?;
    all.sort();
    Ok(all)
}

/// The enrolments of `logins` as the format names them, and who has no such name.
fn enrolments(
    session: &Session<'_>,
    stage: &Stage<'_>,
    logins: &[Login],
    format: Format,
) -> Result<(Vec<ForeignEnrolment>, Vec<ImportNote>)> {
    let ring = keyring::read(session, stage.view())?;
    let issuer = session.sign_in().issuer.as_deref().unwrap_or("mfactl");
    let issuer = Issuer::parse(issuer).ok();
    let (mut enrolments, mut notes) = (Vec::with_capacity(logins.len()), Vec::new());
    for login in logins {
        let user = stage.user(login)?;
        let Some(sealed) = stage.secrets(login)?.current else { continue };
        let owner = Owner { store: stage.view().store_id(), user: &user.id };
        let totp = sealed.open(&ring, owner)?;
        let factor = LocalFactor::read(stage.view(), login, user)?;
        let last_step = factor.and_then(|factor| factor.last_step());
        // A user principal name has the form of an e-mail address.
        let name = match &user.email {
            Some(email) if format == Format::EntraCsv => email.as_str(),
            _ => login.as_str(),
        };
        if format == Format::EntraCsv && !name.contains('@') {
            notes.push(ImportNote::about(
                login,
                "there is no e-mail address: the login stands as upn",
            ));
        }
        let account = Account::parse(name).ok();
        let also = user.email.as_ref().and_then(|mail| Account::parse(mail.as_str()).ok());
        enrolments.push(ForeignEnrolment {
            issuer: issuer.clone(),
            account,
            totp,
            last_step,
            also,
        });
    }
    Ok((enrolments, notes))
}

/// Lines of users.oath that let in somebody who is not enrolled here (any more): a reset,
/// a rename or a removal takes nothing out of that file.
fn left_behind(stage: &Stage<'_>, format: Format, held: Option<&[u8]>) -> Result<Vec<String>> {
    let mut left = Vec::new();
    if format != Format::UsersOath {
        return Ok(left);
    }
    for (number, name) in users_oath::users(held.unwrap_or_default()) {
        let login = owner(stage.view(), name)?;
        let user = login.map(|login| stage.view().user(&login)).transpose()?;
        let why = match user.flatten() {
            None => "no such account is here",
            Some(user) if !user.active => "the account is not active here",
            Some(user) if !user.enrolment.has_secret() => "nothing is enrolled here",
            Some(_) => continue,
        };
        left.push(format!("line {number}: {name}: {why}, and the line still lets in"));
    }
    Ok(left)
}
