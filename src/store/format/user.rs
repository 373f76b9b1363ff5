//! The line of a user as mfactl writes it, taken apart where it lies. Of a million users
//! nearly all are an account with memberships and an enrolment: these are read here, which
//! takes a fraction of the time of a JSON library. Everything else that a line may say, and
//! every other form of it, is for the library, which also says what is wrong with a line.

use std::collections::BTreeMap;

use crate::domain::ids::Login;
use crate::domain::model::{
    Enrolment, EnrolmentStatus, Membership, Memberships, Method, Role, SetBy, SignIn, Switch, User,
};
use crate::domain::time::Time;
use crate::error::Result;

use super::keyed_lines;
use super::keyed_lines::BadLine;
use super::keyed_lines::parse_line;
use super::skim::Skim;

/// A line of a shard of users.
pub struct Line<'a> {
    path: &'a str,
    token: &'a str,
    value: &'a str,
    known: Option<UserLine<'a>>,
}

/// What most lines of users say, and nothing else.
pub struct UserLine<'a> {
    id: &'a str,
    name: Option<&'a str>,
    email: Option<&'a str>,
    sign_in: SignIn,
    provider: Option<&'a str>,
    active: bool,
    mfa: Switch,
    mfa_set_by: Option<Set<'a>>,
    /// One after the other, as they are written.
    memberships: &'a str,
    first_at: Option<&'a str>,
    current: Option<Current<'a>>,
}

struct Set<'a> {
    by: &'a str,
    at: &'a str,
    requested_by: Option<&'a str>,
}

struct Current<'a> {
    method: &'a str,
    since: &'a str,
}

/// One membership.
struct Member<'a> {
    org: &'a str,
    role: Role,
    joined_at: &'a str,
    first_joined_at: Option<&'a str>,
}

impl<'a> Line<'a> {
    /// The first line of a body, where it is in the form that is known, and how long it
    /// is with its end (bytes): it need not be looked for.
    pub(crate) fn first_known(path: &'a str, body: &'a str) -> Option<(Line<'a>, usize)> {
        let mut skim = Skim::new(body);
        skim.string()?;
        let token = &body[..skim.at()];
        skim.pass(b": ")?;
        let start = skim.at();
        let known = UserLine::skim(&mut skim)?;
        let value = &body[start..skim.at()];
        skim.pass(b"\n")?;
        Some((Line { path, token, value, known: Some(known) }, skim.at()))
    }

    /// Takes a line apart, which is without its end.
    pub(crate) fn of(path: &'a str, line: &'a str) -> std::result::Result<Line<'a>, BadLine> {
        let (token, value) = keyed_lines::take_apart(line)?;
        Ok(Line { path, token, value, known: UserLine::read(value) })
    }

    /// What it says, where that is what most lines say.
    pub fn known(&self) -> Option<&UserLine<'a>> {
        self.known.as_ref()
    }

    /// Whose it is.
    ///
    /// # Errors
    /// Damaged (7).
    pub fn login(&self) -> Result<Login> {
        match Skim::new(self.token).string().and_then(|login| login.parse().ok()) {
            Some(login) => Ok(login),
            None => parse_line(self.path, self.token, self.token),
        }
    }

    /// The user.
    ///
    /// # Errors
    /// Damaged (7).
    pub fn user(&self) -> Result<User> {
        self.whole(self.known().and_then(UserLine::user))
    }

    /// The user as decisions see it: mostly without name, e-mail address and who set the
    /// switch.
    ///
    /// # Errors
    /// Damaged (7).
    pub fn unnamed(&self) -> Result<User> {
        self.whole(self.known().and_then(UserLine::unnamed))
    }

    fn whole(&self, known: Option<User>) -> Result<User> {
        match known {
            Some(user) => Ok(user),
            None => parse_line(self.path, self.login()?.as_str(), self.value),
        }
    }
}

