//! An enrolment as all formats see it, and what is said about a file.

use std::collections::BTreeMap;
use std::fmt;

use chrono::{DateTime, NaiveDateTime};

use crate::domain::ids::{NOT_SHOWN, allowed, may_be_key};
use crate::domain::time::Time;
use crate::error::{Error, Kind};
use crate::secret::label::{Account, Issuer};
use crate::secret::material::{Secret, SecretError};
use crate::secret::totp::{Totp, Window};
use crate::secret::wiped::WipedBytes;

/// How many steps around now the code used last is looked for, and how far ahead one is
/// believed. pam_oath's `window` is 5 in its manual's examples and 30 in guides.
pub(super) const NEAR: u64 = 100;

/// One TOTP enrolment on its way in or out.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ForeignEnrolment {
    /// Who issued it, where the format says so.
    pub issuer: Option<Issuer>,
    /// Whose it is, in the words of the other tool; `None` where a file is one user's
    /// and does not say whose.
    pub account: Option<Account>,
    /// Secret and parameters.
    pub totp: Totp,
    /// The last time step whose code was accepted, where it is known.
    pub last_step: Option<u64>,
    /// Another name of it: the serial number of a hardware token, or the e-mail address of
    /// the person.
    pub also: Option<Account>,
}

impl ForeignEnrolment {
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

    /// Its account in a format of labels, `issuer:account`.
    ///
    /// # Errors
    /// Why it has none there: a reader takes what stands before a colon as the issuer, unless
    /// the issuer itself is given.
    pub(super) fn in_label(&self) -> Result<&Account, &'static str> {
        match &self.account {
            None => Err("the account has no name"),
            Some(account) if self.issuer.is_none() && account.as_str().contains(':') => {
                Err("the account has a colon and no issuer: readers would take it apart")
            }
            Some(account) => Ok(account),
        }
    }

    /// Its name in messages.
    pub(super) fn named(&self) -> String {
        self.account.as_ref().map_or_else(|| "the enrolment".into(), Account::to_string)
    }
}

/// How the machine tells local time, which pam_oath writes.
#[derive(Debug, Clone, Copy)]
pub struct Zone {
    /// What clocks on the wall show at an instant.
    pub local: fn(Time) -> NaiveDateTime,
    /// The instant at which they show this, the later of two; `None` where they never do.
    pub instant: fn(NaiveDateTime) -> Option<Time>,
}

impl Zone {
    /// Where clocks show UTC.
    pub const UTC: Zone = Zone {
        local: |at| DateTime::from_timestamp(at.unix(), 0).unwrap_or_default().naive_utc(),
        instant: |local| Some(Time::from_unix(local.and_utc().timestamp())),
    };
}

/// Something to be said about a line or a user.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct ImportNote {
    /// The line, from 1.
    pub line: Option<usize>,
    /// The account.
    pub subject: Option<String>,
    /// What is to be said.
    pub message: String,
    /// Who issued the token that it is about, where that is known.
    pub issuer: Option<Issuer>,
    /// Whether the token that it is about is not read at all.
    pub left_out: bool,
}

impl ImportNote {
    /// About the whole file.
    pub fn whole(message: impl Into<String>) -> ImportNote {
        ImportNote { message: message.into(), ..ImportNote::default() }
    }

    /// About a line.
    pub fn line(line: usize, message: impl Into<String>) -> ImportNote {
        ImportNote { line: Some(line), ..ImportNote::whole(message) }
    }

    /// About an account.
    pub fn about(subject: impl fmt::Display, message: impl Into<String>) -> ImportNote {
        ImportNote { subject: Some(subject.to_string()), ..ImportNote::whole(message) }
    }
}

