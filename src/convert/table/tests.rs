use super::*;
use crate::convert::value::ImportProblems;
use proptest::prelude::*;

const KEY: &str = "GEZDGNBVGY3TQOJQGEZDGNBVGY3TQOJQ";
const HEX: &str = "3132333435363738393031323334353637383930";

fn import(file: &[u8], keys: KeyColumn) -> Result<Imported, ImportProblems> {
    super::read(file, keys).whole()
}

/// What the one token of a table is: account, other name, parameters.
fn one(file: &[u8]) -> (String, String, String) {
    let imported = import(file, KeyColumn::Any).unwrap_or_else(|e| panic!("{e}"));
    assert_eq!(imported.enrolments.len(), 1, "{:?}", imported.notes);
    let enrolment = &imported.enrolments[0].1;
    assert_eq!(enrolment.totp.secret.bytes(), b"12345678901234567890");
    let name = |account: &Option<Account>| account.as_ref().map(Account::to_string);
    (
        name(&enrolment.account).unwrap_or_default(),
        name(&enrolment.also).unwrap_or_default(),
        enrolment.totp.parameters.to_string(),
    )
}

#[test]
fn a_table_is_read_by_its_header_in_any_order_case_and_separator() {
    for (file, expected) in [
        (
            format!(
                "upn,serial number,secret key,time interval,manufacturer,model\na,1,{KEY},60,V,M\n"
            ),
            ("a", "1", "SHA1/6/60"),
        ),
        (
            format!("Serial Number;UPN;Secret Key;TimeInterval\r\n1;a;{KEY};30\r\n;;;\r\n"),
            ("a", "1", "SHA1/6/30"),
        ),
        (
            format!("SERIAL\tSEED\tALGORITHM\tDIGITS\n1\t{HEX}\tHMAC-SHA256\t8\n"),
            ("", "1", "SHA256/8/30"),
        ),
        (format!("sep=;\nserial;seed hex;period\n'0001;{HEX};60\n"), ("", "0001", "SHA1/6/60")),
        (
            format!("# made by a vendor\n\nserial_number, hex seed\n1,0x{HEX}\n"),
            ("", "1", "SHA1/6/30"),
        ),
        (
            format!("email,token serial,otpKey,type\na@x.example,1,{HEX},TOTP\n"),
            ("a@x.example", "1", "SHA1/6/30"),
        ),
        // privacyIDEA's OATH CSV has no header.
        (format!("1, {HEX}, totp, 8, 60, sha512\n"), ("", "1", "SHA512/8/60")),
        // Bitwarden: a key or a URI in a column among those of passwords.
        (
            format!(
                "folder,favorite,type,name,notes,fields,reprompt,login_uri,login_username,login_password,login_totp\n\
          ,,login,Mail,\"two\nlines\",,0,x,b,hunter2,\n,,note,N,,,0,,,,\n,,login,Acme,,,0,x,a,hunter2,{KEY}\n"
            ),
            ("a", "", "SHA1/6/30"),
        ),
        (
            format!(
                "name,login_username,login_totp\nAcme,a,otpauth://totp/Acme:b?secret={KEY}&digits=8\n"
            ),
            ("a", "b", "SHA1/8/30"),
        ),
    ] {
        let (account, also, parameters) = one(file.as_bytes());
        assert_eq!((account.as_str(), also.as_str(), parameters.as_str()), expected, "{file}");
        let wide: Vec<u8> = file.encode_utf16().flat_map(u16::to_le_bytes).collect();
        assert_eq!(
            one(&[b"\xff\xfe", wide.as_slice()].concat()),
            (account.clone(), also.clone(), parameters.clone())
        );
        assert_eq!(one(&[b"\xef\xbb\xbf", file.as_bytes()].concat()), (account, also, parameters));
    }
}

#[test]
fn rows_have_the_lines_that_an_editor_shows() {
    let file = "upn,secret key\r\n\r\n\r\na,x\r\n\"b\r\nb\",x\r\n\r\nc,x\r\n";
    let problems = import(file.as_bytes(), KeyColumn::Any).unwrap_err();
    let lines: Vec<_> = problems.list.iter().map(|note| note.line.unwrap()).collect();
    assert_eq!(lines, [4, 5, 8]);
}

/// The rest of a file that was cut was taken for a whole cell.
#[test]
fn a_quote_that_is_never_closed_is_a_problem_of_its_line() {
    let file = format!("key,upn\n{KEY},a@b.example\n{KEY},\"b@b.example\n{KEY},c@b.example\n");
    let problems = import(file.as_bytes(), KeyColumn::Base32).unwrap_err().to_string();
    assert_eq!(problems, "line 3: a quote is opened and never closed");
    assert!(LoginMap::read(b"a,b\nc,\"d").is_err());
}

