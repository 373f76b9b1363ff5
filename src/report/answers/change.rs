//! What a change did: before, after, revision, and what to tell the user.

use serde::{Serialize, Serializer};
use serde_json::{Map, Value};

use crate::domain::outcome::{Outcome, TakesEffect};
use crate::domain::time::Time;
use crate::error::Error;
use crate::report::format::text::{dash, yes_no};
use crate::report::{Cell, CsvRecord, Human, Page, Row, Style};

/// What one change did, or would do under `--dry-run`.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct ChangeReport {
    /// The revision that holds it; none where nothing was written.
    pub rev: Option<u64>,
    /// Whether anything changed (or would).
    pub changed: bool,
    /// The act, `noun.verb`.
    pub action: String,
    /// Whom or what it is about.
    pub subject: String,
    /// The fields that changed, before.
    pub before: Value,
    /// The same fields after; for an exception the whole of it.
    pub after: Value,
    /// When it takes effect; none where nothing changed or approval decides it.
    #[serde(serialize_with = "effect")]
    pub takes_effect: Option<TakesEffect>,
    /// What to tell the user.
    pub follow_up: Option<String>,
    /// What the operator should know.
    pub warnings: Vec<String>,
    /// In one sentence, what is now so; for people only.
    #[serde(skip)]
    pub summary: String,
    /// Nothing was written because that was asked for; for people only.
    #[serde(skip)]
    pub dry_run: bool,
}

impl ChangeReport {
    /// The report of `outcome`, made at `now`: in revision `rev`, or in none.
    pub fn new(outcome: &Outcome, rev: Option<u64>, dry_run: bool, now: Time) -> ChangeReport {
        let (before, after) = outcome.before_after();
        let takes_effect = match outcome.takes_effect {
            TakesEffect::Now => TakesEffect::At(now),
            other => other,
        };
        ChangeReport {
            rev: rev.filter(|_| outcome.changed() && !dry_run),
            changed: outcome.changed(),
            action: outcome.action.to_owned(),
            subject: outcome.subject.clone(),
            before,
            after,
            takes_effect: Some(takes_effect).filter(|_| outcome.changed()),
            follow_up: outcome.follow_up.clone().filter(|_| outcome.changed()),
            warnings: outcome.warnings.clone(),
            summary: outcome.summary.clone(),
            dry_run,
        }
    }

    fn takes_effect_words(&self, style: &Style) -> Option<String> {
        self.takes_effect.map(|effect| match effect {
            TakesEffect::NextSignIn => "at the next sign-in".to_owned(),
            TakesEffect::At(time) if time == style.now => "now".to_owned(),
            TakesEffect::At(time) => style.time(time),
            TakesEffect::OnApproval => "when it is approved".to_owned(),
            TakesEffect::Now => "now".to_owned(),
        })
    }
}

fn effect<S: Serializer>(effect: &Option<TakesEffect>, serializer: S) -> Result<S::Ok, S::Error> {
    match effect {
        Some(TakesEffect::NextSignIn) => serializer.serialize_str("next-sign-in"),
        Some(TakesEffect::At(time)) => time.serialize(serializer),
        Some(TakesEffect::OnApproval | TakesEffect::Now) | None => serializer.serialize_none(),
    }
}

/// The fields that differ, as `path: before → after`, nested ones by their dotted path.
pub(crate) fn differences(before: &Value, after: &Value) -> Vec<String> {
    let mut lines = Vec::new();
    collect("", before, after, &mut lines);
    lines
}

fn collect(path: &str, before: &Value, after: &Value, lines: &mut Vec<String>) {
    if before == after {
        return;
    }
    match (before, after) {
        // Something new, or something that goes, as a whole: its fields alone.
        (Value::Null, Value::Object(fields)) | (Value::Object(fields), Value::Null)
            if path.is_empty() =>
        {
            let there = fields.iter().filter(|(_, value)| !is_empty(value));
            lines.extend(there.map(|(key, value)| format!("{key}: {}", shown(value))));
        }
        (Value::Object(old), Value::Object(new)) => {
            for key in old.keys().chain(new.keys().filter(|key| !old.contains_key(*key))) {
                let path = if path.is_empty() { key.clone() } else { format!("{path}.{key}") };
                let at = |map: &Map<String, Value>| map.get(key).cloned().unwrap_or_default();
                collect(&path, &at(old), &at(new), lines);
            }
        }
        _ => {
            let label = if path.is_empty() { String::new() } else { format!("{path}: ") };
            lines.push(format!("{label}{} → {}", shown(before), shown(after)));
        }
    }
}

