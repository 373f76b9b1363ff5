//! Tables of tokens, read by their header: in any order and case, separated by commas,
//! semicolons or tabs, as vendors, spreadsheets and password managers write them. The
//! formats differ in what their key column holds ([`KeyColumn`]) and in nothing else.

use std::collections::BTreeMap;

use csv::{ReaderBuilder, StringRecord};
use data_encoding::HEXLOWER_PERMISSIVE;
use zeroize::Zeroizing;

use super::lines::{LONGEST, decoded, numbered, whole};
use super::otpauth;
use super::token::{TokenFields, may_decide_codes, plain};
use super::value::{
    ForeignEnrolment, ImportNote, ImportProblems, ImportReader, Imported, Unread, shown,
};
use crate::domain::ids::quoted;
use crate::domain::lines::{UNCLOSED, is_unclosed};
use crate::secret::label::{Account, Issuer};
use crate::secret::material::Secret;
use crate::secret::totp::Totp;

/// What the key column holds where its name does not say it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum KeyColumn {
    /// Base32.
    Base32,
    /// Base32 or hexadecimal, whichever alphabet it fits alone; a URI; nothing, in a row of
    /// another kind of entry.
    Any,
}

/// What a column holds.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
enum TokenColumn {
    Login,
    Mail,
    Serial,
    Issuer,
    Key,
    Base32,
    Hex,
    Algorithm,
    Digits,
    Period,
    Kind,
    /// Says nothing about codes.
    Harmless,
}

/// The names of columns, as [`plain`] leaves them.
const NAMES: [(TokenColumn, &[&str]); 12] = [
    (
        TokenColumn::Login,
        &[
            "upn",
            "userprincipalname",
            "login",
            "user",
            "username",
            "account",
            "accountname",
            "owner",
            "userid",
            "loginusername",
            "label",
        ],
    ),
    (TokenColumn::Mail, &["email", "mail", "emailaddress", "useremail"]),
    (
        TokenColumn::Serial,
        &[
            "serialnumber",
            "serial",
            "serialno",
            "sn",
            "tokenserial",
            "tokenserialnumber",
            "tokenid",
            "tokensn",
        ],
    ),
    (TokenColumn::Issuer, &["issuer", "service"]),
    (
        TokenColumn::Key,
        &[
            "secretkey",
            "secret",
            "seed",
            "key",
            "otpkey",
            "otpsecret",
            "tokenseed",
            "tokensecret",
            "sharedsecret",
            "logintotp",
            "totp",
            "otpauth",
            "uri",
        ],
    ),
    (
        TokenColumn::Base32,
        &[
            "base32",
            "secretkeybase32",
            "secretbase32",
            "seedbase32",
            "keybase32",
            "base32secret",
            "base32seed",
            "base32key",
        ],
    ),
    (
        TokenColumn::Hex,
        &[
            "hex",
            "secretkeyhex",
            "secrethex",
            "seedhex",
            "keyhex",
            "hexsecret",
            "hexseed",
            "hexkey",
            "otpkeyhex",
        ],
    ),
    (
        TokenColumn::Algorithm,
        &["algorithm", "algo", "hash", "hashlib", "hashalgorithm", "hashfunction"],
    ),
    (TokenColumn::Digits, &["digits", "otplen", "otplength", "otpdigits", "codelength", "length"]),
    (
        TokenColumn::Period,
        &[
            "timeinterval",
            "timeintervalinseconds",
            "interval",
            "timestep",
            "period",
            "step",
            "timewindow",
        ],
    ),
    (TokenColumn::Kind, &["type", "tokentype", "otptype", "tokenkind"]),
    (
        TokenColumn::Harmless,
        &[
            "manufacturer",
            "model",
            "vendor",
            "description",
            "notes",
            "note",
            "folder",
            "favorite",
            "name",
            "fields",
            "reprompt",
            "loginuri",
            "loginpassword",
            "counter",
            "realm",
            "status",
        ],
    ),
];

/// A Bitwarden export names what an entry is; only logins have keys.
const BITWARDEN: &str = "logintotp";

fn column(name: &str) -> Option<TokenColumn> {
    let name = plain(name);
    NAMES.iter().find(|(_, names)| names.contains(&name.as_str())).map(|(column, _)| *column)
}

/// The columns of a table.
struct Layout {
    places: BTreeMap<TokenColumn, usize>,
    fields: usize,
    keys: KeyColumn,
    /// Whether a row without a key is one of another kind.
    keyless: bool,
}

