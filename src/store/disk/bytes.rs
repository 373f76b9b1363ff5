//! A file in memory.

use super::Source;
use crate::error::Result;

/// Its bytes.
pub(crate) struct Bytes(pub(crate) Vec<u8>);

impl Source for Bytes {
    fn size(&self) -> Result<u64> {
        Ok(self.0.len() as u64)
    }

    fn read_at(&self, buffer: &mut [u8], offset: u64) -> Result<usize> {
        let rest = &self.0[usize::try_from(offset).unwrap_or(usize::MAX).min(self.0.len())..];
        let count = rest.len().min(buffer.len());
        buffer[..count].copy_from_slice(&rest[..count]);
        Ok(count)
    }
}
