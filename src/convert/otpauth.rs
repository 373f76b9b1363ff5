//! otpauth URIs, one a line: the Key URI Format of google-authenticator
//! (github.com/google/google-authenticator/wiki/Key-Uri-Format), which apps and
//! password managers read and write.

use percent_encoding::percent_decode_str;
use zeroize::Zeroizing;

use super::lines::read_each;
use super::token::{TokenFields, is_time_based, may_decide_codes};
use super::value::{Exported, ForeignEnrolment, ImportReader, Imported, Unread, shown};
use crate::domain::ids::{NOT_SHOWN, quoted};
use crate::secret::label::{Account, Issuer};
use crate::secret::material::Secret;
use crate::secret::parameters::Parameters;
use crate::secret::totp::Totp;

/// What every otpauth URI begins with.
const SCHEME: &str = "otpauth://";
/// What zbarimg writes before what it read.
const QR_READER: &str = "QR-Code:";

/// Reads a file of URIs; blank lines and comments are skipped.
pub fn read(file: &[u8]) -> Imported {
    read_each(file, |line, reading| {
        parse(line, reading);
        Ok(())
    })
}

/// A line without what a reader of QR codes writes before it.
pub(super) fn scanned(line: &str) -> &str {
    line.strip_prefix(QR_READER).unwrap_or(line).trim_start()
}

/// Whether a text is a URI for an authenticator, of any kind.
pub(super) fn is_uri(text: &str) -> bool {
    text.get(..SCHEME.len()).is_some_and(|start| start.eq_ignore_ascii_case(SCHEME))
}

/// Writes a file of URIs. The format carries everything but the last step used.
pub fn export(enrolments: &[ForeignEnrolment]) -> Exported {
    let mut exported = Exported::default();
    for enrolment in enrolments {
        match enrolment.in_label() {
            Ok(account) => {
                let uri = enrolment.totp.otpauth_uri(enrolment.issuer.as_ref(), account.as_str());
                exported.push_line(uri.reveal());
                exported.written += 1;
            }
            Err(why) => exported.leave_out(enrolment, why),
        }
    }
    exported
}

/// The parameters of a URI, decoded.
#[derive(Default)]
struct Query {
    secret: Option<Zeroizing<String>>,
    issuer: Option<String>,
    algorithm: Option<String>,
    digits: Option<String>,
    period: Option<String>,
    /// Names of parameters that are not kept.
    others: Vec<String>,
}

impl Query {
    fn parse(query: &str) -> Result<Query, Unread> {
        let mut found = Query::default();
        for pair in query.split('&') {
            let (name, value) = pair.split_once('=').unwrap_or((pair, ""));
            let name = decoded(name).trim().to_lowercase();
            let is_value = !pair.contains('=');
            let slot = match name.as_str() {
                "" => continue,
                "secret" => {
                    // A blank is written as a plus, and a fragment is not of the key.
                    let key = Zeroizing::new(until_fragment(value).replace('+', " "));
                    let key = decoded(&key);
                    if found.secret.as_ref().is_some_and(|other| *other != key) {
                        return Err("duplicate parameter secret".into());
                    }
                    found.secret = Some(key);
                    continue;
                }
                "issuer" => {
                    found.issuer.get_or_insert_with(|| value.to_owned());
                    continue;
                }
                "algorithm" | "algo" => &mut found.algorithm,
                "digits" => &mut found.digits,
                "period" => &mut found.period,
                // A key that lost its name is not shown.
                _ => {
                    found.others.push(if is_value { NOT_SHOWN.to_owned() } else { name });
                    continue;
                }
            };
            let value = decoded(until_fragment(value)).trim().to_owned();
            if slot.as_ref().is_some_and(|other| *other != value) {
                return Err(format!("duplicate parameter {name}").into());
            }
            *slot = Some(value);
        }
        Ok(found)
    }

