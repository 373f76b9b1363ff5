//! What a value on the command line may be. Everything that needs no clock is
//! checked here, so that a wrong command line fails before anything is opened.

use std::str::FromStr;

use clap::builder::{PossibleValuesParser, TypedValueParser};

use crate::domain::ids::{Checked, OrgId, ReasonCode};
use crate::domain::model::{EnrolmentStatus, ExceptionKind, FollowUp, Role, SignIn, Switch};
use crate::domain::time::{Span, Time};

/// A parser of one word out of `all`, each written as `word` says. clap lists
/// the words in help, errors and completions.
pub(crate) fn one_of<T, W>(all: &'static [T], word: W) -> impl TypedValueParser<Value = T>
where
    T: Copy + Send + Sync + 'static,
    W: Fn(T) -> &'static str + Copy + Send + Sync + 'static,
{
    PossibleValuesParser::new(all.iter().map(move |value| word(*value))).try_map(move |typed| {
        find(all, word, &typed).ok_or_else(|| format!("{typed:?} is not one of the words"))
    })
}

/// `on` or `off`.
pub(crate) fn on_off() -> impl TypedValueParser<Value = Switch> {
    one_of(SWITCHES, Switch::as_str)
}

/// `password` or `sso`.
pub(crate) fn sign_in() -> impl TypedValueParser<Value = SignIn> {
    one_of(SIGN_INS, SignIn::as_str)
}

/// `member`, `helpdesk` or `admin`.
pub(crate) fn role() -> impl TypedValueParser<Value = Role> {
    one_of(&[Role::Member, Role::Helpdesk, Role::Admin], Role::as_str)
}

const SWITCHES: &[Switch] = &[Switch::On, Switch::Off];
const SIGN_INS: &[SignIn] = &[SignIn::Password, SignIn::Sso];
const KINDS: &[ExceptionKind] = &[ExceptionKind::Short, ExceptionKind::Long];
const ENROLMENTS: &[EnrolmentStatus] =
    &[EnrolmentStatus::None, EnrolmentStatus::Pending, EnrolmentStatus::Enrolled];
const FOLLOW_UPS: &[FollowUp] = &[
    FollowUp::None,
    FollowUp::ReEnrol,
    FollowUp::ReEnrolWhenReplaced,
    FollowUp::ReEnrolWhenFound,
    FollowUp::ContactAgain,
    FollowUp::Review,
];

fn find<T: Copy>(all: &[T], word: impl Fn(T) -> &'static str, typed: &str) -> Option<T> {
    all.iter().copied().find(|value| word(*value) == typed)
}

fn word_of<T: Copy>(
    all: &[T],
    word: impl Fn(T) -> &'static str,
    what: &str,
    typed: &str,
) -> Result<T, String> {
    find(all, &word, typed).ok_or_else(|| {
        let words: Vec<_> = all.iter().map(|value| word(*value)).collect();
        format!("{typed:?} is no value for {what}: write {}", words.join(", "))
    })
}

/// An instant as typed: some are known at once, some only against the clock.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum When {
    /// `now`.
    Now,
    /// `+24h`: that long after now.
    Ahead(Span),
    /// `-7d`: that long before now.
    Back(Span),
    /// An RFC 3339 instant, or a date as its midnight UTC.
    Fixed(Time),
}

impl When {
    /// The instant meant at `now`.
    pub fn resolve(self, now: Time) -> Time {
        match self {
            When::Now => now,
            When::Ahead(span) => now.plus(span),
            When::Back(span) => now.minus(span),
            When::Fixed(time) => time,
        }
    }
}

impl FromStr for When {
    type Err = crate::domain::time::TimeError;

    fn from_str(text: &str) -> Result<When, Self::Err> {
        if text == "now" {
            return Ok(When::Now);
        }
        if let Some(ahead) = text.strip_prefix('+') {
            return Span::parse(ahead).map(When::Ahead);
        }
        if let Some(back) = text.strip_prefix('-') {
            return Span::parse(back).map(When::Back);
        }
        // Neither of the relative forms, so the clock makes no difference.
        Time::parse(text, Time::MIN).map(When::Fixed)
    }
}

/// An instant at which something ends: as [`When`], but a bare date includes the day.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct End(When);

impl End {
    /// The instant meant at `now`, not itself part of what ends.
    pub fn resolve(self, now: Time) -> Time {
        self.0.resolve(now)
    }
}

impl FromStr for End {
    type Err = crate::domain::time::TimeError;

    fn from_str(text: &str) -> Result<End, Self::Err> {
        match Time::parse_end_date(text) {
            Ok(end) => Ok(End(When::Fixed(end))),
            Err(_) => text.parse().map(End),
        }
    }
}

