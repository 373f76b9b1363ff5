//! One invocation: the state that it works on, and who acts.

use std::cell::{OnceCell, RefCell};
use std::io::Write;
use std::path::Path;
use std::sync::Arc;
use std::time::Duration;

use zeroize::Zeroizing;

use super::ending::waited;
use super::who::{found, named};
use crate::cli::Global;
use crate::cli::shared_args::ReadArgs;
use crate::cli::value::AtArg;
use crate::domain::encoding::decode;
use crate::domain::model::Operators;
use crate::domain::rights::Actor;
use crate::domain::time::Time;
use crate::env::{
    Env, Exchange, ExchangeOptions, KeyPlace, Output, Settings, SignInConfig, StateFrom,
    StatePlace, TypedSettings,
};
use crate::error::{Error, Kind, Result};
use crate::report::{OutputFormat, RenderError, Report, Style};
use crate::secret::totp::Window;
use crate::signals::Ending;
use crate::store::{Archive, At, Author, Disk, DraftState, Options, RealDisk, Store, Vacant, View};
use crate::ui::{Progress, Ui};

/// The longest file of accounts, users or policy that is read (bytes).
pub(super) const LARGEST_TEXT: u64 = 1 << 30;

/// One invocation.
pub struct Session<'a> {
    env: &'a Env,
    ui: &'a RefCell<Ui>,
    global: &'a Global,
    /// The state, opened once.
    opened: OnceCell<StateSource>,
}

/// What is in the state's place, opened.
#[derive(Clone)]
enum StateSource {
    /// A state.
    Live(Arc<dyn Disk>),
    /// One that is only being made.
    Draft(Arc<dyn Disk>),
    /// A backup.
    Backup(Arc<Archive>),
}

impl<'a> Session<'a> {
    /// A session on the state and with the rights that `env` found.
    pub fn new(env: &'a Env, ui: &'a RefCell<Ui>, global: &'a Global) -> Session<'a> {
        let settings = env.settings();
        for warning in &settings.warnings {
            ui.borrow_mut().warning(warning);
        }
        if global.verbose > 0 {
            let config = settings.config_file.as_ref();
            let config = config.map_or("none".to_owned(), |file| file.display().to_string());
            let state = settings.state.display();
            ui.borrow_mut().notice(&format!("state {state}, configuration {config}"));
        }
        Session { env, ui, global, opened: OnceCell::new() }
    }

    /// The same session on a state that is only being made.
    pub(super) fn on_draft(&self, draft: &DraftState) -> Session<'a> {
        Session { opened: OnceCell::from(StateSource::Draft(draft.disk())), ..*self }
    }

    /// The state directory as it is shown to people.
    pub(super) fn dir(&self) -> &Path {
        &self.settings().state
    }

    /// The state directory as it was typed, for commands that are to be pasted.
    pub(super) fn typed_state(&self) -> Option<String> {
        self.global.state.as_ref().map(|state| state.display().to_string())
    }

    pub(super) fn env(&self) -> &Env {
        self.env
    }

    pub(super) fn clock(&self) -> Time {
        self.env.clock()
    }

