//! What a plain word of YAML means: the core schema of YAML 1.2.2 (§10.3.2).
//! `on`, `off`, `yes`, `no` and dates are words there.

/// What an unquoted word resolves to.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Resolved {
    /// `null`, `~` or nothing at all.
    Null,
    /// `true` or `false`.
    Boolean,
    /// A whole number.
    Integer,
    /// A number with a point or an exponent, `.inf`, `.nan`.
    Float,
    /// A text.
    Text,
}

/// Resolves an unquoted word.
pub(crate) fn resolve(word: &str) -> Resolved {
    match word {
        "" | "~" | "null" | "Null" | "NULL" => Resolved::Null,
        "true" | "True" | "TRUE" | "false" | "False" | "FALSE" => Resolved::Boolean,
        ".nan" | ".NaN" | ".NAN" => Resolved::Float,
        _ if is_integer(word) => Resolved::Integer,
        _ if is_float(word) => Resolved::Float,
        _ => Resolved::Text,
    }
}

/// Whether a text means itself when written without quotes, for readers of YAML 1.1 as well.
pub(crate) fn is_plain(text: &str) -> bool {
    const OLD: [&str; 8] = ["on", "off", "yes", "no", "y", "n", "true", "false"];
    let safe = |b: u8| b.is_ascii_alphanumeric() || b"._+@-".contains(&b);
    let first = text.bytes().next().is_some_and(|b| b.is_ascii_alphabetic());
    first
        && text.bytes().all(safe)
        && resolve(text) == Resolved::Text
        && !OLD.contains(&text.to_ascii_lowercase().as_str())
}

fn digits(text: &str) -> bool {
    !text.is_empty() && text.bytes().all(|b| b.is_ascii_digit())
}

fn unsigned(word: &str) -> &str {
    word.strip_prefix(['-', '+']).unwrap_or(word)
}

fn is_integer(word: &str) -> bool {
    let based = |prefix, radix| {
        word.strip_prefix(prefix)
            .is_some_and(|rest| !rest.is_empty() && rest.chars().all(|c| c.is_digit(radix)))
    };
    digits(unsigned(word)) || based("0o", 8) || based("0x", 16)
}

fn is_float(word: &str) -> bool {
    let word = unsigned(word);
    if matches!(word, ".inf" | ".Inf" | ".INF") {
        return true;
    }
    let (mantissa, exponent) = match word.split_once(['e', 'E']) {
        Some((mantissa, exponent)) => (mantissa, Some(unsigned(exponent))),
        None => (word, None),
    };
    if !exponent.is_none_or(digits) {
        return false;
    }
    match mantissa.split_once('.') {
        Some((whole, part)) => {
            (digits(whole) && (part.is_empty() || digits(part)))
                || (whole.is_empty() && digits(part))
        }
        None => digits(mantissa),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn words_of_the_core_schema() {
        use Resolved::{Boolean, Float, Integer, Null, Text};
        let cases = [
            ("on", Text),
            ("off", Text),
            ("yes", Text),
            ("no", Text),
            ("y", Text),
            ("2027-01-31", Text),
            ("2026-12-01T00:00:00Z", Text),
            ("12h", Text),
            ("1_000", Text),
            ("0b1", Text),
            ("1e", Text),
            ("e3", Text),
            (".", Text),
            ("-", Text),
            ("", Null),
            ("~", Null),
            ("null", Null),
            ("true", Boolean),
            ("FALSE", Boolean),
            ("14", Integer),
            ("-14", Integer),
            ("007", Integer),
            ("0o17", Integer),
            ("0xfF", Integer),
            ("1e3", Float),
            ("1.5", Float),
            ("1.", Float),
            (".5", Float),
            ("-1E-3", Float),
            (".inf", Float),
            (".nan", Float),
        ];
        for (word, meaning) in cases {
            assert_eq!(resolve(word), meaning, "{word}");
        }
    }

    #[test]
    fn what_needs_no_quotes() {
        for plain in ["alice", "alice@st-marys.example", "svc-backup", "e3"] {
            assert!(is_plain(plain), "{plain}");
        }
        for quoted in ["", "on", "No", "null", "1e3", "123", "0x1f", "o'brien", "a: b", "y", "-a"] {
            assert!(!is_plain(quoted), "{quoted}");
        }
    }
}
