//! `convert import` and `convert export`: enrolments from other tools and to them.

use std::collections::BTreeSet;
use std::ops::ControlFlow;
use std::path::Path;

use super::Answer;
use super::change::{Stage, login};
use super::ring;
use super::session::Session;
use super::user::factor::{Factor, current};
use crate::cli::convert as cli;
use crate::convert::{self, Enrolment, Format, Note, users_oath};
use crate::domain::change::{HandOver, TakeOver};
use crate::domain::ids::{Email, Login, OrgId, UserRef};
use crate::domain::scope::{Key, Needs};
use crate::env::{Exchange, ExchangeOptions};
use crate::error::{Error, Kind, Result};
use crate::report::convert::ConvertReport;
use crate::secret::attempts::SigninState;
use crate::secret::label::{Account, Issuer};
use crate::secret::line::{Owner, SealedTotp, UserSecrets};
use crate::secret::ring::KeyRing;
use crate::store::Store;

/// No file of another tool is longer (bytes).
const LONGEST: u64 = 256 << 20;

/// Runs one of them.
pub(super) fn run(session: &Session<'_>, verb: cli::Convert) -> Result<Answer> {
    match verb {
        cli::Convert::Import(args) => import(session, &args),
        cli::Convert::Export(args) => export(session, &args),
    }
}

fn strict(strict: bool, notes: &[Note]) -> Result<()> {
    if !strict || notes.is_empty() {
        return Ok(());
    }
    let lines: Vec<String> = notes.iter().map(Note::to_string).collect();
    Err(Error::usage(lines.join("\n")).words("without --strict the rest is carried over"))
}

fn words(notes: &[Note]) -> Vec<String> {
    notes.iter().map(Note::to_string).collect()
}

fn import(session: &Session<'_>, args: &cli::ImportFactors) -> Result<Answer> {
    let bytes = zeroize::Zeroizing::new(session.env().read_named(&args.file, LONGEST)?);
    let imported = convert::import(args.format, &bytes, session.clock())?;
    strict(args.strict, &imported.notes)?;
    if args.user.is_some() && imported.enrolments.len() != 1 {
        let message =
            format!("--user needs a file with one enrolment, not {}", imported.enrolments.len());
        return Err(Error::usage(message).about("--user"));
    }
    let mut stage = Stage::begin(session, &args.change)?;
    let ring = ring::read(session, stage.view())?;
    let store = session.store()?;
    let (mut problems, mut lines) = (Vec::new(), Vec::new());
    let mut orgs: BTreeSet<OrgId> = BTreeSet::new();
    let (mut taken, mut unchanged) = (0, 0);
    for (line, enrolment) in &imported.enrolments {
        let one = One { session, store: &store, ring: &ring, enrolment };
        match one.take_over(&mut stage, args.user.as_ref()) {
            Ok(Taken::New(new, of)) => {
                taken += 1;
                orgs.extend(of);
                lines.push(*new);
            }
            Ok(Taken::Same(same)) => {
                unchanged += 1;
                lines.push(*same);
            }
            Err(e) if matches!(e.kind, Kind::Refused | Kind::NotFound | Kind::NotPermitted) => {
                problems.push((*line, e));
            }
            Err(e) => return Err(e),
        }
    }
    refuse(problems, &args.file)?;
    if !args.change.dry_run {
        // Before the commit: an enrolment in use must have its line.
        for line in &lines {
            line.put(&store)?;
        }
    }
    let committed = stage.commit("convert.import", None, orgs.into_iter().collect())?;
    let rev = committed.as_ref().map(|committed| committed.rev);
    let mut warnings = words(&imported.notes);
    warnings.extend(committed.into_iter().flat_map(|committed| committed.warnings));
    let report = ConvertReport {
        rev,
        changed: taken > 0,
        action: "convert.import",
        format: args.format.as_str(),
        file: args.file.display().to_string(),
        enrolments: taken,
        unchanged,
        warnings: warnings.clone(),
        dry_run: args.change.dry_run,
    };
    Ok(Answer::one(report).made(rev.is_some()).warn(warnings))
}

