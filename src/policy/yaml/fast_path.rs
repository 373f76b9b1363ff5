//! Policies as mfactl and most programs write them, read line by line: a hundred
//! thousand people take a tenth of the time that the YAML parser needs. What is read
//! here has the same tree as there, position by position; everything else, and every
//! mistake, is left to the parser.

use std::borrow::Cow;
use std::collections::HashSet;

use super::node::{DEEPEST, Key, MOST_NODES, Node, Value, Word};

/// Longer words and keys are left to the parser (bytes); it takes keys of up to 1,024.
const LONGEST: usize = 1_000;

/// More keys than these has only the mapping whose entries have a line each.
const FEW_KEYS: usize = 64;

/// A line of a person has about so many bytes, or more.
const BYTES: usize = 40;

type Entry<'a> = (Key<'a>, Node<'a>);

/// Reads a mapping in block style whose values are words, lists and mappings in flow
/// style, or mappings of such; `None` where it is, or may be, something else.
pub(crate) fn parse(text: &str) -> Option<Node<'_>> {
    let seen = HashSet::with_capacity(text.len() / BYTES);
    let mut reader = Reader { nodes: 0, seen };
    let mut map: Vec<Entry<'_>> = Vec::new();
    // The mapping within that is open: its key, and its entries so far.
    let mut open: Option<(Key<'_>, Vec<Entry<'_>>)> = None;
    for (number, line) in text.split_terminator('\n').enumerate() {
        let number = u32::try_from(number).ok()? + 1;
        if line.is_empty() || (line.starts_with('#') && is_printable(line)) {
            continue;
        }
        let mut rest = Rest { line: number, column: 1, text: line };
        if let Some((_, entries)) = &mut open
            && rest.skip("  ")
        {
            let entry = reader.entry(&mut rest)?;
            if !reader.seen.insert(text_of(&entry.0)?) {
                return None;
            }
            entries.push(entry);
            continue;
        }
        reader.close(&mut map, open.take())?;
        let key = reader.key(&mut rest)?;
        is_new(&map, &key).then_some(())?;
        if rest.text.is_empty() {
            open = Some((key, Vec::new()));
        } else {
            let value = rest.skip(" ").then(|| reader.last_value(&mut rest))??;
            map.push((key, value));
        }
    }
    reader.close(&mut map, open)?;
    // Whatever is too large, the parser says so.
    let node = block(map)?;
    (reader.nodes < MOST_NODES).then_some(node)
}

/// A mapping in block style lies where its first key does.
fn block(entries: Vec<Entry<'_>>) -> Option<Node<'_>> {
    let (first, _) = entries.first()?;
    Some(Node { line: first.line, column: first.column, value: Value::Map(entries.into()) })
}

/// Whether a key is not there yet. They are looked through one by one, for where there
/// are more than a few the parser has its turn.
fn is_new(entries: &[Entry<'_>], key: &Key<'_>) -> bool {
    entries.len() < FEW_KEYS && !entries.iter().any(|(other, _)| other.word.text == key.word.text)
}

fn text_of<'a>(key: &Key<'a>) -> Option<&'a str> {
    match key.word.text {
        Cow::Borrowed(text) => Some(text),
        Cow::Owned(_) => None,
    }
}

/// Whether a comment has nothing that the parser may mind.
fn is_printable(line: &str) -> bool {
    line.bytes().all(|b| matches!(b, b' '..=b'~'))
}

/// What is left of a line. It is ASCII as far as it was read, so that bytes are columns.
struct Rest<'a> {
    line: u32,
    column: u32,
    text: &'a str,
}

impl<'a> Rest<'a> {
    fn skip(&mut self, prefix: &str) -> bool {
        let begins = self.text.starts_with(prefix);
        if begins {
            self.take(prefix.len());
        }
        begins
    }

    fn take(&mut self, bytes: usize) -> &'a str {
        let (taken, rest) = self.text.split_at(bytes);
        self.text = rest;
        self.column += u32::try_from(bytes).unwrap_or(u32::MAX);
        taken
    }
}

