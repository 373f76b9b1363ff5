//! `user confirm`, and what it shares with `user enrol --verify-code`; `user codes`.

use crate::cli::ChangeArgs;
use crate::cli::user::{ConfirmUserArgs, NewCodesArgs as Arguments};
use crate::commands::Answer;
use crate::commands::change::{Meant, Stage};
use crate::commands::keyring;
use crate::commands::secret_output::HandOut;
use crate::commands::session::Session;
use crate::domain::change::{Change, Confirm, NewCodes};
use crate::domain::ids::{Login, UserRef};
use crate::domain::outcome::Outcome;
use crate::domain::time::Time;
use crate::error::{Error, Kind, Result};
use crate::report::answers::secret::{CodesReport, Shown};
use crate::secret::line::{Owner, SealedTotp, UserSecrets};
use crate::secret::recovery::{RecoveryCode, RecoverySet};
use crate::secret::totp::Totp;
use crate::secret::typed::Typed;
use crate::signals::may_stop;
use crate::signin::enrol::{Unconfirmed, first_step, put_line};

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

    /// The answer that shows them.
    fn report(&self, outcome: &Outcome, dry_run: bool) -> CodesReport {
        CodesReport {
            login: outcome.subject.clone(),
            recovery_codes: Some(self.shown.clone()),
            rev: None,
            summary: outcome.summary.clone(),
            files: Vec::new(),
            dry_run,
        }
    }

    /// Writes them to `--out`, where that is asked for.
    pub(super) fn write(
        &self,
        session: &Session<'_>,
        hand_out: &mut HandOut,
        outcome: &Outcome,
    ) -> Result<()> {
        hand_out.write(session, &self.report(outcome, false))
    }
}

/// Rehearses a change of this account and writes the files that are asked for, before the lock
/// is taken.
fn written<C: Change>(
    session: &Session<'_>,
    change: &ChangeArgs,
    user: &UserRef,
    codes: &Codes,
    hand_out: &mut HandOut,
    of: impl FnOnce(Login) -> C,
) -> Result<Option<Meant>> {
    if !hand_out.has_files() {
        return Ok(None);
    }
    let mut stage = Stage::rehearse(session, change)?;
    let login = stage.login(user)?;
    let outcome = stage.make(&of(login.clone()))?;
    let account = stage.account(login)?;
    drop(stage);
    codes.write(session, hand_out, &outcome)?;
    Ok(Some(account))
}

/// `user confirm`.
pub(super) fn confirm(session: &Session<'_>, args: &ConfirmUserArgs) -> Result<Answer> {
    let mut hand_out = HandOut::open(session, &args.show, &[], args.change.dry_run)?;
    let typed = Typed::parse(&may_stop(|| session.code(args.code_from.as_deref(), None))?);
    // Hashed before the lock is taken: nobody waits for ten hashes.
    let codes = Codes::new(RecoverySet::generate(&mut session.random()));
    let meant = written(session, &args.change, &args.user, &codes, &mut hand_out, |login| {
        Confirm { login }
    })?;
    let mut stage = Stage::begin(session, &args.change)?;
    let login = stage.still(&args.user, meant.as_ref())?;
    let before = stage.secrets(&login)?;
    let outcome = stage.make(&Confirm { login: login.clone() })?;
    let ring = keyring::read(session, stage.view())?;
    let store = stage.view().store_id();
    let owner = Owner { store, user: &stage.user(&login)?.id };
    let totp = pending(&login, &before)?.open(&ring, owner)?;
    let replaced = before.replaced.as_ref().map(|totp| totp.open(&ring, owner)).transpose()?;
    let since = stage.view().user(&login)?.and_then(|user| user.enrolment.pending);
    let since = since.map(|pending| pending.since);
    let step = first_step(&totp, replaced.as_ref(), &typed, session.window(), session.clock())
        .map_err(|why| not_confirmed(&login, &totp, since, why))?;
    finish(session, stage, outcome, "user.confirm", before, step, codes, hand_out)
}

fn pending<'a>(login: &Login, secrets: &'a UserSecrets) -> Result<&'a SealedTotp> {
    secrets.pending.as_ref().ok_or_else(|| {
        Error::damaged(login, format!("the secret that was issued to {login} is missing"))
            .command(format!("user enrol {login}"))
    })
}

