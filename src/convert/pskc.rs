//! PSKC, the Portable Symmetric Key Container (RFC 6030), in which vendors deliver the keys of
//! hardware tokens: plain, or encrypted with a pre-shared key or a password (§6.1, §6.2:
//! AES and 3DES in CBC mode, AES key wrap, PBKDF2), authenticated where the file says how (§6.1.1). Names are matched
//! without their namespace, for vendors use drafts of it.

use aes::{Aes128, Aes192, Aes256};
use aes_kw::{AesKw, AesKwp};
use cbc::Decryptor;
use cbc::cipher::block_padding::NoPadding;
use cbc::cipher::consts::U16;
use cbc::cipher::{BlockCipherDecrypt, BlockModeDecrypt, KeyIvInit};
use data_encoding::{BASE64, HEXLOWER_PERMISSIVE};
use des::TdesEde3;
use hmac::{Hmac, KeyInit, Mac};
use roxmltree::{Document, Node};
use sha1::Sha1;
use sha2::{Sha256, Sha512};
use zeroize::Zeroizing;

use super::lines::{decoded, whole};
use super::token::{TokenFields, is_time_based, quoted};
use super::value::{ForeignEnrolment, ImportNote, ImportReader, Imported, Unread, shown};
use crate::secret::label::{Account, Issuer};
use crate::secret::material::Secret;
use crate::secret::totp::Totp;

/// RFC 8018 §4.2 asks for 1,000 at least; nobody waits for more than this.
const MOST_ITERATIONS: u32 = 10_000_000;
/// What is said of an encrypted value that does not open.
const WRONG: &str = "the key or password is wrong, or the file was changed";

/// Reads a file; `words` is the pre-shared key in hexadecimal, or the password.
pub fn read(file: &[u8], words: Option<&str>) -> Imported {
    let text = decoded(file);
    let document = match Document::parse(&text) {
        Ok(document) => document,
        // Its own words repeat text of the file.
        Err(e) => {
            let mut imported = Imported::default();
            let at = e.pos();
            let message = format!("not XML: error in column {}", at.col);
            let line = usize::try_from(at.row).unwrap_or(0);
            imported.problems.push(ImportNote::line(line, message));
            return imported;
        }
    };
    let root = document.root_element();
    if root.tag_name().name() != "KeyContainer" {
        return whole("the file is not a PSKC container: expected the element KeyContainer");
    }
    let line = |node: Node<'_, '_>| document.text_pos_at(node.range().start).row;
    let mut reading = ImportReader::default();
    let keys = ContainerKeys::of(root, words);
    for package in children(root, "KeyPackage") {
        for key in children(package, "Key") {
            reading.at(usize::try_from(line(key)).unwrap_or(0));
            let token = PskcToken { package, key };
            match token.enrolment(&keys, &mut reading) {
                Ok(enrolment) => reading.keep(enrolment),
                Err(unread) => reading.unread(token.issuer(), unread),
            }
        }
    }
    if children(root, "KeyPackage").next().is_none() {
        return whole(
            "the container has no element KeyPackage: drafts before RFC 6030 are not supported",
        );
    }
    reading.done()
}

fn children<'a, 'i>(
    node: Node<'a, 'i>,
    name: &'static str,
) -> impl Iterator<Item = Node<'a, 'i>> + use<'a, 'i> {
    node.children().filter(move |child| child.tag_name().name() == name)
}

/// The element at the end of a path of names.
fn at<'a, 'i>(node: Node<'a, 'i>, path: &[&'static str]) -> Option<Node<'a, 'i>> {
    path.iter().try_fold(node, |node, name| children(node, name).next())
}

fn text<'a>(node: Node<'a, '_>, path: &[&'static str]) -> Option<&'a str> {
    at(node, path)?.text().map(str::trim).filter(|text| !text.is_empty())
}

/// The last part of a URI or URN that names an algorithm.
fn name_of(uri: &str) -> &str {
    uri.rsplit(['#', ':', '/']).next().unwrap_or(uri)
}

/// A key with the package that it is in.
struct PskcToken<'a, 'i> {
    package: Node<'a, 'i>,
    key: Node<'a, 'i>,
}

impl PskcToken<'_, '_> {
    fn issuer(&self) -> Option<Issuer> {
        text(self.key, &["Issuer"]).and_then(Issuer::of_foreign)
    }

    fn serial(&self) -> Option<&str> {
        text(self.package, &["DeviceInfo", "SerialNo"]).or(self.key.attribute("Id"))
    }

    /// Whether the key has such a value.
    fn has(&self, value: &'static str) -> bool {
        at(self.key, &["Data", value]).is_some()
    }

