//! `convert import`: enrolments that other tools kept, all in one revision.

use std::collections::{BTreeMap, BTreeSet};
use std::path::Path;

use super::{owner, strict, words};
use crate::cli::convert as cli;
use crate::commands::Answer;
use crate::commands::change::Stage;
use crate::commands::keyring;
use crate::commands::session::Session;
use crate::convert::value::shown;
use crate::convert::{self, ForeignEnrolment, Format, Imported, LoginMap};
use crate::domain::change::{Here, TakeOver};
use crate::domain::ids::{Login, OrgId, UserRef};
use crate::domain::model::User;
use crate::domain::scope::Needs;
use crate::error::{Error, Kind, Result};
use crate::report::answers::convert::{ConvertReport, ConvertRow};
use crate::secret::attempts::{Current, SigninState};
use crate::secret::ids::EnrolmentId;
use crate::secret::label::Account;
use crate::secret::line::{Owner, SealedTotp, UserSecrets};
use crate::secret::ring::KeyRing;
use crate::signals::may_stop;
use crate::store::signin::SigninLine;

/// No file of another tool is longer (bytes).
const LONGEST: u64 = 256 << 20;

/// `convert import`.
pub(super) fn import(session: &Session<'_>, args: &cli::ImportFactorsArgs) -> Result<Answer> {
    let bytes = may_stop(|| session.env().read_secret(&args.file, LONGEST))?;
    let names = args.map.as_deref().map(|path| names(session, path)).transpose()?;
    let imported = read(session, args, &bytes)?;
    let mut left_out = imported.left_out();
    let mut warnings = words(&imported.notes);
    // Of these there are none without --keep-going.
    let wrong = imported.problems.list.iter().map(|note| format!("not taken over: {note}"));
    warnings.extend(wrong);
    left_out += imported.problems.count;
    let mut failed = imported.problems.count > 0;

    let mut stage = Stage::begin(session, &args.change)?;
    // Before whose enrolments they are is looked up: only a site-admin goes on.
    stage.permit_site()?;
    let ring = keyring::read(session, stage.view())?;
    let (mut problems, mut lines, mut accounts) = (Vec::new(), Vec::new(), Vec::new());
    let mut orgs: BTreeSet<OrgId> = BTreeSet::new();
    let mut seen: BTreeMap<Login, (usize, &ForeignEnrolment)> = BTreeMap::new();
    for (line, enrolment) in &imported.enrolments {
        let one = ImportedFactor { session, ring: &ring, enrolment };
        let row = one.login(&stage, args.user.as_ref(), names.as_ref()).and_then(|login| {
            if let Some((before, there)) = seen.get(&login) {
                // Two accounts that are one person's here, with the same token.
                return if there.totp == enrolment.totp {
                    Ok(None)
                } else {
                    Err(second(*before, &login))
                };
            }
            seen.insert(login.clone(), (*line, enrolment));
            Ok(Some((one.take_over(&mut stage, &login)?, login)))
        });
        match row {
            Ok(None) => {}
            Ok(Some((taken, login))) => {
                let result = if taken.is_some() { "taken over" } else { "unchanged" };
                let account = enrolment.account.as_ref().map(ToString::to_string);
                accounts.push(ConvertRow {
                    line: *line,
                    account,
                    login: login.to_string(),
                    result,
                });
                if let Some((new, of)) = taken {
                    orgs.extend(of);
                    lines.push(new);
                }
            }
            Err(e) if is_of_row(&e) && args.keep_going => {
                warnings.push(format!("line {line}: not taken over: {e}"));
                left_out += 1;
                failed = true;
            }
            Err(e) if is_of_row(&e) => problems.push((*line, e)),
            Err(e) => return Err(e),
        }
    }
    refuse(problems, &args.file)?;
    let taken = lines.len();
    if !args.change.dry_run {
        // Before the commit: an enrolment in use must have its line.
        session.store()?.put_signin_lines(&lines)?;
    }
    let committed = stage.commit("convert.import", None, orgs.into_iter().collect())?;
    let rev = committed.as_ref().map(|committed| committed.rev);
    // A sign-in with the former enrolment may have removed a line before the commit.
    if rev.is_some()
        && let Err(e) = session.store()?.put_signin_lines(&lines)
    {
        warnings.push(format!(
            "it is imported, but enrolments may have no line in signin/ yet: {e}: run it again"
        ));
    }
    warnings.extend(committed.into_iter().flat_map(|committed| committed.warnings));
    let report = ConvertReport {
        rev,
        changed: taken > 0,
        action: "convert.import",
        format: args.format.as_str(),
        file: args.file.display().to_string(),
        enrolments: taken,
        unchanged: accounts.len() - taken,
        left_out,
        accounts,
        warnings: warnings.clone(),
        lists: args.keep_going,
        dry_run: args.change.dry_run,
    };
    let answer = Answer::one(report).made(rev.is_some()).warn(warnings);
    Ok(if failed { answer.exit(SOME_FAILED) } else { answer })
}

