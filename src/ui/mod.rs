//! The person outside: warnings, hints, notices, questions and progress, on stderr. The
//! answer itself goes to stdout and is none of this room's business.

mod progress;

use std::io::{BufRead, Write};
use std::sync::{Condvar, Mutex, PoisonError};
use std::time::Duration;

use crate::error::{Error, Kind, Result};
use crate::report::format::text::safe;
use crate::signals;

pub use progress::Progress;

/// How to speak to the person. What stderr does not take is lost: it is no
/// reason to fail.
pub struct Ui {
    quiet: bool,
    yes: bool,
    can_ask: bool,
    err: Box<dyn Write>,
}

impl Ui {
    /// Speaks on stderr. `quiet`: errors and questions only; `yes`: every
    /// question is answered; `can_ask`: somebody is there to answer.
    pub fn new(quiet: bool, yes: bool, can_ask: bool) -> Ui {
        Ui { quiet, yes, can_ask, err: Box::new(std::io::stderr()) }
    }

    /// Something that did not go as it should have.
    pub fn warning(&mut self, text: &str) {
        self.line("warning: ", text);
    }

    /// A piece of advice.
    pub fn hint(&mut self, text: &str) {
        self.line("hint: ", text);
    }

    /// Something that is going on, as in «Blocking waiting for …».
    pub fn notice(&mut self, text: &str) {
        self.line("", text);
    }

    /// Work on many things (`total` of them, where that is known) that can be watched once
    /// it has taken half a second, or `patience`.
    pub fn progress(
        &self,
        what: &'static str,
        total: Option<u64>,
        patience: Option<Duration>,
    ) -> Progress {
        if self.quiet { Progress::unseen() } else { Progress::new(what, total, patience) }
    }

    fn line(&mut self, label: &str, text: &str) {
        if self.quiet {
            return;
        }
        let line = format!("{label}{}\n", safe(text));
        if signals::lock_is_held() {
            return unhurried(line);
        }
        let _ = self.err.write_all(line.as_bytes());
    }

    /// Asks `question` and goes on only if the answer is yes.
    ///
    /// # Errors
    /// `usage` where nobody can answer and `--yes` was not given; the refusal
    /// `not-confirmed` where the answer is no.
    pub fn confirm(&mut self, question: &str) -> Result<()> {
        debug_assert!(!signals::lock_is_held(), "others wait for the answer: {question}");
        if self.yes {
            return Ok(());
        }
        if !self.can_ask {
            let message = format!("this needs a yes, and there is no terminal to ask: {question}");
            return Err(Error::usage(message).words("say --yes if it is meant"));
        }
        signals::may_stop(|| self.ask(question, &mut std::io::stdin().lock()))
    }

    /// Asks for a line that is read from the terminal by somebody else.
    ///
    /// # Errors
    /// `usage` where nobody can answer.
    pub fn prompt(&mut self, label: &str) -> Result<()> {
        if !self.can_ask {
            let message = format!("there is no terminal to ask for the {label}");
            return Err(Error::usage(message).words("hand it in with --code-from FILE (-: stdin)"));
        }
        let _ = write!(self.err, "{}: ", safe(label));
        let _ = self.err.flush();
        Ok(())
    }

    fn ask(&mut self, question: &str, answers: &mut dyn BufRead) -> Result<()> {
        let _ = write!(self.err, "{} [y/N] ", safe(question));
        let _ = self.err.flush();
        let mut answer = String::new();
        // A terminal that went away has not said yes.
        let _ = answers.read_line(&mut answer);
        match answer.trim().to_ascii_lowercase().as_str() {
            "y" | "yes" => Ok(()),
            _ => Err(Error::new(
                Kind::Refused,
                "not-confirmed",
                "not confirmed; nothing was changed",
            )),
        }
    }
}

/// How long a line may take while others wait for a lock that is held.
const PATIENCE: Duration = Duration::from_millis(50);
/// How long the last such line may take once no lock is held.
const AT_THE_END: Duration = Duration::from_secs(1);

/// Whether a line that was written while a lock was held is still on its way.
static ON_ITS_WAY: Mutex<bool> = Mutex::new(false);
static WRITTEN: Condvar = Condvar::new();

