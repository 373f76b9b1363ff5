//! Accepting a clock that stands before the newest audit record.

use super::{Change, Context};
use crate::domain::outcome::{Object, Outcome, TakesEffect};
use crate::domain::refusal::Refusal;
use crate::domain::rights::Act;
use crate::domain::scope::{Needs, Scope};

/// Records that the clock is right and the newest record's time was not.
#[derive(Debug, Clone)]
pub struct AcceptClock {
    /// How many enrolments were used while the clock was ahead, so that their codes do not
    /// count until then; they count again.
    pub used_ahead: usize,
}

impl Change for AcceptClock {
    fn needs(&self) -> Needs {
        Needs::default()
    }

    fn decide(&self, _: &Scope, context: &Context) -> Result<Outcome, Refusal> {
        const ACTION: &str = "state.accept-clock";
        context.actor.permit_site(Act::Site)?;
        if context.clock >= context.now && self.used_ahead == 0 {
            let summary = "the clock is not behind the newest record";
            return Ok(Outcome::unchanged(ACTION, "clock", summary));
        }
        let codes = match self.used_ahead {
            0 => None,
            1 => Some("the codes of 1 account, used while the clock was ahead, count again".into()),
            n => Some(format!(
                "the codes of {n} accounts, used while the clock was ahead, count again"
            )),
        };
        if context.clock >= context.now {
            let summary = codes.unwrap_or_default();
            return Ok(Outcome::done(ACTION, "clock", summary, vec![Object::Clock])
                .effective(TakesEffect::At(context.clock)));
        }
        let mut summary = format!(
            "the clock ({}) counts, not the newest record ({})",
            context.clock, context.now
        );
        if let Some(codes) = codes {
            summary.push_str("; ");
            summary.push_str(&codes);
        }
        Ok(Outcome::done(ACTION, "clock", summary, vec![Object::Clock])
            .effective(TakesEffect::At(context.clock))
            .warning(format!(
                "decisions are made at {} again: exceptions that expire after that live again",
                context.clock
            )))
    }

    fn mends_clock(&self) -> bool {
        true
    }
}
