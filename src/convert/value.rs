//! An enrolment as all formats see it, and what is said about a file.

use std::collections::BTreeMap;
use std::fmt;

use crate::domain::time::Time;
use crate::error::Error;
use crate::secret::label::{Account, Issuer};
use crate::secret::totp::{Totp, Window};
use crate::secret::wiped::WipedBytes;

/// How many steps around now the code used last is looked for, and how far ahead one is
/// believed. pam_oath's `window` is 5 in its manual's examples; beyond this nobody sets it.
pub(super) const NEAR: u64 = 20;

/// One TOTP enrolment on its way in or out.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Enrolment {
    /// Who issued it, where the format says so.
    pub issuer: Option<Issuer>,
    /// Whose it is, in the words of the other tool; `None` where a file is one user's
    /// and does not say whose.
    pub account: Option<Account>,
    /// Secret and parameters.
    pub totp: Totp,
    /// The last time step whose code was accepted, where it is known.
    pub last_step: Option<u64>,
}

impl Enrolment {
    /// Up to which step all codes count as used after an import at `now`: the last one
    /// known, and the present one, for the other tool may have accepted one since the
    /// file was read.
    pub fn used_up_to(&self, now: Time) -> u64 {
        self.totp.step(now).max(self.last_step).unwrap_or(0)
    }

    /// Whether the code used last could still be used, were it not known that it was.
    pub(super) fn could_be_replayed(&self, now: Time) -> bool {
        let oldest = self.totp.step(now).map(|step| step.saturating_sub(u64::from(Window::WIDEST)));
        self.last_step.is_some_and(|last| Some(last) >= oldest)
    }

    /// Its name in messages.
    pub(super) fn named(&self) -> String {
        self.account.as_ref().map_or_else(|| "the enrolment".into(), Account::to_string)
    }
}

/// Something to be said about a line or a user.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Note {
    /// The line, from 1.
    pub line: Option<usize>,
    /// The account.
    pub subject: Option<String>,
    /// What is to be said.
    pub message: String,
}

impl Note {
    /// About a line.
    pub fn line(line: usize, message: impl Into<String>) -> Note {
        Note { line: Some(line), subject: None, message: message.into() }
    }

    /// About an account.
    pub fn about(subject: impl fmt::Display, message: impl Into<String>) -> Note {
        Note { line: None, subject: Some(subject.to_string()), message: message.into() }
    }
}

impl fmt::Display for Note {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        if let Some(line) = self.line {
            write!(f, "line {line}: ")?;
        }
        if let Some(subject) = &self.subject {
            write!(f, "{subject}: ")?;
        }
        f.write_str(&self.message)
    }
}

/// What was read, each with its line.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Imported {
    /// The enrolments, in the order of the file.
    pub enrolments: Vec<(usize, Enrolment)>,
    /// What mfactl cannot keep of the file.
    pub notes: Vec<Note>,
}

impl Imported {
    /// The same, where no account comes twice: mfactl keeps one enrolment a user.
    pub(super) fn without_repeats(self) -> Result<Imported, Problems> {
        let mut first = BTreeMap::new();
        let mut problems = Problems::default();
        for (line, enrolment) in &self.enrolments {
            let Some(account) = &enrolment.account else { continue };
            if let Some(before) = first.insert(account.as_str().to_lowercase(), *line) {
                problems.add(*line, format!("{account} stands in line {before} already"));
            }
        }
        problems.or(self)
    }
}

/// What was written.
#[derive(Clone, Default)]
pub struct Exported {
    /// The bytes of the file: secrets, to be written with mode 0600.
    pub file: WipedBytes,
    /// How many enrolments are in it.
    pub written: usize,
    /// What the format cannot carry.
    pub notes: Vec<Note>,
}

impl fmt::Debug for Exported {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Exported")
            .field("written", &self.written)
            .field("notes", &self.notes)
            .finish_non_exhaustive()
    }
}

impl Exported {
    /// An enrolment that the format cannot carry at all.
    pub(super) fn leave_out(&mut self, enrolment: &Enrolment, why: &str) {
        let message = format!("left out: {why}");
        self.notes.push(Note::about(enrolment.named(), message));
    }

    /// A line of the file.
    pub(super) fn push_line(&mut self, line: &str) {
        self.push_raw(line.as_bytes());
    }

    /// A line of bytes.
    pub(super) fn push_raw(&mut self, line: &[u8]) {
        self.file.push(line);
        self.file.push(b"\n");
    }
}

/// Everything that is wrong with a file; nothing was read of it.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Problems {
    /// The first [`Problems::MOST`], in the order of the file.
    pub list: Vec<Note>,
    /// How many there are.
    pub count: usize,
}

impl Problems {
    /// How many are kept; a file of another kind is wrong in every line.
    pub const MOST: usize = 20;

    /// One problem.
    pub(super) fn one(note: Note) -> Problems {
        Problems { list: vec![note], count: 1 }
    }

    /// One more.
    pub(super) fn add(&mut self, line: usize, message: impl Into<String>) {
        if self.list.len() < Self::MOST {
            self.list.push(Note::line(line, message));
        }
        self.count += 1;
    }

    /// `value`, where there is no problem.
    pub(super) fn or<T>(self, value: T) -> Result<T, Problems> {
        if self.count == 0 { Ok(value) } else { Err(self) }
    }
}

impl Problems {
    /// The same of a file: exit 2.
    pub fn of(&self, file: &std::path::Path) -> Error {
        let file = file.display().to_string();
        let lines: Vec<String> = self
            .to_string()
            .lines()
            .map(|line| {
                format!("{file}{} {line}", if line.starts_with("line ") { "," } else { ":" })
            })
            .collect();
        Error::usage(lines.join("\n")).about(file)
    }
}

impl fmt::Display for Problems {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        for (index, note) in self.list.iter().enumerate() {
            if index > 0 {
                f.write_str("\n")?;
            }
            note.fmt(f)?;
        }
        match self.count.saturating_sub(self.list.len()) {
            0 => Ok(()),
            more => write!(f, "\nand {more} more lines"),
        }
    }
}

impl std::error::Error for Problems {}
