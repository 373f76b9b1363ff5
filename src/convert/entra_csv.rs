//! The CSV of OATH hardware tokens for Microsoft Entra ID (learn.microsoft.com,
//! "OATH tokens in Microsoft Entra ID"): a header and a token a row,
//!
//! ```text
//! upn,serial number,secret key,time interval,manufacturer,model
//! alice@st-marys.example,1234567,GEZDGNBVGY3TQOJQ,30,Contoso,HardwareKey
//! ```
//!
//! The key is base32; hash and digits are always SHA-1 and six.

use csv::WriterBuilder;
use data_encoding::HEXLOWER;
use sha2::{Digest, Sha256};

use super::table::{self, KeyColumn};
use super::value::{Exported, ForeignEnrolment, Imported};
use crate::secret::material::Secret;
use crate::secret::parameters::{Algorithm, Digits, Parameters};
use crate::secret::wiped::WipedBytes;

/// The header that the portal asks for.
const HEADER: [&str; 6] =
    ["upn", "serial number", "secret key", "time interval", "manufacturer", "model"];

/// The most characters of a key that Entra ID takes.
const LONGEST_KEY: usize = 128;

/// Reads the file by its header, as vendors and spreadsheets write it. Manufacturer and
/// model say nothing about a code and are not kept.
pub fn read(file: &[u8]) -> Imported {
    table::read(file, KeyColumn::Base32)
}

/// Writes the file. The account is the user principal name: give enrolments that have
/// one, where logins are others.
pub fn export(enrolments: &[ForeignEnrolment]) -> Exported {
    let mut exported = Exported::default();
    let mut builder = WriterBuilder::new();
    // The library does not wipe its buffer: hardly any of a key fits into this one. A name that
    // begins as a comment does is quoted, so that no reader passes over its row.
    builder.buffer_capacity(4).comment(Some(b'#'));
    let mut writer = builder.from_writer(WipedBytes::default());
    let mut write = |row: [&str; 6]| {
        writer.write_record(row).expect("memory takes every row of six fields");
    };
    write(HEADER);
    for enrolment in enrolments {
        let account = match carried(enrolment) {
            Ok(account) => account,
            Err(why) => {
                exported.leave_out(enrolment, why);
                continue;
            }
        };
        let totp = &enrolment.totp;
        let period = totp.parameters.period.seconds().to_string();
        let serial = serial(account, &totp.secret);
        write([account, &serial, totp.secret.base32().reveal(), &period, "mfactl", "TOTP"]);
        exported.written += 1;
    }
    exported.file = writer.into_inner().expect("memory takes every byte");
    exported
}

fn carried(enrolment: &ForeignEnrolment) -> Result<&str, &'static str> {
    let Some(account) = &enrolment.account else {
        return Err("the account has no name");
    };
    let account = account.as_str();
    if account.starts_with(['=', '+', '-', '@', '\'']) {
        return Err("a spreadsheet would run its name as a formula");
    }
    if enrolment.totp.secret.base32().reveal().len() > LONGEST_KEY {
        return Err("Entra ID takes no keys longer than 128 characters (80 bytes)");
    }
    match enrolment.totp.parameters {
        Parameters { algorithm: Algorithm::Sha1, digits: Digits::Six, .. } => Ok(account),
        _ => Err("the format knows only SHA-1 and six digits"),
    }
}

