use proptest::prelude::*;

use super::*;
use crate::convert::ImportProblems;
use crate::convert::tests::{alice, arbitrary_enrolment, now};
use crate::secret::material::Secret;
use crate::secret::parameters::{Digits, Period};

fn import(file: &[u8], now: Time) -> Result<Imported, ImportProblems> {
    read(file, now).whole()
}

fn export(enrolments: &[ForeignEnrolment], existing: &[u8], now: Time) -> Exported {
    super::export(enrolments, existing, now, Zone::UTC)
}

const KEY: &str = "3132333435363738393031323334353637383930";

fn exported(enrolments: &[ForeignEnrolment], existing: &str) -> (String, Vec<String>) {
    let exported = export(enrolments, existing.as_bytes(), now());
    let notes = exported.notes.iter().map(ToString::to_string).collect();
    (String::from_utf8(exported.file.to_vec()).unwrap(), notes)
}

fn present() -> u64 {
    alice().totp.step(now()).unwrap()
}

fn code(step: u64) -> String {
    alice().totp.code(step).reveal().to_owned()
}

#[test]
fn every_type_of_liboath_is_known() {
    let types = [
        ("HOTP/T30", Some((Digits::Six, Period::Thirty))),
        ("HOTP/T60", Some((Digits::Six, Period::Sixty))),
        ("HOTP/T30/6", Some((Digits::Six, Period::Thirty))),
        ("HOTP/T30/8", Some((Digits::Eight, Period::Thirty))),
        ("HOTP/T60/8", Some((Digits::Eight, Period::Sixty))),
        ("HOTP/T30/7", None),
        ("HOTP", None),
        ("HOTP/E/6", None),
    ];
    for (kind, expected) in types {
        let imported = import(format!("{kind} alice - {KEY}\n").as_bytes(), now()).unwrap();
        let found = imported.enrolments.first().map(|(_, enrolment)| {
            let parameters = enrolment.totp.parameters;
            (parameters.digits, parameters.period)
        });
        assert_eq!(found, expected, "{kind}");
        assert_eq!(imported.notes.is_empty(), expected.is_some(), "{kind}");
    }
}

#[test]
fn a_bad_line_is_named_and_its_key_and_pin_are_not_shown() {
    for (line, says) in [
        ("HOTP/T30/6 alice -", "TYPE USER PIN KEY"),
        ("TOTP alice - 313233", "type"),
        ("HOTP/T30/9 alice - 313233", "type"),
        ("HOTP/T30/6 alice hunter2 31323x", "hexadecimal"),
        ("HOTP/T30/6 alice hunter2 313", "hexadecimal"),
        ("HOTP/T30/6 alice hunter2 3132", "bytes"),
    ] {
        let problems =
            import(format!("# x\n\n{line}\n").as_bytes(), now()).unwrap_err().to_string();
        assert!(problems.starts_with("line 3: ") && problems.contains(says), "{problems}");
        assert!(!problems.contains("3132") && !problems.contains("hunter2"), "{problems}");
    }
    let imported = import(format!("HOTP/T30/6 alice hunter2 {KEY}").as_bytes(), now()).unwrap();
    assert_eq!(imported.notes[0].to_string(), "line 1: the PIN of alice is not kept");
}

#[test]
fn the_code_used_last_is_found_where_it_could_be_replayed() {
    for (step, expected) in
        [(present() + 2, Some(present() + 2)), (present() - 5, Some(present() - 5)), (7, None)]
    {
        let line = format!("HOTP/T30/6 alice - {KEY} 0 {} 2026-11-21T09:00:01L", code(step));
        let imported = import(line.as_bytes(), now()).unwrap();
        let enrolment = &imported.enrolments[0].1;
        assert_eq!(enrolment.last_step, expected);
        assert_eq!(enrolment.used_up_to(now()), present().max(expected.unwrap_or(0)));
    }
}

#[test]
fn a_new_line_is_what_pam_oath_writes() {
    let (file, notes) = exported(&[alice()], "");
    assert_eq!(file, format!("HOTP/T30/6\talice\t-\t{KEY}\n"));
    assert!(notes.is_empty());
    let used = ForeignEnrolment { last_step: Some(60_000_000), ..alice() };
    let (file, _) = exported(&[used], "");
    let stamp = "2027-01-15T08:00:00L";
    let code = code(60_000_000);
    assert_eq!(file, format!("HOTP/T30/6\talice\t-\t{KEY}\t0\t{code}\t{stamp}\n"));
}

