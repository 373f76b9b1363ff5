//! Random states and changes. Two orgs, four users, a day as the unit of time; small
//! numbers, so that things meet.

use proptest::collection::{btree_map, vec};
use proptest::option;
use proptest::prelude::*;
use proptest::sample::{select, subsequence};

use super::kit::*;
use crate::domain::change::*;
use crate::domain::model::*;
use crate::domain::time::{Span, Time};

pub(super) const ORGS: [&str; 2] = ["acme", "globex"];
pub(super) const USERS: [&str; 4] = ["alice", "bob", "carol", "dan"];
/// `pat` is carol, `sue` and `sue2` are dan; `svc` is a machine.
pub(super) const OPERATORS: [&str; 9] =
    ["aud", "help", "pat", "adm", "both", "mixed", "sue", "sue2", "svc"];

/// alice and bob, who are nobody's person, more often than the others.
const OFTEN: [&str; 6] = ["alice", "alice", "bob", "bob", "carol", "dan"];

/// A world with the operators and without users.
pub(super) fn operators() -> World {
    World::default()
        .operator("aud", operator(&["auditor"], None))
        .operator("help", operator(&["helpdesk:acme"], None))
        .operator("pat", operator(&["admin:acme"], Some("u-carol")))
        .operator("adm", operator(&["admin:acme"], None))
        .operator("both", operator(&["admin:acme", "admin:globex"], None))
        .operator("mixed", operator(&["admin:acme", "helpdesk:globex"], None))
        .operator("sue", operator(&["site-admin"], Some("u-dan")))
        .operator("sue2", operator(&["site-admin"], Some("u-dan")))
        .operator("svc", Operator { service: true, ..operator(&["site-admin"], None) })
}

/// A day on which something happens.
fn a_day() -> impl Strategy<Value = Time> {
    (0..12i64).prop_map(day)
}

fn a_role() -> impl Strategy<Value = Role> {
    select(vec![Role::Member, Role::Member, Role::Helpdesk, Role::Admin])
}

fn a_switch() -> impl Strategy<Value = Switch> {
    select(vec![Switch::On, Switch::Off])
}

pub(super) fn an_exception() -> impl Strategy<Value = Exception> {
    let orgs = subsequence(ORGS.to_vec(), 1..=2);
    (orgs, 0..12i64, 1..8i64, 0..5u8, a_day(), any::<bool>()).prop_map(
        |(orgs, start, length, what, at, portal)| {
            let plain = Exception {
                services: if portal { services(&["portal"]) } else { None },
                ..exception(day(start), day(start + length), &orgs)
            };
            match what {
                0 => requested(plain, Span::SHORT),
                1 => Exception { approved_by: None, term: plain.ends_at.map(Term::Until), ..plain },
                2 => ended(requested(plain, Span::SHORT), EndedHow::Rejected, at),
                3 => ended(plain, EndedHow::Revoked, at),
                _ => plain,
            }
        },
    )
}

pub(super) fn an_opt_out() -> impl Strategy<Value = OptOut> {
    (0..8i64, option::of(1..8i64)).prop_map(|(at, length)| OptOut {
        at: day(at),
        ..opted_out(length.map(|length| day(at + length)))
    })
}

fn a_membership() -> impl Strategy<Value = Membership> {
    (a_role(), 0..6i64, option::of(0..3i64), option::of(an_opt_out())).prop_map(
        |(role, joined, back, opt_out)| Membership {
            role,
            joined_at: day(joined),
            first_joined_at: back.map(|days| day(joined - days)),
            opt_out: opt_out.map(Box::new),
        },
    )
}

fn an_enrolment() -> impl Strategy<Value = Enrolment> {
    (0..5u8).prop_map(|which| {
        let first_at = Some(day(0));
        let current = Some(Method { method: MethodKind::Totp, since: day(0) });
        let pending = Some(Pending { since: day(0) });
        match which {
            0 => Enrolment { first_at, current, pending, exports: Vec::new() },
            1 => Enrolment { first_at, current, ..Enrolment::default() },
            2 => Enrolment { first_at, ..Enrolment::default() },
            3 => Enrolment { pending, ..Enrolment::default() },
            _ => Enrolment::default(),
        }
    })
}

pub(super) fn a_user(id: &'static str) -> impl Strategy<Value = User> {
    let memberships = btree_map(select(ORGS.to_vec()), a_membership(), 0..=2);
    let inactive = prop::bool::weighted(0.1);
    let sso = prop::bool::weighted(0.15);
    (memberships, inactive, sso, a_switch(), an_enrolment(), vec(an_exception(), 0..4)).prop_map(
        move |(memberships, inactive, sso, mfa, enrolment, exceptions)| {
            let plain = User {
                active: !inactive,
                mfa,
                enrolment,
                memberships: memberships.into_iter().map(|(id, m)| (n(id), m)).collect(),
                exceptions: (1..).zip(exceptions).collect(),
                ..user(id, &[])
            };
            if sso { by_sso(plain) } else { plain }
        },
    )
}

