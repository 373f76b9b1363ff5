//! Files of keys are typed, sorted and saved by people: a key can be in any cell. No message
//! repeats one.

#![allow(clippy::disallowed_methods, clippy::unwrap_used)]

use crate::shell;

use shell::World;

const KEY: &str = "GEZDGNBVGY3TQOJQGEZDGNBVGY3TQOJQ";

/// Runs `command` on a file with each text and looks for any eight letters of the key.
#[track_caller]
fn keeps_quiet(world: &World, command: &str, texts: &[&str]) {
    for text in texts {
        std::fs::write(world.path("in"), text.replace("KEY", KEY)).unwrap();
        let run = world.sh(command);
        assert_ne!(run.code, 0, "{text}: {}{}", run.stdout, run.stderr);
        let said = format!("{}{}", run.stdout, run.stderr).to_lowercase();
        let shows = KEY
            .to_lowercase()
            .as_bytes()
            .windows(8)
            .any(|part| said.contains(std::str::from_utf8(part).unwrap()));
        assert!(!shows, "{command} of {text:?} says {said}");
        assert!(said.contains("line "), "{said}");
    }
}

#[test]
fn a_key_in_a_wrong_column_was_quoted_by_convert_import() {
    let world = World::small();
    let head = "login,serial,secret key,algorithm,digits,period,type";
    let table: Vec<String> = [
        "alice,1,KEY,KEY,6,30,totp",
        "alice,1,KEY,SHA1,KEY,30,totp",
        "alice,1,KEY,SHA1,6,KEY,totp",
        "alice,1,KEY,SHA1,6,30,KEY",
        "KEY,alice,GEZDGNBVGY3TQOJR,SHA1,6,30,totp",
        ",KEY,GEZDGNBVGY3TQOJR,SHA1,6,30,totp",
        "alice,KEY,hotp,SHA1,6,30,totp",
        "KEY,1,GEZDGNBVGY3TQOJR,SHA1,6,30,hotp",
    ]
    .map(|row| format!("{head}\n{row}\n"))
    .to_vec();
    let mut texts: Vec<&str> = table.iter().map(String::as_str).collect();
    texts.extend([
        "alice,totp,KEY\n",
        "login,key,GEZDGNBVGY3T\nalice,!,x\n",
        "login,key,KEY,KEY\nalice,!,x,y\n",
        "login;key\nalice,KEY;x\n",
    ]);
    keeps_quiet(&world, "mfactl convert import token-csv in --strict", &texts);
    let uris = [
        "otpauth://totp/alice?KEY&digits=7",
        "otpauth://totp/KEY?secret=GEZDGNBVGY3TQOJR&digits=7",
        "otpauth://totp/KEY?secret=GEZDGNBVGY3TQOJR",
        "otpauth://totp/alice?secret=KEY&digits=KEY",
        "otpauth://totp/alice?secret=KEY&algorithm=KEY",
        "otpauth://KEY/alice?secret=KEY",
        "KEY",
    ];
    keeps_quiet(&world, "mfactl convert import otpauth in --strict", &uris);
    let json = [
        r#"{"secret":"!","type":"KEY","account":"alice"}"#,
        r#"{"secret":"KEY","type":"totp","algorithm":"KEY","account":"alice"}"#,
        r#"{"secret":"GEZDGNBVGY3TQOJR","type":"totp","label":"KEY"}"#,
        "{\"secret\":\"KEY\n",
    ];
    keeps_quiet(&world, "mfactl convert import json in --strict", &json);
    let oath = [
        "HOTP/T30/KEY alice - 00",
        "HOTP/T30 KEY - 3132333435363738393031323334353637383930",
        "KEY alice - 00",
    ];
    keeps_quiet(&world, "mfactl convert import users-oath in --strict", &oath);
    let authenticator = [
        "!KEY
\" TOTP_AUTH
",
        "KEY
\" KEY KEY
\" HOTP_COUNTER KEY
",
    ];
    let command = "mfactl convert import google-authenticator in --user alice --strict";
    keeps_quiet(&world, command, &authenticator);
}

/// The wrong file is named easily: a list of tokens where a list of people is expected.
#[test]
fn a_list_of_tokens_given_as_a_list_of_people_was_quoted() {
    let world = World::small();
    let lists = [
        "KEY\n",
        "login,KEY\nalice,x\n",
        "login\nKEY!\n",
        "otpauth://totp/alice?secret=KEY\n",
        "alice,KEY\n",
    ];
    keeps_quiet(&world, "mfactl user set-mfa on --from-file in --yes", &lists[1..]);
    let sheets = [
        "KEY\nalice\n",
        "login,KEY\nalice,x\n",
        "login,mfa\nalice,KEY\n",
        "login,active\nalice,KEY\n",
        "login,enrolled\nalice,KEY\n",
        "login,sign_in\nalice,KEY\n",
        "login,email\nalice,KEY\n",
        "login,\nalice,KEY\n",
    ];
    keeps_quiet(&world, "mfactl user import --update in", &sheets);
}

#[test]
fn a_damaged_file_of_secrets_and_a_key_file_were_quoted() {
    let world = World::small();
    world.mfactl("user enrol alice --out a.txt").exits(0);
    let file = world.path("demo/secrets/all.yaml");
    let text = std::fs::read_to_string(&file).unwrap();
    for (of, to) in
        [("{\"pending\":{", format!("{{\"{KEY}\":{{")), ("\": {", format!("\" {KEY} {{"))]
    {
        let body = text.split_once('\n').unwrap().1.replacen(of, &to, 1);
        assert!(body.contains(KEY), "{body}");
        std::fs::write(world.path("body"), &body).unwrap();
        world
            .sh("sum=$(sha256sum body | cut -c 1-64); \
                 { head -n 1 demo/secrets/all.yaml | sed \"s/[0-9a-f]\\{64\\}/$sum/\"; cat body; } \
                 >new; cat new >demo/secrets/all.yaml")
            .exits(0);
        for command in ["key info", "user show alice", "user confirm alice --code-from /dev/null"] {
            let run = world.mfactl(command);
            let said = format!("{}{}", run.stdout, run.stderr);
            assert!(!said.contains(KEY), "{command}: {said}");
        }
        std::fs::write(&file, &text).unwrap();
    }
    let key = std::fs::read_to_string(world.path("demo.key")).unwrap();
    let line = key.lines().find(|line| !line.starts_with('#')).unwrap();
    let words: Vec<&str> = line.split_whitespace().collect();
    let [word, id, hex] = words[..] else { panic!("the form of a key file is another") };
    for wrong in [format!("{word} {hex} {hex}"), format!("{word} {hex} {id}"), hex.to_owned()] {
        world.sh("chmod 600 demo.key").exits(0);
        std::fs::write(world.path("demo.key"), format!("{wrong}\n")).unwrap();
        world.sh("chmod 400 demo.key").exits(0);
        let run = world.mfactl("key info");
        assert_ne!(run.code, 0);
        assert!(!run.stderr.contains(&hex[..16]), "{}", run.stderr);
    }
}