/// Reads a table.
pub(super) fn read(file: &[u8], keys: KeyColumn) -> Imported {
    let text = decoded(file);
    let mut reading = ImportReader::default();
    let mut layout: Option<Layout> = None;
    let problems = rows(&text, |line, record| {
        reading.at(line);
        if let Some(layout) = &layout {
            layout.row(record, &mut reading);
            return Ok(());
        }
        let without_header = Layout::without_header(record, keys);
        if let Some(without_header) = &without_header {
            without_header.row(record, &mut reading);
        }
        layout = Some(match without_header {
            Some(without_header) => without_header,
            None => Layout::of_header(record, keys, &mut reading)?,
        });
        Ok(())
    });
    let mut imported = reading.done();
    if layout.is_none() && problems.is_ok() {
        return whole(format!("the file is empty: expected {}", expected(keys)));
    }
    if let Err(problem) = problems {
        imported.problems.push(problem);
    }
    imported
}

fn expected(keys: KeyColumn) -> &'static str {
    match keys {
        KeyColumn::Base32 => "a header with the columns upn, secret key and time interval",
        KeyColumn::Any => "a header with columns such as login, serial, key and period",
    }
}

/// Calls `each` with every row that has a cell with something in it, and the line that it
/// begins in; stops at its first error, which is of the line.
fn rows(
    text: &str,
    mut each: impl FnMut(usize, &StringRecord) -> Result<(), String>,
) -> Result<(), ImportNote> {
    let (text, skipped, separator) = separated(text);
    let mut reader = ReaderBuilder::new()
        .has_headers(false)
        .flexible(true)
        .delimiter(separator)
        .from_reader(text.as_bytes());
    let (mut line, mut counted) = (skipped + 1, 0);
    let mut records = reader.records().peekable();
    while let Some(record) = records.next() {
        // Text is UTF-8 and rows may be of any length: nothing is left that could be wrong.
        let Ok(record) = record else { break };
        let begin = record.position().map_or(0, |at| usize::try_from(at.byte()).unwrap_or(0));
        // Blank lines before a row are given with it.
        let blank = text[begin..].bytes().take_while(|byte| *byte == b'\n').count();
        let begin = begin + blank;
        line += text.as_bytes()[counted..begin].iter().filter(|byte| **byte == b'\n').count();
        counted = begin;
        // In quotes it is a name that begins so.
        let comment = text[begin..].trim_start().starts_with('#');
        if comment || record.iter().all(|cell| cell.trim().is_empty()) {
            continue;
        }
        if records.peek().is_none() && is_unclosed(&text.as_bytes()[begin..], separator) {
            return Err(ImportNote::line(line, UNCLOSED));
        }
        each(line, &record).map_err(|message| ImportNote::line(line, message))?;
    }
    Ok(())
}

/// The text without the line in which a spreadsheet names its separator, how many lines
/// that is, and the separator: the one that gives the most columns that are known, or at
/// all.
fn separated(text: &str) -> (&str, usize, u8) {
    let (first, rest) = text.split_once('\n').unwrap_or((text, ""));
    if let Some(named) = first.trim_end().to_ascii_lowercase().strip_prefix("sep=")
        && let [separator] = named.as_bytes()
    {
        return (rest, 1, *separator);
    }
    let has_text = |line: &&str| {
        !line.trim_matches([',', ';', '\t', ' ']).is_empty() && !line.trim_start().starts_with('#')
    };
    let first = numbered(text).map(|(_, line)| line).find(has_text).unwrap_or_default();
    let fields = |separator: &u8| {
        let cells: Vec<&str> = first.split(char::from(*separator)).collect();
        let known = cells.iter().filter(|cell| column(cell).is_some()).count();
        (known, cells.len())
    };
    // Of several that are as good the last, which is the comma.
    let best = [b'\t', b';', b','].into_iter().max_by_key(fields);
    (text, 0, best.unwrap_or(b','))
}

impl Layout {
    /// The columns by their header. What is not known in it may be a key, where it is not a
    /// header at all, so it is not shown.
    fn of_header(
        record: &StringRecord,
        keys: KeyColumn,
        reading: &mut ImportReader,
    ) -> Result<Layout, String> {
        let is_key =
            |column| matches!(column, TokenColumn::Key | TokenColumn::Base32 | TokenColumn::Hex);
        if !record.iter().filter_map(column).any(is_key) {
            return Err(format!("the first row is not a header: expected {}", expected(keys)));
        }
        let mut places = BTreeMap::new();
        for (place, name) in record.iter().enumerate() {
            match column(name) {
                Some(TokenColumn::Harmless) => {}
                Some(known) => {
                    if places.insert(known, place).is_some() {
                        return Err(format!("duplicate column {}", quoted(name.trim())));
                    }
                }
                None if name.trim().is_empty() => {}
                None if may_decide_codes(name) => {
                    let name = quoted(name.trim());
                    return Err(format!(
                        "the column {name} could change the codes, and is not known"
                    ));
                }
                None => reading.note(None, format!("column {} is not kept", place + 1)),
            }
        }
        if places.keys().filter(|column| is_key(**column)).count() > 1 {
            return Err("the header has more than one column for the key".into());
        }
        let keyless = record.iter().any(|name| plain(name) == BITWARDEN);
        Ok(Layout { places, fields: record.len(), keys, keyless })
    }

