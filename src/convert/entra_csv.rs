//! The CSV of OATH hardware tokens for Microsoft Entra ID (learn.microsoft.com,
//! "OATH tokens in Microsoft Entra ID"): a header and a token a row,
//!
//! ```text
//! upn,serial number,secret key,time interval,manufacturer,model
//! alice@st-marys.example,1234567,GEZDGNBVGY3TQOJQ,30,Contoso,HardwareKey
//! ```
//!
//! The key is base32; hash and digits are always SHA-1 and six.

use csv::{ReaderBuilder, StringRecord, WriterBuilder};
use data_encoding::HEXLOWER;
use sha2::{Digest, Sha256};
use zeroize::Zeroizing;

use super::lines::{LONGEST, numbered};
use super::otpauth::short;
use super::value::{Enrolment, Exported, Imported, Note, Problems};
use crate::secret::label::Account;
use crate::secret::material::Secret;
use crate::secret::parameters::{Algorithm, Digits, Parameters};
use crate::secret::totp::Totp;
use crate::secret::wiped::WipedBytes;

/// The header that the portal asks for.
const HEADER: [&str; 6] =
    ["upn", "serial number", "secret key", "time interval", "manufacturer", "model"];

/// Reads the file. Serial number, manufacturer and model say nothing about a code and
/// are not kept.
///
/// # Errors
/// A header that is another, and every row that is wrong.
pub fn import(file: &[u8]) -> Result<Imported, Problems> {
    let mut problems = Problems::default();
    for (number, line) in numbered(file) {
        if let Err(message) = line {
            problems.add(number, message);
        }
    }
    problems.or(())?;
    let file = with_plain_ends(file);
    let mut reader =
        ReaderBuilder::new().has_headers(false).flexible(true).from_reader(file.as_slice());
    let mut imported = Imported::default();
    let mut problems = Problems::default();
    let mut header = false;
    for record in reader.records() {
        let record = match record {
            Ok(record) => record,
            Err(error) => {
                let line = error.position().map_or(0, csv::Position::line);
                problems.add(usize::try_from(line).unwrap_or(0), "the row is no CSV");
                continue;
            }
        };
        let line = record.position().map_or(1, csv::Position::line);
        let line = usize::try_from(line).unwrap_or(usize::MAX);
        if !header {
            check_header(&record, line)?;
            header = true;
            continue;
        }
        match row(&record) {
            Ok(enrolment) => {
                if enrolment.totp.secret.len() < Secret::ADVISED {
                    imported.notes.push(Note::line(line, short(&enrolment.totp.secret)));
                }
                imported.enrolments.push((line, enrolment));
            }
            Err(message) => problems.add(line, message),
        }
    }
    if !header {
        problems.add(1, format!("the file is empty: expected {}", HEADER.join(",")));
    }
    problems.or(imported)
}

/// Without a byte order mark and with LF for CRLF: the reader of the csv crate gives a
/// row after CRLF the number of the line before.
fn with_plain_ends(file: &[u8]) -> Zeroizing<Vec<u8>> {
    let file = file.strip_prefix(b"\xef\xbb\xbf").unwrap_or(file);
    let mut plain = Zeroizing::new(Vec::with_capacity(file.len()));
    for line in file.split_inclusive(|byte| *byte == b'\n') {
        match line.strip_suffix(b"\r\n") {
            Some(line) => {
                plain.extend_from_slice(line);
                plain.push(b'\n');
            }
            None => plain.extend_from_slice(line),
        }
    }
    plain
}

fn check_header(record: &StringRecord, line: usize) -> Result<(), Problems> {
    let fits = record.len() == HEADER.len()
        && record.iter().zip(HEADER).all(|(given, name)| given.trim().eq_ignore_ascii_case(name));
    if fits {
        return Ok(());
    }
    let message = format!("the header is not {}", HEADER.join(","));
    Err(Problems::one(Note::line(line, message)))
}

fn row(record: &StringRecord) -> Result<Enrolment, String> {
    let fields: Vec<&str> = record.iter().map(str::trim).collect();
    let &[upn, _serial, key, interval, _manufacturer, _model] = fields.as_slice() else {
        return Err(format!("the row has {} fields: expected {}", fields.len(), HEADER.len()));
    };
    if fields.iter().any(|field| field.len() > LONGEST) {
        return Err("a field is too long".into());
    }
    let account = Account::parse(upn).map_err(|error| error.to_string())?;
    let secret = Secret::from_base32(key).map_err(|error| error.to_string())?;
    let parameters = Parameters {
        period: interval.parse().map_err(|error| format!("time interval: {error}"))?,
        ..Parameters::default()
    };
    let totp = Totp { secret, parameters };
    Ok(Enrolment { issuer: None, account: Some(account), totp, last_step: None })
}

/// Writes the file. The account is the user principal name: give enrolments that have
/// one, where logins are others.
pub fn export(enrolments: &[Enrolment]) -> Exported {
    let mut exported = Exported::default();
    // The library does not wipe its buffer: hardly any of a key fits into this one.
    let mut writer = WriterBuilder::new().buffer_capacity(4).from_writer(WipedBytes::default());
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

fn carried(enrolment: &Enrolment) -> Result<&str, &'static str> {
    let Some(account) = &enrolment.account else {
        return Err("the account has no name");
    };
    let account = account.as_str();
    if account.starts_with(['=', '+', '-', '@', '\'']) {
        return Err("a spreadsheet would run its name as a formula");
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
    use crate::convert::tests::{alice, arbitrary_enrolment};
    use crate::secret::parameters::Period;
    use proptest::prelude::*;

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
                    d,4,GEZDGNBVGY3TQOJQ\n\
                    ,5,GEZDGNBVGY3TQOJQ,30,x,y\n";
        let problems = import(format!("{HEAD}{rows}").as_bytes()).unwrap_err();
        let lines: Vec<_> = problems.list.iter().map(|note| note.line.unwrap()).collect();
        assert_eq!(lines, [3, 4, 5, 6]);
        assert!(!problems.to_string().contains("GEZD"));
    }

    #[test]
    fn another_header_is_refused() {
        for wrong in
            ["", "a,b\n", "serial number,upn,secret key,time interval,manufacturer,model\n"]
        {
            assert!(import(wrong.as_bytes()).is_err(), "{wrong:?}");
        }
        assert!(import(format!("\u{feff}{}", HEAD.to_uppercase()).as_bytes()).is_ok());
    }

    #[test]
    fn what_the_format_cannot_carry_is_left_out_and_named() {
        let mut eight = alice();
        eight.totp.parameters.digits = Digits::Eight;
        let formula = Enrolment { account: Some(Account::parse("=1+1").unwrap()), ..alice() };
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
