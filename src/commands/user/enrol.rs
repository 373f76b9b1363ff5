//! `user enrol`: a TOTP secret is made, handed out once and kept sealed.

use std::path::Path;

use crate::cli::user::EnrolUserArgs;
use crate::commands::Answer;
use crate::commands::bulk::one;
use crate::commands::change::{Meant, Stage};
use crate::commands::ending::go_on;
use crate::commands::keyring;
use crate::commands::secret_output::HandOut;
use crate::commands::session::Session;
use crate::domain::change::{Confirm, EnrolExternal, StartEnrolment};
use crate::domain::ids::Login;
use crate::domain::outcome::Outcome;
use crate::error::{Error, Result};
use crate::report::answers::secret::{EnrolReport, Shown};
use crate::report::{OutputFormat, Report};
use crate::secret::label::Issuer;
use crate::secret::line::{Owner, SealedTotp, UserSecrets};
use crate::secret::material::{Revealed, Secret};
use crate::secret::qr::{Background, Qr};
use crate::secret::recovery::RecoverySet;
use crate::secret::totp::Totp;
use crate::secret::typed::Typed;
use crate::signals::{Ending, may_stop};
use crate::signin::enrol::{first_step, put_line};

use super::confirm::{self, Codes};

/// Who issues a secret where nothing else is said.
const ISSUER: &str = "mfactl";

/// `user enrol`.
pub(super) fn enrol(session: &Session<'_>, args: &EnrolUserArgs) -> Result<Answer> {
    if let Some(name) = &args.external {
        return one(session, &args.change, |stage| {
            let login = stage.login(&args.user)?;
            Ok(Box::new(EnrolExternal { login, name: name.clone(), since: None }))
        });
    }
    let pictures: Vec<_> = args.png.iter().chain(&args.svg).map(|path| path.as_path()).collect();
    if args.verify_code.is_some()
        && !matches!(session.format(), OutputFormat::Table | OutputFormat::Jsonl)
    {
        let message = "--verify-code answers twice, the secret and then the recovery codes";
        return Err(Error::usage(message).about("--format").words("read both with -o jsonl"));
    }
    let hand_out = HandOut::open(session, &args.show, &pictures, args.change.dry_run)?;
    let issuer = issuer(session, args)?;
    let secret = Secret::generate(args.algorithm, &mut session.random());
    let totp = Totp { secret, parameters: args.parameters() };
    let enrolling = Enrolling { session, args, issuer, totp };
    if args.verify_code.is_some() && !args.change.dry_run {
        enrolling.in_one_go(hand_out)
    } else {
        enrolling.begin(hand_out)
    }
}

fn issuer(session: &Session<'_>, args: &EnrolUserArgs) -> Result<Issuer> {
    if let Some(issuer) = &args.issuer {
        return Ok(issuer.clone());
    }
    let issuer = session.sign_in().issuer.as_deref().unwrap_or(ISSUER);
    Issuer::parse(issuer).map_err(|e| {
        Error::usage(format!("issuer of the configuration: {e}")).about("signin.issuer")
    })
}

struct Enrolling<'a> {
    session: &'a Session<'a>,
    args: &'a EnrolUserArgs,
    issuer: Issuer,
    totp: Totp,
}

