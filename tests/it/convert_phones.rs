//! Whole phones, tables and files in use: what real files ask of `convert`, through the binary.

#![allow(clippy::disallowed_methods, clippy::unwrap_used)]

use crate::person;
use crate::shell;

use std::process::Stdio;

use person::{App, refused, verify};
use shell::{NOW, World, tool};

const KEY: &str = "GEZDGNBVGY3TQOJQGEZDGNBVGY3TQOJQ";
const OTHER: &str = "JBSWY3DPEHPK3PXPJBSWY3DPEHPK3PXP";
const HEX: &str = "3132333435363738393031323334353637383930";
const LATER: &str = "2026-11-21T09:00:30Z";

fn write(world: &World, name: &str, text: &str) {
    std::fs::write(world.path(name), text).unwrap();
}

/// A phone: alice's account, one of another service, and one that cannot be kept.
fn phone(world: &World) {
    let file = format!(
        "otpauth://totp/Acme:alice?secret={KEY}&issuer=Acme\n\
         otpauth://totp/GitHub:alice-gh?secret={OTHER}&issuer=GitHub\n\
         otpauth://hotp/Acme:bob?secret={KEY}&issuer=Acme&counter=1\n\
         otpauth://totp/GitHub:broken?secret=GEZD&issuer=GitHub\n"
    );
    write(world, "phone", &file);
}

#[test]
fn a_whole_phone_is_taken_by_its_issuer_and_nothing_of_others_refuses_it() {
    let world = World::small();
    phone(&world);
    let rev = world.rev();
    let run = world.mfactl("convert import otpauth phone").exits(2);
    assert!(run.stderr.contains("phone, line 4: the key has 2 bytes"), "{}", run.stderr);
    assert!(run.stderr.contains("--issuer"), "{}", run.stderr);
    let run = world.mfactl("convert import otpauth phone --issuer Acne").exits(4);
    assert!(run.stderr.contains("issuers in it: Acme, GitHub"), "{}", run.stderr);
    assert_eq!(world.rev(), rev);
    let run = world.mfactl("convert import otpauth phone --issuer acme -o json").exits(0);
    let report = run.json();
    assert_eq!((&report["enrolments"], &report["left_out"]), (&1.into(), &1.into()));
    assert_eq!(report["warnings"][0], "line 3: left out: bob: its codes are counter-based");
    assert_eq!(report["accounts"][0]["login"], "alice");
    world.mfactl("convert import otpauth phone --issuer acme --strict").exits(2);
}

#[test]
fn what_can_be_taken_is_taken_and_all_else_is_listed() {
    let world = World::small();
    phone(&world);
    write(&world, "names.csv", "account;login\r\nGitHub:alice-gh;mail:bob@acme.example\r\n");
    let run = world.mfactl("convert import otpauth phone --keep-going -o json").exits(1);
    let report = run.json();
    assert_eq!((&report["enrolments"], &report["left_out"]), (&1.into(), &3.into()));
    for says in [
        "line 2: not taken over: no user alice-gh",
        "line 3: left out: bob: its codes are counter-based",
        "not taken over: line 4: the key has 2 bytes",
    ] {
        assert!(run.stderr.contains(says), "{says}: {}", run.stderr);
    }
    let run = world.mfactl("convert import otpauth phone --map names.csv --keep-going").exits(1);
    assert!(run.stdout.contains("taken over") && run.stdout.contains("bob"), "{}", run.stdout);
    assert!(run.stdout.contains("unchanged"), "{}", run.stdout);
    world.mfactl("convert import otpauth phone --map phone --issuer Acme").exits(2);
    world.mfactl("convert import otpauth phone --keep-going --strict").exits(2);
    world.mfactl("state check").exits(0);
}

#[test]
fn two_accounts_that_are_one_person_here_are_one_token_or_a_problem() {
    let world = World::small();
    let uri = |who: &str, key: &str| format!("otpauth://totp/{who}?secret={key}\n");
    write(&world, "same", &(uri("alice", KEY) + &uri("alice@acme.example", KEY)));
    write(&world, "two", &(uri("alice", KEY) + &uri("alice@acme.example", OTHER)));
    let run = world.mfactl("convert import otpauth two").exits(2);
    assert!(run.stderr.contains("line 2: alice: another token is in line 1"), "{}", run.stderr);
    let report = world.mfactl("convert import otpauth same -o json").exits(0).json();
    assert_eq!(report["enrolments"], 1);
    world.mfactl("convert import otpauth same --user carol").exits(0);
}

