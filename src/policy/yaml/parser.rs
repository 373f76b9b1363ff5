//! A small tree with positions, made from the events of the YAML parser. What a
//! policy has no use for is refused here: anchors, aliases, tags, directives,
//! several documents, duplicate keys, keys that are no words, deep nesting.

use std::borrow::Cow;
use std::collections::HashMap;
use std::sync::Arc;

use saphyr_parser::{Event, Marker, Parser, ScalarStyle};

use super::node::{DEEPEST, Key, MOST_NODES, Node, Value, Word};
use crate::policy::problem::{Place, Problems, shown};

/// Reads one document. `None`: it could not be read to its end, or nothing is
/// in it; the problems say why.
pub(crate) fn parse<'a>(
    file: &Arc<str>,
    text: &'a str,
    problems: &mut Problems,
) -> Option<Node<'a>> {
    let builder = Builder { file, problems, stack: Vec::new(), root: None, nodes: 0 };
    builder.read(text)
}

enum Frame<'a> {
    List { line: u32, column: u32, items: Vec<Node<'a>> },
    Map(MapFrame<'a>),
}

struct MapFrame<'a> {
    line: u32,
    column: u32,
    entries: Vec<(Key<'a>, Node<'a>)>,
    /// Keys so far with the line of each, once they are many: most mappings have one or two.
    seen: HashMap<Cow<'a, str>, u32>,
    key: KeySlot<'a>,
}

/// Up to this many keys, a mapping is searched one by one.
const FEW_KEYS: usize = 16;

impl<'a> MapFrame<'a> {
    /// The line of an earlier key with this text.
    fn line_of(&mut self, text: &str) -> Option<u32> {
        if self.entries.len() <= FEW_KEYS {
            let there = self.entries.iter().find(|(key, _)| key.word.text == text);
            return there.map(|(key, _)| key.line);
        }
        for (key, _) in &self.entries[self.seen.len()..] {
            self.seen.insert(key.word.text.clone(), key.line);
        }
        self.seen.get(text).copied()
    }
}

enum KeySlot<'a> {
    /// The next node is a key.
    Awaited,
    /// The next node is the value of this key.
    Read(Key<'a>),
    /// The next node is the value of a key that was refused.
    Refused,
}

struct Builder<'a, 'p> {
    file: &'p Arc<str>,
    problems: &'p mut Problems,
    stack: Vec<Frame<'a>>,
    root: Option<Node<'a>>,
    nodes: usize,
}

/// The reading of this file is over.
struct Unreadable;

fn position(marker: &Marker) -> (u32, u32) {
    let number = |n: usize| u32::try_from(n).unwrap_or(u32::MAX);
    (number(marker.line()), number(marker.col()).saturating_add(1))
}

