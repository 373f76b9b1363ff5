//! People who sign in: their app, and what they type.

#![allow(dead_code, unreachable_pub, clippy::unwrap_used)]

use mfactl::domain::time::Time;
use mfactl::secret::material::Secret;
use mfactl::secret::parameters::Parameters;
use mfactl::secret::totp::Totp;
use serde_json::Value;

use crate::shell::{Run, World};

/// A second factor as the person holds it.
pub struct App {
    /// Secret and parameters.
    pub totp: Totp,
}

impl App {
    /// With this key and these parameters (`SHA1/6/30`).
    pub fn new(base32: &str, parameters: &str) -> App {
        let parameters: Parameters = parameters.parse().unwrap();
        App { totp: Totp { secret: Secret::from_base32(base32).unwrap(), parameters } }
    }

    /// The code at an instant.
    pub fn code(&self, at: &str) -> String {
        let step = self.totp.step(Time::parse_rfc3339(at).unwrap()).unwrap();
        self.totp.code(step).reveal().to_owned()
    }
}

/// Enrols somebody; returns the app and what `user confirm` printed.
pub fn enrol(world: &World, login: &str, now: &str) -> (App, Vec<String>) {
    let shown = world.mfactl(&format!("user enrol {login} --reveal -o json")).exits(0).json();
    let app = App::new(shown["secret"].as_str().unwrap(), "SHA1/6/30");
    let line = format!(
        "echo {} | mfactl user confirm {login} --code-from - --reveal -o json",
        app.code(now)
    );
    let confirmed = world.sh(&line).exits(0).json();
    let codes = confirmed["recovery_codes"].as_array().unwrap();
    (app, codes.iter().map(|code| code.as_str().unwrap().to_owned()).collect())
}

/// Brings a code to the org acme.
pub fn verify(world: &World, login: &str, code: &str) -> Run {
    world.sh(&format!(
        "echo '{code}' | mfactl signin verify {login} --org acme --code-from - -o json"
    ))
}

/// Asserts a no with this reason; returns the answer.
#[track_caller]
pub fn refused(run: Run, reason: &str) -> Value {
    let answer = run.exits(1).json();
    assert_eq!((&answer["ok"], &answer["reason"]), (&Value::Bool(false), &Value::from(reason)));
    answer
}