#[test]
fn what_is_wrong_is_named_and_no_key_is_shown() {
    for (file, says) in [
        ("".to_owned(), "the file is empty"),
        ("\n,,\n".to_owned(), "the file is empty"),
        (format!("a,{KEY}\n"), "line 1: the first row is not a header"),
        (format!("1,{HEX}\n"), "line 1: the first row is not a header"),
        (format!("1,{KEY},digits,key\n1,{KEY}\n"), "line 2: the key has 0 bytes"),
        (format!("upn,secret key\na,{KEY}1\n"), "line 2: character 33 of the key is not base32"),
        (
            format!("upn,secret key\na,{}\n", "ABCDEF23".repeat(4)),
            "line 2: the key may be base32 or hexadecimal",
        ),
        (format!("upn,key hex\na,{HEX}3\n"), "line 2: the key is not hexadecimal"),
        ("upn,secret key\na,\n".to_owned(), "line 2: the key has 0 bytes"),
        (format!("upn,secret key\na,{KEY},b\n"), "line 2: the row has 3 fields: expected 2"),
        (
            format!("upn,secret key,digit\na,{KEY},8\n"),
            "line 1: the column \"digit\" could change the codes",
        ),
        (format!("upn,secret key,UPN\na,{KEY},b\n"), "line 1: duplicate column \"UPN\""),
        (
            format!("upn,key,key hex\na,{KEY},{HEX}\n"),
            "line 1: the header has more than one column for the key",
        ),
        (format!("upn,key,period\na,{KEY},soon\n"), "line 2: invalid period (not shown"),
    ] {
        let problems = import(file.as_bytes(), KeyColumn::Any).unwrap_err().to_string();
        assert!(problems.starts_with(says), "{file}: {problems}");
        assert!(!problems.contains("GEZD") && !problems.contains("3132"), "{problems}");
    }
    let hex = format!("upn,secret key\na,{HEX}\n");
    assert_eq!(import(hex.as_bytes(), KeyColumn::Any).unwrap().enrolments.len(), 1);
    let problems = import(hex.as_bytes(), KeyColumn::Base32).unwrap_err().to_string();
    assert!(
        problems.starts_with("line 2: the key looks hexadecimal") && problems.contains("base32")
    );
}

#[test]
fn tokens_that_cannot_be_kept_are_left_out_and_named() {
    let file = format!(
        "serial,seed,type,digits,period,colour\n1,{HEX},HOTP,6,30,x\n2,{HEX},TOTP,7,30,x\n3,{HEX},TOTP,6,45,x\n4,{HEX},TOTP,6,30,x\n"
    );
    let imported = import(file.as_bytes(), KeyColumn::Any).unwrap();
    assert_eq!((imported.enrolments.len(), imported.left_out()), (1, 3));
    let notes: Vec<String> = imported.notes.iter().map(ToString::to_string).collect();
    assert_eq!(notes[0], "line 1: column 6 is not kept");
    assert_eq!(notes[1], "line 2: left out: 1: its codes are counter-based");
    let not_a_header = format!("1,{KEY},key\n1,x,{KEY}\n");
    let notes = format!("{:?}", import(not_a_header.as_bytes(), KeyColumn::Any).unwrap().notes);
    assert!(notes.contains("column 2") && !notes.contains("GEZD"), "{notes}");
    let steam = "name,login_totp\nSteam,steam://ABCD\n";
    assert_eq!(import(steam.as_bytes(), KeyColumn::Any).unwrap().left_out(), 1);
}

#[test]
fn names_map_accounts_labels_and_serial_numbers_to_logins() {
    for file in [
        "dave@mail.example,dave\nAcme:dd,dave\n0042,dave\n",
        "Login;Account\r\ndave;DAVE@mail.example\r\ndave;acme:DD\r\ndave;0042\r\n",
        "serial\tlogin\ndave@mail.example\tdave\nAcme:dd\tdave\n\t\n0042\tdave\n",
    ] {
        let names = LoginMap::read(file.as_bytes()).unwrap_or_else(|e| panic!("{file}: {e}"));
        let find = |issuer: Option<&str>, account: &str, also: Option<&str>| {
            let parse = |text| Account::parse(text).unwrap();
            let enrolment = ForeignEnrolment {
                issuer: issuer.map(|text| Issuer::parse(text).unwrap()),
                account: Some(parse(account)),
                also: also.map(parse),
                ..crate::convert::tests::alice()
            };
            names.login(&enrolment).map(str::to_owned)
        };
        assert_eq!(find(None, "Dave@Mail.example", None).as_deref(), Some("dave"));
        assert_eq!(find(Some("Acme"), "dd", None).as_deref(), Some("dave"));
        assert_eq!(find(Some("Other"), "dd", None), None);
        assert_eq!(find(None, "x", Some("0042")).as_deref(), Some("dave"));
    }
    for (file, says) in [
        ("a,b\nc\n", "line 2: the row has 1 fields"),
        ("a,b\na,c\n", "line 2: a is mapped to another login"),
        ("a,b,c\n", "line 1"),
    ] {
        let problems = LoginMap::read(file.as_bytes()).unwrap_err().to_string();
        assert!(problems.starts_with(says), "{problems}");
    }
}

proptest! {
    #[test]
    fn any_table_is_read_or_refused(text in "((upn|secret key|serial|digits|type|\"|.{0,6})[,;\t\n]){0,20}") {
        for keys in [KeyColumn::Base32, KeyColumn::Any] {
            let _ = super::read(text.as_bytes(), keys);
        }
        let _ = LoginMap::read(text.as_bytes());
    }
}
