//! The URIs that Google Authenticator shows as QR codes when accounts are moved:
//! `otpauth-migration://offline?data=…`, one a line, ten accounts in each.
//!
//! The data is base64 of a protobuf message that Google never published; its fields
//! were read off the app by many (github.com/qistoph/otp_export and others). It has no
//! field for the period: it is always 30 s.

mod wire;

use std::collections::{BTreeMap, BTreeSet};

use data_encoding::{BASE64, BASE64URL_NOPAD};
use percent_encoding::{AsciiSet, NON_ALPHANUMERIC, percent_decode_str, utf8_percent_encode};
use zeroize::Zeroizing;

use self::wire::{Field, Writer, fields};
use super::lines::{Read, read_each};
use super::otpauth::short;
use super::value::{Enrolment, Exported, Imported, Note, Problems};
use crate::domain::time::Time;
use crate::secret::label::{Account, Issuer};
use crate::secret::material::Secret;
use crate::secret::parameters::{Algorithm, Digits, Parameters, Period};
use crate::secret::totp::Totp;

/// What every such URI begins with.
const PREFIX: &str = "otpauth-migration://offline?data=";
/// Accounts in one URI, as the app does it, so that its QR code can be read off a screen.
const BATCH: usize = 10;

/// Field numbers of the payload.
mod payload {
    pub(super) const ACCOUNT: u64 = 1;
    pub(super) const VERSION: u64 = 2;
    pub(super) const BATCH_SIZE: u64 = 3;
    pub(super) const BATCH_INDEX: u64 = 4;
    pub(super) const BATCH_ID: u64 = 5;
}

/// Field numbers of an account.
mod account {
    pub(super) const SECRET: u64 = 1;
    pub(super) const NAME: u64 = 2;
    pub(super) const ISSUER: u64 = 3;
    pub(super) const ALGORITHM: u64 = 4;
    pub(super) const DIGITS: u64 = 5;
    pub(super) const KIND: u64 = 6;
}

/// `type` of an account that is time-based.
const TOTP: u64 = 2;

/// Which part of a move a URI is.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
struct Batch {
    id: u64,
    index: u64,
    size: u64,
}

/// Reads a file of migration URIs.
///
/// # Errors
/// Every line that is none, and every move of which a part is missing.
pub fn import(file: &[u8]) -> Result<Imported, Problems> {
    let mut batches = BTreeSet::new();
    let imported = read_each(file, |line| {
        let (read, batch) = parse(line)?;
        match batches.insert(batch) {
            true => Ok(read),
            false => Err(format!("part {} of its move comes twice", batch.index + 1)),
        }
    })?;
    match missing(&batches) {
        None => Ok(imported),
        Some(message) => Err(Problems::one(Note { line: None, subject: None, message })),
    }
}

/// What is missing of the moves that these are parts of.
fn missing(batches: &BTreeSet<Batch>) -> Option<String> {
    let mut moves = BTreeMap::<(u64, u64), u64>::new();
    for Batch { id, size, .. } in batches {
        *moves.entry((*id, *size)).or_default() += 1;
    }
    moves.into_iter().find(|((_, size), found)| found < size).map(|((_, size), found)| {
        format!("only {found} of {size} parts of a move are here: add the other URIs")
    })
}

fn parse(line: &str) -> Result<(Read, Batch), String> {
    let data =
        line.strip_prefix(PREFIX).ok_or_else(|| format!("not a URI that begins with {PREFIX}"))?;
    let bytes = base64(data).ok_or("the data of the URI is not base64")?;
    let mut read = Read::default();
    let mut batch = Batch { id: 0, index: 0, size: 1 };
    for field in fields(&bytes) {
        match field? {
            (payload::ACCOUNT, Field::Bytes(message)) => parse_account(message, &mut read)?,
            (payload::BATCH_SIZE, Field::Number(size)) => batch.size = size,
            (payload::BATCH_INDEX, Field::Number(index)) => batch.index = index,
            (payload::BATCH_ID, Field::Number(id)) => batch.id = id,
            _ => {}
        }
    }
    // A QR code a part: more than this were never shown by an app.
    if batch.size == 0 || batch.size > 1_000 || batch.index >= batch.size {
        return Err("the URI is not a part of a move that can be".into());
    }
    Ok((read, batch))
}

/// The bytes of the data, percent-escaped or not, of either alphabet of base64.
fn base64(data: &str) -> Option<Zeroizing<Vec<u8>>> {
    let text = Zeroizing::new(percent_decode_str(data).collect::<Vec<u8>>());
    let plain: Zeroizing<Vec<u8>> = Zeroizing::new(
        text.iter()
            .filter(|byte| **byte != b'=')
            .map(|byte| match byte {
                b'+' | b' ' => b'-',
                b'/' => b'_',
                other => *other,
            })
            .collect(),
    );
    BASE64URL_NOPAD.decode(&plain).ok().map(Zeroizing::new)
}

