//! Names as types: input from outside (arguments, CSV, YAML) is checked once, here. A clone
//! shares the text.

use std::borrow::Cow;
use std::fmt;
use std::marker::PhantomData;
use std::sync::Arc;

use serde::{Deserialize, Deserializer, Serialize, Serializer};

/// Why a text is no such name: what was given, and what was expected.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct NameError(pub String);

impl fmt::Display for NameError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

impl std::error::Error for NameError {}

/// A borrowed text that is a valid name of type `N`: a large import checks all before it copies.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Checked<'a, N> {
    text: Cow<'a, str>,
    of: PhantomData<N>,
}

impl<N> Checked<'_, N> {
    /// The checked text, as the name has it.
    pub fn as_str(&self) -> &str {
        &self.text
    }
}

macro_rules! name_type {
    ($(#[$doc:meta])* $name:ident, $check:expr) => {
        $(#[$doc])*
        #[derive(Clone, PartialEq, Eq, PartialOrd, Ord, Hash)]
        pub struct $name(Arc<str>);

        impl $name {
            /// Checks `text` and takes it.
            ///
            /// # Errors
            /// Says what was given and what was expected.
            pub fn parse(text: &str) -> Result<$name, NameError> {
                $name::check(text).map($name::from)
            }

            /// Checks `text` and leaves it where it is.
            ///
            /// # Errors
            /// As `parse`.
            pub fn check(text: &str) -> Result<Checked<'_, $name>, NameError> {
                let check: fn(&str) -> Result<Cow<'_, str>, NameError> = $check;
                check(text).map(|text| Checked { text, of: PhantomData })
            }

            /// The checked text.
            pub fn as_str(&self) -> &str {
                &self.0
            }
        }

        impl From<Checked<'_, $name>> for $name {
            fn from(checked: Checked<'_, $name>) -> $name {
                $name(checked.text.into())
            }
        }

        impl fmt::Display for $name {
            fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.pad(&self.0)
            }
        }

        impl fmt::Debug for $name {
            fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                fmt::Debug::fmt(&self.0, f)
            }
        }

        impl std::str::FromStr for $name {
            type Err = NameError;
            fn from_str(text: &str) -> Result<$name, NameError> {
                $name::parse(text)
            }
        }

        impl AsRef<str> for $name {
            fn as_ref(&self) -> &str {
                &self.0
            }
        }

        impl std::borrow::Borrow<str> for $name {
            fn borrow(&self) -> &str {
                &self.0
            }
        }

        impl Serialize for $name {
            fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
                serializer.serialize_str(&self.0)
            }
        }

        impl<'de> Deserialize<'de> for $name {
            fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<$name, D::Error> {
                super::from_text::deserialize(deserializer)
            }
        }
    };
}

name_type!(
    /// A login: lower-case ASCII, `[a-z0-9][a-z0-9._+@'-]{0,127}`. Capitals are
    /// lowered on the way in: logins that differ only in case are one login.
    Login,
    |text| {
        let lowered = lowered(text);
        let tail = |b: u8| b.is_ascii_lowercase() || b.is_ascii_digit() || b"._+@'-".contains(&b);
        spelled(&lowered, 128, tail)
            .then_some(lowered)
            .ok_or_else(|| wrong("login", text, "up to 128 of a-z 0-9 . _ + @ ' - beginning with a letter or digit"))
    }
);

name_type!(
    /// The id of an organisation: `[a-z0-9][a-z0-9-]{0,62}`; it names a file.
    OrgId,
    |text| {
        OrgId::fits(text)
            .then(|| text.into())
            .ok_or_else(|| wrong("org", text, "up to 63 of a-z 0-9 - beginning with a letter or digit"))
    }
);

impl OrgId {
    /// Whether `text` is the id of an org.
    pub fn fits(text: &str) -> bool {
        dashed(text, 63)
    }
}

name_type!(
    /// The stable id of a user (R5): `[A-Za-z0-9][A-Za-z0-9._-]{0,63}`, case counts.
    UserId,
    |text| {
        let tail = |b: u8| b.is_ascii_alphanumeric() || b"._-".contains(&b);
        spelled(text, 64, tail)
            .then(|| text.into())
            .ok_or_else(|| wrong("user id", text, "up to 64 of A-Z a-z 0-9 . _ - beginning with a letter or digit"))
    }
);

