//! Sign-in through the binary: enrolment, codes, lock-outs, races and damage.

#![allow(clippy::disallowed_methods, clippy::unwrap_used)]

use crate::person;
use crate::shell;

use std::os::unix::fs::PermissionsExt;
use std::path::{Path, PathBuf};
use std::process::Stdio;

use person::{App, enrol, refused, verify};
use serde_json::Value;
use shell::{NOW, World};

fn file_of(world: &World, dir: &str, ending: &str) -> PathBuf {
    let files = std::fs::read_dir(world.state().join(dir)).unwrap();
    let mut names = files.map(|entry| entry.unwrap().path());
    names.find(|path| path.to_str().unwrap().ends_with(ending)).unwrap()
}

const LATER: &str = "2026-11-21T09:00:30Z";
const LATER_STILL: &str = "2026-11-21T09:01:00Z";

#[test]
fn a_code_gets_in_once() {
    let mut world = World::small();
    let (app, codes) = enrol(&world, "alice", NOW);
    assert_eq!(codes.len(), 10);
    refused(verify(&world, "alice", &app.code(NOW)), "code-used");
    world.at(LATER);
    let answer = verify(&world, "alice", &app.code(LATER)).exits(0).json();
    let keys: Vec<&String> = answer.as_object().unwrap().keys().collect();
    assert_eq!(
        keys,
        ["ok", "reason", "requirement", "rule", "until", "locked_until", "recovery_codes_left"]
    );
    assert_eq!(answer["recovery_codes_left"], 10);
    refused(verify(&world, "alice", &app.code(LATER)), "code-used");
    // One step back and ahead are accepted, two are not.
    refused(verify(&world, "alice", &app.code("2026-11-21T09:01:30Z")), "code-wrong");
    verify(&world, "ALICE", &app.code(LATER_STILL)).exits(0);
    verify(&world, "alice", &codes[3].to_lowercase()).exits(0);
    let answer = refused(verify(&world, "id:u-alice", &codes[3]), "code-used");
    assert_eq!(answer["recovery_codes_left"], 9);
    let user = world.mfactl("user show alice -o json").exits(0).json();
    assert_eq!(user["enrolment"]["recovery_codes_left"], 9);
    assert_eq!(user["enrolment"]["method"], "totp");
    world.mfactl("state check").exits(0);
}

#[test]
fn everybody_has_their_answer() {
    let world = World::small();
    for (who, exit, reason) in [
        ("alice", 1, Value::from("code-required")),
        ("bob", 0, Value::Null),
        ("dave", 1, Value::from("delegated")),
        ("erin", 1, Value::from("denied")),
        ("gus", 1, Value::from("denied")),
        ("nobody", 1, Value::from("denied")),
        ("id:u-nobody", 1, Value::from("denied")),
    ] {
        let run = world.mfactl(&format!("signin check {who} --org acme -o json")).exits(exit);
        assert_eq!(run.json()["reason"], reason, "{who}");
    }
    world.mfactl("user set-mfa carol on").exits(0);
    refused(world.mfactl("signin check carol --org acme -o json"), "enrol-first");
    refused(world.mfactl("signin check carol --org acme --allow-code -o json"), "enrol-first");
    let gate = world.mfactl("signin check alice --org acme --allow-code -o json").exits(0).json();
    assert_eq!((&gate["ok"], &gate["reason"]), (&true.into(), &"code-required".into()));
    // Registered elsewhere: nothing is kept here that a code could be compared with.
    refused(verify(&world, "alice", "123456"), "no-local-secret");
    verify(&world, "bob", "").exits(0);
    world.mfactl("signin check bob --org nowhere").exits(4);
    world.mfactl("signin check bob --org acme --service nothing").exits(4);
    // No operator is needed, but a terminal or a file for the code.
    world.as_user("stranger", "signin check bob --org acme").exits(0);
    enrol(&world, "alice", NOW);
    world.as_user("stranger", "signin verify alice --org acme").exits(2);
    refused(world.mfactl("signin check alice --org acme --at +30d -o json"), "code-required");
}

