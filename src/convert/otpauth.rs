//! otpauth URIs, one a line: the Key URI Format of google-authenticator
//! (github.com/google/google-authenticator/wiki/Key-Uri-Format), which apps and
//! password managers read and write.

use percent_encoding::percent_decode_str;
use zeroize::Zeroizing;

use super::lines::{Read, read_each};
use super::value::{Enrolment, Exported, Imported, Problems};
use crate::secret::label::{Account, Issuer};
use crate::secret::material::Secret;
use crate::secret::parameters::Parameters;
use crate::secret::totp::Totp;

/// What every otpauth URI begins with.
const SCHEME: &str = "otpauth://";

/// Reads a file of URIs; blank lines and comments are skipped.
///
/// # Errors
/// Every line that is no otpauth URI of a TOTP.
pub fn import(file: &[u8]) -> Result<Imported, Problems> {
    read_each(file, parse)
}

/// Writes a file of URIs. The format carries everything but the last step used.
pub fn export(enrolments: &[Enrolment]) -> Exported {
    let mut exported = Exported::default();
    for enrolment in enrolments {
        match &enrolment.account {
            Some(account) => {
                let uri = enrolment.totp.otpauth_uri(enrolment.issuer.as_ref(), account.as_str());
                exported.push_line(uri.reveal());
                exported.written += 1;
            }
            None => exported.leave_out(enrolment, "the account has no name"),
        }
    }
    exported
}

/// The parameters of a URI, as written.
#[derive(Default)]
struct Query<'a> {
    secret: Option<&'a str>,
    issuer: Option<&'a str>,
    algorithm: Option<&'a str>,
    digits: Option<&'a str>,
    period: Option<&'a str>,
    /// Names of parameters that are not kept.
    others: Vec<&'a str>,
}