name_type!(
    /// The name of an operator of mfactl: `[a-z0-9][a-z0-9._-]{0,62}`.
    OperatorName,
    |text| {
        let tail = |b: u8| b.is_ascii_lowercase() || b.is_ascii_digit() || b"._-".contains(&b);
        spelled(text, 63, tail)
            .then(|| text.into())
            .ok_or_else(|| wrong("operator", text, "up to 63 of a-z 0-9 . _ - beginning with a letter or digit"))
    }
);

name_type!(
    /// A user of the operating system: a name of up to 64 printable ASCII characters without
    /// blanks, `:` and `/`, or `uid:N` for a user without a name.
    OsUser,
    |text| {
        let number = text.strip_prefix("uid:").filter(|number| !number.starts_with('+'));
        if number.is_some_and(|number| number.parse::<u32>().is_ok()) {
            return Ok(text.into());
        }
        let fits = !text.is_empty()
            && text.len() <= 64
            && !text.starts_with('-')
            && text.bytes().all(|b| b.is_ascii_graphic() && !b":/,".contains(&b));
        fits.then(|| text.into())
            .ok_or_else(|| wrong("OS user", text, "a name as in passwd(5), up to 64 characters, or uid:N"))
    }
);

name_type!(
    /// A service of an org that an exception may be limited to (R17): `[a-z0-9][a-z0-9-]{0,62}`.
    Service,
    |text| {
        dashed(text, 63)
            .then(|| text.into())
            .ok_or_else(|| wrong("service", text, "up to 63 of a-z 0-9 - beginning with a letter or digit"))
    }
);

name_type!(
    /// The code of a reason for an exception (R13, R15): `[a-z0-9][a-z0-9-]{0,62}`.
    ReasonCode,
    |text| {
        dashed(text, 63)
            .then(|| text.into())
            .ok_or_else(|| wrong("reason code", text, "up to 63 of a-z 0-9 - beginning with a letter or digit"))
    }
);

name_type!(
    /// An identity provider or an external method: `[a-z0-9][a-z0-9._-]{0,62}`.
    Provider,
    |text| {
        let tail = |b: u8| b.is_ascii_lowercase() || b.is_ascii_digit() || b"._-".contains(&b);
        spelled(text, 63, tail)
            .then(|| text.into())
            .ok_or_else(|| wrong("provider", text, "up to 63 of a-z 0-9 . _ - beginning with a letter or digit"))
    }
);

name_type!(
    /// An e-mail address: something on both sides of one `@`, no blanks or
    /// control characters, at most 254 bytes (RFC 5321 §4.5.3.1.3). Kept as
    /// given; two that differ only in case are one address ([`Email::key`]).
    Email,
    |text| {
        let sides = text.split_once('@');
        let fits = text.len() <= 254
            && sides.is_some_and(|(local, domain)| {
                !local.is_empty() && !domain.is_empty() && !domain.contains('@')
            })
            && (text.bytes().all(|b| b.is_ascii_graphic())
                || text.chars().all(|c| allowed(c) && !c.is_whitespace()));
        fits.then(|| text.into())
            .ok_or_else(|| wrong("e-mail address", text, "local@domain without blanks, up to 254 bytes"))
    }
);

impl Email {
    /// The form in which two addresses are compared: lower case.
    pub fn key(&self) -> Arc<str> {
        match Email::lowered(&self.0) {
            Cow::Borrowed(_) => Arc::clone(&self.0),
            Cow::Owned(lowered) => lowered.into(),
        }
    }

    /// The text of an address in that form; no copy where it is so already.
    pub fn lowered(text: &str) -> Cow<'_, str> {
        // Looked at as a whole: that is quicker than to stop at the first.
        let is_lower = |b: u8| b.is_ascii() && !b.is_ascii_uppercase();
        if text.bytes().fold(true, |all, b| all & is_lower(b)) {
            text.into()
        } else {
            text.to_lowercase().into()
        }
    }
}

name_type!(
    /// A name, note, message or ticket in words: 1 to 1,000 characters of Unicode without
    /// control, bidirectional, line or paragraph separator characters and noncharacters.
    Text,
    |text| {
        if (1..=1_000).contains(&text.len()) && text.bytes().all(|b| matches!(b, b' '..=b'~')) {
            return Ok(text.into());
        }
        if text.is_empty() || text.chars().count() > 1_000 {
            return Err(wrong("text", text, "1 to 1,000 characters"));
        }
        match text.chars().find(|c| !allowed(*c)) {
            None => Ok(text.into()),
            Some(bad) => Err(NameError(format!(
                "the text has the character U+{:04X}, which is not allowed: no control, bidirectional or line separator characters",
                u32::from(bad)
            ))),
        }
    }
);

