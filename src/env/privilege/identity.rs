//! Who the person is, whatever they became through sudo.

use super::path::user;
use std::cell::OnceCell;

use nix::unistd::{Uid, User};

use crate::error::{Error, Kind, Result};

/// Where the kernel shows the login uid of this process.
const LOGINUID: &str = "/proc/self/loginuid";
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
    /// What the process has of this user's rights.
    pub(super) rights: Rights,
}

/// What the rights of the process are to those of the user who runs it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Rights {
    /// The process has the user's own rights.
    Own,
    /// The process is root's, and the user is somebody else: it can take on the user's rights.
    Root,
    /// The process has another user's rights and cannot take on those of the user.
    Borrowed,
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
    sudo_uid: Option<u32>,
    /// Whether another program than sudo says that it gave its rights to somebody.
    became_otherwise: bool,
    real_uid: u32,
    effective_uid: u32,
}

impl Traces {
    /// Whether the login uid is who sudo says. Where nobody logged in, anybody may set it,
    /// once, to any user; what sudo says of whoever called it cannot be chosen. Somebody who
    /// was root before sudo (`sudo sudo`) could have done without either.
    fn login_is_believed(&self) -> Result<()> {
        let uid_of = |name: &String| match User::from_name(name) {
            Ok(Some(user)) => Ok(user.uid.as_raw()),
            Ok(None) => Err(not_a_user(name)),
            Err(e) => Err(no_database(&format!("the user {name:?}"), e)),
        };
        let by_sudo = match (&self.sudo_user, self.real_uid) {
            (Some(name), 0) => Some(uid_of(name)?),
            (_, 0) => None,
            _ => self.sudo_uid,
        };
        let Some(uid) = by_sudo.filter(|uid| *uid != 0 && *uid != self.loginuid) else {
            return Ok(());
        };
        let (login, sudo) = (user(self.loginuid), user(uid));
        let message =
            format!("{login} logged in, but {sudo} ran sudo: it is not clear who you are");
        Err(Error::new(Kind::NotPermitted, "not-permitted", message)
            .words("log in as yourself, and run sudo without becoming somebody else before"))
    }
}

fn not_a_user(name: &str) -> Error {
    let message = format!("SUDO_USER is {name:?}, which is not a user of this system");
    Error::new(Kind::NotPermitted, "not-permitted", message)
}

impl Identity {
    /// The identity of whoever runs this process.
    ///
    /// # Errors
    /// `not-permitted` (5) where `SUDO_USER` counts and does not name a user; system (8)
    /// where the login uid or the user database cannot be read.
    pub fn find() -> Result<Identity> {
        let variable = |name: &str| Some(super::variable(name)?.to_string_lossy().into_owned());
        Identity::from_traces(&Traces {
            loginuid: loginuid(std::fs::read_to_string(LOGINUID))?,
            sudo_user: variable("SUDO_USER"),
            sudo_uid: variable("SUDO_UID").and_then(|uid| uid.parse().ok()),
            became_otherwise: ["DOAS_USER", "PKEXEC_UID"]
                .into_iter()
                .any(|it| variable(it).is_some()),
            real_uid: rustix::process::getuid().as_raw(),
            effective_uid: rustix::process::geteuid().as_raw(),
        })
    }

    fn from_traces(traces: &Traces) -> Result<Identity> {
        let (real, own) = (traces.real_uid, traces.effective_uid);
        if real == 0 && traces.sudo_user.is_none() && traces.became_otherwise {
            let message = "only sudo says in a way that can be relied on who became root";
            return Err(Error::new(Kind::NotPermitted, "not-permitted", message)
                .words("use sudo instead of doas or pkexec"));
        }
        if traces.loginuid != UNSET {
            traces.login_is_believed()?;
            let (uid, is_root) = (traces.loginuid, traces.loginuid == 0);
            let rights = match own {
                _ if is_root || uid == own => Rights::Own,
                0 => Rights::Root,
                _ => Rights::Borrowed,
            };
            return Ok(Identity::of_uid(uid, IdentityFrom::Loginuid, is_root, rights));
        }
        // Only root can be believed about SUDO_USER: anybody can set a variable.
        if let Some(name) = traces.sudo_user.as_ref().filter(|_| real == 0) {
            return Identity::of_sudo_user(name, own);
        }
        let is_root = own == 0 && real == 0;
        // `sudo -u OWNER`: it cannot be known who runs it, only that it is not the owner. Whoever
        // sets the variable for themselves only loses by it.
        let through_sudo = traces.sudo_uid.is_some_and(|uid| uid != 0 && uid != own);
        let borrowed = own != real || (through_sudo && !is_root);
        let rights = if borrowed { Rights::Borrowed } else { Rights::Own };
        Ok(Identity::of_uid(own, IdentityFrom::Euid, is_root, rights))
    }