    /// The parameters of the token, where every parameter that may decide codes is known.
    fn parameters(&self) -> Result<Parameters, Unread> {
        if let Some(name) = self.others.iter().find(|name| may_decide_codes(name)) {
            let message =
                format!("the parameter {} could change the codes, and is not known", quoted(name));
            return Err(Unread::Wrong(message));
        }
        TokenFields {
            kind: None,
            algorithm: self.algorithm.as_deref(),
            digits: self.digits.as_deref(),
            period: self.period.as_deref(),
        }
        .parameters()
    }
}

/// A value up to the fragment of the URI (RFC 3986 §3.5); other parameters after a `#` that
/// should have been escaped are read all the same.
fn until_fragment(value: &str) -> &str {
    value.split('#').next().unwrap_or(value)
}

/// The name of a parameter for a message.
fn parameter(name: &str) -> String {
    if name == NOT_SHOWN { name.to_owned() } else { quoted(name) }
}

/// Reads one URI.
pub(super) fn parse(line: &str, reading: &mut ImportReader) {
    let mut issuer = None;
    match enrolment(line, reading, &mut issuer) {
        Ok(enrolment) => reading.keep(enrolment),
        Err(unread) => reading.unread(issuer, unread),
    }
}

/// The enrolment of one URI; `of` is who issued it, as far as it could be read.
pub(super) fn enrolment(
    line: &str,
    reading: &mut ImportReader,
    of: &mut Option<Issuer>,
) -> Result<ForeignEnrolment, Unread> {
    let line = scanned(line);
    if !is_uri(line) {
        return Err(match line.starts_with("otpauth-migration:") {
            true => "this is a URI of a move: import it as google-migration".into(),
            false => format!("not a URI that begins with {SCHEME}").into(),
        });
    }
    let rest = without_html(&line[SCHEME.len()..]);
    let (kind, rest) = rest.split_once('/').ok_or("the URI has no label")?;
    if !KINDS.iter().any(|known| kind.eq_ignore_ascii_case(known)) {
        return Err(Unread::Wrong("the URI is neither otpauth://totp nor otpauth://hotp".into()));
    }
    let (label, query) = rest.split_once('?').ok_or("the URI has no parameters")?;
    let query = Query::parse(query)?;
    let label = decoded(label);
    let (issuer, account) = split_label(&label, query.issuer.as_deref());
    of.clone_from(&issuer);
    let named = |unread: Unread| match &unread {
        Unread::LeftOut(_) => unread.of(shown(account)),
        Unread::Wrong(_) => unread,
    };
    is_time_based(kind).map_err(named)?;
    let parameters = query.parameters().map_err(named)?;
    let secret = Secret::from_base32(query.secret.as_ref().ok_or("the URI has no secret")?)?;
    if !query.others.is_empty() {
        let names: Vec<String> = query.others.iter().take(5).map(|name| parameter(name)).collect();
        reading.note(issuer.clone(), format!("not kept: {}", names.join(", ")));
    }
    // Whose it is may be said by --user or --map, so an odd account refuses nothing here.
    let account = Account::parse(account).ok();
    let totp = Totp { secret, parameters };
    Ok(ForeignEnrolment { issuer, account, totp, last_step: None, also: None })
}

/// Kinds of tokens that apps write.
const KINDS: [&str; 6] = ["totp", "hotp", "steam", "motp", "yaotp", "mobileotp"];

/// The ampersands of HTML as plain ones: URIs are copied out of web pages. An escape of
/// HTML begins a fragment otherwise, and what follows would be lost.
fn without_html(uri: &str) -> Zeroizing<String> {
    let mut plain = Zeroizing::new(uri.to_owned());
    while let Some((at, escape)) = HTML.iter().find_map(|escape| {
        let found = plain.to_ascii_lowercase().find(escape)?;
        Some((found, escape))
    }) {
        plain.replace_range(at..at + escape.len(), "&");
    }
    plain
}

const HTML: [&str; 4] = ["&amp;", "&#38;", "&#038;", "&#x26;"];

