//! Bodies with one line a key, sorted: `"alice": {…}`. They are searched and
//! edited as text: a line is found by bisection, and only it is ever parsed.
//!
//! The order is that of the keys as they are written, quotes and escapes
//! included; for logins that is their own order.

use serde::de::DeserializeOwned;

use super::layout::Sharded;
use super::{json, layout};
use crate::error;
use crate::error::Error;
use std::borrow::Cow;
use std::cmp::Ordering;

use crate::domain::ids::quoted;

/// What is wrong with a body.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct BadLine(pub(crate) String);

/// A key as it is written at the beginning of its line.
pub(crate) fn token(key: &str) -> String {
    json::write(key)
}

/// One line to change: its token, and what shall stand after it (`None`: no such line).
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Edit<'a> {
    /// The key as written.
    pub(crate) token: Cow<'a, str>,
    /// The value in flow style.
    pub(crate) value: Option<Cow<'a, str>>,
}

/// Takes a line apart: the key as written, and the value.
pub(crate) fn take_apart(line: &str) -> Result<(&str, &str), BadLine> {
    let bad = || BadLine(format!("expected \"key\": value, found {}", quoted(line)));
    let end = token_end(line.as_bytes()).ok_or_else(bad)?;
    let value = line[end..].strip_prefix(": ").filter(|value| !value.is_empty());
    Ok((&line[..end], value.ok_or_else(bad)?))
}

/// Where the quoted key at the beginning of a line ends.
fn token_end(line: &[u8]) -> Option<usize> {
    if line.first() != Some(&b'"') {
        return None;
    }
    let mut at = 1;
    loop {
        match line.get(at)? {
            b'"' => return Some(at + 1),
            b'\\' => at += 2,
            _ => at += 1,
        }
    }
}

/// Every line, taken apart, in order.
pub(crate) fn iterate(body: &str) -> impl Iterator<Item = Result<(&str, &str), BadLine>> {
    raw(body).map(take_apart)
}

/// Every line as it is.
pub(crate) fn raw(body: &str) -> impl Iterator<Item = &str> {
    body.split_terminator('\n')
}

/// How many lines there are.
pub(crate) fn count(body: &str) -> usize {
    body.bytes().filter(|byte| *byte == b'\n').count()
}

/// The value in the line of `token`.
pub(crate) fn find<'a>(body: &'a str, token: &str) -> Result<Option<&'a str>, BadLine> {
    let (start, end) = place(body, 0, token)?;
    if start == end {
        return Ok(None);
    }
    take_apart(&body[start..end - 1]).map(|(_, value)| Some(value))
}