/// A serial number that is another for every key and the same in every export. Forty
/// bits of a hash over a secret of 80 or more tell nothing about it.
fn serial(account: &str, secret: &Secret) -> String {
    let digest = Sha256::new()
        .chain_update(b"mfactl serial number 1\0")
        .chain_update(account.as_bytes())
        .chain_update([0])
        .chain_update(secret.bytes())
        .finalize();
    format!("mfactl-{}", HEXLOWER.encode(&digest[..5]))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::convert::ImportProblems;
    use crate::convert::tests::{alice, arbitrary_enrolment};
    use crate::secret::label::Account;
    use crate::secret::parameters::Period;
    use proptest::prelude::*;

    fn import(file: &[u8]) -> Result<Imported, ImportProblems> {
        read(file).whole()
    }

    const HEAD: &str = "upn,serial number,secret key,time interval,manufacturer,model\n";

    #[test]
    fn the_example_of_the_documentation_is_read() {
        let file = format!(
            "{}Helga@contoso.com,1234567,2234567abcdef2234567abcdef,60,Contoso,HardwareKey\r\n",
            HEAD.replace('\n', "\r\n")
        );
        let imported = import(file.as_bytes()).unwrap();
        let (line, enrolment) = &imported.enrolments[0];
        assert_eq!(*line, 2);
        assert_eq!(enrolment.account.as_ref().unwrap().as_str(), "Helga@contoso.com");
        assert_eq!(enrolment.totp.parameters.period, Period::Sixty);
        assert_eq!(enrolment.totp.secret.len(), 16);
    }

    #[test]
    fn every_bad_row_is_named_and_nothing_is_read() {
        let rows = "a,1,GEZDGNBVGY3TQOJQGEZDGNBVGY3TQOJQ,30,x,y\n\
                    b,2,GEZD1,30,x,y\n\
                    c,3,GEZDGNBVGY3TQOJQ,45,x,y\n\
                    d,4,GEZDGNBVGY3TQOJQ,soon\n\
                    e,5,,30,x,y\n";
        let problems = import(format!("{HEAD}{rows}").as_bytes()).unwrap_err();
        let lines: Vec<_> = problems.list.iter().map(|note| note.line.unwrap()).collect();
        assert_eq!(lines, [3, 5, 6], "45 s is left out");
        assert!(!problems.to_string().contains("GEZD"));
    }

    #[test]
    fn a_file_without_the_columns_is_refused() {
        for wrong in ["", "a,b\n", "upn,serial number\n"] {
            assert!(import(wrong.as_bytes()).is_err(), "{wrong:?}");
        }
        assert!(import(format!("\u{feff}{}", HEAD.to_uppercase()).as_bytes()).is_ok());
    }

    #[test]
    fn a_key_that_entra_does_not_take_is_left_out() {
        for (bytes, written) in [(80, 1), (81, 0), (128, 0)] {
            let mut long = alice();
            long.totp.secret = Secret::from_bytes(&vec![7; bytes]).unwrap();
            assert_eq!(export(&[long]).written, written, "{bytes} bytes");
        }
    }

    /// Its row was taken for a comment.
    #[test]
    fn an_account_that_begins_as_a_comment_is_read_back() {
        let named = ForeignEnrolment { account: Account::parse("#room@a.example").ok(), ..alice() };
        let file = export(&[named]).file;
        let read = import(&file).unwrap().enrolments;
        assert_eq!(read[0].1.account.as_ref().unwrap().as_str(), "#room@a.example");
        let commented = format!("{HEAD}# a,1,GEZD\n #b\n");
        assert!(import(commented.as_bytes()).unwrap().enrolments.is_empty());
    }

    #[test]
    fn what_the_format_cannot_carry_is_left_out_and_named() {
        let mut eight = alice();
        eight.totp.parameters.digits = Digits::Eight;
        let formula =
            ForeignEnrolment { account: Some(Account::parse("=1+1").unwrap()), ..alice() };
        let exported = export(&[eight, formula, alice()]);
        assert_eq!((exported.written, exported.notes.len()), (1, 2));
        let file = String::from_utf8(exported.file.to_vec()).unwrap();
        let row = file.strip_prefix(HEAD).unwrap();
        assert!(row.starts_with("alice,mfactl-"), "{row}");
        assert!(row.ends_with(",GEZDGNBVGY3TQOJQGEZDGNBVGY3TQOJQ,30,mfactl,TOTP\n"), "{row}");
        assert_eq!(export(&[alice()]).file, export(&[alice()]).file);
    }

    proptest! {
        #[test]
        fn what_is_written_is_read(enrolments in proptest::collection::vec(arbitrary_enrolment(), 0..6)) {
            let exported = export(&enrolments);
            let read = import(&exported.file).unwrap().enrolments.into_iter().map(|(_, e)| (e.account, e.totp));
            let carried = enrolments.iter().filter(|e| carried(e).is_ok());
            let carried = carried.map(|e| (e.account.clone(), e.totp.clone()));
            prop_assert_eq!(read.collect::<Vec<_>>(), carried.collect::<Vec<_>>());
        }

        #[test]
        fn any_rows_are_read_or_refused(rows in "(\"?.{0,20}\"?,?){0,12}\n?(.{0,20},){0,8}") {
            let _ = import(format!("{HEAD}{rows}").as_bytes());
        }
    }
}
