//! A policy file as a small tree with positions.

use std::borrow::Cow;

/// How deeply lists and mappings may lie in each other. A policy needs five.
pub(crate) const DEEPEST: usize = 32;

/// How many keys and values a file may have: enough for two million members.
pub(crate) const MOST_NODES: usize = 10_000_000;

/// A key or a value with its position.
#[derive(Debug)]
pub(crate) struct Node<'a> {
    /// The line, from 1.
    pub(crate) line: u32,
    /// The column in characters, from 1.
    pub(crate) column: u32,
    /// The value.
    pub(crate) value: Value<'a>,
}

/// The value of a node.
#[derive(Debug)]
pub(crate) enum Value<'a> {
    /// A word or a text.
    Scalar(Word<'a>),
    /// A list.
    List(Box<[Node<'a>]>),
    /// A mapping, in the order of the file; every key once.
    Map(Box<[(Key<'a>, Node<'a>)]>),
    /// Something already reported: say nothing more about it.
    Refused,
}

/// A word or a text.
#[derive(Debug)]
pub(crate) struct Word<'a> {
    /// Without quotes and escapes.
    pub(crate) text: Cow<'a, str>,
    /// Whether it was written without quotes: then it may mean a number, a boolean or nothing.
    pub(crate) plain: bool,
}

/// A key of a mapping.
#[derive(Debug)]
pub(crate) struct Key<'a> {
    /// The line, from 1.
    pub(crate) line: u32,
    /// The column in characters, from 1.
    pub(crate) column: u32,
    /// The key itself.
    pub(crate) word: Word<'a>,
}
