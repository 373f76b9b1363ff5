//! Policy files as text: limited in size, without characters that a reviewer cannot see.

use std::sync::Arc;

use super::problem::{Place, Problems};
use crate::domain::encoding::utf_16;

/// The largest policy file, in bytes.
pub const LARGEST: u64 = 64 * 1024 * 1024;

/// How many policy files one run reads.
pub const MOST_FILES: usize = 10_000;

/// The extensions of policy files in a folder.
pub const EXTENSIONS: &[&str] = &["yaml", "yml"];

/// A file to be read as policy.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct PolicySource {
    /// The file as it was named.
    pub name: Arc<str>,
    /// What is in it, checked to be text.
    pub text: String,
}

impl PolicySource {
    /// The text of a file called `name`: UTF-8 without control characters, and
    /// without those that show a reviewer something other than what is read.
    /// `None`: the problems say why.
    pub fn new(name: &str, bytes: Vec<u8>, problems: &mut Problems) -> Option<PolicySource> {
        if bytes.len() as u64 > LARGEST {
            too_large(name, problems);
            return None;
        }
        let text = match String::from_utf8(bytes) {
            Ok(text) => text,
            Err(error) => {
                let good = error.utf8_error().valid_up_to();
                let before = String::from_utf8_lossy(&error.as_bytes()[..good]).into_owned();
                let what = match utf_16(error.as_bytes()) {
                    Some(encoding) => format!("the file is {encoding}, expected UTF-8"),
                    None => "not UTF-8 from here on".to_owned(),
                };
                problems.at(&end_of(name, &before), what, None);
                return None;
            }
        };
        let text = match text.strip_prefix('\u{feff}') {
            Some(rest) => rest.to_owned(),
            None => text,
        };
        match text.char_indices().find(|(_, c)| !is_shown(*c)) {
            None => Some(PolicySource { name: name.into(), text }),
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

/// Makes sources of files: each with its name, and its bytes or why it could not be read.
pub fn gather(
    files: impl IntoIterator<Item = (String, Result<Vec<u8>, String>)>,
    problems: &mut Problems,
) -> Vec<PolicySource> {
    let mut sources = Vec::new();
    for (name, read) in files {
        match read {
            Ok(bytes) => sources.extend(PolicySource::new(&name, bytes, problems)),
            Err(why) => problems.about_file(&name, why, None),
        }
    }
    sources
}