    fn enrolment(
        &self,
        keys: &ContainerKeys<'_, '_>,
        reading: &mut ImportReader,
    ) -> Result<ForeignEnrolment, Unread> {
        let named = |unread: Unread| match (&unread, self.serial()) {
            (Unread::LeftOut(_), Some(serial)) => unread.of(shown(serial)),
            _ => unread,
        };
        match self.key.attribute("Algorithm") {
            Some(algorithm) => is_time_based(name_of(algorithm)).map_err(named)?,
            // Only a counter-based token has nothing but a counter.
            None if self.has("Counter") && !self.has("TimeInterval") && !self.has("Time") => {
                is_time_based("hotp").map_err(named)?;
            }
            None => return Err("the key has no algorithm".into()),
        }
        let pin = at(self.key, &["Policy", "PINPolicy"]);
        if let Some(mode) = pin.and_then(|pin| pin.attribute("PINUsageMode"))
            && !mode.eq_ignore_ascii_case("Local")
        {
            let why = format!("a PIN belongs to its codes ({})", quoted(mode));
            return Err(named(Unread::LeftOut(why)));
        }
        let format = at(self.key, &["AlgorithmParameters", "ResponseFormat"]);
        let encoding = format.and_then(|format| format.attribute("Encoding"));
        if let Some(other) = encoding.filter(|other| !other.eq_ignore_ascii_case("DECIMAL")) {
            let why = format!("its codes are not decimal ({})", quoted(other));
            return Err(named(Unread::LeftOut(why)));
        }
        let check = format.and_then(|format| format.attribute("CheckDigits"));
        if check.is_some_and(|check| matches!(check, "true" | "1")) {
            return Err(named(Unread::LeftOut("its codes end in a check digit".into())));
        }
        let data = at(self.key, &["Data"]).ok_or("the key has no data")?;
        let period = at(data, &["TimeInterval"]).map(|value| keys.number(value)).transpose()?;
        let told = TokenFields {
            kind: None,
            algorithm: text(self.key, &["AlgorithmParameters", "Suite"]),
            digits: format.and_then(|format| format.attribute("Length")),
            period: period.as_deref(),
        };
        let parameters = told.parameters().map_err(named)?;
        let secret = at(data, &["Secret"]).ok_or("the key has no secret")?;
        let secret = Secret::from_bytes(&keys.value(secret)?)?;
        let drift = at(data, &["TimeDrift"]).and_then(|value| keys.number(value).ok());
        if drift.is_some_and(|drift| drift != "0") {
            reading.note(self.issuer(), "the drift of the token's clock is not kept");
        }
        let user = text(self.key, &["UserId"]).or(text(self.package, &["DeviceInfo", "UserId"]));
        let parse = |text: &str| Account::parse(text).ok();
        let totp = Totp { secret, parameters };
        let (account, also) = (user.and_then(parse), self.serial().and_then(parse));
        Ok(ForeignEnrolment { issuer: self.issuer(), account, totp, last_step: None, also })
    }
}

/// How the values of a container are opened.
struct ContainerKeys<'a, 'i> {
    /// The key of the container: pre-shared or derived; none where none is asked for, else
    /// why there is none.
    encryption: Option<Result<Zeroizing<Vec<u8>>, String>>,
    mac: Option<Node<'a, 'i>>,
}

impl<'a, 'i> ContainerKeys<'a, 'i> {
    fn of(root: Node<'a, 'i>, words: Option<&str>) -> ContainerKeys<'a, 'i> {
        let encryption = at(root, &["EncryptionKey"]).map(|key| {
            if children(key, "X509Data").chain(children(key, "RSAKeyValue")).next().is_some() {
                return Err("the keys are encrypted for a certificate, which is not supported: ask for a file with a pre-shared key or a password".to_owned());
            }
            let derived = at(key, &["DerivedKey"]);
            let Some(words) = words else {
                let what = if derived.is_some() { "password" } else { "pre-shared key" };
                return Err(format!("the key is encrypted: give the {what} with --decrypt-with"));
            };
            match derived {
                Some(derived) => of_password(derived, words),
                None => HEXLOWER_PERMISSIVE
                    .decode(words.trim().as_bytes())
                    .map(Zeroizing::new)
                    .map_err(|_| "the pre-shared key is not hexadecimal".to_owned()),
            }
        });
        ContainerKeys { encryption, mac: at(root, &["MACMethod"]) }
    }