    /// The columns of privacyIDEA's OATH CSV, which has no header: serial number, key in
    /// hexadecimal, type, digits, period, hash. The type must be there: it decides. `None`
    /// where the row is not of that form.
    fn without_header(record: &StringRecord, keys: KeyColumn) -> Option<Layout> {
        let kind = record.get(2).map(plain);
        let known = kind.is_some_and(|kind| matches!(kind.as_str(), "totp" | "hotp"));
        let digits = |cell: &str| cell.trim().bytes().all(|byte| byte.is_ascii_hexdigit());
        if keys != KeyColumn::Any || !known || !record.get(1).is_some_and(digits) {
            return None;
        }
        let columns = [
            TokenColumn::Serial,
            TokenColumn::Hex,
            TokenColumn::Kind,
            TokenColumn::Digits,
            TokenColumn::Period,
            TokenColumn::Algorithm,
        ];
        let places: BTreeMap<TokenColumn, usize> = columns.into_iter().zip(0..).collect();
        Some(Layout { fields: places.len(), places, keys, keyless: false })
    }

    fn row(&self, record: &StringRecord, reading: &mut ImportReader) {
        let mut issuer = self.cell(record, TokenColumn::Issuer).and_then(Issuer::of_foreign);
        match self.enrolment(record, reading, &mut issuer) {
            Ok(Some(enrolment)) => reading.keep(enrolment),
            Ok(None) => {}
            Err(unread) => {
                let name = self
                    .cell(record, TokenColumn::Login)
                    .or(self.cell(record, TokenColumn::Serial));
                let unread = match (&unread, name) {
                    (Unread::LeftOut(_), Some(name)) => unread.of(shown(name)),
                    _ => unread,
                };
                reading.unread(issuer, unread);
            }
        }
    }

    /// The enrolment of a row; `None` where the row is of another kind of entry.
    fn enrolment(
        &self,
        record: &StringRecord,
        reading: &mut ImportReader,
        issuer: &mut Option<Issuer>,
    ) -> Result<Option<ForeignEnrolment>, Unread> {
        if record.iter().skip(self.fields).any(|cell| !cell.trim().is_empty()) {
            let message = format!("the row has {} fields: expected {}", record.len(), self.fields);
            return Err(message.into());
        }
        if record.iter().any(|cell| cell.len() > LONGEST) && !self.keyless {
            return Err(format!("a field is longer than {LONGEST} bytes").into());
        }
        let (key, column) = [TokenColumn::Key, TokenColumn::Base32, TokenColumn::Hex]
            .into_iter()
            .find_map(|column| Some((self.cell(record, column)?, column)))
            .unwrap_or(("", TokenColumn::Key));
        let told = TokenFields {
            kind: self.cell(record, TokenColumn::Kind).filter(|_| !self.keyless),
            algorithm: self.cell(record, TokenColumn::Algorithm),
            digits: self.cell(record, TokenColumn::Digits),
            period: self.cell(record, TokenColumn::Period),
        };
        if key.is_empty() && self.keyless {
            return Ok(None);
        }
        let name = |column| self.cell(record, column).and_then(|text| Account::parse(text).ok());
        let (login, mail, serial) =
            (name(TokenColumn::Login), name(TokenColumn::Mail), name(TokenColumn::Serial));
        let (account, also) = match login {
            Some(login) => (Some(login), serial.or(mail)),
            None => (mail, serial),
        };
        if otpauth::is_uri(key) {
            let found = otpauth::enrolment(key, reading, issuer)?;
            let also = also.or(found.account.clone());
            return Ok(Some(ForeignEnrolment {
                account: account.or(found.account),
                also,
                ..found
            }));
        }
        if key.get(..8).is_some_and(|start| start.eq_ignore_ascii_case("steam://")) {
            return Err(Unread::LeftOut("its codes are of another kind (\"steam\")".into()));
        }
        let parameters = told.parameters()?;
        let secret = match column {
            TokenColumn::Base32 => Secret::from_base32(key)?,
            TokenColumn::Hex => hexadecimal(key)?,
            _ => secret(key, self.keys)?,
        };
        let issuer = issuer.clone();
        let totp = Totp { secret, parameters };
        Ok(Some(ForeignEnrolment { issuer, account, totp, last_step: None, also }))
    }

