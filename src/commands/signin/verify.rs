//! `signin verify`: a code is brought, counted, looked at and settled.

use serde_json::json;

use super::answer;
use super::subject::Asked;
use crate::cli::signin as cli;
use crate::commands::Answer;
use crate::commands::keyring;
use crate::commands::session::Session;
use crate::commands::user::factor::{Factor, end_of, window};
use crate::domain::decision::Requirement;
use crate::domain::ids::UserId;
use crate::domain::time::Time;
use crate::error::Result;
use crate::report::answers::signin::SigninReport;
use crate::secret::attempts::{Answer as Found, Kept, Settled, SigninState, look};
use crate::secret::line::Owner;
use crate::secret::totp::{ClockOff, Totp};
use crate::secret::typed::Typed;
use crate::signals::may_stop;
use crate::store::Store;
use crate::store::signin::missing_line;

/// So many recovery codes left deserve a warning.
const FEW_CODES: u8 = 3;

/// Somebody who brings a code: what is asked of them, and the local factor it is
/// compared with, its secret opened; no factor where none is asked for or kept here.
struct Caller {
    asked: Asked,
    factor: Option<(Factor, Totp)>,
}

impl Caller {
    fn read(session: &Session<'_>, store: &Store, entry: &cli::EntryArgs) -> Result<Caller> {
        store.peek(|view| {
            let asked = Asked::read(view, session.clock(), None, entry)?;
            let Some(factor) = asked.factor(store)? else {
                return Ok(Caller { asked, factor: None });
            };
            let (Some((_, user)), Some(sealed)) = (&asked.known, &asked.secrets.current) else {
                return Ok(Caller { asked, factor: None });
            };
            // The key is read after the secret: a rotation between the two shows in the
            // revision, and this is done again.
            let owner = Owner { store: view.store_id(), user: &user.id };
            let totp = sealed.open(&keyring::read(session, view)?, owner)?;
            Ok(Caller { asked, factor: Some((factor, totp)) })
        })
    }
}

/// `signin verify`.
pub(super) fn verify(session: &Session<'_>, args: &cli::VerifySignInArgs) -> Result<Answer> {
    // A file is opened while the person's own rights still count.
    let named = args.code_from.as_deref().filter(|path| *path != std::path::Path::new("-"));
    let early = named.map(|path| may_stop(|| session.code(Some(path), None))).transpose()?;
    let store = session.live_store()?;
    let door = Door { session, store: &store, args };
    let caller = Caller::read(session, &store, &args.entry)?;
    let Some((factor, _)) = &caller.factor else { return Ok(door.without_code(&caller.asked)) };
    // Who is locked out need not type anything.
    if let Some(until) = factor.locked_until(caller.asked.now) {
        return Ok(door.locked_out(&caller.asked, until, factor.codes_left()));
    }
    let code = match early {
        Some(code) => code,
        None => may_stop(|| session.code(args.code_from.as_deref(), None))?,
    };
    if code.trim().is_empty() {
        // Nothing was brought, so nothing is counted.
        return Ok(door.answer(&caller.asked, caller.asked.report(&args.entry), None));
    }
    match Typed::parse(&code) {
        // It cannot be right whatever is kept, so it tells nothing and is not an attempt.
        Typed::Neither => Ok(door.malformed(&caller)),
        typed => door.attempt(caller, &typed),
    }
}

/// Where a code is brought.
struct Door<'a> {
    session: &'a Session<'a>,
    store: &'a Store,
    args: &'a cli::VerifySignInArgs,
}

/// An attempt that was counted: what its code is compared with, and the count.
struct Counted {
    caller: Caller,
    state: SigninState,
}