    fn of_uid(uid: u32, from: IdentityFrom, is_root: bool, rights: Rights) -> Identity {
        Identity { os_user: OnceCell::new(), uid, from, is_root, rights }
    }

    /// The user's name; `uid:N` where the system knows none. Looked up when it is
    /// first asked for: a look into the user database is a large part of a short run.
    ///
    /// # Errors
    /// System (8) where the user database cannot be read: a name that is only not found
    /// for now must not go into the audit as a number.
    pub fn os_user(&self) -> Result<&str> {
        if let Some(name) = self.os_user.get() {
            return Ok(name);
        }
        let user = User::from_uid(Uid::from_raw(self.uid));
        let user = user.map_err(|e| no_database(&format!("the user id {}", self.uid), e))?;
        let name = user.map_or_else(|| format!("uid:{}", self.uid), |user| user.name);
        Ok(self.os_user.get_or_init(|| name))
    }

    /// Never root itself: `sudo sudo mfactl` sets `SUDO_USER=root` for anybody.
    fn of_sudo_user(name: &str, own: u32) -> Result<Identity> {
        let found =
            User::from_name(name).map_err(|e| no_database(&format!("the user {name:?}"), e))?;
        let user = found.ok_or_else(|| not_a_user(name))?;
        let uid = user.uid.as_raw();
        let rights = match own {
            // Whose rights these would be is not known.
            _ if uid == 0 => Rights::Borrowed,
            0 => Rights::Root,
            own if own == uid => Rights::Own,
            _ => Rights::Borrowed,
        };
        let os_user = OnceCell::from(user.name);
        Ok(Identity { os_user, uid, from: IdentityFrom::Sudo, is_root: false, rights })
    }

    /// The identity that a test asks for.
    pub(in crate::env) fn pretended(name: &str) -> Identity {
        let own = rustix::process::geteuid().as_raw();
        let os_user = OnceCell::from(name.to_owned());
        Identity {
            os_user,
            uid: own,
            from: IdentityFrom::Euid,
            is_root: name == "root",
            rights: Rights::Own,
        }
    }
}

/// The login uid as [`LOGINUID`] was read; [`UNSET`] where nobody logged in for this process,
/// or where the system keeps none.
fn loginuid(read: std::io::Result<String>) -> Result<u32> {
    match read {
        Ok(text) => text.trim().parse().map_err(|_| {
            let message = format!("{LOGINUID} does not hold a user id");
            Error::new(Kind::System, "system", message)
        }),
        // A kernel without audit. What cannot be read for another reason may name somebody.
        Err(e) if e.kind() == std::io::ErrorKind::NotFound => Ok(UNSET),
        Err(e) => Err(Error::system("read", LOGINUID, &e)),
    }
}

fn no_database(what: &str, e: nix::Error) -> Error {
    Error::system("look up", what, &std::io::Error::from(e))
}

#[cfg(test)]
mod tests {
    use super::*;

    const NOBODY: &str = "nobody";

    fn found(loginuid: u32, sudo_user: Option<&str>, real: u32, effective: u32) -> Identity {
        let traces = Traces {
            loginuid,
            sudo_user: sudo_user.map(str::to_owned),
            sudo_uid: None,
            became_otherwise: false,
            real_uid: real,
            effective_uid: effective,
        };
        Identity::from_traces(&traces).unwrap()
    }

    #[test]
    fn the_first_trace_that_counts_wins() {
        let name = |identity: Identity| {
            (identity.os_user().unwrap().to_owned(), identity.from, identity.is_root)
        };
        let root = || "root".to_owned();
        let nobody = User::from_name(NOBODY).unwrap().unwrap().uid.as_raw();
        use IdentityFrom::{Euid, Loginuid, Sudo};
        assert_eq!(name(found(nobody, Some("root"), 0, 0)), (NOBODY.to_owned(), Loginuid, false));
        assert_eq!(name(found(nobody, Some(NOBODY), 0, 0)), (NOBODY.to_owned(), Loginuid, false));
        assert_eq!(name(found(0, None, 0, 0)), (root(), Loginuid, true));
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
        assert_eq!(found(4_000_000, None, 0, 0).os_user().unwrap(), "uid:4000000");
    }