impl<'a> Builder<'a, '_> {
    fn read(mut self, text: &'a str) -> Option<Node<'a>> {
        if self.directive(text) {
            return None;
        }
        let mut documents = 0;
        for event in Parser::new_from_str(text) {
            let (event, span) = match event {
                Ok(event) => event,
                Err(error) => {
                    self.syntax(error.info(), position(error.marker()));
                    return None;
                }
            };
            let at = position(&span.start);
            if matches!(event, Event::DocumentStart(_)) {
                documents += 1;
                if documents > 1 {
                    self.problem(at, "a second document in the file", Some("one org a file"));
                    return None;
                }
            }
            if self.take(event, at).is_err() {
                return None;
            }
        }
        if self.root.is_none() {
            self.problem((1, 1), "nothing is in the file", Some("begin with version: 1"));
        }
        self.root
    }

    fn problem(&mut self, (line, column): (u32, u32), message: &str, hint: Option<&str>) {
        let place = Place { file: self.file.clone(), line, column };
        self.problems.at(&place, message, hint.map(str::to_owned));
    }

    fn syntax(&mut self, info: &str, at: (u32, u32)) {
        if info.contains("unknown anchor") {
            self.problem(at, "an alias", Some("write the value out: a policy has no aliases"));
        } else if info.contains("recursion limit") {
            self.too_deep(at);
        } else {
            self.problem(at, &format!("this is no YAML: {info}"), None);
        }
    }

    fn too_deep(&mut self, at: (u32, u32)) {
        let message = format!("lists and mappings lie more than {DEEPEST} deep in each other");
        self.problem(at, &message, None);
    }

    /// A directive (`%YAML 1.1`) would change what the words mean.
    fn directive(&mut self, text: &str) -> bool {
        let lines = text.lines().enumerate();
        let first = lines
            .map(|(number, line)| (number, line.trim_end()))
            .find(|(_, line)| !line.is_empty() && !line.trim_start().starts_with('#'));
        match first {
            Some((number, line)) if line.starts_with('%') => {
                let line = u32::try_from(number + 1).unwrap_or(u32::MAX);
                self.problem((line, 1), "a YAML directive", Some("leave it out: it is YAML 1.2"));
                true
            }
            _ => false,
        }
    }

    fn take(&mut self, event: Event<'a>, at: (u32, u32)) -> Result<(), Unreadable> {
        let (line, column) = at;
        match event {
            Event::Scalar(text, style, anchor, tag) => {
                self.decorated(at, anchor, tag.is_some());
                let plain = style == ScalarStyle::Plain && tag.is_none();
                self.add(Node { line, column, value: Value::Scalar(Word { text, plain }) })
            }
            Event::Alias(_) => {
                self.problem(at, "an alias", Some("write the value out: a policy has no aliases"));
                self.add(Node { line, column, value: Value::Refused })
            }
            Event::SequenceStart(anchor, tag) => {
                self.decorated(at, anchor, tag.is_some());
                self.open(at, Frame::List { line, column, items: Vec::new() })
            }
            Event::MappingStart(anchor, tag) => {
                self.decorated(at, anchor, tag.is_some());
                let (entries, seen, key) = (Vec::new(), HashMap::new(), KeySlot::Awaited);
                self.open(at, Frame::Map(MapFrame { line, column, entries, seen, key }))
            }
            Event::SequenceEnd | Event::MappingEnd => self.close(),
            _ => Ok(()),
        }
    }

    fn decorated(&mut self, at: (u32, u32), anchor: usize, tagged: bool) {
        if anchor != 0 {
            self.problem(at, "an anchor", Some("leave it out: a policy has no anchors"));
        }
        if tagged {
            self.problem(at, "a tag", Some("leave it out: a policy has no tags"));
        }
    }

    fn open(&mut self, at: (u32, u32), frame: Frame<'a>) -> Result<(), Unreadable> {
        if self.stack.len() >= DEEPEST {
            self.too_deep(at);
            return Err(Unreadable);
        }
        self.stack.push(frame);
        Ok(())
    }

    fn close(&mut self) -> Result<(), Unreadable> {
        let node = match self.stack.pop() {
            Some(Frame::List { line, column, items }) => {
                Node { line, column, value: Value::List(items.into()) }
            }
            Some(Frame::Map(MapFrame { line, column, entries, .. })) => {
                Node { line, column, value: Value::Map(entries.into()) }
            }
            None => return Err(Unreadable),
        };
        self.add(node)
    }

    fn add(&mut self, node: Node<'a>) -> Result<(), Unreadable> {
        self.nodes += 1;
        if self.nodes > MOST_NODES {
            let message = format!("more than {MOST_NODES} keys and values in one file");
            self.problem((node.line, node.column), &message, None);
            return Err(Unreadable);
        }
        match self.stack.last_mut() {
            None => self.root = Some(node),
            Some(Frame::List { items, .. }) => items.push(node),
            Some(Frame::Map(map)) => match std::mem::replace(&mut map.key, KeySlot::Awaited) {
                KeySlot::Read(key) => map.entries.push((key, node)),
                KeySlot::Refused => {}
                KeySlot::Awaited => self.key(node),
            },
        }
        Ok(())
    }

    fn key(&mut self, node: Node<'a>) {
        let at = (node.line, node.column);
        let Some(Frame::Map(map)) = self.stack.last_mut() else { return };
        let (line, column) = at;
        match node.value {
            Value::Scalar(word) => {
                let Some(first) = map.line_of(&word.text) else {
                    map.key = KeySlot::Read(Key { line, column, word });
                    return;
                };
                let message =
                    format!("the key {} stands twice: first in line {first}", shown(&word.text));
                map.key = KeySlot::Refused;
                self.problem(at, &message, None);
            }
            Value::Refused => map.key = KeySlot::Refused,
            Value::List(_) | Value::Map(_) => {
                map.key = KeySlot::Refused;
                self.problem(at, "a key that is no word", None);
            }
        }
    }
}
