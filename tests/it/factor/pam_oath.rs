//! users.oath as pam_oath reads and writes it.

use mfactl::convert::{ForeignEnrolment, Format, Zone, export, import};

use crate::factor::pam::{Service, early, enrolment};
use crate::factor::tool;

const TOOLS: [&str; 3] = ["pamtester", "libpam_wrapper.so", "pam_oath.so"];

fn service(digits: u8) -> Service {
    Service::new("pam_oath.so", &format!("usersfile=FILE window=5 digits={digits}"), "alice")
}

#[test]
fn pam_oath_lets_in_with_an_exported_key_and_we_read_what_it_wrote() {
    if !tool::there(&TOOLS) {
        return;
    }
    for parameters in ["SHA1/6/30", "SHA1/6/60", "SHA1/8/30", "SHA1/8/60"] {
        let alice = enrolment("alice", parameters);
        let others =
            [enrolment("bob", "SHA1/6/30"), alice.clone(), enrolment("carol", "SHA1/8/60")];
        let service = service(alice.totp.parameters.digits.count());
        let (now, step) = early(&alice.totp);
        let exported = export(Format::UsersOath, &others, None, now, Zone::UTC).unwrap();
        assert_eq!((exported.written, exported.notes.len()), (3, 0));
        service.write(&exported.file);
        assert!(!service.lets_in(&alice.totp, step - 100), "{parameters}");
        assert!(service.lets_in(&alice.totp, step), "{parameters}");
        assert!(!service.lets_in(&alice.totp, step), "{parameters}: replayed");

        let imported = import(Format::UsersOath, &service.read(), now).unwrap();
        assert_eq!(imported.enrolments.len(), 3);
        let read = imported.enrolments.iter().map(|(_, e)| e).find(|e| e.account == alice.account);
        assert_eq!(
            read,
            Some(&ForeignEnrolment { last_step: Some(step), ..alice }),
            "{parameters}"
        );
    }
}

#[test]
fn a_code_used_with_mfactl_is_not_accepted_by_pam_oath() {
    if !tool::there(&TOOLS) {
        return;
    }
    let mut alice = enrolment("alice", "SHA1/6/30");
    let service = service(6);
    let (now, step) = early(&alice.totp);
    alice.last_step = Some(step);
    service.write(
        &export(Format::UsersOath, std::slice::from_ref(&alice), None, now, Zone::UTC)
            .unwrap()
            .file,
    );
    assert!(!service.lets_in(&alice.totp, step), "the last one");
    assert!(!service.lets_in(&alice.totp, step - 1), "one before it");
    assert!(service.lets_in(&alice.totp, step + 1), "the next one");
}

#[test]
fn an_export_over_what_pam_oath_wrote_revives_no_code() {
    if !tool::there(&TOOLS) {
        return;
    }
    let mut alice = enrolment("alice", "SHA1/6/30");
    let service = service(6);
    let (now, step) = early(&alice.totp);
    service.write(
        &export(Format::UsersOath, std::slice::from_ref(&alice), None, now, Zone::UTC)
            .unwrap()
            .file,
    );
    assert!(service.lets_in(&alice.totp, step));
    let written = service.read();
    for last_step in [None, Some(step - 1)] {
        alice.last_step = last_step;
        let one = std::slice::from_ref(&alice);
        let again = export(Format::UsersOath, one, Some(&service.read()), now, Zone::UTC).unwrap();
        assert_eq!(*again.file, written);
    }
    service.write(&written);
    assert!(!service.lets_in(&alice.totp, step), "replayed after the export");
    assert!(service.lets_in(&alice.totp, step + 1));
}

#[test]
fn keys_that_pam_oath_cannot_read_are_left_out() {
    if !tool::there(&TOOLS) {
        return;
    }
    for (bytes, fits) in [(32, true), (33, false)] {
        let mut alice = enrolment("alice", "SHA1/6/30");
        let key: Vec<u8> = (1..=bytes).collect();
        alice.totp.secret = mfactl::secret::material::Secret::from_bytes(&key).unwrap();
        let service = service(6);
        let (now, step) = early(&alice.totp);
        let exported =
            export(Format::UsersOath, std::slice::from_ref(&alice), None, now, Zone::UTC).unwrap();
        assert_eq!(exported.written == 1, fits);
        let hex = data_encoding::HEXLOWER.encode(&key);
        service.write(format!("HOTP/T30/6\talice\t-\t{hex}\n").as_bytes());
        assert_eq!(service.lets_in(&alice.totp, step), fits, "{bytes} bytes");
    }
}
