use super::*;
use crate::domain::model::Switch;

/// Every command with its path of words, root and nouns included.
fn every_command() -> Vec<(String, clap::Command)> {
    fn walk(path: &str, command: &clap::Command, found: &mut Vec<(String, clap::Command)>) {
        found.push((path.to_owned(), command.clone()));
        for sub in command.get_subcommands().filter(|sub| sub.get_name() != "help") {
            walk(&format!("{path} {}", sub.get_name()), sub, found);
        }
    }
    let mut root = command();
    root.build();
    let mut found = Vec::new();
    walk("mfactl", &root, &mut found);
    found
}

fn examples(command: &clap::Command) -> Vec<String> {
    let help = command.get_after_help().map(ToString::to_string).unwrap_or_default();
    help.lines().filter_map(|line| line.strip_prefix("  ")).map(str::to_owned).collect()
}

/// Words as a shell would split them, for the quotes that our examples have.
fn split(line: &str) -> Vec<String> {
    let (mut words, mut word, mut quoted) = (Vec::new(), String::new(), false);
    for c in line.chars() {
        match c {
            '\'' => quoted = !quoted,
            ' ' if !quoted => words.push(std::mem::take(&mut word)),
            c => word.push(c),
        }
    }
    words.push(word);
    words
}

fn parsed(line: &str) -> Cli {
    parse(split(line)).unwrap_or_else(|e| panic!("{line}\n{e}"))
}

fn error_of(line: &str) -> crate::error::Error {
    match help_or_error(&parse(split(line)).map(|_| line).unwrap_err()) {
        Err(error) => error,
        Ok(text) => panic!("{line} answers {text}"),
    }
}

#[test]
fn clap_finds_no_mistake_in_the_declarations() {
    let mut root = command();
    root.build();
    root.debug_assert();
}

#[test]
fn every_option_has_help_and_every_verb_has_examples_that_parse() {
    for (path, command) in every_command() {
        assert!(command.get_about().is_some(), "{path} does not say what it is");
        for arg in command.get_arguments() {
            assert!(arg.get_help().is_some(), "{path}: {} has no help", arg.get_id());
        }
        if command.has_subcommands() {
            continue;
        }
        let examples = examples(&command);
        assert!(!examples.is_empty(), "{path} has no example");
        for example in examples {
            assert!(example.starts_with(&path), "{example} is no example of {path}");
            parsed(&example);
        }
    }
}

#[test]
fn help_words_stay_short_lines() {
    for (path, command) in every_command() {
        for help in command
            .get_about()
            .into_iter()
            .chain(command.get_arguments().filter_map(|a| a.get_help()))
        {
            let help = help.to_string();
            assert!(!help.ends_with('.'), "{path}: {help}");
            assert!(!help.contains('\n'), "{path}: {help}");
        }
    }
}

#[test]
fn a_noun_alone_answers_with_its_help() {
    for line in [
        "mfactl",
        "mfactl user",
        "mfactl user -o json",
        "mfactl -o json",
        "mfactl user --help",
        "mfactl help user",
        "mfactl --version",
        "mfactl -q exception",
    ] {
        let error = parse(split(line)).map(|_| ()).unwrap_err();
        let Ok(text) = help_or_error(&error) else { panic!("{line}: {error}") };
        if line.contains("user") {
            assert!(text.to_string().contains("set-mfa"), "{line}: {text}");
        }
    }
}

#[test]
fn global_options_stand_anywhere() {
    for line in [
        "mfactl --state /s -o json --lock-timeout 2m user show alice",
        "mfactl user -o json --lock-timeout 2m --state /s show alice",
        "mfactl user show alice --state /s -o json --lock-timeout 2m",
    ] {
        let cli = parsed(line);
        assert_eq!(cli.global.state.as_deref(), Some(std::path::Path::new("/s")));
        assert_eq!(cli.global.format, crate::report::OutputFormat::Json);
        assert_eq!(cli.global.lock_timeout.as_seconds(), 120);
    }
}

#[test]
fn a_global_option_stands_anywhere_and_once() {
    let global = parsed("mfactl -v user -v show alice -o json -y").global;
    assert_eq!(
        (global.format, global.verbose, global.yes),
        (crate::report::OutputFormat::Json, 2, true)
    );
    for wrong in [
        "mfactl --state /a user list --state /b",
        "mfactl user --state /a list --state /a",
        "mfactl -o yaml user list -o json",
        "mfactl --as ann user list --as eve",
        "mfactl --config /a user list --config /b",
        "mfactl -y user reset alice -y",
        "mfactl --lock-timeout 1s user list --lock-timeout 2s",
        "mfactl --instance a user list --instance b",
        "mfactl --instance a user list --state /b",
        "mfactl --config /b user list --instance a",
        "mfactl user list --instance ../a",
    ] {
        let error = parse(split(wrong)).unwrap_err();
        assert_eq!(error.exit_code(), 2, "{wrong}");
    }
    let global = parsed("mfactl user list").global;
    assert_eq!(
        (global.format, global.lock_timeout.as_seconds()),
        (crate::report::OutputFormat::Table, 10)
    );
}

