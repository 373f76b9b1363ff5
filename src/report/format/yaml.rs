//! YAML: the same fields; lists as sequences, written while they are read.
//!
//! Written by hand over JSON values, because the library leaves `off`, `no` and
//! instants without quotes: right for YAML 1.2, but the many readers of YAML
//! 1.1 (PyYAML, Ruby's) take them for a boolean and a date.

use std::io::{self, Write};

use serde::Serialize;
use serde_json::Value;

use super::escape;
use super::wiped::WipedValue;
use crate::domain::ids::allowed;
use crate::error::Result;
use crate::report::RenderError;

/// One mapping.
pub(crate) fn one<T: Serialize>(
    value: &T,
    out: &mut dyn Write,
) -> std::result::Result<(), RenderError> {
    let value = WipedValue(serde_json::to_value(value)?);
    Ok(block(&value.0, 0, out)?)
}

/// A sequence.
pub(crate) fn list<T: Serialize>(
    rows: impl Iterator<Item = Result<T>>,
    out: &mut dyn Write,
) -> std::result::Result<(), RenderError> {
    let mut none = true;
    for row in rows {
        item(&serde_json::to_value(row?)?, 0, out)?;
        none = false;
    }
    if none {
        writeln!(out, "[]")?;
    }
    Ok(())
}

/// A value that begins a line, `depth` blanks in.
fn block(value: &Value, depth: usize, out: &mut dyn Write) -> io::Result<()> {
    match value {
        Value::Object(fields) if !fields.is_empty() => {
            for (number, (key, value)) in fields.iter().enumerate() {
                if number > 0 {
                    write!(out, "{:depth$}", "")?;
                }
                field(key, value, depth, out)?;
            }
            Ok(())
        }
        Value::Array(items) if !items.is_empty() => {
            items.iter().try_for_each(|value| item(value, depth, out))
        }
        other => {
            scalar(other, out)?;
            writeln!(out)
        }
    }
}

/// `key: value`; what has lines of its own begins on the next.
fn field(key: &str, value: &Value, depth: usize, out: &mut dyn Write) -> io::Result<()> {
    text(key, out)?;
    write!(out, ":")?;
    match value {
        Value::Object(fields) if !fields.is_empty() => {
            write!(out, "\n{:1$}", "", depth + 2)?;
            block(value, depth + 2, out)
        }
        Value::Array(items) if !items.is_empty() => {
            writeln!(out)?;
            block(value, depth, out)
        }
        other => {
            write!(out, " ")?;
            scalar(other, out)?;
            writeln!(out)
        }
    }
}

/// `- value`.
fn item(value: &Value, depth: usize, out: &mut dyn Write) -> io::Result<()> {
    write!(out, "{:depth$}- ", "")?;
    match value {
        // An array in an array: as JSON, which is YAML too.
        Value::Array(items) if !items.is_empty() => {
            escape::compact(items, out)?;
            writeln!(out)
        }
        other => block(other, depth + 2, out),
    }
}

fn scalar(value: &Value, out: &mut dyn Write) -> io::Result<()> {
    match value {
        Value::String(string) => text(string, out),
        Value::Object(_) => write!(out, "{{}}"),
        Value::Array(_) => write!(out, "[]"),
        Value::Null | Value::Bool(_) | Value::Number(_) => write!(out, "{value}"),
    }
}

/// A text that every reader of YAML reads as text. It is written in pieces, so that no copy
/// of a secret is left in memory.
fn text(text: &str, out: &mut dyn Write) -> io::Result<()> {
    let plain = |b: u8| b.is_ascii_alphanumeric() || b"_-./@".contains(&b);
    let begins = text.bytes().next().is_some_and(|b| b.is_ascii_alphabetic());
    if begins && text.bytes().all(plain) && !is_word_of_yaml(text) {
        return write!(out, "{text}");
    }
    write!(out, "\"")?;
    for c in text.chars() {
        match c {
            '"' => write!(out, "\\\"")?,
            '\\' => write!(out, "\\\\")?,
            c if allowed(c) => write!(out, "{c}")?,
            c if u32::from(c) > 0xFFFF => write!(out, "\\U{:08X}", u32::from(c))?,
            c => write!(out, "\\u{:04X}", u32::from(c))?,
        }
    }
    write!(out, "\"")
}

fn is_word_of_yaml(text: &str) -> bool {
    const WORDS: &[&str] = &["y", "n", "yes", "no", "on", "off", "true", "false", "null"];
    WORDS.iter().any(|word| word.eq_ignore_ascii_case(text))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn everything_is_read_back_as_it_was() {
        let value = serde_json::json!({
            "words": ["off", "NO", "null", "~", "", "1e3", "0x1f", "2026-11-21", "a: b", "- a", "#", "alice#3"],
            "hostile": "\u{1b}[31m\"\\\n\u{202e}\u{85}\u{7f}\u{feff}\u{1FFFE}",
            "on": {"empty": {}, "none": [], "deep": {"list": [{"a": 1, "b": [true, null]}, [1, [2]]]}},
            "number": -12.5, "name": "山田 'x'",
        });
        for value in [value.clone(), serde_json::json!([value, {}, "x"])] {
            let mut out = Vec::new();
            one(&value, &mut out).unwrap();
            let yaml = String::from_utf8(out).unwrap();
            assert_eq!(serde_yaml::from_str::<Value>(&yaml).unwrap(), value, "{yaml}");
            assert!(yaml.lines().all(|line| line == line.trim_end()), "{yaml}");
        }
    }
}
