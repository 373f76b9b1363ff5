//! Answers about policies in the formats of merge requests and CI systems: pure
//! functions from rows to text. Whatever comes from a file or from the state is
//! hostile here: each format escapes it in its own way.

pub mod github;
pub mod junit;
pub mod markdown;

#[cfg(test)]
mod tests;

use serde_json::Value;

use super::plan::{ChangeClass, ChangeRow, PlanReport, Stop, Turned};

/// A JSON value in words: `enforcement: on, from: 2026-12-01T00:00:00Z`; what is not there is `–`.
pub fn words(value: &Value) -> String {
    match value {
        Value::Null => "–".to_owned(),
        Value::String(text) => text.clone(),
        Value::Array(items) if items.is_empty() => "none".to_owned(),
        Value::Array(items) => items.iter().map(words).collect::<Vec<_>>().join(", "),
        Value::Object(fields) => {
            let field = |(key, value): (&String, &Value)| match value {
                Value::Object(_) => format!("{key}: ({})", words(value)),
                _ => format!("{key}: {}", words(value)),
            };
            fields.iter().map(field).collect::<Vec<_>>().join(", ")
        }
        Value::Bool(_) | Value::Number(_) => value.to_string(),
    }
}

/// A change in one line: `user.opt-out svc in acme: opt_out: – → opt_out: (…)`.
pub fn sentence(row: &ChangeRow) -> String {
    let ChangeRow { action, subject, org, before, after, .. } = row;
    let within = match org {
        Some(org) if org.as_str() != subject => format!(" in {org}"),
        _ => String::new(),
    };
    format!("{action} {subject}{within}: {} → {}", words(before), words(after))
}

/// Who must enrol, now or when the grace ends, and whom a change weakens, in words; nothing where it is
/// nobody, or where the change is about one person anyway.
pub fn concerned(row: &ChangeRow) -> Vec<(ChangeClass, String)> {
    let one = |class, says: &str, turned: &Turned| {
        let mut names: Vec<&str> = turned.first.iter().map(|login| login.as_str()).collect();
        let more = turned.count.saturating_sub(names.len() as u64);
        let more = if more > 0 { format!("{more} more") } else { String::new() };
        names.extend((!more.is_empty()).then_some(more.as_str()));
        let words = format!("{says} {}: {}", turned.count, names.join(", "));
        (!turned.first.is_empty()).then_some((class, words))
    };
    let people = &row.people;
    let all = [
        one(ChangeClass::LockOut, "must enrol", &people.locked_out),
        one(ChangeClass::LockOut, "must enrol when the grace ends", &people.enrol_after_grace),
        one(ChangeClass::Weaken, "weakens", &people.weakened),
    ];
    all.into_iter().flatten().collect()
}

/// A guard that stops a plan, in one line.
pub fn guard_sentence(stop: &Stop) -> String {
    let org = stop.org.as_ref().map_or(String::new(), |org| format!(" in {org}"));
    format!(
        "the guard {} stops the plan{org}: {}, and the limit is {}",
        stop.guard,
        words(&stop.value),
        words(&stop.limit)
    )
}

/// The sum of a plan in one line.
pub fn summary(report: &PlanReport) -> String {
    let changes = report.changes.len();
    if changes == 0 {
        return "nothing to change".to_owned();
    }
    let classes = ChangeClass::ALL.iter().filter_map(|class| {
        let count = report.summary.get(class.as_str()).copied().filter(|count| *count > 0)?;
        Some(format!("{count} {}", class.as_str()))
    });
    let plural = if changes == 1 { "" } else { "s" };
    format!("{changes} change{plural}: {}", classes.collect::<Vec<_>>().join(", "))
}

/// What the policy leaves alone, in one line.
pub fn unmanaged(report: &PlanReport) -> String {
    let left = report.unmanaged;
    format!("not managed: {} members, {} settings", left.members, left.fields)
}

/// Control characters as a person can read them; no format needs them raw.
fn visible(text: &str) -> String {
    let shown = |c: char| {
        if crate::domain::ids::allowed(c) { c.to_string() } else { c.escape_unicode().to_string() }
    };
    text.chars().map(shown).collect()
}