#[test]
fn failures_lock_out_and_an_unlock_helps() {
    let mut world = World::small();
    let (app, codes) = enrol(&world, "alice", NOW);
    for n in 1..=5 {
        let answer = refused(verify(&world, "alice", "000000"), "code-wrong");
        let locked = if n < 5 { Value::Null } else { Value::from("2026-11-21T09:00:30Z") };
        assert_eq!(answer["locked_until"], locked, "failure {n}");
    }
    let files = world.files();
    refused(verify(&world, "mail:alice@acme.example", &app.code(LATER)), "locked-out");
    refused(verify(&world, "alice", &codes[0]), "locked-out");
    let gate = world.mfactl("signin check alice --org acme --allow-code -o json");
    refused(gate, "locked-out");
    let same = |a: &(PathBuf, Vec<u8>)| !a.0.to_str().unwrap().contains("signin/log");
    let now: Vec<_> = world.files().into_iter().filter(same).collect();
    assert!(now == files.into_iter().filter(same).collect::<Vec<_>>(), "nothing is counted");
    let user = world.mfactl("user show alice -o json").exits(0).json();
    assert_eq!(user["enrolment"]["locked_until"], "2026-11-21T09:00:30Z");

    world.mfactl("user unlock alice").exits(0);
    verify(&world, "alice", &app.code(LATER)).exits(0);
    assert!(world.mfactl("user unlock alice").exits(0).stdout.contains("not locked out"));

    (0..5).for_each(|_| drop(refused(verify(&world, "alice", "999999"), "code-wrong")));
    // A clock set back does not end a lock; its end does.
    world.at("2026-11-21T08:59:00Z");
    refused(verify(&world, "alice", &codes[0]), "locked-out");
    world.at(LATER);
    verify(&world, "alice", &codes[0]).exits(0);
}

#[test]
fn a_clock_set_back_revives_no_code_and_no_exception() {
    let mut world = World::small();
    let (app, _) = enrol(&world, "alice", NOW);
    world.at("2026-11-21T10:00:00Z");
    let code = app.code("2026-11-21T10:00:00Z");
    verify(&world, "alice", &code).exits(0);
    world.mfactl("exception grant alice --short --reason no-signal --for 1h").exits(0);
    world.at("2026-11-21T11:00:00Z").mfactl("user set-mfa bob on").exits(0);
    for (now, reason) in [
        ("2026-11-21T10:00:00Z", "code-used"),
        ("1969-12-31T23:59:59Z", "code-wrong"),
        ("0001-01-01T00:00:00Z", "code-wrong"),
    ] {
        world.at(now);
        refused(verify(&world, "alice", &code), reason);
    }
    world.at("9999-12-31T23:59:59Z");
    refused(verify(&world, "alice", &code), "code-used");
    refused(verify(&world, "alice", "000000"), "code-wrong");
}

/// RFC 6238, appendix B, through enrolment by `convert` and the sign-in itself.
#[test]
fn rfc_6238_vectors_pass_through_the_real_path() {
    let vectors = [
        ("SHA1", "GEZDGNBVGY3TQOJQGEZDGNBVGY3TQOJQ", ["94287082", "07081804", "89005924"]),
        (
            "SHA256",
            "GEZDGNBVGY3TQOJQGEZDGNBVGY3TQOJQGEZDGNBVGY3TQOJQGEZA",
            ["46119246", "68084774", "91819424"],
        ),
        (
            "SHA512",
            "GEZDGNBVGY3TQOJQGEZDGNBVGY3TQOJQGEZDGNBVGY3TQOJQGEZDGNBVGY3TQOJQGEZDGNBVGY3TQOJQGEZDGNBVGY3TQOJQGEZDGNA",
            ["90693936", "25091201", "93441116"],
        ),
    ];
    for (algorithm, key, codes) in vectors {
        let mut world = World::new();
        world.at("1970-01-01T00:00:00Z");
        std::fs::write(world.path("a.csv"), "login,mfa,orgs\nalice,on,acme\n").unwrap();
        world.mfactl("user import --init --create-orgs a.csv").exits(0);
        let uri = format!(
            "otpauth://totp/x:alice?secret={key}&issuer=x&algorithm={algorithm}&digits=8&period=30\n"
        );
        std::fs::write(world.path("uris"), uri).unwrap();
        world.mfactl("convert import otpauth uris").exits(0);
        let times = ["1970-01-01T00:00:59Z", "2005-03-18T01:58:29Z", "2009-02-13T23:31:30Z"];
        for (now, code) in times.into_iter().zip(codes) {
            world.at(now);
            refused(verify(&world, "alice", "00000000"), "code-wrong");
            verify(&world, "alice", code).exits(0);
            refused(verify(&world, "alice", code), "code-used");
        }
    }
}

