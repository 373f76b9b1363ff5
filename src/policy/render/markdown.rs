//! Markdown for a comment on a merge request (GitHub, GitLab, Forgejo). What is
//! not ours goes into `<code>`, every punctuation as an entity: no link, no
//! mention, no table cell, no markup comes out of a name.

use std::fmt::Write;

use super::{guard_sentence, summary, unmanaged, visible, words};
use crate::policy::Problems;
use crate::policy::assertions::TestReport;
use crate::policy::plan::{ChangeRow, Class, PlanReport};

/// How many bytes a comment has before its rest is only counted: GitHub refuses
/// comments above 65,536 characters, and the longest row here has 5,000.
const FULL: usize = 58_000;

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

/// A plan.
pub fn plan(report: &PlanReport) -> String {
    let mut out = String::from("### MFA policy plan\n\n");
    for guard in &report.guards {
        line(&mut out, format_args!("> 🛑 {}\n", code(&guard_sentence(guard))));
    }
    line(&mut out, format_args!("**{}** · {}", summary(report), unmanaged(report)));
    let mut org: Option<&Option<String>> = None;
    let mut shown = 0;
    for change in &report.changes {
        if out.len() > FULL {
            break;
        }
        shown += 1;
        if org != Some(&change.org) {
            let name = change.org.as_ref().map_or("people".to_owned(), |org| code(org));
            line(&mut out, format_args!("\n#### {name}\n"));
            out.push_str("| class | action | subject | before → after | source |\n");
            out.push_str("|---|---|---|---|---|\n");
            org = Some(&change.org);
        }
        row(&mut out, change);
    }
    rest(&mut out, report.changes.len() - shown);
    out
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
        if out.len() > FULL {
            break;
        }
        shown += 1;
        let place = code(&format!("{}:{}:{}", problem.file, problem.line, problem.column));
        let hint = problem.hint.as_ref().map_or(String::new(), |hint| format!(" — {}", code(hint)));
        line(&mut out, format_args!("- {place} {}{hint}", code(&problem.message)));
    }
    rest(&mut out, count - shown);
    out
}

/// The results of `policy test`.
pub fn tests(report: &TestReport) -> String {
    let mut out =
        format!("### MFA policy tests\n\n**{} passed, {} failed**\n", report.passed, report.failed);
    for test in report.tests.iter().filter(|test| !test.passed) {
        if out.len() > FULL {
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
        if out.len() > FULL {
            break;
        }
        let place = code(&format!("{}:{}", line_of.file, line_of.line));
        line(&mut out, format_args!("- {place} {}", code(&line_of.field)));
    }
    out
}
