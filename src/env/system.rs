//! Calls to the system that answer in one value.

use rustix::rand::{GetRandomFlags, getrandom};
use std::os::unix::net::UnixDatagram;

use crate::domain::ids::allowed;
use crate::error::{Error, Kind, Result};

/// The id that the system got at its start; none where there is no such.
pub fn boot_id() -> Option<String> {
    let id = std::fs::read_to_string("/proc/sys/kernel/random/boot_id").ok()?;
    Some(id.trim().to_owned()).filter(|id| !id.is_empty())
}

/// Sends `text` to syslog, facility authpriv, severity notice, without waiting.
///
/// # Errors
/// A warning in words: the log of the system is no condition of anything.
pub fn syslog(text: &str) -> std::result::Result<(), String> {
    send_to_syslog("/dev/log", text).map_err(|e| format!("syslog did not take the record: {e}"))
}

fn send_to_syslog(socket: &str, text: &str) -> std::io::Result<()> {
    // RFC 3164 §4.1.1: authpriv (10) × 8 + notice (5).
    const PRIORITY: u8 = 10 * 8 + 5;
    // Common daemons cut or refuse what is longer.
    const LONGEST: usize = 8_000;
    let line: String = text.chars().map(|c| if allowed(c) { c } else { ' ' }).collect();
    let mut message = format!("<{PRIORITY}>mfactl[{}]: {line}", std::process::id());
    while message.len() > LONGEST {
        message.pop();
    }
    let log = UnixDatagram::unbound()?;
    log.set_nonblocking(true)?;
    log.send_to(message.as_bytes(), socket).map(|_| ())
}

/// The columns of the terminal that stdout is, if it is one.
pub(super) fn terminal_width() -> Option<usize> {
    let out = std::io::stdout();
    if !rustix::termios::isatty(&out) {
        return None;
    }
    rustix::termios::tcgetwinsize(&out).ok().map(|size| usize::from(size.ws_col))
}

pub(super) fn random(bytes: &mut [u8]) -> Result<()> {
    let mut filled = 0;
    while filled < bytes.len() {
        match getrandom(&mut bytes[filled..], GetRandomFlags::empty()) {
            Ok(count) => filled += count,
            Err(rustix::io::Errno::INTR) => {}
            Err(error) => {
                let message = format!("the system gives no random numbers: {error}");
                return Err(Error::new(Kind::System, "system", message));
            }
        }
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn syslog_gets_one_line() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("log");
        let path = path.to_str().unwrap();
        assert!(send_to_syslog(path, "nobody listens").is_err());
        let daemon = UnixDatagram::bind(path).unwrap();
        send_to_syslog(path, &format!("rev 12\n<0>forged {}", "x".repeat(9_000))).unwrap();
        let mut bytes = [0; 10_000];
        let length = daemon.recv(&mut bytes).unwrap();
        let message = String::from_utf8_lossy(&bytes[..length]);
        assert!(message.starts_with("<85>mfactl["), "{message}");
        assert!(message.contains("]: rev 12 <0>forged x") && !message.contains('\n'));
        assert_eq!(length, 8_000);
    }

    #[test]
    fn random_numbers_differ() {
        let (mut one, mut other) = ([0; 32], [0; 32]);
        random(&mut one).unwrap();
        random(&mut other).unwrap();
        assert_ne!(one, other);
    }
}
