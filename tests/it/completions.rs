//! Completions with live values, in a real bash, zsh and fish.

#![allow(clippy::disallowed_methods, clippy::unwrap_used)]

use crate::shell;

use std::process::Command;
use std::time::{Duration, Instant};

use shell::{World, finish, tool};

/// Two states: `demo` with operators, one exception and awkward logins, and `other`.
fn world() -> World {
    let world = World::staffed();
    for command in [
        "user add zed@acme.example --org acme",
        "user add o'brien --org acme",
        "exception grant alice --short --org acme --reason no-signal",
        "org edit acme --service portal",
        "--state other init",
        "--state other org add elsewhere",
        "--state other user add yolanda --org elsewhere",
    ] {
        world.sh(&format!("mfactl {}", command.replace('\'', "\\'"))).exits(0);
    }
    std::fs::create_dir(world.path("folder")).unwrap();
    let scripts = concat!(env!("CARGO_MANIFEST_DIR"), "/completions");
    std::os::unix::fs::symlink(scripts, world.path("scripts")).unwrap();
    world
}

/// What is typed, and what stands there after a press of Tab (and a blank, where
/// the word is whole), in every shell. As `sam`, who sees all of both states.
const CASES: &[(&str, &str)] = &[
    ("mfactl use", "mfactl user"),
    ("mfactl user show ali", "mfactl user show alice"),
    ("mfactl user show alice --form", "mfactl user show alice --format"),
    ("mfactl user show id:u-al", "mfactl user show id:u-alice"),
    ("mfactl user show mail:alice@ac", "mfactl user show mail:alice@acme.example"),
    ("mfactl user show ze", "mfactl user show zed@acme.example"),
    ("mfactl user show zed@", "mfactl user show zed@acme.example"),
    ("mfactl user show o", "mfactl user show o\\'brien"),
    ("mfactl user reset alice bo", "mfactl user reset alice bob"),
    ("mfactl user opt-out alice --org glo", "mfactl user opt-out alice --org globex"),
    ("mfactl user opt-out alice --org=glo", "mfactl user opt-out alice --org=globex"),
    ("mfactl user add new --org acme:he", "mfactl user add new --org acme:helpdesk"),
    ("mfactl org enforce glo", "mfactl org enforce globex"),
    ("mfactl exception revoke alice#", "mfactl exception revoke alice#1"),
    ("mfactl exception show al", "mfactl exception show alice#1"),
    (
        "mfactl exception grant bob --short --reason phone-l",
        "mfactl exception grant bob --short --reason phone-lost-or-stolen",
    ),
    (
        "mfactl exception grant bob --short --service po",
        "mfactl exception grant bob --short --service portal",
    ),
    ("mfactl operator show pol", "mfactl operator show pol"),
    ("mfactl operator edit hal --role admin:g", "mfactl operator edit hal --role admin:globex"),
    ("mfactl --state other user show y", "mfactl --state other user show yolanda"),
    ("mfactl user show --state=other y", "mfactl user show --state=other yolanda"),
    ("mfactl --state other org show a", "mfactl --state other org show a"),
    ("mfactl --state nowhere user show al", "mfactl --state nowhere user show al"),
    ("mfactl --as hal user show gu", "mfactl --as hal user show gu"),
    ("mfactl user import smal", "mfactl user import small.csv"),
    ("mfactl --state fol", "mfactl --state folder/"),
];

/// A shell in a terminal.
struct Terminal<'w> {
    world: &'w World,
    socket: String,
}