#[test]
fn other_lines_stay_as_they_are() {
    let others = "# ours\n\nHOTP/E/6  bob  1234  00 5 111111 x\nnonsense\n\talice is no type\n";
    let (file, notes) = exported(&[alice()], others);
    assert_eq!(file, format!("{others}HOTP/T30/6\talice\t-\t{KEY}\n"));
    assert!(notes.is_empty(), "{notes:?}");
}

#[test]
fn counter_pin_and_last_code_never_go_back() {
    let (older, newer) = (present() - 2, present() - 1);
    let line = |counter: u64, step: u64| {
        format!("HOTP/T30/6\talice\t1234\t{KEY}\t{counter}\t{}\t2026-11-21T09:00:01L\n", code(step))
    };
    // The file is newer: it stays.
    let ours = ForeignEnrolment { last_step: Some(older), ..alice() };
    assert_eq!(exported(std::slice::from_ref(&ours), &line(7, newer)).0, line(7, newer));
    // mfactl is newer: its code, and the counter of the file.
    let ours = ForeignEnrolment { last_step: Some(newer), ..alice() };
    let (file, notes) = exported(std::slice::from_ref(&ours), &line(7, older));
    assert!(
        file.starts_with(&format!("HOTP/T30/6\talice\t1234\t{KEY}\t7\t{}\t", code(newer))),
        "{file}"
    );
    assert!(notes.is_empty());
    // mfactl knows of none.
    assert_eq!(exported(&[alice()], &line(7, older)).0, line(7, older));
    // Two lines of one token: the later state, one line.
    let (file, notes) = exported(&[alice()], &format!("{}{}", line(9, older), line(3, newer)));
    assert_eq!(file, line(9, newer));
    assert_eq!(notes, ["line 2: alice: one line is enough, taken away"]);
}

#[test]
fn another_key_is_replaced_and_its_state_with_it() {
    let old = "HOTP/T30/6 alice + 00112233445566778899 4 123456 2026-11-21T09:00:01L\n";
    let (file, notes) = exported(&[alice()], old);
    assert_eq!(file, format!("HOTP/T30/6\talice\t+\t{KEY}\n"));
    assert_eq!(notes, ["line 1: alice: another key, replaced"]);
}

#[test]
fn a_token_of_another_kind_stays_and_is_named() {
    let counter = "HOTP/E/6\talice\t-\t00112233445566778899\t4\n";
    let (file, notes) = exported(&[alice()], counter);
    assert_eq!(file, format!("{counter}HOTP/T30/6\talice\t-\t{KEY}\n"));
    assert_eq!(notes, ["line 1: alice: another kind of token, which is still accepted"]);
}

#[test]
fn what_the_format_cannot_carry_is_left_out_and_named() {
    let mut sha256 = alice();
    sha256.totp.parameters.algorithm = Algorithm::Sha256;
    let mut long = alice();
    long.totp.secret = Secret::from_bytes(&[7; 33]).unwrap();
    let blank = ForeignEnrolment { account: Some(Account::parse("a b").unwrap()), ..alice() };
    let nameless = ForeignEnrolment { account: None, ..alice() };
    let (file, notes) = exported(&[sha256, long, blank, nameless], "");
    assert_eq!((file.as_str(), notes.len()), ("", 4));
    assert_eq!(notes[0], "alice: left out: the format knows only SHA-1: enrol again with it");
}

#[test]
fn a_name_is_the_same_in_every_spelling_for_an_export_as_for_an_import() {
    let other = "00112233445566778899";
    let line = |user: &str, key: &str| format!("HOTP/T30/6\t{user}\t-\t{key}\n");
    let mail = Some(Account::parse("alice@acme.example").unwrap());
    let alice = ForeignEnrolment { also: mail, ..alice() };
    for user in ["Alice", "ALICE", "Alice@acme.example"] {
        let (file, notes) = exported(std::slice::from_ref(&alice), &line(user, KEY));
        assert_eq!((file, notes.len()), (line(user, KEY), 0), "{user}");
        let (file, notes) = exported(std::slice::from_ref(&alice), &line(user, other));
        assert_eq!(file, line(user, KEY), "the key from before a reset does not stay");
        assert_eq!(notes, [format!("line 1: {user}: another key, replaced")]);
    }
    // Both spellings may be names of the system.
    let both = format!("{}{}", line("Alice", KEY), line("alice", KEY));
    let (file, notes) = exported(std::slice::from_ref(&alice), &both);
    assert_eq!((file, notes.len()), (both, 0));
}

