//! One run of the program: what was typed → an answer or an error → exit code.

use std::cell::RefCell;
use std::ffi::OsString;
use std::io::{self, Write};

use crate::cli::{self, Cli, Global, complete};
use crate::commands::{self, Answer, Session};
use crate::env::{self, Env, Hardened};
use crate::error::{Error, Kind, Result};
use crate::report::format::wiped::Gathered;
use crate::report::{OutputFormat, RenderError, Style, render_error};
use crate::signals;
use crate::ui::Ui;

/// Runs the program with these arguments (its own name first) and returns its exit code.
pub fn run(arguments: &[OsString]) -> u8 {
    signals::hold_stops();
    let process = match env::harden() {
        Ok(process) => process,
        Err(error) => {
            let json = cli::wants_json(arguments);
            return fail(&error, if json { OutputFormat::Json } else { OutputFormat::Table }, None);
        }
    };
    if arguments.get(1).is_some_and(|word| word == complete::WORD) {
        return completed(process, &arguments[2..]);
    }
    match cli::parse(arguments) {
        Ok(cli) => typed(process, cli),
        Err(error) => match cli::help_or_error(&error) {
            Ok(text) => help(&text),
            Err(error) => {
                let json = cli::wants_json(arguments);
                fail(&error, if json { OutputFormat::Json } else { OutputFormat::Table }, None)
            }
        },
    }
}

/// For the completions of shells: nothing that goes wrong here is worth a word
/// in the middle of somebody's command line.
fn completed(process: Hardened, arguments: &[OsString]) -> u8 {
    let index = arguments.first().and_then(|index| index.to_str()?.parse::<usize>().ok());
    let (Some(index), Some(words)) = (index, arguments.get(1..)) else { return 0 };
    let mut completion = complete::complete(words.to_vec(), index);
    if let Some(live) = &completion.live {
        let global = complete::global_so_far(words.get(..index).unwrap_or(words));
        completion.candidates.extend(commands::complete(process, live, &global));
    }
    let _ = io::stdout().write_all(completion.lines().as_bytes());
    0
}

fn help(text: &clap::builder::StyledStr) -> u8 {
    // Without an Env: help needs no name of anybody.
    let color = env::color(clap::ColorChoice::Auto);
    let shown = if color { text.ansi().to_string() } else { text.to_string() };
    match io::stdout().write_all(shown.as_bytes()) {
        Err(error) if error.kind() != io::ErrorKind::BrokenPipe => Kind::System.exit_code(),
        _ => 0,
    }
}

fn typed(process: Hardened, cli: Cli) -> u8 {
    let global = cli.global.clone();
    let state = global.state.as_ref().map(|state| state.display().to_string());
    let code = match answer(process, cli) {
        Ok(code) => code,
        Err(error) => fail(&error, global.format, state.as_deref()),
    };
    crate::ui::finish();
    signals::end();
    code
}

fn fail(error: &Error, format: OutputFormat, state: Option<&str>) -> u8 {
    // Whoever closed stderr does not want to know.
    let _ = render_error(error, format, state, &mut io::stderr().lock());
    error.kind.exit_code()
}

fn answer(process: Hardened, cli: Cli) -> Result<u8> {
    let global = cli.global;
    let env = Env::enter(process, &commands::typed(&global, cli.verb.founds()))?;
    let ui = RefCell::new(Ui::new(global.quiet, global.yes, env.can_ask()));
    let session = Session::new(&env, &ui, &global);
    let answer = commands::run(&session, cli.verb)?;
    print(answer, &session.style(), &global, &ui)
}

fn print(mut answer: Answer, style: &Style, global: &Global, ui: &RefCell<Ui>) -> Result<u8> {
    for warning in answer.warnings() {
        ui.borrow_mut().warning(warning);
    }
    let (exit, committed, error) = (answer.exit_code(), answer.is_committed(), answer.take_error());
    let answered_unread = answer.must_be_read() && exit == 0;
    let mut out = Gathered::new(1 << 16, io::stdout().lock());
    // A reader that is slow or stopped: mostly no lock is held any more.
    let printed = signals::may_stop(|| {
        let printed = answer.print(global.format, style, &mut out);
        printed.and_then(|()| out.flush().map_err(RenderError::Output))
    });
    drop(out);
    match printed {
        Ok(()) => error.map_or(Ok(exit), Err),
        // Nobody gets in by an answer that nobody has read.
        Err(failed) if answered_unread => Err(match failed {
            RenderError::Source(error) => error,
            RenderError::Output(e) => Error::system("write", "the answer", &e),
        }),
        Err(failed) if failed.is_closed_pipe() => error.map_or(Ok(exit), Err),
        Err(failed) if committed => {
            ui.borrow_mut().warning(&format!("{failed}; the change itself is made"));
            Ok(exit)
        }
        Err(RenderError::Source(error)) => Err(error),
        Err(RenderError::Output(e)) => Err(Error::system("write", "the answer", &e)),
    }
}