#[test]
fn times_far_away_are_answered() {
    for now in ["1900-01-01T00:00:00Z", "1969-12-31T23:59:45Z", "9998-12-31T23:59:45Z"] {
        let mut world = World::new();
        world.at(now);
        std::fs::write(world.path("a.csv"), "login,mfa,orgs\nalice,on,acme\n").unwrap();
        world.mfactl("user import --init --create-orgs a.csv").exits(0);
        world.mfactl("user enrol alice --unverified --out secret").exits(0);
        refused(verify(&world, "alice", "000000"), "code-wrong");
        refused(world.mfactl("signin check alice --org acme -o json"), "code-required");
        world.mfactl("state check").exits(0);
    }
}

/// What must fail closed: with this exit, and nothing written.
#[track_caller]
fn fails_closed(world: &World, code: &str, exit: i32, word: &str) {
    let before = world.files();
    let run = verify(world, "alice", code).exits(exit);
    assert!(run.stderr.contains(word), "{}", run.stderr);
    assert_eq!(run.stdout, "");
    assert!(world.files() == before, "something was written");
}

#[test]
fn a_wrong_key_and_an_unreadable_one_let_nobody_in() {
    let mut world = World::small();
    let (app, _) = enrol(&world, "alice", NOW);
    world.at(LATER);
    let (code, key) = (app.code(LATER), world.path("demo.key"));
    let right = std::fs::read(&key).unwrap();
    let mode = |mode| std::fs::Permissions::from_mode(mode);

    std::fs::set_permissions(&key, mode(0o440)).unwrap();
    fails_closed(&world, &code, 7, "chmod 0400");
    std::fs::remove_file(&key).unwrap();
    fails_closed(&world, &code, 7, "is not there");
    for (content, word) in
        [(vec![7; 31], "of the key file is not"), ((1..=32).collect(), "sealed with the key")]
    {
        std::fs::write(&key, content).unwrap();
        std::fs::set_permissions(&key, mode(0o400)).unwrap();
        fails_closed(&world, &code, 7, word);
        let before = world.files();
        world.mfactl("user enrol bob --reveal").exits(7);
        assert!(world.files() == before);
        std::fs::remove_file(&key).unwrap();
    }
    // Neither the decision nor what is exempt needs the key.
    refused(world.mfactl("signin check alice --org acme -o json"), "code-required");
    std::fs::write(&key, right).unwrap();
    std::fs::set_permissions(&key, mode(0o600)).unwrap();
    verify(&world, "alice", &code).exits(0);
}