/// All problems with their lines; the first decides the exit code.
fn refuse(problems: Vec<(usize, Error)>, file: &Path) -> Result<()> {
    let file = file.display();
    let lines: Vec<String> =
        problems.iter().map(|(line, e)| format!("{file}, line {line}: {e}")).collect();
    let Some((_, first)) = problems.into_iter().next() else { return Ok(()) };
    Err(Error { message: lines.join("\n"), ..first }.words("nothing was imported"))
}

/// What became of one enrolment.
enum Taken {
    New(Box<Line>, Vec<OrgId>),
    Same(Box<Line>),
}

/// A sign-in line to be written before the commit.
struct Line {
    user: crate::domain::ids::UserId,
    state: SigninState,
}

impl Line {
    /// Writes it; a step that was used since stays used.
    fn put(&self, store: &Store) -> Result<()> {
        let shard = store.signin_shard(&self.user)?;
        let mut state = self.state.clone();
        if let Some(there) = shard.get(&state.enrolment)? {
            let last_step = there.last_step.max(state.last_step);
            state = SigninState { last_step, ..there };
        }
        shard.put(&state)
    }
}

/// One enrolment of the file.
struct One<'a> {
    session: &'a Session<'a>,
    store: &'a Store,
    ring: &'a KeyRing,
    enrolment: &'a Enrolment,
}

impl One<'_> {
    fn take_over(&self, stage: &mut Stage<'_>, named: Option<&UserRef>) -> Result<Taken> {
        let login = self.login(stage, named)?;
        let secrets = stage.secrets(&login)?;
        let needs = Needs { users: [login.clone()].into(), ..Needs::default() };
        let user = stage.known(&needs, &login)?;
        let store = stage.view().store_id().to_owned();
        let used = self.enrolment.used_up_to(stage.now());
        if let (Some(user), Some(sealed)) = (&user, &secrets.current) {
            let owner = Owner { store: &store, user: &user.id };
            if sealed.open(self.ring, owner)? == self.enrolment.totp {
                stage.make(&TakeOver { login, same: true })?;
                let there = self.store.signin_state(&user.id, &sealed.id)?;
                let then = current(user.unlocks, &secrets);
                let mut state =
                    there.unwrap_or_else(|| SigninState::restored(sealed.id.clone(), used, then));
                state.last_step = state.last_step.max(self.enrolment.last_step);
                return Ok(Taken::Same(Box::new(Line { user: user.id.clone(), state })));
            }
        }
        let outcome = stage.make(&TakeOver { login: login.clone(), same: false })?;
        let user = stage.user(&login)?;
        let owner = Owner { store: &store, user: &user.id };
        let sealed =
            SealedTotp::seal(self.ring, owner, &self.enrolment.totp, &mut self.session.random());
        let new = UserSecrets { current: Some(sealed.clone()), ..UserSecrets::default() };
        let state = SigninState::restored(sealed.id, used, current(user.unlocks, &new));
        let line = Line { user: user.id.clone(), state };
        stage.keep_secrets(&login, &new);
        Ok(Taken::New(Box::new(line), outcome.orgs))
    }

    /// Whose it is: by `--user`, or the account as a login or an e-mail address.
    fn login(&self, stage: &Stage<'_>, named: Option<&UserRef>) -> Result<Login> {
        if let Some(named) = named {
            return stage.login(named);
        }
        let Some(account) = &self.enrolment.account else {
            return Err(Error::usage(
                "the file does not say whose it is: name the user with --user",
            ));
        };
        let text = account.as_str();
        if let Ok(login) = Login::parse(text)
            && stage.view().user(&login)?.is_some()
        {
            return Ok(login);
        }
        let owner = match Email::parse(text) {
            Ok(mail) => stage.view().owner(&Key::mail(&mail))?,
            Err(_) => None,
        };
        owner.ok_or_else(|| Error::not_found(text, format!("no user {text}")))
    }
}

