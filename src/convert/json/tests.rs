use proptest::prelude::*;

use super::*;
use crate::convert::ImportProblems;

const KEY: &str = "GEZDGNBVGY3TQOJQGEZDGNBVGY3TQOJQ";

fn import(file: &str) -> Result<Imported, ImportProblems> {
    read(file.as_bytes()).whole()
}

/// The tokens of a file: line, issuer, account, parameters.
fn tokens(file: &str) -> Vec<String> {
    let imported = import(&file.replace("KEY", KEY)).unwrap_or_else(|e| panic!("{e}"));
    let token = |(line, e): &(usize, ForeignEnrolment)| {
        assert_eq!(e.totp.secret.bytes(), b"12345678901234567890");
        let issuer = e.issuer.as_ref().map_or("-", Issuer::as_str);
        let account = e.account.as_ref().map_or("-", Account::as_str);
        format!("{line} {issuer} {account} {}", e.totp.parameters)
    };
    imported.enrolments.iter().map(token).collect()
}

#[test]
fn the_exports_of_apps_are_read() {
    let two_fas = r#"{"services":[
{"name":"Acme","secret":"KEY","updatedAt":1700000000000,"type":"ManuallyAdded",
 "otp":{"link":"otpauth://totp/Acme:alice?secret=KEY&digits=8","account":"alice","issuer":"Acme","digits":8,"period":60,"algorithm":"SHA256","tokenType":"TOTP","source":"Link"},
 "order":{"position":0},"icon":{"selected":"Label","label":{"text":"AC"}}},
{"name":"Plain","secret":"KEY","otp":{"account":"bob","tokenType":"TOTP"}}],
"groups":[],"schemaVersion":4,"appVersionCode":50000}"#;
    let found = tokens(&two_fas.replace("\"type\":\"ManuallyAdded\",", ""));
    assert_eq!(found, ["2 Acme alice SHA256/8/60", "5 Plain bob SHA1/6/30"]);
    assert_eq!(tokens(two_fas), found, "a word of the app's own is not the kind of the token");

    let aegis = r#"{"version":1,"header":{"slots":null,"params":null},"db":{"version":3,"entries":[
{"type":"totp","uuid":"x","name":"alice","issuer":"Acme","note":"","icon":null,"info":{"secret":"KEY","algo":"SHA512","digits":6,"period":30}}]}}"#;
    assert_eq!(tokens(aegis), ["2 Acme alice SHA512/6/30"]);

    let and_otp = r#"[{"secret":"KEY","issuer":"Acme","label":"Acme:alice","digits":6,"type":"TOTP","algorithm":"SHA1","thumbnail":"Default","last_used":1,"used_frequency":0,"period":30,"tags":[]},
{"secret":"KEY","issuer":"","label":"bob","digits":6,"type":"TOTP","algorithm":"SHA1","period":30}]"#;
    assert_eq!(tokens(and_otp), ["1 Acme alice SHA1/6/30", "2 - bob SHA1/6/30"]);

    let bytes: Vec<String> = b"12345678901234567890".iter().map(u8::to_string).collect();
    let free_otp = format!(
        r#"{{"tokenOrder":["Acme:alice"],"tokens":[{{"algo":"SHA1","counter":0,"digits":6,"issuerExt":"Acme","label":"alice","period":30,"secret":[{}],"type":"TOTP"}}]}}"#,
        bytes.join(",")
    );
    assert_eq!(tokens(&free_otp), ["1 Acme alice SHA1/6/30"]);

    let bitwarden = r#"{"encrypted":false,"folders":[],"items":[
{"id":"x","type":1,"name":"Acme","login":{"username":"alice","password":"hunter2","totp":"KEY"}},
{"type":1,"name":"Other","login":{"username":"bob","totp":"otpauth://totp/O:b?secret=KEY&issuer=O"}},
{"type":2,"name":"A note","secureNote":{"type":0}},
{"type":1,"name":"None","login":{"username":"carol","totp":null}}]}"#;
    assert_eq!(tokens(bitwarden), ["2 Acme alice SHA1/6/30", "3 O bob SHA1/6/30"]);

    let any = r#"{"a":{"b":[1,"x","otpauth://totp/alice?secret=KEY",
{"c":"otpauth:\/\/totp\/bob?secret=KEY&digits=8"}]}}"#;
    assert_eq!(tokens(any), ["1 - alice SHA1/6/30", "2 - bob SHA1/8/30"]);
}

