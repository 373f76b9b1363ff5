//! Under real sudo, with two users made for the test and removed again: `own`,
//! whose state it is, and `hal`, a helpdesk person who may run mfactl as root.

#![allow(clippy::disallowed_methods, clippy::unwrap_used, clippy::print_stderr)]

mod shell;

use std::os::unix::fs::{MetadataExt, PermissionsExt};
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};

use serde_json::{Value, json};
use shell::{Run, finish, tool};
use tempfile::TempDir;

/// Two users, a rule for sudo, and a place that both can reach.
struct Machine {
    own: String,
    hal: String,
    dir: TempDir,
}

/// Whether the tests can run. Root is no tool that could be installed: without it they
/// are skipped, and `tests/run` says so.
fn able() -> bool {
    let root = rustix::process::geteuid().is_root();
    if !root {
        eprintln!("skipped: only root can make the users of the tests under sudo");
    }
    root && ["sudo", "useradd", "userdel", "runuser"].into_iter().all(tool)
}

fn system(program: &str, arguments: &[&str]) {
    let output = Command::new(program).args(arguments).stdin(Stdio::null()).output().unwrap();
    assert!(output.status.success(), "{program} {arguments:?}: {output:?}");
}

impl Machine {
    fn new() -> Machine {
        let dir = tempfile::Builder::new().prefix("mfactl-sudo-").tempdir().unwrap();
        let number = std::process::id();
        let (own, hal) = (format!("mfaown{number}"), format!("mfahal{number}"));
        let machine = Machine { own, hal, dir };
        std::fs::set_permissions(machine.dir.path(), PermissionsExt::from_mode(0o755)).unwrap();
        let bin = machine.path("mfactl");
        std::fs::copy(assert_cmd::cargo::cargo_bin!("mfactl"), &bin).unwrap();
        for (user, home) in [(&machine.own, "srv"), (&machine.hal, "home")] {
            let home = machine.path(home);
            let home = home.to_str().unwrap();
            system("useradd", &["--system", "--user-group", "--create-home", "-d", home, user]);
        }
        // What is kept of the environment lets the person try to name a configuration.
        let rule = format!(
            "Defaults:{0} env_keep += \"HOME USER LOGNAME MFACTL_CONFIG\"\n{0} ALL=(ALL) NOPASSWD: {1}\n",
            machine.hal,
            bin.display()
        );
        machine.write(&machine.rule(), &rule, "root", 0o440);
        machine
    }

    /// A state of `own`, in which `hal` is the helpdesk of acme.
    fn with_state() -> Machine {
        let machine = Machine::new();
        let (own, hal) = (&machine.own, &machine.hal);
        for command in [
            "init",
            "org add acme",
            "user add own.person --org acme",
            "user add hal.person --org acme",
            "user add alice --org acme",
            "user enrol alice --external app",
            &format!("operator edit {own} --user own.person"),
            &format!("operator add hal --os-user {hal} --user hal.person --role helpdesk:acme"),
        ] {
            machine.owner(command).exits(0);
        }
        machine.all_is_the_owners();
        machine
    }

    fn rule(&self) -> PathBuf {
        PathBuf::from(format!("/etc/sudoers.d/{}", self.hal))
    }

    fn path(&self, name: &str) -> PathBuf {
        self.dir.path().join(name)
    }

    /// Writes a file for `owner` and says where.
    fn write(&self, path: &Path, text: &str, owner: &str, mode: u32) -> String {
        std::fs::write(path, text).unwrap();
        std::fs::set_permissions(path, PermissionsExt::from_mode(mode)).unwrap();
        system("chown", &[owner, path.to_str().unwrap()]);
        path.display().to_string()
    }

