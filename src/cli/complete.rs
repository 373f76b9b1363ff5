//! What can stand next on a command line, for the completions of shells. The
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

/// Stands for what is not known here.
const HOLE: &str = "\u{1}";

/// What can stand at the place asked about.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Completion {
    /// Words with their help, as far as the declarations know them.
    pub candidates: Vec<(String, String)>,
    /// What the state knows more about.
    pub live: Option<Live>,
    /// Whether the name of a file or directory can stand there.
    pub paths: Option<Paths>,
}

/// Values that the state knows.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Live {
    /// Of what.
    pub kind: Completes,
    /// What is typed of the value so far.
    pub typed: String,
    /// What stands before the value in the same word, as in `--org=`.
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
}

/// Names of what.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Paths {
    /// Files, and directories on the way to them.
    Files,
    /// Directories only.
    Dirs,
}

impl Completion {
    /// What the scripts of the shells read: a line that says what can stand there
    /// (`values`, `files` or `dirs`), then a value a line with its help after a tab.
    pub fn lines(&self) -> String {
        let paths = match self.paths {
            None => "values",
            Some(Paths::Files) => "files",
            Some(Paths::Dirs) => "dirs",
        };
        let mut lines = format!("{paths}\n");
        for (value, help) in &self.candidates {
            lines.push_str(&format!("{value}\t{help}\n"));
        }
        lines
    }
}

/// What was asked about while completing: at most one value.
type LastLookup = Arc<Mutex<Option<(Lookup, String)>>>;

#[derive(Debug, Clone, Copy)]
enum Lookup {
    Live(Completes),
    Paths(Paths),
}

/// What can stand at `index` of `words`, the program's name first.
pub fn complete(words: Vec<OsString>, index: usize) -> Completion {
    let asked = LastLookup::default();
    let mut root = command();
    root.build();
    let mut root = marked(root, &asked);
    // It fails where it has nothing to say.
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
    match asked.lock().unwrap_or_else(PoisonError::into_inner).take() {
        Some((Lookup::Live(kind), typed)) => {
            completion.live = Some(Live { kind, typed, before });
        }
        Some((Lookup::Paths(paths), _)) => completion.paths = Some(paths),
        None => {}
    }
    completion
}

/// The options in front of the place asked about that say which state it is,
/// and who asks.
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

/// bash hands words over as they are typed.
fn unquoted(word: &str) -> &str {
    let inside = |quote| word.strip_prefix(quote)?.strip_suffix(quote);
    inside('\'').or_else(|| inside('"')).unwrap_or(word)
}

fn help(candidate: &CompletionCandidate) -> String {
    let help = candidate.get_help().map(ToString::to_string).unwrap_or_default();
    help.lines().next().unwrap_or_default().to_owned()
}

/// The same commands, in which every argument of which the state or the shell
/// knows the values says that it was asked about.
fn marked(command: Command, asked: &LastLookup) -> Command {
    let verb = command.get_name().to_owned();
    let command = command.mut_args(|arg| match what(&arg, &verb) {
        Some(what) => {
            // `set-mfa` takes its last word where the users stand.
            let fixed: &[&str] =
                if verb == "set-mfa" && arg.is_positional() { &["on", "off"] } else { &[] };
            arg.add(asking(what, fixed, asked))
        }
        None => arg,
    });
    command.mut_subcommands(|sub| marked(sub, asked))
}

fn asking(what: Lookup, fixed: &'static [&str], asked: &LastLookup) -> ArgValueCompleter {
    let asked = Arc::clone(asked);
    ArgValueCompleter::new(move |typed: &OsStr| {
        let typed = typed.to_string_lossy().into_owned();
        let fixed = fixed.iter().filter(|word| word.starts_with(&typed));
        let mut candidates = vec![CompletionCandidate::new(HOLE)];
        candidates.extend(fixed.map(CompletionCandidate::new));
        *asked.lock().unwrap_or_else(PoisonError::into_inner) = Some((what, typed));
        candidates
    })
}

fn what(arg: &Arg, verb: &str) -> Option<Lookup> {
    let name = arg.get_value_names()?.first()?.as_str();
    // What is to be added is not there yet.
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
    let paths = || match arg.get_value_hint() {
        ValueHint::FilePath | ValueHint::AnyPath => Some(Paths::Files),
        ValueHint::DirPath => Some(Paths::Dirs),
        _ => None,
    };
    kind.map(Lookup::Live).or_else(|| paths().map(Lookup::Paths))
}

#[cfg(test)]
mod tests {
    use super::*;

    /// What can stand at the end of `line`.
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
        for (line, paths) in [
            ("mfactl user import fi", Paths::Files),
            ("mfactl user list --state ", Paths::Dirs),
            ("mfactl user list --config=", Paths::Files),
            ("mfactl exception grant alice --evidence l", Paths::Files),
        ] {
            assert_eq!(at_end_of(line).paths, Some(paths), "{line}");
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
