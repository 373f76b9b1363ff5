use proptest::prelude::*;

use super::*;
use crate::convert::tests::{alice, arbitrary_enrolment, now};

fn import(file: &[u8], now: Time) -> Result<Imported, ImportProblems> {
    read(file, now).whole()
}

const KEY: &str = "GEZDGNBVGY3TQOJQGEZDGNBVGY3TQOJQ";

fn exported(enrolment: &ForeignEnrolment, existing: Option<&str>) -> (String, Vec<String>) {
    let one = std::slice::from_ref(enrolment);
    let exported = export(one, existing.map(str::as_bytes)).unwrap();
    let notes = exported.notes.iter().map(ToString::to_string).collect();
    (String::from_utf8(exported.file.to_vec()).unwrap(), notes)
}

#[test]
fn a_file_of_the_program_is_read() {
    let file = format!(
        "{KEY}\n\" RATE_LIMIT 3 30 1700000000\n\" WINDOW_SIZE 17\n\" DISALLOW_REUSE 29999999 30000000 30000101\n\
         \" TOTP_AUTH\n\" STEP_SIZE 60\n\" TIME_SKEW 1\n12345678\n87654321\n"
    );
    let imported = import(file.as_bytes(), now()).unwrap();
    let (line, enrolment) = &imported.enrolments[0];
    assert_eq!(
        (*line, enrolment.account.is_none(), enrolment.last_step),
        (1, true, Some(30_000_000))
    );
    assert_eq!(enrolment.totp.parameters.to_string(), "SHA1/6/60");
    let lines: Vec<_> = imported.notes.iter().map(|note| note.line.unwrap()).collect();
    assert_eq!(lines, [7, 8, 9, 4], "a code of the future is named");
    assert!(!imported.notes.iter().any(|note| note.message.contains("12345678")));
}

#[test]
fn what_is_wrong_is_said_without_the_key() {
    for (file, says) in [
        ("", "0 bytes"),
        ("GEZDGNBVGY3TQOJQ9\n", "base32"),
        ("\u{fffd}\n", "base32"),
        ("otpauth://totp/a\n", "base32"),
        ("GEZDGNBVGY3TQOJQ\n\" TOTP_AUTH\n\" STEP_SIZE 0\n", "line 3: invalid period"),
    ] {
        let problems = import(file.as_bytes(), now()).unwrap_err().to_string();
        assert!(problems.contains(says) && !problems.contains("GEZD"), "{file:?}: {problems}");
    }
    assert!(import(&vec![b'A'; 70_000], now()).is_err());
    for (file, says) in [
        ("GEZDGNBVGY3TQOJQ\n\" HOTP_COUNTER 1\n", "line 2: left out: its codes are counter-based"),
        ("GEZDGNBVGY3TQOJQ\n\" TOTP_AUTH\n\" STEP_SIZE 45\n", "line 3: left out: its codes change"),
    ] {
        let imported = import(file.as_bytes(), now()).unwrap();
        assert_eq!((imported.enrolments.len(), imported.left_out()), (0, 1));
        assert!(imported.notes[0].to_string().starts_with(says));
    }
}

/// Each export took one of them away, and so changed the file.
#[test]
fn line_ends_that_were_converted_twice_are_gone_after_one_export() {
    let once = exported(&alice(), Some(&format!("{KEY}\r\r\n\" WINDOW_SIZE 5\r\r\r\n"))).0;
    assert_eq!(once, format!("{KEY}\n\" DISALLOW_REUSE\n\" TOTP_AUTH\n\" WINDOW_SIZE 5\n"));
    assert_eq!(exported(&alice(), Some(&once)).0, once);
}

#[test]
fn a_new_file_is_what_the_program_writes() {
    let (file, notes) = exported(&alice(), None);
    assert_eq!(file, format!("{KEY}\n\" RATE_LIMIT 3 30\n\" DISALLOW_REUSE\n\" TOTP_AUTH\n"));
    assert_eq!(notes, ["alice: scratch codes cannot be made from hashes: the file has none"]);
    let used = ForeignEnrolment { last_step: Some(60_000_000), ..alice() };
    assert!(exported(&used, Some("")).0.contains("\" DISALLOW_REUSE 59999998 59999999 60000000\n"));
}

