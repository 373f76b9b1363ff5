//! What no file of the source may do.

#![allow(clippy::disallowed_methods, clippy::unwrap_used)]

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};

/// By itself rayon panics where no thread can be made.
#[test]
fn nothing_is_done_in_parallel_but_through_its_room() {
    let source = Path::new(env!("CARGO_MANIFEST_DIR")).join("src");
    for file in files(&source).into_iter().filter(|file| room(&source, file) != "parallel") {
        let text = std::fs::read_to_string(&file).unwrap();
        let text = text.split("#[cfg(test)]").next().unwrap();
        for banned in ["rayon::", "thread::spawn(", "threads.spawn(", "scope.spawn("] {
            let made_elsewhere = file.components().any(|part| part.as_os_str() == "env");
            assert!(made_elsewhere || !text.contains(banned), "{}: {banned}", file.display());
        }
    }
}

#[test]
fn no_room_is_crowded() {
    let source = Path::new(env!("CARGO_MANIFEST_DIR")).join("src");
    for file in files(&source) {
        let lines = std::fs::read_to_string(&file).unwrap().lines().count();
        assert!(lines <= 600, "{} has {lines} lines: split it", file.display());
    }
}

/// A type name means one thing in the whole crate; few may still mean two.
#[test]
fn a_type_name_means_one_thing() {
    const MOST: usize = 25;
    let mut places = BTreeMap::<String, Vec<String>>::new();
    for (file, text) in code() {
        for name in declared(&text) {
            places.entry(name).or_default().push(file.display().to_string());
        }
    }
    places.retain(|_, files| files.len() > 1);
    let list: Vec<String> =
        places.iter().map(|(name, files)| format!("{name}: {}", files.join(", "))).collect();
    assert!(list.len() <= MOST, "{} names are declared twice:\n{}", list.len(), list.join("\n"));
}

/// Structs, enums, traits and aliases, for each 1,000 lines that are not tests.
#[test]
fn there_are_few_types() {
    const MOST: f64 = 13.5;
    let (mut types, mut lines) = (0, 0);
    for (_, text) in code() {
        types += declared(&text).len();
        lines += text.lines().count();
    }
    let ratio = 1_000.0 * types as f64 / lines as f64;
    assert!(ratio <= MOST, "{types} types in {lines} lines: {ratio:.2} in 1,000, more than {MOST}");
}

#[test]
fn types_are_counted_as_they_are_declared() {
    let text = "pub(crate) struct A<T>(T);
impl Iterator for A<u8> {
    type Item = u8;
    fn next(&mut self) {
        struct Hidden;
    }
}
pub trait B {
    type Of;
}
fn f() {
    enum C {}
}
type D = u8;
pub(in crate::store) struct E;
";
    assert_eq!(declared(text), ["A", "B", "C", "D", "E"]);
    let tested = "struct A;
#[cfg(test)]
mod tests {
    struct B;
}
#[cfg(test)]
mod more;
struct C;
";
    assert_eq!(declared(&without_tests(tested)), ["A", "C"]);
}

/// The files of the program with their code, without tests.
fn code() -> Vec<(PathBuf, String)> {
    let source = Path::new(env!("CARGO_MANIFEST_DIR")).join("src");
    let all = files(&source).into_iter();
    let all: Vec<(PathBuf, String)> =
        all.map(|file| (file.clone(), std::fs::read_to_string(file).unwrap())).collect();
    let mut of_tests = vec![source.join("fuzzing")];
    for (file, text) in &all {
        let parent = match file.file_stem().unwrap().to_str().unwrap() {
            "mod" | "lib" | "main" => file.parent().unwrap().to_owned(),
            _ => file.with_extension(""),
        };
        let mut marked = false;
        for line in text.lines() {
            let module = line.trim().trim_start_matches("pub(crate) ").strip_prefix("mod ");
            match module.and_then(|module| module.strip_suffix(';')) {
                Some(module) if marked => of_tests.push(parent.join(module)),
                _ => {}
            }
            let attribute = line.trim().starts_with("#[");
            marked = attribute && (marked || line.trim().starts_with("#[cfg(test)]"));
        }
    }
    let is_test = |file: &Path| {
        of_tests.iter().any(|test| file.starts_with(test) || file.with_extension("") == *test)
    };
    let code = all.into_iter().filter(|(file, _)| !is_test(file));
    code.map(|(file, text)| {
        let text = without_tests(&text);
        (file.strip_prefix(&source).unwrap().to_owned(), text)
    })
    .collect()
}

