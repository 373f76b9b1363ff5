//! `user confirm`, and what it shares with `user enrol --verify-code`; `user codes`.

use crate::cli::user::{ConfirmUser, NewCodes as Arguments};
use crate::commands::Answer;
use crate::commands::change::Stage;
use crate::commands::hand_out::HandOut;
use crate::commands::ring;
use crate::commands::session::Session;
use crate::domain::change::{Confirm, NewCodes};
use crate::domain::ids::Login;
use crate::domain::model::User;
use crate::domain::outcome::Outcome;
use crate::error::{Error, Kind, Result};
use crate::report::secret::{CodesReport, Shown};
use crate::secret::attempts::SigninState;
use crate::secret::line::{Owner, UserSecrets};
use crate::secret::recovery::{RecoveryCode, RecoverySet};
use crate::secret::totp::{Totp, Verdict};
use crate::secret::typed::Typed;
use crate::signals::may_stop;
use crate::store::signin::Shard;

use super::factor::{current, window};

/// Recovery codes made, and what is kept of them.
pub(super) struct Codes {
    set: RecoverySet,
    shown: Vec<Shown>,
}

impl Codes {
    /// Takes a set and its codes.
    pub(super) fn new((set, codes): (RecoverySet, Vec<RecoveryCode>)) -> Codes {
        let shown = codes.iter().map(|code| Shown::new(code.reveal().reveal())).collect();
        Codes { set, shown }
    }
}

/// `user confirm`.
pub(super) fn confirm(session: &Session<'_>, args: &ConfirmUser) -> Result<Answer> {
    let hand_out = HandOut::open(session, &args.show, &[], args.change.dry_run)?;
    let typed = Typed::parse(&may_stop(|| session.code(args.code_from.as_deref()))?);
    // Hashed before the lock is taken: nobody waits for ten hashes.
    let codes = Codes::new(RecoverySet::generate(&mut session.random()));
    let mut stage = Stage::begin(session, &args.change)?;
    let login = stage.login(&args.user)?;
    let before = stage.secrets(&login)?;
    let outcome = stage.make(&Confirm { login: login.clone() })?;
    let ring = ring::read(session, stage.view())?;
    let store = stage.view().store_id();
    let owner = Owner { store, user: &stage.user(&login)?.id };
    let totp = pending(&login, &before)?.open(&ring, owner)?;
    let step = right_step(session, &login, &totp, &typed)?;
    finish(session, stage, outcome, "user.confirm", before, step, codes, hand_out)
}

fn pending<'a>(
    login: &Login,
    secrets: &'a UserSecrets,
) -> Result<&'a crate::secret::line::SealedTotp> {
    secrets.pending.as_ref().ok_or_else(|| {
        Error::damaged(login, format!("the secret that was handed out to {login} is missing"))
            .command(format!("user enrol {login}"))
    })
}

/// The time step that the code is of.
///
/// # Errors
/// `code-wrong` (3).
pub(super) fn right_step(
    session: &Session<'_>,
    login: &Login,
    totp: &Totp,
    typed: &Typed,
) -> Result<u64> {
    if let Typed::Totp(code) = typed
        && let Verdict::Right { step } = totp.verify(code, session.clock(), window(session), None)
    {
        return Ok(step);
    }
    let message = format!("the code is not one of the secret handed out to {login}");
    Err(Error::new(Kind::Refused, "code-wrong", message)
        .about(login)
        .words("look whether the clocks of the phone and of this machine are right"))
}

/// The enrolment that is pending in `secrets` comes into use, the code of `step` being
/// used up; its recovery codes are handed out.
#[allow(clippy::too_many_arguments, reason = "two verbs end here with all that they have")]
pub(super) fn finish(
    session: &Session<'_>,
    mut stage: Stage<'_>,
    outcome: Outcome,
    action: &'static str,
    secrets: UserSecrets,
    step: u64,
    codes: Codes,
    mut hand_out: HandOut,
) -> Result<Answer> {
    let login = Login::parse(&outcome.subject).map_err(|e| Error::usage(e.to_string()))?;
    let id = pending(&login, &secrets)?.id.clone();
    let secrets = secrets.confirmed(codes.set);
    stage.keep_secrets(&login, &secrets)?;
    let mut report = CodesReport {
        login: login.to_string(),
        recovery_codes: Some(codes.shown),
        rev: None,
        summary: outcome.summary.clone(),
        files: Vec::new(),
        dry_run: stage.is_dry_run(),
    };
    // Held until the commit, so that no sign-in takes the new line for an old one.
    let mut shard = None;
    if !report.dry_run {
        hand_out.write(session, &report)?;
        let user = stage.user(&login)?;
        let state = SigninState::confirmed(id, step, current(user.unlocks, &secrets));
        shard = Some(put_line(session, user, &state)?);
    }
    let committed = stage.commit(action, Some(outcome.subject), outcome.orgs)?;
    drop(shard);
    report.rev = committed.as_ref().map(|committed| committed.rev);
    let mut warnings: Vec<String> = outcome.follow_up.into_iter().collect();
    warnings.extend(committed.into_iter().flat_map(|committed| committed.warnings));
    Ok(answer(report, hand_out, warnings))
}

/// Writes the line of a new enrolment beside the one of the old.
pub(super) fn put_line(session: &Session<'_>, user: &User, state: &SigninState) -> Result<Shard> {
    let shard = session.store()?.signin_shard(&user.id)?;
    shard.put(state)?;
    Ok(shard)
}

fn answer(mut report: CodesReport, hand_out: HandOut, warnings: Vec<String>) -> Answer {
    report.files = hand_out.files();
    if !hand_out.on_stdout || report.dry_run {
        report.recovery_codes = None;
    }
    hand_out.keep();
    let made = report.rev.is_some();
    Answer::secret(report).made(made).warn(warnings)
}

/// `user codes`.
pub(super) fn codes(session: &Session<'_>, args: &Arguments) -> Result<Answer> {
    let mut hand_out = HandOut::open(session, &args.show, &[], args.change.dry_run)?;
    let codes = Codes::new(RecoverySet::generate(&mut session.random()));
    let mut stage = Stage::begin(session, &args.change)?;
    let login = stage.login(&args.user)?;
    let secrets = stage.secrets(&login)?;
    let outcome = stage.make(&NewCodes { login: login.clone() })?;
    stage.keep_secrets(&login, &UserSecrets { recovery: Some(codes.set), ..secrets })?;
    let mut report = CodesReport {
        login: login.to_string(),
        recovery_codes: Some(codes.shown),
        rev: None,
        summary: outcome.summary.clone(),
        files: Vec::new(),
        dry_run: args.change.dry_run,
    };
    if !args.change.dry_run {
        hand_out.write(session, &report)?;
    }
    let committed = stage.commit(outcome.action, Some(outcome.subject), outcome.orgs)?;
    report.rev = committed.as_ref().map(|committed| committed.rev);
    let warnings = committed.map(|committed| committed.warnings).unwrap_or_default();
    Ok(answer(report, hand_out, warnings))
}
