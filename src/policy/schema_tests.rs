//! The schema accepts what the reader accepts, and refuses what it refuses
//! where a schema can say it. Judged by python3's jsonschema; skipped where that is missing.

use std::path::Path;
use std::process::{Command, Stdio};

use super::schema;

const JUDGE: &str = r"
import json, sys, pathlib
try:
    import jsonschema, yaml
except ImportError:
    print('skipped'); sys.exit(0)
class Core(yaml.SafeLoader):
    pass
Core.yaml_implicit_resolvers = {}
import re
for tag, pattern, first in [
    ('null', r'^(?:~|null|Null|NULL|)$', ['~', 'n', 'N', '']),
    ('bool', r'^(?:true|True|TRUE|false|False|FALSE)$', list('tTfF')),
    ('int', r'^[-+]?[0-9]+$', list('-+0123456789')),
    ('float', r'^[-+]?(?:\.[0-9]+|[0-9]+(?:\.[0-9]*)?)(?:[eE][-+]?[0-9]+)?$', list('-+.0123456789')),
]:
    Core.add_implicit_resolver('tag:yaml.org,2002:' + tag, re.compile(pattern), first)
schema = json.load(sys.stdin)
jsonschema.Draft202012Validator.check_schema(schema)
validator = jsonschema.Draft202012Validator(schema)
for folder in sys.argv[1:]:
    for path in sorted(pathlib.Path(folder).glob('*.yaml')):
        try:
            value = yaml.load(path.read_bytes(), Core)
        except Exception:
            continue
        print(path.parent.name + '/' + path.stem, 'ok' if validator.is_valid(value) else 'no')
";

/// Mistakes that a schema cannot say, or that the tools before it take away.
const UNSAID: [&str; 19] = [
    "alias-bomb",
    "alias-of-anchor",
    "anchor",
    "bidi",
    "cap-above-longest",
    "deep",
    "directive",
    "duplicate-key",
    "duplicate-login",
    "duplicate-login-case",
    "duplicate-login-quoted",
    "invisible-separator",
    "tag",
    "two-documents",
    "control-character",
    "long-login",
    "float-login",
    "number-login",
    "utf16",
];

#[test]
fn the_schema_agrees_with_the_reader() {
    let root = Path::new(env!("CARGO_MANIFEST_DIR")).join("fixtures");
    let python = Command::new("python3")
        .args(["-c", JUDGE])
        .args([root.join("policies"), root.join("bad")])
        .stdin(Stdio::piped())
        .stdout(Stdio::piped())
        .spawn();
    let Ok(mut python) = python else { return };
    serde_json::to_writer(python.stdin.take().unwrap(), &schema()).unwrap();
    let output = python.wait_with_output().unwrap();
    assert!(output.status.success());
    let verdicts = String::from_utf8(output.stdout).unwrap();
    if verdicts.trim() == "skipped" {
        return;
    }
    assert!(verdicts.lines().count() > 30, "{verdicts}");
    for verdict in verdicts.lines() {
        let (name, answer) = verdict.split_once(' ').unwrap();
        match name.strip_prefix("bad/") {
            None => assert_eq!(answer, "ok", "{name}"),
            Some(bad) if UNSAID.contains(&bad) => {}
            Some(_) => assert_eq!(answer, "no", "{name}"),
        }
    }
}

#[test]
fn the_policies_of_the_fixtures_are_read() {
    let policy = super::plan::test_support::fixtures();
    assert_eq!(policy.orgs.len(), 5);
    assert_eq!(policy.users.len(), 4);
}
