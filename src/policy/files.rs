//! Policy files from files and folders, bounded: what is too large is not read,
//! and no link can lead a walk in circles.

use std::collections::{BTreeMap, HashSet};
use std::fs;
use std::io::Read;
use std::path::{Path, PathBuf};
use std::sync::Arc;

use super::problem::{Place, Problems};

/// The largest policy file, in bytes.
pub const LARGEST: u64 = 64 * 1024 * 1024;

/// How many policy files one run reads.
pub const MOST_FILES: usize = 10_000;

/// How deep a folder is walked.
const DEEPEST: usize = 32;

/// A file to be read as policy.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Source {
    /// The file as it was named.
    pub name: Arc<str>,
    /// What is in it, checked to be text.
    pub text: String,
}

impl Source {
    /// The text of a file called `name`: UTF-8 without control characters, and
    /// without those that show a reviewer something other than what is read.
    /// `None`: the problems say why.
    pub fn new(name: &str, bytes: Vec<u8>, problems: &mut Problems) -> Option<Source> {
        if bytes.len() as u64 > LARGEST {
            too_large(name, problems);
            return None;
        }
        let text = match String::from_utf8(bytes) {
            Ok(text) => text,
            Err(error) => {
                let good = error.utf8_error().valid_up_to();
                let before = String::from_utf8_lossy(&error.as_bytes()[..good]).into_owned();
                problems.at(&end_of(name, &before), "not UTF-8 from here on", None);
                return None;
            }
        };
        let text = match text.strip_prefix('\u{feff}') {
            Some(rest) => rest.to_owned(),
            None => text,
        };
        match text.char_indices().find(|(_, c)| !is_shown(*c)) {
            None => Some(Source { name: name.into(), text }),
            Some((at, c)) => {
                let message = format!("the invisible character U+{:04X}", u32::from(c));
                let hint = "a policy holds what its reader sees: take it out".to_owned();
                problems.at(&end_of(name, &text[..at]), message, Some(hint));
                None
            }
        }
    }
}

/// Printable by YAML 1.2.2 §5.1, and no bidirectional control.
fn is_shown(c: char) -> bool {
    matches!(c, '\t' | '\n' | '\r')
        || !(c.is_control()
            || matches!(c, '\u{61C}' | '\u{200E}' | '\u{200F}' | '\u{202A}'..='\u{202E}' | '\u{2066}'..='\u{2069}')
            || matches!(c, '\u{2028}' | '\u{2029}' | '\u{FEFF}' | '\u{FFFE}' | '\u{FFFF}'))
}

fn end_of(name: &str, before: &str) -> Place {
    let line = before.bytes().filter(|b| *b == b'\n').count() + 1;
    let column = before.rsplit('\n').next().unwrap_or("").chars().count() + 1;
    let number = |n: usize| u32::try_from(n).unwrap_or(u32::MAX);
    Place { file: name.into(), line: number(line), column: number(column) }
}

fn too_large(name: &str, problems: &mut Problems) {
    let message = format!("larger than {} MiB", LARGEST / 1024 / 1024);
    problems.about_file(name, message, Some("one file an org"));
}

/// Reads the files named, and in folders named every `*.yaml` and `*.yml`,
/// sorted. Hidden entries and linked folders are left out; a file reached in two
/// ways is read once.
pub fn collect(paths: &[PathBuf], problems: &mut Problems) -> Vec<Source> {
    let mut walk = Walk { files: BTreeMap::new(), seen: HashSet::new(), full: false };
    for path in paths {
        walk.named(path, problems);
    }
    if walk.full {
        let message = format!("more than {MOST_FILES} policy files");
        problems.about_file(&name_of(paths.first().map_or(Path::new("."), |p| p)), message, None);
    }
    let read = |(name, path): (String, PathBuf)| read(&name, &path, problems);
    walk.files.into_iter().filter_map(read).collect()
}

/// Reads one file, at most [`LARGEST`] bytes of it. `None`: the problems say why.
pub fn read(name: &str, path: &Path, problems: &mut Problems) -> Option<Source> {
    let mut bytes = Vec::new();
    let file = fs::File::open(path);
    let outcome = file.and_then(|file| file.take(LARGEST + 1).read_to_end(&mut bytes));
    match outcome {
        Ok(_) => Source::new(name, bytes, problems),
        Err(error) => {
            problems.about_file(name, format!("cannot be read: {error}"), None);
            None
        }
    }
}

struct Walk {
    files: BTreeMap<String, PathBuf>,
    seen: HashSet<PathBuf>,
    full: bool,
}

impl Walk {
    fn named(&mut self, path: &Path, problems: &mut Problems) {
        let name = name_of(path);
        match fs::metadata(path) {
            Ok(found) if found.is_dir() => {
                let before = self.seen.len();
                self.folder(path, 0, problems);
                if self.seen.len() == before && self.files.is_empty() {
                    problems.about_file(&name, "no *.yaml or *.yml file in this folder", None);
                }
            }
            Ok(_) => self.file(path),
            Err(error) => problems.about_file(&name, format!("cannot be read: {error}"), None),
        }
    }

    fn folder(&mut self, path: &Path, depth: usize, problems: &mut Problems) {
        if depth > DEEPEST {
            problems.about_file(&name_of(path), "a folder too deep to be walked", None);
            return;
        }
        let entries = match fs::read_dir(path) {
            Ok(entries) => entries.flatten(),
            Err(error) => {
                problems.about_file(&name_of(path), format!("cannot be read: {error}"), None);
                return;
            }
        };
        let mut paths: Vec<PathBuf> = entries.map(|entry| entry.path()).collect();
        paths.sort();
        for path in paths.iter().filter(|path| !is_hidden(path)) {
            match fs::symlink_metadata(path) {
                Ok(found) if found.is_dir() => self.folder(path, depth + 1, problems),
                Ok(_) if is_yaml(path) && path.is_file() => self.file(path),
                _ => {}
            }
        }
    }

    fn file(&mut self, path: &Path) {
        let real = fs::canonicalize(path).unwrap_or_else(|_| path.to_owned());
        if self.files.len() >= MOST_FILES {
            self.full = true;
        } else if self.seen.insert(real) {
            self.files.insert(name_of(path), path.to_owned());
        }
    }
}

fn name_of(path: &Path) -> String {
    path.to_string_lossy().into_owned()
}

fn is_hidden(path: &Path) -> bool {
    path.file_name().is_some_and(|name| name.to_string_lossy().starts_with('.'))
}

fn is_yaml(path: &Path) -> bool {
    path.extension().is_some_and(|extension| extension == "yaml" || extension == "yml")
}