fn export(session: &Session<'_>, args: &cli::ExportFactors) -> Result<Answer> {
    if args.file == Path::new("-") {
        return Err(Error::usage("secrets are exported to a file only").about("-"));
    }
    // Before the state is opened: with the person's own rights.
    let mut exchange = match args.change.dry_run {
        true => None,
        false => Some(session.env().exchange(&args.file, &options(session, args.format))?),
    };
    let existing = match &exchange {
        None if args.format.merges() => session.env().read_existing(&args.file)?,
        _ => None,
    };
    let mut stage = Stage::begin(session, &args.change)?;
    if args.users.is_empty() {
        // Before anybody is named.
        stage.permit_site()?;
    }
    let logins = logins(&stage, args)?;
    let mut orgs: BTreeSet<OrgId> = BTreeSet::new();
    for login in &logins {
        orgs.extend(stage.make(&HandOver { login: login.clone() })?.orgs);
    }
    if logins.is_empty() {
        return Err(Error::not_found("-", "nobody has a secret here that could be exported"));
    }
    let enrolments = enrolments(session, &stage, &logins)?;
    let held =
        exchange.as_ref().and_then(Exchange::existing).or(existing.as_ref().map(|b| b.as_slice()));
    let exported = convert::export(args.format, &enrolments, held, stage.now())?;
    strict(args.strict, &exported.notes)?;
    if let Some(exchange) = &mut exchange {
        exchange.write(&exported.file)?;
    }
    // Recorded before the file has it: no secret leaves without a trace.
    let committed = stage.commit("convert.export", None, orgs.into_iter().collect())?;
    let rev = committed.as_ref().map(|committed| committed.rev);
    if let Some(exchange) = exchange {
        exchange.finish().map_err(|mut e| {
            let rev = rev.unwrap_or_default();
            e.message =
                format!("revision {rev} records an export that was not made: {}", e.message);
            e
        })?;
    }
    let mut warnings = words(&exported.notes);
    warnings.extend(committed.into_iter().flat_map(|committed| committed.warnings));
    let report = ConvertReport {
        rev,
        changed: true,
        action: "convert.export",
        format: args.format.as_str(),
        file: args.file.display().to_string(),
        enrolments: exported.written,
        unchanged: 0,
        warnings: warnings.clone(),
        dry_run: args.change.dry_run,
    };
    Ok(Answer::one(report).made(rev.is_some()).warn(warnings))
}

fn options<'a>(session: &Session<'_>, format: Format) -> ExchangeOptions<'a> {
    let lock = (format == Format::UsersOath).then_some(users_oath::LOCK);
    ExchangeOptions { merges: format.merges(), lock, timeout: session.lock_timeout() }
}

/// Those who are named, or everybody with a secret here.
fn logins(stage: &Stage<'_>, args: &cli::ExportFactors) -> Result<Vec<Login>> {
    if !args.users.is_empty() {
        let named: Result<BTreeSet<Login>> =
            args.users.iter().map(|user| login(stage.view(), user)).collect();
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

fn enrolments(
    session: &Session<'_>,
    stage: &Stage<'_>,
    logins: &[Login],
) -> Result<Vec<Enrolment>> {
    let ring = ring::read(session, stage.view())?;
    let store = session.store()?;
    let issuer = session.sign_in().issuer.as_deref().unwrap_or("mfactl");
    let issuer = Issuer::parse(issuer).ok();
    let mut enrolments = Vec::with_capacity(logins.len());
    for login in logins {
        let user = stage.user(login)?;
        let secrets = stage.secrets(login)?;
        let Some(sealed) = secrets.current.clone() else { continue };
        let owner = Owner { store: stage.view().store_id(), user: &user.id };
        let totp = sealed.open(&ring, owner)?;
        let last_step = Factor::read(&store, user, secrets)?
            .and_then(|factor| factor.state)
            .and_then(|state| state.last_step);
        let account = Account::parse(login.as_str()).ok();
        enrolments.push(Enrolment { issuer: issuer.clone(), account, totp, last_step });
    }
    Ok(enrolments)
}