impl<'a> UserLine<'a> {
    /// Reads what stands after the login; `None` says nothing about it.
    pub fn read(value: &'a str) -> Option<UserLine<'a>> {
        let mut skim = Skim::new(value);
        let line = UserLine::skim(&mut skim)?;
        (skim.at() == value.len()).then_some(line)
    }

    /// Passes what stands after the login, or in the log.
    pub(crate) fn skim(skim: &mut Skim<'a>) -> Option<UserLine<'a>> {
        skim.pass(b"{\"id\":")?;
        let id = skim.string()?;
        let name = skim.string_after(b",\"name\":")?;
        let email = skim.string_after(b",\"email\":")?;
        skim.pass(b",\"sign_in\":\"")?;
        let sign_in = match () {
            () if skim.passes(b"password\"") => SignIn::Password,
            () if skim.passes(b"sso\"") => SignIn::Sso,
            () => return None,
        };
        let provider = skim.string_after(b",\"provider\":")?;
        skim.pass(b",\"active\":")?;
        let active = match () {
            () if skim.passes(b"true") => true,
            () if skim.passes(b"false") => false,
            () => return None,
        };
        skim.pass(b",\"mfa\":\"")?;
        let mfa = match () {
            () if skim.passes(b"on\"") => Switch::On,
            () if skim.passes(b"off\"") => Switch::Off,
            () => return None,
        };
        let mfa_set_by =
            if skim.passes(b",\"mfa_set_by\":") { Some(Set::skim(skim)?) } else { None };
        skim.pass(b",\"memberships\":{")?;
        let memberships = skim_memberships(skim)?;
        let (first_at, current) = skim_enrolment(skim)?;
        skim.pass(b"}")?;
        Some(UserLine {
            id,
            name,
            email,
            sign_in,
            provider,
            active,
            mfa,
            mfa_set_by,
            memberships,
            first_at,
            current,
        })
    }

    /// Whether the account is active.
    pub fn is_active(&self) -> bool {
        self.active
    }

    /// How the account signs in.
    pub fn sign_in(&self) -> SignIn {
        self.sign_in
    }

    /// The switch.
    pub fn mfa(&self) -> Switch {
        self.mfa
    }

    /// How far the enrolment is.
    pub fn enrolment(&self) -> EnrolmentStatus {
        match self.current {
            Some(_) => EnrolmentStatus::Enrolled,
            None => EnrolmentStatus::None,
        }
    }

    /// The user; `None` where something in the line is not what it should be.
    pub(crate) fn user(&self) -> Option<User> {
        Some(User {
            name: self.name.map(str::parse).transpose().ok()?,
            email: self.email.map(str::parse).transpose().ok()?,
            mfa_set_by: self.mfa_set_by.as_ref().map_or(Some(None), |set| set.read().map(Some))?,
            ..self.unnamed()?
        })
    }

    /// The user without name, e-mail address and who set the switch.
    pub(crate) fn unnamed(&self) -> Option<User> {
        Some(User {
            id: self.id.parse().ok()?,
            name: None,
            email: None,
            sign_in: self.sign_in,
            provider: self.provider.map(str::parse).transpose().ok()?,
            active: self.active,
            mfa: self.mfa,
            mfa_set_by: None,
            unlocks: 0,
            memberships: self.all_memberships()?,
            left: BTreeMap::new(),
            enrolment: self.read_enrolment()?,
            last_exception: 0,
            exceptions: BTreeMap::new(),
        })
    }

    /// Makes `user` one to whom the account says the same about a second factor; who it is
    /// and its memberships stay. `None` where something in the line is not what it should be.
    pub fn account_into(&self, user: &mut User) -> Option<()> {
        user.enrolment = self.read_enrolment()?;
        (user.active, user.mfa, user.sign_in) = (self.active, self.mfa, self.sign_in);
        Some(())
    }

    fn read_enrolment(&self) -> Option<Enrolment> {
        Some(Enrolment {
            first_at: self.first_at.map(Time::parse_rfc3339).transpose().ok()?,
            current: self.current.as_ref().map_or(Some(None), |own| own.read().map(Some))?,
            pending: None,
            exports: Vec::new(),
        })
    }

    /// The memberships, by the name of the org; `None` where one is not what it should be.
    pub fn memberships(&self) -> impl Iterator<Item = Option<(&'a str, Membership)>> + use<'a> {
        let mut skim = Skim::new(self.memberships);
        std::iter::from_fn(move || {
            if skim.rest().is_empty() {
                return None;
            }
            let member = Member::skim(&mut skim);
            let _ = skim.passes(b",");
            Some(member.and_then(|member| Some((member.org, member.read()?))))
        })
    }

    fn all_memberships(&self) -> Option<Memberships> {
        let mut memberships = BTreeMap::new();
        for membership in self.memberships() {
            let (org, membership) = membership?;
            // A second entry of an org is damage, of which the library tells.
            if memberships.insert(org.parse().ok()?, membership).is_some() {
                return None;
            }
        }
        Some(memberships.into())
    }
}

impl<'a> Set<'a> {
    fn skim(skim: &mut Skim<'a>) -> Option<Set<'a>> {
        skim.pass(b"{\"by\":")?;
        let by = skim.string()?;
        skim.pass(b",\"at\":")?;
        let at = skim.string()?;
        let requested_by = skim.string_after(b",\"requested_by\":")?;
        skim.pass(b"}")?;
        Some(Set { by, at, requested_by })
    }

    fn read(&self) -> Option<SetBy> {
        Some(SetBy {
            by: self.by.to_owned(),
            at: Time::parse_rfc3339(self.at).ok()?,
            requested_by: self.requested_by.map(str::parse).transpose().ok()?,
        })
    }
}

impl Current<'_> {
    fn read(&self) -> Option<Method> {
        Some(Method {
            method: self.method.parse().ok()?,
            since: Time::parse_rfc3339(self.since).ok()?,
        })
    }
}

impl<'a> Member<'a> {
    fn skim(skim: &mut Skim<'a>) -> Option<Member<'a>> {
        let org = skim.string()?;
        skim.pass(b":{\"role\":\"")?;
        let role = match () {
            () if skim.passes(b"member\"") => Role::Member,
            () if skim.passes(b"helpdesk\"") => Role::Helpdesk,
            () if skim.passes(b"admin\"") => Role::Admin,
            () => return None,
        };
        skim.pass(b",\"joined_at\":")?;
        let joined_at = skim.string()?;
        let first_joined_at = skim.string_after(b",\"first_joined_at\":")?;
        skim.pass(b"}")?;
        Some(Member { org, role, joined_at, first_joined_at })
    }

    fn read(&self) -> Option<Membership> {
        Some(Membership {
            role: self.role,
            joined_at: Time::parse_rfc3339(self.joined_at).ok()?,
            first_joined_at: self.first_joined_at.map(Time::parse_rfc3339).transpose().ok()?,
            opt_out: None,
        })
    }
}

/// Passes memberships and the bracket that closes them.
fn skim_memberships<'a>(skim: &mut Skim<'a>) -> Option<&'a str> {
    let all = skim.rest();
    let start = skim.at();
    if skim.passes(b"}") {
        return Some("");
    }
    loop {
        Member::skim(skim)?;
        if skim.passes(b"}") {
            return all.get(..skim.at() - 1 - start);
        }
        skim.pass(b",")?;
    }
}

/// Passes the enrolment, if there is one.
#[allow(clippy::type_complexity, reason = "two fields of one line")]
fn skim_enrolment<'a>(skim: &mut Skim<'a>) -> Option<(Option<&'a str>, Option<Current<'a>>)> {
    if !skim.passes(b",\"enrolment\":{") {
        return Some((None, None));
    }
    skim.pass(b"\"first_at\":")?;
    let first_at = skim.string()?;
    let mut current = None;
    if skim.passes(b",\"current\":{\"method\":") {
        let method = skim.string()?;
        skim.pass(b",\"since\":")?;
        current = Some(Current { method, since: skim.string()? });
        skim.pass(b"}")?;
    }
    skim.pass(b"}")?;
    Some((Some(first_at), current))
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    /// A line with everything that is read here.
    const LINE: &str = concat!(
        r#"{"id":"u-alice","name":"Álice","email":"alice@acme.example","sign_in":"password","#,
        r#""provider":"idp","active":true,"mfa":"on","mfa_set_by":{"by":"root","#,
        r#""at":"2026-01-02T00:00:00Z","requested_by":"Bob"},"memberships":{"acme":"#,
        r#"{"role":"admin","joined_at":"2026-01-03T00:00:00Z","first_joined_at":"#,
        r#""2026-01-01T00:00:00Z"},"globex":{"role":"member","joined_at":"#,
        r#""2026-01-04T00:00:00Z"}},"enrolment":{"first_at":"2026-01-05T00:00:00Z","#,
        r#""current":{"method":"external:app","since":"2026-01-06T00:00:00Z"}}}"#,
    );

    fn slow(line: &str) -> Option<User> {
        serde_json::from_str(line).ok()
    }

    #[test]
    fn what_is_written_is_read_without_the_library() {
        let whole = slow(LINE).unwrap();
        assert_eq!(serde_json::to_string(&whole).unwrap(), LINE);
        let read = UserLine::read(LINE).unwrap();
        assert_eq!(read.user(), Some(whole.clone()));
        assert_eq!(read.enrolment(), whole.enrolment.status());
        let unnamed = User { name: None, email: None, mfa_set_by: None, ..whole };
        assert_eq!(read.unnamed(), Some(unnamed));
        let nothing = r#"{"id":"u-1","sign_in":"sso","active":false,"mfa":"off","memberships":{}}"#;
        assert_eq!(UserLine::read(nothing).and_then(|line| line.user()), slow(nothing));
        assert!(slow(nothing).is_some());
    }

    proptest! {
        #[test]
        fn whatever_is_read_is_what_the_library_reads(
            cuts in prop::collection::vec((0.0..1.0, 0_usize..3, "[{},:\"a0-]{0,2}"), 0..3),
        ) {
            let mut line = LINE.to_owned();
            for (at, cut, put) in cuts {
                let at = (line.len() as f64 * at) as usize;
                let end = (at + cut).min(line.len());
                if line.is_char_boundary(at) && line.is_char_boundary(end) {
                    line.replace_range(at..end, &put);
                }
            }
            if let Some(user) = UserLine::read(&line).and_then(|line| line.user()) {
                prop_assert_eq!(Some(user), slow(&line), "{}", line);
            }
        }
    }

    #[test]
    fn what_else_a_line_can_say_is_for_the_library() {
        for (was, is) in [
            ("\"id\":", "\"size\":1,\"id\":"),
            ("\"id\":\"u-alice\"", "\"id\":\"-\""),
            ("\"email\":\"alice@", "\"email\":\"alice"),
            ("\"globex\":", "\"acme\":"),
            ("\"active\":true", "\"active\":1"),
            ("\"active\":true", "\"active\": true"),
            ("\"memberships\":", "\"unlocks\":3,\"memberships\":"),
            ("Álice", "\\u00c1lice"),
            ("Álice", ""),
            ("}}", "}},\"left\":{\"initech\":\"2026-01-01T00:00:00Z\"}"),
        ] {
            assert!(LINE.contains(was), "{was}");
            let other = LINE.replacen(was, is, 1);
            assert!(UserLine::read(&other).and_then(|line| line.user()).is_none(), "{other}");
        }
        assert!(UserLine::read(&(LINE.to_owned() + " ")).is_none());
    }
}