/// The error of a code that does not confirm the secret `totp`, issued at `since`.
pub(super) fn not_confirmed(
    login: &Login,
    totp: &Totp,
    since: Option<Time>,
    why: Unconfirmed,
) -> Error {
    let since = since.map(|at| format!(" at {at}")).unwrap_or_default();
    let wrong = |why: String| {
        Error::new(Kind::Refused, "code-wrong", format!("cannot confirm {login}: {why}"))
            .about(login)
    };
    match why {
        Unconfirmed::Malformed => {
            let digits = totp.parameters.digits.count();
            let message = format!("cannot confirm {login}: what was entered is not a code");
            Error::usage(message)
                .about(login)
                .words(format!("enter the {digits} digits that the app shows"))
        }
        Unconfirmed::ClockOff(off) => {
            wrong(format!("the secret is right, but the clock of the device is {off}"))
                .words("set the clock of the device (or of this machine), then enter a new code")
        }
        Unconfirmed::Replaced => wrong(format!(
            "the code is of an earlier secret, which is void since another was issued{since}"
        ))
        .words("scan the newest QR code, and remove the older entry from the app")
        .command(format!("user enrol {login}")),
        Unconfirmed::Wrong => wrong(format!("the code is not one of the secret issued{since}"))
            .words("compare the entry in the app with the newest QR code; the clock is off by half an hour at most, or the secret is another"),
    }
}

/// Brings the enrolment that is pending in `secrets` into use, with the code of `step` used up,
/// and issues its recovery codes.
#[allow(clippy::too_many_arguments, reason = "two verbs end here with all that they have")]
pub(super) fn finish(
    session: &Session<'_>,
    mut stage: Stage<'_>,
    outcome: Outcome,
    action: &'static str,
    secrets: UserSecrets,
    step: u64,
    codes: Codes,
    hand_out: HandOut,
) -> Result<Answer> {
    let login = Login::parse(&outcome.subject).map_err(|e| Error::usage(e.to_string()))?;
    let mut report = codes.report(&outcome, stage.is_dry_run());
    let secrets = secrets.confirmed(codes.set);
    stage.keep_secrets(&login, &secrets)?;
    let shard = match report.dry_run {
        true => None,
        false => {
            let (store, user) = (session.store()?, stage.user(&login)?);
            put_line(&store, user, &secrets, Some(step))?
        }
    };
    let committed = stage.commit(action, Some(outcome.subject), outcome.orgs)?;
    drop(shard);
    report.rev = committed.as_ref().map(|committed| committed.rev);
    let mut warnings: Vec<String> = outcome.follow_up.into_iter().collect();
    warnings.extend(committed.into_iter().flat_map(|committed| committed.warnings));
    answer(report, hand_out, warnings)
}

fn answer(
    mut report: CodesReport,
    mut hand_out: HandOut,
    mut warnings: Vec<String>,
) -> Result<Answer> {
    if !hand_out.on_stdout || report.dry_run {
        report.recovery_codes = None;
    }
    warnings.extend(hand_out.keep(report.rev, &format!("user codes {}", report.login))?);
    report.files = hand_out.files();
    let made = report.rev.is_some();
    Ok(Answer::secret(report).made(made).warn(warnings))
}

/// `user codes`.
pub(super) fn codes(session: &Session<'_>, args: &Arguments) -> Result<Answer> {
    let mut hand_out = HandOut::open(session, &args.show, &[], args.change.dry_run)?;
    let codes = Codes::new(RecoverySet::generate(&mut session.random()));
    let meant = written(session, &args.change, &args.user, &codes, &mut hand_out, |login| {
        NewCodes { login }
    })?;
    let mut stage = Stage::begin(session, &args.change)?;
    let login = stage.still(&args.user, meant.as_ref())?;
    let secrets = stage.secrets(&login)?;
    let outcome = stage.make(&NewCodes { login: login.clone() })?;
    let mut report = codes.report(&outcome, args.change.dry_run);
    stage.keep_secrets(&login, &UserSecrets { recovery: Some(codes.set), ..secrets })?;
    let committed = stage.commit(outcome.action, Some(outcome.subject), outcome.orgs)?;
    report.rev = committed.as_ref().map(|committed| committed.rev);
    let warnings = committed.map(|committed| committed.warnings).unwrap_or_default();
    answer(report, hand_out, warnings)
}
