//! Every mistake is found, at its place, in one run, and no input takes long.

#![allow(clippy::disallowed_methods, reason = "tests read their fixtures")]

use std::fs;
use std::path::{Path, PathBuf};
use std::time::Instant;

use super::super::files::{LARGEST, PolicySource, gather};
use super::super::model::OptOutRule;
use super::super::problem::Problems;
use super::*;
use crate::domain::model::{Role, Switch};

fn fixture(folder: &str) -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("fixtures").join(folder)
}

fn source(name: &str, text: &str) -> PolicySource {
    PolicySource { name: name.into(), text: text.to_owned() }
}

fn problems(texts: &[(&str, &str)]) -> Vec<String> {
    let sources: Vec<PolicySource> = texts.iter().map(|(name, text)| source(name, text)).collect();
    match read(&sources, Problems::default()) {
        Ok(_) => Vec::new(),
        Err(problems) => problems.list.iter().map(ToString::to_string).collect(),
    }
}

fn report(name: &str, bytes: Vec<u8>) -> String {
    let mut problems = Problems::default();
    let source = PolicySource::new(name, bytes, &mut problems);
    match read(source.as_slice(), problems) {
        Ok(policy) => format!("no problem: {policy:?}\n"),
        Err(problems) => problems.to_string(),
    }
}

/// `BLESS=1 cargo test` writes the expectations anew, to be read before they are committed.
#[test]
fn every_kind_of_mistake_has_its_message() {
    let mut differing = Vec::new();
    let mut seen = 0;
    for entry in fs::read_dir(fixture("bad")).unwrap() {
        let path = entry.unwrap().path();
        if path.extension().is_none_or(|extension| extension != "yaml") {
            continue;
        }
        seen += 1;
        let name = path.file_name().unwrap().to_string_lossy().into_owned();
        let found = report(&name, fs::read(&path).unwrap());
        let expectation = path.with_extension("expected");
        if std::env::var_os("BLESS").is_some() {
            fs::write(&expectation, &found).unwrap();
        }
        let expected = fs::read_to_string(&expectation).unwrap_or_default();
        if found != expected {
            differing.push(format!("{name}\n--- expected\n{expected}--- found\n{found}"));
        }
    }
    assert!(seen > 40);
    assert!(differing.is_empty(), "{}", differing.join("\n"));
}

#[test]
fn a_whole_policy_is_read() {
    let text = "version: 1\norg: st-marys\nname: St Mary's Hospital\n\
        enforcement: {state: on, from: 2026-12-01T00:00:00Z, grace_days: 14}\nopt_out: allow\n\
        mandated_roles: [admin]\nexceptions:\n  short: {max: 12h, per_30_days: null}\n  \
        long: {max: 90d, approval: two-person}\nservices: [portal, office, vpn]\n\
        ownership: authoritative\nmembers:\n  Alice@st-marys.example: {role: admin}\n  \
        svc-backup: {opt_out: {message: \"no person signs in\", until: 2027-01-31}}\n  \
        'on': {}\n  no: {opt_out: none}\n";
    let policy = read(&[source("p", text)], Problems::default()).unwrap();
    let org = &policy.orgs["st-marys"].value;
    assert_eq!(org.enforcement.state.as_ref().unwrap().value, Switch::On);
    assert_eq!(org.enforcement.grace_days.as_ref().unwrap().value, 14);
    assert_eq!(org.exceptions.short_per_30_days.as_ref().unwrap().value, None);
    assert!(org.is_authoritative());
    let alice = &org.members["alice@st-marys.example"];
    assert_eq!((alice.place.line, alice.place.column), (13, 3));
    assert_eq!(alice.value.role.as_ref().unwrap().value, Role::Admin);
    assert_eq!(org.members["no"].value.opt_out.as_ref().unwrap().value, OptOutRule::None);
    let Some(OptOutRule::Set { until: Some(Some(until)), .. }) =
        org.members["svc-backup"].value.opt_out.as_ref().map(|o| o.value.clone())
    else {
        panic!("an opt-out with an end");
    };
    assert_eq!(until.to_string(), "2027-02-01T00:00:00Z", "it includes the day");
    assert!(org.members["on"].value.role.is_none());
}

#[test]
fn all_files_are_read_before_anything_is_said() {
    let one = "version: 1\norg: acme\n";
    let people = "version: 1\nusers:\n  alice: {mfa: on}\n";
    assert_eq!(problems(&[("a", one), ("p", people)]), Vec::<String>::new());
    let found = problems(&[("a", one), ("b", one), ("p", people), ("q", people), ("e", "")]);
    assert_eq!(
        found,
        [
            "b:2:6: a second policy for the org acme: the first is a:2:6 (one file an org)",
            "q:2:1: a second file for people: the first is p:2:1 (put all users into one file)",
            "e:1:1: nothing is in the file (begin with version: 1)",
        ]
    );
}

#[test]
fn line_ends_and_byte_order_marks_make_no_difference() {
    for text in [
        "\u{feff}version: 1\norg: acme\n",
        "version: 1\r\norg: acme\r\n",
        "{version: 1, org: acme}",
    ] {
        let found = report("x", text.as_bytes().to_vec());
        assert!(found.starts_with("no problem"), "{found}");
    }
}

#[test]
fn hostile_inputs_are_refused_quickly() {
    let began = Instant::now();
    let bomb: String = (0..100_000).map(|n| format!("k{n}: *a\n")).collect();
    let twice = format!("{0}{0}", (0..200_000).map(|n| format!("k{n}: 1\n")).collect::<String>());
    let stairs: String = (0..2_000).map(|n| format!("{}a:\n", " ".repeat(n))).collect();
    for text in [
        "[".repeat(200_000),
        "{".repeat(200_000),
        "- ".repeat(200_000),
        "? ".repeat(200_000),
        "[[],".repeat(50_000),
        "&a ".repeat(200_000),
        "!a ".repeat(200_000),
        "---\n".repeat(200_000),
        "%a\n".repeat(200_000),
        ":".repeat(200_000),
        "\"".repeat(200_001),
        format!("a: &a [{}]\n{bomb}", "x,".repeat(1_000)),
        twice,
        stairs,
    ] {
        let found = report("x", text.into_bytes());
        assert!(!found.starts_with("no problem"), "{found}");
        assert!(found.lines().count() <= super::super::SHOWN + 1);
    }
    let mut problems = Problems::default();
    let files = [("a".to_owned(), Err("it is not there".to_owned()))];
    assert!(gather(files, &mut problems).is_empty());
    assert_eq!(problems.to_string(), "a: it is not there\n");
    let large = vec![b'#'; usize::try_from(LARGEST).unwrap() + 1];
    assert_eq!(report("x", large), "x: larger than 64 MiB (one file an org)\n");
    assert!(began.elapsed().as_secs() < 60, "{:?}", began.elapsed());
}

mod any_input {
    use proptest::prelude::*;

    proptest! {
        #[test]
        fn never_panics(bytes in proptest::collection::vec(any::<u8>(), 0..300)) {
            super::report("x", bytes);
        }

        #[test]
        fn never_panics_on_what_looks_like_yaml(text in "[-a-c0-9:,{}\\[\\]&*!?'\"|>%#~\n\t ]{0,120}") {
            super::report("x", text.into_bytes());
        }
    }
}
