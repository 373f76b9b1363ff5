//! `convert import`: enrolments that other tools kept, all in one revision.

use std::collections::BTreeSet;
use std::path::Path;

use super::{strict, words};
use crate::cli::convert as cli;
use crate::commands::Answer;
use crate::commands::change::Stage;
use crate::commands::ring;
use crate::commands::session::Session;
use crate::commands::user::factor::current;
use crate::convert::{self, Enrolment};
use crate::domain::change::TakeOver;
use crate::domain::ids::{Email, Login, OrgId, UserRef};
use crate::domain::scope::{Key, Needs};
use crate::error::{Error, Kind, Result};
use crate::report::convert::ConvertReport;
use crate::secret::attempts::SigninState;
use crate::secret::line::{Owner, SealedTotp, UserSecrets};
use crate::secret::ring::KeyRing;
use crate::store::Store;

/// No file of another tool is longer (bytes).
const LONGEST: u64 = 256 << 20;

/// `convert import`.
pub(super) fn import(session: &Session<'_>, args: &cli::ImportFactors) -> Result<Answer> {
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
