//! What decides the codes of a token, in the words of foreign files: the one place that
//! says what mfactl keeps, what it leaves out, and what is wrong.

use super::value::Unread;
use crate::domain::ids::NOT_SHOWN;
use crate::secret::parameters::{Algorithm, Digits, Parameters, Period};

/// The parameters of a token as a file gives them; empty is the same as not given.
#[derive(Debug, Clone, Copy, Default)]
pub(super) struct TokenFields<'a> {
    /// `totp`, `hotp` or another kind.
    pub(super) kind: Option<&'a str>,
    /// The hash.
    pub(super) algorithm: Option<&'a str>,
    /// How many digits a code has.
    pub(super) digits: Option<&'a str>,
    /// Seconds in a step.
    pub(super) period: Option<&'a str>,
}

impl TokenFields<'_> {
    /// The parameters, where mfactl keeps such tokens.
    ///
    /// # Errors
    /// Left out: another kind, hash, number of digits or period. Wrong: not a number.
    pub(super) fn parameters(&self) -> Result<Parameters, Unread> {
        if let Some(kind) = given(self.kind) {
            is_time_based(kind)?;
        }
        let mut parameters = Parameters::default();
        if let Some(text) = given(self.algorithm) {
            parameters.algorithm = algorithm(text)?;
        }
        if let Some(text) = given(self.digits) {
            parameters.digits = match number("digits", text)? {
                6 => Digits::Six,
                8 => Digits::Eight,
                other => return Err(Unread::LeftOut(format!("its codes have {other} digits"))),
            };
        }
        if let Some(text) = given(self.period) {
            parameters.period = match number("period", text.trim_end_matches(['s', ' ']))? {
                30 => Period::Thirty,
                60 => Period::Sixty,
                other => {
                    return Err(Unread::LeftOut(format!("its codes change every {other} s")));
                }
            };
        }
        Ok(parameters)
    }
}

fn given(text: Option<&str>) -> Option<&str> {
    text.map(str::trim).filter(|text| !text.is_empty())
}

fn number(what: &str, text: &str) -> Result<u32, Unread> {
    match text.parse() {
        Ok(number) if number > 0 => Ok(number),
        _ => Err(Unread::Wrong(format!("invalid {what} {}: expected a number", quoted(text)))),
    }
}

/// Whether tokens of this kind are kept.
pub(super) fn is_time_based(kind: &str) -> Result<(), Unread> {
    match plain(kind).as_str() {
        "totp" | "time" | "timebased" | "oathtotp" | "urnietfparamsxmlnskeyprovpskctotp" => Ok(()),
        "hotp"
        | "event"
        | "counter"
        | "counterbased"
        | "eventbased"
        | "oathhotp"
        | "urnietfparamsxmlnskeyprovpskchotp" => {
            Err(Unread::LeftOut("its codes are counter-based".into()))
        }
        _ => Err(Unread::LeftOut(format!("its codes are of another kind ({})", quoted(kind)))),
    }
}

fn algorithm(text: &str) -> Result<Algorithm, Unread> {
    let plain = plain(text);
    let name = plain.strip_prefix("hmac").unwrap_or(&plain);
    match name {
        "sha1" => Ok(Algorithm::Sha1),
        "sha256" => Ok(Algorithm::Sha256),
        "sha512" => Ok(Algorithm::Sha512),
        _ => Err(Unread::LeftOut(format!("its algorithm is {}", quoted(text)))),
    }
}

/// Without case and without what is not a letter or a digit: `HMAC-SHA-1` is `hmacsha1`,
/// and `Time Interval` is `timeinterval`.
pub(super) fn plain(text: &str) -> String {
    text.chars().filter(|c| c.is_alphanumeric()).flat_map(char::to_lowercase).collect()
}

/// Names that decide a code where this is not done by their value being the usual one.
const DECIDING: [&str; 15] = [
    "secret",
    "algorithm",
    "digits",
    "period",
    "hash",
    "interval",
    "timestep",
    "timeoffset",
    "epoch",
    "encoding",
    "encoder",
    "codelength",
    "skew",
    "offset",
    "starttime",
];