impl Terminal<'_> {
    fn new<'w>(world: &'w World, shell: &str, setup: &str) -> Terminal<'w> {
        let socket = format!("mfactl-{}-{}", std::process::id(), shell.split(' ').next().unwrap());
        let terminal = Terminal { world, socket };
        terminal.tmux(&["new-session", "-d", "-x", "200", "-y", "50", shell]);
        terminal.keys(&["-l", setup]);
        terminal.keys(&["Enter"]);
        terminal.waits_for("ready-steady");
        terminal
    }

    fn tmux(&self, arguments: &[&str]) -> String {
        let mut command = self.world.shell("exec tmux -L \"$0\" -f /dev/null \"$@\"");
        command.arg(&self.socket).args(arguments).env("TERM", "xterm").env("LC_ALL", "C.UTF-8");
        finish(command).exits(0).stdout
    }

    fn keys(&self, keys: &[&str]) {
        self.tmux(&[&["send-keys"], keys].concat());
    }

    /// What stands after the last prompt.
    fn line(&self) -> String {
        let pane = self.tmux(&["capture-pane", "-p"]);
        let last = pane.lines().rfind(|line| line.contains("ready> ")).unwrap_or_default();
        last.rsplit("ready> ").next().unwrap_or_default().trim_end().to_owned()
    }

    #[track_caller]
    fn waits_for(&self, expected: &str) {
        self.waits(|pane| pane.contains(expected));
    }

    #[track_caller]
    fn waits(&self, until: impl Fn(&str) -> bool) {
        let begun = Instant::now();
        while !until(&self.tmux(&["capture-pane", "-p"])) {
            let pane = || self.tmux(&["capture-pane", "-p"]);
            assert!(begun.elapsed() < Duration::from_secs(20), "{}", pane());
            std::thread::sleep(Duration::from_millis(20));
        }
    }

    /// What becomes of `typed` when Tab is pressed. A mark that is typed afterwards
    /// tells when the shell is done with it.
    fn completed(&self, typed: &str) -> String {
        self.keys(&["-l", typed]);
        self.keys(&["Tab"]);
        self.keys(&["-l", "@@@"]);
        self.waits_for("@@@");
        let line = self.line();
        self.keys(&["C-u"]);
        self.keys(&["C-l"]);
        self.waits(|pane| !pane.contains("@@@"));
        line.trim_end_matches("@@@").trim_end().to_owned()
    }
}

impl Drop for Terminal<'_> {
    fn drop(&mut self) {
        let _ = Command::new("tmux").args(["-L", &self.socket, "kill-server"]).output();
    }
}

/// Words with quotes and backslashes in them, and the login that they begin.
const QUOTED: &[(&str, &str)] = &[
    ("'ali", "alice"),
    ("\"ali", "alice"),
    ("o\\'br", "o'brien"),
    ("\"o'br", "o'brien"),
    ("\"zed@", "zed@acme.example"),
];

/// Each keeps the quote that it began with.
fn quoted_words(terminal: &Terminal<'_>) {
    for (word, login) in QUOTED {
        let quote = word.chars().next().filter(|c| matches!(c, '\'' | '"'));
        let whole = match quote {
            Some(quote) => format!("{quote}{login}{quote}"),
            None => login.replace('\'', "\\'"),
        };
        let typed = format!("mfactl user show {word}");
        assert_eq!(terminal.completed(&typed), format!("mfactl user show {whole}"), "{word}");
    }
}

fn every_case(terminal: &Terminal<'_>) {
    for (typed, expected) in CASES {
        // zsh quotes what could be the beginning of a comment.
        assert_eq!(terminal.completed(typed).replace("\\#", "#"), *expected, "{typed}");
    }
}

#[test]
fn bash_completes_what_the_state_knows() {
    if !tool("tmux") || !tool("bash") {
        return;
    }
    let world = world();
    let setup = "PS1='ready> '; bind 'set bell-style none'; source scripts/mfactl.bash; clear; echo ready-''steady";
    let terminal = Terminal::new(&world, "bash --norc --noprofile -i", setup);
    every_case(&terminal);
    quoted_words(&terminal);
}

/// As Debian's package would: found by its name, with bash-completion beside it.
#[test]
fn bash_completion_finds_it() {
    const LOADER: &str = "/usr/share/bash-completion/bash_completion";
    let there = std::path::Path::new(LOADER).exists();
    assert!(there || std::env::var_os("MFACTL_TESTS_NEED_TOOLS").is_none(), "{LOADER}");
    if !there {
        return;
    }
    let world = world();
    std::fs::create_dir_all(world.path("share/bash-completion/completions")).unwrap();
    let place = world.path("share/bash-completion/completions/mfactl");
    std::fs::copy(world.path("scripts/mfactl.bash"), place).unwrap();
    let script = format!(
        "XDG_DATA_HOME=$PWD/share; source {LOADER}; _completion_loader mfactl; \
         COMP_WORDS=(mfactl user show ali); COMP_CWORD=3; COMP_LINE='mfactl user show ali'; \
         COMP_POINT=20; _mfactl mfactl ali show; echo \"${{COMPREPLY[*]}}\""
    );
    std::fs::write(world.path("script"), script).unwrap();
    assert_eq!(world.sh("bash --norc -i script 2>/dev/null").exits(0).stdout, "alice\n");
}

#[test]
fn zsh_completes_what_the_state_knows() {
    if !tool("tmux") || !tool("zsh") {
        return;
    }
    let world = world();
    let setup = "PS1='ready> '; unsetopt beep; autoload -Uz compinit; compinit -u -D; source scripts/_mfactl; clear; echo ready-''steady";
    let terminal = Terminal::new(&world, "zsh -f -i", setup);
    every_case(&terminal);
    quoted_words(&terminal);
    let other = "MFACTL_STATE=other mfactl user show y";
    assert_eq!(terminal.completed(other), "MFACTL_STATE=other mfactl user show yolanda");
}

