//! The sign-in room: the answer to somebody who signs in, and the record of an attempt.
//! The command line and every other program that asks for codes use these functions, so that
//! they cannot differ:
//!
//! - [`ask`]: whether a code is needed, before anybody is asked for one.
//! - [`Door::attempt`]: a code is compared, counted and answered.
//! - [`SigninAnswer::log`]: what the logs keep of it.
//! - [`enrol`]: the first code of a new secret.
//! - [`LocalFactor`]: what is known of somebody's local factor.
//!
//! A door takes a store, who asks, a code and the time, and returns a typed answer. It prints
//! nothing, reads no configuration and keeps nothing between two requests. Whatever goes wrong,
//! the answer is not yes.

mod answer;
mod attempt;
mod decision;
pub mod enrol;
mod factor;
mod request;

pub use answer::{SigninAnswer, WhyNot};
pub use attempt::Door;
pub use decision::{ask, ask_view};
pub use factor::LocalFactor;
pub use request::Request;