/// `text` without the items that are compiled for tests alone.
fn without_tests(text: &str) -> String {
    let mut kept = String::new();
    let mut lines = text.lines();
    while let Some(line) = lines.next() {
        if line.trim() != "#[cfg(test)]" {
            kept.extend([line, "\n"]);
            continue;
        }
        let end = format!("{}}}", " ".repeat(line.len() - line.trim_start().len()));
        let item = lines.by_ref().find(|line| !line.trim_start().starts_with("#["));
        if !item.is_some_and(|item| item.ends_with([';', '}', ','])) {
            lines.by_ref().find(|line| *line == end);
        }
    }
    kept
}

/// The types that a text declares, in their order; none of those within an impl or a trait.
fn declared(text: &str) -> Vec<String> {
    let mut names = Vec::new();
    let mut lines = text.lines();
    while let Some(line) = lines.next() {
        let indent = line.len() - line.trim_start().len();
        let item = line.trim_start();
        let item = match item.strip_prefix("pub(") {
            Some(rest) => rest.split_once(") ").map_or("", |(_, item)| item),
            None => item.strip_prefix("pub ").unwrap_or(item),
        };
        let mut words = item.split_whitespace();
        let keyword = words.next().unwrap_or_default();
        if matches!(keyword, "struct" | "enum" | "trait" | "type") {
            let name = words.next().unwrap_or_default();
            names.push(name.split(|c: char| !c.is_alphanumeric()).next().unwrap().to_owned());
        }
        let opens = keyword == "trait" || keyword == "unsafe" || keyword.starts_with("impl");
        if opens && !line.ends_with('}') {
            let end = format!("{}}}", " ".repeat(indent));
            lines.by_ref().find(|line| *line == end);
        }
    }
    names
}

/// What keeps a destructor from running. Destructors wipe secrets, remove half-made files
/// and let go of locks.
const SKIPS_DESTRUCTORS: &[&str] = &[
    "ManuallyDrop",
    "mem::forget",
    "::leak(",
    ".leak()",
    "::into_raw(",
    "process::exit",
    "process::abort",
];

#[test]
fn no_destructor_is_skipped() {
    let source = Path::new(env!("CARGO_MANIFEST_DIR")).join("src");
    let mut skipped = Vec::new();
    for file in files(&source) {
        let text = std::fs::read_to_string(&file).unwrap();
        for (number, line) in text.lines().enumerate() {
            if SKIPS_DESTRUCTORS.iter().any(|word| line.contains(word)) {
                skipped.push(format!("{}:{}: {}", file.display(), number + 1, line.trim()));
            }
        }
    }
    assert!(skipped.is_empty(), "these lines skip destructors:\n{}", skipped.join("\n"));
}

#[test]
fn clippy_bans_what_skips_destructors() {
    let bans = Path::new(env!("CARGO_MANIFEST_DIR")).join("clippy.toml");
    let bans: toml::Table = toml::from_str(&std::fs::read_to_string(bans).unwrap()).unwrap();
    let paths = |list: &str| -> Vec<String> {
        let entries = bans[list].as_array().unwrap().iter();
        entries.map(|entry| entry["path"].as_str().unwrap().to_owned()).collect()
    };
    let (methods, types) = (paths("disallowed-methods"), paths("disallowed-types"));
    for method in [
        "std::mem::forget",
        "core::mem::forget",
        "std::boxed::Box::leak",
        "std::vec::Vec::leak",
        "std::string::String::leak",
        "std::process::exit",
        "std::process::abort",
    ] {
        assert!(methods.iter().any(|path| path == method), "{method} is allowed");
    }
    assert_eq!(types, ["std::mem::ManuallyDrop"]);
}

fn room(source: &Path, file: &Path) -> String {
    let inside = file.strip_prefix(source).unwrap();
    let first = inside.components().next().unwrap().as_os_str().to_string_lossy();
    first.trim_end_matches(".rs").to_owned()
}

fn files(dir: &Path) -> Vec<PathBuf> {
    let mut found = Vec::new();
    for entry in std::fs::read_dir(dir).unwrap() {
        let path = entry.unwrap().path();
        if path.is_dir() {
            found.extend(files(&path));
        } else if path.extension().is_some_and(|extension| extension == "rs") {
            found.push(path);
        }
    }
    found.sort();
    found
}
