//! What the tests of the binary share: a world of their own for each (state
//! directory, frozen clock, seed, OS user, width), and sessions at the shell.

#![allow(
    dead_code,
    unreachable_pub,
    clippy::unwrap_used,
    clippy::disallowed_methods,
    clippy::print_stderr
)]

use std::path::{Path, PathBuf};
use std::process::{Command, Output, Stdio};

use tempfile::TempDir;

/// When every session begins, unless it says otherwise.
pub const NOW: &str = "2026-11-21T09:00:00Z";

/// A directory to work in, a clock that stands still, and somebody who types.
pub struct World {
    dir: TempDir,
    now: String,
    os_user: String,
}

/// What a command printed and how it ended.
pub struct Run {
    pub stdout: String,
    pub stderr: String,
    pub code: i32,
}

impl Run {
    /// stdout as JSON.
    pub fn json(&self) -> serde_json::Value {
        serde_json::from_str(&self.stdout)
            .unwrap_or_else(|e| panic!("{e}: {}\n{}", self.stdout, self.stderr))
    }

    /// The object that stderr carries with `-o json`: `{"error": …}`; the last line of it.
    pub fn error(&self) -> serde_json::Value {
        let line = self.stderr.lines().find(|line| line.starts_with("{\"error\""));
        let value: serde_json::Value = serde_json::from_str(
            line.unwrap_or_else(|| panic!("no error on stderr: {}{}", self.stdout, self.stderr)),
        )
        .unwrap();
        value["error"].clone()
    }

    /// Asserts the exit code and returns itself.
    #[track_caller]
    pub fn exits(self, code: i32) -> Run {
        assert_eq!(self.code, code, "stdout: {}\nstderr: {}", self.stdout, self.stderr);
        self
    }
}

impl Default for World {
    fn default() -> World {
        World::new()
    }
}

impl World {
    /// An empty directory, at [`NOW`], as the OS user `sam`.
    pub fn new() -> World {
        let dir = tempfile::Builder::new().prefix("mfactl-test-").tempdir().unwrap();
        World { dir, now: NOW.to_owned(), os_user: "sam".to_owned() }
    }

    /// A state `demo` with the accounts of the hospital fixture.
    pub fn hospital() -> World {
        let world = World::new();
        let import =
            format!("user import --init --create-orgs {}", fixture("hospital.csv").display());
        world.mfactl(&import).exits(0);
        world
    }

    /// A state `demo` with two orgs and a few accounts, written out.
    pub fn small() -> World {
        let world = World::new();
        let csv = "\
login,id,name,email,sign_in,provider,mfa,orgs,active,enrolled
root.admin,u-root,Root Admin,root@acme.example,password,,on,acme:admin,yes,2025-01-01
alice,u-alice,Alice Jones,alice@acme.example,password,,on,acme;globex,yes,2025-03-14
bob,u-bob,Bob Quill,bob@acme.example,password,,off,acme,yes,2025-03-14
carol,u-carol,Carol Never,carol@acme.example,password,,off,acme,yes,
dave,u-dave,Dave Single-Sign-On,dave@acme.example,sso,entra,off,acme,yes,
erin,u-erin,Erin Gone,erin@acme.example,password,,on,acme,no,2025-03-14
helen,u-helen,Helen Desk,helen@acme.example,password,,on,acme:helpdesk,yes,2025-03-14
gus,u-gus,Gus Globex,gus@globex.example,password,,off,globex:admin,yes,2025-03-14
";
        std::fs::write(world.path("small.csv"), csv).unwrap();
        world.mfactl("user import --init --create-orgs small.csv").exits(0);
        world
    }

    /// The same as [`World::small`], with operators: sam (site-admin), ada (admin of acme),
    /// hal (helpdesk of acme), gil (admin of globex), aud (auditor), pol (service).
    pub fn staffed() -> World {
        let world = World::small();
        for command in [
            "operator edit sam --user root.admin",
            "user add ada.person --org acme",
            "user add hal.person --org acme",
            "user add gil.person --org globex",
            "user add aud.person",
            "user add second.person",
            "operator add second --os-user second --user second.person --role site-admin",
            "operator add ada --os-user ada --user ada.person --role admin:acme",
            "operator add hal --os-user hal --user hal.person --role helpdesk:acme",
            "operator add gil --os-user gil --user gil.person --role admin:globex",
            "operator add aud --os-user aud --user aud.person --role auditor",
            "operator add pol --os-user pol --service --role admin:acme",
        ] {
            world.mfactl(command).exits(0);
        }
        world
    }

    /// The same as [`World::staffed`], in which something has happened: frank and ivy are
    /// enrolled, nemo is in no org and nobody in empty, carol is opted out of acme, gus was
    /// reset; `frank#1` and `alice#1` are live (short ones, in acme), `bob#1` waits for
    /// approval (a long one that hal asked for). new.csv, out.json: files to hand in.
    pub fn eventful() -> World {
        let mut world = World::staffed();
        let long = "--long --reason accessibility --evidence https://x.example/1";
        for command in [
            "user add frank --org acme",
            "user enrol frank --external app",
            "user add ivy --org acme",
            "user enrol ivy --external app",
            "user add nemo",
            "org add empty",
            "org edit acme --service portal",
            "user opt-out carol --org acme",
            "user reset gus",
            "exception grant frank --short --reason no-signal",
            "exception grant alice --short --org acme --reason no-signal",
        ] {
            world.mfactl(command).exits(0);
        }
        world.user("hal").mfactl(&format!("exception request bob {long}")).exits(0);
        world.user("sam");
        std::fs::write(world.path("new.csv"), "login,orgs\nnewcomer,acme\n").unwrap();
        std::fs::write(world.path("p.yaml"), "version: 1\norg: acme\nname: Acme\n").unwrap();
        let test = "- {name: outside, given: {user: zoe, org: acme}, at: 2026-11-21, expect: not-required}\n";
        std::fs::write(world.path("t.yaml"), test).unwrap();
        std::fs::write(world.path("out.json"), "{\"mfaOptOut\": true}").unwrap();
        world
    }