#[test]
fn damage_lets_nobody_in() {
    let mut world = World::small();
    let (app, _) = enrol(&world, "alice", NOW);
    enrol(&world, "bob", NOW);
    world.mfactl("user set-mfa bob on").exits(0);
    world.at(LATER);
    let code = app.code(LATER);
    let line = file_of(&world, "signin", ".yaml");
    let whole = std::fs::read(&line).unwrap();
    let shards: Vec<PathBuf> = std::fs::read_dir(world.state().join("signin"))
        .unwrap()
        .map(|entry| entry.unwrap().path())
        .filter(|path| path.extension().is_some_and(|e| e == "yaml"))
        .collect();
    let alice = shards
        .iter()
        .find(|path| std::fs::read_to_string(path).unwrap().contains("u-alice"))
        .unwrap();
    let kept = std::fs::read(alice).unwrap();
    for length in [0, 20, 85, kept.len() - 2, kept.len() - 1] {
        std::fs::write(alice, &kept[..length]).unwrap();
        fails_closed(&world, &code, 7, "signin/");
        assert_ne!(world.mfactl("state check").code, 0);
    }
    std::fs::remove_file(alice).unwrap();
    fails_closed(&world, &code, 7, "has no line");
    std::fs::write(alice, &kept).unwrap();
    std::fs::set_permissions(alice, std::fs::Permissions::from_mode(0o600)).unwrap();
    std::fs::write(&line, &whole).unwrap();

    // The ciphertexts of two users change places, their hashes made to fit.
    let secrets = file_of(&world, "secrets", ".yaml");
    let right = std::fs::read(&secrets).unwrap();
    swap_sealed(&secrets);
    fails_closed(&world, &code, 7, "does not open");
    std::fs::write(&secrets, &right[..right.len() - 9]).unwrap();
    fails_closed(&world, &code, 7, "secrets/");
    std::fs::write(&secrets, &right).unwrap();

    let users = file_of(&world, "users", ".yaml");
    let whole = std::fs::read(&users).unwrap();
    std::fs::write(&users, &whole[..whole.len() / 2]).unwrap();
    fails_closed(&world, &code, 7, "users/");
    world.mfactl("signin check bob --org acme").exits(7);
    std::fs::write(&users, whole).unwrap();
    world.mfactl("state check").exits(0);
    verify(&world, "alice", &code).exits(0);
}

/// Exchanges the sealed texts in the first two lines of a file, and mends its first line.
fn swap_sealed(path: &Path) {
    use sha2::{Digest, Sha256};
    let text = std::fs::read_to_string(path).unwrap();
    let sealed: Vec<&str> = text.split('"').filter(|word| word.starts_with("v1:")).collect();
    let (one, two) = (sealed[0], sealed[1]);
    let swapped = text.replace(one, "%").replace(two, one).replace('%', two);
    let (_, body) = swapped.split_once('\n').unwrap();
    let digest = Sha256::digest(body.as_bytes());
    let hash: String = digest.iter().map(|byte| format!("{byte:02x}")).collect();
    let head = text.lines().next().unwrap();
    let head = head.split("sha256 ").next().unwrap();
    std::fs::write(path, format!("{head}sha256 {hash}\n{body}")).unwrap();
}

#[test]
fn an_answer_that_cannot_be_printed_is_no_yes() {
    let world = World::small();
    world.sh("mfactl signin check bob --org acme > /dev/full").exits(8);
    world.sh("mfactl signin verify bob --org acme > /dev/full").exits(8);
    world.sh("mfactl signin check alice --org acme > /dev/full").exits(8);
    let closed = world.sh("(mfactl signin check bob --org acme; echo $? > code) | true");
    assert_eq!(closed.code, 0);
}

#[test]
fn secrets_go_only_where_they_are_asked_to_go() {
    let world = World::small();
    let before = world.files();
    for arguments in ["user enrol bob", "user codes alice", "user confirm bob"] {
        let run = world.mfactl(arguments).exits(2);
        assert!(run.stderr.contains("--reveal") && run.stdout.is_empty(), "{}", run.stderr);
    }
    std::fs::write(world.path("there"), "x").unwrap();
    world.mfactl("user enrol bob --out there").exits(2);
    world.mfactl("user enrol bob --png new.png --svg there").exits(2);
    assert!(!world.path("new.png").exists(), "what was made for nothing is gone");
    world.mfactl("user enrol dave --out new").exits(3);
    assert!(!world.path("new").exists());
    let dry = world.mfactl("user enrol bob --reveal --dry-run -o json").exits(0).json();
    assert_eq!((&dry["secret"], &dry["rev"]), (&Value::Null, &Value::Null));
    assert!(world.files() == before);

    let run =
        world.mfactl("user enrol bob --out secret --png qr.png --svg qr.svg -o json").exits(0);
    assert_eq!(run.json()["secret"], Value::Null);
    let kept: Value =
        serde_json::from_slice(&std::fs::read(world.path("secret")).unwrap()).unwrap();
    let app = App::new(kept["secret"].as_str().unwrap(), "SHA1/6/30");
    for file in ["secret", "qr.png", "qr.svg"] {
        let found = std::fs::metadata(world.path(file)).unwrap();
        assert_eq!(found.permissions().mode() & 0o777, 0o600, "{file}");
    }
    refused_confirm(&world, "000000");
    let line =
        format!("echo {} | mfactl user confirm bob --code-from - --out codes", app.code(NOW));
    let shown = world.sh(&line).exits(0).stdout;
    let codes = std::fs::read_to_string(world.path("codes")).unwrap();
    assert!(codes.contains("-") && !shown.contains(codes.lines().nth(1).unwrap()));
    world.mfactl("user confirm bob --code-from /dev/null --out again").exits(3);
}