    /// A line of shell as `user`, without a login uid: that would say who we
    /// are, whoever we became.
    fn sh(&self, user: &str, line: &str) -> Run {
        const OUTER: &str = "{ echo 4294967295 >/proc/self/loginuid; } 2>/dev/null
            cd \"$0\" && exec runuser -u \"$1\" -- sh -c \"$2\"";
        let mut command = Command::new("sh");
        command
            .args(["-c", OUTER])
            .arg(self.dir.path())
            .args([user, line])
            .env_clear()
            .env("PATH", "/usr/sbin:/usr/bin:/sbin:/bin")
            .stdin(Stdio::null());
        finish(command)
    }

    fn line(&self, before: &str, arguments: &str) -> String {
        let bin = self.path("mfactl");
        format!("{before} {} --state {} {arguments}", bin.display(), self.state().display())
    }

    fn state(&self) -> PathBuf {
        self.path("srv/state")
    }

    /// mfactl as the owner of the state.
    fn owner(&self, arguments: &str) -> Run {
        self.sh(&self.own, &self.line("", arguments))
    }

    /// mfactl as `hal`, who becomes root for it.
    fn person(&self, arguments: &str) -> Run {
        self.person_with("", arguments)
    }

    fn person_with(&self, variables: &str, arguments: &str) -> Run {
        self.sh(&self.hal, &self.line(&format!("{variables} sudo -n"), arguments))
    }

    /// mfactl as root itself.
    fn root(&self, arguments: &str) -> Run {
        self.sh("root", &self.line("", arguments))
    }

    fn last_record(&self) -> Value {
        let log = self.owner("audit log --limit 1 -o json").exits(0).json();
        let field = |name: &str| log[0][name].clone();
        json!([field("action"), field("operator"), field("os_user"), field("identity_from")])
    }

    #[track_caller]
    fn all_is_the_owners(&self) {
        let home = std::fs::metadata(self.path("srv")).unwrap();
        let mut left = vec![self.state()];
        while let Some(path) = left.pop() {
            let found = std::fs::symlink_metadata(&path).unwrap();
            let (is, must) = ((found.uid(), found.gid()), (home.uid(), home.gid()));
            assert_eq!(is, must, "{} changed hands", path.display());
            if found.is_dir() {
                let inside = std::fs::read_dir(&path).unwrap();
                left.extend(inside.map(|entry| entry.unwrap().path()));
            }
        }
    }
}

impl Drop for Machine {
    fn drop(&mut self) {
        let _ = std::fs::remove_file(self.rule());
        for user in [&self.own, &self.hal] {
            let _ = Command::new("userdel").arg(user).stderr(Stdio::null()).status();
        }
    }
}

/// One machine for all of it: making users takes a lock that others wait for.
#[test]
fn a_person_who_becomes_root_stays_that_person() {
    if !able() {
        return;
    }
    let machine = Machine::with_state();
    the_operator_is_the_person(&machine);
    the_person_is_nobody_else(&machine);
    files_are_opened_as_the_person(&machine);
    a_configuration_of_the_person_does_not_count(&machine);
    root_itself_needs_no_operator(&machine);
    root_becomes_the_owner_first(&machine);
    backups_are_opened_as_the_person(&machine);
    a_person_who_is_no_operator_reads_nothing(&machine);
    an_empty_directory_stays_its_owners(&machine);
}

fn the_operator_is_the_person(machine: &Machine) {
    let who = machine.person("operator whoami -o json").exits(0).json();
    assert_eq!((&who["operator"], &who["identity_from"]), (&json!("hal"), &json!("sudo")));
    assert_eq!(who["os_user"], json!(machine.hal));
    machine.person("exception grant alice --short --reason no-signal").exits(0);
    let record = json!(["exception.grant", "hal", machine.hal, "sudo"]);
    assert_eq!(machine.last_record(), record);
    machine.all_is_the_owners();
    // What a helpdesk may not, root's rights do not give.
    machine.person("user set-mfa alice on").exits(5);
    machine.person("audit log").exits(5);
    let without_sudo = machine.sh(&machine.hal, &machine.line("", "user show alice"));
    assert_eq!(without_sudo.code, 8, "{}", without_sudo.stderr);
}

