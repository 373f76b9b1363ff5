//! `signin check` and `signin verify`: where the decision is really asked. No
//! operator is needed, only to be the owner of the state or root. Whatever goes
//! wrong, the answer is not yes.

mod subject;
mod verify;

use subject::Asked;

use super::Answer;
use super::session::Session;
use super::user::factor::Factor;
use crate::cli::signin as cli;
use crate::error::Result;
use crate::report::answers::signin::SigninReport;

/// Exit code of a no.
const NO: u8 = 1;

/// Runs one of them.
pub(super) fn run(session: &Session<'_>, verb: cli::SignInCommand) -> Result<Answer> {
    match verb {
        cli::SignInCommand::Check(args) => check(session, &args),
        cli::SignInCommand::Verify(args) => verify::verify(session, &args),
    }
}

fn answer(report: SigninReport, warnings: Vec<String>) -> Answer {
    let exit = if report.ok { 0 } else { NO };
    Answer::one(report).exit(exit).warn(warnings).must_be_printed()
}

/// `signin check`.
fn check(session: &Session<'_>, args: &cli::CheckSignInArgs) -> Result<Answer> {
    let store = session.live_store()?;
    let (asked, factor) = match args.read.at {
        None => store.peek(|view| {
            let asked = Asked::read(view, session.clock(), None, &args.entry)?;
            let factor = asked.factor(&store)?;
            Ok((asked, factor))
        })?,
        // What changes at sign-ins has no past and no future.
        Some(_) => {
            let (view, at) = session.view_of_nobody(&args.read)?;
            (Asked::read(&view, at, Some(at), &args.entry)?, None)
        }
    };
    let mut report = asked.report(&args.entry);
    report.locked_until = factor.as_ref().and_then(|factor| factor.locked_until(asked.now));
    report.recovery_codes_left = factor.as_ref().and_then(Factor::codes_left);
    if report.locked_until.is_some() {
        report.reason = Some("locked-out");
    } else if args.allow_code && report.reason == Some("code-required") {
        report.ok = true;
    }
    Ok(answer(report, Vec::new()))
}
