//! What is compared: a row has sides, a side does some work again and again.

use std::ffi::OsString;
use std::path::{Path, PathBuf};

use crate::Result;

/// A program with its arguments.
pub type Words = Vec<OsString>;
/// Something done besides, not timed.
pub type Besides = Box<dyn FnMut() -> Result<()>>;

/// Makes words of a program and arguments.
pub fn words(program: impl AsRef<Path>, arguments: &[&str]) -> Words {
    let program = program.as_ref().as_os_str().to_owned();
    std::iter::once(program).chain(arguments.iter().map(OsString::from)).collect()
}

/// One work, done by several programs.
pub struct Row {
    /// What is done.
    pub work: String,
    /// With how many users, where that can matter.
    pub users: Option<u32>,
    /// Who does it. The first is the one that the others are compared with.
    pub sides: Vec<Side>,
    /// A program that is kept running meanwhile, with what it is told.
    pub meanwhile: Option<(Words, &'static str)>,
    /// No more rounds than this: the work takes long.
    pub most_rounds: usize,
    /// The first side is to take at most so long (seconds).
    pub most_seconds: Option<f64>,
    /// The first side is to need at most so much memory (MiB).
    pub most_memory: Option<f64>,
    /// How it grows with the users, and why.
    pub why: &'static str,
    /// What its time is made of: what stands between it and its goal.
    pub bound: &'static str,
}

/// One program.
pub struct Side {
    /// What it is called in the table.
    pub name: String,
    /// What is done.
    pub work: Work,
    /// What the first answer holds.
    pub expects: String,
    /// The first side is to take at most so many times as long as this one.
    pub goal: Option<f64>,
    /// Counts what was done durably, where each run is to do one such thing.
    pub count: Option<Box<dyn Fn() -> Result<u64>>>,
    /// Done before each run.
    pub before: Option<Besides>,
    /// Done after the last run: everything is as it was.
    pub after: Option<Besides>,
}

/// How a side does its work.
pub enum Work {
    /// Whole processes, one after the other, from the first again after the last. A
    /// round of changes ends where it began.
    Processes(Vec<Process>),
    /// A call of the library in this process.
    Inside(Besides),
    /// A process that stays: for each line that it is sent it does the work once
    /// and answers how long that took (seconds).
    Server(Words),
}

/// One process to run.
#[derive(Debug, Clone)]
pub struct Process {
    /// The program with its arguments.
    pub words: Words,
    /// What it reads.
    pub input: Option<PathBuf>,
}

impl From<Words> for Process {
    fn from(words: Words) -> Process {
        Process { words, input: None }
    }
}

impl Row {
    /// A row without sides yet.
    pub fn new(work: impl Into<String>, users: Option<u32>) -> Row {
        Row {
            work: work.into(),
            users,
            sides: Vec::new(),
            meanwhile: None,
            most_rounds: usize::MAX,
            most_seconds: None,
            most_memory: None,
            why: "",
            bound: "",
        }
    }

    /// The work and the size.
    pub fn title(&self) -> String {
        match self.users {
            Some(users) => format!("{} · {}", self.work, size(users)),
            None => self.work.clone(),
        }
    }

    /// The same with one side more.
    #[must_use]
    pub fn side(mut self, side: Side) -> Row {
        self.sides.push(side);
        self
    }

    /// The first side beside the same by another program; none where that is no program.
    pub fn against(mut self, other: Row) -> Option<Row> {
        let first = |row: Row| row.sides.into_iter().next();
        let sides = std::mem::take(&mut self.sides).into_iter().take(1).chain(first(other));
        self.sides = sides.filter(|side| matches!(side.work, Work::Processes(_))).collect();
        let [_, other] = &mut self.sides[..] else { return None };
        other.name.push_str(", the other program");
        Some(self)
    }

    /// The same while a program runs beside.
    #[must_use]
    pub fn meanwhile(mut self, words: Words, told: &'static str) -> Row {
        self.meanwhile = Some((words, told));
        self
    }

    /// The same with no more rounds than this.
    #[must_use]
    pub fn rounds(mut self, most: usize) -> Row {
        self.most_rounds = most;
        self
    }

    /// The same with a time that the first side is to keep to (seconds).
    #[must_use]
    pub fn within(mut self, seconds: f64) -> Row {
        self.most_seconds = Some(seconds);
        self
    }

    /// The same with the memory that the first side is to keep to (MiB).
    #[must_use]
    pub fn in_memory(mut self, most: f64) -> Row {
        self.most_memory = Some(most);
        self
    }

    /// The same with what its time is made of.
    #[must_use]
    pub fn bounded_by(mut self, bound: &'static str) -> Row {
        self.bound = bound;
        self
    }

    /// The same with how it grows.
    #[must_use]
    pub fn because(mut self, why: &'static str) -> Row {
        self.why = why;
        self
    }
}

impl Side {
    fn of(name: impl Into<String>, work: Work) -> Side {
        let (expects, name) = (String::new(), name.into());
        Side { name, work, expects, goal: None, count: None, before: None, after: None }
    }

    /// A side that runs these commands.
    pub fn new(name: impl Into<String>, commands: Vec<Words>) -> Side {
        Side::of(name, Work::Processes(commands.into_iter().map(Process::from).collect()))
    }

    /// A side that always runs the same.
    pub fn one(name: impl Into<String>, command: Words) -> Side {
        Side::new(name, vec![command])
    }

    /// A side that runs a command on each of these files in turn.
    pub fn fed(name: impl Into<String>, words: &Words, inputs: &[PathBuf]) -> Side {
        let process =
            |input: &PathBuf| Process { words: words.clone(), input: Some(input.clone()) };
        Side::of(name, Work::Processes(inputs.iter().map(process).collect()))
    }

    /// A side that calls the library in this process.
    pub fn inside(name: impl Into<String>, call: impl FnMut() -> Result<()> + 'static) -> Side {
        Side::of(name, Work::Inside(Box::new(call)))
    }

    /// A side that asks a process that stays.
    pub fn server(name: impl Into<String>, words: Words) -> Side {
        Side::of(name, Work::Server(words))
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

    /// The same with something done before each run.
    #[must_use]
    pub fn before(mut self, besides: impl FnMut() -> Result<()> + 'static) -> Side {
        self.before = Some(Box::new(besides));
        self
    }

    /// The same with something done after the last run.
    #[must_use]
    pub fn after(mut self, besides: impl FnMut() -> Result<()> + 'static) -> Side {
        self.after = Some(Box::new(besides));
        self
    }
}

/// How many users, in words.
pub fn size(users: u32) -> String {
    let digits = users.to_string();
    let groups: Vec<&str> = digits
        .as_bytes()
        .rchunks(3)
        .rev()
        .map(|of| std::str::from_utf8(of).unwrap_or(""))
        .collect();
    format!("{} users", groups.join(","))
}