/// Whether a name that is not known may decide codes: it is nearly one that does. Such a
/// thing is never left out in silence, or every code is wrong.
pub(super) fn may_decide_codes(name: &str) -> bool {
    let name = plain(name);
    let near = |known: &str| {
        let reach = if known.len() < 6 { 1 } else { 2 };
        name == known || (name.len() > 3 && strsim::damerau_levenshtein(&name, known) <= reach)
    };
    name == "t0" || DECIDING.iter().any(|known| near(known))
}

/// Words that a message may repeat. Anything else in a file of keys can be a key or a
/// password in the wrong place.
const WORDS: [&str; 38] = [
    "steam",
    "hotp",
    "motp",
    "mobileotp",
    "yandex",
    "yaotp",
    "blizzard",
    "battle",
    "ocra",
    "pin",
    "push",
    "sms",
    "email",
    "challenge",
    "md5",
    "sha224",
    "sha384",
    "sha3",
    "sha3256",
    "sha3512",
    "ripemd160",
    "hmacmd5",
    "alphanumeric",
    "hexadecimal",
    "base64",
    "binary",
    "prepend",
    "append",
    "algorithmic",
    "kwtripledes",
    "rsa15",
    "rsaoaepmgf1p",
    "rsaoaep",
    "aes128gcm",
    "aes192gcm",
    "aes256gcm",
    "hmacsha384",
    "hmacripemd160",
];

/// Text of a file for a message: a known word or a small number; nothing else is shown.
pub(super) fn quoted(text: &str) -> String {
    let text = text.trim();
    let number = (1..=3).contains(&text.len()) && text.bytes().all(|b| b.is_ascii_digit());
    match number || WORDS.contains(&plain(text).as_str()) {
        true => format!("{text:?}"),
        false => NOT_SHOWN.to_owned(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn told(kind: &str, algorithm: &str, digits: &str, period: &str) -> Result<String, Unread> {
        let told = TokenFields {
            kind: Some(kind),
            algorithm: Some(algorithm),
            digits: Some(digits),
            period: Some(period),
        };
        told.parameters().map(|parameters| parameters.to_string())
    }

    #[test]
    fn parameters_are_read_in_the_words_of_every_source() {
        for (words, expected) in [
            (["", "", "", ""], "SHA1/6/30"),
            (["TOTP", "HmacSHA256", "8", "60"], "SHA256/8/60"),
            (["totp", "hmac-sha-512", "6", "30 s"], "SHA512/6/30"),
        ] {
            let [kind, algorithm, digits, period] = words;
            assert_eq!(told(kind, algorithm, digits, period).as_deref(), Ok(expected));
        }
        for words in [
            ["hotp", "", "", ""],
            ["steam", "", "", ""],
            ["totp", "MD5", "", ""],
            ["totp", "SHA1", "7", ""],
            ["totp", "SHA1", "6", "45"],
        ] {
            let [kind, algorithm, digits, period] = words;
            let found = told(kind, algorithm, digits, period);
            assert!(matches!(found, Err(Unread::LeftOut(_))), "{words:?}: {found:?}");
        }
        for words in [["totp", "", "six", ""], ["totp", "", "6", "0"], ["totp", "", "-6", "30"]] {
            let [kind, algorithm, digits, period] = words;
            let found = told(kind, algorithm, digits, period);
            assert!(matches!(found, Err(Unread::Wrong(_))), "{words:?}: {found:?}");
        }
    }

    #[test]
    fn a_name_that_is_nearly_a_deciding_one_is_not_passed_over() {
        for name in ["digit", "Digits", "algorithms", "algoritm", "t0", "timeStep", "encoder"] {
            assert!(may_decide_codes(name), "{name}");
        }
        for name in ["image", "icon", "color", "group", "note", "counter", "tags", "id", "model"] {
            assert!(!may_decide_codes(name), "{name}");
        }
    }
}