    /// The bytes of a value, plain or encrypted.
    fn value(&self, value: Node<'_, '_>) -> Result<Zeroizing<Vec<u8>>, Unread> {
        if let Some(plain) = text(value, &["PlainValue"]) {
            // Whoever could put a secret of their own in would leave the rest as it is.
            if self.encryption.is_some() || self.mac.is_some() {
                return Err(
                    "the key is plain, but the file says that its keys are encrypted".into()
                );
            }
            return base64(plain);
        }
        let sealed = at(value, &["EncryptedValue"]).ok_or("the key has no value")?;
        let cipher = base64(text(sealed, &["CipherData", "CipherValue"]).unwrap_or_default())?;
        let key = self.encryption()?;
        if let Some(method) = self.mac {
            let mac = text(value, &["ValueMAC"]).ok_or("the key is not authenticated")?;
            self.authenticate(method, key, &cipher, &base64(mac)?)?;
        }
        opened(sealed, key, &cipher)
    }

    fn encryption(&self) -> Result<&[u8], Unread> {
        match &self.encryption {
            Some(Ok(key)) => Ok(key),
            Some(Err(why)) => Err(Unread::Wrong(why.clone())),
            None => Err("the key is encrypted, and the file does not say how".into()),
        }
    }

    /// A whole number, which is plain text or encrypted text.
    fn number(&self, value: Node<'_, '_>) -> Result<String, Unread> {
        match text(value, &["PlainValue"]) {
            Some(plain) => Ok(plain.to_owned()),
            None => Ok(String::from_utf8_lossy(&self.value(value)?).trim().to_owned()),
        }
    }

    /// Checks a value before it is opened (RFC 6030 §6.1.1).
    fn authenticate(
        &self,
        method: Node<'_, '_>,
        key: &[u8],
        cipher: &[u8],
        mac: &[u8],
    ) -> Result<(), Unread> {
        let own = match at(method, &["MACKey"]) {
            Some(sealed) => {
                let cipher = text(sealed, &["CipherData", "CipherValue"]).unwrap_or_default();
                opened(sealed, key, &base64(cipher)?)?
            }
            None => Zeroizing::new(key.to_vec()),
        };
        let algorithm = method.attribute("Algorithm").unwrap_or_default();
        let right = match name_of(algorithm) {
            "hmac-sha1" => is_mac::<Hmac<Sha1>>(&own, cipher, mac),
            "hmac-sha256" => is_mac::<Hmac<Sha256>>(&own, cipher, mac),
            "hmac-sha512" => is_mac::<Hmac<Sha512>>(&own, cipher, mac),
            other => {
                return Err(format!("the authentication {} is not supported", quoted(other)).into());
            }
        };
        match right {
            true => Ok(()),
            false => Err(WRONG.into()),
        }
    }
}

fn is_mac<M: Mac + KeyInit>(key: &[u8], bytes: &[u8], mac: &[u8]) -> bool {
    let made = <M as KeyInit>::new_from_slice(key).ok();
    made.is_some_and(|made| made.chain_update(bytes).verify_slice(mac).is_ok())
}

/// The key that a password derives (RFC 8018 §5.2).
fn of_password(derived: Node<'_, '_>, password: &str) -> Result<Zeroizing<Vec<u8>>, String> {
    let method = at(derived, &["KeyDerivationMethod"]).ok_or("the file derives no key")?;
    let algorithm = name_of(method.attribute("Algorithm").unwrap_or_default());
    let parameters = children(method, "PBKDF2-params").next();
    let (Some(parameters), true) = (parameters, algorithm.eq_ignore_ascii_case("pbkdf2")) else {
        return Err(format!("the derivation {} is not supported", quoted(algorithm)));
    };
    let number = |name| text(parameters, &[name]).and_then(|text| text.parse::<u32>().ok());
    let salt = text(parameters, &["Salt", "Specified"]).unwrap_or_default();
    let salt = base64(salt).map_err(|_| "the salt is not base64")?;
    let rounds = number("IterationCount").filter(|n| (1..=MOST_ITERATIONS).contains(n));
    let rounds = rounds.ok_or_else(|| format!("expected 1 to {MOST_ITERATIONS} iterations"))?;
    let length = match number("KeyLength").unwrap_or(16) {
        16 => 16,
        24 => 24,
        32 => 32,
        other => return Err(format!("a derived key of {other} bytes fits no cipher")),
    };
    let mut key = Zeroizing::new(vec![0; length]);
    let prf = at(parameters, &["PRF"]).and_then(|prf| prf.attribute("Algorithm"));
    let (password, key_bytes) = (password.as_bytes(), key.as_mut_slice());
    match name_of(prf.unwrap_or("hmac-sha1")).to_ascii_lowercase().as_str() {
        "hmac-sha1" | "hmacsha1" => {
            pbkdf2::pbkdf2_hmac::<Sha1>(password, &salt, rounds, key_bytes);
        }
        "hmac-sha256" | "hmacsha256" => {
            pbkdf2::pbkdf2_hmac::<Sha256>(password, &salt, rounds, key_bytes);
        }
        "hmac-sha512" | "hmacsha512" => {
            pbkdf2::pbkdf2_hmac::<Sha512>(password, &salt, rounds, key_bytes);
        }
        other => return Err(format!("the hash {} is not supported", quoted(other))),
    }
    Ok(key)
}