#[test]
fn changes_and_questions_have_their_own_options() {
    for wrong in [
        "mfactl user list --dry-run",
        "mfactl user show alice -m why",
        "mfactl user reset alice --at 3",
        "mfactl audit log --at 3",
        "mfactl org enforce st-marys on --at 3",
    ] {
        assert_eq!(error_of(wrong).kind.exit_code(), 2, "{wrong}");
    }
    parsed("mfactl explain alice --at -7d");
    parsed("mfactl user reset alice --dry-run -m why --ticket INC-1");
}

#[test]
fn set_mfa_takes_its_last_word_wherever_options_stand() {
    for line in [
        "mfactl user set-mfa alice bob on",
        "mfactl user set-mfa alice -y bob on",
        "mfactl user set-mfa alice bob --dry-run on",
        "mfactl user set-mfa -q alice bob on --ticket T",
    ] {
        let Noun::User(Deferred(user::UserCommand::SetMfa(set))) = parsed(line).verb else {
            panic!("{line}")
        };
        assert_eq!((set.many.users.len(), set.switch), (2, Switch::On), "{line}");
    }
    parsed("mfactl user set-mfa on --from-file -");
    parsed("mfactl user set-mfa --where mfa=off on");
    for wrong in [
        "mfactl user set-mfa on",
        "mfactl user set-mfa alice",
        "mfactl user set-mfa alice maybe",
        "mfactl user set-mfa alice on --from-file -",
        "mfactl user set-mfa /etc/passwd on",
    ] {
        assert_eq!(error_of(wrong).kind.exit_code(), 2, "{wrong}");
    }
}

#[test]
fn users_are_named_in_exactly_one_way() {
    for wrong in [
        "mfactl user reset",
        "mfactl user reset alice --where mfa=on",
        "mfactl user join --org st-marys",
        "mfactl exception grant --short --reason other",
        "mfactl exception grant alice --reason other",
        "mfactl exception grant alice --short --long --reason other",
        "mfactl operator add a --os-user a",
        "mfactl operator add a --os-user a --user a --service",
        "mfactl user edit alice",
        "mfactl org edit st-marys",
        "mfactl user add a --sign-in sso",
        "mfactl exception list --live --all",
        "mfactl exception grant alice --short --reason other --for 1h --until +1h",
    ] {
        assert_eq!(error_of(wrong).kind.exit_code(), 2, "{wrong}");
    }
}

#[test]
fn a_wrong_line_reads_like_every_other_error() {
    let error = error_of("mfactl user opt-out alice --org St-Marys");
    assert!(error.message.contains("no org"), "{}", error.message);
    assert!(!error.message.contains('\n'));
    let error = error_of("mfactl user set-mfq alice on");
    assert!(error.hints.iter().any(|hint| format!("{hint:?}").contains("set-mfa")), "{error:?}");
    assert!(
        error.hints.iter().any(|hint| format!("{hint:?}").contains("user --help")),
        "{error:?}"
    );
}

#[test]
fn json_is_recognised_before_parsing() {
    for line in [
        "mfactl usr -o json",
        "mfactl --format=json",
        "mfactl -ojson",
        "mfactl --format json",
        "mfactl -qo json user",
        "mfactl -yqo=json",
    ] {
        assert!(wants_json(&split(line)), "{line}");
    }
    for line in [
        "mfactl -o jsonl",
        "mfactl json",
        "mfactl --org json",
        "mfactl -m json",
        "mfactl -o",
        "mfactl user find -- -o json",
    ] {
        assert!(!wants_json(&split(line)), "{line}");
    }
}

/// An option that a row could give and may not would be passed over in every table.
#[test]
fn every_option_of_a_bulk_verb_is_a_column_of_its_lists() {
    use super::exception::GrantTerms;
    use super::row::{NoRowOptions, RowReader};
    use super::user::{AskedBy, InOrg, JoinPlace, OptOutRowArgs};
    const OF_THE_RUN: [&str; 5] = ["from_file", "where", "columns", "message", "ticket"];
    let globals: Vec<String> = {
        let (_, show) = every_command().into_iter().find(|(p, _)| p == "mfactl user show").unwrap();
        show.get_arguments().filter_map(|arg| arg.get_long().map(sheet::column_name)).collect()
    };
    let mut verbs = 0;
    for (path, command) in every_command() {
        let has = |id: &str| command.get_arguments().any(|arg| arg.get_id() == id);
        if !(has("filter") && has("from_file")) {
            continue;
        }
        verbs += 1;
        let columns = match path.as_str() {
            "mfactl user opt-out" => RowReader::new::<OptOutRowArgs>(),
            "mfactl user opt-in" | "mfactl user leave" => RowReader::new::<InOrg>(),
            "mfactl user join" => RowReader::new::<JoinPlace>(),
            "mfactl user set-mfa" => RowReader::new::<AskedBy>(),
            "mfactl exception grant" | "mfactl exception request" => RowReader::new::<GrantTerms>(),
            _ => RowReader::new::<NoRowOptions>(),
        };
        let columns = columns.columns();
        let takes_value = |arg: &&clap::Arg| arg.get_action().takes_values();
        for option in command.get_arguments().filter(takes_value).filter_map(clap::Arg::get_long) {
            let option = sheet::column_name(option);
            let known = columns.contains(&option) || OF_THE_RUN.contains(&option.as_str());
            assert!(known || globals.contains(&option), "{path}: {option} is no column");
        }
    }
    assert_eq!(
        verbs, 10,
        "set-mfa, opt-out, opt-in, reset, (de)activate, join, leave, grant, request"
    );
}