/// What `--at` names: a revision or an instant.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum AtArg {
    /// The state as that revision left it.
    Rev(u64),
    /// The state as it was (or will be) then.
    Time(When),
}

impl FromStr for AtArg {
    type Err = String;

    fn from_str(text: &str) -> Result<AtArg, String> {
        if !text.is_empty() && text.bytes().all(|b| b.is_ascii_digit()) {
            return text.parse().map(AtArg::Rev).map_err(|_| format!("{text:?} is no revision"));
        }
        text.parse().map(AtArg::Time).map_err(|e| format!("{e}, or a revision such as 4812"))
    }
}

/// A time span with two ends, `A..B`; A is part of it, B is not.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct During {
    /// The first instant.
    pub from: When,
    /// The end.
    pub to: End,
}

impl FromStr for During {
    type Err = String;

    fn from_str(text: &str) -> Result<During, String> {
        let (from, to) = text
            .split_once("..")
            .ok_or_else(|| format!("{text:?} is no A..B: write 2026-12-01..2027-01-01"))?;
        Ok(During { from: from.parse().map_err(text_of)?, to: to.parse().map_err(text_of)? })
    }
}

/// Which users, by what is true of them; every condition given must hold.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Where {
    /// A member of this org.
    pub org: Option<OrgId>,
    /// The per-user switch is so.
    pub mfa: Option<Switch>,
    /// The enrolment is so far.
    pub enrolment: Option<EnrolmentStatus>,
    /// Signs in so.
    pub sign_in: Option<SignIn>,
    /// Is active (`yes`) or not (`no`).
    pub active: Option<bool>,
}

impl FromStr for Where {
    type Err = String;

    fn from_str(text: &str) -> Result<Where, String> {
        let mut found = Where::default();
        for condition in text.split(',') {
            let (key, value) = condition.split_once('=').ok_or_else(|| {
                format!("{condition:?} is no condition: write org=ORG,mfa=off,enrolment=none,sign_in=password,active=yes")
            })?;
            let twice = match key {
                "org" => found.org.replace(value.parse().map_err(text_of)?).is_some(),
                "mfa" => {
                    found.mfa.replace(word_of(SWITCHES, Switch::as_str, key, value)?).is_some()
                }
                "enrolment" => found
                    .enrolment
                    .replace(word_of(ENROLMENTS, EnrolmentStatus::as_str, key, value)?)
                    .is_some(),
                "sign_in" => {
                    found.sign_in.replace(word_of(SIGN_INS, SignIn::as_str, key, value)?).is_some()
                }
                "active" => found.active.replace(yes_no(key, value)?).is_some(),
                _ => {
                    return Err(format!(
                        "{key:?} is no field to choose by: write org, mfa, enrolment, sign_in or active"
                    ));
                }
            };
            if twice {
                return Err(format!("{key} stands twice"));
            }
        }
        Ok(found)
    }
}

fn yes_no(key: &str, value: &str) -> Result<bool, String> {
    match value {
        "yes" => Ok(true),
        "no" => Ok(false),
        _ => Err(format!("{value:?} is no value for {key}: write yes or no")),
    }
}

fn text_of(error: impl std::fmt::Display) -> String {
    error.to_string()
}

/// An org to join and the role there, `ORG[:ROLE]`.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct OrgRole {
    /// The org.
    pub org: OrgId,
    /// The role; `member` where none is named.
    pub role: Role,
}

impl OrgRole {
    /// Checks the text of one and leaves the org where it is; the role, if it names one.
    ///
    /// # Errors
    /// Says what is wrong.
    pub fn check(text: &str) -> Result<(Checked<'_, OrgId>, Option<Role>), String> {
        let (org, role) = match text.split_once(':') {
            Some((org, role)) => (org, Some(role.parse()?)),
            None => (text, None),
        };
        Ok((OrgId::check(org).map_err(text_of)?, role))
    }
}

impl FromStr for OrgRole {
    type Err = String;

    fn from_str(text: &str) -> Result<OrgRole, String> {
        let (org, role) = OrgRole::check(text)?;
        Ok(OrgRole { org: org.into(), role: role.unwrap_or_default() })
    }
}

/// A reason code that an org adds, `CODE:short|long[:FOLLOW-UP]`.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct AddReason {
    /// The code.
    pub code: ReasonCode,
    /// Which kind of exception it justifies.
    pub kind: ExceptionKind,
    /// The follow-up.
    pub follow_up: FollowUp,
}

impl FromStr for AddReason {
    type Err = String;

