//! .google_authenticator as pam_google_authenticator reads and writes it.

use std::process::Command;

use mfactl::convert::{ForeignEnrolment, Format, Zone, export, import};
use mfactl::domain::time::Time;

use crate::factor::pam::{Service, early, enrolment};
use crate::factor::tool;

const TOOLS: [&str; 3] = ["pamtester", "libpam_wrapper.so", "pam_google_authenticator.so"];

fn service() -> Service {
    // The module becomes the owner of the file: the user who runs the test.
    let output = tool::run(Command::new("id").arg("-un"), "");
    let user = String::from_utf8(output.stdout).unwrap().trim().to_owned();
    let options = format!("secret=FILE user={user} no_strict_owner allowed_perm=0600");
    Service::new("pam_google_authenticator.so", &options, &user)
}

fn exported(enrolment: &ForeignEnrolment, existing: Option<&[u8]>, now: Time) -> Vec<u8> {
    let one = std::slice::from_ref(enrolment);
    export(Format::GoogleAuthenticator, one, existing, now, Zone::UTC).unwrap().file.to_vec()
}

#[test]
fn the_module_lets_in_with_an_exported_key_and_we_read_what_it_wrote() {
    if !tool::there(&TOOLS) {
        return;
    }
    for parameters in ["SHA1/6/30", "SHA1/6/60"] {
        let alice = enrolment("alice", parameters);
        let service = service();
        let (now, step) = early(&alice.totp);
        service.write(&exported(&alice, None, now));
        assert!(service.lets_in(&alice.totp, step), "{parameters}");
        assert!(!service.lets_in(&alice.totp, step), "{parameters}: replayed");
        let read = import(Format::GoogleAuthenticator, &service.read(), now).unwrap();
        let read = &read.enrolments[0].1;
        assert_eq!((&read.totp, read.last_step), (&alice.totp, Some(step)));

        // Over what it wrote, nothing is revived, and its own lines stay.
        let written = String::from_utf8(service.read()).unwrap();
        let rate = written.lines().find(|line| line.starts_with("\" RATE_LIMIT")).unwrap();
        let older = ForeignEnrolment { last_step: Some(step - 1), ..alice.clone() };
        let merged = exported(&older, Some(written.as_bytes()), now);
        assert!(String::from_utf8(merged.clone()).unwrap().contains(rate));
        service.write(&merged);
        assert!(!service.lets_in(&alice.totp, step), "{parameters}: replayed after the export");
    }
}

#[test]
fn a_code_used_with_mfactl_is_not_accepted_by_the_module() {
    if !tool::there(&TOOLS) {
        return;
    }
    let mut alice = enrolment("alice", "SHA1/6/30");
    let service = service();
    let (now, step) = early(&alice.totp);
    alice.last_step = Some(step);
    // Without the limit of three attempts in 30 s.
    let file = String::from_utf8(exported(&alice, None, now)).unwrap();
    let file = file.replace("\" RATE_LIMIT 3 30\n", "");
    service.write(file.as_bytes());
    assert!(!service.lets_in(&alice.totp, step), "the last one");
    assert!(!service.lets_in(&alice.totp, step - 1), "one before it");
    assert!(service.lets_in(&alice.totp, step + 1), "the next one");
    service
        .write(file.replace("\" DISALLOW_REUSE", "\" WINDOW_SIZE 5\n\" NOTHING_HERE").as_bytes());
    assert!(service.lets_in(&alice.totp, step - 1), "the list is what refused it");
}