pub(super) fn an_org() -> impl Strategy<Value = Org> {
    let roles = subsequence(vec![Role::Member, Role::Helpdesk, Role::Admin], 0..=2);
    (option::of(a_day()), 0..6u32, option::of(a_day()), any::<(bool, bool)>(), roles).prop_map(
        |(from, grace_days, grace_from, (deny, two), roles)| Org {
            enforcement: from.map_or(Enforcement::OFF, |from| enforcing(from).enforcement),
            grace_days,
            grace_from: grace_from.or(from),
            opt_out: if deny { OptOutPolicy::Deny } else { OptOutPolicy::Allow },
            mandated_roles: roles.into_iter().collect(),
            opt_out_max: None,
            services: ns(&["portal"]),
            exceptions: ExceptionPolicy {
                approval: if two { Approval::TwoPerson } else { Approval::None },
                ..ExceptionPolicy::default()
            },
            ..org()
        },
    )
}

pub(super) fn a_world() -> impl Strategy<Value = World> {
    let users = (a_user("u-alice"), a_user("u-bob"), a_user("u-carol"), a_user("u-dan"));
    (an_org(), an_org(), users).prop_map(|(acme, globex, (alice, bob, carol, dan))| {
        operators()
            .org("acme", acme)
            .org("globex", globex)
            .user("alice", alice)
            .user("bob", bob)
            .user("carol", carol)
            .user("dan", dan)
    })
}

