//! What `plan` and `apply` share: the plan, the guards, and why there is none.

use std::collections::BTreeSet;

use super::facts::StateFacts;
use super::former;
use crate::cli::policy::{Allowing, Creating};
use crate::commands::session::Session;
use crate::commands::user::new_id;
use crate::domain::change::Context;
use crate::domain::ids::{Login, UserId};
use crate::domain::refusal::Hint;
use crate::error::{Error, Kind, Result};
use crate::policy::plan::{
    GuardVerdict, Guards, Missing, Overrides, Plan, PlanError, PlanOptions, PlanReport, Refused,
    plan,
};
use crate::policy::{Policy, render};
use crate::store::Transaction;
use crate::ui::Progress;

/// How many hints of refusals are shown.
const MOST_HINTS: usize = 4;

/// A plan, and what the guards say of it.
pub(super) struct Planned {
    pub(super) plan: Plan,
    pub(super) verdict: GuardVerdict,
    /// What whoever reviews it should know.
    notes: Vec<String>,
}

/// Why there is no plan: the state or the configuration cannot be read, or rules refuse.
pub(super) type Unplanned = PlanError<Error>;

/// How to plan.
pub(super) struct Planning<'a> {
    pub(super) session: &'a Session<'a>,
    pub(super) creating: &'a Creating,
    pub(super) create_orgs: bool,
    pub(super) allowing: &'a Allowing,
    /// Whether a question lets go of the lock as soon as it can.
    pub(super) releases: bool,
    pub(super) progress: Progress,
}

impl Planning<'_> {
    /// Plans what `policy` would change in the state of `transaction`.
    pub(super) fn plan(
        &self,
        policy: &Policy,
        transaction: &mut Transaction,
        context: &Context,
    ) -> std::result::Result<Planned, Unplanned> {
        let guards = guards(self.session).map_err(PlanError::Facts)?;
        let notes = former::used_again(transaction.view(), &context.actor, policy);
        let notes = notes.map_err(PlanError::Facts)?;
        let mut failed = None;
        let mut id = |_: &Login| match new_id(self.session) {
            Ok(id) => id,
            Err(error) => {
                failed.get_or_insert(error);
                UserId::parse("x").expect("a letter is an id")
            }
        };
        let create_users: Option<&mut dyn FnMut(&Login) -> UserId> =
            if self.creating.create_users { Some(&mut id) } else { None };
        let options =
            PlanOptions { create_users, create_orgs: self.create_orgs, keep_refused: false };
        let (releases, progress) = (self.releases, self.progress.clone());
        let mut facts = StateFacts { transaction, releases, progress };
        let mut planned = plan(policy, &mut facts, context, options);
        if let Some(error) = failed {
            return Err(PlanError::Facts(error));
        }
        if let Err(PlanError::Refused(refusals)) = &mut planned {
            let view = facts.transaction.view();
            former::explain_missing(view, &context.actor, refusals).map_err(PlanError::Facts)?;
        }
        let plan = planned?;
        let verdict = guards.judge(&plan, &overrides(self.allowing));
        Ok(Planned { plan, verdict, notes })
    }
}

impl Planned {
    /// The plan as output knows it; its steps go into that.
    pub(super) fn report(&mut self) -> PlanReport {
        PlanReport::new(&mut self.plan, &self.verdict)
    }

    /// The error where a guard stops the plan.
    pub(super) fn stopped(&self) -> Option<Error> {
        let first = self.verdict.stops.first()?;
        let words = self.verdict.stops.iter().map(render::guard_sentence).collect();
        let mut error = Error::listing(Kind::Refused, "guard", words).about(first.guard);
        for stop in &self.verdict.stops {
            error = error.words(match &stop.allow {
                Some(option) => format!("if it is meant, add {option}: it is recorded"),
                None => format!("{} has no override: let admins enrol first", stop.guard),
            });
        }
        Some(error)
    }

    /// The guards that would stop it, and were overridden; and what there is to know.
    pub(super) fn warnings(&self) -> Vec<String> {
        let overridden = self.verdict.overridden.iter();
        let overridden =
            overridden.map(|stop| format!("overridden: {}", render::guard_sentence(stop)));
        overridden.chain(self.notes.iter().cloned()).collect()
    }
}

/// One error with every refusal and its line, and the exit code of the first.
pub(super) fn error(unplanned: Unplanned) -> Error {
    match unplanned {
        PlanError::Facts(error) => error,
        PlanError::Refused(refusals) => refused(&refusals),
    }
}

fn refused(refusals: &[Refused]) -> Error {
    let Some(first) = refusals.first() else {
        return Error::new(Kind::Bug, "bug", "a plan was refused without a reason");
    };
    let mut error = Error::from(first.refusal.clone());
    let line = |one: &Refused| format!("{}: {}", one.source, one.refusal.message);
    error.message = match refusals {
        [one] => line(one),
        many => {
            error.details = many.iter().take(crate::policy::SHOWN).map(line).collect();
            let more = many.len() - error.details.len();
            error.details.extend((more > 0).then(|| format!("and {more} more")));
            format!("{} changes are refused", many.len())
        }
    };
    error.hints = Vec::new();
    if refusals.iter().any(|one| one.missing == Some(Missing::Org)) {
        error = error.words("let the policy add missing orgs: --create-orgs");
    }
    let mut hints: Vec<&Hint> = refusals.iter().flat_map(|one| &one.refusal.hints).collect();
    // What helps many is said in words; a command helps the one that it names.
    hints.sort_by_key(|hint| matches!(hint, Hint::Command(_)));
    let mut seen = BTreeSet::new();
    for hint in hints {
        if error.hints.len() < MOST_HINTS && seen.insert(format!("{hint:?}")) {
            error.hints.push(hint.clone());
        }
    }
    error
}

/// The guards of the configuration that counts.
fn guards(session: &Session<'_>) -> Result<Guards> {
    let settings = session.settings();
    let table = toml::Value::Table(settings.config.guard.clone());
    table.try_into::<Guards>().map_err(|error| {
        let file = settings.config_file.as_ref();
        let file = file.map_or("the configuration".to_owned(), |file| file.display().to_string());
        let why = error.message().replace('\n', " ");
        Error::usage(format!("{file}: [guard]: {why}")).about(file)
    })
}

fn overrides(allowing: &Allowing) -> Overrides {
    Overrides {
        changes: allowing.allow_changes,
        weaken: allowing.allow_weaken,
        lock_out: allowing.allow_lock_out,
        removals: allowing.allow_removals,
        unenforce: allowing.allow_unenforce.iter().cloned().collect(),
    }
}
