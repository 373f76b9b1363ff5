//! Tokens inside any JSON: otpauth URIs wherever they are, and the objects in which 2FAS,
//! Aegis, andOTP, FreeOTP+ and Bitwarden keep a key with its parameters. Everything else of
//! such a file is passed over. Encrypted exports hold no token that could be read.

use std::borrow::Cow;
use std::collections::BTreeMap;

use serde_json::value::RawValue;
use zeroize::Zeroizing;

use super::lines::{decoded, whole};
use super::otpauth;
use super::token::TokenFields;
use super::value::{ForeignEnrolment, ImportNote, ImportReader, Imported, Unread, shown};
use crate::secret::label::{Account, Issuer};
use crate::secret::material::Secret;
use crate::secret::totp::Totp;

/// No export nests deeper; serde_json's own limit.
const DEEPEST: usize = 128;

type JsonObject<'a> = BTreeMap<Cow<'a, str>, &'a RawValue>;

/// Reads a file.
pub fn read(file: &[u8]) -> Imported {
    let text = decoded(file);
    let root: &RawValue = match serde_json::from_str(&text) {
        Ok(root) => root,
        Err(e) => {
            let mut imported = Imported::default();
            let message = format!("not JSON: error in column {}", e.column());
            imported.problems.push(ImportNote::line(e.line(), message));
            return imported;
        }
    };
    let newlines = text.bytes().zip(0..).filter(|(byte, _)| *byte == b'\n').map(|(_, at)| at);
    let mut walk = JsonWalk {
        text: &text,
        newlines: newlines.collect(),
        reading: ImportReader::default(),
        found: 0,
    };
    walk.value(root, None, 0);
    let found = walk.found;
    let mut imported = walk.reading.done();
    if found == 0 && imported.problems.count == 0 {
        return whole(match is_encrypted(root) {
            true => "the file is encrypted: export it again without a password",
            false => "the file holds no otpauth URI and no token",
        });
    }
    // Objects are walked by the order of their names.
    imported.enrolments.sort_by_key(|(line, _)| *line);
    imported.notes.sort_by_key(|note| note.line);
    imported
}

struct JsonWalk<'a> {
    text: &'a str,
    /// Where lines end.
    newlines: Vec<usize>,
    reading: ImportReader,
    /// How many tokens there are, kept or not.
    found: usize,
}

impl<'a> JsonWalk<'a> {
    /// `name` is what the object above calls itself.
    fn value(&mut self, raw: &'a RawValue, name: Option<&str>, depth: usize) {
        if depth > DEEPEST {
            self.at(raw);
            let deep = Unread::Wrong(format!("nested deeper than {DEEPEST}"));
            return self.reading.unread(None, deep);
        }
        match raw.get().as_bytes().first() {
            Some(b'"') => self.text(raw),
            Some(b'[') => {
                let list: Vec<&RawValue> = serde_json::from_str(raw.get()).unwrap_or_default();
                list.into_iter().for_each(|item| self.value(item, None, depth + 1));
            }
            Some(b'{') => {
                let object: JsonObject<'a> = serde_json::from_str(raw.get()).unwrap_or_default();
                if let Some(token) = JsonToken::of(&object, name) {
                    self.at(raw);
                    return self.token(&token);
                }
                let name = string(&object, "name");
                for item in object.values() {
                    self.value(item, name.as_ref().map(|name| name.as_str()), depth + 1);
                }
            }
            _ => {}
        }
    }

    fn text(&mut self, raw: &RawValue) {
        let Ok(text) = serde_json::from_str::<String>(raw.get()).map(Zeroizing::new) else {
            return;
        };
        if otpauth::is_uri(&text) {
            self.at(raw);
            self.found += 1;
            otpauth::parse(&text, &mut self.reading);
        } else if text.starts_with("otpauth-migration:") {
            self.at(raw);
            let other =
                "this is a URI of a move: write it to a file and import it as google-migration";
            self.reading.unread(None, Unread::Wrong(other.into()));
        }
    }

    fn token(&mut self, token: &JsonToken) {
        self.found += 1;
        let mut issuer = token.issuer.as_deref().and_then(Issuer::of_foreign);
        match token.enrolment(&mut self.reading, &mut issuer) {
            Ok(enrolment) => self.reading.keep(enrolment),
            Err(unread) => {
                let name = token.account.as_deref().or(token.issuer.as_deref());
                let unread = match (&unread, name) {
                    (Unread::LeftOut(_), Some(name)) => unread.of(shown(name)),
                    _ => unread,
                };
                self.reading.unread(issuer, unread);
            }
        }
    }

    /// What follows is about the line in which `raw` begins.
    fn at(&mut self, raw: &RawValue) {
        let offset = (raw.get().as_ptr() as usize).saturating_sub(self.text.as_ptr() as usize);
        self.reading.at(self.newlines.partition_point(|newline| *newline < offset) + 1);
    }
}

/// An object that is a token.
#[derive(Default)]
struct JsonToken {
    /// Base32, or a URI.
    secret: Zeroizing<String>,
    /// FreeOTP+ writes the bytes of the key, each with its sign.
    bytes: Option<Zeroizing<Vec<i16>>>,
    account: Option<String>,
    issuer: Option<String>,
    kind: Option<String>,
    algorithm: Option<String>,
    digits: Option<String>,
    period: Option<String>,
}

/// Objects in which some apps keep the parameters beside the name.
const INSIDE: [&str; 2] = ["info", "otp"];

