//! The stack of docs/sign-in.md: pam_exec as the gate, pam_oath for the code, with stock
//! modules, as whoever runs the test, nothing in the system's PAM touched.

#![allow(clippy::disallowed_methods, clippy::print_stderr, clippy::unwrap_used)]

use crate::shell;

use std::io::Write;
use std::os::unix::fs::PermissionsExt;
use std::path::PathBuf;
use std::process::{Command, Stdio};
use std::time::{SystemTime, UNIX_EPOCH};

use mfactl::domain::time::Time;
use mfactl::secret::material::Secret;
use mfactl::secret::parameters::Parameters;
use mfactl::secret::totp::Totp;
use shell::World;

/// What puts the test's own PAM and passwd in the place of the system's.
const WRAPPERS: [&str; 2] = ["libpam_wrapper.so", "libnss_wrapper.so"];

/// Where a library or a module of PAM lies.
fn library(name: &str) -> Option<PathBuf> {
    let folders = ["/usr/lib", "/lib", "/usr/lib64"].into_iter().flat_map(|folder| {
        let below = std::fs::read_dir(folder).into_iter().flatten().flatten();
        below.map(|entry| entry.path()).chain([PathBuf::from(folder)])
    });
    folders.flat_map(|f| [f.join(name), f.join("security").join(name)]).find(|p| p.is_file())
}

/// The stack and the gate as docs/sign-in.md has them, on the paths of the test.
fn install(world: &World) {
    let page =
        std::fs::read_to_string(concat!(env!("CARGO_MANIFEST_DIR"), "/docs/sign-in.md")).unwrap();
    let block = |begins: &str| {
        let (_, rest) = page.split_once(begins).expect("the page shows it");
        format!("{begins}{}", rest.split_once("\n```").unwrap().0)
    };
    let path = |name: &str| world.path(name).display().to_string();
    let gate = block("#!/bin/sh\n# The gate")
        .replace("/usr/bin/mfactl", env!("CARGO_BIN_EXE_mfactl"))
        .replace("/var/lib/mfactl", &path("demo"))
        .replace("--org st-marys", "--org acme");
    std::fs::write(world.path("gate"), format!("{gate}\n")).unwrap();
    std::fs::set_permissions(world.path("gate"), PermissionsExt::from_mode(0o755)).unwrap();
    let stack = block("# Denied, delegated")
        .replace("/usr/local/libexec/mfactl-gate", &path("gate"))
        .replace("/etc/users.oath", &path("users.oath"))
        .replace("pam_faillock.so", &format!("pam_faillock.so dir={}", path("tally")));
    std::fs::create_dir(world.path("pam")).unwrap();
    std::fs::create_dir(world.path("tally")).unwrap();
    // pam_faillock asks who it is, and never locks root out.
    let uid = rustix::process::geteuid().as_raw();
    let uid = if uid == 0 { 65_534 } else { uid };
    let people = ["alice", "bob", "carol", "dave", "erin", "fay"];
    let lines = people.map(|who| format!("{who}:x:{uid}:{uid}::/nonexistent:/bin/sh\n"));
    std::fs::write(world.path("passwd"), lines.concat()).unwrap();
    std::fs::write(world.path("group"), "").unwrap();
    for name in ["portal", "other"] {
        let service = format!("{stack}\naccount required pam_permit.so\n");
        std::fs::write(world.path("pam").join(name), service).unwrap();
    }
}

/// Whether PAM lets somebody in who types this.
fn lets_in(world: &World, who: &str, typed: &str) -> bool {
    let wrappers = WRAPPERS.map(|name| library(name).unwrap().display().to_string());
    let preload = wrappers.join(" ");
    let mut child = Command::new("pamtester")
        .args(["portal", who, "authenticate"])
        .env("LD_PRELOAD", preload)
        .env("NSS_WRAPPER_PASSWD", world.path("passwd"))
        .env("NSS_WRAPPER_GROUP", world.path("group"))
        .env("PAM_WRAPPER", "1")
        .env("PAM_WRAPPER_SERVICE_DIR", world.path("pam"))
        .stdin(Stdio::piped())
        .stdout(Stdio::null())
        .stderr(Stdio::null())
        .spawn()
        .unwrap();
    let _ = writeln!(child.stdin.take().unwrap(), "{typed}");
    child.wait().unwrap().success()
}

