//! Values out of nodes: each checks the type, reports what is wrong with its
//! place, and goes on.

use std::collections::BTreeMap;
use std::collections::btree_map::Entry;
use std::fmt::Display;
use std::str::FromStr;
use std::sync::Arc;

use crate::domain::ids::Login;
use crate::domain::time::{Time, TimeError};
use crate::policy::model::Word as TypedWord;
use crate::policy::problem::{Located, Place, Problems, shown};
use crate::policy::yaml::node::{Key, Node, Value, Word};
use crate::policy::yaml::scalar::{Resolved, resolve};

/// A key of a mapping that is read into a `T`.
pub(super) struct KnownKey<T> {
    pub(super) name: &'static str,
    pub(super) read: fn(&mut Fields<'_>, &Node<'_>, &mut T),
    /// What it sets, for the schema.
    pub(super) about: &'static str,
    /// `None` in files that have no schema.
    pub(super) schema: Option<fn() -> serde_json::Value>,
}

impl<T> KnownKey<T> {
    pub(super) const fn new(
        name: &'static str,
        read: fn(&mut Fields<'_>, &Node<'_>, &mut T),
    ) -> KnownKey<T> {
        KnownKey { name, read, about: "", schema: None }
    }

    pub(super) const fn described(
        self,
        about: &'static str,
        schema: fn() -> serde_json::Value,
    ) -> KnownKey<T> {
        KnownKey { about, schema: Some(schema), ..self }
    }

    /// The same key where its value does not matter.
    pub(super) fn unread(self) -> KnownKey<()> {
        KnownKey::new(self.name, |_, _, ()| {})
    }
}

/// A mapping, in the order of the file.
pub(super) type Map<'a> = [(Key<'a>, Node<'a>)];

/// The reader of one file.
pub(super) struct Fields<'p> {
    pub(super) file: Arc<str>,
    pub(super) problems: &'p mut Problems,
}

/// The value of a node, in words.
fn what_is(node: &Node<'_>) -> String {
    match &node.value {
        Value::List(_) => "a list".to_owned(),
        Value::Map(_) => "a mapping".to_owned(),
        Value::Refused => "something refused".to_owned(),
        Value::Scalar(word) => kind_of(word),
    }
}

fn kind_of(word: &Word<'_>) -> String {
    let text = shown(&word.text);
    let meaning = if word.plain { resolve(&word.text) } else { Resolved::Text };
    match meaning {
        Resolved::Null => "nothing".to_owned(),
        Resolved::Boolean => format!("the boolean {}", word.text),
        Resolved::Integer | Resolved::Float => format!("the number {}", text.trim_matches('"')),
        Resolved::Text => format!("the text {text}"),
    }
}

/// Whether a word is a text, and not a number, a boolean or nothing.
fn is_text(word: &Word<'_>) -> bool {
    !word.plain || resolve(&word.text) == Resolved::Text
}

