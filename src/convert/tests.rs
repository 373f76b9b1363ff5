use std::time::Instant;

use proptest::prelude::*;

use super::*;
use crate::secret::label::{Account, Issuer};
use crate::secret::material::Secret;
use crate::secret::parameters::{Algorithm, Digits, Parameters, Period};
use crate::secret::totp::Totp;

/// An instant of the tests, in the middle of a step.
pub(crate) fn now() -> Time {
    Time::from_unix(1_800_000_015)
}

/// The enrolment of `alice` with the key of the RFC.
pub(crate) fn alice() -> ForeignEnrolment {
    ForeignEnrolment {
        issuer: Some(Issuer::parse("St Mary’s").unwrap()),
        account: Some(Account::parse("alice").unwrap()),
        totp: Totp {
            secret: Secret::from_bytes(b"12345678901234567890").unwrap(),
            parameters: Parameters::default(),
        },
        last_step: None,
        also: None,
    }
}

/// Without what a format of provisioning cannot carry.
pub(crate) fn bare(enrolment: &ForeignEnrolment) -> ForeignEnrolment {
    ForeignEnrolment { last_step: None, ..enrolment.clone() }
}

pub(crate) fn arbitrary_totp() -> impl Strategy<Value = Totp> {
    let parameters = (
        proptest::sample::select(Algorithm::ALL.to_vec()),
        proptest::sample::select(Digits::ALL.to_vec()),
        proptest::sample::select(Period::ALL.to_vec()),
    );
    let key = proptest::collection::vec(any::<u8>(), 10..=64);
    (key, parameters).prop_map(|(key, (algorithm, digits, period))| Totp {
        secret: Secret::from_bytes(&key).unwrap(),
        parameters: Parameters { algorithm, digits, period },
    })
}

pub(crate) fn arbitrary_enrolment() -> impl Strategy<Value = ForeignEnrolment> {
    let issuer = proptest::option::of("[A-Za-z0-9&%+#?/=é✓ .,'\"-]{0,20}[a-zé+%]");
    let account = "[a-z0-9][a-z0-9._+@'-]{0,30}";
    // No step of any instant there is, with 60 s a step, is later.
    let last_step = proptest::option::of(0..4_223_371_680_u64);
    (issuer, account, arbitrary_totp(), last_step).prop_map(|(issuer, account, totp, last_step)| {
        ForeignEnrolment {
            issuer: issuer.map(|text| Issuer::parse(&text).unwrap()),
            account: Some(Account::parse(&account).unwrap()),
            totp,
            last_step,
            also: None,
        }
    })
}

/// It was read back as the account behind the colon: another person's.
#[test]
fn an_account_with_a_colon_is_not_exported_as_another_account() {
    let account = Account::parse("mallory:bob").ok();
    for format in [Format::Otpauth, Format::GoogleMigration] {
        let named = ForeignEnrolment { account: account.clone(), ..alice() };
        let exported = export(format, &[named], None, now(), Zone::UTC).unwrap();
        let read = import(format, &exported.file, now()).unwrap().enrolments;
        assert_eq!(read[0].1.account, account, "the issuer tells where it ends");
        let bare = ForeignEnrolment { account: account.clone(), issuer: None, ..alice() };
        let exported = export(format, &[bare], None, now(), Zone::UTC).unwrap();
        assert_eq!(exported.written, 0);
        assert!(exported.notes[0].to_string().contains("colon"), "{:?}", exported.notes);
    }
}

/// Lines in UTF-8 were put behind those in UTF-16.
#[test]
fn nothing_is_merged_into_a_file_in_utf_16_or_with_zero_bytes() {
    let line = "HOTP/T30/6\tbob\t-\t3132333435363738393031323334353637383930\n";
    let marked = [0xFEFF_u16].into_iter().chain(line.encode_utf16());
    for existing in [
        b"\0\0\0".to_vec(),
        b"\xff\xfeab".to_vec(),
        marked.flat_map(u16::to_le_bytes).collect::<Vec<u8>>(),
        line.encode_utf16().flat_map(u16::to_be_bytes).collect(),
    ] {
        for format in [Format::UsersOath, Format::GoogleAuthenticator] {
            let refused = export(format, &[alice()], Some(&existing), now(), Zone::UTC);
            let says = refused.unwrap_err().to_string();
            let is = if existing.len() == 3 { "not text" } else { "UTF-16" };
            assert!(says.starts_with(&format!("the file is {is}")), "{says}");
        }
    }
}

/// All lines behind the first went with it.
#[test]
fn nothing_is_merged_into_a_file_whose_lines_end_with_cr_alone() {
    let key = "3132333435363738393031323334353637383930";
    let file = |end: &str| format!("HOTP/T30/6 alice - 00{key}{end}HOTP/T30/6 bob - {key}{end}");
    let merged =
        |file: &str| export(Format::UsersOath, &[alice()], Some(file.as_bytes()), now(), Zone::UTC);
    let says = merged(&file("\r")).unwrap_err().to_string();
    assert_eq!(says, "the file has lines that end with CR alone, expected LF");
    for end in ["\n", "\r\n", "\r\r\n"] {
        let merged = merged(&file(end)).unwrap().file;
        assert!(String::from_utf8_lossy(&merged).contains(" bob "), "{end:?}");
    }
}

#[test]
fn formats_go_by_their_names() {
    for format in Format::ALL {
        assert_eq!(format.as_str().parse(), Ok(format));
    }
    assert!("csv".parse::<Format>().unwrap_err().contains("entra-csv"));
}

