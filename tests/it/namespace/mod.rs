//! A mount namespace of its own: what is mounted in it is seen by nobody else, and is gone
//! when it is dropped or the test is killed.

#![allow(dead_code, unreachable_pub, clippy::unwrap_used)]

use std::ffi::OsStr;
use std::io::{BufRead, BufReader};
use std::path::Path;
use std::process::{Child, ChildStdin, Command, Stdio};

use tempfile::TempDir;

/// Such a namespace, held by a process that waits in it.
pub struct Namespace {
    dir: TempDir,
    holder: Child,
    /// The holder ends when this is closed.
    _held: ChildStdin,
}

impl Namespace {
    /// Runs the shell script `make` in a new namespace. `$1` is an empty directory, which is
    /// removed in the end; `arguments` follow.
    pub fn new<A: AsRef<OsStr>>(make: &str, arguments: impl IntoIterator<Item = A>) -> Namespace {
        let dir = tempfile::Builder::new().prefix("mfactl-machine-").tempdir().unwrap();
        let script = format!("set -eu\n{make}\necho made\nread -r _ || true");
        let mut command = Command::new("unshare");
        command
            .args(["-m", "--propagation", "private", "--", "sh", "-c", &script, "sh"])
            .arg(dir.path())
            .args(arguments)
            .stdin(Stdio::piped())
            .stdout(Stdio::piped());
        let mut holder = command.spawn().unwrap();
        let (held, out) = (holder.stdin.take().unwrap(), holder.stdout.take().unwrap());
        let mut line = String::new();
        BufReader::new(out).read_line(&mut line).unwrap();
        assert_eq!(line, "made\n", "the machine could not be made");
        Namespace { dir, holder, _held: held }
    }

    /// The directory that the script was given, as it is seen from outside.
    pub fn dir(&self) -> &Path {
        self.dir.path()
    }

    /// A shell script in the namespace, with an empty environment and no input, not started yet.
    pub fn command<A: AsRef<OsStr>>(
        &self,
        script: &str,
        arguments: impl IntoIterator<Item = A>,
    ) -> Command {
        let mut command = Command::new("nsenter");
        command
            .args(["-t", &self.holder.id().to_string(), "-m", "--", "sh", "-c", script, "sh"])
            .args(arguments)
            .env_clear()
            .env("PATH", "/usr/sbin:/usr/bin:/sbin:/bin")
            .stdin(Stdio::null());
        command
    }
}

impl Drop for Namespace {
    fn drop(&mut self) {
        let _ = self.holder.kill();
        let _ = self.holder.wait();
    }
}
