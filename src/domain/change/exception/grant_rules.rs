//! The product's rules for a new exception, one function each, in the order of the refusals.

use std::collections::BTreeMap;

use super::grant::Grant;
use crate::domain::ids::{ExceptionId, OrgId};
use crate::domain::model::{Exception, ExceptionKind, Org, Status, Term, User};
use crate::domain::reasons::{self, Reason};
use crate::domain::refusal::{Refusal, RefusalCode};
use crate::domain::time::{Span, Time};

type OrgsById<'a> = BTreeMap<&'a OrgId, &'a Org>;

/// Every service named is one of an org covered (R17).
pub(super) fn services_known(grant: &Grant, orgs: &OrgsById<'_>) -> Result<(), Refusal> {
    let known = |service| orgs.values().any(|org| org.services.contains(service));
    let mut named = grant.services.iter().flatten();
    let Some(unknown) = named.find(|service| !known(*service)) else { return Ok(()) };
    let names: Vec<&str> = orgs.keys().map(|id| id.as_str()).collect();
    let message = format!("no service {unknown} in {}", names.join(", "));
    Err(names.iter().fold(Refusal::new(RefusalCode::NotFound, unknown, message), |refusal, org| {
        refusal.command(format!("org show {org}"))
    }))
}

/// A method was registered once (R12), or the override is on record.
pub(super) fn enrolled_once(grant: &Grant, user: &User) -> Result<(), Refusal> {
    if user.enrolment.first_at.is_some() || grant.unenrolled_ok {
        return Ok(());
    }
    let login = &grant.login;
    let message = format!("cannot grant an exception to {login}, who never registered a method");
    Err(Refusal::new(RefusalCode::NotEnrolled, login, message)
        .words("the user enrols first; --unenrolled-ok records an override that a second operator has to approve")
        .command(format!("user show {login}")))
}

/// A long exception needs evidence specific to the case (R15).
pub(super) fn evidence(grant: &Grant) -> Result<(), Refusal> {
    if grant.kind == ExceptionKind::Short || !grant.evidence.is_empty() {
        return Ok(());
    }
    let login = &grant.login;
    let message = format!("a long exception for {login} needs supporting evidence");
    Err(Refusal::new(RefusalCode::EvidenceMissing, login, message)
        .words("hand it in with --evidence FILE (it is kept by its hash) or --evidence URL"))
}

/// The reason is valid for this kind in every org covered (R13, R15), with a note where one is mandatory (R14).
pub(super) fn reason(grant: &Grant, orgs: &OrgsById<'_>) -> Result<Reason, Refusal> {
    let (login, code, kind) = (&grant.login, &grant.reason, grant.kind);
    let reason = reasons::in_all(orgs, kind, code).map_err(|org| {
        let message = format!("{code} is no reason for a {} exception in {org}", kind.as_str());
        let valid = reasons::choices(orgs, kind).join(", ");
        Refusal::new(RefusalCode::ReasonInvalid, login, message)
            .words(format!("valid reasons: {valid}"))
            .command("exception reasons")
    })?;
    if reason.note_mandatory && grant.note.is_none() {
        let message = format!("the reason {code} needs a note in words");
        return Err(
            Refusal::new(RefusalCode::NoteMissing, login, message).words("say it with --note TEXT")
        );
    }
    Ok(reason)
}

/// The length, within R11 and the strictest cap of the orgs covered.
pub(super) fn term(grant: &Grant, orgs: &OrgsById<'_>, start: Time) -> Result<Term, Refusal> {
    let (cap, org) = cap(orgs, grant.kind);
    let term = grant.length.unwrap_or(Term::For(cap));
    within_cap(grant.login.as_str(), term, start, grant.kind, cap, org).map(|()| term)
}

/// The strictest cap, and the org that set it where it is below R11's.
pub(super) fn cap<'a>(orgs: &OrgsById<'a>, kind: ExceptionKind) -> (Span, Option<&'a OrgId>) {
    orgs.iter()
        .map(|(id, org)| (org.exceptions.cap(kind), *id))
        .filter(|(cap, _)| *cap < kind.longest())
        .min()
        .map_or((kind.longest(), None), |(cap, id)| (cap, Some(id)))
}

/// Refuses a term longer than the cap.
pub(super) fn within_cap(
    subject: &str,
    term: Term,
    start: Time,
    kind: ExceptionKind,
    cap: Span,
    org: Option<&OrgId>,
) -> Result<(), Refusal> {
    let length = match term {
        Term::For(span) => span,
        Term::Until(until) => until.since(start),
    };
    if length <= cap {
        return Ok(());
    }
    let whose = org.map_or("the longest allowed".to_owned(), |org| format!("the cap of {org}"));
    let (length, longest) = (length.words(), cap.words());
    let message =
        format!("a {} exception of {length} is longer than {longest}, {whose}", kind.as_str());
    Err(Refusal::new(RefusalCode::CapExceeded, subject, message)
        .words(format!("ask for at most --for {cap}")))
}

