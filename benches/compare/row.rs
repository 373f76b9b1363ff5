//! What is compared: a row has sides, a side has commands.

use std::ffi::OsString;
use std::path::Path;

use crate::Result;

/// A program with its arguments.
pub type Words = Vec<OsString>;

/// Makes words of a program and arguments.
pub fn words(program: impl AsRef<Path>, arguments: &[&str]) -> Words {
    let program = program.as_ref().as_os_str().to_owned();
    std::iter::once(program).chain(arguments.iter().map(OsString::from)).collect()
}

/// One work, done by several programs.
pub struct Row {
    /// What is done, with how many users.
    pub title: String,
    /// Who does it. The first is the one that the others are compared with.
    pub sides: Vec<Side>,
    /// A program that is kept running meanwhile, with what it is told.
    pub meanwhile: Option<(Words, &'static str)>,
}

/// One program.
pub struct Side {
    /// What it is called in the table.
    pub name: String,
    /// What is run, one after the other, from the first again after the last.
    /// A round of changes ends where it began.
    pub commands: Vec<Words>,
    /// What the first answer holds.
    pub expects: String,
    /// The first side is to take at most so many times as long as this one.
    pub goal: Option<f64>,
    /// Counts what was done durably, where each run is to do one such thing.
    pub count: Option<Box<dyn Fn() -> Result<u64>>>,
}

impl Row {
    /// A row without sides yet.
    pub fn new(title: impl Into<String>) -> Row {
        Row { title: title.into(), sides: Vec::new(), meanwhile: None }
    }

    /// The same with one side more.
    #[must_use]
    pub fn side(mut self, side: Side) -> Row {
        self.sides.push(side);
        self
    }

    /// The same while a program runs beside.
    #[must_use]
    pub fn meanwhile(mut self, words: Words, told: &'static str) -> Row {
        self.meanwhile = Some((words, told));
        self
    }
}

impl Side {
    /// A side that runs these commands.
    pub fn new(name: impl Into<String>, commands: Vec<Words>) -> Side {
        Side { name: name.into(), commands, expects: String::new(), goal: None, count: None }
    }

    /// A side that always runs the same.
    pub fn one(name: impl Into<String>, command: Words) -> Side {
        Side::new(name, vec![command])
    }

    /// The same, whose first answer must hold this.
    #[must_use]
    pub fn expects(mut self, text: impl Into<String>) -> Side {
        self.expects = text.into();
        self
    }

    /// The same, with the goal that the first side takes at most so many times as long.
    #[must_use]
    pub fn goal(mut self, most: f64) -> Side {
        self.goal = Some(most);
        self
    }

    /// The same, each run of which must add one to this count.
    #[must_use]
    pub fn counted(mut self, count: impl Fn() -> Result<u64> + 'static) -> Side {
        self.count = Some(Box::new(count));
        self
    }
}