fn is_empty(value: &Value) -> bool {
    match value {
        Value::Null => true,
        Value::Array(items) => items.is_empty(),
        Value::Object(fields) => fields.is_empty(),
        _ => false,
    }
}

fn shown(value: &Value) -> String {
    match value {
        Value::Null => "-".to_owned(),
        Value::String(text) => text.clone(),
        Value::Array(items) if items.iter().all(Value::is_string) => {
            crate::report::format::text::names(items.iter().filter_map(Value::as_str))
        }
        // `by sam, at 2026-11-21T09:00:00Z`
        Value::Object(fields) => {
            let there = fields.iter().filter(|(_, value)| !is_empty(value));
            let words: Vec<String> =
                there.map(|(key, value)| format!("{key} {}", shown(value))).collect();
            if words.is_empty() { "-".to_owned() } else { words.join(", ") }
        }
        other => other.to_string(),
    }
}

impl Human for ChangeReport {
    fn page(&self, style: &Style) -> Page {
        let mut page = Page::new().title(self.summary.clone());
        for line in differences(&self.before, &self.after) {
            page = page.paragraph(format!("  {line}"));
        }
        page = page
            .maybe("revision", self.rev)
            .maybe("takes effect", self.takes_effect_words(style))
            .maybe("follow-up", self.follow_up.as_ref());
        match (self.changed, self.dry_run) {
            (false, _) => page.note("nothing had to change, nothing was written"),
            (true, true) => page.dry_run(),
            (true, false) => page,
        }
    }
}

impl CsvRecord for ChangeReport {
    const HEADER: &'static [&'static str] = HEADER.split_at(9).0;
}

/// The fields of a row; those of a change are all but the last.
const HEADER: &[&str] = &[
    "rev",
    "changed",
    "action",
    "subject",
    "before",
    "after",
    "takes_effect",
    "follow_up",
    "warnings",
    "error",
];

impl Row for ChangeReport {
    fn cells(&self, _style: &Style) -> Vec<Cell> {
        vec![
            Cell::id("SUBJECT", &self.subject),
            Cell::id("CHANGED", yes_no(self.changed)),
            Cell::text("CHANGE", differences(&self.before, &self.after).join(", ")).optional(),
            Cell::text("FOLLOW-UP", dash(&self.follow_up)).optional(),
        ]
    }
}

/// A row of a bulk change under `--keep-going`: what was done, or why it was not.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct RowReport {
    /// What was done; where it failed, nothing.
    #[serde(flatten)]
    pub change: ChangeReport,
    /// Why it failed, if it did.
    pub error: Option<RowError>,
}

/// Why a row failed.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct RowError {
    /// The stable code.
    pub code: &'static str,
    /// The words.
    pub message: String,
}

impl RowReport {
    /// A row that was done.
    pub fn done(change: ChangeReport) -> RowReport {
        RowReport { change, error: None }
    }

    /// A row that failed.
    pub fn failed(action: &str, subject: impl ToString, error: &Error) -> RowReport {
        let change = ChangeReport {
            rev: None,
            changed: false,
            action: action.to_owned(),
            subject: subject.to_string(),
            before: Value::Null,
            after: Value::Null,
            takes_effect: None,
            follow_up: None,
            warnings: Vec::new(),
            summary: String::new(),
            dry_run: false,
        };
        let error = RowError { code: error.code, message: error.message.clone() };
        RowReport { change, error: Some(error) }
    }
}

impl CsvRecord for RowReport {
    const HEADER: &'static [&'static str] = HEADER;
}

impl Row for RowReport {
    fn cells(&self, _style: &Style) -> Vec<Cell> {
        let (result, why) = match (&self.error, self.change.changed) {
            (Some(error), _) => (error.code, error.message.clone()),
            (None, true) if self.change.dry_run => ("would change", self.change.summary.clone()),
            (None, true) => ("changed", self.change.summary.clone()),
            (None, false) => ("unchanged", self.change.summary.clone()),
        };
        vec![
            Cell::id("SUBJECT", &self.change.subject),
            Cell::id("RESULT", result),
            Cell::text("WHY", why),
        ]
    }
}
