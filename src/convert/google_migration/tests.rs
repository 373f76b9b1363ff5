use proptest::prelude::*;

use super::*;
use crate::convert::ImportProblems;
use crate::convert::tests::{alice, arbitrary_enrolment, bare, now};

fn import(file: &[u8]) -> Result<Imported, ImportProblems> {
    read(file).whole()
}

/// A move as the app makes it: the example that many tools are tested with
/// (a key that says "Hello!" and 0xDEADBEEF).
const FROM_THE_APP: &str = "otpauth-migration://offline?data=CjEKCkhlbGxvId6tvu8SGEV4YW1wbGU6YWxpY2VAZ29vZ2xlLmNvbRoHRXhhbXBsZTAC";

#[test]
fn a_uri_of_the_app_is_read() {
    // Without algorithm, digits and batch: all unspecified.
    let imported = import(FROM_THE_APP.as_bytes()).unwrap();
    let (line, enrolment) = &imported.enrolments[0];
    assert_eq!(*line, 1);
    assert_eq!(enrolment.issuer.as_ref().unwrap().as_str(), "Example");
    assert_eq!(enrolment.account.as_ref().unwrap().as_str(), "alice@google.com");
    assert_eq!(enrolment.totp.secret.bytes(), b"Hello!\xde\xad\xbe\xef");
    assert_eq!(enrolment.totp.parameters, Parameters::default());
    assert!(imported.notes[0].message.contains("80 bits"));
}

#[test]
fn a_part_that_is_missing_is_told_and_one_that_comes_twice_is_one() {
    let many: Vec<ForeignEnrolment> = (0..25)
        .map(|n| ForeignEnrolment {
            account: Some(Account::parse(&format!("user{n}")).unwrap()),
            ..alice()
        })
        .collect();
    let exported = export(&many, now());
    assert_eq!(exported.written, 25);
    let file = String::from_utf8(exported.file.to_vec()).unwrap();
    let lines: Vec<&str> = file.lines().collect();
    assert_eq!(lines.len(), 3);
    assert_eq!(import(file.as_bytes()).unwrap().enrolments.len(), 25);
    let two = format!("{}\n{}\n", lines[0], lines[2]);
    assert!(import(two.as_bytes()).unwrap_err().to_string().contains("only 2 of 3 parts"));
    let twice = format!("{file}{}\n", lines[1]);
    let twice = import(twice.as_bytes()).unwrap().without_repeats();
    assert_eq!((twice.enrolments.len(), twice.problems.count), (25, 0));
}

#[test]
fn what_the_format_cannot_carry_is_left_out_and_named() {
    let mut minute = alice();
    minute.totp.parameters.period = Period::Sixty;
    let exported = export(&[minute, alice()], now());
    assert_eq!(exported.written, 1);
    assert_eq!(
        exported.notes[0].to_string(),
        "alice: left out: the format knows only a period of 30 s"
    );
    assert!(export(&[], now()).file.is_empty());
}

fn uri(build: impl FnOnce(&mut Writer)) -> String {
    let mut account = Writer::default();
    build(&mut account);
    let mut payload = Writer::default();
    payload.bytes(payload::ACCOUNT, account.written());
    format!("{PREFIX}{}", utf8_percent_encode(&BASE64.encode(payload.written()), ESCAPED))
}

#[test]
fn accounts_that_are_not_ours_are_told() {
    let key = b"12345678901234567890";
    let counter = uri(|a| {
        a.bytes(account::SECRET, key);
        a.bytes(account::NAME, b"alice");
        a.number(account::KIND, 1);
    });
    let imported = import(counter.as_bytes()).unwrap();
    assert!(imported.enrolments.is_empty());
    assert!(imported.notes[0].message.contains("counter-based"));

    type Odd = (&'static str, Option<(u64, u64)>, &'static [u8]);
    let odd: [Odd; 6] = [
        ("MD5", Some((account::ALGORITHM, 4)), b"alice"),
        ("algorithm (9)", Some((account::ALGORITHM, 9)), b"alice"),
        ("digits (3)", Some((account::DIGITS, 3)), b"alice"),
        ("", None, b"\xff"),
        ("", None, b"a\x1b[2J"),
        ("", None, b""),
    ];
    for (says, number, name) in odd {
        let uri = uri(|a| {
            a.bytes(account::SECRET, key);
            a.bytes(account::NAME, name);
            a.number(account::KIND, TOTP);
            if let Some((field, number)) = number {
                a.number(field, number);
            }
        });
        let imported = import(uri.as_bytes()).unwrap();
        let note = imported.notes.first().map(ToString::to_string).unwrap_or_default();
        assert!(note.contains(says), "{note}");
        assert_eq!(imported.left_out(), usize::from(!says.is_empty()));
        // Whose it is can be said otherwise.
        assert!(!says.is_empty() || imported.enrolments[0].1.account.is_none());
        assert!(says.is_empty() || note.starts_with("line 1: left out: account 1 of the URI: "));
    }
    let short = uri(|a| {
        a.bytes(account::SECRET, &key[..5]);
        a.bytes(account::NAME, b"alice");
        a.number(account::KIND, TOTP);
    });
    let problems = import(short.as_bytes()).unwrap_err().to_string();
    assert!(
        problems.starts_with("line 1: account 1 of the URI: the key has 5 bytes"),
        "{problems}"
    );
}

#[test]
fn data_may_be_escaped_or_not() {
    let escaped = String::from_utf8(export(&[alice()], now()).file.to_vec()).unwrap();
    let data = escaped.trim().strip_prefix(PREFIX).unwrap();
    let plain = percent_decode_str(data).decode_utf8().unwrap();
    let url = plain.replace('+', "-").replace('/', "_").replace('=', "");
    for data in [data, &plain, &url] {
        let uri = format!("{PREFIX}{data}");
        assert_eq!(import(uri.as_bytes()).unwrap().enrolments[0].1, alice(), "{uri}");
    }
    for wrong in [
        "otpauth-migration://offline?data=!",
        "otpauth-migration://offline?data=A",
        "otpauth://totp/a",
    ] {
        assert!(import(wrong.as_bytes()).is_err());
    }
}

proptest! {
    #[test]
    fn what_is_written_is_read(enrolments in proptest::collection::vec(arbitrary_enrolment(), 0..25)) {
        let exported = export(&enrolments, now());
        let read = import(&exported.file).unwrap();
        let read: Vec<ForeignEnrolment> = read.enrolments.into_iter().map(|(_, e)| e).collect();
        let carried = enrolments.iter().filter(|e| e.totp.parameters.period == Period::Thirty);
        prop_assert_eq!(read, carried.map(bare).collect::<Vec<_>>());
        prop_assert_eq!(exported.written + exported.notes.len(), enrolments.len());
    }

    #[test]
    fn any_message_is_read_or_refused(bytes in proptest::collection::vec(any::<u8>(), 0..200)) {
        let _ = import(format!("{PREFIX}{}", BASE64.encode(&bytes)).as_bytes());
    }
}
