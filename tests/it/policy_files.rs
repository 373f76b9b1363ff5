//! Policy files that are meant to hurt, within limits of memory and time; and the
//! examples for CI systems, whose commands run.

#![allow(clippy::disallowed_methods, clippy::unwrap_used)]

use crate::shell;

use std::fmt::Write as _;
use std::os::unix::fs::symlink;
use std::time::{Duration, Instant};

use serde_yaml::Value;
use shell::{Run, World, fixture};

/// How much memory such a file may take a debug build, threads and all (KiB).
const MEMORY: u64 = 500_000;

/// How long it may take, on a machine that has other things to do.
const PATIENCE: Duration = Duration::from_secs(120);

/// `policy check` of what is in the folder `p`, under a limit of memory.
fn check(world: &World) -> Run {
    let began = Instant::now();
    let run = world.sh(&format!("ulimit -v {MEMORY}; mfactl policy check p"));
    assert!(began.elapsed() < PATIENCE, "{:?}", began.elapsed());
    run
}

fn world(files: &[(&str, &str)]) -> World {
    let world = World::new();
    std::fs::create_dir(world.path("p")).unwrap();
    for (name, text) in files {
        std::fs::write(world.path("p").join(name), text).unwrap();
    }
    world
}

#[test]
fn a_file_of_100_mb_is_refused() {
    let line = format!("# {}\n", "x".repeat(997));
    let run = check(&world(&[("big.yaml", &line.repeat(100_000))])).exits(2);
    assert_eq!(run.stdout, "p/big.yaml: it is longer than 64 MiB\n");
}

#[test]
fn a_large_file_is_read_in_little_memory() {
    let mut text = "version: 1\norg: acme\nmembers:\n".to_owned();
    for number in 0..100_000 {
        let _ = writeln!(text, "  person.number.{number:07}@acme.example: {{role: member}}");
    }
    assert!(text.len() > 5 << 20);
    check(&world(&[("acme.yaml", &text)])).exits(0);
}

#[test]
fn a_circle_of_folders_is_walked_once() {
    let world = world(&[("acme.yaml", "version: 1\norg: acme\n")]);
    symlink("..", world.path("p/up")).unwrap();
    symlink(".", world.path("p/here")).unwrap();
    symlink("self", world.path("p/self")).unwrap();
    let run = check(&world);
    assert!([0, 2].contains(&run.code), "{}{}", run.stdout, run.stderr);
    assert!(run.stdout.lines().count() < 10, "{}", run.stdout);
    assert!(!run.stdout.contains("second policy"), "{}", run.stdout);
}

#[test]
fn a_bomb_of_aliases_goes_off_nowhere() {
    let mut bomb = "version: 1\norg: acme\na: &a [x,x,x,x,x,x,x,x,x,x]\n".to_owned();
    for n in 1..200 {
        let before = if n == 1 { "a".to_owned() } else { format!("a{}", n - 1) };
        let _ = writeln!(bomb, "k{n}: &a{n} [*{before},*{before},*{before},*{before},*{before}]");
    }
    let run = check(&world(&[("bomb.yaml", &bomb)])).exits(2);
    assert!(run.stdout.contains("bomb.yaml:3:4: an anchor"), "{}", run.stdout);
    assert!(run.stdout.contains("an alias (write the value out"), "{}", run.stdout);
}

#[test]
fn words_that_yaml_1_1_turns_into_something_else() {
    let text = "version: 1\norg: acme\nenforcement: {state: on, from: 2026-12-01}\nmembers:\n  no: {opt_out: {until: 2027-01-31}}\n  yes: {}\n  on: {}\n";
    let world = world(&[("acme.yaml", text)]);
    check(&world).exits(0);
    world.mfactl("org add acme --state new").exits(4);
    for (line, says) in [
        ("  1e3: {}", "the number 1e3 is no login (if it is one, quote it: \"1e3\")"),
        ("  2027: {}", "the number 2027 is no login"),
        ("  true: {}", "the boolean true is no login"),
        ("  ~: {}", "nothing is no login"),
    ] {
        std::fs::write(world.path("p/acme.yaml"), format!("{text}{line}\n")).unwrap();
        let run = check(&world).exits(2);
        assert!(run.stdout.contains(&format!("acme.yaml:8:3: {says}")), "{}", run.stdout);
    }
}

/// The blocks of a document in this language.
fn blocks(document: &str, language: &str) -> Vec<String> {
    let path = std::path::Path::new(env!("CARGO_MANIFEST_DIR")).join(document);
    let (text, fence) = (std::fs::read_to_string(path).unwrap(), format!("```{language}\n"));
    let after = text.split(&fence).skip(1);
    after.map(|rest| rest.split("```").next().unwrap().to_owned()).collect()
}

/// Every command line of a pipeline, in the order in which it stands there.
fn commands(value: &Value, found: &mut Vec<String>) {
    match value {
        Value::Mapping(fields) => {
            for (key, value) in fields {
                let runs = ["run", "script", "after_script"].contains(&key.as_str().unwrap_or(""));
                let lines = match value {
                    Value::Sequence(lines) if runs => lines.clone(),
                    one if runs => vec![one.clone()],
                    _ => Vec::new(),
                };
                found.extend(lines.iter().filter_map(Value::as_str).map(str::to_owned));
                commands(value, found);
            }
        }
        Value::Sequence(items) => items.iter().for_each(|item| commands(item, found)),
        _ => {}
    }
}

#[test]
fn the_pipelines_of_the_cookbook_run() {
    let pipelines = blocks("docs/cookbook.md", "yaml");
    assert_eq!(pipelines.len(), 2, "GitHub and GitLab");
    for (text, verbs) in pipelines.iter().zip([4, 4]) {
        let world = World::hospital();
        let copy = |from: &str, to: &str| {
            world.sh(&format!("cp -r '{}' {to}", fixture(from).display())).exits(0);
        };
        copy("policies", "policies");
        copy("policy-tests", "tests");
        let pipeline: Value = serde_yaml::from_str(text).unwrap();
        let (mut lines, mut ran) = (Vec::new(), 0);
        commands(&pipeline, &mut lines);
        for line in lines.iter().filter(|line| !line.starts_with("gh ")) {
            let variables = "export GITHUB_REPOSITORY=acme/mfa GITHUB_SHA=4f2a CI_PROJECT_PATH=acme/mfa CI_COMMIT_SHA=4f2a";
            world.sh(&format!("{variables}; {line}")).exits(0);
            ran += usize::from(line.contains("mfactl policy"));
        }
        assert_eq!(ran, verbs, "{lines:?}");
        let plan = std::fs::read_to_string(world.path("plan.md")).unwrap();
        assert!(plan.starts_with("### MFA policy plan"), "{plan}");
        let record = world.mfactl("audit log --limit 1 -o json").exits(0).json();
        assert_eq!(
            (&record[0]["action"], &record[0]["ticket"]),
            (&"policy.apply".into(), &"4f2a".into())
        );
        world.mfactl("policy plan policies --exit-code").exits(0);
    }
}

#[test]
fn the_guards_of_the_configuration_are_guards() {
    let world = World::hospital();
    let guards: Vec<String> = blocks("docs/configuration.md", "toml")
        .into_iter()
        .filter(|block| block.contains("[guard]"))
        .collect();
    assert_eq!(guards.len(), 1);
    std::fs::write(world.path("config.toml"), &guards[0]).unwrap();
    let policies = fixture("policies");
    let run = world.mfactl(&format!("--config config.toml policy plan {}", policies.display()));
    assert!(run.exits(3).stderr.contains("--allow-lock-out"));
}
