//! Markdown for a comment on a merge request (GitHub, GitLab, Forgejo). What is
//! not ours goes into `<code>`, every punctuation as an entity: no link, no
//! mention, no table cell, no markup comes out of a name.

use std::fmt::Write;

use super::{concerned, guard_sentence, summary, unmanaged, visible, words};
use crate::policy::Problems;
use crate::policy::assertions::TestReport;
use crate::policy::plan::{ChangeRow, Class, PlanReport};

/// GitHub refuses comments above 65,536 characters; what does not fit is counted.
const LONGEST: usize = 65_000;

/// More guards than these that stop a plan are counted.
const MOST_GUARDS: usize = 20;

/// No test or line has more bytes here.
const ROW: usize = 12_000;

/// How many characters of one value a comment shows.
const MOST_CHARACTERS: usize = 120;

fn code(text: &str) -> String {
    let mut out = String::from("<code>");
    let mut characters = visible(text).chars().collect::<Vec<_>>();
    if characters.len() > MOST_CHARACTERS {
        characters.truncate(MOST_CHARACTERS);
        characters.push('…');
    }
    for c in characters {
        if c.is_ascii_alphanumeric() || !c.is_ascii() || matches!(c, ' ' | '-' | ',') {
            out.push(c);
        } else {
            write!(out, "&#{};", u32::from(c)).expect("a String takes everything");
        }
    }
    out.push_str("</code>");
    out
}

fn mark(class: Class) -> &'static str {
    match class {
        Class::LockOut => "⛔ lock-out",
        Class::Strengthen => "🔒 strengthen",
        Class::Neutral => "▫️ neutral",
        Class::Weaken => "⚠️ weaken",
    }
}

fn row(out: &mut String, row: &ChangeRow) {
    let (before, after) = (code(&words(&row.before)), code(&words(&row.after)));
    let source = code(&format!("{}:{}", row.source.file, row.source.line));
    let subject = code(&row.subject);
    let (class, action) = (mark(row.class), code(&row.action));
    line(out, format_args!("| {class} | {action} | {subject} | {before} → {after} | {source} |"));
}

fn line(out: &mut String, text: std::fmt::Arguments<'_>) {
    writeln!(out, "{text}").expect("a String takes everything");
}

/// A plan: a table an org, and below it who becomes weaker or is locked out.
pub fn plan(report: &PlanReport) -> String {
    let mut out = String::from("### MFA policy plan\n\n");
    for guard in report.guards.iter().take(MOST_GUARDS) {
        line(&mut out, format_args!("> 🛑 {}\n", code(&guard_sentence(guard))));
    }
    rest(&mut out, report.guards.len().saturating_sub(MOST_GUARDS));
    line(&mut out, format_args!("**{}** · {}", summary(report), unmanaged(report)));
    let mut shown = 0;
    for rows in report.changes.chunk_by(|a, b| a.org == b.org) {
        let name = rows[0].org.as_ref().map_or("people".to_owned(), |org| code(org));
        line(&mut out, format_args!("\n#### {name}\n"));
        out.push_str("| class | action | subject | before → after | source |\n");
        out.push_str("|---|---|---|---|---|\n");
        let mut below = String::new();
        for change in rows {
            let (mut text, mut notes) = (String::new(), String::new());
            row(&mut text, change);
            concerned_by(&mut notes, change);
            if out.len() + below.len() + text.len() + notes.len() > LONGEST {
                out.push_str(&below);
                rest(&mut out, report.changes.len() - shown);
                return out;
            }
            shown += 1;
            out.push_str(&text);
            below.push_str(&notes);
        }
        if !below.is_empty() {
            out.push('\n');
            out.push_str(&below);
        }
    }
    out
}

/// Whom a change of an org weakens or locks out.
fn concerned_by(out: &mut String, change: &ChangeRow) {
    let source = code(&format!("{}:{}", change.source.file, change.source.line));
    for (class, words) in concerned(change) {
        let (says, names) = words.split_once(": ").unwrap_or((&words, ""));
        let names: Vec<String> = names.split(", ").map(code).collect();
        line(out, format_args!("- {} {source} {says}: {}", mark(class), names.join(", ")));
    }
}

fn rest(out: &mut String, more: usize) {
    if more > 0 {
        line(out, format_args!("\n… and {more} more."));
    }
}

/// The problems of `policy check`; none is good news.
pub fn problems(problems: &Problems) -> String {
    let count = problems.count();
    if count == 0 {
        return "### MFA policy check\n\n**no problem**\n".to_owned();
    }
    let mut out = format!("### MFA policy check\n\n**problems: {count}**\n\n");
    let mut shown = 0;
    for problem in &problems.list {
        let place = code(&format!("{}:{}:{}", problem.file, problem.line, problem.column));
        let hint = problem.hint.as_ref().map_or(String::new(), |hint| format!(" — {}", code(hint)));
        let text = format!("- {place} {}{hint}\n", code(&problem.message));
        if out.len() + text.len() > LONGEST {
            break;
        }
        shown += 1;
        out.push_str(&text);
    }
    rest(&mut out, count - shown);
    out
}

/// The results of `policy test`.
pub fn tests(report: &TestReport) -> String {
    let mut out =
        format!("### MFA policy tests\n\n**{} passed, {} failed**\n", report.passed, report.failed);
    for test in report.tests.iter().filter(|test| !test.passed) {
        if out.len() + ROW > LONGEST {
            out.push_str("\n… and more.\n");
            break;
        }
        let place = code(&format!("{}:{}", test.file, test.line));
        let (expected, found) = (code(&test.expected), code(&test.found));
        let name = code(&test.name);
        line(&mut out, format_args!("\n- ❌ {name} ({place}): expected {expected}, found {found}"));
        for step in &test.chain {
            let answer = step.answer.as_deref().unwrap_or("–");
            line(
                &mut out,
                format_args!("  - {} {}: {}", code(&step.rule), code(answer), code(&step.why)),
            );
        }
    }
    if !report.unreached.is_empty() {
        out.push_str("\nNo test reaches:\n\n");
    }
    for line_of in &report.unreached {
        if out.len() + ROW > LONGEST {
            break;
        }
        let place = code(&format!("{}:{}", line_of.file, line_of.line));
        line(&mut out, format_args!("- {place} {}", code(&line_of.field)));
    }
    out
}
