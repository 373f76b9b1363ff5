//! What was measured, as Markdown.

use std::fmt::Write;

use crate::measure::Measured;
use crate::row::{Row, Side};
use crate::stats::{quantile, ratio};

/// One row with its sides.
pub fn section(row: &Row, measured: &[Measured]) -> String {
    let mut text = format!("### {}\n\n", row.title);
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
            memory(of.peak),
        );
    }
    text
}

/// The whole page.
pub fn page(about: &[String], rounds: usize, sections: &[String]) -> String {
    let mut text = String::from(
        "# Results\n\nMade by `benches/run`. Whole processes, caches warm, in turn (A B C A B C …).\n\
         Times are medians; «the first takes» is the median of the ratios of the same round.\n\n",
    );
    for line in about {
        let _ = writeln!(text, "- {line}");
    }
    let _ = writeln!(text, "- {rounds} rounds a row\n");
    text.push_str(&sections.join("\n"));
    text
}

fn compared(side: &Side, first: &Measured, of: &Measured) -> String {
    let ratio = ratio(&first.seconds, &of.seconds);
    match side.goal {
        None => format!("{ratio:.2} ×"),
        Some(most) if ratio <= most => format!("**{ratio:.2} ×** (goal {most} ×: reached)"),
        Some(most) => format!("**{ratio:.2} ×** (goal {most} ×: not reached)"),
    }
}

fn time(seconds: f64) -> String {
    if seconds < 0.1 { format!("{:.2} ms", seconds * 1e3) } else { format!("{seconds:.2} s") }
}

fn memory(kib: u64) -> String {
    format!("{:.1} MiB", kib as f64 / 1024.0)
}