#[track_caller]
fn refused_confirm(world: &World, code: &str) {
    let line = format!("echo {code} | mfactl user confirm bob --code-from - --reveal -o json");
    assert_eq!(world.sh(&line).exits(3).error()["code"], "code-wrong");
}

#[test]
fn an_enrolment_replaces_the_old_one_only_when_it_is_confirmed() {
    let mut world = World::small();
    let (old, _) = enrol(&world, "alice", NOW);
    world.at(LATER);
    let shown = world.mfactl("user enrol alice --reveal -o json -m again").exits(0).json();
    let new = App::new(shown["secret"].as_str().unwrap(), "SHA1/6/30");
    refused(verify(&world, "alice", &new.code(LATER)), "code-wrong");
    verify(&world, "alice", &old.code(LATER)).exits(0);
    let line =
        format!("echo {} | mfactl user confirm alice --code-from - --reveal", new.code(LATER));
    world.sh(&line).exits(0);
    world.at(LATER_STILL);
    refused(verify(&world, "alice", &old.code(LATER_STILL)), "code-wrong");
    verify(&world, "alice", &new.code(LATER_STILL)).exits(0);
    world.mfactl("user enrol alice --external badge").exits(0);
    refused(verify(&world, "alice", &new.code(LATER_STILL)), "no-local-secret");
    world.mfactl("state check").exits(0);
    let other = world.mfactl(
        "user enrol bob --unverified --digits 8 --period 60 --algorithm SHA256 --reveal -o json",
    );
    assert!(other.stderr.contains("nobody has seen a code"));
    let app = App::new(other.exits(0).json()["secret"].as_str().unwrap(), "SHA256/8/60");
    world.mfactl("user set-mfa bob on").exits(0);
    verify(&world, "bob", &app.code(LATER_STILL)).exits(0);
    let codes = world.mfactl("user codes bob --reveal -o json").exits(0).json();
    verify(&world, "bob", codes["recovery_codes"][0].as_str().unwrap()).exits(0);
}

/// A program reads the secret, and answers with a code of it.
#[test]
fn enrolment_in_one_go() {
    use std::io::{BufRead, BufReader, Write};
    for right in [true, false] {
        let world = World::small();
        let mut command =
            world.shell("exec mfactl user enrol bob --verify-code - --reveal -o jsonl");
        let piped = command.stdin(Stdio::piped()).stdout(Stdio::piped()).stderr(Stdio::piped());
        let mut child = piped.spawn().unwrap();
        let mut out = BufReader::new(child.stdout.take().unwrap());
        let mut line = String::new();
        out.read_line(&mut line).unwrap();
        let shown: Value = serde_json::from_str(&line).unwrap();
        let app = App::new(shown["secret"].as_str().unwrap(), "SHA1/6/30");
        // Nobody waits while the person types.
        world.mfactl("user set-mfa bob on").exits(0);
        let code = if right { app.code(NOW) } else { "000000".to_owned() };
        writeln!(child.stdin.take().unwrap(), "{code}").unwrap();
        line.clear();
        out.read_line(&mut line).unwrap();
        assert_eq!(child.wait().unwrap().code(), Some(if right { 0 } else { 3 }));
        let status = world.mfactl("user show bob -o json").json()["enrolment"]["method"].clone();
        if right {
            let codes: Value = serde_json::from_str(&line).unwrap();
            assert_eq!(codes["recovery_codes"].as_array().unwrap().len(), 10);
            assert_eq!(status, "totp");
        } else {
            assert_eq!(status, "external:import", "nothing was changed");
        }
    }
}