fn the_person_is_nobody_else(machine: &Machine) {
    let own = &machine.own;
    for run in [
        machine.person(&format!("--as {own} user set-mfa alice on")),
        machine.person_with("SUDO_USER=root", &format!("--as {own} user set-mfa alice on")),
        machine.person_with(&format!("SUDO_USER={own} USER={own}"), "user set-mfa alice on"),
        machine.person_with("LOGNAME=root USER=root SUDO_UID=0", "user set-mfa alice on"),
        machine.person_with("SUDO_USER=", "user set-mfa alice on"),
    ] {
        run.exits(5);
    }
    // Who may become the owner is the owner: then it is the system that says so.
    let as_owner = machine.line(&format!("sudo -n -u {own}"), "operator whoami -o json");
    let who = machine.sh(&machine.hal, &as_owner).exits(0).json();
    assert_eq!((&who["operator"], &who["identity_from"]), (&json!(own), &json!("euid")));
}

fn files_are_opened_as_the_person(machine: &Machine) {
    let hers = machine.write(&machine.path("secret"), "alice\n", "root", 0o600);
    let owners = machine.write(&machine.path("srv/list"), "alice\n", &machine.own, 0o600);
    let his = machine.write(&machine.path("home/letter"), "alice\n", &machine.hal, 0o600);
    let request = "exception request alice --long --org acme --reason accessibility --replace";
    for closed in [&hers, &owners] {
        for command in [
            format!("{request} --evidence {closed}"),
            format!("user reset --from-file {closed}"),
            format!("user membership alice --org acme --from-file {closed}"),
            format!("user import {closed}"),
        ] {
            let run = machine.person(&command).exits(2);
            assert!(run.stderr.contains("you may not read it"), "{command}: {}", run.stderr);
        }
    }
    machine.person(&format!("{request} --evidence {his}")).exits(0);
    machine.person(&format!("user reset --from-file {his}")).exits(0);
    machine.all_is_the_owners();
}

fn a_configuration_of_the_person_does_not_count(machine: &Machine) {
    let config = machine.path("home/.config/mfactl");
    std::fs::create_dir_all(&config).unwrap();
    // Whoever read it would fail.
    let file = machine.write(&config.join("config.toml"), "nonsense = 1\n", &machine.hal, 0o644);
    let home = format!("HOME={}", machine.path("home").display());
    let run = machine.person_with(&home, "user show alice").exits(0);
    assert_eq!(run.stderr, "");
    let run = machine.person_with(&format!("MFACTL_CONFIG={file}"), "user show alice").exits(0);
    assert!(run.stderr.contains("does not count"), "{}", run.stderr);
    machine.person(&format!("--config {file} user show alice")).exits(2);
}

fn root_itself_needs_no_operator(machine: &Machine) {
    machine.root("user add bob --org acme").exits(0);
    assert_eq!(machine.last_record(), json!(["user.add", "root", "root", "euid"]));
    machine.all_is_the_owners();
    // What root alone may read is read before root becomes the owner.
    let list = machine.write(&machine.path("list"), "bob\n", "root", 0o600);
    machine.root(&format!("user set-mfa on --from-file {list}")).exits(0);
    let csv = machine.write(&machine.path("csv"), "login,orgs\ncarl,acme\n", "root", 0o600);
    machine.root(&format!("--as {} user import {csv}", machine.own)).exits(0);
    assert_eq!(machine.last_record(), json!(["user.import", machine.own, "root", "euid"]));
    machine.root("exception expire").exits(0);
    machine.all_is_the_owners();
}

