//! Other programs read what we write: any YAML reader the state, jq and Python the answers.

#![allow(clippy::disallowed_methods, clippy::unwrap_used)]

use crate::shell;

use shell::World;

/// A state with something of everything.
fn state() -> World {
    let world = World::hospital();
    for arguments in [
        "org edit st-marys --service portal --name \"St Mary's: «Ward» #1, yes\" --mandate-role admin",
        "org enforce valley-gps on --grace-days 14 -m 'on: yes, [really] #1'",
        "user opt-out alice.jones --org st-marys --until 2027-01-31 -m 'a: b # c'",
        "exception grant d.okafor --short --reason other --note \"it's «odd» \\\\ : #\"",
        "user set-mfa d.okafor on",
    ] {
        world.mfactl(arguments).exits(0);
    }
    world
}

#[test]
fn any_yaml_reader_reads_the_state() {
    if !shell::tool("python3") {
        return;
    }
    let world = state();
    std::fs::write(world.path("read.py"), PYTHON).unwrap();
    let run = world.sh(&format!("{} read.py", python())).exits(0);
    assert_eq!(run.stdout.trim(), "fine", "{}", run.stderr);
}

/// A Python that has a YAML reader: the one on the PATH, or Debian's.
fn python() -> &'static str {
    let reads = |python: &&str| {
        let asked = std::process::Command::new(python).args(["-c", "import yaml"]).output();
        asked.is_ok_and(|answer| answer.status.success())
    };
    ["python3", "/usr/bin/python3"].into_iter().find(reads).expect("python3-yaml: run tests/run")
}

const PYTHON: &str = r#"
import glob, json, re, yaml
paths = [p for p in glob.glob('demo/**/*.yaml', recursive=True)]
assert len(paths) > 8, paths
for path in paths:
    text = open(path, encoding='utf-8').read()
    assert re.match(r'# mfactl 1 · rev \d+ · sha256 [0-9a-f]{64}\n', text), path
    data = yaml.safe_load(text)
    assert isinstance(data, dict), path
    if '/users/' in path:
        for line in text.splitlines()[1:]:
            key, value = line.split(': ', 1)
            assert data[json.loads(key)] == json.loads(value), path
org = yaml.safe_load(open('demo/orgs/valley-gps.yaml', encoding='utf-8'))
assert org['enforcement']['state'] == 'on', org
assert org['enforcement']['message'] == 'on: yes, [really] #1', org
assert isinstance(org['enforcement']['from'], str), org
for line in open('demo/audit/000001.jsonl', encoding='utf-8'):
    json.loads(line)
print('fine')
"#;

#[test]
fn jq_and_python_read_every_answer() {
    if !(shell::tool("jq") && shell::tool("python3")) {
        return;
    }
    let world = state();
    for question in [
        "user list",
        "user list --org st-marys",
        "user find jones",
        "user show alice.jones",
        "org list",
        "org show st-marys",
        "exception list",
        "exception show 'd.okafor#1'",
        "exception reasons",
        "explain alice.jones",
        "explain alice.jones --org st-marys",
        "audit log",
        "audit show 3",
        "audit head",
        "audit verify",
        "report coverage",
        "report exceptions",
        "report exceptions --by approver",
        "report opt-outs",
        "report operators",
        "operator list",
        "operator whoami",
        "state info",
        "state check",
        "state path alice.jones",
    ] {
        let json = world.sh(&format!("mfactl {question} -o json | jq -cS . ")).exits(0).stdout;
        assert!(!json.is_empty(), "{question}");
        let yaml = format!(
            "mfactl {question} -o yaml | {} -c 'import sys, yaml, json; print(json.dumps(yaml.safe_load(sys.stdin), ensure_ascii=False))' | jq -cS .",
            python()
        );
        assert_eq!(world.sh(&yaml).exits(0).stdout, json, "{question}: YAML says the same as JSON");
        let lines = world.sh(&format!("mfactl {question} -o jsonl | jq -cS . | wc -l")).exits(0);
        let objects = match serde_json::from_str(&json).unwrap() {
            serde_json::Value::Array(items) => items.len(),
            _ => 1,
        };
        assert_eq!(lines.stdout.trim(), objects.to_string(), "{question}");
        let csv = format!(
            "mfactl {question} -o csv | python3 -c 'import sys, csv; csv.field_size_limit(1 << 30); rows = list(csv.reader(sys.stdin)); assert len(set(map(len, rows))) == 1, rows; assert not any(c[:1] in \"=+-@\" and c[1:2].isalpha() for r in rows[1:] for c in r), rows; print(len(rows) - 1)'"
        );
        assert_eq!(world.sh(&csv).exits(0).stdout.trim(), objects.to_string(), "{question}");
    }
}