#[test]
fn a_secret_is_found_nowhere_in_clear() {
    let mut world = World::small();
    let shown = world.mfactl("user enrol alice --reveal -o json").exits(0);
    let secret = shown.json()["secret"].as_str().unwrap().to_owned();
    let app = App::new(&secret, "SHA1/6/30");
    let line = format!(
        "echo {} | mfactl user confirm alice --code-from - --reveal -o json",
        app.code(NOW)
    );
    let codes = world.sh(&line).exits(0).json()["recovery_codes"].clone();
    let recovery = codes[0].as_str().unwrap().to_owned();
    world.at(LATER);
    let code = app.code(LATER);
    let mut shown = String::new();
    for line in [
        format!("echo {code} | mfactl -v signin verify alice --org acme --code-from -"),
        format!("echo {recovery} | mfactl -v signin verify alice --org acme --code-from - -o json"),
        format!("echo {recovery} | mfactl signin verify alice --org acme --code-from -"),
        "mfactl user show alice -o json".to_owned(),
        "mfactl audit log -o json".to_owned(),
        "mfactl audit export -o jsonl".to_owned(),
        "mfactl audit show 3 -o json".to_owned(),
        "mfactl key info".to_owned(),
        "mfactl key rotate --yes -o json".to_owned(),
        "mfactl state check -o json".to_owned(),
        "mfactl user reset alice --dry-run -o json".to_owned(),
    ] {
        let run = world.sh(&line);
        shown.push_str(&run.stdout);
        shown.push_str(&run.stderr);
    }
    let mut files: Vec<u8> = shown.into_bytes();
    world.files().iter().for_each(|(_, bytes)| files.extend_from_slice(bytes));
    let hex: String = app.totp.secret.bytes().iter().map(|b| format!("{b:02x}")).collect();
    let raw = app.totp.secret.bytes().to_vec();
    let plain = recovery.replace('-', "");
    for canary in [secret.as_bytes(), hex.as_bytes(), &raw, recovery.as_bytes(), plain.as_bytes()] {
        assert!(!files.windows(canary.len()).any(|part| part == canary), "a secret is in clear");
    }
    assert!(!String::from_utf8_lossy(&files).contains(&format!("\"{code}\"")));
}

#[test]
fn a_rotation_seals_everything_anew() {
    let mut world = World::small();
    let (alice, _) = enrol(&world, "alice", NOW);
    world.mfactl("user enrol bob --reveal").exits(0);
    let before = world.mfactl("key info -o json").exits(0).json();
    assert_eq!((&before["fits"], &before["secrets"]), (&true.into(), &2.into()));
    world.mfactl("key rotate").exits(2);
    let rev = world.rev();
    world.mfactl("key rotate --yes --dry-run").exits(0);
    world.mfactl("key rotate --yes").exits(0);
    assert_eq!(world.rev(), rev + 1);
    let after = world.mfactl("key info -o json").exits(0).json();
    assert_ne!(before["keys"], after["keys"]);
    assert_eq!((&after["older"], &after["unreadable"]), (&0.into(), &0.into()));
    world.at(LATER);
    verify(&world, "alice", &alice.code(LATER)).exits(0);
    world.mfactl("audit verify").exits(0);
    world.mfactl("state check").exits(0);
}

#[test]
fn secrets_go_with_the_account() {
    let mut world = World::small();
    let (app, _) = enrol(&world, "alice", NOW);
    world.mfactl("user rename alice alicia").exits(0);
    assert!(world.mfactl("state path alicia").exits(0).stdout.contains("secrets/"));
    world.at(LATER);
    verify(&world, "alicia", &app.code(LATER)).exits(0);
    world.mfactl("user reset alicia").exits(0);
    refused(verify(&world, "alicia", &app.code(LATER)), "enrol-first");
    assert!(!world.mfactl("state path alicia").exits(0).stdout.contains("secrets/"));
    enrol(&world, "bob", LATER);
    world.mfactl("user remove bob --yes").exits(0);
    assert_eq!(std::fs::read_dir(world.state().join("secrets")).unwrap().count(), 0);
    world.mfactl("state check").exits(0);
}

