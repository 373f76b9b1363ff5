//! The parameters of a TOTP: hash, digits, period.

use std::fmt;
use std::str::FromStr;

use serde::{Deserialize, Deserializer, Serialize, Serializer};

use crate::domain::from_text;

/// Text that is no such parameter, with what was expected.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ParameterError(pub String);

impl fmt::Display for ParameterError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

impl std::error::Error for ParameterError {}

fn shown(text: &str) -> String {
    let cut: String = text.chars().take(20).collect();
    format!("{cut:?}")
}

/// The hash under the HMAC (RFC 6238 §1.2).
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Default)]
pub enum Algorithm {
    /// HMAC-SHA-1: what every authenticator app reads.
    #[default]
    Sha1,
    /// HMAC-SHA-256.
    Sha256,
    /// HMAC-SHA-512.
    Sha512,
}

impl Algorithm {
    /// All of them.
    pub const ALL: [Algorithm; 3] = [Algorithm::Sha1, Algorithm::Sha256, Algorithm::Sha512];

    /// The word in otpauth URIs and files.
    pub fn as_str(self) -> &'static str {
        match self {
            Algorithm::Sha1 => "SHA1",
            Algorithm::Sha256 => "SHA256",
            Algorithm::Sha512 => "SHA512",
        }
    }

    /// Bytes that the hash gives, which is how long a key should be (RFC 6238 §5.1).
    pub fn output_bytes(self) -> usize {
        match self {
            Algorithm::Sha1 => 20,
            Algorithm::Sha256 => 32,
            Algorithm::Sha512 => 64,
        }
    }
}

impl FromStr for Algorithm {
    type Err = ParameterError;

    /// Either case, with or without a hyphen.
    fn from_str(text: &str) -> Result<Algorithm, ParameterError> {
        let plain = text.replacen('-', "", 1);
        Algorithm::ALL.into_iter().find(|a| plain.eq_ignore_ascii_case(a.as_str())).ok_or_else(
            || {
                ParameterError(format!(
                    "the algorithm {} is not SHA1, SHA256 or SHA512",
                    shown(text)
                ))
            },
        )
    }
}

impl fmt::Display for Algorithm {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.as_str())
    }
}

/// How many digits a code has (RFC 4226 §5.3 R4: at least six).
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Default)]
pub enum Digits {
    /// Six.
    #[default]
    Six,
    /// Eight.
    Eight,
}

impl Digits {
    /// Both.
    pub const ALL: [Digits; 2] = [Digits::Six, Digits::Eight];

    /// As a number.
    pub fn count(self) -> u8 {
        match self {
            Digits::Six => 6,
            Digits::Eight => 8,
        }
    }
}

impl FromStr for Digits {
    type Err = ParameterError;

    fn from_str(text: &str) -> Result<Digits, ParameterError> {
        match text {
            "6" => Ok(Digits::Six),
            "8" => Ok(Digits::Eight),
            _ => Err(ParameterError(format!(
                "codes of {} digits: only 6 or 8 are known",
                shown(text)
            ))),
        }
    }
}

/// How long a code is shown (RFC 6238 §5.2 recommends 30 s).
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Default)]
pub enum Period {
    /// 30 seconds.
    #[default]
    Thirty,
    /// 60 seconds.
    Sixty,
}

impl Period {
    /// Both.
    pub const ALL: [Period; 2] = [Period::Thirty, Period::Sixty];

    /// In seconds.
    pub fn seconds(self) -> u64 {
        match self {
            Period::Thirty => 30,
            Period::Sixty => 60,
        }
    }
}

impl FromStr for Period {
    type Err = ParameterError;

    fn from_str(text: &str) -> Result<Period, ParameterError> {
        match text {
            "30" => Ok(Period::Thirty),
            "60" => Ok(Period::Sixty),
            _ => Err(ParameterError(format!(
                "a period of {} s: only 30 or 60 are known",
                shown(text)
            ))),
        }
    }
}

/// All three. In files `SHA1/6/30`.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Default)]
pub struct Parameters {
    /// The hash.
    pub algorithm: Algorithm,
    /// How many digits.
    pub digits: Digits,
    /// How long a code is shown.
    pub period: Period,
}

impl fmt::Display for Parameters {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}/{}/{}", self.algorithm, self.digits.count(), self.period.seconds())
    }
}

impl FromStr for Parameters {
    type Err = ParameterError;

    fn from_str(text: &str) -> Result<Parameters, ParameterError> {
        let mut parts = text.split('/');
        let (Some(algorithm), Some(digits), Some(period), None) =
            (parts.next(), parts.next(), parts.next(), parts.next())
        else {
            return Err(ParameterError(format!("{} is not like SHA1/6/30", shown(text))));
        };
        Ok(Parameters {
            algorithm: algorithm.parse()?,
            digits: digits.parse()?,
            period: period.parse()?,
        })
    }
}

impl Serialize for Parameters {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.collect_str(self)
    }
}

impl<'de> Deserialize<'de> for Parameters {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Parameters, D::Error> {
        from_text::deserialize(deserializer)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_combination_comes_back_from_its_text() {
        for algorithm in Algorithm::ALL {
            for digits in Digits::ALL {
                for period in Period::ALL {
                    let parameters = Parameters { algorithm, digits, period };
                    assert_eq!(parameters.to_string().parse(), Ok(parameters));
                }
            }
        }
        assert_eq!(Parameters::default().to_string(), "SHA1/6/30");
        assert_eq!("sha-256".parse(), Ok(Algorithm::Sha256));
    }

    #[test]
    fn other_texts_are_refused() {
        for wrong in
            ["", "SHA1", "SHA1/6", "SHA1/6/30/", "MD5/6/30", "SHA1/7/30", "SHA1/6/31", "SHA1/06/30"]
        {
            assert!(wrong.parse::<Parameters>().is_err(), "{wrong:?}");
        }
    }

    proptest::proptest! {
        #[test]
        fn any_text_is_read_or_refused(text in "(SHA-?[0-9]{0,4}|.{0,8})/?.{0,5}/?.{0,5}") {
            let _ = text.parse::<Parameters>();
        }
    }
}
