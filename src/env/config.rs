//! The configuration file: TOML, every key known.

use std::path::{Path, PathBuf};

use serde::Deserialize;

use super::unreadable;
use crate::domain::time::Span;
use crate::error::{Error, Result};

/// What a configuration can say. None is needed.
#[derive(Debug, Clone, Default, PartialEq, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Config {
    /// The state directory, absolute.
    pub state_dir: Option<PathBuf>,
    /// The file of the sealing key, absolute.
    pub key_file: Option<PathBuf>,
    /// The OS user who may make a state here under sudo, where none is.
    pub founder: Option<String>,
    /// Whether a state on NFS is accepted, where durability is not promised.
    #[serde(default)]
    pub allow_nfs: bool,
    /// Where else the audit goes.
    #[serde(default)]
    pub audit: AuditConfig,
    /// Sign-ins.
    #[serde(default)]
    pub signin: SignInConfig,
    /// Limits of policy plans, as they stand there.
    #[serde(default)]
    pub guard: toml::Table,
}

/// Where else the audit goes, and how long it is kept at least.
#[derive(Debug, Clone, Default, PartialEq, Eq, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct AuditConfig {
    /// Each commit to syslog too.
    #[serde(default)]
    pub syslog: bool,
    /// How old a record must be before `audit prune` may erase what it tells; 90 days where
    /// none is given.
    pub prune_min_age: Option<Span>,
}

/// How sign-ins are looked at.
#[derive(Debug, Clone, Default, PartialEq, Eq, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct SignInConfig {
    /// How many time steps before and after the present one a code may be of: 0 to 2.
    pub window: Option<u8>,
    /// Who issues secrets, as apps show it.
    pub issuer: Option<String>,
}

/// The widest window (steps on each side).
const WIDEST: u8 = 2;

impl Config {
    /// Reads `bytes`, which are those of `path`.
    ///
    /// # Errors
    /// Names file and line of what is wrong.
    pub(crate) fn parse(bytes: &[u8], path: &Path) -> Result<Config> {
        let text = std::str::from_utf8(bytes).map_err(|_| unreadable(path, "it is not UTF-8"))?;
        let config: Config = toml::from_str(text).map_err(|e| wrong(path, text, &e))?;
        for (key, value) in [("state_dir", &config.state_dir), ("key_file", &config.key_file)] {
            if value.as_ref().is_some_and(|value| !value.is_absolute()) {
                let message = format!("{}: {key} must begin with /", path.display());
                return Err(Error::usage(message).about(path.display()));
            }
        }
        if config.signin.window.is_some_and(|steps| steps > WIDEST) {
            let message = format!("{}: signin.window is 0, 1 or {WIDEST}", path.display());
            return Err(Error::usage(message).about(path.display()));
        }
        Ok(config)
    }
}

fn wrong(path: &Path, text: &str, error: &toml::de::Error) -> Error {
    let line = error.span().and_then(|span| text.get(..span.start)).map(|before| {
        let line = before.bytes().filter(|byte| *byte == b'\n').count() + 1;
        format!(":{line}")
    });
    let message = error.message().replace('\n', " ");
    Error::usage(format!("{}{}: {message}", path.display(), line.unwrap_or_default()))
        .about(path.display())
}

#[cfg(test)]
mod tests {
    use super::*;

    fn parse(text: &str) -> Result<Config> {
        Config::parse(text.as_bytes(), Path::new("/etc/mfactl/config.toml"))
    }

    #[test]
    fn every_key_is_known() {
        let config = parse(
            "state_dir = \"/srv/mfa\"\nkey_file = \"/etc/mfactl/key\"\n[audit]\nsyslog = true\nprune_min_age = \"30d\"\n[guard]\nmax_weakened = 5\n",
        )
        .unwrap();
        assert_eq!(config.state_dir.as_deref(), Some(Path::new("/srv/mfa")));
        assert!(config.audit.syslog);
        assert_eq!(config.audit.prune_min_age, Some(Span::days(30)));
        assert_eq!(config.guard["max_weakened"].as_integer(), Some(5));
        assert_eq!(parse("").unwrap(), Config::default());
    }

    #[test]
    fn what_is_wrong_is_named_with_its_line() {
        for (text, place) in [
            ("\n\nstate-dir = \"/x\"\n", "config.toml:3: "),
            ("[audit]\nsyslog = 1\n", "config.toml:2: "),
            ("[audit]\nprune_min_age = \"soon\"\n", "config.toml:2: "),
            ("[audit]\n\nsylog = true\n", "config.toml:3: "),
            ("state_dir = \n", "config.toml:1: "),
            ("state_dir = \"mfa\"\n", "state_dir must begin with /"),
        ] {
            let error = parse(text).unwrap_err();
            assert_eq!(error.kind.exit_code(), 2);
            assert!(error.message.contains(place), "{}", error.message);
            assert!(!error.message.contains('\n'));
        }
        assert!(Config::parse(b"\xff", Path::new("x")).is_err());
    }
}
