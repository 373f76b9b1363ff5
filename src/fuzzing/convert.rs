//! The files of other tools.

use crate::convert::{
    ForeignEnrolment, Format, ImportProblems, Imported, LoginMap, Zone, export, import, read,
};
use crate::domain::time::Time;
use crate::secret::label::{Account, Issuer};
use crate::secret::material::Secret;
use crate::secret::parameters::Parameters;
use crate::secret::totp::Totp;

/// In the middle of a step.
fn now() -> Time {
    Time::from_unix(1_800_000_015)
}

/// What opens an encrypted key container: a key of 16 bytes, or a password.
const WORDS: &str = "12345678901234567890123456789012";

pub(super) fn otpauth(data: &[u8]) {
    lines(Format::Otpauth, data);
}

pub(super) fn google_migration(data: &[u8]) {
    lines(Format::GoogleMigration, data);
}

pub(super) fn users_oath(data: &[u8]) {
    lines(Format::UsersOath, data);
    merged(Format::UsersOath, data);
}

pub(super) fn google_authenticator(data: &[u8]) {
    format(Format::GoogleAuthenticator, data, None);
    merged(Format::GoogleAuthenticator, data);
}

pub(super) fn entra_csv(data: &[u8]) {
    format(Format::EntraCsv, data, None);
}

pub(super) fn token_csv(data: &[u8]) {
    format(Format::TokenCsv, data, None);
}

pub(super) fn json(data: &[u8]) {
    format(Format::Json, data, None);
}

pub(super) fn pskc(data: &[u8]) {
    // A password that takes millions of rounds to try takes seconds, as it should.
    let long = data.windows(5).any(|five| five.iter().all(u8::is_ascii_digit));
    let slow = data.windows(9).any(|nine| nine == b"Iteration");
    format(Format::Pskc, data, (!(long && slow)).then_some(WORDS));
}

/// Accounts and the logins that they are mapped to.
pub(super) fn map(data: &[u8]) {
    if let Ok(names) = LoginMap::read(data) {
        assert_eq!(LoginMap::read(data), Ok(names.clone()));
        let _ = names.login(&alice());
    }
}

fn alice() -> ForeignEnrolment {
    ForeignEnrolment {
        issuer: Issuer::parse("St Mary’s").ok(),
        account: Account::parse("alice").ok(),
        totp: Totp {
            secret: Secret::from_bytes(b"12345678901234567890").expect("20 bytes"),
            parameters: Parameters::default(),
        },
        last_step: None,
        also: None,
    }
}

/// All that is read can be said, counted and filtered; and what each format that is written
/// takes of it is read there as the same tokens.
fn format(format: Format, data: &[u8], words: Option<&str>) -> Imported {
    let read = read(format, data, now(), words);
    let _ = read.notes.iter().map(ToString::to_string).collect::<String>();
    said(&read.problems);
    let issuer = read.enrolments.first().and_then(|(_, first)| first.issuer.clone());
    if let Some(issuer) = issuer {
        let (own, others) = read.clone().only(&issuer);
        assert_eq!(own.enrolments.len() + others, read.enrolments.len());
    }
    let whole = read.without_repeats();
    let enrolments: Vec<ForeignEnrolment> =
        whole.enrolments.iter().map(|(_, e)| e.clone()).collect();
    for format in Format::WRITTEN {
        // This one holds a single token.
        let enrolments = match format {
            Format::GoogleAuthenticator => &enrolments[..enrolments.len().min(1)],
            _ => &enrolments[..],
        };
        written(format, enrolments);
    }
    whole
}

/// No message of a problem is empty.
fn said(problems: &ImportProblems) {
    assert!(problems.list.len() <= problems.count);
    assert!(problems.list.iter().all(|note| !note.message.is_empty()));
    let _ = problems.of(std::path::Path::new("file"));
}

/// Writes enrolments in a format and reads them back.
fn written(format: Format, enrolments: &[ForeignEnrolment]) {
    let Ok(exported) = export(format, enrolments, None, now(), Zone::UTC) else { return };
    if exported.written == 0 {
        return;
    }
    let again = read(format, &exported.file, now(), None);
    assert_eq!(again.problems, ImportProblems::default(), "{} is read", format.as_str());
    assert_eq!(again.enrolments.len(), exported.written, "{} holds all", format.as_str());
    for (_, token) in &again.enrolments {
        let same = |own: &ForeignEnrolment| {
            // An export to one file a user does not say whose it is.
            let account = token.account.is_none()
                || own.account.as_ref().map(|account| account.as_str().to_lowercase())
                    == token.account.as_ref().map(|account| account.as_str().to_lowercase());
            own.totp == token.totp && account
        };
        assert!(enrolments.iter().any(same), "{}: {token:?}", format.as_str());
    }
    let back: Vec<ForeignEnrolment> = again.enrolments.into_iter().map(|(_, e)| e).collect();
    let twice = export(format, &back, None, now(), Zone::UTC);
    let twice = twice.map(|twice| read(format, &twice.file, now(), None).enrolments);
    let twice = twice.map(|all| all.into_iter().map(|(_, e)| e).collect::<Vec<_>>());
    assert_eq!(twice, Ok(back), "{}: a second export says the same", format.as_str());
}

/// A format of lines: what is accepted once as one line is accepted twice.
fn lines(of: Format, data: &[u8]) {
    let whole = format(of, data, None);
    let [(_, one)] = &whole.enrolments[..] else { return };
    // A token without a name gets its owner from the command line.
    if whole.problems.count > 0 || one.account.is_none() || data.contains(&b'\n') {
        return;
    }
    // A mark of the encoding belongs to the beginning of a file.
    let bare = data.strip_prefix(b"\xef\xbb\xbf").unwrap_or(data);
    let twice = [data, b"\n", bare, b"\n"].concat();
    let twice = import(of, &twice, now()).expect("a line that is read is read twice");
    assert_eq!(twice.enrolments.len(), 1, "the same token twice is one");
    assert_eq!(&twice.enrolments[0].1, one);
}

/// An export into what another tool wrote: it is read again with everything that was there,
/// and a second export changes nothing.
fn merged(format: Format, data: &[u8]) {
    for last_step in [None, Some(60_000_000)] {
        let own = [ForeignEnrolment { last_step, ..alice() }];
        let Ok(exported) = export(format, &own, Some(data), now(), Zone::UTC) else { continue };
        let again = export(format, &own, Some(&exported.file), now(), Zone::UTC);
        let again = again.expect("what was written is taken");
        // A new .google_authenticator has its lines in the order of the program that makes it.
        let lines = |file: &[u8]| {
            let text = String::from_utf8_lossy(file).into_owned();
            let mut lines: Vec<String> = text.split('\n').map(str::to_owned).collect();
            lines.sort();
            lines
        };
        assert_eq!(lines(&again.file), lines(&exported.file), "a second export changes nothing");
        let there = read(format, &exported.file, now(), None).enrolments;
        assert!(there.iter().any(|(_, e)| e.totp == own[0].totp), "what was exported is there");
        if format == Format::GoogleAuthenticator {
            continue;
        }
        let others = read(format, data, now(), None).enrolments;
        let of_others = others.iter().filter(|(_, other)| {
            let name = other.account.as_ref().map(|account| account.as_str().to_lowercase());
            name.as_deref() != Some("alice")
        });
        for (_, other) in of_others {
            let kept =
                there.iter().any(|(_, e)| e.account == other.account && e.totp == other.totp);
            assert!(kept, "{other:?} is another person's");
        }
    }
}
