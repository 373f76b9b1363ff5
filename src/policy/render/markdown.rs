//! Markdown for a comment on a merge request (GitHub, GitLab, Forgejo). What is
//! not ours goes into `<code>`, every punctuation as an entity: no link, no
//! mention, no table cell, no markup comes out of a name.

use std::collections::BTreeSet;
use std::fmt::Write;

use super::{concerned, guard_sentence, summary, unmanaged, visible, words};
use crate::policy::Problems;
use crate::policy::assertions::TestReport;
use crate::policy::plan::{ChangeClass, ChangeRow, PlanReport};

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

fn mark(class: ChangeClass) -> &'static str {
    match class {
        ChangeClass::LockOut => "⛔ lock-out",
        ChangeClass::Removal => "🚪 removal",
        ChangeClass::Strengthen => "🔒 strengthen",
        ChangeClass::Neutral => "▫️ neutral",
        ChangeClass::Weaken => "⚠️ weaken",
    }
}

fn row(out: &mut String, row: &ChangeRow) {
    let (before, after) = (code(&words(&row.before)), code(&words(&row.after)));
    let source = code(&format!("{}:{}", row.source.file, row.source.line));
    let subject = code(&row.subject);
    let (class, action) = (mark(row.class), code(&row.action.to_string()));
    line(out, format_args!("| {class} | {action} | {subject} | {before} → {after} | {source} |"));
}

fn line(out: &mut String, text: std::fmt::Arguments<'_>) {
    writeln!(out, "{text}").expect("a String takes everything");
}

/// A plan: the sum, what does harm (a table for each org, and below it who is concerned),
/// then folded what does not. What is too long for a comment is cut from the end of that
/// order: no harmless row takes the place of one that does harm.
pub fn plan(report: &PlanReport) -> String {
    let mut out = String::from("### MFA policy plan\n\n");
    line(&mut out, format_args!("**{}** · {}", summary(report), unmanaged(report)));
    for guard in report.guards.iter().take(MOST_GUARDS) {
        line(&mut out, format_args!("\n> 🛑 {}", code(&guard_sentence(guard))));
    }
    rest(&mut out, report.guards.len().saturating_sub(MOST_GUARDS));
    let chosen = chosen(report, LONGEST.saturating_sub(out.len()));
    let shown = chosen.len();
    let (harmless, harm): (Vec<_>, Vec<_>) =
        chosen.into_iter().partition(|shown| shown.change.class.is_harmless());
    tables(&mut out, &harm);
    if !harmless.is_empty() {
        let count = report.changes.iter().filter(|change| change.class.is_harmless()).count();
        let plural = if count == 1 { "" } else { "s" };
        let says = format_args!("\n<details><summary>{count} harmless change{plural}</summary>");
        line(&mut out, says);
        tables(&mut out, &harmless);
        out.push_str("\n</details>\n");
    }
    rest(&mut out, report.changes.len() - shown);
    out
}

/// A change as it is shown.
struct ShownChange<'a> {
    change: &'a ChangeRow,
    /// Its row of the table.
    row: String,
    /// The lines below the table.
    notes: String,
}

/// What is around the rows of an org (bytes): a heading and the head of a table.
const AROUND: usize = 160;

/// The changes that there is room for (bytes), in the order of the plan; those that do most
/// harm are taken first.
fn chosen(report: &PlanReport, room: usize) -> Vec<ShownChange<'_>> {
    let mut room = room.saturating_sub(AROUND);
    let mut chosen: Vec<(usize, ShownChange<'_>)> = Vec::new();
    let mut tables = BTreeSet::new();
    let numbered = || report.changes.iter().enumerate();
    let by_harm = ChangeClass::ALL
        .into_iter()
        .flat_map(|class| numbered().filter(move |(_, change)| change.class == class));
    for (number, change) in by_harm {
        let mut shown = ShownChange { change, row: String::new(), notes: String::new() };
        row(&mut shown.row, change);
        concerned_by(&mut shown.notes, change);
        let mut length = shown.row.len() + shown.notes.len();
        if tables.insert((change.class.is_harmless(), &change.org)) {
            length += AROUND + change.org.as_ref().map_or(0, |org| code(org.as_str()).len());
        }
        let Some(left) = room.checked_sub(length) else { break };
        room = left;
        chosen.push((number, shown));
    }
    chosen.sort_by_key(|(number, _)| *number);
    chosen.into_iter().map(|(_, shown)| shown).collect()
}

/// A table for each org.
fn tables(out: &mut String, all: &[ShownChange<'_>]) {
    for rows in all.chunk_by(|a, b| a.change.org == b.change.org) {
        let org = rows.first().and_then(|shown| shown.change.org.as_ref());
        let name = org.map_or("people".to_owned(), |org| code(org.as_str()));
        line(out, format_args!("\n#### {name}\n"));
        out.push_str("| class | action | subject | before → after | source |\n");
        out.push_str("|---|---|---|---|---|\n");
        rows.iter().for_each(|shown| out.push_str(&shown.row));
        if rows.iter().any(|shown| !shown.notes.is_empty()) {
            out.push('\n');
            rows.iter().for_each(|shown| out.push_str(&shown.notes));
        }
    }
}

/// Who must enrol by a change of an org, and whom it weakens.
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
