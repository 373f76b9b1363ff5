//! Ctrl-Z and its kind: whoever is stopped makes nobody else wait.

#![allow(clippy::disallowed_methods, clippy::unwrap_used)]

use crate::shell;

use std::io::Write;
use std::os::unix::process::CommandExt;
use std::process::{Child, Stdio};
use std::time::{Duration, Instant};

use rustix::process::{Pid, Signal, kill_process};
use shell::World;

/// A command that runs in a process group of its own. In the group of the tests, which may
/// be an orphan, stop signals would not stop anybody.
struct Running(Child);

impl Running {
    fn start(world: &World, arguments: &str) -> Running {
        let mut command = world.shell(&format!("exec mfactl {arguments}"));
        command.stdin(Stdio::piped()).stdout(Stdio::piped()).stderr(Stdio::piped());
        Running(command.process_group(0).spawn().unwrap())
    }

    fn signal(&self, signal: Signal) {
        kill_process(Pid::from_child(&self.0), signal).unwrap();
    }

    /// Its state as the kernel shows it: T where it is stopped.
    fn state(&self) -> char {
        let stat = std::fs::read_to_string(format!("/proc/{}/stat", self.0.id())).unwrap();
        stat[stat.rfind(')').unwrap() + 2..].chars().next().unwrap()
    }

    fn waits_in(&self, call: &[&str]) -> bool {
        let shown = std::fs::read_to_string(format!("/proc/{}/syscall", self.0.id()));
        shown.is_ok_and(|shown| call.iter().any(|call| shown.starts_with(call)))
    }
}

impl Drop for Running {
    fn drop(&mut self) {
        let _ = self.0.kill();
        let _ = self.0.wait();
    }
}

/// read(2) on x86-64 and arm64.
const READ: [&str; 2] = ["0 ", "63 "];
/// clock_nanosleep(2).
const SLEEP: [&str; 2] = ["230 ", "115 "];
const STOPS: [Signal; 3] = [Signal::TSTP, Signal::TTIN, Signal::TTOU];

fn wait_for(what: &str, happens: impl Fn() -> bool) {
    let begun = Instant::now();
    while !happens() {
        assert!(begun.elapsed() < Duration::from_secs(60), "{what}: it does not happen");
        std::thread::sleep(Duration::from_millis(2));
    }
}

/// Whether somebody holds the lock of the state, for reading or writing.
fn locked(world: &World) -> bool {
    world.sh("flock -n -x demo/lock true").code != 0
}

fn turn_is_taken(world: &World) -> bool {
    world.sh("flock -n -x demo/lock.turn true").code != 0
}

#[test]
fn whoever_holds_the_lock_is_not_stopped() {
    let world = World::small();
    world.mfactl("user enrol alice --unverified --reveal").exits(0);
    // An enrolment holds the lock of the state and waits for that of the sign-ins.
    let hold = "for lock in demo/signin/*.lock; do exec 9>>$lock; flock -x 9; done; sleep 60";
    for stop in STOPS {
        let mut sign_in = world.shell(&format!("{hold} & echo ready; wait"));
        let mut sign_in = sign_in.process_group(0).stdout(Stdio::piped()).spawn().unwrap();
        let enrol = Running::start(&world, "user enrol alice --unverified --reveal");
        wait_for("the enrolment waits with the lock", || locked(&world) && enrol.waits_in(&SLEEP));
        enrol.signal(stop);
        let until = Instant::now() + Duration::from_millis(500);
        while Instant::now() < until {
            assert_ne!(enrol.state(), 'T', "{stop:?} stops it with the lock held");
            std::thread::sleep(Duration::from_millis(5));
        }
        rustix::process::kill_process_group(Pid::from_child(&sign_in), Signal::KILL).unwrap();
        sign_in.wait().unwrap();
        // It is stopped now, as its user wanted, and the lock is free.
        wait_for("it is stopped without the lock", || enrol.state() == 'T');
        world.mfactl("user set-mfa bob on --lock-timeout 1s").exits(0);
        enrol.signal(Signal::CONT);
        wait_for("it goes on to its end", || enrol.state() == 'Z');
        world.mfactl("user set-mfa bob off").exits(0);
    }
}

