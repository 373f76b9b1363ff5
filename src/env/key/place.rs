//! Where the sealing key is.

use std::path::{Path, PathBuf};

/// The state of the machine. Its key is in a folder of its own.
pub(crate) const SYSTEM_STATE: &str = "/var/lib/mfactl";

/// Where the key of the system's state is: in a folder of the service user, who replaces it
/// when it is rotated.
const SYSTEM_KEY: &str = "/etc/mfactl/private/key";
/// The name of the key among systemd's credentials.
const CREDENTIAL: &str = "mfactl-key";
/// Where the sealing key is.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct KeyPlace {
    /// The file.
    pub path: PathBuf,
    /// Whether systemd handed it over: then it cannot be replaced from here.
    pub credential: bool,
}

impl KeyPlace {
    /// A credential that exists, else what the configuration says, else the file
    /// that belongs to the state.
    pub(crate) fn find(
        credentials: Option<&Path>,
        configured: Option<&PathBuf>,
        state: &Path,
    ) -> KeyPlace {
        let credential = credentials.map(|folder| folder.join(CREDENTIAL));
        if let Some(path) = credential.filter(|path| std::fs::symlink_metadata(path).is_ok()) {
            return KeyPlace { path, credential: true };
        }
        let path = configured.cloned().unwrap_or_else(|| beside(state));
        KeyPlace { path, credential: false }
    }
}

/// [`SYSTEM_KEY`] for the system's state, `STATE.key` for any other: beside the
/// directory itself. `state` is without links.
fn beside(state: &Path) -> PathBuf {
    if state == Path::new(SYSTEM_STATE) {
        return PathBuf::from(SYSTEM_KEY);
    }
    let mut key = state.to_owned().into_os_string();
    key.push(".key");
    PathBuf::from(key)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_key_of_a_state_lies_beside_it() {
        let folder = tempfile::tempdir().unwrap();
        let real = std::fs::canonicalize(folder.path()).unwrap();
        let state = real.join("demo");
        assert_eq!(beside(&state), real.join("demo.key"));
        assert_eq!(beside(Path::new("/var/lib/mfactl")), Path::new("/etc/mfactl/private/key"));
        let configured = PathBuf::from("/srv/key");
        let find = |credentials| KeyPlace::find(credentials, Some(&configured), &state);
        assert_eq!(find(Some(&real)), KeyPlace { path: configured.clone(), credential: false });
        std::fs::write(real.join(CREDENTIAL), "x").unwrap();
        assert!(find(Some(&real)).credential && !find(None).credential);
    }
}
