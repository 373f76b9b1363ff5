//! Enrolments that come from other tools and go to them, through the binary.

#![allow(clippy::disallowed_methods, clippy::unwrap_used)]

mod person;
mod shell;

use std::os::unix::fs::PermissionsExt;

use person::{App, refused, verify};
use serde_json::Value;
use shell::{NOW, World};

const LATER: &str = "2026-11-21T09:00:30Z";

/// Files of other tools, both ways.
#[test]
fn enrolments_come_and_go() {
    let mut world = World::small();
    let uri = |who: &str, key: &str| {
        format!(
            "otpauth://totp/acme:{who}?secret={key}&issuer=acme&algorithm=SHA1&digits=6&period=30\n"
        )
    };
    let (one, two) = ("GEZDGNBVGY3TQOJQGEZDGNBVGY3TQOJQ", "JBSWY3DPEHPK3PXPJBSWY3DPEHPK3PXP");
    let write = |text: &str| std::fs::write(world.path("keys"), text).unwrap();
    let before = world.files();
    write(&format!("{}{}", uri("alice", one), uri("stranger", two)));
    let error = world.mfactl("convert import otpauth keys").exits(4).stderr;
    assert!(error.contains("keys, line 2: no user stranger"), "{error}");
    write(&format!("{}otpauth://hotp/x\n", uri("alice", one)));
    assert!(world.mfactl("convert import otpauth keys").exits(2).stderr.contains("line 2"));
    write(&format!("{}{}", uri("alice", one), uri("bob%40acme.example", two)));
    world.mfactl("convert import otpauth keys --dry-run").exits(0);
    world.as_user("stranger", "convert import otpauth keys").exits(5);
    assert!(world.files() == before);

    let report = world.mfactl("convert import otpauth keys -o json").exits(0).json();
    assert_eq!((&report["enrolments"], &report["unchanged"]), (&2.into(), &0.into()));
    let (alice, bob) = (App::new(one, "SHA1/6/30"), App::new(two, "SHA1/6/30"));
    refused(verify(&world, "alice", &alice.code(NOW)), "code-used");
    let again = world.mfactl("convert import otpauth keys -o json").exits(0).json();
    assert_eq!(
        (&again["changed"], &again["unchanged"], &again["rev"]),
        (&false.into(), &2.into(), &Value::Null)
    );
    let other = uri("alice", two);
    std::fs::write(world.path("keys"), other).unwrap();
    assert!(
        world.mfactl("convert import otpauth keys").exits(3).stderr.contains("user reset alice")
    );

    world.at(LATER);
    verify(&world, "alice", &alice.code(LATER)).exits(0);
    world.mfactl("user set-mfa bob on").exits(0);
    verify(&world, "bob", &bob.code(LATER)).exits(0);
    for format in ["otpauth", "google-migration", "users-oath", "entra-csv"] {
        let out = format!("{format}.out");
        world.mfactl(&format!("convert export {format} {out}")).exits(0);
        let mode = std::fs::metadata(world.path(&out)).unwrap().permissions().mode();
        assert_eq!(mode & 0o777, 0o600, "{format}");
        let fresh = World::small();
        std::fs::copy(world.path(&out), fresh.path("in")).unwrap();
        let read = fresh.mfactl(&format!("convert import {format} in -o json")).exits(0).json();
        assert_eq!(read["enrolments"], 2, "{format}");
    }
    assert_eq!(world.mfactl("convert export otpauth otpauth.out").exits(2).code, 2, "it is there");
    world.mfactl("convert export google-authenticator ga").exits(2);
    world.mfactl("convert export google-authenticator ga bob").exits(0);
    world.mfactl("convert export google-authenticator ga dave").exits(3);
    world.mfactl("user reset bob").exits(0);
    world.mfactl("convert import google-authenticator ga").exits(2);
    world.mfactl("convert import google-authenticator ga --user bob").exits(0);
    world.mfactl("convert export otpauth -").exits(2);
    std::fs::write(world.path("users-oath.out.lock"), "").unwrap();
    world.mfactl("convert export users-oath users-oath.out --lock-timeout 1s").exits(6);
    let log = world.mfactl("audit log --user bob --action convert.export -o json").exits(0).json();
    assert_eq!(log.as_array().unwrap().len(), 5, "whose secrets went out is recorded");
    world.mfactl("state check").exits(0);
}