name_type!(
    /// The SHA-256 of a file handed in as evidence (64 hex digits), or a URL to it.
    Evidence,
    |text| {
        let digest = text.len() == 64 && text.bytes().all(|b| b.is_ascii_digit() || (b'a'..=b'f').contains(&b));
        let url = ["https://", "http://"].iter().any(|scheme| {
            text.strip_prefix(scheme).is_some_and(|rest| !rest.is_empty())
        }) && text.len() <= 1_000
            && text.chars().all(|c| allowed(c) && !c.is_whitespace());
        (digest || url)
            .then(|| text.into())
            .ok_or_else(|| wrong("evidence", text, "a file that can be read, or a URL with https://"))
    }
);

impl Evidence {
    /// Whether it is a URL, and no file that the state keeps.
    pub fn is_url(&self) -> bool {
        self.0.contains("://")
    }
}

name_type!(
    /// The name of a file that was handed in, without its folder: 1 to 255 bytes of Unicode
    /// that fits in a table, no `/`, neither `.` nor `..`.
    FileName,
    |text| {
        let fits = (1..=FileName::LONGEST).contains(&text.len())
            && ![".", ".."].contains(&text)
            && text.chars().all(|c| allowed(c) && c != '/');
        fits.then(|| text.into())
            .ok_or_else(|| wrong("file name", text, "1 to 255 bytes without / and control characters"))
    }
);

impl FileName {
    /// The longest file name (`NAME_MAX` of Linux, bytes).
    pub const LONGEST: usize = 255;

    /// The name of the file at `path`; what cannot be kept of it (control characters, bytes
    /// that are not UTF-8) is replaced.
    pub fn of(path: &std::path::Path) -> FileName {
        let name = path.file_name().unwrap_or_default().to_string_lossy();
        let kept: String = name.chars().map(|c| if allowed(c) { c } else { '_' }).collect();
        let end = (0..=FileName::LONGEST).rev().find(|at| kept.is_char_boundary(*at));
        let kept = &kept[..end.unwrap_or_default().min(kept.len())];
        FileName::parse(kept).unwrap_or_else(|_| FileName("evidence".into()))
    }

    /// A name under which it can be written into any folder: not hidden, so that nobody hands
    /// in a shell's start-up file, and not taken for an option by a command.
    pub fn to_write(&self) -> String {
        match self.0.strip_prefix(['.', '-', '~']) {
            Some(rest) => format!("_{rest}"),
            None => self.0.to_string(),
        }
    }
}

fn wrong(what: &str, text: &str, expected: &str) -> NameError {
    NameError(format!("{} is no {what}: expected {expected}", quoted(text)))
}

/// What stands for a text that is not shown.
pub const NOT_SHOWN: &str = "(not shown: it may be a key)";

/// A text from outside for a message, cut where it is long. What may be a key is not shown:
/// the cells of a table of secrets can stand in wrong columns.
pub fn quoted(text: &str) -> String {
    if may_be_key(text) {
        return NOT_SHOWN.to_owned();
    }
    let mut shown: String = text.chars().take(60).collect();
    if shown.len() < text.len() {
        shown.push('…');
    }
    format!("{shown:?}")
}

/// Whether a text could be, or hold, the key of a token: base32 or hexadecimal of 80 bits or
/// more, in groups or not, or a URI with one.
pub fn may_be_key(text: &str) -> bool {
    let lower = text.to_ascii_lowercase();
    if lower.contains("otpauth") || lower.contains("secret=") {
        return true;
    }
    let whole: String = text.chars().filter(|c| !c.is_whitespace() && *c != '-').collect();
    let whole = whole.trim_end_matches('=');
    let whole = whole.strip_prefix("0x").unwrap_or(whole);
    let base32 = |text: &str| {
        text.bytes().all(|b| matches!(b.to_ascii_uppercase(), b'A'..=b'Z' | b'2'..=b'7'))
    };
    let hex = |text: &str| {
        let decimal = text.bytes().all(|b| b.is_ascii_digit());
        text.bytes().all(|b| b.is_ascii_hexdigit()) && (!decimal || text.len() >= 32)
    };
    // A random key of 16 letters or more has more than a few that differ.
    let varies = |text: &str| text.bytes().collect::<std::collections::BTreeSet<u8>>().len() > 4;
    let long = |text: &str| {
        text.len() >= 16 && varies(text) && (base32(text) || (text.len() >= 20 && hex(text)))
    };
    // Within other text, long words are words.
    let is_word = |run: &str| {
        run.bytes().all(|b| b.is_ascii_alphabetic()) && run.bytes().any(|b| b.is_ascii_lowercase())
    };
    let mut runs = text.split(|c: char| !c.is_ascii_alphanumeric());
    long(whole) || runs.any(|run| long(run) && !is_word(run))
}