/// Writes to stderr without waiting long for a reader who does not read: by a thread of its
/// own, which may wait for as long as the process lives. That thread keeps the lock of the
/// standard library's stderr, so nothing else may ask for it while a lock of a state is held,
/// and a line that comes while it waits is lost.
fn unhurried(text: String) {
    if !is_written_within(PATIENCE) {
        return;
    }
    set_on_its_way(true);
    let write = move || {
        let mut stderr = std::io::stderr();
        let _ = stderr.write_all(text.as_bytes()).and_then(|()| stderr.flush());
        set_on_its_way(false);
    };
    match std::thread::Builder::new().spawn(write) {
        Ok(_) => drop(is_written_within(PATIENCE)),
        Err(_) => set_on_its_way(false),
    }
}

/// Lets a line that was written while a lock was held arrive before the process ends. On a busy
/// machine its thread may not have run yet.
pub fn finish() {
    is_written_within(AT_THE_END);
}

fn set_on_its_way(is_on_its_way: bool) {
    *ON_ITS_WAY.lock().unwrap_or_else(PoisonError::into_inner) = is_on_its_way;
    WRITTEN.notify_all();
}

fn is_written_within(patience: Duration) -> bool {
    let on_its_way = ON_ITS_WAY.lock().unwrap_or_else(PoisonError::into_inner);
    let waited = WRITTEN.wait_timeout_while(on_its_way, patience, |waits| *waits);
    !waited.unwrap_or_else(PoisonError::into_inner).1.timed_out()
}

#[cfg(test)]
mod tests {
    use std::cell::RefCell;
    use std::rc::Rc;

    use super::*;

    #[derive(Clone, Default)]
    struct Paper(Rc<RefCell<Vec<u8>>>);

    impl Write for Paper {
        fn write(&mut self, bytes: &[u8]) -> std::io::Result<usize> {
            self.0.borrow_mut().write(bytes)
        }
        fn flush(&mut self) -> std::io::Result<()> {
            Ok(())
        }
    }

    fn ui(quiet: bool, yes: bool, can_ask: bool) -> (Ui, Paper) {
        let paper = Paper::default();
        (Ui { quiet, yes, can_ask, err: Box::new(paper.clone()) }, paper)
    }

    fn written(paper: &Paper) -> String {
        String::from_utf8(paper.0.borrow().clone()).unwrap()
    }

    /// On a busy machine lines of `-v` were lost: the process ended before their thread ran.
    #[test]
    fn a_line_that_is_late_arrives_before_the_end() {
        set_on_its_way(true);
        let late = std::thread::spawn(|| {
            std::thread::sleep(3 * PATIENCE);
            set_on_its_way(false);
        });
        assert!(!is_written_within(PATIENCE));
        finish();
        assert!(is_written_within(Duration::ZERO));
        late.join().unwrap();
    }

    #[test]
    fn quiet_is_quiet() {
        let (mut loud, paper) = ui(false, false, false);
        loud.warning("the clock\u{1b}[2J");
        loud.hint("look");
        loud.notice("Blocking waiting for the state lock held by 12");
        assert_eq!(
            written(&paper),
            "warning: the clock\\u{1b}[2J\nhint: look\nBlocking waiting for the state lock held by 12\n"
        );
        let (mut quiet, paper) = ui(true, false, false);
        quiet.warning("x");
        assert_eq!(written(&paper), "");
    }

    #[test]
    fn questions() {
        assert!(ui(false, true, false).0.confirm("Remove gbq?").is_ok());
        let error = ui(false, false, false).0.confirm("Remove gbq?").unwrap_err();
        assert_eq!(error.kind.exit_code(), 2);
        assert!(format!("{:?}", error.hints).contains("--yes"));
        for (answer, yes) in
            [("y\n", true), ("YES\n", true), ("n\n", false), ("\n", false), ("", false)]
        {
            let (mut ui, paper) = ui(true, false, true);
            let asked = ui.ask("Remove gbq?", &mut answer.as_bytes());
            assert_eq!(asked.is_ok(), yes, "{answer:?}");
            assert_eq!(written(&paper), "Remove gbq? [y/N] ");
            if let Err(error) = asked {
                assert_eq!((error.code, error.kind.exit_code()), ("not-confirmed", 3));
            }
        }
    }
}