    /// Another directory with the same in it.
    pub fn copy(&self) -> World {
        let world = World { now: self.now.clone(), os_user: self.os_user.clone(), ..World::new() };
        let from = self.dir().display();
        world.sh(&format!("cp -a {from}/. .")).exits(0);
        world
    }

    /// The directory that commands run in.
    pub fn dir(&self) -> &Path {
        self.dir.path()
    }

    /// A path in it.
    pub fn path(&self, name: &str) -> PathBuf {
        self.dir.path().join(name)
    }

    /// The state directory.
    pub fn state(&self) -> PathBuf {
        self.path("demo")
    }

    /// The same world at another instant.
    pub fn at(&mut self, now: &str) -> &mut World {
        self.now = now.to_owned();
        self
    }

    /// The same world with somebody else at the keyboard.
    pub fn user(&mut self, os_user: &str) -> &mut World {
        self.os_user = os_user.to_owned();
        self
    }

    /// Runs one command as somebody else.
    pub fn as_user(&self, os_user: &str, arguments: &str) -> Run {
        let mut command = self.shell(&format!("mfactl {arguments}"));
        command.env("MFACTL_TEST_OS_USER", os_user);
        finish(command)
    }

    /// Runs `mfactl ARGUMENTS` through a shell, on the state `demo`.
    pub fn mfactl(&self, arguments: &str) -> Run {
        self.sh(&format!("mfactl {arguments}"))
    }

    /// Runs a line of shell in which `mfactl` is the binary.
    pub fn sh(&self, line: &str) -> Run {
        finish(self.shell(line))
    }

    /// The command itself, for tests that start it and go on.
    pub fn shell(&self, line: &str) -> Command {
        let mut command = Command::new("sh");
        command
            .args(["-c", line])
            .current_dir(self.dir())
            .env_clear()
            .env("PATH", path())
            .env("HOME", self.dir())
            .env("TZ", "UTC")
            .env("MFACTL_STATE", "demo")
            .env("MFACTL_TEST_NOW", &self.now)
            .env("MFACTL_TEST_SEED", "1")
            .env("MFACTL_TEST_OS_USER", &self.os_user)
            .stdin(Stdio::null());
        command
    }

    /// Runs a session: a command a line, `#now TIME` and `#user OS-USER` between
    /// them. Returns all of it as it would stand in a terminal, with exit codes.
    pub fn session(&mut self, script: &str) -> String {
        let mut shown = String::new();
        for line in script.lines().map(str::trim).filter(|line| !line.is_empty()) {
            if let Some(now) = line.strip_prefix("#now ") {
                self.at(now);
                shown.push_str(&format!("# at {now}\n"));
            } else if let Some(user) = line.strip_prefix("#user ") {
                self.user(user);
                shown.push_str(&format!("# as {user}\n"));
            } else {
                let run = self.sh(line);
                shown.push_str(&format!("$ {line}\n{}{}", run.stdout, run.stderr));
                if run.code != 0 {
                    shown.push_str(&format!("[exit {}]\n", run.code));
                }
            }
        }
        shown
    }

    /// The revision that the state is at.
    pub fn rev(&self) -> u64 {
        self.as_user("sam", "audit head -o json").exits(0).json()["rev"].as_u64().unwrap()
    }

    /// Every file of the state with its bytes, the lock aside.
    pub fn files(&self) -> Vec<(PathBuf, Vec<u8>)> {
        let mut found = Vec::new();
        collect(&self.state(), &mut found);
        found.sort();
        found
    }
}

fn collect(dir: &Path, found: &mut Vec<(PathBuf, Vec<u8>)>) {
    for entry in std::fs::read_dir(dir).unwrap() {
        let path = entry.unwrap().path();
        if path.is_dir() {
            collect(&path, found);
        } else if path.file_name().is_some_and(|name| name != "lock") {
            let bytes = std::fs::read(&path).unwrap();
            found.push((path, bytes));
        }
    }
}

/// Runs a command to its end.
pub fn finish(mut command: Command) -> Run {
    let Output { status, stdout, stderr } = command.output().unwrap();
    Run {
        stdout: String::from_utf8(stdout).expect("stdout is UTF-8"),
        stderr: String::from_utf8(stderr).expect("stderr is UTF-8"),
        code: status.code().unwrap_or(-1),
    }
}

fn path() -> std::ffi::OsString {
    let bin = assert_cmd::cargo::cargo_bin!("mfactl");
    let mut paths = vec![bin.parent().unwrap().to_owned()];
    paths.extend(std::env::split_paths(&std::env::var_os("PATH").unwrap_or_default()));
    std::env::join_paths(paths).unwrap()
}

/// A file of fixtures/.
pub fn fixture(name: &str) -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("fixtures").join(name)
}

/// Whether a tool is there. Under `tests/run` it must be; a bare `cargo test` skips what needs it and says so.
pub fn tool(name: &str) -> bool {
    let found = Command::new("sh")
        .args(["-c", &format!("command -v {name}")])
        .stdout(Stdio::null())
        .status()
        .is_ok_and(|status| status.success());
    let needed = std::env::var_os("MFACTL_TESTS_NEED_TOOLS").is_some();
    assert!(found || !needed, "{name} is needed and not installed: run tests/run");
    if !found {
        eprintln!("skipped: {name} is not installed (tests/run installs it)");
    }
    found
}
