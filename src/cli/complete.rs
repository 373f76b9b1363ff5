//! What can come next on a command line, for the completions of shells. The
//! words, options and fixed values come from the declarations; what only the
//! state knows (logins, orgs, …) is named here and looked up elsewhere.

use std::ffi::{OsStr, OsString};
use std::path::PathBuf;
use std::sync::{Arc, Mutex, PoisonError};

use clap::{Arg, Command, ValueHint};
use clap_complete::engine::{ArgValueCompleter, CompletionCandidate};

use super::{Global, command};

/// The first word of the hidden command: `mfactl __complete INDEX WORD…`, where
/// WORD… is the line so far, the program's name first, and INDEX counts from it.
pub const WORD: &str = "__complete";

/// Takes the place of values that are not known here.
const HOLE: &str = "\u{1}";

/// What can come at one place of a command line.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Completion {
    /// Words with their help, as far as the declarations know them.
    pub candidates: Vec<(String, String)>,
    /// A value that the state or the shell completes.
    pub live: Option<Live>,
}

/// A value that the state or the shell completes.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Live {
    /// What it names.
    pub kind: Completes,
    /// The part of the value that is typed.
    pub typed: String,
    /// The text before the value in the same word, as in `--org=`.
    pub before: String,
}

/// What a value names.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Completes {
    /// A user: `alice`, `id:u-1`, `mail:alice@acme.example`.
    User,
    /// An org.
    Org,
    /// An org with a role of its members: `acme:admin`.
    OrgRole,
    /// An exception: `alice#3`.
    Exception,
    /// The code of a reason.
    Reason,
    /// A service of an org.
    Service,
    /// An operator.
    Operator,
    /// A role of an operator: `admin:acme`.
    OperatorRole,
    /// A file. The shell completes it.
    File,
    /// A directory. The shell completes it.
    Dir,
}

impl Completion {
    /// What the scripts of the shells read: a first line (`values`, `files` or `dirs`), then
    /// one line for each value, with its help after a tab.
    pub fn lines(&self) -> String {
        let kind = match self.live.as_ref().map(|live| live.kind) {
            Some(Completes::File) => "files",
            Some(Completes::Dir) => "dirs",
            _ => "values",
        };
        let mut lines = format!("{kind}\n");
        for (value, help) in &self.candidates {
            lines.push_str(&format!("{value}\t{help}\n"));
        }
        lines
    }
}

/// The value that is completed and what is typed of it: at most one.
type LastLookup = Arc<Mutex<Option<(Completes, String)>>>;

/// What can come at `index` of `words`, the program's name first.
pub fn complete(words: Vec<OsString>, index: usize) -> Completion {
    let asked = LastLookup::default();
    let mut root = command();
    root.build();
    let mut root = marked(root, &asked);
    // An error means that there is nothing to complete.
    let found = clap_complete::engine::complete(&mut root, words, index, None).unwrap_or_default();
    let mut completion = Completion::default();
    let mut before = String::new();
    for candidate in found {
        let value = candidate.get_value().to_string_lossy().into_owned();
        match value.strip_suffix(HOLE) {
            Some(prefix) => before = prefix.to_owned(),
            None => completion.candidates.push((value, help(&candidate))),
        }
    }
    let asked = asked.lock().unwrap_or_else(PoisonError::into_inner).take();
    completion.live = asked.map(|(kind, typed)| Live { kind, typed, before });
    completion
}