fn parse_account(message: &[u8], read: &mut Read) -> Result<(), String> {
    let place = read.enrolments.len() + read.notes.len() + 1;
    let wrong = |what: String| format!("account {place} of the URI: {what}");
    let (mut secret, mut name, mut issuer) = (None, "", "");
    let (mut algorithm, mut digits, mut kind) = (0, 0, 0);
    for field in fields(message) {
        match field.map_err(&wrong)? {
            (account::SECRET, Field::Bytes(bytes)) => secret = Some(bytes),
            (account::NAME, Field::Bytes(bytes)) => name = text(bytes).map_err(&wrong)?,
            (account::ISSUER, Field::Bytes(bytes)) => issuer = text(bytes).map_err(&wrong)?,
            (account::ALGORITHM, Field::Number(number)) => algorithm = number,
            (account::DIGITS, Field::Number(number)) => digits = number,
            (account::KIND, Field::Number(number)) => kind = number,
            _ => {}
        }
    }
    if kind != TOTP {
        read.notes.push(wrong("left out: its codes are counter-based".into()));
        return Ok(());
    }
    let secret =
        Secret::from_bytes(secret.unwrap_or_default()).map_err(|e| wrong(e.to_string()))?;
    let parameters = Parameters {
        algorithm: algorithm_of(algorithm).map_err(&wrong)?,
        digits: digits_of(digits).map_err(&wrong)?,
        period: Period::Thirty,
    };
    // The name may be a whole label: `issuer:account`, or with the issuer left out.
    let (label, name) = match name.split_once(':') {
        Some((label, name)) => (label, name),
        None => ("", name),
    };
    let issuer = if issuer.trim().is_empty() { label } else { issuer };
    let issuer = Some(issuer).filter(|text| !text.trim().is_empty()).map(Issuer::parse);
    let account = Account::parse(name).map_err(|error| wrong(error.to_string()))?;
    if secret.len() < Secret::ADVISED {
        read.notes.push(wrong(short(&secret)));
    }
    read.enrolments.push(Enrolment {
        issuer: issuer.transpose().map_err(|error| wrong(error.to_string()))?,
        account: Some(account),
        totp: Totp { secret, parameters },
        last_step: None,
    });
    Ok(())
}

fn text(bytes: &[u8]) -> Result<&str, String> {
    std::str::from_utf8(bytes).map_err(|_| "a text is not UTF-8".into())
}

/// 0 is "unspecified", which the app takes as SHA-1 and six digits.
fn algorithm_of(number: u64) -> Result<Algorithm, String> {
    match number {
        0 | 1 => Ok(Algorithm::Sha1),
        2 => Ok(Algorithm::Sha256),
        3 => Ok(Algorithm::Sha512),
        4 => Err("the algorithm MD5 is not known".into()),
        other => Err(format!("the algorithm {other} is not known")),
    }
}

fn digits_of(number: u64) -> Result<Digits, String> {
    match number {
        0 | 1 => Ok(Digits::Six),
        2 => Ok(Digits::Eight),
        other => Err(format!("the number of digits {other} is not known")),
    }
}

/// Base64 in a query: everything but letters and digits is escaped.
const ESCAPED: &AsciiSet = NON_ALPHANUMERIC;

/// Writes a move of as many URIs as it needs. `now` makes its number.
pub fn export(enrolments: &[Enrolment], now: Time) -> Exported {
    let mut exported = Exported::default();
    let mut messages = Vec::new();
    for enrolment in enrolments {
        match written(enrolment) {
            Ok(message) => messages.push(message),
            Err(why) => exported.leave_out(enrolment, why),
        }
    }
    exported.written = messages.len();
    let size = messages.len().div_ceil(BATCH);
    // A positive 32-bit number, as the app expects.
    let id = now.unix().unsigned_abs() & 0x7fff_ffff;
    for (index, batch) in messages.chunks(BATCH).enumerate() {
        let mut payload = Writer::default();
        for message in batch {
            payload.bytes(payload::ACCOUNT, message);
        }
        payload.number(payload::VERSION, 1);
        payload.number(payload::BATCH_SIZE, size as u64);
        payload.number(payload::BATCH_INDEX, index as u64);
        payload.number(payload::BATCH_ID, id);
        let data = Zeroizing::new(BASE64.encode(payload.written()));
        let uri = Zeroizing::new(format!("{PREFIX}{}", utf8_percent_encode(&data, ESCAPED)));
        exported.push_line(&uri);
    }
    exported
}

fn written(enrolment: &Enrolment) -> Result<Zeroizing<Vec<u8>>, &'static str> {
    let Some(account) = &enrolment.account else {
        return Err("the account has no name");
    };
    let Parameters { algorithm, digits, period } = enrolment.totp.parameters;
    if period != Period::Thirty {
        return Err("the format knows only a period of 30 s");
    }
    let mut message = Writer::default();
    message.bytes(account::SECRET, enrolment.totp.secret.bytes());
    message.bytes(account::NAME, account.as_str().as_bytes());
    if let Some(issuer) = &enrolment.issuer {
        message.bytes(account::ISSUER, issuer.as_str().as_bytes());
    }
    let algorithm = match algorithm {
        Algorithm::Sha1 => 1,
        Algorithm::Sha256 => 2,
        Algorithm::Sha512 => 3,
    };
    message.number(account::ALGORITHM, algorithm);
    message.number(account::DIGITS, if digits == Digits::Six { 1 } else { 2 });
    message.number(account::KIND, TOTP);
    Ok(message.into_bytes())
}

#[cfg(test)]
mod tests;
