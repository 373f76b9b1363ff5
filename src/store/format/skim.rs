//! JSON looked over where it lies, without values made of it. It knows the form in
//! which mfactl writes (no blanks, no escapes, whole numbers) and says of everything
//! else nothing: that is for a JSON library, which decides.

/// How deep lists and maps may lie in each other here.
const DEEPEST: u32 = 16;

/// A place in a text, up to which everything was as it is written.
#[derive(Clone, Copy)]
pub(crate) struct Skim<'a> {
    text: &'a str,
    at: usize,
}

impl<'a> Skim<'a> {
    /// The beginning of `text`.
    pub(crate) fn new(text: &'a str) -> Skim<'a> {
        Skim { text, at: 0 }
    }

    /// How many bytes lie before it.
    pub(crate) fn at(&self) -> usize {
        self.at
    }

    /// What lies after it.
    pub(crate) fn rest(&self) -> &'a str {
        self.text.get(self.at..).unwrap_or_default()
    }

    fn bytes(&self) -> &'a [u8] {
        self.text.as_bytes().get(self.at..).unwrap_or_default()
    }

    /// Passes `expected` if it comes next; whether it did. Its length is known where it is
    /// called, so that it is compared a word at a time.
    #[inline]
    pub(crate) fn passes<const N: usize>(&mut self, expected: &[u8; N]) -> bool {
        let comes = self.bytes().first_chunk() == Some(expected);
        self.at += if comes { N } else { 0 };
        comes
    }

    /// Passes `expected`, which must come next.
    #[inline]
    pub(crate) fn pass<const N: usize>(&mut self, expected: &[u8; N]) -> Option<()> {
        self.passes(expected).then_some(())
    }

    #[inline]
    fn next_byte(&self) -> Option<u8> {
        self.text.as_bytes().get(self.at).copied()
    }

    /// Passes a string without escapes, which is returned.
    #[inline]
    pub(crate) fn string(&mut self) -> Option<&'a str> {
        self.pass(b"\"")?;
        let start = self.at;
        let end = start + plain_end(self.bytes())?;
        self.at = end + 1;
        self.text.get(start..end)
    }

    /// Passes `name` and a string after it, if `name` comes next.
    #[inline]
    pub(crate) fn string_after<const N: usize>(
        &mut self,
        name: &[u8; N],
    ) -> Option<Option<&'a str>> {
        if self.passes(name) { self.string().map(Some) } else { Some(None) }
    }

    /// Passes any value.
    pub(crate) fn value(&mut self) -> Option<()> {
        self.nested(DEEPEST)
    }

    fn nested(&mut self, deepest: u32) -> Option<()> {
        match self.next_byte()? {
            b'"' => self.string().map(drop),
            b'{' => self.items(b'}', deepest, |skim, deepest| {
                skim.string()?;
                skim.pass(b":")?;
                skim.nested(deepest)
            }),
            b'[' => self.items(b']', deepest, Skim::nested),
            b't' => self.pass(b"true"),
            b'f' => self.pass(b"false"),
            b'n' => self.pass(b"null"),
            _ => self.whole_number(),
        }
    }

    /// Passes the bracket that comes next, items, and the bracket that closes it.
    fn items(
        &mut self,
        close: u8,
        deepest: u32,
        item: impl Fn(&mut Self, u32) -> Option<()>,
    ) -> Option<()> {
        let deepest = deepest.checked_sub(1)?;
        self.at += 1;
        if self.passes(&[close]) {
            return Some(());
        }
        loop {
            item(self, deepest)?;
            if self.passes(&[close]) {
                return Some(());
            }
            self.pass(b",")?;
        }
    }

    fn whole_number(&mut self) -> Option<()> {
        let _ = self.passes(b"-");
        let digits = self.bytes().iter().take_while(|b| b.is_ascii_digit()).count();
        let leading_zero = digits > 1 && self.next_byte() == Some(b'0');
        self.at += digits;
        (digits > 0 && !leading_zero).then_some(())
    }
}

