//! `signin check` and `signin verify`. No operator is needed, only to be the owner of the state
//! or root.

use std::path::Path;

use super::Answer;
use super::keyring;
use super::session::Session;
use crate::cli::signin as cli;
use crate::error::Result;
use crate::secret::typed::Typed;
use crate::signals::may_stop;
use crate::signin::{self, Door, Request, SigninAnswer, WhyNot};
use crate::store::Store;

/// Exit code of a no.
const NO: u8 = 1;

/// So few recovery codes left deserve a warning.
const FEW_CODES: u8 = 3;

/// Runs one of them.
pub(super) fn run(session: &Session<'_>, verb: cli::SignInCommand) -> Result<Answer> {
    match verb {
        cli::SignInCommand::Check(args) => check(session, &args),
        cli::SignInCommand::Verify(args) => verify(session, &args),
    }
}

fn request(args: &cli::EntryArgs) -> Request<'_> {
    Request { user: &args.user, org: &args.org, service: args.service.as_ref() }
}

fn answer(told: SigninAnswer, warnings: Vec<String>) -> Answer {
    let exit = if told.ok { 0 } else { NO };
    Answer::one(told).exit(exit).warn(warnings).must_be_printed()
}

/// `signin check`.
fn check(session: &Session<'_>, args: &cli::CheckSignInArgs) -> Result<Answer> {
    let store = session.live_store()?;
    let request = request(&args.entry);
    let mut told = match args.read.at {
        None => signin::ask(&store, request, session.clock())?,
        Some(_) => {
            let (view, at) = session.view_of_nobody(&args.read)?;
            signin::ask_view(&view, request, at)?
        }
    };
    // Who asks only for the decision may have the code checked by another system.
    if told.reason == Some(WhyNot::NoLocalSecret) {
        told.reason = Some(WhyNot::CodeRequired);
    }
    told.ok |= args.allow_code && told.reason == Some(WhyNot::CodeRequired);
    Ok(answer(told, Vec::new()))
}

/// `signin verify`.
fn verify(session: &Session<'_>, args: &cli::VerifySignInArgs) -> Result<Answer> {
    // A file is opened while the person's own rights still count.
    let named = args.code_from.as_deref().filter(|path| *path != Path::new("-"));
    let early = named.map(|path| may_stop(|| session.code(Some(path), None))).transpose()?;
    let (store, request) = (session.live_store()?, request(&args.entry));
    let mut told = signin::ask(&store, request, session.clock())?;
    if told.reason == Some(WhyNot::CodeRequired) {
        let code = match early {
            Some(code) => code,
            None => may_stop(|| session.code(args.code_from.as_deref(), None))?,
        };
        // Where nothing is entered, nothing is counted.
        if !code.trim().is_empty() {
            let door = Door {
                store: &store,
                keys: &|view| keyring::read(session, view),
                window: session.window(),
            };
            told = door.attempt(request, &Typed::parse(&code), session.clock())?;
        }
    }
    Ok(logged(session, &store, request, told))
}

/// The answer, once it was logged in `signin/log` and in the log of the system.
fn logged(
    session: &Session<'_>,
    store: &Store,
    request: Request<'_>,
    told: SigninAnswer,
) -> Answer {
    let mut warnings = Vec::new();
    if let Some(off) = told.clock_off.filter(|off| off.is_behind()) {
        warnings.push(format!(
            "the code would have been right earlier: the clock of the device is {off}, or the code is an old one"
        ));
    }
    let (line, logged) = told.log(store, request);
    if let Err(e) = logged {
        warnings.push(format!("the attempt is not in the log: {e}"));
    }
    session.syslog_quietly(&format!("sign-in {line}"));
    if told.by == Some("recovery-code")
        && told.ok
        && let Some(left) = told.recovery_codes_left.filter(|left| *left <= FEW_CODES)
    {
        let are = match left {
            0 => "no recovery code is".to_owned(),
            1 => "1 recovery code is".to_owned(),
            _ => format!("{left} recovery codes are"),
        };
        warnings.push(format!("{are} left: mfactl user codes {}", told.user));
    }
    answer(told, warnings)
}