    #[test]
    fn a_sudo_user_that_is_nobody_is_refused() {
        let traces = Traces {
            loginuid: UNSET,
            sudo_user: Some("no such user".to_owned()),
            sudo_uid: None,
            became_otherwise: false,
            real_uid: 0,
            effective_uid: 0,
        };
        assert_eq!(Identity::from_traces(&traces).unwrap_err().kind, Kind::NotPermitted);
    }

    #[test]
    fn the_process_may_have_rights_that_the_person_does_not_have() {
        let nobody = User::from_name(NOBODY).unwrap().unwrap().uid.as_raw();
        let found = |loginuid, sudo_user: Option<&str>, sudo_uid, real_uid, effective_uid| {
            let sudo_user = sudo_user.map(str::to_owned);
            let became_otherwise = false;
            let traces =
                Traces { loginuid, sudo_user, sudo_uid, became_otherwise, real_uid, effective_uid };
            Identity::from_traces(&traces).unwrap().rights
        };
        use Rights::{Borrowed, Own, Root};
        for (case, rights, expected) in [
            ("logged in", found(nobody, None, None, nobody, nobody), Own),
            ("sudo after a login", found(nobody, None, None, 0, 0), Root),
            ("sudo -u another after a login", found(nobody, None, None, 7, 7), Borrowed),
            ("root logged in, became another", found(0, None, None, 7, 7), Own),
            ("sudo without a login uid", found(UNSET, Some(NOBODY), None, 0, 0), Root),
            ("sudo in sudo", found(UNSET, Some("root"), None, 0, 0), Borrowed),
            ("sudo -u another, no login uid", found(UNSET, None, Some(1_000), 7, 7), Borrowed),
            ("sudo -u another by root", found(UNSET, None, Some(0), 7, 7), Own),
            ("a service", found(UNSET, None, None, 7, 7), Own),
            ("root by cron", found(UNSET, None, None, 0, 0), Own),
            ("set-uid", found(UNSET, None, None, 7, 0), Borrowed),
        ] {
            assert_eq!(rights, expected, "{case}");
        }
    }

    #[test]
    fn a_login_uid_that_cannot_be_read_may_be_anybody_s() {
        use std::io::ErrorKind;
        let failed = |kind: ErrorKind| loginuid(Err(kind.into())).map_err(|e| e.kind);
        assert_eq!(loginuid(Ok("1000\n".to_owned())).unwrap(), 1_000);
        assert_eq!(failed(ErrorKind::NotFound), Ok(UNSET), "a kernel without audit");
        for kind in [ErrorKind::PermissionDenied, ErrorKind::Interrupted, ErrorKind::Other] {
            assert_eq!(failed(kind), Err(Kind::System), "{kind:?}");
        }
        for text in ["", "root", "-1", "4294967296"] {
            assert_eq!(loginuid(Ok(text.to_owned())).unwrap_err().kind, Kind::System, "{text}");
        }
    }

    #[test]
    fn a_login_uid_that_somebody_set_themselves_is_not_believed() {
        let nobody = User::from_name(NOBODY).unwrap().unwrap().uid.as_raw();
        let refused = |loginuid, sudo_user: Option<&str>, sudo_uid, became_otherwise, uid| {
            let sudo_user = sudo_user.map(str::to_owned);
            let (real_uid, effective_uid) = (uid, uid);
            let traces =
                Traces { loginuid, sudo_user, sudo_uid, became_otherwise, real_uid, effective_uid };
            Identity::from_traces(&traces).is_err_and(|e| e.kind == Kind::NotPermitted)
        };
        assert!(refused(0, Some(NOBODY), Some(nobody), false, 0), "root by the login uid");
        assert!(refused(1, Some(NOBODY), Some(nobody), false, 0), "another user");
        assert!(refused(0, None, Some(nobody), false, 7), "sudo -u another");
        assert!(refused(UNSET, None, None, true, 0), "doas and pkexec");
        assert!(!refused(nobody, Some(NOBODY), Some(nobody), false, 0), "who logged in");
        assert!(!refused(nobody, Some("root"), Some(0), false, 0), "sudo in sudo");
    }
}
