//! The names that secrets go by: random, or made from a key; none is a secret itself.

use std::fmt;

use data_encoding::BASE32_NOPAD;
use serde::{Deserialize, Deserializer, Serialize, Serializer};

use super::Random;

/// Random bytes in a name: 64 bits, so that none comes twice in one state.
const BYTES: usize = 8;
/// Letters of base32 for 64 bits.
const LETTERS: usize = 13;

/// Text that is no such name.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct IdError {
    what: &'static str,
    prefix: &'static str,
}

impl fmt::Display for IdError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let IdError { what, prefix } = self;
        write!(f, "not the id of {what}: expected {prefix} and {LETTERS} of a-z 2-7")
    }
}

impl std::error::Error for IdError {}

macro_rules! id_type {
    ($(#[$doc:meta])* $name:ident, $prefix:literal, $what:literal) => {
        $(#[$doc])*
        #[derive(Clone, PartialEq, Eq, PartialOrd, Ord, Hash)]
        pub struct $name(String);

        impl $name {
            /// A new one.
            pub fn generate(random: &mut Random<'_>) -> $name {
                let mut bytes = [0; BYTES];
                random(&mut bytes);
                $name::from_bytes(bytes)
            }

            /// The one that these bytes spell.
            pub(crate) fn from_bytes(bytes: [u8; BYTES]) -> $name {
                $name(format!("{}{}", $prefix, BASE32_NOPAD.encode(&bytes).to_ascii_lowercase()))
            }

            /// As text.
            pub fn as_str(&self) -> &str {
                &self.0
            }
        }

        impl std::str::FromStr for $name {
            type Err = IdError;

            fn from_str(text: &str) -> Result<$name, IdError> {
                let spelled = text.strip_prefix($prefix).is_some_and(|letters| {
                    letters.len() == LETTERS
                        && letters.bytes().all(|b| matches!(b, b'a'..=b'z' | b'2'..=b'7'))
                });
                spelled
                    .then(|| $name(text.to_owned()))
                    .ok_or(IdError { what: $what, prefix: $prefix })
            }
        }

        impl fmt::Display for $name {
            fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.pad(&self.0)
            }
        }

        impl fmt::Debug for $name {
            fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.write_str(&self.0)
            }
        }

        impl Serialize for $name {
            fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
                serializer.serialize_str(&self.0)
            }
        }

        impl<'de> Deserialize<'de> for $name {
            fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<$name, D::Error> {
                crate::domain::from_text::deserialize(deserializer)
            }
        }
    };
}

id_type!(
    /// One TOTP enrolment of one user, from the handing out of its secret on.
    EnrolmentId,
    "e_",
    "an enrolment"
);

id_type!(
    /// One set of recovery codes.
    SetId,
    "r_",
    "a set of recovery codes"
);

id_type!(
    /// One sealing key; made from the key, so that it cannot name another.
    KeyId,
    "k_",
    "a sealing key"
);

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn ids_are_spelled_one_way() {
        let id = EnrolmentId::generate(&mut |buffer: &mut [u8]| buffer.fill(0xff));
        assert_eq!(id.as_str(), "e_7777777777776");
        assert_eq!(id.as_str().parse(), Ok(id));
        for wrong in
            ["", "e_", "r_7777777777776", "e_777777777777", "e_77777777777766", "e_777777777777A"]
        {
            assert!(wrong.parse::<EnrolmentId>().is_err(), "{wrong:?}");
        }
    }
}
