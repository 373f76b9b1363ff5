//! What is done to the state as a whole: restore, repair, prune. The store
//! works out which objects that touches; here is who may do it, and when.

use super::{Change, Context, OwnAccount};
use crate::domain::outcome::{Object, Outcome, TakesEffect};
use crate::domain::refusal::Refusal;
use crate::domain::rights::Act;
use crate::domain::scope::{Needs, Scope};

/// Something done to the state as a whole. Without objects there is nothing to do.
#[derive(Debug, Clone)]
pub struct Keep {
    /// The act, `state.restore`.
    pub action: &'static str,
    /// What is now so, in one sentence.
    pub summary: String,
    /// What changes; the state itself first, for the report.
    pub objects: Vec<Object>,
    /// What the operator should know.
    pub warnings: Vec<String>,
    /// What it may do to the account of whoever does it.
    pub own_account: OwnAccount,
}

impl Change for Keep {
    fn needs(&self) -> Needs {
        Needs::default()
    }

    fn own_account(&self) -> OwnAccount {
        self.own_account
    }

    fn decide(&self, _: &Scope, context: &Context) -> Result<Outcome, Refusal> {
        context.actor.permit_site(Act::Site)?;
        // Each object is about itself.
        let outcome = Outcome::done(self.action, "", &self.summary, self.objects.clone());
        let outcome = outcome.effective(TakesEffect::Now);
        Ok(self.warnings.iter().fold(outcome, Outcome::warning))
    }
}