#[test]
fn fish_completes_what_the_state_knows() {
    if !tool("fish") {
        return;
    }
    let world = world();
    let complete = |line: &str| -> Vec<String> {
        std::fs::write(world.path("line"), line).unwrap();
        let run =
            world.sh("fish --no-config -c 'source scripts/mfactl.fish; complete -C (cat line)'");
        assert_eq!(run.stderr, "", "{line}");
        run.stdout.lines().map(|line| line.split('\t').next().unwrap().to_owned()).collect()
    };
    for (typed, expected) in CASES {
        let last = expected.rsplit(' ').next().unwrap().replace('\\', "");
        let none = typed == expected && !typed.ends_with("pol");
        let expected = if none { vec![] } else { vec![last] };
        assert_eq!(complete(typed), expected, "{typed}");
    }
    for (word, login) in QUOTED {
        assert_eq!(complete(&format!("mfactl user show {word}")), [*login], "{word}");
    }
    assert_eq!(complete("MFACTL_STATE=other mfactl user show y"), ["yolanda"]);
    assert_eq!(complete("mfactl user set-mfa carol o"), ["o'brien", "off", "on"]);
}

fn asked(world: &World, who: &str, line: &str) -> Vec<String> {
    let words = line.split(' ').count() - 1;
    let run = world.as_user(who, &format!("__complete {words} {line}")).exits(0);
    assert_eq!(run.stderr, "", "{line}");
    let mut lines = run.stdout.lines();
    assert_eq!(lines.next(), Some("values"), "{line}");
    lines.map(|line| line.split('\t').next().unwrap().to_owned()).collect()
}

#[test]
fn only_what_the_operator_sees_is_offered() {
    let world = world();
    let nobody: Vec<String> = Vec::new();
    assert_eq!(asked(&world, "gil", "mfactl org show g"), ["globex"]);
    assert_eq!(asked(&world, "gil", "mfactl org show a"), nobody);
    assert_eq!(asked(&world, "gil", "mfactl user show a"), ["alice"], "of globex too");
    assert_eq!(asked(&world, "hal", "mfactl user show a"), ["ada.person", "alice"]);
    assert_eq!(asked(&world, "aud", "mfactl operator show a"), ["ada", "aud"]);
    assert_eq!(asked(&world, "hal", "mfactl operator show a"), nobody);
    assert_eq!(asked(&world, "hal", "mfactl operator show h"), ["hal"]);
    assert_eq!(asked(&world, "gil", "mfactl exception show al"), nobody, "it is of acme");
    assert_eq!(asked(&world, "stranger", "mfactl user show a"), nobody);
    assert_eq!(asked(&world, "hal", "mfactl --as sam user show a"), nobody);
}

#[test]
fn it_is_silent_whatever_is_wrong_and_never_waits() {
    let world = world();
    for wrong in [
        "",
        "x",
        "1",
        "9 mfactl",
        "-1 mfactl user",
        "2 mfactl $(printf '\\377')",
        "1 mfactl --config /nowhere",
    ] {
        let run = world.mfactl(&format!("__complete {wrong}")).exits(0);
        assert_eq!(run.stderr, "", "{wrong}");
    }
    let quiet = |line: &str| assert_eq!(asked(&world, "sam", line), Vec::<String>::new(), "{line}");
    quiet("mfactl --config nowhere user show a");
    quiet("mfactl --state /dev/null user show a");
    // A writer holds the lock: what is committed is there to be read all the same.
    let mut holder = world.shell("exec flock -x demo/lock sleep 30").spawn().unwrap();
    while world.sh("flock -n -x demo/lock true").code == 0 {
        std::thread::sleep(Duration::from_millis(10));
    }
    let begun = Instant::now();
    assert_eq!(asked(&world, "sam", "mfactl user show ali"), ["alice"]);
    assert!(begun.elapsed() < Duration::from_secs(5));
    holder.kill().unwrap();
    holder.wait().unwrap();
    // Damage is for other commands to tell of.
    std::fs::write(world.path("demo/users/all.yaml"), "damaged").unwrap();
    quiet("mfactl user show ali");
}

#[test]
fn no_more_than_a_few_hundred_values_are_given() {
    let world = World::hospital();
    let lines = world.mfactl("__complete 3 mfactl user show ''").exits(0).stdout;
    let users = lines.lines().filter(|line| !line.starts_with('-')).count() - 1;
    assert_eq!(users, 300);
}
