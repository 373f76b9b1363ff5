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
use super::lines::read_each;
use super::otpauth::scanned;
use super::value::{Exported, ForeignEnrolment, ImportNote, ImportReader, Imported, Unread, shown};
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
struct MigrationBatch {
    id: u64,
    index: u64,
    size: u64,
}

/// Reads a file of migration URIs. A move of which a part is missing is a problem, the same
/// part twice is not.
pub fn read(file: &[u8]) -> Imported {
    let mut batches = BTreeSet::new();
    let mut imported = read_each(file, |line, reading| {
        batches.insert(parse(line, reading)?);
        Ok(())
    });
    if let Some(message) = missing(&batches) {
        imported.problems.push(ImportNote::whole(message));
    }
    imported
}

/// What is missing of the moves that these are parts of.
fn missing(batches: &BTreeSet<MigrationBatch>) -> Option<String> {
    let mut moves = BTreeMap::<(u64, u64), u64>::new();
    for MigrationBatch { id, size, .. } in batches {
        *moves.entry((*id, *size)).or_default() += 1;
    }
    moves.into_iter().find(|((_, size), found)| found < size).map(|((_, size), found)| {
        format!("only {found} of {size} parts of a move are here: add the other URIs")
    })
}

fn parse(line: &str, reading: &mut ImportReader) -> Result<MigrationBatch, Unread> {
    let data = scanned(line)
        .strip_prefix(PREFIX)
        .ok_or_else(|| format!("not a URI that begins with {PREFIX}"))?;
    let bytes = base64(data).ok_or("the data of the URI is not base64")?;
    let mut accounts = 0;
    let mut batch = MigrationBatch { id: 0, index: 0, size: 1 };
    for field in fields(&bytes) {
        match field? {
            (payload::ACCOUNT, Field::Bytes(message)) => {
                accounts += 1;
                parse_account(message, accounts, reading);
            }
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
    Ok(batch)
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

fn parse_account(message: &[u8], place: usize, reading: &mut ImportReader) {
    let mut issuer = None;
    match account(message, &mut issuer) {
        Ok(enrolment) => reading.keep(enrolment),
        Err(unread) => reading.unread(issuer, unread.of(format!("account {place} of the URI"))),
    }
}

fn account(message: &[u8], of: &mut Option<Issuer>) -> Result<ForeignEnrolment, Unread> {
    let (mut secret, mut name, mut issuer) = (None, String::new(), String::new());
    let (mut algorithm, mut digits, mut kind) = (0, 0, 0);
    for field in fields(message) {
        match field? {
            (account::SECRET, Field::Bytes(bytes)) => secret = Some(bytes),
            (account::NAME, Field::Bytes(bytes)) => name = text(bytes),
            (account::ISSUER, Field::Bytes(bytes)) => issuer = text(bytes),
            (account::ALGORITHM, Field::Number(number)) => algorithm = number,
            (account::DIGITS, Field::Number(number)) => digits = number,
            (account::KIND, Field::Number(number)) => kind = number,
            _ => {}
        }
    }
    // The name may be a whole label: `issuer:account`, or with the issuer left out.
    let prefix = format!("{}:", issuer.trim());
    let (label, name) = match name.strip_prefix(&prefix) {
        Some(name) if prefix.len() > 1 => ("", name),
        _ => name.split_once(':').unwrap_or(("", &name)),
    };
    let issuer = Issuer::of_foreign(&issuer).or_else(|| Issuer::of_foreign(label));
    of.clone_from(&issuer);
    let named = |unread: Unread| unread.of(shown(name.trim()));
    if kind != TOTP {
        return Err(named(Unread::LeftOut("its codes are counter-based".into())));
    }
    let parameters = Parameters {
        algorithm: algorithm_of(algorithm).map_err(named)?,
        digits: digits_of(digits).map_err(named)?,
        period: Period::Thirty,
    };
    let secret = Secret::from_bytes(secret.unwrap_or_default())?;
    let totp = Totp { secret, parameters };
    let account = Account::parse(name).ok();
    Ok(ForeignEnrolment { issuer, account, totp, last_step: None, also: None })
}

fn text(bytes: &[u8]) -> String {
    String::from_utf8_lossy(bytes).into_owned()
}

/// 0 is "unspecified", which the app takes as SHA-1 and six digits.
fn algorithm_of(number: u64) -> Result<Algorithm, Unread> {
    match number {
        0 | 1 => Ok(Algorithm::Sha1),
        2 => Ok(Algorithm::Sha256),
        3 => Ok(Algorithm::Sha512),
        4 => Err(Unread::LeftOut("its algorithm is MD5".into())),
        other => Err(Unread::LeftOut(format!("its algorithm ({other}) is not known"))),
    }
}

fn digits_of(number: u64) -> Result<Digits, Unread> {
    match number {
        0 | 1 => Ok(Digits::Six),
        2 => Ok(Digits::Eight),
        other => Err(Unread::LeftOut(format!("its number of digits ({other}) is not known"))),
    }
}

/// Base64 in a query: everything but letters and digits is escaped.
const ESCAPED: &AsciiSet = NON_ALPHANUMERIC;

/// Writes a move of as many URIs as it needs. `now` makes its number.
pub fn export(enrolments: &[ForeignEnrolment], now: Time) -> Exported {
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

fn written(enrolment: &ForeignEnrolment) -> Result<Zeroizing<Vec<u8>>, &'static str> {
    let name = enrolment.in_label()?.as_str();
    let Parameters { algorithm, digits, period } = enrolment.totp.parameters;
    if period != Period::Thirty {
        return Err("the format knows only a period of 30 s");
    }
    let mut message = Writer::default();
    message.bytes(account::SECRET, enrolment.totp.secret.bytes());
    match &enrolment.issuer {
        // The whole label, so that the account is not taken apart at its own colon.
        Some(issuer) if name.contains(':') => {
            message.bytes(account::NAME, format!("{}:{name}", issuer.as_str()).as_bytes());
        }
        _ => message.bytes(account::NAME, name.as_bytes()),
    }
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
