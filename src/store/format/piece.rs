//! Texts that are made together and kept together: a million of them need no memory each.

use std::fmt;
use std::ops::{Deref, Range};
use std::sync::Arc;

use serde::Serialize;

/// A part of a text that it shares with others.
#[derive(Clone)]
pub(crate) struct Piece {
    all: Arc<str>,
    at: Span,
}

/// Where in [`Texts`] one of them stands (bytes).
pub(crate) type Span = Range<u32>;

impl Piece {
    /// The piece at `at`.
    pub(crate) fn of(all: &Arc<str>, at: Span) -> Piece {
        Piece { all: Arc::clone(all), at }
    }
}

impl Deref for Piece {
    type Target = str;

    fn deref(&self) -> &str {
        &self.all[self.at.start as usize..self.at.end as usize]
    }
}

impl<T: Into<Arc<str>>> From<T> for Piece {
    fn from(text: T) -> Piece {
        let all = text.into();
        let at = 0..position(all.len());
        Piece { all, at }
    }
}

impl PartialEq for Piece {
    fn eq(&self, other: &Piece) -> bool {
        **self == **other
    }
}

impl Eq for Piece {}

impl fmt::Debug for Piece {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        fmt::Debug::fmt(&**self, f)
    }
}

/// Texts under way, one after the other.
#[derive(Default)]
pub(crate) struct Texts(String);

impl Texts {
    /// None yet, with room for so many bytes.
    pub(crate) fn with_capacity(bytes: usize) -> Texts {
        Texts(String::with_capacity(bytes))
    }

    /// Adds a text.
    pub(crate) fn push(&mut self, text: &str) -> Span {
        self.add(|texts| texts.push_str(text))
    }

    /// Adds the text that `push` appends.
    pub(crate) fn add(&mut self, push: impl FnOnce(&mut String)) -> Span {
        let start = self.0.len();
        push(&mut self.0);
        position(start)..position(self.0.len())
    }

    /// Adds an object as JSON, where there is one.
    pub(crate) fn json<T: Serialize>(&mut self, object: Option<&T>) -> Option<Span> {
        let json = serde_json::to_string(object?).expect("state types are plain data");
        Some(self.push(&json))
    }

    /// All of them as one text; the next are added to none.
    pub(crate) fn done(&mut self) -> Arc<str> {
        let all = self.0.as_str().into();
        self.0.clear();
        all
    }
}

fn position(bytes: usize) -> u32 {
    u32::try_from(bytes).expect("texts are collected for a thousand objects, not for 4 GiB")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn pieces_are_the_texts_that_were_added() {
        let mut texts = Texts::default();
        let spans = [texts.push("é"), texts.json(Some(&"a\"b")).unwrap(), texts.push("")];
        assert_eq!(texts.json(None::<&bool>), None);
        let all = texts.done();
        let pieces = spans.map(|at| Piece::of(&all, at));
        assert_eq!(pieces.each_ref().map(|piece| &**piece), ["é", "\"a\\\"b\"", ""]);
        assert_eq!(pieces[0], Piece::from("é"));
    }
}
