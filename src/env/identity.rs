//! Who the person is, whatever they became through sudo.

use std::cell::OnceCell;

use nix::unistd::{Uid, User};

use crate::error::{Error, Kind, Result};

/// The login uid of a process that nobody logged in for (audit's `unset`).
const UNSET: u32 = u32::MAX;

/// The OS identity that operators are found by and that the audit keeps.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Identity {
    /// The user's name, once somebody asked for it.
    pub(super) os_user: OnceCell<String>,
    /// The user's number.
    pub uid: u32,
    /// How it was found.
    pub from: IdentityFrom,
    /// Whether it is root itself, and not somebody who became root.
    pub is_root: bool,
}

/// How an identity was found.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum IdentityFrom {
    /// The login uid, which survives sudo and su.
    Loginuid,
    /// `SUDO_USER`, which sudo sets.
    Sudo,
    /// The effective user.
    Euid,
}

impl IdentityFrom {
    /// The word in the audit.
    pub fn as_str(self) -> &'static str {
        match self {
            IdentityFrom::Loginuid => "loginuid",
            IdentityFrom::Sudo => "sudo",
            IdentityFrom::Euid => "euid",
        }
    }
}

/// What an identity is found from.
#[derive(Debug, Clone)]
struct Traces {
    loginuid: u32,
    sudo_user: Option<String>,
    real_uid: u32,
    effective_uid: u32,
}

impl Identity {
    /// The identity of whoever runs this process.
    ///
    /// # Errors
    /// Where `SUDO_USER` counts and names nobody.
    pub(super) fn find() -> Result<Identity> {
        let loginuid = std::fs::read_to_string("/proc/self/loginuid").unwrap_or_default();
        Identity::from_traces(&Traces {
            loginuid: loginuid.trim().parse().unwrap_or(UNSET),
            sudo_user: super::variable("SUDO_USER").map(|name| name.to_string_lossy().into_owned()),
            real_uid: rustix::process::getuid().as_raw(),
            effective_uid: rustix::process::geteuid().as_raw(),
        })
    }

    fn from_traces(traces: &Traces) -> Result<Identity> {
        if traces.loginuid != UNSET {
            let is_root = traces.loginuid == 0;
            return Ok(Identity::of_uid(traces.loginuid, IdentityFrom::Loginuid, is_root));
        }
        // Only root can be believed about SUDO_USER: anybody can set a variable.
        if let Some(name) = traces.sudo_user.as_ref().filter(|_| traces.real_uid == 0) {
            return Identity::of_sudo_user(name);
        }
        let is_root = traces.effective_uid == 0 && traces.real_uid == 0;
        Ok(Identity::of_uid(traces.effective_uid, IdentityFrom::Euid, is_root))
    }

    fn of_uid(uid: u32, from: IdentityFrom, is_root: bool) -> Identity {
        Identity { os_user: OnceCell::new(), uid, from, is_root }
    }

    /// The user's name; `uid:N` where the system knows none. Looked up when it is
    /// first asked for: a look into the user database is a large part of a short run.
    pub fn os_user(&self) -> &str {
        self.os_user.get_or_init(|| {
            let user = User::from_uid(Uid::from_raw(self.uid)).ok().flatten();
            user.map_or_else(|| format!("uid:{}", self.uid), |user| user.name)
        })
    }

    /// Never root itself: `sudo sudo mfactl` sets `SUDO_USER=root` for anybody.
    fn of_sudo_user(name: &str) -> Result<Identity> {
        let user = User::from_name(name).ok().flatten().ok_or_else(|| {
            let message = format!("SUDO_USER is {name:?}, which is no user of this system");
            Error::new(Kind::NotPermitted, "not-permitted", message)
        })?;
        let (os_user, uid) = (OnceCell::from(user.name), user.uid.as_raw());
        Ok(Identity { os_user, uid, from: IdentityFrom::Sudo, is_root: false })
    }

    /// The identity that a test asks for.
    pub(super) fn pretended(name: &str) -> Identity {
        let own = rustix::process::geteuid().as_raw();
        let is_root = name == "root";
        let os_user = OnceCell::from(name.to_owned());
        Identity { os_user, uid: own, from: IdentityFrom::Euid, is_root }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const NOBODY: &str = "nobody";

    fn found(loginuid: u32, sudo_user: Option<&str>, real: u32, effective: u32) -> Identity {
        let traces = Traces {
            loginuid,
            sudo_user: sudo_user.map(str::to_owned),
            real_uid: real,
            effective_uid: effective,
        };
        Identity::from_traces(&traces).unwrap()
    }

    #[test]
    fn the_first_trace_that_counts_wins() {
        let name =
            |identity: Identity| (identity.os_user().to_owned(), identity.from, identity.is_root);
        let root = || "root".to_owned();
        let nobody = User::from_name(NOBODY).unwrap().unwrap().uid.as_raw();
        use IdentityFrom::{Euid, Loginuid, Sudo};
        assert_eq!(name(found(nobody, Some("root"), 0, 0)), (NOBODY.to_owned(), Loginuid, false));
        assert_eq!(name(found(0, Some(NOBODY), 0, 0)), (root(), Loginuid, true));
        assert_eq!(name(found(UNSET, Some(NOBODY), 0, 0)), (NOBODY.to_owned(), Sudo, false));
        assert_eq!(name(found(UNSET, None, 0, 0)), (root(), Euid, true));
        // Root for sure would need a login uid: sudo in sudo says root of anybody.
        assert_eq!(name(found(UNSET, Some("root"), 0, 0)), (root(), Sudo, false));
        // The variable of somebody who is not root says nothing.
        assert_eq!(
            name(found(UNSET, Some("root"), nobody, nobody)),
            (NOBODY.to_owned(), Euid, false)
        );
        // A set-uid binary makes nobody root.
        assert!(!found(UNSET, None, nobody, 0).is_root);
        assert_eq!(found(4_000_000, None, 0, 0).os_user(), "uid:4000000");
    }

    #[test]
    fn a_sudo_user_that_is_nobody_is_refused() {
        let traces = Traces {
            loginuid: UNSET,
            sudo_user: Some("no such user".to_owned()),
            real_uid: 0,
            effective_uid: 0,
        };
        assert_eq!(Identity::from_traces(&traces).unwrap_err().kind, Kind::NotPermitted);
    }
}