    /// The configuration that counts, and where it is from.
    pub(super) fn settings(&self) -> &'a Settings {
        self.env.settings()
    }

    /// Whether the answer is for a merge request or a CI system.
    pub(super) fn is_review(&self) -> bool {
        self.global.format.is_review()
    }

    /// Whether the answer is printed an item a line, as it comes.
    pub(super) fn streams(&self) -> bool {
        self.global.format == OutputFormat::Jsonl
    }

    /// Where the sealing key is.
    pub(super) fn key_place(&self) -> &KeyPlace {
        &self.settings().key
    }

    /// What the configuration says of sign-ins.
    pub(super) fn sign_in(&self) -> &SignInConfig {
        &self.settings().config.signin
    }

    /// How far off the clock of a device may be that shows a code.
    pub(super) fn window(&self) -> Window {
        self.sign_in().window.and_then(Window::new).unwrap_or_default()
    }

    /// How long to wait for a lock.
    pub(super) fn lock_timeout(&self) -> Duration {
        Duration::from_secs(u64::try_from(self.global.lock_timeout.as_seconds()).unwrap_or(0))
    }

    /// A source of random bytes for secrets.
    pub(super) fn random(&self) -> impl FnMut(&mut [u8]) + '_ {
        |bytes| self.env.random(bytes)
    }

    /// How answers are printed.
    pub(super) fn format(&self) -> OutputFormat {
        self.global.format
    }

    /// For whom answers are printed.
    pub fn style(&self) -> Style {
        Style {
            width: self.env.width(),
            wide: self.global.wide,
            color: self.env.color(self.global.color),
            now: self.env.clock(),
        }
    }

    /// Prints an answer before the verb is done.
    ///
    /// # Errors
    /// System (8), where it was not printed whole.
    pub(super) fn print_now(&self, answer: Report) -> Result<()> {
        let mut out = Zeroizing::new(Vec::new());
        let failed = |e: &std::io::Error| Error::system("write", "the answer", e);
        let printed = answer.render(self.format(), &self.style(), &mut *out);
        printed.map_err(|e| match e {
            RenderError::Source(error) => error,
            RenderError::Output(e) => failed(&e),
        })?;
        let mut stdout = std::io::stdout().lock();
        stdout.write_all(&out).and_then(|()| stdout.flush()).map_err(|e| failed(&e))
    }

    /// A line to the log of the system, where there is one.
    pub(super) fn syslog_quietly(&self, line: &str) {
        let _ = crate::env::syslog(line);
    }

    /// A code from a file (`-`: stdin), or asked for on the terminal.
    pub(super) fn code(
        &self,
        from: Option<&Path>,
        ending: Option<&Ending>,
    ) -> Result<Zeroizing<String>> {
        let stdin = Path::new("-");
        // Where somebody types it, they are told what.
        if from.is_none_or(|path| path == stdin && self.env.can_ask()) {
            self.ui.borrow_mut().prompt("code")?;
        }
        match ending {
            None => self.env.read_code(from.unwrap_or(stdin)),
            Some(ending) => self.env.read_typed_code(&|stdin| waited(ending, stdin)),
        }
    }

    /// Work on many things that can be watched.
    pub(super) fn progress(&self, what: &'static str, total: Option<u64>) -> Progress {
        self.ui.borrow().progress(what, total, self.env.patience())
    }

    /// A reading of all accounts that can be watched.
    pub(super) fn reading(&self) -> Progress {
        self.progress("reading accounts", None)
    }

    /// Whether a dangerous act has to be asked for: `--yes` was not given.
    pub(super) fn asks(&self) -> bool {
        !self.global.yes
    }

    pub(super) fn confirm(&self, question: &str) -> Result<()> {
        self.ui.borrow_mut().confirm(question)
    }

    /// The state, to be read: also the one in a backup, where that is named in its place.
    ///
    /// # Errors
    /// `no-state` (4); damaged (7); system (8); `bad-backup` (2).
    pub(super) fn store(&self) -> Result<Store> {
        self.open(self.options()?)
    }

    fn open(&self, options: Options) -> Result<Store> {
        match self.opened()? {
            StateSource::Live(disk) => {
                Store::with_disk(disk, options).map_err(|error| self.or_elsewhere(error))
            }
            StateSource::Draft(disk) => Ok(Store::of_draft(disk, options)),
            StateSource::Backup(archive) => Store::of_archive(&archive, options),
        }
    }

    /// What is in the state's place: one opening for the whole run.
    fn opened(&self) -> Result<StateSource> {
        if let Some(opened) = self.opened.get() {
            return Ok(opened.clone());
        }
        let shown = self.dir().display().to_string();
        let opened = match self.env.state()? {
            StatePlace::Nothing => {
                return Err(self.or_elsewhere(Error::no_state(&shown)));
            }
            StatePlace::Dir(dir) => {
                let root = dir.try_clone_to_owned();
                let root = root.map_err(|e| Error::system("open", &shown, &e))?;
                let disk = RealDisk::of(root, shown, self.allow_nfs());
                StateSource::Live(Arc::new(disk.map_err(|error| self.or_elsewhere(error))?))
            }
            StatePlace::Backup(file) => {
                let file = file.try_clone().map_err(|e| Error::system("open", &shown, &e))?;
                StateSource::Backup(Arc::new(Archive::open(file, &shown)?))
            }
        };
        Ok(self.opened.get_or_init(|| opened).clone())
    }

    /// The error that there is no state, with what the person probably looks for: otherwise
    /// they would be led to make a second, empty one.
    fn or_elsewhere(&self, error: Error) -> Error {
        if error.code != "no-state" {
            return error;
        }
        let hint = match self.settings().state_from {
            StateFrom::Variable if self.dir().is_relative() => Some(format!(
                "MFACTL_STATE is a relative path, and means {} here: set it to an absolute one",
                self.env.state_path().display()
            )),
            _ => self.env.state_of_the_machine().map(|(place, owner)| {
                format!("the state in {} belongs to {owner}: use sudo", place.display())
            }),
        };
        match hint {
            Some(hint) => Error { hints: Vec::new(), ..error }.words(hint),
            None => error,
        }
    }

    /// The place for a new state.
    ///
    /// # Errors
    /// Not permitted (5) in privileged mode, where `--init` makes none; `exists` (3) where
    /// something that cannot be one is there; as [`Env::state`].
    pub(super) fn vacant(&self, founding: Founds) -> Result<Vacant<'a>> {
        if founding == Founds::AsPartOfAnother && self.env.is_privileged() {
            let message = "--init does not make a state under sudo";
            let error = Error::new(Kind::NotPermitted, "privileged", message);
            return Err(error.words("make it first, with: sudo mfactl init"));
        }
        let place = self.env.state_path();
        match self.env.state()? {
            StatePlace::Dir(dir) => {
                self.permit_founding()?;
                Ok(Vacant::Dir(dir, place))
            }
            StatePlace::Backup(_) => {
                let message = format!("{} exists already, and is a file", self.dir().display());
                Err(Error::new(Kind::Refused, "exists", message).about(self.dir().display()))
            }
            StatePlace::Nothing => {
                self.env.permit_founding()?;
                self.env.check_place()?;
                Ok(Vacant::Path(place))
            }
        }
    }

    /// A state that exists is refused as such, whoever asks.
    fn permit_founding(&self) -> Result<()> {
        match self.store() {
            Err(error) if error.code == "no-state" => self.env.permit_founding(),
            _ => Ok(()),
        }
    }

    /// The state, to be changed or to let somebody in by it: no backup of it.
    ///
    /// # Errors
    /// `backup` (2) where a backup is named in its place; as [`Session::store`].
    pub(super) fn live_store(&self) -> Result<Store> {
        if self.is_backup() {
            return Err(Archive::read_only(&self.dir().display().to_string()));
        }
        self.store()
    }

    /// Whether a backup is read in the place of the state directory.
    pub(super) fn is_backup(&self) -> bool {
        matches!(self.env.state(), Ok(StatePlace::Backup(_)))
    }

    fn allow_nfs(&self) -> bool {
        self.global.allow_nfs || self.settings().config.allow_nfs
    }

    /// The state, long reading of which is counted by `progress`.
    ///
    /// # Errors
    /// As [`Session::store`].
    pub(super) fn watched_store(&self, progress: &Progress) -> Result<Store> {
        let progress = progress.clone();
        self.open(Options { step: Arc::new(move || progress.one()), ..self.options()? })
    }

    /// How the store works on it.
    pub(super) fn options(&self) -> Result<Options> {
        let quiet = self.global.quiet;
        let mut options = Options::new(self.env.clock_source(), Arc::new(self.env.random_source()));
        options.lock_timeout = self.lock_timeout();
        options.command = command_words();
        options.waiting = Arc::new(move |words| Ui::new(quiet, false, false).notice(words));
        options.allow_nfs = self.allow_nfs();
        let boot_id = std::sync::OnceLock::new();
        options.boot_id = Arc::new(move || {
            boot_id.get_or_init(|| crate::env::boot_id().unwrap_or_default()).clone()
        });
        if self.settings().config.audit.syslog {
            options.syslog = Some(Arc::new(move |line| {
                if let Err(warning) = crate::env::syslog(line) {
                    Ui::new(quiet, false, false).warning(&warning);
                }
            }));
        }
        Ok(options)
    }

    /// A file named on the command line (`-`: stdin), as text of at most `limit` bytes.
    pub(super) fn read_text(&self, path: &Path, limit: u64) -> Result<String> {
        let bytes = self.env.read_named(path, limit)?;
        decode(bytes).map_err(|e| {
            let (path, line) = (path.display(), e.line.map(|line| format!(", line {line}")));
            let message = format!("{path}{}: {}", line.unwrap_or_default(), e.what);
            Error::usage(message).about(path).words(e.hint())
        })
    }

    /// A regular file named on the command line, no link or device, at most `limit` bytes.
    pub(super) fn read_regular(&self, path: &Path, limit: u64) -> Result<Vec<u8>> {
        self.env.read_regular(path, limit)
    }

    /// A regular file named on the command line, open: no link or device.
    pub(super) fn open_regular(&self, path: &Path) -> Result<std::fs::File> {
        self.env.open_regular(path)
    }

    /// A file named on the command line that is to be written, outside of the state.
    pub(super) fn output(&self, path: &Path) -> Result<Output> {
        self.env.output(path)
    }

    /// A new file named on the command line for a secret, outside of the state.
    pub(super) fn new_output(&self, path: &Path) -> Result<Output> {
        self.env.new_output(path)
    }

    /// A file of another tool that is to be written, outside of the state.
    pub(super) fn exchange(&self, path: &Path, options: ExchangeOptions) -> Result<Exchange> {
        self.env.exchange(path, options)
    }

    /// The record of who acts as `operator`.
    pub(super) fn author(&self, operator: &str) -> Result<Author> {
        let identity = self.env.identity();
        Ok(Author {
            operator: operator.to_owned(),
            os_user: identity.os_user()?.to_owned(),
            identity_from: identity.from.as_str().to_owned(),
        })
    }

    /// Who acts: the operator that `--as` names or that the OS user is.
    ///
    /// # Errors
    /// Not permitted (5) to who is no operator; `--as` needed (2) by who is several.
    pub(super) fn actor(&self, operators: &Operators) -> Result<(Actor, Author)> {
        let actor = self.who(operators)?;
        let author = self.author(actor.name())?;
        if self.global.verbose > 0 {
            let (os_user, from) = (&author.os_user, &author.identity_from);
            let words = format!("{} acts (OS user {os_user}, by {from})", author.operator);
            self.ui.borrow_mut().notice(&words);
        }
        Ok((actor, author))
    }

    fn who(&self, operators: &Operators) -> Result<Actor> {
        let identity = self.env.identity();
        match &self.global.acting_as {
            // Whoever can read a backup can read it as anybody: nothing in it can be changed.
            Some(name) => {
                let anybody = identity.is_root || self.is_backup();
                named(operators, name, identity.os_user()?, anybody)
            }
            None => found(operators, identity.os_user()?, identity.is_root)
                .map_err(|e| if self.is_backup() { Session::name_an_operator(e) } else { e }),
        }
    }

    /// In privileged mode, refuses a person who is not an operator before any file that they
    /// named is read. The verb would refuse them too, but only after the owner's process had
    /// read, parsed and copied files of their choice. Any other error is left to the verb.
    ///
    /// # Errors
    /// Not permitted (5).
    pub(super) fn refuse_strangers(&self) -> Result<()> {
        if !self.env.is_privileged() {
            return Ok(());
        }
        let look = |view: &View| self.who(&view.operators()?).map(drop);
        match self.store().and_then(|store| store.peek(look)) {
            Err(error) if error.kind == Kind::NotPermitted => Err(error),
            _ => Ok(()),
        }
    }

    /// The error of somebody who is no operator of the backup that they read.
    fn name_an_operator(error: Error) -> Error {
        Error { hints: Vec::new(), ..error }
            .words("in a backup anybody may look around as one of its operators: add --as NAME")
    }

    /// The state as it is now, and who reads it.
    pub(super) fn view(&self) -> Result<(View, Actor)> {
        let view = self.store()?.view()?;
        let (actor, _) = self.actor(&view.operators()?)?;
        Ok((view, actor))
    }

    /// The state that `--at` names, who reads it (by the operators of now), and the instant meant:
    /// that of the revision, or the one named. An instant ahead means the state of now.
    pub(super) fn view_at(&self, read: &ReadArgs) -> Result<(View, Actor, Time)> {
        let (view, actor) = self.view()?;
        let (view, at) = self.move_to(view, read)?;
        Ok((view, actor, at))
    }

    /// The view that `--at` means, and its instant.
    fn move_to(&self, view: View, read: &ReadArgs) -> Result<(View, Time)> {
        let now = self.clock().max(view.head().at);
        let at = match read.at {
            None => return Ok((view, now)),
            Some(AtArg::Rev(rev)) => At::Rev(rev),
            Some(AtArg::Time(when)) => {
                let time = when.resolve(self.clock());
                if time >= view.head().at {
                    return Ok((view, time));
                }
                At::Time(time)
            }
        };
        drop(view);
        let past = self.store()?.view_at(at)?;
        let instant = match at {
            At::Time(time) => time,
            At::Rev(_) => past.head().at,
        };
        Ok((past, instant))
    }

    /// The same for a question that needs no operator.
    pub(super) fn view_of_nobody(&self, read: &ReadArgs) -> Result<(View, Time)> {
        let view = self.store()?.view()?;
        let (view, at) = self.move_to(view, read)?;
        Ok((view, at))
    }

    /// For verbs that read the past only: an instant ahead is an error.
    pub(super) fn view_past(&self, read: &ReadArgs) -> Result<(View, Actor, Time)> {
        if let Some(AtArg::Time(when)) = read.at {
            let time = when.resolve(self.clock());
            if time > self.clock() {
                let message = format!(
                    "--at {time} is to come: only explain, signin check and report coverage tell what will be"
                );
                return Err(Error::usage(message));
            }
        }
        self.view_at(read)
    }
}

/// What the command line says of the state and the configuration; `founds`: the verb makes
/// a state.
pub fn typed(global: &Global, founds: bool) -> TypedSettings {
    TypedSettings {
        state: global.state.clone(),
        config: global.config.clone(),
        instance: global.instance.clone(),
        allow_nfs: global.allow_nfs,
        founds,
    }
}

/// What makes a state.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Founds {
    /// `init` or `state restore`, whose work it is.
    Alone,
    /// `--init` of another verb.
    AsPartOfAnother,
}

/// Noun and verb of this process, for those who wait for its lock: no value of an
/// option, which could be personal.
fn command_words() -> String {
    let words =
        Env::arguments().into_iter().skip(1).map(|word| word.to_string_lossy().into_owned());
    let plain =
        |word: &String| word.starts_with(|c: char| c.is_ascii_lowercase()) && word.len() < 20;
    let mut found = vec!["mfactl".to_owned()];
    found.extend(words.skip_while(|word| !is_noun(word)).take_while(plain).take(2));
    found.join(" ")
}

fn is_noun(word: &str) -> bool {
    crate::cli::NOUNS.contains(&word)
}
