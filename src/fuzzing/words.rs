//! Words that are typed or stand in cells and files, and the configuration.

use std::fmt::{Debug, Display};
use std::str::FromStr;

use crate::cli::sheet::ColumnMap;
use crate::cli::value;
use crate::domain::ids::{
    Email, ExceptionId, Login, OrgId, Provider, Service, Text, UserId, UserRef,
};
use crate::domain::model::{MethodKind, OperatorRole, Role};
use crate::domain::time::{Span, Time};
use crate::env::Config;
use crate::report::format::escape::{protected, unprotected};
use crate::report::format::text;
use crate::secret::label::{Account, Issuer};
use crate::secret::material::Secret;
use crate::secret::parameters::Parameters;
use crate::secret::recovery::RecoveryCode;
use crate::secret::ring::KeyRing;
use crate::secret::seal::Sealed;
use crate::secret::typed::Typed;

/// A configuration.
pub(super) fn config(data: &[u8]) {
    let path = std::path::Path::new("/etc/mfactl/config.toml");
    if let Err(error) = Config::parse(data, path) {
        assert!(!error.message.contains('\n'), "one line says what is wrong");
    }
}

/// One word as everything that a word can be, and the file of sealing keys.
pub(super) fn words(data: &[u8]) {
    if let Ok(ring) = KeyRing::parse(data) {
        let again = KeyRing::parse(ring.to_text().reveal().as_bytes());
        let ids = |ring: &KeyRing| ring.keys().map(|key| key.id().clone()).collect::<Vec<_>>();
        assert_eq!(again.ok().as_ref().map(ids), Some(ids(&ring)), "what is written is read");
    }
    let Ok(word) = std::str::from_utf8(data) else { return };
    shown::<Login>(word);
    shown::<UserId>(word);
    shown::<OrgId>(word);
    shown::<Email>(word);
    shown::<Text>(word);
    shown::<Provider>(word);
    shown::<Service>(word);
    shown::<UserRef>(word);
    shown::<ExceptionId>(word);
    shown::<Span>(word);
    shown::<Sealed>(word);
    shown::<OperatorRole>(word);
    let _ = (word.parse::<Role>(), word.parse::<MethodKind>(), word.parse::<Parameters>());
    let _ = (word.parse::<value::Where>(), word.parse::<value::OrgRole>());
    let _ = (word.parse::<value::AddReason>(), word.parse::<value::HeadHash>());
    let _ = (word.parse::<ColumnMap>(), word.parse::<value::AtArg>());
    times(word);
    secrets(word);
    assert_eq!(unprotected(&protected(word)), word, "what is protected comes back");
    for columns in [1, 7, 80] {
        assert!(text::width(&text::cut(word, columns)) <= columns.max(1), "cut to {columns}");
        let _ = (text::wrap(word, Some(columns)), text::cut_names(word, columns));
    }
    assert_eq!(text::safe(&text::safe(word)), text::safe(word), "what is safe stays");
}

/// What is read is shown in words that are read as the same.
fn shown<T: FromStr<Err: Debug> + Display + PartialEq + Debug>(word: &str) {
    let Ok(read) = word.parse::<T>() else { return };
    let shown = read.to_string();
    assert_eq!(shown.parse::<T>().expect("what is shown is read"), read, "{word:?} as {shown:?}");
}

fn times(word: &str) {
    let now = Time::from_unix(1_800_000_015);
    for read in [Time::parse_rfc3339(word), Time::parse_date(word), Time::parse(word, now)] {
        let Ok(read) = read else { continue };
        assert_eq!(Time::parse_rfc3339(&read.to_string()), Ok(read), "{word:?}");
    }
    if let (Ok(day), Ok(end)) = (Time::parse_date(word), Time::parse_end_date(word)) {
        assert!(end > day || day == Time::MAX, "{word:?} includes the day");
    }
    let resolved = [
        word.parse::<value::When>().map(|when| when.resolve(now)),
        word.parse::<value::End>().map(|end| end.resolve(now)),
    ];
    for at in resolved.into_iter().flatten() {
        let _ = (at.to_string(), at.since(now).words());
    }
    let _ = word.parse::<value::During>();
}

fn secrets(word: &str) {
    for read in [Secret::from_base32(word), Secret::from_base32_of_pam(word)] {
        let Ok(read) = read else { continue };
        let again = Secret::from_base32(read.base32().reveal());
        assert_eq!(again.as_ref(), Ok(&read));
        assert_eq!(Secret::from_base32(read.base32_grouped().reveal()), Ok(read));
    }
    let typed = Typed::parse(word);
    match &typed {
        Typed::Totp(code) => assert_eq!(Typed::parse(code.reveal()), typed),
        Typed::Recovery(_) => assert!(RecoveryCode::parse(word.trim()).is_some()),
        Typed::Neither => {}
    }
    assert_eq!(Typed::parse(&format!(" {word}\u{a0}")), typed, "blanks around a code are nothing");
    for issuer in [Issuer::parse(word).ok(), Issuer::of_foreign(word)].into_iter().flatten() {
        assert_eq!(Issuer::parse(issuer.as_str()).as_ref(), Ok(&issuer));
        assert!(issuer.is_same(&issuer));
    }
    if let Ok(account) = Account::parse(word) {
        assert_eq!(Account::parse(account.as_str()), Ok(account));
    }
}
