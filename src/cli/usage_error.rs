//! What clap says, as help to print or as an error of ours: a wrong command line reads like
//! every other error, and is JSON if JSON was asked for.

use std::ffi::OsStr;

use clap::builder::StyledStr;
use clap::error::ErrorKind;

use crate::error::Error;

/// The help or version that was asked for, with styles.
///
/// # Errors
/// Usage (2): the command line is wrong.
pub fn help_or_error(error: &clap::Error) -> Result<StyledStr, Error> {
    match error.kind() {
        ErrorKind::DisplayHelp
        | ErrorKind::DisplayVersion
        | ErrorKind::DisplayHelpOnMissingArgumentOrSubcommand => Ok(error.render()),
        kind => Err(ours(kind, &error.render().to_string())),
    }
}

/// clap's text in paragraphs: what is wrong, tips, the usage, where to read more.
fn ours(kind: ErrorKind, text: &str) -> Error {
    let mut paragraphs = text.split("\n\n").map(str::trim).filter(|p| !p.is_empty());
    let first = paragraphs.next().unwrap_or("the command line is wrong");
    let mut error = Error::usage(one_line(first.strip_prefix("error: ").unwrap_or(first)));
    for paragraph in paragraphs {
        if let Some(usage) = paragraph.strip_prefix("Usage: mfactl ") {
            if kind == ErrorKind::ValueValidation {
                // Of a check of ours, after parsing: clap then knows the root only.
                continue;
            }
            error = error.words(format!("usage: mfactl {}", one_line(usage)));
            error = error.command(format!("{} --help", verb_of(usage)).trim_start().to_owned());
        } else if !paragraph.starts_with("For more information") {
            for tip in paragraph.lines() {
                let tip = tip.trim();
                error = error.words(tip.strip_prefix("tip: ").unwrap_or(tip));
            }
        }
    }
    error
}

/// The noun and verb at the beginning of a usage line.
fn verb_of(usage: &str) -> String {
    let words =
        usage.split(' ').take_while(|word| word.starts_with(|c: char| c.is_ascii_lowercase()));
    words.collect::<Vec<_>>().join(" ")
}

fn one_line(text: &str) -> String {
    text.split_whitespace().collect::<Vec<_>>().join(" ")
}

/// Whether JSON was asked for, read from the words alone: the command line may be wrong, and
/// the error still has the format that was asked for.
pub fn wants_json<T: AsRef<OsStr>>(arguments: &[T]) -> bool {
    let words = arguments.iter().filter_map(|a| a.as_ref().to_str()).take_while(|w| *w != "--");
    let words: Vec<&str> = words.collect();
    (0..words.len()).any(|at| format_in(words[at], words.get(at + 1).copied()) == Some("json"))
}

/// The format that `word` asks for, with its value in the word or after it.
fn format_in<'a>(word: &'a str, next: Option<&'a str>) -> Option<&'a str> {
    let value = match word.strip_prefix("--format") {
        Some(value) => value,
        // Short options without a value may precede it, as in `-qo json`.
        None if word.starts_with("--") => return None,
        None => word.strip_prefix('-')?.trim_start_matches(['q', 'v', 'y']).strip_prefix('o')?,
    };
    if value.is_empty() { next } else { Some(value.strip_prefix('=').unwrap_or(value)) }
}
