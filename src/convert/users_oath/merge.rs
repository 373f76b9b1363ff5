//! An export into a file that pam_oath has written to.

use std::collections::BTreeMap;

use chrono::{DateTime, NaiveDateTime};

use super::line::{Kind, Line, written};
use super::{Enrolment, Exported, Note, Time, Totp, numbered, step_of};

/// How pam_oath writes a time: local, ended by an L.
const TIME: &str = "%Y-%m-%dT%H:%M:%SL";

/// What stands behind the key of a line.
type State = [Option<String>; 3];

/// Writes `wanted` (user name and enrolment) over `existing` into `exported`.
pub(super) fn merge(
    wanted: &[(&str, &Enrolment)],
    existing: &[u8],
    now: Time,
    exported: &mut Exported,
) {
    let by_name: BTreeMap<&str, &Enrolment> = wanted.iter().copied().collect();
    let merged = states(&by_name, existing, now);
    let mut done = BTreeMap::new();
    for (number, raw) in raw_lines(existing) {
        let line = std::str::from_utf8(raw).ok().filter(|text| !text.trim_start().starts_with('#'));
        let Some((line, enrolment)) = line
            .and_then(Line::parse)
            .and_then(|line| by_name.get(line.user).map(|enrolment| (line, *enrolment)))
        else {
            push_raw(exported, raw);
            continue;
        };
        match line.kind {
            Kind::Time(..) | Kind::SevenDigits if done.contains_key(line.user) => {
                exported.notes.push(Note::line(
                    number,
                    format!("{}: one line is enough, taken away", line.user),
                ));
            }
            Kind::Time(..) | Kind::SevenDigits => {
                if !same_token(&line, &enrolment.totp) {
                    exported
                        .notes
                        .push(Note::line(number, format!("{}: another key, replaced", line.user)));
                }
                push(exported, line.user, line.pin, enrolment, &merged);
                done.insert(line.user, ());
            }
            Kind::Counter | Kind::Unknown => {
                let message = format!("{}: another kind of token, which still lets in", line.user);
                exported.notes.push(Note::line(number, message));
                push_raw(exported, raw);
            }
        }
    }
    let done: Vec<&str> = done.into_keys().collect();
    for (user, enrolment) in by_name {
        if done.binary_search(&user).is_err() {
            push(exported, user, "-", enrolment, &merged);
        }
    }
}

/// Every line with its number, as bytes and without its end.
fn raw_lines(file: &[u8]) -> impl Iterator<Item = (usize, &[u8])> {
    let file = file.strip_suffix(b"\n").unwrap_or(file);
    let lines = file.split(|byte| *byte == b'\n').enumerate();
    lines.map(|(index, line)| (index + 1, line)).filter(move |_| !file.is_empty())
}

fn push_raw(exported: &mut Exported, raw: &[u8]) {
    exported.push_raw(raw);
}

fn push(
    exported: &mut Exported,
    user: &str,
    pin: &str,
    enrolment: &Enrolment,
    merged: &BTreeMap<String, State>,
) {
    let none = State::default();
    let state = merged.get(user).unwrap_or(&none);
    let state = [0, 1, 2].map(|field| state[field].as_deref());
    exported.push_line(&written(user, pin, &enrolment.totp, state));
}

fn same_token(line: &Line<'_>, totp: &Totp) -> bool {
    let parameters = totp.parameters;
    line.kind == Kind::Time(parameters.digits, parameters.period)
        && line.secret().is_ok_and(|secret| secret == totp.secret)
}

/// What is to stand behind each key: the later of what the file says and what mfactl
/// knows, over all lines of the same token.
fn states(
    wanted: &BTreeMap<&str, &Enrolment>,
    existing: &[u8],
    now: Time,
) -> BTreeMap<String, State> {
    let mut states: BTreeMap<String, State> = BTreeMap::new();
    for (user, enrolment) in wanted {
        if let Some(step) = enrolment.last_step {
            states.insert((*user).to_owned(), ours(&enrolment.totp, step));
        }
    }
    for (_, line) in numbered(existing) {
        let Some(line) =
            line.ok().filter(|text| !text.trim_start().starts_with('#')).and_then(Line::parse)
        else {
            continue;
        };
        let Some(enrolment) = wanted.get(line.user).filter(|e| same_token(&line, &e.totp)) else {
            continue;
        };
        let theirs = line.state.map(|field| field.map(str::to_owned));
        let later = match states.remove(line.user) {
            None => theirs,
            Some(before) => later(&enrolment.totp, before, theirs, now),
        };
        states.insert(line.user.to_owned(), later);
    }
    states
}

/// The code and the time of the last step that mfactl accepted.
fn ours(totp: &Totp, step: u64) -> State {
    let seconds = step.saturating_mul(totp.parameters.period.seconds());
    let at = i64::try_from(seconds).ok().and_then(|seconds| DateTime::from_timestamp(seconds, 0));
    let code = totp.code(step).reveal().to_owned();
    [Some("0".into()), Some(code), at.map(|at| at.format(TIME).to_string())]
}

/// The state of two that was reached later, with the higher counter.
///
/// pam_oath refuses a code at or before the last one as long as it finds that one in its
/// window around now, so there the steps decide; farther back, where nothing can be
/// replayed, the times do.
fn later(totp: &Totp, one: State, other: State, now: Time) -> State {
    let counter = |state: &State| state[0].as_deref().and_then(|text| text.parse::<u64>().ok());
    let highest = counter(&one).max(counter(&other));
    let mut state =
        if reached(totp, &one, now) >= reached(totp, &other, now) { one } else { other };
    if let Some(highest) = highest {
        state[0] = Some(highest.to_string());
    }
    state
}

/// How late a state was reached: the step where the code is found near now (and the code
/// counts more than any older one), else the time written.
fn reached(totp: &Totp, state: &State, now: Time) -> (Option<u64>, Option<NaiveDateTime>) {
    let code = state[1].as_deref().and_then(crate::secret::totp::Code::from_digits);
    let at = state[2].as_deref().and_then(|text| NaiveDateTime::parse_from_str(text, TIME).ok());
    (code.and_then(|code| step_of(totp, &code, now)), at)
}
