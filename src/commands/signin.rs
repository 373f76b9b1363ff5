//! `signin check` and `signin verify`: where the decision is really asked. No
//! operator is needed, only to be the owner of the state or root. Whatever goes
//! wrong, the answer is not yes.

use serde_json::json;
use zeroize::Zeroizing;

use super::Answer;
use super::ring;
use super::session::Session;
use super::user::factor::{Factor, current, end_of, window};
use crate::cli::signin as cli;
use crate::domain::decision::{Decision, Question, Requirement, Rule, decide};
use crate::domain::ids::{Login, UserRef};
use crate::domain::model::User;
use crate::domain::scope::Key;
use crate::domain::time::Time;
use crate::error::{Error, Result};
use crate::report::signin::SigninReport;
use crate::secret::attempts::{Kept, Settled, SigninState, look};
use crate::secret::ids::EnrolmentId;
use crate::secret::line::{Owner, UserSecrets};
use crate::secret::totp::Totp;
use crate::secret::typed::Typed;
use crate::store::signin::missing_line;
use crate::store::{Store, View};

/// Exit code of a no.
const NO: u8 = 1;
/// So many recovery codes left deserve a warning.
const FEW_CODES: u8 = 3;

/// Runs one of them.
pub(super) fn run(session: &Session<'_>, verb: cli::SignIn) -> Result<Answer> {
    match verb {
        cli::SignIn::Check(args) => check(session, &args),
        cli::SignIn::Verify(args) => verify(session, &args),
    }
}

/// Somebody at the door, in the light of one revision.
struct Asked {
    known: Option<(Login, User)>,
    secrets: UserSecrets,
    decision: Decision,
    now: Time,
}

impl Asked {
    /// Reads what the state says of them at `at`, or now.
    fn read(view: &View, clock: Time, at: Option<Time>, entry: &cli::Entry) -> Result<Asked> {
        let now = at.unwrap_or_else(|| clock.max(view.head().at));
        let org = view.org(&entry.org)?.ok_or_else(|| {
            Error::not_found(&entry.org, format!("no org {}", entry.org)).command("org list")
        })?;
        if let Some(service) = entry.service.as_ref().filter(|name| !org.services.contains(*name)) {
            let message = format!("no service {service} in {}", entry.org);
            let error = Error::not_found(service, message);
            return Err(error.command(format!("org show {}", entry.org)));
        }
        // Somebody unknown is answered like a stranger to the org.
        let stranger =
            Decision { requirement: Requirement::Denied, rule: Rule::NotAMember, until: None };
        let unknown =
            Asked { known: None, secrets: UserSecrets::default(), decision: stranger, now };
        let Some(login) = login_of(view, &entry.user)? else { return Ok(unknown) };
        let Some(user) = view.user(&login)? else { return Ok(unknown) };
        let service = entry.service.as_ref();
        let question = Question { user: &user, org_id: &entry.org, org: &org, service, at: now };
        let decision = decide(&question);
        let secrets = match decision.requirement {
            Requirement::Required => view.secrets(&login)?.unwrap_or_default(),
            _ => UserSecrets::default(),
        };
        Ok(Asked { known: Some((login, user)), secrets, decision, now })
    }

    /// The answer that needs no code.
    fn report(&self, entry: &cli::Entry) -> SigninReport {
        let (ok, reason) = match self.decision.requirement {
            Requirement::Exempt | Requirement::NotRequired | Requirement::Grace => (true, None),
            Requirement::Required => (false, Some("code-required")),
            Requirement::Enrol => (false, Some("enrol-first")),
            Requirement::Delegated => (false, Some("delegated")),
            Requirement::Denied => (false, Some("denied")),
        };
        SigninReport {
            ok,
            reason,
            requirement: self.decision.requirement.as_str(),
            rule: self.decision.rule.as_str(),
            until: self.decision.until,
            locked_until: None,
            recovery_codes_left: None,
            login: entry.user.to_string(),
        }
    }

    /// The local factor in use, whose line must be there; none where nothing is kept here.
    fn factor(&self, store: &Store) -> Result<Option<Factor>> {
        let Some((_, user)) = &self.known else { return Ok(None) };
        let factor = Factor::read(store, user, self.secrets.clone())?;
        match factor {
            Some(Factor { state: None, .. }) => Err(missing_line(&user.id)),
            factor => Ok(factor),
        }
    }
}

