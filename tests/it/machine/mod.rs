//! A machine with the installation of packaging/README.md, seen from inside a mount namespace
//! of its own: `/etc`, `/usr/bin`, `/home` and `/var/lib` are layers over those of the machine
//! that runs the tests, so that users, sudo's rules and the state are real there and gone with
//! it. On it are `mfactl`, whose the state is; `ann`, the administrator who installed it; `hal`
//! of the helpdesk; and `eve`, who may run `sudo mfactl`, too, and is not an operator.

#![allow(dead_code, unreachable_pub, clippy::unwrap_used, clippy::print_stderr)]

use std::path::{Path, PathBuf};
use std::process::Command;

use crate::namespace::Namespace;
use crate::shell::{Run, finish, tool};

/// Where the state is, as it is configured when nothing is said.
pub const STATE: &str = "/var/lib/mfactl";

/// No login uid: what a container or a service has.
pub const UNSET: u32 = u32::MAX;

/// Such a machine. It is gone when this is dropped, or the test is killed.
pub struct Machine {
    namespace: Namespace,
    /// Whether people have a login uid.
    logged_in: bool,
}

/// Whether such machines can be made. Root is not a tool that could be installed: without it
/// these tests are skipped, and `tests/run` says so.
pub fn able() -> bool {
    let root = rustix::process::geteuid().is_root();
    if !root {
        eprintln!("skipped: only root can make the users of the tests under sudo");
    }
    root && ["sudo", "useradd", "runuser", "unshare", "nsenter", "systemd-sysusers"]
        .into_iter()
        .all(tool)
}

const MAKE: &str = r#"mount -t tmpfs -o mode=755 none "$1"
layer() { # DIR: over it, what is made here goes to a layer of its own
    name=$(echo "$1" | tr / _); mkdir -p "$D/$name.up" "$D/$name.work"
    mount -t overlay overlay -o "lowerdir=$1,upperdir=$D/$name.up,workdir=$D/$name.work" "$1"
}
D=$1
mkdir -p "$D/_usr_bin.up"
cp "$2" "$D/_usr_bin.up/mfactl"
chmod 755 "$D/_usr_bin.up/mfactl" "$D/_usr_bin.up"
layer /etc; layer /usr/bin
mount -t tmpfs -o mode=755 none /home
mount -t tmpfs -o mode=755 none /var/lib
systemd-sysusers "$3/packaging/sysusers.d/mfactl.conf" >/dev/null 2>&1
for user in ann hal eve; do
    useradd --system --user-group --no-create-home --home-dir "/home/$user" --shell /bin/sh "$user"
    install -d -o "$user" -g "$user" -m 0700 "/home/$user"
done
usermod -a -G mfa-helpdesk hal
usermod -a -G mfa-helpdesk eve
# What is kept of the environment lets people try to name a configuration.
cat >/etc/sudoers.d/mfactl <<'RULE'
Defaults env_keep += "HOME USER LOGNAME MFACTL_CONFIG MFACTL_STATE XDG_CONFIG_HOME"
ann ALL=(ALL) NOPASSWD: ALL
%mfa-helpdesk ALL=(root) NOPASSWD: /usr/bin/mfactl
%mfa-helpdesk ALL=(mfactl) NOPASSWD: /usr/bin/mfactl
RULE
chmod 440 /etc/sudoers.d/mfactl
"#;

impl Machine {
    /// With nothing installed but the program and the service user.
    pub fn bare() -> Machine {
        let program = assert_cmd::cargo::cargo_bin!("mfactl");
        let namespace = Namespace::new(MAKE, [program, Path::new(env!("CARGO_MANIFEST_DIR"))]);
        Machine { namespace, logged_in: false }
    }

    /// Installed by ann, with an org, people and operators.
    pub fn new() -> Machine {
        let machine = Machine::bare();
        for command in [
            "init",
            "org add acme",
            "user add ann.person --org acme",
            "user add hal.person --org acme",
            "user add alice --org acme",
            "user enrol alice --external app",
            "operator edit ann --user ann.person",
            "operator add hal --os-user hal --user hal.person --role helpdesk:acme",
        ] {
            machine.sudo("ann", command).exits(0);
        }
        machine.all_is_the_owners();
        machine
    }

    /// The same machine where everybody has a login uid, as after a login by PAM.
    pub fn logged_in(mut self) -> Machine {
        self.logged_in = true;
        self
    }

    /// A line of shell as `user`, in the user's home. `root` is root itself.
    pub fn sh(&self, user: &str, line: &str) -> Run {
        self.sh_from(user, if self.logged_in { user } else { "" }, line)
    }

    /// The same with the login uid of `login`; none where that is empty.
    pub fn sh_from(&self, user: &str, login: &str, line: &str) -> Run {
        finish(self.command(user, login, line))
    }

    /// The same, not started yet.
    pub fn command(&self, user: &str, login: &str, line: &str) -> Command {
        const OUTER: &str = r#"
            login=4294967295; [ -z "$2" ] || login=$(id -u "$2")
            echo "$login" >/proc/self/loginuid || exit 99
            export HOME=$(getent passwd "$1" | cut -d: -f6) USER=$1 LOGNAME=$1
            cd "$HOME" && exec runuser -u "$1" -- sh -c "$3""#;
        self.namespace.command(OUTER, [user, login, line])
    }

    /// `sudo mfactl …` as `user`.
    pub fn sudo(&self, user: &str, arguments: &str) -> Run {
        self.sh(user, &format!("sudo -n mfactl {arguments}"))
    }

    /// mfactl as root itself.
    pub fn root(&self, arguments: &str) -> Run {
        self.sh("root", &format!("mfactl {arguments}"))
    }

    /// mfactl as the owner of the state, as cron and systemd run it.
    pub fn owner(&self, arguments: &str) -> Run {
        self.sh_from("mfactl", "", &format!("mfactl {arguments}"))
    }

    /// A file with this text, for `owner`; returns its name.
    pub fn write(&self, path: &str, text: &str, owner: &str, mode: u32) -> String {
        let line = format!(
            "cat >'{path}' <<'END_OF_TEXT'\n{text}END_OF_TEXT\nchown {owner} '{path}'; chmod {mode:o} '{path}'"
        );
        self.sh("root", &line).exits(0);
        path.to_owned()
    }

    /// A file of this name beside the machine, which both sides reach.
    pub fn path(&self, name: &str) -> PathBuf {
        self.namespace.dir().join(name)
    }

    /// Asserts that every file of the state and the key is the owner's, and private.
    #[track_caller]
    pub fn all_is_the_owners(&self) {
        self.is_private(Path::new(STATE));
        self.is_private(Path::new("/etc/mfactl/private"));
    }

    #[track_caller]
    pub fn is_private(&self, dir: &Path) {
        let dir = dir.display();
        let line = format!(
            "find {dir} ! -user mfactl -o ! -group mfactl -o -perm /077 -o -type d ! -perm 0700 \
             -o -type f ! -perm 0600 ! -perm 0400; test -d {dir}"
        );
        let found = self.sh("root", &line).exits(0);
        assert_eq!(found.stdout, "", "changed hands, or is open or closed");
    }
}