impl fmt::Display for ImportNote {
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

/// The name of an account in a file for a message: what tables allow of it, and not too
/// much; nothing of what may be a key in the wrong place.
pub fn shown(text: &str) -> String {
    if may_be_key(text) {
        return NOT_SHOWN.to_owned();
    }
    text.chars().filter(|c| allowed(*c)).take(128).collect()
}

/// Why a token is not read. Never shows its key.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Unread {
    /// It is not in the format.
    Wrong(String),
    /// It is, and mfactl cannot keep such a token; all readers treat these alike.
    LeftOut(String),
}

impl From<String> for Unread {
    fn from(message: String) -> Unread {
        Unread::Wrong(message)
    }
}

impl From<&str> for Unread {
    fn from(message: &str) -> Unread {
        Unread::Wrong(message.to_owned())
    }
}

impl From<SecretError> for Unread {
    fn from(error: SecretError) -> Unread {
        Unread::Wrong(error.to_string())
    }
}

impl Unread {
    /// The same, of one of several tokens of a line.
    pub(super) fn of(self, place: impl fmt::Display) -> Unread {
        match self {
            Unread::Wrong(why) => Unread::Wrong(format!("{place}: {why}")),
            Unread::LeftOut(why) => Unread::LeftOut(format!("{place}: {why}")),
        }
    }
}

/// What was read, each with its line.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Imported {
    /// The enrolments, in the order of the file.
    pub enrolments: Vec<(usize, ForeignEnrolment)>,
    /// What mfactl cannot keep of the file.
    pub notes: Vec<ImportNote>,
    /// What is wrong with the file.
    pub problems: ImportProblems,
}

impl Imported {
    /// The same, where nothing is wrong.
    ///
    /// # Errors
    /// Everything that is wrong.
    pub fn whole(self) -> Result<Imported, ImportProblems> {
        if self.problems.count == 0 { Ok(self) } else { Err(self.problems) }
    }

    /// What an issuer issued, and what is said about that; how many others there are.
    #[must_use]
    pub fn only(mut self, issuer: &Issuer) -> (Imported, usize) {
        let all = self.enrolments.len();
        let its = |other: &Issuer| other.is_same(issuer);
        self.enrolments.retain(|(_, e)| e.issuer.as_ref().is_some_and(its));
        let about = |note: &ImportNote| note.issuer.as_ref().is_none_or(its);
        self.notes.retain(about);
        self.problems.retain(about);
        let others = all - self.enrolments.len();
        (self, others)
    }

    /// The same, where no account has two tokens, for mfactl keeps one enrolment a person.
    /// The very same token twice is one: a backup merged into itself.
    #[must_use]
    pub fn without_repeats(mut self) -> Imported {
        let mut first: BTreeMap<String, usize> = BTreeMap::new();
        let mut kept: Vec<(usize, ForeignEnrolment)> = Vec::with_capacity(self.enrolments.len());
        for (line, enrolment) in std::mem::take(&mut self.enrolments) {
            let name = enrolment.account.as_ref().or(enrolment.also.as_ref());
            let Some(name) = name.map(|name| name.as_str().to_lowercase()) else {
                kept.push((line, enrolment));
                continue;
            };
            let Some(at) = first.get(&name) else {
                first.insert(name, kept.len());
                kept.push((line, enrolment));
                continue;
            };
            let (before, there) = &mut kept[*at];
            if there.totp == enrolment.totp {
                there.last_step = there.last_step.max(enrolment.last_step);
                continue;
            }
            let message = format!(
                "{}: another token is in line {before}, and one enrolment of a person is kept",
                shown(&name)
            );
            let issuer = enrolment.issuer;
            self.problems.push(ImportNote { issuer, ..ImportNote::line(line, message) });
        }
        self.enrolments = kept;
        self
    }

    /// How many tokens are left out for what they are.
    pub fn left_out(&self) -> usize {
        self.notes.iter().filter(|note| note.left_out).count()
    }
}

/// A file that is being read.
#[derive(Debug, Default)]
pub struct ImportReader {
    imported: Imported,
    line: usize,
}

impl ImportReader {
    /// What follows is about this line.
    pub(super) fn at(&mut self, line: usize) {
        self.line = line;
    }

