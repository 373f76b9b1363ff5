//! An export into a file that pam_google_authenticator has written to.

use std::collections::BTreeSet;

use super::{Exported, ForeignEnrolment, ImportNote, OptionLine, Period, Sections};

/// Steps around now that the module looks at where the file says nothing (`WINDOW_SIZE`).
const WINDOW: u64 = 3;
/// The widest window that the module takes (`window_size`).
const WIDEST: u64 = 100;

/// Writes the file of `enrolment` over `existing` into `exported`.
pub(super) fn merge(
    enrolment: &ForeignEnrolment,
    existing: Option<&Sections<'_>>,
    exported: &mut Exported,
) {
    let same = existing.is_some_and(|parts| parts.totp == enrolment.totp);
    exported.push_line(enrolment.totp.secret.base32().reveal());
    if existing.is_none() {
        // What the google-authenticator program writes by default.
        exported.push_line("\" RATE_LIMIT 3 30");
        let lost = "scratch codes cannot be made from hashes: the file has none";
        exported.notes.push(ImportNote::about(enrolment.named(), lost));
    }
    let used = existing.filter(|_| same);
    exported.push_line(&disallow_reuse(enrolment, used, window(existing)));
    exported.push_line("\" TOTP_AUTH");
    if enrolment.totp.parameters.period == Period::Sixty {
        exported.push_line("\" STEP_SIZE 60");
    }
    for (number, line, row) in existing.iter().flat_map(|parts| &parts.rows) {
        match row {
            OptionLine::Option("DISALLOW_REUSE" | "TOTP_AUTH" | "STEP_SIZE", _) => {}
            // These belong to the token that is replaced.
            OptionLine::Option("TIME_SKEW", _) | OptionLine::Scratch if !same => {
                let message = "belongs to the key that was replaced, taken away";
                exported.notes.push(ImportNote::line(*number, message));
            }
            _ => exported.push_bytes(line),
        }
    }
}

/// The steps whose codes are used: those of the file, and the last one of mfactl with as
/// many before it as the module would still look at, for it asks for each by itself.
fn disallow_reuse(
    enrolment: &ForeignEnrolment,
    existing: Option<&Sections<'_>>,
    window: u64,
) -> String {
    let mut steps: BTreeSet<u64> =
        existing.iter().flat_map(|parts| parts.used()).map(|(_, step)| step).collect();
    if let Some(last) = enrolment.last_step {
        steps.extend(last.saturating_sub(window - 1)..=last);
    }
    let kept = steps.len().saturating_sub(WIDEST as usize);
    let mut line = "\" DISALLOW_REUSE".to_owned();
    for step in steps.into_iter().skip(kept) {
        line.push_str(&format!(" {step}"));
    }
    line
}

fn window(existing: Option<&Sections<'_>>) -> u64 {
    let given =
        existing.into_iter().flat_map(|parts| &parts.rows).find_map(|(_, _, row)| match row {
            OptionLine::Option("WINDOW_SIZE", size) => size.parse().ok(),
            _ => None,
        });
    given.unwrap_or(WINDOW).clamp(1, WIDEST)
}