/// The options so far that choose the state and the operator.
pub fn global_so_far(words: &[OsString]) -> Global {
    let mut global = Global { quiet: true, ..Global::default() };
    let words: Vec<String> =
        words.iter().map(|word| unquoted(&word.to_string_lossy()).to_owned()).collect();
    for (at, word) in words.iter().enumerate() {
        let (option, value) = match word.split_once('=') {
            Some((option, value)) => (option, Some(unquoted(value).to_owned())),
            None => (word.as_str(), words.get(at + 1).cloned()),
        };
        match (option, value) {
            ("--state", Some(value)) => global.state = Some(PathBuf::from(value)),
            ("--config", Some(value)) => global.config = Some(PathBuf::from(value)),
            ("--instance", Some(value)) => global.instance = Some(value),
            ("--as", Some(value)) => global.acting_as = value.parse().ok(),
            ("--allow-nfs", _) => global.allow_nfs = true,
            _ => {}
        }
    }
    global
}

/// bash passes words on as they are typed, with quotes.
fn unquoted(word: &str) -> &str {
    let inside = |quote| word.strip_prefix(quote)?.strip_suffix(quote);
    inside('\'').or_else(|| inside('"')).unwrap_or(word)
}

fn help(candidate: &CompletionCandidate) -> String {
    let help = candidate.get_help().map(ToString::to_string).unwrap_or_default();
    help.lines().next().unwrap_or_default().to_owned()
}

/// The same commands. Each argument that the state or the shell completes notes that it is
/// the one being completed.
fn marked(command: Command, asked: &LastLookup) -> Command {
    let verb = command.get_name().to_owned();
    let command = command.mut_args(|arg| match kind_of(&arg, &verb) {
        Some(kind) => {
            // `set-mfa` takes its last word where the users stand.
            let fixed: &[&str] =
                if verb == "set-mfa" && arg.is_positional() { &["on", "off"] } else { &[] };
            arg.add(asking(kind, fixed, asked))
        }
        None => arg,
    });
    command.mut_subcommands(|sub| marked(sub, asked))
}

fn asking(kind: Completes, fixed: &'static [&str], asked: &LastLookup) -> ArgValueCompleter {
    let asked = Arc::clone(asked);
    ArgValueCompleter::new(move |typed: &OsStr| {
        let typed = typed.to_string_lossy().into_owned();
        let fixed = fixed.iter().filter(|word| word.starts_with(&typed));
        let mut candidates = vec![CompletionCandidate::new(HOLE)];
        candidates.extend(fixed.map(CompletionCandidate::new));
        *asked.lock().unwrap_or_else(PoisonError::into_inner) = Some((kind, typed));
        candidates
    })
}

fn kind_of(arg: &Arg, verb: &str) -> Option<Completes> {
    let name = arg.get_value_names()?.first()?.as_str();
    // A new name is not in the state yet.
    let new = verb == "add" && arg.is_positional();
    let kind = match name {
        _ if new => None,
        "USER" | "USER|on|off" => Some(Completes::User),
        "ORG" => Some(Completes::Org),
        "ORG[:ROLE]" => Some(Completes::OrgRole),
        "USER#N" => Some(Completes::Exception),
        "CODE" => Some(Completes::Reason),
        "SERVICE" => Some(Completes::Service),
        "OPERATOR" => Some(Completes::Operator),
        "ROLE" if arg.get_value_parser().possible_values().is_none() => {
            Some(Completes::OperatorRole)
        }
        _ => None,
    };
    let path = || match arg.get_value_hint() {
        ValueHint::FilePath | ValueHint::AnyPath => Some(Completes::File),
        ValueHint::DirPath => Some(Completes::Dir),
        _ => None,
    };
    kind.or_else(path)
}

#[cfg(test)]
mod tests {
    use super::*;

    /// What can come at the end of `line`.
    fn at_end_of(line: &str) -> Completion {
        let words: Vec<OsString> = line.split(' ').map(OsString::from).collect();
        let last = words.len() - 1;
        complete(words, last)
    }

    fn values(line: &str) -> Vec<String> {
        at_end_of(line).candidates.into_iter().map(|(value, _)| value).collect()
    }

