//! What ends: exceptions and opt-outs.

use std::collections::BTreeSet;

use mfactl::domain::ids::{Evidence, OrgId, ReasonCode};
use mfactl::domain::model::{Channel, Exception, ExceptionKind, FollowUp, Granter, OptOut};
use mfactl::domain::time::{DAY, Span, Time};

use super::orgs::service;
use super::random::between;
use super::{Random, Shape, names};

/// One user in so many has a live exception: 20,000 of 1.5 million.
const USERS_PER_LIVE: u32 = 75;

/// Which exception a user has.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Has {
    /// One that is live.
    Live,
    /// One that ended in the last hour, which nobody recorded.
    Due,
}

/// Which exception the user of this number has, if any.
pub fn of(shape: &Shape, number: u32) -> Option<Has> {
    // Spread as evenly as whole numbers can be.
    let due_below = |number: u64| number * u64::from(shape.due) / u64::from(shape.users.max(1));
    if due_below(u64::from(number) + 1) > due_below(u64::from(number)) {
        return Some(Has::Due);
    }
    (number % USERS_PER_LIVE == 37).then_some(Has::Live)
}

/// The exception: two in five are short and end within a day, the others are long.
pub fn exception(now: Time, has: Has, org: &OrgId, login: &str, random: &mut Random) -> Exception {
    let short = random.comes(0.4);
    let kind = if short { ExceptionKind::Short } else { ExceptionKind::Long };
    let length = kind.longest();
    let ends_at = match has {
        Has::Live => now.plus(Span::seconds(1 + random.seconds(length.as_seconds() - 1))),
        Has::Due => now.minus(Span::seconds(random.seconds(3_600))),
    };
    let starts_at = ends_at.minus(length);
    let code = if short {
        *random.one_of(&["phone-lost-or-stolen", "phone-misplaced", "no-signal"])
    } else {
        *random.one_of(&["accessibility", "clinical-risk", "secure-location"])
    };
    Exception {
        kind,
        orgs: BTreeSet::from([org.clone()]),
        services: random.comes(0.1).then(|| BTreeSet::from([service("portal")])),
        reason: ReasonCode::parse(code).expect("a reason of the product"),
        follow_up: follow_up(code),
        note: None,
        evidence: (!short).then(|| evidence(login)).into_iter().collect(),
        evidence_names: Default::default(),
        channel: if short { Channel::Phone } else { Channel::SharedMailbox },
        requested_by: names::text(login),
        recorded_by: Granter {
            operator: "root".to_owned(),
            person: None,
            os_users: BTreeSet::new(),
        },
        recorded_at: starts_at,
        unenrolled: false,
        two_persons: false,
        term: None,
        replaces: BTreeSet::new(),
        approved_by: Some("root".to_owned()),
        starts_at,
        ends_at: Some(ends_at),
        ended: None,
    }
}

fn follow_up(code: &str) -> FollowUp {
    let code = ReasonCode::parse(code).expect("a reason of the product");
    mfactl::domain::reasons::built_in(&code).map_or(FollowUp::None, |reason| reason.follow_up)
}

fn evidence(login: &str) -> Evidence {
    Evidence::parse(&format!("https://tickets.example/evidence/{login}")).expect("an address")
}

/// An opt-out: two in five have no end, one in a hundred ends today.
pub fn opt_out(now: Time, since: Time, random: &mut Random) -> OptOut {
    let until = match random.share() {
        share if share < 0.40 => None,
        share if share < 0.41 => Some(now.plus(Span::seconds(1 + random.seconds(DAY / 2)))),
        _ => Some(now.plus(Span::seconds(DAY + random.seconds(365 * DAY)))),
    };
    OptOut {
        by: "root".to_owned(),
        at: between(since, now, random),
        message: random.comes(0.5).then(|| names::text("no phone on the ward")),
        until,
    }
}