/// Exit code of an import of which a row failed.
const SOME_FAILED: u8 = 1;

/// The logins that accounts are mapped to.
fn names(session: &Session<'_>, path: &Path) -> Result<LoginMap> {
    let bytes = session.env().read_named(path, LONGEST)?;
    LoginMap::read(&bytes).map_err(|problems| problems.of(path))
}

/// What of the file is asked for; without `--keep-going` all or nothing.
fn read(session: &Session<'_>, args: &cli::ImportFactorsArgs, bytes: &[u8]) -> Result<Imported> {
    let words = match &args.decrypt_with {
        Some(path) if args.format == Format::Pskc => Some(session.code(Some(path), None)?),
        Some(_) => {
            let message = "only pskc files are decrypted";
            return Err(Error::usage(message).about("--decrypt-with"));
        }
        None => None,
    };
    let words = words.as_ref().map(|words| words.as_str());
    let all = convert::read(args.format, bytes, session.clock(), words);
    if bytes.trim_ascii().is_empty() && all.problems.count == 0 {
        let file = args.file.display();
        return Err(Error::usage(format!("cannot import {file}: it is empty")).about(file));
    }
    let issuers: BTreeSet<String> = all
        .enrolments
        .iter()
        .filter_map(|(_, e)| e.issuer.as_ref().map(|issuer| issuer.as_str().to_owned()))
        .collect();
    let mut imported = match &args.issuer {
        Some(issuer) => all.only(issuer).0,
        None => all,
    };
    if args.user.is_some() {
        let mut kept: Vec<(usize, ForeignEnrolment)> = Vec::new();
        for (line, enrolment) in std::mem::take(&mut imported.enrolments) {
            match kept.iter_mut().find(|(_, other)| other.totp == enrolment.totp) {
                Some((_, there)) => there.last_step = there.last_step.max(enrolment.last_step),
                None => kept.push((line, enrolment)),
            }
        }
        imported.enrolments = kept;
    } else {
        imported = imported.without_repeats();
    }
    if !args.keep_going {
        imported = imported.whole().map_err(|problems| {
            let other = "--issuer NAME takes only what NAME issued, --keep-going what can be taken";
            problems.of(&args.file).words(other)
        })?;
    }
    strict(args.strict, &imported.notes)?;
    let found = imported.enrolments.len();
    if let Some(issuer) = args.issuer.as_ref().filter(|_| found == 0) {
        let issuer = issuer.as_str();
        let file = args.file.display();
        let error =
            Error::not_found(issuer, format!("{file} holds nothing that {issuer:?} issued"));
        let there: Vec<&str> = issuers.iter().take(10).map(String::as_str).collect();
        return Err(match there.is_empty() {
            true => error,
            false => error.words(format!("issuers in it: {}", there.join(", "))),
        });
    }
    if args.user.is_some() && found != 1 {
        let message = format!("--user needs a file with one enrolment, not {found}");
        let error = Error::usage(message).about("--user");
        return Err(imported.notes.iter().take(5).fold(error, |e, note| e.words(note.to_string())));
    }
    Ok(imported)
}

/// Whether the error is about one row only.
fn is_of_row(e: &Error) -> bool {
    matches!(e.kind, Kind::Refused | Kind::NotFound | Kind::NotPermitted | Kind::Usage)
}

fn second(line: usize, login: &Login) -> Error {
    let message =
        format!("{login}: another token is in line {line}, and one enrolment of a person is kept");
    Error::usage(message).about(login)
}

/// All problems with their lines; the first decides the exit code.
fn refuse(problems: Vec<(usize, Error)>, file: &Path) -> Result<()> {
    let file = file.display();
    let lines: Vec<String> =
        problems.iter().map(|(line, e)| format!("{file}, line {line}: {e}")).collect();
    let Some((_, first)) = problems.into_iter().next() else { return Ok(()) };
    let error = Error {
        subject: first.subject,
        hints: first.hints,
        ..Error::listing(first.kind, first.code, lines)
    };
    Err(error.words(
        "nothing was imported: --keep-going takes what can be taken, --map FILE maps accounts to logins",
    ))
}