    #[test]
    fn words_options_and_fixed_values_are_known() {
        assert_eq!(values("mfactl us"), ["user"]);
        assert!(values("mfactl user ").contains(&"set-mfa".to_owned()));
        assert_eq!(values("mfactl user set-mfa alice --req"), ["--requested-by"]);
        assert_eq!(values("mfactl user show alice -o js"), ["json", "jsonl"]);
        assert_eq!(values("mfactl org enforce acme o"), ["on", "off"]);
        assert_eq!(values("mfactl user set-mfa alice of"), ["off"]);
        assert_eq!(values("mfactl user role alice --org acme he"), ["helpdesk"]);
        assert!(values("mfactl __").is_empty(), "the word for the shells is nobody else's");
        for (value, help) in at_end_of("mfactl ").candidates {
            assert!(!help.is_empty() || value == "-", "{value}");
        }
    }

    #[test]
    fn what_the_state_knows_is_asked_for() {
        for (line, kind, typed, before) in [
            ("mfactl user show al", Completes::User, "al", ""),
            ("mfactl --state x user -q show ", Completes::User, "", ""),
            ("mfactl user reset alice b", Completes::User, "b", ""),
            ("mfactl user set-mfa alice b", Completes::User, "b", ""),
            ("mfactl user opt-out alice --org st", Completes::Org, "st", ""),
            ("mfactl user opt-out alice --org=st", Completes::Org, "st", "--org="),
            ("mfactl org enforce ac", Completes::Org, "ac", ""),
            ("mfactl user add new --org acme:", Completes::OrgRole, "acme:", ""),
            ("mfactl exception approve alice#", Completes::Exception, "alice#", ""),
            ("mfactl exception grant alice --short --reason ph", Completes::Reason, "ph", ""),
            ("mfactl exception grant alice --service p", Completes::Service, "p", ""),
            ("mfactl operator show s", Completes::Operator, "s", ""),
            ("mfactl user list --as s", Completes::Operator, "s", ""),
            ("mfactl operator edit hal --no-role help", Completes::OperatorRole, "help", ""),
            ("mfactl audit log --user a", Completes::User, "a", ""),
        ] {
            let live = Live { kind, typed: typed.to_owned(), before: before.to_owned() };
            assert_eq!(at_end_of(line).live, Some(live), "{line}");
        }
        for line in ["mfactl org add ac", "mfactl user add al", "mfactl user rename alice b"] {
            assert_eq!(at_end_of(line).live, None, "{line}: it is not there yet");
        }
        for (line, kind) in [
            ("mfactl user import fi", Completes::File),
            ("mfactl user list --state ", Completes::Dir),
            ("mfactl user list --config=", Completes::File),
            ("mfactl exception grant alice --evidence l", Completes::File),
        ] {
            assert_eq!(at_end_of(line).live.map(|live| live.kind), Some(kind), "{line}");
        }
    }

    #[test]
    fn which_state_and_who_is_read_from_the_line() {
        let global = |line: &str| {
            let words: Vec<OsString> = line.split(' ').map(OsString::from).collect();
            global_so_far(&words)
        };
        let typed = global("mfactl --state demo user --as hal show -o");
        assert_eq!(typed.state.as_deref(), Some(std::path::Path::new("demo")));
        assert_eq!(typed.acting_as.unwrap().as_str(), "hal");
        let last = global("mfactl --state=one user show --state='two'");
        assert_eq!(last.state.as_deref(), Some(std::path::Path::new("two")));
        assert_eq!(global("mfactl --state 'x'").state, Some("x".into()));
        assert_eq!(global("mfactl user --state").state, None);
    }

    #[test]
    fn nothing_that_is_typed_makes_it_fail() {
        for line in ["", "mfactl", "mfactl -- ", "mfactl --state", "mfactl user show -", "x y z"] {
            let _ = at_end_of(line).lines();
        }
        assert_eq!(complete(Vec::new(), 7), Completion::default());
        assert_eq!(complete(vec!["mfactl".into()], usize::MAX), Completion::default());
    }
}
