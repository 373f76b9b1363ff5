//! Who may run what: every command, for every role, with its exit code written
//! out. Changes are tried with `--dry-run`, so that one state serves all.

#![allow(clippy::disallowed_methods, clippy::unwrap_used)]

use crate::person;
use crate::shell;

use std::collections::BTreeSet;
use std::sync::atomic::{AtomicUsize, Ordering};

use shell::World;

/// Who runs the commands, by OS user: nobody's operator, helpdesk of acme, admin
/// of acme, admin of globex, auditor, site-admin, a machine account that is admin
/// of acme, and root itself, which needs no operator.
const WHO: [&str; 8] = ["stranger", "hal", "ada", "gil", "aud", "sam", "pol", "root"];

/// 0 done, 2 wrong, 3 refused by a rule, 4 not found or out of sight, 5 not permitted.
///
/// bob is a member of acme, alice of acme and globex, helen works at the helpdesk
/// of acme, gus administers globex, nemo is in no org. `bob#1` waits for approval
/// (a long one), `frank#1` and `alice#1` are live (short ones, in acme only).
const TABLE: &str = "
                                                                                                       | stranger hal ada gil aud sam pol root
init --state new --dry-run                                                                             |        0   0   0   0   0   0   0    0
init --dry-run                                                                                         |        3   3   3   3   3   3   3    3
user add new.one --org acme --dry-run                                                                  |        5   5   0   4   5   0   5    0
user add new.one --org globex --dry-run                                                                |        5   4   4   0   5   0   4    0
user add new.one --dry-run                                                                             |        5   5   5   5   5   0   5    0
user edit bob --name X --dry-run                                                                       |        5   5   0   4   5   0   5    0
user edit alice --name X --dry-run                                                                     |        5   5   5   5   5   0   5    0
user edit root.admin --name X --dry-run                                                                |        5   5   5   4   5   5   5    0
user rename bob robert --dry-run                                                                       |        5   5   0   4   5   0   5    0
user show bob                                                                                          |        5   0   0   4   0   0   0    0
user show gus                                                                                          |        5   4   4   0   0   0   4    0
user show nemo                                                                                         |        5   4   4   4   0   0   4    0
user list                                                                                              |        5   0   0   0   0   0   0    0
user export                                                                                            |        5   0   0   0   0   0   0    0
user list --org acme                                                                                   |        5   0   0   4   0   0   0    0
user find bob                                                                                          |        5   0   0   0   0   0   0    0
user remove bob --dry-run                                                                              |        5   5   5   4   5   0   5    0
user activate erin --dry-run                                                                           |        5   5   0   4   5   0   5    0
user deactivate bob --dry-run                                                                          |        5   5   0   4   5   0   5    0
user deactivate ada.person --dry-run                                                                   |        5   5   5   4   5   0   5    0
user import new.csv --dry-run                                                                          |        5   5   0   4   5   0   5    0
user set-mfa bob on --dry-run                                                                          |        5   5   0   4   5   0   5    0
user set-mfa alice off --dry-run                                                                       |        5   5   5   5   5   0   5    0
user set-mfa nemo on --dry-run                                                                         |        5   4   4   4   5   0   4    0
user opt-out bob --org acme --dry-run                                                                  |        5   5   0   4   5   0   5    0
user opt-out alice --org acme --dry-run                                                                |        5   5   0   4   5   0   5    0
user opt-out alice --org globex --dry-run                                                              |        5   4   4   0   5   0   4    0
user opt-in bob --org acme --dry-run                                                                   |        5   5   0   4   5   0   5    0
user join bob --org globex --dry-run                                                                   |        5   4   4   4   5   0   4    0
user join nemo --org acme --dry-run                                                                    |        5   4   4   4   5   0   4    0
user leave bob --org acme --dry-run                                                                    |        5   5   0   4   5   0   5    0
user role bob --org acme admin --dry-run                                                               |        5   5   0   4   5   0   5    0
user membership bob --org acme --from-file out.json --dry-run                                          |        5   5   0   4   5   0   5    0
user reset bob --dry-run                                                                               |        5   0   0   4   5   0   5    0
user reset alice --dry-run                                                                             |        5   5   5   5   5   0   5    0
user reset helen --dry-run                                                                             |        5   5   0   4   5   0   5    0
user reset hal.person --dry-run                                                                        |        5   5   5   4   5   0   5    0
user enrol carol --external app --dry-run                                                              |        5   0   0   4   5   0   5    0
user enrol bob --reveal --dry-run                                                                      |        5   0   0   4   5   0   5    0
user confirm carol --code-from code --reveal --dry-run                                                 |        5   0   0   4   5   0   5    0
user codes ivy --reveal --dry-run                                                                      |        5   0   0   4   5   0   5    0
user unlock ivy --dry-run                                                                              |        5   0   0   4   5   0   5    0
signin check ivy --org acme                                                                            |        0   0   0   0   0   0   0    0
signin verify ivy --org nowhere --code-from code                                                       |        4   4   4   4   4   4   4    4
key info                                                                                               |        5   5   5   5   0   0   5    0
key rotate --dry-run                                                                                   |        5   5   5   5   5   0   5    0
convert import otpauth uris --dry-run                                                                  |        5   5   5   5   5   0   5    0
convert export otpauth new.uris ivy --dry-run                                                          |        5   5   5   5   5   0   5    0
convert export otpauth new.uris --dry-run                                                              |        5   5   5   5   5   0   5    0
org add more --dry-run                                                                                 |        5   5   5   5   5   0   5    0
org edit acme --grace-days 3 --dry-run                                                                 |        5   5   0   4   5   0   5    0
org edit acme --add-reason flood:long --dry-run                                                        |        5   5   5   4   5   0   5    0
org show acme                                                                                          |        5   0   0   4   0   0   0    0
org list                                                                                               |        5   0   0   0   0   0   0    0
org remove empty --dry-run                                                                             |        5   4   4   4   5   0   4    0
org enforce acme on --dry-run                                                                          |        5   5   0   4   5   0   5    0
exception grant ivy --short --reason no-signal --dry-run                                               |        5   0   0   4   5   0   5    0
exception grant helen --short --reason no-signal --dry-run                                             |        5   5   0   4   5   0   5    0
exception grant alice --short --org globex --reason no-signal --dry-run                                |        5   4   4   0   5   0   4    0
exception grant frank --long --reason accessibility --evidence https://x.example --replace --dry-run   |        5   0   0   4   5   0   5    0
exception request frank --long --reason accessibility --evidence https://x.example --replace --dry-run |        5   0   0   4   5   0   5    0
exception approve bob#1 --dry-run                                                                      |        5   5   0   4   5   0   5    0
exception reject bob#1 --dry-run                                                                       |        5   5   0   4   5   0   5    0
exception show frank#1                                                                                 |        5   0   0   4   0   0   0    0
exception show alice#1                                                                                 |        5   0   0   4   0   0   0    0
exception evidence frank#1                                                                             |        5   0   0   4   0   0   0    0
exception list                                                                                         |        5   0   0   0   0   0   0    0
exception list --all                                                                                   |        5   0   0   0   0   0   0    0
exception revoke frank#1 --dry-run                                                                     |        5   0   0   4   5   0   5    0
exception expire --dry-run                                                                             |        0   0   0   0   0   0   0    0
exception follow-ups                                                                                   |        5   0   0   0   0   0   0    0
exception reasons                                                                                      |        5   0   0   0   0   0   0    0
explain bob --org acme                                                                                 |        5   0   0   4   0   0   0    0
explain gus --org globex                                                                               |        5   4   4   0   0   0   4    0
explain nemo                                                                                           |        5   4   4   4   0   0   4    0
audit log                                                                                              |        5   5   5   5   0   0   5    0
audit show 1                                                                                           |        5   5   5   5   0   0   5    0
audit verify                                                                                           |        5   5   5   5   0   0   5    0
audit head                                                                                             |        5   5   5   5   0   0   5    0
audit prune --before 2026-01-01 --dry-run                                                              |        5   5   5   5   5   0   5    0
audit export                                                                                           |        5   5   5   5   0   0   5    0
report coverage                                                                                        |        5   0   0   0   0   0   0    0
report coverage --org acme                                                                             |        5   0   0   4   0   0   0    0
report exceptions                                                                                      |        5   0   0   0   0   0   0    0
report exceptions --org acme                                                                           |        5   0   0   4   0   0   0    0
report opt-outs                                                                                        |        5   0   0   0   0   0   0    0
report opt-outs --org acme                                                                             |        5   0   0   4   0   0   0    0
report operators                                                                                       |        5   5   5   5   0   0   5    0
operator add fay --os-user fay --user frank --role helpdesk:acme --dry-run                             |        5   5   5   4   5   0   5    0
operator edit hal --role helpdesk:globex --dry-run                                                     |        5   5   5   5   5   0   5    0
operator edit ada --os-user ada2 --dry-run                                                             |        5   5   5   5   5   0   5    0
operator list                                                                                          |        5   5   5   5   0   0   5    0
operator show hal                                                                                      |        5   5   5   5   0   0   5    0
operator remove hal --dry-run                                                                          |        5   5   5   5   5   0   5    0
operator whoami                                                                                        |        5   0   0   0   0   0   0    0
policy check p.yaml                                                                                    |        0   0   0   0   0   0   0    0
policy schema                                                                                          |        0   0   0   0   0   0   0    0
policy test p.yaml --tests t.yaml                                                                      |        0   0   0   0   0   0   0    0
policy plan p.yaml                                                                                     |        5   5   0   4   0   0   0    0
policy apply p.yaml --dry-run                                                                          |        5   5   0   4   5   0   0    0
policy export --org acme                                                                               |        5   0   0   4   0   0   0    0
policy drift                                                                                           |        5   0   0   0   0   0   0    0
state backup out.json                                                                                   |        5   5   5   5   2   2   5    2
state restore new.csv --dry-run                                                                        |        2   2   2   2   2   2   2    2
state repair --dry-run                                                                                 |        5   5   5   5   5   0   5    0
state migrate --dry-run                                                                                |        5   5   5   5   5   0   5    0
state info                                                                                             |        5   5   5   5   0   0   5    0
state check                                                                                            |        5   5   5   5   0   0   5    0
state check --setup                                                                                    |        5   5   5   5   0   0   5    0
state path bob                                                                                         |        5   5   5   5   0   0   5    0
state accept-clock --dry-run                                                                           |        5   5   5   5   5   0   5    0
completions bash                                                                                       |        0   0   0   0   0   0   0    0
man pages                                                                                              |        0   0   0   0   0   0   0    0
";