/// The text in lower-case ASCII letters; no copy where it is so already.
fn lowered(text: &str) -> Cow<'_, str> {
    if text.bytes().any(|b| b.is_ascii_uppercase()) {
        text.to_ascii_lowercase().into()
    } else {
        text.into()
    }
}

fn spelled(text: &str, longest: usize, tail: impl Fn(u8) -> bool) -> bool {
    let mut bytes = text.bytes();
    text.len() <= longest
        && bytes.next().is_some_and(|first| first.is_ascii_alphanumeric() && tail(first))
        && bytes.all(tail)
}

fn dashed(text: &str, longest: usize) -> bool {
    spelled(text, longest, |b| b.is_ascii_lowercase() || b.is_ascii_digit() || b == b'-')
}

/// Whether a character is safe in a table: no control (C0, C1, DEL), no bidirectional control
/// (UAX #9), no line or paragraph separator, no noncharacter.
pub fn allowed(c: char) -> bool {
    let code = u32::from(c);
    !(c.is_control()
        || matches!(c, '\u{61C}' | '\u{200E}' | '\u{200F}' | '\u{202A}'..='\u{202E}' | '\u{2066}'..='\u{2069}')
        || matches!(c, '\u{2028}' | '\u{2029}' | '\u{FEFF}')
        || code & 0xFFFE == 0xFFFE
        || (0xFDD0..=0xFDEF).contains(&code))
}

/// How a user is addressed (R5): by login, `id:ID` or `mail:ADDRESS`.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum UserRef {
    /// The login itself.
    Login(Login),
    /// `id:ID`.
    Id(UserId),
    /// `mail:ADDRESS`, compared without regard to case.
    Mail(Email),
}

impl std::str::FromStr for UserRef {
    type Err = NameError;

    fn from_str(text: &str) -> Result<UserRef, NameError> {
        if let Some(id) = text.strip_prefix("id:") {
            return UserId::parse(id).map(UserRef::Id);
        }
        if let Some(mail) = text.strip_prefix("mail:") {
            return Email::parse(mail).map(UserRef::Mail);
        }
        Login::parse(text).map(UserRef::Login)
    }
}

impl fmt::Display for UserRef {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            UserRef::Login(login) => write!(f, "{login}"),
            UserRef::Id(id) => write!(f, "id:{id}"),
            UserRef::Mail(mail) => write!(f, "mail:{mail}"),
        }
    }
}

/// An exception's name: its user and its number for that user, `alice#3`.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub struct ExceptionId {
    /// Whose exception it is.
    pub login: Login,
    /// Counted from 1 for each user.
    pub number: u32,
}

impl fmt::Display for ExceptionId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}#{}", self.login, self.number)
    }
}

impl std::str::FromStr for ExceptionId {
    type Err = NameError;

    fn from_str(text: &str) -> Result<ExceptionId, NameError> {
        let expected = || wrong("exception", text, "USER#N, as in alice#3");
        let (login, number) = text.rsplit_once('#').ok_or_else(expected)?;
        let number = number.parse::<u32>().ok().filter(|n| *n > 0).ok_or_else(expected)?;
        Ok(ExceptionId { login: Login::parse(login)?, number })
    }
}

impl Serialize for ExceptionId {
    fn serialize<S: serde::Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.collect_str(self)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn logins_are_lowered_and_checked() {
        assert_eq!(Login::parse("Alice.Jones").unwrap().as_str(), "alice.jones");
        for fine in ["a", "0", "s.o'brien", "night+rota@st-marys.example", &"a".repeat(128)] {
            assert!(Login::parse(fine).is_ok(), "{fine}");
        }
        for wrong in
            ["", ".a", "-a", "a/b", "../a", "a b", "a\n", "é", "a\0", "@a", &"a".repeat(129), "'"]
        {
            assert!(Login::parse(wrong).is_err(), "{wrong:?}");
        }
    }

