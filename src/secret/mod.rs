//! Everything that is secret, and what depends on it. Pure: randomness and time
//! come in as arguments, files are read and written by others.
//!
//! - [`material`]: the bytes of a TOTP secret, and text that shows them on purpose.
//! - [`key`], [`ring`], [`seal`]: the sealing keys, and what is sealed with them.
//! - [`parameters`], [`totp`]: RFC 6238 and the otpauth URI.
//! - [`label`]: whose a secret is, and who issued it.
//! - [`recovery`]: recovery codes and the hashes that are kept of them.
//! - [`typed`]: what somebody typed where a code is asked for.
//! - [`attempts`]: what attempts at sign-in leave, and how they count.
//! - [`mod@line`]: a user's line in `secrets/`.
//! - [`qr`]: QR codes as text and images.
//!
//! No type in here that holds a secret has `Display`, and `Debug` shows none.

pub mod attempts;
pub mod ids;
pub mod key;
pub mod label;
pub mod line;
pub mod material;
pub mod parameters;
mod plain_text;
pub mod qr;
pub mod recovery;
pub mod ring;
pub mod seal;
pub mod totp;
pub mod typed;
pub mod wiped;

/// A source of random bytes: fills the whole buffer, from the system's generator.
pub type Random<'a> = dyn FnMut(&mut [u8]) + 'a;