impl Door<'_> {
    fn attempt(&self, caller: Caller, typed: &Typed) -> Result<Answer> {
        let Some(id) = caller.asked.user_id() else { return Ok(self.without_code(&caller.asked)) };
        let counted = match self.count(caller, &id)? {
            Ok(counted) => counted,
            Err(answer) => return Ok(*answer),
        };
        let found = self.look(&counted, typed)?;
        let off = self.clock_off(&counted, &found, typed);
        self.settle(&counted, &id, &found, typed, off)
    }

    /// How far the clock of the device is off that a wrong code comes from.
    fn clock_off(&self, counted: &Counted, found: &Found, typed: &Typed) -> Option<ClockOff> {
        let (Found::Wrong, Typed::Totp(code)) = (found, typed) else { return None };
        let (_, totp) = counted.caller.factor.as_ref()?;
        totp.clock_off(code, self.session.clock())
    }

    /// The answer to what cannot be a code.
    fn malformed(&self, caller: &Caller) -> Answer {
        let asked = &caller.asked;
        let report = SigninReport {
            reason: Some("code-malformed"),
            recovery_codes_left: caller.factor.as_ref().and_then(|(factor, _)| factor.codes_left()),
            ..asked.report(&self.args.entry)
        };
        self.answer(asked, report, None)
    }

    /// Counts the attempt, durably, before its code is looked at: in the light of what
    /// the state says now, for typing takes a while. An answer where none is looked at.
    fn count(
        &self,
        caller: Caller,
        id: &UserId,
    ) -> Result<std::result::Result<Counted, Box<Answer>>> {
        let shard = self.store.signin_shard(id)?;
        let caller = match self.store.is_at(&caller.asked.head)? {
            true => caller,
            false => Caller::read(self.session, self.store, &self.args.entry)?,
        };
        let asked = &caller.asked;
        let Some((factor, _)) = caller.factor.as_ref().filter(|_| asked.is(id)) else {
            return Ok(Err(Box::new(self.without_code(asked))));
        };
        let state = shard.get(&factor.enrolment)?.ok_or_else(|| missing_line(id))?;
        match state.count(factor.current(), self.now(asked)) {
            Ok(state) => {
                shard.put(&state)?;
                Ok(Ok(Counted { caller, state }))
            }
            Err(lock) => {
                let left = factor.codes_left();
                Ok(Err(Box::new(self.locked_out(asked, end_of(lock), left))))
            }
        }
    }

    /// What the code is, by the clock: the newest record may be ahead of it, and with
    /// it everybody's codes would be wrong.
    fn look(&self, counted: &Counted, typed: &Typed) -> Result<Found> {
        let Some((factor, totp)) = &counted.caller.factor else { return Ok(Found::Wrong) };
        let recovery = factor.secrets.recovery.as_ref();
        let kept = Kept { totp, recovery, window: window(self.session) };
        look(&kept, typed, &counted.state, factor.current(), self.session.clock())
    }

    /// What becomes of the attempt, in the light of what the state says by then.
    fn settle(
        &self,
        counted: &Counted,
        id: &UserId,
        found: &Found,
        typed: &Typed,
        off: Option<ClockOff>,
    ) -> Result<Answer> {
        let shard = self.store.signin_shard(id)?;
        let (asked, factor) = self.store.peek(|view| {
            let asked = Asked::read(view, self.session.clock(), None, &self.args.entry)?;
            let factor = asked.factor(self.store)?;
            Ok((asked, factor))
        })?;
        let report = asked.report(&self.args.entry);
        let same = |factor: &Factor| factor.enrolment == counted.state.enrolment;
        let Some(factor) = factor.filter(|factor| asked.is(id) && same(factor)) else {
            // The enrolment that the code was of is gone, so the code is no answer.
            let reason = report.reason.or(Some("code-wrong"));
            let report = SigninReport { ok: false, reason, ..report };
            return Ok(self.answer(&asked, report, Some((typed, None))));
        };
        let state = shard.get(&counted.state.enrolment)?.ok_or_else(|| missing_line(id))?;
        let (state, settled) = state.settle(factor.current(), &counted.state, found);
        match settled {
            Settled::Right => shard.put_alone(&state)?,
            Settled::Used | Settled::Wrong => shard.put(&state)?,
        }
        drop(shard);
        let mut factor = factor;
        factor.state = Some(state);
        let report = SigninReport {
            ok: settled == Settled::Right,
            reason: match settled {
                Settled::Right => None,
                Settled::Used => Some("code-used"),
                Settled::Wrong => Some("code-wrong"),
            },
            locked_until: factor.locked_until(self.now(&asked)),
            recovery_codes_left: factor.codes_left(),
            ..report
        };
        // Whose enrolment or state changed meanwhile is told nothing of the clock.
        let off = off.filter(|_| settled == Settled::Wrong);
        Ok(self.answer(&asked, report, Some((typed, off))))
    }

    /// The instant of a count: a clock set back ends no lock.
    fn now(&self, asked: &Asked) -> Time {
        self.session.clock().max(asked.now)
    }

    /// The answer where no code is asked for, or where there is nothing to compare one with.
    fn without_code(&self, asked: &Asked) -> Answer {
        let mut report = asked.report(&self.args.entry);
        if asked.decision.requirement == Requirement::Required {
            report.reason = Some("no-local-secret");
        }
        self.answer(asked, report, None)
    }

    fn locked_out(&self, asked: &Asked, until: Time, left: Option<u8>) -> Answer {
        let report = SigninReport {
            reason: Some("locked-out"),
            locked_until: Some(until),
            recovery_codes_left: left,
            ..asked.report(&self.args.entry)
        };
        self.answer(asked, report, None)
    }

    /// The answer; `brought` is the code that was looked at, and how far the clock is off
    /// that it comes from.
    fn answer(
        &self,
        asked: &Asked,
        report: SigninReport,
        brought: Option<(&Typed, Option<ClockOff>)>,
    ) -> Answer {
        let by = brought.and_then(|(typed, _)| match typed {
            Typed::Totp(_) => Some("totp"),
            Typed::Recovery(_) => Some("recovery-code"),
            Typed::Neither => None,
        });
        let off = brought.and_then(|(_, off)| off);
        logged(self.session, self.store, asked, self.args, report, (by, off))
    }
}

/// The answer, after the attempt was logged: in `signin/log` and in the log of the
/// system. What cannot be logged is answered all the same.
fn logged(
    session: &Session<'_>,
    store: &Store,
    asked: &Asked,
    args: &cli::VerifySignInArgs,
    report: SigninReport,
    (by, off): (Option<&str>, Option<ClockOff>),
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
        "clock_off_steps": off.map(|off| off.steps),
    })
    .to_string();
    let mut warnings = Vec::new();
    // That a code will be right later is for the log alone: whoever guesses could wait for it.
    if let Some(off) = off.filter(|off| off.is_behind()) {
        warnings.push(format!(
            "the code would have been right earlier: the clock of the device is {off}, or the code is an old one"
        ));
    }
    if let Err(e) = store.log_signin(asked.now, &line) {
        warnings.push(format!("the attempt is not in the log: {e}"));
    }
    session.syslog_quietly(&format!("sign-in {line}"));
    if by == Some("recovery-code")
        && report.ok
        && let Some(left) = report.recovery_codes_left.filter(|left| *left <= FEW_CODES)
    {
        let are = match left {
            0 => "no recovery code is".to_owned(),
            1 => "1 recovery code is".to_owned(),
            _ => format!("{left} recovery codes are"),
        };
        warnings.push(format!("{are} left: mfactl user codes {}", report.login));
    }
    answer(report, warnings)
}
