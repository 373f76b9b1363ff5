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
use crate::domain::change::{Here, TakeOver};
use crate::domain::ids::{Email, Login, OrgId, UserRef};
use crate::domain::model::User;
use crate::domain::scope::{Key, Needs};
use crate::error::{Error, Kind, Result};
use crate::report::convert::ConvertReport;
use crate::secret::attempts::SigninState;
use crate::secret::ids::EnrolmentId;
use crate::secret::line::{Owner, SealedTotp, UserSecrets};
use crate::secret::ring::KeyRing;
use crate::store::Store;
use crate::store::signin::{Line, Meets};

/// No file of another tool is longer (bytes).
const LONGEST: u64 = 256 << 20;

/// `convert import`.
pub(super) fn import(session: &Session<'_>, args: &cli::ImportFactors) -> Result<Answer> {
    let bytes = zeroize::Zeroizing::new(session.env().read_named(&args.file, LONGEST)?);
    let imported = convert::import(args.format, &bytes, session.clock());
    let imported = imported.map_err(|problems| problems.of(&args.file))?;
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
    let mut unchanged = 0;
    for (line, enrolment) in &imported.enrolments {
        let one = One { session, store: &store, ring: &ring, enrolment };
        match one.take_over(&mut stage, args.user.as_ref()) {
            Ok(Some((new, of))) => {
                orgs.extend(of);
                lines.push(new);
            }
            Ok(None) => unchanged += 1,
            Err(e) if matches!(e.kind, Kind::Refused | Kind::NotFound | Kind::NotPermitted) => {
                problems.push((*line, e));
            }
            Err(e) => return Err(e),
        }
    }
    refuse(problems, &args.file)?;
    let taken = lines.len();
    if !args.change.dry_run {
        // Before the commit: an enrolment in use must have its line.
        store.put_signin_lines(&lines)?;
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

/// The line that is there, with the later of the last steps: what was used stays used.
fn advanced(there: &SigninState, new: &SigninState) -> Option<SigninState> {
    Some(SigninState { last_step: there.last_step.max(new.last_step), ..there.clone() })
}

/// One enrolment of the file.
struct One<'a> {
    session: &'a Session<'a>,
    store: &'a Store,
    ring: &'a KeyRing,
    enrolment: &'a Enrolment,
}

impl One<'_> {
    /// Takes it over: the line that it needs, and the orgs concerned; none where all of
    /// it is here.
    fn take_over(
        &self,
        stage: &mut Stage<'_>,
        named: Option<&UserRef>,
    ) -> Result<Option<(Line, Vec<OrgId>)>> {
        let login = self.login(stage, named)?;
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
        let state = SigninState::restored(sealed.id, used, current(user.unlocks, &new));
        let line = Line { user: user.id.clone(), state, meets: Meets::With(advanced) };
        stage.keep_secrets(&login, &new);
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
    ) -> Result<Option<(Line, Vec<OrgId>)>> {
        let there = self.store.signin_state(&user.id, &id)?;
        let behind = there.as_ref().is_none_or(|there| there.last_step < self.enrolment.last_step);
        let here = if behind { Here::AllButItsLastCode } else { Here::All };
        let outcome = stage.make(&TakeOver { login, here })?;
        let used = self.enrolment.used_up_to(stage.now());
        let then = current(user.unlocks, secrets);
        let mut state = there.unwrap_or_else(|| SigninState::restored(id, used, then));
        state.last_step = state.last_step.max(self.enrolment.last_step);
        let line = Line { user: user.id.clone(), state, meets: Meets::With(advanced) };
        Ok(behind.then_some((line, outcome.orgs)))
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