/// The present, early enough in its step that no test reaches the next one.
fn early() -> u64 {
    loop {
        let now = SystemTime::now().duration_since(UNIX_EPOCH).unwrap().as_secs();
        if now % 30 < 20 {
            return now;
        }
        std::thread::sleep(std::time::Duration::from_secs(1));
    }
}

/// Enrols somebody; returns what their app has.
fn enrolled(world: &World, who: &str) -> Totp {
    let enrol = format!("user enrol {who} --unverified --reveal -o json");
    let shown = world.mfactl(&enrol).exits(0).json();
    let secret = Secret::from_base32(shown["secret"].as_str().unwrap()).unwrap();
    Totp { secret, parameters: Parameters::default() }
}

#[test]
fn the_gate_and_pam_oath_let_in_whom_the_decision_lets_in() {
    let there = [WRAPPERS[0], WRAPPERS[1], "pam_oath.so", "pam_exec.so", "pam_faillock.so"];
    if !shell::tool("pamtester") {
        return;
    }
    if let Some(missing) = there.into_iter().find(|name| library(name).is_none()) {
        let needed = std::env::var_os("MFACTL_TESTS_NEED_TOOLS").is_some();
        assert!(!needed, "{missing} is needed and not installed");
        eprintln!("skipped: {missing} is not installed");
        return;
    }
    let now = early();
    let time = |seconds: u64| Time::from_unix(i64::try_from(seconds).unwrap());
    let mut world = World::new();
    // A while ago, so that the code of now is not used up by the enrolment.
    world.at(&time(now - 600).to_string());
    let csv = "login,id,sign_in,provider,mfa,orgs,active
alice,u-alice,password,,on,acme,yes
bob,u-bob,password,,off,acme,yes
carol,u-carol,password,,on,acme,yes
dave,u-dave,sso,entra,off,acme,yes
erin,u-erin,password,,off,acme,no
fay,u-fay,password,,on,acme,yes
";
    std::fs::write(world.path("users.csv"), csv).unwrap();
    world.mfactl("user import --init --create-orgs users.csv").exits(0);
    let (totp, fays) = (enrolled(&world, "alice"), enrolled(&world, "fay"));
    let code = |ahead: u64| totp.code(now / 30 + ahead).reveal().to_owned();
    world.mfactl("convert export users-oath users.oath").exits(0);
    install(&world);

    assert!(lets_in(&world, "bob", ""), "nothing asks for a code");
    for who in [
        "carol",
        "dave",
        "erin",
        "nobody",
        "--help",
        "id:u-bob\n",
        "id:u-bob",
        "mail:bob@acme.example",
        "BOB",
        "",
    ] {
        assert!(!lets_in(&world, who, &code(0)), "{who}");
    }
    assert!(!lets_in(&world, "alice", "000000"));
    assert!(lets_in(&world, "alice", &code(0)));
    assert!(!lets_in(&world, "alice", &code(0)), "replayed");
    world.at(&time(now).to_string());
    // What pam_oath wrote survives an export, and comes back with an import.
    world.mfactl("convert export users-oath users.oath").exits(0);
    assert!(!lets_in(&world, "alice", &code(0)), "replayed after an export");
    world.mfactl("convert import users-oath users.oath").exits(0);
    let verify = |code: &str| {
        world.sh(&format!("echo {code} | mfactl signin verify alice --org acme --code-from -")).code
    };
    assert_eq!(verify(&code(0)), 1, "used with pam_oath");
    (0..5).for_each(|_| assert_eq!(verify("000000"), 1));
    assert!(!lets_in(&world, "alice", &code(1)), "locked out");
    world.mfactl("user unlock alice").exits(0);
    assert!(lets_in(&world, "alice", &code(1)));
    world.mfactl("exception grant alice --short --reason no-signal").exits(0);
    assert!(lets_in(&world, "alice", ""), "exempt");

    // Of the codes that are tried here, mfactl sees none: pam_faillock counts them.
    (0..5).for_each(|_| assert!(!lets_in(&world, "fay", "000000")));
    assert!(!lets_in(&world, "fay", fays.code(now / 30 + 1).reveal()), "locked");
    std::fs::remove_file(world.path("tally/fay")).unwrap();
    assert!(lets_in(&world, "fay", fays.code(now / 30 + 1).reveal()));
}