    #[test]
    fn os_users_have_a_name_or_a_number() {
        for fine in ["root", "svc_mfa", "uid:0", "uid:54321"] {
            assert!(OsUser::parse(fine).is_ok(), "{fine}");
        }
        for wrong in ["", "a:b", "uid:", "uid:x", "uid:-1", "uid:+1", "uid:4294967296", "a/b"] {
            assert!(OsUser::parse(wrong).is_err(), "{wrong}");
        }
    }

    #[test]
    fn org_ids_name_files() {
        assert!(OrgId::parse("st-marys").is_ok());
        for wrong in ["", "-a", "A", "a/b", "..", ".", "a.b", &"a".repeat(64)] {
            assert!(OrgId::parse(wrong).is_err(), "{wrong:?}");
        }
    }

    #[test]
    fn texts_refuse_what_would_garble_a_table() {
        assert!(Text::parse("Siân Llŷr — ward 7, “nights”").is_ok());
        for wrong in
            ["", "a\nb", "a\tb", "\u{1b}[31m", "a\u{202e}b", "a\u{2028}b", "a\u{fffe}b", "\u{85}"]
        {
            assert!(Text::parse(wrong).is_err(), "{wrong:?}");
        }
        assert!(Text::parse(&"x".repeat(1_001)).is_err());
    }

    #[test]
    fn what_may_be_a_key_is_not_shown() {
        for key in [
            "GEZDGNBVGY3TQOJQ",
            "gezd gnbv gy3t qojq gezd",
            "JBSWY3DPEHPK3PXPJBSWY3DPEHPK3PXP====",
            "3132333435363738393031323334353637383930",
            "0xdeadbeefdeadbeef00c0ffee",
            "alice;GEZDGNBVGY3TQOJQ;30",
            "otpauth://totp/a?secret=GEZDGNBV",
        ] {
            assert!(may_be_key(key) && quoted(key) == NOT_SHOWN, "{key}");
            assert!(!Email::parse(key).unwrap_err().0.contains("GEZD"), "{key}");
        }
        for name in
            ["alice", "christopher.robinson@st-marys.example", "12345678901234567890", "a b", ""]
        {
            assert_eq!(quoted(name), format!("{name:?}"));
        }
    }

    #[test]
    fn a_file_name_is_never_a_path() {
        use std::ffi::OsStr;
        use std::os::unix::ffi::OsStrExt;
        let of = |bytes: &[u8]| FileName::of(std::path::Path::new(OsStr::from_bytes(bytes)));
        for (given, kept) in [
            (&b"folder/letter 1.pdf"[..], "letter 1.pdf"),
            (b"a\nb\x1b[31m.pdf", "a_b_[31m.pdf"),
            (b"l\xff.pdf", "l\u{fffd}.pdf"),
            (b"..", "evidence"),
            (b"/", "evidence"),
        ] {
            assert_eq!(of(given).as_str(), kept);
        }
        for long in ["é".repeat(200), "x".repeat(300)] {
            let kept = of(long.as_bytes());
            assert!((254..=255).contains(&kept.as_str().len()), "{kept}");
        }
        for wrong in ["", ".", "..", "a/b", "a\nb", "a\u{202e}b", &"x".repeat(256)] {
            assert!(FileName::parse(wrong).is_err(), "{wrong:?}");
        }
        for (name, written) in
            [(".bashrc", "_bashrc"), ("-rf", "_rf"), ("~", "_"), ("a.pdf", "a.pdf")]
        {
            assert_eq!(FileName::parse(name).unwrap().to_write(), written);
        }
    }

    #[test]
    fn addresses_and_references() {
        assert!(Email::parse("Alice@St-Marys.example").is_ok());
        for wrong in ["", "a", "@b", "a@", "a@b@c", "a b@c"] {
            assert!(Email::parse(wrong).is_err(), "{wrong:?}");
        }
        assert!(matches!("id:u_1".parse(), Ok(UserRef::Id(_))));
        assert!(matches!("mail:a@b.example".parse(), Ok(UserRef::Mail(_))));
        assert_eq!("alice#3".parse::<ExceptionId>().unwrap().number, 3);
        for wrong in ["alice", "alice#0", "alice#x", "#1", "alice#"] {
            assert!(wrong.parse::<ExceptionId>().is_err(), "{wrong}");
        }
    }
}