impl Fields<'_> {
    pub(super) fn place(&self, line: u32, column: u32) -> Place {
        Place { file: self.file.clone(), line, column }
    }

    pub(super) fn at(&self, node: &Node<'_>) -> Place {
        self.place(node.line, node.column)
    }

    pub(super) fn say(&mut self, line: u32, column: u32, message: &str, hint: Option<&str>) {
        let place = self.place(line, column);
        self.problems.at(&place, message, hint.map(str::to_owned));
    }

    /// Reports that `what`, at `node`, is not what is expected.
    pub(super) fn expected(&mut self, node: &Node<'_>, what: &str, expected: &str) {
        if !matches!(node.value, Value::Refused) {
            let message = format!("{what} is {}: expected {expected}", what_is(node));
            self.say(node.line, node.column, &message, None);
        }
    }

    pub(super) fn map<'n, 'a>(&mut self, node: &'n Node<'a>, what: &str) -> Option<&'n Map<'a>> {
        match &node.value {
            Value::Map(entries) => Some(entries),
            _ => {
                self.expected(node, what, "a mapping");
                None
            }
        }
    }

    pub(super) fn is_null(node: &Node<'_>) -> bool {
        matches!(&node.value, Value::Scalar(word) if word.plain && resolve(&word.text) == Resolved::Null)
    }

    /// Reads a mapping of `keys` into `to`; every other key is a problem.
    pub(super) fn mapping<T>(
        &mut self,
        node: &Node<'_>,
        what: &str,
        keys: &[KnownKey<T>],
        to: &mut T,
    ) {
        let map = self.map(node, what).unwrap_or_default();
        self.keys(map, what, keys, to);
    }

    /// The same for the entries of a mapping.
    pub(super) fn keys<T>(
        &mut self,
        map: &Map<'_>,
        within: &str,
        keys: &[KnownKey<T>],
        to: &mut T,
    ) {
        for (key, node) in map {
            match keys.iter().find(|known| known.name == key.word.text) {
                Some(known) => (known.read)(self, node, to),
                None => self.unknown_key(key, keys, within),
            }
        }
    }

    /// Reports a key that is not one of `known`, with the one that was probably meant.
    fn unknown_key<T>(&mut self, key: &Key<'_>, known: &[KnownKey<T>], within: &str) {
        let known: Vec<&str> = known.iter().map(|key| key.name).collect();
        let text: &str = &key.word.text;
        let hint = nearest(text, &known).map_or_else(
            || format!("known here: {}", known.join(", ")),
            |meant| format!("did you mean {meant}?"),
        );
        let message = format!("unknown key {} in {within}", shown(text));
        self.say(key.line, key.column, &message, Some(&hint));
    }

    pub(super) fn text<'n>(
        &mut self,
        node: &'n Node<'_>,
        what: &str,
        expected: &str,
    ) -> Option<&'n str> {
        match &node.value {
            Value::Scalar(word) if is_text(word) => Some(&word.text),
            Value::Scalar(word) if !word.text.is_empty() => {
                let message = format!("{what} is {}: expected {expected}", kind_of(word));
                let hint = (resolve(&word.text) != Resolved::Null)
                    .then(|| format!("if it is meant as a text, quote it: {}", shown(&word.text)));
                self.say(node.line, node.column, &message, hint.as_deref());
                None
            }
            _ => {
                self.expected(node, what, expected);
                None
            }
        }
    }

    /// A text that a domain type accepts.
    pub(super) fn name<T>(&mut self, node: &Node<'_>, what: &str) -> Option<Located<T>>
    where
        T: FromStr,
        T::Err: Display,
    {
        let text = self.text(node, what, "a text")?;
        self.checked(node, text.parse::<T>())
    }

    pub(super) fn checked<T, E: Display>(
        &mut self,
        node: &Node<'_>,
        read: Result<T, E>,
    ) -> Option<Located<T>> {
        match read {
            Ok(value) => Some(Located::new(value, self.at(node))),
            Err(error) => {
                self.say(node.line, node.column, &error.to_string(), None);
                None
            }
        }
    }

    /// One of a few words.
    pub(super) fn word<T: TypedWord>(&mut self, node: &Node<'_>, what: &str) -> Option<Located<T>> {
        let words: Vec<&str> = T::ALL.iter().map(|word| word.word()).collect();
        let expected = words.join(" or ");
        let Value::Scalar(word) = &node.value else {
            self.expected(node, what, &expected);
            return None;
        };
        if let Some(value) = T::parse(&word.text).filter(|_| is_text(word)) {
            return Some(Located::new(value, self.at(node)));
        }
        let hint = nearest(&word.text, &words).map(|meant| format!("did you mean {meant}?"));
        let message = format!("{what} is {}: expected {expected}", kind_of(word));
        self.say(node.line, node.column, &message, hint.as_deref());
        None
    }

    /// `true` or `false`.
    pub(super) fn boolean(&mut self, node: &Node<'_>, what: &str) -> Option<bool> {
        if let Value::Scalar(word) = &node.value
            && word.plain
            && resolve(&word.text) == Resolved::Boolean
        {
            return Some(word.text.eq_ignore_ascii_case("true"));
        }
        self.expected(node, what, "true or false");
        None
    }

    /// A whole number in decimal digits.
    pub(super) fn whole(&mut self, node: &Node<'_>, what: &str, most: u32) -> Option<Located<u32>> {
        if let Value::Scalar(word) = &node.value {
            let digits = !word.text.is_empty() && word.text.bytes().all(|b| b.is_ascii_digit());
            let number = word.text.parse::<u32>().ok().filter(|number| *number <= most);
            if let (true, true, Some(number)) = (word.plain, digits, number) {
                return Some(Located::new(number, self.at(node)));
            }
        }
        self.expected(node, what, &format!("a whole number from 0 to {most}"));
        None
    }

    pub(super) fn version(&mut self, node: &Node<'_>) {
        if self
            .whole(node, "version", u32::MAX)
            .is_some_and(|version| version.value != super::VERSION)
        {
            let message = "a version that is not known here";
            self.say(node.line, node.column, message, Some("this mfactl reads version: 1"));
        }
    }

    /// An instant, or a date, which is its midnight UTC. Nothing relative: a
    /// policy says the same whenever it is applied.
    pub(super) fn time(&mut self, node: &Node<'_>, what: &str) -> Option<Located<Time>> {
        let expected = "a time: 2026-12-01T09:00:00Z, or a date 2026-12-01 (its midnight UTC)";
        self.time_by(node, what, expected, Time::parse_date)
    }

    /// An instant at which something ends, or a date, which includes the day.
    pub(super) fn end(&mut self, node: &Node<'_>, what: &str) -> Option<Located<Time>> {
        let expected = "a time: 2026-12-01T09:00:00Z, or a date 2026-12-01 (it includes the day)";
        self.time_by(node, what, expected, Time::parse_end_date)
    }

    fn time_by(
        &mut self,
        node: &Node<'_>,
        what: &str,
        expected: &str,
        date: impl Fn(&str) -> Result<Time, TimeError>,
    ) -> Option<Located<Time>> {
        let text = self.text(node, what, expected)?;
        let read = match text.len() {
            10 => date(text),
            _ => Time::parse_rfc3339(text),
        };
        let place = self.at(node);
        if read.is_err() {
            self.expected(node, what, expected);
        }
        read.ok().map(|time| Located::new(time, place))
    }

    /// A list, each item read by `item`; a repeated item is a problem.
    pub(super) fn list<T: Ord>(
        &mut self,
        node: &Node<'_>,
        what: &str,
        mut item: impl FnMut(&mut Self, &Node<'_>) -> Option<Located<T>>,
    ) -> Option<Located<std::collections::BTreeSet<T>>> {
        let Value::List(items) = &node.value else {
            self.expected(node, what, "a list");
            return None;
        };
        let mut set = std::collections::BTreeSet::new();
        for node in items {
            let Some(read) = item(self, node) else { continue };
            if !set.insert(read.value) {
                let message = format!("{} stands twice in {what}", what_is(node));
                self.say(node.line, node.column, &message, None);
            }
        }
        Some(Located::new(set, self.at(node)))
    }

    /// A mapping by login; a repeated login, in any case, is a problem.
    pub(super) fn by_login<T>(
        &mut self,
        node: &Node<'_>,
        what: &str,
        mut read: impl FnMut(&mut Self, &Node<'_>) -> T,
    ) -> BTreeMap<Login, Located<T>> {
        let mut people: BTreeMap<Login, Located<T>> = BTreeMap::new();
        for (key, node) in self.map(node, what).unwrap_or_default() {
            let value = read(self, node);
            let Some(login) = self.login(key) else { continue };
            let place = self.place(key.line, key.column);
            match people.entry(login) {
                Entry::Vacant(free) => {
                    free.insert(Located::new(value, place));
                }
                Entry::Occupied(first) => {
                    let message = format!(
                        "the login {} stands twice: first in line {} (capitals make no difference)",
                        first.key(),
                        first.get().place.line
                    );
                    self.problems.at(&place, message, None);
                }
            }
        }
        people
    }

    fn login(&mut self, key: &Key<'_>) -> Option<Login> {
        if !is_text(&key.word) {
            let message = format!("{} is no login", kind_of(&key.word));
            let hint = format!("if it is one, quote it: {}", shown(&key.word.text));
            self.say(key.line, key.column, &message, Some(&hint));
            return None;
        }
        match Login::parse(&key.word.text) {
            Ok(login) => Some(login),
            Err(error) => {
                self.say(key.line, key.column, &error.to_string(), None);
                None
            }
        }
    }
}

/// The known word that was probably meant.
fn nearest<'k>(text: &str, known: &[&'k str]) -> Option<&'k str> {
    if text.len() > 64 {
        return None;
    }
    let plain: String = text.to_ascii_lowercase().replace('-', "_");
    let distance = |word: &&str| strsim::osa_distance(&plain, &word.replace('-', "_"));
    let best = known.iter().copied().min_by_key(distance)?;
    let far = distance(&best);
    let squeezed = |word: &str| word.replace('_', "").to_ascii_lowercase();
    (far <= best.len().min(text.len()) / 3 || squeezed(&plain) == squeezed(best)).then_some(best)
}
