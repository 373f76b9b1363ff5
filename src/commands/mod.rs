//! The verbs, one file each where there is anything to say: arguments → domain →
//! report. Thin: what may be done is decided in the domain, how it is kept in
//! the store, how it is printed in the report. This is the only dispatch.

mod answer;
mod audit;
mod bulk;
mod change;
mod change_report;
mod complete;
mod convert;
mod ending;
mod exception;
mod explain;
#[cfg(any(test, fuzzing))]
pub(crate) mod fuzzing;
mod generate;
mod init;
mod key;
mod keyring;
mod operator;
mod org;
mod policy;
mod report;
mod secret_output;
mod session;
mod sheet;
mod sight;
mod signin;
mod state;
mod targets;
mod user;
mod who;

pub use answer::Answer;
pub use complete::complete;
pub use session::{Session, typed};

use crate::cli::Noun;
use crate::error::Result;

/// Runs what was typed.
///
/// # Errors
/// Why it was not done.
pub fn run(session: &Session<'_>, verb: Noun) -> Result<Answer> {
    if verb.needs_operator() {
        session.refuse_strangers()?;
    }
    match verb {
        Noun::Init(args) => init::init(session, &args),
        Noun::User(verb) => user::run(session, verb.0),
        Noun::Org(verb) => org::run(session, verb.0),
        Noun::Exception(verb) => exception::run(session, verb.0),
        Noun::Explain(args) => explain::explain(session, &args),
        Noun::Policy(verb) => policy::run(session, verb.0),
        Noun::SignIn(verb) => signin::run(session, verb.0),
        Noun::Audit(verb) => audit::run(session, verb.0),
        Noun::Report(verb) => report::run(session, verb.0),
        Noun::Operator(verb) => operator::run(session, verb.0),
        Noun::State(verb) => state::run(session, verb.0),
        Noun::Key(verb) => key::run(session, verb.0),
        Noun::Convert(verb) => convert::run(session, verb.0),
        Noun::Completions(args) => generate::completions(&args),
        Noun::Man(args) => generate::man(session, &args),
    }
}