fn login_of(view: &View, user: &UserRef) -> Result<Option<Login>> {
    match user {
        UserRef::Login(login) => Ok(Some(login.clone())),
        UserRef::Id(id) => view.owner(&Key::Id(id.clone())),
        UserRef::Mail(mail) => view.owner(&Key::mail(mail)),
    }
}

fn answer(report: SigninReport, warnings: Vec<String>) -> Answer {
    let exit = if report.ok { 0 } else { NO };
    Answer::one(report).exit(exit).warn(warnings).must_be_printed()
}

/// `signin check`.
fn check(session: &Session<'_>, args: &cli::CheckSignIn) -> Result<Answer> {
    let store = session.live_store()?;
    let (asked, live) = match args.read.at {
        None => (peek(session, &store, &args.entry)?, true),
        Some(_) => {
            let (view, at) = session.view_of_nobody(&args.read)?;
            (Asked::read(&view, at, Some(at), &args.entry)?, false)
        }
    };
    let mut report = asked.report(&args.entry);
    // What changes at sign-ins has no past and no future.
    if live && asked.decision.requirement == Requirement::Required {
        let factor = asked.factor(&store)?;
        report.locked_until = factor.as_ref().and_then(|factor| factor.locked_until(asked.now));
        report.recovery_codes_left = factor.as_ref().and_then(Factor::codes_left);
    }
    if report.locked_until.is_some() {
        report.reason = Some("locked-out");
    } else if args.allow_code && report.reason == Some("code-required") {
        report.ok = true;
    }
    Ok(answer(report, Vec::new()))
}

fn peek(session: &Session<'_>, store: &Store, entry: &cli::Entry) -> Result<Asked> {
    store.peek(|view| Asked::read(view, session.clock(), None, entry))
}

/// The same with the secret opened, where one is asked for and kept here.
fn peek_open(
    session: &Session<'_>,
    store: &Store,
    entry: &cli::Entry,
) -> Result<(Asked, Option<Totp>)> {
    store.peek(|view| {
        let asked = Asked::read(view, session.clock(), None, entry)?;
        let totp = match (&asked.known, &asked.secrets.current) {
            // The key is read after the secret: a rotation between the two shows in the
            // revision, and this is done again.
            (Some((_, user)), Some(sealed)) => {
                let owner = Owner { store: view.store_id(), user: &user.id };
                Some(sealed.open(&ring::read(session, view)?, owner)?)
            }
            _ => None,
        };
        Ok((asked, totp))
    })
}

/// `signin verify`.
fn verify(session: &Session<'_>, args: &cli::VerifySignIn) -> Result<Answer> {
    // A file is opened while the person's own rights still count.
    let named = args.code_from.as_deref().filter(|path| *path != std::path::Path::new("-"));
    let early = named.map(|path| session.code(Some(path))).transpose()?;
    let store = session.live_store()?;
    let (asked, totp) = peek_open(session, &store, &args.entry)?;
    if asked.decision.requirement != Requirement::Required {
        let report = asked.report(&args.entry);
        return Ok(logged(session, &store, &asked, args, report, None));
    }
    let (Some(totp), Some((_, user))) = (totp, &asked.known) else {
        let report = SigninReport { reason: Some("no-local-secret"), ..asked.report(&args.entry) };
        return Ok(logged(session, &store, &asked, args, report, None));
    };
    let attempt = Attempt { session, store: &store, args, asked: &asked, user, totp };
    // Who is locked out need not type anything.
    let factor = asked.factor(&store)?;
    if let Some(until) = factor.as_ref().and_then(|factor| factor.locked_until(asked.now)) {
        return Ok(attempt.locked_out(until));
    }
    let code = match early {
        Some(code) => code,
        None => session.code(args.code_from.as_deref())?,
    };
    attempt.with(&code)
}

/// One attempt with a code.
struct Attempt<'a> {
    session: &'a Session<'a>,
    store: &'a Store,
    args: &'a cli::VerifySignIn,
    asked: &'a Asked,
    user: &'a User,
    totp: Totp,
}

