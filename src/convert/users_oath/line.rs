//! One line of users.oath.

use data_encoding::HEXLOWER_PERMISSIVE;
use zeroize::Zeroizing;

use crate::convert::value::Unread;
use crate::secret::material::Secret;
use crate::secret::parameters::{Digits, Period};
use crate::secret::totp::{Code, Totp};

/// The type of a token, as `parse_type` of liboath knows it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum TokenType {
    /// Time-based, and ours.
    Time(Digits, Period),
    /// Time-based, of a length that mfactl does not know.
    SevenDigits,
    /// Counter-based.
    Counter,
    /// Not one of liboath's, which passes over such a line.
    Unknown,
}

impl TokenType {
    fn parse(text: &str) -> TokenType {
        let (period, digits) = match text {
            "HOTP" | "HOTP/E" | "HOTP/E/6" | "HOTP/E/7" | "HOTP/E/8" => return TokenType::Counter,
            "HOTP/T30" => (Period::Thirty, "6"),
            "HOTP/T60" => (Period::Sixty, "6"),
            _ => match (text.strip_prefix("HOTP/T30/"), text.strip_prefix("HOTP/T60/")) {
                (Some(digits), _) => (Period::Thirty, digits),
                (_, Some(digits)) => (Period::Sixty, digits),
                _ => return TokenType::Unknown,
            },
        };
        match digits {
            "6" => TokenType::Time(Digits::Six, period),
            "8" => TokenType::Time(Digits::Eight, period),
            "7" => TokenType::SevenDigits,
            _ => TokenType::Unknown,
        }
    }
}

/// The fields of a line, as written.
#[derive(Clone, Copy)]
pub(super) struct OathLine<'a> {
    /// The token's type.
    pub(super) kind: TokenType,
    /// Whose it is.
    pub(super) user: &'a str,
    /// `-` for none, `+` where another module asks for it.
    pub(super) pin: &'a str,
    key: &'a str,
    /// Counter, last code and its time, as many of them as there are.
    pub(super) state: [Option<&'a str>; 3],
}

impl<'a> OathLine<'a> {
    /// A line of at least four fields.
    pub(super) fn parse(text: &'a str) -> Option<OathLine<'a>> {
        let mut fields = text.split_ascii_whitespace();
        let (kind, user) = (fields.next()?, fields.next()?);
        let (pin, key) = (fields.next()?, fields.next()?);
        let state = [fields.next(), fields.next(), fields.next()];
        Some(OathLine { kind: TokenType::parse(kind), user, pin, key, state })
    }

    /// The key as it is written.
    pub(super) fn key(&self) -> &'a str {
        self.key
    }

    /// The key.
    pub(super) fn secret(&self) -> Result<Secret, Unread> {
        if self.key.len() > 2 * Secret::LONGEST {
            return Err("the key is too long".into());
        }
        let bytes = HEXLOWER_PERMISSIVE.decode(self.key.as_bytes()).map(Zeroizing::new);
        let bytes = bytes.map_err(|_| "the key is not hexadecimal")?;
        Ok(Secret::from_bytes(&bytes)?)
    }

    /// Whether pam_oath asks for a PIN before the code.
    pub(super) fn has_pin(&self) -> bool {
        !matches!(self.pin, "-" | "+")
    }

    /// The code used last.
    pub(super) fn last_code(&self) -> Option<Code> {
        self.state[1].and_then(Code::from_digits)
    }
}

/// A line of ours: `state` is what stands behind the key.
pub(super) fn written(
    user: &str,
    pin: &str,
    totp: &Totp,
    state: [Option<&str>; 3],
) -> Zeroizing<String> {
    let parameters = totp.parameters;
    let key = Zeroizing::new(HEXLOWER_PERMISSIVE.encode(totp.secret.bytes()));
    let mut line = Zeroizing::new(format!(
        "HOTP/T{}/{}\t{user}\t{pin}\t{}",
        parameters.period.seconds(),
        parameters.digits.count(),
        key.as_str()
    ));
    for field in state.into_iter().map_while(|field| field) {
        line.push('\t');
        line.push_str(field);
    }
    line
}