#[test]
fn lines_that_are_not_understood_stay() {
    let before = format!(
        "{KEY}\n\" RATE_LIMIT 3 30 1700000000\n\" FUTURE_OPTION 1\n\" WINDOW_SIZE 2\n\
         \" DISALLOW_REUSE 59999990 60000001\n\" TOTP_AUTH\nsomething\n12345678\n"
    );
    let used = ForeignEnrolment { last_step: Some(60_000_000), ..alice() };
    let (file, notes) = exported(&used, Some(&before));
    assert_eq!(
        file,
        format!(
            "{KEY}\n\" DISALLOW_REUSE 59999990 59999999 60000000 60000001\n\" TOTP_AUTH\n\
             \" RATE_LIMIT 3 30 1700000000\n\" FUTURE_OPTION 1\n\" WINDOW_SIZE 2\nsomething\n12345678\n"
        )
    );
    assert!(notes.is_empty());
}

#[test]
fn a_line_of_any_bytes_refuses_nothing_and_stays() {
    let before = [KEY.as_bytes(), b"\n\" TOTP_AUTH\ncaf\xe9 \x07\n"].concat();
    assert_eq!(import(&before, now()).unwrap().enrolments.len(), 1);
    let exported = export(&[alice()], Some(&before)).unwrap();
    assert!(exported.file.ends_with(b"\ncaf\xe9 \x07\n"));
}

#[test]
fn scratch_codes_of_another_key_go_with_it() {
    let before = "AAAABBBBCCCCDDDDEEEEFFFFGG\n\" TOTP_AUTH\n\" DISALLOW_REUSE 5\n\" TIME_SKEW 2\n\" X_Y\n12345678\n";
    let (file, notes) = exported(&alice(), Some(before));
    assert_eq!(file, format!("{KEY}\n\" DISALLOW_REUSE\n\" TOTP_AUTH\n\" X_Y\n"));
    assert_eq!(
        notes,
        [
            "line 4: belongs to the key that was replaced, taken away",
            "line 6: belongs to the key that was replaced, taken away"
        ]
    );
}

/// The option outlives the key, so the list has to cover it.
#[test]
fn a_window_that_stays_is_covered_by_the_list() {
    let before = "AAAABBBBCCCCDDDDEEEEFFFFGG\n\" TOTP_AUTH\n\" WINDOW_SIZE 5\n";
    let used = ForeignEnrolment { last_step: Some(9), ..alice() };
    let (file, _) = exported(&used, Some(before));
    assert_eq!(
        file,
        format!("{KEY}\n\" DISALLOW_REUSE 5 6 7 8 9\n\" TOTP_AUTH\n\" WINDOW_SIZE 5\n")
    );
}

#[test]
fn the_file_is_one_users() {
    assert!(export(&[], None).unwrap_err().to_string().contains("0 are given"));
    assert!(export(&[alice(), alice()], None).is_err());
    let mut eight = alice();
    eight.totp.parameters.digits = Digits::Eight;
    let left_out = export(&[eight], None).unwrap();
    assert_eq!((left_out.written, left_out.file.is_empty()), (0, true));
    assert!(export(&[alice()], Some(b"not base32!")).is_err());
}

proptest! {
    #[test]
    fn what_is_written_is_read(enrolment in arbitrary_enrolment()) {
        let exported = export(std::slice::from_ref(&enrolment), None).unwrap();
        if exported.written == 1 {
            let read = import(&exported.file, Time::MAX).unwrap().enrolments.remove(0).1;
            prop_assert_eq!(&read.totp, &enrolment.totp);
            prop_assert_eq!(read.last_step, enrolment.last_step);
            let again = export(std::slice::from_ref(&enrolment), Some(&exported.file)).unwrap();
            let again = import(&again.file, Time::MAX).unwrap().enrolments.remove(0).1;
            prop_assert_eq!(again, read);
        }
    }

    #[test]
    fn any_option_is_read_or_refused(rows in proptest::collection::vec("\" [A-Z_]{1,14}( [0-9 -]{0,30})?|[0-9]{7,9}|.{0,10}", 0..10)) {
        let file = format!("{KEY}\n{}", rows.join("\n"));
        let _ = import(file.as_bytes(), now());
        let _ = crate::convert::export(crate::convert::Format::GoogleAuthenticator, &[alice()], Some(file.as_bytes()), now(), crate::convert::Zone::UTC);
    }
}
