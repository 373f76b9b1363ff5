//! The words beside a secret: whose it is, and who issued it.

use std::fmt;

use crate::domain::ids::allowed;

/// Text that is no such word; says why.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct LabelError(String);

impl fmt::Display for LabelError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

impl std::error::Error for LabelError {}

/// Who issued a secret, as an app shows it beside the code. Without a colon, which
/// ends it in a label (Key URI Format of google-authenticator).
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Issuer(String);

impl Issuer {
    /// The most characters: a QR code of a longer one does not fit a terminal.
    pub const LONGEST: usize = 100;

    /// Checks `text` and takes it, without blanks around it.
    ///
    /// # Errors
    /// Where it is empty, too long, or has a colon or a control character.
    pub fn parse(text: &str) -> Result<Issuer, LabelError> {
        let text = checked("issuer", text, Self::LONGEST)?;
        match text.contains(':') {
            true => Err(LabelError(
                "the issuer has a colon, which separates it from the account".into(),
            )),
            false => Ok(Issuer(text.to_owned())),
        }
    }

    /// Takes what can be kept of a text that is not kept for good: without a colon and
    /// what is not allowed, and not too long. `None` where nothing is left.
    pub fn of_foreign(text: &str) -> Option<Issuer> {
        let kept: String = text.chars().filter(|c| *c != ':' && allowed(*c)).collect();
        let kept = kept.trim().chars().take(Self::LONGEST).collect::<String>();
        Issuer::parse(&kept).ok()
    }

    /// Whether both are the same name, in either case.
    pub fn is_same(&self, other: &Issuer) -> bool {
        self.0.to_lowercase() == other.0.to_lowercase()
    }

    /// The checked text.
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

/// The account that a secret belongs to, as another system names it: often a login or
/// an e-mail address, but that is for others to say.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Account(String);

impl Account {
    /// The most characters, as for e-mail addresses (RFC 5321 §4.5.3.1.3).
    pub const LONGEST: usize = 254;

    /// Checks `text` and takes it, without blanks around it.
    ///
    /// # Errors
    /// Where it is empty, too long, or has a control character or U+FFFD, which stands for
    /// what could not be decoded.
    pub fn parse(text: &str) -> Result<Account, LabelError> {
        let text = checked("account", text, Self::LONGEST)?;
        match text.contains(char::REPLACEMENT_CHARACTER) {
            true => Err(LabelError(
                "the account is not UTF-8: save the file with the encoding UTF-8".into(),
            )),
            false => Ok(Account(text.to_owned())),
        }
    }

    /// The checked text.
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

impl fmt::Display for Account {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.pad(&self.0)
    }
}

fn checked<'a>(what: &str, text: &'a str, longest: usize) -> Result<&'a str, LabelError> {
    let text = text.trim();
    if text.is_empty() {
        return Err(LabelError(format!("the {what} is empty")));
    }
    if text.chars().nth(longest).is_some() {
        return Err(LabelError(format!("the {what} has more than {longest} characters")));
    }
    match text.chars().find(|c| !allowed(*c)) {
        None => Ok(text),
        Some(bad) => {
            let code = u32::from(bad);
            Err(LabelError(format!(
                "the {what} has the character U+{code:04X}, which is not allowed"
            )))
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn labels_are_checked() {
        assert_eq!(Issuer::parse(" St Mary’s ").unwrap().as_str(), "St Mary’s");
        for wrong in ["", " ", "a:b", "a\nb", "\u{202e}a", &"x".repeat(101)] {
            assert!(Issuer::parse(wrong).is_err(), "{wrong:?}");
        }
        assert_eq!(Issuer::of_foreign("Acme.org: \u{202e}Free").unwrap().as_str(), "Acme.org Free");
        assert_eq!(Issuer::of_foreign(" : "), None);
        assert!(Issuer::of_foreign(&"x".repeat(300)).is_some());
        assert!(Issuer::parse("Acme").unwrap().is_same(&Issuer::parse("ACME").unwrap()));
        assert!(Account::parse("caf\u{fffd}").unwrap_err().to_string().contains("UTF-8"));
        assert_eq!(Account::parse("a:b@c").unwrap().as_str(), "a:b@c");
        for wrong in ["", "a\tb", "\u{1b}[31m", &"x".repeat(255)] {
            assert!(Account::parse(wrong).is_err(), "{wrong:?}");
        }
    }
}
