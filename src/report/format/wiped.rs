//! Memory for answers that may show secrets: it is wiped when it is dropped.

use std::io::{self, Write};

use serde_json::Value;
use zeroize::{Zeroize, Zeroizing};

/// A buffer before `to`, as [`io::BufWriter`], that is wiped when dropped. Bytes that were
/// not flushed by then are lost: a failed write is not repeated.
pub struct Gathered<W: Write> {
    held: Zeroizing<Vec<u8>>,
    to: W,
}

impl<W: Write> Gathered<W> {
    /// Gathers up to `room` bytes.
    pub fn new(room: usize, to: W) -> Gathered<W> {
        Gathered { held: Zeroizing::new(Vec::with_capacity(room)), to }
    }

    fn pass_on(&mut self) -> io::Result<()> {
        let passed = self.to.write_all(&self.held);
        self.held.clear();
        passed
    }
}

impl<W: Write> Write for Gathered<W> {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        if self.held.len() + bytes.len() > self.held.capacity() {
            self.pass_on()?;
        }
        if bytes.len() >= self.held.capacity() {
            self.to.write_all(bytes)?;
        } else {
            self.held.extend_from_slice(bytes);
        }
        Ok(bytes.len())
    }

    fn flush(&mut self) -> io::Result<()> {
        self.pass_on()?;
        self.to.flush()
    }
}

/// A JSON value whose texts are wiped when it is dropped.
pub(crate) struct WipedValue(pub(crate) Value);

impl Drop for WipedValue {
    fn drop(&mut self) {
        wipe(&mut self.0);
    }
}

fn wipe(value: &mut Value) {
    match value {
        Value::String(text) => text.zeroize(),
        Value::Array(items) => items.iter_mut().for_each(wipe),
        Value::Object(fields) => fields.values_mut().for_each(wipe),
        Value::Null | Value::Bool(_) | Value::Number(_) => {}
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn small_writes_meet_and_large_ones_pass() {
        struct Sizes(Vec<usize>);
        impl Write for Sizes {
            fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
                self.0.push(bytes.len());
                Ok(bytes.len())
            }
            fn flush(&mut self) -> io::Result<()> {
                Ok(())
            }
        }
        let mut sizes = Sizes(Vec::new());
        let mut gathered = Gathered::new(10, &mut sizes);
        for size in [4, 4, 4, 25, 1] {
            gathered.write_all(&vec![b'x'; size]).unwrap();
        }
        gathered.flush().unwrap();
        gathered.write_all(b"lost").unwrap();
        drop(gathered);
        sizes.0.retain(|size| *size > 0);
        assert_eq!(sizes.0, [8, 4, 25, 1]);
    }

    #[test]
    fn every_text_of_a_value_is_wiped() {
        let mut value = serde_json::json!({"a": "x", "b": ["y", {"c": "z", "d": 1}]});
        wipe(&mut value);
        assert_eq!(value, serde_json::json!({"a": "", "b": ["", {"c": "", "d": 1}]}));
    }
}