    /// A token that can be kept.
    pub(super) fn keep(&mut self, enrolment: ForeignEnrolment) {
        let secret = &enrolment.totp.secret;
        if secret.len() < Secret::ADVISED {
            let bits = secret.len() * 8;
            let message =
                format!("the key has {bits} bits, RFC 4226 asks for 128: enrol again when you can");
            self.note(enrolment.issuer.clone(), message);
        }
        self.imported.enrolments.push((self.line, enrolment));
    }

    /// Something that is not kept of a token that is.
    pub(super) fn note(&mut self, issuer: Option<Issuer>, message: impl Into<String>) {
        self.imported.notes.push(ImportNote { issuer, ..ImportNote::line(self.line, message) });
    }

    /// A token that is not read.
    pub(super) fn unread(&mut self, issuer: Option<Issuer>, unread: Unread) {
        match unread {
            Unread::Wrong(message) => {
                self.imported
                    .problems
                    .push(ImportNote { issuer, ..ImportNote::line(self.line, message) });
            }
            Unread::LeftOut(why) => {
                let note = ImportNote::line(self.line, format!("left out: {why}"));
                self.imported.notes.push(ImportNote { issuer, left_out: true, ..note });
            }
        }
    }

    /// All that was read.
    pub(super) fn done(self) -> Imported {
        self.imported
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
    pub notes: Vec<ImportNote>,
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
    pub(super) fn leave_out(&mut self, enrolment: &ForeignEnrolment, why: &str) {
        let message = format!("left out: {why}");
        self.notes
            .push(ImportNote { left_out: true, ..ImportNote::about(enrolment.named(), message) });
    }

    /// A line of the file.
    pub(super) fn push_line(&mut self, line: &str) {
        self.push_bytes(line.as_bytes());
    }

    /// A line of the file that was there already.
    pub(super) fn push_bytes(&mut self, line: &[u8]) {
        self.file.push(line);
        self.file.push(b"\n");
    }
}

/// Everything that is wrong with a file.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct ImportProblems {
    /// The first [`ImportProblems::MOST`], in the order of the file.
    pub list: Vec<ImportNote>,
    /// How many there are.
    pub count: usize,
}

impl ImportProblems {
    /// How many are kept; a file of another kind is wrong in every line.
    pub const MOST: usize = 10_000;
    /// How many are told.
    pub const TOLD: usize = 20;

    /// One problem.
    pub(super) fn one(note: ImportNote) -> ImportProblems {
        ImportProblems { list: vec![note], count: 1 }
    }

    /// One more.
    pub(super) fn push(&mut self, note: ImportNote) {
        if self.list.len() < Self::MOST {
            self.list.push(note);
        }
        self.count += 1;
    }

    fn retain(&mut self, keep: impl FnMut(&ImportNote) -> bool) {
        let before = self.list.len();
        self.list.retain(keep);
        self.count -= before - self.list.len();
    }
}

impl ImportProblems {
    /// The same of a file: exit 2.
    pub fn of(&self, file: &std::path::Path) -> Error {
        let file = file.display().to_string();
        let told = self.list.iter().take(Self::TOLD);
        let mut lines: Vec<String> = told
            .map(|note| format!("{file}{} {note}", if note.line.is_some() { "," } else { ":" }))
            .collect();
        lines.extend(self.more().map(|more| format!("{file}: {more}")));
        Error::listing(Kind::Usage, "usage", lines).about(file)
    }

    /// How many are not told, in words.
    fn more(&self) -> Option<String> {
        let more = self.count.saturating_sub(self.list.len().min(Self::TOLD));
        (more > 0).then(|| format!("and {more} more lines"))
    }
}

impl fmt::Display for ImportProblems {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let lines: Vec<String> = self
            .list
            .iter()
            .take(Self::TOLD)
            .map(ImportNote::to_string)
            .chain(self.more())
            .collect();
        f.write_str(&lines.join("\n"))
    }
}

impl std::error::Error for ImportProblems {}