impl Attempt<'_> {
    fn with(&self, code: &Zeroizing<String>) -> Result<Answer> {
        let typed = Typed::parse(code);
        let by = match typed {
            Typed::Totp(_) => Some("totp"),
            Typed::Recovery(_) => Some("recovery-code"),
            Typed::Neither => None,
        };
        // Typing takes a while.
        let now = self.session.clock().max(self.asked.now);
        let secrets = &self.asked.secrets;
        let then = current(self.user.unlocks, secrets);
        // Counted, and durable, before the code is looked at.
        let counted = {
            let shard = self.store.signin_shard(&self.user.id)?;
            let state = self.line(shard.get(self.id()?)?)?;
            match state.count(then, now) {
                Ok(counted) => shard.put(&counted).map(|()| counted)?,
                Err(lock) => return Ok(self.locked_out(end_of(lock))),
            }
        };
        let kept = Kept {
            totp: &self.totp,
            recovery: secrets.recovery.as_ref(),
            window: window(self.session),
        };
        let found = look(&kept, &typed, &counted, then, now)?;
        // Settled in the light of what the state says by then.
        let shard = self.store.signin_shard(&self.user.id)?;
        let asked = peek(self.session, self.store, &self.args.entry)?;
        let same = asked.secrets.current.as_ref().is_some_and(|now| now.id == counted.enrolment);
        if !same || asked.known.as_ref().is_none_or(|(_, user)| user.id != self.user.id) {
            let mut report = asked.report(&self.args.entry);
            if report.ok || asked.decision.requirement == Requirement::Required {
                report = SigninReport { ok: false, reason: Some("code-wrong"), ..report };
            }
            return Ok(logged(self.session, self.store, &asked, self.args, report, by));
        }
        let unlocks = asked.known.as_ref().map_or(self.user.unlocks, |(_, user)| user.unlocks);
        let current = current(unlocks, &asked.secrets);
        let state = self.line(shard.get(&counted.enrolment)?)?;
        let (state, settled) = state.settle(current, &found);
        match settled {
            Settled::Right => shard.put_alone(&state)?,
            Settled::Used | Settled::Wrong => shard.put(&state)?,
        }
        drop(shard);
        let left = asked.secrets.recovery.as_ref().map(|set| set.left(state.used));
        let report = SigninReport {
            ok: settled == Settled::Right,
            reason: match settled {
                Settled::Right => None,
                Settled::Used => Some("code-used"),
                Settled::Wrong => Some("code-wrong"),
            },
            locked_until: state.lock(current, now).map(end_of),
            recovery_codes_left: left,
            ..asked.report(&self.args.entry)
        };
        Ok(logged(self.session, self.store, &asked, self.args, report, by))
    }

    fn id(&self) -> Result<&EnrolmentId> {
        let current = self.asked.secrets.current.as_ref();
        current.map(|totp| &totp.id).ok_or_else(|| missing_line(&self.user.id))
    }

    fn line(&self, state: Option<SigninState>) -> Result<SigninState> {
        state.ok_or_else(|| missing_line(&self.user.id))
    }

    fn locked_out(&self, until: Time) -> Answer {
        let report = SigninReport {
            reason: Some("locked-out"),
            locked_until: Some(until),
            ..self.asked.report(&self.args.entry)
        };
        logged(self.session, self.store, self.asked, self.args, report, None)
    }
}

/// The answer, after the attempt was logged: in `signin/log` and in the log of the
/// system. What cannot be logged is answered all the same.
fn logged(
    session: &Session<'_>,
    store: &Store,
    asked: &Asked,
    args: &cli::VerifySignIn,
    report: SigninReport,
    by: Option<&str>,
) -> Answer {
    // Of somebody unknown not even the login is kept: it may be a password.
    let known = asked.known.as_ref();
    let line = json!({
        "at": asked.now,
        "login": known.map(|(login, _)| login),
        "id": known.map(|(_, user)| &user.id),
        "org": args.entry.org,
        "service": args.entry.service,
        "ok": report.ok,
        "reason": report.reason,
        "requirement": report.requirement,
        "rule": report.rule,
        "by": by,
    })
    .to_string();
    let mut warnings = Vec::new();
    if let Err(e) = store.log_signin(asked.now, &line) {
        warnings.push(format!("the attempt is not in the log: {e}"));
    }
    session.syslog_quietly(&format!("sign-in {line}"));
    if by == Some("recovery-code")
        && report.ok
        && let Some(left) = report.recovery_codes_left.filter(|left| *left <= FEW_CODES)
    {
        warnings
            .push(format!("{left} recovery codes are left: mfactl user codes {}", report.login));
    }
    answer(report, warnings)
}
