//! What `fuzz/` does with the input of others, one function a target: it is read in memory and
//! must never panic, and where it is accepted, the laws of its format hold. The tests call the
//! same functions with the seeds of `fuzz/seeds` and with damaged copies of them.

mod convert;
mod words;

/// A target by its name, which is that of its file in `fuzz/fuzz_targets`.
pub type FuzzTarget = (&'static str, fn(&[u8]));

/// All of them.
pub const TARGETS: [FuzzTarget; 22] = [
    ("accounts", crate::commands::fuzzing::accounts),
    ("assertions", crate::policy::fuzzing::assertions),
    ("backup", crate::store::fuzzing::backup),
    ("config", words::config),
    ("convert_entra_csv", convert::entra_csv),
    ("convert_google_authenticator", convert::google_authenticator),
    ("convert_google_migration", convert::google_migration),
    ("convert_json", convert::json),
    ("convert_map", convert::map),
    ("convert_otpauth", convert::otpauth),
    ("convert_pskc", convert::pskc),
    ("convert_token_csv", convert::token_csv),
    ("convert_users_oath", convert::users_oath),
    ("list", crate::commands::fuzzing::list),
    ("log", crate::store::fuzzing::log),
    ("membership", crate::commands::fuzzing::membership),
    ("policy", crate::policy::fuzzing::policy),
    ("saved_plan", crate::policy::fuzzing::saved_plan),
    ("state", crate::store::fuzzing::state),
    ("state_block", crate::store::fuzzing::block),
    ("state_line", crate::store::fuzzing::line),
    ("words", words::words),
];

/// Runs a target.
///
/// # Panics
/// If no target has this name. If a law does not hold: that is a finding.
pub fn run(name: &str, data: &[u8]) {
    let target = TARGETS.iter().find(|(own, _)| *own == name);
    let (_, target) = target.unwrap_or_else(|| panic!("no target is called {name}"));
    target(data);
}

#[cfg(test)]
mod tests;
