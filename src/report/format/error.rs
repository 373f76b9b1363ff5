//! Errors on stderr: in words with hints, or as JSON.

use std::io::{self, Write};

use serde_json::json;

use super::escape;
use super::text::safe;
use crate::domain::refusal::Hint;
use crate::error::Error;
use crate::report::OutputFormat;

/// Writes `error` to `out`: `error: …` and a `hint: …` for each piece of
/// advice, or the object of the contract where JSON was asked for. `state` is
/// the state directory as it was typed, so that a hint can be run as it stands.
///
/// # Errors
/// What the writer says.
pub fn render_error(
    error: &Error,
    format: OutputFormat,
    state: Option<&str>,
    out: &mut dyn Write,
) -> io::Result<()> {
    let hints: Vec<String> = error.hints.iter().map(|hint| hint_words(hint, state)).collect();
    if format == OutputFormat::Json {
        let object = json!({"error": {
            "code": error.code,
            "message": error.to_string(),
            "subject": error.subject,
            "hints": hints,
        }});
        escape::compact(&object, out)?;
        return writeln!(out);
    }
    writeln!(out, "error: {}", safe(&error.message))?;
    error.details.iter().try_for_each(|line| writeln!(out, "{}", safe(line)))?;
    hints.iter().try_for_each(|hint| writeln!(out, "hint: {}", safe(hint)))
}

/// A hint as a person can use it: a command is whole, with the state that it is about where
/// that was typed.
pub fn hint_words(hint: &Hint, state: Option<&str>) -> String {
    match (hint, state) {
        (Hint::Words(words), _) => words.clone(),
        (Hint::Command(arguments), None) => format!("mfactl {arguments}"),
        (Hint::Command(arguments), Some(state)) => {
            format!("mfactl --state {} {arguments}", shell_word(state))
        }
    }
}

/// `text` as one word of a shell.
fn shell_word(text: &str) -> String {
    let plain = |c: char| c.is_ascii_alphanumeric() || "/._-+:@%,=".contains(c);
    if !text.is_empty() && text.chars().all(plain) {
        return text.to_owned();
    }
    format!("'{}'", text.replace('\'', r"'\''"))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn rendered(format: OutputFormat, state: Option<&str>) -> String {
        let error = Error::not_found("alise", "no user «alise\u{1b}[2J»")
            .command("user find alise")
            .words("logins are lower case");
        let mut out = Vec::new();
        render_error(&error, format, state, &mut out).unwrap();
        String::from_utf8(out).unwrap()
    }

    #[test]
    fn words_and_commands_that_can_be_run() {
        assert_eq!(
            rendered(OutputFormat::Table, Some("/srv/my state")),
            "error: no user «alise\\u{1b}[2J»\n\
             hint: mfactl --state '/srv/my state' user find alise\n\
             hint: logins are lower case\n"
        );
        assert!(rendered(OutputFormat::Yaml, None).contains("hint: mfactl user find alise\n"));
    }

    #[test]
    fn json_where_it_was_asked_for() {
        let value: serde_json::Value =
            serde_json::from_str(&rendered(OutputFormat::Json, None)).unwrap();
        assert_eq!(value["error"]["code"], "not-found");
        assert_eq!(value["error"]["subject"], "alise");
        assert_eq!(value["error"]["hints"][0], "mfactl user find alise");
    }
}