fn backups_are_opened_as_the_person(machine: &Machine) {
    // For a backup of the person's own it would count.
    std::fs::remove_file(machine.path("home/.config/mfactl/config.toml")).unwrap();
    let backup = machine.path("srv/b.tar");
    machine.owner(&format!("state backup {}", backup.display())).exits(0);
    // Of a helpdesk person: neither made nor restored.
    let his = machine.path("home/b.tar");
    machine.person(&format!("state backup {}", his.display())).exits(5);
    let bin = machine.path("mfactl");
    let person = |state: &Path, arguments: &str| {
        let line = format!("sudo -n {} --state {} {arguments}", bin.display(), state.display());
        machine.sh(&machine.hal, &line)
    };
    let closed = person(&backup, "user show alice").exits(2);
    assert!(closed.stderr.contains("you may not read it"), "{}", closed.stderr);
    machine.person(&format!("state restore {} --yes", backup.display())).exits(2);
    // What the person may read is read as the operator that the person is, or as another.
    std::fs::copy(&backup, &his).unwrap();
    system("chown", &[&machine.hal, his.to_str().unwrap()]);
    let who = person(&his, "operator whoami -o json").exits(0).json();
    assert_eq!(who["operator"], "hal");
    person(&his, "audit log").exits(5);
    person(&his, &format!("--as {} audit log", machine.own)).exits(0);
    person(&his, "user set-mfa alice on").exits(2);
    machine.person(&format!("state restore {} --yes", his.display())).exits(5);
    // Root itself makes one and brings it back; every file stays its owner's.
    let roots = machine.path("root.tar");
    machine.root(&format!("state backup {}", roots.display())).exits(0);
    assert_eq!(std::fs::metadata(&roots).unwrap().mode() & 0o7777, 0o600);
    machine.root("user set-mfa bob off").exits(0);
    machine.root(&format!("state restore {} --yes", roots.display())).exits(0);
    assert_eq!(machine.last_record(), json!(["state.restore", "root", "root", "euid"]));
    machine.root("audit verify").exits(0);
    machine.all_is_the_owners();
}

fn a_person_who_is_no_operator_reads_nothing(machine: &Machine) {
    machine.owner("operator remove hal --yes").exits(0);
    for command in ["user show alice", "org list", "operator whoami", "exception list"] {
        machine.person(command).exits(5);
    }
    // But as who owns the state, or is root, anybody records what has ended.
    machine.person("exception expire").exits(0);
    machine.all_is_the_owners();
}

fn an_empty_directory_stays_its_owners(machine: &Machine) {
    std::fs::remove_dir_all(machine.state()).unwrap();
    std::fs::create_dir(machine.state()).unwrap();
    system("chown", &[&format!("{0}:{0}", machine.own), machine.state().to_str().unwrap()]);
    machine.root("init").exits(0);
    machine.all_is_the_owners();
    std::fs::remove_dir_all(machine.state()).unwrap();
    std::fs::create_dir(machine.state()).unwrap();
    system("chown", &[&format!("{0}:{0}", machine.own), machine.state().to_str().unwrap()]);
    let csv = machine.write(&machine.path("csv"), "login,orgs\ncarl,acme\n", "root", 0o600);
    machine.root(&format!("user import --init --create-orgs {csv}")).exits(0);
    machine.all_is_the_owners();
    machine.root("state check").exits(0);
}

/// Not file by file handed over, but the owner from the first look into the state on.
fn root_becomes_the_owner_first(machine: &Machine) {
    if !tool("strace") {
        return;
    }
    let trace = machine.path("trace");
    let strace = format!("strace -f -e trace=setresuid,openat,open -o {}", trace.display());
    let list = machine.write(&machine.path("list"), "alice\n", "root", 0o600);
    let command = format!("user reset --from-file {list}");
    machine.sh("root", &machine.line(&strace, &command)).exits(0);
    let trace = std::fs::read_to_string(trace).unwrap();
    let uid = std::fs::metadata(machine.path("srv")).unwrap().uid();
    let at = |what: &str| trace.find(what).unwrap_or_else(|| panic!("no {what} in\n{trace}"));
    let became = at(&format!("setresuid({uid}, {uid}, {uid})"));
    assert!(at(&format!("\"{list}\"")) < became, "{trace}");
    assert!(became < at(&format!("\"{}\"", machine.state().display())), "{trace}");
}