#[test]
fn bytes_with_a_sign_are_those_of_the_key() {
    let file = r#"{"secret":[-1,-128,127,0,1,2,3,4,5,6],"type":"TOTP","label":"a"}"#;
    let imported = import(file).unwrap();
    assert_eq!(imported.enrolments[0].1.totp.secret.bytes(), [255, 128, 127, 0, 1, 2, 3, 4, 5, 6]);
    let wrong = r#"{"secret":[300,1,2,3,4,5,6,7,8,9],"type":"TOTP"}"#;
    assert!(import(wrong).unwrap_err().to_string().contains("not a list of bytes"));
}

#[test]
fn what_cannot_be_kept_is_left_out_with_its_line() {
    let file = r#"[{"secret":"KEY","type":"HOTP","label":"a","counter":1},
{"secret":"KEY","type":"STEAM","label":"b"},
{"secret":"KEY","type":"TOTP","label":"c","digits":7},
{"secret":"KEY","type":"TOTP","label":"d","algorithm":"MD5"},
{"login":{"username":"e","totp":"steam://KEY"}},
"otpauth://hotp/f?secret=KEY&counter=1",
{"secret":"KEY","type":"TOTP","label":"ok"}]"#;
    let imported = import(&file.replace("KEY", KEY)).unwrap();
    assert_eq!((imported.enrolments.len(), imported.left_out()), (1, 6));
    let notes: Vec<String> = imported.notes.iter().map(ToString::to_string).collect();
    assert_eq!(notes[0], "line 1: left out: a: its codes are counter-based");
    assert_eq!(notes[4], "line 5: left out: e: its codes are of another kind (\"steam\")");
    assert!(notes.iter().all(|note| !note.contains(KEY)), "{notes:?}");
}

#[test]
fn what_is_wrong_is_said_without_the_key() {
    let deep = format!("{}\"otpauth://totp/a?secret={KEY}\"{}", "[".repeat(300), "]".repeat(300));
    for (file, says) in [
        ("", "line 1: not JSON"),
        ("{\n\"a\":x}", "line 2: not JSON"),
        ("{}", "the file holds no otpauth URI"),
        (r#"{"client":{"secret":"abc"}}"#, "the file holds no otpauth URI"),
        (r#"{"encrypted":true,"data":"x"}"#, "the file is encrypted"),
        (r#"{"version":1,"header":{},"db":"x"}"#, "the file is encrypted"),
        (r#"{"services":[],"servicesEncrypted":"x"}"#, "the file is encrypted"),
        ("{\n\"secret\":\"GEZD1\",\"type\":\"TOTP\"}", "line 1: character 5 of the key"),
        ("[\n\"otpauth://totp/a?secret=GEZD\"]", "line 2: the key has 2 bytes"),
        ("[\"otpauth-migration://offline?data=x\"]", "line 1: this is a URI of a move"),
        (&deep, "line 1: nested deeper"),
    ] {
        let problems = import(file).unwrap_err().to_string();
        assert!(problems.starts_with(says) && !problems.contains("GEZD"), "{file}: {problems}");
    }
}

proptest! {
    #[test]
    fn any_json_is_read_or_refused(text in "[\\[{]?(\"(secret|totp|type|otp|info|otpauth://totp/a|.{0,5})\"[:,]?|[0-9,]{0,5}|[\\[\\]{}]){0,20}") {
        let _ = read(text.as_bytes());
    }
}