/// Decrypts a value by the method that it names (RFC 6030 §6.1, XML Encryption 1.1 §5).
fn opened(sealed: Node<'_, '_>, key: &[u8], cipher: &[u8]) -> Result<Zeroizing<Vec<u8>>, Unread> {
    let method = at(sealed, &["EncryptionMethod"]).and_then(|method| method.attribute("Algorithm"));
    let method = name_of(method.unwrap_or_default());
    type Open = fn(&[u8], &[u8]) -> Result<Zeroizing<Vec<u8>>, Unread>;
    let (length, open): (usize, Open) = match method {
        "aes128-cbc" => (16, chained::<Aes128>),
        "aes192-cbc" => (24, chained::<Aes192>),
        "aes256-cbc" => (32, chained::<Aes256>),
        "tripledes-cbc" => (24, chained::<TdesEde3>),
        "kw-aes128" => (16, unwrapped::<Aes128>),
        "kw-aes192" => (24, unwrapped::<Aes192>),
        "kw-aes256" => (32, unwrapped::<Aes256>),
        "kw-aes-128-pad" => (16, unwrapped_padded::<Aes128>),
        "kw-aes-192-pad" => (24, unwrapped_padded::<Aes192>),
        "kw-aes-256-pad" => (32, unwrapped_padded::<Aes256>),
        other => return Err(format!("the encryption {} is not supported", quoted(other)).into()),
    };
    if key.len() != length {
        let message = format!("{method} needs a key of {length} bytes, not {}", key.len());
        return Err(message.into());
    }
    open(key, cipher)
}

/// Cipher block chaining: the first block is the initialisation vector, the last byte says
/// how many bytes are padding (XML Encryption 1.1 §5.2).
fn chained<C: BlockCipherDecrypt + KeyInit>(
    key: &[u8],
    cipher: &[u8],
) -> Result<Zeroizing<Vec<u8>>, Unread> {
    let block = C::block_size();
    let Some((iv, body)) = cipher.split_at_checked(block) else {
        return Err("the encrypted value is too short".into());
    };
    let mut bytes = Zeroizing::new(body.to_vec());
    let decryptor = Decryptor::<C>::new_from_slices(key, iv).map_err(|_| WRONG)?;
    let plain = decryptor.decrypt_padded::<NoPadding>(&mut bytes).map(<[u8]>::len);
    let plain = plain.map_err(|_| "the encrypted value is not whole blocks")?;
    let padding = usize::from(bytes[..plain].last().copied().unwrap_or(0));
    if !(1..=block).contains(&padding) || padding > plain {
        return Err(WRONG.into());
    }
    bytes.truncate(plain - padding);
    Ok(bytes)
}

/// AES key wrap (RFC 3394), which finds a wrong key by itself.
fn unwrapped<C: BlockCipherDecrypt<BlockSize = U16> + KeyInit>(
    key: &[u8],
    cipher: &[u8],
) -> Result<Zeroizing<Vec<u8>>, Unread> {
    let mut bytes = Zeroizing::new(vec![0; cipher.len()]);
    let wrap = AesKw::<C>::new_from_slice(key).map_err(|_| WRONG)?;
    let plain = wrap.unwrap_key(cipher, &mut bytes).map(<[u8]>::len).map_err(|_| WRONG)?;
    bytes.truncate(plain);
    Ok(bytes)
}

/// The same for keys of any length (RFC 5649).
fn unwrapped_padded<C: BlockCipherDecrypt<BlockSize = U16> + KeyInit>(
    key: &[u8],
    cipher: &[u8],
) -> Result<Zeroizing<Vec<u8>>, Unread> {
    let mut bytes = Zeroizing::new(vec![0; cipher.len()]);
    let wrap = AesKwp::<C>::new_from_slice(key).map_err(|_| WRONG)?;
    let plain = wrap.unwrap_key(cipher, &mut bytes).map(<[u8]>::len).map_err(|_| WRONG)?;
    bytes.truncate(plain);
    Ok(bytes)
}

fn base64(text: &str) -> Result<Zeroizing<Vec<u8>>, Unread> {
    let plain: Zeroizing<String> =
        Zeroizing::new(text.chars().filter(|c| !c.is_whitespace()).collect());
    let bytes = BASE64.decode(plain.as_bytes()).map(Zeroizing::new);
    bytes.map_err(|_| "a value is not base64".into())
}

#[cfg(test)]
mod tests;
