//! Files that are named on the command line, read with the rights of the
//! person who named them.

use std::fs::File;
use std::io::{self, Read};
use std::path::Path;

use super::{Env, unreadable};
use crate::error::Result;

/// The longest configuration that is read.
pub const MAX_CONFIG_BYTES: u64 = 1 << 20;

const MIB: u64 = 1 << 20;

pub(super) fn open_named(env: &Env, path: &Path) -> Result<Box<dyn Read>> {
    if path == Path::new("-") {
        return Ok(Box::new(io::stdin()));
    }
    let named = path.to_owned();
    let file = env.person.run(move || File::open(named)).map_err(|e| unreadable(path, why(&e)))?;
    if file.metadata().is_ok_and(|found| found.is_dir()) {
        return Err(unreadable(path, "it is a directory"));
    }
    Ok(Box::new(file))
}

pub(super) fn read_all(from: impl Read, path: &Path, limit: u64) -> Result<Vec<u8>> {
    let mut bytes = Vec::new();
    let read = from.take(limit.saturating_add(1)).read_to_end(&mut bytes);
    read.map_err(|e| unreadable(path, why(&e)))?;
    if bytes.len() as u64 > limit {
        let longest = match limit % MIB {
            0 => format!("{} MiB", limit / MIB),
            _ => format!("{limit} bytes"),
        };
        return Err(unreadable(path, format!("it is longer than {longest}")));
    }
    Ok(bytes)
}

pub(super) fn why(error: &io::Error) -> String {
    match error.kind() {
        io::ErrorKind::NotFound => "it does not exist".to_owned(),
        // With words of its own where the process has nobody's rights but the owner's.
        io::ErrorKind::PermissionDenied if error.get_ref().is_none() => {
            "you may not read it".to_owned()
        }
        _ => error.to_string(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_file_is_bounded() {
        let path = Path::new("x.csv");
        assert_eq!(read_all(&b"abc"[..], path, 3).unwrap(), b"abc");
        let error = read_all(&b"abcd"[..], path, 3).unwrap_err();
        assert_eq!(error.kind.exit_code(), 2);
        assert!(error.message.contains("x.csv") && error.message.contains("3 bytes"));
    }
}