/// Must enrol, enrols, signs in, loses the phone, signs in exempt for a day, must enrol again.
#[test]
fn the_whole_life_of_one_person() {
    let mut world = World::small();
    let check = |world: &World| {
        let run = world.mfactl("signin check carol --org acme -o json");
        (run.code, run.json()["reason"].clone(), run.json()["requirement"].clone())
    };
    world.mfactl("org enforce acme on").exits(0);
    assert_eq!(check(&world), (1, "enrol-first".into(), "enrol".into()));
    let (phone, codes) = enrol(&world, "carol", NOW);
    assert_eq!(check(&world), (1, "code-required".into(), "required".into()));
    world.at(LATER);
    verify(&world, "carol", &phone.code(LATER)).exits(0);
    // The phone is lost; a recovery code gets in, then the helpdesk bridges a day.
    world.at("2026-11-22T09:00:00Z");
    let answer = verify(&world, "carol", &codes[0]).exits(0).json();
    assert_eq!(answer["recovery_codes_left"], 9);
    world.mfactl("user reset carol --ticket INC-1").exits(0);
    refused(verify(&world, "carol", &codes[1]), "enrol-first");
    world.mfactl("exception grant carol --short --reason phone-lost-or-stolen").exits(0);
    for now in ["2026-11-22T09:00:00Z", "2026-11-23T08:59:59Z"] {
        world.at(now);
        assert_eq!(check(&world), (0, Value::Null, "exempt".into()));
        let answer = verify(&world, "carol", "").exits(0).json();
        assert_eq!(answer["until"], "2026-11-23T09:00:00Z");
    }
    world.at("2026-11-23T09:00:00Z");
    assert_eq!(check(&world), (1, "enrol-first".into(), "enrol".into()));
    let (phone, _) = enrol(&world, "carol", "2026-11-23T09:00:00Z");
    world.at("2026-11-23T09:00:30Z");
    verify(&world, "carol", &phone.code("2026-11-23T09:00:30Z")).exits(0);
    world.mfactl("state check").exits(0);
}

/// Bug: with a record a little ahead of the clock, every right code was wrong.
#[test]
fn codes_go_by_the_clock_and_not_by_the_newest_record() {
    let mut world = World::small();
    let (app, _) = enrol(&world, "alice", NOW);
    world.at("2026-11-21T09:04:00Z");
    world.mfactl("user set-mfa bob on").exits(0);
    world.at("2026-11-21T09:02:00Z");
    verify(&world, "alice", &app.code("2026-11-21T09:02:00Z")).exits(0);
}

#[test]
fn nothing_brought_is_no_attempt() {
    let world = World::small();
    enrol(&world, "alice", NOW);
    for _ in 0..6 {
        refused(verify(&world, "alice", " "), "code-required");
    }
    refused(verify(&world, "alice", "000000"), "code-wrong");
}

#[test]
fn an_org_that_is_gone_with_its_members_in_place_is_damage() {
    let world = World::small();
    std::fs::remove_file(world.state().join("orgs/acme.yaml")).unwrap();
    world.mfactl("signin check bob --org acme").exits(7);
    world.mfactl("signin check bob --org nowhere").exits(4);
}

#[test]
fn a_busy_shard_is_named() {
    let mut world = World::small();
    let (app, _) = enrol(&world, "alice", NOW);
    world.at(LATER);
    let lock = file_of(&world, "signin", ".lock");
    let held = std::fs::File::options().write(true).open(&lock).unwrap();
    fs2::FileExt::try_lock_exclusive(&held).unwrap();
    let code = app.code(LATER);
    let line = format!(
        "echo {code} | mfactl signin verify alice --org acme --code-from - --lock-timeout 1s"
    );
    let run = world.sh(&line).exits(6);
    assert!(run.stderr.contains("signin/") && run.stderr.contains("sign-in"), "{}", run.stderr);
    drop(held);
    verify(&world, "alice", &code).exits(0);
}