    fn from_str(text: &str) -> Result<AddReason, String> {
        let mut parts = text.splitn(3, ':');
        let code = parts.next().unwrap_or_default().parse().map_err(text_of)?;
        let kind = parts.next().ok_or_else(|| {
            format!("{text:?} says not which kind: write CODE:short or CODE:long[:FOLLOW-UP]")
        })?;
        let follow_up =
            |typed| word_of(FOLLOW_UPS, |f| f.code().unwrap_or("none"), "a follow-up", typed);
        Ok(AddReason {
            code,
            kind: word_of(KINDS, ExceptionKind::as_str, "a kind", kind)?,
            follow_up: parts.next().map_or(Ok(FollowUp::None), follow_up)?,
        })
    }
}

/// The head of an audit chain: a SHA-256 as 64 hex digits, lowered.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct HeadHash(String);

impl HeadHash {
    /// The digits.
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

impl FromStr for HeadHash {
    type Err = String;

    fn from_str(text: &str) -> Result<HeadHash, String> {
        let fits = text.len() == 64 && text.bytes().all(|b| b.is_ascii_hexdigit());
        fits.then(|| HeadHash(text.to_ascii_lowercase()))
            .ok_or_else(|| format!("{text:?} is no hash: 64 hex digits, as `audit head` prints"))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn instants_are_the_same_as_the_domain_reads() {
        let now = Time::parse_rfc3339("2026-11-21T12:00:00Z").unwrap();
        for typed in ["now", "+24h", "-7d", "2027-01-31", "2027-01-31T10:00:00+02:00"] {
            let when: When = typed.parse().unwrap();
            assert_eq!(when.resolve(now), Time::parse(typed, now).unwrap(), "{typed}");
        }
        for wrong in ["", "+", "tomorrow", "24h"] {
            assert!(wrong.parse::<When>().is_err(), "{wrong}");
        }
    }

    #[test]
    fn a_date_as_an_end_includes_the_day() {
        let now = Time::parse_rfc3339("2026-11-21T12:00:00Z").unwrap();
        for (typed, end) in [
            ("2027-01-31", "2027-02-01T00:00:00Z"),
            ("2027-01-31T00:00:00Z", "2027-01-31T00:00:00Z"),
            ("+1d", "2026-11-22T12:00:00Z"),
            ("now", "2026-11-21T12:00:00Z"),
        ] {
            assert_eq!(typed.parse::<End>().unwrap().resolve(now).to_string(), end, "{typed}");
        }
        let during: During = "2026-12-01..2026-12-31".parse().unwrap();
        assert_eq!(during.to.resolve(now).to_string(), "2027-01-01T00:00:00Z");
        assert!("tomorrow".parse::<End>().is_err());
    }

    #[test]
    fn revisions_and_instants_are_told_apart() {
        assert_eq!("4812".parse(), Ok(AtArg::Rev(4812)));
        assert_eq!("-7d".parse(), Ok(AtArg::Time(When::Back(Span::days(7)))));
        assert!("99999999999999999999999".parse::<AtArg>().is_err());
        assert!("yesterday".parse::<AtArg>().unwrap_err().contains("4812"));
        assert!("2026-12-01..2027-01-01".parse::<During>().is_ok());
        assert!("2026-12-01".parse::<During>().is_err());
    }

    #[test]
    fn conditions_are_checked() {
        let found: Where =
            "org=st-marys,mfa=off,enrolment=none,sign_in=password,active=yes".parse().unwrap();
        assert_eq!(found.org, Some(OrgId::parse("st-marys").unwrap()));
        assert_eq!(found.active, Some(true));
        for wrong in ["", "org", "org=", "mfa=maybe", "login=a", "mfa=on,mfa=off", "mfa=on,"] {
            assert!(wrong.parse::<Where>().is_err(), "{wrong}");
        }
    }

    #[test]
    fn pairs_are_taken_apart() {
        assert_eq!("st-marys".parse::<OrgRole>().unwrap().role, Role::Member);
        assert_eq!("st-marys:admin".parse::<OrgRole>().unwrap().role, Role::Admin);
        assert!("st-marys:boss".parse::<OrgRole>().is_err());
        let reason: AddReason = "theatre:long:review".parse().unwrap();
        assert_eq!((reason.kind, reason.follow_up), (ExceptionKind::Long, FollowUp::Review));
        assert!("theatre:short".parse::<AddReason>().is_ok());
        for wrong in ["theatre", "theatre:middling", "theatre:short:dance", ":short"] {
            assert!(wrong.parse::<AddReason>().is_err(), "{wrong}");
        }
    }
}