impl<'a> Query<'a> {
    fn parse(query: &'a str) -> Result<Query<'a>, String> {
        let mut found = Query::default();
        for pair in query.split('&').filter(|pair| !pair.is_empty()) {
            let (name, value) = pair.split_once('=').unwrap_or((pair, ""));
            let slot = match name {
                "secret" => &mut found.secret,
                "issuer" => &mut found.issuer,
                "algorithm" => &mut found.algorithm,
                "digits" => &mut found.digits,
                "period" => &mut found.period,
                _ => {
                    found.others.push(name);
                    continue;
                }
            };
            if slot.replace(value).is_some() {
                return Err(format!("the parameter {name} comes twice"));
            }
        }
        Ok(found)
    }

    fn parameters(&self) -> Result<Parameters, String> {
        let mut parameters = Parameters::default();
        if let Some(text) = self.algorithm {
            parameters.algorithm = decoded(text)?.parse().map_err(text_of)?;
        }
        if let Some(text) = self.digits {
            parameters.digits = decoded(text)?.parse().map_err(text_of)?;
        }
        if let Some(text) = self.period {
            parameters.period = decoded(text)?.parse().map_err(text_of)?;
        }
        Ok(parameters)
    }
}

fn parse(line: &str) -> Result<Read, String> {
    let scheme = line.get(..SCHEME.len()).filter(|start| start.eq_ignore_ascii_case(SCHEME));
    let rest =
        scheme.map(|_| &line[SCHEME.len()..]).ok_or("not a URI that begins with otpauth://")?;
    let (kind, rest) = rest.split_once('/').ok_or("the URI has no label")?;
    match kind.to_ascii_lowercase().as_str() {
        "totp" => {}
        "hotp" => {
            return Err("the code is counter-based (hotp): mfactl knows time-based ones".into());
        }
        _ => return Err("the URI is neither otpauth://totp nor otpauth://hotp".into()),
    }
    let (label, query) = rest.split_once('?').ok_or("the URI has no parameters")?;
    let query = Query::parse(query.split('#').next().unwrap_or(query))?;
    let mut read = Read::default();
    let parameters = query.parameters()?;
    let secret = decoded(query.secret.ok_or("the URI has no secret")?)?;
    let secret = Secret::from_base32(&secret).map_err(text_of)?;
    if secret.len() < Secret::ADVISED {
        read.notes.push(short(&secret));
    }
    let (issuer, account) = split_label(label)?;
    let issuer = the_issuer(issuer, query.issuer, &mut read.notes)?;
    let account = Some(Account::parse(&account).map_err(text_of)?);
    if !query.others.is_empty() {
        let names: Vec<String> = query.others.iter().take(5).map(|name| cut(name)).collect();
        read.notes.push(format!("not kept: {}", names.join(", ")));
    }
    let totp = Totp { secret, parameters };
    read.enrolments.push(Enrolment { issuer, account, totp, last_step: None });
    Ok(read)
}

/// The note on a secret shorter than it should be.
pub(super) fn short(secret: &Secret) -> String {
    let bits = secret.len() * 8;
    format!("the key has {bits} bits, RFC 4226 asks for 128: enrol again when you can")
}

/// Issuer and account of a label; the colon between them may be escaped, and each is
/// decoded by itself.
fn split_label(label: &str) -> Result<(Option<String>, String), String> {
    let escaped = label.as_bytes().windows(3).position(|three| three.eq_ignore_ascii_case(b"%3a"));
    let plain = label.find(':');
    let (issuer, account) = match (plain, escaped) {
        (Some(at), escaped) if escaped.is_none_or(|other| at < other) => {
            (Some(&label[..at]), &label[at + 1..])
        }
        (_, Some(at)) => (Some(&label[..at]), &label[at + 3..]),
        (_, None) => (None, label),
    };
    let issuer = issuer.map(|text| decoded(text).map(|text| text.to_string())).transpose()?;
    Ok((issuer, decoded(account)?.to_string()))
}

/// The issuer of the parameter, else of the label. Where both are given and differ,
/// the parameter is newer (Key URI Format) and counts.
fn the_issuer(
    label: Option<String>,
    parameter: Option<&str>,
    notes: &mut Vec<String>,
) -> Result<Option<Issuer>, String> {
    let label = label.filter(|text| !text.trim().is_empty());
    let Some(parameter) = parameter.filter(|text| !text.is_empty()) else {
        return label.map(|text| Issuer::parse(&text).map_err(text_of)).transpose();
    };
    // Some tools write a blank as a plus; a plus of the label tells which it is.
    let plain = decoded(parameter)?;
    let blanks = decoded(&parameter.replace('+', " "))?;
    let same = |text: &str| label.as_deref().is_some_and(|label| label.trim() == text.trim());
    let issuer = if same(&plain) { plain } else { blanks };
    if label.is_some() && !same(&issuer) {
        notes.push("the issuers of label and parameter differ; the parameter counts".into());
    }
    Issuer::parse(&issuer).map(Some).map_err(text_of)
}

/// Percent-decoded once. A percent sign that begins no escape stays (RFC 3986 forbids
/// it, tools write it).
fn decoded(text: &str) -> Result<Zeroizing<String>, String> {
    let bytes = percent_decode_str(text).collect::<Vec<u8>>();
    match String::from_utf8(bytes) {
        Ok(text) => Ok(Zeroizing::new(text)),
        Err(_) => Err("an escaped part of the URI is not UTF-8".into()),
    }
}

/// A name from outside, quoted and cut.
fn cut(name: &str) -> String {
    let start: String = name.chars().take(20).collect();
    format!("{start:?}")
}

fn text_of(error: impl std::fmt::Display) -> String {
    error.to_string()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::convert::tests::{arbitrary_enrolment, bare};
    use proptest::prelude::*;

    const KEY: &str = "GEZDGNBVGY3TQOJQGEZDGNBVGY3TQOJQ";

    fn one(uri: &str) -> Enrolment {
        let mut imported = import(uri.as_bytes()).unwrap_or_else(|p| panic!("{uri}: {p}"));
        imported.enrolments.pop().unwrap().1
    }

    #[test]
    fn uris_as_apps_write_them() {
        for uri in [
            format!("otpauth://totp/St%20Mary:alice@x.example?secret={KEY}&issuer=St%20Mary"),
            format!("OTPAUTH://TOTP/St%20Mary%3Aalice%40x.example?issuer=St+Mary&secret={KEY}"),
            format!("otpauth://totp/St%20Mary:%20alice@x.example?secret={}", KEY.to_lowercase()),
            format!("otpauth://totp/alice%40x.example?secret={KEY}====&issuer=St%20Mary&period=30"),
            format!(
                "otpauth://totp/St%20Mary:alice@x.example?secret={KEY}&algorithm=sha1&digits=6#x"
            ),
        ] {
            let enrolment = one(&uri);
            assert_eq!(enrolment.issuer.unwrap().as_str(), "St Mary", "{uri}");
            assert_eq!(enrolment.account.unwrap().as_str(), "alice@x.example");
            assert_eq!(enrolment.totp.secret.bytes(), b"12345678901234567890");
        }
        let plus = one(&format!("otpauth://totp/A+B:night+rota@x.example?secret={KEY}&issuer=A+B"));
        assert_eq!(plus.issuer.unwrap().as_str(), "A+B");
        assert_eq!(plus.account.unwrap().as_str(), "night+rota@x.example");
    }

    #[test]
    fn what_is_wrong_is_said_with_its_line_and_without_the_key() {
        let wrong = [
            ("", "mailto:x"),
            ("hotp", &format!("otpauth://hotp/a?secret={KEY}&counter=1")),
            ("neither", &format!("otpauth://steam/a?secret={KEY}")),
            ("no label", "otpauth://totp"),
            ("no parameters", "otpauth://totp/a"),
            ("no secret", "otpauth://totp/a?issuer=x"),
            ("base32", "otpauth://totp/a?secret=GEZDGNBVGY3TQOJQ1"),
            ("bytes", "otpauth://totp/a?secret=GEZDGNBV"),
            ("twice", &format!("otpauth://totp/a?secret={KEY}&secret={KEY}")),
            ("7", &format!("otpauth://totp/a?secret={KEY}&digits=7")),
            ("MD5", &format!("otpauth://totp/a?secret={KEY}&algorithm=MD5")),
            ("period", &format!("otpauth://totp/a?secret={KEY}&period=0")),
            ("empty", &format!("otpauth://totp/?secret={KEY}")),
            ("U+000A", &format!("otpauth://totp/a%0Ab?secret={KEY}")),
            ("U+202E", &format!("otpauth://totp/a?secret={KEY}&issuer=%E2%80%AEx")),
            ("UTF-8", &format!("otpauth://totp/%ff?secret={KEY}")),
            ("colon", &format!("otpauth://totp/a?secret={KEY}&issuer=x%3Ay")),
        ];
        for (says, line) in wrong {
            let file = format!("# keys\n\n{line}\n");
            let problems = import(file.as_bytes()).unwrap_err().to_string();
            assert!(problems.starts_with("line 3: "), "{problems}");
            assert!(problems.contains(says) && !problems.contains("GEZD"), "{line}: {problems}");
        }
    }

    #[test]
    fn what_is_not_kept_is_named() {
        let uri = format!("otpauth://totp/x:a?secret={KEY}&issuer=y&image=z&counter=3");
        let imported = import(uri.as_bytes()).unwrap();
        let said: Vec<String> = imported.notes.iter().map(ToString::to_string).collect();
        assert_eq!(
            said,
            [
                "line 1: the issuers of label and parameter differ; the parameter counts",
                "line 1: not kept: \"image\", \"counter\""
            ]
        );
        let short = import(b"otpauth://totp/a?secret=GEZDGNBVGY3TQOJQ").unwrap();
        assert!(short.notes[0].message.contains("80 bits"));
    }

    proptest! {
        #[test]
        fn what_is_written_is_read(enrolments in proptest::collection::vec(arbitrary_enrolment(), 0..5)) {
            let read = import(&export(&enrolments).file).unwrap();
            let read: Vec<Enrolment> = read.enrolments.into_iter().map(|(_, e)| e).collect();
            prop_assert_eq!(read, enrolments.iter().map(bare).collect::<Vec<_>>());
        }

        #[test]
        fn any_line_is_read_or_refused(line in "(otpauth://(totp|hotp)/)?.{0,20}(\\?secret=[A-Z2-7]{0,40})?(&?(issuer|digits|period|algorithm|%3a|:|%|=)?.{0,8}){0,4}") {
            let _ = import(line.as_bytes());
        }
    }
}
