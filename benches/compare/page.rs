//! What was measured, as Markdown.

use std::fmt::Write;

use crate::measure::Measured;
use crate::row::{Row, Side, size};
use crate::stats::{quantile, ratio};

/// A row with what was measured of it.
pub type Done = (Row, Vec<Measured>);

/// One row with its sides.
pub fn section(row: &Row, measured: &[Measured]) -> String {
    let mut text = format!("### {}\n\n", row.title());
    text.push_str("| program | median | quartiles | least | peak memory | the first takes |\n");
    text.push_str("|---|---:|---:|---:|---:|---|\n");
    for (number, (side, of)) in row.sides.iter().zip(measured).enumerate() {
        let at = |share| quantile(&of.seconds, share);
        let against = if number == 0 { String::new() } else { compared(side, &measured[0], of) };
        let _ = writeln!(
            text,
            "| {} | {} | {} – {} | {} | {} | {against} |",
            side.name,
            time(at(0.5)),
            time(at(0.25)),
            time(at(0.75)),
            time(at(0.0)),
            of.peak.map_or_else(String::new, |kib| memory(kib as f64 / 1024.0)),
        );
    }
    text
}

/// The whole page.
pub fn page(about: &[String], rounds: usize, facts: &[Fact], done: &[Done]) -> String {
    let mut text = String::from(
        "# Results\n\nMade by `benches/run`. Whole processes where nothing else is said, caches warm, \
         in turn (A B C A B C …).\nTimes are medians; «the first takes» is the median of the ratios \
         of the same round.\n\n",
    );
    for line in about {
        let _ = writeln!(text, "- {line}");
    }
    let _ = writeln!(text, "- {rounds} rounds a row, fewer where one takes long\n");
    text.push_str(&goals(facts, done));
    text.push_str(&growth(done));
    text.push_str("## Every row\n\n");
    let sections: Vec<String> = done.iter().map(|(row, measured)| section(row, measured)).collect();
    text.push_str(&sections.join("\n"));
    text
}

/// A size with a goal.
pub struct Fact {
    /// Of what.
    pub what: String,
    /// What it is (MiB).
    pub is: f64,
    /// What it may be (MiB).
    pub most: f64,
}

/// Every goal with what was reached, at the largest size.
fn goals(facts: &[Fact], done: &[Done]) -> String {
    let mut text = String::from("## Goals\n\n| work | goal | measured | |\n|---|---|---:|---|\n");
    let mut line = |what: &str, goal: &str, is: &str, over: f64, bound: &str| {
        let verdict = match over {
            over if over <= 1.0 => "reached".to_owned(),
            over => format!("**not reached** by {:.0} %: {bound}", (over - 1.0) * 100.0),
        };
        let _ = writeln!(text, "| {what} | {goal} | {is} | {verdict} |");
    };
    let largest = done.iter().filter_map(|(row, _)| row.users).max();
    for (row, measured) in
        done.iter().filter(|(row, _)| row.users.is_none() || row.users == largest)
    {
        let title = row.title();
        let Some(first) = measured.first() else { continue };
        for (side, of) in row.sides.iter().zip(measured) {
            let Some(most) = side.goal else { continue };
            let ratio = ratio(&first.seconds, &of.seconds);
            let goal = format!("≤ {most} × {}", side.name);
            line(&title, &goal, &times(ratio), ratio / most, row.bound);
        }
        if let Some(most) = row.most_seconds {
            let median = quantile(&first.seconds, 0.5);
            line(&title, &format!("≤ {most} s"), &time(median), median / most, row.bound);
        }
        if let (Some(most), Some(peak)) = (row.most_memory, first.peak) {
            let peak = peak as f64 / 1024.0;
            line(&title, &format!("≤ {most} MiB"), &memory(peak), peak / most, row.bound);
        }
    }
    for fact in facts {
        line(
            &fact.what,
            &format!("≤ {} MiB", fact.most),
            &memory(fact.is),
            fact.is / fact.most,
            "",
        );
    }
    text.push_str("\nWhere the processor time of these goes: `benches/profile`.\n\n");
    text
}

/// What each work takes at each size, and why.
fn growth(done: &[Done]) -> String {
    let mut sizes: Vec<u32> = done.iter().filter_map(|(row, _)| row.users).collect();
    sizes.sort_unstable();
    sizes.dedup();
    let names: Vec<String> = sizes.iter().map(|users| size(*users)).collect();
    let mut text = format!("## Growth\n\n| work | {} | what bounds it |\n|---|", names.join(" | "));
    text.push_str(&"---:|".repeat(sizes.len()));
    text.push_str("---|\n");
    let mut seen: Vec<&str> = Vec::new();
    for (row, _) in done {
        if row.why.is_empty() || seen.contains(&row.work.as_str()) {
            continue;
        }
        seen.push(&row.work);
        let of = |users: &u32| {
            let same = |row: &Row| row.users.is_none_or(|of| of == *users);
            let found = done.iter().find(|(other, _)| other.work == row.work && same(other));
            let first = found.and_then(|(_, measured)| measured.first());
            first.map_or_else(String::new, |of| time(quantile(&of.seconds, 0.5)))
        };
        let cells: Vec<String> = sizes.iter().map(of).collect();
        let _ = writeln!(text, "| {} | {} | {} |", row.work, cells.join(" | "), row.why);
    }
    text.push('\n');
    text
}

fn compared(side: &Side, first: &Measured, of: &Measured) -> String {
    let ratio = ratio(&first.seconds, &of.seconds);
    match side.goal {
        None => times(ratio),
        Some(most) => {
            let verdict = if ratio <= most { "reached" } else { "not reached" };
            format!("**{}** (goal {most} ×: {verdict})", times(ratio))
        }
    }
}

fn times(ratio: f64) -> String {
    if ratio < 0.1 { format!("{ratio:.4} ×") } else { format!("{ratio:.2} ×") }
}

fn time(seconds: f64) -> String {
    match seconds {
        tiny if tiny < 1e-4 => format!("{:.1} µs", tiny * 1e6),
        short if short < 0.1 => format!("{:.2} ms", short * 1e3),
        long => format!("{long:.2} s"),
    }
}

fn memory(mib: f64) -> String {
    format!("{mib:.1} MiB")
}
