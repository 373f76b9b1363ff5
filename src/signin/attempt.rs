//! A code is brought, compared, settled and answered.

use super::decision::Decided;
use super::{LocalFactor, Request, SigninAnswer, WhyNot};
use crate::domain::time::Time;
use crate::error::Result;
use crate::secret::attempts::Settled;
use crate::secret::ring::KeyRing;
use crate::secret::totp::{Totp, Window};
use crate::secret::typed::Typed;
use crate::store::{Store, View};

/// Where codes are brought.
pub struct Door<'a> {
    /// The state.
    pub store: &'a Store,
    /// The keys that the secrets of a revision are encrypted with.
    pub keys: &'a dyn Fn(&View) -> Result<KeyRing>,
    /// How far off the clock of a device may be.
    pub window: Window,
}

impl Door<'_> {
    /// Compares a code and answers. `clock` is the time of the clock: the newest record may be
    /// ahead of it, and codes go by the clock.
    ///
    /// # Errors
    /// As [`super::ask`]; `no-key` (3), `key-file`, `key-unknown` or `seal-broken` (7). An error
    /// is not a yes, and tells nothing about the code.
    pub fn attempt(
        &self,
        request: Request<'_>,
        typed: &Typed,
        clock: Time,
    ) -> Result<SigninAnswer> {
        // The security of the order, for TOTP codes and recovery codes alike:
        //
        // 1. Compare, without a lock: what a code belongs to is known to this process alone. A
        //    recovery code costs a hash of some 30 ms, which must not keep others waiting.
        // 2. Lock the line, read it and the account again, decide. A lock that attempts at the same
        //    time led to counts, whatever the code is: guesses in parallel are decided one after
        //    the other, and after the fifth wrong one the others are told nothing but the lock. Of
        //    two that bring the same code, the second finds it used.
        // 3. Make the outcome durable, the acceptance of a right code as well as the failure of a
        //    wrong one: one write and the same system calls for both. A used code changes nothing.
        // 4. Only then let go of the lock and answer.
        //
        // So nothing that depends on the code leaves the process before it is durable, and an
        // attempt need not be counted before it is compared. Who kills the process before step 4
        // (by a signal of the terminal, for nobody who asks has the rights to send it another), or
        // makes the write fail, has not learned whether the guess was right, and did not get in: an
        // attempt that is lost uncounted is one that nobody saw. A limit on file sizes could stop
        // the longer line of a failure and let the acceptance pass; limits that the person set are
        // lifted at the start (env::privilege). After a power loss a code that was answered yes is
        // used, and one that was answered no is counted.
        let (asked, totp) = self.open(request, clock)?;
        let answer = asked.answer(request);
        // Without a local factor there is nothing to compare, and who is locked out costs no hash.
        let (Some(WhyNot::CodeRequired), Some(totp)) = (answer.reason, totp) else {
            return Ok(answer);
        };
        let (Some((_, user)), Some(factor)) = (&asked.known, &asked.factor) else {
            return Ok(answer);
        };
        let by = match typed {
            Typed::Totp(_) => "totp",
            Typed::Recovery(_) => "recovery-code",
            // It cannot be right, whatever is kept: it tells nothing and is not an attempt.
            Typed::Neither => return Ok(answer.no(WhyNot::CodeMalformed)),
        };
        let found = factor.compare(&totp, typed, self.window, clock)?;

        let shard = self.store.signin_shard(&user.id)?;
        let mut now = self.store.peek(|view| Decided::read(view, request, clock))?;
        let is_same = now.known.as_ref().is_some_and(|(_, known)| known.id == user.id);
        let answer = now.answer(request);
        let compared = SigninAnswer { by: Some(by), ..answer.clone() };
        let same = |it: &&mut LocalFactor| is_same && it.sealed.id == factor.sealed.id;
        let Some(fresh) = now.factor.as_mut().filter(same) else {
            // The account or its enrolment changed meanwhile: the code belongs to another.
            return Ok(compared.no(answer.reason.unwrap_or(WhyNot::CodeWrong)));
        };
        let (reason, state) = match fresh.line()?.settle(fresh.current(), &found, now.now) {
            Settled::Locked(_) => return Ok(answer),
            Settled::Used => return Ok(compared.no(WhyNot::CodeUsed)),
            Settled::Right(state) => (None, state),
            Settled::Wrong(state) => (Some(WhyNot::CodeWrong), state),
        };
        match reason {
            None => shard.put_alone(&state)?,
            Some(_) => shard.put(&state)?,
        }
        drop(shard);
        fresh.state = Some(state);
        let (locked_until, recovery_codes_left) = (fresh.locked_until(now.now), fresh.codes_left());
        let clock_off = match (reason, typed) {
            (Some(_), Typed::Totp(code)) => totp.clock_off(code, clock),
            _ => None,
        };
        let ok = reason.is_none();
        Ok(SigninAnswer { ok, reason, locked_until, recovery_codes_left, clock_off, ..compared })
    }

    /// What the state says now, with the secret of the local factor that is asked for.
    fn open(&self, request: Request<'_>, clock: Time) -> Result<(Decided, Option<Totp>)> {
        self.store.peek(|view| {
            let asked = Decided::read(view, request, clock)?;
            // The keys are read after the secret: a rotation between the two shows in the
            // revision, and this is done again.
            let open = |factor: &LocalFactor| factor.open(&(self.keys)(view)?, view.store_id());
            let totp = asked.factor.as_ref().map(open).transpose()?;
            Ok((asked, totp))
        })
    }
}