#[test]
fn the_same_token_twice_is_one_and_two_tokens_of_a_person_are_a_problem() {
    let key = "GEZDGNBVGY3TQOJQGEZDGNBVGY3TQOJQ";
    let file = |second: &str| {
        format!("otpauth://totp/alice?secret={key}\n\notpauth://totp/x:Alice?secret={second}\n")
    };
    let same = import(Format::Otpauth, file(key).as_bytes(), now()).unwrap();
    assert_eq!(same.enrolments.len(), 1);
    let other = file("JBSWY3DPEHPK3PXPJBSWY3DPEHPK3PXP");
    let problems = import(Format::Otpauth, other.as_bytes(), now()).unwrap_err();
    let says = "line 3: alice: another token is in line 1, and one enrolment of a person is kept";
    assert_eq!(problems.to_string(), says);
    // Used codes of both lines count.
    let line = |step: u64| {
        let code = alice().totp.code(step).reveal().to_owned();
        format!("HOTP/T30/6 alice - 3132333435363738393031323334353637383930 0 {code} x\n")
    };
    let present = alice().totp.step(now()).unwrap();
    let twice = line(present - 1) + &line(present - 2);
    let twice = import(Format::UsersOath, twice.as_bytes(), now()).unwrap();
    assert_eq!(twice.enrolments[0].1.last_step, Some(present - 1));
}

#[test]
fn only_what_an_issuer_issued_counts_with_its_notes_and_problems() {
    let key = "GEZDGNBVGY3TQOJQGEZDGNBVGY3TQOJQ";
    let file = format!(
        "otpauth://totp/Acme:dave?secret={key}&issuer=Acme\notpauth://totp/Git:dave?secret=GEZD&issuer=Git\n\
         otpauth://totp/Git:dave?secret={key}&issuer=Git\notpauth://hotp/ACME:x?secret={key}&issuer=ACME\n"
    );
    let all = read(Format::Otpauth, file.as_bytes(), now(), None);
    assert_eq!((all.enrolments.len(), all.problems.count), (2, 1));
    let acme = Issuer::parse("acme").unwrap();
    let (ours, others) = all.only(&acme);
    assert_eq!((ours.enrolments.len(), others), (1, 1));
    assert_eq!((ours.problems.count, ours.left_out()), (0, 1));
}

#[test]
fn of_many_problems_the_first_are_told_and_the_rest_counted() {
    let file = "nonsense\n".repeat(10_000);
    let problems = import(Format::Otpauth, file.as_bytes(), now()).unwrap_err();
    assert_eq!((problems.list.len(), problems.count), (10_000, 10_000));
    assert!(problems.to_string().ends_with("and 9980 more lines"));
    let error = problems.of(std::path::Path::new("keys"));
    assert_eq!((error.kind.exit_code(), error.subject.as_deref()), (2, Some("keys")));
    assert!(
        error.to_string().starts_with("keys, line 1: ")
            && error.to_string().ends_with("keys: and 9980 more lines")
    );
}

/// Files that were made to cost much.
#[test]
fn hostile_files_are_refused_quickly() {
    let million = 1_000_000;
    let files: Vec<Vec<u8>> = vec![
        vec![b'A'; million],
        vec![b'\n'; million],
        vec![b','; million],
        vec![b'"'; million],
        vec![b'%'; million],
        vec![0xff; million],
        b"otpauth://totp/a?secret=".iter().copied().chain(vec![b'A'; million]).collect(),
        format!("otpauth-migration://offline?data={}", "gICA".repeat(million / 4)).into_bytes(),
        "[".repeat(million).into_bytes(),
        format!("{}1{}", "[".repeat(200), "]".repeat(200)).into_bytes(),
        format!("[{}1]", "{\"secret\":\"a\",\"type\":\"TOTP\"},".repeat(million / 30)).into_bytes(),
        format!("upn,key\n{}", "a,b\n\n".repeat(million / 5)).into_bytes(),
        format!("HOTP/T30/6 a - {}\n", "00".repeat(million)).into_bytes(),
        b"HOTP/T30/6 a - 00\n".repeat(million / 10),
        b"\" DISALLOW_REUSE 1 2 3\n".repeat(million / 10),
    ];
    let start = Instant::now();
    for file in &files {
        for format in Format::ALL {
            let _ = import(format, file, now());
        }
        let _ = export(Format::UsersOath, &[alice()], Some(file), now(), Zone::UTC);
        let _ = export(Format::GoogleAuthenticator, &[alice()], Some(file), now(), Zone::UTC);
    }
    assert!(start.elapsed().as_secs() < 60, "{:?}", start.elapsed());
}

proptest! {
    #[test]
    fn any_bytes_are_read_or_refused(bytes in proptest::collection::vec(any::<u8>(), 0..400)) {
        for format in Format::ALL {
            let _ = import(format, &bytes, now());
            let _ = export(format, &[alice()], Some(&bytes), now(), Zone::UTC);
        }
    }

    /// A file of ours with some bytes changed, cut or added.
    #[test]
    fn a_file_that_was_damaged_is_read_or_refused(
        enrolment in arbitrary_enrolment(),
        changes in proptest::collection::vec((any::<proptest::sample::Index>(), any::<Option<u8>>()), 1..8),
    ) {
        for format in Format::ALL {
            let Ok(exported) = export(format, std::slice::from_ref(&enrolment), None, now(), Zone::UTC) else { continue };
            let mut file = exported.file.to_vec();
            for (place, change) in &changes {
                if file.is_empty() { break }
                let place = place.index(file.len());
                match change {
                    Some(byte) => file[place] = *byte,
                    None => { file.remove(place); }
                }
            }
            let _ = import(format, &file, now());
            let _ = export(format, std::slice::from_ref(&enrolment), Some(&file), now(), Zone::UTC);
        }
    }
}