#[test]
fn a_second_device_stays_and_is_named() {
    let line = |key: &str| format!("HOTP/T30/6\talice\t-\t{key}\n");
    let (second, third) = (line("00112233445566778899"), line("99887766554433221100"));
    let known = "another key, which is not known here and still lets in";
    let (file, notes) = exported(&[alice()], &format!("{second}{}", line(KEY)));
    assert_eq!(file, format!("{second}{}", line(KEY)));
    assert_eq!(notes, [format!("line 1: alice: {known}")]);
    let (file, notes) = exported(&[alice()], &format!("{second}{third}"));
    assert_eq!(file, format!("{second}{third}{}", line(KEY)));
    assert_eq!(notes, [format!("line 1: alice: {known}"), format!("line 2: alice: {known}")]);
}

#[test]
fn the_line_of_somebody_whose_new_token_has_none_is_named() {
    let mut sha256 = alice();
    sha256.totp.parameters.algorithm = Algorithm::Sha256;
    let line = format!("HOTP/T30/6\tAlice\t-\t{KEY}\n");
    let (file, notes) = exported(&[sha256], &line);
    assert_eq!((file, notes.len()), (line, 2));
    assert_eq!(notes[1], "line 1: Alice: another key, which is not known here and still lets in");
}

/// New York, without the summer time.
const AWAY: Zone = Zone {
    local: |at| (Zone::UTC.local)(Time::from_unix(at.unix() - 5 * 3_600)),
    instant: |local| (Zone::UTC.instant)(local).map(|at| Time::from_unix(at.unix() + 5 * 3_600)),
};

#[test]
fn times_are_local_and_steps_decide_up_to_a_hundred() {
    let stamp = |step: u64| {
        let at = (AWAY.local)(Time::from_unix(i64::try_from(step * 30).unwrap()));
        at.format("%Y-%m-%dT%H:%M:%SL").to_string()
    };
    let line =
        |step: u64| format!("HOTP/T30/6\talice\t-\t{KEY}\t0\t{}\t{}\n", code(step), stamp(step));
    let merged = |ours: u64, theirs: u64| {
        let ours = ForeignEnrolment { last_step: Some(ours), ..alice() };
        let file = super::export(&[ours], line(theirs).as_bytes(), now(), AWAY).file;
        String::from_utf8(file.to_vec()).unwrap()
    };
    for (older, newer) in [(60, 24), (100, 99), (300, 290), (700, 101)] {
        let (older, newer) = (present() - older, present() - newer);
        assert_eq!(merged(older, newer), line(newer), "theirs is later");
        assert_eq!(merged(newer, older), line(newer), "ours is later");
    }
    // Within an hour a stamp of another zone deceives nobody: the steps decide.
    let theirs =
        format!("HOTP/T30/6\talice\t-\t{KEY}\t0\t{}\t2036-01-01T00:00:00L\n", code(present() - 90));
    let ours = ForeignEnrolment { last_step: Some(present() - 30), ..alice() };
    let file = super::export(&[ours], theirs.as_bytes(), now(), AWAY).file;
    assert_eq!(*file, *line(present() - 30).as_bytes());
}

proptest! {
    #[test]
    fn what_is_written_is_read(enrolments in proptest::collection::vec(arbitrary_enrolment(), 0..6)) {
        let mut enrolments = enrolments;
        enrolments.sort_by(|a, b| a.account.cmp(&b.account));
        enrolments.dedup_by(|a, b| a.account == b.account);
        let file = export(&enrolments, b"", now()).file;
        let read = import(&file, now()).unwrap().enrolments.into_iter().map(|(_, e)| e.totp);
        let carried = enrolments.iter().filter(|e| carried(e).is_ok()).map(|e| e.totp.clone());
        prop_assert_eq!(read.collect::<Vec<_>>(), carried.collect::<Vec<_>>());
        // A second export changes nothing.
        prop_assert_eq!(&export(&enrolments, &file, now()).file, &file);
    }

    /// However the two sides went on, the last code of the merged file is the later one.
    #[test]
    fn a_merge_never_goes_back(ours in proptest::option::of(0_u64..30), theirs in proptest::option::of(0_u64..30), counter in any::<u32>()) {
        let step = |back: Option<u64>| back.map(|back| present() + 10 - back);
        let (ours, theirs) = (step(ours), step(theirs));
        let state = theirs.map(|step| format!(" {counter} {} 2026-11-21T09:00:01L", code(step)));
        let existing = format!("HOTP/T30/6 alice - {KEY}{}\n", state.unwrap_or_default());
        let file = export(&[ForeignEnrolment { last_step: ours, ..alice() }], existing.as_bytes(), now()).file;
        let read = import(&file, now()).unwrap().enrolments.remove(0).1;
        prop_assert_eq!(read.last_step, ours.max(theirs));
        let counted = String::from_utf8(file.to_vec()).unwrap();
        let kept = counted.contains(&format!("\t{counter}\t"));
        prop_assert!(theirs.is_none() || kept);
    }
}