/// The error of an account that nobody here has. A key in the wrong column is not shown.
fn no_user(account: &Account, more: &str) -> Error {
    let account = shown(account.as_str());
    Error::not_found(&account, format!("no user {account}{more}"))
}

/// A line that keeps what is there, with the later of the last steps: what was used stays used.
fn line(user: &User, state: SigninState) -> SigninLine {
    let last = state.last_step;
    let merge = move |there: &SigninState| {
        let mut there = there.clone();
        last.into_iter().for_each(|step| there.accept(step));
        Some(there)
    };
    SigninLine { user: user.id.clone(), state, merge: Box::new(merge) }
}

/// One enrolment of the file.
struct ImportedFactor<'a> {
    session: &'a Session<'a>,
    ring: &'a KeyRing,
    enrolment: &'a ForeignEnrolment,
}

impl ImportedFactor<'_> {
    /// Takes it over: the line that it needs, and the orgs concerned; none where all of
    /// it is here.
    fn take_over(
        &self,
        stage: &mut Stage<'_>,
        login: &Login,
    ) -> Result<Option<(SigninLine, Vec<OrgId>)>> {
        let login = login.clone();
        let secrets = stage.secrets(&login)?;
        let needs = Needs { users: [login.clone()].into(), ..Needs::default() };
        let user = stage.known(&needs, &login)?;
        let store = stage.view().store_id().to_owned();
        if let (Some(user), Some(sealed)) = (&user, &secrets.current) {
            let owner = Owner { store: &store, user: &user.id };
            if sealed.open(self.ring, owner)? == self.enrolment.totp {
                return self.catch_up(stage, login, user, &secrets, sealed.id.clone());
            }
        }
        let outcome = stage.make(&TakeOver { login: login.clone(), here: Here::Nothing })?;
        let user = stage.user(&login)?;
        let owner = Owner { store: &store, user: &user.id };
        let sealed =
            SealedTotp::seal(self.ring, owner, &self.enrolment.totp, &mut self.session.random());
        let new = UserSecrets { current: Some(sealed.clone()), ..UserSecrets::default() };
        let used = self.enrolment.used_up_to(stage.now());
        let state = SigninState::restored(sealed.id, used, Current::of(user, &new));
        let line = line(user, state);
        stage.keep_secrets(&login, &new)?;
        Ok(Some((line, outcome.orgs)))
    }

    /// The same secret is in use here; its last code may have been used elsewhere since.
    fn catch_up(
        &self,
        stage: &mut Stage<'_>,
        login: Login,
        user: &User,
        secrets: &UserSecrets,
        id: EnrolmentId,
    ) -> Result<Option<(SigninLine, Vec<OrgId>)>> {
        let there = stage.view().signin_state(&user.id, &id)?;
        let behind = there.as_ref().is_none_or(|there| there.last_step < self.enrolment.last_step);
        let here = if behind { Here::AllButItsLastCode } else { Here::All };
        let outcome = stage.make(&TakeOver { login, here })?;
        let used = self.enrolment.used_up_to(stage.now());
        let then = Current::of(user, secrets);
        let mut state = there.unwrap_or_else(|| SigninState::restored(id, used, then));
        self.enrolment.last_step.into_iter().for_each(|step| state.accept(step));
        Ok(behind.then_some((line(user, state), outcome.orgs)))
    }

    /// Whose it is: by `--user`, by `--map`, or the account as a login or an e-mail address.
    fn login(
        &self,
        stage: &Stage<'_>,
        named: Option<&UserRef>,
        names: Option<&LoginMap>,
    ) -> Result<Login> {
        if let Some(named) = named {
            return stage.login(named);
        }
        if let Some(login) = names.and_then(|names| names.login(self.enrolment)) {
            let user: UserRef = login.parse().map_err(|e| Error::usage(format!("--map: {e}")))?;
            return stage.login(&user);
        }
        let ForeignEnrolment { account, also, .. } = self.enrolment;
        for name in account.iter().chain(also) {
            if let Some(login) = owner(stage.view(), name.as_str())? {
                return Ok(login);
            }
        }
        match (account, also) {
            (Some(account), _) => Err(no_user(account, "")),
            (None, Some(serial)) => {
                Err(no_user(serial, ", and no other account: --map FILE says whose it is"))
            }
            (None, None) => {
                Err(Error::usage("the file does not say whose it is: name the user with --user"))
            }
        }
    }
}