#[test]
fn seed_files_of_vendors_are_read_with_a_map_of_serial_numbers() {
    let world = World::small();
    write(&world, "seeds.csv", &format!("Serial Number;Seed;Time Interval\r\n0042;{HEX};60\r\n"));
    let run = world.mfactl("convert import token-csv seeds.csv").exits(4);
    assert!(run.stderr.contains("line 2: no user 0042") && run.stderr.contains("--map"));
    write(&world, "map.csv", "serial,login\n0042,alice\n");
    world.mfactl("convert import token-csv seeds.csv --map map.csv").exits(0);
    world.mfactl("convert export token-csv out").exits(2);
    let json =
        format!(r#"{{"items":[{{"name":"Acme","login":{{"username":"bob","totp":"{KEY}"}}}}]}}"#);
    write(&world, "vault.json", &json);
    world.mfactl("convert import json vault.json --issuer acme").exits(0);
}

/// Encrypted and authenticated with the values of figure 6 of RFC 6030.
const PSKC: &str = "<KeyContainer Version=\"1.0\" xmlns=\"urn:ietf:params:xml:ns:keyprov:pskc\">
<EncryptionKey><KeyName>Pre-shared-key</KeyName></EncryptionKey>
<MACMethod Algorithm=\"http://www.w3.org/2000/09/xmldsig#hmac-sha1\"><MACKey>
<EncryptionMethod Algorithm=\"http://www.w3.org/2001/04/xmlenc#aes128-cbc\"/><CipherData>
<CipherValue>ESIzRFVmd4iZABEiM0RVZgKn6WjLaTC1sbeBMSvIhRejN9vJa2BOlSaMrR7I5wSX</CipherValue>
</CipherData></MACKey></MACMethod>
<KeyPackage><DeviceInfo><SerialNo>0042</SerialNo></DeviceInfo>
<Key Id=\"1\" Algorithm=\"urn:ietf:params:xml:ns:keyprov:pskc:totp\">
<AlgorithmParameters><ResponseFormat Length=\"6\" Encoding=\"DECIMAL\"/></AlgorithmParameters>
<Data><Secret><EncryptedValue>
<EncryptionMethod Algorithm=\"http://www.w3.org/2001/04/xmlenc#aes128-cbc\"/><CipherData>
<CipherValue>AAECAwQFBgcICQoLDA0OD+cIHItlB3Wra1DUpxVvOx2lef1VmNPCMl8jwZqIUqGv</CipherValue>
</CipherData></EncryptedValue><ValueMAC>Su+NvtQfmvfJzF6bmQiJqoLRExc=</ValueMAC></Secret></Data>
</Key></KeyPackage></KeyContainer>
";

#[test]
fn an_encrypted_key_container_is_opened_with_its_key_and_mapped_by_serial_number() {
    let mut world = World::small();
    write(&world, "tokens.xml", PSKC);
    write(&world, "map.csv", "0042,alice\n");
    write(&world, "key", "12345678901234567890123456789012\n");
    write(&world, "wrong", "22345678901234567890123456789012\n");
    let import = "convert import pskc tokens.xml --map map.csv";
    let run = world.mfactl(import).exits(2);
    assert!(run.stderr.contains("line 8: the key is encrypted"), "{}", run.stderr);
    let run = world.mfactl(&format!("{import} --decrypt-with wrong")).exits(2);
    assert!(run.stderr.contains("wrong, or the file was changed"), "{}", run.stderr);
    world.sh(&format!("mfactl {import} --decrypt-with - < key")).exits(0);
    world.at(LATER);
    verify(&world, "alice", &App::new(KEY, "SHA1/6/30").code(LATER)).exits(0);
    world.mfactl("convert import otpauth key --decrypt-with key").exits(2);
}

#[test]
fn lines_that_still_let_in_are_named_though_nobody_can_be_exported() {
    let world = World::small();
    write(
        &world,
        "oath",
        &format!("HOTP/T30/6 Bob@acme.example - {HEX}\nHOTP/T30/6 zoe - {HEX}\n"),
    );
    let run = world.mfactl("convert export users-oath oath").exits(4);
    assert!(run.stderr.contains("line 1: Bob@acme.example: nothing is enrolled here"));
    assert!(run.stderr.contains("line 2: zoe: no such account is here"), "{}", run.stderr);
    let run = world.mfactl("convert export users-oath oath carol").exits(3);
    assert!(run.stderr.contains("line 2: zoe"), "{}", run.stderr);
    let run = world.as_user("stranger", "convert export users-oath oath").exits(5);
    assert!(!run.stderr.contains("zoe"), "{}", run.stderr);
}

#[test]
fn users_oath_has_the_local_time_of_the_machine() {
    let mut world = World::small();
    write(&world, "keys", &format!("otpauth://totp/alice?secret={KEY}\n"));
    world.mfactl("convert import otpauth keys").exits(0);
    world.at(LATER);
    verify(&world, "alice", &App::new(KEY, "SHA1/6/30").code(LATER)).exits(0);
    for (zone, stamp) in [
        ("UTC", "2026-11-21T09:00:30L"),
        ("America/New_York", "2026-11-21T04:00:30L"),
        ("Asia/Kolkata", "2026-11-21T14:30:30L"),
        ("XYZ+3", "2026-11-21T06:00:30L"),
    ] {
        let line = format!("TZ={zone} mfactl convert export users-oath {}", zone.replace('/', "-"));
        world.sh(&line).exits(0);
        let out = std::fs::read_to_string(world.path(&zone.replace('/', "-"))).unwrap();
        assert!(out.trim_end().ends_with(stamp), "{zone}: {out}");
    }
}

/// Killed at any call that gives or takes a name, nothing of an export is in the way of
/// pam_oath or of the next one.
#[test]
fn an_export_that_is_killed_leaves_nothing_in_the_way() {
    if !tool("strace") {
        return;
    }
    let world = World::small();
    write(&world, "keys", &format!("otpauth://totp/alice?secret={KEY}\n"));
    world.mfactl("convert import otpauth keys").exits(0);
    let names = || {
        let all = std::fs::read_dir(world.dir()).unwrap();
        let mut names: Vec<String> =
            all.map(|entry| entry.unwrap().file_name().into_string().unwrap()).collect();
        names.retain(|name| name.contains("oath"));
        names.sort();
        names
    };
    world.mfactl("convert export users-oath oath").exits(0);
    for call in ["linkat", "renameat", "unlinkat", "fsync", "fchown", "ftruncate"] {
        for when in 1..=2 {
            let strace = format!(
                "strace -f -qq -o /dev/null -e trace={call} -e inject={call}:signal=SIGKILL:when={when}"
            );
            world.sh(&format!("{strace} mfactl convert export users-oath oath"));
            let secret = std::fs::read_to_string(world.path("oath")).unwrap();
            assert!(secret.contains(HEX), "{call}: the file is whole");
            world.mfactl("convert export users-oath oath").exits(0);
            assert_eq!(names(), ["oath"], "{call} {when}");
        }
    }
    // Stopped while it waits for the state, it holds nothing of the other tool.
    let mut holder = world.shell("flock demo/lock sleep 6").stdout(Stdio::null()).spawn().unwrap();
    std::thread::sleep(std::time::Duration::from_millis(300));
    for signal in ["INT", "TERM", "HUP"] {
        world.sh(&format!("timeout -s {signal} 1 mfactl convert export users-oath oath"));
        assert_eq!(names(), ["oath"], "{signal}");
    }
    holder.wait().unwrap();
}

#[test]
fn of_several_sign_ins_while_the_clock_was_ahead_only_the_last_code_stayed_used() {
    let mut world = World::small();
    let app = App::new(KEY, "SHA1/6/30");
    write(&world, "keys", &format!("otpauth://totp/alice?secret={KEY}\n"));
    world.mfactl("convert import otpauth keys").exits(0);
    let rounds = [
        ("user unlock alice", "2026-11-21T09:10:00Z", "2027-12-2"),
        ("state accept-clock", "2026-11-21T09:20:00Z", "2028-12-2"),
    ];
    let ahead = |day: &str| {
        ["5T09:00:00Z", "5T17:30:00Z", "6T09:00:00Z"].map(|instant| format!("{day}{instant}"))
    };
    for (mend, now, day) in rounds {
        for instant in ahead(day) {
            world.at(&instant);
            verify(&world, "alice", &app.code(&instant)).exits(0);
        }
        world.at(now);
        world.mfactl(mend).exits(0);
    }
    for (_, _, day) in rounds {
        for instant in ahead(day) {
            world.at(&instant);
            refused(verify(&world, "alice", &app.code(&instant)), "code-used");
            let next = instant.replace(":00Z", ":30Z");
            world.at(&next);
            verify(&world, "alice", &app.code(&next)).exits(0);
        }
    }
    world.mfactl("state check").exits(0);
}

#[test]
fn a_clock_that_was_ahead_is_mended_by_unlock_and_accept_clock_and_used_steps_stay_used() {
    let mut world = World::small();
    let app = App::new(KEY, "SHA1/6/30");
    write(&world, "keys", &format!("otpauth://totp/alice?secret={KEY}\n"));
    world.mfactl("convert import otpauth keys").exits(0);
    let rounds = [
        (
            "user unlock alice",
            "2027-12-26T09:00:00Z",
            "2026-11-21T09:10:00Z",
            "2026-11-21T09:10:30Z",
        ),
        (
            "state accept-clock",
            "2028-12-26T09:00:00Z",
            "2026-11-21T09:20:00Z",
            "2026-11-21T09:20:30Z",
        ),
    ];
    for (mend, ahead, now, next) in rounds {
        world.at(ahead);
        verify(&world, "alice", &app.code(ahead)).exits(0);
        world.at(now);
        refused(verify(&world, "alice", &app.code(now)), "code-used");
        let user = world.mfactl("user show alice -o json").exits(0).json();
        assert_eq!(user["enrolment"]["codes_count_from"], ahead);
        let shown = world.mfactl("user show alice").exits(0).stdout;
        assert!(shown.contains("codes count from") && shown.contains(ahead), "{shown}");
        let (rev, files) = (world.rev(), world.files());
        world.mfactl(&format!("{mend} --dry-run")).exits(0);
        assert!(world.files() == files, "{mend}");
        world.mfactl(mend).exits(0);
        assert_eq!(world.rev(), rev + 1, "{mend} is recorded");
        assert!(world.mfactl(&format!("{mend} -o json")).exits(0).json()["rev"].is_null());
        let user = world.mfactl("user show alice -o json").exits(0).json();
        assert!(user["enrolment"]["codes_count_from"].is_null());
        refused(verify(&world, "alice", &app.code(now)), "code-used");
        world.at(next);
        verify(&world, "alice", &app.code(next)).exits(0);
    }
    // The days come.
    for (_, ahead, ..) in rounds {
        world.at(ahead);
        refused(verify(&world, "alice", &app.code(ahead)), "code-used");
    }
    world.mfactl("state check").exits(0);
}

#[test]
fn what_cannot_be_a_code_is_not_an_attempt() {
    let world = World::small();
    let (app, _) = person::enrol(&world, "alice", NOW);
    let state = |world: &World| {
        let files = world.files().into_iter();
        files
            .filter(|(path, _)| path.extension().is_some_and(|end| end == "yaml"))
            .collect::<Vec<_>>()
    };
    let before = state(&world);
    for typed in ["hunter2", "12345", "1234567", "123456789", "no code at all", "1234567890ab12"] {
        refused(verify(&world, "alice", typed), "code-malformed");
    }
    assert!(state(&world) == before, "nothing is counted");
    let log = world.sh("cat demo/signin/log/*.jsonl").exits(0).stdout;
    assert!(!log.contains("hunter2") && log.contains("code-malformed"), "{log}");
    let wide: String =
        app.code(NOW).chars().map(|c| char::from_u32(u32::from(c) + 0xFEE0).unwrap()).collect();
    refused(verify(&world, "alice", &wide), "code-used");
    // At the enrolment as well.
    world.mfactl("user enrol bob --reveal").exits(0);
    let run = world.sh("echo 12345 | mfactl user confirm bob --code-from - --reveal").exits(2);
    assert!(run.stderr.contains("cannot confirm bob") && run.stderr.contains("6 digits"));
}

#[test]
fn how_far_a_phone_is_off_is_known_and_nobody_who_guesses_is_told_what_to_wait_for() {
    let mut world = World::small();
    let (app, _) = person::enrol(&world, "alice", NOW);
    world.at("2026-11-21T10:00:00Z");
    let run = verify(&world, "alice", &app.code("2026-11-21T09:57:00Z"));
    assert!(run.stderr.contains("6 time steps (3 min) behind"), "{}", run.stderr);
    refused(run, "code-wrong");
    let run = verify(&world, "alice", &app.code("2026-11-21T10:10:00Z"));
    assert!(!run.stderr.contains("ahead"), "{}", run.stderr);
    refused(run, "code-wrong");
    let log = world.sh("cat demo/signin/log/*.jsonl").exits(0).stdout;
    assert!(log.contains("\"clock_off_steps\":-6") && log.contains("\"clock_off_steps\":20"));
    assert!(!log.contains(&app.code("2026-11-21T10:10:00Z")), "never the code");
    // At the enrolment the operator has the secret anyway.
    let shown = world.mfactl("user enrol bob --reveal -o json").exits(0).json();
    let bob = App::new(shown["secret"].as_str().unwrap(), "SHA1/6/30");
    let confirm = |code: String| {
        world.sh(&format!("echo {code} | mfactl user confirm bob --code-from - --reveal"))
    };
    let run = confirm(bob.code("2026-11-21T10:05:00Z")).exits(3);
    assert!(run.stderr.contains("10 time steps (5 min) ahead"), "{}", run.stderr);
    let run = world.mfactl("user enrol bob --reveal").exits(0);
    assert!(run.stderr.contains("the secret issued to bob at 2026-11-21T10:00:00Z is void"));
    let run = confirm(bob.code("2026-11-21T10:00:00Z")).exits(3);
    assert!(run.stderr.contains("is void since another was issued at 2026-11-21T10:00:00Z"));
    world.mfactl("key rotate --yes").exits(0);
    let run = confirm(bob.code("2026-11-21T10:00:00Z")).exits(3);
    assert!(run.stderr.contains("an earlier secret"), "{}", run.stderr);
    world.mfactl("user reset bob").exits(0);
    world.mfactl("state check").exits(0);
}