/// Days over which an org counts short exceptions.
const WINDOW: Span = Span::days(30);

/// No more short ones in 30 days than the org allows, revoked ones included.
pub(super) fn how_often(
    grant: &Grant,
    user: &User,
    orgs: &OrgsById<'_>,
    now: Time,
) -> Result<(), Refusal> {
    if grant.kind == ExceptionKind::Long {
        return Ok(());
    }
    for (id, org) in orgs {
        let Some(limit) = org.exceptions.short_per_30_days else { continue };
        let counts = |exception: &&Exception| {
            exception.kind == ExceptionKind::Short
                && exception.orgs.contains(*id)
                && exception.status(now) != Status::Rejected
                && exception.recorded_at > now.minus(WINDOW)
        };
        let had = user.exceptions.values().filter(counts).count();
        if had >= limit as usize {
            let login = &grant.login;
            let message =
                format!("{login} had {had} short exceptions in 30 days; {id} allows {limit}");
            return Err(Refusal::new(RefusalCode::CapExceeded, login, message)
                .command(format!("exception list --all --user {login}"))
                .words("a long exception, with evidence, may be the right one"));
        }
    }
    Ok(())
}

/// When an exception is live, at the longest: from an instant to another, which is no part
/// of it.
#[derive(Debug, Clone, Copy)]
pub(super) struct Interval {
    from: Time,
    to: Time,
}

impl Interval {
    /// That of a grant that starts at `start`. What waits for approval is live from its
    /// approval, whenever that comes, unless it has a start or an end of its own.
    pub(super) fn of_grant(
        grant: &Grant,
        orgs: &OrgsById<'_>,
        start: Time,
        waits: bool,
    ) -> Interval {
        let to = match grant.length.unwrap_or(Term::For(cap(orgs, grant.kind).0)) {
            Term::Until(until) if !waits || grant.starts.is_some() => until,
            Term::For(span) if !waits => start.plus(span),
            _ => Time::MAX,
        };
        Interval { from: start, to }
    }

    /// That of an exception that is open.
    fn of(exception: &Exception, status: Status) -> Interval {
        let fixed = exception.starts_at > exception.recorded_at;
        let to = match exception.term {
            Some(Term::Until(until)) if fixed => Some(until),
            _ if status == Status::Requested => None,
            _ => exception.effective_end(),
        };
        Interval { from: exception.starts_at, to: to.unwrap_or(Time::MAX) }
    }

    fn meets(self, other: Interval) -> bool {
        self.from < other.to && other.from < self.to
    }
}

/// The open exceptions that it has an org, a service and an instant in common with.
pub(super) fn overlapping<'a>(
    grant: &Grant,
    user: &'a User,
    orgs: &OrgsById<'_>,
    interval: Interval,
    now: Time,
) -> Vec<(u32, &'a Exception)> {
    let open = |exception: &Exception| match exception.status(now) {
        status @ (Status::Live | Status::Scheduled | Status::Requested) => {
            interval.meets(Interval::of(exception, status))
        }
        Status::Rejected | Status::Expired | Status::Revoked => false,
    };
    // What was granted for an earlier membership is without effect now.
    let counts = |org: &OrgId, exception: &Exception| {
        user.memberships.get(org).is_some_and(|membership| exception.is_for(membership))
    };
    let common = |exception: &Exception| {
        exception.orgs.iter().any(|org| orgs.contains_key(org) && counts(org, exception))
            && match (&exception.services, &grant.services) {
                (Some(theirs), Some(ours)) => !theirs.is_disjoint(ours),
                _ => true,
            }
    };
    user.exceptions
        .iter()
        .filter(|(_, exception)| open(exception) && common(exception))
        .map(|(number, exception)| (*number, exception))
        .collect()
}

/// Refuses an overlap that it does not replace.
pub(super) fn overlap(
    grant: &Grant,
    overlapping: &[(u32, &Exception)],
    now: Time,
) -> Result<(), Refusal> {
    let Some((number, first)) = overlapping.first().filter(|_| !grant.replace) else {
        return Ok(());
    };
    let id = ExceptionId { login: grant.login.clone(), number: *number };
    let status = first.status(now).as_str();
    let message = format!("{id} ({status}) overlaps it");
    Err(Refusal::new(RefusalCode::Overlap, &grant.login, message)
        .command(format!("exception show {id}"))
        .words("--replace ends it and grants the new one as one event"))
}
