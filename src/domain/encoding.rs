//! Texts that people hand in: UTF-8, or an error that names the encoding it seems to be in.

use super::lines::line_of;

/// Why bytes are not a text.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct NotUtf8 {
    /// The first line that is not UTF-8; none where the whole text is in another encoding.
    pub line: Option<u64>,
    /// What is wrong, in words.
    pub what: String,
    /// The encoding to convert from, by the name that iconv(1) knows it by.
    pub encoding: &'static str,
}

impl NotUtf8 {
    /// How to convert the file.
    pub fn hint(&self) -> String {
        format!("convert it: iconv -f {} -t UTF-8 FILE > NEW-FILE", self.encoding)
    }
}

/// How far a text is looked at for the zero bytes that UTF-16 has and UTF-8 has not.
const LOOKED_AT: usize = 256;

/// Takes bytes as UTF-8.
///
/// # Errors
/// Says which encoding they seem to be in, and where.
pub fn decode(bytes: Vec<u8>) -> Result<String, NotUtf8> {
    if let Some(encoding) = utf_16(&bytes) {
        let what = format!("the file is {encoding}, expected UTF-8");
        return Err(NotUtf8 { line: None, what, encoding });
    }
    String::from_utf8(bytes).map_err(|error| {
        let (bytes, at) = (error.as_bytes(), error.utf8_error().valid_up_to());
        let byte = bytes.get(at).copied().unwrap_or_default();
        let line = Some(line_of(bytes, at));
        let what = format!("the byte 0x{byte:02X} is not UTF-8; perhaps it is Windows-1252");
        NotUtf8 { line, what, encoding: "WINDOWS-1252" }
    })
}

/// Which form of UTF-16 the bytes are in, by their byte-order mark or by the zero bytes
/// that every ASCII character has there. Every reader asks this.
pub fn utf_16(bytes: &[u8]) -> Option<&'static str> {
    if bytes.starts_with(&[0xFF, 0xFE]) {
        return Some("UTF-16LE");
    }
    if bytes.starts_with(&[0xFE, 0xFF]) {
        return Some("UTF-16BE");
    }
    // Whether most of every second byte is zero.
    let zeros = |odd: usize| {
        let some = bytes.iter().take(LOOKED_AT).skip(odd).step_by(2);
        some.clone().filter(|byte| **byte == 0).count() * 2 > some.count()
    };
    match (zeros(0), zeros(1)) {
        (false, true) => Some("UTF-16LE"),
        (true, false) => Some("UTF-16BE"),
        _ => None,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_encoding_is_named() {
        let utf_16 = |text: &str, big: bool, mark: bool| -> Vec<u8> {
            let marked = if mark { format!("\u{feff}{text}") } else { text.to_owned() };
            let bytes = |unit: u16| if big { unit.to_be_bytes() } else { unit.to_le_bytes() };
            marked.encode_utf16().flat_map(bytes).collect()
        };
        for (big, expected) in [(false, "UTF-16LE"), (true, "UTF-16BE")] {
            for mark in [false, true] {
                let error = decode(utf_16("login,name\nzoë,Zoë\n", big, mark)).unwrap_err();
                assert_eq!((error.line, error.encoding), (None, expected));
                assert!(error.what.contains(expected) && error.what.contains("expected UTF-8"));
            }
        }
        let error = decode(b"login,name\r\nzoe,Zo\xeb\r\n".to_vec()).unwrap_err();
        assert_eq!((error.line, error.encoding), (Some(2), "WINDOWS-1252"));
        assert!(error.what.contains("0xEB"), "{}", error.what);
        assert_eq!((super::utf_16(b"\0"), super::utf_16(b"\0\0\0")), (Some("UTF-16BE"), None));
        for fine in ["", "login\n", "\u{feff}login", "日本語", "a\0b,c"] {
            assert_eq!(decode(fine.into()), Ok(fine.to_owned()));
        }
    }
}