/// [`World::eventful`] with secrets: ivy has one in use, carol one that waits for the code
/// in the file code; uris has one of bob's.
fn with_factors() -> World {
    let world = World::eventful();
    world.mfactl("user enrol ivy --unverified --reveal").exits(0);
    let shown = world.mfactl("user enrol carol --reveal -o json").exits(0).json();
    let app = person::App::new(shown["secret"].as_str().unwrap(), "SHA1/6/30");
    std::fs::write(world.path("code"), app.code(shell::NOW)).unwrap();
    let uri = "otpauth://totp/mfactl:bob?secret=JBSWY3DPEHPK3PXPJBSWY3DPEHPK3PXP&issuer=mfactl";
    std::fs::write(world.path("uris"), format!("{uri}\n")).unwrap();
    world
}

fn rows() -> Vec<(&'static str, Vec<i32>)> {
    let lines = TABLE.lines().skip(2).filter(|line| !line.trim().is_empty());
    let row = |line: &'static str| {
        let (command, codes) = line.split_once('|').unwrap();
        let codes = codes.split_whitespace().map(|code| code.parse().unwrap()).collect();
        (command.trim(), codes)
    };
    lines.map(row).collect()
}

#[test]
fn every_role_may_do_what_the_table_says() {
    let world = with_factors();
    let rows = rows();
    let before = world.files();
    let next = AtomicUsize::new(0);
    let mut wrong: Vec<String> = std::thread::scope(|scope| {
        let worker = || {
            let mut wrong = Vec::new();
            while let Some((command, codes)) = rows.get(next.fetch_add(1, Ordering::Relaxed)) {
                for (who, code) in WHO.iter().zip(codes) {
                    let run = world.as_user(who, command);
                    if run.code != *code {
                        wrong.push(format!(
                            "{who}: {command}: {} not {code}: {}",
                            run.code, run.stderr
                        ));
                    }
                }
            }
            wrong
        };
        let workers: Vec<_> = (0..4).map(|_| scope.spawn(worker)).collect();
        workers.into_iter().flat_map(|worker| worker.join().unwrap()).collect()
    });
    wrong.sort();
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
    assert!(world.files() == before, "reads and dry runs write nothing");
}

#[test]
fn the_table_has_every_command_and_every_role() {
    let mut known = BTreeSet::new();
    for (command, codes) in rows() {
        assert_eq!(codes.len(), WHO.len(), "{command}");
        let words: Vec<&str> = command.split(' ').collect();
        known.insert(words[0].to_owned());
        known.insert(words[..words.len().min(2)].join(" "));
    }
    let mut root = mfactl::cli::command();
    root.build();
    for noun in root.get_subcommands().filter(|noun| noun.get_name() != "help") {
        let verbs: Vec<&clap::Command> =
            noun.get_subcommands().filter(|verb| verb.get_name() != "help").collect();
        let name = noun.get_name();
        let paths: Vec<String> = match verbs.is_empty() {
            true => vec![name.to_owned()],
            false => verbs.iter().map(|verb| format!("{name} {}", verb.get_name())).collect(),
        };
        for path in paths {
            assert!(known.contains(&path), "{path} is in no row: who may run it?");
        }
    }
}