/// Where the string ends that begins here; `None` where something must be read before
/// that which is no character of itself: an escape or a control character.
#[inline]
fn plain_end(bytes: &[u8]) -> Option<usize> {
    let mut at = 0;
    // Eight bytes at once: the lowest bit of `marks` that is set is in the first byte
    // that is not plain (Bit Twiddling Hacks, «Determine if a word has a byte less than n»).
    while let Some(eight) = bytes.get(at..at + 8) {
        let word = u64::from_le_bytes(eight.try_into().ok()?);
        let equal = |byte: u64| below(word ^ (EACH * byte), 1);
        let marks = below(word, 0x20) | equal(0x22) | equal(0x5c);
        let marks = marks & (EACH * 0x80);
        if marks != 0 {
            at += marks.trailing_zeros() as usize / 8;
            return (bytes[at] == b'"').then_some(at);
        }
        at += 8;
    }
    let more = bytes[at..].iter().position(|b| matches!(b, 0..0x20 | b'"' | b'\\'))?;
    at += more;
    (bytes[at] == b'"').then_some(at)
}

const EACH: u64 = 0x0101_0101_0101_0101;

/// Marks in the highest bit of each byte whether it is less than `than`; those above the
/// first may be wrong.
fn below(word: u64, than: u64) -> u64 {
    word.wrapping_sub(EACH * than) & !word
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;
    use serde_json::Value;

    use super::*;

    fn passes(text: &str) -> bool {
        let mut skim = Skim::new(text);
        skim.value().is_some() && skim.at() == text.len()
    }

    fn value() -> impl Strategy<Value = Value> {
        let leaf = prop_oneof![
            Just(Value::Null),
            any::<bool>().prop_map(Value::from),
            any::<i64>().prop_map(Value::from),
            "[ -~é€\n\"\\\\]{0,20}".prop_map(Value::from),
        ];
        leaf.prop_recursive(4, 30, 5, |inner| {
            prop_oneof![
                prop::collection::vec(inner.clone(), 0..5).prop_map(Value::from),
                prop::collection::btree_map("[a-z_é]{0,9}", inner, 0..5)
                    .prop_map(|map| map.into_iter().collect()),
            ]
        })
    }

    proptest! {
        #[test]
        fn what_is_written_without_escapes_is_passed(value in value()) {
            let text = value.to_string();
            prop_assert_eq!(passes(&text), !text.contains('\\'));
        }

        #[test]
        fn only_json_is_passed(text in "[\\[\\]{}:,\"a0-9é\\\\\n tnu.e-]{0,12}|[\\[\\]{}:,\"a1]{0,12}") {
            prop_assert!(!passes(&text) || serde_json::from_str::<Value>(&text).is_ok(), "{text}");
        }

        #[test]
        fn strings_end_where_they_do(text in "[a-zé€ ~\u{7f}]{0,40}", after in "[\"a\\\\\n]{0,20}") {
            let written = format!("\"{text}\"{after}");
            let mut skim = Skim::new(&written);
            prop_assert_eq!(skim.string(), Some(text.as_str()));
            prop_assert_eq!(skim.at(), text.len() + 2);
            for mark in ["\\n\"", "\n\"", "\u{1f}\"", "", "\\"] {
                let written = format!("\"{text}{mark}");
                prop_assert_eq!(Skim::new(&written).string(), None);
            }
        }
    }

    #[test]
    fn some_json_is_left_to_a_library() {
        for text in ["1.5", "1e3", "01", "-", " 1", "[1, 2]", "tru", "", "{\"a\"}", "[1,]", "{,}"] {
            assert!(!passes(text), "{text}");
        }
        assert!(passes("-0") && passes("[{},[],{\"a\":[-1,true]}]"));
        let deep = |n| format!("{}{}", "[".repeat(n), "]".repeat(n));
        assert!(passes(&deep(16)) && !passes(&deep(17)));
    }
}