#[test]
fn a_dry_run_that_is_stopped_makes_nobody_wait() {
    let world = World::small();
    let mut csv = "login,email,orgs\n".to_owned();
    (0..20_000).for_each(|n| csv.push_str(&format!("many{n},many{n}@acme.example,acme\n")));
    std::fs::write(world.path("many.csv"), csv).unwrap();
    let import = Running::start(&world, "user import many.csv --dry-run -q");
    wait_for("the import holds the lock", || locked(&world) || import.state() == 'Z');
    assert_ne!(import.state(), 'Z', "it was over too soon");
    import.signal(Signal::TSTP);
    // Whatever thread of it the signal reached.
    world.mfactl("user set-mfa bob on --lock-timeout 60s").exits(0);
}

#[test]
fn whoever_waits_can_be_stopped_and_makes_nobody_wait() {
    let world = World::small();
    for stop in STOPS {
        let enrol = Running::start(&world, "user enrol alice --verify-code - --reveal");
        wait_for("it waits for a code", || enrol.waits_in(&READ));
        enrol.signal(stop);
        wait_for("it is stopped", || enrol.state() == 'T');
        world.mfactl("user set-mfa bob on --lock-timeout 1s").exits(0);
        world.mfactl("user set-mfa bob off --lock-timeout 1s").exits(0);
    }
    let hold = "exec 9>>demo/lock; flock -x 9; exec sleep 60";
    let mut holder = world.shell(hold).spawn().unwrap();
    wait_for("the lock is taken", || locked(&world));
    // Who is next has the turn, which others wait for: it is not stopped before it has let go.
    let next = Running::start(&world, "user set-mfa bob on --lock-timeout 60s");
    wait_for("it waits for the lock", || next.waits_in(&SLEEP) && turn_is_taken(&world));
    let after = Running::start(&world, "user set-mfa bob off --lock-timeout 60s");
    wait_for("it waits for its turn", || after.waits_in(&SLEEP));
    after.signal(Signal::TSTP);
    wait_for("it is stopped", || after.state() == 'T');
    next.signal(Signal::TSTP);
    let until = Instant::now() + Duration::from_millis(300);
    while Instant::now() < until {
        assert_ne!(next.state(), 'T', "it is stopped with the turn");
        std::thread::sleep(Duration::from_millis(5));
    }
    holder.kill().unwrap();
    holder.wait().unwrap();
    wait_for("it has let go", || matches!(next.state(), 'T' | 'Z'));
    world.mfactl("user set-mfa alice off --lock-timeout 1s").exits(0);
}

/// Whoever does not read the stderr of a command that holds the lock kept everybody waiting.
#[test]
fn a_stderr_that_nobody_reads_kept_the_lock() {
    let world = World::small();
    // There is room for the line before the lock is taken, and for none after it.
    let line = "mkfifo p; exec 9<>p; dd if=/dev/zero of=p bs=65500 count=1 status=none
        timeout 20 mfactl -v user set-mfa bob on 2>&9 9>&-";
    world.sh(line).exits(0);
    world.mfactl("user set-mfa bob off --lock-timeout 1s").exits(0);
}

/// Bug: without members the view was kept, and with it the lock, while the question waited.
#[test]
fn a_question_over_files_of_an_export_holds_no_lock() {
    let world = World::small();
    for members in ["", "--no-members"] {
        let export = format!("policy export --out policies {members} --yes");
        world.mfactl(&export).exits(0);
        world.mfactl(&export).exits(0);
    }
}

/// Bug: a line that stderr did not take kept the standard library's lock of stderr, for which
/// the next progress bar waited, with the lock of the state held.
#[test]
fn whoever_does_not_read_stderr_makes_nobody_wait() {
    let world = World::small();
    let rows = (0..3_000).map(|n| format!("many{n},acme\n")).collect::<String>();
    std::fs::write(world.path("many.csv"), format!("login,orgs\n{rows}")).unwrap();
    // The first notice is written before there is a lock, and fits; the second does not.
    let first = "state demo, configuration none\n";
    let (reader, mut writer) = std::io::pipe().unwrap();
    let capacity = rustix::pipe::fcntl_getpipe_size(&writer).unwrap();
    const PAGE: usize = 4096;
    (1..capacity / PAGE).for_each(|_| writer.write_all(&[b'x'; PAGE]).unwrap());
    writer.write_all(&vec![b'x'; PAGE - first.len() - 8]).unwrap();
    let mut import = world.shell("exec mfactl user import many.csv -v");
    import.env("MFACTL_TEST_PATIENCE", "0").stdout(Stdio::null()).stderr(writer);
    let import = Running(import.process_group(0).spawn().unwrap());
    wait_for("the import is over", || import.state() == 'Z');
    world.mfactl("user show many7 --lock-timeout 1s").exits(0);
    drop(reader);
}
