//! An export into a file that pam_oath has written to.

use std::collections::{BTreeMap, BTreeSet};

use chrono::NaiveDateTime;

use super::line::{OathLine, TokenType, written};
use super::{
    Exported, ForeignEnrolment, ImportNote, Time, Totp, Zone, folded, numbered_bytes, step_of,
};
use crate::secret::totp::Code;

/// How pam_oath writes a time: local, ended by an L.
const TIME: &str = "%Y-%m-%dT%H:%M:%SL";

/// What stands behind the key of a line.
type UsedState = [Option<String>; 3];

/// Somebody whose line is to be written, and what the file holds of theirs.
struct MergedUser<'a> {
    user: &'a str,
    enrolment: &'a ForeignEnrolment,
    /// The later of what the file says and what mfactl knows, over all lines of the token.
    state: UsedState,
    /// Whether the token stands in the file.
    here: bool,
    /// Keys of other tokens, as they are written.
    others: BTreeSet<&'a str>,
    /// The spellings of which the token is written.
    written: BTreeSet<&'a str>,
}

impl MergedUser<'_> {
    /// Whether the other token in the file is the one that was exported before: there is
    /// exactly one. Beside the token itself, or of several, it is a second device.
    fn replaces(&self) -> bool {
        !self.here && self.others.len() == 1
    }
}

/// Writes `wanted` (user name and enrolment) over `existing` into `exported`.
pub(super) fn merge<'a>(
    wanted: &[(&'a str, &'a ForeignEnrolment)],
    existing: &'a [u8],
    (now, zone): (Time, Zone),
    exported: &mut Exported,
) {
    let mut people: Vec<MergedUser<'a>> = Vec::with_capacity(wanted.len());
    let mut by_name: BTreeMap<String, usize> = BTreeMap::new();
    let mut also: Vec<(String, usize)> = Vec::new();
    for (user, enrolment) in wanted {
        let last = enrolment.last_step.map(|step| ours(&enrolment.totp, step, zone));
        by_name.insert(folded(user), people.len());
        also.extend(enrolment.also.as_ref().map(|name| (folded(name.as_str()), people.len())));
        people.push(MergedUser {
            user,
            enrolment,
            state: last.unwrap_or_default(),
            here: false,
            others: BTreeSet::new(),
            written: BTreeSet::new(),
        });
    }
    for (name, place) in also {
        by_name.entry(name).or_insert(place);
    }
    let find = |raw: &'a [u8]| {
        let text = std::str::from_utf8(raw).ok()?;
        let line = OathLine::parse(text).filter(|_| !text.trim_start().starts_with('#'))?;
        Some((line, *by_name.get(&folded(line.user))?))
    };
    for (_, raw) in numbered_bytes(existing) {
        let Some((line, place)) = find(raw) else { continue };
        let person = &mut people[place];
        if same_token(&line, &person.enrolment.totp) {
            let theirs = line.state.map(|field| field.map(str::to_owned));
            let before = std::mem::take(&mut person.state);
            person.state = later(&person.enrolment.totp, before, theirs, (now, zone));
            person.here = true;
        } else if matches!(line.kind, TokenType::Time(..) | TokenType::SevenDigits) {
            person.others.insert(line.key());
        }
    }
    for (number, raw) in raw_lines(existing) {
        let Some((line, place)) = find(raw) else {
            exported.push_bytes(raw);
            continue;
        };
        let (user, person) = (line.user, &mut people[place]);
        let mut note = |words: &str| {
            exported.notes.push(ImportNote::line(number, format!("{user}: {words}")));
        };
        if matches!(line.kind, TokenType::Counter | TokenType::Unknown) {
            note("another kind of token, which is still accepted");
            exported.push_bytes(raw);
            continue;
        }
        let same = same_token(&line, &person.enrolment.totp);
        if !same && !person.replaces() {
            note("another key, which is not known here and still lets in");
            exported.push_bytes(raw);
            continue;
        }
        if !same {
            note("another key, replaced");
        }
        if !person.written.insert(user) {
            note("one line is enough, taken away");
            continue;
        }
        push(exported, user, line.pin, person);
    }
    people.sort_by_key(|person| person.user);
    for person in people.iter().filter(|person| person.written.is_empty()) {
        push(exported, person.user, "-", person);
    }
}

/// Every line with its number, as bytes and without its LF.
fn raw_lines(file: &[u8]) -> impl Iterator<Item = (usize, &[u8])> {
    let whole = file.strip_suffix(b"\n").unwrap_or(file);
    let lines = whole.split(|byte| *byte == b'\n').zip(1..);
    lines.map(|(line, number)| (number, line)).filter(move |_| !file.is_empty())
}

fn push(exported: &mut Exported, user: &str, pin: &str, person: &MergedUser<'_>) {
    let state = [0, 1, 2].map(|field| person.state[field].as_deref());
    exported.push_line(&written(user, pin, &person.enrolment.totp, state));
}

fn same_token(line: &OathLine<'_>, totp: &Totp) -> bool {
    let parameters = totp.parameters;
    line.kind == TokenType::Time(parameters.digits, parameters.period)
        && line.secret().is_ok_and(|secret| secret == totp.secret)
}

/// The code and the time of the last step that mfactl accepted.
fn ours(totp: &Totp, step: u64, zone: Zone) -> UsedState {
    let seconds = step.saturating_mul(totp.parameters.period.seconds());
    let at = i64::try_from(seconds).ok().map(|seconds| (zone.local)(Time::from_unix(seconds)));
    let code = totp.code(step).reveal().to_owned();
    [Some("0".into()), Some(code), at.map(|at| at.format(TIME).to_string())]
}

/// The state of two that was reached later, with the higher counter.
///
/// pam_oath refuses a code at or before the last one as long as it finds that one in its
/// window around now, so there the steps decide; farther back, where nothing can be
/// replayed, the times do.
fn later(totp: &Totp, one: UsedState, other: UsedState, at: (Time, Zone)) -> UsedState {
    let counter = |state: &UsedState| state[0].as_deref().and_then(|text| text.parse::<u64>().ok());
    let highest = counter(&one).max(counter(&other));
    // What stands in the file stays where neither is later.
    let mut state = if reached(totp, &one, at) > reached(totp, &other, at) { one } else { other };
    if let Some(highest) = highest {
        state[0] = Some(highest.to_string());
    }
    state
}

/// How late a state was reached: the step where the code is found near now (and the code
/// counts more than any older one), else the time written.
fn reached(
    totp: &Totp,
    state: &UsedState,
    (now, zone): (Time, Zone),
) -> (Option<u64>, Option<Time>) {
    let code = state[1].as_deref().and_then(Code::from_digits);
    let at = state[2].as_deref().and_then(|text| NaiveDateTime::parse_from_str(text, TIME).ok());
    (code.and_then(|code| step_of(totp, &code, now)), at.and_then(zone.instant))
}
