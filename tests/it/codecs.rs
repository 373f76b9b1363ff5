//! Each format has one encoder and one decoder: the files that call a library for a text.

#![allow(clippy::disallowed_methods, clippy::unwrap_used)]

use std::collections::BTreeSet;
use std::path::{Path, PathBuf};

/// What encodes a text, by library.
const ENCODES: &[&str] = &[
    "serde_json::to_string",
    "serde_json::to_vec",
    "serde_json::to_writer",
    "Serializer::with_formatter",
    "serde_yaml::to_",
    "toml::to_",
    "csv::Writer",
    "WriterBuilder::new",
];

/// What decodes a text, by library.
const DECODES: &[&str] = &[
    "serde_json::from_str",
    "serde_json::from_slice",
    "serde_json::from_reader",
    "serde_yaml::from_",
    "toml::from_",
    "csv::Reader",
    "ReaderBuilder::new",
    "Parser::new_from_str",
];

/// Each format with the one file that encodes it and the one that decodes it, where mfactl does.
const FORMATS: &[(&str, Option<&str>, Option<&str>)] = &[
    ("lines of the state and the log", Some("store/format/json.rs"), Some("store/format/json.rs")),
    // It is encoded there as well, over JSON values and without a library.
    ("block YAML of the state", None, Some("store/format/block_yaml.rs")),
    (
        "manifest of a backup",
        Some("store/maintain/backup/snapshot.rs"),
        Some("store/maintain/backup/archive.rs"),
    ),
    ("entries of a policy", Some("policy/applied_format.rs"), Some("policy/applied_format.rs")),
    ("saved plans", Some("policy/plan/saved.rs"), Some("policy/plan/saved.rs")),
    ("policy files", None, Some("policy/yaml/parser.rs")),
    ("configuration", None, Some("env/config.rs")),
    ("JSON answers", Some("report/format/json.rs"), None),
    ("JSON lines and cells", Some("report/format/escape.rs"), None),
    ("CSV answers", Some("report/format/csv.rs"), None),
    ("tables of rows", None, Some("commands/sheet/mod.rs")),
    ("lists of words", None, Some("domain/lines.rs")),
    ("documents of a membership", None, Some("commands/user/membership.rs")),
    ("JSON of other tools", None, Some("convert/json.rs")),
    ("tables of other tools", None, Some("convert/table.rs")),
    ("Entra CSV", Some("convert/entra_csv.rs"), None),
];

/// Files that still call the library themselves for a format of the table. None may come.
const STILL: &[&str] = &[
    "commands/policy/former.rs",
    "commands/state/difference.rs",
    "domain/change/adopt_policy.rs",
    "domain/outcome.rs",
    "store/signin/mod.rs",
    "store/write/changed_files.rs",
    "store/write/details.rs",
    "store/write/secrets.rs",
    "store/write/shard_edits.rs",
    "store/write/staging.rs",
];

#[test]
fn each_format_has_one_encoder_and_one_decoder() {
    let encode: BTreeSet<String> = FORMATS.iter().filter_map(|it| it.1).map(Into::into).collect();
    let decode: BTreeSet<String> = FORMATS.iter().filter_map(|it| it.2).map(Into::into).collect();
    assert_eq!(calling(ENCODES), encode, "the files that encode");
    assert_eq!(calling(DECODES), decode, "the files that decode");
}

/// The files of `src`, tests aside, that call one of these.
fn calling(calls: &[&str]) -> BTreeSet<String> {
    let source = Path::new(env!("CARGO_MANIFEST_DIR")).join("src");
    let mut found = BTreeSet::new();
    for file in files(&source) {
        let name = file.strip_prefix(&source).unwrap().to_string_lossy().into_owned();
        let text = std::fs::read_to_string(&file).unwrap();
        let text = text.split("#[cfg(test)]").next().unwrap();
        if calls.iter().any(|call| text.contains(call)) && !STILL.contains(&&*name) {
            found.insert(name);
        }
    }
    found
}

/// Source files that are in a build.
fn files(dir: &Path) -> Vec<PathBuf> {
    let mut found = Vec::new();
    for entry in std::fs::read_dir(dir).unwrap() {
        let path = entry.unwrap().path();
        let name = path.file_stem().unwrap().to_string_lossy().into_owned();
        if path.is_dir() {
            found.extend(files(&path));
        } else if !is_of_tests(&name, &path) {
            found.push(path);
        }
    }
    found.retain(|path| !path.iter().any(|part| part == "tests" || part == "fuzzing"));
    found
}

/// Whether a file is compiled for tests and fuzzing only.
fn is_of_tests(name: &str, path: &Path) -> bool {
    let modules = ["tests", "fuzzing", "hospital", "properties"];
    modules.contains(&name)
        || name.ends_with("_tests")
        || path.extension().is_none_or(|e| e != "rs")
}