impl JsonToken {
    /// The token that an object is, if it is one; `above` is the name of the entry that
    /// it belongs to.
    fn of(object: &JsonObject<'_>, above: Option<&str>) -> Option<JsonToken> {
        // Bitwarden: the login of an entry.
        if let Some(totp) = string(object, "totp").filter(|totp| !totp.trim().is_empty()) {
            let account = string(object, "username").map(|text| text.to_string());
            let issuer = above.map(str::to_owned);
            return Some(JsonToken { secret: totp, account, issuer, ..JsonToken::default() });
        }
        let inside: Vec<JsonObject<'_>> = INSIDE
            .iter()
            .filter_map(|name| serde_json::from_str(object.get(*name)?.get()).ok())
            .collect();
        let find = |names: &[&str]| {
            let both = || std::iter::once(object).chain(&inside);
            let texts = names.iter().flat_map(|name| both().map(move |object| (object, *name)));
            let mut found = texts.filter_map(|(object, name)| scalar(object, name));
            found.find(|text| !text.trim().is_empty())
        };
        let key = std::iter::once(object).chain(&inside).find_map(|object| object.get("secret"))?;
        let secret = serde_json::from_str::<String>(key.get()).map(Zeroizing::new).ok();
        let bytes = serde_json::from_str::<Vec<i16>>(key.get()).map(Zeroizing::new).ok();
        let kind = find(&["tokenType", "type"]);
        let known = ["algo", "algorithm", "digits", "period", "issuer", "account", "label"];
        // Other things have secrets as well.
        if (secret.is_none() && bytes.is_none()) || (kind.is_none() && find(&known).is_none()) {
            return None;
        }
        let text = |found: Option<Zeroizing<String>>| found.map(|text| text.to_string());
        Some(JsonToken {
            secret: secret.unwrap_or_default(),
            bytes,
            account: text(find(&["account", "label", "name"])),
            issuer: text(find(&["issuer", "issuerExt", "issuerInt"]))
                .or_else(|| text(string(object, "name").filter(|_| !inside.is_empty()))),
            kind: text(kind),
            algorithm: text(find(&["algo", "algorithm"])),
            digits: text(find(&["digits"])),
            period: text(find(&["period"])),
        })
    }

    fn enrolment(
        &self,
        reading: &mut ImportReader,
        issuer: &mut Option<Issuer>,
    ) -> Result<ForeignEnrolment, Unread> {
        let parse = |text: &String| Account::parse(text).ok();
        // A label may be the whole of it.
        let account = self.account.as_ref().map(|account| match account.split_once(':') {
            Some((_, account)) if !account.trim().is_empty() => account.to_owned(),
            _ => account.clone(),
        });
        let account = account.as_ref().and_then(parse);
        if otpauth::is_uri(&self.secret) {
            let mut of_uri = None;
            let found = otpauth::enrolment(&self.secret, reading, &mut of_uri)?;
            *issuer = of_uri.or(issuer.take());
            let also = found.account.clone();
            let account = account.or(found.account);
            return Ok(ForeignEnrolment { account, also, issuer: issuer.clone(), ..found });
        }
        if self.secret.get(..8).is_some_and(|start| start.eq_ignore_ascii_case("steam://")) {
            return Err(Unread::LeftOut("its codes are of another kind (\"steam\")".into()));
        }
        let told = TokenFields {
            kind: self.kind.as_deref(),
            algorithm: self.algorithm.as_deref(),
            digits: self.digits.as_deref(),
            period: self.period.as_deref(),
        };
        let parameters = told.parameters()?;
        let secret = match &self.bytes {
            Some(bytes) => {
                let byte = |number: &i16| match number {
                    -128..=-1 => u8::try_from(number + 256).ok(),
                    _ => u8::try_from(*number).ok(),
                };
                let bytes: Option<Vec<u8>> = bytes.iter().map(byte).collect();
                let bytes = bytes.map(Zeroizing::new).ok_or("the key is not a list of bytes")?;
                Secret::from_bytes(&bytes)?
            }
            None => Secret::from_base32(&self.secret)?,
        };
        let totp = Totp { secret, parameters };
        Ok(ForeignEnrolment { issuer: issuer.clone(), account, totp, last_step: None, also: None })
    }
}

/// A text of an object.
fn string(object: &JsonObject<'_>, name: &str) -> Option<Zeroizing<String>> {
    serde_json::from_str(object.get(name)?.get()).map(Zeroizing::new).ok()
}

/// A text or a number of an object, as text.
fn scalar(object: &JsonObject<'_>, name: &str) -> Option<Zeroizing<String>> {
    string(object, name).or_else(|| {
        let number: serde_json::Number = serde_json::from_str(object.get(name)?.get()).ok()?;
        // An app's own number of a kind tells nothing here.
        (name != "type").then(|| Zeroizing::new(number.to_string()))
    })
}

/// Whether the file says of itself that it is encrypted, as Aegis, 2FAS and Bitwarden do.
fn is_encrypted(root: &RawValue) -> bool {
    let Ok(object) = serde_json::from_str::<JsonObject<'_>>(root.get()) else { return false };
    let says = |name: &str, value: &str| object.get(name).is_some_and(|raw| raw.get() == value);
    says("encrypted", "true")
        || string(&object, "db").is_some()
        || string(&object, "servicesEncrypted").is_some()
}

#[cfg(test)]
mod tests;