impl Enrolling<'_> {
    /// Hands the secret out and keeps it, pending or (`--unverified`) in use.
    fn begin(&self, mut hand_out: HandOut) -> Result<Answer> {
        let (session, args) = (self.session, self.args);
        let shown = hand_out.has_files().then(|| self.rehearse(args.unverified)).transpose()?;
        if let Some((_, shown)) = &shown {
            self.write(&mut hand_out, shown)?;
        }
        let mut stage = Stage::begin(session, &args.change)?;
        let login = stage.still(&args.user, shown.as_ref().map(|(meant, _)| meant))?;
        let before = stage.secrets(&login)?;
        let mut outcome = stage.make(&StartEnrolment { login: login.clone() })?;
        let sealed = self.seal(&stage, &login)?;
        let mut shard = None;
        if args.unverified {
            outcome = stage.make(&Confirm { login: login.clone() })?;
            let secrets = UserSecrets { current: Some(sealed), ..UserSecrets::default() };
            stage.keep_secrets(&login, &secrets)?;
            if !args.change.dry_run {
                let user = stage.user(&login)?;
                shard = put_line(&session.store()?, user, &secrets, None)?;
            }
        } else {
            stage.keep_secrets(&login, &before.handing_out(sealed))?;
        }
        let mut report = self.report(&login, &outcome)?;
        let committed = stage.commit("user.enrol", Some(outcome.subject), outcome.orgs)?;
        drop(shard);
        report.rev = committed.as_ref().map(|committed| committed.rev);
        let exported = report.follow_up.take_if(|_| args.unverified);
        if !hand_out.on_stdout || args.change.dry_run {
            conceal(&mut report);
        }
        let mut warnings = hand_out.keep(report.rev, &format!("user enrol {login}"))?;
        report.files = hand_out.files();
        warnings.extend(outcome.warnings);
        warnings.extend(committed.into_iter().flat_map(|committed| committed.warnings));
        warnings.extend(exported);
        if args.unverified {
            warnings.push(format!(
                "nobody has seen a code of it: if the app has the secret wrong, {login} is locked out; \
                 there are no recovery codes yet (mfactl user codes {login})"
            ));
        }
        let made = report.rev.is_some();
        Ok(Answer::secret(report).made(made).warn(warnings))
    }

    /// Hands the secret out, waits for a code of it, and only then changes anything.
    /// Nobody else has to wait meanwhile.
    fn in_one_go(&self, mut hand_out: HandOut) -> Result<Answer> {
        let (session, args) = (self.session, self.args);
        let (meant, mut shown) = self.rehearse(false)?;
        shown.summary =
            format!("a secret for {}: it counts once a code of it is seen", shown.login);
        shown.follow_up = None;
        // From here on a signal removes the files first.
        let ending = hand_out.has_files().then(Ending::watch).transpose();
        let ending = ending.map_err(|e| Error::system("watch for", "signals", &e))?;
        self.write(&mut hand_out, &shown)?;
        hand_out.show()?;
        shown.files = hand_out.files();
        if !hand_out.on_stdout {
            conceal(&mut shown);
        }
        // Printed and wiped before the code is waited for, which may take minutes. Only the
        // key itself is kept, to compare the code with.
        may_stop(|| session.print_now(Report::secret(shown)))?;
        let code = may_stop(|| session.code(Some(Path::new("-")), ending.as_ref()))?;
        let typed = Typed::parse(&code);
        drop(code);
        let codes = Codes::new(RecoverySet::generate(&mut session.random()));
        let outcome = self.rehearse_both()?;
        codes.write(session, &mut hand_out, &outcome)?;
        go_on(ending.as_ref())?;
        let mut stage = Stage::begin(session, &args.change)?;
        // A signal may have come while another process held the lock.
        go_on(ending.as_ref())?;
        let login = stage.still(&args.user, Some(&meant))?;
        stage.make(&StartEnrolment { login: login.clone() })?;
        let outcome = stage.make(&Confirm { login: login.clone() })?;
        let step = first_step(&self.totp, None, &typed, session.window(), session.clock())
            .map_err(|why| confirm::not_confirmed(&login, &self.totp, None, why))?;
        let sealed = self.seal(&stage, &login)?;
        let secrets = UserSecrets { pending: Some(sealed), ..UserSecrets::default() };
        confirm::finish(session, stage, outcome, "user.enrol", secrets, step, codes, hand_out)
    }

    /// Whether it would be refused; for whom, and what is to be shown.
    fn rehearse(&self, unverified: bool) -> Result<(Meant, EnrolReport)> {
        let mut stage = Stage::rehearse(self.session, &self.args.change)?;
        let login = stage.login(&self.args.user)?;
        let mut outcome = stage.make(&StartEnrolment { login: login.clone() })?;
        keyring::read(self.session, stage.view())?;
        if unverified {
            outcome = stage.make(&Confirm { login: login.clone() })?;
        }
        let report = self.report(&login, &outcome)?;
        Ok((stage.account(login)?, report))
    }

    /// The outcome of enrolling and confirming at once.
    fn rehearse_both(&self) -> Result<Outcome> {
        let mut stage = Stage::rehearse(self.session, &self.args.change)?;
        let login = stage.login(&self.args.user)?;
        stage.make(&StartEnrolment { login: login.clone() })?;
        stage.make(&Confirm { login })
    }

    fn seal(&self, stage: &Stage<'_>, login: &Login) -> Result<SealedTotp> {
        let ring = keyring::read(self.session, stage.view())?;
        let store = stage.view().store_id();
        let owner = Owner { store, user: &stage.user(login)?.id };
        Ok(SealedTotp::seal(&ring, owner, &self.totp, &mut self.session.random()))
    }

    fn uri(&self, login: &Login) -> Revealed {
        self.totp.otpauth_uri(Some(&self.issuer), login.as_str())
    }

    fn report(&self, login: &Login, outcome: &Outcome) -> Result<EnrolReport> {
        let (uri, args) = (self.uri(login), self.args);
        let background = if args.light { Background::Light } else { Background::Dark };
        let qr = Qr::new(&uri)?;
        let picture = if args.ascii { qr.ascii(background) } else { qr.half_blocks(background) };
        Ok(EnrolReport {
            login: login.to_string(),
            otpauth: Some(Shown::new(uri.reveal())),
            secret: Some(Shown::new(self.totp.secret.base32().reveal())),
            rev: None,
            picture: Some(Shown::new(picture.reveal())),
            summary: outcome.summary.clone(),
            files: Vec::new(),
            follow_up: outcome.follow_up.clone(),
            dry_run: args.change.dry_run,
        })
    }

    /// The files: the drawings, and the answer as it would stand on stdout.
    fn write(&self, hand_out: &mut HandOut, report: &EnrolReport) -> Result<()> {
        let login = Login::parse(&report.login).map_err(|e| Error::usage(e.to_string()))?;
        let qr = Qr::new(&self.uri(&login))?;
        let mut number = 0;
        if self.args.png.is_some() {
            hand_out.draw(number, &qr.png()?)?;
            number += 1;
        }
        if self.args.svg.is_some() {
            hand_out.draw(number, qr.svg().reveal().as_bytes())?;
        }
        hand_out.write(self.session, report)
    }
}

/// Takes the secret out of an answer that goes where it must not be.
fn conceal(report: &mut EnrolReport) {
    report.otpauth = None;
    report.secret = None;
    report.picture = None;
}