    fn cell<'a>(&self, record: &'a StringRecord, column: TokenColumn) -> Option<&'a str> {
        let text = record.get(*self.places.get(&column)?)?.trim();
        // As a spreadsheet protects what it would take for a formula or a number.
        let text = text.strip_prefix('\'').unwrap_or(text);
        (!text.is_empty()).then_some(text)
    }
}

/// The key of a column that does not say how it is written.
fn secret(key: &str, keys: KeyColumn) -> Result<Secret, Unread> {
    let letters: Zeroizing<String> =
        Zeroizing::new(key.chars().filter(|c| !c.is_whitespace() && *c != '-').collect());
    let hex = !letters.is_empty() && letters.bytes().all(|b| b.is_ascii_hexdigit());
    let base32 =
        letters.bytes().all(|b| matches!(b, b'A'..=b'Z' | b'a'..=b'z' | b'2'..=b'7' | b'='));
    match (keys, hex, base32) {
        (KeyColumn::Base32, true, false) => {
            Err("the key looks hexadecimal: this column holds base32 (A-Z, 2-7)".into())
        }
        (KeyColumn::Any, true, false) => hexadecimal(key),
        (KeyColumn::Any, true, true) => {
            Err("the key may be base32 or hexadecimal: name its column key_base32 or key_hex"
                .into())
        }
        _ => Ok(Secret::from_base32(key)?),
    }
}

fn hexadecimal(key: &str) -> Result<Secret, Unread> {
    let key = key.strip_prefix("0x").unwrap_or(key);
    let digits: Zeroizing<String> = Zeroizing::new(
        key.chars().filter(|c| !c.is_whitespace() && !matches!(c, '-' | ':')).collect(),
    );
    let bytes = HEXLOWER_PERMISSIVE.decode(digits.as_bytes()).map(Zeroizing::new);
    Ok(Secret::from_bytes(&bytes.map_err(|_| "the key is not hexadecimal")?)?)
}

/// Accounts (or serial numbers) and the logins that they are mapped to.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct LoginMap(BTreeMap<String, String>);

impl LoginMap {
    /// Reads a table of two columns: account or serial number, login. A header (`login` and
    /// another) may say which is which.
    ///
    /// # Errors
    /// A row that has not two cells, and an account that comes twice.
    pub fn read(file: &[u8]) -> Result<LoginMap, ImportProblems> {
        let text = decoded(file);
        let mut names = BTreeMap::new();
        let (mut places, mut first) = ((0, 1), true);
        let read = rows(&text, |_, record| {
            let cells: Vec<&str> = record.iter().map(str::trim).collect();
            let filled = cells.iter().filter(|cell| !cell.is_empty()).count();
            if filled != 2 || cells.len() < 2 {
                return Err(format!(
                    "the row has {filled} fields: expected an account and a login"
                ));
            }
            if std::mem::take(&mut first)
                && let Some(login) = cells.iter().position(|cell| plain(cell) == "login")
                && cells.iter().all(|cell| cell.is_empty() || column(cell).is_some())
            {
                let account =
                    cells.iter().position(|cell| !cell.is_empty() && plain(cell) != "login");
                places = (account.unwrap_or(0), login);
                return Ok(());
            }
            let cell = |place: usize| cells.get(place).copied().unwrap_or_default();
            let (account, login) = (cell(places.0), cell(places.1));
            match names.insert(account.to_lowercase(), login.to_owned()) {
                Some(other) if other != login => {
                    Err(format!("{} is mapped to another login already", shown(account)))
                }
                _ => Ok(()),
            }
        });
        read.map_err(ImportProblems::one)?;
        Ok(LoginMap(names))
    }

    /// The login that an enrolment is mapped to: by its account, `issuer:account`, or the
    /// serial number.
    pub fn login(&self, enrolment: &ForeignEnrolment) -> Option<&str> {
        let account = enrolment.account.as_ref().map(Account::as_str);
        let label = account.zip(enrolment.issuer.as_ref());
        let label = label.map(|(account, issuer)| format!("{}:{account}", issuer.as_str()));
        let also = enrolment.also.as_ref().map(Account::as_str);
        let names = [label.as_deref(), account, also];
        names
            .into_iter()
            .flatten()
            .find_map(|name| self.0.get(&name.to_lowercase()))
            .map(String::as_str)
    }
}

#[cfg(test)]
mod tests;