/// Issuer and account of a label. The issuer of the parameter tells where the label's
/// ends, for it may have colons; else the first colon does (Key URI Format). Where both are
/// given and differ, the parameter is newer and counts.
fn split_label<'a>(label: &'a str, parameter: Option<&str>) -> (Option<Issuer>, &'a str) {
    // Some tools write a blank as a plus; the label tells which it is.
    let written = parameter.map(|text| [decoded(&text.replace('+', " ")), decoded(text)]);
    let written = written.iter().flatten().map(|text| text.trim());
    let rest_after = |issuer: &str| {
        let rest = label.trim_start().strip_prefix(issuer)?;
        rest.trim_start().strip_prefix(':')
    };
    for issuer in written.clone().filter(|issuer| !issuer.is_empty()) {
        if let Some(account) = rest_after(issuer) {
            return (Issuer::of_foreign(issuer), account.trim());
        }
    }
    let (of_label, account) = match label.split_once(':') {
        Some((issuer, account)) => (Some(issuer), account),
        None => (None, label),
    };
    let issuer = written.filter(|issuer| !issuer.is_empty()).map(Some).next();
    (issuer.unwrap_or(of_label).and_then(Issuer::of_foreign), account.trim())
}

/// Percent-decoded once. A percent sign that begins no escape stays (RFC 3986 forbids it,
/// tools write it); what is not UTF-8 becomes U+FFFD.
fn decoded(text: &str) -> Zeroizing<String> {
    Zeroizing::new(percent_decode_str(text).decode_utf8_lossy().into_owned())
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::convert::ImportProblems;
    use crate::convert::tests::{arbitrary_enrolment, bare};
    use proptest::prelude::*;

    const KEY: &str = "GEZDGNBVGY3TQOJQGEZDGNBVGY3TQOJQ";

    fn import(file: &[u8]) -> Result<Imported, ImportProblems> {
        read(file).whole()
    }

    fn one(uri: &str) -> ForeignEnrolment {
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
            ("google-migration", "otpauth-migration://offline?data=x"),
            ("neither", &format!("otpauth://totpp/a?secret={KEY}")),
            ("no label", "otpauth://totp"),
            ("no parameters", "otpauth://totp/a"),
            ("no secret", "otpauth://totp/a?issuer=x"),
            ("base32", "otpauth://totp/a?secret=GEZDGNBVGY3TQOJQ1"),
            ("bytes", "otpauth://totp/a?secret=GEZDGNBV"),
            ("duplicate", &format!("otpauth://totp/a?secret={KEY}&secret={KEY}AA")),
            ("duplicate", &format!("otpauth://totp/a?secret={KEY}&digits=8&Digits=6")),
            ("digits", &format!("otpauth://totp/a?secret={KEY}&digits=six")),
            ("period", &format!("otpauth://totp/a?secret={KEY}&period=0")),
            ("could change the codes", &format!("otpauth://totp/a?secret={KEY}&digit=8")),
            ("could change the codes", &format!("otpauth://totp/a?secret={KEY}&t0=30")),
        ];
        for (says, line) in wrong {
            let file = format!("# keys\n\n{line}\n");
            let problems = import(file.as_bytes()).unwrap_err().to_string();
            assert!(problems.starts_with("line 3: "), "{problems}");
            assert!(problems.contains(says) && !problems.contains("GEZD"), "{line}: {problems}");
        }
    }

    #[test]
    fn a_parameter_that_decides_the_code_is_never_dropped() {
        for query in [
            "&amp;digits=8&amp;period=60",
            "&AMP;digits=8&#38;period=60",
            "&#x26;Digits=8&PERIOD=60",
            "&issuer=Acme%20#1&digits=8&period=60",
            "&digits=8&digits=8&%70eriod=60#note",
            "&amp;amp;digits=%38&amp;amp;period=60",
        ] {
            let enrolment = one(&format!("otpauth://totp/a?secret={KEY}{query}"));
            assert_eq!(enrolment.totp.parameters.to_string(), "SHA1/8/60", "{query}");
            assert_eq!(enrolment.totp.secret.bytes(), b"12345678901234567890");
        }
        let plus = one("otpauth://totp/a?secret=GEZD+GNBV%20GY3T-QOJQ+GEZDGNBVGY3TQOJQ");
        assert_eq!(plus.totp.secret.bytes(), b"12345678901234567890");
    }

    #[test]
    fn an_issuer_or_an_account_that_is_odd_refuses_nothing() {
        for (label, issuer, account) in [
            ("Acme.org:%20Free:alice?issuer=Acme.org%3A+Free", "Acme.org Free", Some("alice")),
            (
                "Acme%20(https://x.example):bob?issuer=Acme+(https%3A%2F%2Fx.example)",
                "Acme (https//x.example)",
                Some("bob"),
            ),
            ("x:a?issuer=y", "y", Some("a")),
            ("a?issuer=%E2%80%AEx", "x", Some("a")),
            ("a?issuer=caf%e9", "caf\u{fffd}", Some("a")),
            ("x:a%0Ab?", "x", None),
            ("x:%ff?", "x", None),
            ("x:?", "x", None),
        ] {
            let enrolment = one(&format!("otpauth://totp/{label}&secret={KEY}"));
            let found = enrolment.account.as_ref().map(Account::as_str);
            assert_eq!((enrolment.issuer.unwrap().as_str(), found), (issuer, account), "{label}");
        }
        assert_eq!(one(&format!("QR-Code:otpauth://totp/a@x_y?secret={KEY}")).issuer, None);
    }

    #[test]
    fn tokens_that_cannot_be_kept_are_left_out_and_named() {
        for (uri, says) in [
            (
                "otpauth://hotp/Acme:bob?secret=GEZD&issuer=Acme&counter=4",
                "bob: its codes are counter",
            ),
            (
                "otpauth://steam/Steam:bob?secret=GEZD",
                "bob: its codes are of another kind (\"steam\")",
            ),
            ("otpauth://totp/bob?secret=GEZD&digits=7", "bob: its codes have 7 digits"),
            ("otpauth://totp/bob?secret=GEZD&algorithm=MD5", "bob: its algorithm is \"MD5\""),
            ("otpauth://totp/bob?secret=GEZD&period=10", "bob: its codes change every 10 s"),
        ] {
            let imported = import(uri.as_bytes()).unwrap();
            assert_eq!((imported.enrolments.len(), imported.left_out()), (0, 1), "{uri}");
            let note = imported.notes[0].to_string();
            assert!(note.starts_with(&format!("line 1: left out: {says}")), "{note}");
        }
    }

    #[test]
    fn what_is_not_kept_is_named() {
        let uri = format!("otpauth://totp/x:a?secret={KEY}&issuer=y&image=z&counter=3");
        let imported = import(uri.as_bytes()).unwrap();
        let said: Vec<String> = imported.notes.iter().map(ToString::to_string).collect();
        assert_eq!(said, ["line 1: not kept: \"image\", \"counter\""]);
        let short = import(b"otpauth://totp/a?secret=GEZDGNBVGY3TQOJQ").unwrap();
        assert!(short.notes[0].message.contains("80 bits"));
    }

    proptest! {
        #[test]
        fn what_is_written_is_read(enrolments in proptest::collection::vec(arbitrary_enrolment(), 0..5)) {
            let read = import(&export(&enrolments).file).unwrap();
            let read: Vec<ForeignEnrolment> = read.enrolments.into_iter().map(|(_, e)| e).collect();
            prop_assert_eq!(read, enrolments.iter().map(bare).collect::<Vec<_>>());
        }

        #[test]
        fn any_line_is_read_or_refused(line in "(otpauth://(totp|hotp)/)?.{0,20}(\\?secret=[A-Z2-7]{0,40})?(&?(issuer|digits|period|algorithm|%3a|:|%|=)?.{0,8}){0,4}") {
            let _ = import(line.as_bytes());
        }
    }
}