/// A change as plain data, so that a model can read it.
#[derive(Debug, Clone)]
pub(super) enum Op {
    SetMfa(&'static str, Switch),
    /// Who, where, and after how many days it ends.
    OptOut(&'static str, &'static str, Option<i64>, bool),
    OptIn(&'static str, &'static str),
    Join(&'static str, &'static str, Role),
    Leave(&'static str, &'static str),
    SetRole(&'static str, &'static str, Role),
    Reset(&'static str),
    External(&'static str),
    Start(&'static str),
    Confirm(&'static str),
    SetActive(&'static str, bool),
    /// Where, on or off, in how many days, grace, whether anew, whether forced.
    Enforce(&'static str, Switch, Option<i64>, Option<u32>, bool, bool),
    /// Where, deny or allow, whether admins are mandated, whether two persons are asked for.
    EditOrg(&'static str, bool, bool, bool),
    Grant(GrantOp),
    Approve(&'static str, u32),
    Reject(&'static str, u32),
    Revoke(&'static str, u32),
}

#[derive(Debug, Clone)]
pub(super) struct GrantOp {
    pub(super) user: &'static str,
    pub(super) long: bool,
    pub(super) orgs: Vec<&'static str>,
    pub(super) portal: bool,
    /// In how many days it starts.
    pub(super) starts: Option<i64>,
    /// How many days it lasts.
    pub(super) days: Option<i64>,
    pub(super) reason: &'static str,
    pub(super) evidence: bool,
    pub(super) replace: bool,
    pub(super) unenrolled_ok: bool,
    pub(super) request_only: bool,
}

fn a_grant() -> impl Strategy<Value = GrantOp> {
    let reason = select(vec!["no-signal", "accessibility"]);
    let mostly = || prop::bool::weighted(0.9);
    let some = subsequence(ORGS.to_vec(), 0..=2);
    let orgs = prop_oneof![Just(Vec::new()), Just(vec!["acme"]), some];
    let days = select(vec![1i64, 5, 90, 181]).prop_map(Some);
    let days = prop_oneof![2 => Just(None), 1 => Just(Some(1)), 1 => days];
    let times = (option::of(0..4i64), days);
    (
        select(OFTEN.to_vec()),
        any::<bool>(),
        orgs,
        times,
        reason,
        any::<[bool; 4]>(),
        mostly(),
        mostly(),
    )
        .prop_map(|(user, long, orgs, (starts, days), reason, flags, fits, evidence)| {
            GrantOp {
                user,
                long,
                orgs,
                portal: flags[0],
                starts,
                days,
                reason: match (fits, long) {
                    (true, false) => "no-signal",
                    (true, true) => "accessibility",
                    _ => reason,
                },
                evidence,
                replace: flags[1],
                unenrolled_ok: flags[2],
                request_only: flags[3],
            }
        })
}

pub(super) fn an_op() -> impl Strategy<Value = Op> {
    let user = || select(OFTEN.to_vec());
    let org = || select(ORGS.to_vec());
    let enforce =
        (org(), a_switch(), option::of(0..4i64), option::of(0..5u32), any::<(bool, bool)>());
    let other = prop_oneof![
        (user(), a_switch()).prop_map(|(u, mfa)| Op::SetMfa(u, mfa)),
        (user(), org(), option::of(1..5i64), any::<bool>())
            .prop_map(|(u, o, days, replace)| Op::OptOut(u, o, days, replace)),
        (user(), org()).prop_map(|(u, o)| Op::OptIn(u, o)),
        (user(), org(), a_role()).prop_map(|(u, o, role)| Op::Join(u, o, role)),
        (user(), org()).prop_map(|(u, o)| Op::Leave(u, o)),
        (user(), org(), a_role()).prop_map(|(u, o, role)| Op::SetRole(u, o, role)),
        user().prop_map(Op::Reset),
        user().prop_map(Op::External),
        user().prop_map(Op::Start),
        user().prop_map(Op::Confirm),
        (user(), any::<bool>()).prop_map(|(u, active)| Op::SetActive(u, active)),
        enforce.prop_map(|(o, state, starts, days, (anew, force))| match state {
            Switch::On => Op::Enforce(o, state, starts, days, anew, force),
            Switch::Off => Op::Enforce(o, state, None, None, false, force),
        }),
        (org(), any::<[bool; 3]>()).prop_map(|(o, b)| Op::EditOrg(o, b[0], b[1], b[2])),
    ];
    let settle = (user(), 1..4u32, 0..3u8).prop_map(|(u, number, what)| match what {
        0 => Op::Approve(u, number),
        1 => Op::Reject(u, number),
        _ => Op::Revoke(u, number),
    });
    prop_oneof![5 => other, 3 => a_grant().prop_map(Op::Grant), 2 => settle]
}

/// Somebody who acts; those who may do much more often than the others.
pub(super) fn an_operator() -> impl Strategy<Value = &'static str> {
    prop_oneof![
        2 => select(OPERATORS.to_vec()),
        1 => Just("root"),
        3 => Just("both"),
    ]
}

impl Op {
    /// The change that it stands for, asked for on day `now`.
    pub(super) fn change(&self, now: i64) -> Box<dyn Change> {
        let id = |user: &str, number: u32| n(&format!("{user}#{number}"));
        match self.clone() {
            Op::SetMfa(u, mfa) => Box::new(SetMfa { login: n(u), mfa, requested_by: None }),
            Op::OptOut(u, o, days, replace) => Box::new(OptOutMember {
                login: n(u),
                org: n(o),
                until: days.map(|days| day(now + days)),
                message: None,
                replace,
            }),
            Op::OptIn(u, o) => Box::new(OptIn { login: n(u), org: n(o) }),
            Op::Join(u, o, role) => Box::new(Join { login: n(u), org: n(o), role }),
            Op::Leave(u, o) => Box::new(Leave { login: n(u), org: n(o) }),
            Op::SetRole(u, o, role) => Box::new(SetRole { login: n(u), org: n(o), role }),
            Op::Reset(u) => Box::new(Reset { login: n(u) }),
            Op::External(u) => Box::new(EnrolExternal { login: n(u), name: n("duo"), since: None }),
            Op::Start(u) => Box::new(StartEnrolment { login: n(u) }),
            Op::Confirm(u) => Box::new(Confirm { login: n(u) }),
            Op::SetActive(u, active) => Box::new(SetActive { login: n(u), active }),
            Op::Enforce(o, state, starts, grace_days, restart_grace, force) => Box::new(Enforce {
                org: n(o),
                state,
                starts: starts.map(|days| day(now + days)),
                grace_days,
                restart_grace,
                force,
            }),
            Op::EditOrg(o, deny, mandate, two) => Box::new(EditOrg {
                id: Some(n(o)),
                opt_out: Some(if deny { OptOutPolicy::Deny } else { OptOutPolicy::Allow }),
                mandate: if mandate { vec![Role::Admin] } else { Vec::new() },
                no_mandate: if mandate { Vec::new() } else { vec![Role::Admin] },
                approval: Some(if two { Approval::TwoPerson } else { Approval::None }),
                ..EditOrg::default()
            }),
            Op::Grant(grant) => Box::new(grant.change(now)),
            Op::Approve(u, number) => Box::new(Approve { id: id(u, number) }),
            Op::Reject(u, number) => Box::new(Reject { id: id(u, number) }),
            Op::Revoke(u, number) => Box::new(Revoke { id: id(u, number) }),
        }
    }
}

impl GrantOp {
    fn change(&self, now: i64) -> Grant {
        let evidence: &[&str] = if self.evidence { &["https://evidence.example"] } else { &[] };
        Grant {
            kind: if self.long { ExceptionKind::Long } else { ExceptionKind::Short },
            services: if self.portal { services(&["portal"]) } else { None },
            starts: self.starts.map(|days| day(now + days)),
            length: self.days.map(|days| Term::For(Span::seconds(days * 86_400))),
            reason: n(self.reason),
            evidence: ns(evidence),
            evidence_names: Default::default(),
            replace: self.replace,
            unenrolled_ok: self.unenrolled_ok,
            request_only: self.request_only,
            ..short(self.user, &self.orgs)
        }
    }
}