/// The body after `edits`, which are sorted by token, each token once.
pub(crate) fn edit(body: &str, edits: &[Edit<'_>]) -> Result<String, BadLine> {
    let line_bytes = |edit: &Edit<'_>| Some(edit.token.len() + edit.value.as_ref()?.len() + 3);
    let added: usize = edits.iter().filter_map(line_bytes).sum();
    let mut edited = String::with_capacity(body.len() + added);
    let mut done = 0;
    for edit in edits {
        let (start, end) = place(body, done, &edit.token)?;
        edited.push_str(&body[done..start]);
        if let Some(value) = &edit.value {
            push(&mut edited, &edit.token, value);
        }
        done = end;
    }
    edited.push_str(&body[done..]);
    Ok(edited)
}

/// Appends one line.
pub(crate) fn push(body: &mut String, token: &str, value: &str) {
    body.push_str(token);
    body.push_str(": ");
    body.push_str(value);
    body.push('\n');
}

/// Where the line of `token` begins and ends (its line end included), at or
/// after `from`; both the same where it is not there and would be put.
fn place(body: &str, from: usize, token: &str) -> Result<(usize, usize), BadLine> {
    if !body.is_empty() && !body.ends_with('\n') {
        return Err(BadLine("the last line has no end".to_owned()));
    }
    let (mut low, mut high) = (from, body.len());
    // After an edit the next is often that of the next line.
    let mut middle = if from > 0 { low } else { high / 2 };
    while low < high {
        let before = body.as_bytes()[low..middle].iter().rposition(|byte| *byte == b'\n');
        let start = before.map_or(low, |end| low + end + 1);
        let length = body[start..].find('\n');
        let end = start + length.ok_or_else(|| BadLine("a line has no end".to_owned()))? + 1;
        let (key, _) = take_apart(&body[start..end - 1])?;
        match key.as_bytes().cmp(token.as_bytes()) {
            Ordering::Less => low = end,
            Ordering::Equal => return Ok((start, end)),
            Ordering::Greater => high = start,
        }
        middle = low + (high - low) / 2;
    }
    Ok((low, low))
}

/// The error of a body with lines that is not in its form.
pub(crate) fn bad_line(path: &str, bad: BadLine) -> Error {
    Error::damaged(path, format!("{path}: {}", bad.0)).command("state check")
}

/// Reads the value of a line; `key` is for the message.
pub(crate) fn parse_line<T: DeserializeOwned>(
    path: &str,
    key: &str,
    line: &str,
) -> error::Result<T> {
    json::read(line).map_err(|e| {
        // The words of serde_json repeat what they are about.
        let why = match layout::split(path).0 == Sharded::Secrets.dir() || path == "stage" {
            true => format!("cannot be read from column {}", e.column()),
            false => e.to_string(),
        };
        Error::damaged(path, format!("{path}, {key}: {why}")).command("state check")
    })
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeMap;

    use proptest::prelude::*;

    use super::*;

    fn write(model: &BTreeMap<String, String>) -> String {
        let mut body = String::new();
        for (token, value) in model {
            push(&mut body, token, value);
        }
        body
    }

    #[test]
    fn what_is_no_line_is_refused() {
        for body in ["alice: {}\n", "\"alice\":{}\n", "\"alice\": \n", "\"alice\\\": 1\n", "\n"] {
            assert!(find(body, "\"alice\"").is_err(), "{body:?}");
        }
        assert!(find("\"alice\": {}", "\"alice\"").is_err());
        assert_eq!(find("", "\"alice\""), Ok(None));
    }

    proptest! {
        #[test]
        fn edits_do_what_they_do_to_a_map(
            before in prop::collection::btree_map("[a-e.@\"\\\\é]{0,4}", "[0-9]{1,3}", 0..40),
            edits in prop::collection::btree_map("[a-e.@\"\\\\é]{0,4}", prop::option::of("[0-9]{1,3}"), 0..20),
        ) {
            let mut model: BTreeMap<String, String> =
                before.into_iter().map(|(key, value)| (token(&key), value)).collect();
            let edits: BTreeMap<String, Option<String>> =
                edits.into_iter().map(|(key, value)| (token(&key), value)).collect();
            let body = write(&model);
            for (token, value) in &edits {
                prop_assert_eq!(find(&body, token).unwrap(), model.get(token).map(String::as_str));
                match value {
                    Some(value) => model.insert(token.clone(), value.clone()),
                    None => model.remove(token),
                };
            }
            let edits: Vec<Edit<'_>> = edits
                .into_iter()
                .map(|(token, value)| Edit { token: token.into(), value: value.map(Into::into) })
                .collect();
            let edited = edit(&body, &edits).unwrap();
            prop_assert_eq!(&edited, &write(&model));
            prop_assert_eq!(count(&edited), model.len());
        }

        #[test]
        fn a_token_is_what_json_writes(text in "\\PC{0,20}|(?s).{0,20}") {
            prop_assert_eq!(token(&text), serde_json::to_string(&text).unwrap());
        }

        #[test]
        fn no_body_makes_it_panic(body in "(?s).{0,60}", key in ".{0,5}") {
            let _ = find(&body, &token(&key));
            let _ = edit(&body, &[Edit { token: token(&key).into(), value: Some("1".into()) }]);
            let _ = iterate(&body).count();
        }
    }
}