struct Reader<'a> {
    nodes: usize,
    /// The keys of the mapping that is open.
    seen: HashSet<&'a str>,
}

impl<'a> Reader<'a> {
    /// Puts the mapping that was open where it belongs.
    fn close(
        &mut self,
        map: &mut Vec<Entry<'a>>,
        open: Option<(Key<'a>, Vec<Entry<'a>>)>,
    ) -> Option<()> {
        if let Some((key, entries)) = open {
            map.push((key, self.counted(block(entries)?)));
            self.seen.clear();
        }
        Some(())
    }

    fn counted<T>(&mut self, node: T) -> T {
        self.nodes += 1;
        node
    }

    /// `KEY: VALUE` up to the end of the line.
    fn entry(&mut self, rest: &mut Rest<'a>) -> Option<Entry<'a>> {
        let key = self.key(rest)?;
        let value = rest.skip(" ").then(|| self.last_value(rest))??;
        Some((key, value))
    }

    /// A value, and nothing after it.
    fn last_value(&mut self, rest: &mut Rest<'a>) -> Option<Node<'a>> {
        let value = self.value(rest, 0)?;
        rest.text.is_empty().then_some(value)
    }

    fn key(&mut self, rest: &mut Rest<'a>) -> Option<Key<'a>> {
        let (line, column) = (rest.line, rest.column);
        let word = word(rest)?;
        rest.skip(":").then(|| self.counted(Key { line, column, word }))
    }

    /// A word, or a list or a mapping in flow style.
    fn value(&mut self, rest: &mut Rest<'a>, depth: usize) -> Option<Node<'a>> {
        let (line, column) = (rest.line, rest.column);
        if depth > DEEPEST / 2 {
            return None;
        }
        let value = if rest.skip("{") {
            let mut entries: Vec<Entry<'a>> = Vec::with_capacity(1);
            self.items(rest, "}", |reader, rest| {
                let key = reader.key(rest)?;
                let value = rest.skip(" ").then(|| reader.value(rest, depth + 1))??;
                is_new(&entries, &key).then_some(())?;
                entries.push((key, value));
                Some(())
            })?;
            Value::Map(entries.into())
        } else if rest.skip("[") {
            let mut items = Vec::new();
            self.items(rest, "]", |reader, rest| {
                items.push(reader.value(rest, depth + 1)?);
                Some(())
            })?;
            Value::List(items.into())
        } else {
            Value::Scalar(word(rest)?)
        };
        Some(self.counted(Node { line, column, value }))
    }

    /// What stands between brackets, up to and with the one that closes.
    fn items(
        &mut self,
        rest: &mut Rest<'a>,
        end: &str,
        mut item: impl FnMut(&mut Self, &mut Rest<'a>) -> Option<()>,
    ) -> Option<()> {
        if rest.skip(end) {
            return Some(());
        }
        loop {
            item(self, rest)?;
            if rest.skip(end) {
                return Some(());
            }
            rest.skip(", ").then_some(())?;
        }
    }
}

/// A word that means the same wherever it stands: of letters, digits and `._+@-`, or in
/// double quotes without escapes.
fn word<'a>(rest: &mut Rest<'a>) -> Option<Word<'a>> {
    let plain = !rest.skip("\"");
    let length = rest.text.bytes().position(|b| match plain {
        true => !(b.is_ascii_alphanumeric() || b"._+@-".contains(&b)),
        false => !matches!(b, b' '..=b'~') || b == b'"' || b == b'\\',
    });
    let text = rest.take(length.unwrap_or(rest.text.len()));
    let is_word = match plain {
        true => text.bytes().next().is_some_and(|b| b.is_ascii_alphanumeric()),
        false => rest.skip("\""),
    };
    (is_word && text.len() <= LONGEST).then_some(Word { text: Cow::Borrowed(text), plain })
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;
    use crate::policy::problem::Problems;
    use crate::policy::yaml::parser;

    /// The tree that the YAML parser gives, where it minds nothing.
    fn slow(text: &str) -> Option<String> {
        let mut problems = Problems::default();
        let root = parser::parse_any(&"policy.yaml".into(), text, &mut problems);
        root.filter(|_| problems.is_empty()).map(|root| format!("{root:?}"))
    }

    fn quick(text: &str) -> Option<String> {
        parse(text).map(|root| format!("{root:?}"))
    }

    #[test]
    fn what_mfactl_writes_is_read_quickly() {
        for text in [
            "# why\nversion: 1\nusers:\n  \"alice\": {mfa: off}\n  bob: {mfa: on}\n",
            "version: 1\norg: acme\nname: \"St Mary's: it #1\"\nservices: []\nownership: additive",
            "org: acme\n\nenforcement: {state: on, from: \"2026-11-01T00:00:00Z\"}\nmembers:\n  a: {role: member, opt_out: {message: \"a b\", until: 2027-01-01}}\nroles: [admin, helpdesk]\n",
        ] {
            assert!(quick(text).is_some(), "{text}");
            assert_eq!(quick(text), slow(text), "{text}");
        }
    }

    #[test]
    fn what_may_mean_something_else_is_left_to_the_parser() {
        for text in [
            "",
            "# nothing\n",
            "version: 1\nversion: 2\n",
            "users:\n  a: {mfa: on}\n  a: {mfa: on}\n",
            "users:\n",
            "users:\nversion: 1\n",
            "a: {b: 1, b: 2}\n",
            "a: \"\\n\"\n",
            "a: 'x'\n",
            "a: &x y\n",
            "a: !t y\n",
            "a: - b\n",
            "a: b c\n",
            "a: b # why\n",
            "a: {b: c}}\n",
            "a: {b:c}\n",
            "a: [b,c]\n",
            "a:b\n",
            "a : b\n",
            " a: b\n",
            "a:\n    b: c\n",
            "a:\n  b:\n    c: d\n",
            "a: b\n  c: d\n",
            "--- \na: b\n",
            "%YAML 1.1\n---\na: b\n",
            "a: b\r\n",
            "\u{feff}a: b\n",
            "# \u{7}\na: b\n",
            "- a\n",
            "? a\n",
        ] {
            assert_eq!(quick(text), None, "{text:?}");
        }
        let deep = format!("a: {}{}\n", "[".repeat(DEEPEST), "]".repeat(DEEPEST));
        assert_eq!(quick(&deep), None);
    }

    fn line() -> impl Strategy<Value = String> {
        let word =
            || "[a-z0-9]{1,3}|\"[a-z :#,{}\\[\\]']{0,4}\"|1e3|on|null|~|''|-1|[a-c._@+-]{1,3}";
        let flow =
            (word(), word(), word()).prop_map(|(a, b, c)| format!("{{{a}: {b}, {c}: [{b}, {a}]}}"));
        let value =
            prop_oneof![3 => word().prop_map(String::from), 3 => flow, 1 => Just(String::new())];
        let indent = prop_oneof![4 => Just(""), 4 => Just("  "), 1 => Just("    ")];
        prop_oneof![
            12 => (indent, word(), value).prop_map(|(indent, key, value)| match value.as_str() {
                "" => format!("{indent}{key}:"),
                value => format!("{indent}{key}: {value}"),
            }),
            1 => Just(String::new()),
            1 => Just("# a comment".to_owned()),
            1 => "[ a-b:{},\\[\\]\"'#&*!|>%@-]{0,8}",
        ]
    }

    proptest! {
        #![proptest_config(ProptestConfig::with_cases(2_000))]

        #[test]
        fn what_is_read_here_is_what_the_parser_reads(lines in prop::collection::vec(line(), 0..6)) {
            let text = lines.join("\n");
            for text in [format!("{text}\n"), text] {
                if let Some(quick) = quick(&text) {
                    prop_assert_eq!(Some(quick), slow(&text), "{}", text);
                }
            }
        }
    }
}
