//! The sealing key.

use super::{Change, Context};
use crate::domain::outcome::{Object, Outcome, TakesEffect};
use crate::domain::refusal::Refusal;
use crate::domain::rights::Act;
use crate::domain::scope::{Needs, Scope};

/// Records that all secrets are sealed with a new key.
#[derive(Debug, Clone)]
pub struct RotateKey {
    /// Whether it is the state's first key.
    pub first: bool,
}

impl Change for RotateKey {
    fn needs(&self) -> Needs {
        Needs::default()
    }

    fn decide(&self, _: &Scope, context: &Context) -> Result<Outcome, Refusal> {
        context.actor.permit_site(Act::Site)?;
        let summary = match self.first {
            true => "the state has its first sealing key",
            false => "all secrets are sealed with a new key",
        };
        Ok(Outcome::done("key.rotate", "key", summary, vec![Object::Key])
            .effective(TakesEffect::Now))
    }
}
